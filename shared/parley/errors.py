"""Every error that Parley raises on purpose, named by whose move is next.

    ParleyError
    ├── SenderError            the sender's: the email is `refused`, finally
    ├── QuarantineError        a person's: the email is `quarantined` and kept
    ├── TranscriptError        whoever supplied the transcript: it cannot be read
    │   └── UnknownFormat        ... for no format has this shape
    ├── RequestError           whoever called: an unusable argument, file or event
    │   └── RejectedRequest      ... and which of its fields are wrong
    │       ├── InvalidField       a value is wrong, or names what does not exist (a ValueError)
    │       ├── NotFound           what the request is about does not exist (a ValueError)
    │       ├── Conflict           it contradicts what is stored, or another request is under way
    │       ├── PreconditionFailed the record is not at the version that the request names
    │       ├── TooLarge           it holds more than is taken
    │       ├── Unauthenticated    nobody knows who is asking
    │       └── Forbidden          who is asking may not
    ├── ConfigError            the operator's: a setting is missing or wrong
    │   └── ProviderConfigError  ... the model provider refuses the key or the model
    ├── RetryableError         the machine's: the same work can succeed later
    │   ├── NotYetThere        ... the raw email is not readable in S3 yet
    │   ├── BusyError          ... another worker holds the claim
    │   ├── OutOfService       ... the operator's too: set-up or an outage; no attempt is used
    │   │   ├── BackendUnavailable ... the API did not answer, or answered 5xx or 429
    │   │   └── TokenRefused       ... the API does not know our token
    │   ├── DeadlineExceeded   ... no time left in this invocation
    │   └── LLMAPIError        ... the model provider failed, stalled or was throttled
    ├── BackendRefused         ours: the API says that our request is wrong (4xx)
    ├── LLMResponseError       the model's: it answered, but not with usable JSON
    └── IllegalTransition      ours: a state machine was asked for a move it does not have

Errors of libraries are translated once, in the adapter that meets them, with
`raise ... from`. What is not in this tree is our bug: it is recorded as
`failed` when its attempts are used up, and raised again until then.
"""

from __future__ import annotations

from dataclasses import dataclass


class ParleyError(Exception):
    """The root. Its text is one sentence for the person whose move is next."""


class SenderError(ParleyError):
    """The email is refused, finally; `reason` is one of `mail.email.Reason`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class QuarantineError(ParleyError):
    """The email is kept for a person; `reason` is one of `mail.email.Reason`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class TranscriptError(ParleyError):
    """These bytes are no transcript that we can read; the text says why."""


class UnknownFormat(TranscriptError):
    """No transcript format accepts these bytes: they name no speakers and no times."""


class RequestError(ParleyError):
    """The caller handed over something unusable: a file, an option, an event."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one value. `field` is a dotted path into the body, or a parameter's name."""

    field: str
    message: str


class RejectedRequest(RequestError):
    """A request to the backend that cannot be done as it stands.

    `errors` name the fields that are wrong. `retry_after` is in seconds, and
    set where the same request can succeed later.
    """

    def __init__(self, detail: str, *errors: FieldError, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after


class InvalidField(RejectedRequest, ValueError):
    """A value is wrong, or names a record that does not exist (ValueError: seeds 000 and 001)."""


class NotFound(RejectedRequest, ValueError):
    """What the request is about does not exist (ValueError: seeds 000 and 001)."""


class Conflict(RejectedRequest):
    """The request contradicts what is stored, or competes with another request."""


class PreconditionFailed(RejectedRequest):
    """The record is not at the version that the request names."""


class TooLarge(RejectedRequest):
    """The request holds more than is taken."""


class Unauthenticated(RejectedRequest):
    """The request has no token, or one that is unknown."""


class Forbidden(RejectedRequest):
    """The caller is known, and may not do this."""


def invalid(field: str, message: str) -> InvalidField:
    """The value of `field` is wrong; `message` says how."""
    return InvalidField(f"{field}: {message}", FieldError(field, message))


def not_found(what: str, ident: str, *, field: str | None = None) -> NotFound:
    """There is no `what` (a word such as meeting) with this id; `field` says where the id stands."""
    detail = f"There is no {what} {ident}."
    return NotFound(detail, FieldError(field or f"{what.split(maxsplit=1)[0]}_id", detail))


def precondition_failed(version: int) -> PreconditionFailed:
    """If-Match names another version than the one that is stored."""
    detail = f'The record has changed: it is at version "{version}" now.'
    return PreconditionFailed(detail, FieldError("If-Match", detail))


class ConfigError(ParleyError):
    """A setting is missing or wrong; the text names the variable."""


class ProviderConfigError(ConfigError):
    """The model provider refuses our key, model or request; retrying is useless."""


class RetryableError(ParleyError):
    """The same work can succeed later; `retry_after` is seconds, when known."""

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NotYetThere(RetryableError):
    """The raw email cannot be read yet (absent, or 403 where S3 hides absence)."""


class BusyError(RetryableError):
    """Another worker has it; `retry_after` is when it is free at the latest.

    `alive`: the owner is at work, and mostly done long before its lease ends.
    """

    def __init__(self, detail: str, *, retry_after: float | None = None, alive: bool = True) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.alive = alive


class OutOfService(RetryableError):
    """A service that the work needs is away, throttles or refuses us, and would whatever the work is.

    No attempt is used: the same work succeeds once the service or its set-up is mended.
    """


class BackendUnavailable(OutOfService):
    """The backend API cannot be reached, or answers 5xx or 429."""


class TokenRefused(OutOfService):
    """The backend API does not know our token: asking again at once is useless."""


class DeadlineExceeded(RetryableError):
    """Too little of this invocation is left to begin another effect."""


class LLMAPIError(RetryableError):
    """The model provider failed, stalled, or throttled us (name: seeds 000 and 001)."""


class BackendRefused(ParleyError):
    """The backend API calls our request wrong; `status` is the HTTP status."""

    def __init__(self, detail: str, *, status: int) -> None:
        super().__init__(detail)
        self.status = status


class LLMResponseError(ParleyError):
    """The model answered with something that does not fit the schema."""


class IllegalTransition(ParleyError):
    """A state machine was asked for a move that its table does not have."""
