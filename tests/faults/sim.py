"""The pipeline in a small world where everything may go wrong, on one event loop and one clock.

    queue ─▶ Worker (an execution environment: Intake, Pipeline, EmailLedger of its own)
               │ every request it makes is an effect with a number
               ▼
             table · backend · SES · S3 · model · queue     shared, honest, in memory

A fault is (effect number, mode). A worker that died makes no further effect; a
frozen one goes on where it stood when it is woken, be it after the takeover.
Nothing here is random but what the seed says, and no thread runs: the same
steps give the same world again.
"""

from __future__ import annotations

import asyncio
import copy
import json
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from parley.analysis.machine import TranscriptMachine
from parley.conversations.kinds import EMAIL
from parley.errors import BackendUnavailable, LLMAPIError, NotYetThere, RetryableError
from parley.inbound.delivery_events import Settlement
from parley.inbound.email_ledger import EmailLedger, email_run
from parley.inbound.intake import Intake
from parley.inbound.mailbox_cache import MailboxCache
from parley.ledger.keys import CLAIM
from parley.ledger.outbox import OutboxEntry, OutboxState
from parley.ledger.table import Index
from parley.llm.budget import Price
from parley.llm.gateway import Gateway
from parley.llm.provider import LLMReply
from parley.mail.email import DeliveryId
from parley.mail.mailbox import Mailbox, Purpose
from parley.mail.outgoing import SendRefused, SendUnknown
from parley.mail.send_events import SendEvent, SendKind
from tests.inbound.test_pipeline import BOX, World
from tests.llm_stub import SCRIPT
from tests.support import DEMO, FakeBackend, FakeMail

SECOND_BOX = "board@acme.test"
BOXES = tuple(
    Mailbox(box, DEMO, Purpose.MEETINGS, members=("*",), require_auth=False, answer_unauthenticated=True)
    for box in (BOX, SECOND_BOX)
)
SECONDS = 180.0
"""An invocation's, as in template.yaml; so are the next two."""
VISIBILITY = 1080.0
MOST_RECEIVES = 8
BATCH = 10
WORKER: ContextVar[Worker | None] = ContextVar("WORKER", default=None)


class Died(BaseException):
    """The process is gone: no handler of the code under test may see this as an error."""


class Mode(StrEnum):
    """What becomes of one effect."""

    DIE_BEFORE = "the process dies before it"
    DIE_AFTER = "the process dies after it"
    REFUSED = "it is refused: throttled, away, not there yet"
    LOST = "it is made, and its answer is lost"
    ECHO = "it is made, its answer is lost, and the SDK makes it again"
    FREEZE_BEFORE = "the process stands still before it"
    FREEZE_AFTER = "the process stands still after it"


@dataclass(frozen=True)
class Fault:
    """`at` is the effect's number, or a service and the number among its effects."""

    at: int | tuple[str, int]
    mode: Mode


class Inline(ThreadPoolExecutor):
    """Work that the code hands to a thread is done on the spot, so that nothing depends on scheduling."""

    def submit(self, fn, /, *args, **kwargs):
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  # handed on to whoever awaits it, as a thread would
            future.set_exception(error)
        return future


def new_loop() -> asyncio.AbstractEventLoop:
    """A loop without threads, that knows which worker each task belongs to."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(Inline(1))

    def factory(loop, coro, **options):
        task = asyncio.Task(coro, loop=loop, **options)
        if worker := WORKER.get():
            worker.tasks.add(task)
        return task

    loop.set_task_factory(factory)
    return loop


# -- what is shared -----------------------------------------------------------------------------


class ModelBackend(FakeBackend):
    """The backend's promises in memory: insights count versions, no email goes backwards."""

    def __init__(self, *mailboxes: Mailbox) -> None:
        super().__init__(*mailboxes)
        self.insights: dict[str, list[dict[str, Any]]] = {}

    async def put_insights(self, tenant, meeting_id, body):
        versions = self.insights.setdefault(meeting_id, [])
        if body["run_id"] not in {one["run_id"] for one in versions}:
            versions.append(body)
            await self._put("insights", tenant, meeting_id, body)

    async def get_email(self, tenant, run_id):
        return copy.deepcopy(self.puts.get(("email", tenant, run_id)))

    async def put_suppression(self, tenant, address, body):
        await self._put("suppression", tenant, address, body)
        self.suppressed.add(address)

    async def put_email(self, tenant, run_id, body):
        standing = self.puts.get(("email", tenant, run_id))
        if standing is None or (EMAIL.rank(body) or 0) >= (EMAIL.rank(standing) or 0):
            await self._put("email", tenant, run_id, body)


