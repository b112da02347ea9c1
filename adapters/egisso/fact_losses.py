"""What the rows of a fact say and its value does not, or not as the strict writer would write it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from adapters.egisso.cells import as_cell
from adapters.egisso.facts import Assignment, Column
from adapters.egisso.table import EVENT, Heading, Row
from adapters.losses import Loss
from adapters.paths import Path

_SNILS_DIGITS: Final = 11


class Taken(NamedTuple):
    """A cell that was read, and the field of the value that it became."""

    row: Row
    column: Column
    path: Path


def fact_losses(
    fact: Assignment, rows: Sequence[Row], taken: Sequence[Taken], heading: Heading, number: int
) -> Iterator[Loss]:
    """The losses of one event that was taken."""
    paths = {(one.row.line, one.column.heading): one.path for one in taken}
    for row in rows:
        for position, raw in enumerate(row.given):
            text = raw.strip()
            if not text:
                if raw:
                    yield Loss("spaces", heading.place(position), row.line, number)
                continue
            column = heading.columns.get(position)
            if column is None:
                yield Loss(heading.left_out(position), heading.place(position), row.line, number)
            elif (path := paths.get((row.line, column.heading))) is not None:
                for code in _differences(column.kind, raw, as_cell(column.kind, _at(fact, path))):
                    yield Loss(code, column.heading, row.line, number)
            elif column.heading != EVENT:  # of a row that goes on, the first column only says so
                yield Loss("value_dropped", column.heading, row.line, number)
            elif raw != text:
                yield Loss("spaces", EVENT, row.line, number)


def _at(value: object, path: Path) -> object:
    for step in path:
        if isinstance(step, int):
            assert isinstance(value, tuple)
            value = value[step]
        else:
            value = getattr(value, step)
    return value


def _differences(kind: str, raw: str, canonical: str) -> Iterator[str]:
    text = raw.strip()
    if text != raw:
        yield "spaces"
    if text != canonical:
        yield _rule(kind, text, canonical)


def _rule(kind: str, text: str, canonical: str) -> str:
    if kind == "day":
        return "date_spelling"
    if kind == "snils" and sum(map(str.isdigit, text)) < _SNILS_DIGITS:
        return "zero_restored"
    if kind in {"snils", "money"}:
        return "number_spelling"
    if text.casefold() == canonical.casefold():
        return "letter_case"
    return "code_translated" if kind == "gender" else "value_respelt"
