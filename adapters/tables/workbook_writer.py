"""Workbooks out: values with their types, no formula ever."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from adapters.tables.looks import Look, Shown
from adapters.tables.parts import Span

Value = str | int | float | bool | date | datetime | time | timedelta
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MADE_AT: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_DAY, _INSTANT, _CLOCK, _TEXT, _HIDDEN = "DD.MM.YYYY", "DD.MM.YYYY HH:MM:SS", "HH:MM", "@", ";;;"
_WIDE, _NARROW, _LONGEST = 60, 10, 40
_NAME: Final = "Лист1"


def write_workbook(
    table: Sequence[Sequence[Value]],
    spans: Sequence[Span] = (),
    wide: int | None = None,
    looks: Mapping[tuple[int, int], Look] = MappingProxyType({}),
    hidden: Sequence[int] = (),
) -> bytes:
    """One sheet. `spans` are merged cells, `wide` is a column for sentences. Every text has the format «Текстовый», so that
    no zero is lost when it is typed over. `looks` are cells by row and column that are struck out or hidden again, `hidden`
    columns that are."""
    workbook = Workbook()
    workbook.properties.creator, workbook.properties.created = "Mezhved", _MADE_AT
    sheet = workbook.active
    assert sheet is not None
    sheet.title = _NAME
    widths: dict[int, int] = {}
    for row, values in enumerate(table, start=1):
        for column, value in enumerate(values, start=1):
            if value == "":
                continue
            cell = sheet.cell(row, column)
            if isinstance(value, str):
                cell.value = _ILLEGAL.sub("", value)
                cell.data_type = "s"  # also where it begins with «=»
                cell.number_format = _TEXT
            else:
                cell.value = value
                cell.number_format = _format(value) or cell.number_format
            if look := looks.get((row - 1, column - 1)):
                _look(cell, look)
            widths[column] = max(widths.get(column, _NARROW), min(_LONGEST, len(str(value))))
            if wide is not None and column == wide + 1:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                cell.font = Font(color="B00020")
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = _WIDE if column - 1 == wide else width + 2
    for position in hidden:
        sheet.column_dimensions[get_column_letter(position + 1)].hidden = True
    for span in spans:
        sheet.merge_cells(None, span.top + 1, span.left + 1, span.bottom + 1, span.right + 1)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _look(cell: Cell, look: Look) -> None:
    if look.shown is Shown.NOTHING:
        cell.number_format = _HIDDEN
    elif look.runs:
        texts = (TextBlock(InlineFont(strike=run.struck), _ILLEGAL.sub("", run.text)) for run in look.runs if run.text)
        cell.value = CellRichText(*texts)
    else:
        cell.font = Font(strike=True)


def _format(value: Value) -> str | None:
    match value:
        case datetime():
            return _INSTANT if value.time() != time() else _DAY
        case date():
            return _DAY
        case time() | timedelta():
            return _CLOCK
        case _:
            return None
