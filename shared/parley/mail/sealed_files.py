"""Files that hold something and cannot be opened: what each is, and what its sender can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parley.mail.email import Attachment

_PKCS7 = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_ARCHIVE_NAMES = (".zip", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz")
_RECORDINGS = (".mp4", ".m4a", ".mp3", ".wav", ".mov", ".webm", ".mkv", ".avi", ".aac", ".ogg")
_TNEF = b"\x78\x9f\x3e\x22"


def is_pkcs7(content_type: str, filename: str | None) -> bool:
    """Whether a part is an S/MIME envelope, by its type or its name: signed or encrypted."""
    return content_type in _PKCS7 or (filename or "").lower().endswith(".p7m")


def why_sealed(item: Attachment) -> str | None:
    """What the file is and what to send instead, as one line; None for a file that may be opened."""
    name, kind, start = (item.filename or "").lower(), item.content_type.partition(";")[0], item.content[:64]
    said = _why(name, kind, start)
    return f"{item.filename or kind}: {said}" if said else None


def _why(name: str, kind: str, start: bytes) -> str | None:
    if (
        kind in ("application/ms-tnef", "application/vnd.ms-tnef")
        or name == "winmail.dat"
        or start[:4] == _TNEF
    ):
        return (
            "only Outlook opens this format. Send the mail again in HTML or plain text format, or send the "
            "file that is in it by itself."
        )
    if is_pkcs7(kind, name):
        return "this mail is encrypted with S/MIME. Send it again without encryption."
    if kind == "application/pgp-encrypted" or start.startswith(b"-----BEGIN PGP MESSAGE"):
        return "this mail is encrypted with PGP. Send it again without encryption."
    if name.endswith(_ARCHIVE_NAMES) or (not name and start.startswith(_ARCHIVES)):
        return "archives are not opened. Send the file that is in it by itself."
    if kind.startswith(("audio/", "video/")) or name.endswith(_RECORDINGS):
        return "recordings are not transcribed. Send the transcript of it."
    return None
