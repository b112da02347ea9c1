"""Terms of answers: by what the proposer set, over holidays, paused by a question, told to the chain; never an agreement."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.storage import tables_practices as p
from gateway.use_cases.answer_message import Answer
from gateway.use_cases.change_practice import change_practice
from gateway.use_cases.house import House
from gateway.use_cases.read_timer_board import read_timer_board
from gateway.use_cases.recompute_timers import recompute_timers
from gateway.use_cases.record_practice_event import record_practice_event
from gateway.use_cases.watch_practice_timers import watch_practice_timers
from policies.joint import Outcome
from schemas.ids import MessageId
from schemas.lifecycle import Event
from tests.builders import NOW
from tests.gateway.facts_world import entries, rows
from tests.gateway.joint.world import CENTRE, RISK, Council, council
from tests.gateway.practice_world import running

MARCH = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)  # Thursday; 8 March is kept on Monday, 9 March
"""Three working days from here: Friday 6, Tuesday 10, Wednesday 11 March."""
DUE = datetime(2026, 3, 11, 21, 0, tzinfo=UTC)  # the end of Wednesday in Moscow


@pytest.fixture
def put(house: House) -> Council:
    made = council(house)
    made.set()
    return made


@pytest.fixture
def quick(sqlite_house: House) -> Council:
    made = council(sqlite_house)
    made.set()
    return made


def watch(put: Council, now: datetime) -> None:
    """The relay's rounds until nothing waits."""
    while watch_practice_timers(put.house, now):
        pass


def told(put: Council) -> list[tuple[str, str]]:
    """Which roles of which organisation were told of a term that passed, in order."""
    found = [row for row in rows(put.house, t.notices) if row.kind in {"term.passed", "term.passed_there"}]
    names = {put.world.who(name).id: name for name in (CENTRE, "guardianship", "kdn", "centre")}
    return [(names[row.organisation_id], row.role) for row in sorted(found, key=lambda row: (row.at, row.role))]


def test_a_term_runs_for_each_party_from_its_delivery_over_holidays(put: Council) -> None:
    made = put.propose(now=MARCH)
    found = running(put.house)
    assert {row.about for row in found} == set(made.message_ids)
    assert {(row.timer, row.organisation_id) for row in found} == {("joint_decision", put.world.who(CENTRE).id)}
    assert {row.due_at for row in found} == {DUE}
    assert [line.row.due_at for line in read_timer_board(put.house, put.system, MARCH).lines] == [DUE] * 3


@pytest.mark.parametrize(
    "settings", [{"timer.joint_decision": "off"}, {"joint_decision.term": None}], ids=["switched off", "no term set"]
)
def test_nothing_runs_that_was_not_asked_for(quick: Council, settings: dict[str, str | None]) -> None:
    for name, value in settings.items():
        change_practice(quick.house, quick.system, name, value, NOW)
    made = quick.propose()
    watch(quick, NOW + timedelta(days=90))
    assert not running(quick.house)
    assert quick.view(made, now=NOW + timedelta(days=90)).outcome is Outcome.WAITING, (
        "without a term nothing is overdue"
    )


def test_silence_is_overdue_told_to_the_chain_and_never_agreement(put: Council) -> None:
    put.set(**{"joint_decision.chain": "coordinator, head"})
    made = put.propose("guardianship", "kdn", now=MARCH)
    put.say("guardianship", Event.AGREE, now=MARCH)
    assert put.view(made, now=DUE - timedelta(seconds=1)).outcome is Outcome.WAITING
    assert put.view(made, now=DUE).outcome is Outcome.OVERDUE
    watch(put, DUE)
    assert told(put) == [(CENTRE, "coordinator")]
    assert [(party.told, party.is_me) for party in put.view(made, now=DUE).parties] == [
        ((), False),
        (("coordinator",), False),
    ]
    assert all(not party.told for party in put.view(made, "guardianship", DUE).parties)
    watch(put, DUE + timedelta(days=3))
    assert told(put)[1:] == [(CENTRE, "head"), ("kdn", "head")]
    for later in (DUE + timedelta(days=3), DUE + timedelta(days=3000)):
        watch(put, later)
        assert put.positions(made, now=later) == ["agreed", "overdue"]
        assert put.view(made, now=later).outcome is Outcome.OVERDUE
        # A party is not told of terms of a practice that is not its own.
        assert put.positions(made, "guardianship", later) == ["agreed", "waiting"]
    assert len(entries(put.house, "timer.breached")) == 1
    put.say("kdn", Event.AGREE, now=DUE + timedelta(days=4))
    assert put.view(made, now=DUE + timedelta(days=4)).outcome is Outcome.AGREED


def test_without_a_chain_of_its_own_the_practice_s_chain_is_told(quick: Council) -> None:
    quick.propose("kdn", now=MARCH)
    for days in range(9):
        watch(quick, DUE + timedelta(days=days))
    assert told(quick) == [
        (CENTRE, "curator"),
        (CENTRE, "coordinator"),
        (CENTRE, "senior_curator"),
        (CENTRE, "head"),
        ("kdn", "head"),
    ]


