"""What would an organisation see of this case for a purpose, why, and what is missing: for the holder, without disclosing.

The same facts, rules and sharing as a real request, so that the explanation is what would happen. The true rules are
named, quiet ones too: they are the holder's to know (rules 3.7). Nothing is opened, nothing is held, and the other
organisation learns of nothing. The explanation is an entry of its own, committed before it leaves (law 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gateway.evidence.entry import JsonValue, commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.disclose import RuledCase, rule
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Organisation, Requester
from policies.ruling import CategoryRuling, RuleText
from schemas.categories import SECTION_CATEGORIES
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.ids import CaseId, Category, EntryId, Pseudonym

SCOPE = "explain"


@dataclass(frozen=True, slots=True)
class ExplainedCategory:
    """One category: what would happen, the true rule, whether the requester would read a neutral reason instead, and what
    else stands in the way, in the order in which it would stop."""

    category: Category
    ruling: CategoryRuling
    quiet: bool
    missing: tuple[RuleText, ...]


@dataclass(frozen=True, slots=True)
class ExplainedSubject:
    """One member of the family, by the holder's own pseudonym."""

    ref: Pseudonym
    kind: str
    has_consent: bool
    retain_until: date | None
    categories: tuple[ExplainedCategory, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """The explanation. `related` says whether a request of this organisation would find the case at all (law 6)."""

    recipient: Organisation
    purpose: str
    related: bool
    subjects: tuple[ExplainedSubject, ...]
    entry_id: EntryId


def explain_access(
    house: House,
    requester: Requester,
    unverified_case: str,
    recipient_ogrn: str,
    purpose: str,
    now: datetime,
    categories: Sequence[Category] = SECTION_CATEGORIES,
    *,
    trigger: str = "",
) -> Explained:
    """Raises Unavailable (case_unavailable) unless the requester holds the case, BadInput (purpose_unknown,
    recipient_unknown, trigger_unknown, category_unknown), NotPermitted (not_for_overseers) for an administrator."""
    if requester.role == "admin":
        raise NotPermitted("not_for_overseers")
    if not house.pack.is_purpose(purpose):
        raise BadInput("purpose_unknown", purpose=purpose)
    if trigger and not house.pack.is_trigger(trigger):
        raise BadInput("trigger_unknown", trigger=trigger)
    for code in categories:
        if code not in SECTION_CATEGORIES:
            raise BadInput("category_unknown", category=code)
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    question = Question(purpose, tuple(categories), trigger=trigger)
    with house.store.reading() as unit:
        recipient = unit.participants.organisation_by_ogrn(recipient_ogrn)
        if recipient is None:
            raise BadInput("recipient_unknown", ogrn=recipient_ogrn)
        holds = unit.families.case_holder(case_id) == requester.organisation_id
        related = holds and unit.recorded_facts.case_is_related(recipient.id, case_id, now)
        gathered = unit.facts.of_holder(requester.organisation_id, recipient.id, case_id, now) if holds else None
    ruled = rule(house, gathered, question, now) if gathered else ()
    with house.store.writing() as unit:
        entry_id = _entry(house, unit, requester, recipient, question, case_id, ruled, now)
    if not ruled:
        raise Unavailable("case_unavailable")
    return Explained(recipient, purpose, related, _subjects(house, requester, ruled[0]), entry_id)


def _subjects(house: House, requester: Requester, case: RuledCase) -> tuple[ExplainedSubject, ...]:
    kinds = {subject.id: subject.kind for subject in case.case.subjects}
    return tuple(
        ExplainedSubject(
            house.vault.subject_pseudonym(requester.organisation_id, q.subject_id),
            kinds[q.subject_id],
            q.consent_id is not None,
            q.retain_until,
            tuple(_category(ruling) for ruling in case.rulings[q.subject_id].by_category.values()),
        )
        for q in case.questions
    )


def _category(ruling: CategoryRuling) -> ExplainedCategory:
    missing: tuple[RuleText, ...] = () if ruling.effect.releases else (ruling.true, *ruling.obstacles)
    return ExplainedCategory(ruling.category, ruling, ruling.shown != ruling.true, missing)


def _entry(
    house: House,
    unit: Unit,
    requester: Requester,
    recipient: Organisation,
    question: Question,
    case_id: CaseId,
    ruled: Sequence[RuledCase],
    now: datetime,
) -> EntryId:
    salt = new_salt()
    identity = house.pack.identity
    subjects: list[JsonValue] = [
        {
            "subject": commitment(salt, q.subject_id),
            "rulings": {c: [r.effect.value, r.rule] for c, r in case.rulings[q.subject_id].by_category.items()},
        }
        for case in ruled
        for q in case.questions
    ]
    return append_entry(
        unit,
        EventKind.ACCESS_EXPLAINED,
        {
            "requester": {"organisation": requester.organisation_id, "actor": requester.actor},
            "recipient": recipient.id,
            "purpose": question.purpose,
            "asked": list(question.categories),
            "case": commitment(salt, case_id),
            "subjects": subjects,
            "pack": {"id": identity.id, "version": identity.version, "digest": identity.digest},
        },
        now,
    )
