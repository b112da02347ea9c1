"""What is kept of a case on its page, closing in two steps, and the page of loads: without a script."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.keep_case_record import keep_case_record
from gateway.use_cases.read_case_records import read_case_records
from gateway.web.meters import WIDTH, figure, meter_of
from policies.case_records import Said
from policies.norms import Standing, Verdict
from policies.profiles import shipped_practices
from tests.builders import NOW
from tests.gateway.facts_world import login
from tests.gateway.practice_world import Team, make_team
from tests.gateway.web.conftest import Office

UNUSED = "не используется в этой практике"


def on(office: Office, practice: str) -> Team:
    return make_team(office.running.town, practice)


def plain(page: object) -> str:
    return " ".join(page.tree.xpath("//main")[0].text_content().split())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("practice", "unused"), [("deti-nashi", 4), ("otkazniki", 7), ("sos", 5), ("aistenok", 6), ("moscow", 8)]
)
def test_what_a_practice_does_not_use_is_said_so(office: Office, practice: str, unused: int) -> None:
    """Of eight kinds of records; otkazniki refuse two scores on principle too."""
    team = on(office, practice)
    page = office.seat(team.organisation, "curator").get("/course", params={"id": team.case})
    assert plain(page).count(UNUSED) == unused
    assert len(page.tree.xpath("//details[contains(@class,'mz-change')]")) == 8 - (
        unused - (2 if practice == "otkazniki" else 0)
    )


def test_a_type_is_kept_and_changed_and_its_history_is_shown(office: Office) -> None:
    team = on(office, "otkazniki")
    browser = office.seat(team.organisation, "curator")
    page = browser.get("/course", params={"id": team.case})
    page = browser.send(page, "/course/records/case_type", code="ordinary", at="01.02.2026")
    assert "Запись сохранена." in page.text
    assert "Обычный с 01.02.2026" in plain(page)
    page = browser.send(page, "/course/records/case_type", code="social_palliative")
    assert "Социальный паллиатив с 02.03.2026" in plain(page)
    assert "История записей (2)" in plain(page)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"code": ""}, "Заполните все поля записи"),
        ({"code": "ordinary", "at": "вчера"}, "Дата записывается как ДД.ММ.ГГГГ"),
        ({"code": "ordinary", "at": "03.03.2026"}, "не может быть позже сегодняшней"),
    ],
)
def test_what_is_wrong_with_a_form_is_said_beside_it(office: Office, fields: dict[str, str], said: str) -> None:
    team = on(office, "otkazniki")
    browser = office.seat(team.organisation, "curator")
    page = browser.get("/course", params={"id": team.case})
    page = browser.send(page, "/course/records/case_type", **fields)
    assert page.status == 400
    assert said in page.text
    assert page.tree.xpath("//details[@open][contains(@class,'mz-change')]")
    assert page.tree.xpath("//*[@id='form-case_type']"), "the summary of errors leads to the form"
    assert read_case_records(team.house, team.curator, team.case, NOW).records == ()


def test_a_childs_life_by_sphere(office: Office) -> None:
    team = on(office, "otkazniki")
    browser = office.seat(team.organisation, "curator")
    page = browser.get("/course", params={"id": team.case})
    assert "Ребёнок, 9 лет: не записано" in plain(page)
    child = page.tree.xpath("//select[@id='about-wellbeing']/option/@value")[0]
    states = {f"state.{code}": "better" for code in ("material", "health", "psychological")}
    page = browser.send(page, "/course/records/wellbeing", about=child, **states)
    assert page.status == 400, "every sphere"
    page = browser.send(page, "/course/records/wellbeing", about=child, **states, **{"state.learning": "worse"})
    assert "Обучение: ↓ хуже" in plain(page)
    page = browser.send(page, "/course/records/wellbeing", about="", **states, **{"state.learning": "worse"})
    assert "Выберите, о ком запись" in page.text


def test_closing_asks_first_and_says_what_is_not_met(office: Office) -> None:
    team = on(office, "deti-nashi")
    for event in ("signal_received", "intake_accepted", "case_opened"):
        team.record(event)
    browser = office.seat(team.organisation, "curator")
    page = browser.get("/course", params={"id": team.case})
    page = browser.send(page, "/course", event="case_closed", at="")
    assert page.status == 200
    assert "Перед закрытием отметьте критерии" in page.text
    assert len(page.tree.xpath("//section[contains(@class,'mz-closing')]//input[@type='checkbox']")) == 6
    assert read_case_records(team.house, team.curator, team.case, NOW).closing.assessed is False  # type: ignore[union-attr]
    page = browser.send(page, "/course", event="case_closed", asked="case_closed", met="help_uniform")
    assert "Случай закрыт." in page.text
    assert "Стадия: Случай закрыт" in plain(page)
    assert len(page.tree.xpath("//*[@id='closing']/following-sibling::ul[1]/li")) == 4
    closing = read_case_records(team.house, team.curator, team.case, NOW).closing
    assert closing is not None
    assert (closing.met, len(closing.unmet)) == (("help_uniform",), 4)


def test_a_lawyer_closes_without_being_asked_and_reads_no_records(office: Office) -> None:
    team = on(office, "deti-nashi")
    for event in ("signal_received", "intake_accepted", "case_opened"):
        team.record(event)
    keep_case_record(team.house, team.curator, team.case, Said("scenario", "permanent_support"), NOW)
    browser = office.seat(team.organisation, "lawyer")
    page = browser.get("/course", params={"id": team.case})
    assert "Что записано о случае" not in page.text
    assert "Постоянное сопровождение" not in page.text
    page = browser.send(page, "/course", event="case_closed", at="")
    assert "Стадия: Случай закрыт" in plain(page)
    assert "Событие записано." in page.text, "it is not sent to what it does not see"
    (token,) = page.fields("/course")["form_token"]
    kept = browser.post("/course/records/scenario", form_token=token, id=team.case, code="planned_support")
    assert kept.status == 403


def test_permanent_support_says_until_when(office: Office) -> None:
    team = on(office, "deti-nashi")
    browser = office.seat(team.organisation, "curator")
    page = browser.get("/course", params={"id": team.case})
    page = browser.send(page, "/course/records/scenario", code="permanent_support")
    assert "до совершеннолетия младшего ребёнка: 15.01.2035" in plain(page)


def test_norms_are_shown_as_meters_with_words(office: Office) -> None:
    team = on(office, "deti-nashi")
    browser = office.seat(team.organisation, "curator")
    page = browser.get("/course", params={"id": team.case})
    assert plain(page).count("не учитывается") == 3
    assert not page.tree.xpath("//main//*[local-name()='svg']"), "without a value there is no bar"
    page = browser.send(page, "/course/records/spending", year="2026", roubles="600 000")
    assert "600 000 больше нормы" in plain(page)
    (label,) = page.tree.xpath("//*[local-name()='svg'][contains(@class,'mz-meter')]/@aria-label")
    assert label.endswith("больше нормы")
    page = browser.send(page, "/course/records/spending", year="2026", roubles="шестьсот")
    assert page.status == 400


def test_the_checklist_in_three_parts(office: Office) -> None:
    team = on(office, "sos")
    browser = office.seat(team.organisation, "curator")
    page = browser.get("/course", params={"id": team.case})
    assert plain(page).count("чек-лист не заполнен:") == 3
    child = page.tree.xpath("//select[@id='about-checklist-child']/option/@value")[0]
    page = browser.send(page, "/course/records/checklist", part="child", about=child, met="care")
    assert "Ребёнок: выполнено 1 из 5" in plain(page)
    assert plain(page).count("чек-лист не заполнен:") == 2
    assert plain(page).count("не отмечено: Ребёнок:") == 4
    page = browser.send(page, "/course/records/checklist", part="family", about="", met="learning")
    assert "Семья: выполнено 1 из 4" in plain(page)


def test_the_page_in_english(office: Office) -> None:
    team = on(office, "sos")
    browser = office.seat(team.organisation, "curator")
    page = browser.get("/course", params={"id": team.case, "lang": "en"})
    assert "What is kept of the case" in page.text
    assert not re.search(r"web_(records|norms|loads)\.", page.text)


def test_the_load_of_the_staff(office: Office) -> None:
    team = on(office, "deti-nashi")
    for event in ("signal_received", "intake_accepted", "case_opened"):
        team.record(event)
    head = office.seat(team.organisation, "head")
    assert "Нагрузка сотрудников" in head.get("/practice").text
    page = head.get("/practice/load")
    assert "1 открытый случай без сотрудника." in plain(page)
    assign_case(team.house, team.head, team.case, login(team.house, team.curator), NOW)
    page = head.get("/practice/load")
    assert "открытый случай без сотрудника" not in page.text
    assert "1 меньше нормы" in plain(page)
    assert team.case not in page.text
    curator = office.seat(team.organisation, "curator")
    assert curator.get("/practice/load").status == 403
    assert "/practice/load" not in curator.get("/practice").text


def test_what_comes_with_a_record_is_not_offered_as_an_event(office: Office) -> None:
    team = on(office, "otkazniki")
    for event in ("request_received", "team_voted", "case_opened"):
        team.record(event)
    page = office.seat(team.organisation, "curator").get("/course", params={"id": team.case})
    offered = page.tree.xpath("//select[@id='event']/option/@value")
    assert "council_held" in offered
    assert not {"wellbeing_recorded", "type_changed"} & set(offered)


@pytest.mark.parametrize(
    ("value", "verdict", "fill"),
    [
        (None, Verdict.UNKNOWN, 0),
        (Decimal(0), Verdict.WITHIN, 0),
        (Decimal(12), Verdict.WITHIN, None),
        (Decimal(40), Verdict.OVER, None),
    ],
)
def test_a_meter_fits_its_box(value: Decimal | None, verdict: Verdict, fill: int | None) -> None:
    row = shipped_practices().profiles["deti-nashi"].norms["cases"]
    meter = meter_of(Standing("cases", row, value, verdict), "ru")
    assert meter.fill == fill if fill is not None else 0 < meter.fill < WIDTH
    assert all(0 < mark < WIDTH for mark in meter.marks)
    assert meter.limits == "от 10 до 15, обычно 12"
    assert (figure(Decimal("10.5"), "ru"), figure(Decimal(500_000), "en")) == ("10,5", "500 000")
