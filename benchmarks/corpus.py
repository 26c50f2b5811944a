"""The corpora through the whole pipeline, and how far the reading agrees with their labels.

    python -m benchmarks.corpus [FOLDER]

Beside each figure stands the best peer's. A peer's figure was measured on these
sets and on more of the same kind, so shares are compared, not counts; chardet's
is measured here. The details are in the benchmarks that this one asks:
`python -m benchmarks.{quoted,automated,calendars,transcripts,insights}`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tzlocal.windows_tz import win_tz

from benchmarks import automated, calendars, corpus_mail, corpus_transcripts, quoted
from benchmarks.corpus_mail import SetResult

ROOT = Path(__file__).resolve().parents[1]
BOUNCES = "sisimai-set-of-emails"
MACHINE = ("refused bounce", "refused automated", "refused no_reply")


@dataclass(frozen=True)
class Goal:
    """One figure: ours, the best peer's, and whether ours is where it must be."""

    task: str
    ours: str
    peer: str
    holds: bool
    missed: tuple[str, ...] = ()


def default_folder() -> Path:
    return Path(os.environ.get("PARLEY_CORPORA") or ROOT.parent / "shared" / "corpora")


def main(folder: Path) -> None:
    if not folder.is_dir():
        print(f"skipped: no corpora at {folder}; set PARLEY_CORPORA to a folder that holds them")
        return
    # Attempts that fail are counted here; calendars without a zone are a finding, not a warning.
    logging.disable(logging.CRITICAL)
    begun = time.perf_counter()
    results = [asyncio.run(corpus_mail.work(one)) for one in sorted(folder.iterdir()) if one.is_dir()]
    show_sets([result for result in results if result.files])
    goals = [goal for goal in measured(folder, results) if goal is not None]
    show_goals(goals)
    print(f"\n{sum(g.holds for g in goals)} of {len(goals)} goals hold", end="")
    print(f" ({time.perf_counter() - begun:.0f} s, Python {platform.python_version()})")


def show_sets(results: list[SetResult]) -> None:
    print(f"{'set':26} {'files':>5}  outcomes; where they went")
    for result in results:
        ends = ", ".join(f"{count} {name}" for name, count in result.ends.most_common())
        routes = ", ".join(f"{count} {name}" for name, count in result.routes.most_common() if name != "none")
        print(f"{result.name:26} {result.files:>5}  {ends}{f'; {routes}' if routes else ''}")
        for line in (*result.errors, *(f"left empty: {name}" for name in result.empty)):
            print(f"{'':33}{line}")


def show_goals(goals: list[Goal]) -> None:
    print(f"\n{'task':46} {'Parley':>9}  {'best peer':40} holds")
    for goal in goals:
        print(f"{goal.task:46} {goal.ours:>9}  {goal.peer:40} {'yes' if goal.holds else 'NO'}")
        if goal.missed:
            print(f"{'':4}not: {' '.join(goal.missed[:12])}{' ...' if len(goal.missed) > 12 else ''}")


def measured(folder: Path, results: list[SetResult]) -> Iterator[Goal | None]:
    yield from outcomes(results)
    yield from machines(folder, results)
    yield from expected_parses(folder)
    yield from typed(folder)
    yield from events(folder)
    yield from transcripts(folder)
    yield charsets(folder, results)


def outcomes(results: list[SetResult]) -> Iterator[Goal]:
    errors = [line for r in results for line in r.errors]
    failed = [r.name for r in results if any(end.startswith("failed") for end in r.ends)]
    files, mails = sum(r.files for r in results), sum(r.mails for r in results)
    yield none("tracebacks and `failed`, of all files", errors + failed, files, "eml-parser 1/1,488 (mail)")
    empty = [name for r in results for name in r.empty]
    yield none("readable mails left empty", empty, mails, "stdlib walk() 9/1,488")
    lost = [name for r in results for name in r.cr_lost]
    bare = sum(r.cr_only for r in results)
    yield none("the same mails with bare CR, read otherwise", lost, bare, "stdlib none; four others all")


