"""The log's rows: append in the hot path, one row; placing into the tree in batches by one leader."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.evidence.export import SequencedEntry
from gateway.storage import tables as t
from gateway.storage.summaries import SUMMARY
from gateway.use_cases.values import Bookmark, DisclosureRow, Lookup
from schemas.errors import Contended
from schemas.ids import CaseId, Category, EntryId, OrganisationId, SubjectId, new_id

SEQUENCER_LOCK = 0x6D657A68  # "mezh": the advisory lock of the one sequencer on PostgreSQL


class SqlLog:
    """`ports.Log`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entry_id: EntryId, kind: str, at: datetime, body: bytes, leaf_hash: bytes) -> None:
        self._connection.execute(
            insert(t.entries),
            {
                "id": entry_id,
                "kind": kind,
                "recorded_at": at,
                "body": body,
                "leaf_hash": leaf_hash,
            },
        )

    def append_all(self, entries: Sequence[tuple[EntryId, str, datetime, bytes, bytes]]) -> None:
        names = ("id", "kind", "recorded_at", "body", "leaf_hash")
        if entries:
            self._connection.execute(insert(t.entries), [dict(zip(names, row, strict=True)) for row in entries])

    def link(self, rows: Sequence[DisclosureRow]) -> None:
        if not rows:
            return
        self._connection.execute(
            insert(t.disclosures),
            [
                {
                    "id": new_id(),
                    "entry_id": row.entry_id,
                    "case_id": row.case_id,
                    "subject_id": row.subject_id,
                    "salt": row.salt,
                    "discloser_id": row.discloser_id,
                    "recipient_id": row.recipient_id,
                    "actor": row.actor,
                    "purpose": row.purpose,
                    "scope": row.scope,
                    "consent_id": row.consent_id,
                    "rulings": {category: list(ruling) for category, ruling in row.rulings.items()},
                    "obligations": list(row.obligations),
                    "released": row.released,
                    "at": row.at,
                    "sealed_facts": row.sealed_facts,
                    "pack_digest": row.pack_digest,
                    "retain_until": row.retain_until,
                }
                for row in rows
            ],
        )

    def lead(self) -> bool:
        if self._connection.dialect.name == "postgresql":
            return bool(self._connection.execute(select(func.pg_try_advisory_xact_lock(SEQUENCER_LOCK))).scalar())
        return True  # SQLite has one writer at a time

    def unsequenced(self, limit: int) -> Sequence[tuple[EntryId, bytes]]:
        rows = self._connection.execute(
            select(t.entries.c.id, t.entries.c.leaf_hash)
            .where(t.entries.c.tree_index.is_(None))
            .order_by(t.entries.c.position)
            .limit(limit)
        )
        return [(row.id, row.leaf_hash) for row in rows]

    def place(self, entry_ids: Sequence[EntryId], first_index: int) -> None:
        self._connection.execute(
            update(t.entries).where(t.entries.c.id == bindparam("entry")).values(tree_index=bindparam("index")),
            [{"entry": entry_id, "index": first_index + n} for n, entry_id in enumerate(entry_ids)],
        )

    def latest_checkpoint(self) -> tuple[int, bytes, str, Sequence[object]] | None:
        row = self._connection.execute(
            select(t.checkpoints).order_by(t.checkpoints.c.tree_size.desc()).limit(1)
        ).first()
        return (row.tree_size, row.root_hash, row.note, row.frontier) if row else None

    def add_checkpoint(self, tree_size: int, root: bytes, note: str, frontier: Sequence[object], at: datetime) -> None:
        self._connection.execute(
            insert(t.checkpoints).values(
                tree_size=tree_size, root_hash=root, note=note, frontier=list(frontier), created_at=at
            )
        )

    def entry(self, entry_id: EntryId) -> tuple[int | None, bytes] | None:
        row = self._connection.execute(
            select(t.entries.c.tree_index, t.entries.c.body).where(t.entries.c.id == entry_id)
        ).first()
        return (row.tree_index, row.body) if row else None

    def concerns(self, entry_id: EntryId, organisation_id: OrganisationId) -> bool:
        table = t.disclosures
        statement = select(table.c.id).where(
            table.c.entry_id == entry_id,
            (table.c.discloser_id == organisation_id)
            | (table.c.recipient_id == organisation_id)
            | table.c.case_id.in_(select(t.cases.c.id).where(t.cases.c.holder_id == organisation_id)),
        )
        return self._connection.execute(statement.limit(1)).first() is not None

    def places(self, entry_ids: Sequence[EntryId]) -> Mapping[EntryId, int | None]:
        rows = self._connection.execute(
            select(t.entries.c.id, t.entries.c.tree_index).where(t.entries.c.id.in_(entry_ids))
        )
        return {row.id: row.tree_index for row in rows}

    def leaves(self, tree_size: int) -> Sequence[bytes]:
        return list(
            self._connection.execute(
                select(t.entries.c.leaf_hash).where(t.entries.c.tree_index < tree_size).order_by(t.entries.c.tree_index)
            ).scalars()
        )

    def entries(self, after: int, limit: int) -> Sequence[SequencedEntry]:
        rows = self._connection.execute(
            select(t.entries.c.tree_index, t.entries.c.body, t.entries.c.leaf_hash)
            .where(t.entries.c.tree_index > after)
            .order_by(t.entries.c.tree_index)
            .limit(limit)
        )
        return [SequencedEntry(row.tree_index, row.body, row.leaf_hash) for row in rows]

    def checkpoints(self) -> Sequence[tuple[int, str]]:
        rows = self._connection.execute(select(t.checkpoints).order_by(t.checkpoints.c.tree_size))
        return [(row.tree_size, row.note) for row in rows]

    def disclosures(
        self, organisation_id: OrganisationId, case_id: CaseId | None, limit: int
    ) -> Sequence[DisclosureRow]:
        table = t.disclosures
        statement = select(table).where(
            (table.c.discloser_id == organisation_id)
            | table.c.case_id.in_(select(t.cases.c.id).where(t.cases.c.holder_id == organisation_id))
        )
        if case_id is not None:
            statement = statement.where(table.c.case_id == case_id)
        rows = self._connection.execute(
            statement.order_by(table.c.at.desc(), table.c.entry_id, table.c.id).limit(limit)
        )
        return [_disclosure(row) for row in rows]

    def decision(self, entry_id: EntryId, subject_id: SubjectId) -> DisclosureRow | None:
        table = t.disclosures
        row = self._connection.execute(
            select(table).where(table.c.entry_id == entry_id, table.c.subject_id == subject_id)
        ).first()
        return _disclosure(row) if row else None

    def recorded_decisions(self, after: str, limit: int) -> Sequence[DisclosureRow]:
        table = t.disclosures
        first = (
            select(table.c.entry_id).where(table.c.entry_id > after).distinct().order_by(table.c.entry_id).limit(limit)
        )
        rows = self._connection.execute(
            select(table).where(table.c.entry_id.in_(first)).order_by(table.c.entry_id, table.c.case_id, table.c.id)
        )
        return [_disclosure(row) for row in rows]

    def bookmark(self, name: str) -> Bookmark | None:
        table = t.bookmarks
        row = self._connection.execute(
            select(table.c.position, table.c.at, table.c.open).where(table.c.name == name)
        ).first()
        return Bookmark(row.position, row.at, row.open) if row else None

    def mark(self, name: str, before: int | None, position: int, now: datetime, *, is_open: bool) -> None:
        table, values = t.bookmarks, {"position": position, "at": now, "open": is_open}
        if before is None:
            try:
                with self._connection.begin_nested():
                    self._connection.execute(insert(table).values(name=name, **values))
            except IntegrityError:
                raise Contended("facts_keep_moving") from None
            return
        here = (table.c.name == name) & (table.c.position == before)
        if self._connection.execute(update(table).where(here).values(**values)).rowcount != 1:
            raise Contended("facts_keep_moving")

    def lookups(self, first: int, end: int, purposes: Collection[str]) -> Sequence[Lookup]:
        read, cases, readers = t.disclosures, t.cases, t.organisations
        keys = (read.c.case_id, cases.c.holder_id, readers.c.kind, read.c.purpose)
        times = func.count(read.c.entry_id.distinct()).label("times")
        rows = self._connection.execute(
            select(*keys, times, func.min(read.c.at).label("first_at"), func.max(read.c.at).label("last_at"))
            .select_from(
                read.join(t.entries, t.entries.c.id == read.c.entry_id)
                .join(cases, cases.c.id == read.c.case_id)
                .join(readers, readers.c.id == read.c.recipient_id)
            )
            .where(
                t.entries.c.tree_index >= first,
                t.entries.c.tree_index < end,
                read.c.scope == SUMMARY,
                read.c.subject_id.is_not(None),  # somebody without a relation looked at nothing
                read.c.purpose.in_(sorted(purposes)),
                read.c.recipient_id != cases.c.holder_id,
            )
            .group_by(*keys)
            .order_by(*keys)
        )
        return [Lookup(**row._mapping) for row in rows]  # noqa: SLF001  the documented way


def _disclosure(row: Row[tuple[object, ...]]) -> DisclosureRow:
    values = {name: value for name, value in row._mapping.items() if name != "id"}  # noqa: SLF001  the documented way
    return DisclosureRow(
        **{
            **values,
            "rulings": {Category(code): (effect, rule) for code, (effect, rule) in values["rulings"].items()},
            "obligations": tuple(values["obligations"]),
        }
    )
