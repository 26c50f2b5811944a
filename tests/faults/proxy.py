"""A network that fails on purpose.

    code under test ──▶ one port an upstream ──▶ moto · the backend · the LLM stub

Every request is written down with a label (tests/faults/labels.py), the number
of its occurrence within the current turn (a delivery), and what became of it.
A fault names the one it is meant for by turn, label and occurrence:

    DROP_BEFORE   the connection breaks before the request arrives anywhere
    DROP_AFTER    the request is carried out, the answer is lost
    ANSWER        the service answers an error, in its own format
    DELAY         the request is held up for `seconds`
    STALL         no answer, ever: until the client gives up
    STALE         a kept connection turns out to be closed; a fresh one works
    DIE_BEFORE    the worker is killed before the request arrives anywhere
    DIE_AFTER     the request is carried out, then the worker is killed

SES is as strict, and names messages, as it does in earnest (tests/faults/ses.py).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import partial
from urllib.parse import urlsplit

from local.environment import REGION
from local.ports import LOOPBACK, listen, port_of
from tests.faults.labels import label_of, service_of
from tests.faults.refusals import Refusal, refuse
from tests.faults.ses import Ses
from tests.faults.wire import LONGEST_HEAD, Answer, Request, exchange, read_request


class Action(StrEnum):
    """What a fault does; see the module."""

    DROP_BEFORE = "drop before"
    DROP_AFTER = "drop after"
    ANSWER = "answer"
    DELAY = "delay"
    STALL = "stall"
    STALE = "stale"
    DIE_BEFORE = "die before"
    DIE_AFTER = "die after"


STORE = "store"
"""The upstream that the backend itself asks: its requests are no worker's, and are labelled so."""
CRASHES = frozenset({Action.DIE_BEFORE, Action.DIE_AFTER})


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to which request. `label` may hold `*`; `nth` counts from 1, None is every one."""

    action: Action
    label: str
    nth: int | None = 1
    turn: int | None = 0
    refusal: Refusal = Refusal.UNAVAILABLE
    seconds: float = 0.0

    def meets(self, entry: Entry) -> bool:
        return (
            self.turn in {None, entry.turn}
            and self.nth in {None, entry.nth}
            and (self.label == entry.label or fnmatchcase(entry.label, self.label))
        )

    def __str__(self) -> str:
        what = f"{self.action} ({self.refusal})" if self.action is Action.ANSWER else str(self.action)
        return f"{what} {self.label} #{self.nth or 'all'} in delivery {self.turn}"


@dataclass(slots=True, eq=False)
class Entry:
    """One request in the journal; `number` counts all, `nth` those of its label in its turn.

    `carried` says that the upstream has answered it, `status` with what, and
    `finished` at which number the journal stood by then.
    """

    number: int
    turn: int
    service: str
    label: str
    nth: int
    reused: bool
    fault: Fault | None = None
    carried: bool = False
    status: int = 0
    finished: int = 0


class _Dropped(Exception):
    """The connection ends here."""


@dataclass(slots=True, eq=False)
class _Connection:
    """One of the client's connections."""

    upstream: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    served: int = 0
    idle: bool = True

    async def closed_by_client(self) -> None:
        while await self.reader.read(4096):
            pass


