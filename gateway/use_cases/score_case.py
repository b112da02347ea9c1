"""Score one's own case: for the workload of its holder, never part of a summary or a message, and of no export but that of
all its holder's own data.

The points rest sealed with a child of the family, and only the holder's people who work on the case read them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.entry import JsonValue, commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.disclose import disclose_own
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_settings import Chosen
from gateway.use_cases.practice_values import CaseCourse, CaseScore, CourseEvent, CourseTimer
from gateway.use_cases.record_practice_event import has_practice_role, keeper, require_practice_role
from gateway.use_cases.run_practice_timers import chosen_by
from gateway.use_cases.values import Organisation, Requester, SubjectOnFile
from policies.profile import NOT_USED, Profile, ScoreRow
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.ids import CaseId, EntryId, SubjectId, new_id

MAX_EVENTS = 100
MAX_SCORES = 50
MOST_POINTS = 1000


@dataclass(frozen=True, slots=True)
class ShownScore:
    """One score with its sum. `level` is None where the thresholds are not set. Points are None once keys are destroyed."""

    score: str
    at: datetime
    points: Mapping[str, int] | None
    total: int | None
    level: str | None


@dataclass(frozen=True, slots=True)
class OwnCase:
    """Where one's own case stands by the practice: stage, what was recorded, what runs, scores (for who may score)."""

    organisation: Organisation
    profile: Profile
    chosen: Chosen
    course: CaseCourse | None
    events: tuple[CourseEvent, ...]
    timers: tuple[CourseTimer, ...]
    scores: tuple[ShownScore, ...]
    may_record: bool
    may_score: bool


def score_case(
    house: House, requester: Requester, unverified_case: str, score: str, points: Mapping[str, int], now: datetime
) -> EntryId:
    """Keep the points of a score of the practice, one for each of its criteria.

    Raises Unavailable (case_unavailable), NotPermitted (practice_none, practice_not_yours, not_assigned,
    not_for_overseers), BadInput (score_unknown, score_not_used, field_invalid).
    """
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    with house.store.writing() as unit:
        organisation, profile = keeper(house, unit, requester, case_id)
        _require_scorer(unit, requester, profile, case_id)
        row = _row(profile, score)
        _check_points(row, points)
        subjects = unit.families.case_subjects(case_id)
        if not subjects:
            raise Unavailable("case_unavailable")
        score_id, salt = new_id(), new_salt()
        plain = json.dumps({code: points[code] for code in row.criteria}).encode()
        sealed = house.vault.seal_words(subjects[0], place_of_score(score_id), plain)
        entry_id = append_entry(
            unit,
            EventKind.CASE_SCORED,
            {
                "organisation": organisation.id,
                "actor": requester.actor,
                "case": commitment(salt, case_id),
                "practice": organisation.practice or "",
                "score": score,
            },
            now,
        )
        unit.practices.add_score(
            CaseScore(
                score_id, case_id, organisation.id, score, now, requester.actor, entry_id, salt, subjects[0], sealed
            )
        )
    return entry_id


def read_own_case(house: House, requester: Requester, unverified_case: str, now: datetime) -> OwnCase:
    """One's own case by its practice. Scores are opened for who may score and for nobody else, after the entry of it.

    Raises Unavailable (case_unavailable), NotPermitted (practice_none, not_assigned, not_for_overseers).
    """
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    with house.store.reading() as unit:
        organisation, profile = keeper(house, unit, requester, case_id, lock=False)
        if requester.role != "caseworker":
            raise NotPermitted("not_for_overseers")
        require_assigned(unit, requester, case_id)
        may_score = has_practice_role(unit, requester, profile.may.score)
        may_record = has_practice_role(unit, requester, profile.may.record) and not unit.families.is_over(case_id)
        chosen = chosen_by(house, unit, organisation)
        course = unit.practices.course(case_id, organisation.id, organisation.practice or "")
        events = unit.practices.events(case_id, organisation.id, MAX_EVENTS)
        timers = unit.practices.running_about("case", case_id, organisation.id)
        kept = unit.practices.scores(case_id, organisation.id, MAX_SCORES) if may_score else ()
    scores: tuple[ShownScore, ...] = ()
    if kept:
        found, opened, _ = disclose_own(
            house, lambda unit: _kept(house, unit, requester, case_id), EventKind.SCORES_READ, now
        )
        scores = tuple(_shown(profile, chosen, row, plain) for row, plain in zip(found.rows, opened, strict=True))
    return OwnCase(organisation, profile, chosen, course, tuple(events), tuple(timers), scores, may_record, may_score)


@dataclass(frozen=True, slots=True)
class _KeptScores:
    rows: tuple[CaseScore, ...]
    actor: str
    members: tuple[SubjectOnFile, ...] = ()

    @property
    def sealed(self) -> list[tuple[SubjectId, str, bytes]]:
        return [(row.sealed_with, place_of_score(row.id), row.sealed) for row in self.rows]

    @property
    def entry(self) -> Mapping[str, JsonValue]:
        first = self.rows[0]
        return {
            "organisation": first.organisation_id,
            "actor": self.actor,
            "case": commitment(first.salt, first.case_id),
        }


def _kept(house: House, unit: Unit, requester: Requester, case_id: CaseId) -> _KeptScores:
    organisation, profile = keeper(house, unit, requester, case_id, lock=False)
    _require_scorer(unit, requester, profile, case_id)
    return _KeptScores(tuple(unit.practices.scores(case_id, organisation.id, MAX_SCORES)), requester.actor)


def level_of(row: ScoreRow, chosen: Chosen, total: int) -> str | None:
    """The level of a sum; None where a threshold is not set: nothing is invented."""
    found = None
    for code, level in row.levels.items():
        least = level.at_least if level.above is None else chosen.number(level.above)
        if least is None:
            return None
        if total >= least:
            found = code
    return found


def _shown(profile: Profile, chosen: Chosen, kept: CaseScore, plain: bytes | None) -> ShownScore:
    if plain is None:
        return ShownScore(kept.score, kept.at, None, None, None)
    points: dict[str, int] = json.loads(plain)
    total = sum(points.values())
    row = profile.scores.get(kept.score)
    level = level_of(row, chosen, total) if isinstance(row, ScoreRow) else None
    return ShownScore(kept.score, kept.at, points, total, level)


def _row(profile: Profile, score: str) -> ScoreRow:
    row = profile.scores.get(score)
    if row is None:
        raise BadInput("score_unknown", score=score[:40])
    if row == NOT_USED or not isinstance(row, ScoreRow):
        raise BadInput("score_not_used", score=score)
    return row


def _check_points(row: ScoreRow, points: Mapping[str, int]) -> None:
    least, most = row.least if row.least is not None else 0, row.most if row.most is not None else MOST_POINTS
    for code in row.criteria:
        given = points.get(code)
        if given is None or not least <= given <= most:
            raise BadInput("field_invalid", place=code, rule=f"{least}–{most}")
    if unknown := set(points) - set(row.criteria):
        raise BadInput("field_invalid", place=min(unknown)[:40], rule=", ".join(row.criteria))


def _require_scorer(unit: Unit, requester: Requester, profile: Profile, case_id: CaseId) -> None:
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    require_practice_role(unit, requester, profile.may.score)
    require_assigned(unit, requester, case_id)


def place_of_score(score_id: str) -> str:
    """What the points of a score are sealed for."""
    return f"score:{score_id}"
