"""What a rule holds (R) waits for a person of the holder. A person's decision is a recorded fact with a term.

The released part goes at once; what is held is a row in the queue of the role that the pack names, with a deadline. The
decision counts for one recipient, one purpose, one rule, one consent where it rests on one, and for one message where it
came up in one: it answers what that rule held and nothing else, and ends by itself.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.evidence.entry import new_salt
from gateway.use_cases.facts import SubjectQuestion
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.tell_people import notice
from gateway.use_cases.values import CaseOnFile, Hold, Requester
from policies.ruling import CategoryRuling, Effect, Ruling
from schemas.ids import Category, ConsentId, EntryId, HoldId, MessageId, OrganisationId, SubjectId, new_id

DECIDED = "decided_by_people"
"""The recorded fact that somebody decided what a rule had held."""

Due = Mapping[tuple[SubjectId, Category], datetime]
"""By when a held category is decided."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The content of the fact: what was decided for which question. Another consent, of another signer perhaps, is another
    question."""

    purpose: str
    rule: str
    message_id: MessageId | None
    consent_id: ConsentId | None
    effects: Mapping[Category, Effect]

    def to_value(self) -> str:
        """As it is kept."""
        return json.dumps(
            {
                "purpose": self.purpose,
                "rule": self.rule,
                "message": self.message_id,
                "consent": self.consent_id,
                "effects": {category: effect.value for category, effect in sorted(self.effects.items())},
            }
        )

    def answers(self, question: SubjectQuestion, message_id: MessageId | None) -> bool:
        """Whether it was this question."""
        asked = (question.facts.purpose, message_id, question.consent_id)
        return (self.purpose, self.message_id, self.consent_id) == asked

    @classmethod
    def from_value(cls, value: str) -> Decision:
        """The reverse of `to_value`."""
        kept = json.loads(value)
        effects = {Category(category): Effect(effect) for category, effect in kept["effects"].items()}
        return cls(kept["purpose"], kept["rule"], kept["message"], kept["consent"], effects)


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
        if not decision.answers(question, message_id):
            continue
        for category, held in rulings.items():
            # Of a message all was decided: what it does not have reads like what was refused.
            effect = decision.effects.get(category, Effect.DENY if message_id else None)
            if effect is not None and held.effect is Effect.HOLD and held.rule == decision.rule:
                rulings[category] = _decided(house, question, held, effect)
                found[category] = rulings[category].effect
    return (house.pack.with_rulings(ruling, rulings), found) if found else (ruling, {})


def _decided(house: House, question: SubjectQuestion, held: CategoryRuling, effect: Effect) -> CategoryRuling:
    decided = house.pack.after_hold(question.facts, held, effect)
    return decided if decided.effect.releases else replace(decided, obstacles=held.obstacles)


@dataclass(frozen=True, slots=True)
class Held:
    """What one rule holds of one subject, and what a yes would give."""

    case: CaseOnFile
    question: SubjectQuestion
    rule: str
    quiet: bool
    categories: Mapping[Category, str]


def held_questions(case: CaseOnFile, question: SubjectQuestion, own: Ruling, shared: Ruling) -> list[Held]:
    """One for each rule that holds anything of this subject. What siblings share and one of them is denied is no question:
    a yes would give nothing of it."""
    found: dict[str, Held] = {}
    for category, ruling in own.by_category.items():
        if ruling.effect is not Effect.HOLD or shared.by_category[category].effect is not Effect.HOLD:
            continue
        known = found.get(ruling.rule) or Held(case, question, ruling.rule, ruling.shown != ruling.true, {})
        given = (ruling.if_released or Effect.DENY).value
        found[ruling.rule] = replace(known, categories={**known.categories, category: given})
    return list(found.values())


def only_of(held: Held, contents: Container[tuple[SubjectId, Category]]) -> Held:
    """The part of a question that is about these sections."""
    subject_id = held.question.subject_id
    inside = {category: given for category, given in held.categories.items() if (subject_id, category) in contents}
    return replace(held, categories=inside)


def open_holds(
    house: House,
    unit: Unit,
    requester: Requester,
    questions: Sequence[Held],
    recipient_id: OrganisationId,
    entry_id: EntryId,
    now: datetime,
    message_id: MessageId | None = None,
) -> Due:
    """Put what is held into the queue of the holder's responsible person, and say by when it is decided.

    A question waits once, however often and by whomever it is asked; a category that is asked for later joins it.
    """
    if not questions:
        return {}
    due: dict[tuple[SubjectId, Category], datetime] = {}
    waiting = _waiting(unit, questions, recipient_id, message_id)
    for held in sorted(questions, key=_key):
        hold = waiting.get(_key(held))
        if hold is None:
            hold = _hold(house, requester, held, recipient_id, entry_id, now, message_id)
            if unit.holds.add(hold):
                unit.notices.add([notice(hold.holder_id, hold.chain[0], "hold.waiting", hold.id, now)])
            else:
                hold = _waiting(unit, [held], recipient_id, message_id)[_key(held)]
        if held.categories.keys() - hold.categories.keys():
            unit.holds.save(replace(hold, categories={**held.categories, **hold.categories}))
        due |= {(hold.subject_id, category): hold.due_at for category in held.categories}
    return due


def _key(held: Held) -> tuple[SubjectId, str]:
    return held.question.subject_id, held.rule


def _waiting(
    unit: Unit, questions: Sequence[Held], recipient_id: OrganisationId, message_id: MessageId | None
) -> Mapping[tuple[SubjectId, str], Hold]:
    subjects = {held.question.subject_id for held in questions}
    found = unit.holds.waiting(subjects, recipient_id, questions[0].question.facts.purpose, message_id)
    return {(hold.subject_id, hold.rule): hold for hold in found}


def _hold(
    house: House,
    requester: Requester,
    held: Held,
    recipient_id: OrganisationId,
    entry_id: EntryId,
    now: datetime,
    message_id: MessageId | None,
) -> Hold:
    holder = held.case.discloser
    assert holder is not None
    book = house.pack.responsible.holds
    row = book.row(held.rule)
    return Hold(
        id=HoldId(new_id()),
        case_id=held.case.case_id,
        subject_id=held.question.subject_id,
        holder_id=holder.id,
        recipient_id=recipient_id,
        message_id=message_id,
        purpose=held.question.facts.purpose,
        rule=held.rule,
        quiet=held.quiet,
        categories=held.categories,
        asked_by=requester.actor,
        entry_id=entry_id,
        opened_at=now,
        # The same term whatever the rule, so that nothing can be read from it where the rule is quiet.
        due_at=house.pack.due(book.timer, now, holder.zone),
        chain=row.chain,
        salt=new_salt(),
        persons=row.persons,
    )
