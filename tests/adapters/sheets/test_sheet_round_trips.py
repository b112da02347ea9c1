"""Whatever a canonical class can hold is written as a table and read back as it was, also several documents in one table."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from hypothesis import Phase, given, settings
from pydantic import BaseModel

from adapters.documents.writer import kind_of
from adapters.formats import Context
from adapters.sheets.reader import read_sheet
from adapters.sheets.writer import write_sheet
from schemas.directory import Directory
from tests.directory_strategies import directories
from tests.document_strategies import authorities, consents, messages, summaries

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
