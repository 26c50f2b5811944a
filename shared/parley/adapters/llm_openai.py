"""Any OpenAI-compatible `/chat/completions`, with the answer bound to a JSON schema.

aiohttp is already inside aioboto3; the vendor's SDK would add half a second to
every cold start.
"""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from parley.errors import LLMAPIError, LLMResponseError, ProviderConfigError
from parley.llm.provider import LLMReply, LLMRequest

LARGEST_ANSWER = 4_000_000
TOO_MANY_REQUESTS = 429
RETRYABLE = frozenset({408, 409, 425, TOO_MANY_REQUESTS})
LONGEST_RETRY_AFTER = 30.0


class OpenAIProvider:
    """`llm.provider.Provider` over an aiohttp session that somebody else closes."""

    def __init__(self, session: aiohttp.ClientSession, *, base_url: str, model: str, api_key: str) -> None:
        self._session = session
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._model = model
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}

    async def complete(self, request: LLMRequest, *, timeout: float) -> LLMReply:  # noqa: ASYNC109  # part of the Protocol: it becomes the wire's own limit
        """See `Provider.complete`."""
        try:
            async with self._session.post(
                self._url,
                json=self._body(request),
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=timeout),
                allow_redirects=False,
            ) as response:
                raw = await _whole(response.content)
                if response.status != 200:  # noqa: PLR2004  # HTTP's own number
                    raise _refusal(response.status, response.headers.get("Retry-After"), raw)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise LLMAPIError(f"the model provider does not answer: {type(error).__name__}") from error
        return _reply(raw)

    def _body(self, request: LLMRequest) -> dict[str, Any]:
        schema = {"name": request.name, "strict": True, "schema": request.schema}
        return {
            "model": self._model,
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.user},
            ],
            "response_format": {"type": "json_schema", "json_schema": schema},
            "max_completion_tokens": request.max_output_tokens,
        }


async def _whole(stream: aiohttp.StreamReader) -> bytes:
    """All of an answer, however many pieces it comes in. LLMResponseError beyond `LARGEST_ANSWER`."""
    pieces = bytearray()
    async for piece in stream.iter_any():
        pieces += piece
        if len(pieces) > LARGEST_ANSWER:
            raise LLMResponseError(f"the model's answer is longer than {LARGEST_ANSWER:,} bytes")
    return bytes(pieces)


def _refusal(status: int, retry_after: str | None, raw: bytes) -> LLMAPIError | ProviderConfigError:
    said = _message(raw)
    if status in RETRYABLE or status >= 500:  # noqa: PLR2004  # HTTP's own number
        if status == TOO_MANY_REQUESTS and "insufficient_quota" in said:
            return ProviderConfigError("the model provider says that the account has no quota left")
        return LLMAPIError(f"the model provider answers {status}", retry_after=_seconds(retry_after))
    if status in {401, 403}:
        return ProviderConfigError(f"the model provider refuses the key ({status}): check OPENAI_API_KEY")
    return ProviderConfigError(
        f"the model provider refuses the request ({status}): {said}; check LLM_MODEL and LLM_BASE_URL"
    )


def _message(raw: bytes) -> str:
    """The provider's own words, short: they reach a log and an operator, never a reply."""
    return " ".join(raw[:400].decode("utf-8", "replace").split())


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; its date form is left to our own backoff."""
    try:
        return min(float(retry_after), LONGEST_RETRY_AFTER) if retry_after else None
    except ValueError:
        return None


def _without_fence(content: str) -> str:
    """Some models put their JSON into a Markdown fence, whatever they were told."""
    text = content.strip()
    if not (text.startswith("```") and text.endswith("```")):
        return content
    return text.removeprefix("```").removesuffix("```").removeprefix("json")


def _reply(raw: bytes) -> LLMReply:
    try:
        body = json.loads(raw)
        content = body["choices"][0]["message"]["content"]
        data = json.loads(_without_fence(content))
        # Half a surrogate pair is JSON and no text: nothing behind here could write it down.
        json.dumps(data, ensure_ascii=False).encode()
        usage = body.get("usage") or {}
        return LLMReply(data, int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise LLMResponseError(f"the model's answer is no JSON of the agreed shape: {error}") from error
