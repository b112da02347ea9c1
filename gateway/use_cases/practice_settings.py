"""What an organisation set for its practice, read as values. Unset is unset: nothing here has a default of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.use_cases.practice_values import PracticeSetting
from gateway.use_cases.tell_people import ROLES
from policies.profile import Profile
from policies.profiles import WARN
from policies.setting_values import WRITTEN, read_hours, read_term
from policies.terms import Term
from policies.timers import Service
from schemas.errors import BadInput

SWITCH: Final = "timer."
"""`timer.<timer>`: whether the organisation runs a timer of its practice."""
ON: Final = "on"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings of one organisation for one practice, by name; `region` are those that its region's overlay says, which
    hold where the organisation set nothing itself."""

    values: Mapping[str, str]
    region: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        settings: Iterable[PracticeSetting],
        organisation_id: str,
        practice: str,
        region: Mapping[str, str],
    ) -> Chosen:
        """Those of this organisation among others."""
        own = (row for row in settings if (row.organisation_id, row.practice) == (organisation_id, practice))
        return cls({row.name: row.value for row in own}, region)

    def value(self, name: str | None) -> str | None:
        """What holds of a setting: the organisation's own, else its region's; unset is unset."""
        return (self.values.get(name) or self.region.get(name)) if name else None

    def runs(self, timer: str) -> bool:
        """Whether the timer was switched on."""
        return self.values.get(SWITCH + timer) == ON

    def warn(self, timer: str) -> Term | None:
        """After what part of its term a timer warns, where that was set."""
        value = self.value(WARN + timer)
        return read_term(value) if value else None

    def service(self, name: str | None) -> Service | None:
        """Hours of a service; none: day and night."""
        value = self.value(name)
        return read_hours(value) if value else None

    def number(self, name: str) -> int | None:
        """A number, where it was set."""
        value = self.value(name)
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
        **WRITTEN,
        "roles": (lambda text: bool(text) and ROLES.issuperset(text.split(", ")), "role, role"),
    }
    holds, rule = readers[kind]
    if not holds(written):
        raise BadInput("field_invalid", place=name, rule=rule)
    return written
