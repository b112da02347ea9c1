"""Take in a file of referrals or signals, record by record, through the same gate as the API.

The file is read to its end before anything is applied: a document that turns out broken leaves nothing behind. Each good
record is a message of its own; a record that a rule or the gate refuses goes into the report and the reject file.
Sending the same file again is harmless: operation ids repeat.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

from adapters.csv.layout import Layout
from adapters.csv.reader import read_referrals as read_csv
from adapters.csv.rejects import reject_file
from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.report import Complaint, ImportReport, Record, Severity
from adapters.signatures.verify import Verified
from adapters.xml.reader import read_referrals as read_xml
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.check_signature import Checked, check_signature
from gateway.use_cases.house import House
from gateway.use_cases.submit_message import preview_message, refusal_of, submit_message
from gateway.use_cases.values import MessageOnFile, Organisation, Requester
from schemas.errors import BadInput, Conflict, MezhvedError, Refused, RequestRejected

FORMATS = ("xml", "csv")
SMEV = "smev"
"""The form of a file that came in an envelope of SMEV, by `receive_smev`."""


@dataclass(frozen=True, slots=True)
class FileReceipt:
    """What became of the file. `reject_file` has the refused rows in the sender's own format (CSV only); `digest` is SHA-256
    of the file as it came, `signature` the one that it was taken by, None for one without."""

    report: ImportReport
    messages: tuple[MessageOnFile, ...]
    reject_file: bytes | None
    digest: str
    signature: Verified | None = None


def receive_file(
    house: House,
    requester: Requester,
    stream: BinaryIO,
    form: str,
    now: datetime,
    *,
    max_bytes: int = DEFAULT_LIMITS.max_bytes,
    progress: Callable[[int, int], None] | None = None,
    synthetic: bool = False,
) -> FileReceipt:
    """Raises DocumentRejected for a file that cannot be read as a whole, or for its signature; nothing of it is applied."""
    if form not in FORMATS:
        raise RequestRejected("format_unknown", known=", ".join(FORMATS))
    content = stream.read(max_bytes + 1)
    limits = replace(DEFAULT_LIMITS, max_bytes=max_bytes)
    with house.store.reading() as unit:
        sender = unit.participants.organisation(requester.organisation_id)
    assert sender is not None
    checked = check_signature(house, sender, requester.actor, content, form, now, limits)
    return apply_file(
        house,
        requester,
        sender,
        checked,
        hashlib.sha256(content).hexdigest(),
        form,
        now,
        limits=limits,
        progress=progress,
        synthetic=synthetic,
    )


def apply_file(
    house: House,
    requester: Requester,
    sender: Organisation,
    checked: Checked,
    digest: str,
    form: str,
    now: datetime,
    *,
    limits: Limits = DEFAULT_LIMITS,
    progress: Callable[[int, int], None] | None = None,
    synthetic: bool = False,
    rehearsal: bool = False,
) -> FileReceipt:
    """What was checked, record by record. `digest`: of the file as it came; `rehearsal`: nothing is sent, the report says what
    would be. Raises DocumentRejected as `receive_file` does."""
    records, report, layout = _read(checked.content, form, limits, sender.ogrn)
    messages, applied = [], []
    for number, record in enumerate(records, start=1):
        taken, message = _apply(house, requester, record, now, synthetic=synthetic, rehearsal=rehearsal)
        applied.append(taken)
        report.add(taken)
        if message is not None:
            messages.append(message)
        if progress is not None:
            progress(number, len(records))
    signature = checked.signature
    with house.store.writing() as unit:
        summary = {"records": report.records, "accepted": report.accepted, "rules": dict(report.rules)}
        unit.messages.add_import(sender.id, digest, form, now, summary)
        append_entry(
            unit,
            EventKind.FILE_RECEIVED,
            {
                "organisation": sender.id,
                "actor": requester.actor,
                "format": form,
                "digest": digest,
                "records": report.records,
                "accepted": 0 if rehearsal else report.accepted,
                **({"certificate": signature.certificate.fingerprint} if signature else {}),
            },
            now,
        )
    rejected = [record for record in applied if record.draft is None]
    reject = reject_file(layout, rejected) if layout and rejected else None
    return FileReceipt(report, tuple(messages), reject, digest, signature)


def _apply(
    house: House, requester: Requester, record: Record, now: datetime, *, synthetic: bool, rehearsal: bool
) -> tuple[Record, MessageOnFile | None]:
    if record.draft is None:
        return record, None
    try:
        if rehearsal:
            preview = preview_message(house, requester, record.draft, now)
            return (_refuse(record, refusal_of(preview)) if preview.blocked_by else record), None
        return record, submit_message(house, requester, record.draft, now, synthetic=synthetic).message
    except (Refused, BadInput, Conflict) as error:
        return _refuse(record, error), None


def _refuse(record: Record, error: MezhvedError) -> Record:
    return record.refuse(Complaint(error.code, Severity.ERROR, "", record.line, record.number, dict(error.params)))


def _read(content: bytes, form: str, limits: Limits, ogrn: str) -> tuple[Sequence[Record], ImportReport, Layout | None]:
    """All records, the report that has begun, and the layout that a reject file repeats (CSV)."""
    stream = io.BytesIO(content)
    if form in ("xml", SMEV):
        return list(read_xml(stream, limits)), ImportReport(form), None
    reading = read_csv(stream, limits=limits, defaults={"sender_ogrn": ogrn, "type": "referral"})
    return list(reading.records), reading.report, reading.layout
