"""A replay that changes nothing: the very same pipeline, over what only looks like writing.

    runs table   read for real; writes stay here; this run's steps and reply are out of sight
    backend      read for real; writes stay here
    sender       sends to nobody

So everything is made anew, and what it came to is the record that the run would have.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from parley.analysis.machine import recorded_usage
from parley.core.clock import Deadline
from parley.core.outcome import Outcome
from parley.errors import ParleyError
from parley.inbound.email_ledger import EmailLedger, email_of
from parley.inbound.pipeline import Pipeline, Replay
from parley.inbound.ports import BackendAPI
from parley.ledger.keys import CLAIM
from parley.ledger.table import Index, Item, Place, RunTable
from parley.ledger.waiting import RunRow
from parley.llm.usage import Usage
from parley.mail.mailbox import Mailbox

Json = dict[str, Any]


async def dry_run(
    pipeline: Pipeline,
    table: RunTable,
    row: RunRow,
    *,
    runs_over: Callable[[RunTable], EmailLedger],
    deadline: Deadline,
    past_gates: bool = False,
    recorded: bool = False,
) -> Json:
    """The record that a replay of this run would leave, in the shape of `/emails/{run_id}`.

    Its `usage` is what the dry run itself took. `runs_over` is the ledger
    over a table of the caller's choice. `recorded` keeps the recorded answers
    of models instead of asking again. Raises what `Pipeline.deliver` raises.
    """
    overlay = OverlayTable(table, row, recorded=recorded)
    paid = await overlay.paid()
    backend = ReadOnlyBackend(pipeline.backend)
    dry = replace(pipeline, runs=runs_over(overlay), backend=backend, sender=NullSender())
    await dry.deliver(email_of(row), deadline=deadline, replay=Replay(row.run_id, past_gates=past_gates))
    if row.run_id not in backend.emails:
        raise ParleyError(f"the dry run of run {row.run_id} left no record")
    # As the API would give it back: tuples become lists.
    record: Json = json.loads(json.dumps(backend.emails[row.run_id]))
    return {**record, "usage": (_usage(record["usage"]) - paid).as_json()}


def _usage(shown: Json) -> Usage:
    micro_usd = round(shown["cost_usd"] * 1_000_000)
    return Usage(shown["llm_calls"], shown["input_tokens"], shown["output_tokens"], micro_usd)


class OverlayTable:
    """`RunTable` that reads another and keeps what is written to itself."""

    def __init__(self, table: RunTable, row: RunRow, *, recorded: bool) -> None:
        self._table = table
        self._pk = row.item["pk"]
        self._steps = f"step#{row.generation}#"
        self._hidden = ("outbox#",) if recorded else ("outbox#", "step#")
        claim = {**row.item, "spent": {}}
        if recorded and row.item["state"] == "finished":
            # Only a run that failed goes on with the steps that it has.
            claim["outcome"] = str(Outcome.FAILED)
        self._kept: dict[Place, Item | None] = {(self._pk, CLAIM): claim}

    async def paid(self) -> Usage:
        """What the recorded answers took that a run over this table goes on with."""
        rows = [row for row in await self.items(self._pk) if row["sk"].startswith(self._steps)]
        steps = {row["sk"].removeprefix(self._steps): json.loads(row["value"]) for row in rows}
        return recorded_usage(steps)

    async def create(self, item: Item) -> Item | None:
        place = (item["pk"], item["sk"])
        standing = await self.get(*place)
        if standing is None:
            self._kept[place] = item
        return standing

    async def replace(self, item: Item, *, version: int) -> Item | None:
        place = (item["pk"], item["sk"])
        standing = await self.get(*place) or {}
        if standing.get("version") != version:
            return standing
        self._kept[place] = item
        return None

    async def get(self, pk: str, sk: str) -> Item | None:
        if (pk, sk) in self._kept:
            return self._kept[pk, sk]
        return None if self._is_hidden(pk, sk) else await self._table.get(pk, sk)

    async def items(self, pk: str) -> list[Item]:
        real = {row["sk"]: row for row in await self._table.items(pk) if not self._is_hidden(pk, row["sk"])}
        kept = {sk: item for (one, sk), item in self._kept.items() if one == pk}
        return [item for _, item in sorted({**real, **kept}.items()) if item is not None]

    async def find(self, index: Index, value: str, *, limit: int) -> list[Place]:
        """As the real table stands: an index may lag anyway."""
        return await self._table.find(index, value, limit=limit)

    async def remove(self, pk: str, sk: str) -> None:
        self._kept[pk, sk] = None

    def _is_hidden(self, pk: str, sk: str) -> bool:
        return pk == self._pk and sk.startswith(self._hidden)


@dataclass(frozen=True, slots=True)
class ReadOnlyBackend:
    """`BackendAPI` that reads another and keeps what is written to itself; `emails` by run id."""

    backend: BackendAPI
    emails: dict[str, Json] = field(default_factory=dict)
    written: list[tuple[str, str, Json]] = field(default_factory=list)

    async def find_mailbox(self, address: str) -> Mailbox | None:
        return await self.backend.find_mailbox(address)

    async def check_email_blacklisted(self, tenant: str, address: str) -> bool:
        return await self.backend.check_email_blacklisted(tenant, address)

    async def check_email_suppressed(self, tenant: str, address: str) -> bool:
        return await self.backend.check_email_suppressed(tenant, address)

    async def list_meetings(self, tenant: str, **filters: str) -> list[Json]:
        return await self.backend.list_meetings(tenant, **filters)

    async def get_user(self, tenant: str, user_id: str) -> dict[str, Any] | None:
        return await self.backend.get_user(tenant, user_id)

    async def find_user(self, tenant: str, email: str) -> Json | None:
        return await self.backend.find_user(tenant, email)

    async def get_meeting(self, tenant: str, meeting_id: str) -> Json | None:
        return await self.backend.get_meeting(tenant, meeting_id)

    async def get_conversation_history(self, tenant: str, thread_id: str) -> list[Json]:
        return await self.backend.get_conversation_history(tenant, thread_id)

    async def get_brief(self, tenant: str, meeting_id: str) -> Json | None:
        return await self.backend.get_brief(tenant, meeting_id)

    async def put_meeting(self, tenant: str, meeting_id: str, body: Json) -> None:
        del tenant
        self.written.append(("meeting", meeting_id, body))

    async def put_contact(self, tenant: str, contact_id: str, body: Json) -> None:
        del tenant
        self.written.append(("contact", contact_id, body))

    async def put_insights(self, tenant: str, meeting_id: str, body: Json) -> None:
        del tenant
        self.written.append(("insights", meeting_id, body))

    async def put_message(self, tenant: str, message_id: str, body: Json) -> None:
        del tenant
        self.written.append(("message", message_id, body))

    async def put_email(self, tenant: str, run_id: str, body: Json) -> None:
        del tenant
        self.emails[run_id] = body


class NullSender:
    """`Sender` that sends to nobody; the id it gives is nobody's either."""

    async def send(self, raw: bytes, *, recipient: str, tag: str) -> str:
        del raw, recipient
        return f"<{tag}@dry-run.invalid>"
