"""What SES does and moto does not: its own Message-ID, and a strict look at tags and sets.

SES puts `<id@region.amazonses.com>` (us-east-1: `@email.amazonses.com`) on the wire in place of the Message-ID it
was given, refuses tags outside `[A-Za-z0-9_-]{1,256}`, and refuses a
configuration set that does not exist.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from tests.faults.wire import Answer, Request

_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MESSAGE_ID = re.compile(rb"^message-id:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE)
_ANSWERED_ID = re.compile(rb"(<MessageId>)[^<]*(</MessageId>)")


@dataclass(frozen=True, slots=True)
class Sent:
    """One message on the wire, as SES put it there."""

    ses_id: str
    message_id: str
    tag: str
    recipients: tuple[str, ...]
    raw: bytes
    turn: int


@dataclass(slots=True)
class Ses:
    """SES in front of moto; `sent` is the wire's ledger."""

    region: str
    configuration_sets: frozenset[str] = frozenset()
    sent: list[Sent] = field(default_factory=list)

    def refusal(self, request: Request) -> Answer | None:
        """What SES says to a request that it does not take; None where it takes it."""
        form = _form(request)
        wanted = form.get("ConfigurationSetName", "")
        if wanted and wanted not in self.configuration_sets:
            return _error("ConfigurationSetDoesNotExist", f"Configuration set <{wanted}> does not exist.")
        tags = [v for k, v in form.items() if k.startswith("Tags.member.")]
        if bad := next((tag for tag in tags if not _TAG.fullmatch(tag)), None):
            return _error("InvalidParameterValue", f"Invalid message tag: <{bad}>")
        return None

    @property
    def _domain(self) -> str:
        return "email.amazonses.com" if self.region == "us-east-1" else f"{self.region}.amazonses.com"

    def taken(self, request: Request, *, turn: int) -> tuple[Request, Sent]:
        """The request with the message as it goes out, and the ledger's entry for it."""
        form = _form(request)
        tag = form.get("Tags.member.1.Value", "")
        # The same reply has the same id in every case, whichever goes first.
        ses_id = f"0102019a-{tag[:12]}-{sum(sent.tag == tag for sent in self.sent):06}"
        raw = base64.b64decode(form["RawMessage.Data"])
        message_id = f"<{ses_id}@{self._domain}>"
        named = f"Message-ID: {message_id}".encode()
        raw = _MESSAGE_ID.sub(named, raw, count=1) if _MESSAGE_ID.search(raw) else named + b"\r\n" + raw
        to = tuple(v for k, v in form.items() if k.startswith("Destinations.member."))
        sent = Sent(ses_id, message_id, tag, to, raw, turn)
        body = urlencode({**form, "RawMessage.Data": base64.b64encode(raw).decode()})
        return request.with_body(body.encode()), sent

    def answered(self, answer: Answer, sent: Sent) -> Answer:
        """moto's answer with SES's id; a message that moto took stands in the ledger from now on."""
        if answer.status != 200:
            return answer
        self.sent.append(sent)
        body = _ANSWERED_ID.sub(rb"\g<1>" + sent.ses_id.encode() + rb"\g<2>", answer.body)
        return Answer(answer.status, answer.headers, body)


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


def _error(code: str, message: str) -> Answer:
    text = message.replace("<", "&lt;").replace(">", "&gt;")
    body = (
        '<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{text}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    )
    return Answer(400, (("Content-Type", "text/xml"),), body.encode())
