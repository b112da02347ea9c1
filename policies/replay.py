"""Recorded decisions ruled again: by their own pack, which must give the same; by a proposed one, to see who gains and loses.

Pure. Records come as values and in groups: a group is what one entry decided about one case, a record for each subject, in
the order of the subjects' identifiers. The order counts: where several rulings on a shared section are equally strict,
the rule of the first was recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from policies.facts import Facts
from policies.ruling import CategoryRuling, Effect, Ruling
from schemas.ids import Category


class Rules(Protocol):
    """Whatever decides by one pack: `policies.engine.Engine`, `policies.decider.PackDecider`."""

    def decide(self, facts: Facts) -> Ruling: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was, or is, decided about one category: the effect and the true rule."""

    effect: Effect
    rule: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """The decision about one subject, as it was recorded.

    `key` is that of its entry, `recipient` a label that only the caller understands, `pack` the digest of the pack that
    decided. `facts` is None where the subject's keys are destroyed (law 12): this record cannot be ruled again, nor can
    what was ruled together with it. `together` says by category which records of the group share the section, by their
    places (its own may be among them); a subject has one section of a category at most. `human` is what people had
    decided after a hold; like the strictest of a shared section, it is in `rulings` already.
    """

    key: str
    recipient: str
    purpose: str
    pack: str
    facts: Facts | None
    rulings: Mapping[Category, Outcome]
    together: Mapping[Category, Sequence[int]] = field(default_factory=dict)
    human: Mapping[Category, Effect] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """A category that is not ruled as its record says. `place` is the record's in its group; None: not ruled at all."""

    key: str
    place: int
    category: Category
    recorded: Outcome | None
    ruled: Outcome | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay of one group found, and of how many categories: equal, different, or not to be told any more."""

    differences: tuple[Difference, ...]
    reproduced: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Change:
    """So many decisions on a category for a recipient and purpose would have another effect."""

    recipient: str
    purpose: str
    category: Category
    before: Effect
    after: Effect
    count: int

    @property
    def gains(self) -> bool:
        """Whether the recipient would see more than it did, and not less."""
        return self.after.strictness < self.before.strictness


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a proposed pack would change of all that is on record, counted in categories of subjects."""

    changes: tuple[Change, ...]
    unchanged: int
    unreadable: int

    @property
    def gained(self) -> int:
        """How often a recipient would see more."""
        return sum(change.count for change in self.changes if change.gains)

    @property
    def lost(self) -> int:
        """How often a recipient would see less."""
        return sum(change.count for change in self.changes if not change.gains)


def replay(group: Sequence[Recorded], rules: Rules) -> Replayed:
    """Rule a group again by the pack that its records name; effect and rule must be those on record."""
    differences: list[Difference] = []
    reproduced = unreadable = 0
    for place, (record, again) in enumerate(zip(group, _again(group, rules), strict=True)):
        for category in dict.fromkeys((*record.rulings, *again)):
            recorded, ruled = record.rulings.get(category), again.get(category)
            if _is_lost(group, place, category):
                unreadable += 1
            elif recorded == ruled:
                reproduced += 1
            else:
                differences.append(Difference(record.key, place, category, recorded, ruled))
    return Replayed(tuple(differences), reproduced, unreadable)


def compare(groups: Iterable[Sequence[Recorded]], proposed: Rules) -> Comparison:
    """What recipients would gain and lose, had the proposed pack decided. Groups are taken one by one, never all at once."""
    found: Counter[tuple[str, str, Category, Effect, Effect]] = Counter()
    unchanged = unreadable = 0
    for group in groups:
        for place, (record, again) in enumerate(zip(group, _again(group, proposed), strict=True)):
            for category, recorded in record.rulings.items():
                # What the facts do not ask about is not ruled, and what is not ruled is not shown.
                after = again[category].effect if category in again else Effect.DENY
                if _is_lost(group, place, category):
                    unreadable += 1
                elif recorded.effect is after:
                    unchanged += 1
                else:
                    found[record.recipient, record.purpose, category, recorded.effect, after] += 1
    return Comparison(tuple(Change(*what, count) for what, count in sorted(found.items())), unchanged, unreadable)


def _again(group: Sequence[Recorded], rules: Rules) -> list[dict[Category, Outcome]]:
    """What every record that can be read is ruled now. As at the door, a shared section takes the strictest of what its
    subjects are ruled each, after people have decided what was held."""
    own = [_own(record, rules) for record in group]
    return [
        {
            category: max(
                (own[sharer][category] for sharer in _sharers(group, place, category) if category in own[sharer]),
                key=lambda outcome: outcome.effect.strictness,
            )
            for category in outcomes
        }
        for place, outcomes in enumerate(own)
    ]


def _own(record: Recorded, rules: Rules) -> dict[Category, Outcome]:
    if record.facts is None:
        return {}
    ruled = rules.decide(record.facts).by_category
    return {
        category: Outcome(_after_people(ruling, record.human.get(category)), ruling.rule)
        for category, ruling in ruled.items()
    }


def _after_people(ruling: CategoryRuling, human: Effect | None) -> Effect:
    """What somebody decided answers a hold and nothing else. A yes gives at most what the pack lets it give; whether a
    person would say it again to a hold by another rule is not known, and it is taken as said."""
    if ruling.effect is not Effect.HOLD or human is None:
        return ruling.effect
    return max(human, ruling.if_released or human, key=lambda effect: effect.strictness)


def _sharers(group: Sequence[Recorded], place: int, category: Category) -> list[int]:
    return sorted({place, *group[place].together.get(category, ())})


def _is_lost(group: Sequence[Recorded], place: int, category: Category) -> bool:
    return any(group[sharer].facts is None for sharer in _sharers(group, place, category))
