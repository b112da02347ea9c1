"""Joint decisions and agendas in a browser: proposed, answered from the queue, concluded; seen by axe, and on a phone."""

# ruff: noqa: F811  fixtures are imported by their names

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.building import utc_now
from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import Answer
from gateway.use_cases.propose_joint_decision import propose_joint_decision
from gateway.use_cases.record_practice_event import record_practice_event
from gateway.use_cases.register_participants import register_person
from gateway.use_cases.watch_practice_timers import watch_practice_timers
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.lifecycle import Event
from tests.gateway.exchange.world import World
from tests.gateway.joint.test_withdrawn import consents_of
from tests.gateway.joint.world import CENTRE, RISK, Council
from tests.gateway.joint.world import council as meeting
from tests.system.test_browser import PASSWORD, Desk, Served, chromium, served, sit  # noqa: F401  fixtures
from tests.system.test_work_pages import shot

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def council(served: Served) -> World:
    """An NGO that may name a child to a guardianship body, and not to a commission."""
    world = World(served.town)
    now = utc_now()
    for login, place, role in (
        ("proposer", "ngo", "curator"),
        ("answering", "guardianship", "guardianship_specialist"),
    ):
        home = world.who(place)
        register_person(world.house, home.id, login, f"Петрова {login}", PASSWORD, [role], now, synthetic=True)
    world.grant("ngo", "guardianship")
    return world


def test_a_decision_from_the_form_to_its_conclusion(
    served: Served, council: World, sit: Callable[[bool], Desk]
) -> None:
    desk, body = sit(True), sit(True)
    desk.sign_in("proposer")
    decision = _proposed(desk, council)
    relay_once(council.house, utc_now())
    body.sign_in("answering")
    _disagreed(body)
    desk.page.goto(decision)
    assert "Нужен ещё месяц наблюдения" in desk.body()
    assert "есть возражение" in desk.body()
    _look(desk, "joint-decision")
    desk.page.select_option("#conclusion", "taken")
    _press(desk, "Записать вывод")
    assert "а не согласие остальных" in desk.body()
    desk.page.get_by_text("Разослать протокол на подпись").click()
    _fill(desk, on="27.11.2020", topic="Открытие случая", words="Договорились о плане")
    _look(desk, "joint-concluded")
    _press(desk, "Отправить сторонам")
    desk.page.get_by_role("link", name="Открыть повестку").click()
    assert "есть возражение" in desk.body()
    _look(desk, "agenda")
    desk.page.emulate_media(media="print")
    assert not desk.page.get_by_role("button", name="Закрыть повестку").is_visible()
    desk.page.emulate_media(media="screen")
    desk.go("/joint")
    _look(desk, "joint-list")
    assert desk.faults + body.faults == []


def test_a_silence_with_its_chain_and_the_procedure_of_a_refusal(served: Served, sit: Callable[[bool], Desk]) -> None:
    now = utc_now()
    ago = now - timedelta(days=30)
    put = meeting(served.town.house)
    put.set(now=ago, **{"timer.cooperation_refusal": "on", "cooperation_refusal.term": "3 working_day"})
    put.set(now=ago, **{"joint_decision.chain": "coordinator, head"})
    made = put.propose(now=ago)
    put.say("guardianship", Event.AGREE, now=ago)
    put.say("kdn", Event.ASK, Answer(words="Есть ли жильё?"), ago)
    for days in range(31):
        watch_practice_timers(put.house, ago + timedelta(days=days))
    case = put.view(made, now=now).case
    record_practice_event(put.house, put.system, case, "step_1", ago)
    record_practice_event(put.house, put.system, case, "cooperation_refused", now)
    home = put.world.who(CENTRE)
    register_person(put.house, home.id, "moscow", "Петрова moscow", PASSWORD, ["head"], now, synthetic=True)
    desk = sit(True)
    desk.sign_in("moscow")
    for name, path, words in (
        ("joint-silence", f"/joint/{made.id}", "срок прошёл, ответа нет"),
        ("course-refusal", f"/course?id={case}", "право родителей, а не угроза"),
        ("practice-tools", "/practice", "3 рабочих дня, задано организацией"),
    ):
        desk.go(path)
        assert words in desk.body(), name
        _look(desk, name)
    assert desk.faults == []


