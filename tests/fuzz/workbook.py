"""A small workbook with something of everything, as parts that a fuzzer may exchange. All persons are invented."""

from __future__ import annotations

import functools
import io
import re
import zipfile
from collections.abc import Mapping

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

PARTS = (
    "xl/worksheets/sheet1.xml",
    "xl/styles.xml",
    "xl/sharedStrings.xml",
    "xl/comments/comment1.xml",
    "xl/drawings/drawing1.xml",
    "xl/worksheets/_rels/sheet1.xml.rels",
    "xl/workbook.xml",
    "docProps/core.xml",
)
STRINGS = "<sst><si><r><rPr><strike/></rPr><t>ул. Старая, </t></r><r><t>ул. Пробная, д. 1</t></r></si></sst>"


@functools.cache
def book() -> Mapping[str, bytes]:
    """Its parts by their names."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (
        ["№ дела", "ФИО ребёнка", "Дата рождения", "СНИЛС", "Адрес семьи"],
        [1, "Синтетов Иван", "01.02.2019", 8765430300, "ул. Пробная, д. 1"],
        [None, "Синтетова Анна", "01.02.19", None, None],
        [2, "Пробный Лев", None, None, 0.5],
    ):
        sheet.append(row)
    sheet["A2"].comment = Comment("проба", "проба")
    sheet["D2"].number_format, sheet["E4"].number_format = "000-000-000 00", "0%"
    sheet["E2"].font, sheet["B4"].hyperlink = Font(strike=True), "https://example.org"
    sheet["B4"].value = CellRichText(TextBlock(InlineFont(strike=True), "Пробный "), "Лев")
    sheet["C3"].number_format = "mmm-yy"
    sheet.merge_cells("A2:A3")
    sheet.add_chart(BarChart(), "H9")
    sheet.add_data_validation(DataValidation("list", formula1='"а,б"', sqref="F1"))
    sheet.oddHeader.center.text = "проба"
    out = io.BytesIO()
    made.save(out)
    with zipfile.ZipFile(out) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    cell = re.sub(rb'<c r="E2"[^>]*>.*?</c>', b'<c r="E2" t="s"><v>0</v></c>', parts[PARTS[0]])
    return {**parts, PARTS[0]: cell, "xl/sharedStrings.xml": STRINGS.encode()}
