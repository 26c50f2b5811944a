"""`parley erase` against the running stack: mail in, a person out."""

from __future__ import annotations

import itertools
import os

import pytest

from local.commands.erase import erase
from parley.errors import RequestError
from tests.operating import parley, rows

_serial = itertools.count(1)


@pytest.fixture
def mail(stack, fresh_sample):
    """A transcript from somebody whom no other test knows: delivery, run's record, address."""
    address = f"zofia.{os.getpid()}.{next(_serial)}@client.example"
    raw, _ = fresh_sample("zoom-vtt.eml")
    lines = [line for line in raw.split(b"\n") if not line.lower().startswith((b"from:", b"return-path:"))]
    delivery = stack.smtp(b"\n".join([f"From: Zofia <{address}>".encode(), *lines]), sender=address)
    return delivery, stack.wait(delivery), address


def keys(stack, delivery):
    found = stack.client("s3").list_objects_v2(Bucket=stack.env["S3_BUCKET"], Prefix=f"raw/{delivery}")
    return [entry["Key"] for entry in found.get("Contents", ())]


def test_a_person_is_erased_with_a_certificate(stack, mail):
    delivery, record, address = mail
    assert keys(stack, delivery)
    (certificate,) = rows(parley(stack, "erase", "--person", address, "--tenant", "demo", "--yes", "--json"))
    assert certificate["complete"] is True
    assert certificate["removed"]["raw"] == certificate["removed"]["emails"] == 1
    assert keys(stack, delivery) == []
    assert stack.result(delivery) is None
    assert stack.get(f"/conversations/{record['email']['thread_id']}") is None


def test_a_mail_is_erased_by_its_delivery_and_told_to_a_person(stack, mail):
    delivery, record, _ = mail
    done = parley(stack, "erase", "--email", delivery, "--tenant", "demo", "--yes")
    assert done.returncode == 0, done.stderr
    assert "removed  raw: 1" in done.stdout
    assert "backup   point-in-time recovery of both tables: 20" in done.stdout
    assert stack.result(delivery) is None
    again = parley(stack, "erase", "--email", record["run_id"], "--tenant", "demo", "--yes")
    assert "removed  raw" not in again.stdout


def test_nothing_is_erased_without_a_yes(stack, mail):
    delivery, _, address = mail
    done = parley(stack, "erase", "--person", address, "--tenant", "demo")
    assert (done.returncode, "--yes" in done.stderr) == (2, True)
    with pytest.raises(RequestError, match="nothing was erased"):
        erase("demo", person=address, email=None, yes=False, as_json=False, answer=lambda _: "n\n")
    assert keys(stack, delivery)


def test_a_mail_that_is_not_there_is_said_so(stack):
    done = parley(stack, "erase", "--email", "run_nothing", "--tenant", "demo", "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no email run_nothing" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--person", "a@b.example"),
        ("--tenant", "demo"),
        ("--person", "nobody", "--tenant", "demo", "--yes"),
    ],
)
def test_a_wrong_call_is_one_sentence(stack, arguments):
    done = parley(stack, "erase", *arguments)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
