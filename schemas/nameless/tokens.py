"""The words of a text with what each may be and where it stands."""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Final

from schemas.nameless.words import (
    PATRONYMIC,
    SURNAME,
    Look,
    is_patronymic,
    look,
    looks_like_surname,
    may_be_adjective_surname,
)

_TOKEN: Final = re.compile(r"[^\W\d_]+(?:[-–‑'’`][^\W\d_]+){0,4}")
_CYRILLIC: Final = re.compile(r"[а-яА-Я\-–‑'’`]+")
_OPENS: Final = re.compile(r"(?:^|[.!?…;\n•*\"«»“”„()\[\]/|]|(?:^|[\s,.])[-–—])\s*$")
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:г|гр|гражд|ул|т|др|пр|им|стр|обл|р-н|пос|дер|св|зав|зам|нач|чел|руб|тыс|мин|соц|психол|мед|доп|напр|см|ст|[А-ЯA-Z]))\.\s*$"
)
_LATIN_SHAPES: Final = str.maketrans("ABCEHKMOPTXYaceopxyk", "АВСЕНКМОРТХУасеорхук")
_ORDINARY: Final = Look(known=True, common=1.0)
_SHORT: Final = 4
_LEAST: Final = 2


@functools.cache
def lists() -> Mapping[str, frozenset[str]]:
    """The word lists of `data/nameless_words.csv`."""
    table = resources.files("schemas").joinpath("data", "nameless_words.csv").read_text("utf-8")
    return {row["list"]: frozenset(row["words"].split()) for row in csv.DictReader(table.splitlines())}


@dataclass(slots=True)
class Token:
    """One word; `word` is folded and in lower case, `parts` are what stands between its dashes."""

    start: int
    end: int
    written: str
    word: str
    capital: bool  # a capital letter that says something
    upper: bool  # all in capitals
    opens: bool  # first of its sentence
    found: Look
    parts: tuple[str, ...]
    quoted: bool = False
    place: bool = False
    marked: bool = False
    looks: tuple[Look, ...] = field(default=())

    @property
    def titled(self) -> bool:
        return self.written[0].isupper()

    @property
    def name(self) -> bool:
        return any(known.is_name for part, known in zip(self.parts, self.looks, strict=True) if self._counts(part))

    @property
    def surname(self) -> bool:
        return any(
            looks_like_surname(part, known)
            for part, known in zip(self.parts, self.looks, strict=True)
            if self._counts(part)
        )

    def _counts(self, part: str) -> bool:
        """Words of two letters (Ян, Ли, По) are names with a capital only; a month in lower case is a month."""
        return self.titled or (len(part) > _LEAST and part not in lists()["month"])

    @property
    def adjectival(self) -> bool:
        """Whether it may be a surname by the form of an adjective: «Лесная»."""
        return may_be_adjective_surname(self.word, self.found)

    def is_in(self, *names: str) -> bool:
        """Whether it stands in one of the lists."""
        return any(self.word in lists()[name] for name in names)

    @property
    def patronymic(self) -> bool:
        return any(is_patronymic(part, known) for part, known in zip(self.parts, self.looks, strict=True))


def tokens_of(text: str) -> list[Token]:
    tokens = []
    letters = [c for c in text if c.isalpha()]
    shouted = bool(letters) and sum(c.isupper() for c in letters) * 10 > len(letters) * 7
    for match in _TOKEN.finditer(text):
        written = match[0]
        if not _CYRILLIC.fullmatch(written):
            if len(written) >= _SHORT and (other := _as_cyrillic(written)):
                written = other
            else:
                continue
        word = written.lower()
        before = text[max(0, match.start() - 12) : match.start()]
        opens = match.start() == 0 or (bool(_OPENS.search(before)) and not _ABBREVIATED.search(before))
        upper = len(written) > 1 and written.isupper()
        capital = written[0].isupper() and not opens and not shouted
        parts = tuple(part for part in re.split(r"[-–‑'’`]", word) if part) if not word.isalpha() else (word,)
        weighs = written[0].isupper() or _may_matter(word) or any(_may_matter(part) for part in parts)
        looks = tuple(look(part) if weighs else _ORDINARY for part in parts)
        tokens.append(
            Token(
                match.start(),
                match.end(),
                written,
                word,
                capital,
                upper or shouted,
                opens,
                looks[0] if len(parts) == 1 else look(word),
                parts,
                looks=looks,
            )
        )
    return tokens


def _as_cyrillic(written: str) -> str | None:
    """A word typed in Latin letters that all look Cyrillic, if that makes a name: POMAH, Mapия is folded before."""
    other = written.translate(_LATIN_SHAPES)
    if not _CYRILLIC.fullmatch(other):
        return None
    found = look(other.lower())
    return other if found.is_name or found.surname or PATRONYMIC.fullmatch(other.lower()) else None


def _may_matter(word: str) -> bool:
    """Whether a word in lower case could be part of a name at all: only then the dictionary is asked."""
    if len(word) < _LEAST:
        return False
    found = look(word)
    return (
        found.name + found.surname > 0
        or found.patronymic
        or (not found.known and (SURNAME.fullmatch(word) or PATRONYMIC.fullmatch(word)) is not None)
    )
