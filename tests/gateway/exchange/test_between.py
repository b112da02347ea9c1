"""What happens in between: somebody takes back, answers, withdraws or accepts while another is about to."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases import submit_message as submitting
from gateway.use_cases.answer_message import Answer, possible_events
from gateway.use_cases.house import House
from gateway.use_cases.name_subject import name_subject
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_queue import read_message_state, read_queue
from gateway.use_cases.record_call import record_call
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.errors import MezhvedError
from schemas.lifecycle import Event, State
from tests.builders import NOW, consent, publish
from tests.gateway.exchange.world import STATUTE, World, child, world
from tests.gateway.facts_world import staff


@pytest.fixture
def exchange(house: House) -> World:
    return world(house)


def asked(world: World) -> Any:
    """A request for a position that was opened, and both consents."""
    world.grant("ngo", "guardianship")
    world.grant("guardianship", "ngo")
    return world.arrive("position_request", "ngo", "guardianship", named=True)


def in_between(monkeypatch: pytest.MonkeyPatch, deed: Any) -> None:
    """Once, between the ruling of a sending and its writing."""
    real, done = submitting.rule_prepared, []

    def ruled(*arguments: Any) -> Any:
        found = real(*arguments)
        if not done:
            done.append(True)
            deed()
        return found

    monkeypatch.setattr(submitting, "rule_prepared", ruled)


def states(world: World, message_id: Any) -> list[Event]:
    seen = read_message_state(world.house, world.system("ngo"), message_id, NOW)
    assert seen is not None
    return [receipt.event for receipt in seen.receipts]


def test_an_answer_does_not_revive_what_was_taken_back(exchange: World, monkeypatch: pytest.MonkeyPatch) -> None:
    request = asked(exchange)
    in_between(monkeypatch, lambda: exchange.answer("ngo", request.id, Event.RECALL))
    exchange.send("position", "guardianship", "ngo", named=True, answers=request.id)
    assert states(exchange, request.id) == [Event.SUBMIT, Event.DELIVER, Event.OPEN, Event.RECALL]
    assert exchange.open("guardianship", request.id).content.subjects == ()


def test_a_request_is_answered_once(exchange: World, monkeypatch: pytest.MonkeyPatch) -> None:
    request = asked(exchange)
    in_between(monkeypatch, lambda: exchange.send("position", "guardianship", "ngo", named=True, answers=request.id))
    exchange.send("position", "guardianship", "ngo", named=True, answers=request.id)
    assert states(exchange, request.id) == [Event.SUBMIT, Event.DELIVER, Event.OPEN, Event.ANSWER]


def test_somebody_who_does_not_work_on_the_case_answers_by_no_message_either(exchange: World) -> None:
    exchange.grant("ngo", "guardianship")
    exchange.grant("guardianship", "ngo")
    sent = exchange.send("position_request", "ngo", "guardianship", named=True).message
    relay_once(exchange.house, NOW)
    one, other = (staff(exchange.house, exchange.who("guardianship"), "guardianship_specialist") for _ in range(2))
    open_message(exchange.house, one, sent.id, NOW)
    draft = exchange.draft("position", "guardianship", "ngo", named=True, answers=sent.id)
    with pytest.raises(MezhvedError, match="not_assigned"):
        submit_message(exchange.house, other, draft, NOW)
    with pytest.raises(MezhvedError, match="not_assigned"):
        record_call(exchange.house, other, sent.id, "112", NOW, "reached", NOW)
    submit_message(exchange.house, one, draft, NOW)


# --- transfers ---------------------------------------------------------------------------------------------------------


def offered(world: World, *recipients: str) -> list[Any]:
    """The same child, offered to several by a consent for each."""
    publish(world.town)
    for name in recipients:
        world.grant("ngo", name)
    return [world.arrive("case_transfer", "ngo", name).id for name in recipients]


def test_a_child_is_transferred_once(exchange: World) -> None:
    first, second = offered(exchange, "other_ngo", "centre")
    exchange.answer("other_ngo", first, Event.ACCEPT)
    with pytest.raises(MezhvedError, match="transfer_without_ground"):
        exchange.answer("centre", second, Event.ACCEPT)
    with exchange.house.store.reading() as unit:
        (child_id,) = unit.messages.subjects(first)
        assert unit.recorded_facts.holder_of([child_id]) == {child_id: exchange.who("other_ngo").id}
    assert states(exchange, second)[-1] is Event.OPEN, "nothing was half applied"


def test_a_transfer_is_ruled_when_it_is_accepted(exchange: World) -> None:
    publish(exchange.town)
    given = consent(exchange.town, exchange.who("other_ngo"))
    message_id = exchange.arrive("case_transfer", "ngo", "other_ngo").id
    withdraw_consent(exchange.house, exchange.system("ngo"), given, NOW)
    with pytest.raises(MezhvedError, match="transfer_without_ground"):
        exchange.answer("other_ngo", message_id, Event.ACCEPT)


def test_whoever_is_held_is_not_handed_over(exchange: World) -> None:
    consent(exchange.town, exchange.who("other_ngo"))
    unverified = [{"who": "mother", "holder_ref": "K-2-M", "verified": False}]
    consent(exchange.town, exchange.who("other_ngo"), "K-2", signers=unverified)
    both = [child("case_transfer"), {**child("case_transfer"), "ref": "K-2"}]
    message_id = exchange.arrive("case_transfer", "ngo", "other_ngo", persons=both).id
    exchange.answer("other_ngo", message_id, Event.ACCEPT)
    with exchange.house.store.reading() as unit:
        holders = unit.recorded_facts.holder_of(unit.messages.subjects(message_id))
    assert sorted(holders.values()) == sorted([exchange.who("other_ngo").id, exchange.who("ngo").id])


def test_what_was_accepted_is_not_taken_back_from_its_new_holder(exchange: World) -> None:
    (message_id,) = offered(exchange, "other_ngo")
    exchange.answer("other_ngo", message_id, Event.ACCEPT)
    with pytest.raises(MezhvedError, match="message_state_conflict"):
        exchange.answer("ngo", message_id, Event.RECALL)


def test_a_reference_is_given_to_one_person(exchange: World) -> None:
    (message_id,) = offered(exchange, "other_ngo")
    exchange.answer("other_ngo", message_id, Event.ACCEPT)
    who = exchange.system("other_ngo")
    with exchange.house.store.reading() as unit:
        (mine,) = unit.messages.subjects(message_id)
    other = exchange.house.vault.subject_pseudonym(who.organisation_id, exchange.child_of("other_ngo"))
    name_subject(exchange.house, who, exchange.house.vault.subject_pseudonym(who.organisation_id, mine), "НОВЫЙ", NOW)
    with pytest.raises(MezhvedError, match="ref_taken"):
        name_subject(exchange.house, who, other, "НОВЫЙ", NOW)


# --- what a recall tells -----------------------------------------------------------------------------------------------


def recalled(world: World, recipient: str) -> Any:
    relay_once(world.house, NOW)
    return next(m for m in read_queue(world.house, world.system(recipient), NOW) if m.type == "recall")


def test_a_recall_does_not_tell_that_somebody_reported(exchange: World) -> None:
    more = {"trigger": "threat", "statement": "Слова", "reporter": {"name": "Сосед"}, "noted": {"received_by": "phone"}}
    sent = exchange.arrive("signal", "school", "guardianship", **more)
    exchange.answer("school", sent.id, Event.RECALL)
    assert recalled(exchange, "guardianship").notes["categories"] == "ID RSK"


def test_a_recall_names_nobody_who_was_held(exchange: World) -> None:
    consent(exchange.town, exchange.who("centre"), purpose="REFERRAL")
    unverified = [{"who": "mother", "holder_ref": "K-2-M", "verified": False}]
    consent(exchange.town, exchange.who("centre"), "K-2", "REFERRAL", signers=unverified)
    second = {**child("referral"), "ref": "K-2", "contact": {"phones": [{"number": "+70000000002"}]}}
    sent = exchange.arrive("referral", "ngo", "centre", persons=[child("referral"), second])
    assert len(exchange.open("centre", sent.id).content.subjects) == 1
    exchange.answer("ngo", sent.id, Event.RECALL)
    recall = recalled(exchange, "centre")
    assert "CON" not in recall.notes["categories"].split()
    assert len(exchange.open("centre", recall.id).content.subjects) == 1


# --- fields beside the words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["statute", "reg_number"])
@pytest.mark.parametrize(
    "typed", ["Иванова Мария Петровна", "сообщил сосед Сидоров Пётр", "ул. Вымышленная, д. 5, кв. 7"]
)
def test_a_number_and_an_article_name_nobody(exchange: World, field: str, typed: str) -> None:
    with pytest.raises(MezhvedError, match="text_not_nameless"):
        exchange.send("inquiry", "school", "ngo", **{field: typed})
    assert exchange.count() == 0


@pytest.mark.parametrize(
    "number", ["12-исх", "01-05/1234", "2026-117", "№ 345/26-оп", "ВХ-17 от 02.03.2026", "77/2026"]
)
def test_a_number_of_a_document_is_one(exchange: World, number: str) -> None:
    sent = exchange.send("inquiry", "school", "ngo", reg_number=number, statute=STATUTE).message
    assert (sent.reg_number, sent.state) == (number, State.SUBMITTED)


@pytest.mark.parametrize("event", [Event.RECALL, Event.CANCEL, Event.ENTER_IN_ERROR])
def test_what_the_gateway_sends_is_taken_back_by_nobody(exchange: World, event: Event) -> None:
    exchange.grant("ngo", "centre", "REFERRAL")
    sent = exchange.arrive("referral", "ngo", "centre")
    exchange.answer("ngo", sent.id, Event.RECALL)
    recall = recalled(exchange, "centre")
    assert possible_events(recall, exchange.who("ngo").id) == ()
    with pytest.raises(MezhvedError, match="message_of_gateway"):
        exchange.answer("ngo", recall.id, event, Answer(reason="mistake"))
    assert exchange.open("centre", recall.id).message.state is State.OPENED
