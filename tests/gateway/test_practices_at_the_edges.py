"""Practices over GraphQL and at the command line: the same as on the pages, by the same rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.building import build_house, utc_now
from gateway.settings import Settings
from gateway.use_cases.register_participants import register_person
from schemas.ids import new_id
from tests.builders import NOW, town
from tests.gateway.conftest import Running
from tests.gateway.practice_world import Team, make_team
from tests.gateway.test_cli import mezhved

PASSWORD = "длинный пароль для проб"
PRACTICE = (
    "{ practice { code title stages { code title sameAs following } events { code } timers { code terms reminder on }"
    " pauseReasons { code title } notUsed settings { name kind value } } }"
)
RECORD = (
    "mutation($case: ID!, $event: String!) { recordPracticeEvent(caseId: $case, event: $event)"
    " { stage newCase started { id timer dueAt } ended { timer } } }"
)
BOARD = (
    "query($first: Int!, $after: ID) { timerBoard(first: $first, after: $after)"
    " { items { id practice timer title group aboutKind about caseId who dueAt reminder breachedAt pausedAt } next } }"
)
CHANGE = "mutation($name: String!, $value: String) { changePractice(name: $name, value: $value) }"
DO = "mutation($id: ID!) { %s(id: $id) }"
PAUSE = 'mutation($id: ID!) { pauseTimer(id: $id, reason: "family_away") }'


@pytest.fixture
def team(running: Running) -> Team:
    return make_team(running.town)


def data(answer: Any) -> Any:
    body = answer.json()
    assert "errors" not in body, body
    return body["data"]


def test_a_partner_system_works_by_its_practice(running: Running, team: Team) -> None:
    system = running.caller(team.organisation)
    own = data(system.graphql(PRACTICE))["practice"]
    assert (own["code"], len(own["stages"]), len(own["timers"])) == ("deti-nashi", 12, 10)
    assert not any(timer["on"] for timer in own["timers"])
    for timer in ("first-visit", "first-visit-team", "first-visit-report"):
        data(system.graphql(CHANGE, {"name": f"timer.{timer}", "value": "on"}))
    recorded = data(system.graphql(RECORD, {"case": team.case, "event": "signal_received"}))["recordPracticeEvent"]
    assert {started["timer"] for started in recorded["started"]} == {"first-visit", "first-visit-team"}
    first = data(system.graphql(BOARD, {"first": 1}))["timerBoard"]
    (line,) = first["items"]
    assert (line["timer"], line["group"], line["caseId"], line["about"]) == (
        "first-visit-team",
        "week",
        team.case,
        None,
    )
    rest = data(system.graphql(BOARD, {"first": 1, "after": first["next"]}))["timerBoard"]
    assert [item["timer"] for item in rest["items"]] == ["first-visit"]
    assert rest["next"] is None
    visit = rest["items"][0]["id"]
    data(system.graphql(PAUSE, {"id": visit}))
    stopped = data(system.graphql(BOARD, {"first": 50}))["timerBoard"]["items"]
    assert [(item["timer"], item["group"]) for item in stopped] == [
        ("first-visit-team", "week"),
        ("first-visit", "paused"),
    ]
    data(system.graphql(DO % "resumeTimer", {"id": visit}))
    data(system.graphql(DO % "finishTimer", {"id": visit}))
    assert [row.timer for row in team.running()] == ["first-visit-team"]
    assert system.code(RECORD, {"case": team.case, "event": "case_closed"}) == "stage_forbidden"
    assert system.code(BOARD, {"first": 51}) == "page_size"


def test_a_page_begins_after_ones_own_line_and_after_nothing_else(running: Running, team: Team) -> None:
    team.on("first-visit")
    team.record("signal_received")
    other = make_team(running.town, "sos")
    system = running.caller(other.organisation)
    for after in (team.running()[0].id, new_id(), "x"):
        assert data(system.graphql(BOARD, {"first": 5, "after": after}))["timerBoard"] == {"items": [], "next": None}
    assert (
        system.code(PAUSE, {"id": team.running()[0].id}) == system.code(PAUSE, {"id": new_id()}) == "timer_unavailable"
    )


def test_without_the_scope_nothing(running: Running, team: Team) -> None:
    system = running.caller(team.organisation, "messages.read", "summaries.read")
    for query, more in ((PRACTICE, {}), (BOARD, {"first": 1}), (RECORD, {"case": team.case, "event": "x"})):
        assert system.code(query, more) == "scope_missing"


def test_a_term_of_the_law_stands_on_the_board_and_never_stops(running: Running, team: Team) -> None:
    from gateway.exchange.relay import relay_once
    from gateway.use_cases.submit_message import submit_message
    from tests.builders import referral, system_of

    body = running.town.guardianship
    draft = referral(running.town.school, body, type="signal", trigger="threat")
    submit_message(running.house, system_of(running.town.school), draft, NOW)
    relay_once(running.house, NOW)
    system = running.caller(body)
    (line,) = data(system.graphql(BOARD, {"first": 5}))["timerBoard"]["items"]
    assert (line["practice"], line["timer"], line["aboutKind"]) == (None, "D-18", "message")
    assert line["caseId"] is not None
    assert system.code(PAUSE, {"id": line["id"]}) == "timer_never_stops"


def test_at_the_command_line(tmp_path: Path) -> None:
    assert mezhved(tmp_path, "migrate").returncode == 0
    house = build_house(Settings(home=tmp_path))
    team = make_team(town(house), "aistenok")
    register_person(house, team.organisation.id, "the.head", "Руководитель", PASSWORD, ["head"], utc_now())
    assert "aistenok" in mezhved(tmp_path, "practice", "list").stdout

    def run(*words: str) -> str:
        done = mezhved(tmp_path, *words, "--login", "the.head", stdin=f"{PASSWORD}\n")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "Запись журнала" in run("practice", "switch", "refusal-visit")
    assert "Запись журнала" in run("practice", "set", "service.refusal-visit", "--value", "09:00-21:00")
    shown = run("practice", "show")
    assert "timer.refusal-visit" in shown
    assert "09:00-21:00" in shown
    assert "Стадия: signal_received" in run("practice", "record", team.case, "signal_received")
    assert "выехать" in run("timer", "board").lower()
    recomputed = mezhved(tmp_path, "timer", "recompute")
    assert "Идёт: 1, сдвинулось: 0" in recomputed.stdout
    unknown = mezhved(tmp_path, "organisation", "change", team.organisation.ogrn, "--practice", "invented")
    assert unknown.returncode == 2
    assert "practice_unknown" in unknown.stderr
