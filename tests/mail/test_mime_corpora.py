"""Real mail that nobody here wrote, where it is at hand: no traceback, and nothing readable left empty."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from parley.errors import QuarantineError, SenderError
from parley.mail.mime import parse_email

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETS = {
    "cpython-test-email": "**/msg_*.txt",
    "mikel-mail-fixtures": "**/*.eml",
    "stalwart-mail-parser": "**/*.eml",
    "sisimai-set-of-emails": "maildir/**/*.eml",
    "rails-actionmailbox": "**/*.eml",
    "talon-fixtures": "**/standard_replies/*.eml",
}


@pytest.mark.parametrize("name", SETS)
def test_real_mail_is_read(corpora: Path, name: str) -> None:
    files = sorted((corpora / name).glob(SETS[name]))
    if not files:
        pytest.skip(f"no mails of {name} in {corpora}")
    for path in files:
        raw = path.read_bytes()
        try:
            email = parse_email(raw)
        except (SenderError, QuarantineError) as error:
            pytest.fail(f"{path} was not read: {error}")
        assert email.body.strip() or email.attachments or not _has_text(raw), path


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_real_mail_reads_the_same_whatever_its_line_ends(corpora: Path, end: bytes) -> None:
    files = sorted((corpora / "sisimai-set-of-emails" / "maildir").glob("**/*.eml"))[::4]
    for path in files:
        raw = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        plain, changed = parse_email(raw), parse_email(raw.replace(b"\n", end))
        assert (changed.subject, changed.senders, changed.message_id) == (
            plain.subject,
            plain.senders,
            plain.message_id,
        )
        assert changed.body.split() == plain.body.split(), path
        assert len(changed.attachments) == len(plain.attachments)


def test_subjects_and_senders_are_as_labelled(corpora: Path) -> None:
    subjects = senders = 0
    for path, expected in _labelled(corpora / "stalwart-mail-parser"):
        email = parse_email(path.read_bytes())
        headers = {header["name"]: header["value"] for header in reversed(expected["parts"][0]["headers"])}
        if isinstance(headers.get("subject"), dict):
            assert email.subject.split() == headers["subject"]["Text"].split(), path
            subjects += 1
        if "from" in headers:
            assert [a.address for a in email.senders] == list(_addresses(headers["from"])), path
            senders += 1
    assert subjects
    assert senders


def _has_text(raw: bytes) -> bool:
    """Whether anything but blanks and boundaries follows the first empty line."""
    head, _, body = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").partition(b"\n\n")
    return bool(body.strip()) and b"multipart" not in head.lower()


def _labelled(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.rglob("*.eml")):
        label = path.with_suffix(".json")
        if label.is_file():
            yield path, json.loads(label.read_text())


def _addresses(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("address"), str):
            yield value["address"]
        else:
            for inner in value.values():
                yield from _addresses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _addresses(inner)
