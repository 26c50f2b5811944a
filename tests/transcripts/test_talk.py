"""Who takes part in a talk: roles speak, titles and banners do not, and one person has one name."""

from __future__ import annotations

import pytest

from parley.errors import TranscriptError
from parley.transcripts import find_in_text, parse_transcript
from parley.transcripts.spoken_text import parse_spoken_text

TALK = "Nora Falk: Shall we order the sails?\nIdris Bell: I'll call the maker on Tuesday.\nNora Falk: Good, thanks.\n"
PEOPLE = ("Nora Falk", "Idris Bell")


def rows(text, **named):
    found = parse_transcript(text.encode(), **named)
    return [(s.speaker, s.text, s.start) for s in found.segments]


@pytest.mark.parametrize(
    "role", ["Customer", "Client", "Vendor", "Chair", "Moderator", "Host", "You", "Me", "Them", "Owner"]
)
def test_a_role_that_speaks_is_a_speaker(role):
    text = TALK.replace("Idris Bell", role).replace("Good, thanks.", f"Good.\n{role}: It is a pleasure.")
    assert [speaker for speaker, _, _ in rows(text)] == ["Nora Falk", role, "Nora Falk", role]
    found = find_in_text(text)
    assert found is not None
    assert found.speakers == ("Nora Falk", role)


@pytest.mark.parametrize("label", ["Chair: Nora Falk", "Customer: Kite GmbH", "Scribe: Idris", "Owner: Nora"])
def test_a_role_in_a_heading_is_no_speaker(label):
    found = parse_transcript(f"{label}\nPresent: all\n\n{TALK}".encode())
    assert found.speakers == PEOPLE


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("CAUTION: This mail was sent from outside. Open no links.\n\n", ""),
        ("EXTERNAL: be careful with attachments\n\n", ""),
        ("[EXTERN]: bitte keine Links öffnen\n\n", ""),
        ("HARBOUR WORKS: third call\n\n", ""),
        ("Sail order: third call of the season\nDate: 4 May 2026\n\n", ""),
        ("WARNHINWEIS: Diese Nachricht kommt von außen.\n", ""),
        ("", "\nConfidentiality Notice: for the addressee alone.\n"),
        ("", "\nDisclaimer: this mail may be monitored.\n"),
        ("", "\nRegistered office: Quay 3, Hull\nVAT: GB 12 345\n"),
        ("Summary\nA short call.\nSails: Idris calls the maker.\nNext\nNothing else.\n\nTranscript\n\n", ""),
    ],
)
def test_titles_banners_and_footers_are_nobody(above, below):
    spaced = TALK.replace("\n", "\n\n")
    # Between blank lines everywhere, a title in ordinary letters looks like a first speaker.
    for talk in (TALK,) if above.startswith("Sail order") else (TALK, spaced):
        found = find_in_text(above + talk + below)
        assert found is not None
        assert (found.speakers, len(found.segments)) == (PEOPLE, 3)


def test_somebody_who_speaks_once_is_heard():
    text = f"Olga Wirth: Welcome to all of you.\n{TALK}Tom Reed: Goodbye from me.\n"
    assert [speaker for speaker, _, _ in rows(text)] == ["Olga Wirth", *[PEOPLE[0], PEOPLE[1], PEOPLE[0]], "Tom Reed"]  # fmt: skip


def test_people_may_speak_in_turn():
    lines = ["Nora: Morning, what is new?", "Idris: The mast is up.", "Tom: I'm at the rudder.", "Nora: Any trouble?", "Idris: None.",
             "Tom: I need paint, Nora."]  # fmt: skip
    assert [speaker for speaker, _, _ in rows("\n".join(lines))] == ["Nora", "Idris", "Tom"] * 2
    assert find_in_text("\n".join(lines)) is not None


@pytest.mark.parametrize(
    "form",
    [
        "Boat: Heron\nLength: nine\nBerth: four\n\nBoat: Swan\nLength: six\nBerth: two\n",
        "Plank: oak\nMast: pine\nSail: cotton\nPlank: larch\nMast: ash\nSail: nylon\n",
    ],
)
def test_a_form_that_is_filled_in_twice_is_none(form):
    with pytest.raises(TranscriptError):
        rows(form, filename="list.txt")
    assert find_in_text(form) is None


