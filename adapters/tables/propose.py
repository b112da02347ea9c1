"""What the columns of an unknown table probably are, for a person to confirm: by their headings, exact, with look-alikes, or
similar, and by what stands in them where only one thing looks like that. Nothing is taken on a guess.

Samples are shapes: «Хххххх Хххх», «000-000-000 00». What stands in a cell is somebody's, and a terminal is no place for it.
"""

from __future__ import annotations

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
    bases = [built_in(name) for name in ((base,) if base else BUILT_IN)]
    best: tuple[float, Profile, Grid, tuple[SourceRow, ...]] | None = None
    for profile, grid in itertools.product(bases, grids):
        for levels in _places(grid, limits):
            score = _score(grid, levels, profile)
            if best is None or score > best[0]:
                best = (score, profile, grid, levels)
    if best is None or best[0] < (_SAID if base else _ENOUGH):
        raise DocumentRejected("heading_not_found", rows=_WITHIN)
    _, profile, grid, levels = best
    proposals = _proposals(grid, levels, profile)
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
    for depth, index in itertools.product(LEVELS, range(len(head))):
        if index + 1 >= depth:
            yield tuple(head[index - depth + 1 : index + 1])


def _score(grid: Grid, levels: Sequence[SourceRow], profile: Profile) -> float:
    """How many headings are known, of similar ones a part; every level has its price."""
    found: dict[str, float] = {}
    for _, names in spellings_of(grid, levels):
        column, _, likeness = _recognised(names, profile)
        if column is not None:
            found[column.field] = max(found.get(column.field, 0), likeness / 100)
    return sum(found.values()) - (len(levels) - 1) / 10


def _recognised(names: Sequence[str], profile: Profile) -> tuple[Column | None, How, int]:
    for name in names:
        if column := profile.find(name):
            return column, How.EXACT, 100
    for name in names:
        if column := profile.find_lookalike(name):
            return column, How.LOOKALIKE, 99
    if not names or not all(map(profile.keeps, names)):
        return None, How.NOT_KEPT if names else How.UNKNOWN, 0
    known = profile.spellings()
    for name in names:
        close = process.extractOne(plain_heading(name), known.keys(), scorer=_likeness, score_cutoff=SIMILAR)
        if close is not None:
            return known[close[0]], How.SIMILAR, int(close[1])
    return None, How.UNKNOWN, 0


def _likeness(one: str, other: str, *, score_cutoff: float | None = None, processor: object = None) -> float:
    del processor
    if min(len(one), len(other)) * 2 < max(len(one), len(other)):
        return 0
    one, other = _PUNCTUATION.sub("", one), _PUNCTUATION.sub("", other)
    found = max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
    if " " in other:  # every word of the known heading, and more: «ФИО ребёнка (полностью)»
        found = max(found, _FULLER * fuzz.token_set_ratio(one, other))
    return found if score_cutoff is None or found >= score_cutoff else 0


def _proposals(grid: Grid, levels: Sequence[SourceRow], profile: Profile) -> tuple[Proposal, ...]:
    below = (row for row in grid if row.line > levels[-1].line and not is_numbers(row))
    rows = list(itertools.islice(below, _LOOKED_AT))
    found = []
    for position, names in spellings_of(grid, levels):
        if names and not any(map(profile.is_own, names)):
            column, how, likeness = _recognised(names, profile)
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
