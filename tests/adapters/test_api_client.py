"""The client against the real API, and against a server that behaves badly."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from parley.adapters.api_client import APIClient
from parley.conversations.domains import add_domain
from parley.errors import BackendRefused, BackendUnavailable, RequestError, TokenRefused
from parley.mail.mailbox import Mailbox, Mode, Purpose
from tests.rooms.conftest import api, stores  # noqa: F401 - fixtures


@pytest.fixture
async def client(api):  # noqa: F811 - the fixture imported above
    async with aiohttp.ClientSession() as session:
        yield APIClient(session, base_url=api.base_url, token=api.tokens["pipeline"])


# -- against the API


async def test_it_finds_whose_mailbox_an_address_is(client):
    assert await client.find_mailbox("Meetings@Parley.local") == Mailbox(
        address="meetings@parley.local",
        tenant="demo",
        purpose=Purpose.MEETINGS,
        members=("*",),
        mode=Mode.AUTO,
        require_auth=False,
        answer_unauthenticated=True,
    )
    assert await client.find_mailbox("nobody@parley.local") is None


async def test_it_finds_a_mailbox_by_its_other_addresses(client, api, stores):  # noqa: F811
    await add_domain(stores.store, "rival", "b.rival.example")
    box = {
        "address": "in@rival.example",
        "purpose": "deals",
        "aliases": ["notes@rival.example", "@b.rival.example"],
    }
    await api.call("POST", "/mailboxes", by="other", json=box)
    found = await client.find_mailbox("in@rival.example")
    assert (found.address, found.tenant) == ("in@rival.example", "rival")
    assert found.aliases == ("notes@rival.example", "@b.rival.example")
    for address in ("In+acme@rival.example", "notes+acme@rival.example", "whoever@b.rival.example"):
        assert await client.find_mailbox(address) == found
    assert await client.find_mailbox("whoever@rival.example") is None


async def test_it_asks_the_blacklist_and_the_suppressions_apart(client, api):  # noqa: F811
    await api.call("PUT", "/blacklist/@spam.example", by="admin", json={})
    assert await client.check_email_blacklisted("demo", "a/b?c#d@spam.example") is True
    assert await client.check_email_blacklisted("demo", "a@fine.example") is False
    assert await client.check_email_blacklisted("rival", "a@spam.example") is False
    await client.put_suppression("demo", "gone@x.example", {"reason": "bounced"})
    assert await client.check_email_suppressed("demo", "gone@x.example") is True
    assert await client.check_email_suppressed("demo", "Gone@X.example") is True
    assert await client.check_email_suppressed("rival", "gone@x.example") is False
    assert await client.check_email_suppressed("demo", "a@spam.example") is False
    assert await client.check_email_blacklisted("demo", "gone@x.example") is False
    await client.put_suppression("demo", "@closed.example", {"reason": "complaint"})
    assert await client.check_email_suppressed("demo", "anyone@closed.example") is True
    assert await client.check_email_suppressed("demo", "no address") is False


async def test_meetings_and_insights_go_there_and_back(client):
    meeting = {"title": "Check-in", "scheduled_time": "2026-02-01T09:00:00", "contact_id": "contact_1"}
    stored = await client.put_meeting("demo", "m-1", meeting)
    assert stored["title"] == "Check-in"
    assert await client.get_meeting("demo", "m-1") == stored
    assert await client.get_meeting("rival", "m-1") is None
    assert [m["id"] for m in await client.list_meetings("demo", from_="2026-01-01")] == ["m-1"]
    assert await client.get_insights("demo", "m-1") is None
    body = {"run_id": "r-1", "insights": {"summary": {"text": "done"}}, "partial_success": False}
    assert (await client.put_insights("demo", "m-1", body))["stored"] is True
    assert (await client.put_insights("demo", "m-1", body))["reason"] == "repeated"
    assert (await client.get_insights("demo", "m-1"))["insights"]["summary"] == {"text": "done"}


async def test_a_conversation_of_many_pages_is_whole(client):
    await asyncio.gather(
        *(
            client.put_message(
                "demo", f"m-{n:03}", {"thread_id": "t", "at": f"2026-01-01T00:{n // 60:02}:{n % 60:02}Z"}
            )
            for n in range(130)
        )
    )
    history = await client.get_conversation_history("demo", "t")
    assert [message["id"] for message in history] == [f"m-{n:03}" for n in range(130)]
    assert await client.get_conversation_history("demo", "new") == []


async def test_emails_and_people_go_there_and_back(client):
    assert await client.get_email("demo", "r-1") is None
    await client.put_email("demo", "r-1", {"states": ["received"], "outcome": None})
    assert (await client.get_email("demo", "r-1"))["states"] == ["received"]
    assert await client.find_contact("demo", "ann@x.example") is None
    await client.put_contact("demo", "c-1", {"email": "ann@x.example", "name": "Ann"})
    assert (await client.find_contact("demo", "ANN@x.example"))["id"] == "c-1"
    assert (await client.find_user("demo", "sarah.chen@company.com"))["id"] == "user_1"


async def test_meetings_are_found_by_thread_uid_and_day(client):
    for n in (1, 2):
        invite = {"ical_uid": f"u-{n}", "thread_id": f"t-{n}", "scheduled_time": f"2026-02-0{n}T09:00:00"}
        await client.put_meeting("demo", f"m-{n}", invite | {"sequence": 0})
    for filters in ({"thread_id": "t-2"}, {"ical_uid": "u-2"}, {"from_": "2026-02-02", "to": "2026-02-03"}):
        assert [m["id"] for m in await client.list_meetings("demo", **filters)] == ["m-2"]
    assert await client.list_meetings("rival", thread_id="t-2") == []


async def test_the_contact_of_an_address_is_one_under_whatever_id_it_is_put(client, api):  # noqa: F811
    first = await client.put_contact("demo", "c-1", {"email": "ann@x.example"})
    again = await client.put_contact("demo", "c-2", {"email": "ann@x.example", "name": "Ann"})
    assert again == first | {"name": "Ann"}
    await api.call("DELETE", "/contacts/c-1")
    assert await client.put_contact("demo", "c-2", {"email": "ann@x.example"}) == {"deleted": True}


async def test_what_could_be_no_address_is_nobodys(client):
    for address in ("no address", "a@[192.0.2.1]", '"quoted name"@x.example'):
        assert await client.find_mailbox(address) is None
        assert await client.check_email_blacklisted("demo", address) is False
        assert await client.find_contact("demo", address) is None


async def test_an_odd_email_is_stored_as_well_as_it_can_be(client):
    odd = {
        "title": "Q4\x00 \udcff" + "x" * 9000,
        "attendees": [{"name": "", "address": "no address"}] * 1500,
        "sequence": 2**40,
    }
    stored = await client.put_meeting("demo", "m-1", odd)
    assert stored["title"].startswith("Q4 ?xxx")
    assert len(stored["attendees"]) == 1000
    message = {"thread_id": "t", "from": None, "to": [], "subject": "\ud800", "text": "\x00"}
    assert (await client.put_message("demo", "m-1", message))["subject"] == "?"
    with pytest.raises(RequestError):
        await client.put_message("demo", "m-1", message | {"score": float("nan")})


async def test_a_refusal_carries_its_status_and_the_apis_own_sentence(client):
    with pytest.raises(BackendRefused, match="scheduled_time") as caught:
        await client.put_meeting("demo", "m-1", {"scheduled_time": "soon"})
    assert caught.value.status == 422


async def test_an_unknown_token_is_out_of_service_and_not_retried(api):  # noqa: F811
    async with aiohttp.ClientSession() as session:
        client = APIClient(session, base_url=api.base_url, token="unknown-token-of-nobody", sleep=_never)
        with pytest.raises(TokenRefused, match="API_AUTH_TOKEN"):
            await client.find_mailbox("meetings@parley.local")


async def test_a_token_that_was_rotated_is_read_anew_once(api):  # noqa: F811
    read = []

    async def renew():
        read.append(1)
        return api.tokens["pipeline"]

    async with aiohttp.ClientSession() as session:
        client = APIClient(
            session, base_url=api.base_url, token="the-token-before", renew=renew, sleep=_never
        )
        for _ in range(3):
            assert await client.find_mailbox("meetings@parley.local")
    assert read == [1]


async def test_an_id_cannot_climb_out_of_its_place(client):
    for ident in ("", ".", ".."):
        with pytest.raises(RequestError):
            await client.get_meeting("demo", ident)
    assert await client.get_meeting("demo", "../users/user_1") is None


async def _never(_: float) -> None:
    raise AssertionError("this is not worth waiting for")


# -- against a server that behaves badly


class Script:
    """Answers each request with the next line of a script, and records what it was asked."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.waits: list[float] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.method, request.path, dict(request.headers)))
        await request.read()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "drop":
            request.transport.close()
            return web.Response()
        status, headers, text = answer
        return web.Response(status=status, headers=headers, text=text)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def ok(**body):
    return 200, {"Content-Type": "application/json"}, json.dumps(body)