@dataclass(slots=True)
class Proxy:
    """The proxy as tests hold it. `kill` ends the worker; it is asked at a crash."""

    upstreams: Mapping[str, str]
    ses: Ses = field(default_factory=lambda: Ses(REGION))
    urls: dict[str, str] = field(default_factory=dict)
    journal: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    turn: int = 0
    kill: Callable[[], None] = lambda: None
    _counted: Counter[tuple[int, str]] = field(default_factory=Counter)
    _open: set[_Connection] = field(default_factory=set)
    _closed: asyncio.Event = field(default_factory=asyncio.Event)

    # -- what tests ask and say ------------------------------------------------------------

    def begin(self, *faults: Fault, turn: int = 0) -> None:
        """A new case: an empty journal, and these faults."""
        self.journal, self.faults, self.turn = [], list(faults), turn
        self.ses.sent.clear()
        self._counted.clear()

    def fired(self, fault: Fault) -> bool:
        """Whether the request that the fault is meant for came."""
        return any(entry.fault == fault for entry in self.journal)

    def labelled(self, pattern: str) -> list[Entry]:
        """The journal's requests whose label fits."""
        return [entry for entry in self.journal if fnmatchcase(entry.label, pattern)]

    async def quiet(self) -> None:
        """Wait until the worker has no connection left, and all it sent is carried out."""
        while any(one.upstream != STORE for one in self._open):
            self._closed.clear()
            await self._closed.wait()

    def close_idle(self) -> int:
        """Close the kept connections without a word, as a server does after a while; how many."""
        idle = [one for one in self._open if one.idle]
        for one in idle:
            one.writer.transport.abort()
        return len(idle)

    def close_all(self) -> None:
        """Break every connection."""
        for one in tuple(self._open):
            one.writer.transport.abort()

    # -- one connection --------------------------------------------------------------------

    async def _serve(self, upstream: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        one = _Connection(upstream, reader, writer)
        self._open.add(one)
        try:
            while request := await read_request(reader, writer):
                one.idle = False
                writer.write((await self._worked(upstream, one, request)).encoded())
                one.served += 1
                one.idle = True
                await writer.drain()
        except (_Dropped, ConnectionError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            writer.close()
            self._open.discard(one)
            self._closed.set()

    async def _worked(self, upstream: str, one: _Connection, request: Request) -> Answer:
        entry = self._noted(upstream, one, request)
        entry.fault = fault = next((f for f in self.faults if self._hits(f, entry)), None)
        if fault is not None and (answer := await self._before(fault, entry, one)):
            return answer
        answer = await self._carried(upstream, entry, request)
        if fault is not None and fault.action is Action.DIE_AFTER:
            self.kill()
        if fault is not None and fault.action in {Action.DIE_AFTER, Action.DROP_AFTER}:
            raise _Dropped
        return answer

    def _noted(self, upstream: str, one: _Connection, request: Request) -> Entry:
        service = service_of(upstream, request)
        label = label_of(service, request)
        if upstream == STORE:
            label = f"{STORE}:{label}"
        self._counted[self.turn, label] += 1
        nth = self._counted[self.turn, label]
        entry = Entry(len(self.journal), self.turn, service, label, nth, reused=one.served > 0)
        self.journal.append(entry)
        return entry

    @staticmethod
    def _hits(fault: Fault, entry: Entry) -> bool:
        return fault.meets(entry) and (fault.action is not Action.STALE or entry.reused)

    async def _before(self, fault: Fault, entry: Entry, one: _Connection) -> Answer | None:
        """What a fault does while the request has not arrived; the answer where it gives one itself."""
        match fault.action:
            case Action.ANSWER:
                answer = refuse(entry.service, fault.refusal)
                entry.status = answer.status
                return answer
            case Action.DELAY:
                await asyncio.sleep(fault.seconds)
            case Action.STALL:
                await one.closed_by_client()
                raise _Dropped
            case Action.DIE_BEFORE:
                self.kill()
                raise _Dropped
            case Action.DROP_BEFORE | Action.STALE:
                raise _Dropped
        return None

    async def _carried(self, upstream: str, entry: Entry, request: Request) -> Answer:
        where = urlsplit(self.upstreams[upstream])
        host, port = where.hostname or LOOPBACK, where.port or 80
        if entry.label == "ses:SendRawEmail":
            answer = await self._sent(host, port, request)
        else:
            answer = await exchange(host, port, request)
        entry.carried, entry.status, entry.finished = True, answer.status, len(self.journal)
        return answer

    async def _sent(self, host: str, port: int, request: Request) -> Answer:
        if refused := self.ses.refusal(request):
            return refused
        request, sent = self.ses.taken(request, turn=self.turn)
        return self.ses.answered(await exchange(host, port, request), sent)


@asynccontextmanager
async def open_proxy(upstreams: Mapping[str, str]) -> AsyncIterator[Proxy]:
    """A proxy with a loopback port for each upstream (name to URL); `urls` says which.

    The upstreams `api` and `llm` are services by their name, others hold AWS services.
    """
    proxy = Proxy(upstreams)
    async with contextlib.AsyncExitStack() as resources:
        for name, url in upstreams.items():
            listener = listen(None, what=f"the proxy of {name}")
            server = await asyncio.start_server(
                partial(proxy._serve, name), sock=listener, limit=LONGEST_HEAD
            )
            resources.push_async_callback(_ended, server)
            where = urlsplit(url)
            proxy.urls[name] = f"http://{LOOPBACK}:{port_of(listener)}{where.path}"
        resources.callback(proxy.close_all)
        yield proxy


async def _ended(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()
