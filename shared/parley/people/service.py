"""Users and contacts: alike but for whose they are."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from parley.store.record import ListQuery
from parley.store.results import Standing

if TYPE_CHECKING:
    from parley.core.fields import Strict
    from parley.store.idempotency import Idempotency
    from parley.store.kind import Kind
    from parley.store.records import Records
    from parley.store.results import Answered, Body, Page, Stored


def fill_blanks(standing: Standing, said: Body) -> Standing | None:
    """What stands, its blank fields filled; None when nothing changes."""
    body = {name: standing.body.get(name) or value for name, value in said.items()}
    after = {**standing.body, **body}
    return Standing(after) if after != standing.body else None


class PeopleService:
    """The users, or the contacts, of all tenants; `kind` and `model` say which."""

    def __init__(self, records: Records, kind: Kind, model: type[Strict]) -> None:
        self._records = records
        self._kind = kind
        self._model = model

    async def get(self, tenant: str, ident: str) -> Stored:
        """One person. Raises NotFound."""
        return await self._records.fetch(tenant, self._kind, ident)

    async def create(self, tenant: str, body: Body, *, idempotency: Idempotency | None = None) -> Answered:
        """Make a person under a new id. Raises Conflict where somebody has the address."""
        ident = f"{self._kind.name}_{uuid.uuid4().hex}"
        person = self._edited({"id": ident}, body)
        return await self._records.create(
            tenant, self._kind, ident, person, answer=person, idempotency=idempotency
        )

    async def put(self, tenant: str, ident: str, body: Body) -> Stored:
        """Make it, or fill what is blank in the one that stands: the one of this id, or of this address."""
        return await self._records.derive(tenant, self._kind, ident, body, make=fill_blanks)

    async def delete(self, tenant: str, ident: str, *, if_match: str | None) -> None:
        """Remove it; no email makes another with its address, but a person can."""
        await self._records.delete(tenant, self._kind, ident, if_match=if_match)

    async def update(self, tenant: str, ident: str, updates: Body, *, if_match: str | None) -> Stored:
        """Change the given fields. Raises NotFound, Conflict and PreconditionFailed."""
        return await self._records.change(
            tenant,
            self._kind,
            ident,
            edit=lambda body: self._edited(body, updates) if updates else body,
            if_match=if_match,
        )

    def _edited(self, body: Body, updates: Body) -> Body:
        return self._model.model_validate(body | updates).model_dump(mode="json")

    async def page(self, tenant: str, *, email: str | None, limit: int, cursor: str | None) -> Page:
        """By address; `email` leaves only those who have exactly this one."""
        low, high = (f"{email}#", f"{email}#~") if email else (None, None)
        query = ListQuery(group=f"{tenant}#{self._kind.name}", limit=limit, low=low, high=high)
        return await self._records.page(query, cursor=cursor)


class UserService(PeopleService):
    """Users: the addresses that one had stay known, for their meetings stand there (see `calendars`)."""

    def _edited(self, body: Body, updates: Body) -> Body:
        after = super()._edited(body, updates)
        left = [body["email"]] if body.get("email", after["email"]) != after["email"] else []
        former = dict.fromkeys([*after["former_emails"], *left])
        return {**after, "former_emails": [one for one in former if one != after["email"]]}
