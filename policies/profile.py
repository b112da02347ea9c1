"""A practice profile: how the people of one practice work, as one file of data. Models of the file, and look-ups in it.

A profile says what may follow what, by when, and what is counted. It rules on no disclosure: that is the pack's alone.
Numbers stand in it only where the practice prints them; what it leaves open is a setting of its organisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field

from policies.terms import Term, Unit
from policies.timers import Rule
from schemas.model import Model

Words = Annotated[str, Field(min_length=1)]
Side = Literal["recipient", "sender"]
SettingKind = Literal["text", "term", "hours", "number", "roles"]

Phase = Literal["before", "open", "closed", "after", "turned"]
_PHASES: Final[Mapping[str, Phase]] = {
    "signal_received": "before",
    "first_visit": "before",
    "intake_decision": "before",
    "case_closed": "closed",
    "post_support": "after",
    "signal_refused": "turned",
    "signal_redirected": "turned",
}
OPENED: Final = "case_opened"
CLOSED: Final = "case_closed"
"""Stages of `deti-nashi`, onto which those of the others map."""

NOT_USED: Final = "not_used"
"""What a practice refuses on principle: it is said so, and no form is offered."""


class TermRow(Model):
    """An amount of a unit: «1.5 month»."""

    amount: Annotated[Decimal, Field(gt=0)]
    unit: Unit

    @property
    def term(self) -> Term:
        """As it is counted. Raises ValueError for a part that has no term."""
        return Term.from_amount(self.amount, self.unit)


class StageRow(Model):
    """A stage, and the stage of `deti-nashi` that it maps onto. `named_by`: the setting that names it, where the practice
    itself has but a number."""

    title_ru: Words
    same_as: str
    named_by: str | None = None


class EventRow(Model):
    """Something that is recorded on a case. `to`: the stage it leads into. `ends_all`: everything that ran is over.
    `new_case`: what follows belongs into a new case, which inherits the documents of this one."""

    title_ru: Words
    to: str | None = None
    ends_all: bool = False
    new_case: bool = False


class PracticeTimerRow(Model):
    """What must happen by when. `terms` are several dues from one start. `starts` and `ends` are events of the case;
    one that is in both begins the next round. `messages`: types whose delivery starts it, and on which side it runs;
    `when`: only messages that say so start it, by type, then by field: the trigger, or a coded note. `answered`: the
    recipient's answer to that message ends it. `service`: the setting with the hours in which it runs.

    Where the practice prints no term, `set_by` is the setting that holds it; until it is set nothing runs. `chain_by`: the
    setting with who is told when it passes, in the place of the practice's chain. `each`: one for each message, also where
    the case is one's own. `asked`: the reason for which it stands still while the other side waits for an answer to its
    question. `sent`: types of one's own messages about the case that end it as they are sent; `came`: types of others' messages
    about the case that end it as they are first opened."""

    title_ru: Words
    terms: tuple[TermRow, ...] = ()
    set_by: str | None = None
    chain_by: str | None = None
    each: bool = False
    asked: str | None = None
    sent: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    warn: TermRow | None = None
    reminder: bool = False
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    messages: Mapping[str, Side] = {}
    when: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
    answered: bool = False
    service: str | None = None
    source_ru: str = ""

    @property
    def repeats(self) -> bool:
        """Whether what ends it begins it again."""
        return not set(self.starts).isdisjoint(self.ends)

    def meant_by(self, message_type: str, said: Mapping[str, str | None]) -> bool:
        """Whether a message of this type that says so by its codes, several separated by spaces, is about this timer."""
        asked = self.when.get(message_type, {})
        return all(not set(codes).isdisjoint((said.get(name) or "").split(" ")) for name, codes in asked.items())

    def rule(self, term: Term) -> Rule:
        """The rule of one due."""
        return Rule(term, self.warn.term if self.warn else None, self.reminder)


class ChainStep(Model):
    """Who is told: these roles of one's own organisation, and with `both` its head's counterpart at the other side of a
    message."""

    roles: Annotated[tuple[str, ...], Field(min_length=1)]
    both: bool = False


class EscalationRow(Model):
    """Who hears of a term that passed, one step after the other, and how long each step waits for the next."""

    chain: Annotated[tuple[ChainStep, ...], Field(min_length=1)]
    step: TermRow
    source_ru: Words


class DecisionRow(Model):
    """Who decides on taking a case, how, and to whom it goes on without agreement."""

    how_ru: Words
    by: tuple[str, ...] = ()
    then: tuple[str, ...] = ()


class NormRow(Model):
    """A norm of quality: it informs, and blocks nothing. `at_least`, `at_most` as the practice prints them. `level`: a norm
    about cases of one level of a score, as `score.level`."""

    title_ru: Words
    unit_ru: Words
    level: str | None = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    usual: Decimal | None = None


class IndicatorRow(Model):
    """What the practice counts: a share of something, or a number."""

    title_ru: Words
    of_ru: str = ""


class LevelRow(Model):
    """A level of a score. `above` names the setting with the least sum of it, where the practice prints none."""

    title_ru: Words
    at_least: int | None = None
    at_most: int | None = None
    above: str | None = None


class CriterionRow(Model):
    """One thing that is scored, with words for its points where the practice has them."""

    title_ru: Words
    points_ru: tuple[str, ...] = ()


class ScoreRow(Model):
    """A score of a case. It serves its holder alone: no summary, no message and no export of others has it."""

    title_ru: Words
    criteria: Mapping[str, CriterionRow]
    least: int | None = None
    most: int | None = None
    levels: Mapping[str, LevelRow]


class ToolRow(Model):
    """A procedure that the practice wants and has not agreed on: who takes part, and the settings of its terms. A timer of
    the same code runs it, where its organisation switched that on; `steps_ru` are what people do next."""

    title_ru: Words
    parties: tuple[str, ...]
    term: str
    chain: str
    steps_ru: tuple[str, ...] = ()


class SettingRow(Model):
    """What an organisation of the practice may set. There is no default: unset is unset."""

    title_ru: Words
    kind: SettingKind


class TypeRow(Model):
    """A type of case; `category` is the data category that it belongs to where it betrays more than the course."""

    title_ru: Words
    category: str | None = None


class MayRow(Model):
    """Which roles set what is open, record events and stop clocks, score, keep and read the records of a case, see the load
    of all. A partner's system answers for its people."""

    set: Annotated[tuple[str, ...], Field(min_length=1)]
    record: Annotated[tuple[str, ...], Field(min_length=1)]
    score: Annotated[tuple[str, ...], Field(min_length=1)]
    keep: Annotated[tuple[str, ...], Field(min_length=1)]
    load: Annotated[tuple[str, ...], Field(min_length=1)]


