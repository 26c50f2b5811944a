"""One case: faults, deliveries until all is quiet, and what stands then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from tests.faults.bench import COME_BACK, Bench, comes_back
from tests.faults.invariants import violations
from tests.faults.paths import PATHS, Email
from tests.faults.proxy import CRASHES, Action, Fault
from tests.faults.refusals import Refusal
from tests.faults.state import Observed, rows
from tests.faults.zygote import Died, Ended

MOST_DELIVERIES = 8
Target = tuple[str, int]
"""A request of a clean run: its label, and which one of those."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How long the invocation may take, and how far apart it is from the one before, in seconds."""

    seconds: float | None = None
    apart: float = COME_BACK


@dataclass(frozen=True, slots=True)
class Case:
    """One mail and what goes wrong with it. `certain`: how many of the faults must meet a request."""

    path: str
    faults: tuple[Fault, ...]
    certain: int = 1
    deliveries: tuple[Delivery, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}: {', then '.join(map(str, self.faults)) or 'no fault'}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Case:
        return cls(
            found["path"],
            tuple(_fault(one) for one in found["faults"]),
            found["certain"],
            tuple(Delivery(**one) for one in found["deliveries"]),
        )


def _fault(found: dict[str, Any]) -> Fault:
    return Fault(**{**found, "action": Action(found["action"]), "refusal": Refusal(found["refusal"])})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a case: how each delivery ended, how the replies stand, what went out,
    and how many of the faults met their request."""

    case: Case
    violations: list[str]
    ends: list[str]
    replies: list[str]
    sent: int
    met: int
    requests: list[tuple[str, int, int]]
    log: list[str]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "case": self.case.as_json()}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Verdict:
        requests = [(label, turn, status) for label, turn, status in found["requests"]]
        return cls(**{**found, "case": Case.from_json(found["case"]), "requests": requests})


DIED, BACK, DONE = "died", "comes back", "done"


def _end(end: Ended | Died) -> str:
    if isinstance(end, Died):
        return DIED
    return BACK if comes_back(end) else DONE


async def observe(
    bench: Bench, path: Email, faults: Sequence[Fault], *, deliveries: Sequence[Delivery] = ()
) -> Observed:
    """Post the mail to a stack as good as new, deliver it until all is quiet, and look.

    `deliveries` are made in any case, the first ones, each in its own way.
    """
    await bench.reset()
    await bench.post(path)
    bench.proxy.begin(*faults)
    ends: list[Ended | Died] = []
    while len(ends) < max(1, len(deliveries)) or (len(ends) < MOST_DELIVERIES and comes_back(ends[-1])):
        how = deliveries[len(ends)] if len(ends) < len(deliveries) else Delivery()
        ends.append(await bench.deliver(path, receives=len(ends) + 1, seconds=how.seconds, apart=how.apart))
    runs, data = [rows(await bench.new_rows(table)) for table in bench.tables]
    return Observed(
        path=path,
        runs=runs,
        data=data,
        sent=tuple(bench.proxy.ses.sent),
        taken_by_ses=await bench.sends_taken(),
        journal=tuple(bench.proxy.journal),
        faults=tuple(faults),
        ends=tuple(ends),
        quiet=not comes_back(ends[-1]),
    )


class Judge:
    """Runs cases on one bench, against the clean run of the same mail."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._clean: dict[str, Observed] = {}

    async def clean(self, name: str) -> Observed:
        """The mail without any fault: looked at once."""
        if name not in self._clean:
            self._clean[name] = seen = await observe(self._bench, PATHS[name], ())
            assert not (found := violations(seen, None)), f"without any fault, {name}: {found}"
        return self._clean[name]

    async def targets(self, name: str) -> list[Target]:
        """The requests of a clean run."""
        return [(entry.label, entry.nth) for entry in (await self.clean(name)).journal]

    async def judge(self, case: Case) -> Verdict:
        clean = await self.clean(case.path)
        seen = await observe(self._bench, PATHS[case.path], case.faults, deliveries=case.deliveries)
        found = list(violations(seen, clean))
        met = {entry.fault for entry in seen.journal}
        if len(met & set(case.faults)) < min(case.certain, len(case.faults)):
            found.append("the request that it is about never came")
        found += _unkilled(case, seen)
        log = [line for end in seen.ends for line in (end.log if isinstance(end, Ended) else ("died",))]
        return Verdict(
            case,
            found,
            ends=[_end(end) for end in seen.ends],
            replies=[row["state"] for row in seen.outbox],
            sent=len(seen.sent),
            met=len(met & set(case.faults)),
            requests=[(entry.label, entry.turn, entry.status) for entry in seen.journal],
            log=log if found else [],
        )


def _unkilled(case: Case, seen: Observed) -> list[str]:
    """A crash that kills nobody proves nothing."""
    crashed = {entry.turn for entry in seen.journal if entry.fault and entry.fault.action in CRASHES}
    return [f"delivery {n} was to die and answered" for n in crashed if not isinstance(seen.ends[n], Died)]


RECOVERY: dict[Fault, tuple[tuple[Target, int], ...]] = {
    # An attempt that fails: the run is given back, and the message; then another takes it.
    Fault(Action.ANSWER, "dynamodb:PutItem:run:finish", refusal=Refusal.DENIED): (
        (("dynamodb:PutItem:run:release", 1), 0),
        (("sqs:ChangeMessageVisibility", 1), 0),
        (("dynamodb:PutItem:run:claim", 1), 1),
        (("dynamodb:PutItem:run:take over", 1), 1),
        (("dynamodb:Query:run", 1), 1),
    ),
    # An attempt that dies in the middle of the send: the next one finds the reply as it was left.
    Fault(Action.DIE_AFTER, "ses:SendRawEmail"): ((("dynamodb:PutItem:outbox:ambiguous", 1), 1),),
    # An attempt that SES refuses for now: the reply goes back to be sent by the next.
    Fault(Action.ANSWER, "ses:SendRawEmail", refusal=Refusal.THROTTLED): (
        (("dynamodb:PutItem:outbox:intent", 2), 0),
    ),
}
"""Requests that only a delivery after a fault makes, or its end: by that fault, each in its turn."""


def in_recovery(path: str) -> list[Case]:
    """A fault, and then one more, in each of the three ways, at a request that the first one brings about."""
    return [
        Case(path, (first, replace(second, turn=turn)), certain=2)
        for first, found in RECOVERY.items()
        for target, turn in found
        for second in modes(target)
    ]


DENIED_WHERE_A_RETRY_HELPS = frozenset({"dynamodb", "s3", "sqs"})


def modes(target: Target) -> list[Fault]:
    """The three ways in which one request goes wrong: die before, die after commit, an error answered."""
    label, nth = target
    service = label.partition(":")[0]
    # The error that the client does not retry by itself, where the service has one that passes.
    refusal = Refusal.DENIED if service in DENIED_WHERE_A_RETRY_HELPS else Refusal.THROTTLED
    plain = Fault(Action.DIE_BEFORE, label, nth)
    return [
        plain,
        replace(plain, action=Action.DIE_AFTER),
        replace(plain, action=Action.ANSWER, refusal=refusal),
    ]
