"""A worker that can be killed: forked from a process that has imported everything and runs no thread.

    harness ──connect──▶ zygote ──fork──▶ child: pid, one job, one answer, gone

A child that is killed says nothing more: its connection ends without an
answer. The zygote ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

from local.environment import REGION
from local.ports import LOOPBACK, listen, port_of

PRELOADED = (
    "email.generator",
    "encodings.unicode_escape",
    "fractions",
    "icalendar",
    "jinja2",
    "parley.analysis.extractors",
    "parley.analysis.rules.analyzer",
    "parley.bootstrap.inbound_email",
    "parley.mail.calendar.read",
    "parley.mail.html_to_text",
    "parley.mail.reply",
    "parley.transcripts",
    "aiobotocore.httpsession",
    "dateparser",
)
LONGEST_JOB = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Died:
    """The worker was killed before it answered."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What the invocation answered, or what it raised; and what it logged."""

    answer: Any = None
    raised: str | None = None
    log: tuple[str, ...] = ()


@dataclass(slots=True)
class Worker:
    """A forked child, waiting for its job."""

    pid: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def kill(self) -> None:
        """For real, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def freeze(self) -> None:
        """As Lambda does between two invocations."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    async def work(self, job: dict[str, Any]) -> Ended | Died:
        """One invocation; a worker that lives takes a further one on the same loop and clients."""
        try:
            self.writer.write(json.dumps(job).encode() + b"\n")
            line = await self.reader.readline()
        except ConnectionError:
            return Died()
        if not line.endswith(b"\n"):
            return Died()
        found = json.loads(line)
        return Ended(found["answer"], found["raised"], tuple(found["log"]))

    def leave(self) -> None:
        """No further job: the child ends."""
        self.writer.close()


@dataclass(frozen=True, slots=True)
class Zygote:
    """Where children come from."""

    port: int

    async def fork(self) -> Worker:
        reader, writer = await asyncio.open_connection(LOOPBACK, self.port, limit=LONGEST_JOB)
        return Worker(int(await reader.readline()), reader, writer)


@asynccontextmanager
async def open_zygote() -> AsyncIterator[Zygote]:
    """Start one; it and its children end with the block."""
    with listen(None, what="the zygote") as listener:
        # Started once; nothing waits for it.
        process = subprocess.Popen(  # noqa: ASYNC220  # it returns at once, and inherits the socket
            [sys.executable, "-m", "tests.faults.zygote", str(listener.fileno())],
            pass_fds=(listener.fileno(),),
            stdin=subprocess.PIPE,
        )
        port = port_of(listener)
    try:
        yield Zygote(port)
    finally:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()


# -- the zygote itself -------------------------------------------------------------------------


def serve(descriptor: int) -> None:
    """Fork a child for every connection, until standard input ends."""
    session = _prepared()
    listener = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    waiting = selectors.DefaultSelector()
    waiting.register(listener, selectors.EVENT_READ)
    waiting.register(sys.stdin, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is not listener:
                return
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _child(connection, session)
            connection.close()


def _prepared() -> Any:
    """Everything imported, and a session that has made its clients once."""
    import importlib

    import aioboto3

    for name in PRELOADED:
        importlib.import_module(name)
    session = aioboto3.Session(aws_access_key_id="parley", aws_secret_access_key="parley", region_name=REGION)

    async def warm() -> None:
        async with contextlib.AsyncExitStack() as opened:
            for service in ("s3", "dynamodb", "ses", "sqs"):
                await opened.enter_async_context(session.client(service))

    asyncio.run(warm())
    asyncio.run(_read_once())
    gc.collect()
    gc.freeze()
    return session


async def _read_once() -> None:
    """Every mail read and analysed once, without a network: fills the caches of a warm environment."""
    from parley.analysis.extractors import EXTRACTORS
    from parley.analysis.machine import TranscriptMachine, build_request
    from parley.analysis.meeting_context import MeetingContext
    from parley.inbound.routes.find_transcripts import find_transcript
    from parley.inbound.routes.invite import read_calendars
    from parley.llm.budget import Budget
    from parley.mail.mime import parse_email
    from parley.mail.reply import _templates
    from tests.faults.paths import PATHS, SCRIPT

    for name in ("insights", "invite", "howto"):
        for form in ("txt", "html"):
            _templates().get_template(f"{name}.{form}.j2")
    for path in PATHS.values():
        email = parse_email(path.raw)
        read_calendars(email)
        found = find_transcript(email)
        if found is None or found.transcript is None:
            continue
        transcript, context = found.transcript, MeetingContext()
        await TranscriptMachine(None).run(transcript, context, budget=Budget(seconds=lambda: 60.0))
        for extractor in EXTRACTORS:
            build_request(extractor, transcript, context)
            insight = extractor.accept(SCRIPT[extractor.name], transcript)
            with contextlib.suppress(Exception):  # what is kept is loaded as JSON; this only wakes the reader
                extractor.load(insight)


def _child(connection: socket.socket, session: Any) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 1
    try:
        connection.sendall(f"{os.getpid()}\n".encode())
        asyncio.run(_jobs(connection, session))
        code = 0
    finally:
        os._exit(code)


@dataclass(slots=True)
class _Kept(logging.Handler):
    """The log of one invocation."""

    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        logging.Handler.__init__(self, logging.INFO)

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "parley.inbound.run":
            return  # one line a step: the journal of the proxy says more
        extra = {k: v for k, v in record.__dict__.items() if k in {"error", "outcome", "reason", "seconds"}}
        self.lines.append(f"{record.name}: {self.format(record)} {extra or ''}")

    __hash__ = object.__hash__


async def _jobs(connection: socket.socket, session: Any) -> None:
    """Jobs, one after the other, on one loop with one set of clients, as an execution environment has it."""
    reader, writer = await asyncio.open_connection(sock=connection, limit=LONGEST_JOB)
    offset = [0.0]
    kept = _Kept()
    logging.getLogger().addHandler(kept)
    logging.getLogger("parley").setLevel(logging.INFO)
    async with contextlib.AsyncExitStack() as resources:
        intake = None
        while line := await reader.readline():
            job = json.loads(line)
            offset[0] = job["offset"]
            if intake is None:
                os.environ.update(job["env"])
                intake = await resources.enter_async_context(_opened(job["env"], session, offset))
            kept.lines.clear()
            writer.write(json.dumps({**await _taken(intake, job), "log": kept.lines}).encode() + b"\n")
            await writer.drain()


def _opened(env: dict[str, str], session: Any, offset: list[float]) -> Any:
    from parley.bootstrap.inbound_email import open_intake
    from parley.settings import PipelineSettings

    clock: Callable[[], float] = lambda: time.time() + offset[0]  # noqa: E731  # it is passed, not called here
    return open_intake(PipelineSettings.from_env(env), clock=clock, session=session)


async def _taken(intake: Any, job: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": await intake.take(job["event"], seconds=job["seconds"]), "raised": None}
    except Exception as error:  # noqa: BLE001  # Lambda too takes whatever a handler raises
        return {"answer": None, "raised": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    serve(int(sys.argv[1]))
