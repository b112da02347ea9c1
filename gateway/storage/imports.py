"""Imports, leased by one worker at a time; and their steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Update, and_, delete, func, insert, or_, select, update

from gateway.storage.columns import instant_text
from gateway.storage.tables_imports import import_jobs as t
from gateway.storage.tables_imports import import_steps
from gateway.use_cases.certificate_values import SignatureSeen
from gateway.use_cases.import_values import (
    ARRIVES_IN,
    FILE_KEPT,
    LEASE,
    OPEN,
    RECEIVING,
    RUNNING,
    WAITING,
    Handed,
    Import,
    ImportStep,
    Position,
)
from schemas.ids import OrganisationId

STEPS_AT_ONCE: Final = 200


class SqlImports:
    """`import_values.Imports`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, one: Import) -> None:
        may = {"roles": sorted(one.roles), "scopes": sorted(one.scopes)}
        values = {"id": one.id, "organisation_id": one.organisation_id, "actor": one.actor, "may": may}
        self._connection.execute(
            insert(t).values(
                **values,
                **asdict(one.handed),
                handed_in_at=one.handed_in_at,
                wrapped_key=one.wrapped_key,
                size=one.size,
                digest=one.digest,
                **_changing(one),
            )
        )

    def handed_in(self, one: Import) -> bool:
        changed = self._connection.execute(
            update(t)
            .where(t.c.id == one.id, t.c.state == RECEIVING)
            .values(**asdict(one.handed), state=WAITING, size=one.size, digest=one.digest)
        )
        return changed.rowcount == 1

    def get(self, organisation_id: OrganisationId, import_id: str, *, lock: bool = False) -> Import | None:
        statement = select(t).where(t.c.id == import_id, t.c.organisation_id == organisation_id)
        if lock and self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update()
        row = self._connection.execute(statement).first()
        return _import(row) if row else None

    def of_organisation(self, organisation_id: OrganisationId, before: str | None, limit: int) -> Sequence[Import]:
        statement = select(t).where(t.c.organisation_id == organisation_id, t.c.state != RECEIVING)
        if before is not None:
            mark = select(t.c.handed_in_at).where(t.c.id == before, t.c.organisation_id == organisation_id)
            at = mark.scalar_subquery()
            statement = statement.where(or_(t.c.handed_in_at < at, and_(t.c.handed_in_at == at, t.c.id < before)))
        newest = statement.order_by(t.c.handed_in_at.desc(), t.c.id.desc()).limit(limit)
        return [_import(row) for row in self._connection.execute(newest)]

    def count_open(self, organisation_id: OrganisationId, since: datetime) -> int:
        waits = or_(t.c.state.in_((WAITING, RUNNING)), and_(t.c.state == RECEIVING, t.c.handed_in_at > since))
        counted = select(func.count()).select_from(t).where(t.c.organisation_id == organisation_id, waits)
        return int(self._connection.execute(counted).scalar_one())

    def count_read_by(self, organisation_id: OrganisationId, profile: str) -> int:
        mine = and_(t.c.organisation_id == organisation_id, t.c.profile == profile, t.c.state.in_((WAITING, RUNNING)))
        return int(self._connection.execute(select(func.count()).select_from(t).where(mine)).scalar_one())

    def same_open(self, one: Import) -> str | None:
        how = one.handed
        statement = select(t.c.id).where(
            t.c.organisation_id == one.organisation_id,
            t.c.digest == one.digest,
            t.c.state.in_((WAITING, RUNNING)),
            t.c.form == how.form,
            t.c.profile == how.profile,
            t.c.sheet.is_(None) if how.sheet is None else t.c.sheet == how.sheet,
            t.c.rehearsal.is_(how.rehearsal),
            t.c.actor == one.actor,
            t.c.stop_wanted.is_(False),
            t.c.id != one.id,
        )
        found = self._connection.execute(statement.order_by(t.c.handed_in_at).limit(1)).scalar()
        return str(found) if found else None

    def is_waiting(self, now: datetime) -> bool:
        return self._connection.execute(select(t.c.id).where(_free(now)).limit(1)).first() is not None

    def lease(self, lease: str, now: datetime, import_id: str | None = None) -> Import | None:
        statement = select(t).where(_free(now), *([t.c.id == import_id] if import_id else []))
        statement = statement.order_by(t.c.handed_in_at, t.c.id).limit(1)
        if self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update(skip_locked=True)
        row = self._connection.execute(statement).first()
        if row is None:
            return None
        self._connection.execute(
            update(t)
            .where(t.c.id == row.id)
            .values(
                state=RUNNING,
                lease=lease,
                leased_until=now + LEASE,
                attempts=row.attempts + 1,
                started_at=row.started_at or now,
            )
        )
        return _import(row, state=RUNNING, attempts=row.attempts + 1, started_at=row.started_at or now)

    def move(self, import_id: str, lease: str, position: Position, attempts: int, now: datetime) -> bool:
        moved = _held(import_id, lease).values(position=asdict(position), attempts=attempts, leased_until=now + LEASE)
        return self._connection.execute(moved).rowcount == 1

    def add_step(self, import_id: str, step: ImportStep) -> None:
        self._connection.execute(
            insert(import_steps).values(import_id=import_id, first=step.first, results=list(step.results))
        )

    def begin_anew(self, import_id: str) -> None:
        self._connection.execute(delete(import_steps).where(import_steps.c.import_id == import_id))

    def end(self, one: Import, lease: str) -> bool:
        ended = _held(one.id, lease).values(**_changing(one), lease=None, leased_until=None)
        return self._connection.execute(ended).rowcount == 1

    def release(self, import_id: str, lease: str, at: datetime) -> None:
        self._connection.execute(_held(import_id, lease).values(lease=None, leased_until=at))

    def want_stop(self, import_id: str) -> None:
        self._connection.execute(update(t).where(t.c.id == import_id).values(stop_wanted=True))

    def steps(self, import_id: str, after: int, limit: int) -> Sequence[ImportStep]:
        """The step that record `after` + 1 stands in is the first of them."""
        of_it = and_(import_steps.c.import_id == import_id, import_steps.c.first > 0)
        begins = select(func.max(import_steps.c.first)).where(of_it, import_steps.c.first <= after + 1)
        rows = self._connection.execute(
            select(import_steps.c.first, import_steps.c.results)
            .where(of_it, import_steps.c.first >= func.coalesce(begins.scalar_subquery(), 0))
            .order_by(import_steps.c.first)
            .limit(limit)
        )
        return [ImportStep(row.first, row.results) for row in rows]

    def all_steps(self, import_id: str) -> Iterator[ImportStep]:
        after = 0
        while found := self.steps(import_id, after, STEPS_AT_ONCE):
            yield from found
            after = found[-1].first + len(found[-1].results) - 1
            if len(found) < STEPS_AT_ONCE:
                return

    def with_stale_files(self, now: datetime, destroyed_at: datetime | None, limit: int) -> Sequence[str]:
        never_came = and_(t.c.state == RECEIVING, t.c.handed_in_at <= now - ARRIVES_IN)
        old = [t.c.ended_at <= now - FILE_KEPT, *([t.c.handed_in_at <= destroyed_at] if destroyed_at else [])]
        ended = and_(t.c.state.not_in(OPEN), t.c.wrapped_key.is_not(None), or_(*old))
        statement = select(t.c.id).where(or_(never_came, ended)).order_by(t.c.handed_in_at).limit(limit)
        return list(self._connection.execute(statement).scalars())

    def forget_files(self, import_ids: Sequence[str]) -> None:
        these = t.c.id.in_(list(import_ids))
        self._connection.execute(delete(t).where(these, t.c.state == RECEIVING))
        self._connection.execute(update(t).where(these).values(wrapped_key=None))

    def with_old_results(self, before: datetime, limit: int) -> Sequence[str]:
        old = select(t.c.id).where(t.c.state.not_in(OPEN), t.c.wrapped_key.is_(None), t.c.ended_at <= before)
        return list(self._connection.execute(old.order_by(t.c.ended_at).limit(limit)).scalars())

    def forget_results(self, import_ids: Sequence[str]) -> None:
        self._connection.execute(delete(import_steps).where(import_steps.c.import_id.in_(import_ids)))
        self._connection.execute(delete(t).where(t.c.id.in_(import_ids)))

    def last_word(self, import_id: str) -> ImportStep | None:
        of_it = (import_steps.c.import_id == import_id, import_steps.c.first == 0)
        results = self._connection.execute(select(import_steps.c.results).where(*of_it)).scalar()
        return None if results is None else ImportStep(0, results)


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(t.c.state == WAITING, and_(t.c.state == RUNNING, t.c.leased_until <= now))


