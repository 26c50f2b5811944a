"""JSON of transcription services: each is known by its own shape and read whole, or refused."""

from __future__ import annotations

import json

import pytest

from parley.errors import TranscriptError
from parley.transcripts import parse_transcript

TURNS = [
    ("A", 2.5, 5.0, "Shall we order the new sails?"),
    ("B", 6.0, 9.5, "Yes, I'll call the maker on Tuesday."),
    ("A", 11.0, 12.5, "Good, thank you."),
]
NAMES = {"A": "Nora Falk", "B": "Idris Bell"}


def rows(value):
    found = parse_transcript(json.dumps(value).encode(), filename="call.json")
    return found.format, [(s.speaker, s.text, s.start) for s in found.segments]


def expected(names):
    return [(names[label], text, start) for label, start, _, text in TURNS]


def words(make):
    """Every word of TURNS, spread over its turn's time."""
    for label, start, end, text in TURNS:
        said = text.split()
        step = (end - start) / len(said)
        for n, word in enumerate(said):
            yield make(label, word, round(start + n * step, 3), round(start + (n + 1) * step, 3))


def amazon(label):
    """The words of one channel as Amazon Transcribe lists them."""
    said = words(lambda *word: word)
    return [
        {"type": "pronunciation", "start_time": str(s), "end_time": str(e), "alternatives": [{"content": w}]}
        for who, w, s, e in said
        if who == label
    ]


ASSEMBLYAI_WORDS = list(
    words(lambda who, w, s, e: {"text": w, "start": int(s * 1000), "end": int(e * 1000), "speaker": who})
)
ASSEMBLYAI = {
    "id": "q1",
    "audio_duration": 13,
    "text": "all",
    "words": ASSEMBLYAI_WORDS,
    "utterances": [{"speaker": w, "start": int(s * 1000), "end": int(e * 1000), "text": t, "words": []} for w, s, e, t in TURNS],
}  # fmt: skip
DEEPGRAM_WORDS = list(
    words(lambda who, w, s, e: {"word": w.lower(), "punctuated_word": w, "start": s, "end": e, "speaker": ord(who) - 65})
)  # fmt: skip
DEEPGRAM_UTTERANCES = [{"transcript": t, "start": s, "end": e, "channel": 0, "speaker": ord(w) - 65} for w, s, e, t in TURNS]  # fmt: skip


def deepgram(best, **more):
    return {"metadata": {"duration": 13.1}, "results": {"channels": [{"alternatives": [best]}], **more}}


DEEPGRAM_PARAGRAPHS = {
    "paragraphs": [{"speaker": ord(w) - 65, "start": s, "end": e, "sentences": [{"text": t, "start": s, "end": e}]} for w, s, e, t in TURNS]
}  # fmt: skip
NUMBERED = {"A": "Speaker 0", "B": "Speaker 1"}


@pytest.mark.parametrize(
    ("value", "name", "names"),
    [
        (ASSEMBLYAI, "assemblyai", {"A": "Speaker A", "B": "Speaker B"}),
        (ASSEMBLYAI | {"utterances": None}, "assemblyai", {"A": "Speaker A", "B": "Speaker B"}),
        (deepgram({"transcript": "all", "words": DEEPGRAM_WORDS}, utterances=DEEPGRAM_UTTERANCES), "deepgram", NUMBERED),
        (deepgram({"transcript": "all", "words": DEEPGRAM_WORDS}), "deepgram", NUMBERED),
        (deepgram({"transcript": "all", "words": DEEPGRAM_WORDS, "paragraphs": DEEPGRAM_PARAGRAPHS}), "deepgram", NUMBERED),
        (
            [
                {"participant": {"id": n, "name": NAMES[w]}, "words": [{"text": t, "start_timestamp": {"relative": s}, "end_timestamp": {"relative": e}}]}
                for n, (w, s, e, t) in enumerate(TURNS)
            ],
            "recall",
            NAMES,
        ),
        (
            [{"speaker": NAMES[w], "words": [{"text": x, "start_timestamp": s, "end_timestamp": e} for x in t.split()]} for w, s, e, t in TURNS],
            "recall",
            NAMES,
        ),
        (
            {
                "format": "2.9",
                "results": list(
                    words(lambda who, w, s, e: {"type": "word", "start_time": s, "end_time": e, "alternatives": [{"content": w, "speaker": f"S{ord(who) - 64}"}]})
                ),
            },
            "speechmatics",
            {"A": "S1", "B": "S2"},
        ),
        (
            {
                "type": "Transcript",
                "entries": [
                    {"text": t, "speakerDisplayName": NAMES[w], "speakerId": "ab-01", "startOffset": f"00:00:{s:010.7f}", "endOffset": f"00:00:{e:010.7f}"}
                    for w, s, e, t in TURNS
                ],
            },
            "teams-json",
            NAMES,
        ),
        (
            {"text": "all", "language": "en", "segments": [{"id": 0, "seek": 0, "start": s, "end": e, "text": f" {t}", "speaker": f"SPEAKER_0{ord(w) - 65}"} for w, s, e, t in TURNS]},
            "whisper",
            {"A": "SPEAKER_00", "B": "SPEAKER_01"},
        ),
        (
            {"transcription": [{"timestamps": {}, "offsets": {"from": int(s * 1000), "to": int(e * 1000)}, "text": f" {t}"} for _, s, e, t in TURNS]},
            "whisper",
            {"A": None, "B": None},
        ),
        (
            {
                "results": {"channel_labels": {"channels": [{"channel_label": f"ch_{n}", "items": amazon(label)} for n, label in enumerate("AB")]}}
            },
            "aws-transcribe",
            {"A": "ch_0", "B": "ch_1"},
        ),
    ],
    ids=["assemblyai", "assemblyai-words", "deepgram-utterances", "deepgram-words", "deepgram-paragraphs", "recall", "recall-older",
         "speechmatics", "teams-entries", "whisper", "whisper.cpp", "aws-channels"],
)  # fmt: skip
def test_a_service_is_read_whole(value, name, names):
    assert rows(value) == (name, expected(names))


