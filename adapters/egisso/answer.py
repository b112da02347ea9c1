"""The report as ЕГИССО's own protocol of a package (package-protocol 2.3.0): what a system that loads such answers can load.

Its rule codes are numbers of ЕГИССО, so ours stand in the text. A record without an identifier gets one derived from the
package and its number: the same file always gets the same answer but for the time.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from adapters.egisso.facts import TableHead
from adapters.egisso.messages import TYPES_PREFIX
from adapters.egisso.spelling import as_text
from adapters.egisso.values import MessageHead
from adapters.formats import FormatRecord, Reading
from adapters.report import MAX_REPORT_TEXT, PROCESSED, Complaint, Severity
from adapters.xml.tree import new_root

VERSION: Final = "2.3.0"
_PROTOCOL, _PACKAGE, _RECORD = (
    f"{TYPES_PREFIX}{name}/{VERSION}" for name in ("package-protocol", "package-result", "record-result")
)
_DERIVED: Final = uuid.UUID("6f1f8a52-3c0e-5b0c-8d5a-2f4f7d0e1b46")
"""The name space of derived identifiers (UUID version 5). It never changes."""

_ERROR, _WARNING = "1", "2"


def write_answer(reading: Reading, records: Sequence[FormatRecord], now: datetime) -> bytes:
    """The answer to a file that was read to its end: every record that has a complaint, with each of them."""
    report = reading.report
    package_id, package_type = _package(reading, records)
    root = new_root(f"{{{_PROTOCOL}}}protocol", _PROTOCOL, {"p": _PACKAGE, "r": _RECORD})
    result = etree.SubElement(root, f"{{{_PROTOCOL}}}packageResult")
    told = {
        "packageId": package_id,
        "packageType": package_type,
        "packageStatus": str(PROCESSED),
        "receivingTime": as_text(now.astimezone(UTC).replace(microsecond=0)),
        "recordNum": str(report.records) if report.records else "",
        "recordNumSuccess": str(report.accepted) if report.accepted else "",
    }
    for name, text in told.items():
        if text:
            etree.SubElement(result, f"{{{_PACKAGE}}}{name}").text = text
    wrong = [record for record in records if record.complaints]
    if wrong:
        outer = etree.SubElement(result, f"{{{_PROTOCOL}}}errorRecords")
        for record in wrong:
            _record(outer, record, package_id)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _package(reading: Reading, records: Sequence[FormatRecord]) -> tuple[str, str]:
    head = reading.head
    if isinstance(head, MessageHead):
        return head.package_id, f"{head.message}-{head.version}"
    columns = head.columns if isinstance(head, TableHead) else ""
    content = "\n".join(f"{record.number} {record.line} {record.id}" for record in records)
    return str(uuid.uuid5(_DERIVED, content)), f"CSV-{columns}"


def _record(outer: etree._Element, record: FormatRecord, package_id: str) -> None:
    element = etree.SubElement(outer, f"{{{_RECORD}}}recordResult")
    etree.SubElement(element, f"{{{_RECORD}}}recId").text = _id_of(record, package_id)
    etree.SubElement(element, f"{{{_RECORD}}}recordOK").text = "false" if record.value is None else "true"
    for complaint in record.complaints:
        message = etree.SubElement(element, f"{{{_RECORD}}}messages")
        kind = _ERROR if complaint.severity is Severity.ERROR else _WARNING
        etree.SubElement(message, f"{{{_RECORD}}}messageType").text = kind
        etree.SubElement(message, f"{{{_RECORD}}}report").text = _text(complaint)


def _id_of(record: FormatRecord, package_id: str) -> str:
    try:
        return str(uuid.UUID(record.id))
    except ValueError:
        return str(uuid.uuid5(_DERIVED, f"{package_id} {record.number}"))


def _text(complaint: Complaint) -> str:
    """Place, line, what is wrong, what to do, the rule: never the value."""
    place = f"{complaint.place}, " if complaint.place else ""
    said = f"[{complaint.code}] {place}строка {complaint.line}: {complaint.message()} {complaint.remedy()}"
    return said[:MAX_REPORT_TEXT]
