"""Invites in every order through the real stack and API: one meeting, at the organizer's latest word."""

from __future__ import annotations

import itertools
import uuid

import pytest

VTT = """WEBVTT

1
00:00:05.000 --> 00:00:09.000
Sarah Chen: I will send the pricing sheet by Friday.

2
00:00:09.500 --> 00:00:14.000
Jennifer Liu: Great, we agreed to start the pilot in May.
"""


def invite(uid, *, method, sequence, start, title):
    lines = [
        "BEGIN:VCALENDAR",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:20251001T08000{sequence}Z",
        f"DTSTART:{start}",
        "DURATION:PT45M",
        f"SUMMARY:{title}",
        "ORGANIZER:mailto:sarah.chen@company.com",
        f"ATTENDEE;CN=Kim Ode:mailto:kim.{uid}@acmecorp.com",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    calendar = "\r\n".join(lines)
    return mail(title, f'text/calendar; method={method}; name="invite.ics"', calendar)


def mail(title, kind, content, *, date="Thu, 02 Oct 2025 10:00:00 +0000"):
    return (
        f"From: sarah.chen@company.com\r\nTo: meetings@parley.local\r\nSubject: {title}\r\nDate: {date}\r\n"
        f"Message-ID: <{uuid.uuid4().hex}@company.com>\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: {kind}\r\n\r\n{content}\r\n--b--\r\n'
    ).encode()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_in_any_order_the_last_word_of_the_organizer_stands(stack, order):
    uid, title = uuid.uuid4().hex, f"Review {uuid.uuid4().hex[:8]}"
    mails = [
        invite(uid, method="REQUEST", sequence=0, start="20251006T130000Z", title=title),
        invite(uid, method="REQUEST", sequence=1, start="20251007T130000Z", title=title),
        invite(uid, method="CANCEL", sequence=2, start="20251007T130000Z", title=title),
    ]
    results = [stack.wait(stack.smtp(mails[index])) for index in order]
    assert {r["outcome"] for r in results} == {"processed"}
    (meeting_id,) = {r["meeting_id"] for r in results}
    meeting = stack.get(f"/meetings/{meeting_id}")
    assert (meeting["status"], meeting["sequence"]) == ("cancelled", 2)
    assert meeting["scheduled_time"] == "2025-10-07T13:00:00"
    contacts = stack.get(f"/contacts?email=kim.{uid}@acmecorp.com")["items"]
    assert [c["name"] for c in contacts] == ["Kim Ode"]


def test_a_later_transcript_is_filed_with_the_meeting_that_was_invited(stack):
    uid, title = uuid.uuid4().hex, f"Planning {uuid.uuid4().hex[:8]}"
    made = stack.wait(
        stack.smtp(invite(uid, method="REQUEST", sequence=0, start="20251006T130000Z", title=title))
    )
    raw = mail(f"Fwd: {title}", 'text/vtt; name="call.vtt"', VTT, date="Mon, 06 Oct 2025 15:00:00 +0000")
    filed = stack.wait(stack.smtp(raw))
    assert filed["route"] == "transcript"
    assert filed["meeting_id"] == made["meeting_id"]
    insights = stack.get(f"/meetings/{made['meeting_id']}/insights")
    assert insights["run_id"] == filed["run_id"]
    assert insights["insights"]["action_items"][0]["owner"] == "Sarah Chen"


def test_an_attendees_answer_is_kept_with_the_meeting(stack):
    uid, title = uuid.uuid4().hex, f"Answered {uuid.uuid4().hex[:8]}"
    request = invite(uid, method="REQUEST", sequence=0, start="20251006T130000Z", title=title)
    reply = invite(uid, method="REPLY", sequence=0, start="20251006T130000Z", title=title)
    reply = reply.replace(b"ATTENDEE;CN=Kim Ode", b"ATTENDEE;PARTSTAT=ACCEPTED")
    made, answered = (stack.wait(stack.smtp(raw)) for raw in (request, reply))
    assert made["meeting_id"] == answered["meeting_id"]
    meeting = stack.get(f"/meetings/{made['meeting_id']}")
    assert meeting["responses"][f"kim.{uid}@acmecorp.com"]["response"] == "accepted"
    assert (meeting["title"], meeting["scheduled_time"]) == (title, "2025-10-06T13:00:00")
