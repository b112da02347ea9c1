"""Hours, duty, deputies and duty numbers of the demo's organisations. All numbers are of the code 000, which nobody has.

One guardianship body has a day without reception whenever the demo is played: its senders read that it does not work now.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib import resources
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from gateway.demo.fixtures import OrganisationFixture, PersonFixture
from gateway.demo.identity_numbers import phone
from gateway.use_cases.house import House
from gateway.use_cases.set_duty import set_duty_as_operator
from gateway.use_cases.values import Organisation
from schemas.duty import DutySchedule

CLOSED_TODAY: Final = "guardianship-zelao"
POST: Final = "post"
ROUND_THE_CLOCK: Final = {"since": "00:00", "until": "00:00", "on": "any"}
_LINES_FROM: Final = 9_500_000  # above those of the staff
_OPERATOR: Final = "operator:demo"


def set_demo_duty(
    house: House,
    fixtures: Iterable[OrganisationFixture],
    staff: Iterable[PersonFixture],
    by_key: Mapping[str, Organisation],
    now: datetime,
) -> int:
    """Give every organisation whose kind has hours its schedule. How many have one now."""
    people: dict[str, list[PersonFixture]] = {}
    for person in staff:
        people.setdefault(person.organisation, []).append(person)
    count = 0
    for number, fixture in enumerate(fixtures):
        schedule = demo_schedule(fixture, people.get(fixture.key, ()), number, ZoneInfo(by_key[fixture.key].zone), now)
        if schedule is not None:
            set_duty_as_operator(house, by_key[fixture.key].id, schedule, _OPERATOR, now)
            count += 1
    return count


def demo_schedule(
    fixture: OrganisationFixture, people: Iterable[PersonFixture], number: int, zone: ZoneInfo, now: datetime
) -> DutySchedule | None:
    """The schedule of one organisation; None where its kind has none."""
    given = _data().get(fixture.kind)
    if given is None:
        return None
    line = phone(_LINES_FROM + number)
    shifts, heads = given["shifts"], given.get("heads", [])
    named = {key for shift in shifts for key in shift["contacts"]} | {*heads}
    contacts = [_contact(person, fixture) for person in people if _word(person) in named]
    if POST in named:
        contacts.append({"key": POST, "name": "Дежурный пост (демо)", "phone": line})
    schedule = {
        "opening": given["opening"],
        "contacts": contacts,
        "shifts": shifts,
        "heads": heads,
        "duty_line": [{**given["line"], "number": line}],
        "published_phone": line,
    }
    if fixture.key == CLOSED_TODAY:
        today = now.astimezone(zone).date()
        duty = [{**ROUND_THE_CLOCK, "contacts": [POST, "head"]}]
        schedule["exceptions"] = [
            {"day": (today + timedelta(days=days)).isoformat(), "opening": [], "shifts": duty} for days in (0, 1)
        ]
    return DutySchedule.model_validate(schedule)


def _word(person: PersonFixture) -> str:
    return person.login.partition(".")[0]


def _contact(person: PersonFixture, fixture: OrganisationFixture) -> dict[str, Any]:
    word = _word(person)
    return {
        "key": word,
        "name": person.display_name,
        "login": person.login,
        "phone": person.service_phone,
        "email": f"{word}@{fixture.key}.example",
    }


@functools.cache
def _data() -> Mapping[str, Any]:
    text = resources.files("gateway.demo").joinpath("data", "duty.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found
