"""The columns of the table: `columns.csv`."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class OpenColumn:
    """One column: the field it carries, its Latin name, its Russian heading, its format and what it is in English."""

    field: str
    name: str
    heading_ru: str
    format: str
    english: str


@functools.cache
def open_columns() -> tuple[OpenColumn, ...]:
    """All columns in their order."""
    text = resources.files("adapters.opendata").joinpath("columns.csv").read_text("utf-8")
    return tuple(
        OpenColumn(row["field"], row["name"], row["heading_ru"], row["format"], row["english"])
        for row in csv.DictReader(text.splitlines())
    )


def known_heading(heading: str) -> str:
    """A heading as it is compared."""
    return " ".join(heading.strip().strip("\ufeff").casefold().replace("ё", "е").split())


@functools.cache
def columns_by_heading() -> Mapping[str, OpenColumn]:
    """Columns by their Latin name and by their Russian heading."""
    return {known_heading(heading): column for column in open_columns() for heading in (column.name, column.heading_ru)}
