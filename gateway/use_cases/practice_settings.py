"""What an organisation set for its practice, read as values. Unset is unset: nothing here has a default of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Final, get_args

from gateway.use_cases.practice_values import PracticeSetting
from gateway.use_cases.tell_people import ROLES
from policies.profile import Profile, TermRow
from policies.profiles import WARN
from policies.terms import Term, Unit
from policies.timers import Service
from schemas.errors import BadInput

SWITCH: Final = "timer."
"""`timer.<timer>`: whether the organisation runs a timer of its practice."""
ON: Final = "on"
LONGEST_TEXT: Final = 100
MOST: Final = 1_000_000

_TERM: Final = re.compile(r"(\d{1,4}(?:\.5)?) ([a-z_]+)", re.ASCII)
_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings of one organisation for one practice, by name."""

    values: Mapping[str, str]

    @classmethod
    def of(cls, settings: Iterable[PracticeSetting], organisation_id: str, practice: str) -> Chosen:
        """Those of this organisation among others."""
        own = (row for row in settings if (row.organisation_id, row.practice) == (organisation_id, practice))
        return cls({row.name: row.value for row in own})

    def runs(self, timer: str) -> bool:
        """Whether the timer was switched on."""
        return self.values.get(SWITCH + timer) == ON

    def warn(self, timer: str) -> Term | None:
        """After what part of its term a timer warns, where that was set."""
        value = self.values.get(WARN + timer)
        return read_term(value) if value else None

    def service(self, name: str | None) -> Service | None:
        """Hours of a service; none: day and night."""
        value = self.values.get(name) if name else None
        return read_hours(value) if value else None

    def number(self, name: str) -> int | None:
        """A number, where it was set."""
        value = self.values.get(name)
        return int(value) if value else None


def kinds(profile: Profile) -> Mapping[str, str]:
    """Everything that may be set for a practice, with its kind."""
    return {
        **{SWITCH + timer: "switch" for timer in profile.timers},
        **{WARN + timer: "term" for timer in profile.timers},
        **{name: row.kind for name, row in profile.settings.items()},
    }


def read_value(kind: str, name: str, value: str) -> str:
    """The value as it is kept. Raises BadInput (field_invalid) that says how it is written."""
    written = " ".join(value.split())
    readers: Mapping[str, tuple[Callable[[str], bool], str]] = {
        "switch": (lambda text: text == ON, ON),
        "text": (lambda text: 0 < len(text) <= LONGEST_TEXT, f"1–{LONGEST_TEXT} characters"),
        "number": (lambda text: text.isascii() and text.isdigit() and int(text) <= MOST, "a whole number"),
        "term": (_is_term, "3 working_day"),
        "hours": (_is_hours, "09:00-21:00"),
        "roles": (lambda text: bool(text) and ROLES.issuperset(text.split(", ")), "role, role"),
    }
    holds, rule = readers[kind]
    if not holds(written):
        raise BadInput("field_invalid", place=name, rule=rule)
    return written


def read_term(value: str) -> Term:
    """«3 working_day» as a term. Raises ValueError."""
    match = _TERM.fullmatch(value)
    if match is None or match[2] not in get_args(Unit):
        raise ValueError(value)
    return TermRow.model_validate({"amount": Decimal(match[1]), "unit": match[2]}).term


def read_hours(value: str) -> Service:
    """«09:00-21:00» as service hours. Raises ValueError."""
    match = _HOURS.fullmatch(value)
    if match is None:
        raise ValueError(value)
    opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    return Service(opens, closes)


def _is_term(value: str) -> bool:
    try:
        read_term(value)
    except ValueError:
        return False
    return True


def _is_hours(value: str) -> bool:
    try:
        read_hours(value)
    except ValueError:
        return False
    return True
