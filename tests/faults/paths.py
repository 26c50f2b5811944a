"""The ways that an email goes, each as one mail of fixed bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.llm_stub import Answer

BEGINNING = 1_760_032_800.0
"""2025-10-09T18:00:00Z: when every case begins, whatever the day."""
DELIVERY = "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1"
MEETINGS = "meetings@parley.local"
ORCHARD, ORCHARD_MAILBOX = "orchard", "notes@orchard.example"
MADE_UP = "We hereby sell the whole company"
"""What the stub quotes and nobody said."""

LINES = (
    ("Sarah Chen", "Good morning, I will send the pricing sheet by Friday."),
    ("Jennifer Liu", "Thanks. Then we start the pilot in May, that is decided."),
    ("Sarah Chen", "My worry is that the export is too slow for your café team."),
    ("Jennifer Liu", "It is. I'll ask Devon for the numbers — and call you on Monday."),
)
SPOKEN = tuple(text for _, text in LINES)

OTHER_LINES = (
    ("Dana Moss", "Welcome back, let us look at the harbour contract."),
    ("Sarah Chen", "I will send the signed contract to the harbour by Tuesday."),
    ("Dana Moss", "Good. We decided to keep the second crane."),
)


def _vtt(lines: tuple[tuple[str, str], ...]) -> str:
    return "WEBVTT\n" + "".join(
        f"\n{n + 1}\n00:00:{n * 10:02}.000 --> 00:00:{n * 10 + 9:02}.000\n{who}: {text}\n"
        for n, (who, text) in enumerate(lines)
    )


_VTT = _vtt(LINES)

SCRIPT: dict[str, Answer] = {
    "summary": {"text": "The pilot starts in May."},
    "action_items": {
        "items": [
            {
                "text": "Send the pricing sheet",
                "owner": "Sarah Chen",
                "due_date": "2025-10-10",
                "quote": "I will send the pricing sheet by Friday",
                "segment": 0,
            },
            {"text": "Sell it", "owner": "Sarah Chen", "due_date": None, "quote": MADE_UP, "segment": 1},
        ]
    },
    "key_topics": {"items": [{"topic": "Pricing", "quote": "pricing sheet by Friday", "segment": 0}]},
    "decisions": {"items": [{"text": "Start the pilot", "quote": "we start the pilot in May", "segment": 1}]},
    "sentiment": {
        "label": "positive",
        "score": 0.5,
        "relationship_health": "strong",
        "quote": "Thanks.",
        "segment": 1,
    },
    "follow_ups": {
        "items": [{"text": "Call on Monday", "due_date": None, "quote": "call you on Monday", "segment": 3}]
    },
    "risks": {
        "items": [
            {
                "text": "Slow export",
                "severity": "high",
                "quote": "the export is too slow for your café",
                "segment": 2,
            }
        ]
    },
}
EXTRACTORS = tuple(SCRIPT)

_HEAD = """Return-Path: <sarah.chen@company.com>
Date: Thu, 9 Oct 2025 10:52:31 -0700
From: Sarah Chen <sarah.chen@company.com>
To: {to}
Subject: {subject}
Message-ID: <{id}@mail.company.com>
MIME-Version: 1.0
"""

_TRANSCRIPT = (
    _HEAD
    + """Content-Type: multipart/mixed; boundary="=-part"

--=-part
Content-Type: text/plain; charset=utf-8

Who owes what?

--=-part
Content-Type: text/vtt; charset=utf-8; name="call.vtt"
Content-Disposition: attachment; filename="call.vtt"
Content-Transfer-Encoding: 8bit

{vtt}
--=-part--
"""
)

_FORWARDED = _TRANSCRIPT.replace(
    "{vtt}\n--=-part--\n",
    """{vtt}
--=-part
Content-Type: message/rfc822

