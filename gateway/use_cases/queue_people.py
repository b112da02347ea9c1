"""Who answers for whose work now: absences, substitutes, the head. Pure, over what is on file.

Work stays with whom it was given to. While that person is away it is the substitute's, and if the substitute is away too,
the substitute's of the substitute. Where nobody is left it lies on the head's list. When the person is back, it is theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.use_cases.ports import Unit
from gateway.use_cases.queue_values import Absence, Staff
from gateway.use_cases.tell_people import HEAD, ROLES
from gateway.use_cases.values import Requester
from policies.queues import QueueRoles
from schemas.ids import OrganisationId, PersonId


@dataclass(frozen=True, slots=True)
class Desk:
    """The staff of one organisation and who is away at this instant."""

    staff: Sequence[Staff]
    away: Sequence[Absence]

    def person(self, person_id: PersonId | None) -> Staff | None:
        """Somebody of this organisation, active or not."""
        return next((person for person in self.staff if person.id == person_id), None)

    def name(self, person_id: PersonId | None) -> str:
        """The display name; empty for nobody."""
        person = self.person(person_id)
        return person.name if person else ""

    def responsible(self, person_id: PersonId | None) -> PersonId | None:
        """Who does the work that was given to `person_id`; None: it is on the head's list."""
        seen: set[PersonId] = set()
        while person_id is not None and person_id not in seen:
            person = self.person(person_id)
            if person is None or not person.active:
                return None
            absence = next((a for a in self.away if a.person_id == person_id), None)
            if absence is None:
                return person_id
            seen.add(person_id)
            person_id = absence.substitute_id
        return None

    def absence_of(self, person_id: PersonId) -> Absence | None:
        """The absence that somebody has now."""
        return next((a for a in self.away if a.person_id == person_id), None)

    def works_for(self, person_id: PersonId | None) -> frozenset[PersonId]:
        """Whose work is this person's now, one's own among it; for who answers for the head also that of nobody's."""
        if person_id is None:
            return frozenset()
        resolved = {person.id: self.responsible(person.id) for person in self.staff}
        own = {key for key, to in resolved.items() if to == person_id}
        if HEAD in self.roles(person_id):
            own |= {key for key, to in resolved.items() if to is None}
        return frozenset(own)

    def roles(self, person_id: PersonId | None) -> frozenset[str]:
        """The roles that somebody answers for: one's own, those of whom one stands in for, and vacant ones for the head."""
        resolved = [person for person in self.staff if self.responsible(person.id) == person_id]
        own = frozenset(role for person in resolved for role in person.roles)
        held = frozenset(role for person in self.staff if person.active for role in person.roles)
        vacant = ROLES - held
        return own | vacant if own and (HEAD in own or HEAD in vacant) else own

    def may(self, requester: Requester, roles: Sequence[str]) -> bool:
        """Whether somebody of this organisation has one of these roles; a partner's system answers for its people."""
        if requester.person_id is None:
            return requester.role == "caseworker"
        return requester.role != "admin" and bool(self.roles(requester.person_id) & set(roles))

    def may_assign(self, requester: Requester, roles: QueueRoles) -> bool:
        """Whether this requester gives work to others."""
        return self.may(requester, roles.assign)

    def colleague(self, login: str) -> Staff | None:
        """An active case-worker by login: overseers see no content, so they are given no work."""
        found = next((person for person in self.staff if person.login == login.strip().lower()), None)
        return found if found is not None and found.active and is_worker(found) else None


def is_worker(person: Staff) -> bool:
    """Whether somebody may be given work on content at all."""
    return Requester(OrganisationId(""), "", person.roles).role == "caseworker"


def absence_key(person_id: PersonId) -> str:
    """What is locked by whoever records or ends an absence of this person, or rests on one."""
    return f"absence:{person_id}"


def desk_of(unit: Unit, organisation_id: OrganisationId, now: datetime) -> Desk:
    """The desk of an organisation: one statement."""
    return Desk(*unit.queues.staff(organisation_id, now))
