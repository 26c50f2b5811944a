"""What several tests share: fakes that keep the real contract, and small builders."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from botocore.httpsession import DEFAULT_CA_BUNDLE

from parley.conversations.kinds import EMAIL
from parley.core.ids import TenantId
from parley.errors import BackendRefused, BackendUnavailable, NotYetThere, RetryableError
from parley.ledger.table import Index, Item, Place
from parley.mail.mailbox import Mailbox
from parley.mail.outgoing import SendUnknown
from parley.meetings.merging import merge
from parley.meetings.models import DerivedMeeting
from parley.store.results import Standing


def copied(value: Any) -> Any:
    """A copy of what JSON can hold, and of sets: several times as fast as `copy.deepcopy`."""
    if isinstance(value, dict):
        return {name: copied(one) for name, one in value.items()}
    if isinstance(value, list):
        return [copied(one) for one in value]
    return set(value) if isinstance(value, set) else value


class MemoryRunTable:
    """`runs.RunTable` in memory: held to the same contract suite as DynamoDB's."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Item] = {}

    async def create(self, item: Item) -> Item | None:
        key = (item["pk"], item["sk"])
        if key in self.rows:
            return copied(self.rows[key])
        self.rows[key] = copied(item)
        return None

    async def replace(self, item: Item, *, version: int) -> Item | None:
        key = (item["pk"], item["sk"])
        standing = self.rows.get(key, {})
        if standing.get("version") != version:
            return copied(standing)
        self.rows[key] = copied(item)
        return None

    async def get(self, pk: str, sk: str) -> Item | None:
        return copied(self.rows.get((pk, sk)))

    async def items(self, pk: str) -> list[Item]:
        found = [key for key in self.rows if key[0] == pk]
        return [copied(self.rows[key]) for key in sorted(found)]

    async def find(self, index: Index, value: str, *, limit: int) -> list[Place]:
        found = [(row.get("since", ""), key) for key, row in self.rows.items() if row.get(index) == value]
        return [key for _, key in sorted(found)][:limit]

    async def remove(self, pk: str, sk: str) -> None:
        self.rows.pop((pk, sk), None)


