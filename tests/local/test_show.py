import io
import json

import pytest

from local.results import bare, run_of
from local.show import REASONS, Printer, clean, clock
from parley.mail.email import Reason

EVIL = "\x1b[31mred\x1b]0;title\x07\u202e\x9b"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0.0, "00:00"), (187.9, "03:07"), (3600.0, "1:00:00"), (36_061.5, "10:01:01")],
)
def test_times_are_minutes_and_seconds(seconds, text):
    assert clock(seconds) == text


def test_every_reason_has_its_sentence():
    assert set(REASONS) == {str(reason) for reason in Reason}


def test_strangers_do_not_steer_the_terminal():
    assert clean(EVIL) == "[31mred]0;title"


def result(**changes):
    key = run_of("meetings@parley.local", "d1", known=frozenset())
    return bare(key, outcome="processed", reason=None) | {"detail": None} | changes


def shown(**changes):
    out = io.StringIO()
    Printer(out).email("a.eml", result(**changes))
    return out.getvalue()


def proof(quote, start=187.0):
    return {"quote": quote, "speaker": "Ann", "segment": 0, "start": start, "verified": True}


def insights(**changes):
    nothing = {"summary": None, "action_items": [], "key_topics": [], "decisions": [], "sentiment": None}
    return nothing | {"follow_ups": [], "risks": []} | changes


def test_an_action_item_is_shown_with_owner_due_date_and_proof():
    item = {"text": "Send it", "owner": "Ann", "due_date": "2025-10-10", "evidence": proof("I'll send it.")}
    text = shown(insights=insights(action_items=[item]))
    assert all(part in text for part in ("Ann", "2025-10-10", "Send it", "“I'll send it.” Ann, 03:07"))


def test_a_quote_that_proves_nothing_is_not_shown():
    item = {"text": "Go", "evidence": proof("never said") | {"verified": False}}
    text = shown(insights=insights(decisions=[item]))
    assert "Go" in text
    assert "never said" not in text


def test_what_is_missing_is_named():
    text = shown(insights=insights(risks=None), errors={"risks": "LLM call failed after 3 retries"})
    assert "risks is missing: LLM call failed after 3 retries" in text


def test_a_refusal_says_why_in_a_sentence():
    text = shown(outcome="refused", reason="bounce", detail="the mail was sent by a machine")
    assert REASONS["bounce"] in " ".join(text.split())
    assert "the mail was sent by a machine" in text


def test_nothing_that_a_stranger_wrote_reaches_the_terminal_raw():
    reply = {"status": "sent", "to": EVIL, "subject": EVIL, "text": EVIL, "html": ""}
    item = {"text": EVIL, "owner": EVIL, "due_date": None, "evidence": proof(EVIL)}
    hostile = {"subject": EVIL, "from": EVIL, "to": [], "message_id": None, "thread_id": None, "text": ""}
    text = shown(insights=insights(action_items=[item]), reply=reply, email=hostile)
    assert "[31mred" in text
    assert not set("\x1b\x07\u202e\x9b") & set(text)


def test_piped_output_has_no_colours():
    assert "\x1b" not in shown(outcome="failed", reason="attempts_exhausted")


def test_a_result_of_which_only_the_end_is_known_has_the_contracts_shape():
    assert list(json.loads(json.dumps(result())))[:6] == [
        "run_id",
        "email",
        "mailbox",
        "route",
        "outcome",
        "reason",
    ]


def test_what_was_made_good_is_told_once_for_each_cause():
    why = "LLM call failed after 3 retries"
    text = " ".join(shown(notes={"risks": why, "summary": why}).split())
    assert text.count(why) == 1
    assert f"{why}: risks, summary" in text
