"""Watches what the process does to the world outside: connections, files written, programs started."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_LOOPBACK = ("127.", "::1", "localhost")


@dataclass
class Watch:
    """Where connections went, which names were looked up, which files were written, what was started."""

    connected: list[str] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    started: list[str] = field(default_factory=list)

    def outside(self) -> list[str]:
        """All that went further than this machine or stayed on its disk."""
        far = [host for host in (*self.connected, *self.resolved) if not host.startswith(_LOOPBACK)]
        return [*far, *self.written, *self.started]


_WATCHES: list[Watch] = []


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _WATCHES:
        return
    watch = _WATCHES[-1]
    if event == "socket.connect":
        address = args[1]
        watch.connected.append(str(address[0] if isinstance(address, tuple) else address))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        watch.resolved.append(str(args[1] if event == "socket.sendto" else args[0]))
    elif event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        watch.written.append(str(args[0]))
    elif event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
        watch.started.append(str(args[0]))


# An audit hook cannot be taken out again: without a watch it does nothing.
sys.addaudithook(_hook)


@contextmanager
def watched() -> Iterator[Watch]:
    """Everything that happens inside is noted."""
    watch = Watch()
    _WATCHES.append(watch)
    try:
        yield watch
    finally:
        _WATCHES.remove(watch)
