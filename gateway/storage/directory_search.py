"""The statement that searches the directory: one, whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, tuple_

from gateway.storage import tables_directory as t
from gateway.use_cases.directory_port import DirectorySearch
from schemas.opening_hours import MINUTES_A_DAY
from schemas.territories import oktmo_prefix, prefixes_over

FREE: Final = "free"
UNKNOWN: Final = "unknown"
_services = t.directory_services


def name_key(name: str) -> str:
    """A name as it is ordered: without case, «ё» as «е»."""
    return name.casefold().replace("ё", "е")


def district_key(name: str) -> str:
    """A district as it is compared."""
    return " ".join(name_key(name).split())


def zones_statement() -> Select[tuple[str]]:
    """The zones in which anything has hours."""
    return select(_services.c.zone).where(_services.c.zone.is_not(None)).distinct()


def search_statement(
    services: Select[Any],
    asked: DirectorySearch,
    zones: Sequence[str],
    after: str | None,
    limit: int,
    urgencies: Mapping[str, int],
) -> Select[Any]:
    """`services` narrowed to what is asked, from the place after one service on. `zones` are those of `zones_statement`."""
    wanted = list(_conditions(asked, zones, urgencies))
    if after is not None:
        before = select(_services.c.name_key, _services.c.id).where(_services.c.id == after).subquery()
        wanted.append(
            exists().where(tuple_(_services.c.name_key, _services.c.id) > tuple_(before.c.name_key, before.c.id))
        )
    return services.where(and_(*wanted)).order_by(_services.c.name_key, _services.c.id).limit(limit)


def _conditions(
    asked: DirectorySearch, zones: Sequence[str], urgencies: Mapping[str, int]
) -> Iterator[ColumnElement[bool]]:
    yield _services.c.withdrawn_at.is_(None)
    if asked.statuses:
        yield _services.c.status.in_(sorted(asked.statuses))
    yield from _where(asked)
    yield from _for_whom(asked, urgencies)
    if asked.open_at is not None:
        yield or_(*(_open(zone, asked.open_at) for zone in sorted(zones)), _services.c.id.is_(None))
    if asked.places == FREE:
        yield and_(_services.c.free_places > 0, _services.c.fresh_until >= asked.today)
    if asked.places == UNKNOWN:
        yield or_(_services.c.free_places.is_(None), _services.c.fresh_until < asked.today)


def _where(asked: DirectorySearch) -> Iterator[ColumnElement[bool]]:
    if asked.territory:
        yield _territory(asked.territory, covering=asked.covering)
    if asked.district:
        districts = t.directory_districts
        here = exists().where(
            districts.c.service_id == _services.c.id, districts.c.district_key == district_key(asked.district)
        )
        yield or_(_services.c.anywhere, here)


def _for_whom(asked: DirectorySearch, urgencies: Mapping[str, int]) -> Iterator[ColumnElement[bool]]:
    if asked.kinds:
        kinds = t.directory_kinds
        yield exists().where(kinds.c.service_id == _services.c.id, kinds.c.kind.in_(sorted(asked.kinds)))
    if asked.organisation_kinds:
        yield t.directory_organisations.c.kind.in_(sorted(asked.organisation_kinds))
    if asked.without_organisation:
        yield _services.c.organisation_id != asked.without_organisation
    for first, last in asked.ages:
        yield and_(_services.c.min_age <= last, _services.c.max_age >= first)
    if asked.urgency:
        yield _services.c.urgency.bitwise_and(urgencies[asked.urgency]) != 0


def _territory(code: str, *, covering: bool) -> ColumnElement[bool]:
    table = t.directory_territories
    over = table.c.prefix.in_(prefixes_over(code))
    fits = over if covering else or_(over, table.c.prefix.startswith(oktmo_prefix(code)))
    return exists().where(table.c.service_id == _services.c.id, fits)


def _open(zone: str, at: datetime) -> ColumnElement[bool]:
    """Open in this zone: by a span that began today, or by one of yesterday that reaches over midnight."""
    here = at.astimezone(ZoneInfo(zone))
    minute = here.hour * 60 + here.minute
    today, yesterday = here.date(), here.date() - timedelta(days=1)
    return and_(_services.c.zone == zone, or_(_began(today, minute), _began(yesterday, minute + MINUTES_A_DAY)))


def _began(day: date, minute: int) -> ColumnElement[bool]:
    """A span of this date is open at this minute; an exception takes the place of the week."""
    hours = t.directory_hours
    own = hours.c.service_id == _services.c.id
    dated = and_(hours.c.from_on <= day, hours.c.to_on >= day)
    spans = and_(hours.c.opens <= minute, hours.c.closes > minute)
    return or_(
        exists().where(own, dated, spans),
        and_(~exists().where(own, dated), exists().where(own, hours.c.weekday == day.isoweekday(), spans)),
    )