@pytest.mark.parametrize(
    ("event", "said"), [(Event.AGREE, None), (Event.DISAGREE, RISK)], ids=["a yes", "a no with its reason"]
)
def test_an_answer_ends_the_term_of_its_party_alone(put: Council, event: Event, said: Answer | None) -> None:
    put.propose(now=MARCH)
    put.say("kdn", event, said, MARCH)
    assert {row.about for row in running(put.house)} == {put.messages["guardianship"], put.messages["centre"]}
    put.say("kdn", Event.AGREE, now=MARCH)  # changed: nothing begins again
    assert len(running(put.house)) == 2


def test_a_question_stops_the_clock_until_the_reply(put: Council) -> None:
    made = put.propose("kdn", now=MARCH)
    put.say("kdn", Event.ASK, Answer(words="Есть ли жильё?"), MARCH + timedelta(days=1))
    (row,) = running(put.house)
    assert row.paused_at == MARCH + timedelta(days=1)
    (pause,) = rows(put.house, p.practice_pauses)
    assert (pause.reason, pause.ends) == ("question_asked", None)
    watch(put, DUE + timedelta(days=10))
    assert put.view(made, now=DUE + timedelta(days=10)).outcome is Outcome.QUESTION
    assert not told(put)
    # Asked on Friday 6, replied on Wednesday 11: of the three working days Friday and Tuesday were lost.
    replied = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
    put.reply("kdn", replied)
    (row,) = running(put.house)
    assert row.paused_at is None
    assert row.due_at == datetime(2026, 3, 13, 21, 0, tzinfo=UTC)
    assert [entry["timer"] for entry in entries(put.house, "timer.resumed")] == ["joint_decision"]


@pytest.mark.parametrize("first", [Event.AGREE, None], ids=["a yes became a question", "it had passed"])
def test_where_no_term_stands_the_reply_begins_one(put: Council, first: Event | None) -> None:
    put.propose("kdn", now=MARCH)
    asked = MARCH if first else DUE + timedelta(days=1)
    if first:
        put.say("kdn", first, now=MARCH)
    else:
        watch(put, asked)
    put.say("kdn", Event.ASK, Answer(words="Есть ли жильё?"), asked)
    assert not running(put.house)
    before = told(put)
    watch(put, asked + timedelta(days=20))
    assert told(put) == before, "a party that asked is no longer silent"
    put.reply("kdn", asked + timedelta(days=20))
    (row,) = running(put.house)
    assert row.started_at == asked + timedelta(days=20)


@pytest.mark.parametrize("taken", ["recall", "conclusion"])
def test_nobody_waits_any_more_for_what_was_taken_back_or_concluded(quick: Council, taken: str) -> None:
    made = quick.propose("kdn", "guardianship", now=MARCH)
    quick.say("guardianship", Event.ASK, Answer(words="Есть ли жильё?"), MARCH)
    if taken == "conclusion":
        quick.conclude(made, now=MARCH)
        assert not running(quick.house)
        assert all(row.ends is not None for row in rows(quick.house, p.practice_pauses))
    else:
        quick.world.answer(CENTRE, quick.messages["kdn"], Event.RECALL, None, MARCH)
        assert [row.about for row in running(quick.house)] == [quick.messages["guardianship"]]


def test_a_changed_calendar_or_term_counts_again_what_runs(quick: Council) -> None:
    quick.propose("kdn", now=MARCH)
    change_practice(quick.house, quick.system, "joint_decision.term", "5 working_day", MARCH)
    (row,) = running(quick.house)
    assert row.due_at == datetime(2026, 3, 13, 21, 0, tzinfo=UTC)
    change_practice(quick.house, quick.system, "joint_decision.term", "3 working_day", MARCH)
    moved = _with_calendar(quick.house, {datetime(2026, 3, 10, tzinfo=UTC).date(): False})
    assert recompute_timers(moved, "operator", MARCH).moved == 1
    (row,) = running(quick.house)
    assert row.due_at == datetime(2026, 3, 12, 21, 0, tzinfo=UTC), "Tuesday became a day off"


def _with_calendar(house: House, days: dict[Any, bool]) -> House:
    class Moved:
        def __getattr__(self, name: str) -> Any:
            return getattr(house.pack, name)

        def place(self, zone: str) -> Any:
            place = house.pack.place(zone)
            return replace(place, calendar=place.calendar.overridden(days))

    return replace(house, pack=Moved())  # type: ignore[arg-type]


# --- parents who refuse ------------------------------------------------------------------------------------------------

REFUSAL = {"timer.cooperation_refusal": "on", "cooperation_refusal.term": "3 working_day"}


@pytest.fixture
def refusing(quick: Council) -> tuple[Council, str]:
    """A case of the proposer's on the first step, the procedure switched on."""
    quick.set(**REFUSAL, **{"cooperation_refusal.chain": "senior_curator, head"})
    first = quick.propose("guardianship", now=MARCH)
    quick.conclude(first, now=MARCH)
    case = quick.view(first).case
    record_practice_event(quick.house, quick.system, case, "step_1", MARCH)
    return quick, case


