"""What the models cost: integers only, so that sums are exact."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls on the wire, tokens, and money in micro-dollars (1e-6 USD)."""

    llm_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micro_usd: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.llm_calls + other.llm_calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost_micro_usd + other.cost_micro_usd,
        )

    def __sub__(self, other: Usage) -> Usage:
        return Usage(
            self.llm_calls - other.llm_calls,
            self.input_tokens - other.input_tokens,
            self.output_tokens - other.output_tokens,
            self.cost_micro_usd - other.cost_micro_usd,
        )

    def as_json(self) -> dict[str, int | float]:
        """The contract's shape: `cost_usd` in dollars."""
        return {
            "llm_calls": self.llm_calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost_usd": self.cost_micro_usd / 1_000_000,
        }
