"""Redirect: on a new ground or not at all, and whoever redirects reads the same in both cases."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import Answer
from gateway.use_cases.house import House
from gateway.use_cases.read_notices import read_notices
from gateway.use_cases.read_queue import read_message_state, read_queue
from gateway.use_cases.redirect_message import redirect_message
from gateway.use_cases.values import MessageOnFile
from gateway.vault.vault import Vault
from schemas.errors import MezhvedError
from schemas.ids import MessageId
from schemas.lifecycle import State
from tests.builders import NOW, record
from tests.gateway.exchange.world import World, world
from tests.gateway.facts_world import staff

THERE = Answer(reason="OUT_OF_TERRITORY", words="Это другой район")


@pytest.fixture
def exchange(house: House) -> World:
    return world(house)


def referred(world: World, *recipients: str) -> MessageId:
    """A referral to the centre, by a consent for it and for each of these."""
    for name in ("centre", *recipients):
        world.grant("ngo", name, "REFERRAL")
    return world.arrive("referral", "ngo", "centre").id


def redirect(world: World, message_id: MessageId, to: str, said: Answer = THERE, by: str = "centre") -> MessageOnFile:
    return redirect_message(world.house, world.system(by), message_id, world.who(to).id, NOW, said)


def queue(world: World, name: str) -> list[MessageOnFile]:
    relay_once(world.house, NOW)
    return list(read_queue(world.house, world.system(name), NOW))


def test_with_a_ground_it_goes_on_unopened(exchange: World, monkeypatch: pytest.MonkeyPatch) -> None:
    message_id = referred(exchange, "other_centre")
    opened: list[object] = []
    real = Vault.open_sections
    monkeypatch.setattr(Vault, "open_sections", lambda self, some: opened.extend(some) or real(self, some))
    redirected = redirect(exchange, message_id, "other_centre")
    assert opened == [], "nothing is opened to be passed on"
    monkeypatch.undo()
    assert (redirected.state, redirected.alternatives) == (State.REDIRECTED, (exchange.who("other_centre").id,))
    (onward,) = queue(exchange, "other_centre")
    assert (onward.redirects_id, onward.thread_id) == (message_id, redirected.thread_id)
    seen = exchange.open("other_centre", onward.id)
    assert seen.content.subjects[0].sections["ID"].content == {
        "full_name": "Проба Вымышленная Тестовна",
        "birth_date": "2017-01-15",
    }


@pytest.mark.parametrize("changed", ["no consent", "consent for another purpose", "withdrawn"])
def test_without_a_ground_nothing_goes_and_the_sender_is_told(exchange: World, changed: str) -> None:
    """The ground of the first sending is not the ground of the next."""
    head = staff(exchange.house, exchange.who("ngo"), "head")
    message_id = referred(exchange)
    if changed == "consent for another purpose":
        exchange.grant("ngo", "other_centre", "CASE_MGMT")
    if changed == "withdrawn":
        exchange.grant("ngo", "other_centre", "REFERRAL", valid_to="2026-02-01", given_on="2026-01-01")
    redirect(exchange, message_id, "other_centre")
    assert queue(exchange, "other_centre") == []
    assert "message.redirected" in {notice.kind for notice in read_notices(exchange.house, head)}
    seen = read_message_state(exchange.house, exchange.system("ngo"), message_id, NOW)
    assert seen is not None
    assert seen.alternatives == (exchange.who("other_centre").id,), "the sender sees whom it was pointed to"


def test_whoever_redirects_reads_the_same_with_and_without_a_ground(exchange: World) -> None:
    """Which consents the sender has is not the business of the first recipient (law 7)."""
    exchange.who("other_centre")
    without, granted = referred(exchange), referred(exchange, "other_centre")
    shown = []
    for message_id in (without, granted):
        redirect(exchange, message_id, "other_centre")
        state = read_message_state(exchange.house, exchange.system("centre"), message_id, NOW)
        assert state is not None
        shown.append((state.state, state.reason, state.alternatives, [r.event for r in state.receipts]))
    assert shown[0] == shown[1]
    assert {m.id for m in queue(exchange, "centre")} == {without, granted}
    for name in ("centre",):
        outbox = read_queue(exchange.house, exchange.system(name), NOW, "outbox")
        assert list(outbox) == []


def test_a_signal_goes_to_the_right_body_by_duty(exchange: World) -> None:
    sent = exchange.arrive("signal", "school", "guardianship", trigger="abuse", statement="Слова сигнала")
    redirect(exchange, sent.id, "police", by="guardianship")
    (onward,) = queue(exchange, "police")
    assert (onward.purpose, onward.trigger) == ("SIGNAL", "abuse")
    seen = exchange.open("police", onward.id)
    assert seen.content.subjects[0].sections["RSK"].content == {"statement": "Слова сигнала"}


def test_a_signal_does_not_go_off_its_route(exchange: World) -> None:
    sent = exchange.arrive("signal", "school", "guardianship", trigger="no_care")
    redirect(exchange, sent.id, "police", by="guardianship")
    assert queue(exchange, "police") == []


def test_protected_whereabouts_do_not_go_on(exchange: World) -> None:
    """Every category is ruled again by the facts of now."""
    persons = [
        {
            "kind": "child",
            "ref": "K-1",
            "identity": {"full_name": "Проба Вымышленная Тестовна"},
            "whereabouts": {"address": {"text": "ул. Вымышленная, 1", "municipality": "Измайлово"}},
        }
    ]
    for name in ("centre", "other_centre"):
        exchange.grant("ngo", name, "REFERRAL")
    sent = exchange.arrive("referral", "ngo", "centre", persons=persons)
    record(exchange.house, exchange.child_of("ngo"), "location_protected", exchange.town.ngo)
    redirect(exchange, sent.id, "other_centre")
    (onward,) = queue(exchange, "other_centre")
    with exchange.house.store.reading() as unit:
        assert {str(category) for _, category in unit.messages.contents(onward.id)} == {"ID"}


def test_an_inquiry_goes_on_with_its_words(exchange: World) -> None:
    sent = exchange.arrive("inquiry", "school", "centre", noted={"words": "Нужен психолог для подростка"})
    redirect(exchange, sent.id, "ngo")
    (onward,) = queue(exchange, "ngo")
    assert exchange.open("ngo", onward.id).words["words"] == "Нужен психолог для подростка"


@pytest.mark.parametrize(
    ("to", "said", "code"),
    [
        ("ngo", THERE, "redirect_to_side"),
        ("centre", THERE, "redirect_to_side"),
        ("school", Answer(), "reason_required"),
        ("school", Answer(reason="risk"), "reason_unknown"),
        ("school", Answer(reason="OTHER", words="Спросите Иванову Марию"), "text_not_nameless"),
    ],
)
def test_a_bad_redirect_changes_nothing(exchange: World, to: str, said: Answer, code: str) -> None:
    message_id = referred(exchange)
    with pytest.raises(MezhvedError) as refused:
        redirect(exchange, message_id, to, said)
    assert refused.value.code == code
    state = read_message_state(exchange.house, exchange.system("ngo"), message_id, NOW)
    assert state is not None
    assert state.state is State.OPENED


def test_the_sender_does_not_redirect_and_a_stranger_finds_nothing(exchange: World) -> None:
    message_id: Any = referred(exchange)
    with pytest.raises(MezhvedError, match="message_not_yours"):
        redirect(exchange, message_id, "school", by="ngo")
    with pytest.raises(MezhvedError, match="message_unavailable"):
        redirect(exchange, message_id, "other_centre", by="school")
