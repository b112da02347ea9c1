"""Take a service off the directory. It is kept with its dates, found no more, and may be published again."""

from __future__ import annotations

from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.publish_service import directory_entry, require_publisher
from gateway.use_cases.values import Requester
from schemas.errors import Unavailable
from schemas.ids import EntryId, is_id


def withdraw_service(house: House, requester: Requester, service_id: str, now: datetime) -> EntryId:
    """One's own service. Raises Unavailable (service_unavailable), NotPermitted (not_for_overseers)."""
    require_publisher(requester)
    if not is_id(service_id):
        raise Unavailable("service_unavailable")
    with house.store.writing() as unit:
        (found,) = unit.directory.services([service_id]) or (None,)
        if (
            found is None
            or found.withdrawn_at is not None
            or found.organisation.participant_id != requester.organisation_id
        ):
            raise Unavailable("service_unavailable")
        unit.directory.withdraw(service_id, now)
        return directory_entry(unit, requester, "withdrawn", 1, now, service=service_id)
