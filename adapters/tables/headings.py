"""What a column may be called, by the cells of one heading row or of two or three that stand over each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.report import SourceRow
from adapters.tables.grid import Grid
from adapters.tables.profile import Column, Profile


def spellings_of(grid: Grid, levels: Sequence[SourceRow]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each column with what it may be called, the fullest first: «Ребёнок: документ: серия», «документ: серия», «серия»."""
    upper = [grid.spread(row) for row in levels[:-1]]
    for position in range(max(len(row.cells) for row in levels)):
        own = _cell(levels[-1].cells, position)
        if own:
            parts = [_cell(cells, position) for cells in upper]
        else:  # nothing below it: the heading is one cell over all levels, or over the lower ones
            parts = []
            for number, row in reversed(list(enumerate(levels[:-1]))):
                if own := _cell(row.cells, position):
                    parts = [_cell(cells, position) for cells in upper[:number]]
                    break
        yield position, _names([part for part in dict.fromkeys((*parts, own)) if part])


def _names(parts: Sequence[str]) -> tuple[str, ...]:
    whole = [": ".join(parts[start:]) for start in range(len(parts))]
    outer = [f"{parts[0]}: {parts[-1]}"] if len(parts) > 2 else []  # noqa: PLR2004  three levels: the middle may be a mere title
    return tuple(dict.fromkeys((*whole[:1], *outer, *whole[1:])))


def _cell(cells: Sequence[str], position: int) -> str:
    return " ".join(cells[position].split()) if position < len(cells) else ""


def exact_column(names: Sequence[str], profile: Profile) -> Column | None:
    """The column that is called by one of these names."""
    return next((column for name in names if (column := profile.find(name))), None)


def lookalike_column(names: Sequence[str], profile: Profile) -> Column | None:
    """The column that is called so but for Latin letters that look Cyrillic."""
    return next((column for name in names if (column := profile.find_lookalike(name))), None)