def machines(folder: Path, results: list[SetResult]) -> Iterator[Goal | None]:
    if not (folder / BOUNCES).is_dir():
        return
    missed, total = automated.missed_bounces(list(automated.mails(folder / BOUNCES)))
    task = "bounces and auto-replies recognised"
    yield share(task, total - len(missed), total, least=0.99, peer="97% (headers, daemons)", missed=missed)
    ends = next(r.ends for r in results if r.name == BOUNCES)
    other = [f"{count} {name}" for name, count in ends.items() if name not in MACHINE]
    stopped = sum(ends[name] for name in MACHINE)
    yield share(
        "... and refused as such by the pipeline", stopped, sum(ends.values()), least=0.99, missed=other
    )
    alarms, ordinary = automated.false_alarms(folder)
    yield none("false alarms on ordinary mail", alarms, ordinary, "1/652; flufl.bounce 10")


def expected_parses(folder: Path) -> Iterator[Goal | None]:
    peers = {"subject": (9, 9), "from": (6, 8), "text": (10, 13), "attachment count": (11, 15)}
    for name, (good, total) in corpus_mail.stalwart(folder / "stalwart-mail-parser").items():
        best = peers[name]
        least = 1.0 if name in ("subject", "from") else best[0] / best[1]
        yield share(f"expected parses: {name}", good, total, least=least, peer=f"{best[0]}/{best[1]}")


def typed(folder: Path) -> Iterator[Goal | None]:
    files = [file for name in quoted.PLAIN_SETS for file in quoted.plain_files(folder / name)]
    wrong = [file.stem for file in files if not quoted.accepted(file)]
    peer = "crisp 105/121, talon F1 .943"
    good = len(files) - len(wrong)
    yield share(
        "typed words, plain replies (F1, lines)", good, len(files), least=0.9, peer=peer, missed=wrong
    )
    yield share("typed words, whole mails", *quoted.standard_replies(folder), peer="talon 12/12")
    yield share("typed words, HTML replies", *quoted.html_replies(folder), peer="talon 9/9")


def events(folder: Path) -> Iterator[Goal | None]:
    tally, differ = calendars.measure(folder)
    right, valid = tally["right"], tally["valid"]
    task = "valid events with right UTC start and end"
    yield share(task, right, valid, least=0.995, peer="icalendar 97.6%", missed=differ)
    unknown = calendars.unknown_windows_names()
    known = len(win_tz) - len(unknown)
    yield share("Windows zone names, no VTIMEZONE", known, len(win_tz), peer="icalendar 2/6", missed=unknown)


def transcripts(folder: Path) -> Iterator[Goal | None]:
    for kind, (good, total, wrong) in corpus_transcripts.compare(folder).items():
        yield share(f"{kind}: statements, speakers, times", good, total, missed=wrong)
    yield share("Zoom chat: messages that are words", *corpus_transcripts.chat_messages(folder))


def charsets(folder: Path, results: list[SetResult]) -> Goal | None:
    found = corpus_mail.charsets([folder / r.name for r in results if r.mails])
    peer = f"chardet {found.chardet}/{found.parts} here, 198/201"
    least = found.chardet / max(1, found.parts)
    task = "charsets guessed without the declaration"
    return share(task, found.ours, found.parts, least=least, peer=peer, missed=found.missed)


def none(task: str, bad: list[str], total: int, peer: str) -> Goal:
    """A goal that holds where nothing is bad."""
    return Goal(task, f"{len(bad)}/{total}", peer, not bad, tuple(bad))


def share(
    task: str, good: int, total: int, *, least: float = 1.0, peer: str = "", missed: list[str] | None = None
) -> Goal | None:
    """A goal that is a share; none where the set is absent."""
    if not total:
        return None
    return Goal(task, f"{good}/{total}", peer, good >= least * total, tuple(missed or ()))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default_folder())
