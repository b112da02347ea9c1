"""Something planted into a file of any format, once in every kind of place: whoever reads the file has to account for it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass

from lxml import etree

from adapters.formats import Context, Format
from schemas.errors import BadInput

MARK = "Plantedmark"
"""Stands in no vector. Letters alone, so that it is a name of an element and of an attribute too."""
NAMESPACE = "urn:planted"


def planted(content: bytes, passed_over: Collection[int]) -> Iterator[tuple[str, str, bytes]]:
    """Files with something more in them: a word for what it is, what it says, the file. XML, a table, or lines of text. Of a
    table the lines that are `passed_over` are listed as they are, whatever stands in them."""
    if content.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<"):
        yield from _into_xml(content)
    elif content.splitlines()[0].count(b";"):
        yield from _into_table(content, passed_over)
    else:
        yield from _into_lines(content)


# --- XML -------------------------------------------------------------------------------------------------------------


def _into_xml(content: bytes) -> Iterator[tuple[str, str, bytes]]:
    tree = etree.fromstring(content)
    seen: set[str] = set()
    for number, element in enumerate(tree.iter()):
        path = re.sub(r"\[\d+\]", "", tree.getroottree().getpath(element))
        if path in seen:
            continue
        seen.add(path)
        for what, put in _XML.items():
            root = etree.fromstring(content)
            if text := put(list(root.iter())[number]):
                yield (
                    f"{what} at {path}",
                    text,
                    etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8"),
                )
    for what, aside in (("comment", f"<!--{MARK}-->"), ("instruction", f"<?{MARK} x?>")):
        end = content.index(b"?>") + 2
        yield f"{what} before the root", MARK, content[:end] + aside.encode() + content[end:]
        yield f"{what} after the root", MARK, content.rstrip() + aside.encode()


def _add(element: etree._Element, namespace: str | None, at: int) -> str:
    one = etree.Element(f"{{{namespace}}}{MARK}")
    one.text = MARK
    element.insert(at, one)
    return MARK


def _set(element: etree._Element) -> str:
    element.set(MARK, MARK)
    return MARK


def _aside(element: etree._Element, one: etree._Element) -> str:
    element.insert(0, one)
    return MARK


def _words(element: etree._Element) -> str:
    element.text = f"{element.text or ''}{MARK}"
    return element.text.strip()


def _spaces(element: etree._Element) -> str:
    if len(element) or not element.text:
        return ""
    element.text = f" {element.text}\n"
    return element.text


def _again(element: etree._Element) -> str:
    if element.getparent() is None or len(element):
        return ""
    one = etree.fromstring(etree.tostring(element, with_tail=False))
    one.text = MARK
    element.addnext(one)
    return MARK


_XML: dict[str, Callable[[etree._Element], str]] = {
    "an element": lambda element: _add(element, etree.QName(element).namespace, len(element)),
    "a first element": lambda element: _add(element, etree.QName(element).namespace, 0),
    "a foreign element": lambda element: _add(element, NAMESPACE, len(element)),
    "an attribute": _set,
    "a comment": lambda element: _aside(element, etree.Comment(MARK)),
    "an instruction": lambda element: _aside(element, etree.ProcessingInstruction(MARK, "x")),
    "words": _words,
    "spaces": _spaces,
    "the same element again": _again,
}


# --- tables ----------------------------------------------------------------------------------------------------------


def _into_table(content: bytes, passed_over: Collection[int]) -> Iterator[tuple[str, str, bytes]]:
    encoding, mark = ("utf-8", b"\xef\xbb\xbf") if content.startswith(b"\xef\xbb\xbf") else ("cp1251", b"")
    rows = list(csv.reader(io.StringIO(content.removeprefix(mark).decode(encoding), newline=""), delimiter=";"))
    width = max(map(len, rows))
    heading = max(range(len(rows)), key=lambda number: sum(map(bool, rows[number])) - number / 100)

    def table(found: list[list[str]]) -> bytes:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(found)
        return mark + out.getvalue().encode(encoding)

    def changed(number: int, cells: list[str]) -> bytes:
        return table([*rows[:number], cells, *rows[number + 1 :]])

    yield "a title", MARK, table([[MARK], *rows])
    yield "a row of totals", MARK, table([*rows, [f"Итого: {MARK}"]])
    yield "an empty row", MARK, table([*rows, [""] * width])
    yield "the headings again", MARK, table([*rows, rows[heading]])
    yield "a row", MARK, table([*rows, [MARK, *[""] * (width - 1)]])
    named = [*rows[heading], *[""] * (width - len(rows[heading])), MARK]
    yield "a column, empty", MARK, changed(heading, named)
    unnamed = [*named[:-1], ""]
    for number, row in enumerate(rows[heading + 1 :], start=heading + 1):
        if number + 1 in passed_over:
            continue
        long = [*row, *[""] * (width - len(row)), MARK]
        between, after = rows[heading + 1 : number], rows[number + 1 :]
        for what, head in (("of an unknown column", named), ("without a heading", unnamed), ("beyond", rows[heading])):
            yield f"a cell {what} in row {number}", MARK, table([*rows[:heading], head, *between, long, *after])
        for at, cell in enumerate(row):
            for what, text in (
                (("spaces", f" {cell}\u00a0"), ("case", cell.swapcase())) if cell else (("a cell", MARK),)
            ):
                if text != cell:
                    yield (
                        f"{what} in row {number}, column {at}",
                        text,
                        changed(number, [*row[:at], text, *row[at + 1 :]]),
                    )


# --- lines -----------------------------------------------------------------------------------------------------------


def _into_lines(content: bytes) -> Iterator[tuple[str, str, bytes]]:
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines):
        more = [*lines[:number], MARK.encode() + b"\n", *lines[number:]]
        yield f"a line before line {number + 1}", MARK, b"".join(more)
        body = line.rstrip(b"\r\n")
        for what, added in (("words", f" {MARK}"), ("spaces", "  ")):
            longer = body + added.encode() + line[len(body) :]
            text = body.decode("utf-8", "replace") + added
            yield (
                f"{what} at the end of line {number + 1}",
                text,
                b"".join([*lines[:number], longer, *lines[number + 1 :]]),
            )
    yield "a line at the end", MARK, content.rstrip(b"\r\n") + b"\n" + MARK.encode() + b"\n"


# --- the account -----------------------------------------------------------------------------------------------------


@dataclass
class Account:
    """What a reading says of a file: its values, what it complains of, and what it lists. `back` is what the format writes
    of the values, and gives back of refused records."""

    values: str
    back: bytes
    told: Counter[tuple[str, ...]]
    passed_over: frozenset[int]


def account(one: Format, content: bytes) -> Account:
    """Raises BadInput for a file that is refused as a whole."""
    reading = one.read(io.BytesIO(content), Context())
    records = [reading.take(record) for record in reading.records]
    values = [record.value for record in records if record.value is not None]
    said = "".join(value.model_dump_json() for value in (reading.head, *values) if value is not None)
    report, refused = reading.report, [record for record in records if record.value is None]
    back = b"".join(one.rejects(io.BytesIO(content), Context(), refused)) if one.rejects and refused else b""
    if reading.head is not None and values:
        with suppress(BadInput):  # what is read tolerantly may be what nobody writes
            back += one.write(reading.head, values, Context())
    told = Counter({("complaint", code): count for code, count in report.rules.items()})
    told.update({("loss", *key): found.count for key, found in report.losses.sums.items()})
    return Account(said, back, told, frozenset(row.line for row in report.skipped))


def unaccounted(one: Format, content: bytes) -> list[str]:
    """What was planted and nobody speaks of: it is in no value, it does not come back, and neither a complaint nor a loss
    came with it."""
    before = account(one, content)
    silent = []
    for what, text, spoilt in planted(content, before.passed_over):
        try:
            after = account(one, spoilt)
        except BadInput:
            continue  # the whole file is refused, with the reason
        is_back = any(text.encode(encoding, "replace") in after.back for encoding in ("utf-8", "cp1251"))
        if not (after.told - before.told or json.dumps(text, ensure_ascii=False)[1:-1] in after.values or is_back):
            silent.append(what)
    return silent
