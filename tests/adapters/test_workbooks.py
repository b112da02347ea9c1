"""Workbooks in: the same tables as CSV files, with what only a workbook has: types, merged and hidden cells, formulas."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time

import pytest
from openpyxl import load_workbook

from adapters.limits import Limits
from adapters.report import Severity
from adapters.tables.rejects import reject_file
from adapters.tables.workbook import open_workbook
from schemas.errors import BadInput, DocumentRejected
from tests.adapters.test_csv_reading import HEADINGS, RECIPIENT, ROW, SENDER, table, told
from tests.adapters.workbooks import changed, workbook

HEAD = HEADINGS.split(";")
CHILD = [SENDER, RECIPIENT, "Синтетов Иван", 11223344595, date(2019, 2, 1), "NEGLECT"]
SHEET = "xl/worksheets/sheet1.xml"


def test_what_excel_types_is_read_as_what_csv_writes(read_csv):
    plain = read_csv(table(HEADINGS, ROW))[1][0].draft
    for cells in (
        CHILD,
        [int(SENDER), float(RECIPIENT), " Синтетов\u00a0Иван ", "112-233-445 95", datetime(2019, 2, 1), "neglect"],  # noqa: DTZ001
        [f"'{SENDER}", RECIPIENT, "Синтетов Иван", "11223344595", "01.02.2019", "NEGLECT"],
        [SENDER, RECIPIENT, "Синтетов Иван", "11223344595", 43497, "NEGLECT"],
    ):
        reading, (record,) = read_csv(workbook([HEAD, cells]))
        assert record.draft == plain
        assert (reading.layout.grid.form, reading.report.format, record.line) == ("xlsx", "xlsx", 2)


STRINGS = (
    "<sst>"
    "<si><t>Синтетов Иван</t></si>"
    '<si><r><t xml:space="preserve">Синтетов </t></r><r><rPr><b/></rPr><t>Иван</t></r></si>'
    '<si><t xml:space="preserve"> Синтетов  Иван </t><rPh sb="0" eb="1"><t>ふ</t></rPh></si>'
    "</sst>"
)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_texts_that_excel_keeps_aside_are_found(read_csv, index):
    """Plain, in parts of different looks, and with signs of how to read them."""
    plain = read_csv(table(HEADINGS, ROW))[1][0].draft
    content = changed(
        workbook([HEAD, CHILD]),
        [(SHEET, r'<c r="C2" t="\w+"><is><t>.*?</is>', f'<c r="C2" t="s"><v>{index}</v>')],
        [("xl/sharedStrings.xml", STRINGS.encode())],
    )
    assert [record.draft for record in read_csv(content)[1]] == [plain]


def test_dates_of_a_book_that_counts_from_1904_are_days_of_the_same_calendar(read_csv):
    """Excel on old Macs."""
    content = changed(
        workbook([HEAD, CHILD]),
        [
            ("xl/workbook.xml", r"<workbookPr[^>]*/>", '<workbookPr date1904="1"/>'),
            (SHEET, "<v>43497</v>", f"<v>{43497 - 1462}</v>"),
        ],
    )
    assert read_csv(content)[1][0].draft.persons[0].identity.birth_date == "2019-02-01"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "да"),
        (False, "нет"),
        (5, "5"),
        (5.0, "5"),
        (0.5, "0.5"),
        (-3, "-3"),
        (date(2019, 2, 1), "01.02.2019"),
        (datetime(2019, 2, 1, 10, 5), "01.02.2019 10:05:00"),  # noqa: DTZ001
        (time(10, 30), "10:30"),
        ("00123", "00123"),
        ("=1+1", "'=1+1"),
        ("+7 900", "+7 900"),
        ("а_x000D_\nб", "а\r\nб"),
    ],
)
def test_values_become_text(value, text):
    (grid,) = open_workbook(workbook([["x", value]]), Limits())
    assert [row.cells for row in grid] == [("x", text)]


def test_titles_numbers_totals_and_merged_headings(read_csv):
    rows = [
        ["Реестр направлений за март 2026 г."],
        [],
        ["ОГРН отправителя", "ОГРН получателя", "Ребёнок", None, None, "Причина обращения (код)"],
        [None, None, "ФИО", "СНИЛС", "дата рождения", None],
        [1, 2, 3, 4, 5, 6],
        CHILD,
        ["Итого", 1],
    ]
    merged = ["A1:F1", "A3:A4", "B3:B4", "C3:E3", "F3:F4"]
    reading, records = read_csv(workbook(rows, merged))
    assert [record.draft for record in records] == [read_csv(table(HEADINGS, ROW))[1][0].draft]
    assert [(row.line, row.reason) for row in reading.report.skipped] == [
        (1, "title"),
        (2, "empty"),
        (5, "numbers"),
        (7, "total"),
    ]
    assert reading.report.complaints == []


def test_a_cell_merged_over_rows_belongs_to_each_of_them(read_csv):
    head = [*HEAD, "Родитель: ФИО"]
    other = [None, None, "Синтетов Пётр", None, date(2020, 3, 4), "HOUSING", None]
    _, records = read_csv(workbook([head, [*CHILD, "Синтетова Ольга"], other], ["A2:A3", "B2:B3", "G2:G3"]))
    assert [record.draft.persons[1].identity.full_name for record in records] == ["Синтетова Ольга"] * 2
    assert records[1].draft.recipient_ogrn == RECIPIENT


def test_what_is_hidden_is_not_taken_and_told(read_csv):
    head = [*HEAD, "Семья уведомлена"]
    rows = [head, [*CHILD, "да"], [*CHILD[:2], "Синтетов Пётр", *CHILD[3:], "да"]]
    content = workbook(rows, hidden_rows=[3], hidden_columns=["G"], more=[("Тайный", "hidden", [head, [*CHILD, "да"]])])
    reading, records = read_csv(content)
    assert [record.line for record in records] == [2]
    assert records[0].draft.family_aware is None
    assert [(row.line, row.reason) for row in reading.report.skipped] == [(3, "hidden")]
    assert [(c.code, dict(c.params)) for c in reading.report.complaints] == [
        ("sheet_hidden", {"sheet": 2}),
        ("column_hidden", {"column": "Семья уведомлена"}),
    ]
    assert "Тайный" not in str(reading.report.as_dict())


def test_the_sheet_is_chosen_by_its_headings(read_csv):
    reading, records = read_csv(workbook([["Пояснение"], ["к форме"]], more=[("Реестр", "visible", [HEAD, CHILD])]))
    assert records[0].draft is not None
    assert reading.layout.grid.sheet.number == 2


def test_of_several_sheets_that_fit_one_is_asked_for(read_csv):
    content = workbook([HEAD, CHILD], more=[("Февраль", "visible", [HEAD, CHILD]), ("Прочее", "visible", [["a"]])])
    with pytest.raises(DocumentRejected) as caught:
        read_csv(content)
    assert (caught.value.code, caught.value.params["sheets"]) == ("sheets_several", "1, 2")
    from adapters.tables.reader import read_table

    assert next(read_table(io.BytesIO(content), sheet=2).records).draft is not None
    with pytest.raises(BadInput) as unknown:
        read_table(io.BytesIO(content), sheet=4)
    assert unknown.value.code == "sheet_unknown"


@pytest.mark.parametrize(
    ("cells", "place", "code"),
    [
        ({2: "=!A1&B1"}, "Ребёнок: ФИО", "formula_in_cell"),
        ({3: 1.1223344595e16}, "Ребёнок: СНИЛС", "scientific_notation"),
        ({3: date(2019, 2, 1)}, "Ребёнок: СНИЛС", "date_in_cell"),
        ({2: date(2019, 2, 1)}, "Ребёнок: ФИО", "date_in_cell"),
        ({3: 8765430301}, "Ребёнок: СНИЛС", "snils_zero_not_restored"),
        ({5: "ДД.ММ.ГГГГ"}, "Причина обращения (код)", "placeholder_left"),
    ],
)
def test_cells_that_cannot_be_taken(read_csv, cells, place, code):
    row = [cells.get(at, value) for at, value in enumerate(CHILD)]
    _, records = read_csv(workbook([HEAD, row]))
    assert told(records) == [(1, 2, place, code)]


def test_an_error_value_is_told_and_not_read_as_empty(read_csv):
    content = changed(
        workbook([HEAD, CHILD]), [(SHEET, r'<c r="C2" t="\w+"><is><t>.*?</is>', '<c r="C2" t="e"><v>#N/A</v>')]
    )
    _, records = read_csv(content)
    assert told(records) == [(1, 2, "Ребёнок: ФИО", "spreadsheet_error_value")]


def test_a_formula_is_refused_whatever_value_was_kept_with_it(read_csv):
    """Its value may be old, or none: an empty cell would be read as nothing."""
    content = changed(
        workbook([HEAD, CHILD]),
        [(SHEET, r'<c r="C2" t="\w+"><is><t>.*?</is>', '<c r="C2" t="str"><f>A9</f><v>Синтетов Иван</v>')],
    )
    _, records = read_csv(content)
    assert told(records) == [(1, 2, "Ребёнок: ФИО", "formula_in_cell")]


def test_a_lost_zero_of_a_number_is_restored_by_its_check_digits(read_csv):
    _, records = read_csv(workbook([HEAD, [*CHILD[:3], 8765430300, *CHILD[4:]]]))
    assert records[0].draft.persons[0].identifiers.snils == "08765430300"
    assert [c.code for c in records[0].complaints] == ["snils_zero_restored"]


# --- the reject file -------------------------------------------------------------------------------------------------


def test_the_reject_file_of_a_workbook_is_a_workbook_with_the_rows_as_they_were(read_csv):
    rows = [
        ["Реестр"],
        ["ОГРН отправителя", "ОГРН получателя", "Ребёнок", None, None, "Причина обращения (код)"],
        [None, None, "ФИО", "СНИЛС", "дата рождения", None],
        CHILD,
        [*CHILD[:3], 11223344596, date(2019, 2, 1), "=1+1"],
    ]
    reading, records = read_csv(workbook(rows, ["A1:F1", "A2:A3", "C2:E2"]))
    assert [record.draft is not None for record in records] == [True, False]
    content = reject_file(reading.layout, records)
    sheet = load_workbook(io.BytesIO(content)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()][:3] == [
        ["Реестр", None, None, None, None, None, None],
        ["ОГРН отправителя", "ОГРН получателя", "Ребёнок", None, None, "Причина обращения (код)", "Ошибка"],
        [None, None, "ФИО", "СНИЛС", "дата рождения", None, None],
    ]
    last = list(sheet.iter_rows())[-1]
    assert [cell.value for cell in last[:6]] == [
        SENDER,
        RECIPIENT,
        "Синтетов Иван",
        11223344596,
        datetime(2019, 2, 1),  # noqa: DTZ001
        "=1+1",
    ]
    assert (last[4].number_format, last[5].data_type) == ("DD.MM.YYYY", "s")
    assert "Контрольные цифры СНИЛС не сходятся" in last[6].value
    assert "C2:E2" in {str(found) for found in sheet.merged_cells.ranges}
    again, same = read_csv(content)
    assert told(same) == [(1, 4, place, code) for _, _, place, code in told(records)]
    assert again.layout.own_at == 6
    sheet["D4"], sheet["F4"] = "112-233-445 95", "HOUSING"
    out = io.BytesIO()
    sheet.parent.save(out)
    assert read_csv(out.getvalue())[1][0].draft is not None


# --- hostile ---------------------------------------------------------------------------------------------------------


def cell(reference, inner="<v>1</v>"):
    return f'<c r="{reference}">{inner}</c>'


def sheet_of(cells):
    return changed(workbook([["a"]]), [(SHEET, "<sheetData>.*</sheetData>", f"<sheetData>{cells}</sheetData>")])


MILLION = "".join(f"<c><v>{n * 7919 % 1_000_003}</v></c>" for n in range(1_000_000))
HOSTILE = {
    "old workbook": (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "workbook_old"),
    "password": (b"\xd0\xcf\x11\xe0" + b"\x00" * 90 + "EncryptedPackage".encode("utf-16-le"), "document_encrypted"),
    "binary": (changed(workbook([["a"]]), added=[("xl/workbook.bin", b"")]), "workbook_binary"),
    "macros": (changed(workbook([["a"]]), added=[("xl/vbaProject.bin", b"x")]), "workbook_macros"),
    "macros of old": (changed(workbook([["a"]]), added=[("xl/macrosheets/sheet1.xml", b"<a/>")]), "workbook_macros"),
    "declared macros": (
        changed(workbook([["a"]]), [("[Content_Types].xml", "spreadsheetml.sheet.main", "sheet.macroEnabled.main")]),
        "workbook_macros",
    ),
    "links": (
        changed(workbook([["a"]]), added=[("xl/externalLinks/externalLink1.xml", b"<a/>")]),
        "workbook_external_links",
    ),
    "queries": (changed(workbook([["a"]]), added=[("xl/connections.xml", b"<a/>")]), "workbook_external_links"),
    "no workbook": (changed(workbook([["a"]]), left_out=["xl/workbook.xml"]), "document_is_spreadsheet"),
    "no sheet": (changed(workbook([["a"]]), left_out=[SHEET]), "workbook_empty"),
    "empty": (workbook([]), "workbook_empty"),
    "all hidden": (sheet_of(""), "workbook_empty"),
    "cut off": (workbook([HEAD, CHILD])[:-300], "archive_broken"),
    "not xml": (changed(workbook([["a"]]), [(SHEET, "</worksheet>", "")]), "workbook_broken"),
    "doctype": (
        changed(workbook([["a"]]), [(SHEET, "<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet')]),
        "document_has_doctype",
    ),
    "last column": (sheet_of(f'<row r="1">{cell("A1")}{cell("XFD1")}</row>'), "document_too_many_columns"),
    "last row": (sheet_of(f'<row r="1048576">{cell("A1048576")}</row>'), "sheet_too_many_rows"),
    "far corner": (
        sheet_of(f'<row r="1">{cell("A1")}</row><row r="150000">{cell("SA150000")}</row>'),
        "sheet_too_large",
    ),
    "no such cell": (sheet_of(f'<row r="1">{cell("A0")}</row>'), "workbook_broken"),
    "no such row": (sheet_of(f'<row r="-5">{cell("A1")}</row>'), "workbook_broken"),
    "no such text": (sheet_of('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'), "workbook_broken"),
    "a million cells in a row": (
        sheet_of(f"<row>{''.join(f'<c><v>{n * 7919 % 1_000_003}</v></c>' for n in range(1_000_000))}</row>"),
        "document_too_many_columns",
    ),
    "merged over itself": (
        changed(
            sheet_of("".join(f'<row r="{n}">{cell(f"A{n}")}</row>' for n in range(1, 2000))),
            [
                (
                    SHEET,
                    "</sheetData>",
                    f"</sheetData><mergeCells>{'<mergeCell ref=$A1:A1999$/>' * 5000}</mergeCells>".replace("$", '"'),
                )
            ],
        ),
        "workbook_broken",
    ),
    "zip bomb": (
        changed(workbook([["a"]]), added=[("xl/media/image1.png", b"0" * 30_000_000)]),
        "archive_unpacks_too_large",
    ),
    "shared text bomb": (
        changed(
            sheet_of("".join(f"<row>{'<c t=$s$><v>0</v></c>' * 200}</row>" for _ in range(200)).replace("$", '"')),
            added=[("xl/sharedStrings.xml", f"<sst><si><t>{'я' * 30_000}</t></si></sst>".encode())],
        ),
        "archive_unpacks_too_large",
    ),
    "opendocument": (b"", "workbook_opendocument"),
    "text document": (b"", "document_other_office"),
    "any archive": (b"", "document_is_spreadsheet"),
}


def archive(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


HOSTILE["opendocument"] = (archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "workbook_opendocument")
HOSTILE["text document"] = (archive(**{"word/document.xml": b"<a/>"}), "document_other_office")
HOSTILE["any archive"] = (archive(readme=b"hello"), "document_is_spreadsheet")


@pytest.mark.parametrize(("content", "code"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_or_foreign_workbook_is_refused_with_its_reason(read_csv, content, code):
    with pytest.raises(DocumentRejected) as caught:
        read_csv(content)
    assert caught.value.code == code
    assert caught.value.message()
    assert caught.value.remedy()


def test_a_part_of_a_million_empty_cells_is_no_table_of_a_million(read_csv):
    """Formats far below a table are no content."""
    styled = "".join(f'<row r="{n}"><c r="XFD{n}" s="0"/></row>' for n in range(10, 3000))
    content = changed(workbook([HEAD, CHILD]), [(SHEET, "</sheetData>", f"{styled}</sheetData>")])
    reading, records = read_csv(content)
    assert records[0].draft is not None
    assert reading.layout.grid.sheet.rows == 2


@pytest.mark.parametrize("step", range(0, 2600, 37))
def test_a_damaged_workbook_is_read_or_refused_and_never_worse(read_csv, step):
    content = bytearray(workbook([HEAD, CHILD]))
    content[step % len(content)] ^= 0x55
    try:
        read_csv(bytes(content))
    except (DocumentRejected, BadInput) as refused:
        assert refused.message()


@pytest.mark.law(8)
def test_a_report_of_a_workbook_repeats_no_value(read_csv):
    reading, _ = read_csv(workbook([HEAD, [*CHILD[:2], "=!A1", 11223344596, "вчера", "HUNGER"]], title="Синтетовы"))
    words = str(reading.report.as_dict()) + str(reading.report.as_dict("en"))
    assert not [value for value in ("Синтетов", "11223344596", "вчера", "HUNGER") if value in words]
    assert [c.severity for c in reading.report.complaints].count(Severity.ERROR) == 4
