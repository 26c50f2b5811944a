"""`parley doctor`: what stands and what does not, one line each, with what to do about it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TextIO

from local.operating import printed
from local.output import log_to_stderr, results_only
from parley.errors import BackendRefused, ConfigError, ParleyError, TokenRefused
from parley.mail.mailbox import Digest
from parley.settings import PipelineSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aioboto3

    from parley.bootstrap.operations import Operations

OPTIONAL = {
    "DATA_TABLE": "only `parley admin init` needs it",
    "EMAILS_QUEUE_URL": "`parley dead-letters` cannot look into the queue",
    "LEDGER_KEY": "`parley replay` needs the deployment's own",
    "SES_CONFIGURATION_SET": "SES reports no bounces, and uncertain replies wait for a person",
}
"""What is missed where a variable is not set."""
SECRET = frozenset({"API_AUTH_TOKEN", "LEDGER_KEY", "OPENAI_API_KEY"})
INDEXES = {"RUNS_TABLE": {"name", "delivery", "waiting"}, "DATA_TABLE": {"gsi1"}}
SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `ok` None: neither good nor bad, and worth knowing."""

    what: str
    ok: bool | None
    says: str

    def as_json(self) -> dict[str, Any]:
        return {"check": self.what, "ok": self.ok, "says": self.says}


class Wrong(ParleyError):
    """A check that found something wrong: what, and what to do."""


def doctor(*, as_json: bool, mailbox: str | None = None) -> int:
    """Check the environment, and a mailbox of it; exit code 1 when something is wrong."""
    with results_only() as out:
        log_to_stderr(logging.CRITICAL)
        findings = _variables()
        try:
            settings = PipelineSettings.from_env()
        except ConfigError as error:
            findings.append(Finding("settings", ok=False, says=str(error)))
        else:
            findings += asyncio.run(_services(settings, mailbox))
        for finding in findings:
            _show(out, finding, as_json=as_json)
    return 1 if any(finding.ok is False for finding in findings) else 0


def _show(out: TextIO, finding: Finding, *, as_json: bool) -> None:
    if as_json:
        printed(out, finding.as_json())
        return
    mark = {True: "ok", False: "WRONG", None: "note"}[finding.ok]
    print(f"{mark:<6}{finding.what}: {' '.join(finding.says.split())}", file=out)


# -- variables -------------------------------------------------------------------------------


def _variables() -> list[Finding]:
    names = [field.name.upper() for field in fields(PipelineSettings)]
    found = (_variable(name) for name in dict.fromkeys((*names, *OPTIONAL)))
    return [finding for finding in found if finding]


def _variable(name: str) -> Finding | None:
    value = os.environ.get(name, "").strip()
    if value:
        return Finding(name, ok=True, says="is set" if name in SECRET else value)
    if name in OPTIONAL:
        return Finding(name, ok=None, says=f"is not set: {OPTIONAL[name]}")
    # What is required and missing is one finding of its own; the rest has a default.
    return None


# -- services --------------------------------------------------------------------------------


async def _services(settings: PipelineSettings, mailbox: str | None) -> list[Finding]:
    import aioboto3

    from parley.bootstrap.operations import open_operations

    session = aioboto3.Session()
    async with AsyncExitStack() as opened:
        checks: dict[str, Callable[[], Awaitable[str]]] = {
            "S3_BUCKET is there": lambda: _bucket(session, settings.s3_bucket),
            "RUNS_TABLE is there": lambda: _table(session, "RUNS_TABLE", settings.runs_table),
            "SES sends": lambda: _ses(session, settings),
        }
        if data := os.environ.get("DATA_TABLE", "").strip():
            checks["DATA_TABLE is there"] = lambda: _table(session, "DATA_TABLE", data)
        if queue := os.environ.get("EMAILS_QUEUE_URL", "").strip():
            checks["EMAILS_QUEUE_URL is there"] = lambda: _queue(session, queue)
        if settings.llm_provider != "rules":
            checks["the model answers"] = lambda: _model(settings, session)

        async def operations() -> Operations:
            return await opened.enter_async_context(open_operations(settings, session=session))

        async def api() -> str:
            return await _api(await operations())

        checks["the API answers"] = api
        found = [await _checked(what, check) for what, check in checks.items()]
        if mailbox:
            found.append(await _checked(mailbox, lambda: _mailbox(operations, mailbox)))
        return found


