"""The hash by which two deliveries of one email are recognised as the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from parley.mail.email import Attachment

# Everything else in the header is a matter of transport (Received, DKIM-Signature,
# Return-Path, X-SES-*, ARC-*, Authentication-Results) or changes no meaning.
_IDENTIFYING = ("from", "to", "cc", "subject", "date", "message-id")


def content_hash(
    headers: Sequence[tuple[str, str]], body: str, html: str | None, attachments: Iterable[Attachment]
) -> str:
    """SHA-256, hex, of what the sender wrote: decoded, line ends and folding evened out.

    A re-encoding relay (8bit to quoted-printable, CRLF to LF, refolded
    headers) leaves it alone; another word, date, id or attachment does not.
    """
    digest = hashlib.sha256()
    for name in _IDENTIFYING:
        for key, value in headers:
            if key == name:
                _add(digest, name, " ".join(value.split()).encode("utf-8", "replace"))
    _add(digest, "body", _evened(body.encode("utf-8", "replace")))
    _add(digest, "html", _evened((html or "").encode("utf-8", "replace")))
    for item in attachments:
        kind = item.content_type.partition(";")[0]
        is_text = kind.startswith(("text/", "message/"))
        _add(digest, f"attachment {kind} {item.filename}", _evened(item.content) if is_text else item.content)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, name: str, value: bytes) -> None:
    """Each field with its length, so that no two different emails read the same."""
    digest.update(f"{name}:{len(value)}:".encode("utf-8", "replace"))
    digest.update(value)


def _evened(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").strip()
