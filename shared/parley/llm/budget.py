"""What the questions of one email may cost, in money and in time, and what they have cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from parley.errors import ParleyError
from parley.llm.usage import Usage


class BudgetExceeded(ParleyError):
    """The email's cost ceiling is reached."""


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars a million tokens, of the prompt (`into`) and of the answer (`out`)."""

    into: float = 0.0
    out: float = 0.0

    def micro_usd(self, input_tokens: int, output_tokens: int) -> int:
        """Dollars a million tokens are micro-dollars a token."""
        return round(input_tokens * self.into + output_tokens * self.out)


@dataclass(slots=True)
class Budget:
    """What one email may still cost and what it has. `seconds()` is the time left for one answer."""

    seconds: Callable[[], float]
    ceiling_micro_usd: int | None = None
    used: Usage = field(default_factory=Usage)
    whole: Budget | None = None
    _reserved: int = 0

    def part(self) -> Budget:
        """The same budget, seen by one question: its `used` is what that question took."""
        return Budget(self.seconds, whole=self)

    def reserve(self, micro_usd: int) -> None:
        """Set an estimate aside before a call, so that parallel calls cannot overspend together.

        Raises BudgetExceeded where the ceiling would be passed.
        """
        if self.whole is not None:
            self.whole.reserve(micro_usd)
        if self.ceiling_micro_usd is None:
            return
        if self.used.cost_micro_usd + self._reserved + micro_usd > self.ceiling_micro_usd:
            raise BudgetExceeded(
                f"the cost ceiling of {self.ceiling_micro_usd / 1e6:.4f} USD an email is reached"
            )
        self._reserved += micro_usd

    def settle(self, reserved: int, usage: Usage) -> None:
        """Replace the estimate by what the call took."""
        if self.whole is not None:
            self.whole.settle(reserved, usage)
        if self.ceiling_micro_usd is not None:
            self._reserved -= reserved
        self.used += usage
