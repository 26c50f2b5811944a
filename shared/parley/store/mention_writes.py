"""Mentions written beside records, so that each is found by those whom its body names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from parley.core.tasks import together
from parley.store.access import RecordAccess
from parley.store.blobs import unpack
from parley.store.kind import Alias, Kind, key_of
from parley.store.links import Part, unguarded_put
from parley.store.mentions import mentions
from parley.store.record import (
    Record,
)
from parley.store.results import Body

MENTIONS_AT_ONCE = 10
MENTIONS_WITH_IT = 40


class MentionWrites(RecordAccess):
    """Writes mentions."""

    async def _mention(self, links: Sequence[Record]) -> None:
        """Let a record be found by those whom its body names. Repeated with the write until both are made."""
        turn = asyncio.Semaphore(MENTIONS_AT_ONCE)

        async def put(link: Record) -> None:
            async with turn:
                await self.write([unguarded_put(link).change])

        await together(*(put(link) for link in links))

    async def _mentioned(
        self, tenant: str, kind: Kind, partition: str, body: Body, *, old: Body | None = None
    ) -> list[Part]:
        """A record's mentions, to be made with it; what is too much for that is made now.

        What `old`, the body that stands, was mentioned with already is left out.
        """
        standing = set(kind.people(old)) if old and kind.spans(old) == kind.spans(body) else set()
        names = await self._lists(tenant, kind, [name for name in kind.people(body) if name not in standing])
        links = mentions(tenant, kind, partition, names, kind.spans(body), now=self.now())
        await self._mention(links[MENTIONS_WITH_IT:])
        return [unguarded_put(link) for link in links[:MENTIONS_WITH_IT]]

    async def list_again(self, tenant: str, kind: Kind, ident: str, *, left: str) -> None:
        """Put a record into the lists of its aliases, but for the one that it has just left."""
        stored = await self.find(tenant, kind, ident)
        if stored is None:
            return
        owners = [name for name in kind.people(stored.body) if _aliased(kind, name)]
        names = [name for name in await self._lists(tenant, kind, owners) if name != left]
        partition = key_of(tenant, kind, ident).partition
        await self._mention(mentions(tenant, kind, partition, names, kind.spans(stored.body), now=self.now()))

    async def _lists(self, tenant: str, kind: Kind, names: Sequence[str]) -> list[str]:
        """The lists that these names have: of an alias the one of the field that it stands for."""
        aliased = [(name, found) for name in names if (found := _aliased(kind, name))]
        if not aliased:
            return list(names)
        keys = [key_of(tenant, alias.kind, ident) for _, (alias, ident) in aliased]
        known: dict[str, str] = {}
        for (name, (alias, _)), record in zip(aliased, await self.store.get_many(keys), strict=True):
            if record and not record.deleted:
                known[name] = (await unpack(self.blobs, record))[alias.field]
        return [known.get(name, name) for name in names]


def _aliased(kind: Kind, name: str) -> tuple[Alias, str] | None:
    """The alias that this name is of, and the id in it."""
    return next(((one, ident) for one in kind.aliases if (ident := one.ident_of(name))), None)
