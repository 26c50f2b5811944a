"""The proxy does what it says: or else what is tested through it would prove nothing."""

from __future__ import annotations

import asyncio
import email
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aioboto3
import aiohttp
import pytest
from aiobotocore.config import AioConfig
from aiohttp import web
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError

from parley.adapters.api_client import APIClient
from parley.adapters.llm_openai import OpenAIProvider
from parley.errors import BackendRefused, BackendUnavailable, LLMAPIError, ProviderConfigError
from parley.llm.provider import LLMRequest
from tests.faults.labels import label_of
from tests.faults.proxy import Action, Fault, Proxy, open_proxy
from tests.faults.refusals import KNOWN, Refusal
from tests.faults.wire import Request

ONE_ATTEMPT = AioConfig(retries={"total_max_attempts": 1}, read_timeout=5)
SENDER = "sender@tests.example"


@dataclass
class Upstream:
    """A server that counts what arrives, and says so."""

    url: str = ""
    arrived: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        self.arrived.append(f"{request.method} {request.path_qs} {body}".strip())
        return web.json_response({"n": len(self.arrived)}, headers={"X-Mine": "yes"})


@asynccontextmanager
async def upstream() -> AsyncIterator[Upstream]:
    server = Upstream()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


@dataclass
class Setting:
    proxy: Proxy
    behind: Upstream
    http: aiohttp.ClientSession

    async def get(self, path: str = "/meetings", **more: Any) -> Any:
        async with self.http.get(self.proxy.urls["api"] + path, **more) as response:
            return await response.json()


@pytest.fixture
async def api():
    async with AsyncExitStack() as resources:
        behind = await resources.enter_async_context(upstream())
        proxy = await resources.enter_async_context(open_proxy({"api": behind.url}))
        yield Setting(proxy, behind, await resources.enter_async_context(aiohttp.ClientSession()))


@pytest.fixture
async def services(moto_url, aws):
    """A proxy before moto, and how to make one-attempt clients of it."""
    async with AsyncExitStack() as resources:
        proxy = await resources.enter_async_context(open_proxy({"aws": moto_url}))

        async def client(service: str) -> Any:
            session = aioboto3.Session()
            options = {**aws, "endpoint_url": proxy.urls["aws"], "config": ONE_ATTEMPT}
            return await resources.enter_async_context(session.client(service, **options))

        yield proxy, client


@pytest.fixture
async def table(services, aws):
    """A table of its own, in moto; its name, and how to put and find one item."""
    _, client = services
    dynamodb = await client("dynamodb")
    name = f"faults-{uuid.uuid4().hex}"
    await dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    key = {"pk": {"S": "demo#run#run_1"}, "sk": {"S": "claim"}}

    async def put() -> None:
        await dynamodb.put_item(TableName=name, Item=key, ConditionExpression="attribute_not_exists(pk)")

    async def there() -> bool:
        return "Item" in await dynamodb.get_item(TableName=name, Key=key)

    return put, there


# -- what passes, and what it is called --------------------------------------------------------


async def test_a_request_passes_whole_both_ways(api):
    async with api.http.put(api.proxy.urls["api"] + "/meetings/m%201?x=1", json={"a": "é"}) as response:
        assert response.status == 200
        assert response.headers["X-Mine"] == "yes"
        assert await response.json() == {"n": 1}
    assert api.behind.arrived == ['PUT /v1/meetings/m%201?x=1 {"a": "\\u00e9"}']


async def test_occurrences_are_counted_by_label_and_turn(api):
    for path in ("/meetings?thread_id=1", "/meetings?thread_id=2&limit=9", "/meetings/1/insights"):
        await api.get(path)
    api.proxy.turn = 1
    await api.get("/meetings?thread_id=3")
    assert [(e.label, e.nth, e.turn) for e in api.proxy.journal] == [
        ("api:GET /meetings?thread_id", 1, 0),
        ("api:GET /meetings?thread_id", 2, 0),
        ("api:GET /meetings/{id}/insights", 1, 0),
        ("api:GET /meetings?thread_id", 1, 1),
    ]


@pytest.mark.parametrize(
    ("item", "condition", "label"),
    [
        ({"pk": "t#run#r", "sk": "claim", "state": "open"}, "attribute_not_exists(pk)", "run:claim"),
        ({"pk": "t#run#r", "sk": "claim", "state": "open"}, "#version = :version", "run:take over"),
        ({"pk": "t#run#r", "sk": "claim", "state": "finished"}, "#version = :version", "run:finish"),
        ({"pk": "t#run#r", "sk": "step#analysis.risks"}, "", "step:analysis.risks"),
        ({"pk": "t#run#r", "sk": "outbox#reply", "state": "sending"}, "", "outbox:sending"),
        ({"pk": "t#content#abc", "sk": "claim"}, "attribute_not_exists(pk)", "content"),
        ({"pk": "t#thread#abc", "sk": "claim"}, "attribute_not_exists(pk)", "thread"),
    ],
)
def test_a_write_is_named_by_what_it_is_for(item, condition, label):
    body = {"Item": {k: {"S": v} for k, v in item.items()}, "ConditionExpression": condition}
    headers = (("X-Amz-Target", "DynamoDB_20120810.PutItem"),)
    request = Request("POST", "/", headers, json.dumps(body).encode())
    assert label_of("dynamodb", request) == f"dynamodb:PutItem:{label}"


