"""The demo tenant: seed 000's people and a few more, and three mailboxes that anyone may write to."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from parley.conversations.domains import add_domain
from parley.conversations.kinds import MAILBOX
from parley.meetings.action_items import first_items, typed_action_items
from parley.meetings.kinds import MEETING
from parley.meetings.merging import held_by_person, non_blank_fields
from parley.people.kinds import CONTACT, USER, user_name
from parley.store.kind import index_key, key_of
from parley.store.links import link_changes
from parley.store.mentions import mentions
from parley.store.record import Change, Record, create_change, set_change

if TYPE_CHECKING:
    from parley.store.kind import Kind
    from parley.store.ports import DataStore

TENANT = "demo"
BEGINNING = "2025-07-01T00:00:00.000Z"

USERS: tuple[dict[str, Any], ...] = (
    {
        "id": "user_1",
        "name": "Sarah Chen",
        "email": "sarah.chen@company.com",
        "role": "Account Executive",
        "time_zone": "America/Los_Angeles",
    },
    {
        "id": "user_2",
        "name": "Marcus Webb",
        "email": "marcus.webb@company.com",
        "role": "Customer Success Manager",
        "time_zone": "Europe/Berlin",
    },
)
_ADDRESSES = {user_name(user["id"]): user["email"] for user in USERS}
CONTACTS: tuple[dict[str, Any], ...] = (
    {
        "id": "contact_1",
        "name": "Jennifer Liu",
        "email": "jennifer.liu@acmecorp.com",
        "company": "Acme Corp",
        "role": "VP of Engineering",
    },
    {
        "id": "contact_2",
        "name": "Tomasz Nowak",
        "email": "tomasz.nowak@northwind.example",
        "company": "Northwind Logistics",
        "role": "Head of Operations",
    },
    {
        "id": "contact_3",
        "name": "Amara Okafor",
        "email": "amara.okafor@brightline.example",
        "company": "Brightline Health",
        "role": "Director of IT",
    },
)


def _past(ident: str, user: str, contact: str | None, title: str, when: str, **after: Any) -> dict[str, Any]:
    return {
        "id": ident,
        "run_id": None,
        "user_id": user,
        "contact_id": contact,
        "title": title,
        "scheduled_time": when,
        "duration_minutes": 45,
        "time_zone": None,
        "attendees": [],
        "status": "completed",
        "series": None,
        "ical_uid": None,
        "recurrence_id": None,
        "sequence": None,
        "dtstamp": None,
        "rrule": None,
        "exdates": [],
        "transparent": False,
        "all_day": False,
        "thread_id": None,
        "source": None,
        "summary": None,
        "action_items": None,
        "sentiment": None,
    } | after


MEETINGS: tuple[dict[str, Any], ...] = (
    _past(
        "hist_meeting_1",
        "user_1",
        "contact_1",
        "Product Demo",
        "2025-07-10T14:00:00",
        summary="Jennifer saw the search and the export. She liked both and asked about single sign-on.",
        action_items=["Sarah to send the single sign-on guide", "Jennifer to name a security contact"],
        sentiment="positive",
    ),
    _past(
        "hist_meeting_2",
        "user_1",
        "contact_1",
        "Security Review",
        "2025-08-05T10:30:00",
        summary="Acme's security team went through the questionnaire; data residency is still open.",
        action_items=["Sarah to confirm that data can stay in the EU"],
        sentiment="neutral",
    ),
    _past(
        "hist_meeting_3",
        "user_2",
        "contact_2",
        "Onboarding Check-in",
        "2025-09-02T15:00:00",
        summary="Two depots are live. The third waits for scanners, and Tomasz is worried about the date.",
        action_items=["Marcus to ask for a delivery date of the scanners"],
        sentiment="mixed",
    ),
    _past(
        "hist_meeting_4",
        "user_2",
        None,
        "Renewals: internal planning",
        "2025-09-15T09:00:00",
        summary="Northwind and Brightline renew in the same week; Marcus takes both.",
        action_items=["Marcus to draft both renewal offers"],
    ),
)


def _mailbox(address: str, purpose: str) -> dict[str, Any]:
    return {
        "address": address,
        "tenant": TENANT,
        "purpose": purpose,
        "owner": None,
        "members": ["*"],
        "mode": "auto",
        "signature": "",
        "require_auth": False,
        "answer_unauthenticated": True,
        "cost_ceiling_micro_usd": None,
        "aliases": [],
    }


MAILBOXES = (
    _mailbox("meetings@parley.local", "meetings"),
    _mailbox("deals@parley.local", "deals"),
    _mailbox("creator@repflow.app", "deals"),
)

DOMAINS = ("parley.local", "repflow.app", "company.com", "example.com", "example.org", ".example", ".test")
"""Where the demo tenant may have mailboxes: its own domains, and names that are reserved for trials."""


async def seed_demo(store: DataStore) -> None:
    """Put the demo tenant there. What is there already stays as it is."""
    people = [(USER, body["id"], body) for body in USERS] + [(CONTACT, body["id"], body) for body in CONTACTS]
    meetings = [(MEETING, body["id"], body) for body in MEETINGS]
    mailboxes = [(MAILBOX, body["address"], body) for body in MAILBOXES]
    rows = [*people, *meetings, *mailboxes]
    await asyncio.gather(
        *(store.write(*_changes(kind, ident, body)) for kind, ident, body in rows),
        *(add_domain(store, TENANT, domain) for domain in DOMAINS),
    )


def _changes(kind: Kind, ident: str, body: dict[str, Any]) -> list[Change]:
    record = _record(kind, ident, body)
    put = create_change(record)
    names = (_ADDRESSES.get(name, name) for name in kind.people(body))
    named = mentions(TENANT, kind, record.key.partition, names, kind.spans(body), now=BEGINNING)
    links = [set_change(link) for link in named]
    said = typed_action_items(body) if kind is MEETING else None
    items = first_items(TENANT, ident, said, now=BEGINNING) if said else []
    return [put, *(part.change for part in link_changes(TENANT, kind, record, body)), *links, *items]


def _record(kind: Kind, ident: str, body: dict[str, Any]) -> Record:
    return Record(
        key=key_of(TENANT, kind, ident),
        body=json.dumps(body, ensure_ascii=False, sort_keys=True),
        created_at=BEGINNING,
        updated_at=BEGINNING,
        index=index_key(TENANT, kind, ident, body, now=BEGINNING),
        fields={name: str(body[name]) for name in kind.fields if body.get(name) is not None},
        stamps=held_by_person({}, non_blank_fields(body)) if kind is MEETING else {},
    )
