"""Formats whose records are messages: a folder of formats that reads them is a way in, at the API and at the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO, Final

from adapters.documents.rules import breaches_of
from adapters.formats import Context, Format, FormatRecord, formats
from adapters.limits import Limits
from adapters.report import Complaint, ImportReport, Record, Severity
from adapters.seen import Seen
from schemas.messages import MessageDraft

_OURS: Final = frozenset({"xml", "csv", "xlsx", "xls", "txt"})
_REPEATED: Final = "message_id_repeated"


def message_formats() -> Mapping[str, Format]:
    """Every format of messages by its name."""
    return {name: one for name, one in formats().items() if one.record is MessageDraft}


def form_by_ending(ending: str) -> str | None:
    """The format whose files alone end so; None for the endings of tables and XML, which say nothing."""
    found = [name for name, one in message_formats().items() if one.suffix == f".{ending}"]
    return found[0] if len(found) == 1 and ending not in _OURS else None


def read_messages(one: Format, stream: BinaryIO, limits: Limits) -> tuple[Iterator[Record], ImportReport]:
    """The records of a file, and the report that has begun. The rules of form hold here as in our own formats, whatever the
    reader checked by itself. Raises DocumentRejected for a file as a whole."""
    reading = one.read(stream, Context(limits))
    return _judged(reading.records), reading.report


def reject_messages(one: Format, stream: BinaryIO, limits: Limits, refused: Iterable[Record]) -> Iterator[bytes]:
    """Refused records of a file, in a file like it: nothing where the format gives none back."""
    if one.rejects is None:
        return iter(())
    found = (FormatRecord(record.number, record.line, None, record.complaints) for record in refused)
    return one.rejects(stream, Context(limits), found)


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
        draft = None if has_errors else draft
        losses = tuple(replace(record, value=draft, complaints=tuple(found)).all_losses())
        yield Record(record.number, record.line, draft, tuple(found), losses=losses)
