"""Record an event of the practice on one's own case: it may change the stage, and starts and ends timers.

Only what the profile allows may follow a stage; who did it, when it was and when it was recorded stand in an entry.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.case_record_entry import NewRecord, add_record
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_values import CASE, MESSAGE, CaseCourse, CourseEvent, CourseTimer
from gateway.use_cases.run_practice_timers import apply_event, clock_of
from gateway.use_cases.tell_people import answers_for
from gateway.use_cases.values import Organisation, Requester
from policies.case_records import CLOSING, Said, check, unmet_of
from policies.profile import CLOSED, Profile
from schemas.days import is_countable
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import CaseId, EntryId, MessageId, is_id, new_id


@dataclass(frozen=True, slots=True)
class EventRecorded:
    """What came of it. `new_case`: what follows belongs into a new case. `closes`: it closed the case; `unmet` are the criteria
    that were not met then (None: nobody was asked), which inform and block nothing."""

    entry_id: EntryId
    stage: str
    started: tuple[CourseTimer, ...]
    ended: tuple[CourseTimer, ...]
    new_case: bool
    closes: bool = False
    unmet: tuple[str, ...] | None = None


@begin_anew
def record_practice_event(
    house: House,
    requester: Requester,
    unverified_case: str,
    event: str,
    now: datetime,
    *,
    at: datetime | None = None,
    message: str | None = None,
    criteria: Collection[str] | None = None,
) -> EventRecorded:
    """`at` is when it happened (none: now); `message` a message of the queue that it answers; `criteria` those closing criteria
    of the practice that are met, kept with an event that closes the case.

    Raises Unavailable (case_unavailable, message_unavailable), NotPermitted (practice_none, practice_not_yours,
    not_assigned, not_for_overseers), BadInput (event_unknown, event_time,
    record_not_used, field_invalid), Conflict (stage_forbidden, case_over).
    """
    happened = at or now
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    with house.store.writing() as unit:
        organisation, profile = keeper(house, unit, requester, case_id)
        require_practice_role(unit, requester, profile.may.record)
        require_assigned(unit, requester, case_id)
        row = profile.events.get(event)
        if row is None:
            raise BadInput("event_unknown", event=event[:40], known=", ".join(profile.events))
        course = unit.practices.course(case_id, organisation.id, organisation.practice or "")
        _check_time(happened, now, course)
        if row.to is not None and not profile.may_follow(course.stage if course else None, row.to):
            raise Conflict("stage_forbidden", stage=course.stage if course else "—", to=row.to)
        if row.to is None and course is None:
            raise Conflict("stage_forbidden", stage="—", to=profile.first_stage)
        closes = row.to is not None and profile.stages[row.to].same_as == CLOSED
        unmet = None
        if closes and criteria is not None:
            require_practice_role(unit, requester, profile.may.keep)
            kept = check(profile, Said(CLOSING, codes=tuple(criteria)))
            add_record(house, unit, requester, NewRecord(organisation, case_id, CLOSING, kept, happened), now)
            unmet = unmet_of(profile, kept["met"])
        about = [(CASE, str(case_id)), *_answered(unit, requester, message, now)]
        ended, started = apply_event(clock_of(house, unit, organisation), unit, event, about, requester.actor, happened)
        stage = row.to or (course.stage if course else profile.first_stage)
        if course is None or course.stage != stage:
            unit.practices.save_course(
                CaseCourse(case_id, organisation.id, organisation.practice or "", stage, happened)
            )
        entry_id = enter_event(
            unit, requester, EnteredEvent(organisation, case_id, event, row.to, stage, happened), started, ended, now
        )
    return EventRecorded(entry_id, stage, tuple(started), tuple(ended), row.new_case, closes, unmet)


@dataclass(frozen=True, slots=True)
class EnteredEvent:
    """An event on a case: the stage it leads into, and the one in which the case is then."""

    organisation: Organisation
    case_id: CaseId
    event: str
    to: str | None
    stage: str
    at: datetime


def enter_event(
    unit: Unit,
    requester: Requester,
    entered: EnteredEvent,
    started: Collection[CourseTimer],
    ended: Collection[CourseTimer],
    now: datetime,
) -> EntryId:
    """Write the entry of an event, and the event into the course of its case."""
    organisation, salt = entered.organisation, new_salt()
    practice = organisation.practice or ""
    entry_id = append_entry(
        unit,
        EventKind.PRACTICE_EVENT_RECORDED,
        {
            "organisation": organisation.id,
            "actor": requester.actor,
            "case": commitment(salt, entered.case_id),
            "practice": practice,
            "event": entered.event,
            "stage": entered.stage,
            "at": entered.at.isoformat(),
            "started": sorted(timer.timer for timer in started),
            "ended": sorted(timer.timer for timer in ended),
        },
        now,
    )
    unit.practices.add_event(
        CourseEvent(
            new_id(),
            entered.case_id,
            organisation.id,
            practice,
            entered.event,
            entered.to,
            entered.at,
            now,
            requester.actor,
            entry_id,
            salt,
        )
    )
    return entry_id


def keeper(
    house: House, unit: Unit, requester: Requester, case_id: CaseId, *, lock: bool = True
) -> tuple[Organisation, Profile]:
    """The organisation that holds this case, and its practice. Anybody else learns what it would of an invented case. With
    `lock` nobody else changes the case before this unit ends.

    Raises Unavailable (case_unavailable), NotPermitted (practice_none), Conflict (case_over).
    """
    if lock:
        unit.facts.lock(f"case:{case_id}")
    holder = unit.families.case_holder(case_id)
    organisation = unit.participants.organisation(requester.organisation_id)
    if organisation is None or holder != organisation.id:
        raise Unavailable("case_unavailable")
    profile = house.practices.get(organisation.practice)
    if profile is None:
        raise NotPermitted("practice_none")
    if lock and unit.families.is_over(
        case_id
    ):  # to be read only: what happens now belongs into the case that took its place
        raise Conflict("case_over")
    return organisation, profile


def require_practice_role(unit: Unit, requester: Requester, roles: tuple[str, ...]) -> None:
    """A person with one of these roles, or who answers for one that nobody has; a system answers for its people.

    Raises NotPermitted (not_for_overseers, practice_not_yours).
    """
    if requester.person_id is None:
        return
    if requester.role != "caseworker":
        if requester.roles.isdisjoint(roles):
            raise NotPermitted("not_for_overseers")
        return
    answered = answers_for(unit.participants.people_of(requester.organisation_id), requester.person_id)
    if answered.isdisjoint(roles):
        raise NotPermitted("practice_not_yours")


def has_practice_role(unit: Unit, requester: Requester, roles: tuple[str, ...]) -> bool:
    """The same as an answer."""
    try:
        require_practice_role(unit, requester, roles)
    except NotPermitted:
        return False
    return True


def _check_time(happened: datetime, now: datetime, course: CaseCourse | None) -> None:
    if (
        happened.utcoffset() is None
        or not is_countable(happened)
        or happened > now
        or (course is not None and happened < course.since)
    ):
        raise BadInput("event_time")


def _answered(unit: Unit, requester: Requester, message: str | None, now: datetime) -> list[tuple[str, str]]:
    if message is None:
        return []
    found = unit.messages.get(MessageId(message if is_id(message) else new_id()), requester.organisation_id, now)
    if found is None:
        raise Unavailable("message_unavailable")
    return [(MESSAGE, found.id)]
