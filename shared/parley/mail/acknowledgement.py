"""Whether a mail only thanks, or says that all is well: nobody answers that."""

from __future__ import annotations

import re

from parley.core.lazy_regex import lazy_compile

MOST_WORDS = 20
SHORT = 4
"""Words that no request fits into, unless they ask or count."""
_THANKS = lazy_compile(
    r"\b(?:thanks?|thank you|thx|ty|cheers|much appreciated|got it|perfect|great|noted|well done|"
    r"danke\w*|vielen dank|merci|gracias|obrigad[oa]|grazie|bedankt|dank je|tack|takk|tak|kiitos|dzięki|"
    r"dziękuję|děkuji|köszönöm|mulțumesc|teşekkür\w*|спасибо|дякую|ευχαριστώ|hvala|terima kasih|cảm ơn)\b|"
    r"谢谢|謝謝|ありがとう|감사|תודה|شكرا",
    re.IGNORECASE,
)
_WANTS_MORE = lazy_compile(
    r"[?\d\uff1f]|\b(?:but|not|isn't|wasn't|wrong|instead|should|please|fix|change|correct|missing|remove|add|"
    r"can you|could you|aber|nicht|falsch|sondern|bitte|fehlt|mais|pas|faux|s'il|plutôt|pero|no es|falta|"
    r"por favor|cambia\w*|ma non|sbagliat\w*)\b",
    re.IGNORECASE,
)


def is_acknowledgement(text: str) -> bool:
    """Whether what was typed asks for nothing: empty, a few words, or thanks without a wish.

    Takes the typed text alone, without quotes and signature.
    """
    words = re.findall(r"\w+", text)
    if not words:
        return True
    if len(words) > MOST_WORDS or _WANTS_MORE.search(text):
        return False
    return len(words) <= SHORT or bool(_THANKS.search(text))
