"""Sending through SES: one attempt, and what its end proves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ProxyConnectionError,
    SSLError,
)

from parley.adapters.aws_errors import THROTTLES, code_of, status_of
from parley.mail.outgoing import TAG, SendRefused, SendRejected, SendUnknown, message_id_on_wire

if TYPE_CHECKING:
    from types_aiobotocore_ses import SESClient

# Nothing was sent: the connection was never made, or the request never left.
NEVER_LEFT = (
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
    SSLError,
    NoCredentialsError,
)
# SES's own word that it did not take the message, and that later it may.
RETRY_LATER = THROTTLES | {"LimitExceededException"}
# SES's word on the account, the sender or our credentials: it would refuse any message just now.
SET_UP = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccountSendingPaused",
        "AccountSendingPausedException",
        "ConfigurationSetDoesNotExist",
        "ConfigurationSetDoesNotExistException",
        "ConfigurationSetSendingPaused",
        "ConfigurationSetSendingPausedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "MailFromDomainNotVerified",
        "MailFromDomainNotVerifiedException",
        "MissingAuthenticationToken",
        "NotAuthorized",
        "OptInRequired",
        "SendingPausedException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
NOT_VERIFIED = "not verified"
"""How MessageRejected names a sender that is not verified, and in the sandbox a recipient."""


async def send_ses_reply(
    client: SESClient, *, raw: bytes, sender: str, recipient: str, tag: str, configuration_set: str
) -> str:
    """Hand one message to SES (name: seed 003); answers SES's id of it.

    `tag` is `[A-Za-z0-9_-]+`. The client must make a single attempt on a fresh
    connection (`total_max_attempts` 1, `force_close`). Raises SendRefused when
    SES definitely did not take it and may later, SendRejected when it never
    will, SendUnknown when nobody knows.
    """
    extra: dict[str, Any] = {"ConfigurationSetName": configuration_set} if configuration_set else {}
    try:
        answer = await client.send_raw_email(
            Source=sender,
            Destinations=[recipient],
            RawMessage={"Data": raw},
            Tags=[{"Name": TAG, "Value": tag}],
            **extra,
        )
    except NEVER_LEFT as error:
        raise SendRefused(f"SES cannot be reached: {error}") from error
    except BotoCoreError as error:
        raise SendUnknown(f"no answer from SES: {error}") from error
    except ClientError as error:
        raise _refusal(error) from error
    return answer["MessageId"]


def _refusal(error: ClientError) -> SendRefused | SendRejected | SendUnknown:
    code, said = code_of(error), str(error.response.get("Error", {}).get("Message", ""))
    if status_of(error) >= 500:  # noqa: PLR2004  # HTTP's own number
        return SendUnknown(f"SES answered {status_of(error)} {code}")
    if code in RETRY_LATER:
        return SendRefused(f"SES throttles: {code}")
    if code in SET_UP or NOT_VERIFIED in said:
        return SendRefused(f"SES refuses every such reply until its set-up is mended: {code}")
    return SendRejected(f"SES rejects the reply: {code}: {said}")


class SesSender:
    """`mail.outgoing.Sender` over one client."""

    def __init__(self, client: SESClient, *, sender: str, region: str, configuration_set: str) -> None:
        self._client = client
        self._sender = sender
        self._configuration_set = configuration_set
        self._region = region

    async def send(self, raw: bytes, *, recipient: str, tag: str) -> str:
        ses_id = await send_ses_reply(
            self._client,
            raw=raw,
            sender=self._sender,
            recipient=recipient,
            tag=tag,
            configuration_set=self._configuration_set,
        )
        # SES puts its own Message-ID on the wire.
        return message_id_on_wire(ses_id, self._region)
