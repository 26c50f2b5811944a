"""The words the sender typed: agreement with the labelled replies, and time against size.

Run from the checkout: `python -m benchmarks.quoted`. The agreement part needs
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
from parley.mail.typed_text import find_forwarded, typed_from_html, typed_text

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
PLAIN_SETS = ("zapier-email-reply-parser", "github-email-reply-parser")
HTML_REPLY = "Hi. I am fine. Thanks, Alex"


def corpora() -> Path | None:
    folder = Path(os.environ.get("PARLEY_CORPORA") or ROOT.parent / "shared" / "corpora")
    return folder if folder.is_dir() else None


def plain_replies(folder: Path) -> None:
    for name in PLAIN_SETS:
        files = plain_files(folder / name)
        wrong = [file.stem for file in files if not _agrees(file)]
        print(f"{name:28} {len(files) - len(wrong)}/{len(files)} {' '.join(wrong)}")


def plain_files(folder: Path) -> list[Path]:
    """The labelled bodies of one set."""
    return [file for file in sorted(folder.rglob("emails/*.txt")) if file.stem in PLAIN]


def accepted(file: Path) -> bool:
    """As peers are judged: token F1 of .9 with what was typed, and no typed line missing."""
    wanted = _typed_lines(file)
    typed = typed_text(file.read_text(errors="replace"))
    lines = {" ".join(line.split()) for line in typed.split("\n")}
    whole = all(" ".join(line.split()) in lines for line in wanted if line.strip())
    return whole and _f1(typed, "\n".join(wanted)) >= ACCEPTED


def _typed_lines(file: Path) -> list[str]:
    """From the first typed line to the last, as labelled, without what is quoted between them."""
    first, last, _ = PLAIN[file.stem]
    lines = file.read_text(errors="replace").splitlines()
    begin = next((n for n, line in enumerate(lines) if line.startswith(first)), 0)
    ends = [n for n, line in enumerate(lines) if (last or first) in line and n >= begin]
    end = ends[0] if ends else begin
    kept = [line for line in lines[begin : end + 1] if not line.lstrip().startswith(">")]
    return [line for n, line in enumerate(kept) if not _introduces_a_quote(kept, n)]


def _introduces_a_quote(lines: list[str], at: int) -> bool:
    """`On ..., someone wrote:` between two answers, in one line or two."""
    joined = " ".join(lines[at : at + 2])
    return lines[at].startswith("On ") and bool(re.match(r"On .{5,200} wrote:\s*$", joined))


def html_replies(folder: Path) -> tuple[int, int]:
    """How many of talon's HTML replies give what was typed, of how many."""
    pages = sorted((folder / "talon-fixtures").rglob("html_replies/*.html"))
    same = [page for page in pages if " ".join(typed_from_html(page.read_text()).split()) == HTML_REPLY]
    return len(same), len(pages)


def standard_replies(folder: Path) -> tuple[int, int]:
    """The same of its whole mails."""
    found = sorted((folder / "talon-fixtures").rglob("standard_replies/*.eml"))
    return sum(parse_email(file.read_bytes()).text == "Hello" for file in found), len(found)


def _agrees(file: Path) -> bool:
    first, last, foreign = PLAIN[file.stem]
    typed = typed_text(file.read_text(errors="replace"))
    return typed.startswith(first) and last in typed and not (foreign and foreign in typed)


def talon(folder: Path) -> None:
    fixtures = folder / "talon-fixtures" / "tests" / "fixtures"
    print("{:28} {}/{}".format("talon standard replies", *standard_replies(folder)))
    print("{:28} {}/{}".format("talon HTML replies", *html_replies(folder)))
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
