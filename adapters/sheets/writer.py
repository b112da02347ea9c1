"""Canonical documents of one kind as one table: UTF-8 with a byte order mark, `;`, CRLF, every cell quoted, formulas disarmed.

Nothing is left out: what the class holds has its column, also where it equals its default.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from adapters.documents.shape import Part, Shape, shape_of
from adapters.documents.simple import Simple
from adapters.sheets.cells import YES, written
from adapters.sheets.columns import Fields, columns_of, needs_mark
from adapters.tables.output import Encoding, write_csv
from schemas.documents import DocumentKind
from schemas.errors import BadInput

Row = dict[Fields, str]


def write_sheet(
    kind: DocumentKind,
    values: Sequence[BaseModel],
    encoding: Encoding = "utf-8-sig",
    *,
    nearest_signs: bool = False,
) -> bytes:
    """The table. Raises BadInput: document_without_records, text_outside_encoding."""
    if not values:
        raise BadInput("document_without_records")
    columns = columns_of(kind)
    rows = [
        [row.get(column.path, "") for column in columns]
        for number, value in enumerate(values, start=1)
        for row in numbered((), number, block(value, shape_of(kind.model), ()))
    ]
    headings = [column.heading for column in columns]
    return write_csv(headings, rows, encoding, nearest_signs=nearest_signs)


def block(value: BaseModel, shape: Shape, path: Fields) -> list[Row]:
    """The rows of a value: what is there once stands in the first of them."""
    rows: list[Row] = [{}]
    for part in shape.parts:
        found = getattr(value, part.field)
        for at, row in enumerate(_part(found, part, (*path, part.field))):
            if at == len(rows):
                rows.append({})
            rows[at].update(row)
    return rows


def _part(found: object, part: Part, path: Fields) -> Iterator[Row]:
    values = found if part.many and isinstance(found, tuple) else () if found is None else (found,)
    for number, one in enumerate(values, start=1):
        if isinstance(part.of, Simple):
            yield {path: written(one, part.of)}
            continue
        rows = block(one, part.of, path)
        if part.many:
            rows = numbered(path, number, rows)
        elif needs_mark(part):
            rows[0][path] = YES
        yield from rows


def numbered(path: Fields, number: int, rows: list[Row]) -> list[Row]:
    rows[0][path] = str(number)
    return rows
