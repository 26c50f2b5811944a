"""Every file of the corpora through the whole pipeline core, and how far the reading agrees with labels."""

from __future__ import annotations

import email
import email.policy
import importlib
import json
import re
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Any

import chardet

from parley.errors import QuarantineError, SenderError
from parley.mail.charsets import decode
from parley.mail.email import InboundEmail
from parley.mail.html_to_text import html_to_text
from parley.mail.mailbox import Mailbox, Purpose
from parley.mail.mime import parse_email

BOX = "meetings@parley.test"
MAILS = (".eml",)
FILES = (".vtt", ".srt", ".sbv", ".txt", ".log", ".json", ".docx", ".md", ".ics")
NOT_DATA = ("NOTE.md", "LICENSE", "gold_index.json", "tldr.json", "expected_labels.tsv")
_TAG = re.compile(r"<[^<>]{0,2000}>")


@dataclass
class SetResult:
    """What one set came to: counts of outcomes and routes, and whatever went wrong by file name."""

    name: str
    files: int = 0
    mails: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    cr_only: int = 0
    cr_lost: list[str] = field(default_factory=list)


def is_mail(path: Path) -> bool:
    return path.suffix in MAILS or path.name.startswith("msg_")


def files_of(folder: Path) -> list[Path]:
    """Mails as they are, and files that a person would attach to one; a set of mails has no others."""
    found = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name not in NOT_DATA]
    mails = [p for p in found if is_mail(p)]
    return mails or [p for p in found if p.suffix in FILES]


def world() -> Any:
    """The pipeline on the fakes of the tests, which keep the real contracts."""
    made = importlib.import_module("tests.inbound.test_pipeline").World
    demo = importlib.import_module("tests.support").DEMO
    return made(Mailbox(BOX, demo, Purpose.MEETINGS, members=("*",), require_auth=False))


async def work(folder: Path) -> SetResult:
    """One set, every file in a world of its own: many sets hold one mail several times."""
    result = SetResult(folder.name)
    for path in files_of(folder):
        result.files += 1
        await _one(world(), path, _raw(path, result), result)
    return result


def _raw(path: Path, result: SetResult) -> bytes:
    raw = path.read_bytes()
    if not is_mail(path):
        return attached(path, raw)
    result.mails += 1
    _look(path, raw, result)
    return raw


async def _one(here: Any, path: Path, raw: bytes, result: SetResult) -> None:
    try:
        (report,) = await here.deliver(raw, to=(BOX,))
    except Exception as error:  # noqa: BLE001 - to count them is what this is for
        last = traceback.extract_tb(sys.exc_info()[2])[-1]
        result.errors.append(f"{path.name}: {type(error).__name__} at {last.name}:{last.lineno}")
        result.ends["traceback"] += 1
        return
    result.ends[f"{report.outcome}{f' {report.reason}' if report.reason else ''}"] += 1
    result.routes[here.record()["route"] or "none"] += 1


