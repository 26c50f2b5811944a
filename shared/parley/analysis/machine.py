"""The transcript machine: from what was said to insights with their proof.

    READY ──▶ EXTRACTING ──┬──▶ COMPLETE   every extractor gave a result
                           ├──▶ PARTIAL    some failed: they are null, and named in errors
                           └──▶ FAILED     all failed

The extractors run concurrently; each has the gateway's attempts and its own
time. One that fails costs the others nothing. With the fallback, the rules
analyser gives what the model could not, and every item says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from parley.analysis.insight import Insights
from parley.core.ids import digest
from parley.core.state_machine import Machine
from parley.core.tasks import together
from parley.errors import LLMAPIError, ProviderConfigError
from parley.llm import prompts
from parley.llm.budget import Budget, BudgetExceeded
from parley.llm.gateway import Gateway
from parley.llm.provider import LLMRequest
from parley.llm.usage import Usage
from parley.transcripts.transcript import Transcript

if TYPE_CHECKING:
    from parley.analysis.extractors.base import Extractor
    from parley.analysis.meeting_context import MeetingContext
    from parley.analysis.rules.parsed_transcript import ParsedTranscript

STEP = "analysis."
"""What the names of recorded answers begin with."""
PREPARATION = "preparation"
"""The name of the recorded answer that is none of an extractor's."""
LONGEST_TRANSCRIPT = 800_000
"""Characters that one question may carry: about 200,000 tokens."""


INSIGHT_NAMES = tuple(field.name for field in fields(Insights))


class AnalysisState(StrEnum):
    READY = "ready"
    EXTRACTING = "extracting"
    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"


