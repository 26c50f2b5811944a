"""Who wrote an email: a person, a responder, a list, or a mail system."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from parley.mail.automated import Automated, automated, automated_reason, is_invitation
from parley.mail.email import Address, Attachment, InboundEmail


def mail(
    *headers: tuple[str, str],
    sender: str = "ann@mill.example",
    name: str = "Ann Lee",
    subject: str = "The wheel",
    body: str = "I can mend it on Friday.",
    attachments: tuple[Attachment, ...] = (),
    in_reply_to: tuple[str, ...] = (),
) -> InboundEmail:
    address = Address(name, sender)
    own = [(key.lower(), value) for key, value in headers]
    if not any(key == "from" for key, _ in own):
        own.append(("from", str(address)))
    return InboundEmail(
        message_id="m@mill.example",
        from_=address if sender else None,
        senders=(address,) if sender else (),
        to=(),
        cc=(),
        reply_to=(),
        subject=subject,
        date=datetime(2026, 1, 5, tzinfo=UTC),
        in_reply_to=in_reply_to,
        references=in_reply_to,
        headers=tuple(own),
        body=body,
        text=body,
        html=None,
        attachments=attachments,
        content_hash="",
        size=len(body),
    )


def part(content_type: str, content: bytes = b"", filename: str | None = None) -> Attachment:
    return Attachment(filename=filename, content_type=content_type, content=content)


ANSWERED = ("Auto-Submitted", "auto-replied")
REPORT = 'multipart/report; report-type=delivery-status; boundary="x"'

BOUNCES = {
    "report": mail(("Content-Type", REPORT)),
    "complaint": mail(("Content-Type", "multipart/report; report-type=feedback-report")),
    "report cut short": mail(
        ("Content-Type", "multipart/report; report-type=de"), attachments=(part("message/rfc822"),)
    ),
    "status part": mail(("Content-Type", "multipart/mixed"), attachments=(part("message/delivery-status"),)),
    "failed recipients": mail(("X-Failed-Recipients", "bo@lake.example")),
    "null return path": mail(("Return-Path", "<>")),
    "daemon": mail(sender="MAILER-DAEMON@mx.example", name="", subject="hello"),
    "daemon's return path": mail(("Return-Path", "<MAILER-DAEMON>")),
    "no sender at all": mail(("From", "<>"), sender=""),
    "daemon's name": mail(sender="x@mx.example", name="Mail Delivery Subsystem"),
    "postmaster": mail(sender="postmaster@mx.example", subject="Undeliverable: The wheel"),
    "postmaster, German": mail(sender="postmaster@mx.example", subject="Unzustellbar: Das Rad"),
    "postmaster, Japanese": mail(sender="postmaster@mx.example", subject="メッセージを配信できません。"),
    "postmaster with a code": mail(
        sender="postmaster@mx.example", subject="Rad", body="bo@lake.example: 550 5.1.1 unknown"
    ),
    "text": mail(
        sender="system@mx.example",
        subject="Failure notice",
        body="Your message could not be delivered to bo@lake.example",
    ),
    "complaint without a part": mail(
        sender="staff@post.example", subject="complaint about message from 192.0.2.1"
    ),
    "SES note": mail(
        sender="x@sns.example", body='{"notificationType":"Bounce","bounce":{"bounceType":"Permanent"}}'
    ),
    "SES note in SNS": mail(
        sender="x@sns.example", body='{"Type":"Notification","Message":"{\\"eventType\\":\\"Complaint\\"}"}'
    ),
}


@pytest.mark.parametrize("case", BOUNCES)
def test_bounces_and_complaints(case):
    assert automated_reason(BOUNCES[case]) == "bounce"


def test_the_envelope_knows_a_bounce_too():
    assert automated_reason(mail(), envelope_sender="") == "bounce"
    assert automated_reason(mail(), envelope_sender="<>") == "bounce"
    assert automated_reason(mail(), envelope_sender="mailer-daemon@mx.example") == "bounce"
    assert automated_reason(mail(), envelope_sender="ann@mill.example") is None


def test_a_responder_with_the_null_return_path_is_no_bounce():
    assert automated_reason(mail(ANSWERED, ("Return-Path", "<>"), subject="Away")) == "automated"
    assert automated_reason(mail(ANSWERED, ("Return-Path", "<>"), subject="Undelivered Mail")) == "bounce"


AUTOMATED = {
    "generated": mail(("Auto-Submitted", "auto-generated")),
    "replied": mail(("Auto-Submitted", "Auto-Replied (vacation)")),
    "notified": mail(("Auto-Submitted", "auto-notified; owner-email=x")),
    "list": mail(("List-Id", "<mill.lists.example>")),
    "newsletter": mail(("List-Unsubscribe", "<mailto:x@lists.example>")),
    "bulk": mail(("Precedence", "bulk")),
    "junk": mail(("Precedence", "Junk")),
    "precedence of a list": mail(("Precedence", "list")),
    "autoreply header": mail(("X-Autoreply", "yes")),
    "autorespond header": mail(("X-Autorespond", "")),
    "Apple's vacation": mail(("X-Apple-Action", "VACATION")),
    "read receipt": mail(attachments=(part("message/disposition-notification"),)),
    "away, in answer": mail(subject="Out of the office until Monday", in_reply_to=("m@lake.example",)),
    "away, suppressing": mail(("X-Auto-Response-Suppress", "All"), subject="Abwesend bis Montag"),
    "away, by its subject an answer": mail(subject="Out of office Re: The dam"),
}
AUTO_SUBJECTS = [
    "Auto: The wheel",
    "Out of Office: The wheel",
    "Automatic reply: The wheel",
    "Autoreply: The wheel",
    "Automatische Antwort: Das Rad",
    "Abwesenheitsnotiz: Das Rad",
    "Réponse automatique : La roue",
    "Respuesta automática: La rueda",
    "Resposta automática: A roda",
    "Risposta automatica: La ruota",
    "Automatisch antwoord: Het wiel",
    "Odpowiedź automatyczna: Koło",
    "Autosvar: Hjulet",
    "Automatikus válasz: A kerék",
    "Automatická odpověď: Kolo",
    "Автоматический ответ: Колесо",
    "自動応答: 水車",
    "自动答复: 磨坊",
]


@pytest.mark.parametrize("case", AUTOMATED)
def test_machines_that_say_so(case):
    assert automated_reason(AUTOMATED[case]) == "automated"


@pytest.mark.parametrize("subject", AUTO_SUBJECTS)
def test_the_subjects_of_responders(subject):
    assert automated_reason(mail(subject=subject)) == "automated"


@pytest.mark.parametrize(
    "sender",
    [
        "noreply@mill.example",
        "no-reply@mill.example",
        "No_Reply@mill.example",
        "do-not-reply@mill.example",
        "donotreply@mill.example",
        "meetings-noreply@mill.example",
        "noreply+ab12@mill.example",
        "nicht-antworten@mill.example",
        "ne-pas-repondre@mill.example",
        "nao-responda@mill.example",
    ],
)
def test_senders_that_read_no_answer(sender):
    assert automated_reason(mail(sender=sender)) == "no_reply"


ORDINARY = {
    "plain": mail(),
    "says that it is no machine": mail(("Auto-Submitted", "no")),
    "Outlook": mail(("X-Auto-Response-Suppress", "DR, OOF, AutoReply")),
    "first class": mail(("Precedence", "first-class")),
    "own return path": mail(("Return-Path", "<ann@mill.example>")),
    "autoreply switched off": mail(("X-Autoreply", "no")),
    "about a bounce": mail(
        subject="Re: Undelivered Mail Returned to Sender", body="550 5.1.1 user unknown, it says."
    ),
    "forwards a bounce": mail(subject="Fwd: Failure notice", attachments=(part("message/delivery-status"),)),
    "asks about a bounce": mail(
        ("X-Mailer", "Apple Mail"),
        subject="Mail delivery failed?",
        body="It says 550 5.1.1 user unknown. Why?",
    ),
    "speaks of delivery": mail(subject="Delivery failed to arrive?", body="The flour has not come."),
    "plans to be away": mail(subject="Out of office next week", body="Let us meet the week after."),
    "postmaster in person": mail(sender="postmaster@mill.example", subject="New mail server"),
    "a name like a daemon's": mail(sender="damon.bounce@mill.example"),
    "a name like no-reply": mail(sender="norepa@mill.example"),
    "encloses a mail": mail(subject="See this", attachments=(part("message/rfc822"),)),
    "two senders": mail(sender="", subject="hello"),
    "answers that it is away": mail(subject="Re: Out of office", in_reply_to=("m@lake.example",)),
}


@pytest.mark.parametrize("case", ORDINARY)
def test_no_false_alarm_on_what_people_write(case):
    assert automated(ORDINARY[case]) is None


TALK = """Nora Falk: The mill wheel account does not exist in the old books.
Timo Berg: Then the order was not found. I will look again by Tuesday.
Nora Falk: A complaint has been rejected over 450 sacks.
Timo Berg: We agreed to send new ones."""
VTT = part("text/vtt", b"WEBVTT", "call.vtt")

# Subject, headers, attachments and text as people send them: nothing in them is a machine's own mark.
PEOPLE = {
    "Auto: as a trade": mail(subject="Auto: leasing call with the mill", body=TALK),
    "a product that answers": mail(subject="Autoresponder redesign, Tuesday's talk", body=TALK),
    "a product, in a thread": mail(
        subject="Auto-reply - copy review", body=TALK, in_reply_to=("a@x.example",)
    ),
    "German product": mail(subject="Automatische Antworten im Helpdesk: Protokoll", body=TALK),
    "leave is the topic": mail(
        ("X-Auto-Response-Suppress", "DR, OOF"), subject="Annual leave rota call", body=TALK
    ),
    "leave, in a thread": mail(subject="OOO cover for June", body=TALK, in_reply_to=("a@x.example",)),
    "leave, with a file": mail(subject="Vacation plan", attachments=(VTT,), in_reply_to=("a@x.example",)),
    "French leave": mail(subject="Congés d'août : compte rendu", body=TALK, in_reply_to=("a@x.example",)),
    "longer than a notice": mail(
        subject="Away day",
        body="\n".join(f"We walk {n} miles." for n in range(25)),
        in_reply_to=("a@x.example",),
    ),
    "a lost parcel": mail(subject="Delivery failed again at the mill", body=TALK),
    "a lost parcel, in prose": mail(
        subject="Delivery problem", body="We were unable to deliver 450 sacks.\n\nAnn\nann@mill.example"
    ),
    "software that sends": mail(subject="Message delivery: 550 and 5.1.1 explained", body=TALK),
    "staff": mail(sender="staff@mill.example", subject="Delivery report for May", body=TALK),
    "a bounce to look at": mail(subject="Undeliverable parcels", attachments=(VTT,)),
}


@pytest.mark.parametrize("case", PEOPLE)
def test_what_people_write_about_machines_is_theirs(case):
    assert automated(PEOPLE[case]) is None


RETURNED = """The following came back.

   Received: from lake.example by mx.example; Mon, 5 Jan 2026 10:00:00 +0000
   Message-ID: <m@mill.example>
   Subject: The wheel"""

MACHINES = {
    "postmaster with a dash": mail(sender="post-master@gw.example", body="Error 550 - no such user here"),
    "postmaster who answers": mail(
        sender="post_master@gw.example",
        subject="Re: wheel",
        body="mailbox full",
        in_reply_to=("a@x.example",),
    ),
    "list manager's loop": mail(sender="owner-mill@lists.example", subject="Loop alert", body=RETURNED),
    "list manager, German": mail(sender="mill-request@lists.example", subject="Mail unzustellbar", body="?"),
    "returned headers": mail(sender="sysadmin@gw.example", subject="Undeliverable: The wheel", body=RETURNED),
    "returned headers, Polish": mail(sender="a@gw.example", subject="Zwrot wiadomości", body=RETURNED),
    "returned header part": mail(
        sender="a@gw.example", subject="Delivery report", attachments=(part("text/rfc822-headers"),)
    ),
}


@pytest.mark.parametrize("case", MACHINES)
def test_what_mail_systems_return_is_a_bounce(case):
    assert automated_reason(MACHINES[case]) == "bounce"


CARRIERS = {
    "group": mail(("List-Id", "<mill.lists.example>")),
    "old list": mail(("X-ML-Name", "mill")),
    "note-taker": mail(("Auto-Submitted", "auto-generated")),
    "bulk": mail(("Precedence", "bulk")),
    "no-reply": mail(sender="no-reply@notes.example"),
    "unsubscribe": mail(("List-Unsubscribe", "<mailto:x@notes.example>")),
    "an answer through a group": mail(("List-Id", "<mill>"), in_reply_to=("a@x.example",)),
}


@pytest.mark.parametrize("case", CARRIERS)
def test_some_machines_carry_what_is_worth_reading(case):
    found = automated(CARRIERS[case])
    assert found is not None
    assert found.carries
    assert found.bulk_mark == (case == "unsubscribe")


@pytest.mark.parametrize(
    "answer",
    [
        mail(ANSWERED),
        mail(("Auto-Submitted", "auto-generated"), in_reply_to=("a@x.example",)),
        mail(("Precedence", "bulk"), in_reply_to=("a@x.example",)),
        mail(("X-Autoreply", "yes")),
        mail(subject="Automatic reply: The wheel"),
        mail(("Return-Path", "<>")),
    ],
)
def test_a_machine_that_answers_carries_nothing(answer):
    found = automated(answer)
    assert found is not None
    assert not found.carries


def test_the_evidence_names_the_header():
    assert automated(mail(("Precedence", "bulk"))) == Automated("automated", "Precedence: bulk", carries=True)
    assert automated(mail(("List-Id", "<x>"))) == Automated("automated", "list-id", carries=True)
    assert automated(mail(sender="noreply@mill.example")) == Automated(
        "no_reply", "From: noreply", carries=True
    )


def test_invitations_are_told_apart():
    request = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
    google = mail(("Auto-Submitted", "auto-generated"), attachments=(part("text/calendar", request),))
    assert automated_reason(google) == "automated"
    assert is_invitation(google)
    assert is_invitation(mail(attachments=(part("application/octet-stream", request, "invite.ics"),)))
    assert not is_invitation(
        mail(attachments=(part("text/calendar", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),))
    )
    assert not is_invitation(mail(attachments=(part("text/plain", request),)))
    assert not is_invitation(mail())
