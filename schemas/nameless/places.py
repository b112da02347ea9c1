"""What is let through: towns and regions, organisations in quotes, memorial names of institutions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from schemas.nameless.tokens import Token, lists
from schemas.nameless.words import SURNAME

_QUOTED: Final = re.compile(
    r"«[^«»\n]{1,80}(?:«[^«»\n]{1,80}»)?[^«»\n]{0,40}»|\"[^\"\n]{1,80}\"|“[^”\n]{1,80}”|„[^“”\n]{1,80}[“”]"
)
_MEMORY: Final = re.compile(r"(?:^|\s)(?:имени|им\.?)\s*$")
_NEUTER_TOWN: Final = re.compile(r"(?:[ое]в|ин|ын)о$")
_SIDE: Final = re.compile(r"(?:южн|северн|восточн|западн|нов|стар|мал|больш|верхн|нижн|красн)(?:ое|ее|ом|ем|ого|его)")
_ADJECTIVE: Final = re.compile(r"(?:ий|ого|ому|им|ом|ая|ой|ую|ое|ие|их)$")
_OF_A_REGION: Final = re.compile(r"(?:[сц]к|н|в|т|л|р)(?:ий|ого|ому|им|ом|ая|ой|ую|ое|ие|их|ый|ые|ых)$")
_BESIDE: Final = re.compile(r"\s{1,2}|\s?[:–—]\s?")
_POINT: Final = re.compile(r"\.\s{0,2}")
_REACH: Final = 4


def let_through(text: str, tokens: Sequence[Token]) -> None:
    """Note on each token whether it is part of a place or of the name of an institution."""
    for quote in _QUOTED.finditer(text):
        if _is_of_organisation(text, tokens, quote.start()):
            for token in tokens:
                if quote.start() <= token.start < quote.end():
                    token.quoted = True
    for at, token in enumerate(tokens):
        if token.titled:
            token.place = _is_place(text, tokens, at)
            token.quoted = token.quoted or _is_memorial(text, tokens, at)


def _is_of_organisation(text: str, tokens: Sequence[Token], start: int) -> bool:
    near = [
        token
        for token in [t for t in tokens if t.end <= start][-_REACH:]
        if not set(".,") & set(text[token.end : start])
    ]
    return any(part in lists()["organisation"] for token in near for part in token.parts) or any(
        token.upper and len(token.word) > 1 for token in near[-2:]
    )


def _is_memorial(text: str, tokens: Sequence[Token], at: int) -> bool:
    """«Больница имени Гагарина»."""
    if not _MEMORY.search(text[max(0, tokens[at].start - 9) : tokens[at].start]):
        return False
    return any(part in lists()["organisation"] for t in tokens[max(0, at - _REACH - 1) : at] for part in t.parts)


def _is_place(text: str, tokens: Sequence[Token], at: int) -> bool:
    token, before = tokens[at], tokens[at - 1] if at else None
    gap = text[before.end : token.start] if before else ""
    if before and _POINT.fullmatch(gap) and before.is_in("abbreviated_place") and not before.upper:
        return True
    if before and _BESIDE.fullmatch(gap):
        if before.parts[-1] in lists()["before_place"]:
            return True
        if _SIDE.fullmatch(before.word) and _NEUTER_TOWN.search(token.word):
            return True
        goes_on = before.place and before.found.adjective  # Великий Устюг, Южное Бутово
        if goes_on and (token.found.place or not (before.found.surname or token.name)):
            return True
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if after and _SIDE.fullmatch(token.word) and after.titled and _NEUTER_TOWN.search(after.word):
        return True
    return _is_region(text, tokens, at) or _is_town(tokens, at, gap)


def _is_region(text: str, tokens: Sequence[Token], at: int) -> bool:
    """«Вологодская область», «Ханты-Мансийский автономный округ», «Череповецкий и Шекснинский районы»."""
    token = tokens[at]
    if not _OF_A_REGION.search(token.word):
        return False
    for later in tokens[at + 1 : at + 4]:
        if later.parts[0] in lists()["region"] or later.word in {"обл", "р-н"}:
            return not re.search(r"[.!?;]", text[token.end : later.start])
        if not later.found.adjective and not _ADJECTIVE.search(later.word) and later.word not in {"и", "или"}:
            return False
    return False


def _is_town(tokens: Sequence[Token], at: int, gap: str) -> bool:
    """A town by the dictionary. What may be a surname or an ordinary word too is a town only after «в» or «из»."""
    token = tokens[at]
    if not token.found.place and not all(
        known.place or part in {"на", "де", "эль"} for part, known in zip(token.parts, token.looks, strict=True)
    ):
        return False
    named = token.name or token.found.surname > 0
    if not named and not token.found.common and (not SURNAME.fullmatch(token.word) or _NEUTER_TOWN.search(token.word)):
        return True
    if not at or not gap.isspace():
        return False
    if tokens[at - 1].word in {"в", "во", "из"}:
        return token.word in lists()["town"] or not named
    return not named and tokens[at - 1].word in {"до", "под", "через", "около", "возле"}
