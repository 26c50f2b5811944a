"""The room of people: users, contacts, and the addresses that are not heard or not written to."""

from parley.api.room import Room
from parley.people import routes, routes_address_lists
from parley.people.erasure import PeopleErasure
from parley.people.kinds import BLACKLIST, CONTACT, SUPPRESSION, USER
from parley.people.reference import FIELDS

PEOPLE = Room(
    name="people",
    routers=(routes.router, routes_address_lists.router),
    kinds=(USER, CONTACT, BLACKLIST, SUPPRESSION),
    tags={
        "people": "Users, who are the tenant's own, and contacts, whom they meet.",
        "blocked addresses": "Addresses that are not heard (blacklist) or not written to (suppressions).",
    },
    fields=FIELDS,
    erasure=PeopleErasure(),
)
