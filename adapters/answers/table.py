"""Answers as a table, read as tolerantly as the registers of referrals: delimiter, encoding, titles, spellings of headings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, Final

from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.report import Record
from adapters.tables.profile import built_in
from adapters.tables.reader import TableReading, read_table
from schemas.errors import DocumentRejected

NAME: Final = "answers"


def read_answer_table(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> TableReading:
    """As `read_table` does by the profile `answers`, with what is wrong said of answers."""
    try:
        reading = read_table(stream, built_in(NAME), limits)
    except DocumentRejected as found:
        raise _of_answers(found) from None
    return replace(reading, records=_records(reading))


def _records(reading: TableReading) -> Iterator[Record]:
    try:
        yield from reading.records
    except DocumentRejected as found:
        raise _of_answers(found) from None


def _of_answers(found: DocumentRejected) -> DocumentRejected:
    if found.code == "heading_not_found":
        return DocumentRejected("answers_heading_unknown")
    return DocumentRejected("answers_empty") if found.code == "document_without_rows" else found
