"""What is deployed, run: the layer built for this machine, under the real runtime client.

All functions run from the artifact alone. `inbound_email` gets seed 003's SES
event; its backend is `backend_api`, behind a stand-in for API Gateway; S3, SQS,
DynamoDB and SES are moto. Start to first response is printed (`pytest -s`).
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
import urllib.request
from contextlib import AsyncExitStack
from pathlib import Path

import aioboto3
import pytest
from moto.server import ThreadedMotoServer

from local.demo import seed_demo
from local.template import load_template
from parley.adapters.data_table import DynamoDataStore
from parley.api.auth import Role
from parley.api.tokens import create_token
from tests.lambda_runtime import execution_environment, http_api, request_event

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = load_template(ROOT / "template.yaml")
NAMES = {
    "Bucket": "parley-mail",
    "RunsTable": "parley-runs",
    "DataTable": "parley-data",
    "ReplyFrom": "parley@example.org",
    "ReplyEvents": "parley-events",
    "LedgerKey": "of the artifact",
    "ApiAuthToken": "the-token-of-the-pipeline",
}
MAIL = """\
From: Brand Rep <rep@brand.com>
To: meetings@parley.local
Subject: Transcript of our Q4 call
Message-ID: <artifact-1@brand.com>
Date: Wed, 08 Oct 2025 21:06:52 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Here is what we said.

