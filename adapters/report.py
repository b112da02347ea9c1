"""The import report, in the shape of the ЕГИССО answer protocol: per record its complaints, each with severity and rule.

A complaint says where (line, column or element), which rule and what to do. It never repeats the value it complains of:
a report travels by e-mail and lies on desks, the value is somebody's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from adapters.losses import Loss, LossReport
from adapters.paths import Path
from schemas.answers import AnswerDraft
from schemas.authority import AuthorityDraft
from schemas.catalogue import Language, text
from schemas.intake import FamilyDraft, SignalDraft
from schemas.messages import MessageDraft
from schemas.summary import ConsentDraft, SummaryDraft

PROCESSED: Final = 3
"""`packageStatus` of ЕГИССО: 1 accepted, 2 in work, 3 processed."""

MAX_REPORT_TEXT: Final = 500
WHOLE_ROW: Final = -1
MAX_COMPLAINTS: Final = 10_000
MAX_SKIPPED: Final = 1_000
_NO_FAULTS: Final[Mapping[int, str]] = MappingProxyType({})


class Severity(StrEnum):
    """An error keeps the record out, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One broken rule. `record` is None for the file as a whole; `place` is the column heading or the element's name.

    `code` is permanent and has its text under `errors.` and `remedies.` of the catalogue.
    """

    code: str
    severity: Severity
    place: str = ""
    line: int | None = None
    record: int | None = None
    params: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}))

    def message(self, language: Language = "ru") -> str:
        """What is wrong."""
        return text(f"errors.{self.code}", language, **self.params)

    def remedy(self, language: Language = "ru") -> str:
        """What to do about it."""
        return text(f"remedies.{self.code}", language, **self.params)

    def sentence(self, language: Language = "ru") -> str:
        """Where, what is wrong and what to do, as a reject file says it."""
        place = f"{self.place}: " if self.place else ""
        return f"{place}{self.message(language)} {self.remedy(language)}"

    def as_dict(self, language: Language = "ru") -> dict[str, str | int | None]:
        """For the API, with the `messageType` of ЕГИССО (1 error, 2 warning)."""
        return {
            "record": self.record,
            "line": self.line,
            "place": self.place,
            "severity": self.severity.value,
            "messageType": 1 if self.severity is Severity.ERROR else 2,
            "ruleCode": self.code,
            "report": self.message(language)[:MAX_REPORT_TEXT],
            "remedy": self.remedy(language),
        }


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a table as it came: the line or sheet row it begins on, and its cells untouched.

    `faults` are rules that the file itself breaks here, by position of the cell; `WHOLE_ROW` is the row. `dates` are cells
    that a workbook holds as dates; `hidden` rows are not shown to whoever looks at the sheet. `looks` are rules of the loss
    report by position, where a cell is not taken as the file has it: struck out, hidden, merged, under a format. `lines` are
    those of a file of text that it stands on.
    """

    line: int
    cells: tuple[str, ...]
    faults: Mapping[int, str] = field(default_factory=lambda: _NO_FAULTS)
    dates: frozenset[int] = frozenset()
    hidden: bool = False
    looks: Mapping[int, str] | None = None
    lines: int = 1


def weightiest(found: Sequence[Complaint], most: int) -> tuple[Complaint, ...]:
    """As many as a record may have, in their order; of too many the errors first: what keeps a record out is told."""
    if len(found) <= most:
        return tuple(found)
    chosen = sorted(range(len(found)), key=lambda at: found[at].severity is not Severity.ERROR)[:most]
    return tuple(found[at] for at in sorted(chosen))


def errors_in_words(complaints: Iterable[Complaint], language: Language = "ru") -> str:
    """What keeps a record out, in one text."""
    return " ".join(one.sentence(language) for one in complaints if one.severity is Severity.ERROR)


def errors_by_line(
    complaints: Iterable[Complaint], lines: Sequence[int], language: Language = "ru"
) -> Mapping[int, str]:
    """The same for a record of several rows, which begin on these lines: in each what is wrong there, in the first what is
    wrong with all of it."""
    found: dict[int, list[Complaint]] = {line: [] for line in lines}
    for complaint in complaints:
        found[complaint.line if complaint.line in found else lines[0]].append(complaint)
    return {line: errors_in_words(told, language) for line, told in found.items()}