def test_punctuation_stands_behind_its_word():
    marks = {"type": "punctuation", "attaches_to": "previous", "alternatives": [{"content": "."}]}
    said = [{"type": "word", "start_time": n, "end_time": n + 0.5, "alternatives": [{"content": w}]} for n, w in enumerate(["Fine", "then"])]  # fmt: skip
    assert rows({"results": [*said, marks]}) == ("speechmatics", [(None, "Fine then.", 0.0)])


def test_a_channel_is_a_voice_where_there_are_several():
    channels = [
        {"alternatives": [{"words": [x for x in DEEPGRAM_WORDS if x["speaker"] == n]}]} for n in (0, 1)
    ]
    assert rows({"results": {"channels": channels}}) == (
        "deepgram",
        expected({"A": "Channel 0", "B": "Channel 1"}),
    )


@pytest.mark.parametrize(
    ("scale", "starts"), [(1, [0.0, 12.0, 20.0]), (1000, [0.0, 12.0, 20.0])], ids=["seconds", "milliseconds"]
)
def test_whole_times_are_of_the_unit_that_gives_the_pace_of_speech(scale, starts):
    texts = ["We have to look at the mast before the season begins.", "I can do that in March.", "Great, do."]
    turns = [{"speaker": "Nora", "text": text, "start": int(at * scale)} for text, at in zip(texts, starts, strict=True)]  # fmt: skip
    assert [start for _, _, start in rows(turns)[1]] == starts


@pytest.mark.parametrize("step", [150, 7])
def test_a_unit_that_is_not_clear_is_refused(step):
    text = "Yes." if step == 150 else "word " * 900
    turns = [{"speaker": "Nora", "text": text, "start": n * step} for n in range(2)]
    with pytest.raises(TranscriptError, match="seconds or milliseconds"):
        rows(turns)


def test_words_in_several_lists_are_refused_rather_than_lost():
    def part(name, *said):
        return {"who": name, "said": [{"text": text, "time": 1.5} for text in said]}

    with pytest.raises(TranscriptError, match="several lists"):
        rows({"parts": [part("Nora", "One two three."), part("Idris", "Four five six.")]})


def test_a_list_of_words_becomes_statements():
    said = list(words(lambda who, w, s, e: {"speaker": NAMES[who], "text": w, "start": s, "end": e}))
    assert rows({"tokens": said}) == ("json", expected(NAMES))


def test_sentences_are_read_where_words_stand_beside_them():
    said = [{"speaker": NAMES[w], "text": t, "start": s} for w, s, _, t in TURNS]
    single = list(words(lambda who, w, s, e: {"speaker": NAMES[who], "text": w, "start": s}))
    assert rows({"words": single, "turns": said}) == ("json", expected(NAMES))


def test_an_id_is_no_name():
    said = [{"speaker_id": f"u{w}R", "text": t, "start": s} for w, s, _, t in TURNS]
    assert rows(said) == ("json", expected({"A": "Speaker 1", "B": "Speaker 2"}))
