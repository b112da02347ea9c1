"""The pages on which people decide, as a head, a specialist and a data-protection officer use them without a script."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.use_cases.escalate import escalate
from gateway.use_cases.facts import Question
from gateway.use_cases.read_case_summaries import read_case_summaries
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.categories import SECTION_CATEGORIES
from tests.builders import NOW, consent, publish, system_of
from tests.gateway.web.conftest import Browser, Office, Page

WORDS = "Ребёнок заперт дома с угрожающим взрослым, нужен адрес"
UNVERIFIED = [{"who": "mother", "holder_ref": "K-1-M", "verified": False}]


@pytest.fixture
def case(office: Office) -> str:
    """A case that the guardianship body may see once somebody of the fund says yes; the body's name for it."""
    town = office.running.town
    published = publish(town)
    consent(town, town.guardianship, signers=UNVERIFIED)
    return town.house.vault.case_pseudonym(town.guardianship.id, published.case_id)


def _asked(browser: Browser, case: str, purpose: str = "CASE_MGMT") -> Page:
    return browser.get("/case", params={"id": case, "purpose": purpose})


def _link(browser: Browser, to: str) -> str:
    """The first thing of this kind that waits on the page of decisions."""
    found: list[str] = browser.get("/decisions").tree.xpath(f"//table//a[starts-with(@href, '/{to}/')]/@href")
    return found[0]


def _choices(page: Page, choice: str) -> dict[str, str]:
    names = {element.get("name") for element in page.tree.xpath("//input[@type='radio']")}
    return dict.fromkeys(names, choice)


def test_a_case_is_shown_for_a_purpose_and_says_what_a_person_decides(office: Office, case: str) -> None:
    specialist = office.seat(office.running.town.guardianship, "guardianship_specialist")
    empty = specialist.get("/case")
    assert empty.status == 200
    assert "Выберите цель" in empty.text
    page = _asked(specialist, case)
    assert "Решает человек до 03.03.2026" in page.text
    assert "Полномочия представителя не проверены" in page.text
    assert "Проба Вымышленная" not in page.body
    assert "ждёт решения" in specialist.get("/decisions").text


def test_what_is_claimed_does_not_go_into_an_address(office: Office, case: str) -> None:
    specialist = office.seat(office.running.town.guardianship, "guardianship_specialist")
    page = specialist.send(specialist.get("/case"), id=case, purpose="CASE_MGMT", statute="СК РФ ст. 121")
    assert page.status == 200
    assert page.address == "/case"
    assert "Решает человек" in page.text


@pytest.mark.parametrize("case_id", ["", "выдуманный", "a" * 52])
def test_a_case_that_is_not_there_is_not_found(office: Office, case: str, case_id: str) -> None:
    stranger = office.seat(office.running.town.stranger, "kdn_member")
    page = _asked(stranger, case_id)
    assert page.status == (404 if case_id else 200)
    assert _asked(stranger, case).status == 404


def test_the_head_releases_what_was_held_and_the_specialist_reads_it(office: Office, case: str) -> None:
    town = office.running.town
    specialist, head = office.seat(town.guardianship, "guardianship_specialist"), office.seat(town.ngo, "head")
    _asked(specialist, case)
    waiting = head.get("/decisions")
    assert "Удержанные сведения ждут вашего решения" in waiting.text
    link = _link(head, "decisions")
    page = head.get(link)
    assert "мать, права в полном объёме, полномочия проверены: нет" in page.text
    assert "Проба Вымышленная" not in page.body
    incomplete = head.send(page, link)
    assert incomplete.status == 400
    assert set(incomplete.complaints.values()) == {"Решите по каждой категории", "Напишите, почему вы так решили"}
    refused = head.send(page, link, **_choices(page, "D"), words="Документ не показан")
    assert refused.complaints == {"reason": "Выберите причину отказа"}
    done = head.send(page, link, **_choices(page, "P"), words="Документ показан, сверено")
    assert "сведения переданы" in done.text
    assert "Удержанные сведения ждут" not in done.text
    read = _asked(specialist, case)
    assert "Проба Вымышленная Тестовна" in read.body
    assert "По решению ответственного сотрудника" in read.text
    told = specialist.get("/decisions")
    assert "По вашему запросу принято решение" in office.seat(town.guardianship, "head").get("/decisions").text
    assert "Действует до 17.03.2026" in told.text


def test_a_refusal_tells_the_coded_reason_and_keeps_the_words(office: Office, case: str) -> None:
    town = office.running.town
    specialist, head = office.seat(town.guardianship, "guardianship_specialist"), office.seat(town.ngo, "head")
    _asked(specialist, case)
    link = _link(head, "decisions")
    page = head.get(link)
    done = head.send(page, link, **_choices(page, "D"), reason="authority_unconfirmed", words="Слова для своих")
    assert "не передаются" in done.text
    told = specialist.get("/decisions")
    assert "Полномочия представителя не подтверждены" in told.text
    assert "Слова для своих" not in told.body + _asked(specialist, case).body
    decided = head.get(link).text
    assert "Решение принято" in decided
    assert "Слова для своих" in decided


