"""The model that the settings ask for, and what is built on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import aioboto3
import aiohttp

from parley.adapters.llm_openai import OpenAIProvider
from parley.adapters.secrets import resolve_secret
from parley.analysis.machine import TranscriptMachine
from parley.llm.budget import Price
from parley.llm.gateway import Gateway
from parley.llm.provider import Provider
from parley.settings import LLMSettings

if TYPE_CHECKING:
    from parley.preparation.preparer import Preparer


async def _openai(settings: LLMSettings, session: aioboto3.Session, resources: AsyncExitStack) -> Provider:
    key = await resolve_secret(session, "OPENAI_API_KEY", settings.openai_api_key)
    http = await resources.enter_async_context(aiohttp.ClientSession())
    return OpenAIProvider(http, base_url=settings.llm_base_url, model=settings.llm_model, api_key=key)


PROVIDERS: dict[str, Callable[[LLMSettings, aioboto3.Session, AsyncExitStack], Awaitable[Provider]]] = {
    "openai": _openai,
}
"""One row a model provider; `rules` is none."""


@asynccontextmanager
async def open_gateway(settings: LLMSettings, session: aioboto3.Session) -> AsyncIterator[Gateway | None]:
    """The way to the model that the settings ask for, with its breaker; None where the rules do the work."""
    async with AsyncExitStack() as resources:
        opener = PROVIDERS.get(settings.llm_provider)
        if opener is None:
            yield None
            return
        provider = await opener(settings, session, resources)
        yield Gateway(provider, price=Price(*settings.price()), model=settings.llm_model)


@asynccontextmanager
async def open_machine(settings: LLMSettings, session: aioboto3.Session) -> AsyncIterator[TranscriptMachine]:
    """The transcript machine that the settings ask for."""
    async with open_gateway(settings, session) as gateway:
        yield machine_of(gateway, settings)


def machine_of(gateway: Gateway | None, settings: LLMSettings) -> TranscriptMachine:
    """The transcript machine over an open gateway; the rules alone where that is None."""
    return TranscriptMachine(gateway, fallback=_by_rules(settings))


def preparer_of(gateway: Gateway | None, settings: LLMSettings) -> Preparer:
    """Who writes preparations, over an open gateway; by rules where that is None."""
    # Only an invite pays for loading it.
    from parley.preparation.preparer import Preparer

    return Preparer(gateway, fallback=_by_rules(settings))


def _by_rules(settings: LLMSettings) -> bool:
    return settings.llm_fallback == "rules"
