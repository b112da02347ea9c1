"""Whatever a record has too much of, what keeps it out is told: a refusal without its reason cannot be corrected."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.documents.reader import read_documents
from adapters.documents.writer import write_documents
from adapters.limits import DEFAULT_LIMITS
from adapters.record_formats import read_records, record_formats
from adapters.report import Complaint, Severity, errors_by_line, weightiest
from adapters.sheets.columns import kind_of_code
from adapters.sheets.writer import write_sheet
from adapters.tables.reader import read_table
from adapters.tables.writer import write_referrals as write_table
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referrals
from schemas.messages import MessageDraft
from tests.generate import example_draft

MOST = DEFAULT_LIMITS.max_complaints
SEVERITIES = st.lists(st.sampled_from(Severity), max_size=12)


@given(SEVERITIES, st.integers(1, 8))
def test_errors_are_left_out_last(severities: list[Severity], most: int) -> None:
    found = [Complaint(str(at), severity) for at, severity in enumerate(severities)]
    kept = weightiest(found, most)
    errors = [one for one in found if one.severity is Severity.ERROR]
    assert len(kept) == min(len(found), most)
    assert [one for one in kept if one.severity is Severity.ERROR] == errors[:most]
    assert [int(one.code) for one in kept] == sorted(int(one.code) for one in kept), "in their order"


@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from(Severity)), max_size=12),
    st.sets(st.integers(2, 7), min_size=1),
)
def test_every_error_is_told_in_one_row(found: list[tuple[int, Severity]], rows: set[int]) -> None:
    """In its own, or in the first one where it has none; a row that nothing is wrong with says nothing."""
    complaints = [Complaint("value_malformed", severity, f"<{at}>", line) for at, (line, severity) in enumerate(found)]
    lines = sorted(rows)
    said = errors_by_line(complaints, lines)
    assert list(said) == lines
    for one in complaints:
        told = [line for line, words in said.items() if one.place in words]
        own = one.line if one.line in rows else lines[0]
        assert told == ([own] if one.severity is Severity.ERROR else [])


def odd() -> MessageDraft:
    """A warning for each person, more than a record may have, and a mistake in what stands last."""
    draft = example_draft().model_dump()
    child = draft["persons"][0]
    names = [f"Пpимеров Пример {chr(1072 + at)}ович" for at in range(MOST + 3)]  # the second letter is Latin
    persons = [child | {"ref": f"2026-{at}", "identity": {"full_name": name}} for at, name in enumerate(names)]
    persons[-1] = persons[-1] | {"identifiers": {"snils": "11223344596"}}
    return MessageDraft.model_validate(draft | {"persons": persons})


def register(content: bytes) -> Sequence[Any]:
    return list(read_table(io.BytesIO(content)).records)


def sheet(content: bytes) -> Sequence[Any]:
    return list(read_records(record_formats()["message-table"], io.BytesIO(content), DEFAULT_LIMITS)[0])


@pytest.mark.parametrize(
    ("write", "read"),
    [
        (write_documents, lambda content: list(read_documents(io.BytesIO(content)))),
        (write_referrals, lambda content: list(read_referrals(io.BytesIO(content)))),
        (write_table, register),
        (lambda drafts: write_sheet(kind_of_code("message"), drafts), sheet),
    ],
    ids=["documents", "version 1", "register", "table of documents"],
)
def test_a_refused_record_says_why(write: Callable[[Any], bytes], read: Callable[[bytes], Sequence[Any]]) -> None:
    (record,) = read(write([odd()]))
    told = [complaint.severity for complaint in record.complaints]
    codes = [complaint.code for complaint in record.complaints if complaint.severity is Severity.ERROR]
    assert codes == ["snils_check_digits"]
    assert len(told) == MOST
