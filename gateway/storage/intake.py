"""Records of own lists that were not published, and mapping profiles."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, insert, or_, select

from gateway.storage.tables_intake import kept_records as k
from gateway.storage.tables_intake import mapping_profiles as m
from gateway.use_cases.intake_values import KeptRecord, StoredProfile
from schemas.ids import OrganisationId

_CHUNK = 500


class SqlKeptRecords:
    """`intake_values.KeptRecords`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(
        self, organisation_id: OrganisationId, kind: str, identities: Collection[str]
    ) -> Mapping[str, KeptRecord]:
        statement = select(k).where(
            k.c.organisation_id == organisation_id, k.c.kind == kind, k.c.identity.in_(sorted(identities))
        )
        if self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update()
        return {row["identity"]: KeptRecord(**row) for row in self._connection.execute(statement).mappings()}

    def put(self, records: Sequence[KeptRecord]) -> None:
        if records:
            self.drop([record.id for record in records])
            self._connection.execute(insert(k), [asdict(record) for record in records])

    def get(self, organisation_id: OrganisationId, record_id: str, *, lock: bool = False) -> KeptRecord | None:
        statement = select(k).where(k.c.organisation_id == organisation_id, k.c.id == record_id)
        if lock and self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update()
        row = self._connection.execute(statement).mappings().first()
        return KeptRecord(**row) if row else None

    def page(
        self, organisation_id: OrganisationId, kind: str, after: KeptRecord | None, limit: int
    ) -> Sequence[KeptRecord]:
        statement = select(k).where(k.c.organisation_id == organisation_id, k.c.kind == kind)
        if after is not None:
            earlier = and_(k.c.kept_at == after.kept_at, k.c.id > after.id)
            statement = statement.where(or_(k.c.kept_at < after.kept_at, earlier))
        statement = statement.order_by(k.c.kept_at.desc(), k.c.id).limit(limit)
        return [KeptRecord(**row) for row in self._connection.execute(statement).mappings()]

    def count(self, organisation_id: OrganisationId) -> Mapping[str, int]:
        statement = select(k.c.kind, func.count()).where(k.c.organisation_id == organisation_id).group_by(k.c.kind)
        return {row[0]: row[1] for row in self._connection.execute(statement)}

    def drop(self, record_ids: Collection[str]) -> None:
        ids = sorted(record_ids)
        for start in range(0, len(ids), _CHUNK):
            self._connection.execute(delete(k).where(k.c.id.in_(ids[start : start + _CHUNK])))

    def expired(self, now: datetime, limit: int) -> Sequence[KeptRecord]:
        statement = select(k).where(k.c.expires_at <= now).order_by(k.c.expires_at, k.c.id)
        if self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update(skip_locked=True)
        return [KeptRecord(**row) for row in self._connection.execute(statement.limit(limit)).mappings()]


class SqlMappingProfiles:
    """`intake_values.MappingProfiles`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, organisation_id: OrganisationId) -> Sequence[StoredProfile]:
        last = (
            select(m.c.name, func.max(m.c.version).label("version"))
            .where(m.c.organisation_id == organisation_id)
            .group_by(m.c.name)
            .subquery("last")
        )
        statement = (
            select(m)
            .join(last, and_(m.c.name == last.c.name, m.c.version == last.c.version))
            .where(m.c.organisation_id == organisation_id)
            .order_by(m.c.name)
        )
        return [StoredProfile(**row) for row in self._connection.execute(statement).mappings()]

    def versions(self, organisation_id: OrganisationId, name: str) -> Sequence[StoredProfile]:
        mine = select(m).where(m.c.organisation_id == organisation_id, m.c.name == name).order_by(m.c.version.desc())
        return [StoredProfile(**row) for row in self._connection.execute(mine).mappings()]

    def add(self, profile: StoredProfile) -> None:
        self._connection.execute(insert(m).values(**asdict(profile)))
