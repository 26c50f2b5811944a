"""Results as a person likes to read them. Colours and width are the terminal's (NO_COLOR, COLUMNS)."""

from __future__ import annotations

import io
import sys
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.stack_types import Stack

Json = dict[str, Any]

# Why an email went no further, for whoever sent or received it.
REASONS = {
    "automated": "A machine wrote it, and machines are not answered.",
    "bounce": "It is a bounce: the report of a mail that was not delivered. Bounces are never answered.",
    "own_address": "It came from one of our own addresses: answering it would be a loop.",
    "blacklisted": "Its sender is on the blacklist.",
    "no_reply": "Its sender says that nobody reads answers there.",
    "spam": "SES calls it spam. It is kept for a person.",
    "virus": "SES found a virus in it. It is kept for a person.",
    "unauthenticated": "Nothing proves that its sender is who it says. It is kept for a person.",
    "sender_not_allowed": "Its sender is no member of the mailbox.",
    "too_big": "It is larger than we take.",
    "rate_capped": "Its sender has had enough answers for now.",
    "unreadable": "It cannot be read with certainty. It is kept for a person.",
    "unknown_mailbox": "None of its recipients is a mailbox of ours.",
    "attempts_exhausted": "Every attempt failed; it waits in the dead-letter queue.",
}
MARKS = {"processed": "green", "duplicate": "yellow", "refused": "yellow", "quarantined": "yellow"}
REPLY_WORDS = {
    "sent": "Reply, as it was sent",
    "draft": "Reply, kept as a draft",
    "ambiguous": "Reply, which may or may not have been sent",
    "failed": "Reply, which SES refused",
    "suppressed": "Reply, which was held back",
}
SEVERITIES = {"high": "red", "medium": "yellow", "low": "default"}
MOODS = {"positive": "green", "negative": "red", "mixed": "yellow", "neutral": "default"}


def clean(text: object) -> str:
    """Without control characters: what a stranger wrote must not steer the terminal."""
    return "".join(c for c in str(text) if c in "\n\t" or unicodedata.category(c)[0] != "C")


def clock(seconds: float | None) -> str:
    """`03:07`, from an hour on `1:03:07`; nothing where there is no time."""
    if seconds is None:
        return ""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute:02}:{second:02}"


@contextmanager
def progress_bar(total: int, console: Console) -> Iterator[Callable[[], None]]:
    """Yields what to call when one is done. Shows itself on a terminal only, and goes at the end."""
    if not console.is_terminal:
        yield lambda: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("emails", total=total)
        yield lambda: progress.advance(task)


def progress_console(results: Console | None) -> Console:
    """Where progress goes: standard error, unless results share its terminal; then where they go.

    One console can print above its own progress, two on one terminal garble each other.
    `results` None: they are JSON, and on a terminal then nothing else should be.
    """
    if not sys.__stdout__ or not sys.__stdout__.isatty():
        return Console(stderr=True)
    return results or Console(file=io.StringIO())


