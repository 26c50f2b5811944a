"""Before a meeting (seed 000 phases 4 and 5, seed 001 part 2): the facts gathered, and put into words.

    meeting ─▶ contact ─▶ past meetings ─┬▶ their insights ──▶ brief ─▶ model, or rules ─▶ preparation
                                         └▶ open items ────────┘

What is still owed comes from all past meetings, each item with where it was
promised. Nothing of it is kept: it is as old as its facts, and tells of people
whom its meeting does not name.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from parley.availability.occurrences import excepted, recurrence_of
from parley.core.tasks import together
from parley.errors import invalid
from parley.insights.service import PART as INSIGHTS
from parley.llm.budget import Budget
from parley.mail.calendar.recurrence import plus, utc_time, wall_time
from parley.meetings.action_item import ActionStatus
from parley.meetings.action_items import ActionItemService
from parley.meetings.calendars import Calendars, of_contact
from parley.meetings.kinds import MEETING, in_meeting, length_of, recurs
from parley.people.kinds import CONTACT, USER
from parley.preparation.brief import Brief, PastMeeting, PendingItem, Preparation
from parley.preparation.preparer import MAX_RETRIES, cleaned
from parley.store.blobs import unpack
from parley.store.kind import key_of
from parley.store.links import HOLDER, claims
from parley.store.record import ListQuery, record_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from parley.preparation.preparer import Preparer
    from parley.store.record import Record
    from parley.store.records import Records
    from parley.store.results import Body

FREE_MAIL = frozenset(
    {
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "yahoo.com",
        "ymail.com",
        "icloud.com",
        "me.com",
        "aol.com",
        "gmx.net",
        "gmx.de",
        "gmx.at",
        "web.de",
        "t-online.de",
        "mail.com",
        "proton.me",
        "protonmail.com",
        "fastmail.com",
        "zoho.com",
        "yandex.ru",
        "mail.ru",
        "qq.com",
        "163.com",
        "126.com",
        "orange.fr",
        "free.fr",
        "laposte.net",
        "libero.it",
        "wp.pl",
        "o2.pl",
    }
)
"""Domains that are nobody's own: who has an address there is no colleague of everybody else."""
log = logging.getLogger("parley.api.preparation")

