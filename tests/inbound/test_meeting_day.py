"""The day that the due dates of a mailed transcript count from, and what the answer says of it."""

from __future__ import annotations

import pytest

from tests.inbound.test_pipeline import World, eml

TALK = """\
Nils Aber: Morning. The kiln is booked for the whole week.
Rosa Quint: Good. I will order the clay by Friday.
Nils Aber: We decided to glaze the small bowls first.
Rosa Quint: Thank you, bye.
"""
VTT = "WEBVTT\n\n00:01.000 --> 00:05.000\nRosa Quint: I will order the clay by Friday.\n"
# The meeting was on Tuesday the 10th of February 2026; the mail is of Tuesday the 24th.
SENT = "Tue, 24 Feb 2026 10:00:00 +0100"
GMAIL = (
    "---------- Forwarded message ---------\nFrom: Nils Aber <nils@pots.example>\nDate: {}\n"
    "Subject: Kiln\nTo: x@y.example\n\n"
)
OUTLOOK = "From: Nils Aber <nils@pots.example>\nSent: {}\nTo: Sarah Chen <sarah@acme.test>\nSubject: Kiln\n\n"
YAHOO = (
    "----- Forwarded Message ----- From: Nils Aber <nils@pots.example>To: Sarah Chen <sarah@acme.test>"
    "Sent: Tuesday, February 10, 2026 at 04:12:09 PM GMT+1Subject: Kiln\n\n"
)
HEBREW = GMAIL.replace("From:", "מאת:").format("יום ג׳, 10 בפבר׳ 2026 ב-16:12")


async def mailed(body: str = "Attached.", *, name: str | None = None, **headers: str):
    world = World()
    raw = eml(body, vtt=VTT if name else None, **{"Date": SENT, **headers})
    await world.deliver(raw.replace(b"call.vtt", (name or "").encode()))
    return world.record()


@pytest.mark.parametrize(
    "above",
    [
        GMAIL.format("Tue, 10 Feb 2026 at 16:12"),
        GMAIL.format("Di., 10. Feb. 2026 um 16:12 Uhr"),
        OUTLOOK.format("10.02.2026 16:12"),
        OUTLOOK.format("10/02/2026 16:12"),
        OUTLOOK.format("02/10/2026 4:12 PM"),
        OUTLOOK.format("Tuesday, 10/02/2026 16:12"),
        OUTLOOK.format("Tuesday, February 10, 2026 4:12 PM"),
        YAHOO,
        HEBREW,
        GMAIL.format("Thu, 19 Feb 2026 at 09:00") + OUTLOOK.format("Tuesday, February 10, 2026 4:12 PM"),
    ],
)
async def test_the_header_of_the_mail_in_which_the_transcript_stands(above):
    record = await mailed(f"FYI\n\n{above}{TALK}", Subject="Fwd: Kiln")
    assert record["day"] == {"date": "2026-02-10", "source": "forwarded"}
    assert [item["due_date"] for item in record["insights"]["action_items"]] == ["2026-02-13"]
    assert "Meeting of Tuesday, 10 February 2026" in record["reply"]["text"]


@pytest.mark.parametrize(
    ("date", "day", "friday"),
    [
        ("Thu, 12 Feb 2026 20:30:00 -0800", "2026-02-12", "2026-02-13"),
        ("Fri, 13 Feb 2026 08:30:00 +1300", "2026-02-13", "2026-02-20"),
        ("Thu, 12 Feb 2026 23:30:00 +0000", "2026-02-12", "2026-02-13"),
    ],
)
async def test_the_mails_own_day_is_its_senders(date, day, friday):
    record = await mailed(TALK, Date=date)
    assert record["day"] == {"date": day, "source": "mail"}
    assert [item["due_date"] for item in record["insights"]["action_items"]] == [friday]


async def test_the_head_of_a_pasted_transcript_goes_before_the_mail():
    record = await mailed(f"Kiln talk, 10 February 2026\n\n{TALK}")
    assert record["day"] == {"date": "2026-02-10", "source": "transcript"}


async def test_the_name_of_the_file_goes_before_the_mail():
    record = await mailed(name="GMT20260210-151200_Recording.vtt")
    assert record["day"] == {"date": "2026-02-10", "source": "file"}
    assert [item["due_date"] for item in record["insights"]["action_items"]] == ["2026-02-13"]


async def test_a_mail_without_a_transcript_has_no_day():
    assert (await mailed("Hello there."))["day"] is None
