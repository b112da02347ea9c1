"""What the columns of an unknown table probably are, for a person to confirm: by their headings, exact, with look-alikes, or
similar, and by what stands in them where only one thing looks like that. Nothing is taken on a guess.

Samples are shapes: «Хххххх Хххх», «000-000-000 00». What stands in a cell is somebody's, and a terminal is no place for it.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.report import SourceRow
from adapters.tables.alike import KnownHeadings
from adapters.tables.cells import CellFault, clean, plain
from adapters.tables.encoding import find_text
from adapters.tables.grid import Grid, csv_grids
from adapters.tables.headings import spellings_of
from adapters.tables.layout import LEVELS, LONGEST_HEADING, refuse_wide_row
from adapters.tables.parts import is_workbook
from adapters.tables.profile import BUILT_IN, Column, Profile, built_in, folded_heading, plain_heading
from adapters.tables.rows import is_numbers
from adapters.tables.values import KINDS, Reading
from adapters.tables.workbook import open_workbook
from schemas.errors import DocumentRejected

_WITHIN: Final = 50
_SAMPLES: Final = 3
_MOST_LOOKED_AT, _MOST_LOOKED_FOR = 10_000, 3_000
"""Of one reading of a table, names that its columns may have; and of all readings, different ones that are searched for among
the headings of one profile."""
_LOOKED_AT: Final = 40
_PASSED_OVER: Final = 1_000
"""Rows below the heading whose cells are looked at, and rows among which these are."""
_MOSTLY: Final = 0.6
_TELLING: Final = ("snils", "ogrn", "inn")
_DIGIT: Final = re.compile(r"\d")
_LONGEST: Final = 24
_ENOUGH: Final = 2
_SAID: Final = 1  # where a person said what the table is


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
    places = [(grid, list(_places(grid, limits))) for grid in grids]
    for names in bases:
        for grid, headings in places:
            for levels, spellings in headings:
                score = _score(levels, spellings, names)
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


class _Spelling(NamedTuple):
    """A name of a column as it is compared, with what its Latin letters may mean."""

    plain: str
    folded: str


_Place = tuple[tuple[SourceRow, ...], Sequence[Sequence[_Spelling]]]
"""Rows that may be the heading, with what each column would be called by them."""


def _places(grid: Grid, limits: Limits) -> Iterator[_Place]:
    """From above, until enough was looked at."""
    try:
        head = list(itertools.islice(grid, _WITHIN))
        for row in head:
            refuse_wide_row(row, limits)
    except DocumentRejected:  # it may be the wrong delimiter
        return
    looked_at = 0
    for index, depth in itertools.product(range(len(head)), LEVELS):
        if looked_at > _MOST_LOOKED_AT:
            return
        if index + 1 >= depth:
            levels = tuple(head[index - depth + 1 : index + 1])
            spellings = [names for _, names in spellings_of(grid, levels)]
            looked_at += sum(map(len, spellings))
            yield levels, [_spelt(names) for names in spellings if names]


def _score(levels: Sequence[SourceRow], spellings: Sequence[Sequence[_Spelling]], known: _Names) -> float:
    """How many headings are known, of similar ones a part; every level has its price."""
    found: dict[str, float] = {}
    for names in spellings:
        column, _, likeness = _recognised(names, known)
        if column is not None:
            found[column.field] = max(found.get(column.field, 0), likeness / 100)
    return sum(found.values()) - (len(levels) - 1) / 10


class _Names:
    """The headings that a profile knows, and which of them is most like another. What was looked for once is not looked for
    again, and of a large table no more than its upper rows: a row of cells is no heading."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.looked_for = 0
        self.known = KnownHeadings(list(profile.spellings()))
        self._found: dict[str, tuple[Column, int] | None] = {}

    def similar(self, plain: str, *, always: bool = False) -> tuple[Column, int] | None:
        """The column of the heading that is most like `plain`, and how much so. `always`: also where enough was looked for."""
        if plain.isdecimal():
            return None
        if plain not in self._found:
            if self.looked_for >= _MOST_LOOKED_FOR and not always:
                return None
            self.looked_for += 1
            found = self.known.most_like(plain)
            self._found[plain] = (self.profile.spellings()[found[0]], found[1]) if found else None
        return self._found[plain]


