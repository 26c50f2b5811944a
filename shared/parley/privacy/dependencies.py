"""The FastAPI dependency by which routes get the erasure service, with the rooms of the app."""

from typing import Annotated

from fastapi import Depends

from parley.api.dependencies import AllRooms, StoredRecords, resource
from parley.privacy.service import Erasing, ErasureService


async def _erasures(
    records: StoredRecords, rooms: AllRooms, erasing: Annotated[Erasing, Depends(resource(Erasing))]
) -> ErasureService:
    return ErasureService(records, rooms, erasing)


Erasures = Annotated[ErasureService, Depends(_erasures)]
