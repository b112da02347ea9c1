"""Start and end the timers of practices: by events of a case, by the delivery of a message and by its answer.

A timer starts where the organisation's practice has it and the organisation has switched it on. By when it is due is
counted by `policies.timers`, always from its start, so that a changed calendar, term or zone can be counted again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_settings import Chosen
from gateway.use_cases.practice_values import CASE, MESSAGE, CourseTimer, StoppedClock
from gateway.use_cases.values import MessageOnFile, Organisation
from policies.profile import ChainStep, PracticeTimerRow, Profile, Side, TermRow
from policies.setting_values import read_term
from policies.terms import Term
from policies.timers import Pause, Reckoned, Rule, reckon
from schemas.ids import CaseId, MessageId, OrganisationId, new_id

GATEWAY = "gateway"
PAGE = 500


@dataclass(frozen=True, slots=True)
class Clock:
    """Counts the terms of one organisation: its zone, its settings, its region's amounts."""

    house: House
    organisation: Organisation
    chosen: Chosen

    def profile(self, practice: str) -> Profile | None:
        """The profile that a timer belongs to."""
        return self.house.practices.get(practice)

    def rule(self, practice: str, timer: str, ordinal: int) -> Rule | None:
        """What a timer is by now; None for one that its practice no longer has."""
        profile = self.profile(practice)
        row = profile.timers.get(timer) if profile else None
        dues = self._dues(row) if row else ()
        if row is None or ordinal >= len(dues):
            return None
        rule = row.rule(dues[ordinal])
        amount = self.house.pack.practice_amount(practice, timer, ordinal) if row.terms else None
        term = TermRow(amount=amount, unit=row.terms[ordinal].unit).term if amount is not None else rule.term
        warn = self.chosen.warn(timer) or rule.warn
        return replace(rule, term=term, warn=warn, service=self.chosen.service(row.service))

    def _dues(self, row: PracticeTimerRow) -> Sequence[Term]:
        """The terms of a timer; what the practice leaves open is due when its organisation says so, else never."""
        set_to = self.chosen.value(row.set_by)
        return [read_term(set_to)] if set_to else [printed.term for printed in row.terms]

    def chain(self, practice: str, timer: str) -> Sequence[ChainStep]:
        """Who hears that a timer has passed, one after the other; the last of them with the other side of a message."""
        profile = self.profile(practice)
        assert profile is not None
        row = profile.timers.get(timer)
        told = self.chosen.value(row.chain_by) if row else None
        if not told:
            return profile.escalation.chain
        roles = told.split(", ")
        return [ChainStep(roles=(role,), both=role == roles[-1]) for role in roles]

    def reckon(self, timer: CourseTimer, pauses: Iterable[StoppedClock], now: datetime) -> Reckoned | None:
        """By when it is due."""
        rule = self.rule(timer.practice, timer.timer, timer.ordinal)
        if rule is None:
            return None
        stopped = [Pause(pause.begins, pause.ends, pause.reason) for pause in pauses]
        return reckon(rule, timer.started_at, self.house.pack.place(self.organisation.zone), stopped, now)

    def counted(self, timer: CourseTimer, pauses: Iterable[StoppedClock], now: datetime) -> CourseTimer:
        """The timer with its instants counted from its start. One that nobody knows any more stays as it is."""
        found = self.reckon(timer, pauses, now)
        if found is None:
            return timer
        return with_next(replace(timer, due_at=found.due_at, warn_at=found.warn_at))

    def started(self, practice: str, timer: str, kind: str, about: str, at: datetime) -> list[CourseTimer]:
        """Rows for all dues of a timer that starts at `at`."""
        profile = self.profile(practice)
        assert profile is not None
        row = profile.timers[timer]
        rows = (
            CourseTimer(new_id(), practice, timer, n, self.organisation.id, kind, about, at, at, row.reminder)
            for n in range(len(self._dues(row)))
        )
        return [self.counted(made, (), at) for made in rows]


def with_next(timer: CourseTimer) -> CourseTimer:
    """When the relay looks at it again: for the warning, then for the due instant. Who is told after a breach follows the
    breach, whatever is counted later."""
    if timer.done_at is not None or timer.paused_at is not None:
        return replace(timer, next_at=None)
    if timer.breached_at is not None:
        return timer
    if timer.reminder:
        return replace(timer, next_at=None if timer.warned_at else timer.due_at)
    warns = timer.warned_at is None and timer.warn_at is not None and timer.warn_at < timer.due_at
    return replace(timer, next_at=timer.warn_at if warns else timer.due_at)


def clock_of(house: House, unit: Unit, organisation: Organisation) -> Clock:
    """The clock of one organisation, for its own practice."""
    return Clock(house, organisation, chosen_by(house, unit, organisation))


def chosen_by(house: House, unit: Unit, organisation: Organisation) -> Chosen:
    """What holds of the settings of an organisation's own practice."""
    practice = organisation.practice or ""
    found = unit.practices.settings([organisation.id])
    return Chosen.of(found, organisation.id, practice, house.pack.practice_settings(practice))


def clocks_of(house: House, unit: Unit, organisation_ids: Collection[OrganisationId]) -> Mapping[OrganisationId, Clock]:
    """The clocks of several organisations, in two statements."""
    found = unit.practices.organisations(organisation_ids)
    settings = unit.practices.settings(list(found))
    return {
        id_: Clock(house, organisation, Chosen.of(settings, id_, practice, house.pack.practice_settings(practice)))
        for id_, organisation in found.items()
        for practice in (organisation.practice or "",)
    }


