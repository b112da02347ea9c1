"""What a rule holds (R) waits for a person of the holder. A person's decision is a recorded fact with a term.

The released part goes at once; what is held is a row in the queue of the role that the pack names, with a deadline. The
decision counts for one recipient, one purpose, one rule, and for one message where it came up in one: it answers what
that rule held and nothing else, and ends by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.use_cases.facts import SubjectQuestion
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.tell_people import notice
from gateway.use_cases.values import CaseOnFile, Hold, Requester
from policies.ruling import CategoryRuling, Effect, Ruling
from schemas.ids import Category, EntryId, HoldId, MessageId, OrganisationId, SubjectId, new_id

DECIDED = "decided_by_people"
"""The recorded fact that somebody decided what a rule had held."""

Due = Mapping[tuple[SubjectId, Category], datetime]
"""By when a held category is decided."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The content of the fact: what was decided for which question."""

    purpose: str
    rule: str
    message_id: MessageId | None
    effects: Mapping[Category, Effect]

    def to_value(self) -> str:
        """As it is kept."""
        effects = {category: effect.value for category, effect in sorted(self.effects.items())}
        return json.dumps({"purpose": self.purpose, "rule": self.rule, "message": self.message_id, "effects": effects})

    @classmethod
    def from_value(cls, value: str) -> Decision:
        """The reverse of `to_value`."""
        kept = json.loads(value)
        effects = {Category(category): Effect(effect) for category, effect in kept["effects"].items()}
        return cls(kept["purpose"], kept["rule"], kept["message"], effects)


def with_decisions(
    house: House, case: CaseOnFile, question: SubjectQuestion, ruling: Ruling
) -> tuple[Ruling, Mapping[Category, Effect]]:
    """The ruling with what people have decided put in place of what was held, and which categories those are."""
    subject = next(subject for subject in case.subjects if subject.id == question.subject_id)
    message_id = case.message.id if case.message else None
    found: dict[Category, Effect] = {}
    rulings = dict(ruling.by_category)
    for fact in subject.facts:
        if fact.fact != DECIDED or question.facts.org_id not in fact.participants:
            continue
        decision = Decision.from_value(fact.value or "{}")
        if decision.purpose != question.facts.purpose or decision.message_id != message_id:
            continue
        for category, effect in decision.effects.items():
            held = rulings.get(category)
            if held is not None and held.effect is Effect.HOLD and held.rule == decision.rule:
                rulings[category] = _decided(house, question, held, effect)
                found[category] = rulings[category].effect
    if not found:
        return ruling, {}
    codes = {code: None for known in rulings.values() for code in known.obligations}
    return replace(ruling, by_category=rulings, obligations=tuple(codes)), found


def _decided(house: House, question: SubjectQuestion, held: CategoryRuling, effect: Effect) -> CategoryRuling:
    if effect.releases:
        return house.pack.after_hold(question.facts, held, effect)
    return replace(held, effect=Effect.DENY, if_released=None)


def open_holds(
    house: House,
    unit: Unit,
    requester: Requester,
    held: Iterable[tuple[CaseOnFile, SubjectQuestion, Ruling]],
    recipient_id: OrganisationId,
    entry_id: EntryId,
    now: datetime,
    message_id: MessageId | None,
) -> Due:
    """Put what is held into the queue of the holder's responsible person, once, and say by when it is decided."""
    questions = [
        (case, question, category, ruling)
        for case, question, ruled in held
        for category, ruling in ruled.by_category.items()
        if ruling.effect is Effect.HOLD
    ]
    if not questions:
        return {}
    waiting = unit.holds.waiting({question.subject_id for _, question, _, _ in questions}, recipient_id)
    due: dict[tuple[SubjectId, Category], datetime] = {}
    new: dict[tuple[SubjectId, str], Hold] = {}
    for case, question, category, ruling in questions:
        known = _waiting(waiting, question, category, ruling.rule, message_id)
        if known is None:
            key = (question.subject_id, ruling.rule)
            known = new.get(key) or _hold(
                house, requester, case, question, ruling, recipient_id, entry_id, now, message_id
            )
            new[key] = replace(
                known, categories={**known.categories, category: (ruling.if_released or Effect.DENY).value}
            )
        due[question.subject_id, category] = known.due_at
    unit.holds.add(list(new.values()))
    unit.notices.add([notice(hold.holder_id, hold.chain[0], "hold.waiting", hold.id, now) for hold in new.values()])
    return due


def _waiting(
    waiting: Sequence[Hold], question: SubjectQuestion, category: Category, rule: str, message_id: MessageId | None
) -> Hold | None:
    return next(
        (
            hold
            for hold in waiting
            if hold.subject_id == question.subject_id
            and hold.purpose == question.facts.purpose
            and hold.rule == rule
            and hold.message_id == message_id
            and category in hold.categories
        ),
        None,
    )


def _hold(
    house: House,
    requester: Requester,
    case: CaseOnFile,
    question: SubjectQuestion,
    ruling: CategoryRuling,
    recipient_id: OrganisationId,
    entry_id: EntryId,
    now: datetime,
    message_id: MessageId | None,
) -> Hold:
    assert case.discloser is not None
    book = house.pack.responsible.holds
    row = book.row(ruling.rule)
    return Hold(
        id=HoldId(new_id()),
        case_id=case.case_id,
        subject_id=question.subject_id,
        holder_id=case.discloser.id,
        recipient_id=recipient_id,
        message_id=message_id,
        purpose=question.facts.purpose,
        rule=ruling.rule,
        quiet=ruling.shown != ruling.true,
        categories={},
        asked_by=requester.actor,
        entry_id=entry_id,
        opened_at=now,
        # The same term whatever the rule, so that nothing can be read from it where the rule is quiet.
        due_at=house.pack.due(book.timer, now, case.discloser.zone),
        chain=row.chain,
        persons=row.persons,
    )
