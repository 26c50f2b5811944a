"""Every sample email and every sample event, through the real stack, against events/expected.json."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"
EXPECTED = json.loads((EVENTS / "expected.json").read_text())
CONTRACT = [
    "run_id",
    "email",
    "mailbox",
    "route",
    "outcome",
    "reason",
    "states",
    "meeting_id",
    "insights",
    "errors",
    "partial_success",
    "invites",
    "deal",
    "reply",
    "usage",
]


@pytest.fixture(scope="module")
def processed(processes):
    """`parley process --json` over all samples in one call: file name to its results."""
    names = sorted(EXPECTED["emails"])
    files = [str(EVENTS / "emails" / name) for name in names]
    done = subprocess.run(
        [sys.executable, "-m", "local.cli", "process", "--json", *files],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    found = {}
    for name in names:
        found[name] = [results.pop(0) for _ in EXPECTED["emails"][name]]
    assert results == []
    return found


def test_every_sample_has_its_expectation():
    assert sorted(EXPECTED["emails"]) == sorted(path.name for path in (EVENTS / "emails").glob("*.eml"))
    others = {path.name for path in EVENTS.glob("*.json")} - {"expected.json"}
    assert set(EXPECTED["events"]) == others


@pytest.mark.parametrize("name", sorted(EXPECTED["emails"]))
def test_a_sample_email_ends_as_expected(processed, name):
    for expected, result in zip(EXPECTED["emails"][name], processed[name], strict=True):
        for field in ("mailbox", "outcome", "reason", "route"):
            assert result[field] == expected[field], field
        assert (result["reply"] and result["reply"]["to"]) == expected["reply"]
        assert result["reply"] is None or result["reply"]["status"] == "sent"
        assert result["states"][0] == "received"
        assert result["states"][-1] == "done"
        assert set(CONTRACT) <= set(result)


@pytest.mark.parametrize("name", [n for n, runs in EXPECTED["emails"].items() if "action_items" in runs[0]])
def test_a_transcript_gives_what_it_must(processed, name):
    expected, insights = EXPECTED["emails"][name][0], processed[name][0]["insights"]
    found = [(a["owner"], a["evidence"]["quote"], a["due_date"]) for a in insights["action_items"]]
    for item in expected["action_items"]:
        assert (item["owner"], item["quote"], item["due_date"]) in found
    for kind in ("decisions", "risks"):
        quotes = [one["evidence"]["quote"] for one in insights[kind]]
        assert set(expected[kind]) <= set(quotes)


def test_an_invite_is_shown_as_it_was_read(processed):
    (expected,) = EXPECTED["emails"]["invite.eml"][0]["invites"]
    (invite,) = processed["invite.eml"][0]["invites"]
    assert {name: invite[name] for name in expected} == expected


@pytest.mark.parametrize("name", [n for n, runs in EXPECTED["emails"].items() if "action_items" in runs[0]])
def test_every_shown_quote_stands_in_the_mail_and_in_the_reply(processed, name):
    result = processed[name][0]
    for item in result["insights"]["action_items"]:
        evidence = item["evidence"]
        assert evidence["verified"]
        assert evidence["quote"] in result["reply"]["text"]


def test_the_run_command_sample_names_speakers_and_times(processed):
    items = processed["zoom-vtt.eml"][0]["insights"]["action_items"]
    assert all(item["evidence"]["speaker"] == item["owner"] or item["owner"] for item in items)
    assert all(item["evidence"]["start"] > 0 for item in items)


def inbound(event):
    return event.get("function", "inbound_email") == "inbound_email"


@pytest.mark.parametrize("name", sorted(n for n, event in EXPECTED["events"].items() if inbound(event)))
def test_a_sample_event_is_answered_as_expected(stack, name):
    """Delivered twice: the second time it is a duplicate, and nothing is done again."""
    expected = EXPECTED["events"][name]["answer"]
    event = json.loads((EVENTS / name).read_text())
    with stack.handlers() as [handler]:
        first = handler(event)
        sent = len(stack.sent())
        second = handler(event)
        assert len(stack.sent()) == sent
    if "batchItemFailures" in expected:
        assert first == second == expected
        return
    assert first["statusCode"] == expected["statusCode"]
    ends = [{"outcome": one["outcome"], "reason": one["reason"]} for one in first["results"]]
    assert ends == expected["results"]
    assert [one["run_id"] for one in second["results"]] == [one["run_id"] for one in first["results"]]
    assert {one["outcome"] for one in second["results"]} <= {"duplicate"}


@pytest.mark.parametrize("name", sorted(n for n, event in EXPECTED["events"].items() if not inbound(event)))
def test_a_sample_event_of_another_function_is_answered_as_expected(processes, name):
    expected = EXPECTED["events"][name]
    done = subprocess.run(
        [sys.executable, "-m", "local.cli", "invoke", expected["function"], str(EVENTS / name)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert expected["answer"].items() <= json.loads(done.stdout).items()


def test_an_event_of_unknown_shape_says_what_is_taken(stack):
    with stack.handlers() as [handler], pytest.raises(Exception, match="EventBridge"):
        handler({"hello": "world"})
