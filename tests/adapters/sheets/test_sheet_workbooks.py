"""The same tables as people keep them: opened in a spreadsheet, saved as a workbook, corrected and sent again."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.styles import Font

from adapters.formats import Context, FormatRecord, Reading
from adapters.record_formats import judged, record_formats, table_by_content
from adapters.sheets.columns import columns_of, format_name, kind_of_code
from adapters.sheets.writer import write_sheet
from adapters.tables.text_file import nearest
from adapters.tables.workbook_writer import write_workbook
from schemas.documents import KINDS, DocumentKind
from schemas.errors import DocumentRejected
from tests.adapters.workbooks import workbook
from tests.generate import EXAMPLES, example_of

DAY = "%d.%m.%Y"


def rows_of(kind: DocumentKind, *values: Any) -> list[list[Any]]:
    text = write_sheet(kind, values or [example_of(kind)]).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def as_typed(cell: str) -> Any:
    """What a spreadsheet makes of a cell of CSV: days and numbers where it knows them."""
    try:
        return datetime.strptime(cell, DAY)  # noqa: DTZ007  a day
    except ValueError:
        return int(cell) if cell.isdecimal() and (cell == "0" or cell[0] != "0") and len(cell) <= 15 else cell


def typed(rows: Sequence[Sequence[str]]) -> list[list[Any]]:
    return [list(rows[0]), *([as_typed(cell) for cell in row] for row in rows[1:])]


def read(kind: DocumentKind, content: bytes) -> tuple[list[FormatRecord], Reading]:
    one = record_formats()[format_name(kind)]
    reading = judged(one, one.read(io.BytesIO(content), Context()))
    return [reading.take(record) for record in reading.records], reading


def codes(reading: Reading) -> set[str]:
    return {loss.code for loss in reading.report.losses.rows}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_workbook_says_what_the_table_said_and_is_known_as_one(kind: DocumentKind) -> None:
    rows = rows_of(kind)
    for content in (workbook(typed(rows)), write_workbook(typed(rows)), workbook([["За март"], *typed(rows)])):
        assert table_by_content(io.BytesIO(content)) == format_name(kind)
        (record,), _ = read(kind, content)
        assert (record.value, record.complaints) == (example_of(kind), ())
    assert table_by_content(io.BytesIO(workbook([["Организация", "Телефон"], ["а", "б"]]))) is None
    assert table_by_content(io.BytesIO(b"PK\x03\x04 no archive")) is None


def text_of(rows: Sequence[Sequence[object]], delimiter: str = ";", *, quoted: bool = False) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    return out.getvalue()


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "cp866", "koi8-r", "mac-cyrillic")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_table_is_known_in_every_encoding_that_is_read(kind: DocumentKind, encoding: str) -> None:
    heading = columns_of(kind)[0].heading
    last = [["Номер по порядку", heading], ["1", "2"]]
    for rows in (
        rows_of(kind),
        [["За март"], *rows_of(kind)],
        [["март"], *rows_of(kind)],
        last,
        [[f" {heading}  ", "Иное"]],
        [[heading]],
    ):
        for delimiter in ";,\t|":
            for quoted in (False, True):
                text = nearest(text_of(rows, delimiter, quoted=quoted), encoding)
                assert table_by_content(io.BytesIO(text.encode(encoding, "replace"))) == format_name(kind)


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8-r", "mac-cyrillic"])
def test_a_table_in_one_byte_is_read(encoding: str) -> None:
    kind = kind_of_code("message")
    (record,), _ = read(kind, nearest(text_of(rows_of(kind)), encoding).encode(encoding, "replace"))
    assert record.value is not None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_words_of_the_heading_within_a_cell_make_no_such_table(kind: DocumentKind) -> None:
    heading = columns_of(kind)[0].heading
    for words in (f"{heading} 12 от 01.09.2026", f"Реестр. {heading}", f"({heading})", f"{heading}12", f"{heading}*"):
        for rows in ([[words], ["Фамилия", "Имя"]], [["Фамилия", "Имя"], [words, "Пётр"]], [["Имя"], ["Пётр", words]]):
            for encoding in ENCODINGS:
                content = nearest(text_of(rows), encoding).encode(encoding, "replace")
                assert table_by_content(io.BytesIO(content)) is None
            assert table_by_content(io.BytesIO(workbook(rows))) is None
    cell = f"<t>{heading}</t>"
    for rows in ([["Имя"], [cell]], [["Имя"], [f"Пётр;{heading};"]], [["Имя"], [f'"{heading}"\n{heading}']]):
        assert table_by_content(io.BytesIO(workbook(rows))) is None
    for text in (f"<m>{heading}</m>", f"\n <m a='{heading}'/>", f'{{"a": "{heading}"}}', f'[\n"{heading}"\n]'):
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1251"):
            assert table_by_content(io.BytesIO(text.encode(encoding))) is None


def test_what_is_hidden_struck_out_or_merged_is_not_taken_and_is_told() -> None:
    kind = kind_of_code("message")
    rows = rows_of(
        kind,
        example_of(kind),
        example_of(kind).model_copy(update={"operation_id": "6" * 8 + "-0000-4000-8000-000000000001"}),
    )
    begins = [at for at, row in enumerate(rows) if row[0].isdecimal()]
    note = rows[0].index("Исходящий номер")
    content = workbook(
        typed(rows),
        hidden_rows=range(begins[1] + 1, len(rows) + 1),
        more=[("Черновик", "hidden", [["а"]]), ("Ещё", "visible", [["б"]])],
    )
    records, reading = read(kind, content)
    assert [record.value for record in records] == [example_of(kind)]
    assert {"row_hidden", "sheet_hidden", "sheet_not_read"} <= codes(reading)

    book = load_workbook(io.BytesIO(workbook(typed(rows[: begins[1]]))))
    book.active.cell(2, note + 1).font = Font(strike=True)
    out = io.BytesIO()
    book.save(out)
    (record,), reading = read(kind, out.getvalue())
    assert record.value == example_of(kind).model_copy(update={"reg_number": None})
    assert ("struck_out", rows[0][note]) in {(loss.code, loss.place) for loss in reading.report.losses.rows}


def test_a_number_merged_over_its_rows_is_one() -> None:
    kind = kind_of_code("case_summary")
    rows = rows_of(kind)
    assert len(rows) > 2
    merged = workbook(typed(rows), merged=[f"A2:A{len(rows)}"])
    (record,), _ = read(kind, merged)
    assert record.value == example_of(kind)


def test_refused_documents_come_back_as_a_workbook_and_go_in_when_corrected() -> None:
    kind = kind_of_code("consent")
    good, bad = example_of(kind), example_of(kind)
    rows = rows_of(kind, good, bad)
    ogrn = [column.field for column in columns_of(kind)].index("recipient_ogrn")
    begins = next(at for at, row in enumerate(rows) if row[0] == "2")
    rows[begins][ogrn] = "1027700900029"
    content = workbook(typed(rows))
    records, _ = read(kind, content)
    refused = [record for record in records if record.value is None]
    assert [record.number for record in refused] == [2]
    one = record_formats()[format_name(kind)]
    assert one.rejects is not None
    back = b"".join(one.rejects(io.BytesIO(content), Context(), refused))
    sheet = load_workbook(io.BytesIO(back)).active
    assert [cell.value for cell in sheet[1]][-1] == "Ошибка"
    assert sheet.cell(2, sheet.max_column).value.startswith(f"{rows[0][ogrn]}: ")
    assert table_by_content(io.BytesIO(back)) == format_name(kind)
    again, reading = read(kind, back)
    assert [record.value for record in again] == [None]
    sheet.cell(2, ogrn + 1).value = bad.recipient_ogrn  # type: ignore[attr-defined]
    out = io.BytesIO()
    sheet.parent.save(out)
    (record,), reading = read(kind, out.getvalue())
    assert record.value == bad
    assert "column_own" in codes(reading)


def test_the_word_of_a_total_is_one_in_the_column_of_numbers_alone() -> None:
    kind = kind_of_code("message")
    draft = {
        **EXAMPLES["message"],
        "persons": [{"kind": "child", "ref": "1", "health": {"conditions": ["одно", "Итог: другое"]}}],
    }
    value = kind.model.model_validate(draft)
    rows = rows_of(kind, value)
    (record,), _ = read(kind, workbook(rows))
    assert record.value == value
    total = ["Итого", *[""] * (len(rows[0]) - 1)]
    (record,), reading = read(kind, workbook([*rows, rows[0], total]))
    assert record.value == value
    assert {"row_total", "row_repeated_heading"} <= codes(reading)


def test_a_workbook_is_no_longer_than_what_is_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = kind_of_code("message")
    monkeypatch.setattr("adapters.tables.reader.LARGEST_WORKBOOK", 1000)
    with pytest.raises(DocumentRejected, match="document_too_large"):
        read(kind, workbook(typed(rows_of(kind))))
