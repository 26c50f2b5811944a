"""What a team does with its meetings, through the real stack: mail, API and jobs alike."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.test_invites import mail
from tests.running_stack import RunningStack

TALK = """Sarah Chen: Thanks for joining. Let us go through the pilot.
Jennifer Liu: We agreed to start the pilot in May with two teams.
Sarah Chen: I will send the pricing sheet by Friday.
Jennifer Liu: Our security team blocks the rollout until the audit is done.
Sarah Chen: Then I'll share the audit report tomorrow.
Jennifer Liu: Great, let us meet again next week to look at it.
"""


def held(stack: RunningStack, title: str, when: str = "2025-10-02T10:00:00") -> str:
    body = {"title": title, "user_id": "user_1", "scheduled_time": when, "status": "completed"}
    status, answer = stack.send("POST", "/meetings", body)
    assert status == 201, answer
    return answer["meeting_id"]


def until_over(stack: RunningStack, job: str, *, seconds: float = 60) -> dict:
    """The job once it is done or failed, and every state of it that was seen on the way."""
    end, seen = time.monotonic() + seconds, []
    while time.monotonic() < end:
        found = stack.get(f"/jobs/{job}")
        seen.append((found["status"], found["progress"]))
        if found["status"] in {"done", "failed"}:
            assert [share for _, share in seen] == sorted(share for _, share in seen)
            return found
        time.sleep(0.05)
    raise AssertionError(f"job {job} is not over after {seconds} s: {seen[-1]}")


def test_a_transcript_gives_the_same_by_mail_and_by_post(stack):
    title = f"Pilot review {uuid.uuid4().hex[:6]}"
    posted = held(stack, title)
    status, answer = stack.send(
        "POST", f"/meetings/{posted}/analyze", {"transcript": TALK, "user_id": "user_1"}
    )
    assert status == 200, answer
    assert set(answer) == {"meeting_id", "insights"}
    attachment = mail(title, 'text/plain; name="transcript.txt"', TALK.replace("\n", "\r\n"))
    mailed = stack.wait(stack.smtp(attachment))
    assert mailed["route"] == "transcript"
    assert mailed["meeting_id"] != posted
    assert mailed["insights"] == answer["insights"]
    assert answer["insights"]["action_items"][0]["due_date"] == "2025-10-03"
    # And what is stored is what was answered.
    for meeting in (posted, mailed["meeting_id"]):
        assert stack.get(f"/meetings/{meeting}/insights")["insights"] == answer["insights"]
    # Posted once more to the meeting that the mail made, it is the same again, and nothing new.
    status, again = stack.send("POST", f"/meetings/{mailed['meeting_id']}/analyze", {"transcript": TALK})
    assert (status, again["insights"]) == (200, answer["insights"])


def test_a_transcript_that_comes_late_gives_the_same_by_mail_and_by_post(stack):
    """Days count from the meeting, which an invite made, however late the transcript comes."""
    title = f"Late {uuid.uuid4().hex[:6]}"
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=20)
    invite = forwarded(uuid.uuid4().hex, title=title, start=start, contact="jennifer.liu@acmecorp.com")
    made = stack.wait(stack.smtp(invite))
    [message_id] = [line for line in invite.decode().splitlines() if line.startswith("Message-ID:")]
    reply = b"In-Reply-To: " + message_id.partition(":")[2].strip().encode() + b"\r\n"
    now = f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S} +0000"
    late = mail(f"Re: {title}", 'text/plain; name="transcript.txt"', TALK.replace("\n", "\r\n"), date=now)
    mailed = stack.wait(stack.smtp(reply + late))
    assert mailed["meeting_id"] == made["meeting_id"]
    posted = held(stack, title, f"{start:%Y-%m-%dT%H:%M:%S}")
    status, answer = stack.send("POST", f"/meetings/{posted}/analyze", {"transcript": TALK})
    assert (status, answer["insights"]) == (200, mailed["insights"])
    status, again = stack.send("POST", f"/meetings/{made['meeting_id']}/analyze", {"transcript": TALK})
    assert (status, again["insights"]) == (200, mailed["insights"])


def test_a_key_holds_for_what_is_put_off_and_an_edit_is_replaced_when_that_is_asked(stack):
    meeting, path = held(stack, "Keyed"), {"transcript": TALK, "regenerate": True}
    later = {"Prefer": "respond-async", "Idempotency-Key": uuid.uuid4().hex}
    jobs = [stack.send("POST", f"/meetings/{meeting}/analyze", path, **later)[1]["id"] for _ in range(2)]
    assert jobs[0] == jobs[1]
    assert until_over(stack, jobs[0])["status"] == "done"
    edit = {"insights": {"summary": {"text": "Ours"}}}
    assert stack.send("PUT", f"/meetings/{meeting}/insights", edit)[0] == 200
    over = {"transcript": TALK, "replace_edits": True}
    _, job = stack.send("POST", f"/meetings/{meeting}/analyze", over, Prefer="respond-async")
    assert job["id"] != jobs[0]
    assert until_over(stack, job["id"])["status"] == "done"
    assert stack.get(f"/meetings/{meeting}/insights")["insights"]["summary"] != {"text": "Ours"}


def test_an_analysis_that_was_put_off_is_done_and_gives_what_the_request_would_have(stack):
    now, later = held(stack, "Pilot, at once"), held(stack, "Pilot, later")
    _, answer = stack.send("POST", f"/meetings/{now}/analyze", {"transcript": TALK})
    status, job = stack.send(
        "POST", f"/meetings/{later}/analyze", {"transcript": TALK}, Prefer="respond-async"
    )
    assert (status, job["status"], job["result"]) == (202, "queued", None)
    done = until_over(stack, job["id"])
    assert (done["status"], done["stage"], done["progress"], done["ended"]) == ("done", "finished", 1.0, 7)
    assert done["result"]["insights"] == answer["insights"]
    assert stack.get(f"/meetings/{later}/insights")["version"] == 1
    # The same again is the same job, and is done.
    status, again = stack.send(
        "POST", f"/meetings/{later}/analyze", {"transcript": TALK}, Prefer="respond-async"
    )
    assert (status, again["id"], again["status"]) == (202, job["id"], "done")
    assert again["result"] == done["result"]


def test_a_transcript_that_is_too_big_for_a_request_comes_by_an_upload(stack):
    meeting = held(stack, "A long one")
    status, upload = stack.send("POST", "/uploads")
    assert status == 201, upload
    lines = "".join(f"Sarah Chen: Point {n} is about the pilot and nothing else.\n" for n in range(20_000))
    sent = {"Content-Type": "text/plain"}
    put = urllib.request.Request(upload["url"], (lines + TALK).encode(), sent, method=upload["method"])
    with urllib.request.urlopen(put) as response:
        assert response.status == 200
    body = {"upload_id": upload["upload_id"], "user_id": "user_1", "filename": "talk.txt"}
    status, job = stack.send("POST", f"/meetings/{meeting}/analyze", body, Prefer="respond-async")
    assert status == 202, job
    done = until_over(stack, job["id"])
    assert done["status"] == "done", done
    quotes = [item["evidence"]["quote"] for item in done["result"]["insights"]["action_items"]]
    assert "I will send the pricing sheet by Friday." in quotes
    transcript = stack.get(f"/meetings/{meeting}/transcripts/{done['transcript']}")
    item = done["result"]["insights"]["action_items"][0]["evidence"]
    assert transcript["segments"][item["segment"]]["text"].find(item["quote"]) >= 0


def test_what_was_promised_by_mail_is_an_action_item_that_can_be_done(stack):
    title = f"Check-in {uuid.uuid4().hex[:6]}"
    mailed = stack.wait(stack.smtp(mail(title, 'text/plain; name="transcript.txt"', TALK)))
    found = stack.get(f"/action-items?meeting_id={mailed['meeting_id']}&owner=sarah")["items"]
    assert [item["text"] for item in found]
    assert {item["status"] for item in found} == {"open"}
    assert found[0]["promised"]["title"] == title
    status, done = stack.send("PATCH", f"/action-items/{found[0]['id']}", {"status": "done"})
    assert (status, done["status"], done["edited_by"]) == (200, "done", "admin")
    left = stack.get(f"/action-items?meeting_id={mailed['meeting_id']}&owner=sarah&status=open")["items"]
    assert len(left) == len(found) - 1


def forwarded(uid: str, *, title: str, start: datetime, contact: str) -> bytes:
    lines = [
        "BEGIN:VCALENDAR",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "SEQUENCE:0",
        f"DTSTAMP:{datetime.now(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        "DURATION:PT30M",
        f"SUMMARY:{title} - https://zoom.us/j/98765432101?pwd=S3cretPwd Passcode: 445566",
        "DESCRIPTION:Join https://zoom.us/j/98765432101?pwd=S3cretPwd or dial +16465588656\\,\\,98765432101#",
        "LOCATION:https://zoom.us/j/98765432101?pwd=S3cretPwd",
        "ORGANIZER:mailto:sarah.chen@company.com",
        f"ATTENDEE;CN=Jennifer Liu:mailto:{contact}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    now = f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S} +0000"
    kind = 'text/calendar; method=REQUEST; name="invite.ics"'
    return mail(title, kind, "\r\n".join(lines), date=now)


@pytest.fixture
def answered(stack):
    """The reply to an invite with a contact whose past meetings are on record, and the run's record."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    raw = forwarded(uuid.uuid4().hex, title="Renewal talk", start=start, contact="jennifer.liu@acmecorp.com")
    record = stack.wait(stack.smtp(raw))
    [message_id] = [line for line in raw.decode().splitlines() if line.startswith("Message-ID:")]
    [reply] = stack.sent(answering=message_id.partition(":")[2].strip())
    return record, reply


