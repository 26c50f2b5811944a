"""What the classifier makes of a talk, and how its bytes are read."""

import datetime
import json
import zlib

import pytest

from parley.analysis.acts.classifier import judge, load_weights, unpack_weights
from parley.analysis.acts.features import MOST_FEATURES, Spoken, features, tokens
from parley.analysis.meeting_context import MeetingContext
from parley.analysis.rules.action_items import action_items
from parley.analysis.rules.decisions import decisions
from parley.analysis.rules.sentence_acts import is_working_talk
from parley.transcripts.parser import parse_transcript

ON = MeetingContext(date=datetime.date(2026, 3, 10))


def read(text):
    return parse_transcript(text.encode(), filename="call.txt")


def test_names_and_numbers_are_not_told_apart_and_short_forms_are_written_out():
    assert tokens("Ravi's sure he'll pay 1,200 and I'm in", {"ravi"}) == (
        "NAME", "sure", "he", "will", "pay", "NUM", "NUM", "and", "i", "am", "in",
    )  # fmt: skip


def test_a_long_sentence_has_no_more_features_than_a_lane_can_add_up():
    said = Spoken("A", tuple(f"word{n}thing" for n in range(40)))
    around = Spoken("B", tuple(f"other{n}thing" for n in range(40)))
    found = features([around, said, around], 1, pair=True)
    assert len(found) == len(set(found)) <= MOST_FEATURES
    assert MOST_FEATURES * 255 < 2**16


def weights(rows, *, bias=(0.0, 0.0, 0.0), context=((0.0,) * 13, (0.0,) * 13)):
    head = {"acts": ["commit"], "scale": 0.5, "bias": bias, "context": context}
    table = bytes(128 + value for row in rows.values() for value in row)
    return unpack_weights(
        zlib.compress(b"\0".join((json.dumps(head).encode(), "\n".join(rows).encode(), table)))
    )


def likelihood(value):
    return 1 / (1 + 2.718281828459045**-value)


def test_the_weights_of_all_features_add_up_lane_by_lane():
    known = weights({"go": (4, -2, 127), "<": (9, 9, 9), "< go": (-128, 3, -127)}, bias=(1.0, 2.0, -0.5))
    (one,) = judge([Spoken("A", ("go",))], pair=True, weights=known)
    assert one.acts == {"commit": pytest.approx(likelihood((4 - 128) * 0.5 + 1.0), abs=1e-12)}
    assert one.task == pytest.approx(likelihood((-2 + 3) * 0.5 + 2.0))
    assert one.decision == pytest.approx(likelihood(-0.5))


def test_the_acts_of_the_sentences_around_count_by_who_says_them():
    by_another_after = [0.0] * 13
    by_another_after[1 + 2 * 3 + 1] = 2.0  # the first sentence behind, said by another
    known = weights(
        {"yes": (20, 0, 0)}, bias=(-10.0, 0.0, 0.0), context=(tuple(by_another_after), (0.0,) * 13)
    )
    ask, answer = Spoken("A", ("well",)), Spoken("B", ("yes",))
    first, second = judge([ask, answer], pair=True, weights=known)
    assert first.task == pytest.approx(likelihood(2.0 * 0.5))
    assert second.task == pytest.approx(0.5, abs=1e-3)
    alone, _ = judge([ask, Spoken("A", ("yes",))], pair=True, weights=known)
    assert alone.task == pytest.approx(0.5, abs=1e-3)


def test_what_ships_knows_its_acts():
    assert {"commit", "request", "accept", "propose"} <= set(load_weights().acts)


CALL = """\
[00:00:01] Noor Haddad: Morning, is everybody on?
[00:00:05] Tomas Lind: Just us two so far.
[00:00:09] Noor Haddad: Fine, let's go. The printers in the annexe are down again.
[00:00:15] Tomas Lind: Leave that with me, I'll get the toner changed by Thursday.
[00:00:22] Noor Haddad: Lovely. And would you ever ring the caterer about the numbers?
[00:00:28] Tomas Lind: Yeah, sure, will do.
[00:00:31] Noor Haddad: What about the badge readers, keep the old ones?
[00:00:38] Tomas Lind: I'd keep them for another year, honestly.
[00:00:42] Noor Haddad: Okay, agreed, we keep the old ones then.
[00:00:47] Tomas Lind: Great stuff.
"""


def test_speech_in_nobodys_form_is_read():
    found = {(item.owner, item.due_date) for item in action_items(read(CALL), ON)}
    assert found == {("Tomas Lind", "2026-03-12"), ("Tomas Lind", None)}
    ring = next(item for item in action_items(read(CALL), ON) if item.due_date is None)
    assert "ring the caterer" in ring.text.lower()
    assert any("old ones" in decision.evidence.quote for decision in decisions(read(CALL), ON))


def test_a_talk_in_which_nobody_accepts_anything_is_no_meeting():
    said = "".join(
        f"[00:{n:02d}:00] Speaker {'AB'[n % 2]}: the river rose in the year {1800 + n}.\n" for n in range(40)
    )
    from parley.analysis.rules.parsed_transcript import ParsedTranscript
    from parley.analysis.rules.sentence_acts import judged

    lecture, call = (ParsedTranscript.parse(read(text), ON) for text in (said, CALL))
    assert not is_working_talk(judged(lecture))
    assert is_working_talk(judged(call))
