"""The room of privacy: people and emails erased from all rooms, with a certificate."""

from parley.api.room import Room
from parley.privacy import routes
from parley.privacy.kinds import ERASURE
from parley.privacy.reference import FIELDS

PRIVACY = Room(
    name="privacy",
    routers=(routes.router,),
    kinds=(ERASURE,),
    tags={"erasure": "A person or an email erased, and the certificate of it."},
    fields=FIELDS,
)
