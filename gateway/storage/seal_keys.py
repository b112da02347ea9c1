"""Keys that files are sealed to, as stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from gateway.storage.tables_seal_keys import seal_keys
from gateway.use_cases.seal_key_values import SealKey
from schemas.ids import OrganisationId

_NAMES = tuple(field.name for field in dataclasses.fields(SealKey))


class SqlSealKeys:
    """`seal_key_values.SealKeys`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, organisation_id: OrganisationId) -> Sequence[SealKey]:
        rows = self._connection.execute(
            select(seal_keys)
            .where(seal_keys.c.organisation_id == organisation_id)
            .order_by(seal_keys.c.registered_at, seal_keys.c.id)
        )
        return [_key(row) for row in rows]

    def get(self, organisation_id: OrganisationId, key_id: str, *, lock: bool = False) -> SealKey | None:
        found = select(seal_keys).where(seal_keys.c.organisation_id == organisation_id, seal_keys.c.id == key_id)
        row = self._connection.execute(found.with_for_update() if lock else found).first()
        return _key(row) if row else None

    def put(self, key: SealKey) -> None:
        values = {name: getattr(key, name) for name in _NAMES}
        mine = (seal_keys.c.organisation_id == key.organisation_id) & (seal_keys.c.id == key.id)
        if self._connection.execute(update(seal_keys).where(mine).values(values)).rowcount == 0:
            self._connection.execute(insert(seal_keys).values(values))


def _key(row: Row[Any]) -> SealKey:
    return SealKey(**{name: row._mapping[name] for name in _NAMES})  # noqa: SLF001  the documented way to a mapping
