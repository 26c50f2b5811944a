"""Which language a transcript is in, where the rules analyzer does not read it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parley.transcripts.transcript import Transcript

_WORD = re.compile(r"[^\W\d_]+")
_LOOKED_AT = 2_000
_ENOUGH = 12
_LEAST_SHARE = 0.12
# The commonest words of each language that few others have.
_FUNCTION_WORDS = {
    "en": "the and of to is it that you for was on are with they at be this have from we will i can what",
    "de": "der die und das ich nicht wir ist ein eine zu den mit sich auf für dem sie bis auch haben ihnen",
    "fr": "le la les et des une est que pas nous vous je pour dans qui sur au avec ce il on sont très",
    "es": "el la los y que de en un una por para con no lo se es nosotros usted está muy pero las del",
    "it": "il che di la per un non è sono con le si una da gli della come ma anche questo noi",
    "pt": "o que de não uma para com os é um por mas da do em você nós está isso muito",
    "nl": "de het een en van ik niet we is dat op te zijn met voor maar aan er ook wel",
    "pl": "się nie na że jest to jak z do w co tak ale i o mam być dla już my",
}
_KNOWN = {code: frozenset(words.split()) for code, words in _FUNCTION_WORDS.items()}
READ = "en"


def unread_language(transcript: Transcript) -> str | None:
    """The code of the transcript's language (`de`), or `other`; None for English and for a few words.

    Judged by the share of each language's commonest words among the first 2,000.
    """
    words = _words(transcript)
    if not _is_latin(words):
        return "other" if sum(map(len, words)) >= _ENOUGH else None
    if len(words) < _ENOUGH:
        return None
    counts = Counter({code: sum(word in known for word in words) for code, known in _KNOWN.items()})
    [(best, count)] = counts.most_common(1)
    return best if best != READ and count / len(words) >= _LEAST_SHARE else None


def _words(transcript: Transcript) -> list[str]:
    text = " ".join(one.text for one in transcript.segments[:_LOOKED_AT])
    return _WORD.findall(text[: _LOOKED_AT * 8].casefold())[:_LOOKED_AT]


def _is_latin(words: list[str]) -> bool:
    letters = "".join(words)
    return sum(1 for char in letters if char < "\u0250") * 2 >= len(letters)
