"""Which language is not read, by its commonest words."""

from __future__ import annotations

import pytest

from parley.analysis.language import unread_language
from parley.mail.language_notes import language_note
from parley.transcripts.transcript import Segment, Transcript


def said(text):
    return Transcript("plain", (Segment(0, text, "Ada"),))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("We will send the list on Friday, and you have to look at it with the team before they go.", None),
        (
            "Wir schicken die Liste am Freitag, und Sie müssen sie mit dem Team ansehen, bis das klar ist.",
            "de",
        ),
        ("Nous envoyons la liste vendredi, et vous la regardez avec les gens qui sont sur le quai.", "fr"),
        ("Enviamos la lista el viernes y usted la mira con los de la oficina para que no se pierda.", "es"),
        (
            "会議を始めます 来週 帆を 注文します それから 港に 行きます 船は 赤い です 青い です はい そう です",
            "other",
        ),
        ("Ja, gut.", None),
    ],
)
def test_the_language_of_a_talk(text, code):
    assert unread_language(said(text)) == code


def test_the_note_is_in_the_language_where_we_have_it():
    assert language_note(None) == ""
    assert language_note("de").startswith("Die Regeln")
    assert "Dutch" in language_note("nl")
