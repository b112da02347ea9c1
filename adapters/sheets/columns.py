"""The columns of the table of a canonical document, one table for each kind, whatever stands in what: made from the shapes.

A document begins in the row in which its number stands. Of what may be there several times each begins where its own number
stands and goes on to the next; what has no number of its own (codes, lines) stands one below the other.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from adapters.documents.shape import Part, Shape, shape_of
from adapters.documents.simple import Simple
from adapters.tables.profile import Column, Profile
from adapters.tables.rejects import OWN_HEADING
from adapters.tables.text_file import nearest
from schemas.documents import KINDS, VERSION, DocumentKind

NUMBER: Final = "№"
"""What the heading of a number ends with."""
Fields = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column. `path` are the fields that lead to it from the document; `simple` what its cells say, None where they number
    what may be there several times, or say «да» of a part that may be there with nothing in it."""

    path: Fields
    heading: str
    simple: Simple | None = None
    numbers: bool = False

    @property
    def field(self) -> str:
        """The path as one word: that of the document itself is empty."""
        return ".".join(self.path)


@functools.cache
def columns_of(kind: DocumentKind) -> tuple[SheetColumn, ...]:
    """All columns in order."""
    number = SheetColumn((), f"{kind.title_ru}: {NUMBER}", numbers=True)
    return (number, *_columns(shape_of(kind.model), (), ""))


def _columns(shape: Shape, path: Fields, above: str) -> Iterator[SheetColumn]:
    for part in shape.parts:
        heading, inner = f"{above}{part.label_ru}", (*path, part.field)
        if isinstance(part.of, Simple):
            yield SheetColumn(inner, heading, part.of)
            continue
        if part.many:
            yield SheetColumn(inner, f"{heading}: {NUMBER}", numbers=True)
        elif needs_mark(part):
            yield SheetColumn(inner, heading)
        yield from _columns(part.of, inner, f"{heading}: ")


def needs_mark(part: Part) -> bool:
    """Whether a part may be there with nothing in it: then a column of its own says that it is."""
    assert isinstance(part.of, Shape)
    if part.required and not part.many:
        return False
    return not any(one.required and isinstance(one.of, Simple) and not one.many for one in part.of.parts)


@functools.cache
def sheet_profile(kind: DocumentKind) -> Profile:
    """The same for what finds headings and describes tables. The column of the document's own number must be there."""
    listed = tuple(
        Column(column.field or NUMBER, column.heading, "line", without_sign(column.heading))
        for column in columns_of(kind)
    )
    return Profile(f"{kind.code}-{VERSION}", 1, UTC, "", {}, ((NUMBER,),), OWN_HEADING, frozenset(), listed)


def without_sign(heading: str) -> tuple[str, ...]:
    """A heading with «№» as it is written where an encoding lacks some sign: see `nearest`."""
    return (nearest(heading, "ascii"),) if NUMBER in heading else ()


def kind_of_code(code: str) -> DocumentKind:
    """The kind of this code."""
    return next(kind for kind in KINDS if kind.code == code)


def format_name(kind: DocumentKind) -> str:
    """`message-table`: what the format is called, also in `POST /files/…`."""
    return f"{kind.code.replace('_', '-')}-table"
