"""Drafts of messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from gateway.storage.tables_drafts import drafts
from gateway.use_cases.draft_values import Draft
from schemas.ids import OrganisationId, PersonId


class SqlDrafts:
    """`draft_values.Drafts`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, draft: Draft) -> None:
        values = asdict(draft)
        if self._connection.execute(update(drafts).where(*_is(draft)).values(**values)).rowcount == 0:
            self._connection.execute(insert(drafts).values(**values))

    def get(self, organisation_id: OrganisationId, draft_id: str, *, lock: bool = False) -> Draft | None:
        statement = select(drafts).where(drafts.c.organisation_id == organisation_id, drafts.c.id == draft_id)
        if lock and self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update()
        row = self._connection.execute(statement).mappings().first()
        return Draft(**row) if row else None

    def of(self, organisation_id: OrganisationId, authors: Collection[PersonId], limit: int) -> Sequence[Draft]:
        statement = (
            select(drafts)
            .where(drafts.c.organisation_id == organisation_id, drafts.c.author_id.in_(sorted(authors)))
            .order_by(drafts.c.kept_at.desc(), drafts.c.id)
            .limit(limit)
        )
        return [Draft(**row) for row in self._connection.execute(statement).mappings()]

    def expired(self, now: datetime, limit: int) -> Sequence[Draft]:
        statement = select(drafts).where(drafts.c.expires_at <= now).order_by(drafts.c.expires_at, drafts.c.id)
        if self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update(skip_locked=True)
        return [Draft(**row) for row in self._connection.execute(statement.limit(limit)).mappings()]

    def drop(self, draft: Draft) -> None:
        self._connection.execute(delete(drafts).where(*_is(draft)))


def _is(draft: Draft) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return drafts.c.organisation_id == draft.organisation_id, drafts.c.id == draft.id
