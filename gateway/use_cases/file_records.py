"""The records of a file of any form that a partner hands in, with the report that has begun."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from adapters.answers.xml import is_answers, read_answers
from adapters.documents.reader import kind_of, read_documents
from adapters.documents.rejects import reject_document
from adapters.documents.shape import place_of
from adapters.limits import Limits
from adapters.paths import Path
from adapters.record_formats import kind_of_format, read_records, record_formats, reject_records, table_by_content
from adapters.report import Draft, ImportReport, Record
from adapters.tables.fields import field_of
from adapters.tables.layout import Layout
from adapters.tables.profile import ANSWER, CONTACT, FAMILY, MESSAGE, SIGNAL, Profile
from adapters.tables.reader import read_table
from adapters.xml.asides import asides
from adapters.xml.mapping import PERSON_ELEMENTS, RECORD, element_of
from adapters.xml.reader import read_referrals
from gateway.use_cases.values import Requester
from schemas.answers import AnswerDraft
from schemas.authority import AuthorityDraft
from schemas.documents import KINDS
from schemas.errors import BadInput, Conflict, NotPermitted, Refused, RequestRejected, Unavailable
from schemas.intake import FamilyDraft, SignalDraft
from schemas.messages import MessageDraft
from schemas.summary import ConsentDraft, SummaryDraft

FORMATS: Final = ("xml", "csv", "xlsx")
TABLES: Final = frozenset(FORMATS) - {"xml"}
"""Forms that a profile reads."""
SMEV: Final = "smev"
"""The form of a file that came in an envelope of SMEV, by `receive_smev`."""
DEFAULT_PROFILE: Final = "referrals"
SUMMARY: Final = "case_summary"
CONSENT: Final = "consent"
AUTHORITY: Final = "authority"
ORGANISATION: Final = "organisation"
SERVICE: Final = "service"
SCOPES: Final = {
    MESSAGE: "messages.send",
    SIGNAL: "messages.send",
    FAMILY: "summaries.publish",
    SUMMARY: "summaries.publish",
    CONSENT: "consents.write",
    AUTHORITY: "consents.write",
    CONTACT: "directory.write",
    ORGANISATION: "directory.write",
    SERVICE: "directory.write",
    ANSWER: "messages.read",
}
"""By what a record is: what a partner's system must be allowed to hand it in."""
KEPT_OUT: Final = (Refused, BadInput, Conflict, NotPermitted, Unavailable, RequestRejected)
"""What keeps one record of a file out and lets the others in."""
PlaceOf = Callable[[Draft, Path], str]
Need = Callable[[str], None]
"""Raises NotPermitted unless whoever hands a file in may hand in records of this kind, a key of `SCOPES`."""
DOCUMENTS: Final = frozenset({"xml", SMEV})
"""Forms in which a file is XML of ours."""
_KINDS: Final[Mapping[type[Draft], str]] = {
    MessageDraft: MESSAGE,
    SignalDraft: SIGNAL,
    FamilyDraft: FAMILY,
    SummaryDraft: SUMMARY,
    ConsentDraft: CONSENT,
    AuthorityDraft: AUTHORITY,
    AnswerDraft: ANSWER,
}


def known_forms() -> tuple[str, ...]:
    """What a file may be: our own forms, and every format of documents of ours that has a folder (docs/adapters.md)."""
    return (*FORMATS, *record_formats())


def form_told(form: str, by: Profile, stream: BinaryIO) -> str:
    """How a file is read: a table of canonical documents says so itself, by its first heading, where its sender named no
    profile of his own. The stream, which can seek, is where it was."""
    if form not in TABLES or by.name != DEFAULT_PROFILE:
        return form
    return table_by_content(stream) or form


def need_scope(requester: Requester) -> Need:
    """What a system may hand in, by its scopes. Raises NotPermitted (scope_missing)."""

    def need(kind: str) -> None:
        if SCOPES[kind] not in requester.scopes:
            raise NotPermitted("scope_missing", scope=SCOPES[kind])

    return need


def need_on_page(kind: str) -> None:
    """A consent or an authority is a paper that somebody has seen: it is not recorded from a file on a page. Raises BadInput
    (file_consents_by_system)."""
    if kind in (CONSENT, AUTHORITY):
        raise BadInput("file_consents_by_system")


def need_nothing(_kind: str) -> None:
    """The operator hands in for an organisation whatever it brought."""


