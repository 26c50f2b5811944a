"""`parley quarantine`: what a gate kept, and why."""

from __future__ import annotations

import pytest

from parley.mail.email import Verdicts
from tests.operating import deliver, event_of, parley, row_of, run_id


def quarantined(stack, raw, verdicts):
    delivery = stack.store(raw)
    deliver(stack, event_of(delivery, verdicts=verdicts))
    return delivery


def test_a_quarantined_email_is_listed_with_sender_subject_and_why(stack, fresh_sample):
    raw, _ = fresh_sample("zoom-vtt.eml")
    delivery = quarantined(stack, raw, Verdicts("FAIL", "PASS", "PASS", "PASS", "PASS"))
    row = row_of(parley(stack, "quarantine", "--json"), delivery=delivery)
    record = stack.result(delivery)
    assert (row["tenant"], row["run_id"], row["outcome"], row["reason"]) == (
        "demo",
        run_id(delivery),
        "quarantined",
        "spam",
    )
    assert (row["from"], row["subject"]) == (record["email"]["from"], record["email"]["subject"])
    assert row["detail"] == record["detail"]
    assert row["detail"]
    done = parley(stack, "quarantine")
    for said in (row["run_id"], row["from"], row["subject"], row["detail"]):
        assert said in done.stdout
    assert "--past-gates" in done.stderr


def test_what_a_person_let_pass_is_gone_from_the_list(stack, fresh_sample):
    raw, _ = fresh_sample("zoom-vtt.eml")
    delivery = quarantined(stack, raw, Verdicts("FAIL", "PASS", "PASS", "PASS", "PASS"))
    assert row_of(parley(stack, "quarantine", "--json"), delivery=delivery)
    assert parley(stack, "replay", delivery, "--past-gates").returncode == 0
    assert row_of(parley(stack, "quarantine", "--json"), delivery=delivery) is None


def test_what_strangers_wrote_cannot_steer_the_terminal(stack):
    raw = b"From: a@b.test\nTo: meetings@parley.local\nSubject: =?utf-8?q?bad=1B[2J=0Aline?=\n\nhello\n"
    delivery = quarantined(stack, raw, Verdicts("FAIL", "PASS", "PASS", "PASS", "PASS"))
    shown = parley(stack, "quarantine").stdout
    assert run_id(delivery) in shown
    assert "\x1b[2J" not in shown


def test_without_the_api_the_list_is_there_all_the_same(stack, fresh_sample):
    raw, _ = fresh_sample("zoom-vtt.eml")
    delivery = quarantined(stack, raw, Verdicts("FAIL", "PASS", "PASS", "PASS", "PASS"))
    done = parley(stack, "quarantine", "--json", API_AUTH_TOKEN="parley_nobody_has_made_this")
    row = row_of(done, delivery=delivery)
    assert (row["reason"], row["subject"], row["detail"]) == ("spam", None, None)
    assert "401" in done.stderr


@pytest.mark.parametrize(
    ("environ", "code", "says"),
    [
        ({"RUNS_TABLE": ""}, 2, "missing environment variable RUNS_TABLE"),
        ({"RUNS_TABLE": "not-there"}, 1, "not-there: ResourceNotFoundException"),
    ],
)
def test_a_wrong_environment_is_one_sentence(stack, environ, code, says):
    done = parley(stack, "quarantine", **environ)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
