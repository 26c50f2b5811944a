"""/availability: when everybody can meet."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from parley.api.dependencies import of_tenant
from parley.api.strict_route import StrictRoute
from parley.availability.bodies import Availability, AvailabilityRequest
from parley.availability.service import AvailabilityQuery, AvailabilityService

Availabilities = Annotated[AvailabilityService, Depends(of_tenant(AvailabilityService))]

router = APIRouter(route_class=StrictRoute, prefix="/availability", tags=["availability"])


@router.post("", response_model=Availability)
async def find_available_slots(body: AvailabilityRequest, availability: Availabilities) -> JSONResponse:
    """The gaps in which all users are at work and free, in UTC; days and hours are on each user's wall.

    Of several days without `weekdays` those from Monday to Friday count.
    """
    asked = AvailabilityQuery(
        first=body.date,
        last=body.end_date or body.date,
        duration_minutes=body.duration_minutes,
        work_hours=body.work_hours,
        weekdays=frozenset(body.weekdays) if body.weekdays else None,
        tentative_is_free=body.tentative == "free",
        best_first=body.order == "best",
    )
    slots = await availability.find(body.user_ids, asked)
    shown = slots[: body.limit] if body.limit else slots
    return JSONResponse({"slots": [{"start": _utc(one.start), "end": _utc(one.end)} for one in shown]})


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
