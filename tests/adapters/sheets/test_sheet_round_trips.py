"""Whatever a canonical class can hold is written as a table and read back as it was, also several documents in one table."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import Phase, given, settings
from pydantic import BaseModel

from adapters.documents.writer import kind_of
from adapters.formats import Context, FormatRecord, recognise
from adapters.record_formats import record_formats
from adapters.report import Complaint, Severity
from adapters.sheets.reader import read_sheet
from adapters.sheets.writer import write_sheet
from schemas.directory import Directory
from tests.directory_strategies import directories
from tests.document_strategies import authorities, consents, messages, summaries

WRONG = Complaint("value_malformed", Severity.ERROR)
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""Without shrinking: a document of a hundred fields takes minutes, and says no more."""


def same(values: Sequence[BaseModel]) -> None:
    kind = kind_of(values[0])
    content = write_sheet(kind, values)
    records = list(read_sheet(kind, io.BytesIO(content), Context()).records)
    told = [complaint.as_dict() for record in records for complaint in record.complaints]
    wrong = [one for one in told if one["severity"] == "error"]  # a warning is told, and the value taken as it is
    assert not wrong, wrong
    assert [record.value for record in records] == list(values)
    found = [record.value.model_dump() for record in records if record.value is not None]
    assert found == [value.model_dump() for value in values]
    comes_back(content, records)


def comes_back(content: bytes, records: Sequence[FormatRecord]) -> None:
    """Whatever is refused is read from what is given back as it was; what reads as a formula is one in a reject file."""
    one = record_formats()[recognise(content).name]
    assert one.rejects is not None
    for asked in (records, records[-1:]):
        refused = [replace(record, value=None, complaints=(WRONG,)) for record in asked]
        back = b"".join(one.rejects(io.BytesIO(content), Context(), refused))
        again = list(one.read(io.BytesIO(back), Context()).records)
        assert len(again) == len(asked)
        for before, after in zip(asked, again, strict=True):
            formulas = {complaint.code for complaint in after.complaints if complaint.severity is Severity.ERROR}
            assert after.value == before.value or formulas == {"formula_in_cell"}


@settings(max_examples=60, phases=PHASES)
@given(messages(), messages())
def test_messages(one: Any, other: Any) -> None:
    same([one, other])


@settings(max_examples=40, phases=PHASES)
@given(summaries())
def test_case_summaries(value: Any) -> None:
    same([value])


@settings(max_examples=40, phases=PHASES)
@given(consents(), consents())
def test_consents(one: Any, other: Any) -> None:
    same([one, other])


@settings(max_examples=40, phases=PHASES)
@given(authorities())
def test_authorities(value: Any) -> None:
    same([value])


@settings(max_examples=30, phases=PHASES)
@given(directories)
def test_organisations_and_services(directory: Directory) -> None:
    for values in (directory.organisations, directory.services):
        if values:
            same(values)
