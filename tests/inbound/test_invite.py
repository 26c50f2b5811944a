"""Invites, and the transcripts that belong to them, through the whole pipeline on fakes."""

from __future__ import annotations

import asyncio
import email
import email.policy

import pytest

from parley.core.outcome import Outcome
from parley.inbound.results import AT_ONCE
from parley.inbound.routes.invite import MOST_INVITES
from parley.inbound.routes.invite_writes import MOST_ATTENDEES, MOST_CONTACTS
from parley.mail.email import Reason
from tests.inbound.test_pipeline import BOX, MAILBOX, TRANSCRIPT, World
from tests.inbound.test_pipeline import eml as mail
from tests.support import FakeBackend

START = "20260303T090000Z"


def ics(
    uid="u1",
    *,
    method="REQUEST",
    sequence=0,
    start=START,
    end="20260303T100000Z",
    summary="Pilot call",
    stamp="20260301T080000Z",
    extra=(),
):
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{stamp}",
        f"SEQUENCE:{sequence}",
        f"DTSTART{':' if start[0].isdigit() else ';'}{start}",
        *([f"DTEND:{end}"] if end else []),
        f"SUMMARY:{summary}",
        "ORGANIZER;CN=Sarah Chen:mailto:sarah@acme.test",
        "ATTENDEE;CN=Bo Lind:mailto:bo@customer.test",
        f"ATTENDEE:mailto:{BOX}",
        *extra,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


