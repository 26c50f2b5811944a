"""Who writes where: results to standard output, everything else to standard error or nowhere."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def results_only() -> Iterator[TextIO]:
    """Yields the real standard output; what the stack prints meanwhile goes to standard error.

    Functions print their logs to standard output, as Lambda wants it.
    """
    out = sys.stdout
    sys.stdout = sys.stderr
    try:
        yield out
    finally:
        sys.stdout = out
        out.flush()


class _OneLine(logging.Formatter):
    """An error in its own words, without its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{record.levelname.lower()} {record.name}: {record.getMessage()}"
        if step := getattr(record, "step", None):
            line += f" {step}, {vars(record)['ms']} ms, {vars(record)['run_id']}"
        if said := getattr(record, "error", None):
            line += f": {said}"
        if record.exc_info and (error := record.exc_info[1]):
            line += f": {type(error).__name__}: {error}"
        return " ".join(line.split())


def log_to_stderr(level: int) -> None:
    """Logs of the pipeline and the stack as plain lines, from `level` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    for name in ("parley", "local"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
