"""Bounces and auto-replies found, and false alarms on other mail.

Run from the checkout: `python -m benchmarks.automated`. It needs the corpora
(PARLEY_CORPORA, or shared/corpora beside the checkout).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from parley.errors import QuarantineError, SenderError
from parley.mail.automated import Automated, automated
from parley.mail.mime import parse_email

ROOT = Path(__file__).resolve().parents[1]
ORDINARY = (
    "mikel-mail-fixtures",
    "stalwart-mail-parser",
    "cpython-test-email",
    "rails-actionmailbox",
    "talon-fixtures",
)
_HEAD = re.compile(rb"\r?\n\r?\n|\r\r")
_SIGNED = re.compile(
    rb"multipart/report|message/delivery-status|^(?:auto-submitted:(?!\s*no\b)|list-id:|list-unsubscribe:|"
    rb"x-mailman-version:|precedence:\s*(?:bulk|junk|list|auto_reply)|return-path:\s*<>|"
    rb"from:.*(?:no-?reply|mailer-daemon|postmaster|mail delivery))",
    re.IGNORECASE | re.MULTILINE,
)


def mails(folder: Path) -> Iterator[tuple[Path, Automated | None]]:
    for file in sorted(folder.rglob("*")):
        if file.suffix == ".eml" or file.name.startswith("msg_"):
            yield file, _judged(file.read_bytes())


def _judged(raw: bytes) -> Automated | None:
    try:
        return automated(parse_email(raw))
    except (SenderError, QuarantineError):
        return None


def missed_bounces(found: list[tuple[Path, Automated | None]]) -> tuple[list[str], int]:
    """The machine mails that were not recognised, and how many there are in all."""
    bounces = [(file, answer) for file, answer in found if "not-bounce" not in file.parts]
    return [file.name for file, answer in bounces if answer is None], len(bounces)


def false_alarms(root: Path) -> tuple[list[str], int]:
    """Ordinary mails that were stopped though their raw headers show no sign, and how many there are.

    The signs are read without Parley: RFC 3834's and RFC 3464's headers and the
    names that machines send from.
    """
    alarms, ordinary = [], 0
    for file, answer in (one for name in ORDINARY for one in mails(root / name)):
        signed = bool(_SIGNED.search(_HEAD.split(file.read_bytes(), maxsplit=1)[0]))
        ordinary += not signed
        if answer and not signed:
            alarms.append(file.name)
    return alarms, ordinary


def recall(folder: Path) -> None:
    found = list(mails(folder))
    missed, total = missed_bounces(found)
    print(f"bounces and auto-replies: {total - len(missed)}/{total}")
    print(f"missed: {' '.join(missed) or 'none'}")
    counts = Counter(answer.evidence for _, answer in found if answer)
    for evidence, count in counts.most_common():
        print(f"  {count:4} {evidence}")


def alarms(folder: Path) -> None:
    """What is stopped elsewhere, with its evidence: a person reads whether it is right."""
    found = list(mails(folder))
    stopped = [(file, answer) for file, answer in found if answer]
    print(f"\n{folder.name}: {len(stopped)} of {len(found)} stopped")
    for file, answer in stopped:
        print(f"  {file.name:55} {answer.reason:10} {answer.evidence}")


def main() -> None:
    folder = Path(os.environ.get("PARLEY_CORPORA") or ROOT.parent / "shared" / "corpora")
    if not folder.is_dir():
        print("no corpora: set PARLEY_CORPORA to a folder that holds them; nothing measured")
        return
    recall(folder / "sisimai-set-of-emails")
    for name in ORDINARY:
        if (folder / name).is_dir():
            alarms(folder / name)


if __name__ == "__main__":
    main()
