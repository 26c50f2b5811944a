"""The keys of the runs table.

    pk                        sk                          one row is
    {tenant}#run#{run id}     claim                       who works on the run, until when, how it ended
    {tenant}#run#{run id}     step#{generation}#{name}    what an attempt recorded
    {tenant}#run#{run id}     outbox#{purpose}            a message that the run sends
    {tenant}#{purpose}#{hash} claim                       which run may do something that is done once

Whatever else a user of the ledger keeps in the table has a second word of its own in `pk`.
"""

from __future__ import annotations

from dataclasses import dataclass

from parley.core.ids import RunId, TenantId, digest

CLAIM = "claim"
STEP, OUTBOX = "step#", "outbox#"


@dataclass(frozen=True, slots=True)
class RunKey:
    """What a run is the run of: `kind` says what sort of work it is, `subject` on what it is done."""

    tenant: TenantId
    kind: str
    subject: tuple[str, ...]

    @property
    def run_id(self) -> RunId:
        return RunId("run_" + digest(self.tenant, self.kind, *self.subject)[:24])

    @property
    def pk(self) -> str:
        """The run's partition. It holds a hash, not the subject: the row outlives the person it is about."""
        return run_pk(self.tenant, self.run_id)


def run_pk(tenant: TenantId, run_id: str) -> str:
    """The partition of one run."""
    return f"{tenant}#run#{run_id}"


def owner_of(pk: str) -> tuple[TenantId, RunId]:
    """The tenant and the run of a partition that `run_pk` made."""
    tenant, _, run_id = pk.split("#", 2)
    return TenantId(tenant), RunId(run_id)


def step_sk(generation: int, name: str) -> str:
    """The sort key of a recorded step; with the name "" the prefix of all steps of that generation."""
    return f"{STEP}{generation}#{name}"


def outbox_sk(purpose: str) -> str:
    """The sort key of a message of the outbox."""
    return f"{OUTBOX}{purpose}"


def outbox_tag(run_id: RunId, purpose: str) -> str:
    """The tag that a message is sent under: 32 hex digits, which name nobody."""
    return digest(run_id, purpose)[:32]
