"""What tests of joint decisions share: a centre of the Moscow programme, whom it puts a matter to, and one decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import Answer
from gateway.use_cases.change_practice import change_practice
from gateway.use_cases.conclude_joint_decision import conclude_joint_decision
from gateway.use_cases.house import House
from gateway.use_cases.joint_values import JointDecision
from gateway.use_cases.joint_view import JointView, PartyView
from gateway.use_cases.propose_joint_decision import propose_joint_decision
from gateway.use_cases.read_joint_decision import read_joint_decision
from gateway.use_cases.values import MessageOnFile
from schemas.ids import MessageId, new_id
from schemas.joint import JointDecisionDraft
from schemas.lifecycle import Event
from tests.builders import NOW, organisation
from tests.gateway.exchange.world import World, child, world

CENTRE = "moscow"
"""The proposer: a family centre of the Moscow programme."""
PARTIES = ("guardianship", "kdn", "centre")
RISK = Answer(reason="risk", words="Нужен ещё месяц наблюдения")
SETTINGS = {"timer.joint_decision": "on", "joint_decision.term": "3 working_day"}


@dataclass
class Council:
    """A world in which the proposer may name the child to its parties."""

    world: World
    messages: dict[str, MessageId] = field(default_factory=dict)

    @property
    def house(self) -> House:
        return self.world.house

    def draft(self, *parties: str, **changes: Any) -> JointDecisionDraft:
        given = {
            "operation_id": new_id(),
            "matter": "open",
            "parties": [{"ogrn": self.world.who(name).ogrn} for name in parties or PARTIES],
            "persons": [child("joint_decision")],
            **changes,
        }
        return JointDecisionDraft.model_validate(given)

    def propose(self, *parties: str, now: datetime = NOW, **changes: Any) -> JointDecision:
        """Put to these, delivered and opened."""
        made = propose_joint_decision(self.house, self.system, self.draft(*parties, **changes), now).decision
        relay_once(self.house, now)
        for name, party in zip(parties or PARTIES, made.parties, strict=True):
            self.messages[name] = party.message_id
            self.world.open(name, party.message_id, now)
        return made

    @property
    def system(self) -> Any:
        return self.world.system(CENTRE)

    def say(self, name: str, event: Event, said: Answer | None = None, now: datetime = NOW) -> MessageOnFile:
        return self.world.answer(name, self.messages[name], event, said, now)

    def reply(self, name: str, now: datetime = NOW) -> MessageOnFile:
        return self.world.answer(CENTRE, self.messages[name], Event.REPLY, Answer(words="Жильё есть"), now)

    def view(self, made: JointDecision, name: str = CENTRE, now: datetime = NOW) -> JointView:
        return read_joint_decision(self.house, self.world.system(name), made.id, now)

    def positions(self, made: JointDecision, name: str = CENTRE, now: datetime = NOW) -> list[str]:
        return [party.stand.position.value for party in self.view(made, name, now).parties]

    def party(self, made: JointDecision, name: str, now: datetime = NOW) -> PartyView:
        view = self.view(made, now=now)
        return next(p for p in view.parties if p.organisation and p.organisation.id == self.world.who(name).id)

    def conclude(self, made: JointDecision, conclusion: str = "taken", now: datetime = NOW) -> JointDecision:
        return conclude_joint_decision(self.house, self.system, made.id, conclusion, now)

    def set(self, now: datetime = NOW, **more: str) -> None:
        """Switch the tools on; the names of settings have dots, so they come in a mapping of their own."""
        for name, value in {**SETTINGS, **more}.items():
            change_practice(self.house, self.system, name, value, now)


def council(house: House, *, plan: bool = True, **more: Any) -> Council:
    """The proposer is in one open plan of prevention work with all parties, or in none."""
    made = world(house)
    made.more[CENTRE] = organisation(house, "family_centre", "Центр программы (тест)", practice="moscow", **more)
    made.child_of(CENTRE)
    if plan:
        made.plan(CENTRE, CENTRE, *PARTIES)
    return Council(made)
