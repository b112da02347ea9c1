"""A text cut at its marks, for a page that shows which words must go."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.nameless import Mark


def pieces(text: str, marks: Sequence[Mark]) -> tuple[tuple[str, bool], ...]:
    """The pieces of the text in order; whether each is marked."""
    found, at = [], 0
    for mark in marks:
        found += [(text[at : mark.start], False), (text[mark.start : mark.end], True)]
        at = mark.end
    return tuple((piece, is_marked) for piece, is_marked in [*found, (text[at:], False)] if piece)
