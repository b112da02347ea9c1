"""How a table is laid out: title rows, the heading row or the two or three levels of it, which column is which field.

The heading is found by the headings themselves: whatever stands above it is title, whatever they do not know is listed as
dropped. «Ребёнок» merged over «ФИО» and «СНИЛС» is read as «Ребёнок: ФИО» and «Ребёнок: СНИЛС».
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.limits import Limits
from adapters.report import Complaint, Severity, SourceRow
from adapters.tables.as_they_stood import own_words
from adapters.tables.grid import CSV, CsvGrid, Grid
from adapters.tables.headings import exact_column, lookalike_column, spellings_of
from adapters.tables.profile import Column, Profile
from schemas.errors import DocumentRejected

_HEADING_WITHIN: Final = 50
_ENOUGH_HEADINGS: Final = 2
LEVELS: Final = (1, 2, 3)
_SHOWN: Final = 60
LONGEST_HEADING: Final = 200
"""Signs of a name that may be that of a known column."""


@dataclass(frozen=True)
class Layout:
    """`columns` are the known fields by position, `names` what the sender calls every column; `levels` are the rows of the
    heading; `own_at` is the position of the reject file's own column."""

    grid: Grid
    titles: tuple[SourceRow, ...]
    levels: tuple[SourceRow, ...]
    names: Mapping[int, str]
    columns: Mapping[int, Column]
    own_at: int | None
    complaints: tuple[Complaint, ...]
    dropped: tuple[str, ...]

    @property
    def heading(self) -> SourceRow:
        """The lowest row of the heading."""
        return self.levels[-1]

    @property
    def width(self) -> int:
        """How many columns the heading has."""
        return max(len(row.cells) for row in self.levels)

    @property
    def is_disarmed(self) -> bool:
        """Whether an apostrophe before a formula was put there by a reject file; in a workbook none is needed."""
        return self.own_at is not None and self.grid.form == CSV

    def heading_of(self, field: str) -> str:
        """The sender's own words over the column of a field, "" when the file has no such column."""
        return next((self.names[at] for at, column in self.columns.items() if column.field == field), "")

    def has_more(self, row: SourceRow) -> bool:
        """Whether a row says something beyond the headings; what a reject file said of it is nothing of its own."""
        return any(text not in self._own_words for cell in row.cells[self.width :] if (text := cell.strip()))

    @functools.cached_property
    def _own_words(self) -> frozenset[str]:
        if self.own_at is None or not isinstance(self.grid, CsvGrid):
            return frozenset()
        return own_words(self.grid.source, self.grid.delimiter)

    def repeats(self, row: SourceRow, filled: Sequence[str]) -> bool:
        """Whether a row repeats one of the heading, as on every printed page; `filled` are its cells that say something."""
        if not self._texts.isdisjoint(filled):
            known = (at for at in self.columns if at < len(row.cells) and at < len(self.heading.cells))
            same = sum(row.cells[at].strip() == self.heading.cells[at].strip() != "" for at in known)
            if same * 2 > len(self.columns):
                return True
        return filled in self._upper

    @functools.cached_property
    def _texts(self) -> frozenset[str]:
        """What stands over the known columns."""
        return frozenset(filled_cells(self.heading))

    @functools.cached_property
    def _upper(self) -> Sequence[Sequence[str]]:
        """The upper levels of the heading."""
        return [filled_cells(level) for level in self.levels[:-1]]


def filled_cells(row: SourceRow) -> list[str]:
    """What the cells say that say something."""
    return [*filter(None, map(str.strip, row.cells))]


@dataclass(frozen=True, slots=True)
class _Heading:
    """A place where the heading may be: `head` are the first rows, `index` the lowest level, `known` its known fields."""

    grid: Grid
    head: Sequence[SourceRow]
    index: int
    depth: int
    known: int

    @property
    def levels(self) -> tuple[SourceRow, ...]:
        return tuple(self.head[self.index - self.depth + 1 : self.index + 1])


def find_layout(
    grids: Sequence[Grid], profile: Profile, limits: Limits, given: Sequence[str] = (), *, exclusive: bool = True
) -> Layout:
    """The layout of a table; `given` are fields that need no column because the caller knows their value. `exclusive`:
    the grids are readings of the same file, of which the best counts; else two that fit are refused.

    Raises DocumentRejected when no heading is found, a heading stands twice, or a required column is missing.
    """
    found: list[tuple[int, _Heading]] = []
    refusal: DocumentRejected | None = None
    for number, grid in enumerate(grids, start=1):
        try:
            heading = _best(grid, profile, limits)
        except DocumentRejected as refused:  # it may be the wrong delimiter: another may still read the file
            refusal = refusal or refused
            continue
        if heading is not None:
            found.append((number, heading))
    if not found:
        raise refusal or DocumentRejected("heading_not_found", rows=_HEADING_WITHIN)
    found.sort(key=lambda pair: -pair[1].known)
    layout = _layout(found[0][1], profile, given)
    if not exclusive:
        _refuse_several(found, profile, given)
    return layout