def invitation(calendar, number=1, *, as_file=False, transcript=None, **headers):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    wanted = {
        "From": "Sarah Chen <sarah@acme.test>",
        "To": BOX,
        "Subject": "Invitation: Pilot call",
        "Message-ID": f"<i{number}@acme.test>",
        "Date": "Sun, 01 Mar 2026 10:00:00 +0000",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    for name, value in wanted.items():
        message[name] = value
    message.set_content("You are invited.")
    if as_file:
        message.add_attachment(
            calendar.encode(), maintype="application", subtype="ics", filename="invite.ics"
        )
    else:
        message.add_alternative(calendar, subtype="calendar", params={"method": "REQUEST"})
    if transcript:
        message.add_attachment(transcript.encode(), maintype="text", subtype="vtt", filename="call.vtt")
    return message.as_bytes()


def world() -> World:
    made = World(MAILBOX)
    made.clock.now = 1_772_560_000.0
    return made


@pytest.mark.parametrize("as_file", [False, True])
async def test_an_invite_makes_the_meeting_and_knows_its_people(as_file):
    made = world()
    (report,) = await made.deliver(invitation(ics(), as_file=as_file))
    assert report.outcome is Outcome.PROCESSED
    record = made.record()
    assert record["route"] == "invite"
    assert record["states"] == [
        "received",
        "claimed",
        "parsed",
        "gated",
        "routed",
        "stored",
        "replied",
        "done",
    ]
    (invite,) = record["invites"]
    assert (invite["uid"], invite["start"], invite["end"]) == (
        "u1",
        "2026-03-03T09:00:00Z",
        "2026-03-03T10:00:00Z",
    )
    assert (invite["organizer"], invite["attendees"]) == ("sarah@acme.test", ["bo@customer.test", BOX])
    (meeting,) = made.backend.of("meeting")
    assert (meeting["title"], meeting["scheduled_time"], meeting["duration_minutes"]) == (
        "Pilot call",
        "2026-03-03T09:00:00",
        60,
    )
    assert {c["email"] for c in made.backend.of("contact")} == {"sarah@acme.test", "bo@customer.test"}
    answer = made.message().get_body(("plain",)).get_content()
    assert "2026-03-03 at 09:00" in answer
    # Whoever invites comes too, and is not among the attendees.
    assert "sarah@acme.test" in answer.partition("With ")[2].partition("\n")[0]


async def test_the_same_event_as_a_part_and_as_a_file_is_one():
    made = world()
    raw = invitation(ics())
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    message.make_mixed()
    message.add_attachment(ics().encode(), maintype="application", subtype="ics", filename="invite.ics")
    await made.deliver(message.as_bytes())
    assert len(made.record()["invites"]) == 1
    assert len(made.backend.of("meeting")) == 1


async def test_an_update_and_a_cancellation_meet_the_same_meeting():
    made = world()
    await made.deliver(invitation(ics(), 1), delivery="d1")
    await made.deliver(invitation(ics(sequence=1, start="20260304T090000Z", end=None), 2), delivery="d2")
    (meeting,) = made.backend.of("meeting")
    assert (meeting["scheduled_time"], meeting["sequence"]) == ("2026-03-04T09:00:00", 1)
    await made.deliver(invitation(ics(method="CANCEL", sequence=2), 3), delivery="d3")
    (meeting,) = made.backend.of("meeting")
    assert meeting["status"] == "cancelled"


async def test_an_occurrence_is_a_meeting_of_its_own_in_its_series():
    made = world()
    await made.deliver(invitation(ics(extra=["RRULE:FREQ=WEEKLY"]), 1), delivery="d1")
    moved = ics(start="20260311T090000Z", end=None, extra=["RECURRENCE-ID:20260310T090000Z"])
    await made.deliver(invitation(moved, 2), delivery="d2")
    series, occurrence = made.backend.of("meeting")
    assert series["series"] == occurrence["series"] == "u1"
    assert occurrence["recurrence_id"] == "2026-03-10T09:00:00Z"


async def test_an_answer_is_kept_with_the_meeting_and_shown():
    made = world()
    reply = ics(method="REPLY").replace(
        "ATTENDEE;CN=Bo Lind:mailto:bo@customer.test\r\nATTENDEE:mailto:" + BOX,
        "ATTENDEE;PARTSTAT=DECLINED:mailto:bo@customer.test",
    )
    await made.deliver(invitation(reply, as_file=True))
    (meeting,) = made.backend.of("meeting")
    assert meeting["responses"] == {
        "bo@customer.test": {"response": "declined", "at": "2026-03-01T08:00:00Z"}
    }
    assert meeting["sequence"] is None
    assert made.record()["invites"][0]["partstat"] == "DECLINED"
    assert "declined" in made.message().get_body(("plain",)).get_content()


async def test_a_windows_zone_is_kept_on_the_wall_and_an_unknown_one_is_told():
    made = world()
    known = ics(start='TZID="W. Europe Standard Time":20260303T100000', end=None)
    await made.deliver(invitation(known, 1, as_file=True), delivery="d1")
    (meeting,) = made.backend.of("meeting")
    assert (meeting["scheduled_time"], meeting["time_zone"]) == ("2026-03-03T10:00:00", "Europe/Berlin")
    unknown = ics("u2", start="TZID=Narnia Standard Time:20260303T100000", end=None)
    await made.deliver(invitation(unknown, 2, as_file=True), delivery="d2")
    other = next(m for m in made.backend.of("meeting") if m["ical_uid"] == "u2")
    assert other["scheduled_time"] is None
    assert "Narnia" in made.message(1).get_body(("plain",)).get_content()


async def test_a_calendar_that_mails_by_itself_is_worked_and_not_answered():
    made = world()
    (report,) = await made.deliver(invitation(ics(), Auto_Submitted="auto-generated"))
    assert report.outcome is Outcome.PROCESSED
    assert made.backend.of("meeting")
    assert made.sender.sent == []
    assert made.record()["reply"] is None


async def test_a_bounce_is_a_bounce_though_it_carries_the_invite():
    made = world()
    (report,) = await made.deliver(invitation(ics(), From="MAILER-DAEMON@mx.test"))
    assert report.reason is Reason.BOUNCE
    assert made.backend.of("meeting") == []


async def test_a_broken_calendar_is_told():
    made = world()
    await made.deliver(invitation("this is no calendar", as_file=True))
    assert made.record()["route"] == "invite"
    assert "Not understood" in made.message().get_body(("plain",)).get_content()


# -- the transcript finds its meeting --------------------------------------------------------


def transcript_mail(**headers):
    return mail(Date="Tue, 03 Mar 2026 11:00:00 +0000", Message_ID="<t1@acme.test>", **headers)


async def file_of(made, raw, delivery="d9"):
    await made.deliver(raw, delivery=delivery)
    record = next(r for r in made.backend.of("email") if r["route"] == "transcript")
    return record["meeting_id"], [i for (k, _, i) in made.backend.puts if k == "meeting"]


async def test_by_the_invite_in_the_same_mail():
    made = world()
    await made.deliver(
        invitation(ics(), as_file=True, transcript=TRANSCRIPT, Date="Wed, 04 Mar 2026 10:00:00 +0000")
    )
    (meeting,) = made.backend.of("meeting")
    assert meeting["ical_uid"] == "u1"
    record = made.record()
    assert record["route"] == "transcript"
    assert len(record["invites"]) == 1
    assert ("insights", "demo", record["meeting_id"]) in made.backend.puts
    assert ("meeting", "demo", record["meeting_id"]) in made.backend.puts


async def test_by_the_thread():
    made = world()
    await made.deliver(invitation(ics(summary="Something else")), delivery="d1")
    raw = transcript_mail(Subject="no such title", References="<i1@acme.test>")
    found, meetings = await file_of(made, raw)
    assert meetings == [found]


async def test_days_count_from_the_meeting_that_the_thread_has():
    made = world()
    await made.deliver(invitation(ics(summary="Something else")), delivery="d1")
    late = {"Date": "Fri, 20 Mar 2026 11:00:00 +0000", "Message_ID": "<t1@acme.test>"}
    made.clock.now += 17 * 86_400
    await made.deliver(mail(Subject="Re: it", References="<i1@acme.test>", **late), delivery="d9")
    (meeting,) = made.backend.of("meeting")
    assert (meeting["status"], meeting["source"]) == ("completed", {"kind": "email", "at": "2026-03-03"})


@pytest.mark.parametrize(
    "subject", ["Pilot call", "Fwd: Pilot call", "Meeting assets for Pilot call are ready!"]
)
async def test_by_title_people_and_time(subject):
    made = world()
    await made.deliver(invitation(ics()), delivery="d1")
    found, meetings = await file_of(made, transcript_mail(Subject=subject))
    assert meetings == [found]


@pytest.mark.parametrize(
    ("invite", "headers"),
    [
        (ics(start="20260224T090000Z", end=None), {}),
        (ics(start="20260306T090000Z", end=None), {}),
        (ics(summary="Pilot review"), {}),
        (ics(), {"Subject": "Call"}),
        (ics(extra=["RRULE:FREQ=WEEKLY"]), {}),
        (ics(extra=["STATUS:CANCELLED"]), {}),
        (
            ics().replace("sarah@acme.test", "x@y.test").replace("Bo Lind", "Xi").replace(BOX, "z@y.test"),
            {},
        ),
    ],
    ids=["last week", "next days", "other title", "short title", "series", "cancelled", "other people"],
)
async def test_what_does_not_fit_gets_a_meeting_of_its_own(invite, headers):
    made = world()
    await made.deliver(invitation(invite), delivery="d1")
    found, meetings = await file_of(made, transcript_mail(**headers))
    assert len(meetings) == 2
    assert found in meetings


async def test_where_two_fit_that_is_said_and_neither_is_taken():
    made = world()
    await made.deliver(invitation(ics("u1"), 1), delivery="d1")
    await made.deliver(
        invitation(ics("u2", start="20260302T090000Z", end=None), 2, Subject="x"), delivery="d2"
    )
    found, meetings = await file_of(made, transcript_mail())
    assert len(meetings) == 3
    text = made.message(2).get_body(("plain",)).get_content()
    assert "More than one meeting fits" in text
    assert "2026-03-02T09:00:00" in text
    own = next(m for (k, _, i), m in made.backend.puts.items() if k == "meeting" and i == found)
    assert own.get("ical_uid") is None


async def test_the_meeting_that_was_invited_is_completed_by_its_transcript():
    made = world()
    await made.deliver(invitation(ics()), delivery="d1")
    found, _ = await file_of(made, transcript_mail())
    meeting = made.backend.puts[("meeting", "demo", found)]
    assert (meeting["status"], meeting["title"], meeting["ical_uid"]) == ("completed", "Pilot call", "u1")


async def test_a_person_whom_the_api_does_not_know_how_to_reach_costs_no_meeting():
    made = world()
    calendar = ics().replace("mailto:bo@customer.test", "mailto:bo@")
    (report,) = await made.deliver(invitation(calendar))
    assert report.outcome is Outcome.PROCESSED
    assert made.backend.of("meeting")


class Crowded(FakeBackend):
    """Counts how many writes are under way at once."""

    most = under_way = 0

    async def _put(self, kind, tenant, id_, body):
        if kind in ("meeting", "contact"):
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            await asyncio.sleep(0)
            self.under_way -= 1
        await super()._put(kind, tenant, id_, body)


async def test_one_email_writes_so_many_people_and_events_and_only_some_at_once():
    made = world()
    made.backend = made.pipeline.backend = Crowded(MAILBOX)
    many = [f"ATTENDEE;CN=Guest {n}:mailto:guest{n}@customer.test" for n in range(MOST_ATTENDEES)]
    events = [ics(f"u{n}", extra=many if n == 0 else ()) for n in range(MOST_INVITES + 1)]
    both = events[0].replace("END:VCALENDAR\r\n", "") + "".join(
        one[one.index("BEGIN:VEVENT") :].replace("END:VCALENDAR\r\n", "") for one in events[1:]
    )
    await made.deliver(invitation(both + "END:VCALENDAR\r\n"))
    assert len(made.backend.of("meeting")) == MOST_INVITES
    assert len(made.backend.of("contact")) == MOST_CONTACTS - len(["our own mailbox"])
    people = max((one["attendees"] for one in made.backend.of("meeting")), key=len)
    assert len(people) == MOST_ATTENDEES + len(["the organizer"])
    assert made.backend.most == AT_ONCE
    said = made.message().get_body(("plain",)).get_content()
    assert f"only the first {MOST_ATTENDEES} of {MOST_ATTENDEES + 2} people were taken" in said
    assert f"only the first {MOST_INVITES} of {MOST_INVITES + 1} events were taken" in said
