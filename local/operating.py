"""What the operating commands share: the environment, its clients, and lists for a person.

They start no stack: `parley dev --json` prints the environment of one, and AWS has its own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TextIO

from local.output import log_to_stderr, results_only
from parley.errors import ConfigError, ParleyError
from parley.settings import PipelineSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import aioboto3

    from parley.bootstrap.operations import Operations
    from parley.ledger.waiting import RunRow

Json = dict[str, Any]
AT_ONCE = 20
"""Requests to the API: the time of one begins when it is asked, be it in a queue of our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """What a command works with; its results go to `out`."""

    settings: PipelineSettings
    session: aioboto3.Session
    operations: Operations
    out: TextIO


def operate(work: Callable[[CommandContext], Awaitable[int]]) -> int:
    """Do `work` with the environment's clients; answers its exit code.

    Raises ConfigError naming every variable that is missing, or what AWS's SDK misses.
    """
    settings = PipelineSettings.from_env()
    with results_only() as out:
        log_to_stderr(logging.ERROR)
        return asyncio.run(_with(settings, out, work))


async def _with(
    settings: PipelineSettings, out: TextIO, work: Callable[[CommandContext], Awaitable[int]]
) -> int:
    import aioboto3
    from botocore.exceptions import BotoCoreError, ClientError

    from parley.adapters.secrets import resolve_secret
    from parley.bootstrap.operations import open_operations

    session = aioboto3.Session()
    try:
        # A function gets the key itself, from its deployment; a person may name where it is kept.
        key = await resolve_secret(session, "LEDGER_KEY", settings.ledger_key)
        settings = replace(settings, ledger_key=key)
        async with open_operations(settings, session=session) as operations:
            return await work(
                CommandContext(settings=settings, session=session, operations=operations, out=out)
            )
    except (BotoCoreError, ClientError) as error:
        raise ConfigError(f"AWS cannot be asked: {error}") from error


def printed(out: TextIO, value: Json) -> None:
    """One JSON object, on a line of its own."""
    print(json.dumps(value), file=out)


def say(text: str) -> None:
    """A remark beside the results."""
    print(f"parley: {' '.join(text.split())}", file=sys.stderr)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a row of a list is shown: the fields of its first line, and of each line below."""

    head: tuple[str, ...]
    below: tuple[tuple[str, ...], ...]
    empty: str


def listed(out: TextIO, rows: Sequence[Json], shape: Shape, *, as_json: bool) -> None:
    """A list: one JSON object a line, or a few lines a row; ids stand whole, to be copied."""
    if as_json:
        for row in rows:
            printed(out, row)
        return
    from rich.text import Text

    from local.show import Printer, clean

    def line(row: Json, names: tuple[str, ...]) -> str:
        return "  ".join(" ".join(clean(row[name]).split()) for name in names if row[name] not in (None, ""))

    console = Printer(out).console
    if not rows:
        console.print(shape.empty)
    for row in rows:
        console.print(Text(line(row, shape.head), style="bold"), soft_wrap=True)
        for names in shape.below:
            if text := line(row, names):
                console.print(Text(f"  {text}"), soft_wrap=True)


async def described(operations: Operations, rows: Sequence[RunRow]) -> list[Json]:
    """The runs with what the API's records say of their emails: None where they say nothing."""
    slots = asyncio.Semaphore(AT_ONCE)
    records = await asyncio.gather(*(_record(operations, row, slots) for row in rows))
    lost = [record for record in records if isinstance(record, ParleyError)]
    if lost:
        # The list is worth having without it.
        say(f"the API tells nothing of {len(lost)} emails: {lost[0]}")
    return [_described(row, record) for row, record in zip(rows, records, strict=True)]


async def _record(operations: Operations, row: RunRow, slots: asyncio.Semaphore) -> Json | ParleyError:
    try:
        async with slots:
            return await operations.api.get_email(row.tenant, row.run_id) or {}
    except ParleyError as error:
        return error


def _described(row: RunRow, found: Json | ParleyError) -> Json:
    record = {} if isinstance(found, ParleyError) else found
    email = record.get("email") or {}
    return {
        **row.as_json(),
        "mailbox": record.get("mailbox"),
        "from": email.get("from"),
        "subject": email.get("subject"),
        # A record may be of an earlier end of the run.
        "detail": record.get("detail") if record.get("outcome") == row.outcome else None,
    }
