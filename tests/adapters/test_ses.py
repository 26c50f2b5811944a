"""What the end of a send proves, on a real wire: the adversary counts what SES would have taken."""

from __future__ import annotations

from contextlib import asynccontextmanager

import aioboto3
import pytest
from aiohttp import web

from parley.adapters.ses import SesSender
from parley.bootstrap.clients import ONE_SHOT
from parley.mail.outgoing import SendRefused, SendRejected, SendUnknown
from tests.support import free_port

ACCEPTED = (
    '<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendRawEmailResult>'
    "<MessageId>0100-abc</MessageId></SendRawEmailResult></SendRawEmailResponse>"
)


def error(code: str) -> str:
    return f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>m</Message></Error></ErrorResponse>"


class Adversary:
    """Takes every message, writes it down, and answers as it is told."""

    def __init__(self, status: int = 200, body: str = ACCEPTED, *, drop: bool = False) -> None:
        self.status, self.body, self.drop = status, body, drop
        self.taken: list[dict[str, str]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        self.taken.append({k: str(v) for k, v in form.items()})
        if self.drop:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=self.status, text=self.body, content_type="text/xml")


@asynccontextmanager
async def sender(adversary: Adversary | None, aws, *, region="eu-west-1", configuration_set=""):
    runner = None
    port = free_port()
    if adversary is not None:
        app = web.Application()
        app.router.add_post("/", adversary.handle)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
    options = {**aws, "endpoint_url": f"http://127.0.0.1:{port}", "region_name": region}
    try:
        async with aioboto3.Session().client("ses", config=ONE_SHOT, **options) as client:
            yield SesSender(
                client, sender="a@parley.test", region=region, configuration_set=configuration_set
            )
    finally:
        if runner:
            await runner.cleanup()


async def send(made):
    return await made.send(b"Subject: x\r\n\r\nbody", recipient="b@acme.test", tag="abc123")


@pytest.mark.parametrize(
    ("region", "domain"), [("eu-west-1", "eu-west-1.amazonses.com"), ("us-east-1", "email.amazonses.com")]
)
async def test_an_accepted_send_answers_the_id_that_replies_will_name(aws, region, domain):
    adversary = Adversary()
    async with sender(adversary, aws, region=region, configuration_set="events") as made:
        assert await send(made) == f"<0100-abc@{domain}>"
    (taken,) = adversary.taken
    assert taken["Destinations.member.1"] == "b@acme.test"
    assert taken["ConfigurationSetName"] == "events"
    assert (taken["Tags.member.1.Name"], taken["Tags.member.1.Value"]) == ("parley-reply", "abc123")


@pytest.mark.parametrize(
    ("adversary", "end"),
    [
        (Adversary(drop=True), SendUnknown),
        (Adversary(500, error("InternalFailure")), SendUnknown),
        (Adversary(503, error("ServiceUnavailable")), SendUnknown),
        (Adversary(400, error("Throttling")), SendRefused),
        (Adversary(400, error("LimitExceededException")), SendRefused),
        (Adversary(400, error("MessageRejected")), SendRejected),
        (Adversary(400, error("ConfigurationSetDoesNotExist")), SendRefused),
        (Adversary(400, error("InvalidParameterValue")), SendRejected),
    ],
    ids=lambda x: getattr(x, "body", x.__name__ if isinstance(x, type) else "")[:70],
)
async def test_each_end_says_what_it_proves_and_at_most_one_is_on_the_wire(aws, adversary, end):
    async with sender(adversary, aws) as made:
        with pytest.raises(end):
            await send(made)
    assert len(adversary.taken) == 1


async def test_a_connection_that_was_never_made_is_a_definite_refusal(aws):
    async with sender(None, aws) as made:
        with pytest.raises(SendRefused):
            await send(made)
