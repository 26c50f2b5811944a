"""The worked examples of docs/extending.md, each done on a copy of the package.

A block below a line that is a path in backticks is that file, or, as a `diff`, a change of it. Any other
`sh` or `python` block is run; the lines of a `text` block after it must stand in what it prints.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "extending.md").read_text()
SECTIONS = dict(section.split("\n", 1) for section in PAGE.split("\n## ")[1:])
BLOCK = re.compile(r"(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TEST_SUPPORT = (
    "tests/__init__.py",
    "tests/conftest.py",
    "tests/running_stack.py",
    "tests/support.py",
    "tests/rooms/conftest.py",
)
RUN = """
import ast, asyncio, inspect, sys
code = compile(sys.stdin.read(), "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
running = eval(code, {"__name__": "example"})
if inspect.iscoroutine(running):
    asyncio.run(running)
"""


@dataclass
class Copy:
    """A folder with the package in it, where an example is done."""

    folder: Path

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        if target.name == "__init__.py":
            target.parent.mkdir()
        assert target.parent.is_dir(), path
        assert not target.exists(), path
        target.write_text(text)

    def change(self, path: str, diff: str) -> None:
        """Apply a diff whose lines before the change stand in the file exactly once."""
        target = self.folder / path
        before = "".join(line[1:] for line in diff.splitlines(keepends=True) if line[0] in " -")
        after = "".join(line[1:] for line in diff.splitlines(keepends=True) if line[0] in " +")
        text = target.read_text()
        assert text.count(before) == 1, f"{path} has changed: {before}"
        target.write_text(text.replace(before, after))

    def run(self, language: str, text: str) -> str:
        """What the block prints."""
        command = (
            ["bash", "-ec", text.replace(".venv/bin/", "")]
            if language == "sh"
            else [sys.executable, "-c", RUN]
        )
        here = Path(sys.executable).parent
        path = os.pathsep.join(map(str, (self.folder / "shared", ROOT)))
        done = subprocess.run(
            command,
            cwd=self.folder,
            input=text,
            env={**os.environ, "PYTHONPATH": path, "PATH": f"{here}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def copy(tmp_path):
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "shared" / "parley", tmp_path / "shared" / "parley", ignore=ignored)
    for path in ("pyproject.toml", *TEST_SUPPORT):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    return Copy(tmp_path)


@pytest.mark.parametrize("name", SECTIONS)
def test_the_example_works(copy, name):
    printed = None
    for path, language, text in BLOCK.findall(SECTIONS[name]):
        if language == "diff":
            copy.change(path, text)
        elif path:
            copy.write(path, text)
        elif language == "text":
            assert printed is not None
            for line in text.splitlines():
                assert line in printed, printed
        else:
            printed = copy.run(language, text)
    assert printed is not None, "nothing was run"


def test_every_kind_of_addition_has_its_example():
    assert list(SECTIONS) == ["A transcript format", "An extractor", "A route", "A room", "A model provider"]
