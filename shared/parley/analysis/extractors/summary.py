"""What the meeting came to, in a few sentences."""

from __future__ import annotations

from dataclasses import dataclass

from parley.analysis.extractors.base import LONGEST_TEXT, Extractor, clean
from parley.analysis.insight import Summary
from parley.errors import LLMResponseError
from parley.transcripts.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Answer:
    text: str


def build(answer: Answer, transcript: Transcript) -> Summary:
    """A summary proves nothing by itself, so an empty one is no answer."""
    text = clean(answer.text, transcript, limit=3 * LONGEST_TEXT)
    if not text:
        raise LLMResponseError("the model's summary is empty")
    return Summary(text)


EXTRACTOR: Extractor[Answer, Summary] = Extractor("summary", Answer, Summary, build)