@asynccontextmanager
async def scripted(*answers, **options):
    script = Script(*answers)
    server = web.Server(script.handle)
    runner = web.ServerRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{port}/v1/"
            yield script, APIClient(session, base_url=url, token="t", sleep=script.sleep, **options)
    finally:
        await runner.cleanup()


async def test_the_request_names_tenant_token_and_path():
    async with scripted(ok(id="m-1")) as (script, client):
        await client.put_meeting("demo", "m-1", {"title": "t"})
    [(method, path, headers)] = script.requests
    assert (method, path) == ("PUT", "/v1/meetings/m-1")
    assert headers["Authorization"] == "Bearer t"
    assert headers["Parley-Tenant"] == "demo"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_what_can_pass_is_retried(status):
    async with scripted((status, {}, ""), (status, {}, ""), ok(id="m-1")) as (script, client):
        assert await client.get_meeting("demo", "m-1") == {"id": "m-1"}
    assert len(script.requests) == 3
    assert len(script.waits) == 2
    assert all(0 <= wait <= 0.1 * 2**n for n, wait in enumerate(script.waits, start=1))


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 422])
async def test_what_will_not_pass_is_not_retried(status):
    async with scripted((status, {}, "not even JSON")) as (script, client):
        with pytest.raises(BackendRefused) as caught:
            await client.put_email("demo", "r-1", {})
    assert caught.value.status == status
    assert len(script.requests) == 1


