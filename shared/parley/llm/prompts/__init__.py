"""The prompts: one file each, its version in its first line. A changed prompt is a new version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Prompt:
    """`version` goes into logs and stored insights, so that a result names what made it."""

    name: str
    version: str
    text: str


@cache
def load(name: str) -> Prompt:
    """The prompt `name`; the first line of its file is `version: N`."""
    head, _, text = files(__package__).joinpath(f"{name}.md").read_text("utf-8").partition("\n")
    return Prompt(name, head.removeprefix("version:").strip(), text.strip())
