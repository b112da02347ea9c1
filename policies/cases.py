"""Worked cases run against an engine: every difference of effect and deciding rule, and what a file of cases decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from policies.case_files import Case, Expected, parse_cases
from policies.engine import Engine
from schemas.ids import Category


@dataclass(frozen=True, slots=True)
class Difference:
    """A category that was ruled otherwise than its case says."""

    category: Category
    expected: Expected
    ruled: Expected


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case and every difference found in it; none means that it holds."""

    case: Case
    differences: tuple[Difference, ...]


def run_cases(engine: Engine, cases: Iterable[Case]) -> list[CaseResult]:
    """Each case decided and compared, effect and rule of every expected category."""
    return [_compare(engine, case) for case in cases]


def decide_cases(engine: Engine, text: str | bytes, file: str) -> list[dict[str, Any]]:
    """What `mezhved policy decide` prints: a list of `{n, rulings: {category: {effect, rule, cite, obligations}}}`."""
    decided = []
    for case in parse_cases(text, file):
        rulings = engine.decide(case.facts).by_category.values()
        by_category = {
            ruling.category: {
                "effect": ruling.effect.value,
                "rule": ruling.rule,
                "cite": ruling.true.citation,
                "obligations": list(ruling.obligations),
            }
            for ruling in rulings
        }
        decided.append({"n": case.n, "rulings": by_category})
    return decided


def _compare(engine: Engine, case: Case) -> CaseResult:
    by_category = engine.decide(case.facts).by_category
    differences = []
    for category, expected in case.expected.items():
        ruling = by_category[category]
        ruled = Expected(ruling.effect, ruling.rule)
        if ruled != expected:
            differences.append(Difference(category, expected, ruled))
    return CaseResult(case, tuple(differences))
