"""What somebody of one's organisation must know, by the roles one answers for; and that it was seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.tell_people import answers_for
from gateway.use_cases.values import Notice, Requester

MAX_ROWS = 100


def roles_answered(house: House, requester: Requester) -> frozenset[str]:
    """The roles that the requester answers for in its organisation."""
    with house.store.reading() as unit:
        return answers_for(unit.participants.people_of(requester.organisation_id), requester.person_id)


def read_notices(house: House, requester: Requester) -> Sequence[Notice]:
    """Unseen notices, newest first: kinds and identifiers, no content."""
    if requester.person_id is None:
        return ()
    with house.store.reading() as unit:
        roles = answers_for(unit.participants.people_of(requester.organisation_id), requester.person_id)
        found = unit.notices.of(requester.organisation_id, roles, MAX_ROWS, unseen=True)
    # One thing that two of one's roles are told of is one line.
    return list({(notice.kind, notice.about): notice for notice in reversed(found)}.values())[::-1]


def see_notices(house: House, requester: Requester, about: Collection[str], now: datetime) -> None:
    """Mark all notices about these things as seen, of the roles one answers for."""
    with house.store.writing() as unit:
        roles = answers_for(unit.participants.people_of(requester.organisation_id), requester.person_id)
        found = unit.notices.of(requester.organisation_id, roles, MAX_ROWS, unseen=True)
        seen = [notice.id for notice in found if notice.about in about]
        unit.notices.see(requester.organisation_id, seen, requester.actor, now)
