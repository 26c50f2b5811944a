"""What a run came to: its record in the backend, else its claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parley.core.ids import TenantId
from parley.errors import BackendUnavailable
from parley.inbound.email_ledger import email_run
from parley.ledger.keys import CLAIM, RunKey
from parley.mail.email import DeliveryId

if TYPE_CHECKING:
    import aiohttp

DEMO = TenantId("demo")
UNROUTED = TenantId("unrouted")


def run_of(mailbox: str, delivery: str, *, known: frozenset[str]) -> RunKey:
    """The run of a delivery for a mailbox of the demo tenant; mail to others is nobody's."""
    return email_run(DEMO if mailbox in known else UNROUTED, mailbox, DeliveryId(delivery))


class Results:
    """Reads the API as the pipeline, and the runs table where the API says nothing."""

    def __init__(
        self, http: aiohttp.ClientSession, dynamodb: Any, *, api_base_url: str, token: str, runs_table: str
    ) -> None:
        self._http = http
        self._dynamodb = dynamodb
        self._base = api_base_url
        self._token = token
        self._table = runs_table

    async def get(self, path: str, tenant: str) -> Any | None:
        """A resource, or None where there is none. BackendUnavailable for everything else."""
        headers = {"Authorization": f"Bearer {self._token}", "Parley-Tenant": tenant}
        async with self._http.get(f"{self._base}{path}", headers=headers) as response:
            if response.status == 404:  # noqa: PLR2004  # HTTP's own number
                return None
            if response.status != 200:  # noqa: PLR2004  # HTTP's own number
                raise BackendUnavailable(f"GET {path} answered {response.status}")
            return await response.json()

    async def finished(self, key: RunKey) -> dict[str, Any] | None:
        """The run's result in the contract's shape; None while it has not ended."""
        claim = await self._claim(key)
        if claim is None or claim.get("state") != {"S": "finished"}:
            return None
        return await self.record(key) or from_claim(key, claim)

    async def record(self, key: RunKey) -> dict[str, Any] | None:
        """The projection alone."""
        try:
            found = await self.get(f"/emails/{key.run_id}", key.tenant)
        except BackendUnavailable:
            return None
        return _in_shape(found) if isinstance(found, dict) else None

    async def _claim(self, key: RunKey) -> dict[str, Any] | None:
        answer = await self._dynamodb.get_item(
            TableName=self._table, Key={"pk": {"S": key.pk}, "sk": {"S": CLAIM}}, ConsistentRead=True
        )
        item: dict[str, Any] | None = answer.get("Item")
        return item


def from_claim(key: RunKey, claim: dict[str, Any]) -> dict[str, Any]:
    """What the claim alone tells, where the backend has no record of the run."""
    return bare(key, outcome=claim["outcome"]["S"], reason=claim.get("reason", {}).get("S"))


def _in_shape(found: dict[str, Any]) -> dict[str, Any]:
    """The contract's fields in its order, and what explains an ending; not what the API adds."""
    shape = bare(RunKey(TenantId(""), "", ("", "")), outcome="", reason=None)
    more = {name: found[name] for name in ("detail", "kind", "meetings", "notes") if found.get(name)}
    return {name: found.get(name, empty) for name, empty in shape.items()} | more


def bare(key: RunKey, *, outcome: str, reason: str | None) -> dict[str, Any]:
    """A result in the contract's shape of which only the end is known."""
    mailbox, _ = key.subject
    return {
        "run_id": key.run_id,
        "email": {
            "message_id": None,
            "from": None,
            "to": [],
            "subject": "",
            "thread_id": None,
            "text": "",
        },
        "mailbox": mailbox,
        "route": None,
        "outcome": outcome,
        "reason": reason,
        "states": ["received", "claimed", "done"],
        "meeting_id": None,
        "day": None,
        "trust": None,
        "insights": None,
        "errors": {},
        "partial_success": False,
        "invites": [],
        "deal": None,
        "reply": None,
        "usage": {"llm_calls": 0, "input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0},
    }
