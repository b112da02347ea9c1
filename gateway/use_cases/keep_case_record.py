"""Keep something of one's own case by the practice: its type, scenario, readiness, needs, a child's life, what closing asks.

Internal to the holder: no summary and no message has it, and no export but the holder's own. Nothing is changed, a later
record takes the place of an earlier one. Where the practice has an event that comes with it, the event is recorded too, and
its terms end and begin.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.case_record_entry import NewRecord, add_record
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_values import CASE, CaseCourse, CourseTimer
from gateway.use_cases.record_practice_event import EnteredEvent, enter_event, keeper, require_practice_role
from gateway.use_cases.run_practice_timers import apply_event, clock_of
from gateway.use_cases.values import Organisation, Requester, SubjectOnFile
from policies.case_records import CASE_TYPE, WELLBEING, Said, check, person_of
from policies.profile import Profile
from schemas.days import is_countable
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.ids import CaseId, EntryId, SubjectId

CHILD = "child"


@dataclass(frozen=True, slots=True)
class RecordKept:
    """The entry of the record; the terms that ended and started with it."""

    entry_id: EntryId
    started: tuple[CourseTimer, ...] = ()
    ended: tuple[CourseTimer, ...] = ()


@begin_anew
def keep_case_record(
    house: House,
    requester: Requester,
    unverified_case: str,
    said: Said,
    now: datetime,
    *,
    subject: str | None = None,
    at: datetime | None = None,
) -> RecordKept:
    """`subject` is one's own pseudonym of whom it is about, where a kind is about a person; `at` when it was so (none: now).

    Raises Unavailable (case_unavailable), NotPermitted (practice_none, practice_not_yours, not_assigned,
    not_for_overseers), BadInput (record_unknown, record_not_used, record_person, record_time, field_invalid).
    """
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    with house.store.writing() as unit:
        organisation, profile = keeper(house, unit, requester, case_id)
        require_keeper(unit, requester, profile, case_id)
        value = check(profile, said)
        members = unit.case_records.members(case_id)
        about = _about(house, requester, members, person_of(said.kind, said.part), subject)
        happened = at or now
        if happened.utcoffset() is None or not is_countable(happened) or happened > now:
            raise BadInput("record_time")
        practice = organisation.practice or ""
        before = unit.case_records.newest(case_id, organisation.id, practice, said.kind)
        new = NewRecord(organisation, case_id, said.kind, value, happened, about)
        entry_id = add_record(house, unit, requester, new, now)
        event = profile.comes_with.get(said.kind)
        course = unit.practices.course(case_id, organisation.id, practice)
        if event is None or course is None or (said.kind == CASE_TYPE and not before):
            return RecordKept(entry_id)
        children = house.vault.alive(m.id for m in members if m.kind == CHILD) if said.kind == WELLBEING else ()
        ended, started = _with_event(
            house, unit, requester, profile, course, organisation, event, children, happened, now
        )
    return RecordKept(entry_id, tuple(started), tuple(ended))


def require_keeper(unit: Unit, requester: Requester, profile: Profile, case_id: CaseId) -> None:
    """Who keeps and reads the records of a case: these roles of the practice, and of them who works on the case.

    Raises NotPermitted (not_for_overseers, practice_not_yours, not_assigned).
    """
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    require_practice_role(unit, requester, profile.may.keep)
    require_assigned(unit, requester, case_id)


def _about(
    house: House,
    requester: Requester,
    members: Collection[SubjectOnFile],
    kind: str | None,
    subject: str | None,
) -> SubjectId | None:
    if kind is None:
        return None
    found = house.vault.resolve_subject(requester.organisation_id, subject or "")
    if not any(member.id == found and member.kind == kind for member in members):
        raise BadInput("record_person", kind=kind)
    if not house.vault.alive([found]):
        raise Unavailable("case_unavailable")
    return found


def _with_event(
    house: House,
    unit: Unit,
    requester: Requester,
    profile: Profile,
    course: CaseCourse,
    organisation: Organisation,
    event: str,
    children: Collection[SubjectId],
    at: datetime,
    now: datetime,
) -> tuple[list[CourseTimer], list[CourseTimer]]:
    """Record the event that comes with a record. A term about all children ends with the last of them: one that was not
    looked at keeps it running. A case that is closed begins no further round."""
    ended: list[CourseTimer] = []
    started: list[CourseTimer] = []
    case_id = course.case_id
    since = _round(unit, profile, organisation, case_id, event)
    is_open = since is not None or profile.phase(course.stage) == "open"
    kept = unit.case_records.newest(case_id, organisation.id, course.practice, WELLBEING) if children else {}
    if is_open and all(child in kept and (since is None or kept[child] > since) for child in children):
        last = max((kept[child] for child in children), default=at)
        clock = clock_of(house, unit, organisation)
        ended, started = apply_event(clock, unit, event, [(CASE, str(case_id))], requester.actor, last)
    enter_event(
        unit, requester, EnteredEvent(organisation, case_id, event, None, course.stage, at), started, ended, now
    )
    return ended, started


def _round(unit: Unit, profile: Profile, organisation: Organisation, case_id: CaseId, event: str) -> datetime | None:
    """Since when the term runs that this event ends; None where none runs."""
    ending = profile.ended_by(event)
    running = unit.practices.running_about(CASE, case_id, organisation.id)
    return max((timer.started_at for timer in running if timer.timer in ending), default=None)
