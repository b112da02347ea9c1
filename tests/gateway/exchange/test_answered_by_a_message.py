"""What is answered by a message is answered: the position of a guardianship body ends what waited for it, on both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.storage import tables_practices as p
from gateway.use_cases.change_practice import switch_timer
from gateway.use_cases.house import House
from policies.profile import PracticeTimerRow
from policies.profiles import Practices
from schemas.lifecycle import Event, State
from tests.builders import NOW
from tests.gateway.exchange.world import World, world
from tests.gateway.facts_world import rows
from tests.gateway.queues_world import item

LATER = NOW + timedelta(hours=2)
PRACTICE = "deti-nashi"
WAITS = "position"


@pytest.fixture
def asking(house: House) -> World:
    """The NGO waits five working days for the position that it asks for, by its practice."""
    profile = house.practices.get(PRACTICE)
    assert profile is not None
    row = PracticeTimerRow.model_validate(
        {
            "title_ru": "Получить позицию опеки",
            "terms": [{"amount": 5, "unit": "working_day"}],
            "messages": {"position_request": "sender"},
            "each": True,
            "answered": True,
        }
    )
    changed = profile.model_copy(update={"timers": {**profile.timers, WAITS: row}})
    made = world(replace(house, practices=Practices({PRACTICE: changed})))
    switch_timer(made.house, made.system("ngo"), WAITS, NOW, on=True)
    made.grant("ngo", "guardianship")
    made.grant("guardianship", "ngo")
    return made


def test_a_position_ends_the_term_of_its_request(asking: World) -> None:
    asked = asking.arrive("position_request", "ngo", "guardianship", named=True)
    assert [row.done_at for row in rows(asking.house, p.practice_timers)] == [None]
    asking.send("position", "guardianship", "ngo", LATER, named=True, answers=asked.id)
    (row,) = rows(asking.house, p.practice_timers)
    assert (row.timer, row.done_at, row.next_at) == (WAITS, LATER, None)
    with asking.house.store.reading() as unit:
        answered = unit.messages.by_id(asked.id, LATER)
    assert answered is not None
    assert (answered.state, answered.receipts[-1].event) == (State.COMPLETED, Event.ANSWER)
    assert not item(asking.house, asked.id, asking.who("guardianship")).open


def test_another_message_in_its_thread_ends_nothing(asking: World) -> None:
    asked = asking.arrive("position_request", "ngo", "guardianship", named=True)
    asking.send("inquiry", "guardianship", "ngo", LATER, answers=asked.id)
    assert [row.done_at for row in rows(asking.house, p.practice_timers)] == [None]
    assert item(asking.house, asked.id, asking.who("guardianship")).open
