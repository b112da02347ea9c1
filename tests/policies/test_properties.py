"""Sentences about rulings that hold for all facts."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.engine import Engine
from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.pack import shipped_pack
from policies.ruling import Effect
from schemas.categories import SECTION_CATEGORIES

PACK = shipped_pack("ru")
ENGINE = Engine(PACK)
TODAY = date(2026, 3, 1)
KINDS = sorted(PACK.tables.kinds)
PURPOSES = sorted(PACK.tables.purposes)
CONSENT_PURPOSES = [code for code in PURPOSES if PACK.tables.lane(code) == "consent"]
OTHER_PURPOSES = [code for code in PURPOSES if PACK.tables.lane(code) != "consent"]
CATEGORIES = tuple(PACK.tables.categories)
FORMS = ("paper", "qes", "nes", "checkbox", None)

signers = st.builds(
    SignerFacts,
    who=st.sampled_from(["self", "mother", "father", "guardian"]),
    rights=st.sampled_from(["full", "full", "full", "limited", "terminated"]),
    verified=st.booleans(),
    suspected=st.booleans(),
    sk64=st.booleans(),
    minor_parent_under16=st.booleans(),
)
consents = st.builds(
    ConsentFacts,
    status=st.sampled_from(["active", "active", "active", "withdrawn", "invalidated"]),
    form=st.sampled_from(FORMS),
    separate=st.booleans(),
    given_on=st.none() | st.dates(date(2024, 1, 1), TODAY),
    valid_to=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    recipients=st.sets(st.sampled_from(["A", "B"])).map(frozenset),
    purposes=st.sets(st.sampled_from(CONSENT_PURPOSES)).map(frozenset),
    categories=st.sets(st.sampled_from(CATEGORIES)).map(frozenset),
    by=st.lists(signers, max_size=3).map(tuple),
    other_parent_objection=st.booleans(),
    objector_suspected=st.booleans(),
    fields_complete=st.booleans(),
    evidence=st.booleans(),
)
# Signed and in force, so that a property about releases meets many of them.
good_consents = st.builds(
    ConsentFacts,
    form=st.sampled_from(["paper", "checkbox"]),
    given_on=st.just(date(2026, 1, 10)),
    recipients=st.just(frozenset({"A"})),
    purposes=st.just(frozenset(CONSENT_PURPOSES)),
    categories=st.sets(st.sampled_from(SECTION_CATEGORIES), min_size=8).map(frozenset),
    by=st.sampled_from(
        [(SignerFacts("mother"),), (SignerFacts("self"), SignerFacts("mother")), (SignerFacts("self"),)]
    ),
    fields_complete=st.booleans(),
)


any_consent = st.none() | good_consents | consents


def facts_for(purposes, consent=any_consent):
    """Facts for one of `purposes`, past the gates more often than not."""
    flags = {field.name: st.booleans() for field in fields(Facts) if field.type == "bool"}
    rarely = st.sampled_from([True] * 9 + [False])
    flags |= {"agreement": rarely, "assigned": rarely, "categories_unspecified": rarely.map(lambda flag: not flag)}
    return st.builds(
        Facts,
        org=st.sampled_from(KINDS),
        org_id=st.sampled_from(["A", "A", "B"]),
        source=st.sampled_from(KINDS),
        purpose=st.sampled_from(purposes),
        today=st.just(TODAY),
        sub=st.sampled_from(["", "placement"]),
        trigger=st.sampled_from(["", *PACK.tables.routes]),
        subject=st.sampled_from(["child", "parent"]),
        age=st.none() | st.integers(0, 40),
        requested=st.just(CATEGORIES),
        consent=consent,
        direct_threat=st.sampled_from([None, True, False]),
        authority_by=st.sampled_from(["", "court", "control", "prosecutor"]),
        who=st.sampled_from(["", "self", "rep"]),
        rep_rights=st.sampled_from(["full", "limited", "terminated"]),
        role=st.sampled_from(["caseworker"] * 5 + ["dpo", "admin"]),
        org_country=st.sampled_from(["RU"] * 9 + ["FI"]),
        storage_country=st.sampled_from(["RU"] * 9 + ["DE"]),
        channel=st.sampled_from([""] * 9 + ["foreign_messenger"]),
        min_cell=st.integers(0, 20),
        **flags,
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