def test_a_forwarded_invite_is_answered_with_a_preparation(answered):
    record, reply = answered
    assert (record["route"], record["outcome"]) == ("invite", "processed")
    text = reply.get_body(("plain",)).get_content()
    assert "Jennifer Liu is VP of Engineering at Acme Corp." in text
    assert "Security Review on 2025-08-05" in text
    assert "Sarah to confirm that data can stay in the EU (promised in Security Review, 2025-08-05)" in text
    assert "STILL OPEN" in text
    html = reply.get_body(("html",)).get_content()
    assert "Before you meet" in html
    assert "Worth raising" in html


def test_an_answer_to_an_invite_never_says_how_to_join(answered):
    record, reply = answered
    shown = json.dumps(record["reply"]) + str(reply)
    for secret in ("zoom.us", "S3cretPwd", "445566", "98765432101", "6465588656"):
        assert secret not in shown.replace("=\n", "").replace("=\r\n", "")


def test_availability_knows_the_invites_that_came_by_mail(stack):
    start = datetime(2026, 2, 3, 18, 0, tzinfo=UTC)  # 10 h in Los Angeles, a Tuesday
    uid = uuid.uuid4().hex
    stack.wait(stack.smtp(forwarded(uid, title="With Sarah", start=start, contact="sarah.chen@company.com")))
    body = {"user_ids": ["user_1"], "date": "2026-02-03", "duration_minutes": 30}
    status, answer = stack.send("POST", "/availability", body)
    assert status == 200, answer
    assert answer == {
        "slots": [
            {"start": "2026-02-03T17:00:00Z", "end": "2026-02-03T18:00:00Z"},
            {"start": "2026-02-03T18:30:00Z", "end": "2026-02-04T01:00:00Z"},
        ]
    }


