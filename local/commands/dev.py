"""`parley dev`: the whole stack until Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from typing import TYPE_CHECKING, TextIO

from local.environment import USERS_SECRETS
from local.output import log_to_stderr, results_only
from local.stack import open_stack
from local.stack_types import Options, Stack

if TYPE_CHECKING:
    from local.poller import Batch


def dev(*, api_port: int | None, aws_port: int | None, smtp_port: int | None, as_json: bool) -> int:
    """Exit code, after a signal."""
    options = Options(
        api_port=api_port, aws_port=aws_port, smtp_port=smtp_port, smtp=True, samples=True, events=True
    )
    with results_only() as out:
        log_to_stderr(logging.INFO)
        asyncio.run(_dev(options, out, as_json=as_json))
    return 0


async def _dev(options: Options, out: TextIO, *, as_json: bool) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    async with open_stack(options, on_batch=_log_batch) as stack:
        _announce(stack, out, as_json=as_json)
        asking = asyncio.create_task(asked.wait())
        assert stack.polling is not None
        await asyncio.wait([asking, stack.polling], return_when=asyncio.FIRST_COMPLETED)
        asking.cancel()
        if stack.polling.done():
            stack.polling.result()


def _announce(stack: Stack, out: TextIO, *, as_json: bool) -> None:
    if as_json:
        where = {
            "aws_endpoint_url": stack.endpoint,
            "api_base_url": stack.api_base_url,
            "api_auth_token": stack.api_auth_token,
            "smtp": stack.smtp,
            "env": {name: value for name, value in stack.env.items() if name not in USERS_SECRETS},
        }
        print(json.dumps(where), file=out, flush=True)
        return
    from local.show import Printer

    Printer(out).stack(stack)


def _log_batch(batch: Batch) -> None:
    if batch.failed:
        logging.getLogger("local.dev").warning(
            "%d of %d messages come back", len(batch.failed), len(batch.records)
        )
