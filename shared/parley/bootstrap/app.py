"""The HTTP API of all rooms. A new room is one row in ROOMS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from fastapi import FastAPI

from parley.analysis.machine import TranscriptMachine
from parley.api.app import create_shell
from parley.api.room import Room
from parley.api.tokens import Tokens
from parley.availability.room import AVAILABILITY
from parley.conversations.room import CONVERSATIONS
from parley.insights.analysis import AnalysisConfig
from parley.insights.analyst import Analyst
from parley.insights.room import INSIGHTS
from parley.insights.transcripts import Uploads, UploadStore
from parley.meetings.room import MEETINGS
from parley.people.room import PEOPLE
from parley.preparation.preparer import Preparer
from parley.preparation.room import PREPARATION
from parley.preparation.service import PreparationConfig
from parley.privacy.room import PRIVACY
from parley.privacy.run_erasure import LedgerEraser, NoLedger
from parley.privacy.service import ErasureConfig
from parley.store.ports import BlobStore, DataStore
from parley.store.records import Records

ROOMS: tuple[Room, ...] = (
    INSIGHTS,
    MEETINGS,
    PREPARATION,
    AVAILABILITY,
    CONVERSATIONS,
    PEOPLE,
    PRIVACY,
)
"""In the order in which an erasure asks them: what leads to the rest comes last."""


def create_app(
    *,
    store: DataStore,
    blobs: BlobStore,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    token_cache_seconds: float = 30.0,
    runs: LedgerEraser | None = None,
    ledger_key: bytes = b"",
    preparing: PreparationConfig | None = None,
    analysing: AnalysisConfig | None = None,
    uploads: UploadStore | None = None,
    rooms: Sequence[Room] = ROOMS,
) -> FastAPI:
    """The API over these stores. Whoever opened them closes them.

    `runs` erases what the pipeline keeps; None where there is no pipeline.
    Without `preparing` and `analysing` the rules do both, and nothing of it
    is recorded or put off; without `uploads` there are none.
    """
    by_rules = AnalysisConfig(analyst=Analyst(machine=TranscriptMachine(None)))
    return create_shell(
        rooms,
        records=Records(store, blobs, clock=clock),
        tokens=Tokens(store, cache_seconds=token_cache_seconds),
        resources={
            AnalysisConfig: analysing or by_rules,
            Uploads: Uploads(uploads),
            PreparationConfig: preparing or PreparationConfig(preparer=Preparer(None)),
            ErasureConfig: ErasureConfig(runs or NoLedger(), ledger_key),
        },
    )
