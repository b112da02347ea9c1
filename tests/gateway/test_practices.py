"""The life of a case by its practice: events, stages, timers that start, repeat and end; who may, and who learns what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.evidence.entry import commitment
from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.storage import tables_practices as p
from gateway.use_cases.answer_message import answer_message
from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.change_organisation import change_organisation
from gateway.use_cases.change_practice import change_practice, read_practice, switch_timer
from gateway.use_cases.house import House
from gateway.use_cases.open_message import open_message
from gateway.use_cases.pause_timer import finish_timer, pause_timer, resume_timer
from gateway.use_cases.record_practice_event import record_practice_event
from gateway.use_cases.score_case import read_own_case, score_case
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Requester
from gateway.use_cases.watch_practice_timers import watch_practice_timers
from schemas.errors import MezhvedError
from schemas.ids import MessageId, new_id
from schemas.lifecycle import Event
from schemas.messages import MessageDraft
from tests.builders import NOW, Town, consent, organisation, referral, system_of
from tests.builders import town as make_town
from tests.gateway.exchange.world import notes
from tests.gateway.facts_world import entries, login, refusal, rows, staff
from tests.gateway.practice_world import Team, make_team, names, robot, statements

DAY = timedelta(days=1)
MSK = ZoneInfo("Europe/Moscow")


def end_of(*day: int) -> datetime:
    """24:00 in Moscow of the day before, as an instant."""
    return datetime(*day, tzinfo=MSK).astimezone(UTC)  # type: ignore[arg-type, misc]  # year, month, day


@pytest.fixture
def team(town: Town) -> Team:
    return make_team(town)


@pytest.fixture
def embedded(sqlite_house: House) -> Town:
    """A town on SQLite, for what does not depend on the store."""
    return make_town(sqlite_house)


@pytest.fixture
def sqlite_team(sqlite_house: House) -> Team:
    """The same on SQLite, for what does not depend on the store."""
    return make_team(make_town(sqlite_house))


def test_nothing_runs_before_it_is_switched_on(sqlite_team: Team) -> None:
    assert sqlite_team.record("signal_received").started == ()
    assert sqlite_team.running() == []
    sqlite_team.on("first-visit")
    assert sqlite_team.running() == [], "what was recorded before starts nothing afterwards"


def test_a_case_from_its_signal_to_the_plan(team: Team) -> None:
    """NOW is Monday 2 March 2026, 12:00 in Moscow."""
    team.on()
    assert names(team.record("signal_received").started) == {"first-visit-team", "first-visit"}
    due = {row.timer: row.due_at for row in team.running()}
    assert due == {"first-visit-team": end_of(2026, 3, 4), "first-visit": end_of(2026, 3, 6)}
    assert names(team.record("team_named", NOW + DAY).ended) == {"first-visit-team"}
    visit = team.record("first_visit", NOW + 2 * DAY)
    assert (names(visit.ended), names(visit.started)) == ({"first-visit"}, {"first-visit-report"})
    assert team.running()[0].due_at == NOW + 3 * DAY, "24 hours, exactly"
    report = team.record("first_visit_report", NOW + 3 * DAY)
    assert (names(report.ended), names(report.started)) == ({"first-visit-report"}, {"intake-decision"})
    assert team.running()[0].due_at == end_of(2026, 3, 12), "three working days over a long weekend"
    team.record("intake_accepted", NOW + 3 * DAY)
    opened = team.record("case_opened", NOW + 4 * DAY)
    assert names(opened.started) == {"case-folder", "plan-agreed", "quarterly-review", "yearly-review"}
    assert {row.timer: row.due_at for row in team.running()} == {
        "case-folder": end_of(2026, 3, 13),
        "plan-agreed": end_of(2026, 4, 22),  # a month and 15 days after 6 March
        "quarterly-review": end_of(2026, 6, 7),
        "yearly-review": end_of(2027, 3, 7),
    }


def test_one_action_begins_the_next_fortnight(sqlite_team: Team) -> None:
    sqlite_team.on("plan-action", "quarterly-review")
    for event in ("signal_received", "first_visit", "intake_accepted", "case_opened", "plan_agreed"):
        sqlite_team.record(event)
    assert [row.due_at for row in sqlite_team.running("plan-action")] == [end_of(2026, 3, 17)]
    sqlite_team.record("plan_action", NOW + 5 * DAY)
    sqlite_team.record("plan_action_again", NOW + 9 * DAY)
    assert [row.due_at for row in sqlite_team.running("plan-action")] == [end_of(2026, 3, 26)]
    closed = sqlite_team.record("case_closed", NOW + 10 * DAY)
    assert names(closed.ended) == {"plan-action", "quarterly-review"}
    assert sqlite_team.running() == []


def test_a_recheck_has_two_dues_and_each_check_ends_the_first(town: Town) -> None:
    team = make_team(town, "otkazniki")
    team.on("outcome-recheck")
    for event in ("request_received", "team_voted", "case_opened"):
        team.record(event)
    team.record("case_closed")
    assert [(row.ordinal, row.due_at, row.reminder) for row in team.running()] == [
        (0, end_of(2027, 3, 3), True),
        (1, end_of(2029, 3, 3), True),
    ]
    assert names(team.record("rechecked", NOW + 365 * DAY).ended) == {"outcome-recheck"}
    assert [row.ordinal for row in team.running()] == [1]


def test_a_follow_up_has_four_dues_and_closing_begins_them_anew(embedded: Town) -> None:
    team = make_team(embedded, "aistenok", "Asia/Yekaterinburg")
    team.on("follow-up", "refusal-visit")
    assert team.record("signal_received").started[0].due_at == NOW + timedelta(hours=2)
    for event in ("set_out", "case_opened", "crisis_unit_left"):
        team.record(event)
    first = [row.due_at for row in team.running()]
    assert len(first) == 4
    team.record("case_closed", NOW + 10 * DAY)
    assert len(team.running()) == 4
    assert all(new > old for new, old in zip((row.due_at for row in team.running()), first, strict=True))


def test_service_hours_are_a_setting_and_count_at_once(town: Town) -> None:
    team = make_team(town, "aistenok")
    team.on("refusal-visit")
    evening = datetime(2026, 3, 2, 17, tzinfo=UTC)  # 20:00 in Moscow
    team.record("signal_received", evening)
    assert team.running()[0].due_at == evening + timedelta(hours=2)
    change_practice(team.house, team.head, "service.refusal-visit", "09:00-21:00", evening)
    assert team.running()[0].due_at == datetime(2026, 3, 3, 7, tzinfo=UTC), "10:00 the next morning"
    assert entries(team.house, "practice.changed")[-1]["moved"] == 1
    change_practice(team.house, team.head, "service.refusal-visit", None, evening)
    assert team.running()[0].due_at == evening + timedelta(hours=2)


def test_only_allowed_stages_follow(sqlite_team: Team) -> None:
    with pytest.raises(MezhvedError, match="stage_forbidden"):
        sqlite_team.record("case_opened")
    with pytest.raises(MezhvedError, match="stage_forbidden"):
        sqlite_team.record("team_named")
    sqlite_team.record("signal_received")
    for event in ("plan_agreed", "case_closed", "post_support_began"):
        with pytest.raises(MezhvedError, match="stage_forbidden"):
            sqlite_team.record(event)
    (course,) = rows(sqlite_team.house, p.practice_courses)
    assert course.stage == "signal_received"
    assert sqlite_team.record("intake_refused").stage == "signal_refused"
    with pytest.raises(MezhvedError, match="stage_forbidden"):
        sqlite_team.record("case_opened")
    assert len(rows(sqlite_team.house, p.practice_events)) == len(entries(sqlite_team.house, "practice.recorded")) == 2


def test_a_worsening_after_the_end_belongs_into_a_new_case(sqlite_team: Team) -> None:
    for event in ("signal_received", "intake_accepted", "case_opened", "case_closed", "post_support_began"):
        sqlite_team.record(event)
    worsened = sqlite_team.record("worsened")
    assert (worsened.new_case, worsened.stage, worsened.started) == (True, "post_support", ())


def test_when_it_happened_is_not_later_than_now_nor_before_the_last_change(sqlite_team: Team) -> None:
    sqlite_team.on("first-visit-report")
    sqlite_team.record("signal_received", NOW)
    for at in (NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)):
        with pytest.raises(MezhvedError, match="event_time"):
            sqlite_team.record("first_visit", NOW, at=at)
    recorded = sqlite_team.record("first_visit", NOW + 2 * DAY, at=NOW + DAY)
    assert recorded.started[0].due_at == NOW + 2 * DAY, "counted from the visit, not from its recording"


# --- who may, who learns what ----------------------------------------------------------------------------------------


def test_strangers_get_for_a_real_case_what_they_get_for_an_invented_one(team: Team) -> None:
    house, other = team.house, make_team(team.town, "sos")
    theirs = house.vault.case_pseudonym(other.organisation.id, team.case_id)
    for case in (theirs, "z" * 52):
        said = {
            refusal(act).code
            for act in (
                lambda case=case: record_practice_event(house, other.curator, case, "referral_received", NOW),
                lambda case=case: score_case(house, other.curator, case, "risk", {}, NOW),
                lambda case=case: read_own_case(house, other.curator, case, NOW),
            )
        }
        assert said == {"case_unavailable"}
    team.on("first-visit")
    team.record("signal_received")
    for timer in (team.running()[0].id, new_id(), "x"):
        for act in (pause_timer, resume_timer, finish_timer):
            more = ("family_away",) if act is pause_timer else ()
            said = refusal(lambda act=act, timer=timer, more=more: act(house, other.curator, timer, *more, NOW)).code  # type: ignore[operator]
            assert said == "timer_unavailable"


def test_a_related_organisation_that_does_not_hold_the_case_records_nothing(sqlite_team: Team) -> None:
    consent(sqlite_team.town, sqlite_team.town.guardianship, ref="K-1", discloser=sqlite_team.organisation)
    body = staff(sqlite_team.house, sqlite_team.town.guardianship, "curator")
    theirs = sqlite_team.house.vault.case_pseudonym(sqlite_team.town.guardianship.id, sqlite_team.case_id)
    assert (
        refusal(lambda: record_practice_event(sqlite_team.house, body, theirs, "signal_received", NOW)).code
        == "case_unavailable"
    )


@pytest.mark.parametrize("role", ["registrar", "dpo", "administrator", "guardianship_specialist"])
def test_others_of_the_organisation_record_and_score_nothing(sqlite_team: Team, role: str) -> None:
    who = staff(sqlite_team.house, sqlite_team.organisation, role)
    expected = "not_for_overseers" if role in {"dpo", "administrator"} else "practice_not_yours"
    assert (
        refusal(lambda: record_practice_event(sqlite_team.house, who, sqlite_team.case, "signal_received", NOW)).code
        == expected
    )
    assert refusal(lambda: score_case(sqlite_team.house, who, sqlite_team.case, "complexity", {}, NOW)).code == expected


def test_a_case_that_somebody_works_on_is_theirs(sqlite_team: Team) -> None:
    house = sqlite_team.house
    worker = staff(house, sqlite_team.organisation, "curator")
    assign_case(house, sqlite_team.head, sqlite_team.case, login(house, worker), NOW)
    for act in (
        lambda: sqlite_team.record("signal_received"),
        lambda: read_own_case(house, sqlite_team.curator, sqlite_team.case, NOW),
        lambda: score_case(house, sqlite_team.curator, sqlite_team.case, "complexity", {}, NOW),
    ):
        assert refusal(act).code == "not_assigned"
    record_practice_event(house, worker, sqlite_team.case, "signal_received", NOW)
    record_practice_event(house, robot(sqlite_team), sqlite_team.case, "first_visit", NOW)


@pytest.mark.parametrize(("role", "may"), [("head", True), ("administrator", True), ("curator", False), ("dpo", False)])
def test_who_switches(sqlite_house: House, role: str, may: bool) -> None:
    team = make_team(make_town(sqlite_house))
    who = staff(team.house, team.organisation, role)
    assert read_practice(team.house, who).may_set is may
    if may:
        switch_timer(team.house, who, "first-visit", NOW, on=True)
        assert read_practice(team.house, who).chosen.runs("first-visit")
    else:
        code = refusal(lambda: switch_timer(team.house, who, "first-visit", NOW, on=True)).code
        assert code in {"practice_not_yours", "not_for_overseers"}


def test_an_organisation_without_a_practice_has_none_of_this(sqlite_team: Team) -> None:
    body = staff(sqlite_team.house, sqlite_team.town.guardianship, "head")
    assert refusal(lambda: read_practice(sqlite_team.house, body)).code == "practice_none"
    assert refusal(lambda: switch_timer(sqlite_team.house, body, "first-visit", NOW, on=True)).code == "practice_none"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timer.first-visit", "maybe"),
        ("warn.first-visit", "two days"),
        ("warn.first-visit", "1.5 day"),
        ("warn.first-visit", "0 day"),
        ("timer.refusal-visit", "on"),
        ("invented", "1"),
    ],
)
def test_what_cannot_be_set(sqlite_team: Team, name: str, value: str) -> None:
    code = refusal(lambda: change_practice(sqlite_team.house, sqlite_team.head, name, value, NOW)).code
    assert code == ("setting_unknown" if name in {"invented", "timer.refusal-visit"} else "field_invalid")


def test_settings_of_the_city_programme(embedded: Town) -> None:
    team = make_team(embedded, "moscow")
    for name, value in (
        ("stage.step_4", "Комплексная оценка"),
        ("joint_decision.term", "5 working_day"),
        ("joint_decision.chain", "coordinator, head"),
    ):
        change_practice(team.house, team.head, name, value, NOW)
        assert read_practice(team.house, team.head).chosen.values[name] == value
    assert entries(team.house, "practice.changed")[0]["value"] == "words"
    change_practice(team.house, team.head, "stage.step_4", None, NOW)
    assert "stage.step_4" not in read_practice(team.house, team.head).chosen.values
    assert (
        refusal(lambda: change_practice(team.house, team.head, "joint_decision.chain", "nobody", NOW)).code
        == "field_invalid"
    )


def test_switched_off_what_runs_of_it_ends(sqlite_team: Team) -> None:
    sqlite_team.on("first-visit", "first-visit-team")
    sqlite_team.record("signal_received")
    switch_timer(sqlite_team.house, sqlite_team.head, "first-visit", NOW, on=False)
    assert [row.timer for row in sqlite_team.running()] == ["first-visit-team"]
    assert entries(sqlite_team.house, "practice.changed")[-1]["ended"] == 1


def test_under_another_practice_a_case_begins_anew(team: Team) -> None:
    team.record("signal_received")
    change_organisation(team.house, team.organisation.id, {"practice": "sos"}, "operator:test", NOW)
    assert read_own_case(team.house, team.curator, team.case, NOW).course is None
    assert team.record("referral_received").stage == "referral_received"
    code = refusal(
        lambda: change_organisation(team.house, team.organisation.id, {"practice": "x"}, "operator:test", NOW)
    ).code
    assert code == "practice_unknown"


# --- pauses ----------------------------------------------------------------------------------------------------------


def test_a_pause_stops_the_clock_and_its_notices(team: Team) -> None:
    team.on("first-visit")
    team.record("signal_received")  # due at the end of Thursday 5 March
    (timer,) = team.running()
    house = team.house
    assert refusal(lambda: pause_timer(house, team.curator, timer.id, "no_reason", NOW)).code == "reason_unknown"
    pause_timer(house, team.curator, timer.id, "family_away", NOW + DAY)
    assert refusal(lambda: pause_timer(house, team.curator, timer.id, "family_away", NOW + DAY)).code == "timer_paused"
    assert watch_practice_timers(house, NOW + 30 * DAY) == 0, "a clock that stands still passes nothing"
    resume_timer(house, team.curator, timer.id, datetime(2026, 3, 10, 9, tzinfo=UTC))
    assert team.running()[0].due_at == end_of(2026, 3, 13), (
        "the 3rd to the 6th are lost: three of them were still to come"
    )
    assert refusal(lambda: resume_timer(house, team.curator, timer.id, NOW + 9 * DAY)).code == "timer_runs"
    paused, resumed = entries(house, "timer.paused")[0], entries(house, "timer.resumed")[0]
    assert (paused["reason"], resumed["due_at"]) == ("family_away", end_of(2026, 3, 13).isoformat())
    assert (
        refusal(lambda: pause_timer(house, team.curator, timer.id, "family_away", NOW + 30 * DAY)).code
        == "timer_passed"
    )


def test_finished_by_hand_a_repeating_timer_begins_again(sqlite_team: Team) -> None:
    sqlite_team.on("plan-action", "plan-agreed")
    for event in ("signal_received", "intake_accepted", "case_opened"):
        sqlite_team.record(event)
    (timer,) = sqlite_team.running()
    finish_timer(sqlite_team.house, sqlite_team.curator, timer.id, NOW)
    assert sqlite_team.running() == []
    assert refusal(lambda: finish_timer(sqlite_team.house, sqlite_team.curator, timer.id, NOW)).code == "timer_closed"
    sqlite_team.record("plan_agreed")
    (timer,) = sqlite_team.running()
    finish_timer(sqlite_team.house, sqlite_team.curator, timer.id, NOW + 3 * DAY)
    assert [row.started_at for row in sqlite_team.running()] == [NOW + 3 * DAY]


# --- messages --------------------------------------------------------------------------------------------------------


def _referred(team: Team) -> MessageId:
    town = team.town
    consent(town, team.organisation, purpose="REFERRAL", discloser=town.centre)
    sent = submit_message(team.house, system_of(town.centre), referral(town.centre, team.organisation), NOW).message
    relay_once(team.house, NOW)
    return sent.id


def test_a_referral_starts_the_decision_and_its_answer_ends_it(team: Team) -> None:
    team.on("intake-decision")
    message = _referred(team)
    (timer,) = team.running()
    assert (timer.timer, timer.about_kind, timer.about, timer.due_at) == (
        "intake-decision",
        "message",
        message,
        end_of(2026, 3, 6),
    )
    open_message(team.house, team.curator, message, NOW)
    answer_message(team.house, team.curator, message, Event.ACCEPT, NOW + DAY)
    assert team.running() == []


def test_a_referral_starts_nothing_where_it_is_off_or_not_of_the_practice(sqlite_team: Team) -> None:
    _referred(sqlite_team)
    assert sqlite_team.running() == []
    other = make_team(sqlite_team.town, "sos")
    other.on()
    _referred(other)
    assert other.running() == []


def test_a_signal_starts_the_visit_at_whom_it_reaches_and_a_recorded_visit_ends_it(embedded: Town) -> None:
    """A fund that a signal may go to: by the route of neglect it is the social protection."""
    house = embedded.house
    ours = organisation(house, "social_protection", "Соцзащита (тест)", practice="deti-nashi")
    school = organisation(house, "school", "Школа (тест)")
    head = staff(house, ours, "head")
    for timer in ("first-visit", "first-visit-team"):
        switch_timer(house, head, timer, NOW, on=True)
    draft = referral(school, ours, type="signal", trigger="neglect_sop", statute="120-ФЗ ст. 9 п. 2")
    message = submit_message(house, system_of(school), draft, NOW).message
    assert rows(house, p.practice_timers) == [], "nothing runs before the message has come"
    relay_once(house, NOW + DAY)
    assert {row.timer: row.started_at for row in rows(house, p.practice_timers)} == {
        "first-visit": NOW + DAY,
        "first-visit-team": NOW + DAY,
    }
    relay_once(house, NOW + 2 * DAY)
    assert len(rows(house, p.practice_timers)) == 2
    assert {row.about for row in rows(house, p.practice_timers)} == {message.id}


def test_an_inquiry_without_names_calls_the_specialist_out(town: Town) -> None:
    """A maternity ward asks without naming anybody: the two hours run, day and night."""
    team = make_team(town, "aistenok")
    team.on("refusal-visit")
    ward = organisation(town.house, "maternity_hospital", "Роддом (тест)")
    fields = {
        "operation_id": new_id(),
        "type": "inquiry",
        "sender_ogrn": ward.ogrn,
        "recipient_ogrn": team.organisation.ogrn,
        "notes": notes("inquiry"),
    }
    sent = submit_message(team.house, system_of(ward), MessageDraft.model_validate(fields), NOW).message
    relay_once(team.house, NOW + timedelta(minutes=1))
    (timer,) = team.running()
    assert (timer.timer, timer.about, timer.due_at) == ("refusal-visit", sent.id, NOW + timedelta(hours=2, minutes=1))
    team.record("signal_received", NOW + timedelta(minutes=5), message=sent.id)
    (timer,) = team.running()
    assert (timer.about_kind, timer.due_at) == ("case", NOW + timedelta(hours=2, minutes=1)), "since the message came"
    team.record("set_out", NOW + timedelta(minutes=50), message=sent.id)
    assert team.running() == []


# --- near, passed, told on -------------------------------------------------------------------------------------------


def _told(team: Team) -> list[tuple[str, str]]:
    return [(row.role, row.kind) for row in sorted(rows(team.house, t.notices), key=lambda row: (row.at, row.role))]


def test_a_term_that_passes_is_told_step_by_step_and_each_step_once(team: Team) -> None:
    team.on("first-visit")
    team.record("signal_received")  # due at the end of Thursday 5 March
    due = end_of(2026, 3, 6)
    assert watch_practice_timers(team.house, due - timedelta(microseconds=1)) == 0
    assert watch_practice_timers(team.house, due) == 1
    assert watch_practice_timers(team.house, due) == 0
    assert _told(team) == [("curator", "term.passed")]
    for day, expected in ((end_of(2026, 3, 11), 1), (end_of(2026, 3, 13), 1), (due + 100 * DAY, 0)):
        assert watch_practice_timers(team.house, day) == expected
    assert _told(team) == [
        ("curator", "term.passed"),
        ("coordinator", "term.passed"),
        ("senior_curator", "term.passed"),
        ("head", "term.passed"),
    ]
    assert len(entries(team.house, "timer.breached")) == 1
    assert [entry["step"] for entry in entries(team.house, "timer.escalated")] == [2, 3]
    (timer,) = team.running()
    assert (timer.breached_at, timer.next_at) == (due, None)


def test_a_warning_first_where_the_practice_or_the_organisation_has_one(embedded: Town) -> None:
    team = make_team(embedded, "sos")
    team.on()
    for event in ("referral_received", "intake_accepted", "agreement_signed"):
        team.record(event)
    assert watch_practice_timers(team.house, end_of(2026, 3, 17)) == 1
    assert _told(team) == [("curator", "term.near")]
    assert entries(team.house, "timer.warned")[0]["timer"] == "joint-assessment"
    change_practice(team.house, team.head, "warn.progress-review", "5 month", NOW)
    assert watch_practice_timers(team.house, end_of(2026, 8, 3)) == 2, "one passed, one came near"
    assert sorted(kind for _, kind in _told(team)) == ["term.near", "term.near", "term.passed"]


def test_a_reminder_reminds_once_and_is_never_breached(embedded: Town) -> None:
    team = make_team(embedded, "otkazniki")
    team.on("outcome-recheck")
    for event in ("request_received", "team_voted", "case_opened", "case_closed"):
        team.record(event)
    for years in range(1, 6):
        watch_practice_timers(team.house, NOW + 400 * years * DAY)
    assert _told(team) == [("curator", "term.reminds")] * 2
    assert entries(team.house, "timer.breached") == []
    assert [row.breached_at for row in team.running()] == [None, None]


def test_the_last_step_of_a_message_tells_its_other_side_and_names_the_message_alone(sqlite_team: Team) -> None:
    sqlite_team.on("intake-decision")
    message = _referred(sqlite_team)
    for days in range(3, 20):
        watch_practice_timers(sqlite_team.house, NOW + days * DAY)
    there = [row for row in rows(sqlite_team.house, t.notices) if row.organisation_id == sqlite_team.town.centre.id]
    assert [(row.role, row.kind, row.about) for row in there] == [("head", "term.passed_there", message)]


def test_a_round_costs_the_same_for_one_and_for_many(team: Team) -> None:
    team.on("first-visit", "first-visit-team")
    team.record("signal_received")
    with statements(team.house) as few:
        watch_practice_timers(team.house, end_of(2026, 3, 6))
    more = [make_team(team.town) for _ in range(3)]
    for other in more:
        other.on("first-visit", "first-visit-team")
        other.record("signal_received")
    with statements(team.house) as many:
        assert watch_practice_timers(team.house, end_of(2026, 3, 6)) == 6
    entries_written = 6 - 2
    assert len(many) - len(few) <= entries_written, "but for an entry each"


# --- scores ----------------------------------------------------------------------------------------------------------

POINTS = {"remoteness": 3, "guardianship_tension": 2, "lack_of_resources": 3, "removal_risk": 3, "substances": 2}


@pytest.mark.parametrize(
    ("points", "level"),
    [((1, 1, 1, 1, 1), "low"), ((3, 1, 1, 1, 1), "low"), ((3, 2, 1, 1, 1), "medium"), ((3, 3, 3, 2, 1), "medium"),
     ((3, 3, 3, 3, 1), "high"), ((3, 3, 3, 3, 3), "high")],
)  # fmt: skip
def test_complexity(sqlite_team: Team, points: tuple[int, ...], level: str) -> None:
    score_case(
        sqlite_team.house,
        sqlite_team.curator,
        sqlite_team.case,
        "complexity",
        dict(zip(POINTS, points, strict=True)),
        NOW,
    )
    (shown,) = read_own_case(sqlite_team.house, sqlite_team.curator, sqlite_team.case, NOW).scores
    assert (shown.total, shown.level) == (sum(points), level)


@pytest.mark.parametrize("points", [{}, {**POINTS, "remoteness": 0}, {**POINTS, "remoteness": 4}, {**POINTS, "x": 1}])
def test_points_that_are_none(sqlite_team: Team, points: dict[str, int]) -> None:
    act = lambda: score_case(sqlite_team.house, sqlite_team.curator, sqlite_team.case, "complexity", points, NOW)  # noqa: E731
    assert refusal(act).code == "field_invalid"


def test_a_level_of_risk_is_not_invented(embedded: Town) -> None:
    team = make_team(embedded, "sos")
    points = dict.fromkeys(("socio_economic", "socio_medical", "psycho_social", "socio_cultural"), 3)
    score_case(team.house, team.curator, team.case, "risk", points, NOW)
    assert read_own_case(team.house, team.curator, team.case, NOW).scores[0].level is None
    change_practice(team.house, team.head, "risk.medium", "10", NOW)
    assert read_own_case(team.house, team.curator, team.case, NOW).scores[0].level is None, (
        "one threshold is not enough"
    )
    change_practice(team.house, team.head, "risk.high", "20", NOW)
    assert read_own_case(team.house, team.curator, team.case, NOW).scores[0].level == "medium"


def test_a_practice_may_refuse_scores_on_principle(embedded: Town) -> None:
    team = make_team(embedded, "otkazniki")
    assert refusal(lambda: score_case(team.house, team.curator, team.case, "risk", {}, NOW)).code == "score_not_used"
    assert refusal(lambda: score_case(team.house, team.curator, team.case, "invented", {}, NOW)).code == "score_unknown"


def test_a_score_rests_sealed_and_goes_with_the_keys(team: Team) -> None:
    house = team.house
    score_case(house, team.curator, team.case, "complexity", POINTS, NOW)
    (row,) = rows(house, p.case_scores)
    assert b"substances" not in row.sealed
    (entry,) = entries(house, "case.scored")
    assert entry["case"] == commitment(row.salt, team.case_id)
    assert not {"points", "total", "level"} & set(entry)
    read_own_case(house, team.curator, team.case, NOW)
    assert entries(house, "case.scores_read")[0]["case"] == entry["case"], "what is opened has its entry"
    with house.store.reading() as unit:
        (subject, *_) = unit.families.case_subjects(team.case_id)
    house.vault._keys.destroy(subject, now=NOW, reason="срок хранения истёк")  # type: ignore[attr-defined]
    (shown,) = read_own_case(house, team.curator, team.case, NOW).scores
    assert (shown.points, shown.total, shown.level) == (None, None, None)


def test_who_may_not_score_sees_no_score(sqlite_team: Team) -> None:
    score_case(sqlite_team.house, sqlite_team.curator, sqlite_team.case, "complexity", POINTS, NOW)
    lawyer: Requester = staff(sqlite_team.house, sqlite_team.organisation, "lawyer")
    own = read_own_case(sqlite_team.house, lawyer, sqlite_team.case, NOW)
    assert (own.scores, own.may_score, own.may_record) == ((), False, True)
