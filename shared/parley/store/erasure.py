"""The interface between `privacy`, which erases, and the rooms, which know what they keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from parley.core.ids import RunId
from parley.store.kind import Kind
from parley.store.records import Records

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """The person who is to be erased.

    `address` is in lower case. `contacts` are the ids of the contacts that
    have it. `redact` answers a body without the person.
    """

    address: str
    contacts: tuple[str, ...]
    redact: Callable[[Body], Body]


@dataclass(frozen=True, slots=True)
class Identity:
    """What one room knows of the person who has an address.

    `records` are the bodies that are the person, `contacts` the ids of those
    which are contacts, `named` the names other than the address by which
    other records mention the person.
    """

    records: tuple[Body, ...] = ()
    contacts: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ErasedRun:
    """A run whose email is erased, and its record in the API; {} where there is none."""

    run_id: RunId
    report: Body


class Erasure(Protocol):
    """One request to erase, at work. `removed` counts by name; `keep` notes what stays, and why."""

    records: Records

    @property
    def tenant(self) -> str:
        """The tenant whose data is erased."""
        ...

    @property
    def removed(self) -> Counter[str]:
        """How many records of each name were removed."""
        ...

    def keep(self, what: str, why: str) -> None:
        """Note what stays, and why."""
        ...

    async def remove(self, name: str, kind: Kind, ident: str) -> None:
        """Remove a record for good, and count it under `name` where there was one."""
        ...

    async def redact(self, kind: Kind, ident: str, subject: Subject, *, rank: int | None = None) -> None:
        """Take the person out of a record. With a `rank` the record has that rank from now on."""
        ...

    async def erase_from_ledger(self, run_id: RunId, *, only_ended: bool = False) -> bool | None:
        """Whether the ledger knew the run; None where somebody is working on it, and it is left for later."""
        ...


class RoomErasure:
    """What an erasure removes of one room. Each method does nothing unless the room says otherwise.

    `run_reports` is the kind of record whose ids are run ids, in the one room that has it.
    """

    run_reports: Kind | None = None

    async def knows_tenant(self, records: Records, tenant: str) -> bool:
        """Whether the room shows that this tenant exists."""
        del records, tenant
        return False

    async def identify(self, records: Records, tenant: str, address: str) -> Identity:
        """What the room knows of the person who has this address."""
        del records, tenant, address
        return Identity()

    async def erase_run(self, work: Erasure, run: ErasedRun) -> None:
        """Remove all that the run of one email made."""

    async def redact_run(self, work: Erasure, run: ErasedRun, subject: Subject) -> None:
        """Take the person out of all that the run of somebody else's email made."""

    async def erase_record(self, work: Erasure, kind: str, ident: str, body: Body, subject: Subject) -> None:
        """Take the person out of one record that names them, or remove it. `body` is {} when it is gone."""

    async def erase_person(self, work: Erasure, subject: Subject) -> None:
        """Remove what is the person's own. Called last, and only when nothing is left to do."""
