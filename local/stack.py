"""The embedded stack: everything that AWS would run, on loopback ports, until the block ends.

    moto (own process) ◀── provision (template.yaml) · demo tenant · tokens
    uvicorn: backend_api's app          SMTP ─▶ SES inbound ─▶ S3, SNS ─▶ SQS
    pollers ─▶ lambdas/inbound_email, lambdas/delivery_events (own threads)

Nothing is written outside the temporary folder, and nothing is left behind.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.environment import aws_environment, chosen_by_user, in_place
from local.moto_server import moto_server
from local.ports import LOOPBACK, listen, port_of
from local.template import Template, load_template
from parley.errors import RequestError
from parley.settings import LLMSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from local.poller import Batch
    from local.provision import Clients
    from local.results import Results
    from local.ses_inbound import SesInbound

REPLY_FROM = "notes@parley.local"
INBOUND = "InboundEmail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Ports (None: any free one); whether mail is taken from SMTP, and worked.

    `events`: SES tells what became of replies, and that is worked too.
    `come_back`: seconds until what failed is tried again; None: as deployed.
    `samples`: keep the emails that events/*.json speak of in raw/.
    """

    api_port: int | None = None
    aws_port: int | None = None
    smtp_port: int | None = None
    smtp: bool = False
    poll: bool = True
    events: bool = False
    samples: bool = False
    come_back: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The running stack. `env` is all that another process needs to call a handler against it.

    `api_auth_token` is the demo tenant's own (role admin), for whoever calls
    the API; the pipeline's, for all tenants, is `env["API_AUTH_TOKEN"]`.
    """

    template: Template
    endpoint: str
    api_base_url: str
    api_auth_token: str
    smtp: str | None
    env: dict[str, str]
    clients: Clients
    inbound: SesInbound
    results: Results
    mailboxes: frozenset[str]
    polling: asyncio.Task[None] | None


def check_temporary_folder(find: Callable[[], str] = tempfile.gettempdir) -> None:
    """RequestError when there is no folder to write temporary files in."""
    try:
        find()
    except FileNotFoundError as error:
        raise RequestError("there is no writable folder for temporary files: set TMPDIR to one") from error


@asynccontextmanager
async def open_stack(
    options: Options = Options(),
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
    from local.names import known_names

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
