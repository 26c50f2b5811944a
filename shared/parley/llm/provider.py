"""The interface of a model provider: one request, one reply, three kinds of error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class LLMRequest:
    """One question. `schema` is the JSON schema that the answer must fit; `name` is the extractor's."""

    name: str
    system: str
    user: str
    schema: dict[str, Any]
    max_output_tokens: int = 4_000


@dataclass(frozen=True, slots=True)
class LLMReply:
    """The model's JSON, decoded and not yet trusted, and the tokens it took."""

    data: Any
    input_tokens: int
    output_tokens: int


class Provider(Protocol):
    """One model behind one wire."""

    # The provider turns `timeout` into its wire's own limit.
    async def complete(self, request: LLMRequest, *, timeout: float) -> LLMReply:  # noqa: ASYNC109
        """One call, at most `timeout` seconds.

        Raises LLMAPIError (a retry can help), LLMResponseError (no JSON),
        ProviderConfigError (a retry cannot help).
        """
