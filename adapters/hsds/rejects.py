"""Refused records of HSDS in a file like the one they came in: their own rows or objects, and those they cannot do without."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from adapters.archives import pack
from adapters.hsds.links import Links, records_of
from adapters.hsds.profile import Row, Tables
from adapters.report import Record, errors_in_words
from adapters.tables.encoding import decode
from adapters.tables.rejects import OWN_HEADING


def reject_package(files: Mapping[str, bytes], tables: Tables, refused: Sequence[Record]) -> bytes:
    """The archive: of every table the rows that these records lead to, cell by cell, with a column «Ошибка» beside the records;
    a service comes with the row of its organisation. What is no table of HSDS comes as it is."""
    lines, words = _lines_of(tables, refused)
    read = {row.place for rows in tables.values() for row in rows}
    return pack(
        {
            name: _table(content, lines.get(name, set()), words.get(name, {})) if name in read else content
            for name, content in files.items()
            if name not in read or name in lines
        }
    )


def _lines_of(tables: Tables, refused: Sequence[Record]) -> tuple[dict[str, set[int]], dict[str, dict[int, str]]]:
    """Lines that are kept by file, and what is wrong at them."""
    links, records = Links(tables), records_of(tables)
    kept: dict[str, set[int]] = {}
    words: dict[str, dict[int, str]] = {}
    for one in refused:
        row = records[one.number - 1]
        words.setdefault(row.place, {})[row.line or 0] = errors_in_words(one.complaints)
        for found in _with_owner(row, links):
            kept.setdefault(found.place, set()).add(found.line or 0)
    return kept, words


def _with_owner(row: Row, links: Links) -> Iterator[Row]:
    yield from links.of(row)
    if row.table == "service" and (owner := links.organisation_of(row)) is not None:
        yield from links.of(owner)


def _table(content: bytes, lines: set[int], words: Mapping[int, str]) -> bytes:
    source = csv.reader(io.StringIO(decode(content), newline=""))
    heading = next(source, [])
    own_at = next((at for at, name in enumerate(heading) if name.strip() == OWN_HEADING), len(heading))
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow([*heading, OWN_HEADING] if words and own_at == len(heading) else heading)
    before = source.line_num
    for cells in source:
        line, before = before + 1, source.line_num
        if line not in lines:
            continue
        padded = [*cells, *[""] * (own_at - len(cells))]
        table.writerow([*padded[:own_at], words.get(line, ""), *padded[own_at + 1 :]] if words else cells)
    return out.getvalue().encode("utf-8")


def reject_document(records: Sequence[Mapping[str, Any]], tables: Tables, refused: Sequence[Record]) -> bytes:
    """A list of the top objects of a JSON document that these records stand in, each with what is wrong in «Ошибка»."""
    rows = records_of(tables)
    words: dict[int, list[str]] = {}
    for one in refused:
        words.setdefault(rows[one.number - 1].top, []).append(errors_in_words(one.complaints))
    return orjson.dumps(
        [{**records[top], OWN_HEADING: " ".join(said)} for top, said in sorted(words.items())],
        option=orjson.OPT_INDENT_2,
    )
