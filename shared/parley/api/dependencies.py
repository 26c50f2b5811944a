"""FastAPI dependencies from which the rooms make their own."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Request

from parley.api.auth import AnyCaller
from parley.api.room import Room
from parley.store.records import Records

Made = TypeVar("Made")


async def _records(request: Request) -> Records:
    return cast("Records", request.app.state.records)


async def _rooms(request: Request) -> tuple[Room, ...]:
    return cast("tuple[Room, ...]", request.app.state.rooms)


StoredRecords = Annotated[Records, Depends(_records)]
AllRooms = Annotated[tuple[Room, ...], Depends(_rooms)]


def resource(kind: type[Made]) -> Callable[[Request], Coroutine[Any, Any, Made]]:
    """A dependency that gives what the app was composed with under this type."""

    async def give(request: Request) -> Made:
        return cast("Made", request.app.state.resources[kind])

    return give


def of_tenant(make: Callable[[Records, str], Made]) -> Callable[..., Coroutine[Any, Any, Made]]:
    """A dependency that makes a service over the records of the caller's tenant."""

    async def give(records: StoredRecords, caller: AnyCaller) -> Made:
        return make(records, caller.tenant)

    return give


def of_records(make: Callable[[Records], Made]) -> Callable[..., Coroutine[Any, Any, Made]]:
    """A dependency that makes a service whose methods take the tenant."""

    async def give(records: StoredRecords) -> Made:
        return make(records)

    return give
