"""`parley dead-letters`: runs that failed for good, with the messages that wait for them.

    failed and stuck runs (index) ──┐
    dead-letter queue ──────────────┴─▶ one list: a run without a letter, a letter without a run

A letter without a run was never understood, or its email was never to be read.
"""

from __future__ import annotations

import os
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from local.dead_letters import MOST_LETTERS, open_dead_letters
from local.operating import CommandContext, Shape, described, listed, operate, printed, say
from parley.core.clock import iso
from parley.core.outcome import Outcome
from parley.core.tasks import together
from parley.errors import ConfigError, RequestError
from parley.ledger.claims import OPEN, run_waits_as

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aioboto3

    from local.dead_letters import DeadLetters, Letter
    from parley.bootstrap.operations import Operations
    from parley.ledger.waiting import RunRow

QUEUE = "EMAILS_QUEUE_URL"
STUCK_SECONDS = 3600.0
"""A message comes back within its queue's time-out, which is less than half of that."""
SHAPE = Shape(
    head=("run_id", "outcome", "tenant", "since"),
    below=(("from", "subject"), ("detail",), ("letter_is",)),
    empty="No email has failed for good.",
)
NOTHING: dict[str, Any] = dict.fromkeys(
    (
        *("tenant", "run_id", "delivery", "outcome", "reason", "attempts", "generation", "since"),
        *("mailbox", "from", "subject", "detail"),
    )
)


def dead_letters(*, limit: int, as_json: bool) -> int:
    """List failed runs, stuck ones and dead letters, oldest first; exit code 0."""

    async def work(context: CommandContext) -> int:
        async with AsyncExitStack() as opened:
            queue = await _queue(context.session, opened)
            letters = await queue.letters() if queue else []
        failed = await context.operations.inspector.runs_waiting(run_waits_as(Outcome.FAILED), limit=limit)
        stuck = await context.operations.inspector.runs_waiting(OPEN, limit=limit)
        rows = await _rows(context.operations, [*failed.rows, *filter(_is_stuck, stuck.rows)], letters)
        listed(context.out, rows if as_json else [_told(row) for row in rows], SHAPE, as_json=as_json)
        if queue is None:
            say(f"{QUEUE} is not set, so the dead-letter queue itself was not looked into")
        if len(letters) >= MOST_LETTERS:
            say(f"the dead-letter queue holds more than these {MOST_LETTERS:,} letters")
        if failed.more:
            say(f"these are the oldest {limit}: --limit N shows more")
        if rows and not as_json:
            say("`parley replay RUN` works one again here, `parley dead-letters redrive LETTER` in the queue")
        return 0

    return operate(work)


def redrive(ident: str | None, *, everything: bool, as_json: bool) -> int:
    """Put letters back into the emails queue; exit code 0."""
    if (ident is None) is not everything:
        raise RequestError("say which letter (its id, its delivery or its run), or --all")
    if not os.environ.get(QUEUE, "").strip():
        raise ConfigError(f"missing environment variable {QUEUE}: letters go back to the queue it names")

    async def work(context: CommandContext) -> int:
        runs = await context.operations.inspector.find(ident) if ident else ()
        wanted = {ident, *(row.delivery for row in runs)}
        async with AsyncExitStack() as opened:
            queue = await _queue(context.session, opened)
            assert queue is not None
            letters = [one for one in await queue.letters() if everything or _is_named(one, wanted)]
            if ident and not letters:
                raise RequestError(f"no letter in the dead-letter queue is {ident}, or of it")
            moved = await queue.redrive(letters)
        if as_json:
            printed(context.out, {"redriven": moved})
        else:
            print(f"{moved} letter{'' if moved == 1 else 's'} went back to the queue.", file=context.out)
        return 0

    return operate(work)


async def delete_letters(session: aioboto3.Session, delivery: str) -> int | None:
    """Delete the letters of a delivery that is done; how many, None where no queue is named."""
    async with AsyncExitStack() as opened:
        queue = await _queue(session, opened)
        if queue is None:
            return None
        letters = [one for one in await queue.letters() if one.deliveries == (delivery,)]
        for letter in letters:
            await queue.delete(letter)
        return len(letters)


async def _queue(session: aioboto3.Session, opened: AsyncExitStack) -> DeadLetters | None:
    url = os.environ.get(QUEUE, "").strip()
    if not url:
        return None
    return await opened.enter_async_context(open_dead_letters(session, url))


def _is_named(letter: Letter, wanted: set[str | None]) -> bool:
    return not (wanted - {None}).isdisjoint((letter.message_id, *letter.deliveries))


async def _rows(
    operations: Operations, failed: Sequence[RunRow], letters: Sequence[Letter]
) -> list[dict[str, Any]]:
    """Failed runs with their letters, then the letters of no failed run."""
    letter_of = {delivery: letter for letter in letters for delivery in letter.deliveries}
    rows = [{**row, **_letter(letter_of.get(row["delivery"]))} for row in await described(operations, failed)]
    shown = {row["letter"] for row in rows}
    for letter in letters:
        if letter.message_id not in shown:
            rows += await _others(operations, letter)
    return rows


def _is_stuck(row: RunRow) -> bool:
    """Nobody has begun with it for so long that no message can bring it back soon."""
    return bool(row.item["since"] < iso(time.time() - STUCK_SECONDS))


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """For a person: what the letter is called, and which email it is of."""
    named = f"letter {row['letter']}" if row["letter"] else "no letter is in the queue"
    delivery = f" of delivery {row['delivery']}" if row["delivery"] else ""
    return {**row, "letter_is": named + delivery, "outcome": row["outcome"] or "open, and nobody works on it"}


async def _others(operations: Operations, letter: Letter) -> list[dict[str, Any]]:
    """A letter whose runs have not failed, or that has none."""
    found = await together(*(operations.inspector.find(delivery) for delivery in letter.deliveries))
    runs = await described(operations, [row for rows in found for row in rows])
    if runs:
        return [{**row, **_letter(letter)} for row in runs]
    why = letter.record.error or ("no run knows it" if letter.deliveries else "it announces no email")
    bare = {**NOTHING, "delivery": next(iter(letter.deliveries), None), "since": letter.sent_at}
    return [{**bare, "detail": why, **_letter(letter)}]


def _letter(letter: Letter | None) -> dict[str, Any]:
    return {"letter": letter.message_id if letter else None, "letter_sent_at": letter and letter.sent_at}