Draft = MessageDraft | FamilyDraft | SignalDraft | SummaryDraft | ConsentDraft | AuthorityDraft | AnswerDraft


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file. `draft` is None when an error keeps it out; warnings may stand beside a draft.

    `rows` are the sender's own rows, for the reject file; an XML record has none. `losses` are those that its reader noticed;
    `not_sent` are rules and paths of what whoever took the record on left out of it.
    """

    number: int
    line: int
    draft: Draft | None
    complaints: tuple[Complaint, ...] = ()
    rows: tuple[SourceRow, ...] = ()
    losses: tuple[Loss, ...] = ()
    not_sent: tuple[tuple[str, Path], ...] = ()

    def refuse(self, *complaints: Complaint) -> Record:
        """The same record kept out by those who took it on: an unknown recipient, a refusal of the gate."""
        return replace(self, draft=None, complaints=(*self.complaints, *complaints))


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that carries no record, and why it was passed over: title, empty, hidden, struck, numbers, total,
    repeated_heading."""

    line: int
    reason: str


@dataclass(slots=True)
class ImportReport:
    """What became of a file. Records are added as they are read, so the report never needs the whole file.

    Counts are complete; of complaints and skipped rows the first thousands are kept word by word, so that a hostile
    file cannot fill the memory with them. The reject file has every bad row. `losses_of` looks at a good record for losses
    that its reader left to be found in its rows (tables); `place_of` names a part of a draft as its sender does.
    """

    format: str
    records: int = 0
    accepted: int = 0
    complaints: list[Complaint] = field(default_factory=list)
    dropped_columns: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    losses: LossReport = field(default_factory=LossReport)
    losses_of: Callable[[Record], Iterable[Loss]] | None = field(default=None, repr=False, compare=False)
    place_of: Callable[[Draft, Path], str] | None = field(default=None, repr=False, compare=False)

    def add(self, record: Record) -> None:
        """Counts one record, once whoever takes it on has said its word (`Record.refuse`)."""
        self.records += 1
        for complaint in record.complaints:
            self.complain(complaint)
        if record.draft is not None:
            self.accepted += 1
        for loss in self.losses_in(record):
            self.losses.add(loss)

    def losses_in(self, record: Record) -> Iterable[Loss]:
        """The losses of one record; of one that is kept out none, since it comes back whole."""
        if record.draft is None:
            return ()
        return (*record.losses, *(self.losses_of(record) if self.losses_of else ()), *self._not_sent(record))

    def _not_sent(self, record: Record) -> Iterable[Loss]:
        """Each at its place, in the words of the sender; what has no place of its own stands with the record."""
        assert record.draft is not None
        found: Counter[tuple[str, str]] = Counter()
        for code, path in record.not_sent:
            named = self.place_of(record.draft, path) if self.place_of else ".".join(map(str, path))
            found[code, named] += 1
        return [Loss(code, place, record.line, record.number, times) for (code, place), times in found.items()]

    def complain(self, complaint: Complaint) -> None:
        """Counts one complaint; `rules` says how often each rule was broken."""
        self.rules[complaint.code] += 1
        if len(self.complaints) < MAX_COMPLAINTS:
            self.complaints.append(complaint)

    def skip(self, row: Skipped) -> None:
        """Counts one row passed over; `reasons` says how often for each reason."""
        self.reasons[row.reason] += 1
        self.losses.add(Loss(f"row_{row.reason}", "", row.line))
        if len(self.skipped) < MAX_SKIPPED:
            self.skipped.append(row)

    @property
    def rejected(self) -> int:
        """Records that an error keeps out."""
        return self.records - self.accepted

    def as_dict(self, language: Language = "ru") -> dict[str, object]:
        """For the API and the receipt; names as in the ЕГИССО protocol where it has them."""
        return {
            "format": self.format,
            "packageStatus": PROCESSED,
            "recordNum": self.records,
            "recordNumSuccess": self.accepted,
            "recordNumRejected": self.rejected,
            "rules": dict(self.rules.most_common()),
            "messages": [complaint.as_dict(language) for complaint in self.complaints],
            "messagesLeftOut": self.rules.total() - len(self.complaints),
            "droppedColumns": list(self.dropped_columns),
            "skippedRows": [{"line": row.line, "reason": row.reason} for row in self.skipped],
            "skippedRowsLeftOut": self.reasons.total() - len(self.skipped),
            "losses": self.losses.as_dict(),
            "lossesDigest": self.losses.digest(),
            "lossRules": self.losses.words(language),
        }
