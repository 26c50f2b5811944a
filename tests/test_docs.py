"""What the documents say, held against the code."""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from dataclasses import fields
from pathlib import Path

import pytest

from docs.generated import FUNCTIONS
from local.cli import _parser
from local.commands.doctor import OPTIONAL
from parley.core.outcome import Outcome
from parley.mail.email import Reason
from parley.mail.gates import GATES
from tests.faults.guards import GUARDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
SETTINGS = {field.name.upper() for kind in FUNCTIONS.values() for field in fields(kind)}
OTHERS = {
    "PARLEY_CORPORA",
    "AWS_ENDPOINT_URL",
    "CANCEL",
    "PARTSTAT",
    "TRANSP",
    "EXDATE",
    "ALL_OLD",
    "FORMATS",
}
"""Capitals in the documents that are no setting of ours."""
FENCED = re.compile(r"^```.*?^```\n", re.MULTILINE | re.DOTALL)
LONG = 8
"""Words of a sentence that may stand on one page only."""

pages = pytest.mark.parametrize("name", NAMES)


def page(name: str) -> str:
    return (ROOT / name).read_text()


def table(name: str, heading: str) -> list[list[str]]:
    """The rows of the tables below a heading, cells stripped."""
    section = page(name).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip("|"))] for row in rows]
    return [
        row for above, row in zip([[], *cells], cells, strict=False) if not rule(row) and not head(row, cells)
    ]


def rule(row: list[str]) -> bool:
    return set("".join(row)) == {"-"}


def head(row: list[str], rows: list[list[str]]) -> bool:
    below = rows.index(row) + 1
    return below < len(rows) and rule(rows[below])


# -- what is named exists ------------------------------------------------------------------------


@pages
def test_every_link_leads_somewhere(name):
    for target in re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", page(name)):
        path, _, anchor = "".join(target).partition("#")
        if path.startswith(("http://", "https://")):
            continue
        found = (ROOT / name).parent / path if path else ROOT / name
        assert found.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings}, (
                anchor
            )


@pages
def test_every_path_that_is_named_exists(name):
    text = FENCED.sub("", page(name))
    for path in re.findall(r"`((?:shared|local|tests|lambdas|benchmarks|events|docs)/[^`\s*]*)`", text):
        assert (ROOT / path).exists() or made_by_an_example(path), path


def made_by_an_example(path: str) -> bool:
    """Whether docs/extending.md has it written."""
    return re.search(rf"^`{re.escape(path)}`:$", page("docs/extending.md"), re.MULTILINE) is not None


@pages
def test_every_variable_that_is_named_is_a_setting(name):
    named = set(re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`", page(name)))
    assert named <= SETTINGS | OTHERS | set(OPTIONAL)


@pages
def test_every_make_target_that_is_named_is_one(name):
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"\bmake ([a-z]+)(?= *[`#\n\[(A-Z])", page(name))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pages
def test_every_route_that_is_named_is_one(name):
    known = re.findall(r"^\| [\w ]+ \| `([A-Z]+ /[^`]+)` \|", page("docs/api.md"), re.MULTILINE)
    named = re.findall(r"\b((?:GET|POST|PUT|PATCH|DELETE) /[a-z{}/_-]+)", page(name))
    assert {re.sub(r"{\w+}", "{}", one) for one in named} <= {re.sub(r"{\w+}", "{}", one) for one in known}


@pages
def test_every_command_that_is_named_is_one(name):
    named = set(re.findall(r"(?:`|bin/)parley ([a-z-]+)", page(name)))
    assert named <= commands()


def test_every_command_is_explained():
    assert set(re.findall(r"^\| `parley ([a-z-]+)", page("docs/operating.md"), re.MULTILINE)) == commands()


def commands() -> set[str]:
    (found,) = (a.choices for a in _parser()._actions if isinstance(a, argparse._SubParsersAction))
    return set(found)


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("docs/promises.md", "The promise"),
        ("SOLUTION.md", "Questions"),
        ("SOLUTION.md", "The email Lambda"),
    ],
)
def test_the_code_that_is_pointed_at_exists(name, heading):
    package = ROOT / "shared" / "parley"
    source = "".join(p.read_text() for p in package.rglob("*.py"))
    for *_, where in table(name, heading):
        pointed = re.findall(r"`([^`]+)`", where)
        assert pointed
        for one in pointed:
            if one.endswith("/"):
                assert [p for p in package.rglob(one.rstrip("/")) if p.is_dir()], one
            elif one.endswith((".py", ".yaml")):
                assert [*package.rglob(one.rpartition("/")[2]), *ROOT.glob(one)], one
            else:
                kind, _, method = one.partition(".")
                assert re.search(rf"(class|def) {kind}\b|^{kind} = ", source, re.MULTILINE), one
                assert not method or f"def {method}" in source, one


# -- what is said is so -----------------------------------------------------------------------------


def test_the_table_of_gates_is_the_code():
    rows = table("docs/promises.md", "Gates")
    assert [row[0].strip("`") for row in rows] == [gate.__name__ for gate in GATES]
    outcomes, reasons = set(Outcome), set(Reason)
    for _, outcome, named, kept, answered in rows:
        assert outcome in outcomes
        assert set(named.split(", ")) <= reasons
        # tests/inbound/test_pipeline.py proves both for each gate.
        assert (kept, answered) == ("yes", "no")


def test_the_default_of_each_parameter_is_the_templates():
    text = (ROOT / "template.yaml").read_text()
    for parameter, default, _ in table("docs/deploying.md", "Parameters worth a thought"):
        if re.fullmatch(r"\d+", default):
            (found,) = re.findall(
                rf"^  {parameter.strip('`')}:\n(?:    .*\n)*?    Default: (\w+)", text, re.MULTILINE
            )
            assert found == default, parameter


def test_no_figure_is_left_to_be_filled_in():
    figures = table("docs/operating.md", "Figures")
    assert len(figures) >= 5
    assert all(re.search(r"\d", row[1] + row[2]) for row in figures)
    proofs = table("docs/promises.md", "How it is proved")
    assert all(re.search(r"\d", row[2]) for row in proofs)
    assert f"{len(GUARDS)} guards" in " ".join(row[2] for row in proofs)


# -- how it is written -------------------------------------------------------------------------------


def test_the_readme_is_short():
    assert len(page("README.md").splitlines()) <= 120


def test_an_answer_is_at_most_three_lines():
    for _, answer, _ in table("SOLUTION.md", "Questions"):
        assert len(answer) <= 3 * 110, answer


def test_no_sentence_stands_on_two_pages():
    found = defaultdict(set)
    for name in NAMES:
        for sentence in sentences(FENCED.sub("\n", page(name))):
            found[sentence].add(name)
    assert {s: names for s, names in found.items() if len(names) > 1} == {}


def sentences(text: str) -> list[str]:
    """The sentences of at least LONG words, in lower case, without punctuation."""
    blocks = re.split(r"\n\s*\n|^\s*[-*] |^\d\. |\|", text, flags=re.MULTILINE)
    split = (one for block in blocks for one in re.split(r"[.:;?!]\s", " ".join(block.split()) + " "))
    words = (re.findall(r"\w+", one.lower()) for one in split)
    return [" ".join(one) for one in words if len(one) >= LONG]
