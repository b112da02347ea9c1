"""Initials beside a surname, and names in Latin letters."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final

from schemas.nameless.marks import Kind, Mark
from schemas.nameless.tokens import Token

_LETTER: Final = r"[А-Я]\s?\."
_FAMILY: Final = r"[А-Я][а-я]+(?:-[А-Я][а-я]+)?|[А-Я]{3,}(?:-[А-Я]{3,})?"
_INITIALS: Final = {
    "before": re.compile(rf"(?<![\w.])(?P<word>{_FAMILY})\s+{_LETTER}\s?(?:{_LETTER})?(?!\w)"),
    "after": re.compile(rf"(?<![\w.]){_LETTER}\s?(?:{_LETTER}\s?)?(?P<word>{_FAMILY})(?!\w)"),
    "bare": re.compile(r"(?<![\w.])(?P<word>[А-Я][а-я]{2,}(?:-[А-Я][а-я]+)?)\s+[А-Я]{2}(?![\w.])"),
    "alone": re.compile(rf"(?<![\w.])(?P<word>{_LETTER}\s?{_LETTER})(?!\w)"),
}
_NOT_INITIALS: Final = frozenset(
    {
        "т.е.",
        "т.д.",
        "т.п.",
        "и.о.",
        "н.э.",
        "г.р.",
        "т.к.",
        "т.ч.",
        "д.р.",
        "р.ф.",
        "м.б.",
        "в.о.",
        "п.п.",
        "т.н.",
        "с.о.",
    }
)
_LATIN_SURNAME: Final = re.compile(
    r"[A-Z][a-z]+(?:ov|ev|in|yn|ova|eva|ina|yna|sky|skiy|skij|skaya|skaia|enko|chuk|yan|dze|shvili|ko|ich|vich|vna|ova)"
)
_LATIN_WORD: Final = re.compile(r"[A-Z][a-z]{2,}|[A-Z]\.")
_LEAST: Final = 2


def find_initials(text: str, tokens: Sequence[Token]) -> list[Mark]:
    at = {token.start: token for token in tokens}
    return [
        Mark(*match.span(), Kind.NAME)
        for form, shape in _INITIALS.items()
        for match in shape.finditer(text)
        if _are_initials(form, match, at.get(match.start("word")))
    ]


def _are_initials(form: str, match: re.Match[str], token: Token | None) -> bool:
    letters = re.sub(r"\s", "", match[0][: match.start("word") - match.start()] or match[0]).lower()
    if form == "alone":
        return letters not in _NOT_INITIALS
    if token is None or token.is_in("ordinary", "person"):
        return False
    found, family = token.found, token.found.surname > 0 or token.name
    if form == "bare":
        return token.surname and (found.surname > 0 or not found.known)
    if form == "after":  # not «В. Новгород», nor «А. Семья…» in a list
        if letters == "и.о." and not family and found.known:
            return False
        return _two(match[0]) or family or (not found.known and not found.place)
    # «Мальчик К.» is how specialists leave a name out; «Передали И. И. …» is no surname either.
    noun = found.noun or found.adjective
    return family or not found.known or (noun and (_two(match[0]) or (not token.opens and found.animate)))


def _two(written: str) -> bool:
    return len(re.findall(r"[А-Я]\s?\.", written)) >= _LEAST


def find_latin(text: str) -> list[Mark]:
    """«Ivanova Maria»: two words of Latin letters of which one ends as our surnames do."""
    marks = []
    words = list(re.finditer(r"[A-Za-z]+\.?", text))
    for left, right in itertools.pairwise(words):
        if not re.fullmatch(r"\s?", text[left.end() : right.start()]):
            continue
        pair = (left[0], right[0])
        if all(_LATIN_WORD.match(word) for word in pair) and any(_LATIN_SURNAME.fullmatch(word) for word in pair):
            marks.append(Mark(left.start(), right.end(), Kind.NAME))
    return marks
