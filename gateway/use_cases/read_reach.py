"""Whether an organisation works now: what a sender is told at once, so that nobody relies on an empty office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.use_cases.house import House
from policies.duty import is_open, opens_at
from schemas.ids import OrganisationId


@dataclass(frozen=True, slots=True)
class Reach:
    """`works` is None where the organisation has published no hours. `at_once`: what was sent cannot wait."""

    kind: str
    works: bool | None
    opens_at: datetime | None
    phone: str | None
    lines: tuple[tuple[str, str], ...]
    at_once: bool


def read_reach(house: House, organisation_id: OrganisationId, urgency: str, now: datetime) -> Reach:
    """Hours and published numbers are service data, open to every participant."""
    with house.store.reading() as unit:
        organisation = unit.participants.organisation(organisation_id)
        schedule = unit.alerts.schedule(organisation_id)
    assert organisation is not None  # of a message on file, or of the directory
    at_once = house.pack.queues.row(urgency).at_once
    if schedule is None:
        return Reach(organisation.kind, None, None, None, (), at_once)
    zone = ZoneInfo(organisation.zone)
    works = is_open(schedule, house.pack.calendar, zone, now)
    opens = opens_at(schedule, house.pack.calendar, zone, now) if works is False else None
    lines = [(schedule.published_phone, "")] if schedule.published_phone else []
    lines += [(phone.number, phone.name) for phone in schedule.duty_line]
    return Reach(organisation.kind, works, opens, schedule.published_phone, tuple(dict(lines).items()), at_once)
