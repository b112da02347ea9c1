"""A changed calendar, a region's own term, another zone: running terms are counted again, and no breach disappears."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.use_cases.change_organisation import change_organisation
from gateway.use_cases.change_practice import change_practice
from gateway.use_cases.escalate import escalate
from gateway.use_cases.house import House
from gateway.use_cases.pause_timer import pause_timer, resume_timer
from gateway.use_cases.recompute_timers import recompute_timers
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.watch_practice_timers import watch_practice_timers
from policies.decider import PackDecider
from tests.builders import NOW, Town, organisation, referral, system_of
from tests.builders import town as make_town
from tests.gateway.facts_world import entries, rows
from tests.gateway.practice_world import Team, make_team, statements

DAY = timedelta(days=1)
OPERATOR = "operator:test"


def end_of(day: int, month: int = 3) -> datetime:
    return datetime(2026, month, day, tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)


def regional(house: House, folder: Path, text: str) -> House:
    """The same house under an overlay of its region."""
    file = folder / "our-region.yaml"
    file.write_text(f'title_ru: "Регион"\ncitation: "Закон региона, ст. 1"\n{text}', "utf-8")
    return replace(house, pack=PackDecider("ru", (str(file),)))


@pytest.fixture
def team(town: Town) -> Team:
    made = make_team(town)
    made.on("first-visit", "first-visit-team")
    made.record("signal_received")  # Monday 2 March: due at the end of the 3rd and of the 5th
    return made


@pytest.fixture
def sqlite_team(sqlite_house: House) -> Team:
    """The same on SQLite, for what does not depend on the store."""
    made = make_team(make_town(sqlite_house))
    made.on("first-visit", "first-visit-team")
    made.record("signal_received")
    return made


def dues(team: Team) -> dict[str, datetime]:
    return {row.timer: row.due_at for row in team.running()}


def test_an_extra_holiday_and_a_moved_day(team: Team, tmp_path: Path) -> None:
    days = "days:\n  - {date: 2026-03-03, kind: non_working}\n  - {date: 2026-03-07, kind: working}\n"
    other = regional(team.house, tmp_path, days)
    found = recompute_timers(other, OPERATOR, NOW)
    assert (found.running, found.moved, found.kept) == (2, 2, ())
    assert dues(team) == {"first-visit-team": end_of(5), "first-visit": end_of(7)}
    (entry,) = entries(team.house, "timers.recomputed")
    assert (entry["running"], entry["moved"], entry["breaches_kept"]) == (2, 2, [])
    assert entry["pack"] == other.pack.identity.digest
    assert recompute_timers(other, OPERATOR, NOW).moved == 0, "counting twice changes nothing"
    assert recompute_timers(team.house, OPERATOR, NOW).moved == 2, "and back again"
    assert dues(team) == {"first-visit-team": end_of(4), "first-visit": end_of(6)}


def test_a_regions_own_term(sqlite_team: Team, tmp_path: Path) -> None:
    other = regional(sqlite_team.house, tmp_path, "practice_timers:\n  deti-nashi/first-visit: 5\n")
    assert recompute_timers(other, OPERATOR, NOW).moved == 1
    assert dues(sqlite_team)["first-visit"] == end_of(11), "five working days over the long weekend"
    started = replace(sqlite_team, town=replace(sqlite_team.town, house=other))
    assert started.record("first_visit").started == ()


def test_a_region_says_an_amount_for_each_due_and_what_a_practice_leaves_open(town: Town, tmp_path: Path) -> None:
    team = make_team(town, "aistenok")
    team.on()
    team.record("signal_received")
    (visit,) = team.running("refusal-visit")
    other = regional(
        team.house,
        tmp_path,
        "practice_timers:\n  aistenok/follow-up: [1, 2, 4, 8]\n"
        "practice_settings:\n  aistenok/service.refusal-visit: 13:00-14:00\n",
    )
    recompute_timers(other, OPERATOR, NOW)
    # NOW is 12:00 in Moscow: an hour of this day's service and an hour of the next.
    assert visit.due_at == NOW + timedelta(hours=2)
    (visit,) = team.running("refusal-visit")
    assert visit.due_at == NOW + timedelta(hours=26)
    there = replace(team, town=replace(team.town, house=other))
    change_practice(other, team.head, "service.refusal-visit", "09:00-21:00", NOW)
    assert team.running("refusal-visit")[0].due_at == NOW + timedelta(hours=2), "what the organisation sets comes first"
    change_practice(other, team.head, "service.refusal-visit", None, NOW)
    assert team.running("refusal-visit")[0].due_at == NOW + timedelta(hours=26), "its region's holds again"
    for event in ("set_out", "case_opened", "crisis_unit_left"):
        there.record(event)
    assert [(row.ordinal, row.due_at.month, row.due_at.year) for row in team.running("follow-up")] == [
        (0, 4, 2026),
        (1, 5, 2026),
        (2, 7, 2026),
        (3, 11, 2026),
    ]


def test_a_breach_on_record_stays_and_is_named(team: Team, tmp_path: Path) -> None:
    watch_practice_timers(team.house, end_of(4))
    other = regional(team.house, tmp_path, "days:\n  - {date: 2026-03-03, kind: non_working}\n")
    found = recompute_timers(other, OPERATOR, end_of(4))
    late = next(row for row in team.running() if row.timer == "first-visit-team")
    assert (found.kept, late.breached_at, late.due_at) == ((late.id,), end_of(4), end_of(5))
    assert entries(team.house, "timers.recomputed")[0]["breaches_kept"] == [late.id]
    assert late.next_at is not None, "the next of the chain is still told"
    watch_practice_timers(other, end_of(5) + DAY)
    assert len(entries(team.house, "timer.breached")) == 1, "it does not pass a second time"


def test_what_comes_later_by_the_new_calendar_is_not_late_by_the_old(sqlite_team: Team, tmp_path: Path) -> None:
    other = regional(sqlite_team.house, tmp_path, "days:\n  - {date: 2026-03-03, kind: non_working}\n")
    recompute_timers(other, OPERATOR, NOW)
    assert watch_practice_timers(other, end_of(4)) == 0
    assert watch_practice_timers(other, end_of(5)) == 1


def test_pauses_are_counted_again_too(sqlite_team: Team, tmp_path: Path) -> None:
    visit = next(row for row in sqlite_team.running() if row.timer == "first-visit")
    pause_timer(sqlite_team.house, sqlite_team.curator, visit.id, "family_away", NOW + DAY)  # Tuesday
    standing = recompute_timers(sqlite_team.house, OPERATOR, NOW + 2 * DAY)
    assert standing.moved == 0, "a clock that stands still is due as when it was stopped"
    resume_timer(sqlite_team.house, sqlite_team.curator, visit.id, NOW + 2 * DAY)  # Wednesday: Tuesday is lost
    assert dues(sqlite_team)["first-visit"] == end_of(7)
    other = regional(sqlite_team.house, tmp_path, "days:\n  - {date: 2026-03-03, kind: non_working}\n")
    recompute_timers(other, OPERATOR, NOW + 2 * DAY)
    assert dues(sqlite_team)["first-visit"] == end_of(7), "what was lost to the pause is not lost to the holiday again"


def test_terms_of_the_law_too(house: House, tmp_path: Path) -> None:
    school, body = organisation(house, "school", "Школа (тест)"), organisation(house, "guardianship", "Опека (тест)")
    submit_message(house, system_of(school), referral(school, body, type="signal", trigger="threat"), NOW)
    relay_once(house, NOW)
    escalate(house, end_of(6))  # D-18, three working days, has passed
    other = regional(house, tmp_path, "days:\n  - {date: 2026-03-05, kind: non_working}\n")
    found = recompute_timers(other, OPERATOR, end_of(6))
    (late,) = (row for row in rows(house, t.timers) if row.timer == "D-18")
    assert (late.due_at, late.breached_at, found.kept) == (end_of(7), end_of(6), (late.id,))


def test_another_zone(sqlite_team: Team) -> None:
    change_organisation(sqlite_team.house, sqlite_team.organisation.id, {"zone": "Asia/Kamchatka"}, OPERATOR, NOW)
    recompute_timers(sqlite_team.house, OPERATOR, NOW)
    assert dues(sqlite_team)["first-visit"] == end_of(6) - timedelta(hours=9)


def test_it_costs_the_same_for_few_and_many(team: Team) -> None:
    with statements(team.house) as few:
        recompute_timers(team.house, OPERATOR, NOW)
    for _ in range(3):
        other = make_team(team.town)
        other.on("first-visit", "first-visit-team")
        other.record("signal_received")
    with statements(team.house) as many:
        assert recompute_timers(team.house, OPERATOR, NOW).running == 8
    assert len(many) == len(few)


def test_the_days_of_the_shipped_example(sqlite_team: Team) -> None:
    other = replace(sqlite_team.house, pack=PackDecider("ru", ("example-region",)))
    assert other.pack.practice_amount("deti-nashi", "first-visit") == 5
    assert other.pack.practice_amount("deti-nashi", "plan-agreed") is None
    assert [other.pack.practice_amount("aistenok", "follow-up", due) for due in range(4)] == [1, 2, 6, 12]
    assert other.pack.practice_settings("aistenok") == {"service.refusal-visit": "08:00-22:00"}
    assert other.pack.practice_settings("sos") == {}
    assert not other.pack.place("Europe/Moscow").calendar.is_working(date(2026, 4, 21))
