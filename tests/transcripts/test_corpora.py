"""Real transcripts, against counts made without our parser. Reads the optional corpora."""

from __future__ import annotations

import json
import re

import pytest

from parley.errors import TranscriptError
from parley.transcripts import find_in_text, parse_transcript

ARROW = re.compile(r"^(\d\d):(\d\d):(\d\d)\.(\d{3}) --> (\d\d):(\d\d):(\d\d)\.(\d{3})\n(.*)$", re.MULTILINE)


def files(corpora, pattern):
    found = sorted(corpora.glob(pattern))
    if not found:
        pytest.skip(f"no {pattern} among the corpora")
    return found


def clock(hours, minutes, seconds, thousandths):
    return (int(hours) * 3_600_000 + int(minutes) * 60_000 + int(seconds) * 1000 + int(thousandths)) / 1000


def test_every_zoom_cue_is_a_segment_with_its_speaker_and_times(corpora):
    for path in files(corpora, "ethereum-pm/**/transcript*.vtt"):
        expected = [
            (
                m[9].partition(": ")[0],
                m[9].partition(": ")[2].strip(),
                clock(*m.groups()[:4]),
                clock(*m.groups()[4:8]),
            )
            for m in ARROW.finditer(path.read_text(encoding="utf-8"))
        ]
        found = parse_transcript(path.read_bytes(), filename=path.name)
        said = [(s.speaker, s.text, s.start, s.end) for s in found.segments]
        assert [(a, " ".join(b.split()), c, d) for a, b, c, d in expected if b] == said, path


def test_every_chat_message_that_is_words_is_a_segment(corpora):
    for path in files(corpora, "ethereum-pm/**/chat.txt"):
        text = path.read_text(encoding="utf-8")
        opened = [line for line in text.split("\n") if re.match(r"\d\d:\d\d:\d\d\t", line)]
        wordless = [line for line in opened if re.search(r":\t(?:Reacted to|Removed a)|:\t\s*$", line)]
        found = parse_transcript(path.read_bytes(), filename=path.name)
        assert (
            abs(len(found.segments) - (len(opened) - len(wordless)))
            <= len(re.findall(r":\tReplying to", text)) * 0.02
        )
        assert set(found.speakers) <= {line.split("\t")[1].rstrip(":") for line in opened}


def test_minutes_by_mail_hold_what_the_log_holds(corpora):
    for path in files(corpora, "w3c-ccg-meetings/*/email.log"):
        text = path.read_text(encoding="utf-8")
        found = find_in_text(text)
        named = re.findall(
            r"^(?:<\S+>|[^\s:<][^:\n]{0,70}?\s?:)(?:\s|$)", text.partition("Present:")[2], re.MULTILINE
        )
        if found is None:
            assert len(named) < 4, path
            continue
        labels = {
            "Agenda",
            "Topics",
            "Organizer",
            "Scribe",
            "Present",
            "Audio",
            "Action Items",
            "Resolutions",
            "Topic",
            "ACTION",
        }
        assert not labels & set(found.speakers), path
        assert all("\n" not in s.text for s in found.segments)


def test_turns_of_json_are_all_there(corpora):
    for path in files(corpora, "qmsum/**/*.json"):
        turns = json.loads(path.read_text(encoding="utf-8"))["meeting_transcripts"]
        found = parse_transcript(path.read_bytes(), filename=path.name)
        expected = [
            (" ".join(t["speaker"].split()), " ".join(t["content"].split()))
            for t in turns
            if t["content"].strip()
        ]
        assert [(s.speaker, s.text) for s in found.segments] == expected, path


@pytest.mark.parametrize(
    "pattern",
    ["webvtt-py/**/*.*", "cdown-srt/**/*.srt", "zoom-txt-example/*.txt", "aws-transcribe-docx/**/*.*", "json-ld-minutes/**/*.log",
     "w3ctag-meetings/**/*.md", "w3c-scribe2-tests/**/*.txt", "w3c-ccg-meetings/**/*.log"],
)  # fmt: skip
def test_no_file_of_any_corpus_fails_in_another_way(corpora, pattern):
    read = 0
    for path in files(corpora, pattern):
        try:
            read += bool(parse_transcript(path.read_bytes(), filename=path.name).segments)
        except TranscriptError:
            continue
    assert read


def test_ordinary_mail_holds_no_transcript(corpora):
    sets = [
        "github-email-reply-parser",
        "zapier-email-reply-parser",
        "talon-fixtures",
        "rails-actionmailbox",
        "stalwart-mail-parser",
    ]
    for path in (path for name in sets for path in (corpora / name).rglob("*")):
        if path.suffix in {".txt", ".eml"} and path.is_file():
            assert find_in_text(path.read_bytes().decode("utf-8", "replace")) is None, path