def _refuse_several(found: Sequence[tuple[int, _Heading]], profile: Profile, given: Sequence[str]) -> None:
    fitting = []
    for number, heading in found:
        try:
            _layout(heading, profile, given)
        except DocumentRejected:
            continue
        fitting.append(number)
    if len(fitting) > 1:
        raise DocumentRejected("sheets_several", sheets=", ".join(map(str, sorted(fitting))))


def _best(grid: Grid, profile: Profile, limits: Limits) -> _Heading | None:
    """The rows with most known headings: the upper of equals, of as few levels as do."""
    head = []
    for row in itertools.islice(grid, _HEADING_WITHIN):
        refuse_wide_row(row, limits)
        head.append(row)
    best: _Heading | None = None
    may_be = [_may_be_heading(row, profile) for row in head]
    for depth, index in itertools.product(LEVELS, range(len(head))):
        if index + 1 < depth or not any(may_be[index - depth + 1 : index + 1]):
            continue
        known = _known(grid, head[index - depth + 1 : index + 1], profile)
        if known >= _ENOUGH_HEADINGS and (best is None or known > best.known):
            best = _Heading(grid, head, index, depth, known)
    return best


def _may_be_heading(row: SourceRow, profile: Profile) -> bool:
    """Every heading ends with a cell of one of its rows: rows without such a cell make none."""
    return any(map(profile.may_find, filled_cells(row)))


def refuse_wide_row(row: SourceRow, limits: Limits) -> None:
    """Raises DocumentRejected for a row with more columns than a table can have."""
    if len(row.cells) > limits.max_columns:
        raise DocumentRejected("document_too_many_columns", line=row.line, limit=limits.max_columns)


def _known(grid: Grid, levels: Sequence[SourceRow], profile: Profile) -> int:
    """How many fields the headings name. Look-alikes are looked for only beside a heading that is spelt right."""
    spellings = [names for _, names in spellings_of(grid, levels) if names and len(names[0]) <= LONGEST_HEADING]
    exact = [exact_column(names, profile) if profile.may_find(names[-1]) else None for names in spellings]
    if not any(exact):
        return 0
    found = (column or lookalike_column(names, profile) for column, names in zip(exact, spellings, strict=True))
    return len({column.field for column in found if column})


def _layout(heading: _Heading, profile: Profile, given: Sequence[str]) -> Layout:
    levels, grid = heading.levels, heading.grid
    columns: dict[int, Column] = {}
    taken: set[str] = set()
    names: dict[int, str] = {}
    own_at: int | None = None
    complaints: list[Complaint] = list(grid.complaints)
    dropped: list[str] = []

    def warn(code: str, place: str, column: str = "") -> None:
        line = levels[-1].line
        complaints.append(Complaint(code, Severity.WARNING, place, line, None, {"column": column or place}))

    for position, spellings in spellings_of(grid, levels):
        if not spellings:
            continue
        shown = spellings[0][:_SHOWN]
        names[position] = shown
        if any(map(profile.is_own, spellings)):
            own_at = position
            continue
        exact = exact_column(spellings, profile)
        column = exact or lookalike_column(spellings, profile)
        if column is None or grid.hides(position):
            known = column is not None or not all(map(profile.keeps, spellings))
            warn("column_hidden" if column else "column_not_kept" if known else "unknown_column", shown)
            dropped.append(shown)
            continue
        if column.field in taken:
            raise DocumentRejected("heading_repeated", column=column.heading)
        if exact is None:
            warn("heading_lookalikes", shown, column.heading)
        columns[position] = column
        names[position] = spellings[0][:LONGEST_HEADING]
        taken.add(column.field)
    _require_columns(columns, profile, given)
    if isinstance(grid, CsvGrid):
        grid.heading_line, grid.own_at = levels[-1].line, own_at
    titles = tuple(heading.head[: heading.index - heading.depth + 1])
    return Layout(grid, titles, levels, names, columns, own_at, tuple(complaints), tuple(dropped))


def _require_columns(columns: Mapping[int, Column], profile: Profile, given: Sequence[str]) -> None:
    present = {column.field for column in columns.values()} | set(given)
    missing = [group for group in profile.required if not present.intersection(group)]
    if missing:
        names = ", ".join(f"«{profile.by_field[group[0]].heading}»" for group in missing)
        raise DocumentRejected("required_column_missing", columns=names)
