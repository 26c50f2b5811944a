"""A Lambda environment in miniature: the Runtime API, and `awslambdaric` speaking to it.

    test ── invoke(event) ──▶ queue ──▶ GET .../invocation/next ──▶ awslambdaric ──▶ handler
         ◀────────────────── Answer ◀── POST .../{id}/response | error ◀──┘

Source: the AWS Lambda documentation, "Using the Lambda runtime API".
"""

from __future__ import annotations

import base64
import json
import os
import queue
import subprocess
import threading
import time
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

API = "/2018-06-01/runtime"
SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What a handler gave back, or the error document of the runtime client."""

    body: object
    failed: bool
    at: float


class RuntimeAPI:
    """Hands out events one at a time and keeps what is posted back."""

    def __init__(self):
        self.events = queue.Queue()
        self.answers = queue.Queue()
        self._lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_address[1]}"

    def _handler(api):  # noqa: N805  # `self` is the request's, below
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                request_id, event = api.events.get()
                deadline = int((time.time() + SECONDS) * 1000)
                self._send(
                    200,
                    json.dumps(event).encode(),
                    {
                        # The client's C++ half crashes on an answer without a type.
                        "Content-Type": "application/json",
                        "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
                        "Lambda-Runtime-Aws-Request-Id": request_id,
                        "Lambda-Runtime-Deadline-Ms": str(deadline),
                        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
                    },
                )

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                failed = self.path.endswith("/error")
                api.answers.put(Answer(json.loads(body), failed, time.perf_counter()))
                self._send(202, b"", {})

            def _send(self, status, body, headers):
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        return Handler

    def invoke(self, event, process, log):
        """One event, one Answer; callers queue up, since an environment does one thing at a time."""
        with self._lock:
            self.events.put((str(uuid.uuid4()), event))
            for _ in range(10 * SECONDS):
                with suppress(queue.Empty):
                    return self.answers.get(timeout=0.1)
                assert process.poll() is None, log.read_text()
        raise AssertionError("no answer: " + log.read_text())


@dataclass(frozen=True)
class Environment:
    """A running execution environment; `started` is when its process was."""

    api: RuntimeAPI
    process: subprocess.Popen
    started: float
    log: Path

    def invoke(self, event):
        """One Answer; an environment that dies or stalls fails the test with its log."""
        return self.api.invoke(event, self.process, self.log)


@contextmanager
def execution_environment(python, *, function, layer, client, handler, variables, log):
    """Start the real runtime client with only function, layer and itself on the path.

    `-S` keeps the interpreter's own site-packages away, and the environment
    holds nothing of ours: what the artifact lacks is missed here.
    """
    api = RuntimeAPI()
    threading.Thread(target=api.server.serve_forever, daemon=True).start()
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [python, "-S", "-m", "awslambdaric", handler],
            cwd=function,
            env={
                "PATH": os.defpath,
                "LANG": "en_US.UTF-8",
                "TZ": ":UTC",
                "PYTHONPATH": os.pathsep.join((str(function), str(layer / "python"), str(client))),
                "PYTHONDONTWRITEBYTECODE": "1",
                "LAMBDA_TASK_ROOT": str(function),
                "AWS_LAMBDA_RUNTIME_API": api.address,
                "AWS_LAMBDA_FUNCTION_NAME": function.name,
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                **variables,
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield Environment(api, process, started, log)
    finally:
        process.kill()
        process.wait()
        api.server.shutdown()
        api.server.server_close()


@contextmanager
def http_api(environment):
    """What API Gateway's HTTP API does: each request an event (payload 2.0), each answer a response."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = environment.invoke(request_event(self.command, self.path, dict(self.headers), body))
            shown = {"statusCode": 502, "body": ""} if answer.failed else answer.body
            data = shown.get("body") or ""
            data = base64.b64decode(data) if shown.get("isBase64Encoded") else data.encode()
            self.send_response(shown["statusCode"])
            for name, value in shown.get("headers", {}).items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815  # http.server's names

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def request_event(method, path, headers, body=b""):
    """An API Gateway HTTP API event, payload format 2.0."""
    parts = urlsplit(path)
    return {
        "version": "2.0",
        "routeKey": "ANY /{proxy+}",
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": {name.lower(): value for name, value in headers.items()},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.execute-api.us-east-1.amazonaws.com",
            "http": {
                "method": method,
                "path": parts.path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": "ANY /{proxy+}",
            "stage": "$default",
            "time": "20/Nov/2025:00:00:00 +0000",
            "timeEpoch": int(time.time() * 1000),
        },
        "body": base64.b64encode(body).decode() if body else None,
        "isBase64Encoded": bool(body),
    }
