"""The types of fields that the bodies of several rooms share: ids, addresses, names, times, zones.

Pydantic checks and normalizes with them. Only the backend imports this module.
"""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

LONGEST_ADDRESS = 320
IDENT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@+=~-]{0,199}$"
PATTERNS = {IDENT_PATTERN: "must be an id: up to 200 letters, digits and . _ : @ + = ~ -"}
"""What a pattern means, for the message that names a field which does not match it."""


def bare_address(text: str) -> str:
    """`user@domain`, lower-cased. Raises ValueError for anything else."""
    address = text.strip().lower()
    local, at, domain = address.rpartition("@")
    if not (at and local and domain) or "@" in local or not _is_plain(address):
        raise ValueError("must be one bare address: user@domain")
    if (
        domain.startswith(".")
        or domain.endswith(".")
        or ".." in domain
        or set(domain) & set('#/?,;:<>()[]\\"')
    ):
        raise ValueError("must have a domain after the @")
    return address


def _is_plain(text: str) -> bool:
    return not any(c.isspace() or unicodedata.category(c)[0] == "C" or c in '<>,;"\\' for c in text)


def _no_control(text: str) -> str:
    if any(unicodedata.category(c) == "Cc" and c not in "\n\t\r" for c in text):
        raise ValueError("must not hold control characters")
    return text


def _iana_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise ValueError("must be an IANA time zone, such as Europe/Berlin") from error
    return name


Ident = Annotated[str, StringConstraints(pattern=IDENT_PATTERN)]
EmailAddress = Annotated[
    str, StringConstraints(min_length=3, max_length=LONGEST_ADDRESS), AfterValidator(bare_address)
]


def _iso_text(value: object) -> object:
    """ISO 8601 alone: pydantic would take a number for the seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"[+-]?[\d.]+", value.strip()):
        return value
    if isinstance(value, date):
        return value
    raise ValueError("must be ISO 8601 text, such as 2026-03-02 or 2026-03-02T09:00:00Z")


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


IsoText = BeforeValidator(_iso_text)
NotBlank = AfterValidator(_not_blank)
Line = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_no_control)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_no_control), NotBlank]
ZoneName = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_iana_zone)]


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must lie within the years 1 to 9999") from error


Instant = Annotated[AwareDatetime, IsoText, AfterValidator(_utc)]
Day = Annotated[date, IsoText]


class Strict(BaseModel):
    """A body in which an unknown field is a mistake, and is named."""

    model_config = ConfigDict(extra="forbid")


class Open(BaseModel):
    """A body that keeps unknown fields as they are."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)


def address_domain_or_anyone(text: str) -> str:
    """`*`, `@domain` or one bare address, lower-cased."""
    entry = text.strip().lower()
    if entry == "*":
        return entry
    return address_or_domain(entry)


def address_or_domain(text: str) -> str:
    """`@domain` or one bare address, lower-cased."""
    entry = text.strip().lower()
    return bare_address(f"x{entry}")[1:] if entry.startswith("@") else bare_address(entry)


def _each_once(entries: list[str]) -> list[str]:
    return list(dict.fromkeys(entries))


Member = Annotated[
    str, StringConstraints(min_length=1, max_length=320), AfterValidator(address_domain_or_anyone)
]
Alias = Annotated[str, StringConstraints(min_length=3, max_length=320), AfterValidator(address_or_domain)]
Aliases = Annotated[list[Alias], Field(max_length=50), AfterValidator(_each_once)]
Address = Annotated[
    str, StringConstraints(min_length=3, max_length=320), AfterValidator(address_domain_or_anyone)
]


def _real_day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("must be a day: YYYY-MM-DD")
    return text


RealDay = Annotated[str, AfterValidator(_real_day)]
Words = Annotated[str, StringConstraints(min_length=1)]
