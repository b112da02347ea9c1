"""Hours and duty of the demo: somebody is told at any hour, and one guardianship body is closed when it is played."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.demo.duty import CLOSED_TODAY, demo_schedule, set_demo_duty
from gateway.demo.organisations import by_key, organisations
from gateway.demo.people import people
from gateway.demo.seed import _organisation
from gateway.use_cases.read_reach import read_reach
from gateway.use_cases.register_participants import register_organisation_in
from gateway.use_cases.values import Person
from policies.duty import is_open, on_duty
from policies.pack import shipped_pack
from schemas.duty import DutySchedule
from schemas.ids import PersonId, new_id
from tests.builders import sqlite_house

MOSCOW = ZoneInfo("Europe/Moscow")
WEEK = [datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour) for hour in range(0, 7 * 24, 5)]
CALENDAR = shipped_pack("ru").calendar


def schedules(now: datetime) -> dict[str, DutySchedule]:
    found = {}
    for number, fixture in enumerate(organisations()):
        staff = [person for person in people() if person.organisation == fixture.key]
        schedule = demo_schedule(fixture, staff, number, MOSCOW, now)
        if schedule is not None:
            found[fixture.key] = schedule
    return found


def test_every_organisation_but_the_operator_has_a_schedule_of_invented_numbers() -> None:
    found = schedules(WEEK[0])
    assert set(by_key()) - set(found) == {"operator"}
    for schedule in found.values():
        numbers = [line.number for line in schedule.duty_line] + [c.phone for c in schedule.contacts if c.phone]
        assert numbers
        assert all(number.startswith("+7 (000)") for number in numbers)
        assert all(contact.email is None or contact.email.endswith(".example") for contact in schedule.contacts)
        assert schedule.published_phone == schedule.duty_line[0].number
    lines = [schedule.published_phone for schedule in found.values()]
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize("now", WEEK)
def test_whoever_takes_what_is_urgent_has_somebody_on_duty_and_a_deputy_at_any_hour(now: datetime) -> None:
    for key, schedule in schedules(now).items():
        if by_key()[key].kind == "school":
            continue
        assert len(on_duty(schedule, CALENDAR, MOSCOW, now)) >= 2, key


@pytest.mark.parametrize("now", WEEK)
def test_one_guardianship_body_is_closed_whenever_the_demo_is_played(now: datetime) -> None:
    schedule = schedules(now)[CLOSED_TODAY]
    for later in (now, now + timedelta(hours=3)):
        assert is_open(schedule, CALENDAR, MOSCOW, later) is False
        assert [contact.key for contact in on_duty(schedule, CALENDAR, MOSCOW, later)][-2:] == ["post", "head"]


def test_offices_open_in_their_hours() -> None:
    found = schedules(WEEK[0])
    noon, night = datetime(2026, 11, 25, 12, tzinfo=MOSCOW), datetime(2026, 11, 25, 23, tzinfo=MOSCOW)
    for key, by_day, by_night in (
        ("guardianship-vao", True, False),
        ("kdn-zao", True, False),
        ("maternity-01", True, True),
        ("centre-01", True, False),
        ("ngo-sos", True, False),
    ):
        assert is_open(found[key], CALENDAR, MOSCOW, noon) is by_day, key
        assert is_open(found[key], CALENDAR, MOSCOW, night) is by_night, key


def test_the_store_knows_them_and_the_sender_reads_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    house = sqlite_house(tmp_path_factory.mktemp("duty"))
    chosen = [by_key()[key] for key in (CLOSED_TODAY, "guardianship-vao", "operator")]
    made = {fixture.key: _organisation(fixture) for fixture in chosen}
    now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    staff = [person for person in people() if person.organisation in made]
    with house.store.writing() as unit:
        for organisation in made.values():
            register_organisation_in(house, unit, organisation, now)
        for person in staff:
            unit.participants.add_person(
                Person(
                    PersonId(new_id()),
                    made[person.organisation].id,
                    person.login,
                    person.display_name,
                    "!",
                    frozenset(person.roles),
                    synthetic=True,
                )
            )
    assert set_demo_duty(house, chosen, staff, made, now) == 2
    closed = read_reach(house, made[CLOSED_TODAY].id, "emergency", now)
    assert (closed.works, closed.at_once) == (False, True)
    assert closed.phone is not None
    assert closed.opens_at is not None
    assert read_reach(house, made["guardianship-vao"].id, "emergency", now).works is True
    assert read_reach(house, made["operator"].id, "emergency", now).works is None
