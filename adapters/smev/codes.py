"""Statuses, reasons of rejection and faults of SMEV, as a table; which of them says one of our errors."""

from __future__ import annotations

import csv
import fnmatch
import functools
from dataclasses import dataclass
from importlib import resources
from typing import Literal

Kind = Literal["status", "rejection", "fault"]


@dataclass(frozen=True, slots=True)
class Code:
    """One row of `codes.csv`. `errors`: patterns of codes of ours; the first row that fits counts."""

    kind: Kind
    code: str
    errors: tuple[str, ...]
    ru: str


@functools.cache
def codes(kind: Kind) -> tuple[Code, ...]:
    """All of a kind, in the order of the table."""
    rows = list(csv.DictReader(resources.files("adapters.smev").joinpath("codes.csv").read_text("utf-8").splitlines()))
    return tuple(
        Code(kind, row["code"], tuple(row["errors"].split()), row["ru"]) for row in rows if row["kind"] == kind
    )


def said_as(kind: Kind, error: str) -> Code:
    """How SMEV calls one of our errors; the last row of a kind takes whatever no other does."""
    return next(code for code in codes(kind) if any(fnmatch.fnmatchcase(error, pattern) for pattern in code.errors))
