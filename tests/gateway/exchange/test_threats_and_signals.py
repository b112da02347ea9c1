"""Threats, signals and first contact: who may, what waits for nothing, who is told, what nobody reads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.use_cases.answer_message import Answer
from gateway.use_cases.change_organisation import change_organisation
from gateway.use_cases.house import House
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_notices import read_notices
from gateway.use_cases.read_queue import read_queue
from gateway.use_cases.review_emergency import JUSTIFIED, MISUSE, read_emergencies, review_emergency
from gateway.use_cases.submit_message import preview_message
from gateway.use_cases.values import Person
from schemas.errors import MezhvedError
from schemas.ids import Category, PersonId, new_id
from schemas.lifecycle import Event, State
from tests.builders import NOW, record
from tests.gateway.exchange.world import STATUTE, THREAT, World, world
from tests.gateway.facts_world import staff

DIRECT = {"direct": True, "statute": STATUTE, "statement": THREAT, "declarer": "c"}


@pytest.fixture
def exchange(house: House) -> World:
    made = world(house)
    made.declarer()
    return made


def effects(world: World, name: str, message_id: Any) -> dict[str, str]:
    (subject, *_) = world.open(name, message_id).content.subjects
    return {str(category): section.ruling.effect.value for category, section in subject.sections.items()}


def test_a_direct_threat_lies_in_the_queue_when_its_sender_is_answered(exchange: World) -> None:
    officers = {name: staff(exchange.house, exchange.who(name), "dpo") for name in ("ngo", "guardianship")}
    sent = exchange.send("threat_report", "ngo", "guardianship", **DIRECT).message
    assert (sent.state, sent.purpose) == (State.DELIVERED, "EMERGENCY")
    (waiting,) = read_queue(exchange.house, exchange.system("guardianship"), NOW)
    assert waiting.id == sent.id
    assert relay_once(exchange.house, NOW) == 0
    seen = effects(exchange, "guardianship", sent.id)
    assert (seen["ID"], seen["RSK"]) == ("P", "P")
    for name, officer in officers.items():
        assert "emergency.declared" in {notice.kind for notice in read_notices(exchange.house, officer)}, name
        assert len(read_emergencies(exchange.house, officer, NOW)) == 1


def test_it_waits_for_no_consent_and_for_no_hold(exchange: World) -> None:
    exchange.grant("ngo", "guardianship", signers=[{"who": "mother", "holder_ref": "K-1-M", "verified": False}])
    record(exchange.house, exchange.child_of("ngo"), "suspected", exchange.town.ngo, about_who="mother")
    sent = exchange.send("threat_report", "ngo", "guardianship", **DIRECT).message
    assert (sent.state, sent.held) == (State.DELIVERED, False)


def test_it_stays_readable_after_the_day_and_the_case_does_not_open(exchange: World) -> None:
    """The declaration is about this message; the case itself stays closed to its recipient."""
    sent = exchange.send("threat_report", "ngo", "guardianship", **DIRECT).message
    opened = exchange.open("guardianship", sent.id, NOW + timedelta(days=3))
    assert opened.content.subjects[0].sections["ID"].content
    with exchange.house.store.reading() as unit:
        facts = unit.recorded_facts.in_force(unit.messages.subjects(sent.id), NOW)
    assert [fact.fact for fact in facts] == []


def test_after_a_misuse_its_declarer_declares_no_more(exchange: World) -> None:
    officer = staff(exchange.house, exchange.who("guardianship"), "dpo")
    exchange.send("threat_report", "ngo", "guardianship", **DIRECT)
    (shown,) = read_emergencies(exchange.house, officer, NOW)
    review_emergency(exchange.house, officer, shown.emergency.id, MISUSE, "Угрозы не было", NOW)
    with pytest.raises(MezhvedError, match="emergency_suspended"):
        exchange.send("threat_report", "ngo", "guardianship", **DIRECT)


def test_an_overseer_is_no_declarer(exchange: World) -> None:
    officer = Person(PersonId(new_id()), exchange.who("ngo").id, "officer", "Имя", "!", frozenset({"dpo"}))
    with exchange.house.store.writing() as unit:
        unit.participants.add_person(officer)
    for login in ("officer", "nobody", None):
        with pytest.raises(MezhvedError, match="declarer_required"):
            exchange.send("threat_report", "ngo", "guardianship", **{**DIRECT, "declarer": login})


def test_what_is_not_direct_says_that_a_signal_is_the_way(exchange: World) -> None:
    draft = exchange.draft("threat_report", "ngo", "guardianship", **{**DIRECT, "direct": False})
    with pytest.raises(MezhvedError) as refused:
        preview_message(exchange.house, exchange.system("ngo"), draft, NOW)
    assert "если угроза прямая" in str(refused.value.params["lawful"])
    as_signal = exchange.send("signal", "ngo", "guardianship", trigger="threat", statement=THREAT).message
    assert as_signal.purpose == "SIGNAL"


# --- who told of it -----------------------------------------------------------------------------------------------------


def test_who_told_a_body_is_kept_and_read_by_nobody(exchange: World) -> None:
    sent = exchange.send(
        "signal",
        "guardianship",
        "guardianship",
        trigger="threat",
        statement="Слова о детях",
        reporter={"name": "Сосед Вымышленный", "phone": "+70000000009", "relation": "сосед"},
        noted={"received_by": "phone", "received_at": "2026-03-02T11:40:00+03:00"},
        reg_number="5-ж",
    ).message
    relay_once(exchange.house, NOW)
    opened = exchange.open("guardianship", sent.id)
    (subject,) = opened.content.subjects
    assert subject.sections["ID"].content
    assert "REP" not in subject.sections
    assert "Сосед" not in repr(opened)
    with exchange.house.store.reading() as unit:
        assert {str(category) for _, category in unit.messages.contents(sent.id)} >= {"ID", "RSK", "REP"}
    # Asked for by name it is refused by its rule, and its seal stays closed.
    asked = open_message(exchange.house, exchange.system("guardianship"), sent.id, NOW, (Category("REP"),))
    section = asked.content.subjects[0].sections[Category("REP")]
    assert (section.ruling.effect.value, section.ruling.rule, section.content) == ("D", "POL-REP-1", None)


def test_a_body_takes_its_own_entry_into_work(exchange: World) -> None:
    sent = exchange.send(
        "signal", "guardianship", "guardianship", trigger="no_care", noted={"received_by": "in_person"}
    ).message
    relay_once(exchange.house, NOW)
    exchange.open("guardianship", sent.id)
    assert exchange.answer("guardianship", sent.id, Event.ACCEPT).state is State.ACCEPTED


# --- first contact ------------------------------------------------------------------------------------------------------


def test_an_inquiry_carries_nothing_of_a_family_and_reaches_anybody(exchange: World) -> None:
    sent = exchange.send(
        "inquiry",
        "maternity_hospital",
        "ngo",
        urgency="emergency",
        noted={"need": "newborn_refusal shelter", "words": "Женщине некуда идти с ребёнком после выписки"},
    ).message
    assert (sent.state, sent.purpose, sent.lane) == (State.DELIVERED, "", "none")
    opened = exchange.open("ngo", sent.id)
    assert (opened.content.subjects, opened.message.state) == ((), State.OPENED)
    assert opened.words["words"].startswith("Женщине")
    with exchange.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        for table in (t.subjects, t.message_subjects, t.sections, t.disclosures):
            assert connection.execute(select(table)).all() == []


@pytest.mark.parametrize(
    ("words", "marked"),
    [
        ("Иванова Мария Петровна ждёт у роддома", "Иванова Мария Петровна"),
        ("Позвоните ей: 8 900 000-11-22", "8 900 000-11-22"),
        ("Живёт на ул. Вымышленной, д. 5", "ул. Вымышленной, д. 5"),
    ],
)
def test_names_numbers_and_addresses_are_refused_with_their_place(exchange: World, words: str, marked: str) -> None:
    with pytest.raises(MezhvedError) as refused:
        exchange.send("inquiry", "maternity_hospital", "ngo", noted={"words": words})
    params = refused.value.params
    assert (refused.value.code, params["field"]) == ("text_not_nameless", "words")
    assert words[int(params["start"]) : int(params["end"])] == marked
    assert marked not in str(refused.value)
    assert exchange.count() == 0


def test_it_becomes_a_named_referral_once_a_consent_is_signed(exchange: World) -> None:
    asked = exchange.arrive("inquiry", "maternity_hospital", "ngo")
    with pytest.raises(MezhvedError, match="message_refused"):
        exchange.send("referral", "maternity_hospital", "ngo", answers=asked.id)
    exchange.grant("maternity_hospital", "ngo", "REFERRAL")
    named = exchange.send("referral", "maternity_hospital", "ngo", answers=asked.id).message
    assert (named.thread_id, named.answers_id, named.purpose) == (asked.thread_id, asked.id, "REFERRAL")
    assert named.case_id != asked.case_id, "who saw the question has no relation to the family by it"


def test_an_organisation_without_an_agreement_sends_and_gets_nothing(exchange: World) -> None:
    ended = {"agreement_to": date(2026, 1, 1)}
    change_organisation(exchange.house, exchange.who("school").id, ended, "operator", NOW)
    for sender, recipient in (("school", "ngo"), ("ngo", "school")):
        with pytest.raises(MezhvedError, match="no_agreement"):
            exchange.send("inquiry", sender, recipient)


@pytest.mark.parametrize("state", ["delivered", "opened", "in_work", "completed", "failed"])
def test_what_was_declared_by_misuse_is_taken_back(exchange: World, state: str) -> None:
    officer = staff(exchange.house, exchange.who("guardianship"), "dpo")
    sent = exchange.send("threat_report", "ngo", "guardianship", **DIRECT).message
    steps = {"opened": (), "in_work": (Event.ACCEPT, Event.BEGIN), "completed": (Event.ACCEPT, Event.COMPLETE)}
    if state != "delivered":
        assert exchange.open("guardianship", sent.id).content.subjects
    for event in steps.get(state, ()):
        exchange.answer("guardianship", sent.id, event)
    if state == "failed":
        exchange.answer("guardianship", sent.id, Event.ACCEPT)
        said = Answer(reason="no_contact", none_because="none_known")
        exchange.answer("guardianship", sent.id, Event.FAIL, said)
    (found,) = read_emergencies(exchange.house, officer, NOW)
    review_emergency(exchange.house, officer, found.emergency.id, MISUSE, "Угрозы не было", NOW)
    assert exchange.open("guardianship", sent.id).content.subjects == ()
    relay_once(exchange.house, NOW)
    recalls = [m for m in read_queue(exchange.house, exchange.system("guardianship"), NOW) if m.type == "recall"]
    assert [(m.answers_id, m.thread_id) for m in recalls] == [(sent.id, sent.thread_id)]


def test_another_threat_about_the_same_child_stays(exchange: World) -> None:
    officer = staff(exchange.house, exchange.who("guardianship"), "dpo")
    other = exchange.send("threat_report", "ngo", "guardianship", **DIRECT).message
    sent = exchange.send("threat_report", "ngo", "guardianship", **DIRECT).message
    by_message = {e.emergency.id: e for e in read_emergencies(exchange.house, officer, NOW)}
    with exchange.house.store.writing() as unit:
        (wanted,) = [
            e
            for e in by_message
            if unit.messages.by_claim(sent.case_id, sent.sender_id, "emergency", e)[0].id == sent.id
        ]
    review_emergency(exchange.house, officer, wanted, MISUSE, "Угрозы не было", NOW)
    assert exchange.open("guardianship", sent.id).content.subjects == ()
    assert exchange.open("guardianship", other.id).content.subjects


def test_what_was_justified_stays(exchange: World) -> None:
    officer = staff(exchange.house, exchange.who("guardianship"), "dpo")
    sent = exchange.send("threat_report", "ngo", "guardianship", **DIRECT).message
    (found,) = read_emergencies(exchange.house, officer, NOW)
    review_emergency(exchange.house, officer, found.emergency.id, JUSTIFIED, "Угроза была", NOW)
    assert exchange.open("guardianship", sent.id).content.subjects
