"""Writes the parts of docs/*.md that are read from the code, each between two markers.

    python -m docs.generated

A part stands between `<!-- NAME: generated -->` and `<!-- end -->`; tests/test_generated_docs.py says when
one is out of date.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import grimp

from local.template import load_template
from parley.settings import (
    BackendSettings,
    DeliverySettings,
    JobsSettings,
    PipelineSettings,
    ScheduledSettings,
)

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "shared" / "parley"
FUNCTIONS = {
    "inbound_email": PipelineSettings,
    "delivery_events": DeliverySettings,
    "scheduled": ScheduledSettings,
    "backend_api": BackendSettings,
    "analysis_jobs": JobsSettings,
}
EVERYBODYS = {"core", "errors"}
"""What every room may use: drawn, they would hide the rest."""
MARKED = re.compile(r"(<!-- (\w+): generated -->\n).*?(<!-- end -->)", re.DOTALL)

Arrows = dict[str, set[str]]


def main() -> None:
    """Write each page anew."""
    for page in sorted((ROOT / "docs").glob("*.md")):
        page.write_text(rewritten(page.read_text()))


def rewritten(text: str) -> str:
    """The page with each marked part as the code says it today."""
    return MARKED.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}\n{found[3]}", text)


# -- architecture ------------------------------------------------------------------------------------


def arrows() -> Arrows:
    """Which folder of the package imports which: the first part of each module's name below `parley`."""
    graph = grimp.build_graph("parley")
    found: Arrows = defaultdict(set)
    for module in graph.modules - {"parley"}:
        for imported in graph.find_modules_directly_imported_by(module) - {"parley"}:
            from_, to = module.split(".")[1], imported.split(".")[1]
            if from_ != to:
                found[from_].add(to)
    return found


def diagram() -> str:
    """The rooms as a Mermaid graph; an arrow that follows from others is left out."""
    direct = {name: ends - EVERYBODYS for name, ends in arrows().items() if name not in EVERYBODYS}
    lines = [f"    {a} --> {b}" for a in sorted(direct) for b in sorted(direct[a]) if not _implied(direct, a, b)]
    return "\n".join(["```mermaid", "graph TD", *lines, "```"])


def _implied(direct: Arrows, start: str, end: str) -> bool:
    """Whether a way of more than one arrow leads from `start` to `end`."""
    seen, ahead = {start}, [one for one in direct[start] if one != end]
    while ahead:
        here = ahead.pop()
        if here in seen:
            continue
        seen.add(here)
        if end in direct.get(here, ()):
            return True
        ahead += direct.get(here, ())
    return False


def rooms() -> str:
    """The folders of the package, with the first line of each one's docstring."""
    rows = [
        (f"`{folder.parent.name}/`", _first_line(folder)) for folder in sorted(PACKAGE.glob("*/__init__.py"))
    ]
    return _table(("folder", "what it holds"), rows)


def _first_line(module: Path) -> str:
    return (ast.get_docstring(ast.parse(module.read_text())) or "").partition("\n")[0]


# -- operating ---------------------------------------------------------------------------------------


def environment() -> str:
    """Every variable, its default, and which function reads it."""
    readers: dict[str, list[str]] = defaultdict(list)
    defaults: dict[str, Any] = {}
    for function, settings in FUNCTIONS.items():
        for one in fields(settings):
            readers[one.name.upper()].append(f"`{function}`")
            defaults[one.name.upper()] = one.default
    rows = [(f"`{name}`", _default(defaults[name]), ", ".join(readers[name])) for name in sorted(readers)]
    return _table(("variable", "default", "read by"), rows)


def _default(value: Any) -> str:
    if value is MISSING:
        return "required"
    return f"`{value}`" if value else "empty"


def alarms() -> str:
    """The alarms of template.yaml, in its order."""
    resources = load_template(ROOT / "template.yaml").resources
    found = {
        name.removesuffix("Alarm"): one["Properties"]["AlarmDescription"]
        for name, one in resources.items()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    }
    return _table(("alarm", "says"), [(f"`{name}`", says) for name, says in found.items()])


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])


PARTS: dict[str, Callable[[], str]] = {
    "diagram": diagram,
    "rooms": rooms,
    "environment": environment,
    "alarms": alarms,
}
"""One row a part."""

if __name__ == "__main__":
    main()
