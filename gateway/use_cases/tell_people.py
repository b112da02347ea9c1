"""Tell people of an organisation that something waits for them: a kind and an identifier, no content (law 8).

A notice is addressed to a role. Where nobody of the organisation has that role the head answers for it, and where there
is no head either, everybody does: a notice nobody reads is a lost signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Hold, Notice, Person
from schemas.ids import OrganisationId, PersonId, new_id

ROLES = frozenset(
    {
        "curator",
        "senior_curator",
        "psychologist",
        "lawyer",
        "coordinator",
        "head",
        "guardianship_specialist",
        "kdn_member",
        "registrar",
        "dpo",
        "administrator",
    }
)
"""The roles that people have in an organisation."""

HEAD = "head"
MOST_UNSEEN = 100


def notice(organisation_id: OrganisationId, role: str, kind: str, about: str, now: datetime) -> Notice:
    """A notice to a role. `kind` is `subject.verb`; `about` the identifier of what must be looked at."""
    return Notice(new_id(), organisation_id, role, kind, about, now)


def tell_administrator(unit: Unit, organisation_id: OrganisationId, kind: str, about: str, now: datetime) -> None:
    """The organisation's administrator, once for a kind and a thing until it is seen."""
    role = "administrator"
    unseen = unit.notices.of(organisation_id, [role], MOST_UNSEEN, unseen=True)
    if not any((known.kind, known.about) == (kind, about) for known in unseen):
        unit.notices.add([notice(organisation_id, role, kind, about, now)])


def tell_deputies(unit: Unit, hold: Hold, kind: str, now: datetime) -> None:
    """The agreed deputies of the holder, wherever they work but where it was asked: a notice to one of the roles that each
    has there."""
    people = [unit.participants.person(person_id) for person_id in unit.holds.deputies_of(hold.holder_id, now)]
    told = {
        (person.organisation_id, min(person.roles, default=HEAD))
        for person in people
        if person is not None and person.active and person.organisation_id != hold.recipient_id
    }
    unit.notices.add([notice(organisation, role, kind, hold.id, now) for organisation, role in sorted(told)])


def answers_for(people: Sequence[Person], person_id: PersonId | None) -> frozenset[str]:
    """The roles that this person answers for, among the active people of its organisation."""
    own = next((person.roles for person in people if person.id == person_id), None)
    if own is None:
        return frozenset()
    held = frozenset(role for person in people for role in person.roles)
    vacant = ROLES - held
    if HEAD in own or HEAD in vacant:
        return own | vacant
    return own
