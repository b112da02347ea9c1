"""What a party sees of a joint decision once its footing is gone: its own part, and by which rule the rest is closed.

A consent that is withdrawn releases nothing from that instant on. Who was asked by duty, in a plan of prevention work, depends
on no consent; who was asked in its own thread without names was told nothing of the family.
"""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from consent.records import ConsentEvent, ConsentEventKind
from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.use_cases.conclude_joint_decision import conclude_joint_decision
from gateway.use_cases.house import House
from gateway.use_cases.joint_values import JointDecision
from gateway.use_cases.joint_view import JointView
from gateway.use_cases.keep_agenda import make_agenda
from gateway.use_cases.propose_joint_decision import propose_joint_decision
from gateway.use_cases.read_agenda import read_agenda
from gateway.use_cases.read_joint_decision import read_joint_decisions
from gateway.use_cases.send_minutes import send_minutes
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas import categories as c
from schemas.ids import ConsentId, new_id
from schemas.joint import AgendaDraft, MinutesDraft
from schemas.lifecycle import Event
from tests.builders import NOW, record, sqlite_house
from tests.gateway.facts_world import entries
from tests.gateway.joint.world import RISK, Council, council

PARTIES = ("guardianship", "kdn")
HOURS = st.integers(0, 200)


def asked(house: House, valid_to: str = "2026-12-31", **more: Any) -> tuple[Council, JointDecision]:
    """An NGO asks a guardianship body and a commission, both by consent."""
    put = council(house, plan=False)
    for name in PARTIES:
        put.world.grant("ngo", name, valid_to=valid_to)
    made = propose_joint_decision(put.house, put.world.system("ngo"), put.draft(*PARTIES, **more), NOW).decision
    relay_once(put.house, NOW)
    for name, party in zip(PARTIES, made.parties, strict=True):
        put.messages[name] = party.message_id
        put.world.open(name, party.message_id)
    return put, made


def consents_of(put: Council, discloser: str, name: str) -> list[ConsentId]:
    statement = select(t.consents.c.id).where(
        t.consents.c.discloser_id == put.world.who(discloser).id,
        t.consents.c.recipient_id == put.world.who(name).id,
        t.consents.c.purpose == "CASE_MGMT",
    )
    with put.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        return [ConsentId(found) for found in connection.execute(statement).scalars()]


def consent_of(put: Council, discloser: str, name: str) -> ConsentId:
    (found,) = consents_of(put, discloser, name)
    return found


def withdraw(put: Council, name: str, now: datetime) -> None:
    withdraw_consent(put.house, put.world.system("ngo"), consent_of(put, "ngo", name), now)


def others(view: JointView) -> list[str]:
    """What is said of anybody else."""
    return [party.stand.position.value for party in view.parties if not party.is_me]


@pytest.mark.parametrize("concluded", [False, True])
def test_what_is_left_is_ones_own(house: House, concluded: bool) -> None:
    put, made = asked(house)
    put.say("kdn", Event.DISAGREE, RISK)
    put.say("guardianship", Event.AGREE)
    if concluded:
        conclude_joint_decision(put.house, put.world.system("ngo"), made.id, "not_taken", NOW)
    later = NOW + timedelta(hours=1)
    withdraw(put, "guardianship", later)
    for view in (
        put.view(made, "guardianship", later),
        *read_joint_decisions(house, put.world.system("guardianship"), later),
    ):
        assert (others(view), view.outcome, view.decision.conclusion, view.decision.positions) == ([], None, None, {})
        (own,) = view.parties
        assert (own.is_me, own.stand.position.value) == (True, "agreed")
        assert view.closed is not None
        assert view.closed.rule == "RU-152-9-5"
    assert others(put.view(made, "kdn", later)) == ["agreed"], "its own consent stands"
    whole = put.view(made, "ngo", later)
    assert [party.closed.rule if party.closed else None for party in whole.parties] == ["RU-152-9-5", None]
    assert [party.stand.position.value for party in whole.parties] == ["agreed", "disagreed"]
    read = [
        entry for entry in entries(house, "joint.read") if entry["organisation"] == put.world.who("guardianship").id
    ]
    assert [entry["closed"] for entry in read] == ["RU-152-9-5"]


def test_an_agenda_says_no_more(house: House) -> None:
    agenda = new_id()
    draft = AgendaDraft.model_validate(
        {"operation_id": agenda, "at": "2026-03-09T10:00:00+03:00", "place": "Зал", "topic": "Открытие"}
    )
    put = council(house, plan=False)
    for name in PARTIES:
        put.world.grant("ngo", name)
    made_agenda = make_agenda(house, put.world.system("ngo"), draft, NOW)
    made = propose_joint_decision(
        house, put.world.system("ngo"), put.draft(*PARTIES, agenda=made_agenda.id), NOW
    ).decision
    relay_once(house, NOW)
    put.messages["kdn"] = made.parties[1].message_id
    put.world.open("kdn", put.messages["kdn"])
    put.say("kdn", Event.DISAGREE, RISK)
    body = put.world.system("guardianship")

    def lines(now: datetime) -> list[list[str]]:
        return [others(view) for line in read_agenda(house, body, made_agenda.id, now).lines for view in line.decisions]

    assert lines(NOW) == [["disagreed"]]
    later = NOW + timedelta(minutes=1)
    withdraw(put, "guardianship", later)
    assert lines(later) == [[]]


