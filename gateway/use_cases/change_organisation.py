"""Change what the operator knows of a participant from documents: agreement, kind, register entries (rules 3.8).

Each change is an entry. Rulings see it from the next request on, and one that was under way is made anew (law 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.register_participants import check_organisation
from gateway.use_cases.run_practice_timers import end_of_others
from gateway.use_cases.values import Organisation
from schemas.errors import BadInput
from schemas.ids import EntryId, OrganisationId

CHANGEABLE: Final = frozenset(
    {
        "kind",
        "registers",
        "agreement_from",
        "agreement_to",
        "rkn_number",
        "storage_country",
        "country",
        "district",
        "zone",
        "practice",
    }
)


def change_organisation(
    house: House,
    organisation_id: OrganisationId,
    changes: Mapping[str, object],
    actor: str,
    now: datetime,
    *,
    evidence: str | None = None,
) -> EntryId:
    """`changes` are fields of Organisation with their new values, `evidence` the digest of the document that says so. Raises
    BadInput (organisation_unknown, field_invalid, nothing_to_change, and what registering one raises)."""
    unknown = set(changes) - CHANGEABLE
    if unknown:
        raise BadInput("field_invalid", place=min(unknown), rule=", ".join(sorted(CHANGEABLE)))
    with house.store.writing() as unit:
        before = unit.participants.organisation(organisation_id)
        if before is None:
            raise BadInput("organisation_unknown")
        after: Organisation = replace(before, **changes)  # type: ignore[arg-type]  # the names were checked above
        changed = sorted(name for name in changes if getattr(before, name) != getattr(after, name))
        if not changed:
            raise BadInput("nothing_to_change")
        check_organisation(house, after)
        unit.participants.change_organisation(after)
        # Under another practice nobody has asked for the terms of the one before, and no event of it ends them any more.
        ended = end_of_others(unit, after.id, after.practice, actor, now) if "practice" in changed else None
        return append_entry(
            unit,
            EventKind.ORGANISATION_REGISTERED,
            {
                "organisation": organisation_id,
                "kind": after.kind,
                "by": actor,
                "changed": changed,
                "evidence": evidence or "none",
                **({"ended": ended} if ended is not None else {}),
            },
            now,
        )
