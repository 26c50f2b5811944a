"""The HTTP API behind API Gateway: one loop and one app for all invocations of an environment."""

from __future__ import annotations

import asyncio
from typing import Any

from mangum import Mangum

from parley.bootstrap.backend_api import open_backend_app
from parley.settings import BackendSettings

TEXT_TYPES = ["application/json", "application/problem+json"]

_kept: dict[str, Any] = {}


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one API Gateway request (HTTP API, payload 2.0). Raises ConfigError at the first one."""
    if not _kept:
        _start()
    answer: dict[str, Any] = _kept["mangum"](event, context)
    return answer


def _start() -> None:
    """The opened clients live as long as the environment does: their closer is kept, not used."""
    runner = asyncio.Runner()
    opened = open_backend_app(BackendSettings.from_env())
    app = runner.run(opened.__aenter__())
    # Mangum asks for the current loop, which Runner sets only while it runs.
    asyncio.set_event_loop(runner.get_loop())
    _kept.update(runner=runner, opened=opened, mangum=Mangum(app, lifespan="off", text_mime_types=TEXT_TYPES))
