"""Take one record of a file, by itself, through the use case that the API calls for it; what a rule refuses stays out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from adapters.report import Complaint, Record, Severity
from adapters.tables.profile import MESSAGE
from gateway.use_cases.apply_answer import Rehearsed
from gateway.use_cases.apply_document import Applied, apply_document, rehearse_document
from gateway.use_cases.file_records import KEPT_OUT
from gateway.use_cases.house import House
from gateway.use_cases.values import Requester
from schemas.errors import Contended
from schemas.intake import FamilyDraft, SignalDraft


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a record: refused (it has no draft any more), applied, or taken in otherwise: kept, or rehearsed.
    `repeated`: it was taken before, and nothing changed or would change."""

    record: Record
    applied: Applied | None = None
    repeated: bool = False

    @property
    def is_sent(self) -> bool:
        """Whether it became a new message."""
        return self.applied is not None and self.applied.kind == MESSAGE and not self.applied.repeated

    @property
    def to_keep(self) -> FamilyDraft | SignalDraft | None:
        """What its holder alone will keep of it."""
        return self.record.draft if isinstance(self.record.draft, FamilyDraft | SignalDraft) else None


def take_record(
    house: House,
    requester: Requester,
    record: Record,
    now: datetime,
    *,
    synthetic: bool = False,
    rehearsal: bool = False,
    earlier: Rehearsed | None = None,
) -> Settled:
    """`earlier`: of a file that is rehearsed, what its records before would have done. What is to be kept is for the caller,
    who keeps many at once. Raises only what has nothing to do with this record."""
    if record.draft is None or isinstance(record.draft, FamilyDraft | SignalDraft):
        return Settled(record)
    try:
        if rehearsal:
            expected = rehearse_document(house, requester, record.draft, now, earlier)
            return Settled(replace(record, not_sent=expected.not_sent), repeated=expected.repeated)
        applied = apply_document(house, requester, record.draft, now, synthetic=synthetic)
        return Settled(replace(record, not_sent=applied.not_sent), applied, applied.repeated)
    except (*KEPT_OUT, Contended) as error:  # what moves too fast now may come again with the rest
        return Settled(refused(record, error.code, **error.params))


def refused(record: Record, code: str, **params: str | int) -> Record:
    """The same record, kept out by this rule."""
    return record.refuse(Complaint(code, Severity.ERROR, "", record.line, record.number, params))
