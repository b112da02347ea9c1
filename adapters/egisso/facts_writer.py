"""The table of facts out: windows-1251, semicolons, ДД.ММ.ГГГГ, decimal commas, as manual loading takes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import BaseModel

from adapters.egisso.cells import as_cell
from adapters.egisso.fact_rules import not_writable
from adapters.egisso.facts import CRITERIA, REASON, Assignment, Column, TableHead, columns_of
from adapters.egisso.history import History
from adapters.egisso.table import DELIMITER
from adapters.egisso.text import ENCODING
from adapters.formats import Context
from schemas.errors import BadInput

_REFUSED: Final = (DELIMITER, "\n", "\r")
"""Signs that a quoted cell could carry, and that loaders of these tables do not expect."""


def write_facts(head: BaseModel, records: Sequence[BaseModel], _context: Context | None = None) -> bytes:
    """The table. The first reason person and the first criterion stand in the row of the event, the others in rows below it.

    Raises BadInput for no records, for a fact that repeats or was invalidated, for names and issuers with signs that ЕГИССО
    does not take, for a cell with a semicolon, a line break or a sign that windows-1251 lacks, for a kinship in the form
    of 42 columns.
    """
    assert isinstance(head, TableHead)
    if not records:
        raise BadInput("document_without_rows")
    own, history = columns_of(head), History()
    out = io.StringIO(newline="")
    table = csv.writer(out, delimiter=DELIMITER, lineterminator="\r\n")
    table.writerow([column.heading for column in own])
    for record in records:
        assert isinstance(record, Assignment)
        for repeated in history.take(record):
            raise BadInput(repeated)
        for code, path in not_writable(record):
            raise BadInput(code, place=".".join(map(str, path)))
        for row in _rows(record):
            table.writerow([_cell(row, column) for column in own])
            _refuse_left_out(row, own)
    return out.getvalue().encode(ENCODING)


def _rows(fact: Assignment) -> Iterator[dict[str, Any]]:
    """Each row as what stands in it: the event, one reason person, one criterion, the word of its first column."""
    reasons, criteria = list(fact.reasons), list(fact.criteria)
    first = {"reason": reasons.pop(0) if reasons else None, "criterion": criteria.pop(0) if criteria else None}
    yield {"": fact, **first}
    for reason in reasons:
        yield {"": None, "reason": reason, "criterion": None, "event": REASON}
    for criterion in criteria:
        yield {"": None, "reason": None, "criterion": criterion, "event": CRITERIA}


def _cell(row: dict[str, Any], column: Column) -> str:
    text = as_cell(column.kind, _value(row, column))
    if any(sign in text for sign in _REFUSED):
        raise BadInput("egisso_cell_not_writable", place=column.heading)
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        raise BadInput("egisso_cell_not_writable", place=column.heading) from None
    return text


def _value(row: dict[str, Any], column: Column) -> object:
    first, *rest = column.path
    if first == "event" and "event" in row:
        return row["event"]
    value = row[first] if first in row else getattr(row[""], first, None)
    for step in rest:
        value = getattr(value, step, None)
    return value


def _refuse_left_out(row: dict[str, Any], own: Sequence[Column]) -> None:
    reason = row["reason"]
    if reason is not None and reason.kinship is not None and all(column.field != "reason.kinship" for column in own):
        raise BadInput("egisso_not_in_version", place="kinshipTypeCode", message="CSV-42")
