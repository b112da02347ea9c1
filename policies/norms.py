"""How a case and a curator's work stand by the norms of a practice. Pure.

Norms inform and block nothing: their authors call them partly experimental. What is not recorded is unknown, and no
figure takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Final

from policies.profile import NormRow, Profile
from policies.terms import months_later
from policies.timers import delay

OF_CASE: Final = ("delays", "months", "budget")
OF_LOAD: Final = ("cases", "complex_cases", "post_support_families", "families")
NORMS: Final = (*OF_CASE, *OF_LOAD)
_TENTH: Final = Decimal("0.1")
_DAY: Final = timedelta(days=1)


class Verdict(StrEnum):
    """`under` is said only of what is over: a case that still runs has not been too short."""

    WITHIN = "within"
    UNDER = "under"
    OVER = "over"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """One norm and what was measured. Begun tenths count as whole, so that nothing shown as the limit is beyond it."""

    code: str
    row: NormRow
    value: Decimal | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """Of one case: terms that ran as (due, ended or None), None where none ever ran; when it was opened and closed; what was
    spent in the year, None where nothing was recorded."""

    terms: Sequence[tuple[datetime, datetime | None]] | None
    opened_at: datetime | None
    closed_at: datetime | None
    spent: int | None


@dataclass(frozen=True, slots=True)
class Load:
    """Of one curator: open cases, those of them at the level that the practice counts (None: not scored), families in
    post-support."""

    cases: int
    complex_cases: int | None
    post_support_families: int


def verdict_of(row: NormRow, value: Decimal | None, *, ended: bool = True) -> Verdict:
    """What a norm says of a value; a value that may still grow is not under anything."""
    if value is None:
        return Verdict.UNKNOWN
    if row.at_most is not None and value > row.at_most:
        return Verdict.OVER
    if ended and row.at_least is not None and value < row.at_least:
        return Verdict.UNDER
    return Verdict.WITHIN


def case_norms(profile: Profile, figures: CaseFigures, now: datetime, zone: tzinfo) -> tuple[Standing, ...]:
    """The norms of the practice that are about one case, in the order of its file."""
    found = {
        "delays": delays(figures.terms, now) if figures.terms is not None else None,
        "months": _months(figures, now, zone),
        "budget": Decimal(figures.spent) if figures.spent is not None else None,
    }
    ended = {"months": figures.closed_at is not None}
    return tuple(
        Standing(code, row, found[code], verdict_of(row, found[code], ended=ended.get(code, True)))
        for code, row in profile.norms.items()
        if code in found
    )


def load_norms(profile: Profile, load: Load) -> tuple[Standing, ...]:
    """The norms that are about a curator's work, in the order of the file of the practice."""
    counted: dict[str, int | None] = {
        "cases": load.cases,
        "families": load.cases,
        "complex_cases": load.complex_cases,
        "post_support_families": load.post_support_families,
    }
    standings = []
    for code, row in profile.norms.items():
        if code in counted:
            number = counted[code]
            value = Decimal(number) if number is not None else None
            standings.append(Standing(code, row, value, verdict_of(row, value)))
    return tuple(standings)


def delays(terms: Iterable[tuple[datetime, datetime | None]], now: datetime) -> Decimal:
    """All delays of a case together, in days of 24 hours: each from its due instant until it was done, or until `now`."""
    late = sum((delay(due, ended or now) for due, ended in terms), timedelta())
    return _tenths(Decimal(late // timedelta(microseconds=1)) / Decimal(_DAY // timedelta(microseconds=1)))


def months_between(begins: date, ends: date) -> Decimal:
    """Calendar months from one day to another, with the part of the month that has begun, in tenths. 0 for earlier ends."""
    if ends <= begins:
        return Decimal(0)
    whole = (ends.year - begins.year) * 12 + ends.month - begins.month
    if months_later(begins, whole) > ends:
        whole -= 1
    since, until = months_later(begins, whole), months_later(begins, whole + 1)
    return _tenths(Decimal(whole) + Decimal((ends - since).days) / Decimal((until - since).days))


def _months(figures: CaseFigures, now: datetime, zone: tzinfo) -> Decimal | None:
    if figures.opened_at is None:
        return None
    ends = figures.closed_at or now
    return months_between(figures.opened_at.astimezone(zone).date(), ends.astimezone(zone).date())


def _tenths(value: Decimal) -> Decimal:
    return value.quantize(_TENTH, rounding=ROUND_CEILING)
