"""Words beside each other: a surname beside a given name, and what else belongs to a name that was found."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final

from schemas.nameless.marks import Kind, Mark
from schemas.nameless.tokens import Token
from schemas.nameless.words import ENOUGH

_NEAR: Final = re.compile(r"\s{0,3}[,\-–—]?\s{0,3}")
_LEAST: Final = 2


def mark_pairs(text: str, tokens: Sequence[Token]) -> None:
    """A surname beside a given name, whatever else either may mean."""
    for left, right in itertools.pairwise(tokens):
        if not _NEAR.fullmatch(text[left.end : right.start]) or len(left.word) == 1 or len(right.word) == 1:
            continue
        if left.titled != right.titled and not (left.opens or left.upper or right.upper):
            continue
        for given, family in ((left, right), (right, left)):
            if given.name and _may_be_family(family, given) and _agree(given, family):
                left.marked = right.marked = True


def _may_be_family(family: Token, given: Token) -> bool:
    if family.is_in("ordinary", "organisation"):
        return False
    found = family.found
    if found.surname > 0:
        return True
    if family.surname and (not found.known or (family.titled and given.titled)):
        return True
    if family.titled and given.titled and (not found.known or found.adjective or found.animate) and not family.opens:
        return True
    if family.titled and given.titled and family.opens:
        return not found.known or family.adjectival or (found.animate and found.noun)
    # In lower case an ordinary word is a surname only beside what is hardly anything but a name.
    return (family.adjectival or not found.known) and given.found.common < ENOUGH and given.found.name > 0


def _agree(given: Token, family: Token) -> bool:
    """In lower case both must stand in one case; with capitals the spelling says enough."""
    if given.titled and family.titled:
        return True
    cases = family.found.name_cases | (family.found.cases if not family.found.surname else frozenset())
    return not cases or not given.found.name_cases or bool(cases & given.found.name_cases)


def spread_marks(text: str, tokens: Sequence[Token]) -> None:
    """The mark takes in what stands beside a name and may be part of it, so that no half of a name stays unmarked."""
    for order in (range(len(tokens) - 1), range(len(tokens) - 2, -1, -1)):
        for at in order:
            for one, other in ((tokens[at], tokens[at + 1]), (tokens[at + 1], tokens[at])):
                if one.marked and not other.marked and _belongs(text, one, other, tokens[at], tokens[at + 1]):
                    other.marked = True


def _belongs(text: str, one: Token, other: Token, left: Token, right: Token) -> bool:
    if not re.fullmatch(r"\s{1,3}", text[left.end : right.start]) or other.is_in("ordinary"):
        return False
    if other.name or other.found.surname > 0:
        return other.titled == one.titled or other.upper or one.upper or one.opens or other.opens
    if not other.titled or len(other.word) <= _LEAST or other.is_in("person"):
        return not other.titled and not other.found.known and other.surname
    return (
        (other.capital and not other.place)
        or not other.found.known
        or ((one.patronymic or one.name) and (other.surname or other.adjectival))
    )


def joined(text: str, tokens: Sequence[Token]) -> list[Mark]:
    marks: list[Mark] = []
    for token in tokens:
        if not token.marked:
            continue
        if marks and not text[marks[-1].end : token.start].strip(" ,\t"):
            marks[-1] = Mark(marks[-1].start, token.end, Kind.NAME)
        else:
            marks.append(Mark(token.start, token.end, Kind.NAME))
    return marks
