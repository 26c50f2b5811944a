"""Writes the parts of docs/*.md that are read from the code, each between two markers.

    python -m docs.generated

A part stands between `<!-- NAME: generated -->` and `<!-- end -->`; tests/test_generated_docs.py says when
one is out of date.
"""

from __future__ import annotations

import ast
import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import aioboto3
import grimp

from parley.api.parameters import PREFIX
from parley.bootstrap.backend_api import open_backend_app
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
ALARM = re.compile(r"^  (\w+)Alarm:\n(?:    .*\n|\n)*?      AlarmDescription: (.+)$", re.MULTILINE)

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
    shown = [(a, b) for a in sorted(direct) for b in sorted(direct[a]) if not _implied(direct, a, b)]
    return "\n".join(["```mermaid", "graph TD", *(f"    {a} --> {b}" for a, b in shown), "```"])


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


# -- api ---------------------------------------------------------------------------------------------


def routes() -> str:
    """The operations of the OpenAPI document, by tag: what each takes beside a body, and what it does."""
    operations = [
        (one["tags"][0], f"`{method.upper()} {path.removeprefix(PREFIX)}`", one)
        for path, methods in _openapi()["paths"].items()
        for method, one in methods.items()
    ]
    rows = [
        (tag, call, ", ".join(_query(one)), _sentence(one.get("description") or one["summary"].capitalize()))
        for tag, call, one in sorted(operations, key=lambda found: found[0])
    ]
    return _table(("about", "route", "query", "what it does"), rows)


def _openapi() -> dict[str, Any]:
    async def api() -> dict[str, Any]:
        settings = BackendSettings(data_table="", s3_bucket="", runs_table="")
        session = aioboto3.Session(region_name="eu-west-1")  # any: nothing is asked
        async with open_backend_app(settings, session=session) as app:
            return app.openapi()

    return asyncio.run(api())


def _query(operation: Mapping[str, Any]) -> list[str]:
    asked = (one["name"] for one in operation.get("parameters", ()) if one["in"] == "query")
    return [f"`{name}`" for name in asked if name not in {"limit", "cursor"}]


def _sentence(text: str) -> str:
    first = text.partition("\n\n")[0]
    return " ".join(first.split()).replace("|", "\\|")


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
    found = ALARM.findall((ROOT / "template.yaml").read_text())
    return _table(("alarm", "what it says"), [(f"`{name}`", says) for name, says in found])


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])


PARTS: dict[str, Callable[[], str]] = {
    "diagram": diagram,
    "rooms": rooms,
    "routes": routes,
    "environment": environment,
    "alarms": alarms,
}
"""One row a part."""

if __name__ == "__main__":
    main()
