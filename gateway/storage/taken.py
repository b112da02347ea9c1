"""Records taken from files, by their keyed digests."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, insert, select, update

from gateway.storage.tables_taken import taken_records
from gateway.use_cases.taken_values import TakenRecord
from schemas.errors import Contended
from schemas.ids import OrganisationId


class SqlTaken:
    """`taken_values.Taken`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, organisation_id: OrganisationId, kind: str, key: str) -> TakenRecord | None:
        table = taken_records
        statement = select(table).where(
            table.c.organisation_id == organisation_id, table.c.kind == kind, table.c.key == key
        )
        row = self._connection.execute(statement).mappings().first()
        return TakenRecord(**row) if row else None

    def take(self, record: TakenRecord, before: TakenRecord | None) -> None:
        table = taken_records
        if before is None:
            self._connection.execute(insert(table), asdict(record))
            return
        stands = (
            (table.c.organisation_id, record.organisation_id),
            (table.c.kind, record.kind),
            (table.c.key, record.key),
        )
        changed = (
            update(table)
            .where(*(column == value for column, value in stands), table.c.digest == before.digest)
            .values(digest=record.digest, result=record.result, at=record.at)
        )
        if self._connection.execute(changed).rowcount != 1:
            raise Contended("store_busy")
