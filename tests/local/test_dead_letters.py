"""`parley dead-letters`: runs that failed and messages that nobody could work, in one list."""

from __future__ import annotations

import json
import time

import pytest

from parley.core.clock import iso
from parley.mail.inbound_events import to_notification
from tests.operating import (
    PROVEN,
    change,
    dead_letter,
    dead_letters_url,
    deliver,
    event_of,
    fail,
    parley,
    row_of,
    rows,
    run_id,
)


def listed(stack, *arguments, **environ):
    return parley(stack, "dead-letters", *arguments, **environ)


def waiting(stack):
    """The ids of the letters that anybody can receive at this moment."""
    answer = stack.client("sqs").receive_message(
        QueueUrl=dead_letters_url(stack), MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return {message["MessageId"] for message in answer.get("Messages", ())}


def test_an_email_that_failed_is_listed_with_why_and_its_letter(stack):
    delivery = "absent0one"
    letter = fail(stack, delivery)
    row = row_of(listed(stack, "--json"), delivery=delivery)
    assert (row["run_id"], row["outcome"], row["reason"]) == (
        run_id(delivery),
        "failed",
        "attempts_exhausted",
    )
    assert (row["letter"], row["attempts"], row["from"]) == (letter, 5, "someone@example.org")
    assert "NotYetThere" in row["detail"]
    shown = listed(stack).stdout
    for said in (row["run_id"], delivery, letter, "NotYetThere"):
        assert said in shown


def test_listing_takes_no_letter_away(stack):
    letter = fail(stack, "absent0two")
    for _ in range(2):
        assert letter in {row["letter"] for row in rows(listed(stack, "--json"))}
    assert letter in waiting(stack)


def test_a_letter_that_nobody_understands_is_listed_without_a_run(stack):
    letter = dead_letter(stack, "no JSON at all")
    row = row_of(listed(stack, "--json"), letter=letter)
    assert (row["run_id"], row["delivery"]) == (None, None)
    assert "no JSON" in row["detail"]
    assert row["letter_sent_at"]


def test_a_letter_of_an_email_that_no_run_knows_is_listed(stack):
    letter = dead_letter(stack, json.dumps(stack.s3_event("nobody0knows")))
    row = row_of(listed(stack, "--json"), letter=letter)
    assert (row["run_id"], row["delivery"], row["detail"]) == (None, "nobody0knows", "no run knows it")


def test_a_letter_whose_run_is_done_meanwhile_says_so(stack, fresh_sample):
    raw, _ = fresh_sample("srt.eml")
    delivery = stack.store(raw)
    deliver(stack, event_of(delivery))
    letter = dead_letter(stack, json.dumps(to_notification(event_of(delivery))))
    assert row_of(listed(stack, "--json"), letter=letter)["outcome"] == "processed"


def test_a_redriven_letter_is_worked_by_the_queue(stack, fresh_sample):
    raw, message_id = fresh_sample("srt.eml")
    delivery = f"redriven{time.time_ns()}"
    letter = fail(stack, delivery)
    stack.store(raw, delivery=delivery)
    done = listed(stack, "redrive", delivery, "--json")
    assert rows(done) == [{"redriven": 1}]
    end = time.monotonic() + 60
    while stack.result(delivery)["outcome"] != "processed":
        assert time.monotonic() < end
        time.sleep(0.1)
    assert len(stack.sent(answering=message_id)) == 1
    assert row_of(listed(stack, "--json"), delivery=delivery) is None
    assert letter not in waiting(stack)


@pytest.mark.parametrize("name", ["letter", "run"])
def test_a_letter_can_be_named_by_itself_or_by_its_run(stack, name):
    delivery = f"named0by0{name}"
    event = event_of(delivery, verdicts=PROVEN)
    letter = fail(stack, delivery)
    ident = {"letter": letter, "run": run_id(delivery)}[name]
    assert "1 letter went back" in listed(stack, "redrive", ident).stdout
    assert letter not in waiting(stack)
    assert event.message_id == delivery


def test_a_run_that_nobody_works_on_is_listed_once_no_message_can_be_on_its_way(stack, fresh_sample):
    raw, _ = fresh_sample("srt.eml")
    delivery = stack.store(raw)
    deliver(stack, event_of(delivery))
    released = {"state": "open", "lease_until": 0, "waiting": "run#open", "outcome": None}
    change(stack, delivery, **released, since=iso(time.time() - 600))
    assert row_of(listed(stack, "--json"), delivery=delivery) is None
    change(stack, delivery, since=iso(time.time() - 7200))
    row = row_of(listed(stack, "--json"), delivery=delivery)
    assert (row["outcome"], row["letter"]) == (None, None)
    assert "open, and nobody works on it" in listed(stack).stdout
    change(stack, delivery, lease_until=time.time() + 60)
    assert row_of(listed(stack, "--json"), delivery=delivery) is None
    change(stack, delivery, lease_until=0)
    assert rows(parley(stack, "replay", delivery, "--json"))[0]["outcome"] == [None, "processed"]


def test_all_letters_go_back_at_once(stack):
    letters = {
        dead_letter(stack, "no JSON either"),
        dead_letter(stack, json.dumps({"Event": "s3:TestEvent"})),
    }
    assert letters <= {row["letter"] for row in rows(listed(stack, "--json"))}
    done = listed(stack, "redrive", "--all", "--json")
    assert rows(done)[0]["redriven"] >= 2
    assert letters.isdisjoint(row["letter"] for row in rows(listed(stack, "--json")))


def test_without_the_queue_the_failed_runs_are_listed_all_the_same(stack):
    delivery = "absent0three"
    fail(stack, delivery)
    done = listed(stack, "--json", EMAILS_QUEUE_URL="")
    row = row_of(done, delivery=delivery)
    assert (row["outcome"], row["letter"]) == ("failed", None)
    assert "EMAILS_QUEUE_URL is not set" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environ", "says"),
    [
        (("redrive",), {}, "say which letter"),
        (("redrive", "x", "--all"), {}, "say which letter"),
        (("redrive", "nobody"), {}, "no letter in the dead-letter queue is nobody"),
        (("redrive", "x"), {"EMAILS_QUEUE_URL": ""}, "missing environment variable EMAILS_QUEUE_URL"),
        ((), {"EMAILS_QUEUE_URL": "http://127.0.0.1:9/1/q"}, "EMAILS_QUEUE_URL is"),
        ((), {"EMAILS_QUEUE_URL": "dead"}, "it has no dead-letter queue"),
    ],
)
def test_a_wrong_call_is_one_sentence(stack, arguments, environ, says):
    if environ.get("EMAILS_QUEUE_URL") == "dead":
        environ = {"EMAILS_QUEUE_URL": dead_letters_url(stack)}
    done = listed(stack, *arguments, **environ)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
