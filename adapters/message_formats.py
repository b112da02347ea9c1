"""Formats whose records are messages: a folder of formats that reads them is a way in, at the API and at the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final

from adapters.documents.rules import breaches_of
from adapters.formats import Context, Format, FormatRecord, formats
from adapters.limits import Limits
from adapters.losses import losses_of
from adapters.report import Complaint, ImportReport, Record, Severity
from adapters.seen import Seen
from schemas.messages import MessageDraft

_REPEATED: Final = "message_id_repeated"


def message_formats() -> Mapping[str, Format]:
    """Every format of messages by its name."""
    return {name: one for name, one in formats().items() if one.record is MessageDraft}


def read_messages(one: Format, stream: BinaryIO, limits: Limits) -> tuple[Iterator[Record], ImportReport]:
    """The records of a file, and the report that has begun. The rules of form hold here as in our own formats, whatever the
    reader checked by itself. Raises DocumentRejected for a file as a whole."""
    reading = one.read(stream, Context(limits))
    return _judged(reading.records), reading.report


def _judged(records: Iterator[FormatRecord]) -> Iterator[Record]:
    seen = Seen()
    for record in records:
        draft = record.value if isinstance(record.value, MessageDraft) else None
        found = list(record.complaints)
        if draft is not None:
            for breach in breaches_of(draft):
                place = ".".join(map(str, breach.path))
                found.append(Complaint(breach.code, breach.severity, place, record.line, record.number))
            if seen.add(draft.operation_id):
                found.append(Complaint(_REPEATED, Severity.ERROR, "operation_id", record.line, record.number))
        has_errors = any(complaint.severity is Severity.ERROR for complaint in found)
        losses = losses_of((one.code, one.place, one.line, record.number) for one in found)
        yield Record(record.number, record.line, None if has_errors else draft, tuple(found), losses=losses)
