"""Which messages start a practice's terms: what a message says decides, and a case knows what it has had."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.change_organisation import change_organisation
from gateway.use_cases.change_practice import change_practice
from gateway.use_cases.house import House
from tests.builders import NOW, Town, organisation, system_of
from tests.builders import town as make_town
from tests.gateway.exchange.world import World
from tests.gateway.practice_world import Team, make_team

DAY = timedelta(days=1)


def worlds(town: Town, practice: str) -> tuple[World, Team]:
    """The exchange with a fund of this practice for its NGO, whose case is about K-1."""
    team = make_team(town, practice)
    return World(team.town, {}), team


@pytest.fixture
def embedded(sqlite_house: House) -> Town:
    return make_town(sqlite_house)


INQUIRIES = [
    ("newborn_refusal", True),
    ("shelter newborn_refusal", True),
    ("newborn_refusal psychologist", True),
    ("shelter", False),
    ("crisis legal", False),
    ("other", False),
]


@pytest.mark.parametrize(("need", "starts"), INQUIRIES)
def test_an_inquiry_calls_the_specialist_out_only_for_a_probable_refusal(
    embedded: Town, need: str, starts: bool
) -> None:
    world, team = worlds(embedded, "aistenok")
    team.on()
    world.arrive("inquiry", "maternity_hospital", "ngo", noted={"need": need})
    assert [row.timer for row in team.running()] == (["refusal-visit"] if starts else [])


@pytest.mark.parametrize(
    ("trigger", "practice", "timers"),
    [
        ("no_care", "aistenok", ["refusal-visit"]),
        ("threat", "aistenok", []),
        ("no_care", "deti-nashi", ["first-visit", "first-visit-team"]),
        ("threat", "deti-nashi", ["first-visit", "first-visit-team"]),
    ],
)
def test_a_signal_starts_what_its_trigger_means(embedded: Town, trigger: str, practice: str, timers: list[str]) -> None:
    """A signal goes to bodies; a body that works by the practice stands for a fund that its region's overlay names."""
    world, team = worlds(embedded, "sos")
    body = embedded.guardianship
    change_organisation(world.house, body.id, {"practice": practice}, "operator:test", NOW)
    for timer in world.house.practices.profiles[practice].timers:
        change_practice(world.house, system_of(body), f"timer.{timer}", "on", NOW)
    world.arrive("signal", "school", "guardianship", trigger=trigger, statement="Слова")
    assert sorted(row.timer for row in team.running()) == timers


def test_service_hours_still_hold(embedded: Town) -> None:
    world, team = worlds(embedded, "aistenok")
    team.on()
    change_practice(team.house, team.head, "service.refusal-visit", "09:00-13:00", NOW)
    world.arrive("inquiry", "maternity_hospital", "ngo", noted={"need": "newborn_refusal"})
    assert team.running()[0].due_at == NOW + timedelta(hours=22), "12:00 in Moscow: an hour today, an hour tomorrow"


@pytest.fixture
def decided(town: Town) -> tuple[World, Team]:
    """A fund that may tell the guardianship body of its own case, in the thread of whose inquiry it decided."""
    world, team = worlds(town, "deti-nashi")
    team.on("case-folder", "plan-agreed")
    return world, team


@pytest.mark.parametrize(("decision", "starts"), [("accepted", True), ("rejected", False), ("redirected", False)])
def test_only_a_case_that_was_taken_gets_its_folder(decided: tuple[World, Team], decision: str, starts: bool) -> None:
    world, team = decided
    _tell(world, team, "intake_decision", decision=decision)
    assert {(row.timer, row.about_kind, row.about) for row in team.running()} == (
        {(timer, "case", team.case_id) for timer in ("case-folder", "plan-agreed")} if starts else set()
    )


def _tell(world: World, team: Team, kind: str, now: Any = NOW, **noted: Any) -> None:
    """A message about the team's own case, on the mother's consent, in the thread of an inquiry of the body."""
    person = {
        "kind": "child",
        "ref": team.ref,
        "identity": {"full_name": "Проба Вымышленная Тестовна", "birth_date": "2017-01-15"},
        "plan": {"goals": [{"goal": "Жильё", "state": "open"}]},
    }
    from tests.builders import consent

    consent(team.town, team.town.guardianship, team.ref, "CASE_MGMT", team.organisation)
    thread = world.thread("guardianship", "ngo")
    world.send(kind, "ngo", "guardianship", now, persons=[person], answers=thread, noted=noted)
    relay_once(world.house, now)


def test_what_is_answered_in_a_thread_of_others_starts_nothing_with_its_sender(decided: tuple[World, Team]) -> None:
    """The thread is about a case of the body: of its own case the fund records the event, and one folder has one term."""
    world, team = decided
    thread = world.thread("school", "ngo")
    world.send("intake_decision", "ngo", "school", answers=thread, named=False, noted={"decision": "accepted"})
    relay_once(world.house, NOW)
    assert team.running() == []


def test_a_message_begins_nothing_that_the_case_has_had(decided: tuple[World, Team]) -> None:
    world, team = decided
    for event in ("signal_received", "intake_accepted", "case_opened", "folder_filled"):
        team.record(event)
    assert [row.timer for row in team.running()] == ["plan-agreed"]
    _tell(world, team, "intake_decision", NOW + DAY, decision="accepted")
    assert [(row.timer, row.started_at) for row in team.running()] == [("plan-agreed", NOW)]


CLOSES = [
    (
        "otkazniki",
        "closure_report",
        "outcome-recheck",
        2,
        ("request_received", "team_voted", "case_opened"),
        "rechecked",
    ),
    ("aistenok", "closure_report", "follow-up", 4, ("signal_received", "set_out", "case_opened"), "followed_up"),
    ("aistenok", "post_support_notice", "follow-up", 4, ("signal_received", "set_out", "case_opened"), "followed_up"),
]


@pytest.mark.parametrize(("practice", "kind", "timer", "dues", "events", "checked"), CLOSES)
def test_a_report_of_closing_begins_the_checks_once(
    town: Town, practice: str, kind: str, timer: str, dues: int, events: tuple[str, ...], checked: str
) -> None:
    world, team = worlds(town, practice)
    team.on(timer)
    _tell(world, team, kind)
    assert [(row.timer, row.about) for row in team.running()] == [(timer, team.case_id)] * dues
    for event in (*events, "case_closed"):
        team.record(event, NOW + DAY)
    assert {row.started_at for row in team.running()} == {NOW + DAY}, "it runs since the case was closed"
    team.record(checked, NOW + 40 * DAY)
    assert len(team.running()) == dues - 1
    _tell(world, team, kind, NOW + 41 * DAY)
    assert len(team.running()) == dues - 1, "a second report begins no check anew"


def test_costs_do_not_grow_with_the_messages(embedded: Town) -> None:
    from tests.gateway.practice_world import statements

    world, team = worlds(embedded, "aistenok")
    team.on()
    ward = organisation(team.house, "maternity_hospital", "Роддом (тест)")
    world.more["ward"] = ward

    def deliver(count: int) -> int:
        for _ in range(count):
            world.send("inquiry", "ward", "ngo", noted={"need": "newborn_refusal"})
        with statements(team.house) as heard:
            relay_once(world.house, NOW)
        return len([text for text in heard if "practice_timers" in text])

    assert deliver(1) == deliver(4)