MOST_PAST = 200
"""Past meetings of which the open items are looked for."""
AT_ONCE = 100
"""Records that one read takes."""
MOST_TOLD = 5
"""The latest of them, which are told."""
MOST_ATTENDEES = 100
MOST_LOOKED_AT = 10
"""Contacts among them of whom it is asked whether there was a meeting."""
MOST_USERS = 500
SECONDS = 22.0
"""For one preparation: API Gateway waits for 30."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationConfig:
    """What preparations need beside the records: who writes them, and in how many seconds."""

    preparer: Preparer
    seconds: float = SECONDS
    monotonic: Callable[[], float] = time.monotonic

    def budget(self) -> Budget:
        end = self.monotonic() + self.seconds
        return Budget(seconds=lambda: end - self.monotonic())


class PreparationService:
    """The preparations of one tenant."""

    def __init__(self, records: Records, preparing: PreparationConfig, tenant: str) -> None:
        self._records = records
        self._preparing = preparing
        self._tenant = tenant

    # -- the seed's functions

    async def generate_pre_meeting_prep(self, meeting_id: str) -> Preparation:
        """One attempt. Raises ValueError for a meeting that is not there or has nobody from outside in it,

        LLMAPIError when the model failed or its answer was malformed.
        """
        return await self._attempted(await self.brief(meeting_id), attempts=1)

    async def generate_pre_meeting_prep_with_retry(
        self, meeting_id: str, max_retries: int = MAX_RETRIES
    ) -> Preparation:
        """At most `max_retries` attempts, with waits of 0.1, 0.2, 0.4 s ..., capped, with jitter.

        Raises LLMAPIError when all of them failed; a ValueError is never retried.
        """
        if max_retries < 1:
            raise invalid("max_retries", "must be at least 1")
        return await self._attempted(await self.brief(meeting_id), attempts=max_retries)

    async def _attempted(self, brief: Brief, *, attempts: int) -> Preparation:
        preparer = self._preparing.preparer
        return await preparer.prepare(brief, budget=self._preparing.budget(), attempts=attempts)

    # -- over HTTP

    async def prepare(self, meeting_id: str, user_id: str | None = None) -> Preparation:
        """What seed 001 answers, and who wrote it: by the model, else by the rules where they are allowed.

        Raises LLMAPIError (503) when all retries failed and they are not.
        """
        brief = await self.brief(meeting_id, user_id)
        made = await self._preparing.preparer.prepare_or_fall_back(brief, budget=self._preparing.budget())
        log.info(
            "preparation", extra={"source": made.source, "past": brief.held, "pending": len(brief.pending)}
        )
        return made

    # -- the facts

    async def brief(self, meeting_id: str, user_id: str | None = None) -> Brief:
        """All that is on record of the contact of a meeting, without join details.

        Of past meetings those count that `user_id` was in, by default the meeting's own user;
        of a meeting that is nobody's, all of the tenant's. Raises NotFound, and InvalidRequest
        for an internal meeting; both are ValueErrors.
        """
        meeting = (await self._records.fetch(self._tenant, MEETING, meeting_id)).body
        contact = await self._contact(meeting)
        if contact is None and meeting["contact_id"]:
            raise invalid("contact_id", f"the contact {meeting['contact_id']} was removed: name another")
        if contact is None:
            raise invalid("contact_id", "this is an internal meeting: it has no contact to prepare for")
        before = self._before(meeting)
        past = await self._past(contact, before, user_id or meeting["user_id"], without=meeting_id)
        held = {one["id"]: _held(one, before) for one in past}
        past.sort(key=lambda one: held[one["id"]].last or "", reverse=True)
        insights = await self._insights(past)
        items = ActionItemService(self._records, self._tenant)
        # A meeting without insights or a list of its own has no items: it is not asked for any.
        promising = [one["id"] for one in past if one["id"] in insights or one.get("action_items")]
        owed, told = await together(
            items.of_meetings(promising), self._told(past[:MOST_TOLD], insights, held)
        )
        facts = Brief(
            name=contact["name"] or contact["email"],
            role=contact["role"],
            company=contact["company"],
            title=meeting["title"],
            when=self._when(meeting),
            past=tuple(told),
            pending=tuple(_pending(item, held) for item in owed if item["status"] == ActionStatus.OPEN),
            held=sum(one.times for one in held.values()),
        )
        return cleaned(facts)

    async def _past(
        self, contact: Body, before: datetime, user_id: str | None, *, without: str
    ) -> list[Body]:
        calendars = Calendars(self._records, self._tenant)
        past = await calendars.past(of_contact(contact), before, limit=MOST_PAST, without=without)
        if not user_id:
            return past
        user = await self._records.find(self._tenant, USER, user_id)
        if user is None:
            raise invalid("user_id", f"there is no user {user_id}")
        names = set((await calendars.of_user(user.body)).names)
        return [one for one in past if names & set(in_meeting(one))]

    def _when(self, meeting: Body) -> str:
        """The wall's time of the meeting, of a series that of the next one; "" where none is known."""
        if not meeting["scheduled_time"]:
            return ""
        start = datetime.fromisoformat(meeting["scheduled_time"])
        if recurs(meeting):
            recurrence = recurrence_of(meeting, ZoneInfo("UTC"))
            gone = excepted(meeting, ZoneInfo("UTC"))
            coming = recurrence.after(
                plus(wall_time(self._records.clock(), recurrence.zone), -length_of(meeting))
            )
            start = next((one for one in coming if utc_time(one, recurrence.zone) not in gone), start)
        return f"{start:%Y-%m-%d %H:%M}"

    def _before(self, meeting: Body) -> datetime:
        """Now; of a meeting that is over, the time that it began."""
        now, start = self._records.clock(), meeting["scheduled_time"]
        if not start or recurs(meeting):
            return now
        zone = ZoneInfo(meeting["time_zone"]) if meeting["time_zone"] else UTC
        return min(now, datetime.fromisoformat(start).replace(tzinfo=zone))

    async def _contact(self, meeting: Body) -> Body | None:
        """Whom the meeting is with: the contact it names, else the best known of its outside attendees."""
        if meeting["contact_id"]:
            named = await self._records.find(self._tenant, CONTACT, meeting["contact_id"])
            if named:
                return named.body
        people = {
            one["address"].lower(): one
            for one in meeting["attendees"]
            if one.get("address") and not one.get("kind")
        }
        users = await self._users()
        own = {user["email"] for user in users}
        # A colleague whom an invite made a contact of has the company's domain.
        ours = {address.partition("@")[2] for address in own} - FREE_MAIL
        outside = [one for one in people if one not in own and one.partition("@")[2] not in ours]
        if not outside:
            return None
        return await self._best_known(outside[:MOST_ATTENDEES], people, without=meeting["id"])

    async def _best_known(self, outside: Sequence[str], people: Mapping[str, Body], *, without: str) -> Body:
        """The first of them with whom there was a meeting, else the first contact, else whoever is first."""
        known = await self._contacts(outside)
        calendars, now = Calendars(self._records, self._tenant), self._records.clock()
        met = await together(
            *(
                calendars.past(of_contact(one), now, limit=1, without=without)
                for one in known[:MOST_LOOKED_AT]
            )
        )
        for contact, past in zip(known, met, strict=False):
            if past:
                return contact
        first = {"id": "", "name": people[outside[0]]["name"], "email": outside[0], "role": "", "company": ""}
        return known[0] if known else first

    async def _contacts(self, addresses: Sequence[str]) -> list[Body]:
        """The contacts that have these addresses, in their order."""
        keys = [key for one in addresses for key in claims(self._tenant, CONTACT, {"email": one})]
        held = await self._records.store.get_many(keys)
        idents = [record.fields[HOLDER] for record in held if record]
        read = await self._records.store.get_many([key_of(self._tenant, CONTACT, one) for one in idents])
        return [await unpack(self._records.blobs, record) for record in read if record and not record.deleted]

    async def _users(self) -> list[Body]:
        found: list[Body] = []
        cursor = None
        while len(found) < MOST_USERS:
            query = ListQuery(group=f"{self._tenant}#{USER.name}", limit=100)
            page = await self._records.page(query, cursor=cursor)
            found, cursor = found + page.items, page.next_cursor
            if cursor is None:
                break
        return found

    async def _insights(self, past: Sequence[Body]) -> dict[str, Record]:
        """The records of insights of these meetings that have any."""
        keys = {record_key(self._tenant, MEETING.name, one["id"], INSIGHTS): one["id"] for one in past}
        ordered = list(keys)
        batches = [ordered[first : first + AT_ONCE] for first in range(0, len(ordered), AT_ONCE)]
        read = await together(*(self._records.store.get_many(batch) for batch in batches))
        return {keys[one.key]: one for batch in read for one in batch if one and not one.deleted}

    async def _told(
        self, past: Sequence[Body], insights: Mapping[str, Record], held: Mapping[str, Held]
    ) -> list[PastMeeting]:
        found = [
            await unpack(self._records.blobs, insights[one["id"]]) if one["id"] in insights else {}
            for one in past
        ]
        return [
            _told(meeting, said.get("insights") or {}, held[meeting["id"]])
            for meeting, said in zip(past, found, strict=True)
        ]


