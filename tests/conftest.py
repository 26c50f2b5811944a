"""Fixtures that every test may use, and which of the tests run, in which order.

Modules and the tests within them run in a random order; its seed stands above the
closing line. Modules marked `slow` begin first: no worker is left with a long one.
"""

from __future__ import annotations

import os
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.moto_server import moto_server
from tests.running_stack import RunningStack, fresh, running_stack
from tests.support import short_ca_bundle

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("markexpr") == "not processes":
        sys.addaudithook(_refuse_processes)


def _refuse_processes(event: str, arguments: tuple[Any, ...]) -> None:
    """Of the tests that are left by `make test FAST=1` none may be slow unseen."""
    if event == "subprocess.Popen" and "-m" in arguments[1]:
        raise RuntimeError(f"{arguments[1]}: its test has to use the fixture `processes`, or to be marked so")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "processes" in getattr(item, "fixturenames", ()):
            item.add_marker("processes")
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The header says the seed too, but not under -q."""
    if (seed := config.getoption("randomly_seed", None)) is not None:
        terminalreporter.write_line(f"The same order again: --randomly-seed={seed}")


@pytest.fixture(scope="session")
def processes() -> None:
    """Stands below every fixture that starts a server or a worker: what uses it is marked `processes`."""


@pytest.fixture(scope="session", autouse=True)
def _certificates() -> Iterator[None]:
    """Each client of the AWS services reads the certificates that it trusts: 25 ms for all, none for one."""
    with short_ca_bundle() as file, pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_CA_BUNDLE", file)
        yield


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The optional folder of real mail and transcripts; what needs it skips without it."""
    folder = Path(os.environ.get("PARLEY_CORPORA") or ROOT.parent / "shared" / "corpora")
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder}: set PARLEY_CORPORA to a folder that holds them")
    return folder


@pytest.fixture(scope="session")
def _moto_url(processes: None) -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture(scope="module")
def moto_url(_moto_url: str) -> Iterator[str]:
    """The AWS services over a real wire: one server for the session, emptied after each module."""
    yield _moto_url
    urllib.request.urlopen(urllib.request.Request(f"{_moto_url}/moto-api/reset", method="POST")).close()


@pytest.fixture(scope="module")
def aws(moto_url: str) -> dict[str, str]:
    """What every client of the embedded services is made with."""
    return {
        "endpoint_url": moto_url,
        "region_name": "eu-west-1",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
    }


@pytest.fixture
def fresh_sample() -> Callable[[str], tuple[bytes, str]]:
    """A sample of events/emails by name, as mail that nobody has seen, and its Message-ID."""
    return lambda name: fresh((ROOT / "events" / "emails" / name).read_bytes())


@pytest.fixture(scope="module")
def stack(processes: None) -> Iterator[RunningStack]:
    """The whole embedded stack, once for the tests of a module: what others left in its tables slows it down."""
    with running_stack() as stack:
        yield stack
