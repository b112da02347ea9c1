"""The directory: writing records with what they are searched by, and reading them by identifier or page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, Table, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from gateway.storage import tables_directory as t
from gateway.storage.columns import padded
from gateway.storage.directory_search import district_key, name_key, search_statement, zones_statement
from gateway.use_cases.directory_port import DirectorySearch, ListedOrganisation, ListedService
from schemas.directory import OLDEST, URGENCY_CODES, DirectoryOrganisation, Service
from schemas.ids import OrganisationId
from schemas.opening_hours import Span
from schemas.territories import oktmo_prefix

URGENCY_BITS: Final = {code: 1 << place for place, code in enumerate(URGENCY_CODES)}
_SIDES: Final = (t.directory_kinds, t.directory_territories, t.directory_districts, t.directory_hours)
_CLOSED: Final = -1
_CHUNK: Final = 500


class SqlDirectory:
    """`directory_port.DirectoryStore`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- organisations -----------------------------------------------------------------------------------------------

    def organisation(self, organisation_id: str) -> ListedOrganisation | None:
        table = t.directory_organisations
        row = self._connection.execute(select(table).where(table.c.id == organisation_id)).first()
        return _organisation(row) if row else None

    def organisations(self, ids: Collection[str], ogrns: Collection[str]) -> Sequence[ListedOrganisation]:
        table = t.directory_organisations
        rows = self._connection.execute(
            select(table).where(or_(table.c.id.in_(padded(ids)), table.c.ogrn.in_(padded(ogrns))))
        )
        return [_organisation(row) for row in rows]

    def of_participant(self, organisation_id: OrganisationId) -> ListedOrganisation | None:
        table = t.directory_organisations
        row = self._connection.execute(select(table).where(table.c.participant_id == organisation_id)).first()
        return _organisation(row) if row else None

    def put_organisations(self, listed: Sequence[ListedOrganisation]) -> None:
        self._put(t.directory_organisations, [_organisation_row(one) for one in listed])

    def page_of_organisations(self, after: str | None, limit: int) -> Sequence[ListedOrganisation]:
        table = t.directory_organisations
        statement = select(table).where(table.c.id > (after or "")).order_by(table.c.id).limit(limit)
        return [_organisation(row) for row in self._connection.execute(statement)]

    # --- services ----------------------------------------------------------------------------------------------------

    def services(self, ids: Collection[str]) -> Sequence[ListedService]:
        return self._listed(_services().where(t.directory_services.c.id.in_(padded(ids))))

    def services_of(self, organisation_id: str, limit: int) -> Sequence[ListedService]:
        table = t.directory_services
        statement = _services().where(table.c.organisation_id == organisation_id, table.c.withdrawn_at.is_(None))
        return self._listed(statement.order_by(table.c.name_key, table.c.id).limit(limit))

    def page_of_services(
        self, after: str | None, limit: int, organisation_id: str | None = None
    ) -> Sequence[ListedService]:
        table = t.directory_services
        statement = _services().where(table.c.id > (after or ""), table.c.withdrawn_at.is_(None))
        if organisation_id is not None:
            statement = statement.where(table.c.organisation_id == organisation_id)
        return self._listed(statement.order_by(table.c.id).limit(limit))

    def put_services(self, listed: Sequence[ListedService]) -> None:
        self._put(t.directory_services, [_service_row(one) for one in listed])
        ids = [one.service.id for one in listed]
        for side, rows in zip(_SIDES, _side_rows([one.service for one in listed]), strict=True):
            for start in range(0, len(ids), _CHUNK):
                own = side.c.service_id.in_(padded(ids[start : start + _CHUNK]))
                self._connection.execute(delete(side).where(own))
            if rows:
                self._connection.execute(insert(side), rows)

    def withdraw(self, service_id: str, now: datetime) -> None:
        table = t.directory_services
        self._connection.execute(update(table).where(table.c.id == service_id).values(withdrawn_at=now))

    def search(self, asked: DirectorySearch, after: str | None, limit: int) -> Sequence[ListedService]:
        zones: Sequence[str] = ()
        if asked.open_at is not None:
            zones = [str(zone) for zone in self._connection.scalars(zones_statement())]
        return self._listed(search_statement(_services(), asked, zones, after, limit, URGENCY_BITS))

    def districts(self) -> Sequence[str]:
        table, services = t.directory_districts, t.directory_services
        rows = self._connection.execute(
            select(table.c.district)
            .join(services, services.c.id == table.c.service_id)
            .where(services.c.withdrawn_at.is_(None))
            .distinct()
        )
        return sorted({district for (district,) in rows}, key=name_key)

    def kinds(self) -> Sequence[str]:
        table, services = t.directory_kinds, t.directory_services
        rows = self._connection.execute(
            select(table.c.kind)
            .join(services, services.c.id == table.c.service_id)
            .where(services.c.withdrawn_at.is_(None))
            .distinct()
        )
        return sorted(kind for (kind,) in rows)

    def _listed(self, statement: Select[Any]) -> Sequence[ListedService]:
        return [_service(row) for row in self._connection.execute(statement)]

    def _put(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """New records, and changed ones in their place."""
        if not rows:
            return
        made = postgresql_insert if self._connection.dialect.name == "postgresql" else sqlite_insert
        statement = made(table)
        changed = {name: statement.excluded[name] for name in rows[0] if name != "id"}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed), list(rows))