class Profile(Model):
    """The whole file. `closing_alone` are criteria of which one is enough, `until_majority` scenarios that last until the
    youngest child is of age. `comes_with`: events that are recorded together with a record of a case, by its kind.
    `wellbeing_at_closing`: each child's quality of life is recorded once more when a case is closed."""

    title_ru: Words
    whose_ru: Words
    special_ru: Words
    not_used: tuple[str, ...] = ()
    first_stage: str
    stages: Mapping[str, StageRow]
    transitions: Mapping[str, tuple[str, ...]]
    decision: DecisionRow
    events: Mapping[str, EventRow]
    timers: Mapping[str, PracticeTimerRow]
    may: MayRow
    escalation: EscalationRow
    pause_reasons: Mapping[str, Words]
    forms: Mapping[str, Words] = {}
    norms: Mapping[str, NormRow] = {}
    indicators: Mapping[str, IndicatorRow] = {}
    scores: Mapping[str, ScoreRow | Literal["not_used"]] = {}
    scenarios: Mapping[str, Words] = {}
    case_types: Mapping[str, TypeRow] = {}
    until_majority: tuple[str, ...] = ()
    closing: Mapping[str, Words] = {}
    closing_alone: tuple[str, ...] = ()
    readiness: Mapping[str, Words] = {}
    spheres: Mapping[str, Words] = {}
    wellbeing_at_closing: bool = False
    needs: Mapping[str, Words] = {}
    comes_with: Mapping[str, str] = {}
    checklist: Mapping[str, Mapping[str, Words]] = {}
    tools: Mapping[str, ToolRow] = {}
    settings: Mapping[str, SettingRow] = {}

    def may_follow(self, stage: str | None, to: str) -> bool:
        """Whether a case in `stage` (None: not begun) may come into `to`. To stay where one is, is no change."""
        if stage is None:
            return to == self.first_stage
        return to == stage or to in self.transitions.get(stage, ())

    def phase(self, stage: str | None) -> Phase:
        """What the work on a case in this stage is: not taken up yet, open, closed, supported afterwards, or turned away."""
        row = self.stages.get(stage or "")
        return _PHASES.get(row.same_as, "open") if row else "before"

    def into(self, same_as: str) -> tuple[str, ...]:
        """The events that lead into a stage which maps onto this one."""
        return tuple(
            code for code, row in self.events.items() if row.to is not None and self.stages[row.to].same_as == same_as
        )

    def ended_by(self, event: str) -> frozenset[str]:
        """The timers that an event ends."""
        if self.events[event].ends_all:
            return frozenset(self.timers)
        return frozenset(code for code, row in self.timers.items() if event in row.ends)

    def started_by(self, event: str) -> tuple[str, ...]:
        """The timers that an event starts, in the order of the file."""
        return tuple(code for code, row in self.timers.items() if event in row.starts)

    def started_by_message(self, message_type: str) -> Mapping[str, Side]:
        """The timers that the delivery of a message of this type starts, and on which side."""
        return {code: row.messages[message_type] for code, row in self.timers.items() if message_type in row.messages}

    def answered(self, side: Side) -> frozenset[str]:
        """The timers of this side that the recipient's answer to their message ends."""
        return frozenset(code for code, row in self.timers.items() if row.answered and side in row.messages.values())

    def ended_by_sending(self, message_type: str) -> frozenset[str]:
        """The timers that end as one sends a message of this type about their case."""
        return frozenset(code for code, row in self.timers.items() if message_type in row.sent)

    def ended_by_coming(self, message_type: str) -> frozenset[str]:
        """The timers that end as a message of this type about their case comes from another and is opened."""
        return frozenset(code for code, row in self.timers.items() if message_type in row.came)
