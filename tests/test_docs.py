"""What the documents say, held against the code."""

from __future__ import annotations

import argparse
import re
from dataclasses import fields
from pathlib import Path

import pytest

from local.cli import _parser
from parley.core.outcome import Outcome
from parley.mail.email import Reason
from parley.mail.gates import GATES
from parley.settings import (
    BackendSettings,
    DeliverySettings,
    JobsSettings,
    PipelineSettings,
    ScheduledSettings,
)
from tests.faults.guards import GUARDS

SETTINGS = (PipelineSettings, BackendSettings, DeliverySettings, ScheduledSettings, JobsSettings)
ROOT = Path(__file__).resolve().parents[1]


def table(text: str, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, cells stripped."""
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_table_of_gates_is_the_code():
    rows = table((ROOT / "SOLUTION.md").read_text(), "Gates")
    assert [row[0].strip("`") for row in rows] == [gate.__name__ for gate in GATES]
    outcomes, reasons = set(Outcome), set(Reason)
    for _, outcome, named, kept, answered in rows:
        assert outcome in outcomes
        assert set(named.split(", ")) <= reasons
        # tests/inbound/test_pipeline.py proves both for each gate.
        assert (kept, answered) == ("yes", "no")


@pytest.mark.parametrize("heading", ["The promise", "Questions"])
def test_what_the_solution_points_at_exists(heading):
    source = "".join(p.read_text() for p in (ROOT / "shared" / "parley").rglob("*.py"))
    for *_, where in table((ROOT / "SOLUTION.md").read_text(), heading):
        pointed = re.findall(r"`([^`]+)`", where)
        assert pointed
        for name in pointed:
            if "." in name and name.rpartition(".")[2] in {"py", "yaml"}:
                found = [*(ROOT / "shared" / "parley").rglob(name.rpartition("/")[2]), *ROOT.glob(name)]
                assert found, name
            elif name.endswith("/"):
                assert [p for p in (ROOT / "shared" / "parley").rglob(name.rstrip("/")) if p.is_dir()], name
            else:
                kind, _, method = name.partition(".")
                assert f"class {kind}" in source or f"def {kind}(" in source, name
                assert not method or f"def {method}" in source, name


def test_an_answer_is_at_most_three_lines():
    for _, answer, _ in table((ROOT / "SOLUTION.md").read_text(), "Questions"):
        assert len(answer) <= 3 * 110, answer


def test_every_variable_is_explained():
    shown = set(re.findall(r"`([A-Z0-9_]{3,})`", (ROOT / "README.md").read_text()))
    known = {f.name.upper() for kind in SETTINGS for f in fields(kind)}
    assert known <= shown


def test_the_readme_names_the_commands_that_there_are():
    text = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"make ([a-z]+)", text)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_readme_names_each_command_and_no_other():
    text = (ROOT / "README.md").read_text()
    named = set(re.findall(r"^\| `parley ([a-z-]+)", text, re.MULTILINE))
    (commands,) = (a.choices for a in _parser()._actions if isinstance(a, argparse._SubParsersAction))
    assert named == set(commands)


def test_no_figure_is_left_to_be_filled_in():
    figures = table((ROOT / "README.md").read_text(), "Figures")
    assert len(figures) >= 5
    assert all(re.search(r"\d", row[1] + row[2]) for row in figures)
    proofs = table((ROOT / "SOLUTION.md").read_text(), "How it is proved")
    assert all(re.search(r"\d", row[2]) for row in proofs)
    assert f"{len(GUARDS)} guards" in " ".join(row[2] for row in proofs)
