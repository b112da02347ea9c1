"""Who may record, change, review and end which fact: the owners that the pack names, met with who asks (rules 3.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.resolve_subjects import Named, register_subjects, resolve_subjects
from gateway.use_cases.sign_in import OVERSEERS
from gateway.use_cases.tell_people import HEAD, answers_for
from gateway.use_cases.values import Organisation, Requester
from gateway.use_cases.values import Person as StaffMember
from policies.responsible import FactRow, Owner
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.facts import FactDocument, PersonNamed
from schemas.ids import SubjectId

OVERSEER = "dpo"
BODY = "body"


@dataclass(frozen=True, slots=True)
class Person:
    """A member of a family as the requester named it. `is_own`: it stands in the requester's own files."""

    subject_id: SubjectId
    kind: str
    is_own: bool


def fact_row(house: House, fact: str) -> FactRow:
    """The fact as the pack has it. Raises BadInput (fact_unknown)."""
    row = house.pack.responsible.facts.get(fact)
    if row is None:
        raise BadInput("fact_unknown", fact=fact, known=", ".join(house.pack.responsible.facts))
    return row


def organisation_of(unit: Unit, requester: Requester, now: datetime) -> Organisation:
    """The requester's organisation, with an agreement in force. Raises NotPermitted (no_agreement)."""
    organisation = unit.participants.organisation(requester.organisation_id)
    if organisation is None or not organisation.has_agreement(now.date()):
        raise NotPermitted("no_agreement")
    return organisation


def find_person(
    house: House, unit: Unit, requester: Requester, named: PersonNamed, now: datetime, *, may_register: bool = False
) -> Person:
    """The person, in the requester's own files or in a case it has a relation to.

    Raises Unavailable (subject_unavailable), alike for nobody and for somebody the requester may not know of. A body that
    names somebody by official identifiers begins a file of its own, where it had none, and is known by them from then on.
    """
    if named.pseudonym is not None:
        subject_id = house.vault.resolve_subject(requester.organisation_id, named.pseudonym)
        related = unit.recorded_facts.is_related(requester.organisation_id, subject_id, now)
        kind = unit.recorded_facts.kind_of(subject_id)
        holders = unit.recorded_facts.holder_of([subject_id])
        if not related or kind is None:
            raise Unavailable("subject_unavailable")
        return Person(subject_id, kind, holders[subject_id] == requester.organisation_id)
    who = Named(named.kind, named.ref, named.identifiers, named.birth_date)
    (resolved,) = resolve_subjects(house, unit, requester.organisation_id, [who])
    may_register = may_register and named.identifiers is not None
    if resolved.is_new and not (may_register and who.keys()):
        raise Unavailable("subject_unavailable")
    if may_register and (
        resolved.is_new or resolved.unindexed
    ):  # or one's own person, by an identifier new to the file
        register_subjects(house, unit, requester.organisation_id, [resolved], now)
    kind = unit.recorded_facts.kind_of(resolved.subject_id)
    return Person(resolved.subject_id, kind or named.kind, is_own=True)


def owner_of(
    unit: Unit, requester: Requester, organisation: Organisation, fact: str, row: FactRow, person: Person
) -> Owner:
    """The owner in whose capacity the requester acts. A body acts as such in its own files too: what it records there
    holds in all others. Raises NotPermitted (fact_not_yours)."""
    people = unit.participants.people_of(organisation.id) if requester.person_id else ()
    roles = _roles(people, requester)
    for owner in sorted(row.owners, key=lambda owner: owner.capacity != BODY):
        if _fits(owner, requester, roles, organisation, person):
            return owner
    raise NotPermitted("fact_not_yours", fact=fact)


def _roles(people: Sequence[StaffMember], requester: Requester) -> frozenset[str]:
    """The roles of this person now. A head answers for those that nobody has; nobody else owns facts by a vacancy."""
    own = next((known.roles for known in people if known.id == requester.person_id), frozenset[str]())
    return answers_for(people, requester.person_id) if HEAD in own else own


def _fits(
    owner: Owner, requester: Requester, roles: frozenset[str], organisation: Organisation, person: Person
) -> bool:
    if owner.capacity == "holder":
        # A partner's system acts for its caseworkers; what only an overseer may record needs the person.
        by_system = requester.person_id is None and set(owner.roles) != {OVERSEER}
        return person.is_own and (by_system or bool(roles & set(owner.roles)))
    if organisation.kind not in owner.kinds or (requester.person_id is not None and not roles - OVERSEERS):
        return False  # overseers of a body see to it that others record
    return owner.capacity == BODY or not person.is_own


def check_needs(fact: str, owner: Owner, document: FactDocument, **given: object) -> None:
    """Raises BadInput (fact_needs) for the evidence that this owner must give and did not."""
    has = {
        "number": document.number,
        "on": document.on,
        "copy": document.copy_digest,
        "reasons": document.reasons,
        **given,
    }
    missing = [need for need in owner.needs if not has[need]]
    if missing:
        raise BadInput("fact_needs", fact=fact, needs=", ".join(missing))
