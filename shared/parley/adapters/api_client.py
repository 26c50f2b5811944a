"""The pipeline's only way to the backend: meetings, messages, insights, mailboxes (seed 003's APIClient).

Every write is a PUT whose id the caller derives, or carries an
Idempotency-Key, so that repeating one is always safe.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
import tenacity
from yarl import URL

from parley.core.ids import TenantId
from parley.errors import BackendRefused, BackendUnavailable, RequestError, TokenRefused
from parley.mail.mailbox import Digest, Mailbox, Mode, Purpose

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

Body = dict[str, Any]

ATTEMPTS = 5
TOTAL_SECONDS = 25.0
REQUEST_SECONDS = 10.0
LONGEST_RETRY_AFTER = 10.0
PAGE = 100
MOST_PAGES = 20
LARGEST_ANSWER = 16 * 1024 * 1024
_RETRIED = frozenset({429, 500, 502, 503, 504})
_NOBODY = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY})
"""What the API says of an address or id that is not there, or that could not be one."""
_FIRST_REFUSAL = 300  # a redirect is not followed: our backend never sends one


class APIClient:
    """Speaks to one backend over a session that the caller opens and closes.

    Every method but `find_mailbox` names its tenant. Raises BackendUnavailable
    when retries within `total_seconds` did not help (no answer, 429, 5xx),
    TokenRefused for a 401, and BackendRefused, with its status, for any other
    refusal. `renew` reads the token anew, once, where it is refused.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        token: str,
        renew: Callable[[], Awaitable[str]] | None = None,
        attempts: int = ATTEMPTS,
        total_seconds: float = TOTAL_SECONDS,
        request_seconds: float = REQUEST_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._renew = renew
        self._timeout = aiohttp.ClientTimeout(total=request_seconds)
        self._retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(attempts) | tenacity.stop_before_delay(total_seconds),
            wait=_wait,
            retry=tenacity.retry_if_exception_type(BackendUnavailable),
            sleep=sleep,
            reraise=True,
        )

    # -- mailboxes and who may write

    async def find_mailbox(self, address: str) -> Mailbox | None:
        """Whose mailbox takes mail to this address, over all tenants; None when nobody's does.

        By the address itself or an alias, else without its plus tag, else by its
        domain. The answer has the mailbox's own address.
        """
        found = await self._find("/mailboxes", params={"address": address})
        return _mailbox(found["items"][0]) if found and found["items"] else None

    async def check_email_blacklisted(self, tenant: str, address: str) -> bool:
        """Whether the tenant does not want to hear from this address, or its domain."""
        path = f"/blacklist/{_segment(address)}"
        return await self._find(path, tenant=tenant) is not None

    # -- meetings

    async def put_meeting(self, tenant: str, meeting_id: str, body: Mapping[str, Any]) -> Body:
        """The meeting that stands; {"deleted": True} when a person removed it since.

        `body` needs only the fields that the email gives. With a `sequence` it
        is an invite's, ordered by sequence, CANCEL and `dtstamp`: see
        `meetings.merging`.
        """
        return await self._put(f"/meetings/{_segment(meeting_id)}", tenant, body)

    async def get_meeting(self, tenant: str, meeting_id: str) -> Body | None:
        return await self._find(f"/meetings/{_segment(meeting_id)}", tenant=tenant)

    async def list_meetings(self, tenant: str, **filters: str) -> list[Body]:
        """By time. Filters: user_id, contact_id, status, thread_id, ical_uid, from_, to.

        `thread_id` and `ical_uid` read only what they find. `from_` (included)
        and `to` (excluded) are local dates or times without an offset.
        """
        params = {name.rstrip("_"): value for name, value in filters.items()}
        return await self._list("/meetings", tenant, params)

    async def put_insights(self, tenant: str, meeting_id: str, body: Mapping[str, Any]) -> Body:
        """`body`: run_id, insights, errors, partial_success, produced_at, source.

        The answer is what stands; its `stored` is False where this write
        changed nothing, and `reason` says why (repeated, edited, newer, deleted).
        """
        return await self._put(f"/meetings/{_segment(meeting_id)}/insights", tenant, body)

    async def get_insights(self, tenant: str, meeting_id: str) -> Body | None:
        return await self._find(f"/meetings/{_segment(meeting_id)}/insights", tenant=tenant)

    async def get_brief(self, tenant: str, meeting_id: str) -> Body | None:
        """A `preparation.brief.Brief` as JSON; None for an internal meeting."""
        return await self._find(f"/meetings/{_segment(meeting_id)}/brief", tenant=tenant)

    async def get_transcript(self, tenant: str, meeting_id: str, name: str) -> Body | None:
        """A transcript that came through the API: see `insights.analyst.transcript_from`."""
        return await self._find(
            f"/meetings/{_segment(meeting_id)}/transcripts/{_segment(name)}", tenant=tenant
        )

    async def get_job(self, tenant: str, job_id: str) -> Body | None:
        return await self._find(f"/jobs/{_segment(job_id)}", tenant=tenant)

    async def put_job(self, tenant: str, job_id: str, body: Mapping[str, Any]) -> Body:
        """How far a job has come; an earlier word never undoes a later one."""
        return await self._put(f"/jobs/{_segment(job_id)}", tenant, body)

    # -- conversations and emails

    async def put_message(self, tenant: str, message_id: str, body: Mapping[str, Any]) -> Body:
        """`body`: thread_id, direction (inbound | outbound), from, to, subject, text, at, ..."""
        return await self._put(f"/messages/{_segment(message_id)}", tenant, body)

    async def get_conversation_history(self, tenant: str, thread_id: str) -> list[Body]:
        """The thread's messages, oldest first; [] for a thread that is new."""
        return await self._list("/messages", tenant, {"thread_id": thread_id})

    async def put_email(self, tenant: str, run_id: str, body: Mapping[str, Any]) -> Body:
        """A run's progress, as `/emails/{run_id}` shows it; an earlier state never undoes a later one."""
        return await self._put(f"/emails/{_segment(run_id)}", tenant, body)

    async def get_email(self, tenant: str, run_id: str) -> Body | None:
        return await self._find(f"/emails/{_segment(run_id)}", tenant=tenant)

    # -- people

    async def put_contact(self, tenant: str, contact_id: str, body: Mapping[str, Any]) -> Body:
        """The contact with this address, made or with its blank fields filled; `body`: email, name, ...

        It may stand under another id: the answer's counts. {"deleted": True}
        when a person removed it.
        """
        return await self._put(f"/contacts/{_segment(contact_id)}", tenant, body)

    async def find_contact(self, tenant: str, email: str) -> Body | None:
        """The contact with this address; None when there is none."""
        return await self._first("/contacts", tenant, email)

    async def get_user(self, tenant: str, user_id: str) -> Body | None:
        """The tenant's own user with this id; None when there is none."""
        return await self._find(f"/users/{_segment(user_id)}", tenant=tenant)

    async def list_emails(self, tenant: str, **filters: str) -> list[Body]:
        """The runs' records, newest first; `filters` as `GET /emails` takes them."""
        return await self._list("/emails", tenant, filters)

    async def find_user(self, tenant: str, email: str) -> Body | None:
        """The tenant's own user with this address; None when there is none."""
        return await self._first("/users", tenant, email)

    async def put_suppression(self, tenant: str, address: str, body: Mapping[str, Any]) -> Body:
        """Never write to this address again; `body`: reason, source."""
        return await self._put(f"/suppressions/{_segment(address)}", tenant, body)

    async def check_email_suppressed(self, tenant: str, address: str) -> bool:
        return await self._find(f"/suppressions/{_segment(address)}", tenant=tenant) is not None

    async def erase(self, tenant: str, subject: Mapping[str, str]) -> Body:
        """The certificate of an erasure; `subject` has either `address` or `run_id`.

        Its `complete` is False where the same call is to be repeated.
        """
        return await self._make_request("POST", "/erasures", tenant=tenant, body=subject)

    # -- the wire

    async def _put(self, path: str, tenant: str, body: Mapping[str, Any]) -> Body:
        return await self._make_request("PUT", path, tenant=tenant, body=body)

    async def _find(
        self, path: str, *, tenant: str | None = None, params: Mapping[str, str] | None = None
    ) -> Body | None:
        try:
            return await self._make_request("GET", path, tenant=tenant, params=params)
        except BackendRefused as error:
            if error.status in _NOBODY:
                return None
            raise

    async def _first(self, path: str, tenant: str, email: str) -> Body | None:
        found = await self._find(path, tenant=tenant, params={"email": email, "limit": "1"})
        return dict(found["items"][0]) if found and found["items"] else None

    async def _list(self, path: str, tenant: str, params: Mapping[str, str]) -> list[Body]:
        items: list[Body] = []
        wanted = {"limit": str(PAGE), **params}
        for _ in range(MOST_PAGES):
            page = await self._make_request("GET", path, tenant=tenant, params=wanted)
            items += page["items"]
            if not page["next_cursor"]:
                break
            wanted["cursor"] = page["next_cursor"]
        return items

    async def _make_request(
        self,
        method: str,
        path: str,
        *,
        tenant: str | None = None,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Body:
        """One request with its retries; a POST carries one Idempotency-Key through all of them."""
        headers = {"Accept": "application/json"}
        if tenant is not None:
            headers["Parley-Tenant"] = tenant
        if method == "POST":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        data = None if body is None else _encoded(body)
        if data is not None:
            headers["Content-Type"] = "application/json"
        return await self._retrying(self._attempt, method, path, headers, params, data)

    async def _attempt(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None,
        data: bytes | None,
    ) -> Body:
        """A kept connection that the server has closed meanwhile costs one more try, not a wait."""
        try:
            try:
                return await self._send(method, path, headers, params, data)
            except (aiohttp.ServerDisconnectedError, ConnectionResetError):
                return await self._send(method, path, headers, params, data)
            except TokenRefused:
                # The token may have been rotated since this process read it.
                if self._renew is not None:
                    self._token = await self._renew()
                return await self._send(method, path, headers, params, data)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise BackendUnavailable(
                f"The backend did not answer {_named(method, path)}: {type(error).__name__}"
            ) from error

    async def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None,
        data: bytes | None,
    ) -> Body:
        async with self._session.request(
            method,
            URL(self._base_url + path, encoded=True),
            headers={**headers, "Authorization": f"Bearer {self._token}"},
            params=params,
            data=data,
            timeout=self._timeout,
            allow_redirects=False,
        ) as answer:
            return await _read(answer, _named(method, path))


