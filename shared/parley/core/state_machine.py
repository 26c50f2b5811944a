"""A state machine is an enum and a table; this walks it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from parley.errors import IllegalTransition

State = TypeVar("State", bound=StrEnum)
Table = Mapping[State, frozenset[State]]


class Machine(Generic[State]):
    """Where something stands, and the way it came.

    A declared table costs microseconds; a library for it costs a hundred times that.
    """

    def __init__(self, table: Table[State], start: State) -> None:
        self._table = table
        self._path = [start]

    @property
    def state(self) -> State:
        return self._path[-1]

    @property
    def path(self) -> tuple[State, ...]:
        """Every state so far, in order, the first included."""
        return tuple(self._path)

    def to(self, state: State) -> None:
        """Move on. Raises IllegalTransition for a move that the table does not have."""
        if state not in self._table[self.state]:
            raise IllegalTransition(f"no way from {self.state} to {state}")
        self._path.append(state)
