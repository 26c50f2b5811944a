"""The AWS services: moto in server mode, in a process of its own.

It inherits a socket that already listens, so that nothing has to wait for it,
and it ends when its standard input does: also when we are killed.

What moto leaves out is put around it: one write of DynamoDB at a time, tables
that stay fast (local/moto_tables.py), and SES's events (local/ses_publisher.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from local.ports import LOOPBACK, listen, port_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SERVICES = ("s3", "dynamodb", "sqs", "sns", "ses")


@contextmanager
def moto_server(port: int | None = None) -> Iterator[str]:
    """Start moto; yields its endpoint URL. RequestError when the port cannot be had."""
    listener = listen(port, what="the AWS services")
    url = f"http://{LOOPBACK}:{port_of(listener)}"
    with listener:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.moto_server", str(listener.fileno())],
            pass_fds=(listener.fileno(),),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_clean(os.environ) | {"MOTO_PORT": str(port_of(listener))},
            # Ctrl-C is for us: moto is needed until everything else has ended.
            start_new_session=True,
        )
    try:
        yield url
    finally:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()


def _clean(environ: os._Environ[str]) -> dict[str, str]:
    """Without the user's AWS settings and moto switches: the embedded services know neither."""
    return {name: value for name, value in environ.items() if not name.startswith(("AWS_", "MOTO_"))}


def serve(descriptor: int) -> None:
    """The child: serve on an inherited socket until standard input ends."""
    import logging

    threading.Thread(target=_end_with_stdin, daemon=True).start()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from moto.backends import get_backend
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    from local.moto_tables import speed_up_tables
    from local.ses_publisher import with_ses_events

    speed_up_tables()
    for service in SERVICES:
        get_backend(service)  # type: ignore[call-overload]  # its overloads name each service by a literal
    make_server(
        LOOPBACK,
        0,
        with_ses_events(_one_write_at_a_time(DomainDispatcherApplication(create_backend_app))),
        threaded=True,
        request_handler=MotoRequestHandler,
        fd=descriptor,
    ).serve_forever()


def _one_write_at_a_time(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A condition is checked and written in two steps by moto: beside another thread, both may win."""
    turn = threading.Lock()

    def serialised(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # The others stay side by side: a long poll of SQS would hold everybody up.
        if not environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB"):
            return app(environ, start_response)
        with turn:
            return app(environ, start_response)

    return serialised


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
