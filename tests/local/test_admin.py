"""`parley admin init`, against the running stack as against a deployment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request

import pytest

from tests.conftest import ROOT


@pytest.fixture
def admin(processes):
    """The command in a process of its own."""
    return run_admin


def run_admin(*arguments, **environment):
    environ = {
        k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "DATA_", "API_"))
    } | environment
    command = [sys.executable, "-m", "local.cli", "admin", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, cwd=ROOT, check=False)


def call(base, token, method, path, body=None):
    request = urllib.request.Request(
        f"{base}{path}",
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_the_first_tokens_open_the_api_and_make_a_mailbox(admin, stack):
    env = {**stack.env, "API_AUTH_TOKEN": ""}
    done = admin("init", "new-tenant", "--pipeline", "--domain", "new.test", "--json", **env)
    assert (done.returncode, done.stderr) == (0, "")
    tokens = json.loads(done.stdout)
    assert tokens["tenant"] == "new-tenant"
    base = stack.env["API_BASE_URL"]
    box = {"address": "notes@new.test", "purpose": "meetings", "members": ["@new.test"]}
    made = call(base, tokens["admin"], "POST", "/mailboxes", box)
    assert (made["tenant"], made["require_auth"]) == ("new-tenant", True)
    assert call(base, tokens["pipeline"], "GET", "/mailboxes?address=notes@new.test")["items"]


def test_the_pipelines_own_token_may_be_given_again(admin, stack):
    for first in (True, False):
        made = json.loads(admin("init", "again", "--json", **stack.env).stdout)
        assert made["pipeline"] == stack.env["API_AUTH_TOKEN"]
        assert (made["admin"] is not None) is first


def test_a_pipelines_token_is_made_up_on_request_alone(admin, stack):
    env = {**stack.env, "API_AUTH_TOKEN": ""}
    assert json.loads(admin("init", "quiet", "--json", **env).stdout)["pipeline"] is None


def test_tokens_are_created_listed_and_revoked(admin, stack):
    made = admin("token", "create", "acme", "--role", "member", "--name", "crm", "--days", "30", **stack.env)
    token = made.stdout.strip()
    assert call(stack.env["API_BASE_URL"], token, "GET", "/meetings")["items"] == []
    (row,) = [
        json.loads(line) for line in admin("token", "list", "acme", "--json", **stack.env).stdout.splitlines()
    ]
    assert (row["name"], row["role"], row["tenant"]) == ("crm", "member", "acme")
    assert row["expires_at"]
    assert admin("token", "revoke", "acme", "--id", row["id"], **stack.env).returncode == 0
    assert admin("token", "list", "acme", **stack.env).stdout == ""
    assert "no token" in admin("token", "revoke", "acme", "--id", row["id"], **stack.env).stderr


def test_a_domain_is_one_tenants(admin, stack):
    assert admin("domain", "add", "acme", "acme.invalid", **stack.env).returncode == 0
    assert "another tenant's" in admin("domain", "add", "other", "acme.invalid", **stack.env).stderr
    listed = admin("domain", "list", "acme", "--json", **stack.env).stdout
    assert json.loads(listed)["domain"] == "acme.invalid"
    assert admin("domain", "remove", "acme", "acme.invalid", **stack.env).stdout == ""
    assert "no domain" in admin("domain", "add", "acme", "acme .com", **stack.env).stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (("init", "t"), {}, "DATA_TABLE"),
        (("init", "a b"), {"DATA_TABLE": "x"}, "tenant"),
        (("init", "Acme2"), {"DATA_TABLE": "x"}, "lowercase"),
        (("domain", "add", "acme"), {"DATA_TABLE": "x"}, "DOMAIN"),
        (("token", "create"), {"DATA_TABLE": "x"}, "TENANT"),
        (("init",), {}, "TENANT"),
        (("drop", "t"), {}, "init"),
    ],
)
def test_what_is_missing_is_one_sentence(admin, arguments, environment, says):
    done = admin(*arguments, **environment)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
