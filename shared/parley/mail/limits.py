"""Upper limits of one email: bytes, parts, nesting, headers. Checked before the work is done."""

from __future__ import annotations

from dataclasses import dataclass

from parley.errors import QuarantineError, SenderError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds of one email; the defaults admit all that SES accepts (40 MB) of honest mail.

    `raw_bytes`: the email as it arrived. `depth`: multiparts inside one
    another. `parts`: MIME parts in all. `header_bytes` and `header_count`: all
    header blocks together. `decoded_bytes`: what the parts decode to, and
    again what is read inside embedded mails.
    `text_bytes`: how much readable text is kept, in all; the rest is cut off
    and named in `problems`, not refused.
    """

    raw_bytes: int = 40 * MIB
    depth: int = 50
    parts: int = 2_000
    header_bytes: int = 2 * MIB
    header_count: int = 10_000
    decoded_bytes: int = 160 * MIB
    text_bytes: int = 8 * MIB


@dataclass(slots=True)
class Budget:
    """What of the limits is used up so far; every count of one email goes through here."""

    limits: Limits
    parts: int = 0
    header_bytes: int = 0
    header_count: int = 0
    decoded_bytes: int = 0
    text_bytes: int = 0

    def raw(self, size: int) -> None:
        if size > self.limits.raw_bytes:
            raise _too_big(
                f"{_mb(size)} MB", f"{_mb(self.limits.raw_bytes)} MB", "Send a smaller attachment."
            )

    def part(self) -> None:
        self.parts += 1
        if self.parts > self.limits.parts:
            raise _too_big("too many MIME parts", f"{self.limits.parts}", "Send fewer attachments.")

    def header(self, size: int) -> None:
        self.header_count += 1
        self.header_bytes += size
        if self.header_count > self.limits.header_count:
            raise _too_big(
                "too many header lines", f"{self.limits.header_count}", "No honest email has so many."
            )
        if self.header_bytes > self.limits.header_bytes:
            raise _too_big(
                "headers too long", f"{_mb(self.limits.header_bytes)} MB", "No honest email needs it."
            )

    def decoded(self, size: int) -> None:
        self.decoded_bytes += size
        if self.decoded_bytes > self.limits.decoded_bytes:
            raise _too_big(
                "decoded parts too big", f"{_mb(self.limits.decoded_bytes)} MB", "Send less in one email."
            )

    def text(self, size: int) -> int:
        """How many bytes of the next text may still be read."""
        allowed = min(size, self.limits.text_bytes - self.text_bytes)
        self.text_bytes += allowed
        return allowed

    def depth(self, depth: int) -> None:
        if depth > self.limits.depth:
            raise QuarantineError(
                "unreadable",
                f"The email nests MIME parts more than {self.limits.depth} deep, which no mail program does: "
                "look at the raw email before replaying it.",
            )


def _mb(size: int) -> str:
    return f"{size / MIB:.1f}".removesuffix(".0")


def _too_big(what: str, limit: str, advice: str) -> SenderError:
    return SenderError(
        "too_big", f"The email is over a limit: {what}, where at most {limit} is read. {advice}"
    )