def _spelt(names: Sequence[str]) -> tuple[_Spelling, ...]:
    """The names as all profiles compare them; without those that are too long for one."""
    plain = (plain_heading(name) for name in names if len(name) <= LONGEST_HEADING)
    return tuple(_Spelling(one, folded_heading(one)) for one in plain)


def _recognised(names: Sequence[_Spelling], known: _Names, *, always: bool = False) -> tuple[Column | None, How, int]:
    profile = known.profile
    for name in names:
        if column := profile.find_plain(name.plain):
            return column, How.EXACT, 100
    for name in names:
        if column := profile.find_folded(name.plain, name.folded):
            return column, How.LOOKALIKE, 99
    if not all(profile.keeps_plain(name.plain) for name in names):
        return None, How.NOT_KEPT, 0
    for name in names:
        if (close := known.similar(name.plain, always=always)) is not None:
            return close[0], How.SIMILAR, close[1]
    return None, How.UNKNOWN, 0


def _proposals(grid: Grid, levels: Sequence[SourceRow], known: _Names) -> tuple[Proposal, ...]:
    profile = known.profile
    below = itertools.islice((row for row in grid if row.line > levels[-1].line), _PASSED_OVER)
    rows = list(itertools.islice((row for row in below if not is_numbers(row)), _LOOKED_AT))
    found, cells = [], {}
    for position, names in spellings_of(grid, levels):
        if names and not any(map(profile.is_own, names)):
            cells[position] = [text for row in rows if (text := _text(row, position))]
            column, how, likeness = _recognised(_spelt(names), known, always=True)
            found.append(Proposal(position, names[0], column, how, likeness, _samples(cells[position])))
    taken: dict[str, Proposal] = {}
    for one in sorted(found, key=lambda one: -one.likeness):  # a field has one column: the likeliest keeps it
        if one.column is not None:
            taken.setdefault(one.column.field, one)
    found = [one if one.column is None or taken[one.column.field] is one else _unknown(one) for one in found]
    free = {kind: _first_free(kind, profile, taken) for kind in _TELLING}
    return tuple(_by_content(one, cells[one.position], profile, free) for one in found)


def _unknown(one: Proposal) -> Proposal:
    return replace(one, column=None, how=How.UNKNOWN, likeness=0)


def _first_free(kind: str, profile: Profile, taken: Mapping[str, Proposal]) -> Column | None:
    return next((column for column in profile.columns if column.kind == kind and column.field not in taken), None)


def _by_content(one: Proposal, cells: Sequence[str], profile: Profile, free: Mapping[str, Column | None]) -> Proposal:
    if one.how is not How.UNKNOWN or not any(map(_DIGIT.search, cells)):
        return one
    for kind, column in free.items():
        if column and sum(_is(kind, cell, profile) for cell in cells) >= _MOSTLY * len(cells):
            return replace(one, column=column, how=How.CONTENT)
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
    raw = row.cells[position]
    if text := plain(raw):
        return text
    try:
        return clean(raw).text
    except CellFault:
        return ""


def _samples(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(itertools.islice(dict.fromkeys(map(shape, cells)), _SAMPLES))


def shape(text: str) -> str:
    """What a text looks like and not what it says."""
    seen = " ".join(text.split())
    masked = "".join(
        "0" if sign.isdigit() else ("Х" if sign.isupper() else "х") if sign.isalpha() else sign
        for sign in seen[:_LONGEST]
    )
    return masked if len(seen) <= _LONGEST else f"{masked}…"
