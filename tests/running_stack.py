"""The embedded stack as tests reach it: `parley dev --json` in a process of its own."""

from __future__ import annotations

import email.message
import email.policy
import itertools
import json
import os
import smtplib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from local.environment import in_place
from local.lambda_runtime import load_module, new_context
from local.resource_names import queue_arn
from local.results import run_of
from local.ses_inbound import Envelope, Findings, new_delivery_id, on_top
from local.template import load_template

ROOT = Path(__file__).resolve().parents[1]
EVENTS = ROOT / "events"
MAILBOX = "meetings@parley.local"
MAILBOXES = frozenset({MAILBOX, "deals@parley.local", "creator@repflow.app"})
_serial = itertools.count(1)


@dataclass(frozen=True)
class RunningStack:
    """`parley dev --json`, in a process of its own, and what tests ask of it.

    Tests share it: mail for it must be `fresh`, or it is a duplicate.
    """

    where: dict[str, Any]

    @property
    def env(self) -> dict[str, str]:
        """All that a handler needs to work against it."""
        return self.where["env"]

    def client(self, service: str) -> Any:
        """A boto3 client of the embedded services."""
        return boto3.client(
            service,
            endpoint_url=self.where["aws_endpoint_url"],
            region_name=self.env["AWS_REGION"],
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
        )

    def get(self, path: str) -> Any:
        """A resource of the demo tenant; None where there is none."""
        return self._get(path, {"Authorization": f"Bearer {self.where['api_auth_token']}"})

    def _get(self, path: str, headers: dict[str, str]) -> Any:
        request = urllib.request.Request(self.where["api_base_url"] + path, headers=headers)
        try:
            with urllib.request.urlopen(request) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return None

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """(status, answer) of a request of the demo tenant, whatever the status."""
        sent = {"Authorization": f"Bearer {self.where['api_auth_token']}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.where["api_base_url"] + path, data, sent | headers, method=method
        )
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def all(self, path: str) -> list[Any]:
        """All pages of a list."""
        found, cursor = [], None
        while True:
            page = self.get(f"{path}?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            found += page["items"]
            if not (cursor := page["next_cursor"]):
                return found

    def result(self, delivery: str, mailbox: str = MAILBOX) -> Any:
        """The record of a run; None while there is none."""
        key = run_of(mailbox, delivery, known=MAILBOXES)
        pipeline = {"Authorization": f"Bearer {self.env['API_AUTH_TOKEN']}", "Parley-Tenant": key.tenant}
        return self._get(f"/emails/{key.run_id}", pipeline)

    def wait(self, delivery: str, mailbox: str = MAILBOX, *, seconds: float = 60) -> Any:
        """The record of a run, once it is there."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if result := self.result(delivery, mailbox):
                return result
            time.sleep(0.05)
        raise AssertionError(f"no result of {delivery} for {mailbox} after {seconds} s")

    def smtp(self, raw: bytes, *recipients: str, sender: str = "someone@example.org") -> str:
        """Send a mail to the SMTP port; answers the delivery's id."""
        host, port = self.where["smtp"].split(":")
        with smtplib.SMTP(host, int(port)) as server:
            server.ehlo()
            server.mail(sender)
            for recipient in recipients or (MAILBOX,):
                server.rcpt(recipient)
            code, answer = server.data(raw)
        assert code == 250, answer
        return answer.decode().rsplit(" ", 1)[-1]

    def store(self, raw: bytes, *, to: str = MAILBOX, delivery: str | None = None) -> str:
        """Put a mail into raw/ as SES does, announcing it to nobody; answers the delivery's id."""
        delivery = delivery or new_delivery_id()
        envelope = Envelope(sender="someone@example.org", recipients=(to,))
        body = on_top(raw, envelope, delivery, Findings(), datetime.now(UTC)) + raw
        self.client("s3").put_object(Bucket=self.env["S3_BUCKET"], Key=f"raw/{delivery}", Body=body)
        return delivery

    def sent(self, *, answering: str | None = None) -> list[email.message.EmailMessage]:
        """What SES was given to send; `answering` is the Message-ID that it answers."""
        with urllib.request.urlopen(self.where["aws_endpoint_url"] + "/moto-api/data.json") as response:
            kept = json.load(response)["ses"]["RawMessage"]
        messages = [email.message_from_string(m["raw_data"], policy=email.policy.default) for m in kept]
        return [m for m in messages if answering is None or answering in m.get("In-Reply-To", "")]

    @contextmanager
    def handlers(
        self, count: int = 1, function: str = "inbound_email"
    ) -> Iterator[list[Callable[[Any], Any]]]:
        """Execution environments of a function, each with a thread and a copy of the module of its own."""
        declared = load_template().function(function)
        with ExitStack() as ending:
            ending.enter_context(in_place(self.env))
            found = []
            for _ in range(count):
                module = load_module(declared)
                thread = ending.enter_context(ThreadPoolExecutor(1))
                if hasattr(module, "environment"):
                    ending.callback(lambda t=thread, m=module: t.submit(m.environment.close).result())
                found.append(
                    lambda event, t=thread, m=module: t.submit(
                        m.lambda_handler, event, new_context(declared)
                    ).result()
                )
            yield found

    @staticmethod
    def s3_event(delivery: str) -> dict[str, Any]:
        """What S3 would say of the object of a delivery."""
        event = json.loads((EVENTS / "s3-put.json").read_text())
        event["Records"][0]["s3"]["object"]["key"] = f"raw/{delivery}"
        return event

    @staticmethod
    def sqs_event(*bodies: Any, receive_count: int = 1) -> dict[str, Any]:
        """A batch as Lambda hands it over; the receipt handles are made up."""
        record = json.loads((EVENTS / "sqs-s3.json").read_text())["Records"][0]
        record["eventSourceARN"] = queue_arn("EmailsQueue")
        attributes = {**record["attributes"], "ApproximateReceiveCount": str(receive_count)}
        return {
            "Records": [
                {**record, "messageId": f"m{n}", "body": json.dumps(body), "attributes": attributes}
                for n, body in enumerate(bodies)
            ]
        }


def fresh(raw: bytes) -> tuple[bytes, str]:
    """The mail with a Message-ID and a thread that nobody has used, and that Message-ID."""
    message_id = f"<fresh-{os.getpid()}-{next(_serial)}@tests.example>"
    drop = (b"message-id:", b"in-reply-to:", b"references:")
    head, separator, body = raw.partition(b"\n\n")
    lines = [line for line in head.split(b"\n") if not line.lower().startswith(drop)]
    return b"\n".join([*lines, f"Message-ID: {message_id}".encode()]) + separator + body, message_id


@contextmanager
def running_stack(**environ: str) -> Iterator[RunningStack]:
    """Start one; `environ` is what the user has set (LLM_PROVIDER and the like)."""
    command = [sys.executable, "-m", "local.cli", "dev", "--json"]
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "LLM_", "OPENAI_"))}
    with subprocess.Popen(
        command, cwd=ROOT, env=plain | environ, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield RunningStack(json.loads(process.stdout.readline()))
        finally:
            process.terminate()