class FakeClock:
    """Time that moves only when told."""

    def __init__(self, now: float = 1_760_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@contextmanager
def short_ca_bundle() -> Iterator[str]:
    """A file with a single certificate, for AWS_CA_BUNDLE: nothing here speaks TLS, and each client reads them all."""
    head, end, _ = Path(DEFAULT_CA_BUNDLE).read_text("utf-8").partition("-----END CERTIFICATE-----\n")
    with NamedTemporaryFile("w", suffix=".pem", encoding="utf-8") as file:
        file.write(head + end)
        file.flush()
        yield file.name


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


DEMO = TenantId("demo")


class FakeBackend:
    """`inbound.ports.BackendAPI` in memory; `refuse` makes a method fail as the client would."""

    def __init__(self, *mailboxes: Mailbox, blacklist: tuple[str, ...] = ()) -> None:
        self.mailboxes = {m.address: m for m in mailboxes}
        self.blacklist = blacklist
        self.suppressed: set[str] = set()
        self.puts: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.standing: dict[str, Standing] = {}
        self.written: list[str] = []
        self.refuse: set[str] = set()
        self.broken: set[str] = set()
        """As `refuse`, by a failure that is counted as an attempt."""
        self.brief: dict[str, Any] | None = None
        self.users: set[str] | None = None
        """The tenant's users, by address; None: everybody is one."""

    async def find_mailbox(self, address: str) -> Mailbox | None:
        return self.mailboxes.get(address.lower())

    async def check_email_blacklisted(self, tenant: str, address: str) -> bool:
        return address in self.blacklist

    async def check_email_suppressed(self, tenant: str, address: str) -> bool:
        return address in self.suppressed

    async def list_meetings(self, tenant: str, **filters: str) -> list[dict[str, Any]]:
        """The filters that the pipeline uses: thread_id, ical_uid, and from_ with to."""
        found = [{**body, "id": i} for (k, t, i), body in self.puts.items() if (k, t) == ("meeting", tenant)]
        for name in ("thread_id", "ical_uid"):
            if name in filters:
                return [m for m in found if m.get(name) == filters[name]]
        low, high = filters["from_"], filters["to"]
        return [m for m in found if m.get("scheduled_time") and low <= m["scheduled_time"] < high]

    async def find_user(self, tenant: str, email: str) -> dict[str, Any] | None:
        known = self.users is None or email in self.users
        return {"id": "user_1", "email": email} if known else None

    async def get_meeting(self, tenant: str, meeting_id: str) -> dict[str, Any] | None:
        return self.puts.get(("meeting", tenant, meeting_id))

    async def get_conversation_history(self, tenant: str, thread_id: str) -> list[dict[str, Any]]:
        return [m for m in self.of("message") if m["thread_id"] == thread_id]

    async def get_user(self, tenant: str, user_id: str) -> dict[str, Any] | None:
        """Users by id are their address: `user of bo@acme.test`."""
        email = user_id.removeprefix("user of ")
        return {"id": user_id, "email": email} if self.users is None or email in self.users else None

    async def get_brief(self, tenant: str, meeting_id: str) -> dict[str, Any] | None:
        """`brief`: None, as the API says of an internal meeting, until a test says otherwise."""
        return copied(self.brief)

    async def put_contact(self, tenant: str, contact_id: str, body: dict[str, Any]) -> None:
        if "@" not in body["email"].strip("@"):
            raise BackendRefused("email: must be one bare address", status=422)
        await self._put("contact", tenant, contact_id, body)

    async def _put(self, kind: str, tenant: str, id_: str, body: dict[str, Any]) -> None:
        if kind in self.broken:
            raise RetryableError(f"the API cannot keep this {kind}")
        if kind in self.refuse:
            raise BackendUnavailable(f"the API does not take {kind}")
        self.written.append(kind)
        self.puts[(kind, tenant, id_)] = copied(body)

    async def put_meeting(self, tenant: str, meeting_id: str, body: dict[str, Any]) -> None:
        said = DerivedMeeting.model_validate(body).model_dump(mode="json", exclude_unset=True)
        before = self.standing.get(meeting_id, Standing())
        after = merge(before, said) or before
        await self._put("meeting", tenant, meeting_id, dict(after.body))
        self.standing[meeting_id] = after

    async def put_insights(self, tenant: str, meeting_id: str, body: dict[str, Any]) -> None:
        await self._put("insights", tenant, meeting_id, body)

    async def put_message(self, tenant: str, message_id: str, body: dict[str, Any]) -> None:
        await self._put("message", tenant, message_id, body)

    async def put_email(self, tenant: str, run_id: str, body: dict[str, Any]) -> None:
        # As the API does: an earlier state never undoes a later one.
        standing = self.puts.get(("email", tenant, run_id))
        if standing is None or (EMAIL.rank(body) or 0) >= (EMAIL.rank(standing) or 0):
            await self._put("email", tenant, run_id, body)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Everything of one kind that stands now."""
        return [body for (k, _, _), body in self.puts.items() if k == kind]


class FakeMail:
    """`inbound.ports.MailStore` in memory; an absent key is NotYetThere, as in S3."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.opened = 0

    @asynccontextmanager
    async def open(self, bucket: str | None, key: str) -> AsyncIterator[bytes]:
        self.opened += 1
        if key not in self.objects:
            raise NotYetThere(f"{key} is not there")
        yield self.objects[key]


class FakeSender:
    """`mail.outgoing.Sender`: remembers what went out; `ends` are raised first, in order.

    A SendUnknown went out all the same: that is what unknown means at its worst.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.ends: list[Exception] = []

    async def send(self, raw: bytes, *, recipient: str, tag: str) -> str:
        end = self.ends.pop(0) if self.ends else None
        if end is None or isinstance(end, SendUnknown):
            self.sent.append((recipient, raw))
        if end is not None:
            raise end
        return f"<{tag}@eu-west-1.amazonses.com>"
