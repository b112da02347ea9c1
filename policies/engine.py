"""The ruling: facts in, one effect per category out, with the rule that decided and what it obliges to.

The engine knows how rules are ordered and combined. It knows no article, category, kind of organisation or purpose: those
are the pack's. What cannot be evaluated is denied and alarmed, never permitted.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from policies.facts import Facts
from policies.facts_view import facts_view, typed
from policies.obligations import attach
from policies.pack import Pack
from policies.predicates import Matches
from policies.rules import DecisionRule, effect_if_released, obstacles, ruling_rule
from policies.ruling import Alarm, CategoryRuling, Effect, ObstacleForHolder, RuleText, Ruling
from schemas.ids import Category

MEMO: Final = 8192
"""Rulings kept per engine: about the distinct situations of a busy day; a ruling is a few kilobytes."""

_BLANK: Final = ""
_NOTHING: Final = Matches(())


class Engine:
    """Decides by one pack. Pure and safe to share between threads."""

    def __init__(self, pack: Pack, memo: int = MEMO) -> None:
        self.pack = pack
        self._remembered = functools.lru_cache(maxsize=memo)(self._decide)

    def decide(self, facts: Facts) -> Ruling:
        """The ruling on every requested category. Never raises: what cannot be decided is denied by the default rule.

        The decision is a pure function of `facts` and is remembered as such; the facts are the caller's to gather anew
        at each request. A ruling with alarms must be reported by the caller.
        """
        return self._remembered(facts)

    def _decide(self, facts: Facts) -> Ruling:
        pack, tables, stages = self.pack, self.pack.tables, self.pack.manifest.stages
        view = facts_view(facts, tables)
        row = tables.envelopes.row(facts.purpose, facts.org) or {}
        requested = dict.fromkeys(facts.requested)
        cells = {category: row.get(category, _BLANK) for category in requested if category in tables.categories}
        matches = pack.predicates.matches(typed(view, pack.manifest.entities), cells, facts.purpose) if cells else {}
        rows = pack.obligations.concerning({**view, "lane": tables.lane(facts.purpose)})
        rulings: dict[Category, CategoryRuling] = {}
        alarms: list[Alarm] = []
        reasons: dict[str, str] = {}
        for category in requested:
            found = matches.get(category, _NOTHING)
            alarms.extend(found.alarms)
            applying = [] if found.alarms else [pack.rules[policy] for policy in found.policies]
            rule = ruling_rule(applying, stages)
            effect = rule.effect if rule else Effect.DENY
            text = self._text(rule, facts)
            classes = tables.categories[category].classes if category in cells else ()
            attached = attach(rows, effect, classes, text.id)
            reasons.update(attached.reasons)
            rulings[category] = CategoryRuling(
                category=category,
                effect=effect,
                rule=text.id,
                shown=pack.neutral[effect] if rule and rule.quiet else text,
                true=text,
                policy=rule.policy if rule else "",
                obligations=attached.codes,
                if_released=effect_if_released(rule, applying, stages) if rule and effect is Effect.HOLD else None,
                obstacles=() if effect.releases else self._obstacles(rule, applying, facts),
                reasons=attached.reasons,
            )
        codes = {code for ruling in rulings.values() for code in ruling.obligations}
        return Ruling(
            pack=pack.identity,
            by_category=MappingProxyType(rulings),
            obligations=tuple(code for code in pack.obligations.codes if code in codes),
            reasons=MappingProxyType(reasons),
            alarms=tuple(alarms),
        )

    def after_hold(self, facts: Facts, held: CategoryRuling, effect: Effect) -> CategoryRuling:
        """A held category that a human has released, with the obligations of what is released now. The rule stays: it is
        why a human was asked. `effect` is never milder than the pack lets a yes give."""
        if held.if_released is None:
            return held
        lowered = max(effect, held.if_released, key=lambda known: known.strictness)
        view = {**facts_view(facts, self.pack.tables), "lane": self.pack.tables.lane(facts.purpose)}
        row = self.pack.tables.categories.get(held.category)
        attached = attach(self.pack.obligations.concerning(view), lowered, row.classes if row else (), held.rule)
        codes = {*held.obligations, *attached.codes}
        return replace(
            held,
            effect=lowered,
            shown=self.pack.neutral[lowered] if held.shown != held.true else held.true,
            obligations=tuple(code for code in self.pack.obligations.codes if code in codes),
            if_released=None,
            obstacles=(),
            reasons={**held.reasons, **attached.reasons},
        )

    def with_rulings(self, ruling: Ruling, by_category: Mapping[Category, CategoryRuling]) -> Ruling:
        """A ruling of which some categories were decided otherwise, with what all of them oblige to now."""
        codes = {code for known in by_category.values() for code in known.obligations}
        return replace(
            ruling,
            by_category=MappingProxyType(dict(by_category)),
            obligations=tuple(code for code in self.pack.obligations.codes if code in codes),
        )

    def _obstacles(
        self, rule: DecisionRule | None, applying: Iterable[DecisionRule], facts: Facts
    ) -> tuple[ObstacleForHolder, ...]:
        found = [
            (self._text(other, facts), other.quiet) for other in obstacles(rule, applying, self.pack.manifest.stages)
        ]
        return tuple(
            ObstacleForHolder(text.id, text.citation, text.title_ru, text.remedy_ru, quiet) for text, quiet in found
        )

    def _text(self, rule: DecisionRule | None, facts: Facts) -> RuleText:
        text = rule.text if rule else self.pack.default
        if "{route}" not in text.remedy_ru:
            return text
        route = self.pack.tables.routes.get(facts.trigger)
        kinds = [self.pack.tables.kinds[code].title_ru for code in route.recipients] if route else ["—"]
        return RuleText(text.id, text.citation, text.title_ru, text.remedy_ru.replace("{route}", "; ".join(kinds)))
