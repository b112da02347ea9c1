"""Days at the ends of the calendar, terms of thousands of years, signs that no store takes: refused with a code, at the door.

Each of these, once it was taken, stopped somebody else: a page that could not be shown, a message that never came.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.change_practice import change_practice
from gateway.use_cases.hand_message import hand_over, take_message
from gateway.use_cases.house import House
from gateway.use_cases.keep_case_record import keep_case_record
from gateway.use_cases.propose_joint_decision import propose_joint_decision
from gateway.use_cases.read_note import read_note
from gateway.use_cases.read_queue import read_queue
from gateway.use_cases.record_absence import end_absence, record_absence
from gateway.use_cases.record_call import record_call
from gateway.use_cases.withdraw_consent import withdraw_consent
from policies.case_records import Said
from schemas.errors import BadInput, MezhvedError, Unavailable
from schemas.facts import FactDraft
from schemas.ids import ConsentId, MessageId, new_id
from schemas.joint import AgendaDraft
from tests.builders import NOW, Town
from tests.gateway.exchange.world import world
from tests.gateway.facts_world import rows
from tests.gateway.joint.world import council
from tests.gateway.practice_world import make_team, robot
from tests.gateway.queues_world import person, send

EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
BEGINNING = datetime(1, 1, 1, tzinfo=EAST)
"""An instant that has no name in UTC."""
END = datetime(9999, 12, 31, 23, 59, tzinfo=WEST)


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ("10 year", True),
        ("11 year", False),
        ("9999 year", False),
        ("120 month", True),
        ("1.5 month", True),
        ("9999 month", False),
        ("2500 working_day", True),
        ("9999 working_day", False),
        ("9999 hour", True),
        ("3 fortnight", False),
        ("0 hour", False),
        ("0.5 working_day", False),
    ],
)
def test_a_term_that_no_calendar_has_is_not_set(sqlite_house: House, value: str, *, holds: bool) -> None:
    put = council(sqlite_house)
    put.set()
    if not holds:
        with pytest.raises(BadInput, match="field_invalid"):
            change_practice(sqlite_house, put.system, "joint_decision.term", value, NOW)
        return
    change_practice(sqlite_house, put.system, "joint_decision.term", value, NOW)
    propose_joint_decision(sqlite_house, put.system, put.draft("kdn"), NOW)
    relay_once(sqlite_house, NOW)
    assert rows_of(sqlite_house) == ["delivered"], "no setting of a sender keeps its message from coming"


def rows_of(house: House) -> list[str]:
    return [row.state for row in rows(house, t.messages)]


@pytest.mark.parametrize("at", [BEGINNING, END, datetime(1899, 12, 31, tzinfo=UTC)])
def test_no_meeting_is_held_outside_of_the_calendar(at: datetime) -> None:
    with pytest.raises(ValueError, match="a day of the years"):
        AgendaDraft.model_validate({"operation_id": new_id(), "at": at, "place": "Зал", "topic": "Тема"})


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_no_invitation_either(sqlite_house: House, value: str) -> None:
    met = world(sqlite_house)
    with pytest.raises(BadInput, match="note_invalid"):
        met.send("council_invitation", "centre", "guardianship", noted={"at": value})


def test_an_order_until_the_end_of_the_calendar(sqlite_house: House) -> None:
    met = world(sqlite_house)
    met.child_of("kdn")
    noted = {"act": "opened", "from": "2026-03-01", "until": "9999-12-31", "participants": met.who("centre").ogrn}
    with pytest.raises(BadInput, match="note_invalid"):
        met.send("ipr_order", "kdn", "centre", noted=noted, reg_number="5-к", reg_on="2026-03-01")
    with pytest.raises(ValueError, match="a day of the years"):
        FactDraft.model_validate({"fact": "ipr_open", "person": {"ref": "K-1"}, "until": "9999-12-31"})


def test_nothing_happened_before_the_calendar(town: Town) -> None:
    team = make_team(town, "otkazniki")
    with pytest.raises(BadInput, match="event_time"):
        team.record("request_received", BEGINNING)
    team.record("request_received")
    with pytest.raises(BadInput, match="record_time"):
        keep_case_record(town.house, robot(team), team.case, Said("case_type", "ordinary"), NOW, at=BEGINNING)
    message = send(town)
    for at in (BEGINNING, datetime(2026, 3, 2, 9, 0)):  # noqa: DTZ001  as a partner may send it
        with pytest.raises(BadInput, match="call_time"):
            record_call(
                town.house,
                person(town.house, town.guardianship, new_id()[:8], "head"),
                message,
                "112",
                at,
                "reached",
                NOW,
            )


def test_nobody_is_away_for_ever(town: Town) -> None:
    anna = person(town.house, town.guardianship, "anna", "curator")
    for days in ((date(2026, 3, 10), date.max), (date.min, date(2026, 3, 10))):
        with pytest.raises(BadInput, match="absence_dates"):
            record_absence(town.house, anna, "anna", *days, None, NOW)


@pytest.mark.parametrize("sign", ["\0", "а\0б", "нет такого"])
def test_a_sign_that_no_store_takes_names_nothing(town: Town, sign: str) -> None:
    anna = person(town.house, town.guardianship, "anna", "head")
    message = send(town)
    unknown = {
        "message_unavailable": lambda: take_message(town.house, anna, MessageId(sign), NOW),
        "absence_unavailable": lambda: end_absence(town.house, anna, sign, NOW),
        "consent_unavailable": lambda: withdraw_consent(town.house, anna, ConsentId(sign), NOW),
        "person_unknown": lambda: hand_over(town.house, anna, message, sign, "workload", NOW),
    }
    for code, ask in unknown.items():
        with pytest.raises(MezhvedError, match=code):
            ask()
    with pytest.raises(Unavailable):
        read_note(town.house, anna, MessageId(sign), sign, NOW)
    assert list(read_queue(town.house, anna, NOW, "inbox", MessageId(sign))) == []
    case_id = next(iter(_cases(town)))
    with pytest.raises(BadInput, match=r"person_unknown|value_unstorable"):
        assign_case(town.house, anna, town.house.vault.case_pseudonym(anna.organisation_id, case_id), sign, NOW)


def _cases(town: Town) -> list[str]:
    return [row.case_id for row in rows(town.house, t.messages)]


def test_a_note_comes_with_a_message_that_names_nobody(town: Town) -> None:
    met = world(town.house)
    message = met.thread("school", "guardianship")
    house, body = town.house, met.who("guardianship")
    anna, boris = person(house, body, "anna", "curator"), person(house, body, "boris", "curator")
    take_message(house, anna, message, NOW)
    hand_over(house, anna, message, "boris", "workload", NOW, "Перезвони им сегодня")
    with house.store.reading() as unit:
        (move,) = [m for m in unit.queues.moves(message, body.id) if m.sealed_note]
    assert read_note(house, boris, message, move.id, NOW) == "Перезвони им сегодня"
