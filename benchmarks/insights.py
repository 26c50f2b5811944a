"""What the rules analyser finds, against lists that others made of the same meetings.

Run as `python -m benchmarks.insights`. Machine-made ("silver") lists agree
among themselves at F1 .45 to .55: that is the ceiling, and silver precision
understates what a person reads about fivefold.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from benchmarks import insight_corpora as corpora
from benchmarks.insight_scoring import MAX_SHOWN, Said, Tally, interval, matched, micro, tally
from parley.analysis.rules import analyzer as rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from benchmarks.insight_corpora import Meeting
    from parley.analysis.insight import ActionItem, Decision
    from parley.transcripts.transcript import Transcript

PEERS = (
    "peers, actions F1@k: random .02, regex .05, 40 rules .11 (R@10 .24), trained .10-.13",
    "peers, decisions F1@k: random .03, regex .07, best .15",
    "peers, marked lines: a clean parser 1.00, on mail only once hard wraps are joined (else .81, .61)",
)
_LOADERS: tuple[tuple[str, Callable[[Path], Iterator[Meeting]], float], ...] = (
    ("zoom calls, silver", corpora.zoom, 0.40),
    ("mailed minutes, marked", corpora.mail, 0.60),
    ("chat logs, marked", corpora.irc, 0.60),
    ("other chat logs, marked", corpora.logs, 0.60),
)
_NO_CONTEXT = rules.MeetingContext()


def said(transcript: Transcript, items: Iterable[ActionItem | Decision]) -> list[Said]:
    """Predictions with the span of the segment that proves them."""
    return [_one(transcript, item) for item in items]


def _one(transcript: Transcript, item: ActionItem | Decision) -> Said:
    at = item.evidence.segment
    owner = getattr(item, "owner", None)
    if at is None:
        return Said(item.text, owner=owner)
    segment = transcript.segments[at]
    return Said(item.text, segment.start, segment.end, owner)


def score(name: str, meetings: list[Meeting], least: float) -> None:
    actions, decisions = [], []
    owners = {"right": 0, "wrong": 0, "abstained": 0}
    for meeting in meetings:
        found = said(meeting.transcript, rules.action_items(meeting.transcript, _NO_CONTEXT))
        actions.append(tally(meeting.actions, found, least))
        decided = said(meeting.transcript, rules.decisions(meeting.transcript, _NO_CONTEXT))
        decisions.append(tally(meeting.decisions, decided, least))
        _owners(meeting.actions, found[:MAX_SHOWN], least, owners)
    print(f"\n{name}: {len(meetings)} meetings")
    _report("actions", actions)
    _report("decisions", decisions)
    if any(owners.values()):
        print(f"  owners of matched actions: {owners}")


def _owners(gold: list[Said], found: list[Said], least: float, counts: dict[str, int]) -> None:
    """Right when any word of the predicted name stands in gold's owner."""
    for match in matched(gold, found, least):
        wanted, named = gold[match.gold].owner, found[match.predicted].owner
        if wanted is None:
            continue
        same = named and set(named.lower().split()) & set(wanted.lower().replace("(", " ").split())
        counts["abstained" if not named else "right" if same else "wrong"] += 1


def _report(what: str, tallies: list[Tally]) -> None:
    figures = micro(tallies)
    low, high = interval(tallies, "F1@k")
    gold, shown, hits = (
        sum(t.gold for t in tallies),
        sum(t.shown for t in tallies),
        sum(t.hits for t in tallies),
    )
    line = " ".join(f"{key} {value:.2f}" for key, value in figures.items())
    print(f"  {what}: {line} (F1@k 95% {low:.2f}-{high:.2f}; gold {gold}, shown {shown}, hits {hits})")


def speed(meetings: list[Meeting]) -> None:
    segments = sum(len(m.transcript.segments) for m in meetings)
    began = time.process_time()
    for meeting in meetings:
        rules.action_items(meeting.transcript, _NO_CONTEXT)
    seconds = time.process_time() - began
    print(f"\nspeed: {segments / max(seconds, 1e-9):,.0f} segments a second for action items")


def read_aloud(meetings: list[Meeting], top: int) -> None:
    """The first items of each meeting, for a person to judge."""
    for meeting in meetings:
        print(f"\n## {meeting.name}")
        for item in rules.action_items(meeting.transcript, _NO_CONTEXT)[:top]:
            print(f"  A [{item.owner}] {item.text}\n      {item.evidence.quote[:160]}")
        for decision in rules.decisions(meeting.transcript, _NO_CONTEXT)[:top]:
            print(f"  D {decision.text}\n      {decision.evidence.quote[:160]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--read", type=int, default=0, metavar="N", help="print the first N items of each meeting"
    )
    parser.add_argument("--half", choices=("even", "odd"), help="every other meeting only")
    options = parser.parse_args()
    root = corpora.folder()
    if not root.is_dir():
        print("There are no corpora here (PARLEY_CORPORA names their folder): nothing to measure.")
        return
    step = {"even": slice(0, None, 2), "odd": slice(1, None, 2)}.get(options.half, slice(None))
    for name, load, least in _LOADERS:
        meetings = list(load(root))[step]
        if not meetings:
            print(f"\n{name}: not there, skipped")
            continue
        score(name, meetings, least)
        if name.startswith("zoom"):
            speed(meetings)
        if options.read:
            read_aloud(meetings, options.read)
    print("\n" + "\n".join(PEERS))


if __name__ == "__main__":
    main()
