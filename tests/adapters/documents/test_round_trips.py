"""Whatever a canonical class can hold is written as XML by the published XSD and read back as it was."""

from __future__ import annotations

import io

from hypothesis import given, settings
from pydantic import BaseModel

from adapters.documents.reader import read_documents
from adapters.documents.writer import write_document, write_documents
from adapters.report import Severity
from schemas.directory import Directory
from tests.directory_strategies import directories
from tests.document_strategies import authorities, consents, messages, summaries


def read(content: bytes) -> list[BaseModel | None]:
    """The values of a file in which nothing is wrong."""
    records = list(read_documents(io.BytesIO(content)))
    wrong = [c.as_dict() for record in records for c in record.complaints if c.severity is Severity.ERROR]
    assert not wrong, wrong
    return [record.value for record in records]


def same(value: BaseModel) -> None:
    for content in (write_document(value), write_documents([value])):
        (found,) = read(content)
        assert found == value
        # What was left out is left out of both: what a partner did not say does not begin to have been said.
        assert found is not None
        assert found.model_dump() == value.model_dump()


@settings(max_examples=150)
@given(messages())
def test_messages(value: BaseModel) -> None:
    same(value)


@settings(max_examples=60)
@given(summaries())
def test_case_summaries(value: BaseModel) -> None:
    same(value)


@settings(max_examples=60)
@given(consents())
def test_consents(value: BaseModel) -> None:
    same(value)


@settings(max_examples=40)
@given(authorities())
def test_authorities(value: BaseModel) -> None:
    same(value)


@settings(max_examples=40)
@given(directories)
def test_organisations_and_services(directory: Directory) -> None:
    for value in (*directory.organisations, *directory.services):
        same(value)
