"""What a CSV file holds beside its table: above the heading, after the last column, between the signs."""

from __future__ import annotations

import io
from typing import Any

import pytest

from adapters.tables.reader import read_table
from schemas.errors import DocumentRejected
from tests.adapters.test_csv_reading import HEADINGS, ROW, told

SECRET = "Тайнов"


def read(content: str) -> tuple[Any, list[Any]]:
    reading = read_table(io.BytesIO(content.encode()))
    records = list(reading.records)
    for record in records:
        reading.report.add(record)
    return reading, records


def listed(reading: Any) -> set[tuple[str, str, int | None]]:
    codes = {"row_title", "row_empty", "row_total", "column_unheaded", "unknown_column", "control_characters", "spaces"}
    return {(one.code, one.place, one.line) for one in reading.report.losses.rows if one.code in codes}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f"{HEADINGS}\n{ROW}\n", set()),
        (f"Список, составил {SECRET}\n;;\n{HEADINGS}\n{ROW}\n", {("row_title", "", 1), ("row_empty", "", 2)}),
        (f"{HEADINGS}\n{ROW}\nИтого;1;{SECRET}\n", {("row_total", "", 3)}),
        (f"{HEADINGS};;\n{ROW};{SECRET};\n", {("column_unheaded", "7", 2)}),
        (f"{HEADINGS};Цвет\n{ROW};{SECRET}\n", {("unknown_column", "Цвет", 1), ("unknown_column", "Цвет", 2)}),
        (f"{HEADINGS}\n{ROW};; \n", set()),
        (f"{HEADINGS};Запрашиваемые меры\n{ROW};До\x00после\n", {("control_characters", "Запрашиваемые меры", 2)}),
        (f"{HEADINGS};Запрашиваемые меры\n{ROW};\x00\n", {("control_characters", "Запрашиваемые меры", 2)}),
        (f"{HEADINGS};Ц\x00вет\n{ROW};{SECRET}\n", {("unknown_column", "Ц вет", 1), ("unknown_column", "Ц вет", 2)}),
    ],
)
def test_what_stands_beside_the_table_is_listed(content: str, expected: set[Any]) -> None:
    reading, records = read(content)
    assert [record.draft is not None for record in records] == [True]
    assert listed(reading) == expected
    assert SECRET not in repr(reading.report.as_dict())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (f"{HEADINGS}\n{ROW};{SECRET}\n", "extra_columns"),
        (f"{HEADINGS}\n{ROW};;;{SECRET}\n", "extra_columns"),
        (f"{HEADINGS}\n{ROW}\n{ROW.replace('Синтетов', chr(34) + 'Синтетов')}\n", "quote_not_closed"),
    ],
)
def test_what_stands_after_the_last_column_keeps_the_row_out_and_comes_back(content: str, code: str) -> None:
    reading, records = read(content)
    assert [found for _, _, _, found in told(records)] == [code]
    assert SECRET not in repr(reading.report.as_dict())


def test_a_file_of_hardly_anything_but_nul_is_no_text() -> None:
    with pytest.raises(DocumentRejected, match="document_is_not_text"):
        read(f"{HEADINGS}\n{ROW}\n" + "\x00" * 100)