async def test_a_conflict_that_names_a_time_is_retried():
    async with scripted((409, {"Retry-After": "1"}, ""), ok(id="m-1")) as (script, client):
        await client.put_meeting("demo", "m-1", {})
    assert script.waits == [1.0]


async def test_the_server_says_how_long_to_wait_within_reason():
    answers = [(503, {"Retry-After": "3"}, ""), (429, {"Retry-After": "86400"}, ""), ok(id="m-1")]
    async with scripted(*answers, total_seconds=60) as (script, client):
        await client.get_meeting("demo", "m-1")
    assert script.waits == [3.0, 10.0]


async def test_attempts_and_total_time_are_bounded():
    async with scripted((500, {}, ""), attempts=4) as (script, client):
        with pytest.raises(BackendUnavailable, match="500"):
            await client.get_meeting("demo", "m-1")
    assert len(script.requests) == 4
    async with scripted((503, {"Retry-After": "9"}, ""), total_seconds=5) as (script, client):
        with pytest.raises(BackendUnavailable) as caught:
            await client.get_meeting("demo", "m-1")
    assert caught.value.retry_after == 9
    assert len(script.requests) == 1


async def test_a_dropped_connection_is_tried_again_at_once():
    async with scripted("drop", ok(id="m-1")) as (script, client):
        await client.put_meeting("demo", "m-1", {})
    assert len(script.requests) == 2
    assert script.waits == []


async def test_a_post_carries_one_key_through_all_its_tries():
    async with scripted("drop", (503, {}, ""), ok(id="m-1")) as (script, client):
        await client._make_request("POST", "/meetings", tenant="demo", body={})
        await client._make_request("POST", "/meetings", tenant="demo", body={})
    keys = [headers["Idempotency-Key"] for _, _, headers in script.requests]
    assert len(keys) == 4
    assert len(set(keys[:3])) == 1
    assert keys[3] != keys[0]


async def test_a_server_that_closes_idle_connections_costs_nothing(api):  # noqa: F811
    """The kept connection is closed by the server between two requests."""
    async with aiohttp.ClientSession() as session:
        client = APIClient(session, base_url=api.base_url, token=api.tokens["pipeline"], sleep=_never)
        await client.put_email("demo", "r-1", {"states": ["received"]})
        for connections in list(session.connector._conns.values()):
            for protocol, _ in connections:
                protocol.transport.get_extra_info("socket").shutdown(2)
        await client.put_email("demo", "r-1", {"states": ["received", "claimed"]})
        assert (await client.get_email("demo", "r-1"))["states"] == ["received", "claimed"]


async def test_nobody_there_is_unavailable():
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async with aiohttp.ClientSession() as session:
        client = APIClient(session, base_url="http://127.0.0.1:9/v1", token="t", attempts=3, sleep=sleep)
        with pytest.raises(BackendUnavailable):
            await client.find_mailbox("a@b.example")
    assert len(waits) == 2


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"Content-Type": "application/json"}, "{"),
        (200, {"Content-Type": "application/json"}, "[]"),
        (200, {"Content-Type": "text/html"}, "<h1>Sign in</h1>"),
        (
            200,
            {"Content-Type": "application/json"},
            "\udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
        ),
    ],
)
async def test_an_answer_that_is_none_of_ours_is_unavailable(answer):
    async with scripted(answer, attempts=2) as (_, client):
        with pytest.raises(BackendUnavailable):
            await client.get_email("demo", "r-1")


async def test_a_redirect_is_not_followed():
    async with scripted((302, {"Location": "http://169.254.169.254/"}, "")) as (script, client):
        with pytest.raises(BackendRefused):
            await client.get_email("demo", "r-1")
    assert len(script.requests) == 1


async def test_a_mailbox_of_another_shape_is_unavailable_not_a_traceback():
    async with scripted(ok(items=[{"address": "a@b.example", "purpose": "fun"}])) as (_, client):
        with pytest.raises(BackendUnavailable):
            await client.find_mailbox("a@b.example")


def test_importing_it_does_not_import_pydantic():
    code = "import sys, parley.adapters.api_client; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


async def test_an_error_names_no_address():
    async with aiohttp.ClientSession() as session:
        gone = APIClient(session, base_url="http://127.0.0.1:9/v1", token="t", attempts=1)
        with pytest.raises(BackendUnavailable) as away:
            await gone.check_email_blacklisted("demo", "alice+x@acme.example")
    assert "alice" not in str(away.value)
    assert "/blacklist/{address}" in str(away.value)
