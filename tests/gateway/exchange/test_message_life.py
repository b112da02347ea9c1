"""The life of messages: whoever tries what in whatever order, a message stands where the table put it and nowhere else.

No state is reached by a forbidden actor, no outcome without the receipts before it, what was taken back is never read, and a
third organisation gets for a real message what it gets for an invented one.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import REASONS, Answer
from gateway.use_cases.read_queue import read_message_state, read_queue
from schemas.codes import code_lists
from schemas.errors import MezhvedError
from schemas.ids import MessageId
from schemas.lifecycle import TRANSITIONS, WITHDRAWN, Actor, Event, State
from schemas.messages import message_types
from tests import builders
from tests.builders import NOW
from tests.gateway.exchange.world import World, world

SENDER, RECIPIENT, THIRD = "ngo", "guardianship", "school"
KINDS = ("inquiry", "signal", "joint_decision", "position_request", "council_invitation")
TRIED = sorted(set(Event) - {Event.SUBMIT, Event.DISCARD, Event.OPEN, Event.ANSWER, Event.REDIRECT})
OUTCOMES = {row.next for row in TRANSITIONS if row.actor is Actor.RECIPIENT} - {State.OPENED}
TABLE = {(row.state, row.event): row for row in TRANSITIONS}


@dataclass
class Model:
    """A message as the table alone would have it."""

    kind: str
    state: State = State.SUBMITTED
    events: list[Event] = field(default_factory=lambda: [Event.SUBMIT])

    def move(self, event: Event) -> None:
        self.state = TABLE[self.state, event].next
        self.events.append(event)


class LifeOfMessages(RuleBasedStateMachine):
    """Two sides, a third, the relay; and messages of types that are answered in different ways."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mzm"))
        self.world: World = world(builders.sqlite_house(self.folder))
        self.world.grant(SENDER, RECIPIENT)
        self.models: dict[MessageId, Model] = {}
        self.now = NOW

    @rule(kind=st.sampled_from(KINDS))
    def send(self, kind: str) -> None:
        self.now += timedelta(minutes=1)
        more = {"trigger": "no_care"} if kind == "signal" else {}
        named = None if kind in {"inquiry", "signal", "council_invitation"} else True
        sent = self.world.send(kind, SENDER, RECIPIENT, self.now, named=named, **more).message
        self.models[sent.id] = Model(kind)

    @rule()
    def relay(self) -> None:
        self.now += timedelta(minutes=1)
        relay_once(self.world.house, self.now)
        for model in self.models.values():
            if model.state is State.SUBMITTED:
                model.move(Event.DELIVER)

    @rule(data=st.data(), who=st.sampled_from((SENDER, RECIPIENT, THIRD)))
    def open(self, data: st.DataObject, who: str) -> None:
        message_id = self._some(data)
        if message_id is None:
            return
        self.now += timedelta(minutes=1)
        model = self.models[message_id]
        came = Event.DELIVER in model.events
        try:
            opened = self.world.open(who, message_id, self.now)
        except MezhvedError as error:
            assert error.code == "message_unavailable"
            assert who != RECIPIENT or not came
            return
        assert who == RECIPIENT
        assert came
        if model.state in WITHDRAWN:
            assert (opened.content.subjects, opened.words) == ((), {}), "what was taken back is read by nobody"
        if model.state is State.DELIVERED:
            model.move(Event.OPEN)

    @rule(data=st.data(), who=st.sampled_from((SENDER, RECIPIENT, THIRD)), event=st.sampled_from(TRIED))
    def act(self, data: st.DataObject, who: str, event: Event) -> None:
        message_id = self._some(data)
        if message_id is None:
            return
        self.now += timedelta(minutes=1)
        model = self.models[message_id]
        row = TABLE.get((model.state, event))
        actor = {SENDER: Actor.SENDER, RECIPIENT: Actor.RECIPIENT}.get(who)
        visible = who == SENDER or (who == RECIPIENT and Event.DELIVER in model.events)
        of_type = event in message_types()[model.kind].events
        of_sender = event in {Event.CANCEL, Event.RECALL, Event.ENTER_IN_ERROR}
        expected = visible and row is not None and row.actor is actor and (of_type or of_sender)
        try:
            self.world.answer(who, message_id, event, full_answer(event), self.now)
        except MezhvedError as error:
            assert not expected, (model, who, event, error.code)
            if not visible:
                assert error.code == "message_unavailable"
            return
        assert expected, (model, who, event)
        model.move(event)

    @invariant()
    def each_stands_where_the_table_put_it(self) -> None:
        if not hasattr(self, "models"):
            return
        for message_id, model in self.models.items():
            seen = read_message_state(self.world.house, self.world.system(SENDER), message_id, self.now)
            assert seen is not None
            assert (seen.state, [receipt.event for receipt in seen.receipts]) == (model.state, model.events)
            assert [receipt.at for receipt in seen.receipts] == sorted(receipt.at for receipt in seen.receipts)
            if seen.state in OUTCOMES and seen.state is not State.FAILED:
                assert model.events[:3] == [Event.SUBMIT, Event.DELIVER, Event.OPEN], "an outcome without its receipts"
            theirs = read_message_state(self.world.house, self.world.system(RECIPIENT), message_id, self.now)
            assert (theirs is not None) == (Event.DELIVER in model.events)
            assert read_message_state(self.world.house, self.world.system(THIRD), message_id, self.now) is None

    @invariant()
    def a_third_sees_an_empty_queue(self) -> None:
        if hasattr(self, "models"):
            assert list(read_queue(self.world.house, self.world.system(THIRD), self.now)) == []

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def _some(self, data: st.DataObject) -> MessageId | None:
        return data.draw(st.sampled_from(sorted(self.models))) if self.models else None


def full_answer(event: Event) -> Answer:
    """An answer that has all that any event needs."""
    reason = next(iter(code_lists()[REASONS[event]])) if event in REASONS else None
    return Answer(reason=reason, words="Слова без имён", none_because="none_known", statute="Закон, статья 5")


TestLifeOfMessages = LifeOfMessages.TestCase
TestLifeOfMessages.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
