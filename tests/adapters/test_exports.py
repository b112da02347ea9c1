"""Exports as XML and as tables: whatever they hold, the XSD has a place for it and no spreadsheet runs it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.documents.table_schema import table_schema
from adapters.exports.document import NAMESPACE, export_schema, write_document
from adapters.exports.files import write_file, write_part
from adapters.exports.profiles import export_forms
from adapters.exports.tables import columns, write_tables
from adapters.tables.cells import clean
from adapters.tables.encoding import find_text
from adapters.tables.grid import csv_grids
from adapters.texts import is_prompt
from schemas.exports import Export, Party
from schemas.exports_own import ExportNote
from schemas.package import Said
from schemas.signs import visible
from tests.export_strategies import exports

SLOW = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    max_examples=50,
    phases=[Phase.explicit, Phase.generate],
)


def table(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in content
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


@SLOW
@given(exports)
def test_every_export_is_a_document_of_the_schema(export: Export):
    root = etree.fromstring(write_document(export))
    assert export_schema().validate(root), export_schema().error_log
    listed = [person for record in export.kept for person in record.people]
    sections = [section for person in (*export.people(), *listed) for section in person.sections]
    written = root.findall(f".//{{{NAMESPACE}}}Section")
    assert len(written) == len(sections), "a section is left out"
    for element, section in zip(written, sections, strict=True):
        assert element.findtext(f"{{{NAMESPACE}}}Effect") == section.effect
        assert len(element.findall(f"{{{NAMESPACE}}}Field")) == len(section.fields)
    for name, values in _several(export).items():
        assert len(root.findall(f".//{{{NAMESPACE}}}{name}")) == len(values), f"{name}: one is left out"


def _several(export: Export) -> dict[str, list[object]]:
    """What there may be several of, by element."""
    return {
        "FactEvent": [event for fact in export.facts for event in fact.fact_events],
        "Points": [one for score in export.scores for one in score.points],
        "Pause": [pause for term in export.terms for pause in term.pauses],
        "Document": [*export.documents, *(one for message in export.messages for one in message.documents)],
        "Kept": list(export.kept),
        "OwnNote": list(export.own_notes),
        "LeftOut": list(export.left_out),
    }


@SLOW
@given(exports)
def test_every_table_has_its_rows_and_no_formula(export: Export):
    tables = {name.removesuffix(".csv"): table(content) for name, content in write_tables(export).items()}
    for name, rows in tables.items():
        assert rows[0] == [column.heading for column in columns()[name]]
        assert len(rows) > 1
        for row in rows[1:]:
            assert len(row) == len(rows[0])
            for cell in row:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell
                if not is_prompt(cell.strip().strip("'")):
                    clean(cell)
    for name, least in {
        "facts": export.facts,
        "fact_events": _several(export)["FactEvent"],
        "scores": export.scores,
        "terms": export.terms,
        "pauses": _several(export)["Pause"],
        "documents": _several(export)["Document"],
        "kept": export.kept,
        "own_notes": export.own_notes,
        "left_out": export.left_out,
    }.items():
        assert len(tables.get(name, [[]])) - 1 >= len(least), f"{name}: a row is missing"
    told = {(row[2], row[4]) for row in tables.get("sections", [[]])[1:]}
    assert told == {(person.ref, str(s.category)) for person in export.people() for s in person.sections}


def empty(**more: Any) -> Export:
    return Export("id", "case", datetime(2026, 3, 2, tzinfo=UTC), Party("Фонд", "ngo"), "ru", "Europe/Moscow", **more)


SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "\t", "\r", "\n", "'", " =", "\u00a0=", "нет", "-", "")


def comes_back(text: str) -> bool:
    """No date, which has a form of its own, no prompt of a template, nothing that nobody sees."""
    is_date = re.fullmatch(r"\d{4}-\d\d-\d\d", text)
    return bool(text.strip()) and not is_date and visible(text) == text and not is_prompt(text.strip(" \u00a0'"))


WORDS = st.builds(
    "{}{}".format,
    st.sampled_from(SIGNS),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\r\n"), max_size=20),
).filter(comes_back)


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_what_somebody_wrote_is_no_formula_in_a_table_and_is_read_again_as_it_was(said: list[str]) -> None:
    notes = tuple(
        ExportNote(f"n{number}", Said("note", "Заметка", "Note"), datetime(2026, 3, 2, tzinfo=UTC), (), {"words": one})
        for number, one in enumerate(said)
    )
    content = write_tables(empty(own_notes=notes))["own_notes.csv"]
    grid = next(one for one in csv_grids(find_text(io.BytesIO(content))) if one.delimiter == ";")
    rows = list(grid)
    place = rows[0].cells.index("Значение")
    cells = [row.cells[place] for row in rows[1:]]
    assert [clean(cell).text for cell in cells] == said
    assert not [cell for cell in cells if cell.startswith(tuple(sign for sign in SIGNS[:13] if sign != "'"))]


@SLOW
@given(exports)
def test_yes_and_no_are_written_as_they_are(export: Export) -> None:
    written = write_tables(export)
    found: set[str] = set()
    for table_name, name, owners in (
        ("authorities", "verified", export.authorities),
        ("facts", "everywhere", export.facts),
        ("terms", "reminder", export.terms),
    ):
        names = [column.name for column in columns()[table_name]]
        if owners and name in names:
            cells = [row[names.index(name)] for row in table(written[f"{table_name}.csv"])[1:]]
            assert [{"да": True, "нет": False}.get(cell) for cell in cells] == [getattr(one, name) for one in owners]
            found |= set(cells)
    assert found <= {"да", "нет"}


def test_a_file_is_named_by_its_export_alone():
    export = empty()
    assert write_file(export, "xml").name == "mezhved-case-id.xml"
    archive = write_file(export, "csv")
    assert archive.name == "mezhved-case-id.zip"
    assert zipfile.ZipFile(io.BytesIO(archive.content)).namelist() == []
    assert write_file(export, "fhir").media_type == "application/fhir+json"
    assert list(write_part(export, "fhir")) == ["00000.json"]


@SLOW
@given(exports)
def test_every_table_is_as_it_is_described(export: Export) -> None:
    """What Frictionless checks too (`tests/system/test_schemas_agree.py`), without it."""
    written = write_tables(export)
    described = {form.name: table_schema(form)["fields"] for form in export_forms()}
    for name, content in written.items():
        fields = described[name.removesuffix(".csv")]
        head, *rows = table(content)
        assert head == [field["name"] for field in fields]
        for row in rows:
            for cell, field in zip(row, fields, strict=True):
                if cell:
                    fits(cell, field)


def fits(cell: str, field: dict[str, Any]) -> None:
    match field["type"]:
        case "date" | "datetime":
            assert datetime.strptime(cell, field["format"])  # noqa: DTZ007  local to the organisation
        case "boolean":
            assert cell in {*field["trueValues"], *field["falseValues"]}
        case "integer":
            assert int(cell) is not None
        case _ if pattern := field.get("constraints", {}).get("pattern"):
            assert re.fullmatch(pattern, cell), field["name"]
