"""The records of a file of any form that a partner hands in, with the report that has begun."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.documents.reader import kind_of, read_documents
from adapters.limits import Limits
from adapters.message_formats import message_formats, read_messages
from adapters.report import ImportReport, Record
from adapters.tables.layout import Layout
from adapters.tables.profile import Profile
from adapters.tables.reader import read_table
from adapters.xml.reader import read_referrals
from schemas.documents import DocumentKind
from schemas.errors import BadInput

FORMATS: Final = ("xml", "csv", "xlsx")


def known_forms() -> tuple[str, ...]:
    """What a file may be: our own forms, and every format of messages that has a folder (docs/adapters.md)."""
    return (*FORMATS, *message_formats())


SMEV: Final = "smev"
"""The form of a file that came in an envelope of SMEV, by `receive_smev`."""
DEFAULT_PROFILE: Final = "referrals"
_XML: Final = frozenset({"xml", SMEV})


@dataclass(frozen=True, slots=True)
class FileRecords:
    """`layout` is what a reject file repeats (tables)."""

    records: Sequence[Record]
    report: ImportReport
    layout: Layout | None = None


def document_kind(content: bytes, form: str, limits: Limits) -> DocumentKind | None:
    """Which canonical document an XML file is; None for a table, for version 1, and for what is no document at all."""
    return kind_of(io.BytesIO(content), limits) if form in _XML else None


def read_records(
    content: bytes, form: str, limits: Limits, ogrn: str, by: Profile, sheet: int | None = None
) -> FileRecords:
    """The file read to its end. Raises DocumentRejected for one that cannot be read as a whole."""
    stream = io.BytesIO(content)
    if form in _XML:
        if document_kind(content, form, limits) is None:
            return FileRecords(list(read_referrals(stream, limits)), ImportReport(form))
        return FileRecords([one.as_record() for one in read_documents(stream, limits)], ImportReport(form))
    if (folder := message_formats().get(form)) is not None:
        return FileRecords(*read_messages(folder, content, limits))
    defaults = {"sender_ogrn": ogrn, **({"type": "referral"} if by.record == "message" else {})}
    reading = read_table(stream, by, limits, {**defaults, **by.defaults}, sheet)
    return FileRecords(list(reading.records), reading.report, reading.layout)


def sheet_number(asked: str) -> int | None:
    """The number of a sheet as it was given. Raises BadInput (field_invalid)."""
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 4):  # noqa: PLR2004  no workbook has more sheets
        raise BadInput("field_invalid", place="sheet", rule="1, 2, …")
    return int(asked)
