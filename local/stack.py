"""The embedded stack: everything that AWS would run, on loopback ports, until the block ends.

    moto (own process) ◀── provision (template.yaml) · demo tenant · tokens
    uvicorn: backend_api's app          SMTP ─▶ SES inbound ─▶ S3, SNS ─▶ SQS
    pollers ─▶ lambdas/inbound_email, lambdas/delivery_events (own threads)

Nothing is written outside the temporary folder, and nothing is left behind.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from local.environment import aws_environment, chosen_by_user, in_place
from local.moto_server import moto_server
from local.ports import LOOPBACK, listen, port_of
from local.stack_types import DEFAULTS, REPLY_FROM, Options, Stack
from local.template import Template, load_template
from parley.errors import RequestError
from parley.settings import LLMSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from local.poller import Batch


def check_temporary_folder(find: Callable[[], str] = tempfile.gettempdir) -> None:
    """RequestError when there is no folder to write temporary files in."""
    try:
        find()
    except FileNotFoundError as error:
        raise RequestError("there is no writable folder for temporary files: set TMPDIR to one") from error


@asynccontextmanager
async def open_stack(
    options: Options = DEFAULTS,
    *,
    on_batch: Callable[[Batch], None] = lambda _batch: None,
) -> AsyncIterator[Stack]:
    """Start everything; what was started is ended on the way out, in reverse.

    The process's environment variables are the stack's for as long as it runs.
    Raises RequestError or ConfigError, one sentence, where it cannot start.
    """
    check_temporary_folder()
    user = chosen_by_user(os.environ)
    LLMSettings.from_env(user)
    async with AsyncExitStack() as resources:
        # First of all: its imports overlap with ours.
        endpoint = resources.enter_context(moto_server(options.aws_port))
        api = resources.enter_context(listen(options.api_port, what="the API"))
        smtp = resources.enter_context(listen(options.smtp_port, what="SMTP")) if options.smtp else None
        template = load_template()
        base = f"http://{LOOPBACK}:{port_of(api)}"
        env = {**aws_environment(endpoint), **stack_variables(template, endpoint, base, user)}
        resources.enter_context(in_place(env))
        from local.assemble import assemble

        yield await assemble(
            resources,
            options,
            template=template,
            endpoint=endpoint,
            api=api,
            smtp=smtp,
            env=env,
            on_batch=on_batch,
        )


def stack_variables(template: Template, endpoint: str, api: str, user: dict[str, str]) -> dict[str, str]:
    """The variables of all functions, as template.yaml has them, and the user's choice of a model."""
    from local.resource_names import known_names

    names = {
        **known_names(template, endpoint),
        "HttpApi.ApiEndpoint": api,
        "ApiAuthToken": f"parley_{secrets.token_urlsafe(24)}",
        "ReplyFrom": REPLY_FROM,
        "LedgerKey": "embedded",
    }
    found: dict[str, Any] = {}
    for function in template.functions:
        found |= template.environment(function.name, names)
    return found | user
