"""Who looked at the summary of one's own case: the notices that the gateway sent (`echo_lookups`), newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.house import House
from gateway.use_cases.read_queue import MAX_PAGE
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.ids import MessageId


@dataclass(frozen=True, slots=True)
class Echo:
    """Organisations of a kind read the summary for a purpose, so many times between two days. `told_at`: when the notice
    came."""

    message_id: MessageId
    told_at: datetime
    kind: str
    purpose: str
    times: int
    first_on: date
    last_on: date


def read_echoes(
    house: House, requester: Requester, unverified_case: str, after: MessageId | None = None, limit: int = MAX_PAGE
) -> Sequence[Echo]:
    """A page of them, beginning after one of them. Raises Unavailable (case_unavailable) unless the requester holds the
    case, NotPermitted (not_for_overseers, not_assigned), BadInput (page_size)."""
    if not 1 <= limit <= MAX_PAGE:
        raise BadInput("page_size", max=MAX_PAGE)
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    with house.store.reading() as unit:
        if unit.families.case_holder(case_id) != requester.organisation_id:
            raise Unavailable("case_unavailable")
        require_assigned(unit, requester, case_id)
        found = unit.messages.echoes(case_id, requester.organisation_id, after, limit)
    return [
        Echo(
            message.id,
            message.delivered_at or message.submitted_at,
            message.notes["kind"],
            message.purpose,
            int(message.notes["times"]),
            date.fromisoformat(message.notes["from"]),
            date.fromisoformat(message.notes["until"]),
        )
        for message in found
    ]
