"""Who told of a signal is read on a formal request of a court-type body, and by nobody else (POL-REP-1, RU-152-6-3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.end_fact import end_fact
from gateway.use_cases.house import House
from gateway.use_cases.read_reporters import Reporters, may_ask_formally, read_reporters
from schemas import categories as c
from schemas.errors import MezhvedError
from schemas.ids import CaseId, MessageId, SubjectId
from schemas.lifecycle import Event
from tests.builders import NOW
from tests.gateway.exchange.world import World, world
from tests.gateway.facts_world import ACT, document, entries, put, staff
from tests.gateway.practice_world import statements

REQUESTED = "AUTHORITY_REQUEST"
NEIGHBOUR = {"name": "Сосед Вымышленный", "phone": "+70000000009", "relation": "сосед"}
TEACHER = {"name": "Учитель Вымышленный", "relation": "учитель"}


@dataclass
class Told:
    """A guardianship body that put down two signals about K-1, told by two people."""

    world: World
    case_id: CaseId
    child: SubjectId
    signals: list[MessageId]

    @property
    def house(self) -> House:
        return self.world.house

    def ask(self, name: str, purpose: str = REQUESTED, **more: Any) -> Reporters:
        who = self.world.system(name)
        case = self.house.vault.case_pseudonym(who.organisation_id, self.case_id)
        return read_reporters(self.house, who, case, purpose, NOW, **more)

    def asked_formally(self, name: str, value: str) -> Any:
        """The data protection officer of the holder records the request, from the paper."""
        officer = staff(self.house, self.world.who("guardianship"), "dpo")
        named = {"organisations": [self.world.who(name).ogrn], "document": ACT, "until": "2026-09-01"}
        return officer, put(self.house, officer, "formal_request", {"ref": "K-1"}, value=value, **named)


@pytest.fixture
def told(house: House) -> Told:
    met = world(house)
    signals = []
    for number, reporter in enumerate((NEIGHBOUR, TEACHER), start=1):
        sent = met.send(
            "signal",
            "guardianship",
            "guardianship",
            trigger="threat",
            reporter=reporter,
            noted={"received_by": "phone", "received_at": "2026-03-02T11:40:00+03:00"},
            reg_number=f"{number}-ж",
        ).message
        signals.append(sent)
    relay_once(house, NOW)
    with house.store.reading() as unit:
        (child,) = unit.families.case_subjects(signals[0].case_id)
    assert signals[0].case_id == signals[1].case_id
    return Told(met, signals[0].case_id, child, [signal.id for signal in signals])


AUTHORITIES = {"court": "court", "investigation": "investigation", "inquiry": "police", "prosecutor": "prosecutor"}


@pytest.mark.parametrize("value", AUTHORITIES)
def test_a_formal_request_reads_who_told_of_each_signal(told: Told, value: str) -> None:
    name = AUTHORITIES[value]
    with pytest.raises(MezhvedError, match="case_unavailable"):
        told.ask(name)
    officer, made = told.asked_formally(name, value)
    found = told.ask(name, request="02-1234/2026")
    (child,) = found.subjects
    assert child.sections[c.REPORTER].ruling.rule == "RU-152-6-3"
    assert {(one.reporter["name"], one.signal.reg_number) for one in found.told[child.id]} == {
        ("Сосед Вымышленный", "1-ж"),
        ("Учитель Вымышленный", "2-ж"),
    }
    entry = entries(told.house, "exchange.decided")[-1]
    assert (entry["asked"], entry["purpose"]) == (["REP"], REQUESTED)
    assert "Сосед" not in str(entries(told.house, "exchange.decided"))
    end_fact(told.house, officer, made.fact_id, document(**ACT), NOW)
    with pytest.raises(MezhvedError, match="case_unavailable"):
        told.ask(name)


def test_a_request_of_another_body_reads_nothing(told: Told) -> None:
    told.asked_formally("ombudsman", "control")
    found = told.ask("ombudsman")
    assert all(not every for every in found.told.values())
    assert "Сосед" not in repr(found)


@pytest.mark.parametrize("purpose", ["GUARDIANSHIP", "SIGNAL", "CASE_MGMT", "SUBJECT_ACCESS", "OVERSIGHT"])
def test_for_no_other_purpose(told: Told, purpose: str) -> None:
    told.asked_formally("court", "court")
    found = told.ask("court", purpose)
    assert all(not every for every in found.told.values())


def test_not_by_the_body_itself_nor_by_who_got_the_signal(told: Told) -> None:
    told.asked_formally("court", "court")
    for name in ("guardianship", "school", "ngo"):
        for purpose in (REQUESTED, "GUARDIANSHIP"):
            try:
                found = told.ask(name, purpose)
            except MezhvedError as error:
                assert error.code == "case_unavailable"
                continue
            assert all(not every for every in found.told.values())
            assert all(subject.sections[c.REPORTER].ruling.shown.id != "POL-REP-1" for subject in found.subjects), (
                "a quiet rule reads neutral"
            )


def test_a_stranger_gets_for_a_real_case_what_it_gets_for_an_invented_one(told: Told) -> None:
    who = told.world.system("school")
    for case in (told.house.vault.case_pseudonym(who.organisation_id, told.case_id), "invented", "a\0b"):
        with pytest.raises(MezhvedError, match="case_unavailable"):
            read_reporters(told.house, who, case, REQUESTED, NOW)
    asked = []
    for case in (told.house.vault.case_pseudonym(who.organisation_id, told.case_id), "invented"):
        with statements(told.house) as heard, pytest.raises(MezhvedError, match="case_unavailable"):
            read_reporters(told.house, who, case, REQUESTED, NOW)
        asked.append(list(heard))
    assert asked[0] == asked[1], "the same statements, with other identifiers"
    with pytest.raises(MezhvedError, match="purpose_unknown"):
        read_reporters(told.house, who, "invented", "CURIOSITY", NOW)


def test_what_was_taken_back_or_destroyed_is_opened_by_nobody(told: Told) -> None:
    told.asked_formally("court", "court")
    told.world.open("guardianship", told.signals[0])
    told.world.answer("guardianship", told.signals[0], Event.RECALL)
    (child,) = told.ask("court").subjects
    assert [one.reporter["name"] for one in told.ask("court").told[child.id]] == ["Учитель Вымышленный"]
    told.house.vault._keys.destroy(told.child, now=NOW, reason="test")  # type: ignore[attr-defined]
    gone = told.ask("court")
    assert gone.told[child.id] == ()
    assert gone.subjects[0].sections[c.REPORTER].absence == "not_recorded"


def test_a_signal_of_others_about_the_child_is_not_the_holders_to_tell(told: Told) -> None:
    """The school has a file of its own about the child: who told the school is asked of the school."""
    told.asked_formally("court", "court")
    told.world.send(
        "signal",
        "school",
        "guardianship",
        trigger="threat",
        reporter={"name": "Другой Вымышленный"},
        noted={"received_by": "phone", "received_at": "2026-03-02T11:40:00+03:00"},
    )
    assert "Другой" not in repr(told.ask("court"))


def test_kinds_that_may_ask_come_from_the_pack(house: House) -> None:
    kinds = ("court", "prosecutor", "investigation", "police_juvenile", "ngo", "school", "guardianship")
    assert {kind for kind in kinds if may_ask_formally(house, kind)} == {
        "court",
        "prosecutor",
        "investigation",
        "police_juvenile",
    }
