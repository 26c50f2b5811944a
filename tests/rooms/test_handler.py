"""The Lambda handler in a process of its own, as the runtime would import it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from parley.api.tokens import Role, create_token
from tests.rooms.conftest import CREDENTIALS, seed

ROOT = Path(__file__).resolve().parents[2]
INVOKE = """
import json, sys
from lambdas.backend_api.handler import lambda_handler
print(json.dumps([lambda_handler(event, None) for event in json.load(sys.stdin)]))
"""


def request(method, path, *, token=None, body=None):
    """One request as an HTTP API hands it over, payload 2.0."""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "stage": "$default",
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"},
        },
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }


def invoke(events, environment):
    known = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-c", INVOKE],
        input=json.dumps(events),
        env=known | environment | {"PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_one_environment_answers_one_invocation_after_the_other(stores, moto_url):
    await seed(stores)
    token = await create_token(stores.store, role=Role.MEMBER, tenant="demo")
    environment = {
        "DATA_TABLE": stores.table,
        "S3_BUCKET": stores.bucket,
        "RUNS_TABLE": "no-run-is-erased-here",
        "AWS_ENDPOINT_URL": moto_url,
        "AWS_DEFAULT_REGION": CREDENTIALS["region_name"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    meeting = {"title": "t", "user_id": "user_1"}
    done = invoke(
        [
            request("GET", "/v1/health"),
            request("POST", "/v1/meetings", token=token, body=meeting),
            request("GET", "/v1/users/user_1", token=token),
            request("GET", "/v1/users/user_1"),
        ],
        environment,
    )
    assert done.returncode == 0, done.stderr
    health, created, user, refused = json.loads(done.stdout)
    assert [answer["statusCode"] for answer in (health, created, user, refused)] == [200, 201, 200, 401]
    assert json.loads(user["body"])["name"] == "Sarah Chen"
    assert refused["isBase64Encoded"] is False
    assert json.loads(refused["body"])["title"] == "Unauthorized"


def test_a_missing_variable_is_named():
    done = invoke([request("GET", "/v1/health")], {"S3_BUCKET": "b"})
    assert done.returncode != 0
    assert "ConfigError" in done.stderr
    assert "DATA_TABLE" in done.stderr
