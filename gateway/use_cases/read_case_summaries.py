"""Read published case summaries of other holders: one by its pseudonym, or a page of those one has a relation to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.use_cases.disclose import Disclosed, disclose
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import CaseOnFile, Gathered, Requester, SealedSection
from schemas.errors import BadInput
from schemas.ids import CaseId, Category

MAX_PAGE = 50


@dataclass(frozen=True, slots=True)
class SummaryScope:
    """Given cases, or a page after a cursor."""

    case_ids: tuple[CaseId, ...] = ()
    after: CaseId | None = None
    limit: int = 0
    name: str = "summary"

    def gather(self, unit: Unit, requester: Requester, now: datetime) -> Gathered:
        organisation_id, person_id = requester.organisation_id, requester.person_id
        if self.case_ids:
            return unit.facts.of_cases(organisation_id, self.case_ids, now, person_id)
        return unit.facts.of_related_page(organisation_id, self.after, self.limit, now, person_id)

    def fetch(self, unit: Unit, cases: Sequence[CaseOnFile], categories: Sequence[Category]) -> Sequence[SealedSection]:
        return unit.summaries.sections([case.summary.id for case in cases if case.summary], categories)


def read_case_summary(
    house: House, requester: Requester, unverified_case: str, question: Question, now: datetime
) -> Disclosed:
    """One summary. `unverified_case` is the pseudonym as the requester wrote it; one that is not genuine goes the same
    way with a decoy and ends in the same Unavailable (law 6)."""
    _check(house, question)
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    return disclose(house, requester, question, SummaryScope((case_id,)), now)


def read_case_summaries(
    house: House, requester: Requester, question: Question, after: str | None, limit: int, now: datetime
) -> Disclosed:
    """A page of summaries of cases with a recorded relation, in the order of a random identifier."""
    _check(house, question)
    if not 1 <= limit <= MAX_PAGE:
        raise BadInput("page_size", max=MAX_PAGE)
    cursor = house.vault.resolve_case(requester.organisation_id, after) if after else None
    return disclose(house, requester, question, SummaryScope((), cursor, limit), now)


def _check(house: House, question: Question) -> None:
    if not house.pack.is_purpose(question.purpose):
        raise BadInput("purpose_unknown", purpose=question.purpose)
