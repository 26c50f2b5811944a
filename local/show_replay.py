"""A replay and a dry run as a person likes to read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from rich.text import Text

from local.show import MARKS, Printer, clean

if TYPE_CHECKING:
    from collections.abc import Callable

    Show = Callable[[str | Text], None]

Json = dict[str, Any]
STYLES = {"+": "green", "-": "red", "@": "dim"}


def _printer(out: TextIO) -> Show:
    """Ids and diffs stand whole, to be copied: the terminal wraps what is too long."""
    console = Printer(out).console
    return lambda line: console.print(line, soft_wrap=True)


def show_replay(out: TextIO, result: Json) -> None:
    """One run that was worked again."""
    show = _printer(out)
    before, after = result["outcome"]
    line = Text(result["run_id"], style="bold").append(f"  {before or 'not ended'} → ", style="default")
    show(line.append(str(after), style=MARKS.get(str(after), "red")))
    if reason := result["reason"][1]:
        show(f"  reason: {clean(reason)}")
    if result["reply"]:
        show(f"  reply: {clean(result['reply']['said'])}")
    if result["insights"]:
        show(f"  insights: {_insights(result['insights'])}")
    if result["dead_letters_deleted"]:
        show("  its dead letter is deleted")


def _insights(found: Json) -> str:
    version = f"version {found['version'][1]} of {clean(found['meeting_id'])}"
    if found["ours"]:
        return f"{version} is this run's"
    return f"{version} stands: {'a person has edited it' if found['edited_by'] else 'another run wrote it'}"


def show_dry_run(out: TextIO, result: Json) -> None:
    """What a replay would change."""
    show = _printer(out)
    show(Text(result["run_id"], style="bold"))
    if not result["changed"]:
        show("  nothing would differ")
    for name in ("outcome", "reason", "route"):
        was, now = result[name]
        if was != now:
            show(f"  {name}: {_value(was)} → {_value(now)}")
    for name, difference in result["insights"].items():
        _difference(show, name, difference)
    if result["reply"]:
        show("\n  reply (what is out stays as it is):")
    for line in result["reply"].splitlines():
        show(Text(f"  {clean(line)}", style=STYLES.get(line[:1], "default")))
    usage = result["usage"]
    if usage and usage["llm_calls"]:
        show(f"\n  {usage['llm_calls']} model calls, {usage['cost_usd']:.4f} USD")


def _difference(show: Show, name: str, difference: Json) -> None:
    show(Text(f"\n  {name}", style="bold cyan"))
    for item in difference["removed"]:
        show(Text(f"  - {_words(item)}", style="red"))
    for item in difference["added"]:
        show(Text(f"  + {_words(item)}", style="green"))
    for changes in difference["changed"]:
        if "item" in changes:
            show(f"    {clean(changes['item'])}")
        for field, change in changes.items():
            if field != "item":
                show(Text(f"  - {field}: {_value(change[0])}", style="red"))
                show(Text(f"  + {field}: {_value(change[1])}", style="green"))
    if "missing" in difference:
        show(f"    missing: {' → '.join('yes' if one else 'no' for one in difference['missing'])}")


def _value(value: Any) -> str:
    return "none" if value is None else clean(value)


def _words(item: Json) -> str:
    owner = f"{item['owner']}: " if item.get("owner") else ""
    return clean(owner + str(item.get("text") or item.get("topic") or item.get("label") or ""))
