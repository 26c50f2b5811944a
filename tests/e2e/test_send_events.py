"""What becomes of a reply after SES took it, through the whole stack: settled, mended, suppressed."""

import itertools
import os
import time

import pytest

_serial = itertools.count(1)


def mail_from(name, fresh_sample):
    """A transcript from an address of SES's mailbox simulator that no other test writes from."""
    address = f"{name}+{os.getpid()}x{next(_serial)}@simulator.amazonses.com"
    raw, message_id = fresh_sample("zoom-vtt.eml")
    lines = [line for line in raw.split(b"\n") if not line.lower().startswith((b"from:", b"return-path:"))]
    return b"\n".join([f"From: Somebody <{address}>".encode(), *lines]), address, message_id


def wait_for(what, seconds=30):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)
    return found


def suppressed(stack, address):
    return stack.get(f"/suppressions/{address}")


@pytest.mark.parametrize("name", ["bounce", "suppressionlist"])
def test_an_address_that_bounces_for_good_is_never_written_to_again(stack, fresh_sample, name):
    raw, address, message_id = mail_from(name, fresh_sample)
    delivery = stack.smtp(raw, sender=address)
    assert stack.wait(delivery)["outcome"] == "processed"
    assert wait_for(lambda: suppressed(stack, address))["address"] == address
    wait_for(lambda: stack.result(delivery)["reply"]["status"] == "failed")
    assert len(stack.sent(answering=message_id)) == 1

    again, _, second_id = mail_from(name, fresh_sample)
    again = again.replace(
        next(line for line in again.split(b"\n") if line.startswith(b"From:")), b"From: " + address.encode()
    )
    result = stack.wait(stack.smtp(again, sender=address))
    assert (result["outcome"], result["reply"]["status"]) == ("processed", "suppressed")
    assert stack.sent(answering=second_id) == []


def test_an_address_that_complains_is_suppressed_though_the_reply_was_sent(stack, fresh_sample):
    raw, address, _ = mail_from("complaint", fresh_sample)
    delivery = stack.smtp(raw, sender=address)
    stack.wait(delivery)
    wait_for(lambda: suppressed(stack, address))
    assert stack.result(delivery)["reply"]["status"] == "sent"


def test_a_reply_that_arrives_suppresses_nobody(stack, fresh_sample):
    raw, address, _ = mail_from("success", fresh_sample)
    delivery = stack.smtp(raw, sender=address)
    assert stack.wait(delivery)["reply"]["status"] == "sent"
    # The events of a later reply have been worked: those of this one, too.
    later, other, _ = mail_from("complaint", fresh_sample)
    stack.wait(stack.smtp(later, sender=other))
    wait_for(lambda: suppressed(stack, other))
    assert suppressed(stack, address) is None
    assert stack.result(delivery)["reply"]["status"] == "sent"
