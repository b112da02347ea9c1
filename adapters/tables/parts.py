"""What stands between a stranger's workbook and the library that reads it: what kind of file it is, what it would unpack to,
how many rows and cells a sheet has, what is hidden, computed or an error in it.

The library makes a whole rectangle of the corners of a sheet and a copy of a shared text for each cell that names it, so a
few bytes could ask for all of the memory: everything is counted here first, with lxml, and refused with its reason.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from adapters.archives import ARCHIVE_FAULTS, has_too_many, is_zip, opened_part, unpack
from adapters.limits import Limits, too_large
from adapters.xml.tree import forget
from schemas.errors import DocumentRejected

OLD: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_STREAM: Final = "EncryptedPackage".encode("utf-16-le")
_WORKBOOK: Final = "xl/workbook.xml"
_STRINGS: Final = "sharedstrings.xml"
_KINDS: Final = (  # what is in the archive, and what is said of it
    ("xl/workbook.bin", "workbook_binary"),
    ("word/document.xml", "document_other_office"),
    ("ppt/presentation.xml", "document_other_office"),
)
_MACROS: Final = re.compile(r"(?:^|/)(?:vba[^/]*\.bin|macrosheets/)|^xl/dialogsheets/", re.IGNORECASE)
_LINKS: Final = re.compile(r"^xl/(?:externallinks/|connections\.xml|querytables/|webextensions/)", re.IGNORECASE)
_CELL: Final = re.compile(r"^([A-Z]{1,3})([1-9]\d{0,6})$")
_RANGE: Final = re.compile(r"^([A-Z]{1,3})([1-9]\d{0,6}):([A-Z]{1,3})([1-9]\d{0,6})$")
_ENCODING: Final = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"']*)[\"']")
_REFERENCE: Final = re.compile(r"&#(?:x([0-9A-Fa-f]{2,5})|([0-9]{3,6}));")
"""What a writer may have in place of a letter."""
_LETTERS: Final = range(0x80, 0xD800)
"""None of them makes markup of a text."""
_MARKUP: Final = (".xml", ".rels")
_FIRST: Final = 64 * 1024
_MAX_MERGED: Final = 50_000
_MAX_SHEETS: Final = 100
_VALUES: Final = frozenset({"v", "is"})
_OF_RANGES: Final = frozenset({"array", "dataTable"})


@dataclass(frozen=True, slots=True)
class Span:
    """Merged cells, by rows and columns from zero, both ends inside."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Sheet:
    """What a sheet holds beside its values. Rows and columns count from zero; `faults` are rules by row and column."""

    number: int
    hidden: bool
    path: str = ""
    rows: int = 0
    columns: int = 0
    faults: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[Span] = field(default_factory=list)


def is_workbook(content: bytes) -> bool:
    """Whether the bytes begin as a workbook of any age does."""
    return is_zip(content) or content.startswith(OLD)


def has_sheets(content: bytes) -> bool:
    """Whether an archive names a workbook inside: one of another kind may begin with the same bytes."""
    return content.startswith(OLD) or (is_zip(content) and b"xl/workbook" in content)


def first_texts(content: bytes) -> bytes:
    """The beginning of what stands in the cells of a workbook, among its markup, in UTF-8; nothing of what is none. No part is
    unpacked further than that."""
    if has_too_many(content):
        return b""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            named = {entry.filename.lower(): entry for entry in archive.infolist()}
            found = [named[name] for name in (f"xl/{_STRINGS}", "xl/worksheets/sheet1.xml") if name in named]
            markup = b"".join(opened_part(archive, entry).read(_FIRST) for entry in found)
    except ARCHIVE_FAULTS:
        return b""
    return _REFERENCE.sub(_letter, markup.decode("utf-8", "replace")).encode()


