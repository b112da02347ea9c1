"""What the columns of an unknown table probably are, for a person to confirm: by their headings, exact, with look-alikes, or
similar, and by what stands in them where only one thing looks like that. Nothing is taken on a guess.

Samples are shapes: «Хххххх Хххх», «000-000-000 00». What stands in a cell is somebody's, and a terminal is no place for it.
"""

from __future__ import annotations

import functools
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz, process

from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.report import SourceRow
from adapters.tables.cells import CellFault, clean
from adapters.tables.encoding import find_text
from adapters.tables.grid import Grid, csv_grids
from adapters.tables.headings import spellings_of
from adapters.tables.layout import LEVELS, refuse_wide_row
from adapters.tables.parts import is_workbook
from adapters.tables.profile import BUILT_IN, Column, Profile, built_in, plain_heading
from adapters.tables.rows import is_numbers
from adapters.tables.values import KINDS, Reading
from adapters.tables.workbook import open_workbook
from schemas.errors import DocumentRejected

SIMILAR: Final = 82
"""How alike two headings are, of a hundred, to be proposed."""
_WITHIN: Final = 50
_SAMPLES: Final = 3
_MOST_LOOKED_AT, _MOST_LOOKED_FOR = 10_000, 3_000
"""Cells that may be headings, and those of them that are compared with all headings of one profile."""
_LOOKED_AT: Final = 40
_MOSTLY: Final = 0.6
_TELLING: Final = ("snils", "ogrn", "inn")
_LONGEST: Final = 24
_ENOUGH: Final = 2
_SAID: Final = 1  # where a person said what the table is
_FULLER: Final = 0.85
_PUNCTUATION: Final = re.compile(r"[^\w\s]")


class How(StrEnum):
    """How a column was recognised; what is similar or was told by its content waits for a person."""

    EXACT = "exact"
    LOOKALIKE = "lookalike"
    SIMILAR = "similar"
    CONTENT = "content"
    NOT_KEPT = "not_kept"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A column: what it is called, what it probably is, and three shapes of what stands in it."""

    position: int
    heading: str
    column: Column | None
    how: How
    likeness: int
    samples: tuple[str, ...]

    @property
    def is_sure(self) -> bool:
        """Whether no person need look at it."""
        return self.how in (How.EXACT, How.NOT_KEPT)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A table with a proposal for each column. `lines` are those of the heading."""

    base: Profile
    lines: tuple[int, ...]
    proposals: tuple[Proposal, ...]
    missing: tuple[str, ...]
    """Required fields without a column or a default, by the first of their group."""


def propose(
    content: bytes, base: str | None = None, limits: Limits = DEFAULT_LIMITS, sheet: int | None = None
) -> Proposed:
    """The likeliest reading of a table, by the profile `base` or by the one that knows most of it. Raises DocumentRejected,
    BadInput (profile_unknown)."""
    grids: Sequence[Grid] = (
        open_workbook(content, limits, sheet) if is_workbook(content) else csv_grids(find_text(io.BytesIO(content)))
    )
    bases = [_Names(built_in(name)) for name in ((base,) if base else BUILT_IN)]
    best: tuple[float, _Names, Grid, tuple[SourceRow, ...]] | None = None
    for names, grid in itertools.product(bases, grids):
        names.looked_at = 0
        for levels in _places(grid, limits):
            if names.looked_at > _MOST_LOOKED_AT:
                break
            score = _score(grid, levels, names)
            if best is None or score > best[0]:
                best = (score, names, grid, levels)
    if best is None or best[0] < (_SAID if base else _ENOUGH):
        raise DocumentRejected("heading_not_found", rows=_WITHIN)
    _, names, grid, levels = best
    profile = names.profile
    proposals = _proposals(grid, levels, names)
    present = {found.column.field for found in proposals if found.column} | set(profile.defaults)
    missing = tuple(group[0] for group in profile.required if not present.intersection(group))
    return Proposed(profile, tuple(row.line for row in levels), proposals, missing)


def _places(grid: Grid, limits: Limits) -> Iterator[tuple[SourceRow, ...]]:
    try:
        head = list(itertools.islice(grid, _WITHIN))
        for row in head:
            refuse_wide_row(row, limits)
    except DocumentRejected:  # it may be the wrong delimiter
        return
    for index, depth in itertools.product(range(len(head)), LEVELS):  # from above: what is looked at is limited
        if index + 1 >= depth:
            yield tuple(head[index - depth + 1 : index + 1])


def _score(grid: Grid, levels: Sequence[SourceRow], known: _Names) -> float:
    """How many headings are known, of similar ones a part; every level has its price."""
    found: dict[str, float] = {}
    for _, names in spellings_of(grid, levels):
        known.looked_at += len(names)
        column, _, likeness = _recognised(names, known)
        if column is not None:
            found[column.field] = max(found.get(column.field, 0), likeness / 100)
    return sum(found.values()) - (len(levels) - 1) / 10


