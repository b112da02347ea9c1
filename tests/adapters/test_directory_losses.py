"""Files of the directory in the formats of others: whatever stands in them is in the directory, in a complaint, in the losses,
or comes back with its record; and what comes back can be sent again."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from adapters.archives import pack, unpack
from adapters.directory_files import read_directory_file
from adapters.directory_records import DirectoryReading
from adapters.hsds.document import write_document
from adapters.hsds.package import DESCRIPTOR, package_files
from adapters.losses import Lost
from adapters.opendata.columns import open_columns
from adapters.opendata.writer import Passport, set_files
from schemas.directory import Directory, DirectoryOrganisation, Service
from schemas.errors import BadInput
from tests.adapters.test_directory_reading import AT, ORGANISATION, SERVICE

MARK = "Plantedmark"
OTHER = DirectoryOrganisation(
    id="6f9619ff-8b86-4011-b42d-00cf4fc964f0",
    name="Центр «Пример»",
    kind="family_centre",
    phones=({"number": "+7 000 000-00-02", "note": "касса"},),
    place={
        "address": "ул. Придуманная, 1",
        "city": "Образцов",
        "region": "Образцовская область",
        "postal_code": "100000",
    },
)
MORE = Service.model_validate(
    {
        "id": "7f9619ff-8b86-4011-b42d-00cf4fc964f0",
        "organisation_id": OTHER.id,
        "name": "Приют",
        "kinds": ["shelter_child"],
        "districts": ["Придуманный район"],
        "documents": ["паспорт"],
        "fee": "free",
        "places": [{"address": "ул. Другая, 2", "city": "Образцов", "region": "Область", "postal_code": "100001"}],
        "capacity": 10,
        "free_places": 2,
        "stated_on": "2026-03-01",
    }
)
DIRECTORY = Directory((ORGANISATION, OTHER), (SERVICE, MORE))
TABLE = "data-20260302-structure-20260302.csv"


def open_data() -> bytes:
    return set_files(DIRECTORY, Passport("7707083893", "Оператор карты"), AT.date())[TABLE]


# --- planting --------------------------------------------------------------------------------------------------------


def table(rows: list[list[str]], delimiter: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def in_table(content: bytes, delimiter: str) -> Iterator[tuple[str, str, bytes]]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))
    width = len(rows[0])
    yield "a column", MARK, table([[*rows[0], "Planted"], *([*row, MARK] for row in rows[1:])], delimiter)
    yield "a column without heading", MARK, table([[*rows[0], ""], *([*row, MARK] for row in rows[1:])], delimiter)
    yield (
        "the first column again",
        MARK,
        table([[*rows[0], rows[0][1]], *([*row, MARK] for row in rows[1:])], delimiter),
    )
    yield "cells beyond", MARK, table([rows[0], *([*row, MARK] for row in rows[1:])], delimiter)
    yield "an empty row", MARK, table([*rows, [""] * width], delimiter)
    yield "a row", MARK, table([*rows, [MARK] * width], delimiter)
    for number, row in enumerate(rows[1:], start=1):
        for at, cell in enumerate(row):
            for what, text in (
                ("another", MARK),
                *((("spaces", f" {cell} "), ("case", cell.swapcase())) if cell else ()),
            ):
                if text != cell:
                    changed = [*rows[:number], [*row[:at], text, *row[at + 1 :]], *rows[number + 1 :]]
                    yield f"{what} in row {number}, column {rows[0][at]}", text, table(changed, delimiter)


def in_package() -> Iterator[tuple[str, str, Mapping[str, bytes]]]:
    files = dict(package_files(DIRECTORY, AT))
    yield "a file", MARK, {**files, "planted.csv": b"id\n" + MARK.encode()}
    for name in files.keys() - {DESCRIPTOR}:
        for what, text, content in in_table(files[name], ","):
            yield f"{name}: {what}", text, {**files, name: content}
    for name in ("contacts.csv", "programs.csv", "languages.csv", "metadata.csv"):
        yield name, MARK, {**files, name: f"id,service_id,name\n1,{SERVICE.id},{MARK}".encode()}
        yield f"{name} of nobody", MARK, {**files, name: f"id,name\n1,{MARK}".encode()}


def in_json() -> Iterator[tuple[str, str, bytes]]:
    content = write_document(DIRECTORY, AT)

    def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        if isinstance(node, dict | list):
            yield path
            for key, value in node.items() if isinstance(node, dict) else enumerate(node):
                yield from places(value, (*path, key))

    for path in places(json.loads(content)):
        for what, value in (
            ("a text", MARK),
            ("an object", {"id": "1", "x": MARK}),
            ("a list", [{"id": MARK}]),
            ("a number", 77),
        ):
            document = json.loads(content)
            node = document
            for step in path:
                node = node[step]
            if isinstance(node, dict):
                for key in ("planted", *(list(node)[:4] if path else ())):
                    kept, node[key] = node.get(key), value
                    yield f"{what} at {path}, {key}", MARK if value != 77 else "77", json.dumps(document).encode()
                    node[key] = kept
            else:
                node.append(value)
                yield f"{what} in {path}", MARK if value != 77 else "77", json.dumps(document).encode()


def told(reading: DirectoryReading) -> Counter[Any]:
    found: Counter[Any] = Counter(reading.report.rules)
    for key, one in reading.report.losses.sums.items():
        found[key] += one.count
    return found


def read(content: Any) -> tuple[DirectoryReading, bytes]:
    reading = read_directory_file(content)
    reading.settle()
    back = reading.reject_file() or b""
    if back.startswith(b"PK"):
        back = b"".join(unpack(back).values())
    return reading, back


def silent(content: Any, planted: Iterator[tuple[str, str, Any]]) -> list[str]:
    before, found = told(read(content)[0]), []
    for what, text, spoilt in planted:
        try:
            reading, back = read(spoilt)
        except BadInput:
            continue
        directory = reading.directory
        values = "".join(one.model_dump_json() for one in (*directory.organisations, *directory.services))
        in_back = text.encode() in back or json.dumps(text).encode()[1:-1] in back
        if not (told(reading) - before or text in values or in_back):
            found.append(what)
    return found


CASES: list[tuple[str, Callable[[], Any], Callable[[], Iterator[tuple[str, str, Any]]]]] = [
    ("package", lambda: package_files(DIRECTORY, AT), in_package),
    ("document", lambda: write_document(DIRECTORY, AT), in_json),
    ("open data", open_data, lambda: in_table(open_data(), ";")),
]


@pytest.mark.parametrize(("whole", "planted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_whatever_is_planted_is_in_the_directory_a_complaint_or_the_losses(
    whole: Callable[[], Any], planted: Callable[[], Iterator[tuple[str, str, Any]]]
) -> None:
    assert not silent(whole(), planted())


def test_defaults_and_what_nobody_takes_have_their_rows() -> None:
    files = {
        "organizations.csv": f"id,name,year_incorporated\n{ORGANISATION.id},Фонд,1999\n".encode(),
        "services.csv": f"id,organization_id,name,status\ns-1,{ORGANISATION.id},Приём,active\n".encode(),
        "schedules.csv": b"id,service_id,byday,opens_at,closes_at\n1,s-1,MO,09:00,18:00\n2,s-9,MO,09:00,18:00\n",
        "notes.csv": b"id\n1\n",
    }
    reading, _ = read(files)
    found = {(loss.code, loss.place) for loss in reading.report.losses.rows}
    assert {
        ("file_not_read", "notes.csv"),
        ("column_not_kept", "organizations.csv: year_incorporated"),
        ("identifier_derived", "services.csv: id"),
        ("from_class", "organizations.csv: attributes"),
        ("zone_assumed", "services.csv: hours"),
        ("value_dropped", "schedules.csv: service_id"),
    } <= found
    said = json.dumps(reading.report.losses.as_dict(), ensure_ascii=False)
    assert "1999" not in said
    assert "Фонд" not in said


def test_a_table_of_open_data_tells_what_it_does_not_say() -> None:
    content = "organisation_name;service_name;Заметка\r\n Фонд;'Приём;ещё\r\n;;\r\nИтого;1;\r\n".encode()
    heading = {column.field: column.heading_ru for column in open_columns()}
    content = content.replace(b"organisation_name", heading["organisation.name"].encode())
    content = content.replace(b"service_name", heading["service.name"].encode())
    reading, _ = read(content)
    assert reading.report.accepted == 2
    found = {(loss.code, loss.place.partition(": ")[2], loss.line) for loss in reading.report.losses.rows}
    assert {
        ("spaces", heading["organisation.name"], 2),
        ("quoting", heading["service.name"], 2),
        ("unknown_column", "Заметка", 2),
        ("row_empty", "", 3),
        ("row_total", "", 4),
        ("identifier_derived", heading["service.id"], 2),
        ("from_class", heading["organisation.kind"], 2),
    } <= found


# --- what comes back -------------------------------------------------------------------------------------------------


def broken_package() -> tuple[Any, Callable[[bytes], Any]]:
    files = dict(package_files(DIRECTORY, AT))
    name = SERVICE.name.encode()
    files["services.csv"] = files["services.csv"].replace(name, b"")

    def corrected(back: bytes) -> Any:
        again = dict(unpack(back))
        rows = list(csv.DictReader(io.StringIO(again["services.csv"].decode(), newline="")))
        assert [(row["id"], bool(row["Ошибка"])) for row in rows] == [(SERVICE.id, True)]
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows([{**row, "name": SERVICE.name} for row in rows])
        return pack({**again, "services.csv": out.getvalue().encode()})

    return pack(files), corrected


def broken_document() -> tuple[Any, Callable[[bytes], Any]]:
    document = json.loads(write_document(DIRECTORY, AT))
    del document["contents"][0]["name"]

    def corrected(back: bytes) -> Any:
        (one,) = json.loads(back)
        assert "services.csv" not in one["Ошибка"]
        assert one["Ошибка"]
        return json.dumps([{**one, "name": SERVICE.name}]).encode()

    return json.dumps(document).encode(), corrected


def broken_table() -> tuple[Any, Callable[[bytes], Any]]:
    content = open_data().replace(f'"{SERVICE.name}"'.encode(), b'""')

    def corrected(back: bytes) -> Any:
        assert back.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(back.decode("utf-8-sig"), newline=""), delimiter=";"))
        assert rows[0][-1] == "Ошибка"
        assert len(rows) == 2
        columns = [column.name for column in open_columns()]
        rows[1][columns.index("service_name")] = SERVICE.name
        return table(rows, ";")

    return content, corrected


def broken_archive() -> tuple[Any, Callable[[bytes], Any]]:
    content, corrected = broken_table()
    return pack({"meta.csv": b"property,value\n", TABLE: content}), lambda back: corrected(unpack(back)[TABLE])


@pytest.mark.parametrize("broken", [broken_package, broken_document, broken_table, broken_archive])
def test_a_refused_service_comes_back_and_is_taken_once_it_is_corrected(
    broken: Callable[[], tuple[Any, Callable[[bytes], Any]]],
) -> None:
    content, corrected = broken()
    first = read_directory_file(content)
    assert list(first.services) == [MORE.id]
    assert first.report.rejected == 1
    back = first.reject_file()
    assert back is not None
    again = read_directory_file(corrected(back))
    assert again.report.rejected == 0
    assert again.services == {SERVICE.id: SERVICE}
    assert again.organisations == {ORGANISATION.id: ORGANISATION}, "known by its identifier: nothing is doubled"
    again.settle()
    assert "column_own" in {loss.code for loss in again.report.losses.rows}
    untouched = read_directory_file(back)
    assert untouched.report.rejected == 1
    assert (untouched.reject_file() or b"").count(b"\xd0\x9e\xd1\x88\xd0\xb8\xd0\xb1\xd0\xba\xd0\xb0") <= 1


def test_a_record_that_somebody_else_publishes_comes_back_too() -> None:
    reading = read_directory_file(package_files(DIRECTORY, AT))
    assert reading.reject_file() is None
    reading.refuse(MORE.id, "directory_not_yours")
    files = unpack(reading.reject_file() or b"")
    again = read_directory_file(files)
    assert list(again.services) == [MORE.id]
    assert set(files) >= {DESCRIPTOR, "services.csv", "organizations.csv", "locations.csv", "addresses.csv"}
    reading.settle()
    assert not [loss for loss in reading.report.losses.rows if loss.lost is not Lost.DEFAULTED]


def test_a_name_that_an_object_has_twice_is_told() -> None:
    content = write_document(DIRECTORY, AT).replace(b'"name":', b'"name":"Plantedmark","name":', 1)
    reading, _ = read(content)
    assert ("value_dropped", "name") in reading.report.losses.sums


def test_a_document_that_is_deeper_than_anybody_reads_is_no_trouble() -> None:
    deep = json.loads(write_document(DIRECTORY, AT))
    content = json.dumps(deep)[:-1].encode() + b', "x": ' + b"[" * 900 + b"]" * 900 + b"}"
    reading, _ = read(content)
    assert ("value_dropped", "/x") in reading.report.losses.sums
