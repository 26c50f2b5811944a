"""Bad calls: one clear sentence, exit code 2, nothing on standard output."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.cli import main
from local.ports import listen, port_of
from local.stack import check_temporary_folder
from parley.errors import RequestError

ROOT = Path(__file__).resolve().parents[2]
EMAIL = str(ROOT / "events" / "emails" / "no-transcript.eml")
VTT = b"WEBVTT\n\n1\n00:00:01.000 --> 00:00:04.000\nAnn Lee: I'll send the draft by 2025-10-10.\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "COMMAND"),
        (["process"], "FILE.eml"),
        (["process", "--nope", EMAIL], "--nope"),
        (["process", "/nowhere/a.eml"], "there is no file /nowhere/a.eml"),
        (["process", EMAIL, "/nowhere/a.eml"], "there is no file /nowhere/a.eml"),
        (["process", str(ROOT)], "is a folder"),
        (["process", "a\0b"], "cannot be read"),
        (["process", "--to", "nobody", EMAIL], "'nobody' is no email address"),
        (["analyze", "/nowhere/a.vtt"], "there is no file"),
        (["analyze", EMAIL, "--format", "nope"], "no transcript format 'nope'"),
        (["invoke", "nope", EMAIL], "no function 'nope'"),
        (["invoke", "inbound_email", EMAIL], "holds no JSON"),
        (["dev", "--api-port", "eighty"], "--api-port"),
        pytest.param(
            ["dev", "--api-port", "70000"],
            "port 70000 cannot be used for the API",
            marks=pytest.mark.processes,
        ),
        (["replay"], "ID"),
        (["replay", "x", "--recorded"], "--recorded goes with --dry-run"),
        (["outbox", "close"], "TAG"),
        (["outbox", "open"], "invalid choice: 'open'"),
        (["quarantine", "--limit", "-1"], "--limit"),
        (["dead-letters", "redrive"], "say which letter"),
    ],
)
def test_a_wrong_call_is_one_sentence(capsys, arguments, says):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.startswith("parley: ")
    assert err.count("\n") == 1


@pytest.fixture
def run(processes):
    """The command line in a process of its own."""
    return run_command


def run_command(*arguments, stdin=None, **environ):
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "LLM_", "OPENAI_"))}
    return subprocess.run(
        [sys.executable, "-m", "local.cli", *arguments],
        cwd=ROOT,
        env=plain | environ,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["outbox", "quarantine", "dead-letters", "replay x"])
def test_an_operating_command_names_every_variable_that_it_misses(run, command):
    done = run(*command.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert "S3_BUCKET, RUNS_TABLE, API_BASE_URL, API_AUTH_TOKEN, SES_REGION, REPLY_FROM" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_one_sentence(run):
    with listen(None, what="tests") as taken:
        done = run("dev", "--smtp-port", str(port_of(taken)))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "something else listens there" in done.stderr


def test_no_folder_to_write_in_is_one_sentence():
    def find():
        raise FileNotFoundError(2, "No usable temporary directory found")

    with pytest.raises(RequestError, match="set TMPDIR"):
        check_temporary_folder(find)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"LLM_PROVIDER": "openai"}, "LLM_MODEL"),
        ({"LLM_PROVIDER": "gpt"}, "LLM_PROVIDER is 'gpt'"),
        ({"LLM_PROVIDER": "bedrock"}, "not there yet"),
        ({"LLM_FALLBACK": "maybe"}, "LLM_FALLBACK"),
    ],
)
def test_a_wrong_setting_is_one_sentence_before_anything_starts(run, environ, says):
    done = run("process", EMAIL, **environ)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_analyze_needs_no_mail(run, tmp_path):
    file = tmp_path / "call.vtt"
    file.write_bytes(VTT)
    done = run("analyze", str(file), "--json")
    result = json.loads(done.stdout)
    assert set(result) == {"transcript", "day", "insights", "errors", "partial_success", "usage"}
    assert result["transcript"] == {
        "format": "webvtt",
        "segments": 1,
        "speakers": ["Ann Lee"],
        "seconds": 4.0,
    }
    [item] = result["insights"]["action_items"]
    assert (item["owner"], item["due_date"]) == ("Ann Lee", "2025-10-10")
    shown = run("analyze", str(file)).stdout
    assert "Ann Lee" in shown
    assert "2025-10-10" in shown


def test_any_bytes_end_in_an_outcome(run, tmp_path):
    broken = {"empty": b"", "junk": b"\x00\xff\rjunk", "headers": b"From: a@b.c\nSubject: x"}
    for name, content in broken.items():
        (tmp_path / f"{name}.eml").write_bytes(content)
    done = run("process", "--json", *(str(tmp_path / f"{name}.eml") for name in broken))
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["outcome"] for one in results] == ["quarantined", "quarantined", "processed"]


def test_mail_for_nobody_of_ours_is_an_outcome(run):
    done = run("process", "--json", "--to", "Nobody <nobody@example.org>", EMAIL)
    [result] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (result["mailbox"], result["reason"]) == ("nobody@example.org", "unknown_mailbox")
    assert done.returncode == 0


def test_invoke_prints_the_answer_of_the_handler_alone(run):
    done = run("invoke", "inbound_email", "events/s3-test.json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"statusCode": 200, "results": []})


def test_invoke_reports_what_a_handler_raises_as_lambda_does(run):
    done = run("invoke", "InboundEmail", "-", stdin='{"hello": "world"}')
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["errorType"] == "RequestError"
    assert "hello" in answer["errorMessage"]


def test_invoke_works_against_a_running_stack(run, stack, fresh_sample, tmp_path):
    raw, message_id = fresh_sample("srt.eml")
    event = tmp_path / "event.json"
    event.write_text(json.dumps(stack.s3_event(stack.store(raw))))
    done = run("invoke", "inbound_email", str(event), **stack.env)
    assert [one["outcome"] for one in json.loads(done.stdout)["results"]] == ["processed"]
    assert len(stack.sent(answering=message_id)) == 1


def test_invoke_without_a_required_variable_names_it(run, stack):
    done = run("invoke", "inbound_email", "events/s3-test.json", **{**stack.env, "RUNS_TABLE": ""})
    assert done.returncode == 1
    assert json.loads(done.stdout)["errorType"] == "ConfigError"
    assert "RUNS_TABLE" in json.loads(done.stdout)["errorMessage"]
