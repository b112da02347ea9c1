"""The order of a commission brings its fact, extends it and ends it; by nobody else, and not twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.use_cases.house import House
from gateway.use_cases.values import RecordedFact
from schemas.errors import MezhvedError
from schemas.lifecycle import State
from tests.builders import NOW, organisation
from tests.gateway.exchange.world import World, world

UNTIL, LATER = "2026-08-31", "2026-12-31"


@pytest.fixture
def exchange(house: House) -> World:
    return world(house)


def order(world: World, recipient: str = "centre", act: str = "opened", until: str = UNTIL, **more: Any) -> Any:
    """An order to one of the two participants of the plan."""
    ogrns = " ".join(world.who(name).ogrn for name in ("centre", "guardianship"))
    noted = {"act": act, "from": "2026-03-01", "until": until, "participants": ogrns}
    said = {"reg_number": "17", "reg_on": "2026-03-01", "noted": noted, **more}
    return world.send("ipr_order", "kdn", recipient, **said)


def plans(world: World, name: str = "kdn", now: Any = NOW) -> list[RecordedFact]:
    with world.house.store.reading() as unit:
        facts = unit.recorded_facts.in_force([world.child_of(name)], now)
    return [fact for fact in facts if fact.fact == "ipr_open"]


def test_the_order_opens_the_work_for_those_it_names_and_once(exchange: World) -> None:
    sent = order(exchange).message
    (fact,) = plans(exchange)
    members = {exchange.who(name).id for name in ("kdn", "centre", "guardianship")}
    assert (set(fact.participants), fact.everywhere, fact.set_by) == (members, True, exchange.who("kdn").id)
    assert plans(exchange, now=NOW + timedelta(days=200)) == [], "it ends with its last day"
    order(exchange, "guardianship")
    assert [known.id for known in plans(exchange)] == [fact.id], "the second participant is told, nothing is set twice"
    assert (sent.purpose, sent.state) == ("KDN_IPR", State.SUBMITTED)


def test_it_holds_in_the_participants_own_files(exchange: World) -> None:
    """Between two participants the lane of the plan is open by the order: by the child's SNILS, in each one's own file."""
    for name in ("kdn", "centre", "other_centre"):
        exchange.grant(name, "clinic", categories=["ID"], identifiers={"snils": "11223344595"})
    with pytest.raises(MezhvedError, match="message_refused"):
        exchange.send("progress_report", "centre", "guardianship")
    order(exchange)
    assert exchange.send("progress_report", "centre", "guardianship").message.purpose == "KDN_IPR"
    with pytest.raises(MezhvedError, match="message_refused"):
        exchange.send("progress_report", "other_centre", "guardianship")
    order(exchange, act="closed", until="2026-03-02")
    with pytest.raises(MezhvedError, match="message_refused"):
        exchange.send("progress_report", "centre", "guardianship", now=NOW + timedelta(days=1))


def test_it_is_extended_and_ended_by_its_own_words(exchange: World) -> None:
    order(exchange)
    order(exchange, act="extended", until=LATER)
    (fact,) = plans(exchange)
    assert fact.to_at is not None
    assert fact.to_at.date().isoformat() in {LATER, "2027-01-01"}
    for name in ("centre", "guardianship"):
        sent = order(exchange, name, act="closed", until="2026-03-02")
        assert sent.message.state is State.SUBMITTED, "every participant is told"
    assert len(plans(exchange)) == 1, "until the end of the last day"
    assert plans(exchange, now=NOW + timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"reg_number": None}, "order_needs_number"),
        ({"reg_on": None}, "order_needs_number"),
        ({"recipient": "school"}, "order_not_participant"),
        ({"until": "2026-02-01"}, "fact_dates"),
    ],
)
def test_what_an_order_lacks_is_said_and_nothing_is_set(exchange: World, more: dict[str, Any], code: str) -> None:
    with pytest.raises(MezhvedError) as refused:
        order(exchange, **more)
    assert refused.value.code == code
    assert plans(exchange) == []
    assert exchange.count() == 0


def test_work_that_is_not_open_is_not_ended(exchange: World) -> None:
    with pytest.raises(MezhvedError, match="lane_refused"):
        order(exchange, act="closed")


def test_nobody_else_orders(exchange: World) -> None:
    ogrn = exchange.who("centre").ogrn
    noted = {"participants": ogrn, "from": "2026-03-01", "until": UNTIL}
    for sender in ("ngo", "guardianship"):
        with pytest.raises(MezhvedError, match="lane_refused"):
            exchange.send("ipr_order", sender, "centre", reg_number="17", reg_on="2026-03-01", noted=noted)
        assert plans(exchange, sender) == []


def test_work_that_begins_later_is_not_open_before(exchange: World) -> None:
    """A fact holds from when it is recorded: an order that begins later is sent on its day."""
    ogrns = exchange.who("centre").ogrn
    noted = {"act": "opened", "from": "2026-03-03", "until": UNTIL, "participants": ogrns}
    with pytest.raises(MezhvedError, match="order_begins_later"):
        order(exchange, noted=noted)
    assert plans(exchange) == []
    exchange.send(
        "ipr_order", "kdn", "centre", NOW + timedelta(hours=12), reg_number="17", reg_on="2026-03-01", noted=noted
    )
    assert len(plans(exchange, now=NOW + timedelta(hours=12))) == 1, "midnight in Moscow has passed"


def another_commission(world: World) -> None:
    """A second commission that the first one's plan names."""
    world.more["kdn2"] = organisation(world.house, "kdn", "Вторая комиссия (тест)")
    for name in ("kdn", "kdn2"):
        world.grant(name, "clinic", categories=["ID"], identifiers={"snils": "11223344595"})


def test_a_commission_ends_its_own_plan_and_no_other(exchange: World) -> None:
    """It was in the plan, so the lane was open; its closing order began a plan of its own instead."""
    another_commission(exchange)
    ogrns = " ".join(exchange.who(name).ogrn for name in ("centre", "kdn2"))
    noted = {"act": "opened", "from": "2026-03-01", "until": UNTIL, "participants": ogrns}
    exchange.send("ipr_order", "kdn", "kdn2", reg_number="17", reg_on="2026-03-01", noted=noted)
    with pytest.raises(MezhvedError, match="order_ends_nothing"):
        exchange.send(
            "ipr_order", "kdn2", "centre", reg_number="1", reg_on="2026-03-01", noted={**noted, "act": "closed"}
        )
    assert {fact.set_by for fact in plans(exchange, "kdn2")} == {exchange.who("kdn").id}


def test_an_order_that_ends_prolongs_nothing(exchange: World) -> None:
    order(exchange)
    with pytest.raises(MezhvedError, match="order_ends_nothing"):
        order(exchange, act="closed", until=LATER)
    order(exchange, act="closed", until="2026-03-10")
    with pytest.raises(MezhvedError, match="order_ends_nothing"):
        order(exchange, act="closed", until="2026-03-20")
    order(exchange, act="closed", until="2026-03-05")
    assert plans(exchange, now=NOW + timedelta(days=4)) == []


def test_who_is_left_out_of_the_order_that_ends_stays_in_the_plan_until_its_last_day(exchange: World) -> None:
    order(exchange)
    (before,) = plans(exchange)
    noted = {"act": "closed", "from": "2026-03-01", "until": "2026-03-10", "participants": exchange.who("centre").ogrn}
    order(exchange, noted=noted)
    (after,) = plans(exchange)
    assert set(after.participants) == set(before.participants)
    assert order(exchange, "guardianship", act="closed", until="2026-03-10").message.state is State.SUBMITTED
