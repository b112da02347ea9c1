"""The one clock of all terms: of a practice, of the law, of a message. Pure; every instant is an argument.

A term and how days, working days, months and hours are counted stand in `policies.terms`. This module adds what may happen
to a term while it runs:

- A **pause** stops the clock, for a reason.
  *Hours* move on by exactly as long as the pause lasted. *Days, working days, months, years* count the ends of days: a day at
  whose 24:00 (where the organisation is) the clock stood is not counted, and the term ends as many days later; of a term in
  working days only the working days among them are lost. A pause that ends on the day on which it began moves no day.
  The day of the event is not counted anyway, so a pause on it takes nothing away. A pause that begins at the due
  instant or later changes nothing: the term had passed.
- **Service hours** of a term in hours: the clock runs between these times of the day only. None: day and night.
- A **warning** is a shorter term from the same start; it never comes after the term itself.
- A **reminder** comes due and is never breached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from policies.calendar import Calendar
from policies.terms import BY_THE_CLOCK, Term, due_at, last_day

_DAY: Final = timedelta(days=1)


class State(StrEnum):
    """What a timer is now. `reminder`: what it reminds of has come due; it is never breached."""

    RUNNING = "running"
    WARNED = "warned"
    BREACHED = "breached"
    PAUSED = "paused"
    REMINDER = "reminder"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood from `begins` until `ends`, or stands still; why is a code of the practice."""

    begins: datetime
    ends: datetime | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.begins.utcoffset() is None or (self.ends is not None and self.ends < self.begins):
            msg = "a pause ends after it began, and its instants have a zone"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Service:
    """The hours of the day in which a term in hours runs: from `opens` until `closes`, `closes` not included."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            msg = "service hours end after they began, on the same day"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a timer is by its practice or pack."""

    term: Term
    warn: Term | None = None
    reminder: bool = False
    service: Service | None = None


@dataclass(frozen=True, slots=True)
class Reckoned:
    """By when, in UTC. While the clock stands, both are as if it ran on from `now`."""

    due_at: datetime
    warn_at: datetime | None
    paused: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where and by which calendar a term is counted: the zone of who must act, the working days of the jurisdiction."""

    zone: tzinfo
    calendar: Calendar


def reckon(
    rule: Rule, start: datetime, place: Place, pauses: Iterable[Pause] = (), now: datetime | None = None
) -> Reckoned:
    """When a term is due that began at `start`. Raises ValueError for an open pause without `now`."""
    stopped = list(pauses)
    paused = any(pause.ends is None for pause in stopped)
    closed = _merged(stopped, now)
    due = _end(rule, rule.term, start, place, closed)
    warn = _end(rule, rule.warn, start, place, closed) if rule.warn is not None else None
    return Reckoned(due, min(warn, due) if warn is not None else None, paused)


def state(rule: Rule, reckoned: Reckoned, now: datetime, *, done: bool = False, breached: bool = False) -> State:
    """What a timer is at `now`. `breached`: that it passed was recorded; it stays so, whatever the calendar says later."""
    if done:
        return State.DONE
    if breached and not rule.reminder:
        return State.BREACHED
    if reckoned.paused:
        return State.PAUSED
    if now >= reckoned.due_at:
        return State.REMINDER if rule.reminder else State.BREACHED
    return State.WARNED if reckoned.warn_at is not None and now >= reckoned.warn_at else State.RUNNING


def delay(due_at: datetime, ended_at: datetime) -> timedelta:
    """By how much a term was missed that was met at `ended_at`, or is still open then; nothing where it was kept. A term's
    due instant is already late."""
    return max(ended_at - due_at, timedelta())


def _merged(pauses: Sequence[Pause], now: datetime | None) -> list[tuple[datetime, datetime]]:
    """Pauses as intervals in their order, those that touch as one."""
    found: list[tuple[datetime, datetime]] = []
    for pause in sorted(pauses, key=lambda pause: pause.begins):
        ends = pause.ends if pause.ends is not None else now
        if ends is None:
            msg = "a clock that stands still needs to know what time it is"
            raise ValueError(msg)
        begins, ends = pause.begins.astimezone(UTC), max(ends, pause.begins).astimezone(UTC)
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        elif begins < ends:
            found.append((begins, ends))
    return found


def _end(
    rule: Rule, term: Term, start: datetime, place: Place, pauses: Sequence[tuple[datetime, datetime]]
) -> datetime:
    if term.unit in BY_THE_CLOCK:
        span = term.amount * BY_THE_CLOCK[term.unit]
        return _hours_later(start.astimezone(UTC), span, rule.service, place.zone, pauses)
    end = due_at(start, term, place.zone, place.calendar)
    event = start.astimezone(place.zone).date()
    day, lost_to = last_day(event, term, place.calendar), event
    for begins, ends in pauses:
        if begins >= end:  # the term had passed
            break
        first = max(begins.astimezone(place.zone).date(), event + _DAY, lost_to)
        after = ends.astimezone(place.zone).date()
        if first >= after:
            continue
        lost_to = after
        day = _later(day, first, after, term, place.calendar)
        end = _midnight_after(day, place.zone)
    return end


def _later(day: date, first: date, after: date, term: Term, calendar: Calendar) -> date:
    """The last day of a term that had ended with `day`, when the days from `first` up to `after` are not counted."""
    if term.unit != "working_day":
        return day + (after - first)
    lost = calendar.working_days_between(first - _DAY, after - _DAY)
    return calendar.add_working_days(day, lost)


def _midnight_after(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day + _DAY, time.min, tzinfo=zone).astimezone(UTC)


def _hours_later(
    start: datetime,
    left: timedelta,
    service: Service | None,
    zone: tzinfo,
    pauses: Sequence[tuple[datetime, datetime]],
) -> datetime:
    for opens, closes in _windows(start, service, zone):
        at = max(start, opens)
        for begins, ends in pauses:
            if ends <= at or (closes is not None and begins >= closes):
                continue
            if begins - at >= left:
                break
            left -= max(begins - at, timedelta())
            at = max(at, ends)
        if closes is None or closes - at >= left:
            return at + left
        left -= max(closes - at, timedelta())
    raise AssertionError  # windows do not end


def _windows(start: datetime, service: Service | None, zone: tzinfo) -> Iterator[tuple[datetime, datetime | None]]:
    """When the clock may run: one window without an end, or one in each day."""
    if service is None:
        yield start, None
        return
    day = start.astimezone(zone).date()
    while True:
        opens, closes = (
            datetime.combine(day, at, tzinfo=zone).astimezone(UTC) for at in (service.opens, service.closes)
        )
        if closes > start:
            yield opens, closes
        day += _DAY
