"""Claims, steps and outbox: the idempotency gate and the journal of a run.

A run is one delivery for one mailbox. Three promises are kept here, all by
conditional writes on single items, each of which carries a version:

    claim    who works on the run, until when; how it ended. First of all effects.

             worker A   claim──────lease──────┐ (dies)
             worker B         busy     busy   └─claim (takes over) ── finish
                              └ not acknowledged: this copy comes back

    step     what cannot be repeated (a model's answer): recorded before it is
             published; whoever loses the conditional put goes on with what won.

    outbox   intent ──▶ sending ──▶ sent         `sending` is taken once, ever
                 ▲          ├─────▶ failed       definite, final refusal
                 └──────────┤                    definite refusal: may try again
                            └─────▶ ambiguous    unknown: never tried again

    What SES says of a send later (an event) and what a person says settles it too.

What waits for somebody (an open run, a failed or quarantined one, a reply that
is not out) says so in `waiting`, which is an index: nothing has to be scanned.

At-least-once processing; at most one send attempt with an unknown outcome for
a reply. Correctness never rests on the lease: a zombie loses every conditional
write, because the version has moved on, and reads what won.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from parley.core.clock import Clock, iso
from parley.core.ids import RunId, TenantId, digest, length_prefixed
from parley.core.outcome import Outcome
from parley.core.tasks import together
from parley.errors import BusyError, RequestError
from parley.mail.email import DeliveryId, Reason, ThreadId

Json = Any
Item = dict[str, Any]
"""One row: `pk`, `sk`, `version`, `write_id` and its own fields; JSON values only."""

MAX_ATTEMPTS = 5
LEASE_MARGIN = 5.0
STEP_LIMIT = 350_000
HOUR = 3600.0
SHORTEST_WAIT = 5.0
"""Seconds until a copy asks again for a content that another run holds."""
DEAD_OWNER_WAIT = 300.0
"""The same where the owner died: its own copy comes back first, after the queue's whole time-out."""
SENDER_KEPT = 3 * HOUR
"""How long it is remembered that somebody sent something: the cap looks back two hours."""
_STOPPED = frozenset({Outcome.REFUSED, Outcome.QUARANTINED})
_FOR_A_PERSON = frozenset({Outcome.FAILED, Outcome.QUARANTINED})
CLAIM = "claim"
MOST_RUNS_A_DELIVERY = 100
"""SES takes 50 recipients a mail."""
OPEN, ENDED = "run#open", "run#ended"
"""What a run waits as: to be worked, and to be forgotten. Failed and quarantined ones wait for a person."""
_ABSENT = object()
Place = tuple[str, str]
"""`pk` and `sk` of one row."""


class Index(StrEnum):
    """The table's indexes, each named after the attribute that it finds rows by; they may lag.

    `name`: a claim's run id, a reply's tag. `delivery`: a claim's SES id.
    `waiting`: what waits for somebody, oldest first by `since`.
    """

    NAME = "name"
    DELIVERY = "delivery"
    WAITING = "waiting"


class RunTable(Protocol):
    """Where runs are kept. Both writes answer None when they won, else the item that stands."""

    async def create(self, item: Item) -> Item | None:
        """Write unless an item with this key exists."""

    async def replace(self, item: Item, *, version: int) -> Item | None:
        """Write only over that version; an absent item answers as an empty dict."""

    async def get(self, pk: str, sk: str) -> Item | None:
        """Read one item, consistently."""

    async def items(self, pk: str) -> list[Item]:
        """Read all items of one partition, consistently."""

    async def find(self, index: Index, value: str, *, limit: int) -> list[Place]:
        """At most `limit` rows by an index, as it stood a moment ago; `waiting` oldest first."""

    async def remove(self, pk: str, sk: str) -> None:
        """Delete one item; absent is fine. Only an erasure does it, and never to a claim."""