def test_by_duty_it_stays_while_the_plan_is_open(house: House) -> None:
    """The centre names the child to the commission in an open plan; no consent was ever looked at."""
    put = council(house)
    made = put.propose()
    put.say("kdn", Event.DISAGREE, RISK)
    put.world.grant("moscow", "guardianship")
    later = NOW + timedelta(hours=2)
    withdraw_consent(house, put.system, consent_of(put, "moscow", "guardianship"), later)
    assert others(put.view(made, "guardianship", later)) == ["disagreed", "waiting"]


def test_in_its_own_thread_nothing_was_named(house: House) -> None:
    put = council(house, plan=False)
    thread = put.world.thread("guardianship", "moscow")
    party = {"ogrn": put.world.who("guardianship").ogrn, "named": False, "answers": thread}
    made = propose_joint_decision(house, put.system, put.draft(parties=[party]), NOW).decision
    relay_once(house, NOW)
    view = put.view(made, "guardianship")
    assert view.closed is None
    assert view.outcome is not None


@pytest.mark.parametrize(
    ("ended", "rule"),
    [("expired", "RU-152-9-7"), ("limited", "RU-152-9-9"), ("rights", "RU-SK-71-1"), ("plan", "RU-120-11-1")],
)
def test_whatever_ends_it(sqlite_house: House, ended: str, rule: str) -> None:
    """It is decided at the moment of reading, by the same rules as the message itself."""
    later = NOW + timedelta(days=20)
    if ended == "plan":
        put = council(sqlite_house, plan=False)
        child = put.world.child_of("moscow")
        inside = tuple(put.world.who(name).id for name in ("moscow", *PARTIES))
        record(
            sqlite_house, child, "ipr_open", put.world.who("kdn"), participants=inside, to_at=NOW + timedelta(days=9)
        )
        made = put.propose(*PARTIES)
    else:
        put, made = asked(sqlite_house, valid_to="2026-03-15" if ended == "expired" else "2026-12-31")
    assert put.view(made, "guardianship").closed is None
    if ended == "limited":
        event = ConsentEvent(ConsentEventKind.LIMITED, later, later, new_id(), frozenset({c.IDENTITY, c.RISK}))
        with sqlite_house.store.writing() as unit:
            unit.consents.add_event(consent_of(put, "ngo", "guardianship"), event, None)
    if ended == "rights":
        child = put.world.child_of("ngo")
        record(
            sqlite_house, child, "rights_terminated", put.world.who("guardianship"), about_who="mother", from_at=later
        )
    closed = put.view(made, "guardianship", later).closed
    assert closed is not None
    assert closed.rule == rule


def test_minutes_go_on_to_those_whose_footing_holds(house: House) -> None:
    put, made = asked(house)
    later = NOW + timedelta(hours=1)
    withdraw(put, "guardianship", later)
    draft = MinutesDraft.model_validate({"operation_id": new_id(), "on": "2026-03-02", "topic": "Открытие случая"})
    sent = send_minutes(house, put.world.system("ngo"), made.id, draft, later)
    assert [message.recipient_id for message in sent] == [put.world.who("kdn").id]


@given(
    who=st.sampled_from(PARTIES),
    at=HOURS,
    spoke=st.dictionaries(st.sampled_from(PARTIES), HOURS, max_size=2),
    concluded=st.none() | HOURS,
    looks=st.lists(HOURS, min_size=1, max_size=5),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_whenever_it_is_withdrawn(
    who: str, at: int, spoke: dict[str, int], concluded: int | None, looks: list[int]
) -> None:
    """From the instant of a withdrawal on nothing of the others is seen, before it everything; whatever is said or concluded
    before or after, and the other party sees all of it at any time."""
    with tempfile.TemporaryDirectory() as folder:
        put, made = asked(sqlite_house(Path(folder)))
        acts: list[tuple[int, int, str]] = [(hour, 1, name) for name, hour in spoke.items()]
        acts += [(at, 0, "withdraw")] + ([(concluded, 2, "conclude")] if concluded is not None else [])
        acts += [(hour, 3, "look") for hour in looks]
        said: set[str] = set()
        for hour, _, act in sorted(acts):
            now = NOW + timedelta(hours=hour)
            if act == "withdraw":
                withdraw(put, who, now)
            elif act == "conclude":
                conclude_joint_decision(put.house, put.world.system("ngo"), made.id, "taken", now)
            elif act in PARTIES:
                put.say(act, Event.AGREE, now=now)
                said.add(act)
            else:
                for name, other in (PARTIES, PARTIES[::-1]):
                    view = put.view(made, name, now)
                    gone = name == who and hour >= at
                    expected = [] if gone else ["agreed" if other in said else "waiting"]
                    assert others(view) == expected
                    assert (view.closed is not None) == gone
                    assert (view.outcome is None) == gone
                    is_over = concluded is not None and hour >= concluded
                    assert (view.decision.conclusion is not None) == (is_over and not gone)
                    (listed,) = read_joint_decisions(put.house, put.world.system(name), now)
                    assert (others(listed), listed.closed) == (expected, view.closed)
        put.house.store.engine.dispose()  # type: ignore[attr-defined]
        put.house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
