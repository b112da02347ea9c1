"""Joint decisions and agendas as people without a script use them; what is missing is said at its field."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.use_cases.record_practice_event import record_practice_event
from gateway.use_cases.withdraw_consent import withdraw_consent
from tests.builders import NOW, publish
from tests.gateway.exchange.world import World
from tests.gateway.joint.test_withdrawn import consent_of
from tests.gateway.joint.world import CENTRE, Council, council
from tests.gateway.web.conftest import Browser, Office, Page

CHILD = {"child_ref": "K-1", "child_name": "Проба Вымышленная Тестовна", "child_birth": "15.01.2017"}


@pytest.fixture
def world(office: Office) -> World:
    made = World(office.running.town)
    made.grant("ngo", "guardianship")
    return made


def party(world: World, name: str) -> str:
    return f"party-{world.who(name).ogrn}"


def proposed(world: World, browser: Browser, **more: str) -> Page:
    """The page of a decision that was put to the guardianship body."""
    asked = {"matter": "close", party(world, "guardianship"): "named", **CHILD, **more}
    preview = browser.send(browser.get("/joint/new"), **asked, step="preview")
    assert "Что увидит каждая сторона" in preview.heading, preview.text
    return browser.send(preview, step="send")


def test_the_form_says_what_is_missing_and_keeps_the_rest(office: Office, world: World) -> None:
    browser = office.seat(world.who("ngo"), "curator")
    page = browser.send(browser.get("/joint/new"), by="32.01.2026", step="preview")
    assert page.status == 400
    assert set(page.complaints) == {"matter", "parties", "by"}
    named = {party(world, "guardianship"): "named", "matter": "open"}
    page = browser.send(page, **named, **CHILD, by="01.03.2020", step="preview")
    assert set(page.complaints) == {"by"}, "a day that is over"
    page = browser.send(page, **dict.fromkeys(CHILD, ""), by="", step="preview")
    assert set(page.complaints) == {"child_ref", "child_name", "child_birth"}
    assert page.fields()["matter"] == ["open"]
    offered = {name for name in page.fields() if name.startswith("party-")}
    assert offered == {party(world, "guardianship"), party(world, "kdn")}, "only whom a lane leads to"


def test_a_decision_is_put_seen_concluded_and_minuted(office: Office, world: World) -> None:
    ours, theirs = office.seat(world.who("ngo"), "curator"), office.seat(world.who("guardianship"), "head")
    page = proposed(world, ours)
    assert page.status == 200
    assert "Закрыть случай" in page.heading
    assert "ещё не доставлено" in page.text
    assert "Совместных решений пока нет" in theirs.get("/joint").text
    office.deliver()
    assert "Закрыть случай" in theirs.get("/joint").text
    address = page.address.partition("?")[0]
    seen = theirs.get(address)
    assert "Отметить вывод" not in seen.text
    assert seen.tree.xpath("//a[contains(@href, '/messages/')]")
    page = ours.send(ours.get(address), action=f"{address}/conclude")
    assert set(page.complaints) == {"conclusion"}
    page = ours.send(ours.get(address), action=f"{address}/minutes")
    assert set(page.complaints) == {"on", "topic"}
    page = ours.send(page, action=f"{address}/minutes", on="01.03.2026", topic="Семья Ивановых")
    assert set(page.complaints) == {"topic"}
    page = ours.send(page, action=f"{address}/minutes", on="01.03.2027", topic="Закрытие случая")
    assert set(page.complaints) == {"on"}, "no minutes of a meeting that is still to come"
    page = ours.send(page, action=f"{address}/minutes", on="01.03.2026", topic="Закрытие случая")
    assert "Протокол отправлен" in page.text
    page = ours.send(ours.get(address), action=f"{address}/conclude", conclusion="not_taken")
    assert "решение не принято" in page.text
    assert "Человек Тестовый" in page.text, "who noted it"
    assert "Человек Тестовый" not in theirs.get(address).text
    office.deliver()
    assert "ждём подписи" in ours.get(address).text
    notices = theirs.get("/decisions")
    assert "По совместному решению сделан вывод" in notices.text
    assert "Joint decision" in ours.get(f"{address}?lang=en").heading


def test_somebody_elses_decision_answers_as_an_invented_one(office: Office, world: World) -> None:
    address = proposed(world, office.seat(world.who("ngo"), "curator")).address.partition("?")[0]
    stranger = office.seat(world.who("school"), "curator")
    real, invented = (stranger.get(path) for path in (address, "/joint/00000000-0000-4000-8000-000000000000"))
    assert (real.status, real.text) == (invented.status, invented.text) == (404, real.text)


def test_an_answer_that_was_counted_offers_no_change(office: Office, world: World) -> None:
    ours, theirs = office.seat(world.who("ngo"), "curator"), office.seat(world.who("guardianship"), "head")
    address = proposed(world, ours).address.partition("?")[0]
    office.deliver()
    (link,) = theirs.get(address).tree.xpath("//td//a[contains(@href, '/messages/')]/@href")
    theirs.send(theirs.get(link), action=f"{link}/open")
    theirs.send(theirs.get(link), action=f"{link}/agree")
    open_page = theirs.get(link)
    assert open_page.tree.xpath(f"//form[@action='{link}/disagree']"), "while it is open an answer may change"
    ours.send(ours.get(address), action=f"{address}/conclude", conclusion="taken")
    page = theirs.get(link)
    assert not page.tree.xpath(f"//form[@action='{link}/disagree']")
    assert "данный ответ больше не меняется" in page.text


def test_an_agenda_is_made_filled_and_closed(office: Office, world: World) -> None:
    browser = office.seat(world.who("ngo"), "curator")
    page = browser.send(browser.get("/agendas"))
    assert set(page.complaints) == {"day", "clock", "place", "topic"}
    asked = {"day": "10.03.2026", "clock": "11:00", "place": "Зал на втором этаже"}
    page = browser.send(page, **asked, topic="Иванова Мария")
    assert set(page.complaints) == {"topic"}
    page = browser.send(page, **asked, topic="Открытие случаев")
    address = page.address.partition("?")[0]
    assert "10.03.2026 11:00" in page.heading
    page = browser.send(page, action=f"{address}/add")
    assert set(page.complaints) == {"case"}
    page = browser.send(page, action=f"{address}/add", case="invented")
    assert set(page.complaints) == {"case"}
    decision = proposed(world, browser, agenda=address.rpartition("/")[2])
    page = browser.get(address)
    assert "1. Случай" in page.text
    assert "ещё не доставлено" in page.text
    assert "Открыть повестку" in decision.text
    page = browser.send(page, action=f"{address}/remove")
    assert "Случай снят с повестки" in page.text
    page = browser.send(page, action=f"{address}/close")
    assert "Повестка закрыта" in page.text
    assert not page.tree.xpath(f"//form[@action='{address}/add']")


def test_a_case_page_leads_to_its_decisions(office: Office, world: World) -> None:
    made = publish(world.town, ref="K-1")
    browser = office.seat(world.who("ngo"), "curator")
    case = world.house.vault.case_pseudonym(world.who("ngo").id, made.case_id)
    page = browser.send(browser.get("/case"), id=case, purpose="CASE_MGMT")
    (link,) = page.tree.xpath("//a[contains(@href, '/joint/new')]/@href")
    form = browser.get(link)
    assert form.fields()["case"] == [case]
    asked = {"matter": "open", party(world, "guardianship"): "named", **CHILD}
    wrong = browser.send(form, **{**asked, "child_ref": "K-другой"}, step="preview")
    assert (set(wrong.complaints) <= {"child_ref"} and "нельзя" in wrong.text) or wrong.complaints
    browser.send(browser.send(form, **asked, step="preview"), step="send")
    page = browser.send(browser.get("/case"), id=case, purpose="CASE_MGMT")
    assert "Совместные решения по случаю" in page.text


def test_the_page_of_the_course_shows_what_to_do_when_parents_refuse(office: Office) -> None:
    put = council(office.running.house)
    put.set(**{"timer.cooperation_refusal": "on", "cooperation_refusal.term": "3 working_day"})
    made = put.propose("guardianship")
    case = put.view(made).case
    put.conclude(made)
    record_practice_event(put.house, put.system, case, "step_1", NOW - timedelta(hours=1))
    browser = office.seat(put.world.who(CENTRE), "head")
    assert "Порядок при отказе родителей" not in browser.get(f"/course?id={case}").text
    record_practice_event(put.house, put.system, case, "cooperation_refused", NOW)
    page = browser.get(f"/course?id={case}")
    assert "право родителей, а не угроза" in page.text
    assert "05.03.2026" in page.text
    assert page.tree.xpath("//a[contains(@href, 'type=cooperation_refusal')]")
    practice = browser.get("/practice")
    assert "3 рабочих дня, задано организацией" in practice.text


def test_nobody_answers_or_concludes_unseen(office: Office, world: World) -> None:
    """Two windows: what was said in one is not overwritten from the other, and a conclusion is about what was seen."""
    ours, theirs = office.seat(world.who("ngo"), "curator"), office.seat(world.who("guardianship"), "head")
    page = proposed(world, ours)
    address = page.address.partition("?")[0]
    office.deliver()
    link = theirs.get(address).tree.xpath("//main//a[contains(@href, '/messages/')]/@href")[0]
    opening = theirs.send(theirs.get(link), action=f"{link}/open")
    stale, seen = theirs.get(link), ours.get(address)
    assert theirs.send(opening, action=f"{link}/agree").status == 200
    refused = theirs.send(stale, action=f"{link}/disagree", reason="risk", words="Нужен ещё месяц")
    assert refused.status == 409
    assert "С сообщением сделали ещё что-то" in refused.text
    assert "Нужен ещё месяц" in refused.text, "what was typed is kept"
    assert theirs.send(stale, action=f"{link}/agree").status == 409
    assert "есть возражение" not in ours.get(address).text
    late = ours.send(seen, action=f"{address}/conclude", conclusion="not_taken")
    assert (late.status, set(late.complaints)) == (409, {"conclusion"})
    assert "ответы сторон изменились" in late.text
    assert theirs.send(refused, action=f"{link}/disagree").status == 200, "looked at again, it is one's last word"
    assert ours.send(late, action=f"{address}/conclude", conclusion="taken").status == 409
    page = ours.send(ours.get(address), action=f"{address}/conclude", conclusion="not_taken")
    assert "решение не принято" in page.text


@pytest.mark.parametrize("role", ["dpo", "administrator"])
def test_overseers_are_offered_no_form(office: Office, world: World, role: str) -> None:
    browser = office.seat(world.who("ngo"), role)
    assert "/joint/new" not in browser.get("/joint").body
    assert browser.get("/joint/new").status == 403


def test_after_a_withdrawal_a_party_reads_its_own_part_and_why(office: Office, world: World) -> None:
    world.grant("ngo", "kdn")
    ours, theirs = office.seat(world.who("ngo"), "curator"), office.seat(world.who("guardianship"), "head")
    page = proposed(world, ours, **{party(world, "kdn"): "named"})
    address = page.address.partition("?")[0]
    office.deliver()
    assert world.who("kdn").name in theirs.get(address).text
    withdraw_consent(world.house, world.system("ngo"), consent_of(Council(world), "ngo", "guardianship"), NOW)
    for path in (address, "/joint"):
        assert world.who("kdn").name not in theirs.get(path).text
        assert "основание прекратилось" in theirs.get(path).text
    assert "Согласие отозвано" in theirs.get(address).text
    assert "о деле участнику больше не сообщается" in ours.get(address).text
    assert "the footing is gone" in theirs.get("/joint?lang=en").text