def _named(method: str, path: str) -> str:
    """A request for an error's text, which reaches logs: no address may."""
    segments = ["{address}" if "@" in one or "%40" in one else one for one in path.split("/")]
    return f"{method} {'/'.join(segments)}"


def _encoded(body: Mapping[str, Any]) -> bytes:
    """The body as JSON; half a surrogate, which mail can hold and UTF-8 cannot, becomes a question mark."""
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    except (TypeError, ValueError) as error:
        raise RequestError(f"This cannot be sent as JSON: {error}") from error


def _wait(state: tenacity.RetryCallState) -> float:
    """What the server asked for, else exponential with full jitter: up to 0.1, 0.2, 0.4 ... 5 s."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, BackendUnavailable) else None
    if asked is not None:
        return min(asked, LONGEST_RETRY_AFTER)
    return tenacity.wait_random_exponential(multiplier=0.1, max=5)(state)


async def _read(answer: aiohttp.ClientResponse, what: str) -> Body:
    wait = _retry_after(answer)
    # A conflict that names a time is mere contention: the same request can succeed then.
    if answer.status in _RETRIED or (answer.status == HTTPStatus.CONFLICT and wait is not None):
        detail = f"The backend answered {answer.status} to {what}"
        raise BackendUnavailable(detail, retry_after=wait)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        raise TokenRefused(f"The backend refuses our token (API_AUTH_TOKEN): {await _detail(answer)}")
    if answer.status >= _FIRST_REFUSAL:
        raise BackendRefused(f"{what}: {await _detail(answer)}", status=answer.status)
    try:
        body = await answer.json()
    except ValueError as error:
        raise BackendUnavailable(f"The backend answered {what} with something else than JSON") from error
    if not isinstance(body, dict):
        raise BackendUnavailable(f"The backend answered {what} with something else than an object")
    return body


def _retry_after(answer: aiohttp.ClientResponse) -> float | None:
    """Seconds; a date, which our backend never sends, counts as not said."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None


async def _detail(answer: aiohttp.ClientResponse) -> str:
    """The problem's own sentence; the bare status from what is no backend of ours."""
    try:
        problem = await answer.json(content_type=None)
    except ValueError:
        problem = None
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return f"{answer.status} {detail or answer.reason}"


def _segment(ident: str) -> str:
    """One path segment; an id that would climb out of it is a RequestError."""
    if ident in {"", ".", ".."}:
        raise RequestError(f"{ident!r} is no id")
    return quote(ident, safe="@")


def _mailbox(body: Body) -> Mailbox:
    try:
        return Mailbox(
            address=body["address"],
            tenant=TenantId(body["tenant"]),
            purpose=Purpose(body["purpose"]),
            owner=body["owner"],
            members=tuple(body["members"]),
            mode=Mode(body["mode"]),
            signature=body["signature"],
            require_auth=body["require_auth"],
            answer_unauthenticated=bool(body.get("answer_unauthenticated")),
            cost_ceiling_micro_usd=body["cost_ceiling_micro_usd"],
            aliases=tuple(body["aliases"]),
            digest=Digest(body.get("digest") or Digest.OFF),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BackendUnavailable(
            f"The backend describes a mailbox in a way we do not know: {error!r}"
        ) from error
