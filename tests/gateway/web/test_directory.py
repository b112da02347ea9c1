"""The directory as a person sees it: a form, what is found, one organisation."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.use_cases.publish_service import describe_organisation, publish_service
from schemas.catalogue import words
from schemas.directory import OrganisationProfile, ServiceDraft
from tests.builders import NOW, system_of
from tests.gateway.web.conftest import Browser, Office

FULL: dict[str, Any] = {
    "name": "Приют для мам",
    "description": "Комната и <b>еда</b>",
    "kinds": ["shelter_mother", "legal"],
    "form": "stationary",
    "territories": ["45000000", "81639411"],
    "min_age": 0,
    "max_age": 6,
    "audiences": ["parent", "pregnant"],
    "urgencies": ["urgent", "emergency"],
    "night_calls": True,
    "capacity": 8,
    "free_places": 2,
    "stated_on": "2026-03-01",
    "hours": {
        "days": [
            {"weekday": 1, "spans": [{"opens": "09:00", "closes": "13:00"}, {"opens": "14:00", "closes": "18:00"}]},
            {"weekday": 2, "spans": [{"opens": "00:00", "closes": "00:00"}]},
        ],
        "exceptions": [{"from_on": "2026-03-08", "to_on": "2026-03-09", "note": "праздник"}],
    },
    "apply_by": ["phone", "gateway"],
    "application": "Звоните заранее",
    "page": "https://fond.example/priyut",
    "phones": [{"number": "+7 (000) 000-00-01", "extension": "5", "note": "дежурный"}],
    "documents": ["Паспорт"],
    "fee": "free",
    "places": [{"address": "ул. Вымышленная, 1", "city": "Москва", "region": "Москва", "postal_code": "100000"}],
    "alert": "Ремонт до марта",
    "assured_on": "2026-02-20",
}


@pytest.fixture
def browser(office: Office) -> Browser:
    town = office.running.town
    profile = OrganisationProfile.model_validate(
        {"phones": [{"number": "+7 000 000-00-02"}], "email": "a@fond.example"}
    )
    describe_organisation(town.house, system_of(town.ngo), profile, NOW)
    for name, by, more in (
        ("Приют для мам", town.ngo, FULL),
        ("Психолог", town.centre, {"districts": ["ВАО"], "free_places": 4, "stated_on": "2025-01-01"}),
        ("Нет мест", town.centre, {"districts": ["ЗАО"], "free_places": 0, "stated_on": "2026-03-01", "min_age": 11}),
    ):
        given = {"kinds": ["psychology"], "territories": ["45000000"], **more, "name": name}
        publish_service(town.house, system_of(by), ServiceDraft.model_validate(given), NOW)
    return office.seat(town.school, "curator")


def found(browser: Browser, query: str = "") -> list[str]:
    page = browser.get(f"/directory{query}")
    return [name.strip() for name in page.tree.xpath("//h3[@class='mz-service__name']//text()") if name.strip()]


def test_everything_is_shown_by_name_and_the_page_is_linked(browser: Browser) -> None:
    assert found(browser) == ["Нет мест", "Приют для мам", "Психолог"]
    page = browser.get("/queue")
    assert page.tree.xpath("//nav//a[@href='/directory']")[0].text_content() == "Карта ресурсов"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?kind=legal", ["Приют для мам"]),
        ("?district=ВАО", ["Приют для мам", "Психолог"]),
        ("?district=вао", ["Приют для мам", "Психолог"]),
        ("?age=7", ["Психолог"]),
        ("?age=12", ["Нет мест", "Психолог"]),
        ("?territory=81639411", ["Приют для мам"]),
        ("?urgency=emergency", ["Приют для мам"]),
        ("?open=1", ["Приют для мам"]),
        ("?kind=nonsense&urgency=nonsense", ["Нет мест", "Приют для мам", "Психолог"]),
        ("?kind=legal&age=12", []),
    ],
)
def test_the_form_narrows(browser: Browser, query: str, names: list[str]) -> None:
    assert found(browser, query) == names


def test_the_form_keeps_what_was_asked(browser: Browser) -> None:
    page = browser.get("/directory?kind=legal&age=3&open=1&territory=45000000")
    fields = page.fields()
    assert (fields["kind"], fields["age"], fields["open"], fields["territory"]) == (
        ["legal"],
        ["3"],
        ["1"],
        ["45000000"],
    )
    assert page.tree.xpath("//a[@href='/directory' and contains(@class,'mz-find__clear')]")


def test_what_is_typed_wrongly_is_said_beside_the_field(browser: Browser) -> None:
    page = browser.get("/directory?age=семь&territory=45")
    assert page.status == 400
    assert set(page.complaints) == {"age", "territory"}
    assert page.title.startswith("Ошибка:")


def test_a_figure_says_its_day_and_whether_it_is_stale(browser: Browser) -> None:
    text = browser.get("/directory").text
    assert "Свободно 2 места (всего 8) на 01.03.2026" in text
    assert "Было свободно 4 места на 01.01.2025: сведения устарели, уточните" in text
    assert "Мест нет на 01.03.2026" in text


def test_nothing_found_says_what_to_do(browser: Browser) -> None:
    assert "Уберите одно из условий" in browser.get("/directory?kind=housing").text


def test_one_organisation_shows_everything_of_its_services(browser: Browser) -> None:
    page = browser.get("/directory?kind=legal")
    page = browser.get(page.tree.xpath("//h3//a/@href")[0].partition("#")[0])
    assert page.heading == "Фонд «Тёплый дом» (тест)"
    for words_shown in (
        "Некоммерческая организация",
        "Участвует в обмене",
        "Комната и <b>еда</b>",  # escaped: shown as it was written
        "Временное проживание матери с ребёнком",
        "от 0 до 6 лет",
        "Москва, Бурятия (ОКТМО 81639411)",
        "100000, Москва, ул. Вымышленная, 1",
        "Пн: 09:00–13:00, 14:00–18:00",
        "Вт: круглосуточно",
        "Ср–Вс: закрыто",
        "08.03.2026–09.03.2026: закрыто (праздник)",
        "Срочно, Экстренно, Отвечает ночью",
        "+7 (000) 000-00-01 доб. 5 (дежурный)",
        "Звоните заранее",
        "Паспорт",
        "Бесплатно",
        "С проживанием",
        "Ремонт до марта",
        "Сведения проверены 20.02.2026",
    ):
        assert words_shown in page.text, words_shown
    assert page.tree.xpath("//a[@href='tel:+70000000001']")
    assert page.tree.xpath("//a[@href='mailto:a@fond.example']")


def test_an_unknown_organisation_is_a_page_too(browser: Browser) -> None:
    for address in ("/directory/none", "/directory/6f9619ff-8b86-4011-b42d-00cf4fc964ff"):
        page = browser.get(address)
        assert page.status == 404
        assert "organisation_unavailable" in page.text


def test_in_english(browser: Browser) -> None:
    page = browser.get("/directory?lang=en")
    assert page.heading == "Directory of help"
    assert "2 free places (of 8) on 01.03.2026" in page.text
    assert "Shelter for a mother with a child" in page.text


def test_pages_follow_each_other(office: Office, browser: Browser) -> None:
    town = office.running.town
    for number in range(20):
        given = ServiceDraft.model_validate({"name": f"Услуга {number:02}", "kinds": ["legal"]})
        publish_service(town.house, system_of(town.ngo), given, NOW)
    page = browser.get("/directory?kind=legal")
    following = browser.get(page.tree.xpath("//a[@rel='next']/@href")[0])
    assert "kind=legal" in following.address
    assert [h.text_content().strip() for h in following.tree.xpath("//h3")] == ["Услуга 19"]
    assert following.tree.xpath("//nav[@class='mz-pages']//a/@href") == ["/directory?kind=legal"]


def test_the_directory_needs_a_session_like_every_page(office: Office) -> None:
    assert office.browser().get("/directory").heading == "Вход"


def test_every_text_of_the_page_stands_in_both_languages() -> None:
    assert {key for key in words("ru") if key.startswith("web_directory.")} == {
        key for key in words("en") if key.startswith("web_directory.")
    }
