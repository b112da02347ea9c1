"""Norms: within, under, over, unknown; delays as sums of what passed; months by the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.norms import CaseFigures, Load, Verdict, case_norms, delays, load_norms, months_between, verdict_of
from policies.profile import NormRow
from policies.profiles import shipped_practices

PRACTICES = shipped_practices().profiles
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MSK = ZoneInfo("Europe/Moscow")
DAY = timedelta(days=1)
NOTHING = CaseFigures(None, None, None, None)


def verdicts(practice: str, figures: CaseFigures, now: datetime = NOW) -> dict[str, tuple[Decimal | None, str]]:
    return {s.code: (s.value, s.verdict.value) for s in case_norms(PRACTICES[practice], figures, now, MSK)}


OF_CASE = {
    "deti-nashi": {"delays", "months", "budget"},
    "sos": {"months"},
    "otkazniki": {"months"},
    "aistenok": set(),
    "moscow": set(),
}


@pytest.mark.parametrize("practice", OF_CASE)
def test_what_is_not_recorded_is_unknown(practice: str) -> None:
    assert verdicts(practice, NOTHING) == dict.fromkeys(OF_CASE[practice], (None, "unknown"))


MONTHS = [
    ("deti-nashi", date(2026, 1, 1), None, "1", "within"),  # still running: not too short
    ("deti-nashi", date(2026, 1, 2), date(2026, 3, 1), "2.0", "under"),
    ("deti-nashi", date(2025, 12, 1), date(2026, 3, 1), "3", "within"),
    ("deti-nashi", date(2024, 9, 1), date(2026, 3, 1), "18", "within"),
    ("deti-nashi", date(2024, 8, 31), date(2026, 3, 1), "18.1", "over"),
    ("sos", date(2025, 3, 1), date(2026, 3, 1), "12", "within"),
    ("sos", date(2025, 3, 2), date(2026, 3, 1), "12.0", "within"),  # a begun tenth counts as whole
    ("sos", date(2025, 4, 1), date(2026, 3, 1), "11", "under"),
    ("sos", date(2023, 2, 1), None, "37.1", "over"),
    ("otkazniki", date(2020, 3, 1), None, "72.1", "within"),  # usually 17, no limit
]


@pytest.mark.parametrize(("practice", "opened", "closed", "months", "verdict"), MONTHS)
def test_how_long_a_case_lasts(practice: str, opened: date, closed: date | None, months: str, verdict: str) -> None:
    at = [datetime.combine(day, datetime.min.time(), MSK) if day else None for day in (opened, closed)]
    value, said = verdicts(practice, CaseFigures(None, at[0], at[1], None))["months"]
    assert value is not None
    assert said == verdict
    if closed is not None:
        assert value == Decimal(months)


DELAYS = [
    ([], "0", "within"),
    ([(NOW - DAY, NOW - DAY)], "0", "within"),  # at the due instant: no time has passed
    ([(NOW - 5 * DAY, NOW - 6 * DAY), (NOW + DAY, None)], "0", "within"),
    ([(NOW - 3 * DAY, NOW - DAY), (NOW - 8 * DAY, None)], "10", "within"),
    ([(NOW - 3 * DAY, NOW - DAY), (NOW - 8 * DAY - timedelta(seconds=1), None)], "10.1", "over"),
    ([(NOW - timedelta(hours=6), None)], "0.3", "within"),
]


@pytest.mark.parametrize(("terms", "days", "verdict"), DELAYS)
def test_all_delays_of_a_case_together(terms: list[tuple[datetime, datetime | None]], days: str, verdict: str) -> None:
    assert verdicts("deti-nashi", CaseFigures(terms, None, None, None))["delays"] == (Decimal(days), verdict)


SPENT = [(0, "within"), (500_000, "within"), (500_001, "over")]


@pytest.mark.parametrize(("roubles", "verdict"), SPENT)
def test_roubles_of_a_year(roubles: int, verdict: str) -> None:
    found = verdicts("deti-nashi", CaseFigures(None, None, None, roubles))["budget"]
    assert found == (Decimal(roubles), verdict)


LOADS = [
    ("deti-nashi", Load(12, 5, 5), {"cases": "within", "complex_cases": "within", "post_support_families": "within"}),
    ("deti-nashi", Load(9, 0, 6), {"cases": "under", "complex_cases": "within", "post_support_families": "over"}),
    ("deti-nashi", Load(16, 6, 0), {"cases": "over", "complex_cases": "over", "post_support_families": "within"}),
    (
        "deti-nashi",
        Load(10, None, 0),
        {"cases": "within", "complex_cases": "unknown", "post_support_families": "within"},
    ),
    ("otkazniki", Load(15, None, 40), {"families": "within"}),
    ("otkazniki", Load(16, None, 0), {"families": "over"}),
    ("sos", Load(99, None, 0), {}),
    ("moscow", Load(99, None, 0), {}),
]


@pytest.mark.parametrize(("practice", "load", "expected"), LOADS)
def test_the_load_of_a_curator(practice: str, load: Load, expected: dict[str, str]) -> None:
    assert {s.code: s.verdict.value for s in load_norms(PRACTICES[practice], load)} == expected


bounds = st.one_of(st.none(), st.integers(0, 100).map(Decimal))


@given(bounds, bounds, st.integers(0, 100).map(Decimal), st.booleans())
def test_a_verdict_is_what_its_bounds_say(
    least: Decimal | None, most: Decimal | None, value: Decimal, ended: bool
) -> None:
    row = NormRow(title_ru="Т", unit_ru="дней", at_least=least, at_most=most)
    found = verdict_of(row, value, ended=ended)
    assert (found is Verdict.OVER) == (most is not None and value > most)
    if found is Verdict.UNDER:
        assert ended
        assert least is not None
        assert value < least
    assert verdict_of(row, None, ended=ended) is Verdict.UNKNOWN


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(0, 3000), st.integers(0, 400))
def test_months_grow_with_the_days_and_whole_months_are_whole(begins: date, days: int, more: int) -> None:
    from policies.terms import months_later

    assert months_between(begins, begins + days * DAY) <= months_between(begins, begins + (days + more) * DAY)
    assert months_between(begins, months_later(begins, days % 60)) == days % 60
    assert months_between(begins + DAY, begins) == 0


spans = st.lists(
    st.tuples(st.integers(-30, 30), st.one_of(st.none(), st.integers(-30, 30))).map(
        lambda pair: (NOW + pair[0] * DAY, None if pair[1] is None else NOW + pair[1] * DAY)
    ),
    max_size=8,
)


@given(spans, spans)
def test_delays_add_up_and_never_shrink(
    one: list[tuple[datetime, datetime | None]], two: list[tuple[datetime, datetime | None]]
) -> None:
    assert delays(one + two, NOW) == delays(one, NOW) + delays(two, NOW), "whole days add up exactly"
    assert delays(one, NOW) <= delays(one, NOW + DAY)
    assert delays(one, NOW) >= 0


def test_every_norm_of_every_practice_is_measured() -> None:
    for profile in PRACTICES.values():
        known = {s.code for s in case_norms(profile, NOTHING, NOW, MSK)} | {
            s.code for s in load_norms(profile, Load(0, None, 0))
        }
        assert known == set(profile.norms)
