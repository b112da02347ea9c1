"""Formats whose records somebody takes: a folder of formats that reads documents of ours is a way in, at the API, on the page
and at the command line.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO, Final

from adapters.archives import is_zip
from adapters.directory_records import DirectoryReading, Source, Where
from adapters.documents.rules import breaches_of
from adapters.formats import HEAD_BYTES, Context, Format, FormatRecord, Reading, formats
from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.paths import Path
from adapters.report import Complaint, ImportReport, Record, Severity, weightiest
from adapters.seen import Seen
from adapters.tables.parts import first_texts
from adapters.tables.reader import LARGEST_WORKBOOK
from schemas.authority import AuthorityDraft
from schemas.directory import DirectoryOrganisation, Service
from schemas.documents import KINDS, DocumentKind
from schemas.messages import MessageDraft
from schemas.summary import ConsentDraft, SummaryDraft

_TAKEN: Final = (MessageDraft, SummaryDraft, ConsentDraft, AuthorityDraft)
"""What is taken record by record."""
_LISTED: Final = (DirectoryOrganisation, Service)
"""What the directory takes, as a whole."""
_OURS: Final = frozenset({"xml", "csv", "xlsx", "xls", "txt"})
_TABLE: Final = ".csv"


def record_formats() -> Mapping[str, Format]:
    """By its name every format of messages, summaries, consents, authorities, organisations or services."""
    return {name: one for name, one in formats().items() if one.record in (*_TAKEN, *_LISTED)}


def kind_of_format(one: Format) -> DocumentKind:
    """What the records of such a format are."""
    return next(kind for kind in KINDS if kind.model is one.record)


def is_listed(one: Format) -> bool:
    """Whether the directory takes its records."""
    return one.record in _LISTED


def form_by_ending(ending: str) -> str | None:
    """The format whose files alone end so; None for the endings of tables and XML, which say nothing."""
    found = [name for name, one in record_formats().items() if one.suffix == f".{ending}"]
    return found[0] if len(found) == 1 and ending not in _OURS else None


def table_by_content(stream: BinaryIO) -> str | None:
    """The format of records whose table knows a file by its beginning, or by that of the texts of a workbook; None for a table
    that a profile reads. The stream, which can seek, is where it was."""
    at = stream.tell()
    beginning = stream.read(HEAD_BYTES)
    if is_zip(beginning):
        size = stream.seek(0, io.SEEK_END) - at
        stream.seek(at)
        beginning = first_texts(stream.read()) if size <= LARGEST_WORKBOOK else b""
    stream.seek(at)
    tables = (one for one in record_formats().values() if one.suffix == _TABLE)
    return next((one.name for one in tables if one.recognises(beginning)), None)


def judged(one: Format, reading: Reading) -> Reading:
    """The same reading, where its records are documents of ours with those kept out that break a rule of form: such rules hold
    here as in our own formats, whatever the reader checked by itself."""
    if one.record in _TAKEN:
        reading.records = _judged(reading.records, kind_of_format(one))
    return reading


def read_records(
    one: Format, stream: BinaryIO, limits: Limits, sheet: int | None = None
) -> tuple[Iterator[Record], ImportReport]:
    """The records of a file, and the report that has begun. Raises DocumentRejected for a file as a whole."""
    reading = judged(one, one.read(stream, Context(limits, sheet=sheet)))
    return map(_as_record, reading.records), reading.report


def reject_records(
    one: Format, stream: BinaryIO, limits: Limits, refused: Iterable[Record], sheet: int | None = None
) -> Iterator[bytes]:
    """Refused records of a file, in a file like it: nothing where the format gives none back."""
    if one.rejects is None:
        return iter(())
    found = (FormatRecord(record.number, record.line, None, record.complaints) for record in refused)
    return one.rejects(stream, Context(limits, sheet=sheet), found)


def read_listed(one: Format, content: bytes, limits: Limits, sheet: int | None = None) -> DirectoryReading:
    """A file of organisations, or of services whose organisations the directory knows. Raises DocumentRejected for a file as a
    whole."""
    reading = one.read(io.BytesIO(content), Context(limits, sheet=sheet))
    found = DirectoryReading(reading.report, limits, known_elsewhere=True)
    if one.rejects is not None:
        found.rejects = lambda refused: b"".join(reject_records(one, io.BytesIO(content), limits, refused, sheet))
    for record in reading.records:
        found.take(record.value, record.complaints, record.all_losses(), _where(record))
    return found


def _where(record: FormatRecord) -> Where:
    return lambda path: Source(*record.where(path))


def _judged(records: Iterable[FormatRecord], kind: DocumentKind) -> Iterator[FormatRecord]:
    seen = Seen()
    for record in records:
        if record.value is None:
            yield record
            continue
        found = [_told(record, breach.code, breach.path, breach.severity) for breach in breaches_of(record.value)]
        if kind.key and seen.add(str(getattr(record.value, kind.key))):
            code = "message_id_repeated" if kind.model is MessageDraft else "record_repeated"
            found.append(_told(record, code, (kind.key,)))
        has_errors = any(complaint.severity is Severity.ERROR for complaint in found)
        value = None if has_errors else record.value
        kept = weightiest((*record.complaints, *found), DEFAULT_LIMITS.max_complaints)
        yield replace(record, value=value, complaints=kept)


def _told(record: FormatRecord, code: str, path: Path, severity: Severity = Severity.ERROR) -> Complaint:
    place, line = record.where(path)
    return Complaint(code, severity, place, line, record.number)


def _as_record(record: FormatRecord) -> Record:
    draft = record.value if isinstance(record.value, _TAKEN) else None
    return Record(record.number, record.line, draft, record.complaints, losses=tuple(record.all_losses()))
