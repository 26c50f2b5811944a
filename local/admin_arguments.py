"""The arguments of `parley admin`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.arguments import Parser, command, count
from parley.errors import RequestError

if TYPE_CHECKING:
    import argparse

    from local.arguments import Commands

ADMIN = """\
Uses the environment: DATA_TABLE and the AWS SDK's own variables."""
TENANT_HELP = "its name: lowercase letters, digits, - and _"


def add_admin(commands: Commands) -> None:
    parser = command(commands, "admin", "set a deployment up", ADMIN)
    actions = parser.add_subparsers(metavar="ACTION", required=True, parser_class=Parser)
    _add_init(actions)
    token = command(actions, "token", "create, list or revoke tokens of the API", ADMIN)
    _add_token(token.add_subparsers(metavar="ACTION", required=True, parser_class=Parser))
    _add_domain(actions)


def _add_init(commands: Commands) -> None:
    more = f"""\
{ADMIN} API_AUTH_TOKEN, when it is
set, is made known as the pipeline's token."""
    parser = command(commands, "init", "make the first administrator's token of a tenant", more)
    parser.add_argument("tenant", metavar="TENANT", help=TENANT_HELP)
    parser.add_argument(
        "--pipeline", action="store_true", help="make a pipeline's token up where API_AUTH_TOKEN is not set"
    )
    parser.add_argument(
        "--domain", action="append", default=[], metavar="DOMAIN", help="a mail domain of the tenant"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.admin import init

        return init(
            arguments.tenant,
            pipeline=arguments.pipeline,
            domains=arguments.domain,
            as_json=arguments.json,
        )

    parser.set_defaults(run=run)


def _add_token(commands: Commands) -> None:
    for action in ("create", "list", "revoke"):
        parser = command(commands, action, f"{action} tokens", ADMIN)
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("tenant", nargs="?", metavar="TENANT", help=TENANT_HELP)
        whose.add_argument("--pipeline", action="store_true", help="the pipeline's, for all tenants")
        if action == "create":
            parser.add_argument("--role", choices=["member", "admin"], default="member")
            parser.add_argument("--user", metavar="ID", help="the user it acts for")
            parser.add_argument("--name", default="", help="what it is for, as lists show it")
            parser.add_argument("--days", type=count, metavar="N", help="how long it is good for (for ever)")
        if action == "revoke":
            parser.add_argument("--id", required=True, metavar="ID", help="as the list shows it")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.set_defaults(run=_run_token, action=action)


def _run_token(arguments: argparse.Namespace) -> int:
    from local.commands.admin import NewToken, token_create, token_list, token_revoke

    tenant = arguments.tenant
    if arguments.action == "list":
        return token_list(tenant, as_json=arguments.json)
    if arguments.action == "revoke":
        return token_revoke(tenant, arguments.id, as_json=arguments.json)
    wanted = NewToken(
        tenant=tenant,
        role=arguments.role,
        user_id=arguments.user,
        name=arguments.name,
        days=arguments.days,
    )
    return token_create(wanted, as_json=arguments.json)


def _add_domain(commands: Commands) -> None:
    parser = command(commands, "domain", "say which mail domains are a tenant's", ADMIN)
    parser.add_argument("action", choices=["add", "remove", "list"])
    parser.add_argument("tenant", metavar="TENANT", help=TENANT_HELP)
    parser.add_argument("domain", nargs="?", metavar="DOMAIN", help="acme.com, or .acme.com for all below it")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def run(arguments: argparse.Namespace) -> int:
        from local.commands.admin import domain

        if arguments.action != "list" and not arguments.domain:
            raise RequestError(f"parley admin domain {arguments.action} takes a tenant and a DOMAIN")
        return domain(arguments.action, arguments.tenant, arguments.domain, as_json=arguments.json)

    parser.set_defaults(run=run)
