"""The words the sender typed: agreement with the labelled replies, and time against size.

Run from the checkout: `python benchmarks/quoted.py`. The agreement part needs
the corpora (PARLEY_CORPORA, or shared/corpora beside the checkout).
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from parley.mail.mime import parse_email
from parley.mail.quoted import find_forwarded, typed_from_html, typed_text

ROOT = Path(__file__).resolve().parents[1]
SIZES = (250_000, 500_000, 1_000_000)
ACCEPTED = 0.9

# What was typed in each plain reply, by its file name: the first and the last
# typed line as a person reads them, and words that only the quote holds.
PLAIN: dict[str, tuple[str, str, str]] = {
    "correct_sig": ("this is an email", "signature.", "rick"),
    "email_1_1": ("Hi folks", "Java HTTP API.", "mailman"),
    "email_1_2": ("Hi,", "delete them all individually", "Abhishek"),
    "email_1_3": ("Oh thanks.", "would be great.", "Russell"),
    "email_1_4": ("Awesome!", "problem with it.", "Loader"),
    "email_1_5": ("One: Here", "for a while.", ""),
    "email_1_6": ("I get proper", "rendering as well.", "caching"),
    "email_1_7": (":+1:", ":+1:", "Steps"),
    "email_1_8": ("I will reply", "and under this.", "inline responses"),
    "email_2_1": ("Outlook with", "a reply", "Dear Google"),
    "email_2_2": ("Outlook with", "directly above line", "comment"),
    "email_2_3": ("Outlook with a reply", "", "Subject"),
    "email_BlackBerry": ("Here is another", "email", "BlackBerry"),
    "email_bullets": ("test 2", "and another", "Joe Smith"),
    "email_gmail": ("This is a test", "github message.", "outdated"),
    "email_headers_no_delimiter": ("And another", "reply!", "Dan Watson"),
    "email_iPhone": ("Here is another", "email", "iPhone"),
    "email_long_quote": ("Hi folks", "Java HTTP API.", "mailman"),
    "email_multi_word_sent_from_my_mobile_device": ("Here is another", "email", "Verizon"),
    "email_one_is_not_on": ("Thank, this", "when I run...", "lastLocation"),
    "email_partial_quote_header": ("On your remote host", "tunnel is not working.", "George"),
    "email_sent_from_my_not_signature": ("Here is another", "then my mobile phone.", ""),
    "email_sig_delimiter_in_middle_of_line": ("Hi there!", "kthxbai", ""),
    "greedy_on": ("On your remote host", "tunnel is not working.", "George"),
    "pathological": ("I think you", "back to a computer.", "shortening"),
}
HTML_REPLY = "Hi. I am fine. Thanks, Alex"


def corpora() -> Path | None:
    folder = Path(os.environ.get("PARLEY_CORPORA") or ROOT.parent / "shared" / "corpora")
    return folder if folder.is_dir() else None


def plain_replies(folder: Path) -> None:
    for name in ("zapier-email-reply-parser", "github-email-reply-parser"):
        files = [file for file in sorted((folder / name).rglob("emails/*.txt")) if file.stem in PLAIN]
        wrong = [file.stem for file in files if not _agrees(file)]
        print(f"{name:28} {len(files) - len(wrong)}/{len(files)} {' '.join(wrong)}")


def _agrees(file: Path) -> bool:
    first, last, foreign = PLAIN[file.stem]
    typed = typed_text(file.read_text(errors="replace"))
    return typed.startswith(first) and last in typed and not (foreign and foreign in typed)


def talon(folder: Path) -> None:
    fixtures = folder / "talon-fixtures" / "tests" / "fixtures"
    mails = sorted((fixtures / "standard_replies").glob("*.eml"))
    good = [file for file in mails if parse_email(file.read_bytes()).text == "Hello"]
    print(f"{'talon standard replies':28} {len(good)}/{len(mails)}")
    pages = sorted((fixtures / "html_replies").glob("*.html"))
    same = [page for page in pages if " ".join(typed_from_html(page.read_text()).split()) == HTML_REPLY]
    print(f"{'talon HTML replies':28} {len(same)}/{len(pages)}")
    bodies = sorted((fixtures / "signature" / "emails" / "stripped").glob("*_body"))
    scores = [(file.stem, _f1(typed_text(file.read_text()), _unsigned(file))) for file in bodies]
    accepted = sum(score >= ACCEPTED for _, score in scores)
    low = " ".join(f"{name} {score:.2f}" for name, score in scores if score < ACCEPTED)
    print(f"{'talon signatures':28} {accepted}/{len(scores)} (token F1 >= {ACCEPTED}) {low}")


def _unsigned(body: Path) -> str:
    signature = Path(str(body).replace("_body", "_signature"))
    text = body.read_text()
    return text.replace(signature.read_text().strip(), "") if signature.exists() else text


def _f1(found: str, wanted: str) -> float:
    ours, theirs = Counter(re.findall(r"\w+", found)), Counter(re.findall(r"\w+", wanted))
    common = sum((ours & theirs).values())
    return 2 * common / max(1, sum(ours.values()) + sum(theirs.values()))


def shapes(size: int) -> Iterator[tuple[str, str]]:
    """Bodies that have cost some reply parser more than their length."""
    seeds = {
        "blank lines": "\n",
        "carriage returns": "\r",
        "colons": ":\n",
        "On": "On\n",
        "On, one line": "On ",
        "header, never ended": "On Mon, Jan 1, 2020 at 10:00\nfoo bar baz:\n",
        "wrote": "x wrote:\n",
        "From": "From: a@b.example\n",
        "quote marks": ">",
        "quoted lines": ">\n",
        "quote and answer": "> a\nb\n",
        "dashes": "--\n",
        "rules": "_____\n",
        "mobile footers": "Sent from my iPhone\n",
        "at signs": "a@",
    }
    for name, seed in seeds.items():
        yield name, seed * (size // len(seed))


def slopes(title: str, function: Callable[[str], object]) -> None:
    print(f"\n{title}: CPU seconds for {', '.join(f'{size // 1000} kB' for size in SIZES)}")
    for name, _ in shapes(1000):
        times = [_seconds(function, dict(shapes(size))[name]) for size in SIZES]
        print(f"  {name:22}", *(f"{seconds:7.3f}" for seconds in times))


def _seconds(function: Callable[[str], object], body: str) -> float:
    start = time.process_time()
    function(body)
    return time.process_time() - start


def main() -> None:
    folder = corpora()
    if folder is None:
        print("no corpora: set PARLEY_CORPORA to a folder that holds them; agreement skipped")
    else:
        plain_replies(folder)
        talon(folder)
    slopes("typed_text", typed_text)
    slopes("find_forwarded", find_forwarded)


if __name__ == "__main__":
    main()
