"""`parley outbox`: replies that are not known to be out, and a person's word on them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from local.operating import CommandContext, Shape, listed, operate, printed, say
from parley.errors import RequestError
from parley.inbound.delivery_events import Settlement
from parley.ledger.outbox import OutboxState
from parley.ledger.waiting import HELD, NOT_OUT, UNCERTAIN
from parley.mail.outgoing import message_id_on_wire

if TYPE_CHECKING:
    from parley.bootstrap.operations import Operations
    from parley.ledger.waiting import ReplyRow

BY_HAND = "closed by hand"
SHAPE = Shape(
    head=("tag", "state", "tenant", "at"),
    below=(("run_id",), ("to", "subject"), ("why",), ("what_to_do",)),
    empty="Every reply is out, or known not to be.",
)
ASK = "ask whether it came, then: parley outbox close TAG --sent or --not-sent"
WHAT_TO_DO = {
    OutboxState.AMBIGUOUS: ASK,
    OutboxState.SENDING: ASK,
    OutboxState.INTENT: "mend what refuses it (parley doctor): it is tried again every 15 minutes",
    OutboxState.DRAFT: "read it in the record of its run, and send it yourself",
    OutboxState.FAILED: "it did not go out, or came back: write to them another way",
}


def outbox(*, everything: bool, limit: int, as_json: bool) -> int:
    """List replies that are uncertain or held, with `everything` also drafts and failed ones; exit code 0."""
    kinds = (*UNCERTAIN, *HELD, *(NOT_OUT if everything else ()))

    async def work(context: CommandContext) -> int:
        found = [await context.operations.inspector.replies_waiting(kind, limit=limit) for kind in kinds]
        rows = [_shown(row) for listing in found for row in listing.rows]
        listed(context.out, rows, SHAPE, as_json=as_json)
        if any(listing.more for listing in found):
            say(f"these are the oldest {limit} of each kind: --limit N shows more")
        return 0

    return operate(work)


def _shown(row: ReplyRow) -> dict[str, Any]:
    return {**row.as_json(), "what_to_do": WHAT_TO_DO[row.entry.state]}


def close(tag: str, *, sent: bool, ses_id: str | None, as_json: bool) -> int:
    """Record a person's word that a reply went out, or did not; exit code 0."""
    if ses_id and not sent:
        raise RequestError("--ses-id goes with --sent: what was not sent has no id")

    async def work(context: CommandContext) -> int:
        state = OutboxState.SENT if sent else OutboxState.FAILED
        row = await _closable(context.operations, tag, state)
        settlement = Settlement(
            runs=context.operations.runs,
            backend=context.operations.api,
            clock=time.time,
            reply_from=context.settings.reply_from,
        )
        wire = message_id_on_wire(_bare(ses_id), context.settings.ses_region) if ses_id else None
        entry = await settlement.close(row.entry, state, ses_id=wire, why=BY_HAND)
        if entry.state is not state:
            raise RequestError(
                f"reply {tag} was settled as {entry.state} in this moment: nothing was changed"
            )
        if as_json:
            printed(
                context.out, {"tag": tag, "run_id": entry.run_id, "tenant": entry.tenant, "state": str(state)}
            )
        else:
            print(f"Reply {tag} of run {entry.run_id} stands as {state} now.", file=context.out)
        return 0

    return operate(work)


def _bare(ses_id: str) -> str:
    """SES's id, be it copied alone or as it stood on the wire."""
    ident = ses_id.strip("<> ").partition("@")[0]
    if not (ident.isascii() and ident.replace("-", "").isalnum()):
        raise RequestError(f"--ses-id is {ses_id!r}: SES's ids are letters, digits and -")
    return ident


async def _closable(operations: Operations, tag: str, state: OutboxState) -> ReplyRow:
    row = await operations.inspector.reply(tag)
    if row is None:
        raise RequestError(f"there is no reply with the tag {tag}")
    # The same word again brings its record up to date, should that have failed the first time.
    again = row.entry.state is state and row.entry.item.get("why") == BY_HAND
    if again or operations.inspector.uncertain(row):
        return row
    if row.entry.state is OutboxState.SENDING:
        raise RequestError(f"reply {tag} is being sent just now: wait a few minutes")
    raise RequestError(f"reply {tag} is {row.entry.state}: only what nobody knows of can be closed")
