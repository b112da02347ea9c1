"""Decision rules: the annotations of a Cedar policy as one typed value, and how several that apply become one.

A match means "this rule applies". Which one rules is decided here, by stage, order and the effects it may override; it is
never left to Cedar's own permit and forbid, where a forbid that fails to evaluate would fail open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from policies.ruling import Effect, RuleText
from schemas.errors import Broken
from schemas.model import Model

REQUIRED: Final = ("id", "effect", "stage", "order")
INHERITED: Final = ("cite", "confidence", "quiet", "title_ru", "remedy_ru")
"""Every policy has these; a part of a rule (after `#`) may leave them to the first policy of that rule."""
OPTIONAL: Final = ("over", "released")
"""What only some have: `over` those of later stages, `released` every hold and nothing else."""

_ALL: Final = (*REQUIRED, *INHERITED, *OPTIONAL)
_EFFECTS: Final = {effect.value: effect for effect in Effect}
_RELEASED: Final = "released"
_RELEASES: Final = frozenset(effect.value for effect in Effect if effect.releases)
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(#[a-z0-9_]+)?")


class Stage(Model):
    """One step of the evaluation. The first match of a `final` stage ends the ruling of a category."""

    name: str
    final: bool
    title_ru: str


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """One policy. `rank` is its place: stage, then order. `over`: effects of earlier stages that it replaces.
    `released`: what a hold becomes once a human has said yes; None for every other effect."""

    policy: str
    rule: str
    effect: Effect
    stage: str
    rank: tuple[int, int]
    over: frozenset[Effect]
    quiet: bool
    confidence: str
    text: RuleText
    released: Effect | None = None

    def replaces(self, earlier: Effect | None) -> bool:
        """Whether this rule counts after `earlier`. Nothing found yet counts as a denial for what overrides, and as an
        empty place for what does not."""
        if earlier is None:
            return not self.over or Effect.DENY in self.over
        return earlier in self.over


def ruling_rule(matches: Iterable[DecisionRule], stages: Sequence[Stage]) -> DecisionRule | None:
    """The one rule that decides, of all that apply to a category; None where none does (rules 2.3 and 3.1).

    Inside a stage the first that counts wins. A match in a final stage ends it. A later stage only lowers: what a policy
    may override is checked when the pack is loaded.
    """
    ordered = sorted(matches, key=lambda rule: rule.rank)
    current: DecisionRule | None = None
    for stage in stages:
        for rule in ordered:
            if rule.stage == stage.name and rule.replaces(current.effect if current else None):
                current = rule
                if stage.final:
                    return current
                break
    return current


def effect_if_released(hold: DecisionRule, matches: Iterable[DecisionRule], stages: Sequence[Stage]) -> Effect:
    """What a category held by `hold` becomes once a human has said yes: what the policy says, lowered by the later stages
    as they would lower any release. One yes answers all holds: a later one gives what it says itself."""
    effect = hold.released or hold.effect
    if stages[hold.rank[0]].final:
        return effect
    ordered = sorted(matches, key=lambda rule: rule.rank)
    for number in range(hold.rank[0] + 1, len(stages)):
        later = next((rule for rule in ordered if rule.rank[0] == number and rule.replaces(effect)), None)
        if later is not None:
            effect = max(effect, later.released or later.effect, key=lambda known: known.strictness)
    return effect


def obstacles(
    deciding: DecisionRule | None, matches: Iterable[DecisionRule], stages: Sequence[Stage]
) -> tuple[DecisionRule, ...]:
    """What else withholds or holds the category and would decide next if `deciding` were lifted, one for each rule.

    Of each stage these are the rules before the first that releases; of a stage that comes later, those that override.
    A final stage that releases ends it.
    """
    seen = {deciding.rule} if deciding else set()
    found: list[DecisionRule] = []
    ordered = sorted(matches, key=lambda rule: rule.rank)
    released: Effect | None = None  # what the stages so far release once everything that withholds is lifted
    for number, stage in enumerate(stages):
        for rule in (rule for rule in ordered if rule.rank[0] == number):
            if rule.effect.releases:
                if rule.replaces(released):
                    released = rule.effect
                    break
            elif rule.rule not in seen and (rule.over or released is None):
                seen.add(rule.rule)
                found.append(rule)
        if stage.final and released:
            break
    return tuple(found)


def read_rules(
    annotated: Iterable[Mapping[str, Any]], stages: Sequence[Stage], statements: Mapping[str, Any], file: str
) -> dict[str, DecisionRule]:
    """Decision rules by policy id, from the annotations of each policy in the order of the file.

    Raises Broken for a missing, unknown or impossible annotation, two policies with one id or one place, and a rule that
    `statements` (rules.json) does not have.
    """
    rules: dict[str, DecisionRule] = {}
    heads: dict[str, Mapping[str, str]] = {}
    places: dict[tuple[int, int], str] = {}
    for position, notes in enumerate(annotated):
        policy = str(notes.get("id") or f"policy number {position + 1}")
        for name in REQUIRED:
            if not notes.get(name):
                raise Broken("pack_annotation_missing", file=file, policy=policy, annotation=name)
        if policy in rules:
            raise Broken("pack_policy_duplicate", file=file, policy=policy)
        rule_id = policy.partition("#")[0]
        if rule_id not in statements:
            raise Broken("pack_rule_unknown", file=file, policy=policy, rule=rule_id)
        head = heads.setdefault(rule_id, notes)
        rule = _rule(policy, {**{name: head.get(name) for name in INHERITED}, **notes}, stages, file)
        if rule.rank in places:
            raise Broken("pack_order_duplicate", file=file, policy=policy, other=places[rule.rank])
        places[rule.rank] = policy
        rules[policy] = rule
    return rules


def _rule(policy: str, notes: Mapping[str, Any], stages: Sequence[Stage], file: str) -> DecisionRule:
    def refuse(annotation: str, expected: str) -> Broken:
        return Broken("pack_annotation_invalid", file=file, policy=policy, annotation=annotation, expected=expected)

    for name in notes:
        if name not in _ALL:
            raise refuse(name, "one of " + ", ".join(_ALL))
    held = notes["effect"] == Effect.HOLD
    for name in (*INHERITED, *((_RELEASED,) if held else ())):
        if notes.get(name) is None:
            raise Broken("pack_annotation_missing", file=file, policy=policy, annotation=name)
    names = [stage.name for stage in stages]
    for annotation, fits, expected in (
        ("id", _ID.fullmatch(policy), "RULE or RULE#part"),
        ("stage", notes["stage"] in names, ", ".join(names)),
        ("order", str(notes["order"]).isdecimal(), "a whole number"),
        ("quiet", notes["quiet"] in {"true", "false"}, "true or false"),
        ("effect", notes["effect"] in _EFFECTS, ", ".join(_EFFECTS)),
        (
            _RELEASED,
            notes[_RELEASED] in _RELEASES if held else _RELEASED not in notes,
            "P or M, and only with effect R",
        ),
    ):
        if not fits:
            raise refuse(annotation, expected)
    effect = _EFFECTS[notes["effect"]]
    over = str(notes.get("over") or "").split()
    if any(code not in _EFFECTS or _EFFECTS[code].strictness > effect.strictness for code in over):
        raise refuse("over", "effects not stricter than the policy's own: a later stage only lowers")
    rule_id = policy.partition("#")[0]
    return DecisionRule(
        policy=policy,
        rule=rule_id,
        effect=effect,
        stage=notes["stage"],
        rank=(names.index(notes["stage"]), int(notes["order"])),
        over=frozenset(_EFFECTS[code] for code in over),
        quiet=notes["quiet"] == "true",
        confidence=notes["confidence"],
        text=RuleText(rule_id, notes["cite"], notes["title_ru"], notes["remedy_ru"]),
        released=_EFFECTS[notes[_RELEASED]] if held else None,
    )
