"""Everything that a workbook of real people holds and that means something: it is taken, or listed, or refused in words."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from adapters.contacts import read_contacts
from adapters.limits import Limits
from adapters.losses import COMPLAINTS, RULES
from adapters.tables.looks import Shown, look_of_format, number_shown
from adapters.tables.profile import built_in
from adapters.tables.reader import read_table
from adapters.tables.rejects import reject_file
from adapters.tables.workbook import open_workbook
from schemas.errors import DocumentRejected
from tests.adapters.test_csv_reading import HEADINGS, RECIPIENT, SENDER, told
from tests.adapters.workbooks import changed

HEAD = [*HEADINGS.split(";"), "Ребёнок: телефон", "Запрашиваемые меры", "Любимый цвет"]
CHILD = [
    SENDER,
    RECIPIENT,
    "Синтетов Иван",
    11223344595,
    date(2019, 2, 1),
    "NEGLECT",
    "8 900 000-00-01",
    "Консультация",
]
SHEET, BOOK, TYPES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"
SECRET = "Тайнов"
"""What no report may repeat."""
Made = Callable[[Any], None]


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_with(change: Made = lambda _: None, *more: list[Any]) -> bytes:
    """One child, and the sheet changed as somebody would."""
    book = Workbook()
    for row in (HEAD, CHILD, *more):
        book.active.append(row)
    change(book.active)
    return saved(book)


def read(content: bytes) -> tuple[Any, list[Any]]:
    reading = read_table(io.BytesIO(content))
    records = list(reading.records)
    for record in records:
        reading.report.add(record)
    return reading, records


def losses(reading: Any) -> list[tuple[str, str, int | None, int]]:
    """What this test is about: rule, place, line, how often."""
    mine = {code for code in RULES if code in OURS}
    return [(one.code, one.place, one.line, one.times) for one in reading.report.losses.in_order() if one.code in mine]


OURS = {
    *(
        "row_struck",
        "struck_out",
        "cell_hidden",
        "cell_note",
        "link_target",
        "picture",
        "shape",
        "chart",
        "print_header",
    ),
    *(
        "input_check",
        "defined_name",
        "workbook_properties",
        "embedded_file",
        "form_control",
        "pivot_table",
        "part_not_read",
    ),
    *("number_shown", "merged_value", "sheet_not_read", "sheet_hidden", "row_hidden", "column_hidden"),
}
NAME, PHONE, ASKED, COLOUR = "Ребёнок: ФИО", "Ребёнок: телефон", "Запрашиваемые меры", "Любимый цвет"


def set_cell(reference: str, **values: Any) -> Made:
    def change(sheet: Any) -> None:
        for name, value in values.items():
            setattr(sheet[reference], name, value)

    return change


def with_parts(*parts: tuple[str, str], links: str = "", sheet: str = "") -> bytes:
    """The book with further parts, and relations of its sheet to them."""
    relations = f'<Relationships xmlns="r">{links}</Relationships>'
    changes = [(SHEET, "</worksheet>", f"{sheet}</worksheet>")] if sheet else []
    added = [(name, text.encode()) for name, text in parts]
    return changed(sheet_with(), changes, [*added, ("xl/worksheets/_rels/sheet1.xml.rels", relations.encode())])


def link(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="http://x/{kind}" Target="{target}"/>'


def charted(sheet: Any) -> None:
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=4, min_row=2, max_row=2))
    sheet.add_chart(chart, "K9")


def validated(sheet: Any) -> None:
    check = DataValidation("list", formula1='"да,нет"', promptTitle=SECRET, prompt=SECRET)
    check.add("F2:F9")
    sheet.add_data_validation(check)


def named(sheet: Any) -> None:
    sheet.parent.defined_names["Куратор"] = DefinedName("Куратор", attr_text=f'"{SECRET}"')
    sheet.print_area = "A1:D9"


def titled(sheet: Any) -> None:
    sheet.parent.properties.creator, sheet.parent.properties.description = SECRET, f"Заметка: {SECRET}"


def authored(sheet: Any) -> None:
    sheet.parent.properties.creator = sheet.parent.properties.lastModifiedBy = SECRET


def headed(sheet: Any) -> None:
    sheet.oddHeader.center.text = f"Семьи, {SECRET}"


DRAWING = (
    '<xdr:wsDr xmlns:xdr="d" xmlns:a="a" xmlns:mc="m">'
    "<xdr:twoCellAnchor><xdr:from><xdr:row>6</xdr:row></xdr:from><xdr:sp><xdr:txBody><a:p><a:r><a:t>Тайнов</a:t></a:r>"
    "</a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor>"
    "<xdr:oneCellAnchor><xdr:from><xdr:row>1</xdr:row></xdr:from><xdr:grpSp><xdr:pic/><xdr:pic/></xdr:grpSp></xdr:oneCellAnchor>"
    "<xdr:twoCellAnchor><xdr:from><xdr:row>2</xdr:row></xdr:from><mc:AlternateContent><mc:Choice><xdr:graphicFrame/></mc:Choice>"
    "<mc:Fallback><xdr:sp/></mc:Fallback></mc:AlternateContent></xdr:twoCellAnchor></xdr:wsDr>"
)
TALK = (
    '<ThreadedComments xmlns="t"><threadedComment ref="C2" id="1"><text>Тайнов звонил</text></threadedComment>'
    '<threadedComment ref="C2" id="2" parentId="1"><text>Да</text></threadedComment></ThreadedComments>'
)
TWIN = (
    '<comments xmlns="c"><authors><author>Тайнов</author></authors><commentList><comment ref="C2"><text>[Threaded comment]'
    '</text></comment><comment ref="I2"><text>Тайнов</text></comment></commentList></comments>'
)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PICTURES_ALONE = changed(
    with_parts(),
    [
        (BOOK, "</sheets>", '<sheet name="Скан" sheetId="9" r:id="rId99" xmlns:r="http://r"/></sheets>'),
        ("xl/_rels/workbook.xml.rels", "</Rel", f"{link(99, 'worksheet', '/xl/worksheets/sheet2.xml')}</Rel"),
        (TYPES, "</Types>", '<Override PartName="/xl/worksheets/sheet2.xml" ContentType="application/xml"/></Types>'),
    ],
    [
        ("xl/worksheets/sheet2.xml", f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'.encode()),
        (
            "xl/worksheets/_rels/sheet2.xml.rels",
            f"<Relationships>{link(1, 'drawing', '../drawings/drawing1.xml')}</Relationships>".encode(),
        ),
        ("xl/drawings/drawing1.xml", DRAWING.encode()),
    ],
)

LISTED: dict[str, tuple[bytes, list[tuple[str, str, int | None, int]]]] = {
    "nothing beside": (sheet_with(), []),
    "a note": (
        sheet_with(set_cell("G2", comment=Comment(f"{SECRET}: уже не отвечает", SECRET))),
        [("cell_note", PHONE, 2, 1)],
    ),
    "a note at an empty cell far away": (
        sheet_with(set_cell("Z40", comment=Comment(SECRET, "a"))),
        [("cell_note", "26", 40, 1)],
    ),
    "talk with an answer, and its twin for old programs": (
        with_parts(
            ("xl/threadedComments/threadedComment1.xml", TALK),
            ("xl/comments1.xml", TWIN),
            ("xl/persons/person.xml", f'<personList displayName="{SECRET}"/>'),
            links=link(1, "threadedComment", "../threadedComments/threadedComment1.xml")
            + link(2, "comments", "../comments1.xml"),
        ),
        [("cell_note", NAME, 2, 2), ("cell_note", COLOUR, 2, 1)],
    ),
    "a text box, pictures in a group, a new chart": (
        with_parts(("xl/drawings/drawing1.xml", DRAWING), links=link(1, "drawing", "../drawings/drawing1.xml")),
        [("picture", "", 2, 2), ("chart", "", 3, 1), ("shape", "", 7, 1)],
    ),
    "a chart": (sheet_with(charted), [("chart", "", 9, 1)]),
    "headers of the print": (sheet_with(headed), [("print_header", "", None, 1)]),
    "a link to somewhere else": (
        sheet_with(set_cell("H2", hyperlink=f"https://example.org/{SECRET}")),
        [("link_target", ASKED, 2, 1)],
    ),
    "a link inside the book": (
        with_parts(sheet=f'<hyperlinks><hyperlink ref="C2:D2" location="{SECRET}!A1"/></hyperlinks>'),
        [("link_target", NAME, 2, 1)],
    ),
    "checks of input with a prompt": (sheet_with(validated), [("input_check", "", None, 1)]),
    "named ranges, but not that of the print": (sheet_with(named), [("defined_name", "", None, 1)]),
    "remarks on the file": (sheet_with(titled), [("workbook_properties", "", None, 1)]),
    "properties of its own": (
        with_parts(
            ("docProps/custom.xml", f'<Properties><property name="Автор"><x>{SECRET}</x></property></Properties>')
        ),
        [("workbook_properties", "", None, 1)],
    ),
    "who wrote it": (sheet_with(authored), []),
    "a file inside": (
        with_parts(("xl/embeddings/Microsoft_Word_Document1.docx", "PK")),
        [("embedded_file", "", None, 1)],
    ),
    "boxes to tick": (
        with_parts(("xl/ctrlProps/ctrlProp1.xml", "<a/>"), ("xl/ctrlProps/ctrlProp2.xml", "<a/>")),
        [("form_control", "", None, 2)],
    ),
    "a pivot table": (
        with_parts(
            ("xl/pivotCache/pivotCacheDefinition1.xml", "<a/>"), ("xl/pivotCache/pivotCacheRecords1.xml", "<a/>")
        ),
        [("pivot_table", "", None, 1)],
    ),
    "parts that nobody knows": (
        with_parts((f"xl/{SECRET}/item.bin", "1"), ("customXml/item1.xml", "<a/>")),
        [("part_not_read", "", None, 2)],
    ),
    "a struck phone": (sheet_with(set_cell("G2", font=Font(strike=True))), [("struck_out", PHONE, 2, 1)]),
    "a new phone beside the struck one": (
        sheet_with(
            set_cell(
                "G2", value=CellRichText(TextBlock(InlineFont(strike=True), "8 900 000-00-01 "), "8 900 000-00-02")
            )
        ),
        [("struck_out", PHONE, 2, 1)],
    ),
    "a format that shows nothing": (sheet_with(set_cell("H2", number_format=";;;")), [("cell_hidden", ASKED, 2, 1)]),
    "a number with leading zeros of its format": (
        sheet_with(set_cell("D2", value=8765430300, number_format="000-000-000 00")),
        [("number_shown", "Ребёнок: СНИЛС", 2, 1)],
    ),
    "percent": (sheet_with(set_cell("H2", value=0.125, number_format="0.0%")), [("number_shown", ASKED, 2, 1)]),
    "colours, which only their sender understands": (
        sheet_with(set_cell("C2", fill=PatternFill("solid", "FFFF0000"), font=Font(bold=True, color="FFFF0000"))),
        [],
    ),
    "bold letters inside a text": (
        sheet_with(set_cell("C2", value=CellRichText("Синтетов ", TextBlock(InlineFont(b=True), "Иван")))),
        [],
    ),
    "a protected sheet": (with_parts(sheet='<sheetProtection password="CC1A" sheet="1"/>'), []),
    "a filter that hides a row": (
        changed(
            sheet_with(lambda _: None, CHILD),
            [
                (SHEET, "<row r=.3.", '<row r="3" hidden="1"'),
                (SHEET, "</sheetData>", '</sheetData><autoFilter ref="A1:H3"/>'),
            ],
        ),
        [("row_hidden", "", 3, 1)],
    ),
    "a sheet of pictures alone": (PICTURES_ALONE, [("sheet_not_read", "2", None, 1)]),
}


@pytest.mark.parametrize(("content", "expected"), LISTED.values(), ids=LISTED)
def test_what_is_not_taken_to_the_letter_is_listed_with_its_place(content: bytes, expected: list[Any]) -> None:
    reading, records = read(content)
    assert [record.draft is not None for record in records] == [True]
    assert sorted(losses(reading), key=str) == sorted(expected, key=str)


@pytest.mark.law(8)
@pytest.mark.parametrize("content", [content for content, _ in LISTED.values()], ids=LISTED)
def test_no_report_repeats_what_was_not_taken(content: bytes) -> None:
    reading, records = read(content)
    assert SECRET not in repr(reading.report.as_dict()) + repr(reading.report.as_dict("en"))
    assert SECRET not in repr([record.draft for record in records])


TAKEN: dict[str, tuple[bytes, Callable[[Any], Any], Any]] = {
    "an address whose text says it all": (
        sheet_with(set_cell("H2", value="psy@example.org", hyperlink="mailto:psy@example.org")),
        lambda draft: draft.requested_action,
        "psy@example.org",
    ),
    "leading zeros": (
        sheet_with(set_cell("D2", value=8765430300, number_format="000\\-000\\-000\\ 00")),
        lambda draft: draft.persons[0].identifiers.snils,
        "08765430300",
    ),
    "percent as it is shown": (
        sheet_with(set_cell("H2", value=0.125, number_format="0.0%")),
        lambda draft: draft.requested_action,
        "12.5%",
    ),
    "what is left beside the struck": (
        LISTED["a new phone beside the struck one"][0],
        lambda draft: [phone.number for phone in draft.persons[0].contact.phones],
        ["8 900 000-00-02"],
    ),
    "nothing of the struck": (LISTED["a struck phone"][0], lambda draft: draft.persons[0].contact, None),
    "nothing of the hidden": (LISTED["a format that shows nothing"][0], lambda draft: draft.requested_action, None),
    "a rich text as one": (
        LISTED["bold letters inside a text"][0],
        lambda draft: draft.persons[0].identity.full_name,
        "Синтетов Иван",
    ),
    "a date of a format of its own": (
        sheet_with(set_cell("E2", number_format='[$-419]d mmmm yyyy" г.";@')),
        lambda draft: draft.persons[0].identity.birth_date,
        "2019-02-01",
    ),
    "a yes": (sheet_with(set_cell("H2", value=True)), lambda draft: draft.requested_action, "да"),
    "fifteen digits, as a sheet shows them": (
        sheet_with(set_cell("H2", value=0.1 + 0.2)),
        lambda draft: draft.requested_action,
        "0.3",
    ),
    "a cell of a protected sheet": (
        LISTED["a protected sheet"][0],
        lambda draft: draft.persons[0].identity.full_name,
        "Синтетов Иван",
    ),
}


@pytest.mark.parametrize(("content", "of", "expected"), TAKEN.values(), ids=TAKEN)
def test_what_is_taken_is_what_the_sheet_shows(content: bytes, of: Callable[[Any], Any], expected: Any) -> None:
    assert of(read(content)[1][0].draft) == expected


# The two cells of the column «Запрашиваемые меры», and the formula of the first alone.
FORMULAS = {
    "a formula without a kept value": '<c r="H2"><f>A1</f></c>',
    "the first cell of an array": '<c r="H2" t="str"><f t="array" ref="H2:H3">A1:A2</f><v>Консультация</v></c>',
    "a shared formula": '<c r="H2" t="str"><f t="shared" si="0"/><v>Консультация</v></c>',
    "a link by formula": '<c r="H2" t="str"><f>HYPERLINK("http://example.org")</f><v>Консультация</v></c>',
}


@pytest.mark.parametrize("cell", FORMULAS.values(), ids=FORMULAS)
def test_a_formula_is_refused_wherever_its_value_comes_from(cell: str) -> None:
    content = changed(sheet_with(), [(SHEET, r'<c r="H2".*?</c>', cell)])
    assert told(read(content)[1]) == [(1, 2, ASKED, "formula_in_cell")]


def test_a_value_that_an_array_formula_spills_into_a_cell_is_no_value_of_its_sender() -> None:
    content = changed(
        sheet_with(lambda _: None, CHILD), [(SHEET, r'<c r="H2".*?</c>', FORMULAS["the first cell of an array"])]
    )
    assert [code for _, _, _, code in told(read(content)[1])] == ["formula_in_cell"] * 2
    below = changed(
        sheet_with(lambda _: None, CHILD, CHILD),
        [(SHEET, r'<c r="H2".*?</c>', FORMULAS["the first cell of an array"])],
    )
    assert [record.draft is not None for record in read(below)[1]] == [False, False, True], "it ends where it ends"


def test_a_formula_merged_over_rows_is_refused_in_each_of_them() -> None:
    def change(sheet: Any) -> None:
        sheet.merge_cells("H2:H3")

    content = changed(
        sheet_with(change, CHILD), [(SHEET, r'<c r="H2".*?</c>', '<c r="H2" t="str"><f>A1</f><v>Консультация</v></c>')]
    )
    assert [code for _, _, _, code in told(read(content)[1])] == ["formula_in_cell"] * 2


def test_a_formula_without_a_value_in_a_column_that_nobody_takes_is_listed() -> None:
    content = changed(sheet_with(set_cell("I2", value="x")), [(SHEET, r'<c r="I2".*?</c>', '<c r="I2"><f>A1</f></c>')])
    reading, (record,) = read(content)
    assert record.draft is not None
    found = {(one.code, one.place, one.line) for one in reading.report.losses.rows if one.record == 1}
    assert ("unknown_column", COLOUR, 2) in found


def test_a_merged_cell_goes_to_its_rows_and_is_listed_where_it_was_not_typed() -> None:
    def change(sheet: Any) -> None:
        sheet.merge_cells("B2:B3")

    reading, records = read(sheet_with(change, [*CHILD[:1], None, *CHILD[2:]]))
    assert [record.draft.recipient_ogrn for record in records] == [RECIPIENT] * 2
    assert losses(reading) == [("merged_value", "ОГРН получателя", 3, 1)]


def test_what_lies_under_a_merged_cell_is_not_taken_and_told() -> None:
    """Excel keeps the left one and drops the rest; other programs keep them all, unseen."""
    merged = '</sheetData><mergeCells><mergeCell ref="G2:H2"/></mergeCells>'
    reading, (record,) = read(changed(sheet_with(), [(SHEET, "</sheetData>", merged)]))
    assert record.draft.requested_action is None
    assert losses(reading) == [("cell_hidden", ASKED, 2, 1)]
    assert [(c.code, c.place) for c in record.complaints] == [("cell_hidden", ASKED)]


def test_a_row_that_is_struck_out_is_passed_over_and_told() -> None:
    def change(sheet: Any) -> None:
        for cell in sheet[3]:
            cell.font = Font(strike=True)

    reading, records = read(sheet_with(change, CHILD))
    assert [record.line for record in records] == [2]
    assert [(row.line, row.reason) for row in reading.report.skipped] == [(3, "struck")]
    assert losses(reading) == [("row_struck", "", 3, 1)]


def test_a_telephone_beside_a_struck_name_is_still_somebodys() -> None:
    """It went to no directory while the name stood, and does not because that was struck out."""
    book = Workbook()
    book.active.append(["Организация", "ФИО", "Телефон"])
    book.active.append(["Центр", "Синтетов И.И.", "8 900 000-00-01"])
    book.active["B2"].font = Font(strike=True)
    reading = read_contacts(saved(book))
    assert [organisation.phones for organisation in reading.organisations.values()] == [()]
    assert {c.code for c in reading.report.complaints} == {"struck_out", "contacts_own_phone"}


def struck(rows: list[list[Any]], *references: str) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for reference in references:
        book.active[reference].font = Font(strike=True)
    return saved(book)


def test_a_row_whose_number_is_struck_out_goes_to_no_other_family() -> None:
    """Below the first child the number may be left empty, and the row goes on with the family above: struck is not empty."""
    head = ["№ дела", "ФИО ребёнка", "Мать"]
    rows = [
        ["1", "Синтетова Анна", "Синтетова Ольга"],
        ["2", "Пробный Лев", None],
        [None, "Пробный Пётр", None],
        ["3", "Вымыслов Яков", None],
    ]
    content = struck([head, *rows], "A3")
    records = list(read_table(io.BytesIO(content), built_in("families")).records)
    assert [[row.line for row in record.rows] for record in records] == [[2], [3, 4], [5]]
    assert [record.draft is not None for record in records] == [True, False, True]
    assert [(c.code, c.place, c.severity.value) for c in records[1].complaints] == [("struck_out", "№ дела", "error")]


def test_a_row_whose_organisation_is_struck_out_goes_to_no_other_organisation() -> None:
    rows = [
        ["Организация", "Должность", "Телефон"],
        ["Центр", "Приёмная", "8 495 000-00-01"],
        ["Школа", "Директор", "8 495 000-00-02"],
        [None, "Завуч", "8 495 000-00-03"],
    ]
    reading = read_contacts(struck(rows, "A3"))
    (centre,) = reading.organisations.values()
    assert [phone.number for phone in centre.phones] == ["8 495 000-00-01"]
    assert reading.report.rejected >= 1


def test_a_number_of_which_a_part_is_struck_out_is_the_rest() -> None:
    number = CellRichText(TextBlock(InlineFont(strike=True), "СС-1 "), "СС-2")
    book = load_workbook(io.BytesIO(struck([["№ дела", "ФИО ребёнка"], ["1", "Синтетова Анна"]])))
    book.active["A2"].value = number
    (record,) = read_table(io.BytesIO(saved(book)), built_in("families")).records
    assert record.draft.case_ref == "СС-2"


INHERITED = {  # by LibreOffice, whose cell looks as its first piece does
    "a piece with looks of its own": (
        "<r><rPr><strike/></rPr><t>старый </t></r><r><rPr><b/></rPr><t>новый</t></r>",
        "новый",
    ),
    "a piece with none has those of its cell": ("<r><rPr><b/></rPr><t>новый</t></r><r><t> старый</t></r>", "новый"),
    "every piece has its own": ("<r><rPr><b/></rPr><t>но</t></r><r><rPr><i/></rPr><t>вый</t></r>", "новый"),
    "no piece": ("<t>старый</t>", None),
    "pieces without looks": ("<r><t>ста</t></r><r><t>рый</t></r>", None),
}


@pytest.mark.parametrize(("pieces", "left"), INHERITED.values(), ids=INHERITED)
@pytest.mark.parametrize("aside", [True, False])
def test_a_piece_of_a_struck_cell_is_struck_where_it_does_not_say_otherwise(
    pieces: str, left: str | None, aside: bool
) -> None:
    content = sheet_with(set_cell("H2", font=Font(strike=True)))
    inner = 't="s"><v>0</v></c>' if aside else f't="inlineStr"><is>{pieces}</is></c>'
    content = changed(
        content,
        [(SHEET, r'(?<=<c r="H2" s="\d" )t="\w+".*?</c>', inner)],
        [("xl/sharedStrings.xml", f"<sst><si>{pieces}</si></sst>".encode())],
    )
    assert read(content)[1][0].draft.requested_action == left


def test_the_struck_is_told_to_whoever_sent_it() -> None:
    reading, (record,) = read(LISTED["a struck phone"][0])
    assert [(c.code, c.place, c.line) for c in record.complaints] == [("struck_out", PHONE, 2)]
    assert "больше не действует" in record.complaints[0].message()
    assert "снимите зачёркивание" in record.complaints[0].remedy()
    assert reading.report.rejected == 0


@pytest.mark.parametrize(
    ("pattern", "shown"), [("mmm-yy", "фев.19"), ("d-mmm", "01.фев"), ("[$-419]mmmm yyyy;@", ""), ("yyyy", "")]
)
def test_a_date_of_which_the_sheet_shows_a_part_is_asked_for(pattern: str, shown: str) -> None:
    del shown
    reading, (record,) = read(sheet_with(set_cell("E2", number_format=pattern)))
    assert told([record]) == [(1, 2, "Ребёнок: дата рождения", "date_shown_in_part")]
    again = read(reject_file(reading.layout, [record]))[1][0]  # where the whole day is shown, to be looked at
    assert again.draft.persons[0].identity.birth_date == "2019-02-01"


def test_the_reject_file_keeps_struck_and_hidden_what_was() -> None:
    """Else what its sender took back would be taken when the file comes again."""

    def change(sheet: Any) -> None:
        sheet["G2"].font = Font(strike=True)
        sheet["C3"].value = CellRichText(TextBlock(InlineFont(strike=True), "Синтетова "), "Синтетов Иван")
        sheet["H2"].number_format = ";;;"
        sheet["D2"].value, sheet["D2"].number_format = 8765430300, "000-000-000 00"
        sheet["I2"].value = "x"
        sheet.column_dimensions["B"].hidden = True
        for row in (2, 3):
            sheet.cell(row, 6).value = "HUNGER"

    book = sheet_with(change, CHILD)

    def read_as(content: bytes) -> tuple[Any, list[Any]]:
        reading = read_table(io.BytesIO(content), built_in("referrals"), defaults={"recipient_ogrn": RECIPIENT})
        records = list(reading.records)
        for record in records:
            reading.report.add(record)
        return reading, records

    reading, records = read_as(book)
    assert [record.draft for record in records] == [None, None]
    content = reject_file(reading.layout, records)
    sheet = load_workbook(io.BytesIO(content), rich_text=True).active
    assert sheet["G2"].font.strike
    assert [part.font.strike for part in sheet["C3"].value if isinstance(part, TextBlock)][:1] == [True]
    assert sheet.column_dimensions["B"].hidden
    assert sheet["D2"].value == "087-654-303 00"
    again, same = read_as(content)
    assert [(code, place) for _, _, place, code in told(same)] == [(code, place) for _, _, place, code in told(records)]
    sheet["F2"], sheet["F3"] = "HOUSING", "HOUSING"
    corrected = [record.draft for record in read_as(saved(sheet.parent))[1]]
    assert corrected[0].persons[0].contact is None
    assert corrected[0].requested_action is None
    assert corrected[1].persons[0].identity.full_name == "Синтетов Иван"
    assert corrected[0].recipient_ogrn == RECIPIENT
    assert again.layout.own_at == len(HEAD)


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("000000", 1234, "001234"),
        ("000000", 1234567, "1234567"),
        ("00\\ 00\\ 000000", 4514123456, "45 14 123456"),
        ("000-000-000 00", 11223344595, "112-233-445 95"),
        ("+7 (000) 000-00-00", 9000000001, "+7 (900) 000-00-01"),
        ('"№ "0', 17, "№ 17"),
        ("0%", 0.5, "50%"),
        ("0.00%", 0.12345, "12.345%"),
        ("000000;-000000", 12, "000012"),
        ("[Red]0000", 12, "0012"),
        ("000000", -5, None),
        ("000000", 1.5, None),
        ("##-##", 12, "-12"),
    ],
)
def test_a_number_is_what_its_format_shows(code: str, value: float, expected: str | None) -> None:
    look = look_of_format(code)
    assert look is not None
    assert look.shown is Shown.NUMBER
    assert number_shown(value, look.pattern) == expected


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        *(
            (code, None)
            for code in ("General", "0", "@", "0.00", "#,##0", "#,##0.00", "# ##0", "dd.mm.yyyy", "d/m/yy h:mm")
        ),
        *(
            (code, None)
            for code in ("h:mm", "[h]:mm:ss", "mm:ss.0", "h:mm AM/PM", '"дата "dd/mm/yyyy', "0.00E+00", "0" * 300)
        ),
        *((code, Shown.NOTHING) for code in (";;;", ";;")),
        *(
            (code, Shown.PART)
            for code in ("mmm-yy", "d-mmm", "yyyy", "mm.yyyy", "dd.mm", "dd.mm hh:mm", "mmmm\\ yyyy;@")
        ),
    ],
)
def test_formats_that_say_no_more_than_the_value_are_passed_over(code: str, shown: Shown | None) -> None:
    look = look_of_format(code)
    assert (look.shown if look else None) == shown


@pytest.mark.parametrize("data", ["<x", "<!DOCTYPE a><a/>"])
@pytest.mark.parametrize("part", ["xl/drawings/drawing1.xml", "xl/comments1.xml", "xl/threadedComments/t1.xml"])
def test_a_broken_part_beside_the_cells_is_a_broken_book(part: str, data: str) -> None:
    kind = {"d": "drawing", "c": "comments", "t": "threadedComment"}[part.partition("/")[2][0]]
    with pytest.raises(DocumentRejected):
        open_workbook(with_parts((part, data), links=link(1, kind, f"/{part}")), Limits())


@pytest.mark.parametrize("reference", ["", "A0", "99", "AAAA1", "A1:B2:C3"])
def test_a_note_at_no_cell_is_listed_all_the_same(reference: str) -> None:
    note = f'<comments><commentList><comment ref="{reference}"/></commentList></comments>'
    reading, _ = read(with_parts(("xl/comments1.xml", note), links=link(1, "comments", "/xl/comments1.xml")))
    assert [code for code, _, _, _ in losses(reading)] == ["cell_note"]


def test_no_rule_of_a_look_is_also_a_rule_of_a_cell() -> None:
    """A struck cell is counted once: its complaint and its loss come from one look."""
    assert not {shown.value for shown in Shown} & COMPLAINTS.keys()
    assert {shown.value for shown in Shown} - RULES.keys() == {Shown.PART.value}
    assert re.fullmatch("[a-z_]+", Shown.PART.value)
