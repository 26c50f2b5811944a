"""The FastAPI dependency by which routes get the erasure service, with the rooms of the app."""

from typing import Annotated

from fastapi import Depends

from parley.api.dependencies import AllRooms, StoredRecords, resource
from parley.privacy.service import ErasureConfig, ErasureService


async def _erasures(
    records: StoredRecords,
    rooms: AllRooms,
    config: Annotated[ErasureConfig, Depends(resource(ErasureConfig))],
) -> ErasureService:
    return ErasureService(records, rooms, config)


Erasures = Annotated[ErasureService, Depends(_erasures)]
