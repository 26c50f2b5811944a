"""JSON of transcription services and meeting tools."""

from __future__ import annotations

import json

import pytest

from parley.errors import TranscriptError
from parley.transcripts import parse_transcript
from parley.transcripts.input_file import MAX_VALUES


def rows(value):
    found = parse_transcript(json.dumps(value).encode(), filename="call.json")
    return found.format, [(s.speaker, s.text, s.start, s.end) for s in found.segments]


def word(text, start, end, **more):
    return {
        "type": "pronunciation",
        "start_time": start,
        "end_time": end,
        "alternatives": [{"content": text}],
        **more,
    }


def mark(text):
    return {"type": "punctuation", "alternatives": [{"content": text}]}


WORDS = [
    word("Hello", "0.5", "1.0"),
    mark("."),
    word("Good", "1.2", "1.5"),
    word("day", "1.6", "2.0"),
    mark("!"),
    word("Bye", "3.0", "3.4"),
]
SEGMENTS = [
    {"speaker_label": "spk_0", "items": [{"start_time": "0.5"}]},
    {"speaker_label": "spk_1", "items": [{"start_time": "1.2"}, {"start_time": "1.6"}]},
    {"speaker_label": "spk_1", "items": [{"start_time": "3.0"}]},
]


def test_a_standard_job_with_speakers_has_a_statement_a_segment():
    assert rows({"results": {"items": WORDS, "speaker_labels": {"segments": SEGMENTS}}}) == (
        "aws-transcribe",
        [("spk_0", "Hello.", 0.5, 1.0), ("spk_1", "Good day!", 1.2, 2.0), ("spk_1", "Bye", 3.0, 3.4)],
    )


def test_a_standard_job_without_speakers_has_a_statement_a_sentence():
    assert rows({"results": {"items": WORDS}})[1] == [
        (None, "Hello.", 0.5, 1.0), (None, "Good day!", 1.2, 2.0), (None, "Bye", 3.0, 3.4),
    ]  # fmt: skip


def test_a_standard_job_by_channel():
    channels = [{"channel_label": "ch_0", "items": WORDS[:2]}, {"channel_label": "ch_1", "items": WORDS[2:]}]
    assert [
        said[0] for said in rows({"results": {"items": WORDS, "channel_labels": {"channels": channels}}})[1]
    ] == ["ch_0", "ch_1"]


@pytest.mark.parametrize(
    "value",
    [
        {"Participants": [], "Transcript": [{"Content": "Hello.", "ParticipantRole": "AGENT", "BeginOffsetMillis": 40, "EndOffsetMillis": 5050}]},
        {"results": {"audio_segments": [{"transcript": "Hello.", "speaker_label": "AGENT", "start_time": "0.04", "end_time": "5.05"}]}},
        {"metadata": {}, "audio_segments": [{"text": "Hello.", "speaker": {"speaker_label": "AGENT"}, "start_timestamp_millis": 40, "end_timestamp_millis": 5050}]},
    ],
    ids=["call analytics", "audio segments", "data automation"],
)  # fmt: skip
def test_other_shapes_of_amazon(value):
    assert rows(value) == ("aws-transcribe", [("AGENT", "Hello.", 0.04, 5.05)])


@pytest.mark.parametrize(
    "wrap", [lambda s: s, lambda s: {"data": {"transcript": {"title": "x", "sentences": s}}}]
)
def test_fireflies(wrap):
    said = [
        {"speaker_name": "Ann", "text": "Hello.", "start_time": 0.4, "end_time": "1.5"},
        {"speaker_name": None, "raw_text": "Hm.", "start_time": 2},
    ]
    said.insert(0, {"speaker_name": "Bob", "text": "Hi."})
    assert rows(wrap(said)) == (
        "fireflies",
        [("Bob", "Hi.", None, None), ("Ann", "Hello.", 0.4, 1.5), (None, "Hm.", 2.0, None)],
    )


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ({"speaker": "Ann", "content": "Hello."}, ("Ann", "Hello.", None, None)),
        (
            {"speaker": {"name": "Ann"}, "text": "Hello.", "start": 1.5, "end": 2.5},
            ("Ann", "Hello.", 1.5, 2.5),
        ),
        ({"speaker": 0, "text": "Hello.", "startTime": "00:01:02"}, ("Speaker 0", "Hello.", 62.0, None)),
        (
            {"participant": "Ann", "text": "Hello.", "start_ms": 1500, "end_ms": 2500},
            ("Ann", "Hello.", 1.5, 2.5),
        ),
        (
            {"speaker": "Ann", "text": "Hello.", "start": 100_000, "end": 200_000},
            ("Ann", "Hello.", 100.0, 200.0),
        ),
        ({"speaker": "Ann", "text": "Hello.", "start": -1, "end": True}, ("Ann", "Hello.", None, None)),
        (
            {"speaker": "Ann", "text": "Hello.", "start": float("nan"), "end": float("inf")},
            ("Ann", "Hello.", None, None),
        ),
    ],
)
def test_turns_of_any_tool(turn, expected):
    assert rows({"meeting": {"id": 1}, "turns": [turn, turn]}) == ("json", [expected, expected])


@pytest.mark.parametrize("unit", ["{},", "[],", '"a",', '{"a":{}},'])
def test_a_file_of_countless_values_is_refused_before_it_is_unpacked(unit):
    content = ("[" + unit * (MAX_VALUES // 2 + 1) * 2 + "0]").encode()
    with pytest.raises(TranscriptError, match="values"):
        parse_transcript(content, filename="x.json")


def test_half_a_surrogate_pair_and_turning_marks_are_left_out():
    turn = {"speaker": "Ann\ud800", "text": "Pay \u202e001\u202c \udfffeuros."}
    assert rows([turn, turn]) == ("json", [("Ann", "Pay 001 euros.", None, None)] * 2)


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "[1,2]", '{"results": {"items": 3}}', '{"Transcript": [{"ParticipantRole": 1}]}', "[" * 200_000, "{" * 9, '{"a":' * 50_000,
     '{"results": {"items": [{}, {"alternatives": []}]}}', '{"segments": [{"speaker": "a", "text": 3}]}', "9" * 5000, '{"a":' + "9" * 5000 + "}"],
)  # fmt: skip
def test_json_without_statements_is_refused(text):
    with pytest.raises(TranscriptError):
        parse_transcript(text.encode(), filename="x.json")
