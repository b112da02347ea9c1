"""The published schemas outside our program: xmllint and Frictionless take what we write, and refuse what our reader refuses
for its form."""

from __future__ import annotations

import functools
import io
import json
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest
from frictionless import Detector, Dialect, Resource, Schema, formats
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from adapters.answers.report import REFUSED, TAKEN, Answered, answer_report_form, report_table
from adapters.documents.reader import read_documents
from adapters.documents.table_schema import TableForm, form_of
from adapters.documents.writer import kind_of, write_document, write_documents
from adapters.exports.profiles import export_form
from adapters.exports.tables import columns, write_tables
from adapters.report import Severity
from adapters.sheets.forms import sheet_form
from adapters.sheets.writer import write_sheet
from adapters.tables.output import write_csv
from adapters.tables.profile import built_in, referrals_profile
from adapters.tables.reader import read_table
from adapters.tables.writer import write_referrals
from schemas.documents import KINDS
from tests.adapters.documents.wrong import WRONG
from tests.adapters.test_round_trips import drafts as register_drafts
from tests.builders import Town
from tests.directory_strategies import directories
from tests.document_strategies import authorities, consents, messages, summaries
from tests.export_strategies import exports
from tests.gateway.own_world import fill
from tests.generate import ROOT, example_draft, example_of
from tests.mutations import BLANK, broken_element

SCHEMA = ROOT / "schemas" / "xsd" / "exchange-2.xsd"
BY_CODE = {kind.code: kind for kind in KINDS}
REFERRALS = form_of(referrals_profile())
FORM = frozenset(
    {
        "element_not_expected",
        "element_missing",
        "attribute_not_expected",
        "value_empty",
        "value_too_long",
        "snils_malformed",
        "ogrn_malformed",
        "uuid_malformed",
        "date_malformed",
        "instant_malformed",
        "oktmo_malformed",
    }
)
"""Rules that an XSD can say."""