class OutboxState(StrEnum):
    """Where a reply stands; `draft` waits for a person, `suppressed` is never sent."""

    INTENT = "intent"
    SENDING = "sending"
    SENT = "sent"
    AMBIGUOUS = "ambiguous"
    FAILED = "failed"
    DRAFT = "draft"
    SUPPRESSED = "suppressed"


OUTBOX_TRANSITIONS: dict[OutboxState, frozenset[OutboxState]] = {
    # An event may prove a send that was taken for refused: then it is not tried again.
    OutboxState.INTENT: frozenset(
        {OutboxState.SENDING, OutboxState.SENT, OutboxState.FAILED, OutboxState.SUPPRESSED}
    ),
    OutboxState.SENDING: frozenset(
        {OutboxState.INTENT, OutboxState.SENT, OutboxState.AMBIGUOUS, OutboxState.FAILED}
    ),
    OutboxState.AMBIGUOUS: frozenset({OutboxState.SENT, OutboxState.FAILED}),
    OutboxState.DRAFT: frozenset({OutboxState.INTENT, OutboxState.SUPPRESSED}),
    # Accepted is not delivered: a bounce comes later.
    OutboxState.SENT: frozenset({OutboxState.FAILED}),
    OutboxState.FAILED: frozenset(),
    OutboxState.SUPPRESSED: frozenset(),
}


_OUTBOX_WAITS = frozenset({OutboxState.SENDING, OutboxState.AMBIGUOUS, OutboxState.DRAFT, OutboxState.FAILED})


def waits_as(state: OutboxState) -> str:
    """The `waiting` of a reply in this state."""
    return f"outbox#{state}"


def run_waits_as(outcome: Outcome) -> str:
    """The `waiting` of a run that ended so."""
    return f"run#{outcome}" if outcome in _FOR_A_PERSON else ENDED


def run_pk(tenant: TenantId, run_id: str) -> str:
    """The partition of one run of one tenant."""
    return f"{tenant}#run#{run_id}"


def reply_tag(run_id: RunId, purpose: str) -> str:
    """By which a reply is known to SES, and found by what it says of it."""
    return digest(run_id, purpose)[:32]


def owner_of(pk: str) -> tuple[TenantId, RunId]:
    """Whose partition this is: of one run of one tenant."""
    tenant, _, run_id = pk.split("#", 2)
    return TenantId(tenant), RunId(run_id)


@dataclass(frozen=True, slots=True)
class RunKey:
    """(tenant, kind, subject): emails and analyses today, syncs later."""

    tenant: TenantId
    kind: str
    subject: tuple[str, ...]

    @property
    def run_id(self) -> RunId:
        return RunId("run_" + digest(self.tenant, self.kind, *self.subject)[:24])

    @property
    def pk(self) -> str:
        """Holds a hash, not the subject: the ledger outlives the person."""
        return run_pk(self.tenant, self.run_id)


def email_run(tenant: TenantId, mailbox: str, delivery: DeliveryId) -> RunKey:
    """The key of one delivery for one mailbox."""
    return RunKey(tenant, "email", (mailbox.lower(), delivery))


def analysis_run(tenant: TenantId, meeting_id: str, transcript: str, edition: str) -> RunKey:
    """The key of the analysis of one transcript (its digest) of a meeting.

    `edition` names who answers, to which questions, and which repetition it is.
    """
    return RunKey(tenant, "analysis", (meeting_id, transcript, edition))


@dataclass(frozen=True, slots=True)
class Finished:
    """The run ended earlier: how. `erased` says that nothing but this is left of it."""

    outcome: Outcome
    reason: Reason | None
    erased: bool = False
    generation: int = 1