def calendar_of_sarah(*lines: str, organizer: str = "jennifer.liu@acmecorp.com", sarah: str = "") -> bytes:
    whole = [
        "BEGIN:VCALENDAR",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{uuid.uuid4().hex}",
        f"DTSTAMP:{datetime.now(UTC):%Y%m%dT%H%M%SZ}",
        "SUMMARY:Talk",
        f"ORGANIZER:mailto:{organizer}",
        "ATTENDEE:mailto:jennifer.liu@acmecorp.com",
        *([f"ATTENDEE{sarah}:mailto:sarah.chen@company.com"] if sarah is not None else []),
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return mail("Talk", 'text/calendar; method=REQUEST; name="invite.ics"', "\r\n".join(whole))


@pytest.mark.parametrize(
    ("day", "raw", "free"),
    [
        # Whoever invites is busy, though no ATTENDEE line says so.
        (
            "2026-04-06",
            calendar_of_sarah(
                "DTSTART:20260406T180000Z", "DURATION:PT1H", organizer="sarah.chen@company.com", sarah=None
            ),
            False,
        ),
        (
            "2026-04-07",
            calendar_of_sarah("DTSTART:20260407T180000Z", "DURATION:PT1H", sarah=";PARTSTAT=DECLINED"),
            True,
        ),
        (
            "2026-04-08",
            calendar_of_sarah("DTSTART:20260408T180000Z", "DURATION:PT1H", "TRANSP:TRANSPARENT"),
            True,
        ),
        (
            "2026-04-16",
            calendar_of_sarah("DTSTART:20260402T180000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=TH"),
            False,
        ),
        (
            "2026-05-15",
            calendar_of_sarah(
                "DTSTART;TZID=America/Los_Angeles:20260501T110000",
                "DURATION:PT1H",
                "RRULE:FREQ=WEEKLY;BYDAY=FR",
                "EXDATE;TZID=America/Los_Angeles:20260508T110000,20260515T110000",
            ),
            True,
        ),
    ],
    ids=["organizer", "declined", "transparent", "series", "exception"],
)
def test_availability_reads_an_invite_as_its_calendar_does(stack, day, raw, free):
    stack.wait(stack.smtp(raw))
    body = {"user_ids": ["user_1"], "date": day, "duration_minutes": 30, "work_hours": [11, 12]}
    _, answer = stack.send("POST", "/availability", body)
    assert bool(answer["slots"]) is free


def test_a_stranger_s_invite_is_noted_and_tells_nothing(stack):
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    raw = forwarded(uuid.uuid4().hex, title="Hello", start=start, contact="jennifer.liu@acmecorp.com")
    raw = raw.replace(b"From: sarah.chen@company.com", b"From: mallory@evil.example")
    record = stack.wait(stack.smtp(raw))
    assert record["reply"]["to"] == "mallory@evil.example"
    assert "Noted: Hello" in record["reply"]["text"]
    for told in ("VP of Engineering", "Security Review", "BEFORE YOU MEET"):
        assert told not in record["reply"]["text"]


def test_the_first_walk_of_the_documents_works(stack):
    if shutil.which("curl") is None:
        pytest.skip("the walk of docs/api.md needs curl")
    page = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
    calls, shown = re.findall(r"^```(?:sh|json)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[:2]
    assert "curl -s -H" in calls
    calls = calls.replace("http://127.0.0.1:8000/v1", stack.where["api_base_url"]).replace(
        "curl -s", "curl -sf"
    )
    env = {**os.environ, "TOKEN": stack.where["api_auth_token"]}
    done = subprocess.run(["bash", "-ec", calls], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    item, _ = json.JSONDecoder().raw_decode(done.stdout.split('"action_items":[', 1)[1])
    assert item == json.loads(shown)
