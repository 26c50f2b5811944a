"""As much HTTP/1.1 as the proxy needs: whole messages in, whole messages out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

LONGEST_HEAD = 64 * 1024
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "expect", "proxy-connection"})
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `path` is as it stood on the wire, with its query."""

    method: str
    path: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        return _header(self.headers, name)

    def encoded(self) -> bytes:
        """For an upstream that closes the connection after its answer."""
        kept = [(k, v) for k, v in self.headers if k.lower() not in _HOP | {"content-length"}]
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{k}: {v}" for k, v in kept)]
        if self.body or self.method in {"POST", "PUT", "PATCH"}:
            lines.append(f"Content-Length: {len(self.body)}")
        return _head([*lines, "Connection: close"]) + self.body

    def with_body(self, body: bytes) -> Request:
        return replace(self, body=body)


@dataclass(frozen=True, slots=True)
class Answer:
    """One response."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        return _header(self.headers, name)

    def encoded(self) -> bytes:
        """For a client whose connection stays open."""
        kept = [(k, v) for k, v in self.headers if k.lower() not in _HOP | {"content-length"}]
        lines = [f"HTTP/1.1 {self.status} -", *(f"{k}: {v}" for k, v in kept)]
        return _head([*lines, f"Content-Length: {len(self.body)}"]) + self.body


def _header(headers: Headers, name: str) -> str:
    return next((v for k, v in headers if k.lower() == name), "")


def _head(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    """The next request on a connection; None when the client has closed it."""
    found = await _read_head(reader)
    if found is None:
        return None
    (method, path, _), headers = found
    if _header(headers, "expect"):
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if _header(headers, "transfer-encoding") or _header(headers, "content-length"):
        return Request(method, path, headers, await _read_body(reader, headers))
    return Request(method, path, headers, b"")


async def exchange(host: str, port: int, request: Request) -> Answer:
    """One request over a connection of its own."""
    reader, writer = await asyncio.open_connection(host, port, limit=LONGEST_HEAD)
    try:
        writer.write(request.encoded())
        found = await _read_head(reader)
        if found is None:
            raise ConnectionResetError("the upstream closed the connection without an answer")
        (_, status, *_), headers = found
        body = b"" if request.method == "HEAD" else await _read_body(reader, headers)
        return Answer(int(status), headers, body)
    finally:
        writer.close()


async def _read_head(reader: asyncio.StreamReader) -> tuple[list[str], Headers] | None:
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *rest = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (line.partition(":") for line in rest)
    return first.split(" ", 2), tuple((k.strip(), v.strip()) for k, _, v in pairs)


async def _read_body(reader: asyncio.StreamReader, headers: Headers) -> bytes:
    if "chunked" in _header(headers, "transfer-encoding").lower():
        return await _read_chunks(reader)
    length = _header(headers, "content-length")
    return await reader.readexactly(int(length)) if length else await reader.read()


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    pieces = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        pieces.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(pieces)
