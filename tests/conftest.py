"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.moto_server import moto_server
from tests.running_stack import RunningStack, fresh, running_stack

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The optional folder of real mail and transcripts; what needs it skips without it."""
    folder = Path(os.environ.get("PARLEY_CORPORA") or ROOT.parent / "shared" / "corpora")
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder}: set PARLEY_CORPORA to a folder that holds them")
    return folder


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """The AWS services over a real wire, for the whole session."""
    with moto_server() as url:
        yield url


@pytest.fixture(scope="session")
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
def stack() -> Iterator[RunningStack]:
    """The whole embedded stack, once for the tests of a module: what others left in its tables slows it down."""
    with running_stack() as stack:
        yield stack
