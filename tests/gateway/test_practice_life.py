"""One case over its whole life, by any events in any order: no forbidden stage, and the timers that should run do.

The model knows the profile and the terms alone; the gateway runs on SQLite. What a score is, nobody else ever sees.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.exchange.relay import relay_once
from gateway.graphql.schema import sdl
from gateway.storage import tables_practices as p
from gateway.use_cases.facts import Question
from gateway.use_cases.open_message import open_message
from gateway.use_cases.pause_timer import pause_timer, resume_timer
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.recompute_timers import recompute_timers
from gateway.use_cases.score_case import score_case
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.watch_practice_timers import watch_practice_timers
from policies.timers import Pause, Place, Rule, reckon
from schemas.categories import SECTION_CATEGORIES
from schemas.errors import Conflict
from tests.builders import NOW, PACK, Town, consent, referral, sqlite_house, system_of
from tests.builders import town as make_town
from tests.gateway.facts_world import rows
from tests.gateway.practice_world import make_team

MOSCOW = Place(ZoneInfo("Europe/Moscow"), PACK.place("Europe/Moscow").calendar)
STEPS = st.integers(0, 60 * 24 * 20).map(lambda minutes: timedelta(minutes=minutes))


class Life(RuleBasedStateMachine):
    """Every timer of the practice is on. The model: the stage, and what runs with its start and its pauses."""

    @initialize(practice=st.sampled_from(["deti-nashi", "otkazniki", "sos", "aistenok"]))
    def begin(self, practice: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mzl"))
        self.house = sqlite_house(self.folder)
        self.team = make_team(make_town(self.house), practice)
        self.team.on()
        self.profile = self.team.profile
        self.now: datetime = NOW
        self.stage: str | None = None
        self.running: dict[tuple[str, int], tuple[datetime, list[Pause]]] = {}
        self.breached: set[str] = set()

    @rule(step=STEPS, data=st.data())
    def record(self, step: timedelta, data: Any) -> None:
        self.now += step
        event = data.draw(st.sampled_from(list(self.profile.events)))
        row = self.profile.events[event]
        allowed = self.profile.may_follow(self.stage, row.to) if row.to else self.stage is not None
        if not allowed:
            with pytest.raises(Conflict, match="stage_forbidden"):
                self.team.record(event, self.now)
            return
        self.team.record(event, self.now)
        self.stage = row.to or self.stage
        for code in self.profile.timers:
            ordinals = sorted(number for name, number in self.running if name == code)
            ends = row.ends_all or event in self.profile.timers[code].ends
            for number in ordinals if row.ends_all else self._first(code, ordinals):
                if ends:
                    del self.running[code, number]
            if event in self.profile.timers[code].starts:
                for number in range(len(self.profile.timers[code].terms)):
                    self.running.setdefault((code, number), (self.now, []))

    def _first(self, code: str, ordinals: list[int]) -> list[int]:
        """An event meets the due that comes first."""
        return sorted(ordinals, key=lambda number: self._due(code, number))[:1]

    def _due(self, code: str, number: int) -> datetime:
        start, pauses = self.running[code, number]
        stood = [pause if pause.ends else Pause(pause.begins, pause.begins) for pause in pauses]
        row = self.profile.timers[code]
        return reckon(Rule(row.terms[number].term), start, MOSCOW, stood).due_at

    @rule(step=STEPS, data=st.data())
    def stop_or_run_on(self, step: timedelta, data: Any) -> None:
        if not self.running:
            return
        self.now += step
        code, number = data.draw(st.sampled_from(sorted(self.running)))
        _, pauses = self.running[code, number]
        (row,) = (row for row in self.team.running(code) if row.ordinal == number)
        if pauses and pauses[-1].ends is None:
            resume_timer(self.house, self.team.curator, row.id, self.now)
            pauses[-1] = Pause(pauses[-1].begins, self.now)
        elif self._due(code, number) <= self.now:
            with pytest.raises(Conflict, match="timer_passed"):
                pause_timer(self.house, self.team.curator, row.id, "family_away", self.now)
        else:
            pause_timer(self.house, self.team.curator, row.id, "family_away", self.now)
            pauses.append(Pause(self.now))

    @rule(step=STEPS)
    def time_passes(self, step: timedelta) -> None:
        self.now += step
        while watch_practice_timers(self.house, self.now):
            pass
        for row in self.team.running():
            late = row.due_at <= self.now and row.paused_at is None and not row.reminder
            assert (row.breached_at is not None) == late
            if row.breached_at is not None:
                self.breached.add(row.id)

    @rule()
    def counted_again(self) -> None:
        before = [(row.id, row.due_at, row.next_at) for row in self.team.running()]
        recompute_timers(self.house, "operator:test", self.now)
        assert [(row.id, row.due_at, row.next_at) for row in self.team.running()] == before

    @invariant()
    def the_stage_is_that_of_the_model(self) -> None:
        courses = rows(self.house, p.practice_courses) if hasattr(self, "house") else []
        assert [row.stage for row in courses] == ([self.stage] if getattr(self, "stage", None) else [])

    @invariant()
    def what_runs_is_what_should_and_is_due_when_it_should(self) -> None:
        if not hasattr(self, "house"):
            return
        found = {(row.timer, row.ordinal): row.due_at for row in self.team.running()}
        assert found == {key: self._due(*key) for key in self.running}

    @invariant()
    def no_breach_disappears_and_no_reminder_has_one(self) -> None:
        if not hasattr(self, "house"):
            return
        kept = {row.id: row for row in rows(self.house, p.practice_timers)}
        assert all(kept[name].breached_at is not None for name in self.breached)
        assert not any(row.breached_at for row in kept.values() if row.reminder)

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.house.store.engine.dispose()  # type: ignore[attr-defined]
            self.house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
            shutil.rmtree(self.folder, ignore_errors=True)


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def test_a_score_is_in_no_summary_no_message_and_no_answer(town: Town) -> None:
    team = make_team(town)
    house, body = team.house, town.guardianship
    points = {"remoteness": 3, "guardianship_tension": 3, "lack_of_resources": 3, "removal_risk": 3, "substances": 3}
    score_case(house, team.curator, team.case, "complexity", points, NOW)
    for purpose in ("CASE_MGMT", "REFERRAL"):
        signers = [{"who": "mother", "holder_ref": f"{team.ref}-M", "verified": True}]
        consent(town, body, ref=team.ref, discloser=team.organisation, purpose=purpose, signers=signers)
    theirs = house.vault.case_pseudonym(body.id, team.case_id)
    question = Question("CASE_MGMT", SECTION_CATEGORIES)
    summary = read_case_summary(house, system_of(body), theirs, question, NOW)
    assert summary.cases[0].releases
    sent = submit_message(house, system_of(team.organisation), referral(team.organisation, body, ref=team.ref), NOW)
    relay_once(house, NOW)
    opened = open_message(house, system_of(body), sent.message.id, NOW)
    for answer in (repr(summary.cases), repr(opened)):
        for word in ("guardianship_tension", "removal_risk", "complexity", "substances"):
            assert word not in answer
    schema = sdl().lower()
    for word in ("complexity", "scorecase", "riskscore"):
        assert word not in schema


def test_no_module_but_one_reads_scores() -> None:
    import gateway

    root = Path(gateway.__file__).parent
    readers = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if ".scores(" in path.read_text("utf-8") or "case_scores" in path.read_text("utf-8")
    }
    assert readers == {
        "use_cases/score_case.py",
        "storage/practices.py",
        "storage/case_records.py",  # the newest of each case, for the load of who leads: opened by the door alone
        "storage/tables_practices.py",
        "storage/kept_pages.py",  # the holder's own, for the export of all it has: opened for the holder alone
        "use_cases/own_pages.py",
        "storage/migrations/data/versions/0006_practices_and_timers.py",
    }
