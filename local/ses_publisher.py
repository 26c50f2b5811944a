"""SES's events in the embedded services: moto takes a mail and says nothing; this says it.

    SendRawEmail ─▶ moto's SES ─▶ 200 ─▶ events_of ─▶ moto's EventBridge ─▶ its rules' targets

As with SES itself, a mail is told of only where it names a configuration set
that exists; the answer does not wait for the events.
"""

from __future__ import annotations

import base64
import io
import json
import re
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from local.environment import ACCOUNT
from local.ses_events import Sent, events_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    App = Callable[..., Iterable[bytes]]

_SCOPE = re.compile(r"Credential=[^/]*/[^/]*/([^/]+)/ses/")
_MESSAGE_ID = re.compile(rb"<MessageId>([^<]+)</MessageId>")


def with_ses_events(app: App) -> App:
    """The WSGI application, and the events of what it accepts for sending."""

    def told(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if not scope:
            return app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        answer = b"".join(app(environ, start_response))
        if sent := _sent(body, answer, scope[1]):
            threading.Thread(target=_publish, args=(sent,), daemon=True).start()
        return [answer]

    return told


def _sent(body: bytes, answer: bytes, region: str) -> Sent | None:
    """What was accepted; None where the request was another one, was refused, or nobody is to be told."""
    given = dict(parse_qsl(body.decode("ascii", "replace")))
    message_id = _MESSAGE_ID.search(answer)
    configuration_set = given.get("ConfigurationSetName")
    if given.get("Action") != "SendRawEmail" or not message_id or not configuration_set:
        return None
    tags = _listed(given, "Tags")
    return Sent(
        message_id=message_id[1].decode(),
        source=given.get("Source", ""),
        destinations=tuple(one[""] for one in _listed(given, "Destinations")),
        raw=base64.b64decode(given["RawMessage.Data"]),
        configuration_set=configuration_set,
        tags={one["Name"]: one["Value"] for one in tags},
        region=region,
    )


def _listed(given: dict[str, str], name: str) -> list[dict[str, str]]:
    """`Tags.member.1.Name=a` and its like, as dicts in their order; a plain member's own name is empty."""
    found: dict[int, dict[str, str]] = {}
    for key, value in given.items():
        if key.startswith(f"{name}.member."):
            number, _, rest = key.removeprefix(f"{name}.member.").partition(".")
            found.setdefault(int(number), {})[rest] = value
    return [found[number] for number in sorted(found)]


def _publish(sent: Sent) -> None:
    # Only a stack that settles replies has configuration sets, and pays for these imports.
    from moto.events.models import events_backends
    from moto.ses.models import ses_backends

    if sent.configuration_set not in ses_backends[ACCOUNT][sent.region].config_sets:
        return
    entries = [
        {
            "Source": "aws.ses",
            "DetailType": event.detail_type,
            "Resources": list(event.resources),
            "Detail": json.dumps(event.detail),
        }
        for event in events_of(sent)
    ]
    for entry in entries:
        events_backends[ACCOUNT][sent.region].put_events([entry])
