"""What is kept of a case: which practice keeps what, what may be said, and what holds of all that was said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.case_records import (
    CHANGES,
    CHECKLIST,
    KINDS,
    NEED_STATES,
    Record,
    Said,
    check,
    closing,
    in_order,
    is_used,
    latest,
    majority_on,
    person_of,
    spent,
    titles,
    unmet_of,
)
from policies.profiles import shipped_practices
from schemas.errors import BadInput

PRACTICES = shipped_practices().profiles
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHILD, PARENT = "child-a", "parent-a"

USED = {
    "deti-nashi": {"scenario", "readiness", "closing", "spending"},
    "otkazniki": {"case_type", "readiness", "wellbeing"},
    "sos": {"readiness", "needs", "checklist"},
    "aistenok": {"scenario", "readiness"},
    "moscow": set(),
}
"""Everything else is «not used in this practice»."""


@pytest.mark.parametrize("practice", USED)
def test_each_practice_keeps_its_own(practice: str) -> None:
    profile = PRACTICES[practice]
    assert {kind for kind in KINDS if is_used(profile, kind)} == USED[practice]
    for kind in set(KINDS) - USED[practice]:
        with pytest.raises(BadInput) as caught:
            check(profile, Said(kind, "x"))
        assert caught.value.code == "record_not_used"
    with pytest.raises(BadInput) as caught:
        check(profile, Said("diary"))
    assert caught.value.code == "record_unknown"


CODES = {
    ("otkazniki", "case_type"): ["ordinary", "motivational", "social_palliative"],
    ("deti-nashi", "scenario"): ["one_off_help", "planned_support", "emergency_help", "permanent_support"],
    ("aistenok", "scenario"): ["active_support", "passive_support"],
    ("deti-nashi", "readiness"): ["precontemplation", "contemplation", "planning", "action", "maintenance"],
    ("otkazniki", "wellbeing"): ["material", "health", "psychological", "learning"],
    ("sos", "needs"): ["child", "parent", "family"],
    ("deti-nashi", "closing"): [
        "removal_risk_minimal",
        "no_hard_task",
        "help_uniform",
        "no_sharp_regress",
        "family_independent",
        "agreement_dissolved",
    ],
}


@pytest.mark.parametrize("place", CODES)
def test_the_codes_are_those_of_the_practice(place: tuple[str, str]) -> None:
    assert list(titles(PRACTICES[place[0]], place[1])) == CODES[place]


def test_the_checklist_has_three_parts() -> None:
    sos = PRACTICES["sos"]
    assert {part: len(titles(sos, CHECKLIST, part)) for part in sos.checklist} == {"child": 5, "parent": 4, "family": 4}
    assert [person_of(CHECKLIST, part) for part in sos.checklist] == ["child", "parent", None]


SPHERES = dict.fromkeys(CODES["otkazniki", "wellbeing"], "first")
GOOD: list[tuple[str, Said, dict[str, Any]]] = [
    ("otkazniki", Said("case_type", "ordinary"), {"code": "ordinary"}),
    ("sos", Said("needs", states={"child": "met", "parent": "open", "family": "none"}), {}),
    ("otkazniki", Said("wellbeing", states=SPHERES), {"states": SPHERES}),
    ("otkazniki", Said("wellbeing", states=SPHERES, at_closing=True), {"states": SPHERES, "closing": True}),
    ("sos", Said("checklist", codes=("care", "safety"), part="child"), {"part": "child", "met": ["safety", "care"]}),
    ("deti-nashi", Said("closing"), {"met": []}),
    ("deti-nashi", Said("spending", year=2026, roubles=0), {"year": 2026, "roubles": 0}),
]


@pytest.mark.parametrize(("practice", "said", "kept"), GOOD)
def test_what_is_kept(practice: str, said: Said, kept: dict[str, Any]) -> None:
    assert check(PRACTICES[practice], said) == (kept or {"states": said.states})


BAD = [
    ("otkazniki", Said("case_type"), "code"),
    ("otkazniki", Said("case_type", "social"), "code"),
    ("otkazniki", Said("wellbeing", states={**SPHERES, "work": "same"}), "states"),
    ("otkazniki", Said("wellbeing", states={"material": "better"}), "health"),
    ("otkazniki", Said("wellbeing", states={**SPHERES, "learning": "excellent"}), "learning"),
    ("sos", Said("needs", states={"child": "better"}), "child"),
    ("sos", Said("checklist", codes=("care",)), "part"),
    ("sos", Said("checklist", codes=("care",), part="parent"), "codes"),
    ("deti-nashi", Said("closing", codes=("tired",)), "codes"),
    ("deti-nashi", Said("spending", year=2026), "roubles"),
    ("deti-nashi", Said("spending", year=2026, roubles=-1), "roubles"),
    ("deti-nashi", Said("spending", year=26, roubles=1), "year"),
]


@pytest.mark.parametrize(("practice", "said", "place"), BAD)
def test_what_is_not(practice: str, said: Said, place: str) -> None:
    with pytest.raises(BadInput) as caught:
        check(PRACTICES[practice], said)
    assert (caught.value.code, caught.value.params["place"]) == ("field_invalid", place)


# --- what holds of all that was said ---------------------------------------------------------------------------------


def rec(kind: str, value: Any, hours: int = 0, about: str | None = None, recorded: int = 0, id: str = "r") -> Record:  # noqa: A002
    hour = timedelta(hours=1)
    return Record(f"{id}{hours}{recorded}", kind, about, NOW + hours * hour, NOW + recorded * hour, value)


records = st.lists(
    st.builds(
        Record,
        id=st.uuids().map(str),
        kind=st.sampled_from(["case_type", "wellbeing", "spending"]),
        about=st.sampled_from([None, "a", "b"]),
        at=st.integers(0, 5).map(lambda n: NOW + timedelta(days=n)),
        recorded_at=st.integers(0, 5).map(lambda n: NOW + timedelta(days=n)),
        value=st.one_of(
            st.none(), st.fixed_dictionaries({"year": st.integers(2025, 2026), "roubles": st.integers(0, 9)})
        ),
    ),
    max_size=12,
    unique_by=lambda record: record.id,
)


@given(records, st.randoms(use_true_random=False))
def test_what_holds_does_not_depend_on_what_came_in_first(known: list[Record], random: Any) -> None:
    shuffled = list(known)
    random.shuffle(shuffled)
    assert in_order(shuffled) == in_order(known)
    for kind in ("case_type", "wellbeing", "spending"):
        for about in (None, "a", "b"):
            assert latest(shuffled, kind, about) == latest(known, kind, about)
    assert spent(shuffled, 2026) == spent(known, 2026)


@given(records)
def test_the_latest_is_later_than_all_others_of_its_kind(known: list[Record]) -> None:
    for about in (None, "a"):
        found = latest(known, "wellbeing", about)
        others = [r for r in known if r.kind == "wellbeing" and about in {None, r.about}]
        assert (found is None) == (not others)
        assert all(found is not None and (found.at, found.recorded_at) >= (r.at, r.recorded_at) for r in others)


def test_a_correction_of_the_past_does_not_change_what_holds_now() -> None:
    """Recorded later about an earlier day: it is history, and what was so last still holds."""
    known = [rec("case_type", {"code": "motivational"}, hours=5, recorded=5)]
    known.append(rec("case_type", {"code": "ordinary"}, hours=1, recorded=9))
    found = latest(known, "case_type")
    assert found is not None
    assert found.value == {"code": "motivational"}
    assert [r.value["code"] for r in in_order(known) if r.value] == ["motivational", "ordinary"]


def test_of_a_year_the_last_sum_counts_and_other_years_do_not() -> None:
    known = [
        rec("spending", {"year": 2026, "roubles": 400_000}, hours=1),
        rec("spending", {"year": 2026, "roubles": 90_000}, hours=3),
        rec("spending", {"year": 2025, "roubles": 700_000}, hours=5),
    ]
    assert (spent(known, 2026), spent(known, 2025), spent(known, 2024)) == (90_000, 700_000, None)
    assert spent([rec("spending", None)], 2026) is None, "keys are destroyed: it is not known"


MAJORITY = [
    (["2017-01-15"], date(2035, 1, 15)),
    (["2017-01-15", "2020-06-30", "2012-01-01"], date(2038, 6, 30)),
    (["2008-02-29"], date(2026, 3, 1)),  # a common year
    (["2012-02-29"], date(2030, 3, 1)),
    (["2026-05"], date(2044, 5, 31)),  # expected in May
    (["2017-01-15", "2026-12"], date(2044, 12, 31)),
    (["2026-02"], date(2044, 2, 28)),
    ([], None),
    (["2017-01-15", None], None),
]


@pytest.mark.parametrize(("births", "day"), MAJORITY)
def test_permanent_support_lasts_until_the_youngest_is_of_age(births: list[str | None], day: date | None) -> None:
    assert majority_on(births) == day


@given(st.lists(st.dates(date(2008, 1, 1), date(2026, 12, 31)), min_size=1, max_size=5))
def test_on_that_day_nobody_is_a_child_and_the_day_before_somebody_is(births: list[date]) -> None:
    from gateway.use_cases.decision_facts import DecisionFacts

    day = majority_on([birth.isoformat() for birth in births])
    assert day is not None

    def ages(on: date) -> list[int | None]:
        return [DecisionFacts(birth.isoformat()).age_on(on) for birth in births]

    assert all(age is not None and age >= 18 for age in ages(day))
    assert any(age is not None and age < 18 for age in ages(day - timedelta(days=1)))


# --- closing ---------------------------------------------------------------------------------------------------------

TOGETHER = CODES["deti-nashi", "closing"][:5]


def test_of_the_closing_criteria_all_or_the_one_that_is_enough() -> None:
    profile = PRACTICES["deti-nashi"]
    nothing = closing(profile, [], [CHILD])
    assert nothing is not None
    assert (nothing.assessed, nothing.holds, nothing.unmet, nothing.children) == (False, False, tuple(TOGETHER), ())
    some = closing(profile, [rec("closing", {"met": TOGETHER[:4]})], [CHILD])
    assert some is not None
    assert (some.assessed, some.holds, some.unmet) == (True, False, (TOGETHER[4],))
    for met in (TOGETHER, ["agreement_dissolved"], [TOGETHER[0], "agreement_dissolved"]):
        found = closing(profile, [rec("closing", {"met": met})], [CHILD])
        assert found is not None
        assert (found.holds, found.unmet) == (True, ())
    newer = closing(profile, [rec("closing", {"met": TOGETHER}), rec("closing", {"met": []}, hours=2)], [])
    assert newer is not None
    assert not newer.holds, "the last look counts"
    assert unmet_of(profile, []) == tuple(TOGETHER)


def test_a_childs_life_is_recorded_once_more_at_closing() -> None:
    profile = PRACTICES["otkazniki"]
    usual = rec("wellbeing", {"states": SPHERES}, about=CHILD)
    last = rec("wellbeing", {"states": SPHERES, "closing": True}, hours=3, about=CHILD)
    found = closing(profile, [usual, last], [CHILD, "child-b"])
    assert found is not None
    assert (found.children, found.holds) == (("child-b",), False)
    other = rec("wellbeing", {"states": SPHERES, "closing": True}, hours=4, about="child-b")
    found = closing(profile, [usual, last, other], [CHILD, "child-b"])
    assert found is not None
    assert found.holds


def test_the_checklist_says_what_is_not_met_and_what_nobody_looked_at() -> None:
    profile = PRACTICES["sos"]
    child, parent = list(profile.checklist["child"]), list(profile.checklist["parent"])
    known = [
        rec("checklist", {"part": "child", "met": child}, about="child-a"),
        rec("checklist", {"part": "child", "met": child[1:]}, about="child-b"),
        rec("checklist", {"part": "parent", "met": []}, about=PARENT),
        rec("checklist", {"part": "parent", "met": parent}, hours=2, about=PARENT),
    ]
    found = closing(profile, known, [])
    assert found is not None
    assert found.parts == {"child": (child[0],), "parent": (), "family": None}
    assert not found.holds
    met = rec("checklist", {"part": "family", "met": list(profile.checklist["family"])}, hours=3)
    better = rec("checklist", {"part": "child", "met": child}, hours=3, about="child-b")
    found = closing(profile, [*known, met, better], [])
    assert found is not None
    assert found.holds


@pytest.mark.parametrize("practice", ["aistenok", "moscow"])
def test_other_practices_ask_nothing_at_closing(practice: str) -> None:
    assert closing(PRACTICES[practice], [], [CHILD]) is None


def test_states_are_few() -> None:
    assert (NEED_STATES, CHANGES) == (("open", "met", "none"), ("first", "better", "same", "worse"))
