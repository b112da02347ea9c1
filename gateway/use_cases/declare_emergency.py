"""Break the glass (POL-BRK-1): a named person declares a direct threat in words, and the case opens to its organisation.

For a time, for the purpose that the pack names, to the kinds of organisation that its envelope lists, of a case the
organisation has a relation to. The words are kept sealed; data-protection officers of both sides are told at once, and
one of them reviews it within a day: the term runs for both. After a misuse the person may declare no more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.declare_threat import declarer_of
from gateway.use_cases.disclose import MAX_ATTEMPTS, RuledCase, record, rule
from gateway.use_cases.facts import EMERGENCY, Question
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.run_timers import NOW
from gateway.use_cases.tell_people import HEAD, notice
from gateway.use_cases.values import (
    CaseOnFile,
    Emergency,
    Gathered,
    Person,
    RecordedFact,
    Requester,
    SubjectOnFile,
    Timer,
)
from gateway.vault.errors import KeyAbsent
from policies.responsible import EmergencyRow
from schemas import categories as c
from schemas.errors import BadInput, Contended, NotPermitted, Refused, Unavailable
from schemas.ids import EntryId, FactId, OrganisationId, SubjectId, new_id


@dataclass(frozen=True, slots=True)
class Declared:
    """The declaration: until when the case is open, by when it is reviewed, and its entry."""

    id: str
    ends_at: datetime
    review_by: datetime
    entry_id: EntryId


def declare_emergency(
    house: House, requester: Requester, unverified_case: str, words: str, now: datetime, *, login: str | None = None
) -> Declared:
    """`login` names the person for whom a partner's system declares; a person declares for itself.

    Raises BadInput (emergency_words, declarer_required), NotPermitted (emergency_suspended, emergency_not_here,
    not_for_overseers), Refused (emergency_refused, with the rule: the kind of organisation is not listed), Unavailable
    (case_unavailable, the same for a case without a relation and for an invented one), Contended.
    """
    row = house.pack.responsible.emergency
    if row is None:
        raise NotPermitted("emergency_not_here")
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    if len(words.strip()) < row.least_words:
        raise BadInput("emergency_words", least=row.least_words)
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    question = Question(row.purpose, (c.IDENTITY,))
    for _ in range(MAX_ATTEMPTS):
        with house.store.reading() as unit:
            gathered = unit.facts.of_cases(requester.organisation_id, (case_id,), now)
        ruled = rule(house, _as_declared(gathered, now), question, now)
        with house.store.writing() as unit:
            declarer = declarer_of(unit, requester, login)
            if not unit.facts.unchanged(gathered.versions):
                continue
            case = ruled[0]
            refusal = _refusal(case)
            if refusal is None and case.case.related:
                return _declare(house, unit, requester, row, declarer, case.case, words, now)
            # Refused, or no such case for this organisation: one entry either way, committed before the answer.
            record(house, unit, requester, question, "emergency", ruled, now, kind=EventKind.EXCHANGE_REFUSED)
        if refusal is not None:
            raise refusal
        raise Unavailable("case_unavailable")
    raise Contended("facts_keep_moving")


def _as_declared(gathered: Gathered, now: datetime) -> Gathered:
    """The case as it will be once the threat is declared: does the pack list this kind of organisation at all?"""
    who = gathered.requester.id
    return replace(
        gathered,
        cases=tuple(
            replace(case, subjects=tuple(_threatened(subject, who, now) for subject in case.subjects))
            for case in gathered.cases
        ),
    )


def _threatened(subject: SubjectOnFile, who: OrganisationId, now: datetime) -> SubjectOnFile:
    fact = RecordedFact(FactId(""), EMERGENCY, subject.id, who, now, participants=(who,))
    return replace(subject, facts=(*subject.facts, fact))


def _refusal(case: RuledCase) -> Refused | None:
    """The rule that gives nothing of anybody, even with the threat declared."""
    rulings = [ruling.by_category[c.IDENTITY] for ruling in case.rulings.values()]
    if not rulings or any(ruling.effect.releases for ruling in rulings):
        return None
    shown = rulings[0].shown
    return Refused("emergency_refused", rule=shown.id, citation=shown.citation, rule_remedy=shown.remedy_ru)


def _declare(
    house: House,
    unit: Unit,
    requester: Requester,
    row: EmergencyRow,
    declarer: Person,
    case: CaseOnFile,
    words: str,
    now: datetime,
) -> Declared:
    holder = case.discloser
    mine = unit.participants.organisation(requester.organisation_id)
    assert holder is not None
    assert mine is not None
    emergency_id = new_id()
    ends_at = house.pack.due(row.open, now, mine.zone)
    review_by = house.pack.due(row.review, now, holder.zone)
    sealed_with, sealed_words = _sealed(house, case, emergency_id, words)
    salt = new_salt()
    entry_id = append_entry(
        unit,
        EventKind.EMERGENCY_DECLARED,
        {
            "organisation": mine.id,
            "actor": requester.actor,
            "declarer": declarer.id,
            # The declarer may prove this, and must not read the name of a shelter in it.
            "holder": commitment(salt, holder.id),
            "emergency": emergency_id,
            "case": commitment(salt, case.case_id),
            "words": commitment(salt, words),
            "ends_at": ends_at.isoformat(),
        },
        now,
    )
    unit.emergencies.add(
        Emergency(
            emergency_id,
            case.case_id,
            mine.id,
            declarer.id,
            holder.id,
            entry_id,
            now,
            ends_at,
            review_by,
            sealed_words,
            sealed_with,
            salt,
        )
    )
    unit.recorded_facts.add(
        [
            RecordedFact(
                FactId(new_id()), EMERGENCY, s.id, mine.id, now, ends_at, value=emergency_id, participants=(mine.id,)
            )
            for s in case.subjects
        ]
    )
    sides = tuple(dict.fromkeys((holder.id, mine.id)))
    unit.timers.start(
        [Timer(new_id(), row.review, side, EMERGENCY, emergency_id, NOW, now, review_by) for side in sides]
    )
    unit.notices.add(
        [notice(side, role, "emergency.declared", emergency_id, now) for side in sides for role in (row.reviewer, HEAD)]
    )
    return Declared(emergency_id, ends_at, review_by, entry_id)


def _sealed(house: House, case: CaseOnFile, emergency_id: str, words: str) -> tuple[SubjectId, bytes]:
    """The words under the key of the first member of the family whose keys are not destroyed. Raises KeyAbsent where
    nobody of it is left."""
    for subject in case.subjects:
        try:
            return subject.id, house.vault.seal_words(subject.id, emergency_id, words.encode())
        except KeyAbsent:
            continue
    raise KeyAbsent
