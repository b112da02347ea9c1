"""What a pack consists of, by stage, and how much of it its worked cases exercise."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from policies.case_files import Case
from policies.engine import Engine
from policies.ruling import Effect

MARKS: Final = ("V", "S", "K", "U", "POLICY")
"""Marks of confidence: wording seen, secondary source, from knowledge, uncertain, the product's own choice."""

_MARK: Final = re.compile(rf"\b(?:{'|'.join(MARKS)})\b")


@dataclass(frozen=True, slots=True)
class StageOverview:
    """One stage: how many policies and rules it has and what they do. `cases` is how many cases some policy of it decides,
    `unexercised` are the policies that decide none. `confidence` counts rules by mark; a rule may bear several."""

    name: str
    policies: int
    rules: int
    effects: Mapping[Effect, int]
    cases: int
    unexercised: tuple[str, ...]
    confidence: Mapping[str, int]


def overview(engine: Engine, cases: Iterable[Case]) -> tuple[StageOverview, ...]:
    """Every stage of the pack in its order."""
    pack = engine.pack
    decided: defaultdict[str, set[int]] = defaultdict(set)
    for number, case in enumerate(cases):
        for ruling in engine.decide(case.facts).by_category.values():
            decided[ruling.policy].add(number)
    found = []
    for stage in pack.manifest.stages:
        policies = [rule for rule in pack.rules.values() if rule.stage == stage.name]
        effects = Counter(rule.effect for rule in policies)
        marked = {(rule.rule, mark) for rule in policies for mark in _MARK.findall(rule.confidence)}
        marks = Counter(mark for _, mark in marked)
        found.append(
            StageOverview(
                name=stage.name,
                policies=len(policies),
                rules=len({rule.rule for rule in policies}),
                effects={effect: effects[effect] for effect in Effect},
                cases=len(set[int]().union(*(decided[rule.policy] for rule in policies))),
                unexercised=tuple(rule.policy for rule in policies if not decided[rule.policy]),
                confidence={mark: marks[mark] for mark in MARKS},
            )
        )
    return tuple(found)
