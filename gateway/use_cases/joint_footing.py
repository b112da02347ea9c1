"""Whether a party may still be told what becomes of a joint decision: decided at each reading, by the footing of its message.

That a matter is put to others, what they say of it and how it ends is the course of a case (category PLN). To whom the child
was named it is shown as long as the rules open that to it: a consent that was withdrawn, limited or ran out opens nothing, a
plan of prevention work does while it is open, whatever became of a consent. To whom nobody was named, inside its own thread,
nothing of a family is told, and nothing ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from gateway.use_cases.disclose import RuledCase, rule
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import CaseOnFile, MessageOnFile
from policies.ruling import CategoryRuling
from schemas import categories as c
from schemas.ids import MessageId, OrganisationId

COURSE: Final = c.PLAN
"""The category of everything about the course of a case."""


@dataclass(frozen=True, slots=True)
class Footings:
    """By which rule the matter is closed to a party, by its message; whom it is open to is not in it. `versions` are what that
    rests on (law 4)."""

    closed: Mapping[MessageId, CategoryRuling] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)


def footings(
    house: House, unit: Unit, viewer: OrganisationId, messages: Sequence[MessageOnFile], now: datetime
) -> Footings:
    """Of messages that came to the viewer; the number of statements does not depend on how many there are."""
    named = [message for message in messages if message.purpose]
    if not named:
        return Footings()
    gathered = unit.facts.of_messages(viewer, [message.id for message in named], now)
    by_question: dict[Question, list[CaseOnFile]] = {}
    for case in gathered.cases:
        if case.message is not None:
            by_question.setdefault(_question(case.message), []).append(case)
    closed: dict[MessageId, CategoryRuling] = {}
    for question, cases in by_question.items():
        for ruled in rule(house, replace(gathered, cases=tuple(cases)), question, now):
            stopped = _closed(house, ruled)
            if stopped is not None and ruled.case.message is not None:
                closed[ruled.case.message.id] = stopped
    return Footings(closed, gathered.versions)


def closed_to(house: House, unit: Unit, message: MessageOnFile, now: datetime) -> CategoryRuling | None:
    """By which rule the matter is closed to the party that this message put it to; None where it is open to it."""
    return footings(house, unit, message.recipient_id, [message], now).closed.get(message.id)


def _question(message: MessageOnFile) -> Question:
    return Question(message.purpose, (COURSE,), trigger=message.trigger or "", statute=message.statute or "")


def _closed(house: House, ruled: RuledCase) -> CategoryRuling | None:
    """A matter of several children is as closed as it is for any of them; whose ruling that was is never named. Whom its
    recipient does not see in the message, it is not ruled on either."""
    seen = [ruled.rulings[subject.id] for subject in ruled.case.subjects if subject.sent]
    if not seen:
        return None
    strictest = house.pack.strictest(seen, COURSE).by_category[COURSE]
    return None if strictest.effect.releases else strictest
