"""`parley replay`, for real and as a rehearsal, against the running stack as against a deployment."""

from __future__ import annotations

import dataclasses
import json
import time
import urllib.request

import pytest

from parley.mail.email import Verdicts
from parley.mail.outgoing import SendUnknown
from tests.operating import (
    change,
    dead_letter,
    deliver,
    event_of,
    everything,
    fail,
    parley,
    row_of,
    rows,
    run_id,
)
from tests.running_stack import MAILBOX
from tests.support import FakeSender

SPAM = Verdicts("FAIL", "PASS", "PASS", "PASS", "PASS")


def replay(stack, *arguments, **environ):
    return parley(stack, "replay", *arguments, **environ)


@pytest.fixture
def processed(stack, fresh_sample):
    """A sample that was worked and answered: its delivery and Message-ID."""
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = stack.store(raw)
    deliver(stack, event_of(delivery))
    assert len(stack.sent(answering=message_id)) == 1
    return delivery, message_id


def test_a_replay_writes_newer_insights_and_answers_nobody_twice(stack, processed):
    delivery, message_id = processed
    (one,) = rows(replay(stack, delivery, "--json"))
    assert (one["run_id"], one["tenant"]) == (run_id(delivery), "demo")
    assert (one["outcome"], one["generation"]) == (["processed", "processed"], 2)
    assert (one["insights"]["version"], one["insights"]["ours"]) == ([1, 2], True)
    assert (one["reply"]["state"], one["reply"]["sent_now"]) == ("sent", False)
    assert one["reply"]["said"].startswith("already sent on 20")
    assert len(stack.sent(answering=message_id)) == 1
    shown = replay(stack, run_id(delivery)).stdout
    assert "processed → processed" in shown
    assert "not sent again" in shown
    assert "version 3" in shown
    assert len(stack.sent(answering=message_id)) == 1


def test_insights_that_a_person_edited_are_not_replaced(stack, processed):
    delivery, _ = processed
    meeting = stack.result(delivery)["meeting_id"]
    edited = stack.get(f"/meetings/{meeting}/insights")["insights"]
    edited["summary"] = {"text": "As I remember it."}
    put(stack, f"/meetings/{meeting}/insights", {"insights": edited})
    (one,) = rows(replay(stack, delivery, "--json"))
    assert one["insights"]["ours"] is False
    assert one["insights"]["edited_by"]
    assert stack.get(f"/meetings/{meeting}/insights")["insights"]["summary"] == {"text": "As I remember it."}
    assert "a person has edited it" in replay(stack, delivery).stdout


def put(stack, path, body, method="PUT"):
    request = urllib.request.Request(
        stack.where["api_base_url"] + path,
        method=method,
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {stack.where['api_auth_token']}",
            "Content-Type": "application/json",
        },
    )
    urllib.request.urlopen(request).close()


def test_a_dry_run_changes_nothing_at_all(stack, processed):
    delivery, _ = processed
    before = everything(stack)
    (same,) = rows(replay(stack, delivery, "--dry-run", "--json"))
    assert same == {
        "run_id": run_id(delivery),
        "changed": False,
        "outcome": ["processed", "processed"],
        "reason": [None, None],
        "route": ["transcript", "transcript"],
        "insights": {},
        "reply": "",
        "usage": {"llm_calls": 0, "input_tokens": 0, "output_tokens": 0, "cost_usd": 0},
    }
    assert "nothing would differ" in replay(stack, delivery, "--dry-run", "--recorded").stdout
    assert everything(stack) == before


def test_a_dry_run_shows_what_would_differ_and_changes_nothing(stack, processed, fresh_sample):
    delivery, message_id = processed
    # As after a change of the rules: the same bytes would not differ.
    s3 = stack.client("s3")
    place = {"Bucket": stack.env["S3_BUCKET"], "Key": f"raw/{delivery}"}
    raw = s3.get_object(**place)["Body"].read()
    item = stack.result(delivery)["insights"]["action_items"][0]
    quote = item["evidence"]["quote"].encode()
    assert quote in raw
    s3.put_object(**place, Body=raw.replace(quote, b"Nothing to do here."))
    before = everything(stack)
    (one,) = rows(replay(stack, delivery, "--dry-run", "--json"))
    assert one["changed"]
    assert item["text"] in [gone["text"] for gone in one["insights"]["action_items"]["removed"]]
    assert one["reply"].startswith("--- recorded\n+++ now\n")
    shown = replay(stack, delivery, "--dry-run").stdout
    assert f"- {item['owner'] + ': ' if item['owner'] else ''}{item['text']}" in shown
    assert everything(stack) == before
    assert len(stack.sent(answering=message_id)) == 1


