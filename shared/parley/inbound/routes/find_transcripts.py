"""Find the transcripts of an email: in its attachments, else in its text or in an enclosed email."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace

from parley.errors import TranscriptError
from parley.mail.automated import automated
from parley.mail.email import Attachment, InboundEmail
from parley.mail.quoted_messages import messages_in
from parley.transcripts import find_in_text, find_notes, is_transcript_file, parse_transcript
from parley.transcripts.same_talk import CHATS, belong_together, is_same_talk, with_chat
from parley.transcripts.transcript import Transcript

CUES = frozenset({"webvtt", "srt", "sbv"})
MOST_TALKS = 5
"""Transcripts of one email that are analysed."""


@dataclass(frozen=True, slots=True)
class Found:
    """The transcript to work on, or why the one that was sent cannot be read.

    `name` is its file's, None in a text. `recording`: it came as a file of cues.
    `quoted`: it stands in a mail that the sender quotes or forwards. `written` is
    when the mail in which it stands was sent, where that is another mail. `more`
    are transcripts of other talks in the same email, `left_out` the names of
    those beyond MOST_TALKS.
    """

    transcript: Transcript | None
    problem: str | None = None
    name: str | None = None
    recording: bool = False
    quoted: bool = False
    written: datetime.datetime | None = None
    more: tuple[Found, ...] = ()
    left_out: tuple[str, ...] = ()


def find_transcript(email: InboundEmail, ours: frozenset[str] = frozenset()) -> Found | None:
    """The transcripts of the attachments and of what was typed beside them, else the first in the text.

    The text is what was typed, quoted, or enclosed. A file that is a transcript by
    its name and cannot be read is a problem to tell, as is one that cannot be
    opened; any other attachment that holds none is simply none. What is quoted
    from `ours` is no speech.
    """
    problems: list[str] = []
    files = _talks([*_in_files(email, problems)])
    if files and (typed := find_in_text(messages_in(email.body)[0].text, arrived=_day_of(email))):
        files = _talks([*files, Found(typed)])
    best = _gathered(files) if files else _in_text(email, ours) or _notes(email, ours)
    if best is not None:
        return best
    sealed = (why for part in email.with_enclosed() for why in part.sealed)
    problem = next(iter(problems), None) or next(sealed, None)
    return Found(None, problem) if problem else None


def _in_files(email: InboundEmail, problems: list[str]) -> Iterator[Found]:
    for part in email.with_enclosed():
        for attachment in part.attachments:
            if not is_transcript_file(attachment.filename, attachment.content_type):
                continue
            try:
                transcript = _read(attachment, _day_of(part) or _day_of(email))
            except TranscriptError as error:
                problems.append(f"{attachment.filename or 'the attachment'}: {error}")
                continue
            written = part.date if part is not email else None
            yield Found(
                transcript, name=attachment.filename, recording=transcript.format in CUES, written=written
            )


def _talks(found: list[Found]) -> list[Found]:
    """One for each talk, in the order sent: the best of its files, and the chat beside the recording."""
    chats = [one for one in found if _format(one) in CHATS]
    talks: list[Found] = []
    for one in found:
        if one in chats and any(other.recording for other in found):
            continue
        at = next((n for n, other in enumerate(talks) if _is_same(one, other)), None)
        if at is None:
            talks.append(one)
        elif _rank(one) > _rank(talks[at]):
            talks[at] = one
    for chat in chats:
        _add_chat(talks, chat)
    return talks


def _add_chat(talks: list[Found], chat: Found) -> None:
    """Put a chat behind its recording: the only one, or the one whose file is named like it."""
    recordings = [n for n, one in enumerate(talks) if one.recording]
    named = [n for n in recordings if belong_together(talks[n].name, chat.name)]
    at = named[0] if named else recordings[0] if len(recordings) == 1 else None
    if at is None:
        if chat not in talks:
            talks.append(chat)
        return
    recording, written = talks[at].transcript, chat.transcript
    assert recording is not None
    assert written is not None
    talks[at] = replace(talks[at], transcript=with_chat(recording, written))


def _format(found: Found) -> str:
    return found.transcript.format if found.transcript else ""


def _is_same(one: Found, other: Found) -> bool:
    assert one.transcript is not None
    assert other.transcript is not None
    return is_same_talk(one.transcript, other.transcript)


def _gathered(talks: list[Found]) -> Found:
    """The best talk first, so that it stands for the email where one has to; then the others as sent."""
    first = max(talks, key=_rank)
    others = [one for one in talks if one is not first]
    left_out = tuple(one.name or "the text of the mail" for one in others[MOST_TALKS - 1 :])
    return replace(first, more=tuple(others[: MOST_TALKS - 1]), left_out=left_out)


def _rank(found: Found) -> tuple[bool, int]:
    """What was recorded goes before what was written beside it; then the longer goes first."""
    return found.recording, len(found.transcript.segments) if found.transcript else 0


def _in_text(email: InboundEmail, ours: frozenset[str]) -> Found | None:
    """A transcript in what was typed, then in what is quoted below it, then in an enclosed email."""
    for part in email.with_enclosed():
        if (part is not email and _answered_by_machine(part)) or any(
            one.body == part.body for one in part.enclosed
        ):
            continue
        typed, *quoted = messages_in(part.body)
        if found := find_in_text(typed.text, arrived=_day_of(part)):
            return Found(found, written=part.date if part is not email else None)
        for message in quoted:
            if message.sender and message.sender.address.lower() in ours:
                continue
            if found := find_in_text(message.text, arrived=_day_of(part)):
                return Found(found, quoted=True, written=message.sent_before(_day_of(email)))
    return None


def _notes(email: InboundEmail, ours: frozenset[str]) -> Found | None:
    """Notes or a recap with lists of actions or decisions: typed, or forwarded."""
    typed, *quoted = messages_in(email.body)
    if found := find_notes(typed.text):
        return Found(found)
    for message in quoted if email.forwarded else ():
        if message.sender and message.sender.address.lower() in ours:
            continue
        if found := find_notes(message.text):
            return Found(found, quoted=True, written=message.sent_before(_day_of(email)))
    return None


def _answered_by_machine(email: InboundEmail) -> bool:
    """Whether an enclosed email is a machine's answer, ours among them."""
    found = automated(email)
    return found is not None and not found.carries


def _day_of(email: InboundEmail) -> datetime.date | None:
    return email.date.date() if email.date else None


def _read(attachment: Attachment, arrived: datetime.date | None) -> Transcript:
    return parse_transcript(
        attachment.content,
        filename=attachment.filename,
        content_type=attachment.content_type,
        charset=attachment.charset,
        arrived=arrived,
    )
