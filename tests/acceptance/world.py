"""What the acceptance tests share: a day, a talk, a gateway that waits no time, and an API with a model."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp

from parley.adapters.llm_openai import OpenAIProvider
from parley.adapters.uploads import S3Uploads
from parley.analysis.machine import TranscriptMachine
from parley.availability.service import AvailabilityService
from parley.bootstrap.app import create_app
from parley.inbound.email_ledger import EmailLedger
from parley.insights.analysis import AnalysisConfig
from parley.insights.analyst import Analyst
from parley.llm.gateway import Gateway
from parley.meetings.models import MeetingRequest
from parley.meetings.service import MeetingService
from parley.people.kinds import CONTACT, USER
from parley.people.models import Contact, User
from parley.people.service import PeopleService, UserService
from parley.preparation.preparer import Preparer
from parley.preparation.service import PreparationConfig, PreparationService
from tests.llm_stub import SCRIPT, Behaviour, llm_stub
from tests.rooms.conftest import Api, make_tokens, seed, serving_warm
from tests.support import MemoryRunTable

TENANT = "demo"
NOW = datetime(2025, 11, 3, 9, tzinfo=UTC)
DOWN = Behaviour(status=500)
FAILED = "LLM call failed after 3 retries"
EXTRACTORS = ("summary", "action_items", "key_topics", "decisions", "sentiment", "follow_ups", "risks")

TALK = """Ann Berg: I will send the pricing sheet by Friday.
Jennifer Liu: Good, then we start the pilot in May.
Ann Berg: Let us speak again once your security team has read it.
"""
PREPARATION = {
    "contact_summary": "Jennifer leads engineering at Acme and likes the product.",
    "recent_interactions": "A demo in July went well; the security review left one question.",
    "suggested_topics": ["Single sign-on", "Where the data is kept", "The start of the pilot"],
}
MEETING = {
    "title": "Q4 Planning with Acme Corp",
    "contact_id": "contact_1",
    "user_id": "user_1",
    "scheduled_time": "2025-11-15T10:00:00",
    "status": "scheduled",
}


class Naps:
    """Sleeps no time and remembers how long it was told to."""

    def __init__(self) -> None:
        self.told: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.told.append(seconds)


@asynccontextmanager
async def a_model(**options):
    """A stub of a model, a gateway to it, and the waits that the gateway was told to make."""
    script = dict(SCRIPT) | {"preparation": PREPARATION} | options.pop("script", {})
    naps = Naps()
    async with llm_stub(script=script, **options) as stub, aiohttp.ClientSession() as http:
        provider = OpenAIProvider(http, base_url=stub.url, model="m", api_key="k")
        yield stub, Gateway(provider, sleep=naps), naps


def failing(*names: str, times: int | None = None):
    """A model that fails these questions: always, or the first `times` of each."""
    failed = dict.fromkeys(names, 0)

    def behave(number: int, name: str) -> Behaviour:
        if name not in failed or (times is not None and failed[name] >= times):
            return Behaviour()
        failed[name] += 1
        return DOWN

    return behave


def told(stub, place: int = -1) -> str:
    """All that the model was shown in one request."""
    return "\n".join(message["content"] for message in stub.requests[place]["messages"])


class Services:
    """The service classes over one tenant's records, and short ways to put something there."""

    def __init__(self, records) -> None:
        self.records = records
        self.meetings = MeetingService(records, TENANT)
        self.availability = AvailabilityService(records, TENANT)
        self.users = UserService(records, USER, User)

    def preparation(self, gateway) -> PreparationService:
        return PreparationService(self.records, PreparationConfig(preparer=Preparer(gateway)), TENANT)

    async def user(self, name: str, time_zone: str = "UTC") -> str:
        body = {
            "name": name,
            "email": f"{name.lower()}@company.com",
            "role": "Seller",
            "time_zone": time_zone,
        }
        made = await self.users.create(TENANT, body)
        return made.body["id"]

    async def contact(self, email: str, **more: str) -> str:
        body = {"name": "", "email": email, "company": "", "role": ""} | more
        made = await PeopleService(self.records, CONTACT, Contact).create(TENANT, body)
        return made.body["id"]

    async def meeting(self, **changes) -> str:
        """A new meeting's id; MEETING with these changes."""
        made = await self.meetings.create_meeting(MeetingRequest.model_validate(MEETING | changes))
        return made.body["meeting_id"]

    async def titles(self, user_id: str | None = None, filters=None, **more) -> list[str]:
        page = await self.meetings.get_all_meetings(user_id, filters, **more)
        return [meeting["title"] for meeting in page.items]


@asynccontextmanager
async def api_with(stores, gateway=None, *, fallback: bool = False):
    """The API as it is deployed, but for its queue: the model's answers recorded, uploads in S3."""
    await seed(stores)
    tokens = await make_tokens(stores.store)
    ledger = EmailLedger(MemoryRunTable(), clock=lambda: datetime.now(UTC).timestamp())
    machine = TranscriptMachine(gateway, fallback=fallback)
    app = create_app(
        store=stores.store,
        blobs=stores.blobs,
        preparing=PreparationConfig(preparer=Preparer(gateway, fallback=fallback)),
        analysing=AnalysisConfig(analyst=Analyst(machine=machine, ledger=ledger)),
        uploads=S3Uploads(stores.s3, stores.bucket),
    )
    async with serving_warm(app) as base_url, aiohttp.ClientSession() as session:
        yield Api(base_url, tokens, session)


@asynccontextmanager
async def a_modelled_api(stores, *, fallback: bool = False, **options):
    async with a_model(**options) as (stub, gateway, _), api_with(stores, gateway, fallback=fallback) as api:
        yield stub, api


async def created(api, **changes) -> str:
    status, body, _ = await api.call("POST", "/meetings", json=MEETING | changes)
    assert status == 201, body
    return body["meeting_id"]


async def analyzed(api, meeting: str, *, status: int = 200, params=None, headers=None, **body):
    """The answer of an analysis that ends with this status."""
    sent = {"transcript": TALK, "user_id": "user_1"} | body
    sent = {name: value for name, value in sent.items() if value is not None}
    path = f"/meetings/{meeting}/analyze"
    got, answer, _ = await api.call("POST", path, json=sent, params=params, headers=headers)
    assert got == status, answer
    return answer


async def standing(api, meeting: str, **params):
    status, body, _ = await api.call("GET", f"/meetings/{meeting}/insights", params=params)
    assert status == 200, body
    return body