@dataclass(slots=True)
class Claim:
    """A run in our hands: its claim item as we wrote it, and the steps already recorded.

    `recorded_at`: at which version of the claim each of those steps was recorded.
    """

    key: RunKey
    item: Item
    steps: dict[str, Json] = field(default_factory=dict)
    recorded_at: dict[str, int] = field(default_factory=dict)

    @property
    def attempt(self) -> int:
        """1 for the first worker that ever claimed this run."""
        return int(self.item["attempts"])

    @property
    def spent(self) -> dict[str, int]:
        """What the run took until an attempt last gave its word: fields of `models.usage.Usage`."""
        spent: dict[str, int] = self.item.get("spent", {}).get("used", {})
        return spent

    @spent.setter
    def spent(self, used: dict[str, int]) -> None:
        """Kept with the next write of the claim, whatever that says.

        All of it, recorded or not: a step whose put was broken off may be recorded all the same.
        """
        self.item["spent"] = {"used": used, "at": int(self.item["version"])}

    @property
    def since_spent(self) -> dict[str, Json]:
        """The steps that were recorded after that word: by attempts that died."""
        at = int(self.item.get("spent", {}).get("at", 0))
        return {name: step for name, step in self.steps.items() if self.recorded_at.get(name, 0) > at}

    @property
    def past_gates(self) -> bool:
        """Whether a person has let the email pass, now or earlier."""
        return bool(self.item.get("past_gates"))

    @property
    def generation(self) -> int:
        """1, and one more with each replay of a run that had ended well."""
        return int(self.item["generation"])


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One reply: its state and what it says. `tag` names it in SES's events."""

    item: Item

    @property
    def state(self) -> OutboxState:
        return OutboxState(self.item["state"])

    @property
    def tenant(self) -> TenantId:
        return owner_of(self.item["pk"])[0]

    @property
    def run_id(self) -> RunId:
        return owner_of(self.item["pk"])[1]

    @property
    def message(self) -> dict[str, Json]:
        """What was recorded with the intent; empty once it is erased."""
        message: dict[str, Json] = self.item.get("message", {})
        return message

    @property
    def tag(self) -> str:
        return str(self.item["name"])

    @property
    def began_at(self) -> str:
        """When it was last begun to be sent, which is the same whoever asks and however it ended."""
        return str(self.item.get("began_at", self.item["at"]))

    @property
    def sent_id(self) -> str | None:
        """SES's id of the reply, with its domain, once it is sent."""
        return self.item.get("ses_id")


def _stamp(item: Item, *, version: int) -> Item:
    kept = {name: value for name, value in item.items() if value is not _ABSENT}
    return {**kept, "version": version, "write_id": uuid.uuid4().hex}


async def write_new(table: RunTable, item: Item) -> tuple[bool, Item]:
    """(won, the item that stands). A lost answer is met again as our own `write_id`."""
    mine = _stamp(item, version=1)
    existing = await table.create(mine)
    if existing is None or existing.get("write_id") == mine["write_id"]:
        return True, mine
    return False, existing


async def write_over(table: RunTable, old: Item, new: Item) -> tuple[bool, Item]:
    """The same for what replaces `old`: nobody else's write of it in between is lost."""
    mine = _stamp(new, version=int(old["version"]) + 1)
    existing = await table.replace(mine, version=int(old["version"]))
    if existing is None or existing.get("write_id") == mine["write_id"]:
        return True, mine
    return False, existing