def refused(put: Council, case: str) -> None:
    record_practice_event(put.house, put.system, case, "cooperation_refused", MARCH)


def test_a_refusal_starts_the_term_of_a_next_step_and_sends_nothing(refusing: tuple[Council, str]) -> None:
    put, case = refusing
    before = put.world.count()
    refused(put, case)
    (row,) = running(put.house)
    assert (row.timer, row.about_kind, row.due_at) == ("cooperation_refusal", "case", DUE)
    watch(put, DUE)
    assert told(put) == [(CENTRE, "senior_curator")]
    for days in range(1, 60):
        watch(put, DUE + timedelta(days=days))
    assert told(put) == [(CENTRE, "senior_curator"), (CENTRE, "head")]
    assert put.world.count() == before, "a refusal is never told to anybody by itself"


@pytest.mark.parametrize("event", ["family_visited", "refusal_discussed", "cooperation_resumed"])
def test_a_visit_a_council_or_co_operation_ends_it(refusing: tuple[Council, str], event: str) -> None:
    put, case = refusing
    refused(put, case)
    record_practice_event(put.house, put.system, case, event, MARCH + timedelta(hours=1))
    assert not running(put.house)


def test_a_joint_decision_on_the_case_is_a_next_step(refusing: tuple[Council, str]) -> None:
    put, case = refusing
    refused(put, case)
    put.propose("kdn", now=MARCH + timedelta(hours=1))
    assert [row.timer for row in running(put.house)] == ["joint_decision"]


def test_a_refusal_that_people_sent_starts_it_too_about_the_same_case_once(refusing: tuple[Council, str]) -> None:
    put, case = refusing
    refused(put, case)
    put.world.arrive("cooperation_refusal", CENTRE, "kdn", MARCH, named=True)
    assert [(row.timer, row.about_kind) for row in running(put.house)] == [("cooperation_refusal", "case")]


def test_the_procedure_is_no_threat_and_changes_no_stage(refusing: tuple[Council, str]) -> None:
    put, case = refusing
    before = rows(put.house, p.practice_courses)
    facts = rows(put.house, t.recorded_facts)
    refused(put, case)
    assert rows(put.house, p.practice_courses) == before
    assert rows(put.house, t.recorded_facts) == facts
    assert not rows(put.house, t.emergencies)


# --- a decision that another body put ----------------------------------------------------------------------------------

SNILS_OF_CHILD = "11223344595"


def findable(put: Council, *names: str) -> None:
    """The child has its SNILS in the files of these."""
    for name in names:
        child = put.world.child_of(name)
        put.house.vault.index_subjects(put.world.who(name).id, {child: [("snils", SNILS_OF_CHILD)]})


def put_by(put: Council, name: str, now: datetime, **more: Any) -> MessageId:
    """A joint decision of another body to the centre, delivered."""
    sent = put.world.send("joint_decision", name, CENTRE, now, named=True, **more).message
    relay_once(put.house, now)
    return sent.id


@pytest.mark.parametrize("also", [(), ("kdn",), (CENTRE,), ("kdn", CENTRE)])
def test_one_that_another_body_put_is_a_next_step_too(refusing: tuple[Council, str], also: tuple[str, ...]) -> None:
    """Where the child is known for the same by what the state calls it by; otherwise people say so."""
    put, case = refusing
    put.world.plan("kdn", CENTRE, "kdn")
    findable(put, *also)
    refused(put, case)
    message = put_by(put, "kdn", MARCH + timedelta(hours=1))
    assert [row.timer for row in running(put.house)] == ["cooperation_refusal"], "nobody has read it"
    put.world.open(CENTRE, message, MARCH + timedelta(hours=2))
    ended = not running(put.house)
    assert ended == (len(also) == 2)


def test_one_about_another_child_is_no_next_step(refusing: tuple[Council, str]) -> None:
    put, case = refusing
    put.world.plan("kdn", CENTRE, "kdn")
    findable(put, CENTRE)
    other = put.world.child_of("kdn")
    put.house.vault.index_subjects(put.world.who("kdn").id, {other: [("snils", "14785296311")]})
    refused(put, case)
    put.world.open(CENTRE, put_by(put, "kdn", MARCH), MARCH)
    assert [row.timer for row in running(put.house)] == ["cooperation_refusal"]


def test_one_inside_a_thread_about_the_case_is_a_next_step(refusing: tuple[Council, str]) -> None:
    """The guardianship body was asked about the case, and puts a matter back in that thread without naming anybody."""
    put, case = refusing
    refused(put, case)
    thread = put.messages["guardianship"]
    sent = put.world.send("joint_decision", "guardianship", CENTRE, MARCH, named=False, answers=thread).message
    relay_once(put.house, MARCH)
    put.world.open(CENTRE, sent.id, MARCH)
    assert not running(put.house)