class _Names:
    """The headings that a profile knows, and which of them is most like another. What was looked for once is not looked for
    again, and of a large table no more than its upper rows: a row of cells is no heading, and looking for all of them takes
    minutes."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.looked_at = self.looked_for = 0
        self.find = functools.cache(profile.find)
        self.find_lookalike = functools.cache(profile.find_lookalike)
        self.keeps = functools.cache(profile.keeps)
        self._known = list(profile.spellings())
        self._bare = [_PUNCTUATION.sub("", spelling) for spelling in self._known]
        self._found: dict[str, tuple[Column, int] | None] = {}

    def similar(self, name: str, *, always: bool = False) -> tuple[Column, int] | None:
        """The column of the heading that is most like `name`, and how much so. `always`: also where enough was looked for."""
        plain = plain_heading(name)
        if plain.isdecimal():
            return None
        if plain not in self._found:
            if self.looked_for >= _MOST_LOOKED_FOR and not always:
                return None
            self.looked_for += 1
            self._found[plain] = self._look(plain)
        return self._found[plain]

    def _look(self, plain: str) -> tuple[Column, int] | None:
        """Those that one of the three measures finds close are measured by all of them."""
        bare = _PUNCTUATION.sub("", plain)
        close = {
            at
            for measure, least in _MEASURES
            for _, _, at in process.extract(bare, self._bare, scorer=measure, score_cutoff=least, limit=None)
        }
        likest, best = 0.0, -1
        for at in sorted(close):
            likeness = _likeness(plain, self._known[at])
            if likeness >= SIMILAR and likeness > likest:
                likest, best = likeness, at
        return (self.profile.spellings()[self._known[best]], int(likest)) if best >= 0 else None


def _recognised(names: Sequence[str], known: _Names, *, always: bool = False) -> tuple[Column | None, How, int]:
    for name in names:
        if column := known.find(name):
            return column, How.EXACT, 100
    for name in names:
        if column := known.find_lookalike(name):
            return column, How.LOOKALIKE, 99
    if not names or not all(map(known.keeps, names)):
        return None, How.NOT_KEPT if names else How.UNKNOWN, 0
    for name in names:
        if (close := known.similar(name, always=always)) is not None:
            return close[0], How.SIMILAR, close[1]
    return None, How.UNKNOWN, 0


def _likeness(one: str, other: str) -> float:
    if min(len(one), len(other)) * 2 < max(len(one), len(other)):
        return 0
    one, other = _PUNCTUATION.sub("", one), _PUNCTUATION.sub("", other)
    found = max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
    if " " in other:  # every word of the known heading, and more: «ФИО ребёнка (полностью)»
        found = max(found, _FULLER * fuzz.token_set_ratio(one, other))
    return found


_MEASURES: Final = (
    (fuzz.ratio, SIMILAR),
    (fuzz.token_sort_ratio, SIMILAR),
    (fuzz.token_set_ratio, SIMILAR / _FULLER),
)
"""The measures of `_likeness`, each with what it must say to be enough by itself."""


def _proposals(grid: Grid, levels: Sequence[SourceRow], known: _Names) -> tuple[Proposal, ...]:
    profile = known.profile
    below = (row for row in grid if row.line > levels[-1].line and not is_numbers(row))
    rows = list(itertools.islice(below, _LOOKED_AT))
    found = []
    for position, names in spellings_of(grid, levels):
        if names and not any(map(profile.is_own, names)):
            column, how, likeness = _recognised(names, known, always=True)
            found.append(Proposal(position, names[0], column, how, likeness, _samples(rows, position)))
    taken: dict[str, Proposal] = {}
    for one in sorted(found, key=lambda one: -one.likeness):  # a field has one column: the likeliest keeps it
        if one.column is not None:
            taken.setdefault(one.column.field, one)
    found = [one if one.column is None or taken[one.column.field] is one else _unknown(one, rows) for one in found]
    return tuple(_by_content(one, rows, profile, set(taken)) for one in found)


def _unknown(one: Proposal, rows: Sequence[SourceRow]) -> Proposal:
    return Proposal(one.position, one.heading, None, How.UNKNOWN, 0, _samples(rows, one.position))


def _by_content(one: Proposal, rows: Sequence[SourceRow], profile: Profile, taken: set[str]) -> Proposal:
    if one.how is not How.UNKNOWN:
        return one
    cells = [cell for row in rows if (cell := _text(row, one.position))]
    for kind in _TELLING:
        free = [column for column in profile.columns if column.kind == kind and column.field not in taken]
        if free and cells and sum(_is(kind, cell, profile) for cell in cells) >= _MOSTLY * len(cells):
            return Proposal(one.position, one.heading, free[0], How.CONTENT, 0, one.samples)
    return one


def _is(kind: str, cell: str, profile: Profile) -> bool:
    try:
        KINDS[kind](cell, Reading(profile.zone, profile.document_system))
    except CellFault:
        return False
    return True


def _text(row: SourceRow, position: int) -> str:
    if position >= len(row.cells):
        return ""
    try:
        return clean(row.cells[position]).text
    except CellFault:
        return ""


def _samples(rows: Sequence[SourceRow], position: int) -> tuple[str, ...]:
    shapes = dict.fromkeys(shape(text) for row in rows if (text := _text(row, position)))
    return tuple(itertools.islice(shapes, _SAMPLES))


def shape(text: str) -> str:
    """What a text looks like and not what it says."""
    masked = "".join(
        "0" if sign.isdigit() else ("Х" if sign.isupper() else "х") if sign.isalpha() else sign
        for sign in " ".join(text.split())
    )
    return masked if len(masked) <= _LONGEST else f"{masked[:_LONGEST]}…"