def context(made: Preparation) -> Body:
    """Seed 001's keys."""
    return {
        "contact_summary": made.contact_summary,
        "recent_interactions": made.recent_interactions,
        "suggested_topics": list(made.suggested_topics),
        "pending_action_items": list(made.pending_action_items),
    }


@dataclass(frozen=True, slots=True)
class Held:
    """How often a meeting was held before some moment, and on which day (YYYY-MM-DD) last."""

    times: int
    last: str | None


def _held(meeting: Body, before: datetime) -> Held:
    """A series was held as often as it came, but for what was taken out of it or moved."""
    if not (recurs(meeting) and meeting["scheduled_time"]) or meeting.get("this_and_future"):
        return Held(1, _day(meeting))
    recurrence, gone = recurrence_of(meeting, ZoneInfo("UTC")), excepted(meeting, ZoneInfo("UTC"))
    over = recurrence.between(recurrence.start, plus(wall_time(before, recurrence.zone), -length_of(meeting)))
    came = [one for one in over if utc_time(one, recurrence.zone) not in gone]
    return Held(len(came), f"{came[-1]:%Y-%m-%d}") if came else Held(1, _day(meeting))


def _told(meeting: Body, insights: Mapping[str, Any], held: Held) -> PastMeeting:
    """What a person wrote of a meeting comes before what was found in it."""
    return PastMeeting(
        title=meeting["title"],
        day=held.last,
        summary=meeting["summary"] or _text(insights.get("summary"), "text"),
        mood=_mood(meeting["sentiment"]) or _mood(insights.get("sentiment")),
        topics=tuple(_text(one, "topic") for one in insights.get("key_topics") or ())[:3],
        risks=tuple(_text(one, "text") for one in insights.get("risks") or ())[:3],
    )


def _mood(value: object) -> str:
    return value if isinstance(value, str) else _text(value, "label")


def _text(value: object, name: str) -> str:
    """A field of a body that may have any shape."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _day(meeting: Body) -> str | None:
    """The day that a meeting was held: as scheduled, else when its transcript came in."""
    came = _text(meeting["source"], "at")
    return str(meeting["scheduled_time"] or came)[: len("YYYY-MM-DD")] or None


def _pending(item: Body, held: Mapping[str, Held]) -> PendingItem:
    where = item["promised"]
    day = held[where["meeting_id"]].last
    return PendingItem(item["text"], item["owner"], item["due_date"], where["title"], day)