def test_after_a_withdrawal_a_party_reads_its_own_part_and_why(
    served: Served, council: World, sit: Callable[[bool], Desk]
) -> None:
    """By consent the body saw what the commission said; after the withdrawal the page says by which rule it is closed."""
    now = utc_now()
    put = Council(council)
    for name in ("guardianship", "kdn"):
        council.grant("ngo", name, given_on="2026-01-11")
    made = propose_joint_decision(put.house, council.system("ngo"), put.draft("guardianship", "kdn"), now).decision
    relay_once(put.house, now)
    put.messages["kdn"] = made.parties[1].message_id
    council.open("kdn", put.messages["kdn"], now)
    put.say("kdn", Event.DISAGREE, RISK, now)
    body, desk = sit(True), sit(True)
    body.sign_in("answering")
    body.go(f"/joint/{made.id}")
    assert council.who("kdn").name in body.body()
    for consent in consents_of(put, "ngo", "guardianship"):
        withdraw_consent(put.house, council.system("ngo"), consent, utc_now())
    body.go(f"/joint/{made.id}")
    assert "Видно только ваше" in body.body()
    assert council.who("kdn").name not in body.body()
    _look(body, "joint-closed")
    body.go("/joint")
    _look(body, "joint-closed-list")
    desk.sign_in("proposer")
    desk.go(f"/joint/{made.id}")
    assert "о деле участнику больше не сообщается" in desk.body()
    _look(desk, "joint-closed-proposer")
    assert body.faults + desk.faults == []


def _proposed(desk: Desk, council: World) -> str:
    """A meeting, a decision that cannot be put to all, then can; the address of its page."""
    desk.go("/agendas")
    _fill(desk, day="10.03.2027", clock="11:00", place="Зал на втором этаже", topic="Открытие случаев")
    shot(desk, "agendas")
    _press(desk, "Составить повестку")
    desk.page.get_by_role("link", name="Предложить совместное решение").click()
    desk.page.select_option("#matter", "open")
    for party in ("guardianship", "kdn"):
        desk.page.select_option(f"#party-{council.who(party).ogrn}", "named")
    _fill(desk, child_ref="K-1", child_name="Проба Вымышленная Тестовна", child_birth="15.01.2017")
    _fill(desk, plan_text="Помощь с жильём и документами")
    _look(desk, "joint-form")
    _press(desk, "Показать, что увидит каждая сторона")
    assert "не отправлено никому" in desk.body()
    _look(desk, "joint-stopped")
    council.grant("ngo", "kdn")
    _press(desk, "Изменить")
    _press(desk, "Показать, что увидит каждая сторона")
    _look(desk, "joint-preview")
    _press(desk, "Предложить всем")
    assert "предложено всем сторонам" in desk.body()
    return desk.page.url.partition("?")[0]


def _disagreed(body: Desk) -> None:
    """A party answers from its queue, and sees the decision as a party does."""
    body.go("/queue?view=all")
    body.page.get_by_role("link", name="Совместное решение об открытии").first.click()
    _press(body, "Открыть сообщение")
    body.page.get_by_text("Не согласны, с причиной").first.click()
    body.page.select_option("#reason-disagree", "risk")
    body.page.fill("#words-disagree", "Нужен ещё месяц наблюдения")
    body.press("form[action$='/disagree'] button")
    body.page.get_by_role("link", name="Это часть совместного решения").click()
    assert "Слова ответов" not in body.body()
    assert "нет" in body.body()
    _look(body, "joint-as-a-party")


def _look(desk: Desk, name: str) -> None:
    desk.look(name)
    shot(desk, name)


def _press(desk: Desk, words: str) -> None:
    desk.page.get_by_role("button", name=words).click()


def _fill(desk: Desk, **fields: str) -> None:
    for name, value in fields.items():
        desk.page.fill(f"#{name}", value)
