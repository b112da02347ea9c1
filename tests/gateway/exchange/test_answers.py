"""What the two sides do with a message: by the table, by the right side, with all that it needs."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import Answer, answer_message
from gateway.use_cases.escalate import escalate
from gateway.use_cases.house import House
from gateway.use_cases.message_words import open_answers
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_queue import read_message_state, read_queue
from gateway.use_cases.register_incoming import register_incoming
from gateway.use_cases.values import Requester
from schemas.errors import MezhvedError
from schemas.ids import MessageId
from schemas.lifecycle import Event, State
from tests.builders import NOW
from tests.gateway.exchange.world import ELSEWHERE, World, world
from tests.gateway.facts_world import staff

FULL = (Event.ACCEPT, Event.BEGIN, Event.SUSPEND, Event.RESUME, Event.COMPLETE)
BECAUSE = {Event.SUSPEND: Answer(reason="waits_family")}


@pytest.fixture
def exchange(house: House) -> World:
    return world(house)


@pytest.fixture
def quick(sqlite_house: House) -> World:
    """On SQLite, for what does not depend on the store."""
    return world(sqlite_house)


def referred(world: World, sender: str = "ngo", recipient: str = "centre") -> MessageId:
    """A referral by consent that was opened."""
    world.grant(sender, recipient, "REFERRAL")
    return world.arrive("referral", sender, recipient).id


def test_the_whole_way_of_a_referral_is_told_to_both_sides(exchange: World) -> None:
    message_id = referred(exchange)
    for event in FULL:
        exchange.answer("centre", message_id, event, BECAUSE.get(event))
    for side in ("ngo", "centre"):
        seen = read_message_state(exchange.house, exchange.system(side), message_id, NOW)
        assert seen is not None
        assert [receipt.event for receipt in seen.receipts] == [Event.SUBMIT, Event.DELIVER, Event.OPEN, *FULL]
        assert [receipt.state for receipt in seen.receipts][-1] is State.COMPLETED
        assert {receipt.attested_by for receipt in seen.receipts} == {"gateway"}


@pytest.mark.parametrize(
    ("who", "event", "said", "code"),
    [
        ("ngo", Event.ACCEPT, None, "message_not_yours"),
        ("centre", Event.CANCEL, Answer(reason="not_needed"), "message_not_yours"),
        ("centre", Event.BEGIN, None, "message_state_conflict"),
        ("centre", Event.SIGN, None, "answer_not_expected"),
        ("centre", Event.AGREE, None, "answer_not_expected"),
        ("centre", Event.OPEN, None, "event_not_here"),
        ("centre", Event.ANSWER, None, "event_not_here"),
        ("centre", Event.REDIRECT, None, "event_not_here"),
        ("centre", Event.REJECT, None, "reason_required"),
        ("centre", Event.REJECT, Answer(reason="NO_CAPACITY"), "elsewhere_required"),
        ("centre", Event.REJECT, Answer(reason="not_needed", none_because="none_known"), "reason_unknown"),
        ("centre", Event.REJECT, Answer(reason="NO_CAPACITY", none_because="bad"), "reason_unknown"),
        ("ngo", Event.CANCEL, None, "reason_required"),
        ("ngo", Event.ENTER_IN_ERROR, Answer(reason="NO_CAPACITY"), "reason_unknown"),
        ("school", Event.ACCEPT, None, "message_unavailable"),
        ("guardianship", Event.CANCEL, Answer(reason="not_needed"), "message_unavailable"),
    ],
)
def test_what_is_not_possible_is_refused_and_changes_nothing(
    quick: World, who: str, event: Event, said: Answer | None, code: str
) -> None:
    message_id = referred(quick)
    with pytest.raises(MezhvedError) as refused:
        quick.answer(who, message_id, event, said)
    assert refused.value.code == code
    seen = read_message_state(quick.house, quick.system("ngo"), message_id, NOW)
    assert seen is not None
    assert len(seen.receipts) == 3


@pytest.mark.parametrize("made_up", ["no-such-message", "00000000-0000-4000-8000-000000000000"])
def test_a_strangers_message_answers_like_an_invented_one(quick: World, made_up: str) -> None:
    real = referred(quick)
    texts = []
    for message_id in (real, MessageId(made_up)):
        with pytest.raises(MezhvedError) as refused:
            quick.answer("school", message_id, Event.ACCEPT)
        texts.append(str(refused.value))
    assert texts[0] == texts[1]


def test_an_overseer_answers_nothing(quick: World) -> None:
    message_id = referred(quick)
    officer = staff(quick.house, quick.who("centre"), "dpo")
    with pytest.raises(MezhvedError, match="not_for_overseers"):
        answer(quick, officer, message_id)


def answer(world: World, requester: Requester, message_id: MessageId) -> None:
    answer_message(world.house, requester, message_id, Event.ACCEPT, NOW)


def test_somebody_who_does_not_work_on_the_case_answers_nothing(quick: World) -> None:
    quick.grant("ngo", "centre", "REFERRAL")
    sent = quick.send("referral", "ngo", "centre").message
    relay_once(quick.house, NOW)
    one, other = (staff(quick.house, quick.who("centre"), "curator") for _ in range(2))
    open_message(quick.house, one, sent.id, NOW)
    with pytest.raises(MezhvedError, match="not_assigned"):
        answer(quick, other, sent.id)
    answer(quick, one, sent.id)


def test_a_refusal_names_where_else_or_why_nowhere(exchange: World) -> None:
    first, second = referred(exchange), exchange.arrive("inquiry", "school", "centre").id
    elsewhere = exchange.who("kdn").id
    refused = exchange.answer("centre", first, Event.REJECT, Answer("NO_CAPACITY", "Ждём места", (elsewhere,)))
    assert (refused.reason, refused.alternatives) == ("NO_CAPACITY", (elsewhere,))
    assert [words for _, words in open_answers(exchange.house, refused)][-1] == {"words": "Ждём места"}
    nowhere = exchange.answer("centre", second, Event.REJECT, ELSEWHERE)
    assert (nowhere.reason, nowhere.alternatives) == ("NO_CAPACITY", ())


def test_words_lie_sealed(exchange: World) -> None:
    message_id = referred(exchange)
    exchange.answer("centre", message_id, Event.REJECT, Answer("NO_CAPACITY", "Неповторимые слова", (), "none_known"))
    sent = exchange.arrive("inquiry", "school", "centre", noted={"words": "Другие неповторимые"})
    assert exchange.open("centre", sent.id).words["words"] == "Другие неповторимые"
    with exchange.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        for table in ("messages", "receipts", "entries", "notices"):
            kept = json.dumps([[str(v) for v in row] for row in connection.exec_driver_sql(f"SELECT * FROM {table}")])
            assert "неповторимые" not in kept.casefold()
            assert "Неповторимые".encode().hex() not in kept


# --- types that are answered otherwise ---------------------------------------------------------------------------------


def put_to(world: World, party: str = "guardianship") -> MessageId:
    """A joint decision that an NGO puts to a party by consent."""
    world.grant("ngo", party)
    return world.arrive("joint_decision", "ngo", party, named=True).id


def test_a_party_says_yes_no_or_asks_and_silence_is_neither(quick: World) -> None:
    yes, no, asked = (put_to(quick) for _ in range(3))
    assert quick.answer("guardianship", yes, Event.AGREE).state is State.COMPLETED
    with pytest.raises(MezhvedError, match="reason_required"):
        quick.answer("guardianship", no, Event.DISAGREE)
    with pytest.raises(MezhvedError, match="words_required"):
        quick.answer("guardianship", no, Event.DISAGREE, Answer(reason="risk"))
    disagreed = quick.answer("guardianship", no, Event.DISAGREE, Answer(reason="risk", words="Нужен ещё месяц"))
    assert (disagreed.state, disagreed.reason) == (State.COMPLETED, "risk")
    waits = quick.answer("guardianship", asked, Event.ASK, Answer(words="Есть ли жильё?"))
    assert waits.state is State.ON_HOLD
    with pytest.raises(MezhvedError, match="message_not_yours"):
        quick.answer("guardianship", asked, Event.REPLY, Answer(words="Да"))
    assert quick.answer("ngo", asked, Event.REPLY, Answer(words="Есть")).state is State.OPENED
    assert quick.answer("guardianship", asked, Event.AGREE).state is State.COMPLETED


def test_minutes_are_signed_or_remarked_on(quick: World) -> None:
    thread = quick.thread("centre", "ngo")
    signed = quick.arrive("minutes", "ngo", "centre", answers=thread).id
    assert quick.answer("centre", signed, Event.SIGN).state is State.COMPLETED
    remarked = quick.arrive("minutes", "ngo", "centre", answers=thread).id
    with pytest.raises(MezhvedError, match="words_required"):
        quick.answer("centre", remarked, Event.REMARK)
    assert quick.answer("centre", remarked, Event.REMARK, Answer(words="Дата встречи другая")).state is State.COMPLETED


def test_a_request_for_a_position_is_done_by_the_position(exchange: World) -> None:
    exchange.grant("ngo", "guardianship")
    exchange.grant("guardianship", "ngo")
    asked = exchange.arrive("position_request", "ngo", "guardianship", named=True)
    position = exchange.send("position", "guardianship", "ngo", named=True, answers=asked.id).message
    assert position.thread_id == asked.thread_id
    done = read_message_state(exchange.house, exchange.system("ngo"), asked.id, NOW)
    assert done is not None
    assert (done.state, done.receipts[-1].event) == (State.COMPLETED, Event.ANSWER)


def test_one_answers_what_one_has_opened(quick: World) -> None:
    sent = quick.send("inquiry", "guardianship", "ngo").message
    with pytest.raises(MezhvedError, match="message_unavailable"):
        quick.send("first_visit_notice", "ngo", "guardianship", answers=sent.id)
    relay_once(quick.house, NOW)
    with pytest.raises(MezhvedError, match="answered_not_opened"):
        quick.send("first_visit_notice", "ngo", "guardianship", answers=sent.id)
    quick.open("ngo", sent.id)
    quick.send("first_visit_notice", "ngo", "guardianship", answers=sent.id)
    with pytest.raises(MezhvedError, match="answers_another"):
        quick.send("acknowledgement", "ngo", "school", answers=sent.id)


def test_a_correction_points_back_and_goes_where_the_first_went(quick: World) -> None:
    quick.grant("ngo", "centre", "REFERRAL")
    first = quick.send("referral", "ngo", "centre").message
    corrected = quick.send("correction", "ngo", "centre", named=True, corrects=first.id).message
    assert (corrected.corrects_id, corrected.purpose, corrected.thread_id) == (first.id, "REFERRAL", first.thread_id)
    with pytest.raises(MezhvedError, match="corrects_another"):
        quick.send("correction", "ngo", "school", named=True, corrects=first.id)
    with pytest.raises(MezhvedError, match="message_unavailable"):
        quick.send("correction", "school", "centre", named=True, corrects=first.id)


# --- taken back --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", [Event.RECALL, Event.ENTER_IN_ERROR])
def test_what_is_taken_back_is_opened_by_nobody_and_its_reader_is_told_to_erase(exchange: World, event: Event) -> None:
    message_id = referred(exchange)
    opened = exchange.open("centre", message_id)
    assert any(section.content for subject in opened.content.subjects for section in subject.sections.values())
    exchange.answer("ngo", message_id, event, Answer(reason="wrong_family") if event is Event.ENTER_IN_ERROR else None)
    relay_once(exchange.house, NOW)
    again = exchange.open("centre", message_id)
    assert (again.content.subjects, again.words) == ((), {})
    (recall,) = [m for m in read_queue(exchange.house, exchange.system("centre"), NOW) if m.type == "recall"]
    assert (recall.answers_id, recall.thread_id) == (message_id, opened.message.thread_id)
    exchange.open("centre", recall.id)
    with pytest.raises(MezhvedError, match="statute_required"):
        exchange.answer("centre", recall.id, Event.RETAIN)
    assert exchange.answer("centre", recall.id, Event.ERASE).state is State.COMPLETED


def test_what_was_taken_back_before_it_came_never_comes(exchange: World) -> None:
    exchange.grant("ngo", "centre", "REFERRAL")
    sent = exchange.send("referral", "ngo", "centre").message
    exchange.answer("ngo", sent.id, Event.RECALL)
    relay_once(exchange.house, NOW)
    assert read_queue(exchange.house, exchange.system("centre"), NOW) == []
    assert read_message_state(exchange.house, exchange.system("centre"), sent.id, NOW) is None
    with pytest.raises(MezhvedError, match="message_unavailable"):
        exchange.open("centre", sent.id)


def test_a_referral_that_nobody_takes_on_ends_and_what_it_brought_is_removed(exchange: World) -> None:
    """P-03: 90 days from the delivery, at the end of the last day where the recipient is."""
    waiting, taken = referred(exchange), referred(exchange)
    exchange.answer("centre", taken, Event.ACCEPT)
    escalate(exchange.house, NOW + timedelta(days=90))
    seen = read_message_state(exchange.house, exchange.system("ngo"), waiting, NOW)
    assert seen is not None
    assert seen.state is State.OPENED, "the last day is not over"
    later = NOW + timedelta(days=91)
    escalate(exchange.house, later)
    seen = read_message_state(exchange.house, exchange.system("ngo"), waiting, later)
    assert seen is not None
    assert (seen.state, seen.receipts[-1].event) == (State.FAILED, Event.EXPIRE)
    with exchange.house.store.reading() as unit:
        assert not unit.messages.contents(waiting)
        assert unit.messages.contents(taken)
    kept = read_message_state(exchange.house, exchange.system("ngo"), taken, later)
    assert kept is not None
    assert kept.state is State.ACCEPTED


def test_every_message_has_the_numbers_of_both_journals(exchange: World) -> None:
    exchange.grant("ngo", "centre", "REFERRAL")
    sent = exchange.arrive("referral", "ngo", "centre", reg_number="12-исх", reg_on="2026-03-01")
    who = exchange.system("centre")
    kept = register_incoming(exchange.house, who, sent.id, "345/26", date(2026, 3, 2), NOW)
    assert (kept.reg_number, kept.incoming_number, kept.incoming_on) == ("12-исх", "345/26", date(2026, 3, 2))
    with pytest.raises(MezhvedError, match="message_not_yours"):
        register_incoming(exchange.house, exchange.system("ngo"), sent.id, "1", date(2026, 3, 2), NOW)
    with pytest.raises(MezhvedError, match="number_required"):
        register_incoming(exchange.house, who, sent.id, "  ", date(2026, 3, 2), NOW)
