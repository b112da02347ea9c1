"""The import report as a document, by `report-1.xsd`: what a partner keeps, signed by the gateway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from adapters.losses import VERSION, Loss, LossReport, Lost
from adapters.report import MAX_REPORT_TEXT, PROCESSED, ImportReport, Severity
from adapters.xml.tree import new_root, writable
from schemas.catalogue import Language

NAMESPACE: Final = "urn:mezhved:report:1"


@dataclass(frozen=True, slots=True)
class About:
    """Which file the report is about. `signed_by`: fingerprint of the certificate; `signed_at`: by its own word. `rehearsal`:
    nothing was taken; `ended_by`: the rule by which its taking was refused or stopped."""

    received_at: datetime
    sha256: str
    sender_ogrn: str
    signed_by: str | None = None
    signed_at: datetime | None = None
    rehearsal: bool = False
    ended_by: str | None = None


def write_report(
    report: ImportReport, about: About, sent: Sequence[tuple[str, str]], language: Language = "ru"
) -> bytes:
    """The document in UTF-8, without a signature. `sent`: operation ids with the ids that messages were given."""
    root = new_root(_q("Report"), NAMESPACE)
    _leaf(root, "ReceivedAt", _instant(about.received_at))
    _leaf(root, "Format", report.format)
    _leaf(root, "FileSha256", about.sha256)
    _leaf(root, "SenderOgrn", about.sender_ogrn)
    _leaf(root, "SignedBy", about.signed_by)
    _leaf(root, "SignedAt", _instant(about.signed_at) if about.signed_at else None)
    _leaf(root, "Rehearsal", "true" if about.rehearsal else None)
    _leaf(root, "EndedBy", about.ended_by)
    _leaf(root, "PackageStatus", PROCESSED)
    _leaf(root, "RecordNum", report.records)
    _leaf(root, "RecordNumSuccess", report.accepted)
    _leaf(root, "RecordNumRejected", report.rejected)
    for complaint in report.complaints:
        element = etree.SubElement(root, _q("Complaint"))
        for name, number in (("record", complaint.record), ("line", complaint.line)):
            if number:
                element.set(name, str(number))
        _leaf(element, "RuleCode", complaint.code)
        _leaf(element, "MessageType", 1 if complaint.severity is Severity.ERROR else 2)
        _leaf(element, "Place", complaint.place or None)
        _leaf(element, "Text", complaint.message(language)[:MAX_REPORT_TEXT])
        _leaf(element, "Remedy", complaint.remedy(language))
    _leaf(root, "ComplaintsLeftOut", report.rules.total() - len(report.complaints) or None)
    for operation_id, message_id in sent:
        etree.SubElement(root, _q("Sent"), {"operationId": operation_id, "messageId": message_id})
    _losses(root, report.losses, language)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _losses(root: etree._Element, losses: LossReport, language: Language) -> None:
    """The loss report with its digest: whoever writes its rules and rows as the JSON of the API has them gets the same."""
    counts = {lost.value: str(losses.count(lost)) for lost in Lost}
    left_out = losses.count() - sum(loss.times for loss in losses.rows)
    element = etree.SubElement(
        root, _q("Losses"), {"version": str(VERSION), "sha256": losses.digest(), **counts, "rowsLeftOut": str(left_out)}
    )
    for (code, place), one in sorted(losses.sums.items()):
        _loss(element, "Rule", Loss(code, place, one.line, None, one.count), language)
    for loss in losses.in_order():
        _loss(element, "Row", loss, language)


def _loss(parent: etree._Element, name: str, loss: Loss, language: Language) -> None:
    said = {"lost": loss.lost.value, "ruleCode": loss.code, "place": writable(loss.place), "count": str(loss.times)}
    numbers = {"line": loss.line, "record": loss.record}
    more = {key: str(number) for key, number in numbers.items() if number is not None}
    element = etree.SubElement(parent, _q(name), {**said, **more})
    if name == "Rule":
        element.text = loss.words(language)


def _q(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _leaf(parent: etree._Element, name: str, text: str | int | None) -> None:
    if text is not None:
        etree.SubElement(parent, _q(name)).text = writable(str(text))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