Dana: Thanks for joining, let us settle the launch.
Rep: We decided to launch on the fourth of November.
Dana: I will send the contract by Friday.
Rep: Great, I will review it next week.
"""

pytestmark = [pytest.mark.slow, pytest.mark.processes]


def find_python313():
    """A python3.13 that runs: on PATH, or among pyenv's versions."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates = [shutil.which("python3.13"), *map(str, sorted(pyenv.glob("3.13.*/bin/python3.13")))]
    for candidate in filter(None, candidates):
        probe = [candidate, "-c", "import sys; print(sys.executable)"]
        found = subprocess.run(probe, capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.strip()
    return None


@pytest.fixture(scope="session")
def python313():
    found = find_python313()
    if found is None:
        pytest.skip("no python3.13 here, the version that Lambda runs: the artifact is not built")
    return found


def build_layer(python, folder, arch):
    command = ["make", "-s", "-C", str(ROOT / "shared"), "build-ParleyLayer", f"ARTIFACTS_DIR={folder}"]
    # A `make test` above us must not hand its own flags down.
    environ = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    built = subprocess.run(
        [*command, f"ARCH={arch}", f"PYTHON313={python}"],
        capture_output=True,
        text=True,
        env=environ,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture(scope="session")
def layer(python313, tmp_path_factory):
    """The layer for this machine, as `sam build` would make it for the deployed one."""
    if sys.platform != "linux":
        pytest.skip("a Lambda layer holds Linux wheels: they do not run on this system")
    return build_layer(python313, tmp_path_factory.mktemp("layer"), platform.machine())


@pytest.fixture(scope="session")
def client(python313, tmp_path_factory):
    """awslambdaric and what it needs, for 3.13, by the hashes of the development lock."""
    folder = tmp_path_factory.mktemp("client")
    names = ("awslambdaric", "simplejson", "snapshot-restore-py")
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements-dev.txt").read_text())
    wanted = [entry for entry in entries if entry.split("==")[0] in names]
    assert len(wanted) == len(names)
    (folder / "lock.txt").write_text("\n".join(wanted))
    flags = [
        "--quiet",
        "--root-user-action=ignore",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
        "--target",
        str(folder),
    ]
    subprocess.run([python313, "-m", "pip", "install", *flags, "-r", str(folder / "lock.txt")], check=True)
    return folder


@pytest.fixture
def start(python313, layer, client, tmp_path):
    """Starts a function from a copy of its folder; everything is stopped at the end."""
    running = []

    def starter(name, variables):
        function = TEMPLATE.function(name)
        code = shutil.copytree(ROOT / "lambdas" / function.folder, tmp_path / function.folder)
        environment = execution_environment(
            python313,
            function=code,
            layer=layer,
            client=client,
            handler=function.handler,
            variables=variables,
            log=tmp_path / f"{function.folder}.log",
        )
        running.append(environment)
        return environment.__enter__()

    yield starter
    for environment in reversed(running):
        environment.__exit__(None, None, None)


@pytest.fixture
def aws():
    """Where moto's server is, empty, and the SDK's own variables that lead there."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()
    yield {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",  # Lambda sets both, the SDK reads this one
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    server.stop()


async def prepare(aws):
    """Tables, bucket, queue, verified sender; the demo tenant and the pipeline's token; one raw mail."""
    session = aioboto3.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=aws["AWS_REGION"]
    )
    async with AsyncExitStack() as resources:

        def opened(service):
            client = session.client(service, endpoint_url=aws["AWS_ENDPOINT_URL"])
            return resources.enter_async_context(client)

        dynamodb, s3, ses = await opened("dynamodb"), await opened("s3"), await opened("ses")
        sqs = await opened("sqs")
        for queue in ("parley-emails", "parley-jobs"):
            await sqs.create_queue(QueueName=queue)
        for table in TEMPLATE.tables:
            await dynamodb.create_table(**table.create_arguments(NAMES[table.name]))
        await s3.create_bucket(Bucket=NAMES["Bucket"])
        await s3.put_object(Bucket=NAMES["Bucket"], Key="raw/abcdef123", Body=MAIL.encode())
        await ses.verify_email_identity(EmailAddress=NAMES["ReplyFrom"])
        store = DynamoDataStore(dynamodb, NAMES["DataTable"])
        await seed_demo(store)
        await create_token(store, role=Role.PIPELINE, token=NAMES["ApiAuthToken"])


def variables(function, aws, api="http://127.0.0.1:9"):
    urls = {
        "HttpApi.ApiEndpoint": api,
        "EmailsQueue": f"{aws['AWS_ENDPOINT_URL']}/123456789012/parley-emails",
        "JobsQueue": f"{aws['AWS_ENDPOINT_URL']}/123456789012/parley-jobs",
    }
    return {**aws, **TEMPLATE.environment(function, {**NAMES, **urls})}


def ses_event(message_id):
    """Seed 003's sample, addressed to the meetings mailbox."""
    headers = {
        "from": ["Brand Rep <rep@brand.com>"],
        "to": ["meetings@parley.local"],
        "subject": "Transcript of our Q4 call",
    }
    mail = {"messageId": message_id, "timestamp": "2025-10-08T21:06:52Z", "commonHeaders": headers}
    return {"Records": [{"ses": {"mail": mail, "receipt": {}}}]}


def report(capsys, what, environment, answer):
    with capsys.disabled():
        print(f"\n{what}: {1000 * (answer.at - environment.started):.0f} ms from start to first response")  # noqa: T201  # a figure to read


async def test_the_built_functions_answer_an_email(start, aws, capsys):
    await prepare(aws)
    backend = start("backend_api", variables("backend_api", aws))
    # So that the figure below is inbound_email's own start.
    await asyncio.to_thread(backend.invoke, request_event("GET", "/v1/meetings", {}))
    with http_api(backend) as url:
        inbound = start("inbound_email", variables("inbound_email", aws, url))
        first = await asyncio.to_thread(inbound.invoke, ses_event("abcdef123"))
        again = await asyncio.to_thread(inbound.invoke, ses_event("abcdef123"))
    report(capsys, "inbound_email", inbound, first)
    assert not first.failed, first.body
    assert first.body["statusCode"] == 200
    assert [(r["outcome"], r["reason"]) for r in first.body["results"]] == [("processed", None)]
    assert [r["outcome"] for r in again.body["results"]] == ["duplicate"]


async def test_the_built_functions_settle_a_reply_and_go_the_rounds(start, aws, capsys):
    await prepare(aws)
    backend = start("backend_api", variables("backend_api", aws))
    with http_api(backend) as url:
        inbound = start("inbound_email", variables("inbound_email", aws, url))
        done = await asyncio.to_thread(inbound.invoke, ses_event("abcdef123"))
        [run] = done.body["results"]
        settling = start("delivery_events", variables("delivery_events", aws, url))
        settled = await asyncio.to_thread(settling.invoke, await bounce(aws))
    report(capsys, "delivery_events", settling, settled)
    assert not settled.failed, settled.body
    assert settled.body["results"] == [{"run_id": run["run_id"], "reply": "failed"}]
    rounds = start("scheduled", variables("scheduled", aws))
    answer = await asyncio.to_thread(rounds.invoke, {})
    report(capsys, "scheduled", rounds, answer)
    assert not answer.failed, answer.body
    assert answer.body["waiting"]["failed"] == {"count": 0, "age": 0}
    assert answer.body["mail"] == {"looked_at": 0, "requeued": 0, "complete": True}


async def test_the_built_functions_do_an_analysis_that_was_put_off(start, aws, capsys):
    await prepare(aws)
    backend = start("backend_api", variables("backend_api", aws))
    headers = {
        "authorization": f"Bearer {NAMES['ApiAuthToken']}",
        "parley-tenant": "demo",
        "prefer": "respond-async",
        "content-type": "application/json",
    }
    body = json.dumps({"transcript": MAIL.partition("\n\n")[2], "user_id": "user_1"})
    path = "/v1/meetings/hist_meeting_1/analyze"
    asked = await asyncio.to_thread(backend.invoke, request_event("POST", path, headers, body.encode()))
    assert asked.body["statusCode"] == 202, asked.body
    job = json.loads(asked.body["body"])
    message = {"job_id": job["id"], "tenant": "demo"}
    record = {"messageId": "m-1", "body": json.dumps(message), "attributes": {}, "eventSource": "aws:sqs"}
    with http_api(backend) as url:
        worker = start("analysis_jobs", variables("analysis_jobs", aws, url))
        answer = await asyncio.to_thread(worker.invoke, {"Records": [record]})
    report(capsys, "analysis_jobs", worker, answer)
    assert answer.body == {"batchItemFailures": []}
    asked = await asyncio.to_thread(backend.invoke, request_event("GET", f"/v1/jobs/{job['id']}", headers))
    done = json.loads(asked.body["body"])
    assert (done["status"], done["progress"]) == ("done", 1.0)
    assert done["result"]["insights"]["action_items"]


async def bounce(aws):
    """What SES would say of the one reply that was sent."""
    session = aioboto3.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=aws["AWS_REGION"]
    )
    async with session.client("dynamodb", endpoint_url=aws["AWS_ENDPOINT_URL"]) as dynamodb:
        rows = (await dynamodb.scan(TableName=NAMES["RunsTable"]))["Items"]
    [tag] = [row["name"]["S"] for row in rows if row["sk"]["S"] == "outbox#reply"]
    mail = {"messageId": "0100-abc", "destination": ["rep@brand.com"], "tags": {"parley-reply": [tag]}}
    about = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "rep@brand.com"}]}
    detail = {"eventType": "Bounce", "mail": mail, "bounce": about}
    return {"source": "aws.ses", "detail-type": "Email Bounced", "region": "us-east-1", "detail": detail}