class Printer:
    def __init__(self, out: TextIO) -> None:
        self._console = Console(file=out, highlight=False, markup=False, emoji=False)

    @property
    def console(self) -> Console:
        return self._console

    def email(self, name: str, result: Json) -> None:
        """One run: what came, how it ended, what was found, what was answered."""
        email = result["email"]
        self._console.rule(Text(clean(email["subject"]) or "(no subject)", style="bold"), align="left")
        self._line(name, email["from"] and f"from {email['from']}", f"to {result['mailbox']}")
        self._outcome(result)
        if result["insights"]:
            self._insights(result["insights"], result["errors"])
        for invite in result["invites"]:
            self._invite(invite)
        self._reply(result["reply"])
        self._notes(result.get("notes"))
        self._usage(result["usage"])
        self._console.print()

    def analysis(self, name: str, result: Json) -> None:
        """What `parley analyze` found."""
        transcript = result["transcript"]
        self._console.rule(Text(clean(name), style="bold"), align="left")
        speakers = ", ".join(transcript["speakers"]) or "no names"
        length = clock(transcript["seconds"])
        self._line(transcript["format"], f"{transcript['segments']} statements", length, speakers)
        self._insights(result["insights"], result["errors"])
        self._usage(result["usage"])

    def stack(self, stack: Stack) -> None:
        """Where everything listens, and what to try."""
        table = Table.grid(padding=(0, 2))
        for what, where in (
            ("SMTP", stack.smtp),
            ("HTTP API", stack.api_base_url),
            ("token", stack.api_auth_token),
            ("AWS", stack.endpoint),
        ):
            table.add_row(Text(what, style="bold"), str(where))
        self._console.print(table)
        self._console.print(
            f"\nSend a mail to meetings@parley.local at {stack.smtp}:\n"
            f"  curl smtp://{stack.smtp} --mail-from me@example.org --mail-rcpt meetings@parley.local"
            " --upload-file events/emails/zoom-vtt.eml\n"
            "Then see what came of it:\n"
            f"  curl -H 'Authorization: Bearer {stack.api_auth_token}' {stack.api_base_url}/emails\n\n"
            "Ctrl-C ends it, and nothing is kept.",
            soft_wrap=True,
        )

    # -- the parts -------------------------------------------------------------------------

    def _line(self, *parts: object) -> None:
        self._console.print(Text("  ".join(clean(part) for part in parts if part), style="dim"))

    def _outcome(self, result: Json) -> None:
        outcome, reason = result["outcome"], result["reason"]
        text = Text(outcome, style=f"bold {MARKS.get(outcome, 'red')}")
        if result["route"]:
            text.append(f"  {result['route']}", style="default")
        if reason:
            text.append(f"  {REASONS.get(reason, reason)}", style="default")
        elif outcome == "duplicate":
            text.append("  The same email was handled before.", style="default")
        self._console.print(text)
        if outcome != "processed":
            self._line(result.get("detail"))

    def _heading(self, text: str) -> None:
        self._console.print(Text(f"\n{text}", style="bold cyan"))

    def _insights(self, insights: Json, errors: Json) -> None:
        if insights["summary"]:
            self._console.print(Text(f"\n{clean(insights['summary']['text'])}"))
        self._actions(insights["action_items"])
        self._list("Decisions", insights["decisions"], lambda one: Text(clean(one["text"])))
        self._list("Topics", insights["key_topics"], lambda one: Text(clean(one["topic"])), proof=False)
        self._list("Follow-ups", insights["follow_ups"], _follow_up)
        self._list("Risks", insights["risks"], _risk)
        self._sentiment(insights["sentiment"])
        for name, error in errors.items():
            self._console.print(Text(f"\n{name} is missing: {clean(error)}", style="red"))

    def _actions(self, items: list[Json] | None) -> None:
        if items is None:
            return
        self._heading("Action items")
        if not items:
            self._console.print("  none found", style="dim")
            return
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim", expand=False)
        table.add_column("who", min_width=8, max_width=22)
        table.add_column("due", min_width=10, no_wrap=True)
        table.add_column("what", ratio=1)
        for item in items:
            what = Text(clean(item["text"]))
            if proof := _proof(item["evidence"]):
                what = Text("\n").join([what, proof])
            owner = Text(clean(item["owner"]), style="bold") if item["owner"] else Text("open", style="dim")
            table.add_row(owner, item["due_date"] or "", what)
        self._console.print(Padding(table, (0, 0, 0, 2)))

    def _list(
        self, title: str, items: list[Json] | None, show: Callable[[Json], Text], *, proof: bool = True
    ) -> None:
        if not items:
            return
        self._heading(title)
        for item in items:
            self._console.print(Padding(Text("• ").append_text(show(item)), (0, 0, 0, 2)))
            if proof and (text := _proof(item["evidence"])):
                self._console.print(Padding(text, (0, 0, 0, 4)))

    def _sentiment(self, sentiment: Json | None) -> None:
        if not sentiment:
            return
        self._heading("Sentiment")
        text = Text(sentiment["label"], style=MOODS.get(sentiment["label"], "default"))
        text.append(f" ({sentiment['score']:+.2f})", style="default")
        if health := sentiment["relationship_health"]:
            text.append(f", relationship {health.replace('_', ' ')}", style="default")
        self._console.print(Padding(text, (0, 0, 0, 2)))
        if proof := _proof(sentiment["evidence"]):
            self._console.print(Padding(proof, (0, 0, 0, 4)))

    def _invite(self, invite: Json) -> None:
        self._heading("Invite")
        parts = (invite["method"], invite["start"], invite["summary"])
        self._console.print(Padding(Text("  ".join(clean(p) for p in parts if p)), (0, 0, 0, 2)))

    def _reply(self, reply: Json | None) -> None:
        if not reply:
            return
        text = Text()
        for name in ("to", "subject"):
            text.append(f"{name.title()}: ", style="dim").append(clean(reply[name]) + "\n")
        text.append("\n" + clean(reply["text"]).strip())
        title = REPLY_WORDS.get(reply["status"], f"Reply ({reply['status']})")
        self._console.print()
        self._console.print(
            Panel(text, title=Text(title), title_align="left", box=ROUNDED, border_style="dim")
        )

    def _notes(self, notes: Json | None) -> None:
        """What went wrong and was made good: one line for each cause."""
        causes: dict[str, list[str]] = {}
        for name, why in (notes or {}).items():
            causes.setdefault(clean(why), []).append(clean(name))
        for why, names in causes.items():
            self._console.print(Text(f"{why}: {', '.join(names)}", style="yellow"))

    def _usage(self, usage: Json) -> None:
        if not usage["llm_calls"]:
            return
        tokens = f"{usage['input_tokens']:,} tokens in, {usage['output_tokens']:,} out"
        self._line(f"{usage['llm_calls']} model calls", tokens, f"{usage['cost_usd']:.4f} USD")


def _proof(evidence: Json | None) -> Text | None:
    """The quote that proves an item, with its speaker and time; nothing where it proves nothing."""
    if not evidence or not evidence["verified"]:
        return None
    told = [clean(part) for part in (evidence["speaker"], clock(evidence["start"])) if part]
    tail = f" {', '.join(told)}" if told else ""
    return Text(f"“{clean(evidence['quote'])}”{tail}", style="dim italic")


def _follow_up(item: Json) -> Text:
    due = f" ({item['due_date']})" if item["due_date"] else ""
    return Text(clean(item["text"]) + due)


def _risk(item: Json) -> Text:
    text = Text(item["severity"], style=SEVERITIES.get(item["severity"], "default"))
    return text.append(f" {clean(item['text'])}", style="default")
