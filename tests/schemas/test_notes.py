"""Notes of messages: what fits a row, and a complaint whose remedy holds."""

from __future__ import annotations

import re

import pytest

from schemas.errors import BadInput
from schemas.messages import NoteDraft
from schemas.notes import NoteRow, check_notes, note_rows

ROWS = [row for rows in note_rows().values() for row in rows if row.kind != "words"]


def _said(row: NoteRow, value: str) -> BadInput | None:
    """What is said of this one note; others that are required do not matter here."""
    try:
        check_notes(row.message, [NoteDraft(field=row.field, value=value)])
    except BadInput as error:
        return None if error.code == "note_required" else error
    return None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.message}.{row.field}")
def test_what_a_complaint_expects_is_taken(row: NoteRow) -> None:
    error = _said(row, "не то")
    assert error is not None
    assert (error.code, error.params["field"]) == ("note_invalid", row.field)
    expected = str(error.params["expected"])
    assert not re.search("[а-яё]", expected, re.IGNORECASE), "it stands in the English remedy too"
    several = expected.startswith("(")
    examples = expected.strip("()+").split(" | ")
    for value in [*examples, *([" ".join(examples)] if several else [])]:
        assert _said(row, value) is None, value
