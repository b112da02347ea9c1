"""The members of a family: who they are to each other, names that agree, birth dates that make the wanted ages."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from gateway.demo.names import FEMALE, MALE, FullName, NameGroup, Surname, name_groups
from gateway.demo.shapes import Shape

_LATER: Final = {"mother": (18, 38), "father": (20, 44), "grandmother": (46, 62)}


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the family. `born` is None for an unborn child, which has `expected` (a month) instead.

    `role` is mother, father, guardian or child; `serial` is the person's own number, from which all its identifiers
    come; `rights` of a parent are full, limited or terminated.
    """

    ref: str
    role: str
    serial: int
    name: FullName | None
    sex: str | None
    born: date | None
    age: int
    lives_with_children: bool = True
    rights: str = "full"
    expected: str | None = None

    @property
    def kind(self) -> str:
        """`child` or `parent`, as the exchange knows them."""
        return "child" if self.role == "child" else "parent"


@dataclass(frozen=True, slots=True)
class Lineage:
    """What the children inherit: the surname, and the patronymic from the father's given name where it is known."""

    group: NameGroup
    surname: Surname
    father: str | None


def members_of(shape: Shape, rng: random.Random) -> tuple[Member, ...]:
    """Children first, the oldest first; then the adults, the one who cares for the children first."""
    group = name_groups()["abroad" if shape.is_("foreign_citizenship") else _group(rng)]
    line = Lineage(group, rng.choice(group.surnames), group.given(MALE, rng))
    adults = _adults(shape, line, rng)
    father_known = shape.adults in {"both", "apart", "father"} or rng.random() < 0.7  # noqa: PLR2004  most are
    births = _births(shape, rng)
    children = [
        _child(shape, number, born, line if father_known else replace(line, father=None), rng)
        for number, born in enumerate(births)
    ]
    return (*children, *adults)


def _group(rng: random.Random) -> str:
    groups = name_groups()
    return rng.choices(tuple(groups), [group.share for group in groups.values()])[0]


def _births(shape: Shape, rng: random.Random) -> list[date]:
    """Birth dates that make the wanted ages today, with nine months or more between siblings who are not twins."""
    offset = rng.randint(60, 300)
    found: list[date] = []
    for number, age in enumerate(shape.ages):
        days = 0 if shape.exact and number == 0 else offset + rng.randint(-25, 25)
        twin = number > 0 and age == shape.ages[number - 1]
        found.append(found[-1] if twin else years_before(shape.today, max(age, 0)) - timedelta(days=days))
    return found


def years_before(day: date, years: int) -> date:
    """The same day `years` years ago; 28 February for 29 February where that year has none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _child(shape: Shape, number: int, born: date, line: Lineage, rng: random.Random) -> Member:
    ref, serial, age = f"{shape.key}/child-{number + 1}", shape.number * 20 + number, shape.ages[number]
    if age < 0:
        month = shape.today + timedelta(days=rng.randint(35, 120))
        return Member(ref, "child", serial, None, None, None, age, expected=month.isoformat()[:7])
    sex = rng.choice((MALE, FEMALE))
    return Member(ref, "child", serial, line.group.full(line.surname, sex, line.father, rng), sex, born, age)


def _adults(shape: Shape, line: Lineage, rng: random.Random) -> tuple[Member, ...]:
    group, surname = line.group, line.surname
    oldest = max(shape.ages[0], 0)

    def adult(role: str, number: int, name: FullName, *, together: bool = True, rights: str = "full") -> Member:
        age = oldest + rng.randint(*_LATER["grandmother" if role == "guardian" else role])
        if shape.is_("minor_parent"):
            age = 15
        born = years_before(shape.today, age) - timedelta(days=rng.randint(30, 330))
        ref, serial = f"{shape.key}/{role}", shape.number * 20 + 10 + number
        return Member(ref, role, serial, name, name.sex, born, age, together, rights)

    own = surname if rng.random() < 0.85 else rng.choice(group.surnames)  # noqa: PLR2004  some mothers keep their name
    grandfather = None if shape.is_("foreign_citizenship") else group.given(MALE, rng)
    if shape.adults == "grandmother":
        return (adult("guardian", 1, group.full(surname, FEMALE, grandfather, rng)),)
    mother = group.full(surname if shape.adults == "mother" else own, FEMALE, grandfather, rng)
    of_father = group.patronymic(group.given(MALE, rng), MALE) if grandfather else None
    father = FullName(surname, MALE, line.father or group.given(MALE, rng), of_father)
    if shape.adults == "mother":
        return (adult("mother", 1, mother),)
    if shape.adults == "father":
        return (adult("father", 2, father),)
    rights = {"rights_limited": "limited", "rights_terminated": "terminated"}.get(shape.variety or "", "full")
    together = shape.adults == "both"
    return (adult("mother", 1, mother), adult("father", 2, father, together=together, rights=rights))
