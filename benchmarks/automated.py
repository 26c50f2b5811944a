"""Bounces and auto-replies found, and false alarms on other mail.

Run from the checkout: `python benchmarks/automated.py`. It needs the corpora
(PARLEY_CORPORA, or shared/corpora beside the checkout).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

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


def mails(folder: Path) -> Iterator[tuple[Path, Automated | None]]:
    for file in sorted(folder.rglob("*")):
        if file.suffix == ".eml" or file.name.startswith("msg_"):
            yield file, automated(parse_email(file.read_bytes()))


def recall(folder: Path) -> None:
    found = list(mails(folder))
    bounces = [(file, answer) for file, answer in found if "not-bounce" not in file.parts]
    missed = [file.name for file, answer in bounces if answer is None]
    print(f"bounces and auto-replies: {len(bounces) - len(missed)}/{len(bounces)}")
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