def xmllint(*files: Path) -> list[bool]:
    """Whether each is valid, by the tool of Debian."""
    done = subprocess.run(
        ["xmllint", "--noout", "--nonet", "--schema", str(SCHEMA), *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    said = done.stderr.splitlines()
    return [f"{file} validates" in said for file in files]


RANDOM = settings(
    max_examples=30,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
ANY = {
    "message": messages(),
    "summary": summaries(),
    "consent": consents(),
    "authority": authorities(),
    "directory": directories,
}


def documents_of(**drawn: Any) -> list[BaseModel]:
    directory = drawn.pop("directory")
    return [*drawn.values(), *directory.organisations, *directory.services]


@RANDOM
@given(**ANY)
def test_xmllint_takes_what_we_write(tmp_path: Path, **drawn: Any) -> None:
    values = documents_of(**drawn)
    files = []
    for number, content in enumerate([*map(write_document, values), write_documents([drawn["message"]] * 2)]):
        files.append(tmp_path / f"{number}.xml")
        files[-1].write_bytes(content)
    assert xmllint(*files) == [True] * len(files)


BEYOND_XSD: dict[str, str] = {
    "ogrn_check_digit": "check digits",
    "snils_check_digits": "check digits",
    "concern_unknown": "code lists grow without a new version",
    "document_system_unknown": "code lists",
    "document_type_unknown": "code lists: the same code means another thing by another list",
    "kinship_code_unknown": "code lists",
    "kinship_system_unknown": "code lists",
    "code_unknown": "code lists",
    "person_role_unknown": "code lists",
    "document_zeros_lost": "how many digits a document of its kind has",
    "placeholder_left": "prompts of templates",
    "name_odd_characters": "signs that no name has",
    "absence_contradicts": "a rule over two fields",
    "type_not_in_document": "code lists: of types of messages",
    "trigger_missing": "what a type of message must carry",
    "statement_missing": "what a type of message must carry",
    "concern_missing": "what a type of message must carry",
    "child_missing": "what a type of message must carry",
    "child_unnamed": "what a type of message must carry",
    "same_organisation": "a rule over two fields",
    "date_impossible": "the calendar, where a text may be a month",
}
"""Rules that an XSD 1.0 cannot say, with why. Whatever else our reader refuses, the schema must refuse."""
BEYOND_ELEMENTS: dict[str, str] = {
    **dict.fromkeys(("KindCode", "FormCode", "StatusCode", "FeeCode", "ApplyBy", "Audience", "Urgency"), "code lists"),
    "Zone": "the list of time zones",
    **dict.fromkeys(("Ogrn", "Inn", "ParentOgrn", "Oktmo"), "check digits"),
    **dict.fromkeys(("MinAge", "MaxAge"), "the order of two ages"),
    **dict.fromkeys(("From", "To", "Opens", "Closes", "Weekday"), "the order of days and hours"),
    **dict.fromkeys(("Capacity", "FreePlaces", "StatedOn"), "figures that hang together"),
    **dict.fromkeys(("Latitude", "Longitude"), "one coordinate without the other"),
    **dict.fromkeys(("AsOf", "EraseAfter"), "the order of two days"),
    **dict.fromkeys(("PersonId", "About"), "identifiers that point to each other"),
    **dict.fromkeys(("District", "Document", "DocumentNeeded"), "nothing is named twice"),
}
"""Elements whose classes have a rule over lists or over several fields: of these the reader says `value_malformed`."""


def is_beyond_xsd(codes: set[str], element: str, text: str) -> bool:
    """Whether what our reader refused is what a schema cannot say."""
    if text in BLANK:
        return True  # of a text with line breaks a schema cannot say that it must not be all spaces
    rest = codes - BEYOND_XSD.keys()
    return not rest or (rest == {"value_malformed"} and element in BEYOND_ELEMENTS)


@RANDOM
@given(**ANY, chance=st.randoms(use_true_random=False))
def test_xmllint_and_our_reader_agree_on_any_document_that_is_broken_in_one_place(
    tmp_path: Path, chance: Any, **drawn: Any
) -> None:
    files, ours = [], []
    for number, value in enumerate(documents_of(**drawn) * 3):
        content, element, text = broken_element(write_document(value), chance)
        (record,) = read_documents(io.BytesIO(content))
        files.append(tmp_path / f"{number}.xml")
        files[-1].write_bytes(content)
        errors = {c.code for c in record.complaints if c.severity is Severity.ERROR}
        ours.append((record.value is not None, errors, element, text))
    for taken, (mine, errors, element, text) in zip(xmllint(*files), ours, strict=True):
        if taken != mine:
            assert taken, f"the reader takes in {element} what the schema refuses: {text!r}"
            assert is_beyond_xsd(errors, element, text), f"{element}: {text!r}: {errors}"


def test_xmllint_and_our_reader_agree_on_what_is_wrong_in_form(tmp_path: Path) -> None:
    files, ours = [], []
    for number, (code, old, new, *_) in enumerate(WRONG):
        content = write_document(example_of(BY_CODE[code])).decode().replace(old, new, 1)
        (record,) = read_documents(io.BytesIO(content.encode()))
        form = {c.code for c in record.complaints if c.code in FORM}
        told_by_class = {c.code for c in record.complaints} & {"value_malformed", "code_unknown"}
        if told_by_class:
            continue  # a list of codes, or a rule over two fields: not for a schema, or said by both in other words
        files.append(tmp_path / f"{number}.xml")
        files[-1].write_text(content, "utf-8")
        ours.append(not form)
    assert len(ours) > 15
    assert True in ours
    assert xmllint(*files) == ours


def frictionless(content: bytes, folder: Path, encoding: str, form: TableForm = REFERRALS) -> list[str]:
    """The kinds of errors that Frictionless finds in a table, by its published Table Schema."""
    (folder / "table.csv").write_bytes(content)
    resource = Resource(
        path="table.csv",
        basepath=str(folder),
        schema=Schema.from_descriptor(published(form.name)),
        encoding=encoding,
        dialect=Dialect(controls=[formats.CsvControl(delimiter=";")]),
        detector=Detector(schema_sync=False),
    )
    return [f"{error.type}: {error.note}" for task in resource.validate().tasks for error in task.errors]


@functools.cache
def published(name: str) -> dict[str, Any]:
    """The Table Schema of this name: a file of its own, or a resource of the package of an export."""
    folder = ROOT / "schemas" / "tables"
    if (file := folder / f"{name}.schema.json").exists():
        return json.loads(file.read_text("utf-8"))  # type: ignore[no-any-return]
    package = json.loads((folder / "export.datapackage.json").read_text("utf-8"))
    (found,) = [one["schema"] for one in package["resources"] if one["name"] == name]
    return found  # type: ignore[no-any-return]


def test_frictionless_takes_the_registers_we_write(tmp_path: Path) -> None:
    assert frictionless(write_referrals([example_draft()]), tmp_path, "utf-8-sig") == []
    assert frictionless(write_referrals([example_draft()], encoding="cp1251"), tmp_path, "cp1251") == []


@RANDOM
@given(drafts=st.lists(register_drafts, min_size=1, max_size=3))
def test_frictionless_takes_any_register(tmp_path: Path, drafts: list[Any]) -> None:
    assert frictionless(write_referrals(drafts), tmp_path, "utf-8-sig") == []


@RANDOM
@given(**ANY)
def test_frictionless_takes_any_table_of_documents(tmp_path: Path, **drawn: Any) -> None:
    for value in documents_of(**drawn):
        kind = kind_of(value)
        assert frictionless(write_sheet(kind, [value]), tmp_path, "utf-8-sig", sheet_form(kind)) == []


@RANDOM
@given(export=exports)
def test_frictionless_takes_every_table_of_any_export(tmp_path: Path, export: Any) -> None:
    for name, content in write_tables(export).items():
        assert frictionless(content, tmp_path, "utf-8-sig", export_form(name.removesuffix(".csv"))) == [], name


def test_frictionless_takes_every_table_of_a_whole_store(town: Town, tmp_path: Path) -> None:
    checked = set()
    for name, content in fill(town, tmp_path).parts("csv").items():
        table = name.partition("-")[2].removesuffix(".csv")
        if name.endswith(".csv") and table in columns():
            checked.add(table)
            assert frictionless(content, tmp_path, "utf-8-sig", export_form(table)) == [], name
    # Notes are written as fields of sections are; records of a practice are in the export of one case.
    assert checked >= set(columns()) - {"notes", "records"}, "a table that no store was seen to have"


def test_frictionless_takes_answers_and_the_report_of_them(tmp_path: Path) -> None:
    form = form_of(built_in("answers"))
    row = [str(uuid.UUID(int=1)), "", str(uuid.UUID(int=2)), "принято", "", "да; нет", "", "", ""]
    answers = write_csv([column.heading for column in form.fields], [row])
    assert frictionless(answers, tmp_path, "utf-8-sig", form) == []
    wrong = answers.replace("принято".encode(), b"=1+1")
    taken, refused = (read_table(io.BytesIO(one), built_in("answers")).records for one in (answers, wrong))
    found = [*(Answered(one, TAKEN) for one in taken), *(Answered(one, REFUSED) for one in refused)]
    assert frictionless(report_table(found), tmp_path, "utf-8-sig", answer_report_form()) == []


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("02.03.2026", "2026/03/02", "constraint-error"),
        ("14.05.2019", "2019-05-14", "constraint-error"),
        ("112-233-445 95", "112", "constraint-error"),
        ("112-233-445 95", "нет ", "constraint-error"),
        ('"да"', '"ага"', "type-error"),
        ("Ребёнок: СНИЛС", "СНИЛС", "incorrect-label"),
    ],
)
def test_frictionless_refuses_what_another_form_has(tmp_path: Path, old: str, new: str, error: str) -> None:
    content = write_referrals([example_draft()]).decode("utf-8-sig")
    assert old in content
    found = frictionless(content.replace(old, new, 1).encode("utf-8-sig"), tmp_path, "utf-8-sig")
    assert [one.partition(":")[0] for one in found] == [error]


@pytest.mark.parametrize(
    ("code", "old", "new", "error"),
    [
        ("message", "01.09.2026", "2026-09-01", "type-error"),
        ("message", '"planned"', '"завтра"', "constraint-error"),
        ("message", "3f1c9a52", "3f1c", "constraint-error"),
        ("authority", "15.01.2026", "15/01/2026", "type-error"),
        ("consent", '"да"', '"yes"', "type-error"),
        ("organisation", '"1"', '"0"', "constraint-error"),
        ("service", '"17"', '"121"', "constraint-error"),
        ("service", '"18:00"', '"24:30"', "constraint-error"),
        ("case_summary", "Сводка случая: №", "№", "incorrect-label"),
    ],
)
def test_frictionless_refuses_a_table_of_documents_in_another_form(
    tmp_path: Path, code: str, old: str, new: str, error: str
) -> None:
    content = write_sheet(BY_CODE[code], [example_of(BY_CODE[code])]).decode("utf-8-sig")
    assert old in content
    broken = content.replace(old, new, 1).encode("utf-8-sig")
    found = frictionless(broken, tmp_path, "utf-8-sig", sheet_form(BY_CODE[code]))
    assert error in {one.partition(":")[0] for one in found}
