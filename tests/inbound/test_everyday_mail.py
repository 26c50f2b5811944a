"""What people and tools send every day: quotes, forwards, thanks, agendas, lists, note-takers, sealed files."""

from __future__ import annotations

import base64
import email.policy
from dataclasses import replace
from email.message import EmailMessage

import pytest

from parley.core.outcome import Outcome
from parley.mail.email import Reason
from parley.mail.mailbox import Digest
from tests.inbound.test_pipeline import BOX, MAILBOX, World

TALK = """\
Nils Aber: Morning. The kiln is booked for the whole week.
Rosa Quint: Good. I will order the clay by Friday.
Nils Aber: We decided to glaze the small bowls first.
Rosa Quint: Then I will write to the shop tomorrow.
"""
OTHER_TALK = """\
Ivo Stam: The ferry leaves at nine.
Lea Brun: I will buy the tickets by Wednesday.
Ivo Stam: We agreed to take the bikes.
"""
VTT = "WEBVTT\n\n" + "\n".join(
    f"00:00:{n * 5:02}.000 --> 00:00:{n * 5 + 4:02}.000\n{line}\n" for n, line in enumerate(TALK.splitlines())
)
SUMMARY = "Nils Aber and Rosa Quint met"
ICS = """BEGIN:VCALENDAR
METHOD:REQUEST
VERSION:2.0
BEGIN:VEVENT
UID:kiln-1@pots.example
DTSTAMP:20260301T080000Z
DTSTART:20260610T080000Z
DTEND:20260610T090000Z
SUMMARY:Kiln planning
ORGANIZER:mailto:rosa@pots.example
ATTENDEE:mailto:sarah@acme.test
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def letter(text: str = "", *, html: str | None = None, **headers: str) -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    wanted = {
        "From": "Sarah Chen <sarah@acme.test>",
        "To": BOX,
        "Subject": "Kiln talk",
        "Message-ID": "<k1@acme.test>",
        "Date": "Tue, 03 Mar 2026 10:00:00 +0000",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    for name, value in wanted.items():
        message[name] = value
    if html is None:
        message.set_content(text)
    else:
        message.set_content(html, subtype="html")
    return message


async def worked(world: World, message: EmailMessage, delivery: str = "d1") -> str:
    """The text of the answer; "" for silence."""
    before = len(world.sender.sent)
    (report,) = await world.deliver(message.as_bytes(), delivery=delivery)
    assert report.outcome is Outcome.PROCESSED
    if len(world.sender.sent) == before:
        return ""
    return " ".join(world.message(before).get_body(("plain",)).get_content().split())


def quoted(text: str, mark: str = "> ") -> str:
    return "".join(f"{mark}{line}\n" for line in text.splitlines())


# -- invites with files ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("agenda.txt", "text/plain", b"Agenda\n1. Glaze\n2. Clay"),
        ("plan.json", "application/json", b'{"budget": 3}'),
        ("plan.docx", "application/octet-stream", b"PK no document"),
        ("drawing.pdf", "application/pdf", b"%PDF-1.4 nothing"),
        ("ATT00001.txt", "text/plain", b"pots mailing list"),
    ],
)
async def test_an_invite_stays_one_whatever_is_attached(name, kind, content):
    world, message = World(), letter("See the file.", Subject="Kiln planning")
    message.add_attachment(ICS, subtype="calendar", params={"method": "REQUEST"})
    main, _, sub = kind.partition("/")
    message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    assert "Noted: Kiln planning" in await worked(world, message)
    assert world.record()["route"] == "invite"


AGENDAS = [
    "Nils: opening words\nRosa: the new kiln\nNils: prices\nRosa: next steps",
    "09:00 Nils: opening\n09:10 Rosa: kiln\n09:20 Nils: prices\n09:40 Rosa: what is next",
]


@pytest.mark.parametrize("agenda", AGENDAS)
async def test_an_agenda_in_an_invite_is_no_transcript(agenda):
    world, message = World(), letter(agenda, Subject="Kiln planning")
    message.add_attachment(ICS, subtype="calendar", params={"method": "REQUEST"})
    assert "Noted: Kiln planning" in await worked(world, message)
    assert [one["status"] for one in world.backend.of("meeting")] == ["scheduled"]


async def test_an_attached_agenda_is_none_and_a_recording_is_of_another_meeting():
    world, message = World(), letter("The agenda is attached.", Subject="Kiln planning")
    message.add_attachment(ICS, subtype="calendar", params={"method": "REQUEST"})
    message.add_attachment(AGENDAS[0], filename="agenda.txt")
    assert "Noted: Kiln planning" in await worked(world, message)
    message.add_attachment(VTT, filename="last week.vtt", subtype="vtt")
    message.replace_header("Message-ID", "<k2@acme.test>")
    assert SUMMARY in await worked(world, message, "d2")
    assert sorted(one["status"] for one in world.backend.of("meeting"))[:2] == ["completed", "scheduled"]


async def test_a_transcript_beside_the_invite_of_a_meeting_that_was_held_is_of_it():
    world, message = World(), letter(TALK, Subject="Kiln planning")
    held = ICS.replace("20260610", "20260302")
    message.add_attachment(held, subtype="calendar", params={"method": "REQUEST"})
    assert SUMMARY in await worked(world, message)
    assert len({one["ical_uid"] for one in world.backend.of("meeting") if one.get("ical_uid")}) == 1


# -- the text of a mail, and what it quotes --------------------------------------------------------

GMAIL = "On Mon, Mar 2, 2026 at 3:02 PM Rosa Quint <rosa@pots.example>\nwrote:\n\n"
PROTON = "------- Forwarded Message -------\nFrom: Rosa Quint <rosa@pots.example>\nDate: On Monday, March 2nd, 2026 at 3:02 PM\nSubject: Kiln\nTo: Sarah <sarah@acme.test>\n\n"
OUTLOOK = "From: Rosa Quint <rosa@pots.example>\nSent: Monday, March 2, 2026 3:02 PM\nTo: Sarah <sarah@acme.test>\nSubject: Kiln\n\n"
GERMAN = "Am Mo., 2. März 2026 um 15:02 Uhr schrieb Rosa Quint <rosa@pots.example>:\n\n"
MISSIVE = "On March 2, 2026 at 15:02 GMT, Rosa Quint <rosa@pots.example> wrote:\n"
REPLY = {"Subject": "Re: Kiln", "In_Reply_To": "<q@pots.example>", "References": "<q@pots.example>"}
QUOTING = {
    "reply that adds us, Gmail": (f"Adding Parley.\n\n{GMAIL}{quoted(TALK)}", REPLY),
    "reply that adds us, German": (f"Mit Parley in Kopie.\n\n{GERMAN}{quoted(TALK)}", REPLY),
    "reply that adds us, Outlook": (f"Adding Parley.\n\n{OUTLOOK}{TALK}", REPLY),
    "reply that adds us, Missive": (f"+ Parley\n\n{MISSIVE}{quoted(TALK)}", REPLY),
    "forward, Proton": (f"FYI\n\n{PROTON}{quoted(TALK)}", {"Subject": "Fw: Kiln"}),
    "forward of a reply": (
        (
            f"---------- Forwarded message ---------\nFrom: Tom <tom@acme.test>\n"
            f"Date: Mon, Mar 2, 2026 at 4:00 PM\nSubject: Re: Kiln\nTo: Sarah <sarah@acme.test>\n\nNice.\n\n"
            f"{GMAIL}{quoted(TALK)}"
        ),
        {"Subject": "Fwd: Re: Kiln"},
    ),
    "forward of a forward": (
        f"{OUTLOOK.replace('March 2', 'March 3')}Have a look.\n\n{OUTLOOK}{TALK}",
        {"Subject": "FW: FW: Kiln"},
    ),
    "quoted twice": (f"See below.\n\n{GMAIL}> Fine.\n>\n{quoted(GMAIL)}{quoted(TALK, '> > ')}", REPLY),
}


@pytest.mark.parametrize("case", QUOTING)
async def test_a_transcript_below_the_typed_words_is_read_with_the_day_of_its_own_mail(case):
    text, headers = QUOTING[case]
    answer = await worked(World(), letter(text, **headers))
    assert SUMMARY in answer
    assert "[due 2026-03-06]" in answer
    assert "[due 2026-03-03]" in answer  # "tomorrow", said on 2 March


async def test_what_is_typed_goes_before_what_is_quoted():
    assert "Ivo Stam and Lea Brun met" in await worked(
        World(), letter(f"{OTHER_TALK}\n{GMAIL}{quoted(TALK)}")
    )


# -- in a thread that was answered ------------------------------------------------------------------


def our_answer(mark: str = "") -> str:
    return quoted(
        f"{SUMMARY}. 2 action items were found.\n\nACTION ITEMS\n 1. Rosa Quint: Order the clay\n", mark
    )


def in_thread(text: str, **headers: str) -> EmailMessage:
    references = {"In_Reply_To": "<answer@email.amazonses.com>", "References": "<k1@acme.test> <answer@x>"}
    return letter(
        text, **{"Message_ID": "<k2@acme.test>", "Subject": "Re: Kiln talk", **references, **headers}
    )


OURS = "From: Parley <assistant@parley.test>\nSent: Tuesday, March 3, 2026 10:01 AM\nTo: Sarah\nSubject: Re: Kiln talk\n\n"
GMAIL_OURS = "On Tue, Mar 3, 2026 at 10:01 AM Parley <assistant@parley.test> wrote:\n\n"
THANKS = {
    "Outlook": f"Thanks, that helps.\n\n{OURS}{our_answer()}\n\n{OUTLOOK}{TALK}",
    "Gmail": f"Thank you so much!\n\n{GMAIL_OURS}{our_answer('> ')}> {GMAIL}{quoted(TALK, '> > ')}",
    "German": f"Vielen Dank, sehr hilfreich.\n\n{OURS}{our_answer()}\n\n{OUTLOOK}{TALK}",
    "French, nothing quoted": "Merci beaucoup !",
    "a thumb": f"\U0001f44d\n\n{GMAIL_OURS}{our_answer('> ')}",
    "short": f"All clear\n\n{GMAIL_OURS}{our_answer('> ')}",
}


@pytest.mark.parametrize("case", THANKS)
async def test_thanks_are_met_with_silence_and_nothing_is_analysed_again(case):
    world = World()
    assert SUMMARY in await worked(world, letter(TALK))
    assert await worked(world, in_thread(THANKS[case]), "d2") == ""
    assert len(world.backend.of("insights")) == 1
    assert world.backend.of("email")[-1]["route"] == "other"


CORRECTIONS = [
    f"The second one is for Nils. Please fix.\n\n{GMAIL_OURS}{our_answer('> ')}",
    f"Item 1: not Friday but Monday.\n\n{OURS}{our_answer()}\n\n{OUTLOOK}{TALK}",
    f"Danke, aber das Angebot schickt Nils.\n\n{GMAIL_OURS}{our_answer('> ')}",
]


@pytest.mark.parametrize("text", CORRECTIONS)
async def test_a_correction_is_told_what_can_be_done_once_a_thread(text):
    world = World()
    await worked(world, letter(TALK))
    answer = await worked(world, in_thread(text), "d2")
    assert "Nothing was changed" in answer
    assert "PATCH /action-items/" in answer
    assert "no transcript" not in answer
    assert await worked(world, in_thread(text, Message_ID="<k3@acme.test>"), "d3") == ""
    assert len(world.backend.of("insights")) == 1


async def test_a_new_transcript_in_an_answered_thread_is_analysed():
    world = World()
    await worked(world, letter(TALK))
    typed = in_thread(f"{OTHER_TALK}\n{GMAIL_OURS}{our_answer('> ')}")
    assert "Ivo Stam and Lea Brun met" in await worked(world, typed, "d2")
    forward = f"{OUTLOOK.replace('Kiln', 'Ferry')}{OTHER_TALK.replace('Ivo Stam', 'Ada Holm')}"
    message = in_thread(forward, Message_ID="<k3@acme.test>", Subject="Fwd: Kiln talk")
    assert "Ada Holm and Lea Brun met" in await worked(world, message, "d3")


async def test_our_own_answer_is_never_read_as_speech():
    text = f"For the record.\n\n{OURS}Rosa Quint: Order the clay\nNils Aber: Glaze\nRosa Quint: Write\nNils Aber: Sell\n"
    assert "no transcript" in await worked(World(), letter(text, Subject="Fwd: Re: Kiln talk"))


# -- emails as attachments ----------------------------------------------------------------------------


def enclosing(*inner: EmailMessage) -> EmailMessage:
    message = letter("See attached.", Subject="Fwd: Kiln")
    for one in inner:
        message.add_attachment(one)
    return message


async def test_an_email_forwarded_as_an_attachment_is_read_as_if_it_stood_inline():
    inner = letter("The recording.", From="Rosa <rosa@pots.example>", Date="Mon, 02 Mar 2026 15:00:00 +0000")
    inner.add_attachment(VTT, filename="call.vtt", subtype="vtt")
    for message in (enclosing(inner), enclosing(enclosing(inner)), enclosing(letter("Hello."), inner)):
        answer = await worked(World(), message)
        assert SUMMARY in answer
        assert "[due 2026-03-03]" in answer  # the day after the inner mail's


async def test_an_enclosed_email_that_holds_the_talk_in_its_text_is_read():
    inner = letter(TALK, From="Rosa <rosa@pots.example>", Date="Mon, 02 Mar 2026 15:00:00 +0000")
    assert SUMMARY in await worked(World(), enclosing(inner))


async def test_an_enclosed_invite_is_an_invite():
    inner = letter("Come!", From="Rosa <rosa@pots.example>")
    inner.add_attachment(ICS, subtype="calendar", params={"method": "REQUEST"})
    assert "Noted: Kiln planning" in await worked(World(), enclosing(inner))


async def test_an_enclosed_answer_of_a_machine_is_no_talk():
    answer = letter(TALK, From="Parley <assistant@parley.test>", Auto_Submitted="auto-replied")
    assert "no transcript" in await worked(World(), enclosing(answer))


# -- machines that carry a transcript -------------------------------------------------------------------

CARRIERS = {
    "group": {
        "List_Id": "<pots.acme.test>",
        "From": "'Rosa' via Pots <pots@acme.test>",
        "Precedence": "list",
    },
    "note-taker": {"From": "Notes <fred@notes.example>", "List_Unsubscribe": "<https://notes.example/u>"},
    "no-reply": {"From": "Zoom <no-reply@zoom.example>", "Auto_Submitted": "auto-generated"},
    "bulk": {"Precedence": "bulk"},
}


@pytest.mark.parametrize("case", CARRIERS)
async def test_what_a_machine_carries_is_worked_and_not_answered(case):
    world = World()
    world.backend.users = {"sarah@acme.test"}
    assert await worked(world, letter(TALK, **CARRIERS[case])) == ""
    record = world.record()
    assert (record["route"], record["sent_by"], record["reply"]) == ("transcript", "machine", None)
    assert len(world.backend.of("insights")) == 1


@pytest.mark.parametrize("case", CARRIERS)
async def test_a_machine_that_carries_nothing_is_refused(case):
    world = World()
    world.backend.users = {"sarah@acme.test"}
    (report,) = await world.deliver(letter("Our news of this week.", **CARRIERS[case]).as_bytes())
    assert report.outcome is Outcome.REFUSED
    assert report.reason in {Reason.AUTOMATED, Reason.NO_REPLY}
    assert world.sender.sent == []
    assert world.backend.of("meeting") == []


async def test_an_own_person_who_writes_with_a_sales_tool_is_answered():
    world = World()
    world.backend.users = {"sarah@acme.test"}
    message = letter(TALK, List_Unsubscribe="<mailto:u@track.example>")
    assert SUMMARY in await worked(world, message)


OWNER = "user of rosa@acme.test"


def owned(**changes) -> World:
    world = World(replace(MAILBOX, digest=Digest.OWNER, owner=OWNER, **changes))
    world.backend.users = {"rosa@acme.test"}
    return world


async def test_the_owner_gets_the_answer_where_the_mailbox_says_so():
    world = owned()
    assert SUMMARY in await worked(world, letter(TALK, **CARRIERS["note-taker"]))
    assert world.message()["To"] == "rosa@acme.test"
    assert world.record()["sent_by"] == "machine"


async def test_an_owner_who_is_gone_or_suppressed_gets_none():
    gone, suppressed = owned(), owned()
    gone.backend.users = set()
    suppressed.backend.suppressed.add("rosa@acme.test")
    for world in (gone, suppressed):
        assert await worked(world, letter(TALK, **CARRIERS["group"])) == ""


async def test_the_owner_is_not_told_of_what_carries_nothing_nor_of_bounces():
    for headers in (CARRIERS["bulk"], {"From": "MAILER-DAEMON@mx.test"}):
        world = owned()
        (report,) = await world.deliver(letter("Nothing to see.", **headers).as_bytes())
        assert report.outcome is Outcome.REFUSED
        assert world.sender.sent == []


# -- sealed files ---------------------------------------------------------------------------------------


def der(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    size = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return bytes([tag]) + size + body


def sealed_data(kind: int, inner: bytes) -> bytes:
    """CMS by hand (RFC 5652): kind 2 is signed-data, 3 is enveloped-data."""
    oid = bytes.fromhex("06092a864886f70d0107")
    held = der(0x30, oid + b"\x01", der(0xA0, der(0x04, inner)))
    signed = der(0x30, b"\x02\x01\x01", der(0x31), held, der(0x31))
    return der(0x30, oid + bytes([kind]), der(0xA0, signed))


def smime(kind: int, inner: bytes) -> bytes:
    head = letter().as_bytes().partition(b"\r\nContent-Type")[0]
    head += b'\r\nContent-Type: application/pkcs7-mime; name="smime.p7m"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return head + base64.encodebytes(sealed_data(kind, inner))


async def test_mail_that_is_only_signed_is_read():
    world = World()
    inner = EmailMessage(policy=email.policy.SMTP)
    inner.set_content("The talk.")
    inner.add_attachment(VTT, filename="call.vtt", subtype="vtt")
    (report,) = await world.deliver(smime(2, inner.as_bytes()))
    assert report.outcome is Outcome.PROCESSED
    assert SUMMARY in " ".join(world.message().get_body(("plain",)).get_content().split())


async def test_mail_that_is_encrypted_is_answered_with_what_to_do():
    world = World()
    (report,) = await world.deliver(smime(3, b"\x00" * 40))
    assert report.outcome is Outcome.PROCESSED
    said = " ".join(world.message().get_body(("plain",)).get_content().split())
    assert "smime.p7m: this mail is encrypted with S/MIME. Send it again without encryption." in said


@pytest.mark.parametrize(
    ("name", "kind", "advice"),
    [
        ("winmail.dat", "application/ms-tnef", "HTML"),
        ("talks.zip", "application/zip", "the file that is in it"),
        ("talk.m4a", "audio/mp4", "transcript"),
    ],
)
async def test_a_file_that_cannot_be_opened_is_named_with_what_to_do(name, kind, advice):
    message = letter("The talk is attached.")
    main, _, sub = kind.partition("/")
    message.add_attachment(b"\x00\x01", maintype=main, subtype=sub, filename=name)
    answer = await worked(World(), message)
    assert f"{name}: " in answer
    assert advice in answer


def captions(talk):
    cues = (f"00:00:{n * 5:02}.000 --> 00:00:{n * 5 + 4:02}.000\n{line}\n" for n, line in enumerate(talk.splitlines()))  # fmt: skip
    return "WEBVTT\n\n" + "\n".join(cues)


async def test_two_transcripts_are_two_meetings_in_one_answer():
    world, message = World(), letter("Both calls.", Subject="Two calls")
    message.add_attachment(VTT, filename="kiln.vtt", subtype="vtt")
    message.add_attachment(captions(OTHER_TALK), filename="ferry.vtt", subtype="vtt")
    text = await worked(world, message)
    assert text.index("Two calls: kiln.vtt") < text.index("Two calls: ferry.vtt")
    assert "Rosa Quint: Order the clay" in text
    assert "Lea Brun: Buy the tickets" in text
    record = world.record()
    assert record["meetings"][0]["meeting_id"] == record["meeting_id"]
    assert len({one["meeting_id"] for one in record["meetings"]}) == 2
    assert record["insights"] == record["meetings"][0]["insights"]
    assert len(world.backend.of("meeting")) == 2
    assert {one["status"] for one in world.backend.of("meeting")} == {"completed"}


async def test_a_talk_typed_beside_a_file_is_a_second_meeting():
    world, message = World(), letter(OTHER_TALK, Subject="Two calls")
    message.add_attachment(VTT, filename="kiln.vtt", subtype="vtt")
    text = await worked(world, message)
    assert "Two calls: kiln.vtt" in text
    assert "Two calls: in the mail" in text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("kiln_newChat.txt", "".join(f"10:0{n}:00 From Nils Aber to Everyone:\n\tyes {n}\n" for n in range(9))),
        ("kiln.txt", TALK),
    ],
    ids=["chat", "another format"],
)  # fmt: skip
async def test_what_belongs_to_a_recording_is_no_meeting_of_its_own(name, content):
    world, message = World(), letter("The files.", Subject="Kiln talk")
    message.add_attachment(content, filename=name)
    message.add_attachment(VTT, filename="kiln.transcript.vtt", subtype="vtt")
    text = await worked(world, message)
    assert SUMMARY in text
    assert "Order the clay" in text
    assert "meetings" not in world.record()
    assert len(world.backend.of("meeting")) == 1


async def test_what_is_too_much_for_one_mail_is_named():
    world, message = World(), letter("All calls.", Subject="Calls")
    for n in range(7):
        talk = OTHER_TALK.replace("Ivo Stam", f"Ivo {chr(65 + n)}stam").replace(
            "Lea Brun", f"Lea {chr(65 + n)}brun"
        )
        message.add_attachment(captions(talk), filename=f"call-{n}.vtt", subtype="vtt")
    text = await worked(world, message)
    assert "call-4.vtt" in text
    assert "Not analysed, because one mail holds at most 5 meetings: call-5.vtt, call-6.vtt." in text
