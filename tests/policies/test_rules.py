"""How matches become one ruling: order inside a stage, final stages, and later stages that only lower."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policies.rules import DecisionRule, Stage, effect_if_released, obstacles, ruling_rule
from policies.ruling import Effect, RuleText

STAGES = tuple(
    Stage(name=name, final=final, title_ru=name)
    for name, final in (("gate", True), ("absolute", True), ("lane", False), ("filter", False), ("envelope", False))
)
P, M, R, D = Effect


def rule(stage, order, effect, over=(), released=None):
    number = [known.name for known in STAGES].index(stage)
    text = RuleText(f"{stage}-{order}", "", "", "")
    return DecisionRule(text.id, text.id, effect, stage, (number, order), frozenset(over), False, "V", text, released)


def ruled(*rules):
    found = ruling_rule(rules, STAGES)
    return found and (found.rule, found.effect)


def test_nothing_that_matches_is_nothing_that_rules():
    assert ruled() is None


def test_first_in_order_wins_inside_a_stage():
    assert ruled(rule("lane", 2, P), rule("lane", 1, D)) == ("lane-1", D)


def test_a_final_stage_ends_the_ruling():
    assert ruled(rule("gate", 1, P), rule("absolute", 1, D), rule("filter", 1, D, (P, M, R, D))) == ("gate-1", P)


def test_a_later_stage_overrides_only_what_it_names():
    blank, mask = rule("envelope", 1, D, (P, R)), rule("envelope", 2, M, (P,))
    assert ruled(rule("lane", 1, R), blank) == ("envelope-1", D)
    assert ruled(rule("lane", 1, R), mask) == ("lane-1", R)
    assert ruled(rule("lane", 1, P), mask) == ("envelope-2", M)
    assert ruled(rule("lane", 1, D), blank) == ("lane-1", D)


def test_an_override_with_its_own_rule_may_replace_a_denial():
    assert ruled(rule("lane", 1, D), rule("filter", 1, D, (P, M, R, D))) == ("filter-1", D)


def test_inside_a_later_stage_a_rule_that_does_not_count_gives_way_to_the_next():
    assert ruled(rule("lane", 1, P), rule("filter", 1, D, (R,)), rule("filter", 2, M, (P,))) == ("filter-2", M)


def test_an_override_of_permits_alone_does_not_count_where_nothing_was_found():
    assert ruled(rule("envelope", 1, M, (P,))) is None


BLANK, MASKED = rule("envelope", 1, D, (P, R)), rule("envelope", 2, M, (P,))


@pytest.mark.parametrize(
    ("hold", "others", "effect"),
    [
        (rule("lane", 1, R, released=P), (), P),
        (rule("lane", 1, R, released=M), (), M),
        (rule("lane", 1, R, released=P), (rule("lane", 2, D),), P),
        (rule("lane", 1, R, released=P), (MASKED,), M),
        (rule("lane", 1, R, released=M), (MASKED,), M),
        (rule("lane", 1, R, released=P), (rule("filter", 1, R, (P,), released=M),), M),
        (rule("lane", 1, R, released=M), (rule("filter", 1, R, (M,), released=P),), M),
        (rule("lane", 1, R, released=P), (rule("filter", 1, D, (P,)),), D),
        (rule("absolute", 1, R, released=P), (MASKED,), P),
    ],
)
def test_a_yes_gives_what_the_hold_says_lowered_by_later_stages(hold, others, effect):
    assert effect_if_released(hold, [*others, hold], STAGES) is effect


@pytest.mark.parametrize(
    ("matches", "found"),
    [
        ([rule("lane", 1, D)], []),
        ([rule("lane", 1, D), rule("lane", 2, R), rule("lane", 3, P), rule("lane", 4, D)], ["lane-2"]),
        ([rule("gate", 1, D), rule("lane", 2, D), BLANK], ["lane-2", "envelope-1"]),
        ([rule("gate", 1, D), rule("absolute", 1, P), rule("lane", 1, D), BLANK], []),
        ([rule("gate", 1, D), rule("absolute", 1, D), rule("lane", 1, P)], ["absolute-1"]),
        ([rule("lane", 1, D), rule("lane", 2, P), MASKED, rule("envelope", 3, D, (P, M))], []),
        ([rule("lane", 1, D), MASKED, rule("envelope", 3, D, (P, M))], ["envelope-3"]),
        ([rule("lane", 1, D), rule("lane", 2, P), rule("filter", 1, D)], []),
        ([rule("lane", 1, D), rule("filter", 1, D)], ["filter-1"]),
        ([rule("lane", 1, R), rule("filter", 1, D, (P, M, R, D))], ["lane-1"]),
    ],
)
def test_obstacles_are_what_would_decide_next(matches, found):
    deciding = ruling_rule(matches, STAGES)
    assert [known.rule for known in obstacles(deciding, reversed(matches), STAGES)] == found


def test_a_rule_is_one_obstacle_however_often_it_applies():
    twice = replace(rule("lane", 2, D), rule="same"), replace(rule("lane", 3, R), rule="same")
    assert obstacles(rule("lane", 1, D), twice, STAGES) == twice[:1]
    assert obstacles(twice[0], twice, STAGES) == ()


@st.composite
def rules(draw, effects=tuple(Effect)):
    effect = draw(st.sampled_from(effects))
    stage = draw(st.sampled_from([stage.name for stage in STAGES]))
    lower = [other for other in Effect if other.strictness <= effect.strictness]
    over = draw(st.sets(st.sampled_from(lower))) if stage in {"filter", "envelope"} else ()
    return rule(stage, draw(st.integers(0, 1000)), effect, over)


@settings(max_examples=100, deadline=None)
@given(st.lists(rules(), max_size=8), rules(effects=(R, D)))
def test_adding_a_rule_that_holds_or_denies_never_releases_more(known, added):
    places = {known_rule.rank for known_rule in known}
    assume(added.rank not in places and len(places) == len(known))
    before, after = ruling_rule(known, STAGES), ruling_rule([*known, added], STAGES)
    assert not (after and after.effect.releases) or (before is not None and before.effect.releases)
    assert after is None or after is before or not after.effect.releases


@settings(max_examples=50, deadline=None)
@given(st.lists(rules(), max_size=8), st.randoms(use_true_random=False))
def test_the_order_in_which_matches_arrive_does_not_matter(known, random):
    assume(len({known_rule.rank for known_rule in known}) == len(known))
    shuffled = random.sample(known, len(known))
    assert ruling_rule(known, STAGES) == ruling_rule(shuffled, STAGES)
