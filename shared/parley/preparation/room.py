"""The room of preparation: what to know before a meeting. It keeps no records."""

from parley.api.room import Room
from parley.preparation import routes
from parley.preparation.reference import FIELDS

PREPARATION = Room(name="preparation", routers=(routes.router,), fields=FIELDS)