def test_a_dry_run_of_what_would_be_answered_sends_nothing(stack, fresh_sample):
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = stack.store(raw)
    deliver(stack, event_of(delivery, verdicts=SPAM))
    before = everything(stack)
    (stays,) = rows(replay(stack, delivery, "--dry-run", "--json"))
    assert (stays["outcome"], stays["changed"]) == (["quarantined", "quarantined"], False)
    (passes,) = rows(replay(stack, delivery, "--dry-run", "--past-gates", "--json"))
    assert (passes["outcome"], passes["reason"]) == (["quarantined", "processed"], ["spam", None])
    assert "+To: " in passes["reply"]
    assert everything(stack) == before
    assert stack.sent(answering=message_id) == []


def test_a_person_lets_a_quarantined_email_pass(stack, fresh_sample):
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = stack.store(raw)
    deliver(stack, event_of(delivery, verdicts=SPAM))
    (stays,) = rows(replay(stack, delivery, "--json"))
    assert (stays["outcome"], stays["reason"]) == (["quarantined", "quarantined"], ["spam", "spam"])
    assert stays["reply"] is stays["insights"] is None
    (passes,) = rows(replay(stack, delivery, "--past-gates", "--json"))
    assert passes["outcome"] == ["quarantined", "processed"]
    assert (passes["reply"]["said"], passes["reply"]["sent_now"]) == ("sent now", True)
    assert len(stack.sent(answering=message_id)) == 1
    assert stack.result(delivery)["outcome"] == "processed"


def test_an_uncertain_reply_is_never_sent_by_a_replay(stack, fresh_sample):
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = stack.store(raw)
    sender = FakeSender()
    sender.ends = [SendUnknown("no answer")]
    deliver(stack, event_of(delivery), sender=sender)
    (one,) = rows(replay(stack, delivery, "--json"))
    assert (one["reply"]["state"], one["reply"]["sent_now"]) == ("ambiguous", False)
    assert "not sent again" in one["reply"]["said"]
    assert stack.sent(answering=message_id) == []


def test_a_dead_letter_is_brought_to_its_end_and_deleted(stack, fresh_sample):
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = f"never0came0then0did{time.time_ns()}"
    letter = fail(stack, delivery)
    neighbour = dead_letter(stack, "another's, that nobody understands")
    assert row_of(parley(stack, "dead-letters", "--json"), delivery=delivery)["letter"] == letter
    gone = replay(stack, delivery)
    assert (gone.returncode, gone.stdout) == (2, "")
    assert "cannot be read" in gone.stderr
    assert row_of(parley(stack, "dead-letters", "--json"), delivery=delivery)["outcome"] == "failed"
    stack.store(raw, delivery=delivery)
    (one,) = rows(replay(stack, delivery, "--json"))
    assert (one["outcome"], one["generation"]) == (["failed", "processed"], 1)
    assert (one["dead_letters_deleted"], one["reply"]["sent_now"]) == (1, True)
    assert row_of(parley(stack, "dead-letters", "--json"), delivery=delivery) is None
    assert len(stack.sent(answering=message_id)) == 1
    assert row_of(parley(stack, "dead-letters", "--json"), letter=neighbour)


def test_a_dead_letter_stays_until_all_its_runs_have_come_to_their_end(stack, fresh_sample):
    raw, _ = fresh_sample("zoom-vtt.eml")
    delivery = f"two0runs{time.time_ns()}"
    both = (MAILBOX, "deals@parley.local")
    letter = fail(stack, delivery, to=both)
    stack.store(raw, delivery=delivery)
    (one,) = rows(replay(stack, run_id(delivery, both[0]), "--json"))
    assert (one["outcome"], one["dead_letters_deleted"]) == (["failed", "processed"], 0)
    assert row_of(parley(stack, "dead-letters", "--json"), letter=letter)["run_id"] == run_id(
        delivery, both[1]
    )
    (other,) = rows(replay(stack, run_id(delivery, both[1]), "--json"))
    assert (other["outcome"], other["dead_letters_deleted"]) == (["failed", "processed"], 1)