def test_an_unknown_event_is_an_error_by_its_name(start, aws, capsys):
    inbound = start("inbound_email", variables("inbound_email", aws))
    answer = inbound.invoke({"hello": "world"})
    report(capsys, "inbound_email, unknown event", inbound, answer)
    assert answer.failed
    assert answer.body["errorType"] == "RequestError"


@pytest.mark.parametrize(
    ("function", "variable"),
    [
        ("inbound_email", "RUNS_TABLE"),
        ("delivery_events", "REPLY_FROM"),
        ("scheduled", "RETENTION_DAYS"),
        ("analysis_jobs", "API_BASE_URL"),
    ],
)
def test_a_missing_variable_is_named(start, function, variable):
    answer = start(function, {"AWS_REGION": "us-east-1"}).invoke(ses_event("abcdef123"))
    assert answer.failed
    assert answer.body["errorType"] == "ConfigError"
    assert variable in answer.body["errorMessage"]


def test_the_built_backend_refuses_a_request_without_a_token(start, aws, capsys):
    backend = start("backend_api", variables("backend_api", aws))
    answer = backend.invoke(request_event("GET", "/v1/meetings", {}))
    report(capsys, "backend_api", backend, answer)
    assert not answer.failed, answer.body
    assert answer.body["statusCode"] == 401
    assert answer.body["headers"]["content-type"].startswith("application/problem+json")


