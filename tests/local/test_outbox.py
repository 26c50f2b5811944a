"""`parley outbox`: what is not known to be out, and a person's word on it."""

from __future__ import annotations

import json

import pytest

from parley.mail.outgoing import SendRejected, SendUnknown
from tests.operating import change, deliver, event_of, parley, row_of, rows, run_id
from tests.support import FakeSender


@pytest.fixture
def left(stack, fresh_sample):
    """A function: a sample is worked and its send ends in `end`; answers the delivery."""

    def leave(end):
        raw, _ = fresh_sample("zoom-vtt.eml")
        delivery = stack.store(raw)
        sender = FakeSender()
        sender.ends = [end]
        deliver(stack, event_of(delivery), sender=sender)
        return delivery

    return leave


def listed(stack, delivery, *arguments):
    return row_of(parley(stack, "outbox", "--json", *arguments), run_id=run_id(delivery))


def messages(stack, delivery):
    thread = stack.result(delivery)["email"]["thread_id"]
    found = stack.get(f"/conversations/{thread}")["messages"]
    return [m for m in found if (m["direction"], m["run_id"]) == ("outbound", run_id(delivery))]


def test_an_uncertain_reply_is_listed_with_whom_it_was_for_and_what_to_do(stack, left):
    delivery = left(SendUnknown("no answer"))
    row = listed(stack, delivery)
    assert (row["tenant"], row["state"], row["delivery"]) == ("demo", "ambiguous", delivery)
    reply = stack.result(delivery)["reply"]
    assert (row["to"], row["subject"]) == (reply["to"], reply["subject"])
    assert "parley outbox close" in row["what_to_do"]
    assert reply["text"] not in json.dumps(row)
    shown = parley(stack, "outbox").stdout
    for said in (row["tag"], row["run_id"], row["to"], row["subject"], row["at"]):
        assert said in shown


def test_what_certainly_did_not_go_out_is_listed_only_when_asked_for(stack, left):
    delivery = left(SendRejected("no"))
    assert listed(stack, delivery) is None
    assert listed(stack, delivery, "--all")["state"] == "failed"


def test_a_reply_that_arrived_is_closed_as_sent_with_all_that_follows(stack, left):
    delivery = left(SendUnknown("no answer"))
    tag = listed(stack, delivery)["tag"]
    assert messages(stack, delivery) == []
    done = parley(stack, "outbox", "close", tag, "--sent", "--ses-id", "0102-abc", "--json")
    assert rows(done) == [{"tag": tag, "run_id": run_id(delivery), "tenant": "demo", "state": "sent"}]
    assert stack.result(delivery)["reply"]["status"] == "sent"
    (message,) = messages(stack, delivery)
    assert message["message_id"] == "<0102-abc@email.amazonses.com>"
    assert message["text"] == stack.result(delivery)["reply"]["text"]
    assert listed(stack, delivery, "--all") is None


def test_the_same_word_again_changes_nothing_and_another_is_refused(stack, left):
    delivery = left(SendUnknown("no answer"))
    tag = listed(stack, delivery)["tag"]
    assert "stands as sent" in parley(stack, "outbox", "close", tag, "--sent").stdout
    again = parley(stack, "outbox", "close", tag, "--sent")
    assert (again.returncode, again.stderr) == (0, "")
    assert len(messages(stack, delivery)) == 1
    other = parley(stack, "outbox", "close", tag, "--not-sent")
    assert other.returncode == 2
    assert f"reply {tag} is sent: " in other.stderr


def test_a_reply_that_never_came_is_closed_as_failed(stack, left):
    delivery = left(SendUnknown("no answer"))
    tag = listed(stack, delivery)["tag"]
    assert "stands as failed" in parley(stack, "outbox", "close", tag, "--not-sent").stdout
    assert stack.result(delivery)["reply"]["status"] == "failed"
    assert messages(stack, delivery) == []
    row = listed(stack, delivery, "--all")
    assert (row["state"], row["why"]) == ("failed", "closed by hand")
    (again,) = rows(parley(stack, "replay", delivery, "--json"))
    assert (again["reply"]["state"], again["reply"]["sent_now"]) == ("failed", False)


def test_a_reply_of_a_dead_sender_is_listed_and_can_be_closed(stack, left):
    delivery = left(SendUnknown("no answer"))
    tag = listed(stack, delivery)["tag"]
    change(stack, delivery, "outbox#reply", state="sending", waiting="outbox#sending")
    change(stack, delivery, state="open", lease_until=9_999_999_999)
    assert listed(stack, delivery) is None
    busy = parley(stack, "outbox", "close", tag, "--sent")
    assert (busy.returncode, "being sent just now" in busy.stderr) == (2, True)
    change(stack, delivery, lease_until=0)
    assert listed(stack, delivery)["state"] == "sending"
    assert parley(stack, "outbox", "close", tag, "--sent").returncode == 0


def test_more_than_the_limit_is_said(stack, left):
    for _ in range(2):
        left(SendUnknown("no answer"))
    done = parley(stack, "outbox", "--limit", "1", "--json")
    assert len(rows(done)) <= 2
    assert "--limit N shows more" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("close", "nobody", "--sent"), "there is no reply with the tag nobody"),
        (("close", "nobody"), "--sent"),
        (("close", "nobody", "--sent", "--not-sent"), "not allowed with"),
        (("close", "nobody", "--not-sent", "--ses-id", "x"), "--ses-id goes with --sent"),
        (("--limit", "0"), "'0' is no number from 1"),
        (("--limit", "many"), "'many' is no number"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_changes_nothing(stack, arguments, says):
    done = parley(stack, "outbox", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_id_that_cannot_be_sess_is_refused_before_anything_is_written(stack, left):
    delivery = left(SendUnknown("no answer"))
    before = listed(stack, delivery)
    done = parley(stack, "outbox", "close", before["tag"], "--sent", "--ses-id", "a b\r\nBcc: x")
    assert done.returncode == 2
    assert "--ses-id" in done.stderr
    assert listed(stack, delivery) == before
    assert messages(stack, delivery) == []