@dataclass(frozen=True, slots=True)
class FileRecords:
    """`records` are read once, in order; `report` says what concerns the file as a whole, complete once they are read. `layout`
    is what a reject file repeats (tables)."""

    records: Iterator[Record]
    report: ImportReport
    layout: Layout | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A file and how it is to be read: as often as needed, each time from its beginning. `ogrn` is the sender's; `came`
    is the whole of a file of which `stream` is what was signed."""

    stream: BinaryIO
    form: str
    limits: Limits
    ogrn: str
    by: Profile
    sheet: int | None = None
    came: BinaryIO | None = None

    def read(self, *, beside: bool = True) -> FileRecords:
        """`beside`: XML is looked through for what stands beside its elements, too. Raises DocumentRejected for a file that
        cannot be read as a whole, also while its records are read."""
        self.stream.seek(0)
        if self.form in DOCUMENTS:
            records, place = self._records()
            report = ImportReport(self.form, place_of=place)
            return self.with_asides(records, report) if beside else FileRecords(records, report)
        if (folder := record_formats().get(self.form)) is not None:
            return FileRecords(*read_records(folder, self.stream, self.limits, self.sheet))
        defaults = {"sender_ogrn": self.ogrn, **({"type": "referral"} if self.by.record == MESSAGE else {})}
        reading = read_table(self.stream, self.by, self.limits, {**defaults, **self.by.defaults}, self.sheet)
        reading.report.place_of = _InTable(reading.layout, self.by)
        return FileRecords(reading.records, reading.report, reading.layout)

    def kind(self) -> str:
        """What its records are, a key of `SCOPES`, as far as that is known without reading them. Raises DocumentRejected."""
        if (folder := record_formats().get(self.form)) is not None:
            return kind_of_format(folder).code
        if self.form not in DOCUMENTS:
            return self.by.record
        self.stream.seek(0)
        kind = kind_of(self.stream, self.limits)
        self.stream.seek(0)
        if kind is not None:
            return kind.code if kind.code in SCOPES else MESSAGE
        return ANSWER if is_answers(self.stream, self.limits) else MESSAGE

    @property
    def gives_back(self) -> bool:
        """Whether `returned` has anything to give: XML, and formats of a folder that know how. Of tables their reading does."""
        folder = record_formats().get(self.form)
        return self.form == "xml" if folder is None else folder.rejects is not None

    def returned(self, refused: Iterable[Record]) -> Iterator[bytes]:
        """Refused records, in their order, in a file like theirs. Raises DocumentRejected."""
        self.stream.seek(0)
        if (folder := record_formats().get(self.form)) is not None:
            return reject_records(folder, self.stream, self.limits, refused, self.sheet)
        return reject_document(self.stream, self.limits, refused)

    def _records(self) -> tuple[Iterator[Record], PlaceOf]:
        """Of XML, whatever its root says that it is; and how it names its parts."""
        kind = kind_of(self.stream, self.limits)
        self.stream.seek(0)
        if kind is not None:
            return (one.as_record() for one in read_documents(self.stream, self.limits)), _in_documents
        answers = is_answers(self.stream, self.limits)
        self.stream.seek(0)
        if answers:
            return read_answers(self.stream, self.limits), _in_documents
        return read_referrals(self.stream, self.limits), _in_version_1  # version 1, or nothing that anybody knows

    def with_asides(self, records: Iterable[Record], report: ImportReport | None = None) -> FileRecords:
        """XML, and when its records have been read and so are known to be harmless, what stands beside them."""
        report = report or ImportReport(self.form)

        def read() -> Iterator[Record]:
            yield from records
            for loss in asides(self.came or self.stream):
                report.losses.add(loss)

        return FileRecords(read(), report)


def _in_documents(draft: Draft, path: Path) -> str:
    """The element that holds a part of a draft, with those around it."""
    kind = next(kind for kind in KINDS if kind.model is type(draft))
    return place_of(kind, path) or kind.root


def _in_version_1(draft: Draft, path: Path) -> str:
    """The same in version 1, where the parts of a person stand side by side."""
    assert isinstance(draft, MessageDraft)
    name = element_of(path)
    if path[:1] != ("persons",):
        return name or RECORD
    index = int(path[1])
    kinds = [person.kind for person in draft.persons[: index + 1]]
    owner = f"{PERSON_ELEMENTS[kinds[index]]}[{kinds.count(kinds[index])}]"
    return f"{owner}/{name}" if name else owner


@dataclass(frozen=True, slots=True)
class _InTable:
    """The sender's own heading of a part of a draft, or the one of the profile."""

    layout: Layout
    by: Profile

    def __call__(self, draft: Draft, path: Path) -> str:
        field = field_of(
            path, tuple(person.kind for person in draft.persons) if isinstance(draft, MessageDraft) else ()
        )
        column = self.by.by_field.get(field)
        return self.layout.heading_of(field) or (column.heading if column else field)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file holds, known before anything of it is applied: its records, what the good ones are (by `SCOPES`), and how
    many of them only their holder keeps."""

    records: int
    kinds: frozenset[str]
    kept: int


def survey(source: Source, seen: Callable[[int], None] = lambda _: None) -> Survey:
    """The file read to its end; `seen` is told how many records are. Raises DocumentRejected."""
    return survey_of(source.read(beside=False).records, seen)


def survey_of(records: Iterable[Record], seen: Callable[[int], None] = lambda _: None) -> Survey:
    """The same of records that were read, or of some of them."""
    kinds: Counter[type[Draft]] = Counter()
    number = 0
    for number, record in enumerate(records, start=1):
        if record.draft is not None:
            kinds[type(record.draft)] += 1
        seen(number)
    return Survey(number, frozenset(_KINDS[kind] for kind in kinds), kinds[FamilyDraft] + kinds[SignalDraft])


def sheet_number(asked: str) -> int | None:
    """The number of a sheet as it was given. Raises BadInput (field_invalid)."""
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 4):  # noqa: PLR2004  no workbook has more sheets
        raise BadInput("field_invalid", place="sheet", rule="1, 2, …")
    return int(asked)
