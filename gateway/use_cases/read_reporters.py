"""Who told a body of a signal: read on a formal request, and by nobody else (POL-REP-1).

It goes through the one door like a summary. Whoever asks needs a relation to the case; the rules of the pack decide on each
child of it, on the facts of this moment; the entry comes first, and only what they release is fetched and opened. What
stands in a signal that was taken back is opened by nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.use_cases.disclose import Disclosed, DisclosedSubject, disclose
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import CaseOnFile, Gathered, MessageOnFile, Requester, SealedSection
from schemas import categories as c
from schemas.errors import BadInput
from schemas.ids import CaseId, Category, MessageId

FORMAL_REQUEST = "formal_request"


@dataclass(frozen=True, slots=True)
class ReporterScope:
    """What was told of the children of one case, whichever signals it came with."""

    case_id: CaseId
    name: str = "message"

    def gather(self, unit: Unit, requester: Requester, now: datetime) -> Gathered:
        return unit.facts.of_cases(requester.organisation_id, (self.case_id,), now, requester.person_id)

    def fetch(self, unit: Unit, cases: Sequence[CaseOnFile], categories: Sequence[Category]) -> Sequence[SealedSection]:
        return unit.messages.told_in([case.case_id for case in cases], categories)


@dataclass(frozen=True, slots=True)
class Told:
    """Who told of one signal: the reporter as it was put down, and the signal's own registration."""

    reporter: Mapping[str, object]
    signal: MessageOnFile


@dataclass(frozen=True, slots=True)
class Reporters:
    """The answer of the door, and for each child it shows who told, the earliest first."""

    disclosed: Disclosed
    told: Mapping[str, tuple[Told, ...]]

    @property
    def subjects(self) -> Sequence[DisclosedSubject]:
        """The children about whom an answer is given."""
        return self.disclosed.cases[0].subjects


def read_reporters(
    house: House, requester: Requester, unverified_case: str, purpose: str, now: datetime, request: str = ""
) -> Reporters:
    """`request`: the number of the official request as it is claimed; it is recorded, and makes no ground by itself.

    Raises Unavailable (case_unavailable), BadInput (purpose_unknown), Contended.
    """
    if not house.pack.is_purpose(purpose):
        raise BadInput("purpose_unknown", purpose=purpose)
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    question = Question(purpose, (c.REPORTER,), request=request)
    disclosed = disclose(house, requester, question, ReporterScope(case_id), now)
    (case,) = disclosed.cases
    found = {subject.id: subject.sections[c.REPORTER].every for subject in case.subjects}
    ids = sorted({MessageId(owner) for every in found.values() for owner, _ in every})
    with house.store.reading() as unit:
        signals = unit.messages.of_ids(ids, now)
    return Reporters(
        disclosed,
        {
            subject: tuple(sorted((Told(content, signals[MessageId(owner)]) for owner, content in every), key=_when))
            for subject, every in found.items()
        },
    )


def may_ask_formally(house: House, kind: str) -> bool:
    """Whether the pack knows formal requests of organisations of this kind: for what a page offers, never for what is shown."""
    row = house.pack.responsible.facts.get(FORMAL_REQUEST)
    return row is not None and any(kind in kinds for kinds in row.values.values())


def _when(told: Told) -> tuple[datetime, str]:
    return told.signal.submitted_at, told.signal.id