def test_everything_in_the_layer_is_compiled_and_never_checked_against_dates(layer):
    """PEP 552: the second word of a .pyc is 1 for hash-based and unchecked."""
    sources = [path for path in (layer / "python").rglob("*.py") if path.parent.name != "__pycache__"]
    assert len(sources) > 1000
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        assert struct.unpack("<I", compiled.read_bytes()[4:8]) == (1,), source


def test_the_layer_is_the_package_and_what_it_locks(layer):
    package = {
        path.relative_to(ROOT / "shared")
        for path in (ROOT / "shared" / "parley").rglob("*")
        if path.is_file()
    }
    built = layer / "python"
    missing = {path for path in package if path.suffix != ".pyc" and not (built / path).is_file()}
    assert missing == set()
    locked = re.findall(
        r"^([a-z0-9._-]+)==(\S+) ", (ROOT / "shared/requirements.txt").read_text(), re.MULTILINE
    )
    assert installed(built) == {
        (name.replace("-", "_").replace(".", "_"), version) for name, version in locked
    }


def installed(folder):
    """(name, version) of each distribution, names as wheels spell them."""
    stems = [path.name.removesuffix(".dist-info") for path in folder.glob("*.dist-info")]
    return {
        (name.lower().replace(".", "_"), version) for name, _, version in (s.rpartition("-") for s in stems)
    }


def test_the_arm64_layer_holds_wheels_for_arm64_alone(python313, tmp_path):
    built = build_layer(python313, tmp_path / "arm64", "arm64") / "python"
    wheels = list(built.glob("*.dist-info/WHEEL"))
    assert len(wheels) > 40
    for wheel in wheels:
        tags = re.findall(r"^Tag: (\S+)$", wheel.read_text(), re.MULTILINE)
        assert [tag for tag in tags if runs_on_arm64(tag)], (wheel.parent.name, tags)
    libraries = [path for path in built.rglob("*.so*") if path.is_file()]
    assert len(libraries) > 20
    for library in libraries:
        # ELF's e_machine, 2 bytes at 18: 183 is AArch64.
        assert struct.unpack("<H", library.read_bytes()[18:20]) == (183,), library


def runs_on_arm64(tag):
    """Whether CPython 3.13 on Amazon Linux 2023 (glibc 2.34), arm64, takes a wheel of this tag."""
    python, abi, system = tag.split("-")
    if system == "any":
        return python in ("py3", "py2.py3", "cp313", "py313") and abi == "none"
    glibc = re.fullmatch(r"manylinux(?:_2_(\d+)|2014)_aarch64", system)
    fits = glibc is not None and int(glibc[1] or 17) <= 34
    return fits and (python == "cp313" or abi in ("abi3", "none"))


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"ARCH": "mips"}, "ARCH is 'mips': use arm64 or x86_64"),
        ({"PYTHON313": "/nowhere/python3.13"}, "/nowhere/python3.13 is not a Python 3.13"),
        ({"ARTIFACTS_DIR": ""}, "ARTIFACTS_DIR is not set"),
    ],
)
def test_a_layer_that_cannot_be_built_says_why(tmp_path, settings, complaint):
    given = {"ARTIFACTS_DIR": tmp_path / "layer", **settings}
    command = ["make", "-s", "-C", str(ROOT / "shared"), "build-ParleyLayer"]
    built = subprocess.run(
        [*command, *(f"{name}={value}" for name, value in given.items())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode != 0
    assert complaint in built.stderr
    assert not (tmp_path / "layer").exists()
