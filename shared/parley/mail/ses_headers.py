"""Reads the headers that SES adds on top of a raw email, for events that carry no receipt.

SES puts its own block above everything the sender sent:

    Return-Path: ...                        ┐
    Received: from ... by inbound-smtp.REGION.amazonaws.com with SMTP id ID
     for recipient; date                    │ believed
    X-SES-Spam-Verdict: PASS                │
    X-SES-Virus-Verdict: PASS               │
    Received-SPF: ...                       │
    Authentication-Results: amazonses.com;  │
     spf=... dkim=... dmarc=...             │
    X-SES-RECEIPT: ...                      ┘
    X-SES-DKIM-SIGNATURE: ...
    (the sender's headers)                    never believed
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parley.errors import ParleyError
from parley.mail import headers as hd
from parley.mail.addresses import extract_email_address
from parley.mail.email import Verdicts
from parley.mail.limits import Budget, Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

# Only these names stand in SES's block; the first other name ends it.
_OWN = frozenset(
    (
        "return-path",
        "received",
        "x-ses-spam-verdict",
        "x-ses-virus-verdict",
        "received-spf",
        "authentication-results",
        "x-ses-receipt",
    )
)
_RECEIVED = re.compile(
    r"from \S.{0,1000}? by inbound-smtp\.[a-z0-9-]{1,30}\.amazonaws\.com with E?SMTPS?A? id ([a-z0-9]{10,80})"
    r"(?: for (\S{1,400}))?;"
)
_RESULT = re.compile(r"\s*(spf|dkim|dmarc)=([a-z]+)(?=[\s;(]|$)", re.IGNORECASE)
_STATUS = {
    "pass": "PASS",
    "fail": "FAIL",
    "softfail": "GRAY",
    "neutral": "GRAY",
    "none": "GRAY",
    "policy": "FAIL",
    "temperror": "PROCESSING_FAILED",
    "permerror": "PROCESSING_FAILED",
}
_VERDICTS = frozenset(("PASS", "FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED"))


@dataclass(frozen=True, slots=True)
class SesHeaders:
    """`delivery` is SES's message id, `recipient` its own `for`, bare and lower-cased; None is not PASS."""

    delivery: str | None = None
    recipient: str | None = None
    verdicts: Verdicts = field(default_factory=Verdicts)


def read_ses_headers(raw: bytes) -> SesHeaders:
    """SES's own findings from the top of the raw email; None for what is absent or said twice.

    Total. Without SES's Received line within the first lines nothing is
    believed. Copies below the sender's first header are never looked at.
    """
    block = _own_block(raw)
    received = [value for name, value in block if name == "received"]
    match = _RECEIVED.match(received[0]) if len(received) == 1 else None
    if match is None:
        return SesHeaders()
    recipient = extract_email_address(match[2]) if match[2] else None
    return SesHeaders(match[1], recipient.lower() if recipient else None, _verdicts(block))


def _own_block(raw: bytes) -> list[tuple[str, str]]:
    """The headers from the top that can be SES's.

    They end with X-SES-RECEIPT, which SES writes last, or before the first
    foreign name or a second Received: with scanning off, the sender's own
    verdict headers would else follow on directly.
    """
    try:
        headers, _ = hd.read_block(raw[:65_536], 0, min(len(raw), 65_536), Budget(Limits()))
    except ParleyError:
        return []
    block: list[tuple[str, str]] = []
    for name, value in headers:
        if name not in _OWN or (name == "received" and any(known == "received" for known, _ in block)):
            break
        block.append((name, " ".join(hd.as_text(value).split())))
        if name == "x-ses-receipt":
            break
    return block


def _verdicts(block: Sequence[tuple[str, str]]) -> Verdicts:
    results = _authentication(_only(block, "authentication-results") or "")
    return Verdicts(
        spam=_verdict(_only(block, "x-ses-spam-verdict")),
        virus=_verdict(_only(block, "x-ses-virus-verdict")),
        spf=results.get("spf"),
        dkim=results.get("dkim"),
        dmarc=results.get("dmarc"),
    )


def _only(block: Sequence[tuple[str, str]], name: str) -> str | None:
    """The value of a header that is there once; said twice it says nothing."""
    found = [value for key, value in block if key == name]
    return found[0] if len(found) == 1 else None


def _verdict(value: str | None) -> str | None:
    return value.upper() if value and value.upper() in _VERDICTS else None


def _authentication(value: str) -> dict[str, str]:
    """spf, dkim and dmarc of amazonses.com; of several DKIM signatures one PASS is enough."""
    authority, _, rest = value.partition(";")
    if authority.strip().lower() != "amazonses.com":
        return {}
    found: dict[str, str] = {}
    for clause in rest.split(";"):
        match = _RESULT.match(clause)
        if match:
            method, status = match[1].lower(), _STATUS.get(match[2].lower(), "GRAY")
            found[method] = "PASS" if method == "dkim" and "PASS" in (status, found.get(method)) else status
    return found
