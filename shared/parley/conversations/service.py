"""Emails as the pipeline reports them, and the messages of each conversation."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from parley.conversations.kinds import EMAIL, MESSAGE, thread_group
from parley.store.record import ListQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parley.store.idempotency import Idempotency
    from parley.store.records import Records
    from parley.store.results import Answered, Body, Page, Stored


class ConversationService:
    """The emails and messages of all tenants."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def create_message(
        self, tenant: str, body: Body, *, idempotency: Idempotency | None = None
    ) -> Answered:
        """Store a message under a new id."""
        ident = f"message_{uuid.uuid4().hex}"
        message = {"id": ident, **body}
        return await self._records.create(
            tenant, MESSAGE, ident, message, answer=message, idempotency=idempotency
        )

    async def put_message(self, tenant: str, message_id: str, body: Body) -> Stored:
        """Store a run's message under its id; repeating it changes nothing."""
        return await self._records.put(tenant, MESSAGE, message_id, {"id": message_id, **body})

    async def messages(self, tenant: str, thread_id: str, *, limit: int, cursor: str | None) -> Page:
        """One page of a conversation, oldest first."""
        query = ListQuery(group=f"{tenant}#{thread_group(thread_id)}", limit=limit)
        return await self._records.page(query, cursor=cursor)

    async def put_email(self, tenant: str, run_id: str, body: Body) -> Stored:
        """A run's progress; an earlier state never replaces a later one."""
        return await self._records.put(tenant, EMAIL, run_id, {"run_id": run_id, **body})

    async def email(self, tenant: str, run_id: str) -> Stored:
        """The record of one run. Raises NotFound."""
        return await self._records.fetch(tenant, EMAIL, run_id)

    async def emails(
        self, tenant: str, filters: Mapping[str, str], *, limit: int, cursor: str | None
    ) -> Page:
        """One page, newest first."""
        query = ListQuery(
            group=f"{tenant}#{EMAIL.name}", limit=limit, fields=dict(filters), newest_first=True
        )
        return await self._records.page(query, cursor=cursor)
