"""What stands when all is quiet: read from the tables and from SES's ledger, never through the proxy."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from parley.adapters.dynamo import from_wire
from tests.faults.paths import Email
from tests.faults.proxy import Entry, Fault
from tests.faults.ses import Sent
from tests.faults.zygote import Died, Ended

Row = dict[str, Any]
Key = tuple[str, str]
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_MAIL_TIME = re.compile(r"^2025-10-(09T17:52:31|09T17:12:00|14T15)")
_EPOCH = range(1_700_000_000, 1_900_000_000)
_TOLD_BY_TIME_ALONE = frozenset(
    {
        "version",
        "write_id",
        "attempts",
        "applied",
        "created_at",
        "updated_at",
        "usage",
        "spent",
        "claimed_at",
        "digest",
    }
)
"""How often something was written and when: that may differ, and nothing else."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One case at its end. `runs` and `data` hold what it made of the two tables."""

    path: Email
    runs: dict[Key, Row]
    data: dict[Key, Row]
    sent: tuple[Sent, ...]
    taken_by_ses: int
    journal: tuple[Entry, ...]
    faults: tuple[Fault, ...]
    ends: tuple[Ended | Died, ...]
    quiet: bool

    @property
    def claims(self) -> list[Row]:
        return [row for (pk, sk), row in self.runs.items() if sk == "claim" and kind_of(pk) == "run"]

    @property
    def outbox(self) -> list[Row]:
        return [row for (_, sk), row in self.runs.items() if sk.startswith("outbox#")]

    @property
    def ambiguous(self) -> frozenset[str]:
        """The runs whose reply nobody knows about."""
        return frozenset(name_of(row["pk"]) for row in self.outbox if row["state"] == "ambiguous")

    def of(self, kind: str, sk: str = "#") -> list[Row]:
        """The backend's records of a kind: their bodies."""
        return [row["body"] for (pk, s), row in self.data.items() if kind_of(pk) == kind and s == sk]


def kind_of(pk: str) -> str:
    """`{tenant}#{kind}#{name}`"""
    return pk.split("#")[1]


def name_of(pk: str) -> str:
    return pk.split("#")[2]


def tenant_of(pk: str) -> str:
    return pk.partition("#")[0]


def rows(items: dict[Key, dict[str, Any]]) -> dict[Key, Row]:
    """Items as plain values; bodies and steps, which are kept as text, as JSON."""
    return {key: _row(item) for key, item in items.items()}


def _row(item: dict[str, Any]) -> Row:
    row = from_wire(item)
    texts = {name: row[name] for name in ("body", "value") if isinstance(row.get(name), str)}
    return row | {name: json.loads(text) for name, text in texts.items()}


@dataclass(slots=True)
class Normal:
    """A state without what only time and the number of attempts explain, and without some replies' ends."""

    open_ended: frozenset[str]
    rows: dict[Key, Any] = field(default_factory=dict)

    def add(self, table: str, key: Key, row: Row) -> None:
        pk, sk = key
        if self._is_end_of_send(pk, sk, row):
            return
        if kind_of(pk) == "sender":
            pk = pk.rpartition("#")[0]  # the last part is the hour
        if name_of(pk) in self.open_ended:
            row = self._without_the_end(sk, row)  # a record's rank says how final it is
        self.rows[f"{table}:{pk}", sk] = _timeless(row)

    def _is_end_of_send(self, pk: str, sk: str, row: Row) -> bool:
        """A sent reply's own message and thread entry."""
        body = row.get("body") or {}
        return bool(self.open_ended) and (
            (
                kind_of(pk) == "message"
                and body.get("direction", "outbound") == "outbound"
                and _run(body, self)
            )
            or kind_of(pk) == "thread"
        )

    @staticmethod
    def _without_the_end(sk: str, row: Row) -> Row:
        if sk.startswith("outbox#"):
            return {k: v for k, v in row.items() if k in {"message", "name"}}
        if isinstance(row.get("body"), dict) and isinstance(row["body"].get("reply"), dict):
            reply = {k: v for k, v in row["body"]["reply"].items() if k != "status"}
            return {**row, "body": {**row["body"], "reply": reply}, "rank": None}
        return row


def _run(body: Row, normal: Normal) -> bool:
    return body.get("run_id", "") in normal.open_ended


def normal(observed: Observed, *, open_ended: frozenset[str]) -> dict[Key, Any]:
    """The state for comparing; of the runs `open_ended` it says nothing about how their replies ended."""
    made = Normal(open_ended)
    for table, found in (("runs", observed.runs), ("data", observed.data)):
        for key, row in found.items():
            made.add(table, key, row)
    return made.rows


def _timeless(value: Any, name: str = "") -> Any:
    match value:
        case dict():
            return {k: _timeless(v, k) for k, v in sorted(value.items()) if k not in _TOLD_BY_TIME_ALONE}
        case list() | tuple():
            return [_timeless(v, name) for v in value]
        case str() if not _MAIL_TIME.match(value):
            return _TIME.sub("<time>", value)
        case int() | float() if int(value) in _EPOCH or name == "lease_until":
            return "<time>"
    return value
