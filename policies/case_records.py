"""What an organisation keeps of its own case by its practice: kinds, what may be said, and what holds of all that was said.

Pure. A record is never changed: a later one takes its place, and what was said before stays as its history. What holds
follows from when a thing was so, not from the order in which it came in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from policies.profile import Profile
from schemas.errors import BadInput

CASE_TYPE, SCENARIO, READINESS, NEEDS = "case_type", "scenario", "readiness", "needs"
WELLBEING, CHECKLIST, CLOSING, SPENDING = "wellbeing", "checklist", "closing", "spending"
KINDS: Final = (CASE_TYPE, SCENARIO, READINESS, NEEDS, WELLBEING, CHECKLIST, CLOSING, SPENDING)
"""In the order in which people read them."""

NEED_STATES: Final = ("open", "met", "none")
"""A need that is open, one that is met, none."""
CHANGES: Final = ("first", "better", "same", "worse")
"""Of a sphere of a child's life: the first record, then what became of it since the record before; at closing since the
first. The practice refuses scores, so there is no scale."""
PARTS: Final = ("child", "parent", "family")
BUDGET: Final = "budget"
MAJORITY: Final = 18
MOST_ROUBLES: Final = 1_000_000_000
EARLIEST_YEAR: Final = 2000


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says, before it is checked: one code, several, a state for each of some codes, or an amount of a year."""

    kind: str
    code: str | None = None
    codes: tuple[str, ...] = ()
    states: Mapping[str, str] | None = None
    part: str | None = None
    at_closing: bool = False
    year: int | None = None
    roubles: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it was opened. `about`: whom it is about, nobody for the family as a whole. `value` is None once the
    keys of its subject are destroyed."""

    id: str
    kind: str
    about: str | None
    at: datetime
    recorded_at: datetime
    value: Mapping[str, Any] | None


def titles(profile: Profile, kind: str, part: str | None = None) -> Mapping[str, str]:
    """The codes of a kind with their words; none where the practice does not use it."""
    if kind == CASE_TYPE:
        return {code: row.title_ru for code, row in profile.case_types.items()}
    lists: Mapping[str, Mapping[str, str]] = {
        SCENARIO: profile.scenarios,
        READINESS: profile.readiness,
        NEEDS: profile.needs,
        WELLBEING: profile.spheres,
        CLOSING: profile.closing,
        CHECKLIST: profile.checklist.get(part, {}) if part else {c: c for c in profile.checklist},
    }
    return lists.get(kind, {})


def is_used(profile: Profile, kind: str) -> bool:
    """Whether the practice has this kind of record; spending is kept where the practice has a norm of it."""
    return BUDGET in profile.norms if kind == SPENDING else bool(titles(profile, kind))


def person_of(kind: str, part: str | None = None) -> str | None:
    """Whom a record of a kind is about: a child, a parent, or (None) the family as a whole."""
    if kind == CHECKLIST:
        return part if part != "family" else None
    return {WELLBEING: "child", READINESS: "parent"}.get(kind)


def check(profile: Profile, said: Said) -> dict[str, Any]:
    """What is kept of it. Raises BadInput: record_unknown, record_not_used, field_invalid with the place and the rule."""
    if said.kind not in KINDS:
        raise BadInput("record_unknown", kind=said.kind[:40], known=", ".join(KINDS))
    if not is_used(profile, said.kind):
        raise BadInput("record_not_used", kind=said.kind)
    codes = titles(profile, said.kind)
    if said.kind in {CASE_TYPE, SCENARIO, READINESS}:
        return {"code": _one(said.code, codes, "code")}
    if said.kind in {NEEDS, WELLBEING}:
        allowed = NEED_STATES if said.kind == NEEDS else CHANGES
        more = {"closing": True} if said.kind == WELLBEING and said.at_closing else {}
        return {"states": _states(said.states or {}, codes, allowed), **more}
    if said.kind == CHECKLIST:
        part = _one(said.part, codes, "part")
        return {"part": part, "met": _several(said.codes, titles(profile, CHECKLIST, part))}
    if said.kind == CLOSING:
        return {"met": _several(said.codes, codes)}
    return {
        "year": _within(said.year, EARLIEST_YEAR, 9999, "year"),
        "roubles": _within(said.roubles, 0, MOST_ROUBLES, "roubles"),
    }


def in_order(records: Iterable[Record]) -> list[Record]:
    """The latest first: by when it was so, then by when it was recorded. One total order, whatever came in when."""
    return sorted(records, key=lambda record: (record.at, record.recorded_at, record.id), reverse=True)


def latest(records: Iterable[Record], kind: str, about: str | None = None, **value: object) -> Record | None:
    """What holds of a kind (about somebody; with these values): the latest that was said, readable or not."""
    return next(
        (
            record
            for record in in_order(records)
            if record.kind == kind
            and (about is None or record.about == about)
            and (record.value is None or all(record.value.get(name) == wanted for name, wanted in value.items()))
        ),
        None,
    )


def spent(records: Iterable[Record], year: int) -> int | None:
    """Roubles of a year: the last sum that was said of it; None where none was."""
    found = latest((record for record in records if record.value is not None), SPENDING, year=year)
    return int(found.value["roubles"]) if found and found.value else None


def majority_on(births: Iterable[str | None]) -> date | None:
    """When the youngest of the children comes of age; None where there is none, or a birth date is not known.

    An unborn child is born by the end of the month in which it is expected. Who was born on 29 February comes of age on
    1 March of a common year, as ages are counted everywhere here.
    """
    days = [_born(birth) for birth in births]
    if not days or None in days:
        return None
    youngest = max(day for day in days if day is not None)
    try:
        return youngest.replace(year=youngest.year + MAJORITY)
    except ValueError:
        return date(youngest.year + MAJORITY, 3, 1)


@dataclass(frozen=True, slots=True)
class Closing:
    """How a case stands by what its practice asks for at closing: it informs, and blocks nothing.

    `assessed`: whether somebody looked. `alone`: the criterion that is enough by itself, if it is met. `children`: those
    without a record of their life at closing. `parts`: of the checklist, what of each part is not met, or not looked at
    (None).
    """

    assessed: bool
    met: tuple[str, ...]
    unmet: tuple[str, ...]
    alone: str | None
    children: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...] | None]

    @property
    def holds(self) -> bool:
        """Whether nothing is left to be said."""
        return not self.unmet and not self.children and all(rest == () for rest in self.parts.values())


def closing(profile: Profile, records: Sequence[Record], children: Collection[str]) -> Closing | None:
    """None for a practice that asks for nothing at closing."""
    if not (profile.closing or profile.checklist or profile.wellbeing_at_closing):
        return None
    found = latest(records, CLOSING)
    said: Collection[str] = found.value["met"] if found and found.value else ()
    alone = next((code for code in profile.closing_alone if code in said), None)
    return Closing(
        found is not None and found.value is not None,
        tuple(code for code in profile.closing if code in said),
        unmet_of(profile, said),
        alone,
        tuple(
            child
            for child in children
            if profile.wellbeing_at_closing and latest(records, WELLBEING, child, closing=True) is None
        ),
        {part: _rest(profile, records, part) for part in profile.checklist},
    )


def unmet_of(profile: Profile, met: Collection[str]) -> tuple[str, ...]:
    """The criteria that must be met together and are not; none of them where one that is enough alone is met."""
    if not set(profile.closing_alone).isdisjoint(met):
        return ()
    return tuple(code for code in profile.closing if code not in profile.closing_alone and code not in met)


def _rest(profile: Profile, records: Sequence[Record], part: str) -> tuple[str, ...] | None:
    """What is not met for everybody of whom this part was looked at."""
    newest: dict[str | None, Record] = {}
    for record in in_order(records):
        if record.kind == CHECKLIST and record.value is not None and record.value["part"] == part:
            newest.setdefault(record.about, record)
    if not newest:
        return None
    met = set.intersection(*(set(record.value["met"]) for record in newest.values() if record.value is not None))
    return tuple(code for code in profile.checklist[part] if code not in met)


def _born(birth: str | None) -> date | None:
    if birth is None:
        return None
    year, month, *rest = (int(part) for part in birth.split("-"))
    if rest:
        return date(year, month, rest[0])
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _one(code: str | None, known: Mapping[str, str], place: str) -> str:
    if code is None or code not in known:
        raise BadInput("field_invalid", place=place, rule=", ".join(known))
    return code


def _several(codes: Iterable[str], known: Mapping[str, str]) -> list[str]:
    given = set(codes)
    if not given <= set(known):
        raise BadInput("field_invalid", place="codes", rule=", ".join(known))
    return [code for code in known if code in given]


def _states(states: Mapping[str, str], known: Mapping[str, str], allowed: Sequence[str]) -> dict[str, str]:
    if set(states) - set(known):
        raise BadInput("field_invalid", place="states", rule=", ".join(known))
    for code in known:
        if states.get(code) not in allowed:
            raise BadInput("field_invalid", place=code, rule=", ".join(allowed))
    return {code: states[code] for code in known}


def _within(value: int | None, least: int, most: int, place: str) -> int:
    if value is None or not least <= value <= most:
        raise BadInput("field_invalid", place=place, rule=f"{least}–{most}")
    return value
