"""A replay and a rehearsal as a person likes to read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from rich.text import Text

from local.show import MARKS, Printer, clean

if TYPE_CHECKING:
    from rich.console import Console

Json = dict[str, Any]
STYLES = {"+": "green", "-": "red", "@": "dim"}


def show_replay(out: TextIO, result: Json) -> None:
    """One run that was worked again."""
    console = Printer(out).console
    before, after = result["outcome"]
    line = Text(result["run_id"], style="bold").append(f"  {before or 'open'} → ", style="default")
    console.print(line.append(str(after), style=MARKS.get(str(after), "red")))
    if reason := result["reason"][1]:
        console.print(f"  reason: {clean(reason)}")
    if result["reply"]:
        console.print(f"  reply: {clean(result['reply']['said'])}")
    if result["insights"]:
        console.print(f"  insights: {_insights(result['insights'])}")
    if result["dead_letters_deleted"]:
        console.print("  its dead letter is deleted")


def _insights(found: Json) -> str:
    version = f"version {found['version'][1]} of {clean(found['meeting_id'])}"
    if found["ours"]:
        return f"{version} is this run's"
    return f"{version} stands: {'a person has edited it' if found['edited_by'] else 'another run wrote it'}"


def show_rehearsal(out: TextIO, result: Json) -> None:
    """What a replay would change."""
    console = Printer(out).console
    console.print(Text(result["run_id"], style="bold"))
    if not result["changed"]:
        console.print("  nothing would differ")
    for name in ("outcome", "reason", "route"):
        was, now = result[name]
        if was != now:
            console.print(f"  {name}: {clean(was)} → {clean(now)}")
    for name, difference in result["insights"].items():
        _difference(console, name, difference)
    if result["reply"]:
        console.print("\n  reply (what is out stays as it is):")
    for line in result["reply"].splitlines():
        console.print(Text(f"  {clean(line)}", style=STYLES.get(line[:1], "default")))
    usage = result["usage"]
    if usage and usage["llm_calls"]:
        console.print(f"\n  {usage['llm_calls']} model calls, {usage['cost_usd']:.4f} USD")


def _difference(console: Console, name: str, difference: Json) -> None:
    console.print(Text(f"\n  {name}", style="bold cyan"))
    for item in difference["removed"]:
        console.print(Text(f"  - {_words(item)}", style="red"))
    for item in difference["added"]:
        console.print(Text(f"  + {_words(item)}", style="green"))
    for changes in difference["changed"]:
        if "item" in changes:
            console.print(f"    {clean(changes['item'])}")
        for field, change in changes.items():
            if field != "item":
                console.print(Text(f"  - {field}: {clean(change[0])}", style="red"))
                console.print(Text(f"  + {field}: {clean(change[1])}", style="green"))
    if "missing" in difference:
        console.print(f"    missing: {' → '.join('yes' if one else 'no' for one in difference['missing'])}")


def _words(item: Json) -> str:
    owner = f"{item['owner']}: " if item.get("owner") else ""
    return clean(owner + str(item.get("text") or item.get("topic") or item.get("label") or ""))