def test_a_mail_that_meets_a_bug_again_is_one_sentence_and_costs_its_neighbours_nothing(stack, fresh_sample):
    raw, _ = fresh_sample("zoom-vtt.eml")
    delivery = f"bug{time.time_ns()}"
    fail(stack, delivery)
    stack.store(raw, delivery=delivery)
    change(stack, delivery, sk="step#1#analysis.summary", value="no JSON")
    done = replay(stack, delivery)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"run {run_id(delivery)} failed again, with JSONDecodeError" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_replay_that_does_not_reach_its_end_can_be_had_again(stack, fresh_sample):
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = f"again{time.time_ns()}"
    fail(stack, delivery)
    stack.store(raw, delivery=delivery)
    done = replay(stack, delivery, AWS_ENDPOINT_URL_SES="http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (1, "")
    assert "did not come to its end, replay it again: SES cannot be reached" in done.stderr
    (one,) = rows(replay(stack, delivery, "--json"))
    assert (one["outcome"], one["reply"]["sent_now"]) == ([None, "processed"], True)
    assert len(stack.sent(answering=message_id)) == 1


def test_a_run_that_somebody_works_on_is_left_to_them(stack, processed):
    delivery, _ = processed
    change(stack, delivery, state="open", lease_until=time.time() + 60)
    for more in ((), ("--dry-run",)):
        done = replay(stack, delivery, *more)
        assert (done.returncode, done.stdout) == (1, "")
        assert f"run {run_id(delivery)} is being worked on" in done.stderr


def test_mail_that_came_before_its_mailbox_was_made_is_worked_once_it_is_there(stack, fresh_sample):
    raw, message_id = fresh_sample("zoom-vtt.eml")
    address = f"late{time.time_ns()}@parley.local"
    delivery = stack.store(raw, to=address)
    deliver(stack, event_of(delivery, to=address))
    (nobodys,) = rows(replay(stack, delivery, "--json"))
    assert (nobodys["tenant"], nobodys["outcome"]) == ("unrouted", ["refused", "refused"])
    box = {
        "address": address,
        "purpose": "meetings",
        "members": ["*"],
        "require_auth": False,
        "answer_unauthenticated": True,
    }
    put(stack, "/mailboxes", box, method="POST")
    (first,) = rows(replay(stack, nobodys["run_id"], "--json"))
    assert (first["tenant"], first["outcome"]) == ("demo", [None, "processed"])
    assert (first["reply"]["sent_now"], first["insights"]["ours"]) == (True, True)
    (again,) = rows(replay(stack, nobodys["run_id"], "--json"))
    assert (again["outcome"], again["reply"]["sent_now"]) == (["processed", "processed"], False)
    assert len(stack.sent(answering=message_id)) == 1


def test_all_runs_of_a_delivery_are_worked_again(stack, fresh_sample):
    raw, _ = fresh_sample("zoom-vtt.eml")
    delivery = stack.store(raw)
    both = (MAILBOX, "deals@parley.local")
    deliver(stack, dataclasses.replace(event_of(delivery), recipients=both))
    wanted = {run_id(delivery, mailbox) for mailbox in both}
    assert {one["run_id"] for one in rows(replay(stack, delivery, "--json"))} == wanted
    (one,) = rows(replay(stack, run_id(delivery, both[1]), "--json"))
    assert one["run_id"] == run_id(delivery, both[1])


def test_raw_bytes_that_are_gone_are_one_sentence_and_the_run_is_as_it_was(stack, processed):
    delivery, _ = processed
    stack.client("s3").delete_object(Bucket=stack.env["S3_BUCKET"], Key=f"raw/{delivery}")
    before = everything(stack)
    for more in ((), ("--dry-run",)):
        done = replay(stack, delivery, *more)
        assert (done.returncode, done.stdout) == (2, "")
        assert "it has expired or was erased" in done.stderr
        assert done.stderr.count("\n") == 1
    assert everything(stack) == before


@pytest.mark.parametrize(
    ("arguments", "environ", "code", "says"),
    [
        (("nobody",), {}, 2, "nobody knows a run or a delivery nobody"),
        ((), {}, 2, "ID"),
        (("x", "--recorded"), {}, 2, "--recorded goes with --dry-run"),
        (("x",), {"RUNS_TABLE": ""}, 2, "RUNS_TABLE"),
        (("x",), {"RUNS_TABLE": "not-there"}, 1, "not-there"),
        (("x",), {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, 1, "127.0.0.1:9"),
    ],
)
def test_a_wrong_call_is_one_sentence(stack, arguments, environ, code, says):
    done = replay(stack, *arguments, **environ)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_replay_needs_the_deployments_own_ledger_key(stack, processed):
    done = replay(stack, processed[0], LEDGER_KEY="")
    assert (done.returncode, done.stdout) == (2, "")
    assert "LEDGER_KEY" in done.stderr
    assert stack.result(processed[0], MAILBOX)["outcome"] == "processed"