class Runs:
    """The journal over one table. `clock` is UTC seconds.

    `key` makes the hashes of addresses and Message-IDs, which outlive their
    person, useless to whoever has the table and not the key.
    """

    def __init__(
        self, table: RunTable, *, clock: Clock, max_attempts: int = MAX_ATTEMPTS, key: bytes = b""
    ) -> None:
        self._table = table
        self._clock = clock
        self._max_attempts = max_attempts
        self._key = key

    def _keyed(self, *parts: str) -> str:
        return hmac.new(self._key, length_prefixed(parts), hashlib.sha256).hexdigest()

    # -- writing ---------------------------------------------------------------------------

    async def _create(self, item: Item) -> tuple[bool, Item]:
        return await write_new(self._table, item)

    async def _replace(self, old: Item, **changes: Json) -> tuple[bool, Item]:
        return await write_over(self._table, old, {**old, **changes})

    # -- claims ----------------------------------------------------------------------------

    async def claim(
        self, key: RunKey, *, lease_until: float, fresh: bool = True, about: Mapping[str, Json] | None = None
    ) -> Claim | Finished:
        """Take the run, or say how it ended; raise BusyError while a living owner holds it.

        `lease_until` is UTC seconds. `fresh` says that this copy was never
        received before: only such a copy (a redrive) reopens a run that failed.
        `about` is kept with a new claim: `delivery`, by which it is found, and
        `event`, which brings the run back.
        """
        won, standing = await self._create(self._begun(key, lease_until, about or {}))
        if won:
            return Claim(key, standing)
        return await self._take_over(key, standing, lease_until=lease_until, fresh=fresh)

    def _begun(self, key: RunKey, lease_until: float, about: Mapping[str, Json]) -> Item:
        return {
            **about,
            "pk": key.pk,
            "sk": CLAIM,
            "name": key.run_id,
            "kind": key.kind,
            "generation": 1,
            "created_at": iso(self._clock()),
            **self._working(lease_until, attempts=1),
        }

    async def _take_over(
        self, key: RunKey, standing: Item, *, lease_until: float, fresh: bool
    ) -> Claim | Finished:
        failed = standing.get("outcome") == Outcome.FAILED
        if standing["state"] == "finished" and (not (failed and fresh) or standing.get("erased_at")):
            return _finished(standing)
        self._refuse_while_alive(standing)
        attempts = 1 if failed else int(standing["attempts"]) + 1
        if attempts > self._max_attempts:
            return await self._exhausted(standing)
        return await self._taken(key, standing, lease_until, attempts=attempts)

    async def reopen(self, key: RunKey, *, lease_until: float, past_gates: bool = False) -> Claim:
        """Take a run that has ended, or whose owner died, to work it again from its raw bytes.

        One that failed goes on with the steps it has; any other begins a new
        generation, without steps. What was sent stays sent. `past_gates` is a
        person's word on the email, and is remembered with it. Raises
        RequestError where there is no such run or it was erased, BusyError
        while a living owner holds it.
        """
        standing = await self._table.get(key.pk, CLAIM)
        if standing is None:
            raise RequestError(f"there is no run {key.run_id} of tenant {key.tenant}")
        if standing.get("erased_at"):
            raise RequestError(
                f"run {key.run_id} was erased on {standing['erased_at']}, "
                "by request or retention: nothing is left"
            )
        self._refuse_while_alive(standing)
        ended_well = standing["state"] == "finished" and standing["outcome"] != Outcome.FAILED
        changes = {"generation": int(standing["generation"]) + 1, "spent": {}} if ended_well else {}
        if past_gates:
            changes["past_gates"] = True
        return await self._taken(key, standing, lease_until, attempts=1, **changes)

    async def resume(self, key: RunKey, *, lease_until: float) -> Claim:
        """Take a run in whatever state it is, with all the steps that it has; a new one has none.

        For work that somebody asks for again: what an earlier one recorded is
        read back. Of an erased run nothing is left, and it begins anew. Raises
        BusyError while a living owner holds it.
        """
        won, standing = await self._create(self._begun(key, lease_until, {}))
        if won:
            return Claim(key, standing)
        self._refuse_while_alive(standing)
        erased = {"generation": int(standing["generation"]) + 1, "erased_at": _ABSENT, "spent": {}}
        changes = erased if standing.get("erased_at") else {}
        return await self._taken(key, standing, lease_until, attempts=1, **changes)

    def _refuse_while_alive(self, standing: Item) -> None:
        left = standing["lease_until"] - self._clock()
        if standing["state"] == "open" and left > 0:
            raise BusyError(f"run {standing['name']} is being worked on", retry_after=left)

    def _working(self, lease_until: float, *, attempts: int) -> dict[str, Json]:
        return {
            "state": "open",
            "attempts": attempts,
            "lease_until": lease_until + LEASE_MARGIN,
            "waiting": OPEN,
            "since": iso(self._clock()),
            **dict.fromkeys(("outcome", "reason", "finished_at"), _ABSENT),
        }

    async def _taken(
        self, key: RunKey, standing: Item, lease_until: float, *, attempts: int, **changes: Json
    ) -> Claim:
        won, item = await self._replace(standing, **self._working(lease_until, attempts=attempts), **changes)
        if not won:
            raise BusyError(f"run {key.run_id} was just taken", retry_after=1.0)
        return Claim(key, item, *await self._recorded(key, int(item["generation"])))

    async def _exhausted(self, standing: Item) -> Finished:
        """Every attempt died without a word: the run is recorded as failed."""
        generation = int(standing["generation"])
        end = Finished(Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED, generation=generation)
        await self._replace(standing, **self._ending(end.outcome, end.reason))
        return end

    async def _recorded(self, key: RunKey, generation: int) -> tuple[dict[str, Json], dict[str, int]]:
        """The steps of a generation, and at which version of the claim each was recorded."""
        rows, prefix = await self._table.items(key.pk), _step_sk(generation, "")
        steps = {r["sk"].removeprefix(prefix): r for r in rows if r["sk"].startswith(prefix)}
        return (
            {name: json.loads(row["value"]) for name, row in steps.items()},
            {name: int(row["claimed_at"]) for name, row in steps.items()},
        )

    def _ending(self, outcome: Outcome, reason: Reason | None) -> dict[str, Json]:
        return {
            "state": "finished",
            "outcome": str(outcome),
            "reason": reason and str(reason),
            "finished_at": iso(self._clock()),
            **_waiting(run_waits_as(outcome), self._clock()),
        }

    def last_attempt(self, claim: Claim) -> bool:
        """Whether a failure now would be the last."""
        return claim.attempt >= self._max_attempts

    async def mark_email_processed(
        self, claim: Claim, outcome: Outcome, reason: Reason | None = None
    ) -> bool:
        """End the run (name: seed 003). False when another worker took it meanwhile: its word counts."""
        won, claim.item = await self._replace(claim.item, **self._ending(outcome, reason))
        return won

    async def release(self, claim: Claim, *, counted: bool = True) -> None:
        """Give the lease back after a clean failure, so that a retry need not wait for it.

        `counted` False takes the attempt back too: waiting for another run is none.
        """
        attempts = claim.attempt if counted else claim.attempt - 1
        _, claim.item = await self._replace(claim.item, lease_until=0, attempts=attempts)

    async def attempts_on(self, delivery: DeliveryId) -> int:
        """How often somebody began to work on the runs of this delivery; 0 where nobody has."""
        return max((int(row["attempts"]) for row in await self._claims_on(delivery)), default=0)

    async def ended_on(self, delivery: DeliveryId) -> list[tuple[RunId, Finished]]:
        """How each run of this delivery ended; [] where there is none, or one that has not."""
        rows = await self._claims_on(delivery)
        if any(row["state"] != "finished" for row in rows):
            return []
        return [(RunId(row["name"]), _finished(row)) for row in rows]

    async def _claims_on(self, delivery: DeliveryId) -> list[Item]:
        places = await self._table.find(Index.DELIVERY, delivery, limit=MOST_RUNS_A_DELIVERY)
        rows = await together(*(self._table.get(*place) for place in places))
        return [row for row in rows if row]

    async def was_email_processed(self, key: RunKey) -> Finished | None:
        """How a run ended (name: seed 003); None while it has not."""
        item = await self._table.get(key.pk, CLAIM)
        return _finished(item) if item and item["state"] == "finished" else None

    async def claim_content(self, claim: Claim, *parts: str) -> RunId | None:
        """The second claim: None when this content is ours, else the finished run that had it first.

        Raises BusyError while that other run has not ended: it may still need us.
        A run that was stopped at a gate did nothing with the content, and a copy
        may come a better way (its verdicts differ): the copy takes it over.
        """
        pk = f"{claim.key.tenant}#content#{self._keyed(*parts)}"
        item = {"pk": pk, "sk": CLAIM, "owner": claim.key.run_id, "created_at": iso(self._clock())}
        won, standing = await self._create(item)
        if won or standing["owner"] == claim.key.run_id:
            return None
        other = await self._table.get(run_pk(claim.key.tenant, standing["owner"]), CLAIM)
        if other and other.get("erased_at") and other["outcome"] == Outcome.FAILED:
            # It will never be worked again, and neither will its copies.
            return RunId(standing["owner"])
        if other is None or other["state"] != "finished" or other["outcome"] == Outcome.FAILED:
            left = float(other["lease_until"]) - self._clock() if other else 0.0
            wait = max(SHORTEST_WAIT, left) if left > 0 else DEAD_OWNER_WAIT
            detail = f"the same content is open in run {standing['owner']}"
            raise BusyError(detail, retry_after=wait, alive=left > 0)
        if other["outcome"] in _STOPPED:
            won, standing = await self._replace(standing, owner=claim.key.run_id)
            return None if won else await self.claim_content(claim, *parts)
        return RunId(standing["owner"])

    async def once(self, claim: Claim, purpose: str, *parts: str) -> bool:
        """Whether this run is the one that may do `purpose` for these parts, now or again."""
        pk = f"{claim.key.tenant}#{purpose}#{self._keyed(*parts)}"
        won, standing = await self._create({"pk": pk, "sk": CLAIM, "owner": claim.key.run_id})
        return won or standing["owner"] == claim.key.run_id

    # -- threads ---------------------------------------------------------------------------

    async def thread_of(self, tenant: TenantId, mailbox: str, message_ids: Sequence[str]) -> ThreadId | None:
        """The thread that the first known one of these Message-IDs belongs to."""
        rows = await together(
            *(self._table.get(self._thread_pk(tenant, mailbox, one), CLAIM) for one in message_ids)
        )
        return next((ThreadId(row["thread_id"]) for row in rows if row), None)

    async def join_thread(
        self, tenant: TenantId, mailbox: str, message_id: str, thread_id: ThreadId
    ) -> ThreadId:
        """Remember a message's thread, and answer it: what was remembered first stays."""
        pk = self._thread_pk(tenant, mailbox, message_id)
        _, standing = await self._create({"pk": pk, "sk": CLAIM, "thread_id": thread_id})
        return ThreadId(standing["thread_id"])

    # -- how much one correspondent sends --------------------------------------------------

    async def note_sender(self, claim: Claim, *sender: str) -> None:
        """Count this run, once, to whoever sent its email."""
        pk = self._sender_pk(claim.key.tenant, sender, self._clock())
        expires_at = int(self._clock() + SENDER_KEPT)
        await self._create({"pk": pk, "sk": claim.key.run_id, "expires_at": expires_at})

    async def recent_runs(self, claim: Claim, *sender: str) -> int:
        """How many other runs of this sender were counted in this hour and the one before."""
        now = self._clock()
        hours = (self._sender_pk(claim.key.tenant, sender, now - back) for back in (0.0, HOUR))
        pages = await together(*(self._table.items(pk) for pk in hours))
        return len({row["sk"] for page in pages for row in page} - {claim.key.run_id})

    # -- steps -----------------------------------------------------------------------------

    async def step(self, claim: Claim, name: str, make: Callable[[], Awaitable[Json]]) -> Json:
        """What `make` answered, now or in an earlier attempt; JSON values only.

        Raises ValueError when the value is too large for one item (our bug:
        every producer has a limit of its own).
        """
        if name in claim.steps:
            return claim.steps[name]
        value = json.dumps(await make(), ensure_ascii=False)
        if len(value.encode("utf-8", "surrogatepass")) > STEP_LIMIT:
            raise ValueError(f"step {name} is larger than {STEP_LIMIT} bytes")
        sk = _step_sk(claim.generation, name)
        item = {
            "pk": claim.key.pk,
            "sk": sk,
            "value": value,
            "claimed_at": int(claim.item["version"]),
            "at": iso(self._clock()),
        }
        _, standing = await self._create(item)
        claim.steps[name] = json.loads(standing["value"])
        return claim.steps[name]

    # -- outbox ----------------------------------------------------------------------------

    async def intend(
        self, claim: Claim, purpose: str, message: dict[str, Json], *, state: OutboxState = OutboxState.INTENT
    ) -> OutboxEntry:
        """Record what is to be sent; an earlier intent wins over this one."""
        item = {
            "pk": claim.key.pk,
            "sk": f"outbox#{purpose}",
            "message": message,
            # SES allows [A-Za-z0-9_-] in a tag: a hash names the reply and nobody.
            "name": reply_tag(claim.key.run_id, purpose),
            **self._stands(state),
        }
        _, standing = await self._create(item)
        return OutboxEntry(standing)

    async def begin_sending(self, entry: OutboxEntry) -> tuple[bool, OutboxEntry]:
        """Take `sending`. (False, what stands) when it is not ours to send.

        A `sending` that we meet is another worker's whose end nobody knows:
        it is parked as ambiguous and never tried again.
        """
        if entry.state is OutboxState.SENDING:
            return False, await self.settle(entry, OutboxState.AMBIGUOUS)
        if entry.state is not OutboxState.INTENT:
            return False, entry
        began = {"began_at": iso(self._clock())}
        won, item = await self._replace(entry.item, **self._stands(OutboxState.SENDING), **began)
        if won:
            return True, OutboxEntry(item)
        return await self.begin_sending(OutboxEntry(item)) if item.get("state") else (False, entry)

    def _stands(self, state: OutboxState) -> dict[str, Json]:
        now = self._clock()
        waiting = waits_as(state) if state in _OUTBOX_WAITS else None
        return {"state": str(state), "at": iso(now), **_waiting(waiting, now)}

    async def settle(
        self, entry: OutboxEntry, state: OutboxState, *, ses_id: str | None = None, why: str | None = None
    ) -> OutboxEntry:
        """Record how a send ended. Where another worker was quicker, what is known for certain wins.

        `why` says who said so, or what happened to the reply; no address.
        """
        while state in OUTBOX_TRANSITIONS[entry.state]:
            known = {"ses_id": ses_id or entry.sent_id, "why": why or entry.item.get("why")}
            # An erased reply has no words left that anybody could wait for.
            nobody = {} if "message" in entry.item else _waiting(None, self._clock())
            won, item = await self._replace(entry.item, **{**self._stands(state), **known, **nobody})
            entry = OutboxEntry(item)
            if won:
                break
        return entry

    async def outbox(self, key: RunKey, purpose: str) -> OutboxEntry | None:
        """The entry as it stands."""
        item = await self._table.get(key.pk, f"outbox#{purpose}")
        return OutboxEntry(item) if item else None

    async def reply_by_tag(self, tag: str) -> OutboxEntry | None:
        """The reply that was sent under this tag; None where it is nobody's, or not to be found yet."""
        for place in await self._table.find(Index.NAME, tag, limit=1):
            if item := await self._table.get(*place):
                return OutboxEntry(item)
        return None

    def _sender_pk(self, tenant: TenantId, sender: Sequence[str], at: float) -> str:
        return f"{tenant}#sender#{self._keyed(*sender)}#{int(at // HOUR)}"

    def _thread_pk(self, tenant: TenantId, mailbox: str, message_id: str) -> str:
        return f"{tenant}#thread#{self._keyed(mailbox, message_id)}"


def _step_sk(generation: int, name: str) -> str:
    return f"step#{generation}#{name}"


def _waiting(for_whom: str | None, now: float) -> dict[str, Json]:
    """An index takes no null: what waits for nobody has no such attribute."""
    return {"waiting": for_whom or _ABSENT, "since": iso(now) if for_whom else _ABSENT}


def _finished(item: Item) -> Finished:
    reason = item.get("reason")
    outcome = Outcome(item["outcome"])
    return Finished(
        outcome,
        Reason(reason) if reason else None,
        erased="erased_at" in item,
        generation=int(item.get("generation", 1)),
    )