def _letter(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return chr(code) if code in _LETTERS else reference[0]


def parts_of(content: bytes, limits: Limits) -> Mapping[str, bytes]:
    """The parts of a workbook by their names in small letters. Raises DocumentRejected for everything that is no plain
    workbook, and for one with macros or with links to other files."""
    if len(content) > limits.max_bytes:
        raise too_large(limits)
    if content.startswith(OLD):
        raise DocumentRejected("document_encrypted" if _ENCRYPTED_STREAM in content else "workbook_old")
    files = unpack(content, limits, folders=True)
    _refuse_kinds(files)
    return {name.lower(): data for name, data in files.items()}


def measure(parts: Mapping[str, bytes], limits: Limits) -> list[Sheet]:
    """The sheets of a workbook in their order, none of them over a limit. Raises DocumentRejected."""
    strings = _lengths(parts, limits)
    sheets = []
    for number, (path, hidden) in enumerate(_sheets(parts), start=1):
        if number > _MAX_SHEETS:
            raise DocumentRejected("workbook_too_many_sheets", limit=_MAX_SHEETS)
        sheet = Sheet(number, hidden, path)
        if path in parts and path.startswith("xl/worksheets/"):
            _Measure(sheet, strings, limits).read(parts[path])
        sheets.append(sheet)
    return sheets


def _refuse_kinds(files: Mapping[str, bytes]) -> None:
    kind = files.get("mimetype", b"")
    if kind.startswith(b"application/vnd.oasis.opendocument"):
        raise DocumentRejected("workbook_opendocument" if b"spreadsheet" in kind else "document_other_office")
    for name, code in _KINDS:
        if name in files:
            raise DocumentRejected(code)
    if any(map(_MACROS.search, files)) or b"macroEnabled" in files.get("[Content_Types].xml", b""):
        raise DocumentRejected("workbook_macros")
    if any(map(_LINKS.search, files)):
        raise DocumentRejected("workbook_external_links")
    if _WORKBOOK not in {name.lower() for name in files}:
        raise DocumentRejected("document_is_spreadsheet")
    for name, data in files.items():
        if name.lower().endswith(_MARKUP):
            _refuse_markup(data)


def _refuse_markup(data: bytes) -> None:
    """A part is counted by one parser and read by another: only what both must read alike goes on, and that is UTF-8 without a
    DOCTYPE, as every program writes it."""
    if b"<!DOCTYPE" in data:
        raise DocumentRejected("document_has_doctype")
    declared = _ENCODING.match(data)
    if b"\0" in data or (declared is not None and declared[1].lower() != b"utf-8"):
        raise DocumentRejected("workbook_broken")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise DocumentRejected("workbook_broken") from None


def events(data: bytes, tags: tuple[str, ...], *, starts: bool = False) -> Iterator[tuple[str, etree._Element]]:
    """Elements by their local names, in any namespace. Raises DocumentRejected (workbook_broken, document_has_doctype)."""
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise DocumentRejected("document_has_doctype")
    try:
        yield from etree.iterparse(
            io.BytesIO(data),
            events=("start", "end") if starts else ("end",),
            tag=[f"{{*}}{tag}" for tag in tags],
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
        )
    except etree.XMLSyntaxError:
        raise DocumentRejected("workbook_broken") from None


def local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _sheets(parts: Mapping[str, bytes]) -> Iterator[tuple[str, bool]]:
    """The part of each sheet, and whether it is hidden."""
    folder = posixpath.dirname(_WORKBOOK)
    targets = {}
    for _, link in events(parts.get("xl/_rels/workbook.xml.rels", b"<none/>"), ("Relationship",)):
        target = str(link.get("Target", ""))
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        targets[link.get("Id")] = path.lower()
    for _, sheet in events(parts[_WORKBOOK], ("sheet",)):
        ids = [value for name, value in sheet.attrib.items() if str(name).endswith("}id")]
        yield targets.get(str(ids[0]) if ids else None, ""), sheet.get("state", "visible") != "visible"


def _lengths(parts: Mapping[str, bytes], limits: Limits) -> list[int]:
    """The length of each shared text."""
    data = next((data for name, data in parts.items() if name.endswith(_STRINGS)), None)
    if data is None:
        return []
    found = []
    for _, item in events(data, ("si",)):
        found.append(sum(len(text) for text in map(str, item.itertext())))
        item.clear()
    if len(found) > limits.max_elements:
        raise DocumentRejected("sheet_too_large", cells=limits.max_cells)
    return found


class _Measure:
    """Reads one sheet, cell by cell, keeping none."""

    def __init__(self, sheet: Sheet, strings: list[int], limits: Limits) -> None:
        self._sheet, self._strings, self._limits = sheet, strings, limits
        self._row = self._column = -1
        self._signs = self._spread = 0
        self._computed: dict[int, int] = {}  # by column, the last row that a formula further up has the value of

    def read(self, data: bytes) -> None:
        for event, element in events(data, ("row", "c", "col", "mergeCell"), starts=True):
            name = local(element)
            if event == "start":
                if name == "row":
                    self._begin_row(element)
                continue
            if name == "c":
                self._cell(element)
            elif name == "col":
                self._columns(element)
            elif name == "mergeCell":
                self._merge(element)
            if name in ("row", "c"):
                forget(element)
        if self._sheet.rows * self._sheet.columns > self._limits.max_cells:
            raise DocumentRejected("sheet_too_large", cells=self._limits.max_cells)

    def _begin_row(self, element: etree._Element) -> None:
        self._row = _number(element.get("r"), self._row + 2) - 1
        self._column = -1
        if element.get("hidden") in ("1", "true"):
            self._sheet.hidden_rows.add(self._row)
            if len(self._sheet.hidden_rows) > self._limits.max_rows:
                raise DocumentRejected("sheet_too_many_rows", limit=self._limits.max_rows)

    def _cell(self, element: etree._Element) -> None:
        self._column += 1
        if reference := element.get("r"):
            self._row, self._column = place(reference)
        inner = {local(child): child for child in element}
        formula, value = "f" in inner or self._row <= self._computed.get(self._column, -1), inner.get("v")
        if not formula and not _VALUES & inner.keys():
            return
        sheet = self._sheet
        if self._row >= self._limits.max_rows:
            raise DocumentRejected("sheet_too_many_rows", limit=self._limits.max_rows)
        if self._column >= self._limits.max_columns:
            raise DocumentRejected("document_too_many_columns", line=self._row + 1, limit=self._limits.max_columns)
        sheet.rows, sheet.columns = max(sheet.rows, self._row + 1), max(sheet.columns, self._column + 1)
        if formula:
            sheet.faults.setdefault(self._row, {})[self._column] = "formula_in_cell"
            if "f" in inner and inner["f"].get("t") in _OF_RANGES:
                self._compute(inner["f"].get("ref", ""))
        elif element.get("t") == "e":
            sheet.faults.setdefault(self._row, {})[self._column] = "spreadsheet_error_value"
        elif element.get("t") == "s" and value is not None:
            self._count(value.text)

    def _count(self, index: str | None) -> None:
        at = _number(index, -1)
        if at < 0 or at >= len(self._strings):
            raise DocumentRejected("workbook_broken")
        self._signs += self._strings[at]
        if self._signs > self._limits.max_unpacked:
            raise DocumentRejected("archive_unpacks_too_large", limit_mb=self._limits.max_unpacked // (1024 * 1024))

    def _columns(self, element: etree._Element) -> None:
        if element.get("hidden") in ("1", "true") and len(self._sheet.hidden_columns) < self._limits.max_columns:
            first = _number(element.get("min"), 1)
            self._sheet.hidden_columns.append((first - 1, _number(element.get("max"), first) - 1))

    def _merge(self, element: etree._Element) -> None:
        if (span := self._range(element.get("ref", ""))) is None:
            return
        if len(self._sheet.merged) >= _MAX_MERGED:
            raise DocumentRejected("sheet_too_large", cells=self._limits.max_cells)
        self._sheet.merged.append(span)

    def _compute(self, reference: str) -> None:
        """A formula of a range stands in its first cell alone; the values of all of them come from it."""
        if (span := self._range(reference)) is None:
            return
        self._spread += span.right - span.left + 1
        if self._spread > self._limits.max_cells:
            raise DocumentRejected("sheet_too_large", cells=self._limits.max_cells)
        for column in range(span.left, span.right + 1):
            self._computed[column] = max(span.bottom, self._computed.get(column, -1))

    def _range(self, reference: str) -> Span | None:
        found = _RANGE.match(reference)
        if found is None:
            return None
        left, right = _column(found[1]), _column(found[3])
        top, bottom = int(found[2]) - 1, min(int(found[4]), self._limits.max_rows) - 1
        return Span(top, left, bottom, min(right, self._limits.max_columns))


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= 7):  # noqa: PLR2004  1 048 576 rows
        raise DocumentRejected("workbook_broken")
    return int(text)


def place(reference: str) -> tuple[int, int]:
    """Row and column, from zero, of a cell. Raises DocumentRejected (workbook_broken)."""
    found = _CELL.match(reference)
    if found is None:
        raise DocumentRejected("workbook_broken")
    return int(found[2]) - 1, _column(found[1])


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
