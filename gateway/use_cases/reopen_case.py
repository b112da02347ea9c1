"""A worsening in post-support opens a new case that inherits from the old one (practice: a closed case is not opened again).

The people stay the holder's, with all that is recorded about them; earlier summaries and messages stay with the old case.
What was still to be done about the old case is not any more: the new one has terms of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import require_assigned, take_case
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.house import House
from gateway.use_cases.run_practice_timers import end_terms
from gateway.use_cases.values import Requester
from schemas.errors import NotPermitted, Unavailable
from schemas.ids import CaseId, Pseudonym, new_id


@begin_anew
def reopen_case(house: House, requester: Requester, unverified_case: str, now: datetime) -> CaseId:
    """The new case; asked for again, the same one. Raises Unavailable (case_unavailable) unless the requester holds the old
    one, NotPermitted (not_for_overseers, not_assigned)."""
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    with house.store.writing() as unit:
        unit.facts.lock(f"case:{case_id}")  # of two who begin it again at once the second finds what the first began
        subjects = unit.families.case_subjects(case_id)
        if unit.families.case_holder(case_id) != requester.organisation_id or not subjects:
            raise Unavailable("case_unavailable")
        require_assigned(unit, requester, case_id)
        begun = unit.families.heir(case_id, requester.organisation_id)
        if begun is not None:
            return begun
        holder = unit.participants.organisation(requester.organisation_id)
        assert holder is not None
        new_case = CaseId(new_id())
        unit.families.end_case(case_id, now)
        end_terms(unit, case_id, holder.id, requester.actor, now)
        unit.families.add_case(new_case, holder.id, holder.practice, now, inherits_id=case_id)
        unit.families.attach(new_case, subjects)
        salt = new_salt()
        append_entry(
            unit,
            EventKind.CASE_REOPENED,
            {
                "organisation": holder.id,
                "actor": requester.actor,
                "case": commitment(salt, case_id),
                "new_case": commitment(salt, new_case),
            },
            now,
        )
        take_case(unit, requester, new_case, now)
    return new_case


def read_inherited(house: House, requester: Requester, unverified_case: str) -> Sequence[Pseudonym]:
    """The cases that one of the holder's own cases inherits from, nearest first; those that were another's are left out.

    Raises Unavailable (case_unavailable) unless the requester holds it.
    """
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    with house.store.reading() as unit:
        if unit.families.case_holder(case_id) != requester.organisation_id:
            raise Unavailable("case_unavailable")
        chain = unit.families.inherited(case_id, requester.organisation_id)
    return [house.vault.case_pseudonym(requester.organisation_id, known) for known in chain]
