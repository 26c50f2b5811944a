"""Loopback ports: a free one, or the one that was asked for."""

from __future__ import annotations

import errno
import socket

from parley.errors import RequestError

LOOPBACK = "127.0.0.1"
BACKLOG = 128


def listen(port: int | None, *, what: str) -> socket.socket:
    """A listening socket on loopback; `port` None takes any free one.

    Connections queue from now on, so nobody has to wait for the server behind
    it. Raises RequestError, one sentence, for a port that cannot be had.
    """
    # asyncio turns Nagle's algorithm off only where the protocol is named: 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port or 0))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise RequestError(f"port {port} cannot be used for {what}: {_why(error)}") from error
    return listener


def _why(error: OSError | OverflowError) -> str:
    if isinstance(error, OverflowError):
        return "ports are numbers from 0 to 65535"
    if error.errno == errno.EADDRINUSE:
        return "something else listens there; choose another one"
    if error.errno == errno.EACCES:
        return "the system does not allow it; choose one above 1023"
    return error.strerror or str(error)


def port_of(listener: socket.socket) -> int:
    """The port that a listening socket got."""
    return int(listener.getsockname()[1])
