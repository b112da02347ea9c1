"""Sentences about rulings that hold for all facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.case_files import parse_cases
from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.facts_view import facts_view, typed
from policies.rules import ruling_rule
from policies.ruling import Effect
from schemas.categories import SECTION_CATEGORIES
from tests.policies.strategies import (
    CATEGORIES,
    CONSENT_PURPOSES,
    ENGINE,
    OTHER_PURPOSES,
    PACK,
    PURPOSES,
    TODAY,
    consents,
    facts_for,
    good_consents,
)


def effects(facts):
    return {category: (ruling.effect, ruling.rule) for category, ruling in ENGINE.decide(facts).by_category.items()}


def released_sections(facts):
    return [category for category in ENGINE.decide(facts).released() if category in SECTION_CATEGORIES]


@settings(max_examples=50, deadline=None)
@given(facts_for(PURPOSES))
def test_every_category_is_ruled_by_a_known_rule_and_without_alarm(facts):
    ruling = ENGINE.decide(facts)
    assert ruling.alarms == ()
    assert tuple(ruling.by_category) == CATEGORIES
    assert {known.rule for known in ruling.by_category.values()} <= set(PACK.statements)
    assert all("LOG" in known.obligations for known in ruling.by_category.values())


@settings(max_examples=20, deadline=None)
@given(facts_for(CONSENT_PURPOSES, consents | good_consents))
def test_a_withdrawn_expired_or_foreign_consent_releases_nothing(facts):
    consent = facts.consent
    for dead in (
        replace(consent, status="withdrawn"),
        replace(consent, valid_to=date(2026, 2, 28)),
        replace(consent, recipients=consent.recipients - {facts.org_id}),
        replace(consent, purposes=consent.purposes - {facts.purpose}),
        replace(consent, status="no such status"),
        None,
    ):
        assert released_sections(replace(facts, consent=dead)) == []


COMPLETIONS = {
    "own signature": lambda facts, consent: replace(consent, by=(*consent.by, SignerFacts("self"))),
    "category": lambda facts, consent: replace(consent, categories=frozenset(CATEGORIES)),
    "recipient": lambda facts, consent: replace(consent, recipients=consent.recipients | {facts.org_id}),
    "purpose": lambda facts, consent: replace(consent, purposes=consent.purposes | {facts.purpose}),
    "evidence": lambda facts, consent: replace(consent, evidence=True),
    "separate document": lambda facts, consent: replace(consent, separate=True),
    "written form": lambda facts, consent: replace(consent, form="paper", fields_complete=True),
    "term": lambda facts, consent: replace(consent, valid_to=date(2026, 3, 1)),
}


@pytest.mark.parametrize("completion", COMPLETIONS.values(), ids=COMPLETIONS)
@settings(max_examples=10, deadline=None)
@given(facts=facts_for(CONSENT_PURPOSES, good_consents))
def test_completing_a_consent_never_turns_a_release_into_a_denial(completion, facts):
    before = effects(facts)
    after = effects(replace(facts, consent=completion(facts, facts.consent)))
    assert [code for code in before if before[code][0].releases and after[code][0] is Effect.DENY] == []


def test_the_strategies_meet_releases():
    """The properties above would hold of facts that release nothing; these do not."""
    facts = Facts(
        org="FAMILY_CENTER",
        org_id="A",
        purpose="CASE_MGMT",
        today=TODAY,
        consent=ConsentFacts(
            form="paper",
            recipients=frozenset({"A"}),
            purposes=frozenset({"CASE_MGMT"}),
            categories=frozenset(SECTION_CATEGORIES),
            by=(SignerFacts("mother"),),
        ),
    )
    assert len(released_sections(facts)) == 12


@settings(max_examples=20, deadline=None)
@given(facts_for(OTHER_PURPOSES, st.none()), consents | good_consents)
def test_no_consent_moves_a_ruling_outside_the_consent_lane(facts, consent):
    assert effects(facts) == effects(replace(facts, consent=consent))


@settings(max_examples=20, deadline=None)
@given(facts_for(CONSENT_PURPOSES), facts_for(OTHER_PURPOSES))
def test_no_duty_or_right_moves_a_ruling_inside_the_consent_lane(facts, other):
    duty = {
        name: getattr(other, name)
        for name in (
            "sub", "trigger", "direct_threat", "authority_by", "authority_formal", "who", "suspected", "rep_rights",
            "sk64_act", "ipr_open", "named_in_plan", "in_plan", "ooip_is_rep", "min_cell", "deidentified",
        )
    }  # fmt: skip
    assert effects(facts) == effects(replace(facts, **duty))


@settings(max_examples=20, deadline=None)
@given(facts_for(PURPOSES), st.integers(0, 40))
def test_an_unknown_age_never_releases_what_a_known_age_would_not(facts, age):
    unknown = ENGINE.decide(replace(facts, age=None)).by_category
    known = ENGINE.decide(replace(facts, age=age)).by_category
    assert all(unknown[code].effect.strictness >= known[code].effect.strictness for code in CATEGORIES)


@settings(max_examples=20, deadline=None)
@given(facts_for(PURPOSES), st.permutations(CATEGORIES), st.integers(1, 12))
def test_what_else_is_requested_does_not_matter(facts, order, size):
    some = tuple(order[:size])
    whole, part = effects(facts), effects(replace(facts, requested=some))
    assert part == {category: whole[category] for category in some}


@settings(max_examples=20, deadline=None)
@given(facts_for(PURPOSES))
def test_protecting_an_address_never_releases_it_further(facts):
    open_address = ENGINE.decide(replace(facts, location_protected=False)).by_category["LOC"].effect
    protected = ENGINE.decide(replace(facts, location_protected=True)).by_category["LOC"].effect
    assert protected.strictness >= open_address.strictness


# --- what a human's yes gives, and what else stands in the way --------------------------------------------------------

SIGNED = (SignerFacts("self"), SignerFacts("mother"))
STAGES = PACK.manifest.stages


def signed(facts):
    return replace(facts, consent=replace(facts.consent, by=SIGNED, other_parent_objection=False))


WITHOUT_CAUSE = {
    "all signatures": (CONSENT_PURPOSES, signed),
    "a discloser the law obliges": (["GUARDIANSHIP"], lambda facts: replace(facts, source="FAMILY_CENTER")),
    "a court": (["AUTHORITY_REQUEST"], lambda facts: replace(facts, authority_by="court")),
    "a parent nobody suspects": (
        ["SUBJECT_ACCESS"],
        lambda facts: replace(facts, suspected=False, rep_rights="full"),
    ),
    "an older child": (["SUBJECT_ACCESS"], lambda facts: replace(facts, age=16)),
}
"""For the holds of these purposes, the same facts without their cause."""


def after_yes(ruling):
    return ruling.if_released or ruling.effect


@settings(max_examples=50, deadline=None)
@given(facts_for(PURPOSES))
def test_only_a_hold_says_what_a_yes_would_give(facts):
    for ruling in ENGINE.decide(facts).by_category.values():
        assert (ruling.if_released is not None) == (ruling.effect is Effect.HOLD)
        assert ruling.if_released is None or ruling.if_released.releases


@pytest.mark.parametrize(("purposes", "cured"), WITHOUT_CAUSE.values(), ids=WITHOUT_CAUSE)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_yes_never_gives_more_than_the_same_facts_without_the_cause_of_the_hold(purposes, cured, data):
    facts = data.draw(facts_for(purposes, good_consents | consents))
    held, without = ENGINE.decide(facts).by_category, ENGINE.decide(cured(facts)).by_category
    for code, ruling in held.items():
        if ruling.effect is Effect.HOLD:
            assert after_yes(ruling).strictness >= after_yes(without[code]).strictness, code


def test_the_holds_compared_are_met():
    """The comparison above would hold of facts that hold nothing: each cure is needed by some worked case."""
    cases = [case.facts for name, text in PACK.case_files.items() for case in parse_cases(text, name)]
    for purposes, cured in WITHOUT_CAUSE.values():
        lifted = set()
        for facts in (facts for facts in cases if facts.purpose in purposes and (facts.consent or cured is not signed)):
            held, without = ENGINE.decide(facts).by_category, ENGINE.decide(cured(facts)).by_category
            lifted |= {code for code in held if held[code].effect is Effect.HOLD and without[code].effect.releases}
        assert lifted


@pytest.mark.parametrize(
    ("facts", "released"),
    [
        ({"purpose": "GUARDIANSHIP", "org": "OOIP", "source": "NGO"}, {"OFF": "M", "PLN": "M", "ID": "P", "ADP": "P"}),
        (
            {"purpose": "CASE_MGMT", "org": "SCHOOL", "org_id": "A", "age": 16},
            {"ID": "P", "LOC": "M", "HLT": "M", "EDU": "P"},
        ),
        (
            {
                "purpose": "SUBJECT_ACCESS",
                "org": "SUBJECT",
                "who": "rep",
                "suspected": True,
                "location_protected": True,
            },
            {"META": "M", "RSK": "P"},
        ),
        ({"purpose": "STATS", "org": "RESEARCH", "deidentified": True}, {"RSK": "P"}),
        (
            {"purpose": "SIGNAL", "org": "HEALTH_AUTH", "source": "SCHOOL", "trigger": "substance"},
            {"HLT": "P"},
        ),
    ],
    ids=lambda value: value.get("purpose", ""),
)
def test_what_a_yes_gives(facts, released):
    consent = ConsentFacts(
        form="paper",
        recipients=frozenset({"A"}),
        purposes=frozenset({"CASE_MGMT"}),
        categories=frozenset(SECTION_CATEGORIES),
        by=(SignerFacts("mother"),),
    )
    ruling = ENGINE.decide(Facts(today=TODAY, requested=CATEGORIES, consent=consent, **facts)).by_category
    assert {code: str(ruling[code].if_released) for code in released} == released


@settings(max_examples=50, deadline=None)
@given(facts_for(PURPOSES))
def test_lifting_the_rule_and_its_obstacles_leaves_nothing_that_withholds(facts):
    view = typed(facts_view(facts, PACK.tables), PACK.manifest.entities)
    row = PACK.tables.envelopes.row(facts.purpose, facts.org) or {}
    matches = PACK.predicates.matches(view, {code: row.get(code, "") for code in CATEGORIES}, facts.purpose)
    for code, ruling in ENGINE.decide(facts).by_category.items():
        if ruling.effect.releases:
            assert ruling.obstacles == ()
            continue
        lifted = {ruling.rule, *(obstacle.id for obstacle in ruling.obstacles)}
        applying = [PACK.rules[policy] for policy in matches[code].policies]
        left = ruling_rule([rule for rule in applying if rule.effect.releases or rule.rule not in lifted], STAGES)
        assert left is None or left.effect.releases
        assert ruling.rule not in {obstacle.id for obstacle in ruling.obstacles}


def test_an_obstacle_is_the_true_rule_and_says_that_it_is_quiet():
    facts = Facts(org="SCHOOL", org_id="A", purpose="CASE_MGMT", today=TODAY, assigned=False, location_protected=True)
    ruling = ENGINE.decide(facts).by_category
    assert [(found.id, found.quiet) for found in ruling["LOC"].obstacles] == [
        ("RU-152-6-1", False),
        ("POL-LOC-1", True),
    ]
    assert [(found.id, found.quiet) for found in ruling["IDN"].obstacles] == [
        ("RU-152-6-1", False),
        ("RU-152-5-3", False),
    ]
    assert ruling["LOC"].obstacles[1].title_ru == PACK.rules["POL-LOC-1#consent"].text.title_ru
    assert {known.shown.id for known in ruling.values()} == {"POL-ROLE-3"}


def test_the_remedy_of_an_obstacle_names_the_route():
    facts = Facts(org="NGO", purpose="SIGNAL", today=TODAY, assigned=False, trigger="threat")
    (route, *_) = ENGINE.decide(facts).by_category["ID"].obstacles
    assert route.id == "RU-120-9-1"
    assert PACK.tables.kinds["OOIP"].title_ru in route.remedy_ru
