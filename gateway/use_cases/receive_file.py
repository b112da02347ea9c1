"""Take in a file, record by record: messages through the same gate as the API, families and signals of lists to be kept for
their holder alone, a phone book into the directory. Which of these a table is says its profile.

The file is read to its end before anything is applied: a document that turns out broken leaves nothing behind. Each good
record stands for itself; a record that a rule or the gate refuses goes into the report and the reject file.
Sending the same file again is harmless: operation ids repeat, and what is kept is known again.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

from adapters.contacts import read_contacts
from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.report import Complaint, ImportReport, Record, Severity
from adapters.tables.layout import Layout
from adapters.tables.profile import CONTACT, Profile
from adapters.tables.reader import read_table
from adapters.tables.rejects import reject_file
from adapters.xml.reader import read_referrals as read_xml
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.keep_mapping_profile import profile_named
from gateway.use_cases.keep_records import keep_in, require_keeper
from gateway.use_cases.receive_directory import receive_directory
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import MessageOnFile, Organisation, Requester
from schemas.errors import BadInput, Conflict, MezhvedError, Refused, RequestRejected
from schemas.intake import FamilyDraft, SignalDraft
from schemas.messages import MessageDraft

FORMATS = ("xml", "csv", "xlsx")
DEFAULT_PROFILE = "referrals"


@dataclass(frozen=True, slots=True)
class FileReceipt:
    """What became of the file. `kept` are new or changed records that are kept; `reject_file` has the refused rows in the
    sender's own format (tables of messages, families and signals)."""

    report: ImportReport
    messages: tuple[MessageOnFile, ...]
    reject_file: bytes | None
    kept: int = 0

    @property
    def hidden(self) -> int:
        """How many rows were passed over because they are hidden."""
        return self.report.reasons["hidden"]


def record_of(house: House, requester: Requester, profile: str) -> str:
    """What the rows of a profile are: message, family, signal or contact. Raises BadInput (profile_unknown)."""
    with house.store.reading() as unit:
        return profile_named(unit, requester.organisation_id, profile).record


def receive_file(
    house: House,
    requester: Requester,
    stream: BinaryIO,
    form: str,
    now: datetime,
    *,
    profile: str = DEFAULT_PROFILE,
    sheet: int | None = None,
    max_bytes: int = DEFAULT_LIMITS.max_bytes,
    progress: Callable[[int, int], None] | None = None,
    synthetic: bool = False,
) -> FileReceipt:
    """`form` is xml, or csv or xlsx for a table: which of these it is the content tells. `sheet` is the number of a sheet
    where several would do. Raises DocumentRejected for a file that cannot be read as a whole; nothing of it is applied then.
    BadInput (profile_unknown); NotPermitted (not_for_overseers) for what is kept or published.
    """
    if form not in FORMATS:
        raise RequestRejected("format_unknown", known=", ".join(FORMATS))
    content = stream.read(max_bytes + 1)
    limits = replace(DEFAULT_LIMITS, max_bytes=max_bytes)
    with house.store.reading() as unit:
        sender = unit.participants.organisation(requester.organisation_id)
        by = profile_named(unit, requester.organisation_id, profile)
    assert sender is not None
    digest = hashlib.sha256(content).hexdigest()
    if by.record == CONTACT and form != "xml":
        reading = read_contacts(content, by, limits, sheet)
        return FileReceipt(
            receive_directory(house, requester, requester.actor, reading, digest, now).reading.report, (), None
        )
    records, report, layout = _read(content, form, limits, sender.ogrn, by, sheet)
    drafts = [record.draft for record in records if isinstance(record.draft, FamilyDraft | SignalDraft)]
    if drafts:
        require_keeper(requester)
    messages, applied = [], []
    for number, record in enumerate(records, start=1):
        taken, message = _apply(house, requester, record, now, synthetic=synthetic)
        applied.append(taken)
        report.add(taken)
        if message is not None:
            messages.append(message)
        if progress is not None:
            progress(number, len(records))
    with house.store.writing() as unit:
        change = keep_in(house, unit, requester, drafts, now) if drafts else None
        summary = {"records": report.records, "accepted": report.accepted, "rules": dict(report.rules)}
        unit.messages.add_import(sender.id, digest, report.format, now, summary)
        append_entry(unit, EventKind.FILE_RECEIVED, _entry(sender, requester, report, digest, by, len(drafts)), now)
    if change is not None:
        change.forget(house)
    rejected = [record for record in applied if record.draft is None]
    returned = reject_file(layout, rejected) if layout and rejected else None
    return FileReceipt(report, tuple(messages), returned, change.changed if change else 0)


def _entry(
    sender: Organisation, requester: Requester, report: ImportReport, digest: str, by: Profile, kept: int
) -> dict[str, str | int]:
    return {
        "organisation": sender.id,
        "actor": requester.actor,
        "format": report.format,
        "digest": digest,
        "records": report.records,
        "accepted": report.accepted,
        **({"profile": by.name} if by.name != DEFAULT_PROFILE else {}),
        **({"kept": kept} if kept else {}),
    }


def _apply(
    house: House, requester: Requester, record: Record, now: datetime, *, synthetic: bool
) -> tuple[Record, MessageOnFile | None]:
    if not isinstance(record.draft, MessageDraft):
        return record, None
    try:
        return record, submit_message(house, requester, record.draft, now, synthetic=synthetic).message
    except (Refused, BadInput, Conflict) as error:
        return _refuse(record, error), None


def _refuse(record: Record, error: MezhvedError) -> Record:
    return record.refuse(Complaint(error.code, Severity.ERROR, "", record.line, record.number, dict(error.params)))


def _read(
    content: bytes, form: str, limits: Limits, ogrn: str, by: Profile, sheet: int | None
) -> tuple[Sequence[Record], ImportReport, Layout | None]:
    """All records, the report that has begun, and the layout that a reject file repeats (tables)."""
    stream = io.BytesIO(content)
    if form == "xml":
        return list(read_xml(stream, limits)), ImportReport("xml"), None
    defaults = {"sender_ogrn": ogrn, **({"type": "referral"} if by.record == "message" else {})}
    reading = read_table(stream, by, limits, {**defaults, **by.defaults}, sheet)
    return list(reading.records), reading.report, reading.layout


def sheet_number(asked: str) -> int | None:
    """The number of a sheet as it was given. Raises BadInput (field_invalid)."""
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 4):  # noqa: PLR2004  no workbook has more sheets
        raise BadInput("field_invalid", place="sheet", rule="1, 2, …")
    return int(asked)
