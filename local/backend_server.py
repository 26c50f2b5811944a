"""The backend under uvicorn, on the loop of whoever starts it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Iterator


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are not the server's: the stack ends as a whole."""
        yield


@asynccontextmanager
async def backend_server(app: Any, listener: socket.socket) -> AsyncIterator[None]:
    """Serve `app` (ASGI) on a listening socket for as long as the block lasts."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        await serving
