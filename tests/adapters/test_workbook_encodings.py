"""A part of a workbook is counted by one parser and read by another. Rows that one of them sees and the other does not would
pass by every limit and by the search for formulas; an encoding that only one of them knows makes such rows.
"""

from __future__ import annotations

import io
import zipfile

import pytest

from adapters.limits import DEFAULT_LIMITS
from adapters.tables.workbook import open_workbook
from schemas.errors import DocumentRejected
from tests.adapters.workbooks import workbook

SHEET = "xl/worksheets/sheet1.xml"
BOOK = "xl/workbook.xml"
PARTS = (SHEET, BOOK, "xl/styles.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml")


def with_part(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["ФИО"], ["a"]]))) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.namelist():
            new.writestr(one, data if one == name else old.read(one))
    return out.getvalue()


def part(name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook([["ФИО"], ["a"]]))) as archive:
        text = archive.read(name).decode("utf-8").removeprefix("\ufeff")
    return text[text.index("?>") + 2 :].lstrip() if text.startswith("<?xml") else text


def shifted() -> bytes:
    """Rows that are Korean letters to whoever knows ISO-2022-KR, and cells to whoever reads ASCII."""
    head, tail = part(SHEET).encode("ascii", "xmlcharrefreplace").split(b"<sheetData>")
    rows, tail = tail.split(b"</sheetData>")
    hidden = b"<row>x<c><v>12</v></c><c><v>34</v></c></row>"
    assert len(hidden) % 2 == 0
    begin = b'<?xml version="1.0" encoding="ISO-2022-KR"?>\n\x1b$)C\n'
    return begin + head + b"<sheetData>" + rows + b"\x0e" + hidden + b"\x0f</sheetData>" + tail


def code_of(content: bytes) -> str:
    try:
        open_workbook(content, DEFAULT_LIMITS)
    except DocumentRejected as refusal:
        return refusal.code
    return ""


def test_rows_that_one_parser_does_not_see_are_refused() -> None:
    assert code_of(with_part(SHEET, shifted())) == "workbook_broken"


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("encoding", ["ISO-2022-KR", "utf-7", "windows-1251", "koi8-r", "utf-16"])
def test_only_utf_8_is_read(name: str, encoding: str) -> None:
    for declaration in (
        f"<?xml version='1.0' encoding='{encoding}'?>",
        f'<?xml version="1.0"\n encoding = "{encoding}" standalone="yes"?>',
        f'\ufeff<?xml version="1.0" encoding="{encoding}"?>',
    ):
        content = (declaration + part(name)).encode("utf-8")
        assert code_of(with_part(name, content)) == "workbook_broken"


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1251", "cp037"])
def test_other_bytes_are_refused(name: str, encoding: str) -> None:
    for text in (part(name), f"<!-- ё -->{part(name)}"):
        if encoding == "windows-1251" and text.isascii():
            continue
        content = text.encode(encoding, "xmlcharrefreplace")
        assert code_of(with_part(name, content)) == "workbook_broken"


@pytest.mark.parametrize("begin", ["", "\ufeff", "<?xml version='1.0'?>", '<?xml version="1.0" encoding="Utf-8"?>'])
def test_utf_8_in_every_form_is_read(begin: str) -> None:
    for name in PARTS:
        assert code_of(with_part(name, (begin + part(name)).encode("utf-8"))) == ""


@pytest.mark.parametrize("space", ["", " " * 5_000, f"<!--{'x' * 5_000}-->"])
def test_a_doctype_is_refused_wherever_it_stands(space: str) -> None:
    for name in PARTS:
        content = f'{space}<!DOCTYPE a [<!ENTITY b "c">]>{part(name)}'
        assert code_of(with_part(name, content.encode())) == "document_has_doctype"
