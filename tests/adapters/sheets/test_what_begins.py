"""Where a document of a table begins and ends, whatever people do to its rows: nothing of one stands in another, and none is
taken in part.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.styles import Font

from adapters.formats import Context, FormatRecord
from adapters.record_formats import record_formats
from adapters.report import Severity
from adapters.sheets.columns import columns_of, kind_of_code
from adapters.sheets.writer import write_sheet
from adapters.tables.profile import built_in
from adapters.tables.reader import read_table
from adapters.tables.writer import write_referrals
from schemas.errors import DocumentRejected
from schemas.messages import MessageDraft
from tests.adapters.test_csv_damage import SENDER
from tests.adapters.test_damaged_groups import FAMILIES, FAMILY_ROWS, MESSAGES
from tests.adapters.workbooks import workbook
from tests.generate import example_of

FIELDS = [column.field for column in columns_of(kind_of_code("message"))]
PERSON = FIELDS.index("persons")
ROWS = list(csv.reader(io.StringIO(MESSAGES.decode("utf-8-sig"), newline=""), delimiter=";"))
STARTS = [at for at, row in enumerate(ROWS) if row[0].isdecimal()]


def read(content: bytes, name: str = "message-table") -> list[FormatRecord]:
    return list(record_formats()[name].read(io.BytesIO(content), Context()).records)


def made(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode()


def taken(records: Sequence[FormatRecord]) -> list[Any]:
    return [record.value for record in records if record.value is not None]


def codes(records: Sequence[FormatRecord]) -> list[tuple[int | None, str]]:
    found = (one for record in records for one in record.complaints)
    return [(one.line, one.code) for one in found if one.severity is Severity.ERROR]


def struck(content: bytes, rows: Sequence[int]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    for row in rows:
        for cell in book.active[row]:
            cell.font = Font(strike=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("at", range(1, len(ROWS)))
@pytest.mark.parametrize("how", ["hidden", "struck"])
def test_a_row_that_nobody_sees_is_of_its_document(at: int, how: str) -> None:
    content = workbook(ROWS, hidden_rows=[at + 1]) if how == "hidden" else struck(workbook(ROWS), [at + 1])
    records = read(content)
    assert all(value in FAMILIES for value in taken(records))
    assert (at + 1, "row_not_seen") in codes(records)
    whole = next(number for number, start in reversed([*enumerate(STARTS)]) if start <= at)
    if how == "hidden":
        assert taken(records) == [value for number, value in enumerate(FAMILIES) if number != whole]


@pytest.mark.parametrize("how", ["hidden", "struck"])
def test_a_document_of_which_nobody_sees_a_row_is_not_handed_in(how: str) -> None:
    rows = range(STARTS[1] + 1, STARTS[2] + 1)
    content = workbook(ROWS, hidden_rows=rows) if how == "hidden" else struck(workbook(ROWS), rows)
    records = read(content)
    assert (taken(records), codes(records)) == ([FAMILIES[0], FAMILIES[2]], [])


@pytest.mark.parametrize("row", range(2, 11))
def test_so_it_is_in_a_register(row: int) -> None:
    rows = list(csv.reader(io.StringIO(write_referrals(FAMILIES).decode("utf-8-sig"), newline=""), delimiter=";"))
    reading = read_table(io.BytesIO(workbook(rows, hidden_rows=[row])), defaults={"sender_ogrn": SENDER})
    drafts = [record.draft for record in reading.records]
    assert drafts == [None if number == (row - 2) // 3 else value for number, value in enumerate(FAMILIES)]
    three = range(5, 8)
    reading = read_table(io.BytesIO(workbook(rows, hidden_rows=three)), defaults={"sender_ogrn": SENDER})
    assert [record.draft for record in reading.records] == [FAMILIES[0], FAMILIES[2]]
    assert [(one.line, one.reason) for one in reading.report.skipped] == [(line, "hidden") for line in three]


def test_and_in_a_list_of_families() -> None:
    rows = [line.split(";") for line in (*FAMILY_ROWS, "Итого;3;;;")]
    for hidden, expected in (
        ([3], [None, "СС-2", "СС-3"]),
        ([4, 5], ["СС-1", "СС-3"]),
        ([7], ["СС-1", "СС-2", "СС-3"]),
    ):
        reading = read_table(io.BytesIO(workbook(rows, hidden_rows=hidden)), built_in("families"))
        drafts = [record.draft for record in reading.records]
        assert [getattr(draft, "case_ref", None) for draft in drafts] == expected


@pytest.mark.parametrize("text", ["=1+1", "#Н/Д", "<номер>", "сообщение", "Иванов", "1.5"])
def test_only_a_number_begins_a_document(text: str) -> None:
    rows = [list(row) for row in ROWS]
    rows[STARTS[0] + 1][0] = text
    records = read(made(rows))
    assert taken(records) == FAMILIES[1:]
    assert [line for line, _ in codes(records)] == [STARTS[0] + 2]
    rows = [list(row) for row in ROWS]
    rows[STARTS[0] + 1][PERSON] = text
    assert taken(read(made(rows))) == FAMILIES[1:]


@pytest.mark.parametrize("mark", ["-", "—", "не указано"])
def test_a_mark_of_nothing_begins_nothing_and_is_nothing(mark: str) -> None:
    rows = [[cell if cell or not at else mark for cell in row] for at, row in enumerate(ROWS)]
    records = read(made(rows))
    assert codes(records) == []
    assert taken(records) == FAMILIES


def test_a_line_that_breaks_without_quotes_takes_no_part_of_a_document_along() -> None:
    content = made(ROWS).replace("Примеров Пётр".encode(), "Примеров\r\nПётр".encode(), 1)
    assert taken(read(content)) == FAMILIES[1:]


@pytest.mark.parametrize("between", ["", "Район: Центр", ";" * 40])
def test_a_file_that_breaks_off_below_an_odd_row_is_not_taken_to_its_end(between: str) -> None:
    lines = MESSAGES.decode("utf-8-sig").split("\r\n")
    start = STARTS[2]
    cut = lines[start][: len(lines[start]) // 3]
    records = read("\r\n".join([*lines[:start], between, cut]).encode())
    assert [value.operation_id for value in taken(records)][:1] == [FAMILIES[0].operation_id]
    assert (start + 2, "row_cut_short") in codes(records)
    assert FAMILIES[2].operation_id not in [value.operation_id for value in taken(records)]


def test_a_day_in_a_cell_of_text_is_what_a_spreadsheet_made_of_it() -> None:
    rows: list[list[Any]] = [list(row) for row in ROWS[: STARTS[1]]]
    rows[1][FIELDS.index("reg_number")] = datetime(2034, 12, 1)  # noqa: DTZ001  as a workbook has it
    assert codes(read(workbook(rows))) == [(2, "date_in_cell")]


@pytest.mark.parametrize(("figure", "code"), [("1,000", "value_malformed"), ("1.000", "value_malformed"), ("12", None)])
def test_a_whole_number_has_no_fractions(figure: str, code: str | None) -> None:
    kind = kind_of_code("service")
    rows = list(
        csv.reader(io.StringIO(write_sheet(kind, [example_of(kind)]).decode("utf-8-sig"), newline=""), delimiter=";")
    )
    at = [column.field for column in columns_of(kind)].index("capacity")
    rows[1][at] = figure
    assert [found for _, found in codes(read(made(rows), "service-table"))] == ([code] if code else [])


def test_headings_alone_are_no_table() -> None:
    with pytest.raises(DocumentRejected, match="document_without_rows"):
        read(made(ROWS[:1]))
    with pytest.raises(DocumentRejected, match="document_without_rows"):
        read(made([ROWS[0], ROWS[0], []]))


def test_they_are_families() -> None:
    assert all(isinstance(one, MessageDraft) for one in FAMILIES)
    assert taken(read(MESSAGES)) == FAMILIES
