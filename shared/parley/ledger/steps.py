"""Steps: the checkpoints of a run.

What must not be done twice, such as a model's answer that is paid for, is
recorded before anybody sees it. An attempt that comes later reads it back.
Of two workers that record the same step at once, the second goes on with what
the first has recorded.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from parley.core.clock import iso
from parley.ledger.claims import Claim
from parley.ledger.keys import step_sk
from parley.ledger.table import Json, TableAccess

STEP_LIMIT = 350_000
"""Bytes of one recorded value; a row of DynamoDB holds 400 KB."""


class Steps(TableAccess):
    """The recorded steps of claimed runs."""

    async def step(self, claim: Claim, name: str, make: Callable[[], Awaitable[Json]]) -> Json:
        """What `make` answered, now or in an earlier attempt; JSON values only.

        Raises ValueError when the value is too large for one row (our bug:
        every producer has a limit of its own).
        """
        if name in claim.steps:
            return claim.steps[name]
        value = json.dumps(await make(), ensure_ascii=False)
        if len(value.encode("utf-8", "surrogatepass")) > STEP_LIMIT:
            raise ValueError(f"step {name} is larger than {STEP_LIMIT} bytes")
        item = {
            "pk": claim.key.pk,
            "sk": step_sk(claim.generation, name),
            "value": value,
            "claimed_at": int(claim.item["version"]),
            "at": iso(self._clock()),
        }
        _, standing = await self._create(item)
        claim.steps[name] = json.loads(standing["value"])
        return claim.steps[name]
