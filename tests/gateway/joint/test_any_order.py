"""Parties that speak, ask, are replied to, change their mind or say nothing, in any order and at any time, against a model."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.use_cases.answer_message import Answer
from gateway.use_cases.watch_practice_timers import watch_practice_timers
from policies.joint import Outcome
from schemas.errors import MezhvedError
from schemas.lifecycle import Event
from tests.builders import NOW, sqlite_house
from tests.gateway.joint.world import PARTIES, RISK, council
from tests.gateway.practice_world import running

SAID = {Event.AGREE: None, Event.DISAGREE: RISK, Event.ASK: Answer(words="Есть ли жильё?")}
POSITION = {Event.AGREE: "agreed", Event.DISAGREE: "disagreed", Event.ASK: "asks"}


class Talks(RuleBasedStateMachine):
    """The model: each party's last word, and whether the decision is concluded."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.put = council(sqlite_house(Path(self.folder.name)))
        self.put.set()
        self.now: datetime = NOW
        self.made = self.put.propose()
        self.word: dict[str, str] = dict.fromkeys(PARTIES, "silent")
        self.concluded: dict[str, str] | None = None

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.put.house.store.engine.dispose()  # type: ignore[attr-defined]
            self.put.house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
            self.folder.cleanup()

    @rule(name=st.sampled_from(PARTIES), event=st.sampled_from(sorted(SAID)))
    def says(self, name: str, event: Event) -> None:
        answered = self.word[name] in {"agreed", "disagreed"}
        asks_again = self.word[name] == "asks" and event is Event.ASK
        try:
            self.put.say(name, event, SAID[event], self.now)
        except MezhvedError as refused:
            expected = "joint_concluded" if answered and self.concluded is not None else "message_state_conflict"
            assert refused.code == expected
            assert asks_again or (answered and self.concluded is not None)
            return
        assert not asks_again
        assert not (answered and self.concluded is not None)
        self.word[name] = POSITION[event]

    @rule(name=st.sampled_from(PARTIES))
    def is_replied_to(self, name: str) -> None:
        if self.word[name] == "asks":
            self.put.reply(name, self.now)
            self.word[name] = "silent"

    @rule(days=st.integers(0, 9))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days, minutes=1)
        while watch_practice_timers(self.put.house, self.now):
            pass

    @precondition(lambda self: self.concluded is None)
    @rule(code=st.sampled_from(["taken", "not_taken", "withdrawn"]))
    def is_concluded(self, code: str) -> None:
        self.put.conclude(self.made, code, self.now)
        self.concluded = dict(self.word)

    @invariant()
    def the_decision_is_what_everybody_said_last(self) -> None:
        view = self.put.view(self.made, now=self.now)
        shown = {name: party.stand.position.value for name, party in zip(PARTIES, view.parties, strict=True)}
        silent = {"waiting", "overdue"}
        assert {n: "silent" if p in silent else p for n, p in shown.items()} == self.word
        if view.outcome is Outcome.AGREED:
            assert set(self.word.values()) == {"agreed"}, "agreement is everybody's own yes"
        if self.concluded is not None:
            counted = {name: view.decision.positions[self.put.world.who(name).id][0] for name in PARTIES}
            assert {n: "silent" if p in silent else p for n, p in counted.items()} == self.concluded

    @invariant()
    def a_term_runs_for_whom_one_waits_for_and_stands_for_whom_waits(self) -> None:
        found = {row.about: row.paused_at for row in running(self.put.house)}
        for name, message_id in self.put.messages.items():
            if self.word[name] in {"agreed", "disagreed"}:
                assert message_id not in found
            elif self.word[name] == "asks":
                assert found.get(message_id, "ended") is not None
            elif self.concluded is None:
                assert message_id in found
                assert found[message_id] is None


Talks.TestCase.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestTalks = Talks.TestCase
