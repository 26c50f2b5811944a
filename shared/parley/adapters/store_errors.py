"""The errors of the stores of the backend: the data table and its blobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from parley.errors import RequestError, RetryableError


@contextmanager
def translated(what: str) -> Iterator[None]:
    """AWS's errors become RetryableError, or RequestError where the request itself is wrong."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in {"ValidationException", "SerializationException"}:
            raise RequestError(f"{what} refused the request: {error}") from error
        raise RetryableError(f"{what} answered {code}") from error
    except BotoCoreError as error:
        raise RetryableError(f"{what} cannot be reached: {type(error).__name__}") from error


def error_code(error: BaseException | None) -> str:
    """AWS's own name of an error; empty for any other error."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