ANALYSIS_TRANSITIONS: dict[AnalysisState, frozenset[AnalysisState]] = {
    AnalysisState.READY: frozenset({AnalysisState.EXTRACTING}),
    AnalysisState.EXTRACTING: frozenset(
        {AnalysisState.COMPLETE, AnalysisState.PARTIAL, AnalysisState.FAILED}
    ),
    AnalysisState.COMPLETE: frozenset(),
    AnalysisState.PARTIAL: frozenset(),
    AnalysisState.FAILED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Analysis:
    """The machine's result. `errors` names each extractor that is null in `insights`.

    `notes` tells what went wrong and was made good by the rules analyzer.
    `refused`: the provider refuses our key or model, so that asking again is useless.
    """

    insights: Insights
    errors: dict[str, str]
    state: AnalysisState
    usage: Usage
    notes: dict[str, str] = field(default_factory=dict)
    refused: bool = False

    @property
    def partial_success(self) -> bool:
        return self.state is AnalysisState.PARTIAL

    def log_fields(self) -> dict[str, Any]:
        """Of a log's line: what it took, and nothing of what was said."""
        return {
            "outcome": str(self.state),
            "extractors_failed": len(self.errors),
            "fallbacks": len(self.notes),
            "llm_calls": self.usage.llm_calls,
            "llm_input_tokens": self.usage.input_tokens,
            "llm_output_tokens": self.usage.output_tokens,
            "llm_cost_usd": self.usage.cost_micro_usd / 1_000_000,
        }

    def insights_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return asdict(self.insights)


class Recorder(Protocol):
    """Keeps an extractor's result, so that no redelivery pays for it twice (see `Runs.step`)."""

    async def __call__(self, name: str, make: Callable[[], Awaitable[Any]]) -> Any: ...


def recorded_usage(steps: Mapping[str, Any]) -> Usage:
    """What the answers that a run has recorded took, failed attempts at them included."""
    answers = (step for name, step in steps.items() if name.startswith(STEP) or name == PREPARATION)
    return sum((Usage(**step["usage"]) for step in answers), Usage())


async def without_recording(name: str, make: Callable[[], Awaitable[Any]]) -> Any:
    """A recorder for work that belongs to no run."""
    del name
    return await make()


async def _nobody(name: str) -> None:
    del name


@dataclass(frozen=True, slots=True)
class _Result:
    """What one extractor came to; exactly one of `value` and `error` is set."""

    value: Any = None
    error: str | None = None
    note: str | None = None
    refused: bool = False


class _Rules:
    """The rules analyzer on one transcript, parsed once, when it is first needed."""

    def __init__(self, transcript: Transcript, context: MeetingContext) -> None:
        self._transcript = transcript
        self._context = context
        self._parsed: ParsedTranscript | None = None
        self._turn = asyncio.Lock()

    async def find(self, name: str) -> Any:
        """The insight of that extractor's name; worked out in a thread: hours of talk take seconds."""
        async with self._turn:
            return await asyncio.to_thread(self._find, name)

    def _find(self, name: str) -> Any:
        # Its tables take as long to load as the rest of the pipeline.
        from parley.analysis.rules import analyzer

        if self._parsed is None:
            self._parsed = analyzer.ParsedTranscript.parse(self._transcript, self._context)
        return analyzer.RULES[name](self._parsed)


@dataclass(frozen=True, slots=True)
class _Work:
    """What all extractors of one analysis share."""

    transcript: Transcript
    context: MeetingContext
    budget: Budget
    record: Recorder
    rules: _Rules


class TranscriptMachine:
    """Runs the extractors, one for each field of `Insights`. `gateway` None is the rules analyzer alone."""

    def __init__(self, gateway: Gateway | None, *, fallback: bool = True) -> None:
        self._model = _Model(gateway) if gateway else None
        self._fallback = fallback

    @property
    def edition(self) -> str:
        """Another with each model and each version of a prompt: what was answered before is not its own."""
        return self._model.edition if self._model else "rules"

    def retry_after(self) -> float:
        """Seconds for which the model's provider is left to rest; 0 while it is asked."""
        return self._model.retry_after() if self._model else 0.0

    async def run(
        self,
        transcript: Transcript,
        context: MeetingContext,
        *,
        budget: Budget,
        record: Recorder = without_recording,
        names: Sequence[str] = INSIGHT_NAMES,
        ended: Callable[[str], Awaitable[None]] = _nobody,
    ) -> Analysis:
        """Analyse. Never raises for what a model does; what `record` raises goes up.

        `names` are the extractors that are asked for, each once: the others
        stay null, without an error. `ended` hears of each that has come to its end.
        """
        machine = Machine(ANALYSIS_TRANSITIONS, AnalysisState.READY)
        machine.to(AnalysisState.EXTRACTING)
        work = _Work(transcript, context, budget, record, _Rules(transcript, context))

        async def one(name: str) -> _Result:
            result = await self._one(name, work)
            await ended(name)
            return result

        found = await together(*(one(name) for name in names))
        results: dict[str, _Result] = dict(zip(names, found, strict=True))
        errors = {name: r.error for name, r in results.items() if r.error is not None}
        machine.to(_verdict(len(errors), len(results)))
        return Analysis(
            insights=Insights(
                **{name: results[name].value if name in results else None for name in INSIGHT_NAMES}
            ),
            errors=errors,
            state=machine.state,
            usage=budget.used,
            notes={name: r.note for name, r in results.items() if r.note is not None},
            refused=any(r.refused for r in results.values()),
        )

    async def _one(self, name: str, work: _Work) -> _Result:
        if self._model is None:
            # Nothing is recorded: the rules give the same again, and cost nothing.
            return _Result(await work.rules.find(name))
        try:
            return _Result(await self._model.find(name, work))
        except (LLMAPIError, ProviderConfigError, BudgetExceeded) as error:
            if self._fallback:
                return _Result(await work.rules.find(name), note=str(error))
            return _Result(error=str(error), refused=isinstance(error, ProviderConfigError))


class _Model:
    """The extractors' questions, put to a model and recorded."""

    def __init__(self, gateway: Gateway) -> None:
        # The questions are loaded only where a model is asked.
        from parley.analysis.extractors import EXTRACTORS

        self._gateway = gateway
        self._extractors = {extractor.name: extractor for extractor in EXTRACTORS}

    def retry_after(self) -> float:
        return self._gateway.retry_after()

    @property
    def edition(self) -> str:
        asked = (prompts.load(name) for name in ("system", *self._extractors))
        return digest(self._gateway.model, *(f"{one.name} {one.version}" for one in asked))[:12]

    async def find(self, name: str, work: _Work) -> Any:
        extractor = self._extractors[name]

        async def ask() -> Any:
            budget = work.budget.part()
            insight = await self._ask(extractor, work, budget)
            return {"insight": _jsonable(insight), "usage": asdict(budget.used)}

        return extractor.load((await work.record(STEP + name, ask))["insight"])

    async def _ask(self, extractor: Extractor[Any, Any], work: _Work, budget: Budget) -> Any:
        length = len(work.transcript.text)
        if length > LONGEST_TRANSCRIPT:
            raise BudgetExceeded(f"the transcript has {length:,} characters, too many for a model")
        request = build_request(extractor, work.transcript, work.context)
        return await self._gateway.complete(
            request, budget=budget, accept=lambda data: extractor.accept(data, work.transcript)
        )


def _verdict(failed: int, of: int) -> AnalysisState:
    if failed == 0:
        return AnalysisState.COMPLETE
    return AnalysisState.FAILED if failed == of else AnalysisState.PARTIAL


def build_request(
    extractor: Extractor[Any, Any], transcript: Transcript, context: MeetingContext
) -> LLMRequest:
    """The question as the model gets it; the fence is a hash, so that no speaker can close it."""
    numbered = "\n".join(
        f"[{s.index}] {s.speaker}: {s.text}" if s.speaker else f"[{s.index}] {s.text}"
        for s in transcript.segments
    )
    fence = digest(numbered)[:16]
    day = context.date.strftime("%A, %Y-%m-%d") if context.date else "unknown"
    user = (
        f"{prompts.load(extractor.name).text}\n\nThe meeting's date: {day}\n\n"
        f"BEGIN TRANSCRIPT {fence}\n{numbered}\nEND TRANSCRIPT {fence}"
    )
    system = prompts.load("system").text.replace("{fence}", fence)
    return LLMRequest(extractor.name, system, user, extractor.schema())


def _jsonable(insight: Any) -> Any:
    if isinstance(insight, tuple):
        return [asdict(one) for one in insight]
    return asdict(insight)
