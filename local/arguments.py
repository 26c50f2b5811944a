"""How every command of `parley` reads its arguments: argparse, with errors of one sentence."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn

from parley.errors import RequestError

MOST_ROWS = 10_000


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence, and where to read more."""
        raise RequestError(f"{message} (see {self.prog} --help)")


if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[Parser]  # noqa: SLF001  # argparse has no public name for it


def command(commands: Commands, name: str, text: str, more: str = "") -> Parser:
    return commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_ROWS):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MOST_ROWS}")
    return int(text)