@dataclass
class Wire:
    """SES: what left the house, in order: reply tag, recipient, Message-ID."""

    table: Any
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    unintended: list[str] = field(default_factory=list)

    async def send(self, raw: bytes, *, recipient: str, tag: str) -> str:
        del raw
        places = await self.table.find(Index.NAME, tag, limit=1)
        states = {OutboxEntry(await self.table.get(*place)).state for place in places}
        if not states & {OutboxState.SENDING, OutboxState.AMBIGUOUS, OutboxState.SENT}:
            self.unintended.append(f"{tag} was sent while its outbox stood at {sorted(states) or 'nothing'}")
        wire_id = f"<{tag}-{len(self.sent)}@eu-west-1.amazonses.com>"
        self.sent.append((tag, recipient, wire_id))
        return wire_id


@dataclass
class Model:
    """The model: answers from a script, and writes down who was asked what."""

    recorded: Callable[[str, str], bool]
    calls: list[tuple[str, str]] = field(default_factory=list)
    repeated: list[tuple[str, str]] = field(default_factory=list)

    def arrive(self, request) -> None:
        content = re.search(r"codeword-(\w+)", request.user)
        call = (content[1] if content else "?", request.name)
        self.calls.append(call)
        if self.recorded(*call):
            self.repeated.append(call)

    async def complete(self, request) -> LLMReply:
        return LLMReply(json.loads(json.dumps(SCRIPT[request.name])), 100, 20)


@dataclass
class Message:
    """One SQS message; `body` names a delivery."""

    id: str
    delivery: str
    visible_at: float
    receives: int = 0

    @property
    def receipt(self) -> str:
        return f"{self.id}/{self.receives}"


