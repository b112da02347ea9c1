"""How many cases each of one's people has, by the norms of the practice: for who leads them. Statements do not grow with
their number, and no family is named: these are sums. Scores are opened for people only, never for a system."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.entry import JsonValue
from gateway.evidence.events import EventKind
from gateway.use_cases.assign_case import CURATOR
from gateway.use_cases.disclose import disclose_own
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_settings import Chosen
from gateway.use_cases.practice_values import CaseScore
from gateway.use_cases.record_practice_event import require_practice_role
from gateway.use_cases.record_values import WorkedCase
from gateway.use_cases.run_practice_timers import chosen_by
from gateway.use_cases.score_case import level_of, place_of_score
from gateway.use_cases.values import Organisation, Person, Requester, SubjectOnFile
from policies.norms import Load, Standing, load_norms
from policies.profile import Profile, ScoreRow
from schemas.errors import NotPermitted
from schemas.ids import CaseId, PersonId, SubjectId

MAX_CASES = 5000
COMPLEX = "complex_cases"


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """One who works on cases. Norms are about curators; of others (`is_curator`) only the figures are shown."""

    name: str
    is_curator: bool
    load: Load
    norms: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Loads:
    """Everybody with a case, and curators without one, by name. `unassigned`: open cases on which nobody works."""

    organisation: Organisation
    profile: Profile
    people: tuple[PersonLoad, ...]
    unassigned: int


@dataclass(frozen=True, slots=True)
class _Found:
    organisation: Organisation
    profile: Profile
    chosen: Chosen
    actor: str
    people: Sequence[Person]
    worked: Sequence[WorkedCase]
    scores: Sequence[CaseScore]
    members: tuple[SubjectOnFile, ...] = ()

    @property
    def sealed(self) -> list[tuple[SubjectId, str, bytes]]:
        return [(row.sealed_with, place_of_score(row.id), row.sealed) for row in self.scores]

    @property
    def entry(self) -> Mapping[str, JsonValue]:
        return {
            "organisation": self.organisation.id,
            "actor": self.actor,
            "practice": self.organisation.practice or "",
        }


def read_loads(house: House, requester: Requester, now: datetime) -> Loads:
    """Raises NotPermitted (practice_none, practice_not_yours, not_for_overseers)."""
    found, opened, _ = disclose_own(house, lambda unit: _find(house, unit, requester), EventKind.LOADS_READ, now)
    profile = found.profile
    levels = {
        row.case_id: _level(profile, found.chosen, row, plain) for row, plain in zip(found.scores, opened, strict=True)
    }
    curators = {person.id: person.display_name for person in found.people if CURATOR in person.roles}
    names = dict(curators)
    own: dict[PersonId, list[WorkedCase]] = {person: [] for person in curators}
    unassigned = 0
    for row in found.worked:
        if row.person_id is None:
            unassigned += profile.phase(row.stage) == "open"
        else:
            names[row.person_id] = row.name or ""
            own.setdefault(row.person_id, []).append(row)
    people = []
    for person, name in sorted(names.items(), key=lambda item: (item[1], item[0])):
        load = _load(profile, own[person], levels)
        is_curator = person in curators
        people.append(PersonLoad(name, is_curator, load, load_norms(profile, load) if is_curator else ()))
    return Loads(found.organisation, profile, tuple(people), unassigned)


def _find(house: House, unit: Unit, requester: Requester) -> _Found:
    organisation = unit.participants.organisation(requester.organisation_id)
    profile = house.practices.get(organisation.practice) if organisation else None
    if organisation is None or profile is None:
        raise NotPermitted("practice_none")
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    require_practice_role(unit, requester, profile.may.load)
    practice, score = organisation.practice or "", _counted(profile)
    return _Found(
        organisation,
        profile,
        chosen_by(house, unit, organisation),
        requester.actor,
        unit.participants.people_of(organisation.id),
        unit.case_records.worked(organisation.id, practice, MAX_CASES),
        unit.case_records.newest_scores(organisation.id, score[0], MAX_CASES) if score and requester.person_id else (),
    )


def _counted(profile: Profile) -> tuple[str, str] | None:
    """The score and the level that the norm of complex cases counts."""
    norm = profile.norms.get(COMPLEX)
    if norm is None or norm.level is None:
        return None
    score, _, level = norm.level.partition(".")
    return score, level


def _level(profile: Profile, chosen: Chosen, kept: CaseScore, plain: bytes | None) -> str | None:
    row = profile.scores.get(kept.score)
    if plain is None or not isinstance(row, ScoreRow):
        return None
    points: dict[str, int] = json.loads(plain)
    return level_of(row, chosen, sum(points.values()))


def _load(profile: Profile, cases: Sequence[WorkedCase], levels: Mapping[CaseId, str | None]) -> Load:
    phases = Counter(profile.phase(case.stage) for case in cases)
    counted = _counted(profile)
    running = [case.case_id for case in cases if profile.phase(case.stage) == "open"]
    complex_cases = None
    if counted is not None and (not running or any(levels.get(case_id) for case_id in running)):
        complex_cases = sum(levels.get(case_id) == counted[1] for case_id in running)
    return Load(len(running), complex_cases, phases["after"])
