"""A rule added to the pack: one that withholds never releases more, and one that cannot be evaluated fails closed.

The rule is written as policy text into the files of the pack, and the pack is loaded with it: what is proved is true of what
a lawyer would write, not of a model of it.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.case_files import parse_cases
from policies.engine import Engine
from policies.files import PackFiles
from policies.pack import pack_of
from policies.predicates import POLICIES
from policies.ruling import Alarm, Effect
from tests.policies.strategies import CATEGORIES, ENGINE, KINDS, PACK, PURPOSES, facts_for

STAGES = {stage.name: number for number, stage in enumerate(PACK.manifest.stages)}
TAKEN = {rule.rank for rule in PACK.rules.values()}
LATER = {"filter", "envelope"}
FLAGS = (
    "on_route", "envelope_row", "emancipated", "authority_formal", "suspected", "sk64_act", "ipr_open", "named_in_plan",
    "in_plan", "location_protected", "ooip_is_rep", "onward", "adopters_written_consent", "accepted", "assigned",
    "agreement", "categories_unspecified", "deidentified",
)  # fmt: skip
OVERFLOW = "principal.today + 9223372036854775807 > 0"
ADDED = "RU-152-9-1#extra"


def codes(kind, known):
    return st.sampled_from(sorted(known)).map(lambda code: f'{kind}::"{code}"')


tests = st.one_of(
    st.just("true"),
    st.sampled_from(FLAGS).map(lambda flag: f"principal.{flag}"),
    st.sampled_from(["child", "parent"]).map(lambda subject: f'principal.subject == "{subject}"'),
    st.sampled_from(["caseworker", "dpo", "admin"]).map(lambda role: f'principal.role == "{role}"'),
    st.integers(0, 25).map(lambda age: f"principal.age_most >= {age}"),
    codes("Purpose", PURPOSES).map(lambda code: f"principal.purpose == {code}"),
    codes("Lane", PACK.tables.lanes).map(lambda code: f"principal.purpose in {code}"),
    codes("Kind", KINDS).map(lambda code: f"principal.org == {code}"),
    codes("KindGroup", {group for row in PACK.tables.kinds.values() for group in row.groups}).map(
        lambda code: f"principal.source in {code}"
    ),
    codes("Category", CATEGORIES).map(lambda code: f"resource == {code}"),
    codes("Class", {group for row in PACK.tables.categories.values() for group in row.classes}).map(
        lambda code: f"resource in {code}"
    ),
    st.sampled_from(["P", "M", "A", ""]).map(lambda cell: f'context.cell == "{cell}"'),
    st.just("(principal has consent && principal.consent.signed_by_subject)"),
)
predicates = st.lists(tests | tests.map(lambda test: f"!({test})"), min_size=1, max_size=2).flatmap(
    lambda parts: st.sampled_from([" && ", " || "]).map(lambda joint: joint.join(parts))
)


@st.composite
def policies(draw, effects, when):
    """The text of a policy of one of these effects, in a place that no other has."""
    effect, stage = draw(st.sampled_from(effects)), draw(st.sampled_from(sorted(STAGES)))
    order = draw(st.integers(0, 1100).filter(lambda order: (STAGES[stage], order) not in TAKEN))
    notes = {"id": ADDED, "effect": effect.value, "stage": stage, "order": order}
    if effect is Effect.HOLD:
        notes["released"] = draw(st.sampled_from(["P", "M"]))
    if stage in LATER:
        lower = [other.value for other in Effect if other.strictness <= effect.strictness]
        notes["over"] = " ".join(sorted(draw(st.sets(st.sampled_from(lower), min_size=1))))
    annotations = " ".join(f'@{name}("{value}")' for name, value in notes.items())
    return f"\n{annotations}\npermit (principal, action, resource) when {{ {draw(when)} }};\n"


def engine_with(policy):
    text = PACK.files.text(POLICIES) + policy
    return Engine(pack_of(PackFiles({**PACK.files.contents, POLICIES: text.encode()})), memo=0)


@settings(max_examples=25, deadline=None)
@given(policies((Effect.DENY, Effect.HOLD), predicates), st.lists(facts_for(PURPOSES), min_size=5, max_size=8))
def test_a_rule_that_denies_or_holds_never_releases_more(policy, questions):
    engine = engine_with(policy)
    for facts in questions:
        before, after = ENGINE.decide(facts), engine.decide(facts)
        assert after.alarms == ()
        for code, ruling in after.by_category.items():
            assert not ruling.effect.releases or ruling.effect is before.by_category[code].effect, code
            if ruling.policy != ADDED and ruling.effect.strictness < before.by_category[code].effect.strictness:
                assert ruling.effect is Effect.HOLD, code


@settings(max_examples=15, deadline=None)
@given(
    policies(
        tuple(Effect), st.sampled_from(CATEGORIES).map(lambda code: f'resource == Category::"{code}" && {OVERFLOW}')
    ),
    st.lists(facts_for(PURPOSES), min_size=2, max_size=4),
)
def test_a_rule_that_cannot_be_evaluated_denies_its_category_alarms_and_touches_no_other(policy, questions):
    engine = engine_with(policy)
    (category,) = (code for code in CATEGORIES if f'Category::"{code}"' in policy)
    for facts in questions:
        before, after = ENGINE.decide(facts), engine.decide(facts)
        ruling = after.by_category[category]
        assert (ruling.effect, ruling.rule, ruling.policy) == (Effect.DENY, PACK.manifest.default_rule, "")
        assert (ruling.if_released, ruling.obstacles) == (None, ())
        assert after.alarms == (Alarm("policy_error", category, ADDED),)
        assert {code: known for code, known in before.by_category.items() if code != category} == {
            code: known for code, known in after.by_category.items() if code != category
        }


@pytest.mark.parametrize("effect", [Effect.DENY, Effect.HOLD])
def test_the_added_rules_meet_releases(effect):
    """The property above would hold of rules that never apply: one that always does withholds everything."""
    released = '@released("P")' if effect is Effect.HOLD else ""
    notes = f'@id("{ADDED}") @effect("{effect.value}") @stage("gate") @order("1") {released}'
    engine = engine_with(f"\n{notes}\npermit (principal, action, resource);\n")
    cases = [case.facts for name, text in PACK.case_files.items() for case in parse_cases(text, name)]
    assert any(ENGINE.decide(facts).released() for facts in cases)
    assert not any(engine.decide(facts).released() for facts in cases)
