"""`parley replay`: any email again from its raw bytes, for real or as a dry run.

    ID ─▶ its runs ─▶ raw bytes there? ─┬─ for real ──▶ worked again
                                        └─ --dry-run ─▶ what would differ; nothing is written

What was sent stays sent: the outbox decides, here as in the function.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.operating import CommandContext, operate, printed, say
from parley.core.clock import Deadline
from parley.core.outcome import Outcome
from parley.errors import (
    BusyError,
    ConfigError,
    NotYetThere,
    ParleyError,
    RequestError,
    RetryableError,
    SenderError,
)
from parley.inbound.email_ledger import REPLY, EmailLedger, email_of, email_run
from parley.inbound.pipeline import Replay
from parley.ledger.keys import CLAIM
from parley.ledger.outbox import OutboxEntry, OutboxState
from parley.ledger.table import Item
from parley.ledger.waiting import RunRow
from parley.mail.mailbox import UNROUTED

if TYPE_CHECKING:
    from parley.bootstrap.operations import Operations
    from parley.inbound.pipeline import Pipeline
    from parley.mail.mailbox import Mailbox

SECONDS = 170.0
"""What one run gets; an invocation of inbound_email has about as much."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the caller asked for. `recorded`: a dry run keeps the recorded answers of models."""

    dry_run: bool = False
    past_gates: bool = False
    recorded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a replay works with."""

    context: CommandContext
    pipeline: Pipeline
    wish: Wish

    @property
    def operations(self) -> Operations:
        return self.context.operations

    def deadline(self) -> Deadline:
        return Deadline(time.time() + SECONDS, time.time)


def replay(ident: str, *, wish: Wish, as_json: bool) -> int:
    """Work the run, or all runs of the delivery, again; exit code 1 when one of several cannot be."""
    if wish.recorded and not wish.dry_run:
        raise RequestError("--recorded goes with --dry-run: a real replay asks anew, or goes on where it was")

    async def work(context: CommandContext) -> int:
        rows = await context.operations.inspector.find(ident)
        if not rows:
            raise RequestError(f"nobody knows a run or a delivery {ident}")
        if not context.settings.ledger_key:
            # Under another key the ledger does not know its own copies: they would be answered again.
            raise ConfigError("missing environment variable LEDGER_KEY: a replay needs the deployment's own")
        from parley.bootstrap.inbound_email import open_intake

        async with open_intake(context.settings, session=context.session) as intake:
            task = Task(context=context, pipeline=intake.pipeline, wish=wish)
            errors = [await _shown(task, row, as_json=as_json) for row in rows]
        failed = [error for error in errors if error]
        for error in failed[1:]:
            say(str(error))
        if failed:
            raise failed[0]
        return 0

    return operate(work)


async def _shown(task: Task, row: RunRow, *, as_json: bool) -> ParleyError | None:
    """One run. What goes wrong with it costs the delivery's other runs nothing."""
    try:
        result = await (_dry_run if task.wish.dry_run else _replayed)(task, row)
    except ParleyError as error:
        return error
    except Exception as error:  # noqa: BLE001  # a mail that meets a bug of ours: it stays where it was
        return ParleyError(f"run {row.run_id} failed again, with {type(error).__name__}: {error}")
    if as_json:
        printed(task.context.out, result)
    elif task.wish.dry_run:
        from local.show_replay import show_dry_run

        show_dry_run(task.context.out, result)
    else:
        from local.show_replay import show_replay

        show_replay(task.context.out, result)
    return None


async def _check_raw(pipeline: Pipeline, row: RunRow) -> None:
    """Before anything is touched: a run that is opened and cannot be read would be worse off."""
    event = email_of(row)
    try:
        async with pipeline.mail.open(event.bucket, event.key):
            pass
    except NotYetThere as error:
        raise RequestError(
            f"the raw email of run {row.run_id} cannot be read ({event.key}): it has expired or was erased, "
            "and without it nothing can be worked again"
        ) from error
    except SenderError:
        # Too big to be read: the run will say so again.
        return


# -- a dry run -----------------------------------------------------------------------------


async def _dry_run(task: Task, row: RunRow) -> Json:
    from parley.core.diff import differences
    from parley.inbound.dry_run import dry_run

    await _check_raw(task.pipeline, row)
    key = task.context.settings.ledger_key.encode()
    record = await dry_run(
        task.pipeline,
        task.operations.table,
        row,
        runs_over=lambda table: EmailLedger(table, clock=time.time, key=key),
        deadline=task.deadline(),
        past_gates=task.wish.past_gates,
        recorded=task.wish.recorded,
    )
    return {"run_id": row.run_id, **differences(await _recorded(task, row), record)}


async def _recorded(task: Task, row: RunRow) -> Json:
    """What is on record of the run: its claim and outbox count, and what only the API keeps."""
    record = await task.operations.api.get_email(row.tenant, row.run_id) or {}
    entry = await _reply(task, row)
    end = {"outcome": row.outcome, "reason": row.item.get("reason")}
    return {**record, **end, "reply": entry.message if entry and entry.message else None}