def test_who_is_not_asked_yet_reads_whose_turn_it_is_until_the_term_passes(office: Office, case: str) -> None:
    town = office.running.town
    specialist, dpo = office.seat(town.guardianship, "guardianship_specialist"), office.seat(town.ngo, "dpo")
    office.seat(town.ngo, "head")
    _asked(specialist, case)
    link = _link(dpo, "decisions")
    page = dpo.get(link)
    assert "Сейчас решает другой сотрудник вашей организации: руководитель" in page.text
    assert not page.tree.xpath("//main//form[contains(@class, 'mz-answer')]")
    escalate(town.house, NOW + timedelta(days=2))
    assert dpo.get(link).tree.xpath("//main//form[contains(@class, 'mz-answer')]")
    assert "перешло к вам" in dpo.get("/decisions").text


@pytest.mark.parametrize("path", ["/decisions/nothing", "/decisions/00000000-0000-4000-8000-000000000000"])
def test_a_hold_of_another_organisation_is_not_found(office: Office, case: str, path: str) -> None:
    town = office.running.town
    _asked(office.seat(town.guardianship, "guardianship_specialist"), case)
    link = _link(office.seat(town.ngo, "head"), "decisions")
    stranger = office.seat(town.stranger, "dpo")
    first, second = stranger.get(link), stranger.get(path)
    assert (first.status, second.status) == (404, 404)
    assert first.text == second.text


def test_a_direct_threat_from_the_form_to_the_review(office: Office, case: str) -> None:
    town = office.running.town
    specialist, dpo = office.seat(town.guardianship, "guardianship_specialist"), office.seat(town.ngo, "dpo")
    form = specialist.get("/emergencies/new", params={"case": case})
    assert form.fields()["case"] == [case]
    short = specialist.send(form, words="мало", case="")
    assert set(short.complaints) == {"case", "words", "sure"}
    opened = specialist.send(form, words=WORDS, sure="yes")
    assert opened.status == 200
    assert "ул. Вымышленная" in opened.text
    terms = dpo.get("/decisions")
    assert "Ответственный проверяет экстренную передачу" in terms.text
    assert not terms.tree.xpath("//form[starts-with(@action, '/decisions/timers/')]"), "a review ends by the review"
    link = _link(dpo, "emergencies")
    page = dpo.get(link)
    assert WORDS in page.text
    assert set(dpo.send(page, link).complaints) == {"outcome", "words"}
    done = dpo.send(page, link, outcome="misuse", words="Угрозы не было")
    assert "злоупотребление" in done.text
    assert "Угрозы не было" in done.text
    assert "ул. Вымышленная" not in _asked(specialist, case, "EMERGENCY").body
    again = specialist.send(specialist.get("/emergencies/new"), case=case, words=WORDS, sure="yes")
    assert again.status == 403
    assert "emergency_suspended" in again.body


def test_the_declarer_and_others_do_not_read_what_was_declared(office: Office, case: str) -> None:
    town = office.running.town
    specialist = office.seat(town.guardianship, "guardianship_specialist")
    office.seat(town.guardianship, "dpo")
    specialist.send(specialist.get("/emergencies/new"), case=case, words=WORDS, sure="yes")
    link = _link(office.seat(town.ngo, "dpo", "head"), "emergencies")
    assert specialist.get(link).status == 403
    assert office.seat(town.ngo, "curator").get(link).status == 403
    assert office.seat(town.stranger, "dpo").get(link).status == 404
    assert not specialist.get("/decisions").tree.xpath("//table//a[starts-with(@href, '/emergencies/')]")


def test_terms_are_listed_and_closed(office: Office) -> None:
    town = office.running.town
    publish(town)
    given = consent(town, town.guardianship)
    specialist = office.seat(town.guardianship, "guardianship_specialist")
    read_case_summaries(
        town.house, system_of(town.guardianship), Question("CASE_MGMT", SECTION_CATEGORIES), None, 5, NOW
    )
    withdraw_consent(town.house, system_of(town.ngo), given, NOW)
    page = specialist.get("/decisions")
    assert "Уничтожить: согласие отозвано, иных оснований нет" in page.text
    assert "01.04.2026" in page.text
    action = page.tree.xpath("//form[starts-with(@action, '/decisions/timers/')]/@action")[0]
    closed = specialist.send(page, action)
    assert "Срок закрыт" in closed.text
    assert "Сроков нет" in closed.text


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_pages_speak_both_languages(office: Office, case: str, language: str) -> None:
    town = office.running.town
    specialist, head = office.seat(town.guardianship, "guardianship_specialist"), office.seat(town.ngo, "head", "dpo")
    _asked(specialist, case)
    for browser, address in ((head, "/decisions"), (specialist, "/case"), (specialist, "/emergencies/new")):
        page = browser.get(address, params={"lang": language})
        assert page.tree.get("lang") == language
        assert page.heading
    link = _link(head, "decisions")
    asked = {"ru": "Передать удержанное?", "en": "Release what is held?"}
    assert head.get(link, params={"lang": language}).heading == asked[language]


def test_an_administrator_sees_nothing_of_it(office: Office, case: str) -> None:
    administrator = office.seat(office.running.town.ngo, "administrator")
    assert administrator.get("/decisions").status == 403
