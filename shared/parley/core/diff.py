"""What differs between two records of one run: its end, its insights item by item, its reply line by line."""

from __future__ import annotations

import difflib
from typing import Any

Json = dict[str, Any]

NAMED_BY = ("text", "topic")
"""What tells an item of a list of insights from its neighbours: the first of these that it has."""
Name = tuple[str, int]
ENDS = ("outcome", "reason", "route")


def differences(old: Json, new: Json) -> Json:
    """`old` and `new` in the shape of `/emails/{run_id}`; either may lack a field.

    {"changed", "outcome": [old, new], "reason": [..], "route": [..], "reply": unified diff,
    "insights": {field: {"added", "removed", "changed"}}, "usage"}: of the insights only the
    fields that differ; `usage` is the new one's.
    """
    ends = {name: [old.get(name), new.get(name)] for name in ENDS}
    insights = insight_differences(old.get("insights") or {}, new.get("insights") or {})
    reply = reply_difference(old.get("reply"), new.get("reply"))
    return {
        "changed": bool(insights or reply or any(was != now for was, now in ends.values())),
        **ends,
        "insights": insights,
        "reply": reply,
        "usage": new.get("usage"),
    }


def insight_differences(old: Json, new: Json) -> Json:
    """By field; a field that an extractor failed to give counts as empty, and `missing` says so."""
    found = {}
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        difference = _items(_by_name(was), _by_name(now))
        if (was is None) != (now is None):
            difference["missing"] = [was is None, now is None]
        if any(difference.values()):
            found[name] = difference
    return found


def _items(was: dict[Name, Json], now: dict[Name, Json]) -> Json:
    """The name of what changed stands with it."""
    both = [(key, was[key], item) for key, item in now.items() if key in was]
    return {
        "added": [item for key, item in now.items() if key not in was],
        "removed": [item for key, item in was.items() if key not in now],
        "changed": [
            ({"item": key[0]} if key[0] else {}) | _fields(old, new) for key, old, new in both if old != new
        ],
    }


def _by_name(value: Any) -> dict[Name, Json]:
    """A summary or a sentiment is one item, whatever it says; items that say the same go by their order."""
    if not isinstance(value, list):
        return {} if value is None else {("", 1): value}
    found: dict[Name, Json] = {}
    seen: dict[str, int] = {}
    for item in value:
        name = next((str(item[key]) for key in NAMED_BY if key in item), "")
        seen[name] = seen.get(name, 0) + 1
        found[name, seen[name]] = item
    return found


def _fields(old: Json, new: Json) -> Json:
    """Each field that differs, as [old, new]."""
    names = dict.fromkeys((*old, *new))
    return {name: [old.get(name), new.get(name)] for name in names if old.get(name) != new.get(name)}


def reply_difference(old: Json | None, new: Json | None) -> str:
    """A unified diff of what a reader would see; "" where nothing differs."""
    lines = difflib.unified_diff(_lines(old), _lines(new), "recorded", "now", lineterm="")
    return "\n".join(lines)


def _lines(reply: Json | None) -> list[str]:
    if not reply:
        return []
    return [f"To: {reply.get('to')}", f"Subject: {reply.get('subject')}", "", *reply["text"].splitlines()]