def attached(path: Path, content: bytes) -> bytes:
    """The mail with which a person sends this file."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = "Sarah Chen <sarah@acme.test>"
    message["To"] = BOX
    message["Subject"] = path.stem
    message["Message-ID"] = f"<{abs(hash(str(path)))}@acme.test>"
    message.set_content("Please see the attached file.")
    kind = ("text", "calendar") if path.suffix == ".ics" else ("application", "octet-stream")
    message.add_attachment(content, maintype=kind[0], subtype=kind[1], filename=path.name)
    return message.as_bytes()


def _look(path: Path, raw: bytes, result: SetResult) -> None:
    """Whether what the standard library can read with a lenient decode is read, also with bare CR."""
    found, readable = parsed(raw), lenient(raw)
    if readable and (found is None or not (found.body.strip() or found.attachments)):
        result.empty.append(path.name)
    if found is None or not readable:
        return
    bare = parsed(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r"))
    result.cr_only += 1
    if bare is None or (bool(bare.body.strip()), bare.subject) != (bool(found.body.strip()), found.subject):
        result.cr_lost.append(path.name)


def parsed(raw: bytes) -> InboundEmail | None:
    try:
        return parse_email(raw)
    except (SenderError, QuarantineError):
        return None


def lenient(raw: bytes) -> str:
    """The text that `walk()` and a forgiving decode find; "" also where they raise."""
    try:
        message = email.message_from_bytes(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        return "\n".join(_texts(message)).strip()
    except (LookupError, ValueError, AttributeError, TypeError, RecursionError):
        return ""


def _texts(message: Message) -> Iterator[str]:
    for part in message.walk():
        if (
            part.get_content_type() not in ("text/plain", "text/html")
            or part.get_content_disposition() == "attachment"
        ):
            continue
        payload = part.get_payload(decode=True)
        text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
        yield _TAG.sub(" ", text).replace("&nbsp;", " ").replace("\x00", "").strip()


# -- expected parses ---------------------------------------------------------------------


def stalwart(folder: Path) -> dict[str, tuple[int, int]]:
    """Agreement with the expected parses, by field: how many agree, of how many that are labelled."""
    tally: dict[str, list[bool]] = {name: [] for name in ("subject", "from", "text", "attachment count")}
    for path in sorted(folder.rglob("*.eml")):
        label = path.with_suffix(".json")
        found = parsed(path.read_bytes())
        if label.is_file() and found:
            _compare(found, json.loads(label.read_text()), tally)
    return {name: (sum(agree), len(agree)) for name, agree in tally.items()}


def _compare(found: InboundEmail, label: dict[str, Any], tally: dict[str, list[bool]]) -> None:
    headers = {h["name"]: h["value"] for h in reversed(label["parts"][0]["headers"])}
    if isinstance(headers.get("subject"), dict) and "Text" in headers["subject"]:
        tally["subject"].append(found.subject.split() == headers["subject"]["Text"].split())
    if "from" in headers:
        tally["from"].append([a.address for a in found.senders] == list(_addresses(headers["from"])))
    texts = [_label_text(label["parts"][n]["body"]) for n in label["text_body"]]
    if texts:
        tally["text"].append(found.body.split() == " ".join(texts).split())
    tally["attachment count"].append(len(found.attachments) == len(label["attachments"]))


def _label_text(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    return str(body.get("Text", "")) or (html_to_text(body["Html"]) if "Html" in body else "")


def _addresses(value: object) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(value.get("address"), str):
        local, _, domain = value["address"].rpartition("@")
        yield f"{local}@{domain.lower()}"
        return
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from _addresses(one)


# -- charsets ----------------------------------------------------------------------------


@dataclass
class Charsets:
    """Parts outside ASCII whose declared charset fits: who reads how many the same without it."""

    parts: int = 0
    ours: int = 0
    chardet: int = 0
    missed: list[str] = field(default_factory=list)


def charsets(folders: list[Path]) -> Charsets:
    result, seen = Charsets(), set()
    for path in (p for folder in folders for p in files_of(folder) if is_mail(p)):
        for body, charset in _declared(path.read_bytes()):
            if body not in seen:
                seen.add(body)
                _guess(body, charset, result, path.name)
    return result


def _guess(body: bytes, charset: str, result: Charsets, name: str) -> None:
    # As everybody reads it: what is called Latin-1 and holds other bytes is cp1252.
    wanted = decode(body, charset).split()
    same = decode(body, None).split() == wanted
    result.parts += 1
    result.ours += same
    result.chardet += _by_chardet(body) == wanted
    if not same:
        result.missed.append(f"{name} ({charset})")


def _by_chardet(body: bytes) -> list[str]:
    return decode(body, chardet.detect(body)["encoding"] or "ascii").split()


def _declared(raw: bytes) -> Iterator[tuple[bytes, str]]:
    try:
        parts = list(email.message_from_bytes(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).walk())
    except (ValueError, AttributeError, RecursionError):
        return
    for part in parts:
        charset, body = part.get_content_charset(), part.get_payload(decode=True)
        if not (charset and isinstance(body, bytes) and part.get_content_maintype() == "text"):
            continue
        try:
            text = body.decode(charset)
        except (LookupError, ValueError):
            continue
        # With a NUL in it, it is a picture that is called text, whatever charset "fits".
        if not text.isascii() and "\x00" not in text:
            yield body, charset
