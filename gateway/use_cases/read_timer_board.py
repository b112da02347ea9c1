"""The board of an organisation: everything that must be done by a day, the most urgent first, and the load of the weeks.

Pseudonyms and identifiers, no content: a line names a case as its organisation knows it, and who works on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.use_cases.house import House
from gateway.use_cases.practice_values import BoardRow
from gateway.use_cases.read_timers import is_closable
from gateway.use_cases.tell_people import answers_for
from gateway.use_cases.values import Requester, Timer
from policies.profile import Profile
from schemas.errors import BadInput, NotPermitted
from schemas.ids import is_id, new_id

MAX_PAGE = 50
WEEKS = 8
MAX_MONTH = 500
GROUPS = ("overdue", "today", "week", "later", "paused")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One term with its words. `case` is the organisation's own pseudonym of the case, `who` works on it. `pausable` is a
    practice's own; `closable` may be ended by who asks."""

    row: BoardRow
    group: str
    title: str
    case: str | None
    who: tuple[str, ...]
    pausable: bool
    closable: bool


@dataclass(frozen=True, slots=True)
class Board:
    """A page. `groups` count all that run, by group; `load` what is due in this week and the next, with the first day of
    each; `reasons` are those for which a clock may be stopped."""

    lines: tuple[BoardLine, ...]
    next: str | None
    groups: tuple[tuple[str, int], ...]
    load: tuple[tuple[date, int], ...]
    reasons: tuple[tuple[str, str], ...]


def read_timer_board(
    house: House, requester: Requester, now: datetime, after: str | None = None, limit: int = MAX_PAGE
) -> Board:
    """A page of the board, in five statements whatever its size. Raises BadInput (page_size)."""
    if not 1 <= limit <= MAX_PAGE:
        raise BadInput("page_size", max=MAX_PAGE)
    begin = None if after is None else after if is_id(after) else new_id()
    with house.store.reading() as unit:
        organisation = unit.participants.organisation(requester.organisation_id)
        if organisation is None:
            raise NotPermitted("practice_none")
        days = _Days(now, organisation.zone)
        rows = unit.practices.board(organisation.id, begin, limit + 1)
        counts = unit.practices.load(organisation.id, days.bounds)
        workers = unit.practices.workers(organisation.id, {row.case_id for row in rows if row.case_id})
        roles = answers_for(unit.participants.people_of(organisation.id), requester.person_id)
    profile = house.practices.get(organisation.practice)
    lines = tuple(
        BoardLine(
            row,
            days.group(row),
            _title(house, row),
            house.vault.case_pseudonym(organisation.id, row.case_id) if row.case_id else None,
            tuple(name for _, name in workers.get(row.case_id, ())) if row.case_id else (),
            pausable=row.practice is not None and row.paused_at is None and row.due_at > now,
            closable=row.practice is not None or is_closable(house, roles, _as_timer(row, requester)),
        )
        for row in rows[:limit]
    )
    return Board(
        lines,
        lines[-1].row.id if len(rows) > limit else None,
        days.groups(counts),
        days.load(counts),
        tuple(profile.pause_reasons.items()) if profile else (),
    )


def read_month(house: House, requester: Requester, first: date, now: datetime) -> Sequence[BoardLine]:
    """What is due by the end of a month, for printing: everything until then that has not been done."""
    with house.store.reading() as unit:
        organisation = unit.participants.organisation(requester.organisation_id)
        if organisation is None:
            raise NotPermitted("practice_none")
        days = _Days(now, organisation.zone)
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        rows = unit.practices.board(
            organisation.id, None, MAX_MONTH, days.midnight(following) + timedelta(microseconds=1)
        )
        workers = unit.practices.workers(organisation.id, {row.case_id for row in rows if row.case_id})
    return [
        BoardLine(
            row,
            days.group(row),
            _title(house, row),
            house.vault.case_pseudonym(organisation.id, row.case_id) if row.case_id else None,
            tuple(name for _, name in workers.get(row.case_id, ())) if row.case_id else (),
            pausable=False,
            closable=False,
        )
        for row in rows
        if row.paused_at is None
    ]


def _title(house: House, row: BoardRow) -> str:
    if row.practice is None:
        return house.pack.timer_title(row.timer)
    profile = house.practices.get(row.practice)
    return _timer_title(profile, row.timer)


def _timer_title(profile: Profile | None, timer: str) -> str:
    row = profile.timers.get(timer) if profile else None
    return row.title_ru if row else timer


def _as_timer(row: BoardRow, requester: Requester) -> Timer:
    return Timer(row.id, row.timer, requester.organisation_id, row.about_kind, row.about)


class _Days:
    """Days and weeks where the organisation is, as instants."""

    def __init__(self, now: datetime, zone: str) -> None:
        self.now, self.zone = now, ZoneInfo(zone)
        self.today = now.astimezone(self.zone).date()
        self.monday = self.today - timedelta(days=self.today.weekday())
        weeks = [self.midnight(self.monday + number * 7 * _DAY) for number in range(1, WEEKS + 1)]
        # A term that ends with a day is due at the midnight after it: that midnight belongs to the day.
        edges = {now + timedelta(microseconds=1), *(end + timedelta(microseconds=1) for end in (self.tomorrow, *weeks))}
        self.bounds = sorted(edges)

    @property
    def tomorrow(self) -> datetime:
        """The end of today."""
        return self.midnight(self.today + _DAY)

    @property
    def next_week(self) -> datetime:
        """The end of this week."""
        return self.midnight(self.monday + 7 * _DAY)

    def midnight(self, day: date) -> datetime:
        """The first instant of a day, in UTC."""
        return datetime.combine(day, time.min, tzinfo=self.zone).astimezone(UTC)

    def group(self, row: BoardRow) -> str:
        """Where a line stands."""
        if row.paused_at is not None:
            return "paused"
        return self._group(row.due_at)

    def _group(self, due_at: datetime) -> str:
        if due_at <= self.now:
            return "overdue"
        return "today" if due_at <= self.tomorrow else "week" if due_at <= self.next_week else "later"

    def groups(self, counts: Sequence[int]) -> tuple[tuple[str, int], ...]:
        """How many stand in each group, of what was counted between the bounds."""
        found = dict.fromkeys(GROUPS, 0)
        for edge, count in zip((*self.bounds, None), counts[:-1], strict=True):
            found["later" if edge is None else self._group(edge - timedelta(microseconds=1))] += count
        found["paused"] = counts[-1]
        return tuple(found.items())

    def load(self, counts: Sequence[int]) -> tuple[tuple[date, int], ...]:
        """How many are due in each week from this one on; what is overdue is not among them."""
        found = [0] * WEEKS
        for edge, count in zip(self.bounds, counts, strict=False):
            end = edge - timedelta(microseconds=1)
            if end <= self.now:
                continue
            last = (end - timedelta(microseconds=1)).astimezone(self.zone).date()
            found[min((last - self.monday).days // 7, WEEKS - 1)] += count
        return tuple((self.monday + number * 7 * _DAY, count) for number, count in enumerate(found))
