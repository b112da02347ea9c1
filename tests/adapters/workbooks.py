"""Workbooks as Excel saves them, and as nobody saves them. All persons are invented."""

from __future__ import annotations

import io
import re
import zipfile

from openpyxl import Workbook

PARTS = ("xl/worksheets/sheet1.xml", "[Content_Types].xml", "xl/workbook.xml")


def workbook(rows, merged=(), hidden_rows=(), hidden_columns=(), more=(), title="Лист1"):
    """One sheet of rows; `more` are further sheets as (title, state, rows)."""
    book = Workbook()
    _fill(book.active, rows)
    book.active.title = title
    for ranges in merged:
        book.active.merge_cells(ranges)
    for row in hidden_rows:
        book.active.row_dimensions[row].hidden = True
    for column in hidden_columns:
        book.active.column_dimensions[column].hidden = True
    for name, state, content in more:
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        _fill(sheet, content)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet, rows):
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if value not in (None, ""):
                cell = sheet.cell(number, column, value)
                if isinstance(value, str) and not value.startswith("=!"):
                    cell.data_type = "s"
                elif isinstance(value, str):
                    cell.value = "=" + value[2:]  # a formula


def changed(content, changes=(), added=(), left_out=()):
    """The same archive with texts of parts replaced (part, pattern, text), parts added (name, bytes) or left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name in left_out:
                continue
            data = old.read(name)
            for part, pattern, text in changes:
                if part == name:
                    found = data.decode()
                    data = re.sub(pattern, lambda _, text=text: text, found, count=1, flags=re.DOTALL).encode()
                    assert data != found.encode(), pattern
            new.writestr(name, data)
        for name, data in added:
            new.writestr(name, data)
    return out.getvalue()
