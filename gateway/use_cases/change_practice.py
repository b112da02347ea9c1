"""Switch timers of one's practice on and off, and set what the practice leaves open. Each change is an entry.

Off is where a timer begins, and a practice's own terms run for nobody who did not ask for them; terms of messages and of
law always run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_settings import ON, SWITCH, Chosen, kinds, read_value
from gateway.use_cases.practice_values import PracticeSetting
from gateway.use_cases.recompute_timers import recompute_practice
from gateway.use_cases.record_practice_event import has_practice_role, require_practice_role
from gateway.use_cases.run_practice_timers import PAGE, chosen_by, end_all
from gateway.use_cases.values import Organisation, Requester
from policies.profile import Profile
from schemas.errors import BadInput, NotPermitted
from schemas.ids import EntryId

OFF = "off"


@dataclass(frozen=True, slots=True)
class OwnPractice:
    """One's organisation, its practice, and what was set. What who asks may: change it, keep records of cases, see the load."""

    organisation: Organisation
    profile: Profile
    chosen: Chosen
    may_set: bool
    may_keep: bool
    may_see_load: bool


def read_practice(house: House, requester: Requester) -> OwnPractice:
    """Raises NotPermitted (practice_none)."""
    with house.store.reading() as unit:
        organisation, profile = _own(house, unit, requester)
        chosen = chosen_by(house, unit, organisation)
        is_own = requester.role == "caseworker"
        return OwnPractice(
            organisation,
            profile,
            chosen,
            may_set=has_practice_role(unit, requester, profile.may.set),
            may_keep=is_own and has_practice_role(unit, requester, profile.may.keep),
            may_see_load=is_own and has_practice_role(unit, requester, profile.may.load),
        )


@begin_anew
def change_practice(house: House, requester: Requester, name: str, value: str | None, now: datetime) -> EntryId:
    """Set `name` (none: take it back to unset). `timer.<timer>` is a switch: `on` or `off`; switched off, what runs of it
    ends. A changed warning or changed service hours count at once for what runs.

    Raises NotPermitted (practice_none, practice_not_yours, not_for_overseers), BadInput (setting_unknown, field_invalid).
    """
    with house.store.writing() as unit:
        organisation, profile = _own(house, unit, requester)
        require_practice_role(unit, requester, profile.may.set)
        practice = organisation.practice or ""
        kind = kinds(profile).get(name)
        if kind is None:
            raise BadInput("setting_unknown", setting=name[:80], known=", ".join(kinds(profile)))
        given = None if value is None or (kind == "switch" and value == OFF) else read_value(kind, name, value)
        ended = 0
        if given is None:
            unit.practices.take_setting(organisation.id, practice, name)
            if kind == "switch":
                ended = _end_all(unit, organisation, practice, name.removeprefix(SWITCH), requester.actor, now)
        else:
            unit.practices.put_setting(PracticeSetting(organisation.id, practice, name, given, now, requester.actor))
        moved = recompute_practice(house, unit, now, organisation.id).moved if kind in {"term", "hours"} else 0
        return append_entry(
            unit,
            EventKind.PRACTICE_CHANGED,
            {
                "organisation": organisation.id,
                "actor": requester.actor,
                "practice": practice,
                "setting": name,
                "value": "unset" if given is None else "words" if kind == "text" else given,
                "ended": ended,
                "moved": moved,
            },
            now,
        )


def switch_timer(house: House, requester: Requester, timer: str, now: datetime, *, on: bool) -> EntryId:
    """Switch a timer of one's practice. Raises as `change_practice`."""
    return change_practice(house, requester, SWITCH + timer, ON if on else OFF, now)


def _own(house: House, unit: Unit, requester: Requester) -> tuple[Organisation, Profile]:
    organisation = unit.participants.organisation(requester.organisation_id)
    profile = house.practices.get(organisation.practice) if organisation else None
    if organisation is None or profile is None:
        raise NotPermitted("practice_none")
    return organisation, profile


def _end_all(unit: Unit, organisation: Organisation, practice: str, timer: str, actor: str, now: datetime) -> int:
    after, count = "", 0
    while page := unit.practices.running_page(after, PAGE, organisation.id):
        ended = [row for row in page if (row.practice, row.timer) == (practice, timer)]
        end_all(unit, ended, actor, now)
        after, count = page[-1].id, count + len(ended)
    return count