def _held(import_id: str, lease: str) -> Update:
    return update(t).where(t.c.id == import_id, t.c.state == RUNNING, t.c.lease == lease)


def _changing(one: Import) -> Mapping[str, Any]:
    signature = asdict(one.signature) if one.signature else None
    if signature and signature["signed_at"]:
        signature["signed_at"] = instant_text(signature["signed_at"])
    return {
        "state": one.state,
        "position": asdict(one.position),
        "attempts": one.attempts,
        "stop_wanted": one.stop_wanted,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
        "whole": dict(one.whole),
        "signature": signature,
        "refusal": {"code": one.refusal[0], "params": dict(one.refusal[1])} if one.refusal else None,
    }


def _import(row: Row[Any], **changed: Any) -> Import:  # noqa: ANN401  whatever columns changed
    values = {**row._mapping, **changed}  # noqa: SLF001  the documented way to a mapping
    signature, refusal = values["signature"], values["refusal"]
    return Import(
        row.id,
        row.organisation_id,
        row.actor,
        Handed(row.form, row.profile, row.sheet, row.rehearsal, row.synthetic, row.came_by),
        row.handed_in_at,
        frozenset(row.may["roles"]),
        frozenset(row.may["scopes"]),
        values["state"],
        row.wrapped_key,
        row.size,
        row.digest,
        Position(**values["position"]),
        values["attempts"],
        row.stop_wanted,
        values["started_at"],
        row.ended_at,
        row.whole,
        SignatureSeen(
            signature["certificate"],
            signature["algorithm"],
            datetime.fromisoformat(signature["signed_at"]) if signature["signed_at"] else None,
        )
        if signature
        else None,
        (refusal["code"], refusal["params"]) if refusal else None,
    )
