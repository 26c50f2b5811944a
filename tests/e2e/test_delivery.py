"""Mail through SMTP, and the same event more than once: one meeting, one set of insights, one reply."""

import time
from concurrent.futures import ThreadPoolExecutor

from parley.errors import RetryableError


def test_mail_sent_to_the_smtp_port_is_answered(stack, fresh_sample):
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = stack.smtp(raw)
    result = stack.wait(delivery)
    assert (result["outcome"], result["route"]) == ("processed", "transcript")
    assert result["email"]["message_id"] == message_id
    [reply] = stack.sent(answering=message_id)
    assert reply["Auto-Submitted"] == "auto-replied"
    assert reply["To"] == "sarah.chen@company.com"
    assert "Cc" not in reply


def test_the_mail_is_stored_byte_for_byte_below_the_block_of_ses(stack, fresh_sample):
    raw, _ = fresh_sample("no-transcript.eml")
    raw = raw.replace(b"\n", b"\r\n") + b"caf\xe9 " + b"x" * 5000 + b"\r\n"
    delivery = stack.smtp(raw)
    stored = (
        stack.client("s3").get_object(Bucket=stack.env["S3_BUCKET"], Key=f"raw/{delivery}")["Body"].read()
    )
    assert stored.endswith(raw)
    assert stored.startswith(b"Return-Path: <someone@example.org>\r\nReceived: from ")
    assert f"with SMTP id {delivery} for meetings@parley.local;".encode() in stored
    stack.wait(delivery)


def test_two_of_our_mailboxes_on_one_delivery_are_two_runs(stack, fresh_sample):
    raw, message_id = fresh_sample("two-mailboxes.eml")
    delivery = stack.smtp(raw, "meetings@parley.local", "deals@parley.local")
    first, second = (stack.wait(delivery, f"{name}@parley.local") for name in ("meetings", "deals"))
    assert first["run_id"] != second["run_id"]
    assert (first["route"], second["route"]) == ("transcript", "deal")
    assert len(stack.sent(answering=message_id)) == 1


def test_mail_to_nobody_of_ours_is_refused_and_unanswered(stack, fresh_sample):
    raw, message_id = fresh_sample("zoom-vtt.eml")
    result = stack.wait(stack.smtp(raw, "nobody@parley.local"), "nobody@parley.local")
    assert (result["outcome"], result["reason"]) == ("refused", "unknown_mailbox")
    assert stack.sent(answering=message_id) == []


def test_the_same_event_three_times_is_one_of_everything(stack, fresh_sample):
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = stack.store(raw)
    before = len(stack.all("/meetings"))
    with stack.handlers() as [handler]:
        answers = [handler(stack.s3_event(delivery)) for _ in range(3)]
    assert [a["results"][0]["outcome"] for a in answers] == ["processed", "duplicate", "duplicate"]
    _one_of_everything(stack, delivery, message_id, before)


def test_the_same_event_five_times_at_once_is_one_of_everything(stack, fresh_sample):
    """Five execution environments; those that meet a living owner come back, as SQS would let them."""
    raw, message_id = fresh_sample("zoom-vtt.eml")
    delivery = stack.store(raw)
    before = len(stack.all("/meetings"))
    with stack.handlers(5) as handlers, ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda handler: _until_done(handler, stack.s3_event(delivery)), handlers))
    outcomes = sorted(answer["results"][0]["outcome"] for answer in answers)
    assert outcomes == ["duplicate"] * 4 + ["processed"]
    _one_of_everything(stack, delivery, message_id, before)


def test_one_email_split_into_two_deliveries_is_handled_once(stack, fresh_sample):
    raw, message_id = fresh_sample("srt.eml")
    first, second = stack.smtp(raw), stack.smtp(b"Received: from a.example by b.example; now\r\n" + raw)
    # Where they meet, the later one comes back: soon, or when the other's lease ends.
    outcomes = sorted(stack.wait(delivery, seconds=240)["outcome"] for delivery in (first, second))
    assert outcomes == ["duplicate", "processed"]
    assert len(stack.sent(answering=message_id)) == 1


def test_a_batch_gives_back_only_what_failed(stack, fresh_sample):
    good = [stack.s3_event(stack.store(fresh_sample("srt.eml")[0])) for _ in range(3)]
    absent = stack.s3_event("absent00000000000000000000000000000000000")
    with stack.handlers() as [handler]:
        answer = handler(stack.sqs_event(good[0], absent, {"no": "email"}, good[1], good[2]))
    assert sorted(f["itemIdentifier"] for f in answer["batchItemFailures"]) == ["m1", "m2"]


def _until_done(handler, event):
    end = time.monotonic() + 60
    while True:
        try:
            return handler(event)
        except RetryableError:
            assert time.monotonic() < end
            time.sleep(0.1)


def _one_of_everything(stack, delivery, message_id, meetings_before):
    result = stack.result(delivery)
    assert len(stack.all("/meetings")) == meetings_before + 1
    assert stack.get(f"/meetings/{result['meeting_id']}/insights")["version"] == 1
    assert len(stack.sent(answering=message_id)) == 1
