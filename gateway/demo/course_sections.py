"""The sections about the course of the case: composition of the family, risk and needs, plan."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Final

import holidays

from gateway.demo.members import Member
from gateway.demo.names import read_data
from gateway.demo.shapes import Shape
from gateway.demo.shares import STAGES
from gateway.demo.themes import Theme, Wording
from schemas.sections import (
    Family,
    Goal,
    GuardianshipPosition,
    HouseholdMember,
    NearPerson,
    Outcome,
    Plan,
    Review,
    Risk,
    RiskFact,
    Service,
    Stage,
    Step,
    TimerState,
)

NO_LEVEL: Final = "not_used_in_this_practice"
RECENT_DAYS: Final = 5
"""What happened in the last days is not in a summary yet: it is as of one to five days ago."""
PRACTICES_WITHOUT_LEVELS: Final = frozenset({"otkazniki", "aistenok"})

_CALENDAR = holidays.country_holidays("RU")
_BANDS: Final = ((0, "unborn"), (3, "age_0_2"), (7, "age_3_6"), (11, "age_7_10"), (14, "age_11_13"), (16, "age_14_15"))
_OLDER_BANDS: Final = ((18, "age_16_17"), (60, "adult"))
_PREGNANCY_SEEN: Final = 60
_GRAVE: Final = frozenset({"PHYSICAL_VIOLENCE", "NO_CAREGIVER", "RUNAWAY", "REFUSAL_RISK"})
_POSITIONS: Final = ("supports_plan", "needs_more_information", "asks_for_joint_visit", "has_concerns")
_OUTCOMES: Final = ("child_lives_safely_at_home", "family_self_sufficient", "agreement_dissolved", "family_moved")


def age_band(age: int) -> str:
    """A coarse age, as shown of persons who are not asked about."""
    return next((band for bound, band in (*_BANDS, *_OLDER_BANDS) if age < bound), "age_60_plus")


def family(shape: Shape, members: Sequence[Member], chosen: Sequence[Theme], rng: random.Random) -> Family:
    """FAM: everybody at home by role, and the near circle, where finding one is not the very task."""
    household = [
        HouseholdMember(role=member.role, age_band=age_band(member.age), lives_together=member.lives_with_children)
        for member in members
    ]
    if shape.is_("minor_parent"):
        household.append(HouseholdMember(role="grandparent", age_band="adult", lives_together=True))
    lonely = any(theme.sphere == "near_circle" for theme in chosen)
    near = rng.sample(read_data("texts.yaml")["near_circle"], 0 if lonely else rng.randint(0, 2))
    circle = tuple(
        NearPerson(role=role, supports_how=how, permission_to_contact=rng.random() < 0.6)  # noqa: PLR2004  most agree
        for role, how in near
    )
    return Family(household=tuple(household), near_circle=circle)


def risk(shape: Shape, child: Member, chosen: Sequence[Theme], wording: Wording, rng: random.Random) -> Risk:
    """RSK of one child: the concerns of the themes that are about it, and what was seen."""
    about = [theme for theme in chosen if theme.fits_age(child.age)] or list(chosen)
    sources = read_data("texts.yaml")["sources"]
    factors = dict.fromkeys(code for theme in about for code in theme.concerns)
    if shape.is_("offence"):
        factors["OFFENCE"] = None
    seen = min(shape.days_open, _PREGNANCY_SEEN) if child.born is None else shape.days_open
    facts = tuple(
        RiskFact(
            on=_day(shape, rng.randint(min(seen, RECENT_DAYS), seen)),
            source=rng.choice(sources),
            words=wording.fill(theme.fact),
        )
        for theme in about[:2]
    )
    return Risk(level=_level(shape, factors), factors=tuple(factors), facts=facts)


def _level(shape: Shape, factors: Collection[str]) -> str:
    if shape.practice in PRACTICES_WITHOUT_LEVELS:
        return NO_LEVEL
    if not _GRAVE.isdisjoint(factors):
        return "high"
    return "medium" if len(factors) >= 3 else "low"  # noqa: PLR2004  a rule of the demo alone


def plan(shape: Shape, chosen: Sequence[Theme], wording: Wording, rng: random.Random) -> Plan:
    """PLN: what is known at this stage of the case."""
    place = STAGES.index(shape.stage)
    since = _day(shape, rng.randint(min(shape.days_open, RECENT_DAYS), min(shape.days_open, 30)))
    stage = Stage(code=shape.stage, since=since)
    timers = tuple(_timer(timer, due, shape.today) for timer, due in _deadlines(shape, since))
    if place < STAGES.index("case_opened"):
        return Plan(stage=stage, timers=timers)
    agreed, ended = place >= STAGES.index("plan_agreed"), place >= STAGES.index("case_closed")
    position = GuardianshipPosition(code=rng.choice(_POSITIONS), on=_day(shape, min(shape.days_open, 20)))
    return Plan(
        stage=stage,
        scenario=rng.choice(read_data("texts.yaml")["scenarios"]) if agreed else None,
        timers=timers,
        goals=tuple(
            Goal(goal=wording.fill(goal), state=rng.choice(("reached", "partly_reached")) if ended else "in_progress")
            for theme in chosen
            for goal in theme.goals
        ),
        steps=tuple(_steps(shape, chosen, wording, rng, ended=ended)) if agreed else (),
        services=tuple(_services(shape, chosen, rng, ended=ended)) if agreed else (),
        reviews=tuple(_reviews(shape, rng)) if place >= STAGES.index("results_monitored") else (),
        position_of_guardianship=position if rng.random() < 0.55 else None,  # noqa: PLR2004  half of them are asked
        outcome=Outcome(code=rng.choice(_OUTCOMES), on=since) if ended else None,
    )


def _day(shape: Shape, days_ago: int) -> date:
    return shape.today - timedelta(days=days_ago)


def _steps(shape: Shape, chosen: Sequence[Theme], wording: Wording, rng: random.Random, *, ended: bool) -> list[Step]:
    found = []
    for who, what in (step for theme in chosen for step in theme.steps):
        days = rng.randint(-40, 45)
        state = "done" if ended or days < -14 else "in_progress" if days < 14 else "planned"  # noqa: PLR2004  fortnights
        by_when = (
            _day(shape, rng.randint(RECENT_DAYS, shape.days_open)) if ended else shape.today + timedelta(days=days)
        )
        found.append(Step(who=wording.fill(who), what=wording.fill(what), by_when=by_when, state=state))
    return found


def _services(shape: Shape, chosen: Sequence[Theme], rng: random.Random, *, ended: bool) -> list[Service]:
    return [
        Service(
            service=service,
            provider_kind=shape.holder.kind if provider == "holder" else provider,
            from_on=_day(shape, rng.randint(10, shape.days_open)),
            to_on=_day(shape, rng.randint(RECENT_DAYS, 9)) if ended else None,
        )
        for theme in chosen
        for service, provider in theme.services
    ]


def _reviews(shape: Shape, rng: random.Random) -> list[Review]:
    weights = {"improved": 6, "no_change": 3, "worsened": 1}
    return [
        Review(on=_day(shape, days), dynamics=rng.choices(tuple(weights), tuple(weights.values()))[0])
        for days in range(shape.days_open - 91, RECENT_DAYS, -91)
    ]


def _deadlines(shape: Shape, since: date) -> list[tuple[str, date]]:
    """Timers of the practice that run at this stage; terms as the practices print them."""
    opened = _day(shape, shape.days_open)
    quarter = opened + timedelta(days=91 * (shape.days_open // 91 + 1))
    early = {
        "signal_received": [("first-visit-team", working_days(opened, 1)), ("first-visit", working_days(opened, 3))],
        "first_visit": [("first-visit-report", since + timedelta(days=1))],
        "intake_decision": [("intake-decision", working_days(since, 3))],
        "case_opened": [("case-folder", working_days(opened, 3)), ("plan-agreed", opened + timedelta(days=45))],
        "case_closed": [("follow-up", since + timedelta(days=30))],
        "post_support": [("outcome-recheck", since + timedelta(days=365))],
    }
    running = {
        "sos": ("progress-review", opened + timedelta(days=182 * (shape.days_open // 182 + 1))),
        "otkazniki": ("child-wellbeing", quarter),
    }
    during = [("plan-action", since + timedelta(days=14)), running.get(shape.practice, ("quarterly-review", quarter))]
    return early.get(shape.stage, during)


def working_days(day: date, count: int) -> date:
    """The last day of a term in working days of the production calendar; the day of the event is not counted."""
    while count:
        day += timedelta(days=1)
        count -= _CALENDAR.is_working_day(day)
    return day


def _timer(timer: str, due: date, today: date) -> TimerState:
    return TimerState(timer=timer, due_on=due, state="overdue" if due < today else "running")