@pytest.mark.parametrize(
    ("first", "again", "expected"),
    [
        ("Nora (Sales)", "Nora", {"Nora"}),
        ("Nora [Guest]", "Nora", {"Nora"}),
        ("Nora (Sales)", "Nora (Legal)", {"Nora (Sales)", "Nora (Legal)"}),
        ("Nora (Guest)", "Nora (Guest)", {"Nora (Guest)"}),
    ],
)
def test_a_badge_makes_no_second_person(first, again, expected):
    text = f"{first}: Shall we begin?\nTom: Yes, do.\n{again}: I'll open the list.\nTom: Good.\n"
    assert set(parse_transcript(text.encode()).speakers) == expected | {"Tom"}


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("[{name} 0:07] {said}\n", 7.0),
        ("[{name}, 00:00:07]: {said}\n", 7.0),
        ("[9:07\u202fAM] {name}: {said}\n", 32820.0),
        ("9:07\u202fAM {name}: {said}\n", 32820.0),
        ("[04/05/2026, 09:07:00] {name}: {said}\n", 32820.0),
        ("04/05/2026, 09:07 - {name}: {said}\n", 32820.0),
        ("{name}  9:07 AM\n{said}\n\n", 32820.0),
        ("{name}\n  9:07 AM\n{said}\n", 32820.0),
        ("{name} — Today at 9:07 AM\n{said}\n", 32820.0),
        ("{name} — gestern um 09:07\n{said}\n", 32820.0),
        ("[Monday 9:07 AM] {name}\n{said}\n\n", 32820.0),
        ("{name}, 04.05.2026, 09:07\n{said}\n\n", 32820.0),
        ("{name} [9:07 AM]\n{said}\n\n", 32820.0),
        ("| 0:07 | {name} | {said} |\n", 7.0),
        ("0:07\t{name}\t{said}\n", 7.0),
        ("{name}\t0:07\t{said}\n", 7.0),
        ("0:07   {name}   {said}\n", 7.0),
        ("### {name}\n\n{said}\n\n", None),
        ("**{name}**\n{said}\n\n", None),
        ("{name}\n{said}\n\n", None),
    ],
)
def test_ways_of_writing_a_talk_down(text, start):
    said = [("Nora Falk", "Shall we order the sails?"), ("Idris Bell", "I'll call the maker on Tuesday."),
            ("Nora Falk", "Good, thank you."), ("Idris Bell", "Then that is all.")]  # fmt: skip
    whole = "".join(text.format(name=name, said=what) for name, what in said)
    expected = [(name, what, start) for name, what in said]
    assert rows(whole) == expected
    found = find_in_text(f"Hello,\n\nhere it is:\n\n{whole}")
    assert found is not None
    assert [(s.speaker, s.text, s.start) for s in found.segments][-4:] == expected


@pytest.mark.parametrize(
    "text",
    [
        'Time,Speaker,Text\n0:07,Nora,"Well, begin."\n0:09,Idris,Yes.\n',
        "| Speaker | Time | Text |\n|---|---|---|\n| Nora | 0:07 | Well, begin. |\n| Idris | 0:09 | Yes. |\n",
        "Speaker;Start;Message\nNora;0:07;Well, begin.\nIdris;0:09;Yes.\n",
    ],
)  # fmt: skip
def test_tables_with_a_heading_row(text):
    assert rows(text) == [("Nora", "Well, begin.", 7.0), ("Idris", "Yes.", 9.0)]


@pytest.mark.parametrize(
    "text",
    [
        "# Harbour\n\n## Scope\nWe build a pier.\n\n## Cost\nMuch.\n\n## Time\nA year.\n",
        "# Days\n\n## AM\n- paint\n- sand\n\n## PM\n- rest\n\n## AM\n- paint\n\n## PM\n- rest\n",
        "Dear Nora\nthe sails are here.\n\nDear Idris\nthe mast too.\n",
    ],
)
def test_headings_that_are_no_names(text):
    assert find_in_text(text) is None


def test_names_in_brackets_above_the_words_of_a_cue():
    cues = "WEBVTT\n\n00:01.000 --> 00:02.000\n(Nora Falk)\nShall we?\n\n00:03.000 --> 00:09.000\n[Idris Bell]\nYes.\n-\n \n(Nora Falk)\nGood.\n\n00:10.000 --> 00:11.000\n(applause)\n"  # fmt: skip
    assert rows(cues, filename="a.vtt") == [
        ("Nora Falk", "Shall we?", 1.0),
        ("Idris Bell", "Yes.", 3.0),
        ("Nora Falk", "Good.", 3.0),
        (None, "(applause)", 10.0),
    ]


def test_a_line_of_spaces_before_the_next_cue_ends_a_cue():
    cues = "WEBVTT\n\n1\n00:01.000 --> 00:02.000\nOne.\n \n2\n00:03.000 --> 00:04.000\nTwo.\n"
    assert [text for _, text, _ in rows(cues, filename="a.vtt")] == ["One.", "Two."]


def test_a_blank_line_ends_a_marked_line():
    text = f"{TALK}\nRESOLVED: Orders above 900 are signed\n  by two.\n\n  ... and now the paint, which is green\n{TALK}"
    marked = [text for speaker, text, _ in rows(text) if speaker is None]
    assert marked == ["RESOLVED: Orders above 900 are signed by two.", "and now the paint, which is green"]


def test_two_people_and_a_resolution_are_a_talk():
    text = "Topic: Sails\nNora Falk: We have heard all.\n\nRESOLUTION: Cotton it is.\n\nACTION: Idris to order\nIdris Bell: I do.\n"
    assert [speaker for speaker, _, _ in rows(text)] == ["Nora Falk", None, None, "Idris Bell"]


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("Long text of what was said here...", ()),
        ("We met at the quay, and it rained.\n\n- the mast is up\n- the sails are late\n", ()),
        ("会議を始めます。来週、帆を注文します。", ()),
        ("Rep: Hello.\nCustomer: Hello.\n", ("Rep", "Customer")),
        ("Speaker 1: It rains.\nSpeaker 2: It does.\n", ("Speaker 1", "Speaker 2")),
        ("Nora: I speak alone.\nNora: And again.\n", ("Nora",)),
    ],
)
def test_what_the_caller_knows_to_be_a_transcript_is_read(text, speakers):
    found = parse_spoken_text(text.encode())
    assert found.speakers == speakers
    assert found.segments
