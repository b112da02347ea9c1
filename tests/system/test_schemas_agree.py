"""The published schemas outside our program: xmllint and Frictionless take what we write, and refuse what our reader refuses
for its form."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from frictionless import Detector, Dialect, Resource, Schema, formats
from hypothesis import HealthCheck, given, settings

from adapters.documents.reader import read_documents
from adapters.documents.writer import write_document, write_documents
from adapters.tables.writer import write_referrals
from schemas.documents import KINDS
from tests.adapters.documents.wrong import WRONG
from tests.document_strategies import consents, messages, summaries
from tests.generate import ROOT, example_draft, example_of

SCHEMA = ROOT / "schemas" / "xsd" / "exchange-2.xsd"
BY_CODE = {kind.code: kind for kind in KINDS}
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


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=messages(), summary=summaries(), consent=consents())
def test_xmllint_takes_what_we_write(tmp_path: Path, message: Any, summary: Any, consent: Any) -> None:
    files = []
    for number, content in enumerate(
        [write_document(message), write_document(summary), write_document(consent), write_documents([message] * 2)]
    ):
        files.append(tmp_path / f"{number}.xml")
        files[-1].write_bytes(content)
    assert xmllint(*files) == [True] * 4


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


def frictionless(content: bytes, folder: Path, encoding: str) -> list[str]:
    """The kinds of errors that Frictionless finds in a register, by the published Table Schema."""
    (folder / "referrals.csv").write_bytes(content)
    schema = Schema.from_descriptor(
        json.loads((ROOT / "schemas" / "tables" / "referrals.schema.json").read_text("utf-8"))
    )
    resource = Resource(
        path="referrals.csv",
        basepath=str(folder),
        schema=schema,
        encoding=encoding,
        dialect=Dialect(controls=[formats.CsvControl(delimiter=";")]),
        detector=Detector(schema_sync=False),
    )
    return [error.type for task in resource.validate().tasks for error in task.errors]


def test_frictionless_takes_the_registers_we_write(tmp_path: Path) -> None:
    assert frictionless(write_referrals([example_draft()]), tmp_path, "utf-8-sig") == []
    assert frictionless(write_referrals([example_draft()], encoding="cp1251"), tmp_path, "cp1251") == []


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("02.03.2026", "2026/03/02", "type-error"),
        ("112-233-445 95", "112", "constraint-error"),
        ('"да"', '"ага"', "type-error"),
        ("Ребёнок: СНИЛС", "СНИЛС", "incorrect-label"),
    ],
)
def test_frictionless_refuses_what_another_form_has(tmp_path: Path, old: str, new: str, error: str) -> None:
    content = write_referrals([example_draft()]).decode("utf-8-sig")
    assert old in content
    assert error in frictionless(content.replace(old, new, 1).encode("utf-8-sig"), tmp_path, "utf-8-sig")
