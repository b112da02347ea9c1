"""Whatever people do in whatever order: each message has exactly one who answers for it, nothing is lost, nobody else acts."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.use_cases.answer_message import answer_message
from gateway.use_cases.hand_message import assign_message, hand_over, return_to_queue, take_message
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_work import read_view
from gateway.use_cases.record_absence import end_absence, read_absences, record_absence
from gateway.use_cases.values import Requester
from gateway.use_cases.watch_queue import watch_queue
from schemas.errors import MezhvedError, NotPermitted, Unavailable
from schemas.ids import MessageId, PersonId
from schemas.lifecycle import Event
from tests import builders
from tests.builders import NOW
from tests.gateway.queues_world import item, keep, person, send

STAFF = {
    "head": "head",
    "one": "guardianship_specialist",
    "two": "guardianship_specialist",
    "officer": "dpo",
    "elsewhere": "head",
}
WORKERS = ("head", "one", "two")
who = st.sampled_from(sorted(STAFF))
worker = st.sampled_from(WORKERS)
which = st.integers(0, 2)


class Queue(RuleBasedStateMachine):
    """The model knows of each message who was given it, and who is away with which substitute."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mzq"))
        self.house = builders.sqlite_house(self.folder)
        self.town = builders.town(self.house)
        self.now: datetime = NOW
        self.people: dict[str, Requester] = {}
        for login, role in STAFF.items():
            home = self.town.stranger if login == "elsewhere" else self.town.guardianship
            self.people[login] = person(self.house, home, login, role)
        keep(self.house, self.town.guardianship)
        self.sent = [send(self.town, urgency=urgency, ref=urgency) for urgency in ("emergency", "urgent", "planned")]
        self.given: dict[MessageId, str | None] = dict.fromkeys(self.sent)
        self.read: set[MessageId] = set()
        self.done: set[MessageId] = set()
        self.away: dict[str, tuple[str | None, datetime]] = {}

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.house.store.engine.dispose()  # type: ignore[attr-defined]
            self.house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- the model ---------------------------------------------------------------------------------------------------

    def answers(self, login: str | None) -> str | None:
        seen: set[str] = set()
        while login is not None and login not in seen:
            absence = self.away.get(login)
            if absence is None or absence[1] <= self.now:
                return login
            seen.add(login)
            login = absence[0]
        return None

    def leads(self, login: str) -> bool:
        """Who answers for the head: the head, the substitute, and nobody else."""
        return login in WORKERS and self.answers("head") == login

    def holds(self, login: str, message: MessageId) -> bool:
        given = self.given[message]
        return self.leads(login) or (given is not None and self.answers(given) == login)

    def attempt(self, allowed: bool, deed: Any, *arguments: Any) -> bool:
        """A deed that the model forbids is refused; one that it allows may still meet a conflict."""
        try:
            deed(self.house, *arguments)
        except NotPermitted:
            assert not allowed or deed is take_message, "somebody was refused what is theirs"
            return False
        except Unavailable:
            assert not allowed
            return False
        except MezhvedError:
            return False
        assert allowed, "somebody did what is not theirs"
        return True

    # --- what people do ----------------------------------------------------------------------------------------------

    @rule(login=who, number=which)
    def take(self, login: str, number: int) -> None:
        message = self.sent[number]
        nobody = self.given[message] is None
        on_the_heads_list = self.leads(login) and self.answers(self.given[message]) is None
        if self.attempt(
            login in WORKERS and (nobody or on_the_heads_list), take_message, self.people[login], message, self.now
        ):
            assert message not in self.done
            self.given[message] = login

    @rule(login=who, number=which, to=worker)
    def assign(self, login: str, number: int, to: str) -> None:
        message = self.sent[number]
        if self.attempt(self.leads(login), assign_message, self.people[login], message, to, self.now):
            self.given[message] = to

    @rule(login=who, number=which, to=worker)
    def hand(self, login: str, number: int, to: str) -> None:
        message = self.sent[number]
        allowed = login in WORKERS and self.holds(login, message)
        if self.attempt(allowed, hand_over, self.people[login], message, to, "area", self.now):
            self.given[message] = to

    @rule(login=who, number=which)
    def put_back(self, login: str, number: int) -> None:
        message = self.sent[number]
        allowed = login in WORKERS and self.holds(login, message)
        if self.attempt(allowed, return_to_queue, self.people[login], message, "area", self.now):
            self.given[message] = None

    @rule(login=worker, number=which)
    def open_it(self, login: str, number: int) -> None:
        message = self.sent[number]
        try:
            opened = open_message(self.house, self.people[login], message, self.now)
        except MezhvedError:
            return
        if message not in self.read:  # the first opening takes; reading again what was put back does not
            self.given[message] = self.given[message] or login
        self.read.add(opened.message.id)

    @rule(login=worker, number=which)
    def answer(self, login: str, number: int) -> None:
        message = self.sent[number]
        try:
            answer_message(self.house, self.people[login], message, Event.ACCEPT, self.now)
        except MezhvedError:
            return
        self.done.add(message)

    @rule(login=worker, other=st.sampled_from([None, *WORKERS]), days=st.integers(0, 2))
    def go_away(self, login: str, other: str | None, days: int) -> None:
        today = self.now.date()
        try:
            made = record_absence(
                self.house, self.people[login], login, today, today + timedelta(days=days), other, self.now
            )
        except MezhvedError:
            assert other == login or login in self.away
            return
        self.away[login] = (other, made.to_at)

    @rule(login=worker)
    def come_back(self, login: str) -> None:
        found, _ = read_absences(self.house, self.people[login], self.now)
        for absence in found:
            if absence.person_id == self.people[login].person_id:
                end_absence(self.house, self.people[login], absence.id, self.now)
                self.away.pop(login, None)

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        watch_queue(self.house, self.now)
        self.away = {login: absence for login, absence in self.away.items() if absence[1] > self.now}

    # --- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def each_message_has_one_who_answers(self) -> None:
        if not hasattr(self, "sent"):
            return
        ids: dict[str | None, PersonId | None] = {login: p.person_id for login, p in self.people.items()}
        ids[None] = None
        views = {login: read_view(self.house, self.people[login], "mine", self.now) for login in WORKERS}
        free = {row.message.id for row in read_view(self.house, self.people["one"], "free", self.now).rows}
        everything = {row.message.id for row in read_view(self.house, self.people["one"], "all", self.now).rows}
        assert everything == set(self.sent) - self.done  # nothing is lost
        head = self.answers("head")
        for message in self.sent:
            given = self.given[message]
            kept = item(self.house, message, self.town.guardianship)
            assert kept.person_id == ids[given]
            if message in self.done:
                continue
            holders = {login for login, view in views.items() if message in {row.message.id for row in view.rows}}
            responsible = self.answers(given)
            if given is None:
                assert (holders, message in free) == (set(), True)
            elif responsible is not None:
                assert (holders, message in free) == ({responsible}, False)
            else:  # nobody is left: the head's list, if the head is there
                assert holders == ({head} if head else set())
        assert read_view(self.house, self.people["elsewhere"], "all", self.now).tabs.all == 0


Queue.TestCase.settings = settings(
    max_examples=8,
    stateful_step_count=16,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a step is slow, and sixteen of them are short enough to read
)
TestQueue = Queue.TestCase