def apply_event(
    clock: Clock, unit: Unit, event: str, about: Sequence[tuple[str, str]], actor: str, at: datetime
) -> tuple[list[CourseTimer], list[CourseTimer]]:
    """End and start what an event on a case ends and starts. `about`: the case first, then a message that the event
    answers. Returns the timers that ended and those that started."""
    practice = clock.organisation.practice or ""
    profile = clock.profile(practice)
    assert profile is not None
    ending, whole = profile.ended_by(event), profile.events[event].ends_all
    starting = [timer for timer in profile.started_by(event) if clock.chosen.runs(timer)]
    ended: list[CourseTimer] = []
    since: dict[str, datetime] = {}
    for kind, thing in about:
        told: set[str] = set()
        for timer in unit.practices.running_about(kind, thing, clock.organisation.id, lock=True):  # earliest due first
            if timer.practice != practice:
                continue
            # The message had begun what the event begins: from now on it is the case's, since when the message came.
            taken = kind == MESSAGE and timer.timer in starting
            if not taken and (timer.timer not in ending or (timer.timer in told and not whole)):
                continue
            if taken:
                since[timer.timer] = timer.started_at
            told.add(timer.timer)  # of several dues from one start an event meets the first
            ended.append(with_next(replace(timer, done_at=at, done_by=actor)))
    unit.practices.save(ended)
    started = [row for timer in starting for row in clock.started(practice, timer, *about[0], since.get(timer, at))]
    unit.practices.start(started)
    return ended, started


def start_by_messages(house: House, unit: Unit, message_ids: Collection[MessageId], now: datetime) -> None:
    """These messages have come: the timers of their types start, for a side whose practice has them switched on, if the message
    says what the timer is about. With the recipient about the message. With the sender about its own case only, and there
    the events of the case come first: a timer that ever began about it is not begun by a message again."""
    found = unit.practices.delivered(message_ids) if message_ids else ()
    if not found:
        return
    sides = {side for message in found for side in (message.sender_id, message.recipient_id)}
    clocks = clocks_of(house, unit, sides)
    begun = unit.practices.begun({str(message.case_id) for message in found})
    started: list[CourseTimer] = []
    for message in found:
        for side, organisation_id in (("recipient", message.recipient_id), ("sender", message.sender_id)):
            clock = clocks[organisation_id]
            practice = clock.organisation.practice or ""
            profile = clock.profile(practice)
            if profile is None:
                continue
            own_case = side == "sender" and message.case_holder_id == organisation_id
            kind, about = (CASE, message.case_id) if own_case else (MESSAGE, message.id)
            for timer, where in profile.started_by_message(message.type).items():
                row = profile.timers[timer]
                if where != side or not clock.chosen.runs(timer) or not row.meant_by(message.type, message.says):
                    continue
                if row.each and message.concluded:
                    continue
                if row.each:  # one for each message, also where the case is one's own
                    started += clock.started(practice, timer, MESSAGE, message.id, now)
                elif (side != "sender" or own_case) and (about, organisation_id, timer) not in begun:
                    started += clock.started(practice, timer, kind, about, now)
    unit.practices.start(started)


def end_terms(unit: Unit, case_id: CaseId, holder_id: OrganisationId, actor: str, now: datetime) -> None:
    """Its holder has this case no longer: nothing of its practice is to be done about it, and nobody is told of a delay."""
    end_all(unit, unit.practices.running_about(CASE, case_id, holder_id, lock=True), actor, now)


def end_about(unit: Unit, message: MessageOnFile, actor: str, now: datetime) -> None:
    """Its sender took this message back: nothing of it is to be done, on either side."""
    for organisation_id in dict.fromkeys((message.recipient_id, message.sender_id)):
        end_all(unit, unit.practices.running_about(MESSAGE, message.id, organisation_id, lock=True), actor, now)


def end_of_others(unit: Unit, organisation_id: OrganisationId, practice: str | None, actor: str, now: datetime) -> int:
    """An organisation works by this practice from now on: terms of any other one are done. How many."""
    after, count = "", 0
    while page := unit.practices.running_page(after, PAGE, organisation_id):
        ended = [timer for timer in page if timer.practice != practice]
        end_all(unit, ended, actor, now)
        after, count = page[-1].id, count + len(ended)
    return count


def end_all(unit: Unit, running: Sequence[CourseTimer], actor: str, now: datetime) -> None:
    """These are done, also where their clock stood."""
    for timer in running:
        if timer.paused_at is not None:
            unit.practices.end_pause(timer.id, now)
    unit.practices.save([with_next(replace(t, done_at=now, done_by=actor, paused_at=None)) for t in running])


def end_by_answer(house: House, unit: Unit, message: MessageOnFile, actor: str, now: datetime) -> None:
    """The recipient answered, or nobody waits for it any more: what waited for that is done, on either side."""
    sides: tuple[tuple[Side, OrganisationId], ...] = (
        ("recipient", message.recipient_id),
        ("sender", message.sender_id),
    )
    ended = []
    for side, organisation_id in sides:
        for timer in unit.practices.running_about(MESSAGE, message.id, organisation_id, lock=True):
            profile = house.practices.get(timer.practice)
            if profile is not None and timer.timer in profile.answered(side):
                ended.append(timer)
    end_all(unit, ended, actor, now)


def end_by_sending(
    house: House, unit: Unit, sender: Organisation, message: MessageOnFile, actor: str, now: datetime
) -> None:
    """One's own organisation sends this: what it was to do next about the case is done."""
    profile = house.practices.get(sender.practice)
    ending = profile.ended_by_sending(message.type) if profile else frozenset()
    if not ending:
        return
    running = unit.practices.running_about(CASE, message.case_id, message.sender_id, lock=True)
    end_all(unit, [timer for timer in running if timer.timer in ending], actor, now)
