"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The optional folder of real mail and transcripts; what needs it skips without it."""
    folder = Path(os.environ.get("PARLEY_CORPORA") or ROOT.parent / "shared" / "corpora")
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder}: set PARLEY_CORPORA to a folder that holds them")
    return folder
