"""What the operating commands share: the environment, its clients, and lists for a person.

They start no stack: `parley dev --json` prints the environment of one, and AWS has its own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from local.output import log_to_stderr, results_only
from parley.errors import ConfigError, ParleyError
from parley.settings import PipelineSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from parley.bootstrap import Operations
    from parley.oversight import RunRow

Json = dict[str, Any]
Done = TypeVar("Done")
LIMIT = 50
"""Rows that a list shows unless it is told otherwise."""


def operate(work: Callable[[PipelineSettings, Operations, TextIO], Awaitable[Done]]) -> Done:
    """Do `work` with the environment's clients; it writes its results to what it is given.

    Raises ConfigError naming every variable that is missing, or what AWS's SDK misses.
    """
    settings = PipelineSettings.from_env()
    with results_only() as out:
        log_to_stderr(logging.ERROR)
        return asyncio.run(_with(settings, lambda office: work(settings, office, out)))


async def _with(settings: PipelineSettings, work: Callable[[Operations], Awaitable[Done]]) -> Done:
    from botocore.exceptions import BotoCoreError, ClientError

    from parley.bootstrap import open_operations

    try:
        async with open_operations(settings) as office:
            return await work(office)
    except (BotoCoreError, ClientError) as error:
        raise ConfigError(f"AWS cannot be asked: {error}") from error


def printed(out: TextIO, value: Json) -> None:
    """One JSON object, on a line of its own."""
    print(json.dumps(value, ensure_ascii=False), file=out)


def say(text: str) -> None:
    """A remark beside the results."""
    print(f"parley: {text}", file=sys.stderr)


def listed(out: TextIO, rows: Sequence[Json], *, as_json: bool, columns: dict[str, str], empty: str) -> None:
    """A list: one JSON object a line, or a table of the `columns` (field: heading)."""
    if as_json:
        for row in rows:
            printed(out, row)
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from local.show import Printer, clean

    console = Printer(out).console
    if not rows:
        console.print(empty)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(clean("" if row.get(name) is None else row[name])) for name in columns))
    console.print(table)


async def described(office: Operations, row: RunRow) -> Json:
    """The run with what the API's record says of its email; None in all of that where it says nothing."""
    record: Json = {}
    try:
        record = await office.api.get_email(row.tenant, row.run_id) or {}
    except ParleyError as error:
        # The list is worth having without it.
        logging.getLogger("local.operating").error("no record of %s: %s", row.run_id, error)  # noqa: TRY400
    email = record.get("email") or {}
    said = {"from": email.get("from"), "subject": email.get("subject")}
    return {
        **row.as_json(),
        "mailbox": record.get("mailbox"),
        **said,
        "detail": record.get("detail") if record.get("outcome") == row.outcome else None,
    }
