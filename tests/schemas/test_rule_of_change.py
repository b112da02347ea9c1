"""The rule of change: within a version a published schema only grows wider. What was narrowed before 1.0 has its row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.documents import changes
from tests.docs.sources import ROOT
from tests.schemas.published import json_narrowings, table_narrowings, xsd_narrowings

FROZEN = ROOT / "tests" / "vectors" / "published"
"""Each version of each schema as it was first published. Files are only added."""
PUBLISHED = {
    path.name: path
    for folder in ("xsd", "json", "tables")
    for path in sorted((ROOT / "schemas" / folder).iterdir())
    if not path.name.endswith("csv-metadata.json")  # the same content as the Table Schema beside it, in another dialect
}


def version_of(path: Path) -> str:
    """In the name of the file, or (tables) in the file."""
    if path.suffix == ".json" and path.parent.name == "tables":
        return str(json.loads(path.read_text("utf-8"))["version"])
    return path.stem.rpartition("-")[2]


def narrowings(name: str, old: bytes, new: bytes) -> Iterator[str]:
    if name.endswith(".xsd"):
        return xsd_narrowings(old, new)
    compare = table_narrowings if name.endswith((".schema.json", ".datapackage.json")) else json_narrowings
    return compare(json.loads(old), json.loads(new))


@pytest.mark.parametrize("name", PUBLISHED)
def test_within_a_version_a_schema_is_only_widened(name: str) -> None:
    path = PUBLISHED[name]
    version = version_of(path)
    frozen = FROZEN / version / name
    assert frozen.exists(), f"a new version is frozen when it is published: {frozen.relative_to(ROOT)}"
    allowed = {f"{row.place}: {row.what}" for row in changes() if (row.version, row.schema) == (version, name)}
    found = set(narrowings(name, frozen.read_bytes(), path.read_bytes()))
    assert not found - allowed, "narrowed: this is a new version, or before 1.0 a row of schemas/data/changes.csv"
    assert not allowed - found, "rows about what was not narrowed"


def test_every_row_has_its_day_and_its_reason() -> None:
    rows = changes()
    assert rows
    for row in rows:
        assert row.schema in PUBLISHED
        assert date.fromisoformat(row.on)
        assert len(row.reason) > 20
    keys = [(row.version, row.schema, row.place, row.what) for row in rows]
    assert len(set(keys)) == len(keys)


XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="A" type="A"/>
<xs:complexType name="A"><xs:sequence>
<xs:element name="one" type="{kind}" minOccurs="{least}"/>{more}</xs:sequence></xs:complexType>
<xs:simpleType name="Short"><xs:restriction base="xs:string"><xs:maxLength value="{longest}"/></xs:restriction></xs:simpleType>
<xs:simpleType name="Code"><xs:restriction base="xs:token">{listed}</xs:restriction></xs:simpleType></xs:schema>"""
BASE: dict[str, Any] = {"kind": "Short", "least": 0, "longest": 9, "listed": '<xs:enumeration value="a"/>', "more": ""}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({}, {}, []),
        ({}, {"longest": 10}, []),
        ({}, {"longest": 8}, ["A/one: maxLength"]),
        ({}, {"least": 1}, ["A/one: min"]),
        ({}, {"kind": "xs:string"}, []),
        ({"kind": "xs:string"}, {}, ["A/one: maxLength"]),
        ({"kind": "xs:string"}, {"kind": "Code"}, ["A/one: base", "A/one: enum"]),
        ({}, {"more": '<xs:element name="two" type="xs:string" minOccurs="0"/>'}, []),
        ({}, {"more": '<xs:element name="two" type="xs:string"/>'}, ["A/two: required"]),
        ({"more": '<xs:element name="two" type="xs:string" minOccurs="0"/>'}, {}, ["A/two: removed"]),
        ({"kind": "Code"}, {"kind": "Code", "listed": '<xs:enumeration value="a"/><xs:enumeration value="b"/>'}, []),
        ({"kind": "Code"}, {"kind": "Code", "listed": '<xs:enumeration value="b"/>'}, ["A/one: enum"]),
        ({"kind": "Code"}, {"kind": "Code", "listed": '<xs:pattern value="a"/>'}, ["A/one: pattern"]),
    ],
)
def test_a_narrowing_of_an_xsd_is_seen(old: dict[str, Any], new: dict[str, Any], found: list[str]) -> None:
    before, after = (XSD.format(**{**BASE, **one}).encode() for one in (old, new))
    changed = [one for one in xsd_narrowings(before, after) if not (one.endswith("base") and one not in found)]
    assert changed == found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"type": "string", "maxLength": 5}, {"type": "string"}, []),
        ({"type": "string"}, {"type": "string", "minLength": 1}, ["/x: minLength"]),
        ({"type": "string", "pattern": r"^\d$"}, {"type": "string", "pattern": "^[0-9]$"}, []),
        ({"type": "string", "enum": ["a"]}, {"type": "string", "enum": ["a", "b"]}, []),
        ({"type": "string", "enum": ["a", "b"]}, {"type": "string", "enum": ["a"]}, ["/x: enum"]),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string"}, ["/x: null"]),
        (
            {"type": "array", "items": {"type": "string"}},
            {"type": "array", "items": {"type": "string", "pattern": "a"}},
            ["/x: items pattern"],
        ),
    ],
)
def test_a_narrowing_of_a_json_schema_is_seen(old: dict[str, Any], new: dict[str, Any], found: list[str]) -> None:
    assert list(json_narrowings({"properties": {"x": old}}, {"properties": {"x": new}})) == found


def test_a_narrowing_of_a_table_is_seen() -> None:
    field = {"name": "А", "type": "string"}
    for new, found in [
        ([field], []),
        ([field, {"name": "Б", "type": "string"}], []),
        ([{"name": "Б", "type": "string"}, field], ["table: order"]),
        ([], ["А: removed", "table: order"]),
        ([{**field, "type": "date"}], ["А: type"]),
        ([{**field, "constraints": {"pattern": "a"}}], ["А: pattern"]),
    ]:
        assert list(table_narrowings({"fields": [field]}, {"fields": new})) == found


def test_the_table_of_changes_is_a_table() -> None:
    text = (ROOT / "schemas" / "data" / "changes.csv").read_text("utf-8")
    assert next(csv.reader(text.splitlines())) == ["version", "schema", "place", "what", "on", "reason"]