From: Dana Moss <dana.moss@acmecorp.com>
To: Sarah Chen <sarah.chen@company.com>
Date: Wed, 8 Oct 2025 09:12:00 -0700
Subject: The harbour call
Message-ID: <harbour-1@mail.acmecorp.com>
MIME-Version: 1.0
Content-Type: text/vtt; charset=utf-8; name="harbour.vtt"
Content-Disposition: attachment; filename="harbour.vtt"

"""
    + _vtt(OTHER_LINES)
    + "\n--=-part--\n",
)

_INVITE = (
    _HEAD
    + """Content-Type: text/calendar; charset=utf-8; method=REQUEST

BEGIN:VCALENDAR
PRODID:-//Tests//Calendar//EN
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
UID:orchard-review-1@company.com
DTSTAMP:20251009T171200Z
SEQUENCE:0
DTSTART:20251014T150000Z
DTEND:20251014T154500Z
SUMMARY:Pilot review
ORGANIZER;CN=Sarah Chen:mailto:sarah.chen@company.com
ATTENDEE;CN=Lena Ortiz:mailto:lena.ortiz@acmecorp.com
ATTENDEE;CN=Devon Patel:mailto:devon.patel@acmecorp.com
END:VEVENT
END:VCALENDAR
"""
)

_AUTOMATED = (
    _HEAD
    + """Auto-Submitted: auto-replied
Content-Type: text/plain; charset=utf-8

I am away until Monday.
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """One mail and whom it is for. `meetings` and `replies`: how many it makes, over all its mailboxes."""

    name: str
    raw: bytes
    recipients: tuple[str, ...]
    model: bool = False
    outcome: str = "processed"
    meetings: int = 0
    insights: int = 0
    replies: int = 0
    sender: str = "sarah.chen@company.com"
    spoken: tuple[str, ...] = field(default=SPOKEN, repr=False)

    def env(self, llm_url: str) -> dict[str, str]:
        """Which analyser works on it."""
        if not self.model:
            return {"LLM_PROVIDER": "rules"}
        return {
            "LLM_PROVIDER": "openai",
            "LLM_BASE_URL": llm_url,
            "LLM_MODEL": "stub-1",
            "LLM_PRICES": "stub-1=1/2",
            "OPENAI_API_KEY": "sk-stub",
        }


def _mail(form: str, *, to: str, subject: str, ident: str) -> bytes:
    return form.format(to=to, subject=subject, id=ident, vtt=_VTT).encode()


TRANSCRIPT = Email(
    name="transcript",
    raw=_mail(_TRANSCRIPT, to=MEETINGS, subject="Pilot call", ident="pilot-1"),
    recipients=(MEETINGS,),
    model=True,
    meetings=1,
    insights=1,
    replies=1,
)
INVITE = Email(
    name="invite",
    raw=_mail(_INVITE, to=MEETINGS, subject="Invitation: Pilot review", ident="invite-1"),
    recipients=(MEETINGS,),
    meetings=1,
    replies=1,
)
TWO_MAILBOXES = Email(
    name="two mailboxes",
    raw=_mail(_TRANSCRIPT, to=f"{MEETINGS}, {ORCHARD_MAILBOX}", subject="Pilot call", ident="two-1"),
    recipients=(MEETINGS, ORCHARD_MAILBOX),
    meetings=2,
    insights=2,
    replies=2,
)
TWO_TRANSCRIPTS = Email(
    name="two transcripts",
    raw=_mail(_FORWARDED, to=MEETINGS, subject="Two calls", ident="calls-1"),
    recipients=(MEETINGS,),
    meetings=2,
    insights=2,
    replies=1,
    spoken=(*SPOKEN, *(text for _, text in OTHER_LINES)),
)
REFUSED = Email(
    name="refused",
    raw=_mail(_AUTOMATED, to=MEETINGS, subject="Away", ident="away-1"),
    recipients=(MEETINGS,),
    outcome="refused",
)
PATHS: dict[str, Email] = {p.name: p for p in (TRANSCRIPT, INVITE, TWO_MAILBOXES, TWO_TRANSCRIPTS, REFUSED)}
