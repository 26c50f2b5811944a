"""`parley process`: emails through the whole embedded pipeline, one throw-away stack for the call."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from local.commands.files import read_file
from local.output import log_to_stderr, results_only
from local.show import Printer, progress_bar, progress_console
from local.stack import open_stack
from local.stack_types import Options, Stack
from parley.errors import ParleyError, QuarantineError, RequestError, SenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from local.poller import Batch
    from parley.ledger.keys import RunKey
    from parley.mail.email import InboundEmail

DEFAULT_MAILBOX = "meetings@parley.local"
AT_ONCE = 16
COME_BACK = 2


@dataclass(frozen=True, slots=True)
class Delivered:
    """One file as it was delivered: the runs that it makes, in the order of its mailboxes."""

    name: str
    delivery: str
    runs: tuple[RunKey, ...]


@dataclass(slots=True)
class _Progress:
    """What the poller tells: that a batch ended, which messages are dead, what broke."""

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    dead: set[str] = field(default_factory=set)
    error: Exception | None = None

    def on_batch(self, batch: Batch, *, max_receives: int) -> None:
        self.error = self.error or batch.error
        for record in batch.records:
            received = int(record["attributes"].get("ApproximateReceiveCount", 1))
            if record["messageId"] in batch.failed and received >= max_receives:
                self.dead.add(_delivery_of(record))
        self.changed.set()


def _delivery_of(record: dict[str, Any]) -> str:
    """The SES message id that a queue record speaks of."""
    return str(json.loads(json.loads(record["body"])["Message"])["mail"]["messageId"])


def process(files: Sequence[str], *, to: str | None, as_json: bool) -> int:
    """Exit code. Raises RequestError before anything starts when a file cannot be read."""
    contents = [(name, read_file(name)) for name in files]
    recipient = _address(to) if to is not None else None
    with results_only() as out:
        log_to_stderr(logging.ERROR)
        printer = None if as_json else Printer(out)
        show = printer.email if printer else _json_lines(out)
        console = progress_console(printer.console if printer else None)
        asyncio.run(_process(contents, recipient, show, console))
    return 0


def _address(text: str) -> str:
    from parley.mail.addresses import extract_email_address

    found = extract_email_address(text)
    if not found:
        raise RequestError(f"--to {text!r} is no email address")
    return found.lower()


def _json_lines(out: TextIO) -> Callable[[str, dict[str, Any]], None]:
    def show(_name: str, result: dict[str, Any]) -> None:
        print(json.dumps(result, ensure_ascii=True), file=out, flush=True)

    return show


async def _process(
    contents: Sequence[tuple[str, bytes]],
    recipient: str | None,
    show: Callable[[str, dict[str, Any]], None],
    console: Console,
) -> None:
    progress = _Progress()
    limit = 0

    def on_batch(batch: Batch) -> None:
        progress.on_batch(batch, max_receives=limit)

    async with open_stack(Options(come_back=COME_BACK), on_batch=on_batch) as stack:
        source = stack.template.function("InboundEmail").sources[0]
        limit = stack.template.queue(source.queue).max_receive_count or sys.maxsize
        slots = asyncio.Semaphore(AT_ONCE)
        delivering = [asyncio.create_task(_deliver(stack, slots, *one, recipient)) for one in contents]
        with progress_bar(len(contents), console) as advance:
            for one in delivering:
                delivered = await one
                for result in await _results(stack, delivered, progress):
                    show(delivered.name, result)
                advance()


async def _deliver(
    stack: Stack, slots: asyncio.Semaphore, name: str, raw: bytes, recipient: str | None
) -> Delivered:
    from local.results import run_of
    from local.ses_inbound import Envelope

    async with slots:
        email = await asyncio.to_thread(_parsed, raw)
        recipients = (recipient,) if recipient else addressed(email, stack.mailboxes)
        envelope = Envelope(sender=_envelope_sender(email), recipients=recipients)
        delivery = await stack.inbound.receive(raw, envelope)
    return Delivered(
        name, delivery, tuple(run_of(one, delivery, known=stack.mailboxes) for one in recipients)
    )


def _parsed(raw: bytes) -> InboundEmail | None:
    """The email as far as its envelope needs it; None for one that cannot be parsed: that is an outcome."""
    from parley.mail.mime import parse_email

    try:
        return parse_email(raw)
    except (SenderError, QuarantineError):
        return None


def addressed(email: InboundEmail | None, known: frozenset[str]) -> tuple[str, ...]:
    """The known mailboxes in To and Cc, else the default one."""
    people = (*email.to, *email.cc) if email else ()
    found = dict.fromkeys(a.address.lower() for a in people if a.address.lower() in known)
    return tuple(found) or (DEFAULT_MAILBOX,)


def _envelope_sender(email: InboundEmail | None) -> str:
    """What a saved mail tells of its envelope: Return-Path, else From."""
    from parley.mail.addresses import extract_email_address

    # Not the null path, which would say that it is a bounce.
    unknown = "unknown@sender.invalid"
    if email is None:
        return unknown
    path = email.header("return-path")
    if path is not None:
        return extract_email_address(path) or ""
    return email.from_.address if email.from_ else unknown


async def _results(stack: Stack, delivered: Delivered, progress: _Progress) -> list[dict[str, Any]]:
    """The results of all runs of one delivery, once they have all ended."""
    from local.results import bare

    while True:
        progress.changed.clear()
        dead = delivered.delivery in progress.dead
        found = [await stack.results.finished(run) for run in delivered.runs]
        if all(found) or dead:
            return [
                result or bare(run, outcome="failed", reason="attempts_exhausted")
                for run, result in zip(delivered.runs, found, strict=True)
            ]
        if progress.error is not None:
            raise ParleyError(f"the function failed: {progress.error}") from progress.error
        await _either(progress.changed, stack.polling)


async def _either(changed: asyncio.Event, polling: asyncio.Task[None] | None) -> None:
    """Wait for news; a poller that died is news too, and is raised."""
    waiting = asyncio.create_task(changed.wait())
    await asyncio.wait([waiting, *([polling] if polling else [])], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if polling and polling.done():
        polling.result()
