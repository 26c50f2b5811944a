"""What the embedded stack can be asked for, and what it is once it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from local.provision import Clients
    from local.results import Results
    from local.ses_inbound import SesInbound
    from local.template import Template

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


DEFAULTS = Options()


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
