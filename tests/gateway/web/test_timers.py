"""The pages of terms and of the practice, as people use them without a script."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.use_cases.pause_timer import pause_timer
from gateway.use_cases.record_practice_event import record_practice_event
from gateway.web.remaining import month_of, plot_of, remaining
from tests.builders import NOW
from tests.gateway.practice_world import Team, make_team
from tests.gateway.web.conftest import Office

DAY = timedelta(days=1)


@pytest.fixture
def team(office: Office) -> Team:
    made = make_team(office.running.town)
    made.on()
    return made


@pytest.mark.parametrize(
    ("left", "ru", "en"),
    [
        (timedelta(days=1), "остался 1 день", "left: 1 day"),
        (timedelta(days=2, hours=3), "осталось 2 дня 3 часа", "left: 2 days 3 hours"),
        (timedelta(days=5, hours=3), "осталось 5 дней", "left: 5 days"),
        (timedelta(days=21), "остался 21 день", "left: 21 days"),
        (timedelta(hours=1, minutes=59), "остался 1 час", "left: 1 hour"),
        (timedelta(hours=22), "осталось 22 часа", "left: 22 hours"),
        (timedelta(minutes=11), "осталось 11 минут", "left: 11 minutes"),
        (timedelta(minutes=1), "осталась 1 минута", "left: 1 minute"),
        (timedelta(seconds=30), "меньше минуты", "less than a minute"),
        (-timedelta(days=1), "просрочено на 1 день", "late: 1 day"),
        (-timedelta(days=3), "просрочено на 3 дня", "late: 3 days"),
        (-timedelta(days=111), "просрочено на 111 дней", "late: 111 days"),
        (-timedelta(minutes=1), "просрочено на 1 минуту", "late: 1 minute"),
    ],
)
def test_what_is_left_in_words(left: timedelta, ru: str, en: str) -> None:
    assert remaining(NOW + left, NOW, "ru") == ru
    assert remaining(NOW + left, NOW, "en") == en


def test_bars_and_weeks() -> None:
    plot = plot_of([(date(2026, 3, 2), 0), (date(2026, 3, 9), 4), (date(2026, 3, 16), 2)])
    heights = [bar.height for bar in plot.bars]
    assert heights[0] == 0
    assert heights[1] == 2 * heights[2]
    assert all(bar.y + bar.height == plot.floor for bar in plot.bars)
    assert [bar.height for bar in plot_of([(date(2026, 3, 2), 0)]).bars] == [0]
    weeks = month_of(date(2026, 3, 15))
    assert [len(week) for week in weeks] == [7] * 6
    assert (weeks[0][5], weeks[0][6], weeks[-1][1]) == (None, date(2026, 3, 1), date(2026, 3, 31))
    assert month_of(date(2027, 2, 1)) == month_of(date(2027, 2, 28)), "four whole weeks"


def test_the_board_shows_groups_and_ends_pauses_and_resumes(office: Office, team: Team) -> None:
    browser = office.seat(team.organisation, "curator")
    assert "Сроков нет." in browser.get("/timers").text
    team.record("signal_received")
    page = browser.get("/timers")
    assert page.heading == "Сроки"
    headings = [" ".join(h.text_content().split()) for h in page.tree.xpath("//main//h2")]
    assert headings == ["Нагрузка по неделям", "На этой неделе"]
    assert "03.03.2026" in page.text
    assert "остался 1 день 12 часов" in page.text
    assert team.case[:8] in page.text
    assert page.tree.xpath("//main//*[local-name()='svg']//*[local-name()='rect']")
    (visit,) = (row for row in team.running() if row.timer == "first-visit")
    page = browser.send(page, f"/timers/{visit.id}/pause", reason="family_away")
    assert "Срок остановлен." in page.text
    assert "остановлен 02.03.2026 12:00" in page.text
    page = browser.send(page, f"/timers/{visit.id}/resume")
    assert "Срок идёт дальше." in page.text
    page = browser.send(page, f"/timers/{visit.id}/done")
    assert "Отмечено: сделано." in page.text
    assert [row.timer for row in team.running()] == ["first-visit-team"]
    assert browser.post(f"/timers/{visit.id}/invented").status == 403


def test_a_month_for_printing(office: Office, team: Team) -> None:
    team.record("signal_received")
    for event in ("first_visit", "intake_accepted", "case_opened"):
        team.record(event)
    browser = office.seat(team.organisation, "curator")
    page = browser.get("/timers/calendar", params={"month": "2026-03"})
    (day,) = page.tree.xpath("//td[contains(@class,'mz-month__day')][span='05.03']")
    assert "папку" in day.text_content()
    assert "2026-02" in str(page.tree.xpath("//main//a/@href"))
    april = browser.get("/timers/calendar", params={"month": "2026-04"})
    assert "До начала месяца" in april.text
    for wrong in ("2026-13", "март", "0001-01"):
        assert browser.get("/timers/calendar", params={"month": wrong}).status == 400


def test_a_page_of_the_board_costs_the_same_for_few_and_many(office: Office, team: Team) -> None:
    from gateway.use_cases.read_timer_board import read_timer_board
    from tests.gateway.practice_world import statements

    team.record("signal_received")
    with statements(team.house) as few:
        read_timer_board(team.house, team.curator, NOW)
    for event in ("first_visit", "first_visit_report", "intake_accepted", "case_opened", "plan_agreed"):
        team.record(event)
    with statements(team.house) as many:
        board = read_timer_board(team.house, team.curator, NOW)
    assert len(board.lines) > 3
    assert len(many) == len(few) <= 7


def test_the_head_switches_terms_and_a_curator_reads_them(office: Office, team: Team) -> None:
    head, curator = office.seat(team.organisation, "head"), office.seat(team.organisation, "curator")
    page = curator.get("/practice")
    assert "Включает сроки и меняет настройки руководитель" in page.text
    assert not page.tree.xpath("//main//form")
    assert "1,5 месяца" in page.text
    assert "3 рабочих дня" in page.text
    page = head.get("/practice")
    forms = page.tree.xpath("//main//form[input[@name='name'][@value='timer.first-visit']]")
    assert forms[0].xpath("input[@name='value']/@value") == ["off"]
    token = page.fields()["form_token"]
    assert "Сохранено." in head.post("/practice", form_token=token, name="timer.first-visit", value="off").text
    assert not team.record("signal_received").started[1:], "one of two is off"
    wrong = head.post("/practice", form_token=token, name="warn.first-visit", value="когда-нибудь")
    assert wrong.status == 400
    assert "3 working_day" in wrong.text
    assert head.post("/practice", form_token=token, name="warn.first-visit", value="1 working_day").status == 200


def test_the_course_of_a_case(office: Office, team: Team) -> None:
    browser = office.seat(team.organisation, "curator")
    page = browser.get("/course", params={"id": team.case})
    assert "ещё не начат" in page.text
    assert page.tree.xpath("//select[@id='event']/option/@value") == ["", "signal_received", "referral_received"]
    assert browser.send(page, "/course").complaints == {"event": "Выберите событие"}
    assert "at" in browser.send(page, "/course", event="signal_received", at="вчера").complaints
    page = browser.send(page, "/course", event="signal_received", at="02.03.2026 11:30")
    assert "Событие записано." in page.text
    assert "Стадия: Сигнал получен" in page.text
    assert "02.03.2026 11:30" in page.text
    assert "остался 1 день 12 часов" in page.text
    points = {f"complexity.{code}": "3" for code in team.profile.scores["complexity"].criteria}  # type: ignore[union-attr]
    assert "complexity" in browser.send(page, "/course/scores/complexity").complaints
    page = browser.send(page, "/course/scores/complexity", **points)
    assert "Оценка сохранена." in page.text
    assert "Сумма 15, Уровень: высокая" in page.text
    (timer, *_) = team.running()
    assert browser.send(page, f"/timers/{timer.id}/done").address.startswith("/course?id=")


def test_what_is_not_used_or_not_set_is_said(office: Office) -> None:
    otkazniki, sos = make_team(office.running.town, "otkazniki"), make_team(office.running.town, "sos")
    page = office.seat(otkazniki.organisation, "curator").get("/course", params={"id": otkazniki.case})
    assert page.text.count("не используется в этой практике") == 2 + 5, "two scores, five kinds of records"
    browser = office.seat(sos.organisation, "curator")
    page = browser.get("/course", params={"id": sos.case})
    criteria = ("socio_economic", "socio_medical", "psycho_social", "socio_cultural")
    page = browser.send(page, "/course/scores/risk", **{f"risk.{code}": "4" for code in criteria})
    assert "Уровень: порог не задан" in page.text


def test_a_stranger_sees_of_a_real_course_what_it_sees_of_an_invented_one(office: Office, team: Team) -> None:
    other = make_team(office.running.town, "sos")
    browser = office.seat(other.organisation, "curator")
    theirs = team.house.vault.case_pseudonym(other.organisation.id, team.case_id)
    real, invented = (browser.get("/course", params={"id": case}) for case in (theirs, "z" * 52))
    assert real.status == invented.status == 404
    assert re.sub(r'value="[0-9a-f]{64}"', "", real.body) == re.sub(r'value="[0-9a-f]{64}"', "", invented.body)
    assert office.seat(office.running.town.guardianship, "curator").get("/practice").status == 403


def test_late_reminders_paused_in_their_groups(office: Office, team: Team) -> None:
    """The clock of the application stands at NOW: what was recorded to have been weeks ago is late."""
    long_ago = datetime(2026, 2, 2, 9, tzinfo=UTC)
    record_practice_event(team.house, team.curator, team.case, "signal_received", long_ago)
    team.record("first_visit", NOW, at=NOW - DAY / 2)
    (report,) = (row for row in team.running() if row.timer == "first-visit-report")
    page = office.seat(team.organisation, "curator").get("/timers")
    headings = [" ".join(h.text_content().split()) for h in page.tree.xpath("//main//h2")][1:]
    assert headings == ["Сегодня"]
    pause_timer(team.house, team.curator, report.id, "family_asked", NOW)
    page = office.seat(team.organisation, "head").get("/timers")
    assert [" ".join(h.text_content().split()) for h in page.tree.xpath("//main//h2")][1:] == ["Остановлено"]
