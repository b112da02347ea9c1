"""Replay: the pack that decided gives the same again, and a proposed one is told apart category by category."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.decider import PackDecider
from policies.engine import Engine
from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.pack import load_pack, shipped_pack
from policies.replay import Change, Comparison, Difference, Outcome, Recorded, Replayed, compare, replay
from policies.ruling import Effect
from schemas.categories import SECTION_CATEGORIES
from tests.policies.test_properties import PURPOSES, facts_for

PACK = shipped_pack("ru")
ENGINE, DECIDER = Engine(PACK), PackDecider("ru")
SOURCE = Path(__file__).parents[2] / "policies" / "packs" / "ru"
ROW = "CASE_MGMT,OOIP,P,P,P,P,P,P,P,P,P,P,P,P,M"
CHILD = Facts(
    org="OOIP",
    org_id="A",
    source="NGO",
    purpose="CASE_MGMT",
    today=date(2026, 3, 1),
    requested=SECTION_CATEGORIES,
    consent=ConsentFacts(
        form="paper",
        recipients=frozenset({"A"}),
        purposes=frozenset({"CASE_MGMT"}),
        categories=frozenset(SECTION_CATEGORIES),
        by=(SignerFacts("mother"),),
    ),
)
UNSIGNED = replace(CHILD, consent=None)
WITHDRAWN = replace(CHILD, consent=replace(CHILD.consent, status="withdrawn"))
HELD = replace(CHILD, consent=replace(CHILD.consent, other_parent_objection=True))
P, M, R, D = Effect


def outcomes(ruling):
    return {category: Outcome(known.effect, known.rule) for category, known in ruling.by_category.items()}


def recorded(group, sharing=(), people=None, recipient="first"):
    """A group as the door records it: holds that `people` answered, by place; then `sharing`, a sequence of categories
    with the places that share a section."""
    found, decided = [], []
    for place, facts in enumerate(group):
        ruling = ENGINE.decide(facts)
        rulings, known = dict(ruling.by_category), {}
        for category, effect in (people or {}).get(place, {}).items():
            held = rulings[category]
            if held.effect is R:
                yes = ENGINE.after_hold(facts, held, effect)
                rulings[category] = yes if effect.releases else replace(held, effect=D)
                known[category] = rulings[category].effect
        found.append(replace(ruling, by_category=rulings))
        decided.append(known)
    for category, places in sharing:
        strictest = DECIDER.strictest([found[place] for place in sorted(places)], category)
        for place in places:
            shared = {**found[place].by_category, category: strictest.by_category[category]}
            found[place] = replace(found[place], by_category=shared)
    return [
        Recorded(
            key="entry",
            recipient=recipient,
            purpose=facts.purpose,
            pack=PACK.identity.digest,
            facts=Facts.from_canonical(facts.canonical()),
            rulings=outcomes(found[place]),
            together={category: sorted(places) for category, places in sharing if place in places},
            human=decided[place],
        )
        for place, facts in enumerate(group)
    ]


def changed(record, category, effect, rule):
    return replace(record, rulings={**record.rulings, category: Outcome(effect, rule)})


@pytest.fixture
def changed_engine(tmp_path):
    """The engine of a pack in which a cell of the envelope of a guardianship body is another."""

    def make(row):
        copy = Path(shutil.copytree(SOURCE, tmp_path / "pack"))
        table = (copy / "envelopes.csv").read_text("utf-8")
        assert table.count(ROW) == 1
        (copy / "envelopes.csv").write_text(table.replace(ROW, row), "utf-8")
        return Engine(load_pack(copy))

    return make


# Situations of one question that are often held or refused, so that decisions of people and shared sections meet.
situations = st.sampled_from([CHILD, HELD, HELD, UNSIGNED, WITHDRAWN])
random_facts = st.sampled_from(PURPOSES).flatmap(lambda purpose: st.lists(facts_for([purpose]), min_size=1, max_size=4))


@st.composite
def groups(draw):
    """Up to four subjects of one question, disjoint sets of them that share sections, and what people decided."""
    group = draw(st.lists(situations, min_size=1, max_size=4) | random_facts)
    places = range(len(group))
    answers = st.dictionaries(st.sampled_from(SECTION_CATEGORIES), st.sampled_from([P, M, D]), max_size=8)
    sharing = []
    for category in draw(st.sets(st.sampled_from(SECTION_CATEGORIES), max_size=8)):
        order, cut = draw(st.permutations(places)), draw(st.integers(0, len(group)))
        sharing += [(category, set(part)) for part in (order[:cut], order[cut:]) if len(part) > 1]
    return group, sharing, {place: draw(answers) for place in places}


# --- the pack that decided -------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(groups())
def test_the_pack_that_decided_gives_the_same_again(group):
    records = recorded(*group)
    total = sum(len(record.rulings) for record in records)
    assert replay(records, ENGINE) == Replayed((), total, 0)
    assert compare([records], ENGINE) == Comparison((), total, 0)


def test_a_shared_section_takes_the_strictest_and_the_rule_of_the_first():
    """Each alone is ruled otherwise; of two equally strict rulings the rule of the first is on record."""
    records = recorded([CHILD, WITHDRAWN, UNSIGNED], [("HLT", {0, 1, 2})])
    rules = [outcomes(ENGINE.decide(facts))["HLT"].rule for facts in (CHILD, WITHDRAWN, UNSIGNED)]
    assert len(set(rules)) == 3
    assert {record.rulings["HLT"] for record in records} == {Outcome(D, rules[1])}
    assert replay(records, ENGINE).differences == ()
    apart = [replace(record, together={}) for record in records]
    assert [(known.place, known.category, known.ruled) for known in replay(apart, ENGINE).differences] == [
        (0, "HLT", Outcome(P, rules[0])),
        (2, "HLT", Outcome(D, rules[2])),
    ]


@pytest.mark.parametrize("other", [Outcome(D, "RU-152-6-1"), Outcome(P, "POL-WRK-1")])
def test_another_effect_or_another_rule_is_a_difference(other):
    (record,) = recorded([CHILD])
    forged = changed(record, "HLT", other.effect, other.rule)
    found = replay([forged], ENGINE)
    assert found.differences == (Difference("entry", 0, "HLT", other, record.rulings["HLT"]),)
    assert found.reproduced == len(SECTION_CATEGORIES) - 1


def test_a_ruling_too_few_or_too_many_is_a_difference():
    (record,) = recorded([replace(CHILD, requested=("ID", "HLT"))])
    (fewer,) = replay([replace(record, rulings={"ID": record.rulings["ID"]})], ENGINE).differences
    assert (fewer.category, fewer.recorded, fewer.ruled) == ("HLT", None, record.rulings["HLT"])
    (more,) = replay([changed(record, "LOC", P, "POL-0-1")], ENGINE).differences
    assert (more.category, more.recorded, more.ruled) == ("LOC", Outcome(P, "POL-0-1"), None)


def test_what_was_decided_with_destroyed_facts_cannot_be_told_any_more():
    """Its own record, and of the others what they shared with it; the rest is still compared."""
    first, second = recorded([UNSIGNED, CHILD], [("HLT", {0, 1})])
    group = [replace(first, facts=None), second]
    lost = len(SECTION_CATEGORIES) + 1
    assert replay(group, ENGINE) == Replayed((), len(SECTION_CATEGORIES) - 1, lost)
    assert compare([group], ENGINE) == Comparison((), len(SECTION_CATEGORIES) - 1, lost)


# --- what people decided ---------------------------------------------------------------------------------------------

HOLD = Outcome(R, "the rule that holds")


class Played:
    """Rules that say the same of every category, whatever the facts."""

    def __init__(self, effect, if_released=None):
        self.effect, self.if_released = effect, if_released

    def decide(self, facts):
        ruling = ENGINE.decide(facts)
        said = {
            category: replace(known, effect=self.effect, rule=HOLD.rule, if_released=self.if_released)
            for category, known in ruling.by_category.items()
        }
        return replace(ruling, by_category=said)


@pytest.mark.parametrize("decided", [P, M, D], ids=["released", "released masked", "refused"])
def test_what_people_decided_is_reproduced_where_the_rules_held(decided):
    """The rule on record stays the one that held; siblings who share the section are ruled on what was decided."""
    rules = Played(R)
    records = [
        Recorded("entry", "first", "CASE_MGMT", "", HELD, {"HLT": Outcome(decided, HOLD.rule)}, {}, {"HLT": decided}),
        Recorded("entry", "first", "CASE_MGMT", "", HELD, {"HLT": HOLD}),
    ]
    asked = [replace(record, facts=replace(HELD, requested=("HLT",))) for record in records]
    assert replay(asked, rules) == Replayed((), 2, 0)
    assert compare([asked], rules) == Comparison((), 2, 0)
    strictest = Outcome(max(decided, R, key=lambda effect: effect.strictness), HOLD.rule)
    shared = [replace(record, rulings={"HLT": strictest}, together={"HLT": [0, 1]}) for record in asked]
    assert replay(shared, rules) == Replayed((), 2, 0)


def test_the_engine_holds_what_the_cases_above_play():
    """A hold of the pack, and the release of it on record."""
    (record,) = recorded([HELD])
    category = next(code for code, known in record.rulings.items() if known.effect is R)
    given = ENGINE.decide(HELD).by_category[category].if_released
    assert given.releases
    released = replace(changed(record, category, given, record.rulings[category].rule), human={category: given})
    assert replay([released], ENGINE).differences == ()
    assert compare([[released]], ENGINE).changes == ()
    (forgotten,) = replay([replace(released, human={})], ENGINE).differences
    assert (forgotten.recorded.effect, forgotten.ruled.effect) == (given, R)


def test_a_release_of_what_the_rules_did_not_hold_is_a_difference():
    (record,) = recorded([UNSIGNED])
    released = replace(changed(record, "HLT", P, record.rulings["HLT"].rule), human={"HLT": P})
    (found,) = replay([released], ENGINE).differences
    assert (found.recorded.effect, found.ruled.effect) == (P, D)


@pytest.mark.parametrize(
    ("human", "proposed", "after"),
    [
        (P, Played(R, P), P),
        (P, Played(R, M), M),  # a yes would give less
        (M, Played(R, P), M),  # nor more than it gave
        (M, Played(P), P),  # nobody is asked any more
        (P, Played(D), D),  # no yes answers a denial
        (D, Played(R, P), D),  # somebody said no
        (D, Played(M), M),
    ],
)
def test_what_people_decided_answers_the_hold_of_a_proposed_pack(human, proposed, after):
    facts = replace(HELD, requested=("HLT",))
    record = Recorded("entry", "first", "CASE_MGMT", "", facts, {"HLT": Outcome(human, "rule")}, {}, {"HLT": human})
    expected = () if human is after else (Change("first", "CASE_MGMT", "HLT", human, after, 1),)
    assert compare([[record]], proposed).changes == expected


# --- a proposed pack -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "category", "after"),
    [
        ("CASE_MGMT,OOIP,P,P,P,P,P,P,P,P,,P,P,P,M", "HLT", D),
        ("CASE_MGMT,OOIP,P,P,P,P,P,P,P,P,M,P,P,P,M", "HLT", M),
        ("CASE_MGMT,OOIP,P,P,P,P,M,P,P,P,P,P,P,P,M", "FAM", M),
    ],
)
def test_one_cell_of_an_envelope_is_reported_exactly(changed_engine, row, category, after):
    school = replace(CHILD, org="SCHOOL")
    groups = [
        recorded([CHILD, CHILD]),
        recorded([CHILD, UNSIGNED], recipient="second"),
        recorded([CHILD, UNSIGNED], [(category, {0, 1})], recipient="third"),  # withheld already: nothing to lose
        recorded([school], recipient="fourth"),
    ]
    found = compare(groups, changed_engine(row))
    assert found.changes == (
        Change("first", "CASE_MGMT", category, P, after, 2),
        Change("second", "CASE_MGMT", category, P, after, 1),
    )
    assert (found.gained, found.lost, found.unreadable) == (0, 3, 0)
    assert found.unchanged == 7 * len(SECTION_CATEGORIES) - 3


def test_a_wider_envelope_is_a_gain(changed_engine):
    wider = changed_engine("CASE_MGMT,OOIP,P,P,P,P,P,P,P,P,P,P,P,P,P")
    facts = replace(CHILD, consent=replace(CHILD.consent, by=(SignerFacts("mother"), SignerFacts("self"))))
    (change,) = compare([recorded([facts], [])], wider).changes
    assert (change.category, change.before, change.after, change.gains) == ("OFF", M, P, True)


def test_another_pack_does_not_reproduce(changed_engine):
    engine = changed_engine("CASE_MGMT,OOIP,P,P,P,P,P,P,P,P,,P,P,P,M")
    (found,) = replay(recorded([CHILD]), engine).differences
    assert (found.category, found.recorded.effect, found.ruled.effect) == ("HLT", P, D)


@settings(max_examples=40, deadline=None)
@given(st.lists(groups(), max_size=3), st.data())
def test_counts_sum_up(drawn, data):
    """However the records and the proposed pack differ, every category of every record is counted once."""
    played = [recorded(*group, recipient=f"of {number}") for number, group in enumerate(drawn)]
    for records in played:
        for place, record in enumerate(records):
            asked = st.just(record.facts.requested)
            facts = data.draw(st.none() | st.builds(replace, facts_for([record.purpose]), requested=asked))
            human = data.draw(st.dictionaries(st.sampled_from(SECTION_CATEGORIES), st.sampled_from([P, M]), max_size=3))
            records[place] = replace(record, facts=facts, human=human)
    found = compare(played, ENGINE)
    total = sum(len(record.rulings) for records in played for record in records)
    assert found.gained + found.lost + found.unchanged + found.unreadable == total
    assert all(change.before is not change.after and change.count > 0 for change in found.changes)
    assert len({replace(change, count=0) for change in found.changes}) == len(found.changes)
    again = [replay(records, ENGINE) for records in played]
    assert sum(len(r.differences) + r.reproduced + r.unreadable for r in again) == total
