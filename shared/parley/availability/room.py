"""The room of availability: when everybody can meet. It keeps no records."""

from parley.api.room import Room
from parley.availability import routes
from parley.availability.reference import FIELDS

AVAILABILITY = Room(
    name="availability",
    routers=(routes.router,),
    tags={"availability": "When everybody can meet."},
    fields=FIELDS,
)
