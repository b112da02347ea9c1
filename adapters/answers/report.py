"""The report that lies beside a file of answers: a table that a spreadsheet opens, one line for each answer."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

from adapters.documents.table_schema import PATTERNS, TableField, TableForm
from adapters.report import Complaint, Record, Severity
from adapters.tables.cells import guard
from schemas.catalogue import Language, text
from schemas.errors import DocumentRejected

TAKEN: Final = "taken"
REHEARSED: Final = "rehearsed"
"""It would be taken, or was taken before."""
REPEATED: Final = "repeated"
REFUSED: Final = "refused"
HEADINGS: Final = ("record", "line", "answer", "outcome", "code", "place", "report", "remedy")
_MARK: Final = "\ufeff"  # by it spreadsheets know UTF-8


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer and what became of it. `operation_id` is empty where the record could not be read."""

    record: Record
    outcome: str
    operation_id: str = ""


def report_table(answered: Sequence[Answered], language: Language = "ru") -> bytes:
    """What became of each answer; the reason as a code and in words, never the value that was wrong."""
    rows: list[list[str]] = []
    for one in answered:
        errors = [c for c in one.record.complaints if c.severity is Severity.ERROR]
        rows += [_row(one, complaint, language) for complaint in errors] or [_row(one, None, language)]
    return _table(rows, language)


def rejection_table(rejection: DocumentRejected, language: Language = "ru") -> bytes:
    """Why a file as a whole was not taken."""
    line = str(rejection.params.get("line", ""))
    outcome = text("answers_report.refused", language)
    words, remedy = (text(f"{kind}.{rejection.code}", language, **rejection.params) for kind in ("errors", "remedies"))
    return _table([["", line, "", outcome, rejection.code, "", words, remedy]], language)


def answer_report_form(language: Language = "ru") -> TableForm:
    """The published table of such a report."""
    kinds = {"record": "integer", "line": "integer", "answer": "uuid"}
    fields = (
        TableField(name, text(f"answers_report.{name}", language), kind, PATTERNS.get(kind, ""))
        for name, kind in ((name, kinds.get(name, "line")) for name in HEADINGS)
    )
    return TableForm("answers-report", 1, tuple(fields))


def _row(one: Answered, complaint: Complaint | None, language: Language) -> list[str]:
    said = ["", "", "", ""]
    if complaint is not None:
        said = [complaint.code, complaint.place, complaint.message(language), complaint.remedy(language)]
    outcome = text(f"answers_report.{one.outcome}", language)
    line = complaint.line if complaint is not None and complaint.line else one.record.line
    return [str(one.record.number), str(line), one.operation_id, outcome, *said]


def _table(rows: Sequence[Sequence[str]], language: Language) -> bytes:
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(text(f"answers_report.{name}", language) for name in HEADINGS)
    writer.writerows([guard(cell) for cell in row] for row in rows)
    return (_MARK + out.getvalue()).encode()