# -- what is lost ------------------------------------------------------------------------------


async def test_drop_before_breaks_the_connection_and_nothing_is_done(services, table):
    put, there = table
    proxy, _ = services
    proxy.begin(Fault(Action.DROP_BEFORE, "dynamodb:PutItem:run:claim"))
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        await put()
    assert not await there()
    await put()
    assert await there(), "only the first was to be lost"


async def test_drop_after_loses_the_answer_alone(services, table):
    put, there = table
    proxy, _ = services
    proxy.begin(Fault(Action.DROP_AFTER, "dynamodb:PutItem:run:claim"))
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        await put()
    assert await there()
    (entry, *_) = proxy.labelled("dynamodb:PutItem:*")
    assert entry.carried
    assert proxy.fired(proxy.faults[0])


async def test_a_fault_meets_its_occurrence_in_its_turn_and_no_other(api):
    api.proxy.begin(Fault(Action.ANSWER, "api:GET /meetings", nth=2, turn=1))
    for turn in (0, 1):
        api.proxy.turn = turn
        for _ in range(3):
            await api.get()
    assert [e.status for e in api.proxy.journal] == [200, 200, 200, 200, 503, 200]
    assert len(api.behind.arrived) == 5


async def test_a_fault_without_a_number_meets_all_that_fit(api):
    api.proxy.begin(Fault(Action.ANSWER, "api:*", nth=None, turn=None))
    for path in ("/meetings", "/users"):
        await api.get(path)
    assert not api.behind.arrived


# -- what takes time ---------------------------------------------------------------------------


async def test_a_delayed_request_is_overtaken(api):
    api.proxy.begin(Fault(Action.DELAY, "api:GET /meetings", seconds=0.2))
    await asyncio.gather(api.get(), api.get("/users"))
    assert api.behind.arrived == ["GET /v1/users", "GET /v1/meetings"]


async def test_a_stalled_request_lasts_until_the_client_gives_up(api):
    api.proxy.begin(Fault(Action.STALL, "api:GET /meetings"))
    with pytest.raises(TimeoutError):
        await api.get(timeout=aiohttp.ClientTimeout(total=0.2))
    await api.http.close()
    await api.proxy.quiet()
    assert not api.behind.arrived


# -- kept connections --------------------------------------------------------------------------


async def test_a_stale_connection_fails_once_and_a_fresh_one_works(api):
    api.proxy.begin(Fault(Action.STALE, "api:*", nth=None))
    await api.get()
    with pytest.raises(aiohttp.ClientConnectionError):
        async with api.http.post(api.proxy.urls["api"] + "/meetings"):
            pass
    await api.get()
    assert [(e.reused, e.carried) for e in api.proxy.journal] == [(False, True), (True, False), (False, True)]


async def test_idle_connections_are_closed_and_busy_ones_are_not(api):
    await api.get()
    api.proxy.begin(Fault(Action.DELAY, "api:GET /users", seconds=0.2))
    busy = asyncio.create_task(api.get("/users"))
    await api.get("/meetings")
    assert api.proxy.close_idle() == 1
    assert (await busy)["n"]


# -- errors, as each service words them --------------------------------------------------------

CALLS = {
    "dynamodb": lambda c: c.get_item(TableName="t", Key={"pk": {"S": "a"}}),
    "sqs": lambda c: c.change_message_visibility(
        QueueUrl="http://q/1/q", ReceiptHandle="r", VisibilityTimeout=1
    ),
    "ses": lambda c: c.send_raw_email(RawMessage={"Data": b"x"}),
    "s3": lambda c: c.get_object(Bucket="b", Key="raw/k"),
}
CODES = {
    ("dynamodb", Refusal.THROTTLED): "ProvisionedThroughputExceededException",
    ("dynamodb", Refusal.DENIED): "AccessDeniedException",
    ("sqs", Refusal.DENIED): "AccessDeniedException",
    ("ses", Refusal.THROTTLED): "Throttling",
    ("ses", Refusal.REJECTED): "MessageRejected",
    ("s3", Refusal.ABSENT): "NoSuchKey",
    ("s3", Refusal.DENIED): "AccessDenied",
    ("s3", Refusal.THROTTLED): "SlowDown",
}