async def _checked(what: str, check: Callable[[], Awaitable[str]]) -> Finding:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        async with asyncio.timeout(SECONDS):
            return Finding(what, ok=True, says=await check())
    except (ParleyError, BotoCoreError, ClientError) as error:
        return Finding(what, ok=False, says=str(error))
    except TimeoutError:
        return Finding(what, ok=False, says=f"no answer in {SECONDS:.0f} s: check region, network and proxy")


async def _bucket(session: aioboto3.Session, name: str) -> str:
    async with session.client("s3") as s3:
        await s3.list_objects_v2(Bucket=name, Prefix="raw/", MaxKeys=1)
    return name


async def _table(session: aioboto3.Session, variable: str, name: str) -> str:
    async with session.client("dynamodb") as dynamodb:
        table = (await dynamodb.describe_table(TableName=name))["Table"]
    found = {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", ())}
    if missing := INDEXES[variable] - found:
        raise Wrong(f"{name} lacks the index {', '.join(sorted(missing))}: deploy template.yaml again")
    return f"{name}, with its indexes"


async def _queue(session: aioboto3.Session, url: str) -> str:
    async with session.client("sqs") as sqs:
        answer = await sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    found = answer.get("Attributes", {})
    if "deadLetterTargetArn" not in json.loads(found.get("RedrivePolicy", "{}")):
        raise Wrong("it has no dead-letter queue: deploy template.yaml again")
    return f"{found.get('ApproximateNumberOfMessages', '?')} messages wait"


async def _ses(session: aioboto3.Session, settings: PipelineSettings) -> str:
    sender = settings.reply_from
    names = [sender, sender.rpartition("@")[2]]
    async with session.client("ses", region_name=settings.ses_region) as ses:
        answer = await ses.get_identity_verification_attributes(Identities=names)
        states = answer["VerificationAttributes"].values()
        if not any(state["VerificationStatus"] == "Success" for state in states):
            raise Wrong(f"neither {sender} nor its domain is verified in {settings.ses_region}: verify one")
        if settings.ses_configuration_set:
            await ses.describe_configuration_set(ConfigurationSetName=settings.ses_configuration_set)
    return f"{sender} is verified in {settings.ses_region}"


async def _api(operations: Operations) -> str:
    """Only the pipeline's token may name a tenant."""
    try:
        await operations.api.get_email("unrouted", "run_of_the_doctor")
    except TokenRefused as error:
        raise Wrong("it does not know API_AUTH_TOKEN: `parley admin init` makes it known") from error
    except BackendRefused as error:
        if error.status == HTTPStatus.FORBIDDEN:
            raise Wrong("API_AUTH_TOKEN is not the pipeline's: `parley admin init` names that one") from error
        raise
    return "and takes the token for the pipeline's"


async def _mailbox(operations: Callable[[], Awaitable[Operations]], address: str) -> str:
    """How much of what machines sent to it was worked, and who got the answers."""
    api = (await operations()).api
    found = await api.find_mailbox(address)
    if found is None:
        raise Wrong("it is none of our mailboxes")
    sent = await api.list_emails(found.tenant, mailbox=found.address, sent_by="machine", outcome="processed")
    unanswered = sum(1 for one in sent if not one.get("reply"))
    advice = "" if found.digest is Digest.OWNER or not sent else ": `digest: owner` sends them to its owner"
    return f"{len(sent)} mails of machines were worked, {unanswered} of them without an answer{advice}"


async def _model(settings: PipelineSettings, session: aioboto3.Session) -> str:
    """One short question: it costs a few tokens."""
    from parley.bootstrap.model import PROVIDERS
    from parley.llm.provider import LLMRequest

    schema = {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}},
        "required": ["ok"],
        "additionalProperties": False,
    }
    question = LLMRequest("doctor", "Answer in JSON.", 'Answer {"ok": true}.', schema)
    async with AsyncExitStack() as opened:
        provider = await PROVIDERS[settings.llm_provider](settings, session, opened)
        reply = await provider.complete(question, timeout=SECONDS / 2)
    return f"{settings.llm_model}, {reply.input_tokens} tokens in, {reply.output_tokens} out"