def _services() -> Select[Any]:
    services, organisations = t.directory_services, t.directory_organisations
    return select(
        services.c.body,
        services.c.published_by,
        services.c.published_at,
        services.c.withdrawn_at,
        organisations.c.body.label("organisation_body"),
        organisations.c.participant_id,
        organisations.c.published_by.label("organisation_by"),
        organisations.c.published_at.label("organisation_at"),
    ).join(organisations, organisations.c.id == services.c.organisation_id)


def _service(row: Row[Any]) -> ListedService:
    return ListedService(
        Service.model_validate(row.body),
        ListedOrganisation(
            DirectoryOrganisation.model_validate(row.organisation_body),
            row.participant_id,
            row.organisation_by,
            row.organisation_at,
        ),
        row.published_by,
        row.published_at,
        row.withdrawn_at,
    )


def _organisation(row: Row[Any]) -> ListedOrganisation:
    return ListedOrganisation(
        DirectoryOrganisation.model_validate(row.body), row.participant_id, row.published_by, row.published_at
    )


def _organisation_row(listed: ListedOrganisation) -> dict[str, Any]:
    given = listed.organisation
    return {
        "id": given.id,
        "participant_id": listed.participant_id,
        "ogrn": given.ogrn,
        "kind": given.kind,
        "name_key": name_key(given.name),
        "body": given.model_dump(mode="json", exclude_defaults=True),
        "published_by": listed.published_by,
        "published_at": listed.published_at,
    }


def _service_row(listed: ListedService) -> dict[str, Any]:
    given = listed.service
    return {
        "id": given.id,
        "organisation_id": given.organisation_id,
        "name_key": name_key(given.name),
        "status": given.status,
        "min_age": given.min_age or 0,
        "max_age": OLDEST if given.max_age is None else given.max_age,
        "urgency": sum(URGENCY_BITS[code] for code in given.urgencies),
        "free_places": given.free_places,
        "fresh_until": given.fresh_until,
        "anywhere": not given.districts,
        "zone": given.hours.zone if given.hours else None,
        "body": given.model_dump(mode="json", exclude_defaults=True),
        "published_by": listed.published_by,
        "published_at": listed.published_at,
        "withdrawn_at": listed.withdrawn_at,
    }


def _side_rows(services: Sequence[Service]) -> tuple[list[dict[str, Any]], ...]:
    """What stands in the side tables, in the order of `_SIDES`."""
    return (
        [{"service_id": one.id, "kind": kind} for one in services for kind in one.kinds],
        [
            {"service_id": one.id, "prefix": prefix}
            for one in services
            for prefix in (dict.fromkeys(map(oktmo_prefix, one.territories)) or ("",))
        ],
        [
            {"service_id": one.id, "district_key": key, "district": name}
            for one in services
            for key, name in {district_key(name): name for name in one.districts}.items()
        ],
        [row for one in services for row in _hours_rows(one)],
    )


def _hours_rows(service: Service) -> list[dict[str, Any]]:
    if service.hours is None:
        return []
    rows = []
    for day in service.hours.days:
        rows += [_span_row(service.id, span, weekday=day.weekday) for span in day.spans]
    for exception in service.hours.exceptions:
        dates = {"from_on": exception.from_on, "to_on": exception.to_on}
        rows += [_span_row(service.id, span, **dates) for span in exception.spans or (None,)]
    return rows


def _span_row(service_id: str, span: Span | None, **when: object) -> dict[str, Any]:
    opens, closes = span.minutes if span else (_CLOSED, _CLOSED)
    row = {"service_id": service_id, "weekday": None, "from_on": None, "to_on": None}
    return {**row, "opens": opens, "closes": closes, **when}
