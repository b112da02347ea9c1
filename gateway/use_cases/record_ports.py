"""What the use cases about records of a case need of the store. `gateway.storage.case_records` implements it on both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.use_cases.practice_values import CaseScore
from gateway.use_cases.record_values import CaseRecord, RanTerm, WorkedCase
from gateway.use_cases.values import SubjectOnFile
from schemas.ids import CaseId, OrganisationId


class CaseRecordStore(Protocol):
    """Records of one's own cases and what their norms are measured by, each in one statement whatever their number."""

    def members(self, case_id: CaseId) -> Sequence[SubjectOnFile]:
        """The family in the order in which it came into the case: identifiers, kinds and sealed decision facts."""
        ...

    def add(self, record: CaseRecord) -> None: ...
    def of_case(
        self, case_id: CaseId, organisation_id: OrganisationId, practice: str, limit: int
    ) -> Sequence[CaseRecord]:
        """Sealed, newest first."""
        ...

    def newest(
        self, case_id: CaseId, organisation_id: OrganisationId, practice: str, kind: str
    ) -> Mapping[str, datetime]:
        """For everybody of whom there is a record of this kind, when the latest was so. Nothing is opened for it."""
        ...

    def terms(self, case_id: CaseId, organisation_id: OrganisationId, practice: str) -> Sequence[RanTerm]:
        """All terms of the practice that ran or run about the case; reminders are none."""
        ...

    def first_and_last(
        self, case_id: CaseId, organisation_id: OrganisationId, practice: str, events: Collection[str]
    ) -> tuple[datetime | None, datetime | None]:
        """When the first and the last of these events were."""
        ...

    def worked(self, organisation_id: OrganisationId, practice: str, limit: int) -> Sequence[WorkedCase]:
        """Who of the organisation works on which of its cases, by person; cases on which nobody works are among them."""
        ...

    def newest_scores(self, organisation_id: OrganisationId, score: str, limit: int) -> Sequence[CaseScore]:
        """The newest score of each case of the organisation that has one, sealed."""
        ...
