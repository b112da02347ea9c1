"""The records of a file of any form that a partner hands in, with the report that has begun."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.documents.reader import kind_of, read_documents
from adapters.limits import Limits
from adapters.message_formats import message_formats, read_messages
from adapters.report import Draft, ImportReport, Record
from adapters.tables.layout import Layout
from adapters.tables.profile import CONTACT, FAMILY, MESSAGE, SIGNAL, Profile
from adapters.tables.reader import read_table
from adapters.xml.reader import read_referrals
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Conflict, NotPermitted, Refused, RequestRejected, Unavailable
from schemas.intake import FamilyDraft, SignalDraft
from schemas.messages import MessageDraft
from schemas.summary import ConsentDraft, SummaryDraft

FORMATS: Final = ("xml", "csv", "xlsx")
SMEV: Final = "smev"
"""The form of a file that came in an envelope of SMEV, by `receive_smev`."""
DEFAULT_PROFILE: Final = "referrals"
SUMMARY: Final = "case_summary"
CONSENT: Final = "consent"
SCOPES: Final = {
    MESSAGE: "messages.send",
    SIGNAL: "messages.send",
    FAMILY: "summaries.publish",
    SUMMARY: "summaries.publish",
    CONSENT: "consents.write",
    CONTACT: "directory.write",
}
"""By what a record is: what a partner's system must be allowed to hand it in."""
KEPT_OUT: Final = (Refused, BadInput, Conflict, NotPermitted, Unavailable, RequestRejected)
"""What keeps one record of a file out and lets the others in."""
Need = Callable[[str], None]
"""Raises NotPermitted unless whoever hands a file in may hand in records of this kind, a key of `SCOPES`."""
_XML: Final = frozenset({"xml", SMEV})
_KINDS: Final[Mapping[type[Draft], str]] = {
    MessageDraft: MESSAGE,
    SignalDraft: SIGNAL,
    FamilyDraft: FAMILY,
    SummaryDraft: SUMMARY,
    ConsentDraft: CONSENT,
}


def known_forms() -> tuple[str, ...]:
    """What a file may be: our own forms, and every format of messages that has a folder (docs/adapters.md)."""
    return (*FORMATS, *message_formats())


def need_scope(requester: Requester) -> Need:
    """What a system may hand in, by its scopes. Raises NotPermitted (scope_missing)."""

    def need(kind: str) -> None:
        if SCOPES[kind] not in requester.scopes:
            raise NotPermitted("scope_missing", scope=SCOPES[kind])

    return need


def need_nothing(_kind: str) -> None:
    """The operator hands in for an organisation whatever it brought."""


@dataclass(frozen=True, slots=True)
class FileRecords:
    """`layout` is what a reject file repeats (tables)."""

    records: Sequence[Record]
    report: ImportReport
    layout: Layout | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """What its good records are, by `SCOPES`."""
        return frozenset(_KINDS[type(record.draft)] for record in self.records if record.draft is not None)


def read_records(
    content: bytes, form: str, limits: Limits, ogrn: str, by: Profile, sheet: int | None = None
) -> FileRecords:
    """The file read to its end. Raises DocumentRejected for one that cannot be read as a whole."""
    stream = io.BytesIO(content)
    if form in _XML:
        if kind_of(io.BytesIO(content), limits) is None:  # version 1, or nothing that anybody knows
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