@pytest.mark.parametrize(("service", "refusal"), [(s, r) for s in CALLS for r in sorted(KNOWN[s])])
async def test_aws_errors_are_read_by_the_sdk(services, service, refusal):
    proxy, client = services
    proxy.begin(Fault(Action.ANSWER, f"{service}:*", refusal=refusal))
    with pytest.raises(ClientError) as raised:
        await CALLS[service](await client(service))
    response = raised.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == proxy.journal[0].status
    assert response["Error"]["Code"] == CODES.get((service, refusal), response["Error"]["Code"])
    assert "on purpose" in response["Error"]["Message"]


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (Refusal.UNAVAILABLE, BackendUnavailable),
        (Refusal.THROTTLED, BackendUnavailable),
        (Refusal.DENIED, BackendRefused),
    ],
)
async def test_the_backends_errors_are_read_by_the_client(api, refusal, error):
    api.proxy.begin(Fault(Action.ANSWER, "api:*", nth=None, refusal=refusal))
    client = APIClient(api.http, base_url=api.proxy.urls["api"], token="t", attempts=1)
    with pytest.raises(error):
        await client.get_meeting("demo", "m")


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (Refusal.UNAVAILABLE, LLMAPIError),
        (Refusal.THROTTLED, LLMAPIError),
        (Refusal.DENIED, ProviderConfigError),
    ],
)
async def test_the_providers_errors_are_read_by_the_gateway(api, refusal, error):
    async with open_proxy({"llm": api.behind.url}) as proxy:
        proxy.begin(Fault(Action.ANSWER, "llm:risks", refusal=refusal))
        provider = OpenAIProvider(api.http, base_url=proxy.urls["llm"], model="m", api_key="k")
        with pytest.raises(error):
            await provider.complete(LLMRequest("risks", "s", "u", {}), timeout=5)
    assert not api.behind.arrived


# -- death -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "done"), [(Action.DIE_BEFORE, False), (Action.DIE_AFTER, True)])
async def test_the_worker_is_killed_at_the_request_and_its_connection_breaks(services, table, action, done):
    put, there = table
    proxy, _ = services
    killed = []
    proxy.kill = lambda: killed.append([e.carried for e in proxy.journal])
    proxy.begin(Fault(action, "dynamodb:PutItem:run:claim"))
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        await put()
    assert killed == [[done]]
    assert await there() is done


# -- SES ---------------------------------------------------------------------------------------


async def send(client: Any, **more: Any) -> Any:
    raw = b"Message-ID: <ours@tests.example>\r\nFrom: a@b.example\r\nTo: c@d.example\r\nSubject: s\r\n\r\nMessage-ID: no\r\n"
    asked = {
        "Source": SENDER,
        "Destinations": ["c@d.example"],
        "RawMessage": {"Data": raw},
        "Tags": [{"Name": "parley-reply", "Value": "abc"}],
    }
    return await client.send_raw_email(**asked | more)


@pytest.fixture
async def ses(services):
    proxy, client = services
    found = await client("ses")
    await found.verify_email_identity(EmailAddress=SENDER)
    proxy.begin()
    return proxy, found


async def test_ses_puts_its_own_message_id_on_the_wire(ses):
    proxy, client = ses
    answer = await send(client)
    (sent,) = proxy.ses.sent
    assert answer["MessageId"] == sent.ses_id
    assert sent.tag == "abc"
    assert sent.recipients == ("c@d.example",)
    message = email.message_from_bytes(sent.raw)
    assert message["Message-ID"] == sent.message_id == f"<{sent.ses_id}@email.amazonses.com>"
    assert message.get_all("Message-ID") == [message["Message-ID"]]
    assert message.get_payload() == "Message-ID: no\r\n"


async def test_a_send_can_be_taken_and_never_answered(ses):
    proxy, client = ses
    proxy.begin(Fault(Action.DROP_AFTER, "ses:SendRawEmail"))
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        await send(client)
    assert len(proxy.ses.sent) == 1


@pytest.mark.parametrize("tag", ["a b", "<a@b>", "é", "a" * 257])
async def test_ses_refuses_a_tag_with_other_characters(ses, tag):
    proxy, client = ses
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        await send(client, Tags=[{"Name": "parley-reply", "Value": tag}])
    assert not proxy.ses.sent


async def test_ses_refuses_a_configuration_set_that_it_does_not_know(ses):
    proxy, client = ses
    with pytest.raises(ClientError, match="ConfigurationSetDoesNotExist"):
        await send(client, ConfigurationSetName="replies")
    assert not proxy.ses.sent
    proxy.ses.configuration_sets = frozenset({"replies"})
    await client.create_configuration_set(ConfigurationSet={"Name": "replies"})
    await send(client, ConfigurationSetName="replies")
    assert len(proxy.ses.sent) == 1
