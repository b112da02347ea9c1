"""What became of the records of an import, as it is kept between its steps, and the report that is made of it.

A complaint repeats no value; what it repeats of headings and elements is sealed (`import_words`), and the refused rows are read
again from the sealed file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from adapters.losses import LossReport
from adapters.report import MAX_COMPLAINTS, Complaint, ImportReport, Severity, Skipped
from gateway.use_cases.apply_document import Applied
from gateway.use_cases.import_values import Import, ImportStep
from gateway.use_cases.take_records import Settled

LOSSES: Final = "losses"
"""What the records of a step lost together stands with the first of them."""


def result_of(settled: Settled) -> Mapping[str, Any]:
    """One record of a step, as JSON."""
    record, applied = settled.record, settled.applied
    return {
        "record": record.number,
        "line": record.line,
        "accepted": record.draft is not None,
        **({"complaints": [_said(one) for one in record.complaints]} if record.complaints else {}),
        **(
            {
                "kind": applied.kind,
                "id": applied.id,
                "repeated": applied.repeated,
                "operation_id": applied.operation_id,
            }
            if applied
            else {}
        ),
    }


def whole_of(report: ImportReport) -> Mapping[str, Any]:
    """What a report says of the file as a whole, as JSON."""
    return {
        "format": report.format,
        "complaints": [_said(one) for one in report.complaints],
        "rules": dict(report.rules),
        "dropped": list(report.dropped_columns),
        "skipped": [[row.line, row.reason] for row in report.skipped],
        "reasons": dict(report.reasons),
        "losses": report.losses.dump(),
    }


def losses_of(one: Import, steps: Iterable[ImportStep]) -> LossReport:
    """The loss report as far as the import is: of the file as a whole, then step by step."""
    losses = LossReport()
    if said := one.whole.get("losses"):
        losses.take(said)
    for step in steps:
        for result in step.results:
            if said := result.get(LOSSES):
                losses.take(said)
    return losses


def report_of(one: Import, steps: Iterable[ImportStep]) -> ImportReport:
    """The report as far as the import is."""
    whole, position = one.whole, one.position
    report = ImportReport(
        whole.get("format", one.handed.form),
        position.settled,
        position.accepted,
        [_complaint(said) for said in whole.get("complaints", ())],
        list(whole.get("dropped", ())),
        [Skipped(line, reason) for line, reason in whole.get("skipped", ())],
        Counter(position.rules) + Counter(whole.get("rules", {})),
        Counter(whole.get("reasons", {})),
        losses_of(one, ()),
    )
    for step in steps:
        for result in step.results:
            if said := result.get(LOSSES):
                report.losses.take(said)
            room = MAX_COMPLAINTS - len(report.complaints)
            report.complaints += complaints_of(result)[: max(0, room)]
    return report


def end_of(report: ImportReport) -> Mapping[str, Any]:
    """All that a report says by record and by place, as JSON: one value that stands for every step."""
    return {
        "complaints": [_said(one) for one in report.complaints],
        "dropped": list(report.dropped_columns),
        LOSSES: report.losses.dump(),
    }


def ended_report(one: Import, end: Mapping[str, Any]) -> ImportReport:
    """The report of an import that has ended, of what `end_of` said."""
    return report_of(replace(one, whole={**one.whole, **end}), ())


def applied_of(steps: Iterable[ImportStep]) -> tuple[Applied, ...]:
    """What its records became."""
    return tuple(
        Applied(result["kind"], result["id"], result["repeated"], result["operation_id"])
        for step in steps
        for result in step.results
        if "kind" in result
    )


def complaints_of(result: Mapping[str, Any]) -> list[Complaint]:
    """What was said of one record."""
    return [_complaint(said) for said in result.get("complaints", ())]


def _said(complaint: Complaint) -> list[Any]:
    return [
        complaint.code,
        complaint.severity.value,
        complaint.place,
        complaint.line,
        complaint.record,
        dict(complaint.params),
    ]


def _complaint(said: list[Any]) -> Complaint:
    code, severity, place, line, record, params = said
    return Complaint(code, Severity(severity), place, line, record, params)
