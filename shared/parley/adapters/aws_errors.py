"""What botocore's errors mean to us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.errors import ConfigError, OutOfService, ParleyError

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

THROTTLES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "SlowDown",
        "ServiceUnavailable",
        "InternalServerError",
        "InternalError",
        "InternalFailure",
        "TransactionConflictException",
        "RequestTimeout",
        "RequestTimeoutException",
    }
)
WRONG_SETUP = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ResourceNotFoundException",
        "NoSuchBucket",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
    }
)


def code_of(error: ClientError) -> str:
    """AWS's own name of the error; S3's HEAD answers with the bare status instead."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """The HTTP status; 0 when the error carries none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def translate(error: ClientError | BotoCoreError, what: str) -> ParleyError:
    """OutOfService where a retry can help (also where the set-up may still be mended), else ConfigError."""
    response = getattr(error, "response", None)
    if response is None:
        return OutOfService(f"cannot {what}: {error}")
    code, status = code_of(error), status_of(error)  # type: ignore[arg-type]  # it has a response: a ClientError
    if code in THROTTLES or status >= 500 or status == 429:  # noqa: PLR2004  # HTTP's own numbers
        return OutOfService(f"cannot {what}: {code}")
    if code in WRONG_SETUP:
        return OutOfService(f"cannot {what}: {code}; check the table, bucket, permissions and region")
    return ConfigError(f"cannot {what}: {error}")
