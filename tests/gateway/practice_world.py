"""What tests of practices share: an organisation with a practice and its people, one case, timers switched on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event

from gateway.storage import tables_practices as p
from gateway.use_cases.change_practice import switch_timer
from gateway.use_cases.house import House
from gateway.use_cases.practice_values import CourseTimer
from gateway.use_cases.record_practice_event import EventRecorded, record_practice_event
from gateway.use_cases.values import Organisation, Requester
from policies.profile import Profile
from schemas.ids import CaseId, new_id
from tests.builders import NOW, Town, organisation, publish, system_of
from tests.gateway.facts_world import rows, staff


@dataclass(frozen=True)
class Team:
    """An organisation of a practice, its people, and its one case under its own pseudonym."""

    town: Town
    organisation: Organisation
    practice: str
    case_id: CaseId
    case: str
    ref: str
    head: Requester
    curator: Requester

    @property
    def house(self) -> House:
        return self.town.house

    @property
    def profile(self) -> Profile:
        found = self.house.practices.get(self.practice)
        assert found is not None
        return found

    def on(self, *timers: str, now: datetime = NOW) -> None:
        for timer in timers or tuple(self.profile.timers):
            switch_timer(self.house, self.head, timer, now, on=True)

    def record(self, event: str, now: datetime = NOW, **more: Any) -> EventRecorded:
        return record_practice_event(self.house, self.curator, self.case, event, now, **more)

    def running(self, timer: str | None = None) -> list[Any]:
        return running(self.house, timer)


def make_team(town: Town, practice: str = "deti-nashi", zone: str = "Europe/Moscow") -> Team:
    ours = organisation(town.house, "ngo", f"Фонд {practice} (тест)", practice=practice, zone=zone)
    theirs = Town(town.house, ours, town.guardianship, town.centre, town.school, town.stranger)
    ref = f"K-{new_id()[:6]}"
    published = publish(theirs, ref=ref)
    case = town.house.vault.case_pseudonym(ours.id, published.case_id)
    people = [staff(town.house, ours, role) for role in ("head", "curator")]
    return Team(theirs, ours, practice, published.case_id, case, ref, *people)


def running(house: House, timer: str | None = None) -> list[Any]:
    """Rows of timers that run, the earliest due first."""
    found = [row for row in rows(house, p.practice_timers) if row.done_at is None and timer in {None, row.timer}]
    return sorted(found, key=lambda row: (row.due_at, row.ordinal))


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """What the data store is asked meanwhile."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    engine = house.store.engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def names(timers: Sequence[CourseTimer]) -> set[str]:
    return {timer.timer for timer in timers}


def robot(team: Team) -> Requester:
    return system_of(team.organisation)
