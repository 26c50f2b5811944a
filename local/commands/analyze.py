"""`parley analyze`: a transcript file to insights, without mail."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.commands.files import read_file
from local.output import log_to_stderr, results_only
from parley.errors import RequestError
from parley.settings import LLMSettings

if TYPE_CHECKING:
    from parley.analysis.machine import Analysis
    from parley.transcripts.meeting_day import MeetingDay
    from parley.transcripts.transcript import Transcript

SECONDS = 150.0
"""What the models get; an invocation of inbound_email has about as much."""


def analyze(name: str, *, format_name: str | None, day: str | None, as_json: bool) -> int:
    """Exit code. Raises TranscriptError for a file that holds no transcript."""
    from parley.transcripts import parse_transcript

    settings = LLMSettings.from_env()
    content = read_file(name)
    transcript = parse_transcript(content, filename=Path(name).name, format=format_name)
    with results_only() as out:
        log_to_stderr(logging.ERROR)
        held = _day(transcript, day)
        analysis = asyncio.run(_analysis(settings, transcript, held))
        for note in dict.fromkeys(analysis.notes.values()):
            print(f"parley: {note}; the rules analyser filled in", file=sys.stderr)
        result = as_result(transcript, analysis, held)
        if as_json:
            print(json.dumps(result), file=out, flush=True)
            return 0
        from local.show import Printer

        Printer(out).analysis(name, result)
    return 0


def _day(transcript: Transcript, told: str | None) -> MeetingDay | None:
    """The meeting's day: as told, else as the transcript's head or its file's name says it, else unknown."""
    from parley.transcripts.meeting_day import decide_meeting_day

    try:
        given = date.fromisoformat(told) if told else None
    except ValueError as error:
        raise RequestError(f"--date is {told!r}: write YYYY-MM-DD") from error
    return decide_meeting_day(given=given, said=transcript.day)


async def _analysis(settings: LLMSettings, transcript: Transcript, held: MeetingDay | None) -> Analysis:
    import aioboto3

    from parley.analysis.meeting_context import MeetingContext
    from parley.bootstrap.model import open_machine
    from parley.llm.budget import Budget

    end = time.monotonic() + SECONDS
    async with open_machine(settings, aioboto3.Session()) as machine:
        budget = Budget(seconds=lambda: end - time.monotonic())
        return await machine.run(transcript, MeetingContext(date=held.date if held else None), budget=budget)


def as_result(transcript: Transcript, analysis: Analysis, day: MeetingDay | None) -> dict[str, Any]:
    """The contract's shape."""
    return {
        "transcript": {
            "format": transcript.format,
            "segments": len(transcript.segments),
            "speakers": list(transcript.speakers),
            "seconds": transcript.seconds,
            # What was written down later says so; talk is the rule.
            **({"kind": transcript.kind} if transcript.kind != "transcript" else {}),
        },
        "day": day.as_json() if day else None,
        "insights": analysis.insights_json(),
        "errors": analysis.errors,
        "partial_success": analysis.partial_success,
        "usage": analysis.usage.as_json(),
    }
