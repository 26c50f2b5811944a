"""`parley doctor`: one line for each thing that stands or does not."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.llm_stub import SCRIPT, Behaviour, llm_stub
from tests.operating import dead_letters_url, deliver, event_of, parley
from tests.running_stack import MAILBOX


def findings(done):
    return {one["check"]: one for one in map(json.loads, done.stdout.splitlines())}


def test_a_sound_environment_is_all_well_and_gives_no_secret_away(stack):
    done = parley(stack, "doctor", "--json")
    found = findings(done)
    assert (done.returncode, done.stderr) == (0, "")
    assert {one["ok"] for one in found.values()} == {True}
    assert found["S3_BUCKET"]["says"] == stack.env["S3_BUCKET"]
    assert {"RUNS_TABLE is there", "SES sends", "the API answers", "EMAILS_QUEUE_URL is there"} <= set(found)
    for secret in ("API_AUTH_TOKEN", "LEDGER_KEY"):
        assert stack.env[secret] not in done.stdout


def test_a_person_reads_one_line_a_check(stack):
    done = parley(stack, "doctor", RUNS_TABLE="not-there")
    wrong = [line for line in done.stdout.splitlines() if line.startswith("WRONG")]
    assert len(wrong) == 1
    assert wrong[0].startswith("WRONG RUNS_TABLE is there: ")
    assert "ResourceNotFoundException" in wrong[0]
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("environ", "check", "says"),
    [
        ({"S3_BUCKET": "not-there"}, "S3_BUCKET is there", "NoSuchBucket"),
        ({"DATA_TABLE": "not-there"}, "DATA_TABLE is there", "ResourceNotFoundException"),
        ({"API_BASE_URL": "http://127.0.0.1:9/v1"}, "the API answers", "did not answer"),
        ({"API_AUTH_TOKEN": "parley_nobody_has_made_this"}, "the API answers", "admin init"),
        ({"API_AUTH_TOKEN": "ssm:/not/there"}, "the API answers", "cannot be read"),
        ({"REPLY_FROM": "nobody@nowhere.test"}, "SES sends", "neither nobody@nowhere.test nor its domain"),
        ({"SES_CONFIGURATION_SET": "not-there"}, "SES sends", "not-there"),
        ({"EMAILS_QUEUE_URL": "http://127.0.0.1:9/1/q"}, "EMAILS_QUEUE_URL is there", "NonExistentQueue"),
        (
            {"RUNS_TABLE": "", "REPLY_FROM": ""},
            "settings",
            "missing environment variable RUNS_TABLE, REPLY_FROM",
        ),
        ({"REPLY_FROM": "nobody"}, "settings", "REPLY_FROM is 'nobody'"),
    ],
)
def test_what_is_wrong_is_named_and_the_rest_is_looked_at(stack, environ, check, says):
    done = parley(stack, "doctor", "--json", **environ)
    found = findings(done)
    assert done.returncode == 1
    assert [name for name, one in found.items() if one["ok"] is False] == [check]
    assert says in found[check]["says"]


def test_a_tenants_own_token_is_not_the_pipelines(stack):
    done = parley(stack, "doctor", "--json", API_AUTH_TOKEN=stack.where["api_auth_token"])
    assert "not the pipeline's" in findings(done)["the API answers"]["says"]


def test_a_table_of_an_older_deployment_lacks_its_indexes(stack):
    done = parley(stack, "doctor", "--json", RUNS_TABLE=stack.env["DATA_TABLE"])
    assert "lacks the index delivery, name, waiting" in findings(done)["RUNS_TABLE is there"]["says"]


def test_a_queue_without_dead_letters_is_wrong(stack):
    done = parley(stack, "doctor", "--json", EMAILS_QUEUE_URL=dead_letters_url(stack))
    assert "no dead-letter queue" in findings(done)["EMAILS_QUEUE_URL is there"]["says"]


def test_what_is_optional_and_missing_is_worth_a_note(stack):
    missing = ("LEDGER_KEY", "EMAILS_QUEUE_URL", "DATA_TABLE", "SES_CONFIGURATION_SET")
    done = parley(stack, "doctor", "--json", **dict.fromkeys(missing, ""))
    assert done.returncode == 0
    assert {name for name, one in findings(done).items() if one["ok"] is None} == set(missing)


async def test_a_model_that_is_asked_for_is_asked(stack):
    async with llm_stub(script={**SCRIPT, "doctor": {"ok": True}}) as stub:
        model = {"LLM_PROVIDER": "openai", "LLM_MODEL": "m1", "LLM_BASE_URL": stub.url, "OPENAI_API_KEY": "k"}
        done = await asyncio.to_thread(parley, stack, "doctor", "--json", **model)
        assert findings(done)["the model answers"]["says"] == "m1, 100 tokens in, 20 out"
        assert stub.calls == ["doctor"]
        stub.behave = lambda number, name: Behaviour(status=401)
        done = await asyncio.to_thread(parley, stack, "doctor", "--json", **model)
        assert "OPENAI_API_KEY" in findings(done)["the model answers"]["says"]
        assert done.returncode == 1


def test_a_mailbox_says_what_machines_sent_to_it(stack, fresh_sample):
    raw, _ = fresh_sample("zoom-vtt.eml")
    event = event_of(stack.store(b"Precedence: bulk\r\n" + raw))
    before = findings(parley(stack, "doctor", "--mailbox", MAILBOX, "--json"))[MAILBOX]["says"]
    deliver(stack, event)
    after = findings(parley(stack, "doctor", "--mailbox", MAILBOX, "--json"))[MAILBOX]["says"]
    assert before != after
    assert "without an answer: `digest: owner` sends them to its owner" in after
    done = parley(stack, "doctor", "--mailbox", "nobody@parley.local", "--json")
    assert findings(done)["nobody@parley.local"]["says"] == "it is none of our mailboxes"
    assert done.returncode == 1
