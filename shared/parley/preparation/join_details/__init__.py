"""Takes out of a text what lets somebody into a meeting: links, codes, dial-in numbers.

Three steps, repeated until nothing more is found (taking one piece out may
bring two others together):

1. `view`: the text as it is read, in which tricks are undone: case, accents, full-width
   and invisible characters, entities, percent signs. Each of its characters
   knows its place in the text.
2. `links`, `codes` and `numbers`: spans of the view that are join details. Every pattern is bounded, or
   consumes what it looked at, so that a search is linear in the text.
3. `removal`: the spans cut out of the text, and what they leave meaningless around them:
   an empty bracket, a hanging dash, the `Zoom:` before a link. Lines without a
   span stay byte for byte.

In doubt a detail goes: a lost number is a nuisance, a leaked one lets
strangers in.
"""

from __future__ import annotations

from collections.abc import Iterable

from parley.preparation.join_details.codes import codes
from parley.preparation.join_details.links import links
from parley.preparation.join_details.numbers import numbers
from parley.preparation.join_details.removal import cut_out
from parley.preparation.join_details.view import Span, View, view_of

MAX_PASSES = 8
"""A text that holds join details after so many was built to; nothing of it is kept."""


def without_join_details(text: str) -> str:
    """The text without links, codes, numbers to dial and addresses of rooms; all else as it was."""
    for _ in range(MAX_PASSES):
        view = view_of(text)
        spans = _merged(view, [*links(view), *codes(view), *numbers(view)])
        if not spans:
            return text
        text = cut_out(text, spans)
    return ""


def _merged(view: View, spans: Iterable[Span]) -> list[Span]:
    """Spans of the original, in order, that do not touch."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        first, last = view.at[start], _place_after(view, end)
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _place_after(view: View, end: int) -> int:
    """Where the original goes on after character `end - 1` of the view, which may be half of one there."""
    while view.at[end] == view.at[end - 1]:
        end += 1
    return view.at[end]