async def _reply(task: Task, row: RunRow) -> OutboxEntry | None:
    item = await task.operations.table.get(row.item["pk"], f"outbox#{REPLY}")
    return OutboxEntry(item) if item else None


# -- a replay --------------------------------------------------------------------------------


async def _replayed(task: Task, row: RunRow) -> Json:
    await _check_raw(task.pipeline, row)
    if row.tenant == UNROUTED and (mailbox := await _mailbox_since(task, row)):
        return await _begun(task, row, mailbox)
    reply = await _reply(task, row)
    insights = await _insights(task, row)
    await _work(task, row, Replay(row.run_id, past_gates=task.wish.past_gates))
    after = await task.operations.inspector.again(row)
    result = await _result(task, row.item, after, reply=reply, insights=insights)
    return {**result, "dead_letters_deleted": await _bury(task, row, after)}


async def _result(
    task: Task, before: Item, after: RunRow, *, reply: OutboxEntry | None, insights: Json | None
) -> Json:
    """What was before, and what is now."""
    return {
        "run_id": after.run_id,
        "tenant": after.tenant,
        "outcome": [before.get("outcome"), after.outcome],
        "reason": [before.get("reason"), after.item.get("reason")],
        "generation": after.generation,
        "reply": _said(reply, await _reply(task, after)),
        "insights": _stored(after, insights, await _insights(task, after)),
    }


async def _work(task: Task, row: RunRow, wanted: Replay | None) -> None:
    try:
        await task.pipeline.deliver(email_of(row), deadline=task.deadline(), replay=wanted)
    except BusyError:
        raise
    except RetryableError as error:
        raise ParleyError(f"run {row.run_id} did not come to its end, replay it again: {error}") from error


async def _mailbox_since(task: Task, row: RunRow) -> Mailbox | None:
    """The mailbox that was made since for one of the addresses of a mail that had come for nobody."""
    event = email_of(row)
    for address in event.recipients or filter(None, (event.recipient,)):
        if mailbox := await task.operations.api.find_mailbox(address):
            return mailbox
    return None


async def _begun(task: Task, row: RunRow, mailbox: Mailbox) -> Json:
    """What came for nobody is the new mailbox's first copy: a run of its own, with its own promises."""
    key = email_run(mailbox.tenant, mailbox.address, email_of(row).message_id)
    before = await task.operations.table.get(key.pk, CLAIM) or {"pk": key.pk}
    reply = await _reply(task, RunRow(before))
    await _work(task, row, None)
    after = RunRow(await task.operations.table.get(key.pk, CLAIM) or before)
    result = await _result(task, before, after, reply=reply, insights=None)
    return {**result, "dead_letters_deleted": None}


async def _insights(task: Task, row: RunRow) -> Json | None:
    """The insights that stand for the run's meeting."""
    record = await task.operations.api.get_email(row.tenant, row.run_id) or {}
    meeting = record.get("meeting_id")
    if not meeting or not record.get("insights"):
        return None
    return await task.operations.api.get_insights(row.tenant, meeting)


def _stored(after: RunRow, before: Json | None, now: Json | None) -> Json | None:
    """Which version stands, and whether it is this replay's."""
    if now is None:
        return None
    source = after.run_id if after.generation == 1 else f"{after.run_id}.{after.generation}"
    return {
        "meeting_id": now["meeting_id"],
        "version": [before and before["version"], now["version"]],
        "ours": now.get("run_id") == source and not now.get("edited_by"),
        "edited_by": now.get("edited_by"),
    }


def _said(before: OutboxEntry | None, now: OutboxEntry | None) -> Json | None:
    """How the reply stands, whether this replay sent it, and why not."""
    if now is None:
        return None
    was = before.state if before else None
    at = now.began_at
    words = {
        OutboxState.SENT: f"already sent on {at}, not sent again",
        OutboxState.AMBIGUOUS: f"may have been sent on {at}, so it is not sent again: see parley outbox",
        OutboxState.FAILED: f"failed on {at}, not tried again",
        OutboxState.DRAFT: "kept as a draft",
        OutboxState.SUPPRESSED: "held back: its recipient is suppressed",
    }
    sent_now = now.state is OutboxState.SENT and was in {None, OutboxState.INTENT}
    why = "sent now" if sent_now else words.get(now.state, "intended, and not sent")
    return {"state": str(now.state), "tag": now.tag, "at": at, "sent_now": sent_now, "said": why}


async def _bury(task: Task, before: RunRow, after: RunRow) -> int | None:
    """Delete the delivery's dead letters once all its runs have ended well; None: none was to be expected."""
    if before.outcome not in {None, Outcome.FAILED} or after.delivery is None:
        return None
    runs = await task.operations.inspector.find(after.delivery)
    if any(run.outcome in {None, Outcome.FAILED} for run in runs):
        return 0
    from local.commands.dead_letters import delete_letters

    try:
        return await delete_letters(task.context.session, after.delivery)
    except ParleyError as error:
        say(f"the run is done, its dead letter may still be there: {error}")
        return None
