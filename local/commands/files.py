"""Files that the caller named: read before anything starts, or refused in one sentence."""

from __future__ import annotations

import sys
from pathlib import Path

from parley.errors import RequestError

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes: more than any mail or transcript that anything here takes."""


def read_file(name: str) -> bytes:
    """The file's bytes; `-` is standard input. Raises RequestError."""
    if name == "-":
        return _bounded(sys.stdin.buffer.read(LARGEST_FILE + 1), "standard input")
    path = Path(name)
    if path.is_dir():
        raise RequestError(f"{name} is a folder, not a file")
    try:
        with path.open("rb") as file:
            return _bounded(file.read(LARGEST_FILE + 1), name)
    except FileNotFoundError as error:
        raise RequestError(f"there is no file {name}") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise RequestError(f"{name} cannot be read: {why}") from error


def _bounded(content: bytes, name: str) -> bytes:
    if len(content) > LARGEST_FILE:
        raise RequestError(f"{name} has more than {LARGEST_FILE:,} bytes")
    return content
