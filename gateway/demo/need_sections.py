"""The sections about one person's needs: health, psychological state, schooling, livelihood; rarely offences, adoption."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final

from gateway.demo.members import Member
from gateway.demo.names import FEMALE, read_data
from gateway.demo.shapes import Shape
from gateway.demo.themes import circumstances
from schemas.sections import (
    Adoption,
    Benefit,
    CodedText,
    Education,
    Health,
    Offence,
    Offences,
    Psychology,
    SocioEconomic,
)

HEALTH_SHARE: Final = 0.55
PSYCHOLOGY_SHARE: Final = 0.45
SUPPORT_TYPE_SHARE: Final = 0.12
_TALKING_AGE, _KINDERGARTEN_AGE, _SCHOOL_AGE, _MIDDLE_SCHOOL, _SENIOR_SCHOOL, _COLLEGE_AGE = 4, 3, 7, 11, 15, 16
_PRACTICES_WITH_CASE_TYPES: Final = frozenset({"otkazniki", "deti-nashi"})


def _texts() -> dict[str, Any]:
    return read_data("texts.yaml")


def health(shape: Shape, member: Member, rng: random.Random) -> Health | None:
    """HLT. A kind of support that betrays a parent's illness stands here, not in the plan."""
    texts = _texts()["health"]
    if member.role == "mother" and -1 in shape.ages:
        return _health(texts["pregnant"])
    if member.role == "child":
        fitting = [row for row in texts["child"] if row[2] <= member.age <= row[3]]
        return _health(rng.choice(fitting)) if fitting and rng.random() < HEALTH_SHARE else None
    adult = texts["parent"] + (texts["working_age"] if "working_age" in circumstances(shape) else [])
    found = _health(rng.choice(adult)) if rng.random() < HEALTH_SHARE / 2 else None
    if shape.practice in _PRACTICES_WITH_CASE_TYPES and rng.random() < SUPPORT_TYPE_SHARE:
        return (found or Health()).model_copy(update={"support_type": rng.choice(texts["support_types"])})
    return found


def _health(row: Sequence[Any]) -> Health:
    return Health(conditions=(row[0],), recommendations=(row[1],))


def psychology(member: Member, rng: random.Random) -> Psychology | None:
    """PSY of adults and of children who can talk about themselves."""
    if rng.random() >= PSYCHOLOGY_SHARE or member.age < _TALKING_AGE:
        return None
    state, conclusion, *risk = rng.choice(_texts()["psychology"]["child" if member.role == "child" else "parent"])
    return Psychology(state=state, conclusion=conclusion, immediate_risk=risk[0] if risk else None)


def education(member: Member, rng: random.Random) -> Education | None:
    """EDU of children from three years on."""
    if member.role != "child" or member.age < _KINDERGARTEN_AGE:
        return None
    texts = _texts()["education"]
    if member.age < _SCHOOL_AGE:
        place = rng.choice((None, *texts["kindergarten"]))
        return Education(place=place, attendance="regular" if place else "not_attending")
    if member.age >= _COLLEGE_AGE and rng.random() < 0.4:  # noqa: PLR2004  some leave school after nine years
        place = rng.choice(texts["college"])
    else:
        place = texts["school"][(member.age >= _MIDDLE_SCHOOL) + (member.age >= _SENIOR_SCHOOL)]
    attendance = rng.choices(("regular", "irregular", "home_schooling", "not_attending"), (70, 22, 5, 3))[0]
    return Education(place=place, attendance=attendance, needs=tuple(rng.sample(texts["needs"], rng.randint(0, 2))))


def livelihood(shape: Shape, member: Member, rng: random.Random) -> SocioEconomic:
    """SOC of an adult."""
    texts = _texts()
    if shape.is_("minor_parent"):
        work = texts["occupations"]["student"]
    elif member.role == "guardian":
        work = texts["occupations"]["pensioner"]
    elif member.sex == FEMALE and shape.ages[-1] in {0, 1}:
        work = texts["occupations"]["with_baby"]
    else:
        work = rng.choice(texts["work"])
    home = rng.choice(texts["housing"])
    missing = ["registration"] if "no_registration" in circumstances(shape) else []
    missing += rng.sample(["medical_policy", "snils", "birth_certificate"], rng.choices((0, 1, 2), (75, 20, 5))[0])
    benefits = rng.sample(texts["benefits"], rng.randint(0, 3))
    return SocioEconomic(
        income_and_work=CodedText(code=work[0], text=work[1]),
        housing=CodedText(code=home[0], text=home[1]),
        benefits=tuple(Benefit(benefit=b, state=rng.choice(("granted", "applied", "not_applied"))) for b in benefits),
        documents_missing=tuple(missing),
    )


def offences(shape: Shape, member: Member) -> Offences | None:
    """OFF: only where the variety asks for it, and only with state holders: an NGO keeps no such records."""
    if not shape.is_("offence") or member.role not in {"child", "father"}:
        return None
    code, relevance = _texts()["offences"]["child" if member.role == "child" else "parent"][0]
    return Offences(record=Offence(code=code, relevance=relevance))


def adoption(shape: Shape, member: Member) -> Adoption | None:
    """ADP: only where the variety asks for it."""
    if not shape.is_("adopted_child") or member.role != "child":
        return None
    return Adoption(adoption=_texts()["adoption"])
