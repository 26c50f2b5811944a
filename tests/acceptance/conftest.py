"""The demo tenant: through the service classes, and over HTTP."""

from __future__ import annotations

import pytest

from parley.store.records import Records
from tests.acceptance.world import NOW
from tests.rooms.conftest import api, seed, stores  # noqa: F401 - fixtures


@pytest.fixture
async def records(stores):  # noqa: F811 - the fixture above
    """The demo tenant's records on a day on which its past meetings are over."""
    await seed(stores)
    return Records(stores.store, stores.blobs, clock=lambda: NOW)