class Queue:
    """SQS with its dead letters: visibility, receive counts, receipts that go stale."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.waiting: dict[str, Message] = {}
        self.dead: list[Message] = []
        self._serial = 0

    def put(self, delivery: str) -> None:
        self._serial += 1
        message = Message(f"q{self._serial}", delivery, self._clock())
        self.waiting[message.id] = message

    def receive(self, count: int, dice: random.Random) -> list[Message]:
        """Some visible messages, in no order; what was received too often dies instead."""
        visible = [m for m in self.waiting.values() if m.visible_at <= self._clock()]
        dice.shuffle(visible)
        taken = []
        for message in visible[:count]:
            if message.receives >= MOST_RECEIVES:
                self.dead.append(self.waiting.pop(message.id))
                continue
            message.receives += 1
            message.visible_at = self._clock() + VISIBILITY
            taken.append(message)
        return taken

    def delete(self, receipt: str) -> None:
        message = self.waiting.get(receipt.partition("/")[0])
        if message and message.receipt == receipt:
            del self.waiting[message.id]

    async def hand_back(self, record, *, seconds: int) -> None:
        message = self.waiting.get(record.message_id)
        if message and message.receipt == record.receipt_handle:
            message.visible_at = self._clock() + seconds

    def redrive(self) -> None:
        """All dead letters go back as new messages."""
        letters, self.dead = self.dead, []
        for letter in letters:
            self.put(letter.delivery)


# -- one execution environment ------------------------------------------------------------------

MakeError = Callable[[], Exception]
REFUSALS: dict[str, MakeError] = {
    "table": lambda: RetryableError("the table throttles"),
    "backend": lambda: BackendUnavailable("the API answers 503"),
    "ses": lambda: SendRefused("SES throttles"),
    "mail": lambda: NotYetThere("S3 answers 403"),
    "model": lambda: LLMAPIError("the model provider answers 429"),
    "queue": lambda: RetryableError("SQS throttles"),
}
LOST: dict[str, MakeError] = {**REFUSALS, "ses": lambda: SendUnknown("no answer from SES")}


class Worker:
    """A process: what it does goes through `effect`, where its faults wait."""

    def __init__(self, faults: Iterable[Fault], seed: int) -> None:
        self.faults = {fault.at: fault.mode for fault in faults}
        self.met: list[str] = []
        self.tasks: set[asyncio.Task[Any]] = set()
        self.trace: list[tuple[str, str]] = []
        self.dead = False
        self.awake = asyncio.Event()
        self.awake.set()
        self.froze = asyncio.Event()
        self._dice = random.Random(seed)

    async def effect(
        self, service: str, name: str, commit: Callable[[], Awaitable[Any]], *, echoes: bool = False
    ) -> Any:
        """Make one effect, or what the fault at its number makes of it."""
        for _ in range(self._dice.randrange(3)):
            await asyncio.sleep(0)
        await self._stand()
        number = sum(one == service for one, _ in self.trace)
        mode = self.faults.get((service, number)) or self.faults.get(len(self.trace))
        self.trace.append((service, name))
        if mode:
            self.met.append(f"{service}.{name}: {mode}")
        if mode is Mode.DIE_BEFORE:
            self.die()
        if mode is Mode.FREEZE_BEFORE:
            await self._freeze()
        if mode is Mode.REFUSED:
            refusal = REFUSALS[service]()
            raise refusal
        answer = await commit()
        if mode is Mode.DIE_AFTER:
            self.die()
        if mode is Mode.FREEZE_AFTER:
            await self._freeze()
        if mode is Mode.LOST:
            lost = LOST[service]()
            raise lost
        if mode is Mode.ECHO and echoes:
            answer = await commit()
        await self._stand()
        return answer

    async def _stand(self) -> None:
        await self.awake.wait()
        if self.dead:
            raise Died

    def die(self) -> None:
        self.dead = True
        raise Died

    async def _freeze(self) -> None:
        self.awake.clear()
        self.froze.set()
        await self._stand()


class Client:
    """A service as one worker reaches it: each call is an effect."""

    def __init__(self, worker: Worker, service: str, target: Any) -> None:
        self._worker, self._service, self._target = worker, service, target

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await self._worker.effect(
                self._service, name, lambda: method(*args, **kwargs), echoes=self._service == "table"
            )

        return call


class MailClient:
    """`deadly` are the keys of raw emails that kill whoever reads them."""

    def __init__(self, worker: Worker, mail: FakeMail, deadly: set[str]) -> None:
        self._worker, self._mail, self._deadly = worker, mail, deadly

    @asynccontextmanager
    async def open(self, bucket, key) -> AsyncIterator[bytes]:
        async def fetch():
            if key in self._deadly:
                self._worker.die()
            async with self._mail.open(bucket, key) as content:
                return content

        yield await self._worker.effect("mail", "open", fetch)


class ModelClient:
    """A call counts from the moment it is made: what stands still afterwards is the answer."""

    def __init__(self, worker: Worker, model: Model) -> None:
        self._worker, self._model = worker, model

    async def complete(self, request, *, timeout):  # noqa: ASYNC109  # the Protocol's own
        if self._worker.dead:
            raise Died
        self._model.arrive(request)

        async def answer():
            return await self._model.complete(request)

        return await self._worker.effect("model", "ask", answer)


async def no_nap(seconds: float) -> None:
    del seconds


# -- the world ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Email:
    """What was sent once. `kind`: transcript, question, invite, automated."""

    name: str
    kind: str
    raw: bytes
    boxes: tuple[str, ...]
    conversation: str | None = None


class Sim:
    """Everything, and what was delivered into it."""

    def __init__(self, *, model: bool = True, table: Any = None) -> None:
        self._world = World(*BOXES)
        self.clock = self._world.clock
        self.table = table or self._world.table
        self.mail = self._world.mail
        self.backend = ModelBackend(*BOXES)
        self.wire = Wire(self.table)
        self.model = Model(self.is_recorded) if model else None
        self.queue = Queue(self.clock)
        self.deliveries: dict[str, Email] = {}
        self.frozen: list[tuple[Worker, asyncio.Task[Any]]] = []
        self.faults: list[str] = []
        self.left_over: list[str] = []
        self.deadly: set[str] = set()
        self.last = Worker((), 0)
        self._late: dict[str, bytes] = {}
        self.heard: list[SendEvent] = []
        self._unheard: list[SendEvent] = []

    # -- what comes in

    def deliver(self, email: Email, *, extra: bytes = b"", there: bool = True) -> str:
        """One delivery by SES, announced once; `there` False: the object comes later."""
        delivery = f"d{len(self.deliveries)}"
        self.deliveries[delivery] = email
        (self.mail.objects if there else self._late)[f"raw/{delivery}"] = extra + email.raw
        self.queue.put(delivery)
        return delivery

    def appear(self) -> None:
        """What SES announced before S3 showed it is there now."""
        self.mail.objects.update(self._late)

    def event(self, messages: Iterable[Message]) -> dict[str, Any]:
        """A batch as Lambda hands it over."""
        return {"Records": [self._record(message) for message in messages]}

    def _record(self, message: Message) -> dict[str, Any]:
        return {
            "messageId": message.id,
            "receiptHandle": message.receipt,
            "body": json.dumps(self.notification(message.delivery)),
            "attributes": {"ApproximateReceiveCount": str(message.receives)},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:emails",
        }

    def notification(self, delivery: str) -> dict[str, Any]:
        boxes = list(self.deliveries[delivery].boxes)
        return {
            "notificationType": "Received",
            "mail": {"messageId": delivery, "commonHeaders": {"from": ["sarah@acme.test"], "to": boxes}},
            "receipt": {"recipients": boxes},
        }

    # -- who works

    def intake(self, worker: Worker, seed: int) -> Intake:
        machine = self._world.pipeline.machine
        if self.model:
            provider = ModelClient(worker, self.model)
            machine = TranscriptMachine(Gateway(provider, sleep=no_nap, price=Price(1.0, 1.0)), fallback=True)
        pipeline = replace(
            self._world.pipeline,
            runs=EmailLedger(Client(worker, "table", self.table), clock=self.clock),
            mail=MailClient(worker, self.mail, self.deadly),
            backend=Client(worker, "backend", self.backend),
            sender=Client(worker, "ses", self.wire),
            machine=machine,
            mailboxes=MailboxCache(),
        )
        queue = Client(worker, "queue", self.queue)
        return Intake(pipeline=pipeline, queue=queue, clock=self.clock, jitter=random.Random(seed).random)

    async def work(self, *plans: tuple[Fault, ...], count: int = BATCH, seed: int = 0) -> None:
        """As many invocations at once as there are plans, each with a batch of its own."""
        dice = random.Random(seed)
        batches = [self.queue.receive(count, dice) for _ in plans]
        await asyncio.gather(
            *(
                self._invoke(batch, plan, dice.random())
                for batch, plan in zip(batches, plans, strict=True)
                if batch
            )
        )

    async def _invoke(self, batch: list[Message], plan: tuple[Fault, ...], seed: float) -> None:
        worker = Worker(plan, int(seed * 1e9))
        started = self.clock()
        take = self.intake(worker, int(seed * 1e9)).take(self.event(batch), seconds=SECONDS)
        task = self._start(worker, take)
        self.last = worker
        if await self._stands_still(worker, task):
            return
        failed = await self._ended(worker, task)
        if failed is not None and self.clock() - started < SECONDS:
            for message in batch:
                if message.id not in failed:
                    self.queue.delete(message.receipt)

    def _start(self, worker: Worker, work: Any) -> asyncio.Task[Any]:
        mark = WORKER.set(worker)
        try:
            return asyncio.ensure_future(work)
        finally:
            WORKER.reset(mark)

    async def _stands_still(self, worker: Worker, task: asyncio.Task[Any]) -> bool:
        """Whether the worker froze before it ended; then every task of its has come to its next effect."""
        froze = asyncio.ensure_future(worker.froze.wait())
        await asyncio.wait({task, froze}, return_when=asyncio.FIRST_COMPLETED)
        froze.cancel()
        self.faults, worker.met = self.faults + worker.met, []
        if task.done():
            return False
        for _ in range(60):
            await asyncio.sleep(0)
        self.frozen.append((worker, task))
        return True

    async def _tidy(self, worker: Worker, task: asyncio.Task[Any]) -> None:
        """End what a process has left; one that lived should have left nothing."""
        left = [one for one in worker.tasks if not one.done()]
        for one in left:
            one.cancel()
        await asyncio.gather(*left, task, return_exceptions=True)
        if left and not worker.dead:
            self.left_over.append(repr(left))

    async def _ended(self, worker: Worker, task: asyncio.Task[Any]) -> set[str] | None:
        """The messages that stay, by the handler's answer; None where nobody heard one."""
        await self._tidy(worker, task)
        if worker.dead:
            return None
        if task.exception() is not None:
            return None
        return {item["itemIdentifier"] for item in task.result()["batchItemFailures"]}

    # -- what SES says later

    async def ses_says(self, index: int, kind: SendKind, plan: tuple[Fault, ...], *, seed: int) -> None:
        """An event about one of the mails that left, heard by a process with faults of its own."""
        tag, recipient, wire_id = self.wire.sent[index]
        await self._hear(
            SendEvent(kind, tag, wire_id, None, (recipient,), kind is SendKind.BOUNCE), plan, seed
        )

    async def _hear(self, event: SendEvent, plan: tuple[Fault, ...], seed: int) -> None:
        worker = Worker([f for f in plan if "FREEZE" not in f.mode.name], seed)
        runs = EmailLedger(Client(worker, "table", self.table), clock=self.clock)
        backend = Client(worker, "backend", self.backend)
        reply_from = self._world.pipeline.reply_from
        settlement = Settlement(runs=runs, backend=backend, clock=self.clock, reply_from=reply_from)
        task = self._start(worker, settlement.settle(event))
        await asyncio.wait({task})
        self.faults += worker.met
        await self._tidy(worker, task)
        ended = not worker.dead and task.exception() is None
        (self.heard if ended else self._unheard).append(event)

    async def wake(self, index: int) -> None:
        """A frozen worker goes on. Its invocation is long over: nobody hears its answer."""
        worker, task = self.frozen.pop(index)
        worker.froze.clear()
        worker.awake.set()
        if not await self._stands_still(worker, task):
            await self._ended(worker, task)

    async def drain(self, *, seed: int = 0) -> None:
        """No more faults: the queue is worked, and dead letters redriven, until all is quiet."""
        self.appear()
        for turn in range(400):
            unheard, self._unheard = self._unheard, []
            for event in unheard:
                await self._hear(event, (), seed)
            if not self.queue.waiting:
                if not self.queue.dead:
                    return
                self.queue.redrive()
            waits = [message.visible_at - self.clock() for message in self.queue.waiting.values()]
            self.clock.forward(max(0.0, min(waits)))
            await self.work((), seed=seed + turn)
        raise AssertionError(f"the queue does not come to rest: {list(self.queue.waiting.values())[:5]}")

    async def close(self) -> None:
        """Whoever still stands frozen is gone."""
        for worker, task in self.frozen:
            worker.dead = True
            worker.awake.set()
            await asyncio.wait({task})
            await self._ended(worker, task)
        self.frozen = []

    # -- what there is

    def runs_of(self, email: Email, box: str) -> list[Any]:
        """The keys of all runs that this email is due in one mailbox."""
        return [
            email_run(DEMO, box, DeliveryId(delivery))
            for delivery, one in self.deliveries.items()
            if one.name == email.name and box in one.boxes
        ]

    def claim_of(self, key: Any) -> dict[str, Any] | None:
        return self.table.rows.get((key.pk, CLAIM))

    def is_recorded(self, content: str, extractor: str) -> bool:
        """Whether some run of every mailbox of this content holds the extractor's answer."""
        kept = {
            pk
            for pk, sk in self.table.rows
            if sk.startswith("step#") and sk.endswith(f"analysis.{extractor}")
        }
        steps = [
            any(key.pk in kept for key in self.runs_of(email, box))
            for (name, box), email in self.contents().items()
            if name == content
        ]
        return bool(steps) and all(steps)

    def outbox(self) -> list[OutboxEntry]:
        return [OutboxEntry(row) for (_, sk), row in self.table.rows.items() if sk.startswith("outbox#")]

    def contents(self) -> dict[tuple[str, str], Email]:
        """Each email once for each mailbox that it went to."""
        return {(email.name, box): email for email in self.deliveries.values() for box in email.boxes}
