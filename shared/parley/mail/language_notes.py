"""What an answer says first where the rules do not read the language of a transcript."""

from __future__ import annotations

_NOTES = {
    "de": "Die Regeln lesen nur Englisch: Von diesem deutschen Gespräch bleibt vieles ungelesen. "
    "Ein Sprachmodell würde es lesen.",
    "fr": "Les règles ne lisent que l'anglais : de cette conversation en français, beaucoup n'a pas été lu. "
    "Un modèle de langue la lirait.",
    "es": "Las reglas solo leen inglés: de esta conversación en español queda mucho sin leer. "
    "Un modelo de lenguaje la leería.",
}
_NAMES = {"it": "Italian", "pt": "Portuguese", "nl": "Dutch", "pl": "Polish"}


def language_note(code: str | None) -> str:
    """The sentence for a language code, in that language where there is one; "" for None."""
    if code is None:
        return ""
    language = _NAMES.get(code, "another language")
    english = f"The rules read English only: this conversation in {language} was not read."
    return _NOTES.get(code, f"{english} A language model would read it.")
