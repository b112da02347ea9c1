"""The key store: wrapped keys and blind indexes, in a database of its own with short backups (law 12).

Every method is one transaction of its own: keys are made before the data that needs them and destroyed after the
entry that says so.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError, StatementError

from gateway.storage import tables as t
from gateway.storage.engine import ask, close_with, open_engine, transaction, translated
from gateway.vault.blind_index import BlindIndex, IndexKey, IndexKind
from gateway.vault.envelope import SealingKey, new_key
from gateway.vault.errors import KeyAbsent
from gateway.vault.keys import KeyPurpose, MasterKey, derive
from gateway.vault.ports import Destruction
from gateway.vault.pseudonyms import OrganisationKey
from schemas.errors import Broken, Conflict
from schemas.ids import OrganisationId, SubjectId

_INDEX = "blind-index"
OFFICIAL = (IndexKind.SNILS, IndexKind.BIRTH_CERTIFICATE)
"""Identifiers that the state gives to one person only: by these, files of two organisations are about the same person."""

Key = TypeVar("Key")


class SqlKeyStore:
    """`gateway.vault.ports.KeyStore` on SQLite or PostgreSQL."""

    def __init__(
        self, url: str, master: MasterKey, pool_size: int = 8, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.engine = open_engine(url, pool_size)
        close_with(self, self.engine)
        self._master = master
        self._clock = clock or (lambda: datetime.now(UTC))  # when a key was made is bookkeeping, no rule reads it
        self._lock = threading.Lock()
        self._organisations: dict[OrganisationId, OrganisationKey] = {}
        self._index: bytes | None = None

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with transaction(self.engine, writing=True) as connection:
                yield connection
        except IntegrityError:  # whoever makes a key says what it means
            raise
        except StatementError as error:  # locked by another, cut off, away: the driver's text goes no further
            raise translated(error) from None

    @property
    def _is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    def _ask(self, statement: Select[Any], given: Mapping[str, object] | None = None) -> Sequence[Row[Any]]:
        try:
            return ask(self.engine, statement, given)
        except StatementError as error:
            raise translated(error) from None

    # --- subjects ----------------------------------------------------------------------------------------------------

    def create_subject_key(self, subject_id: SubjectId) -> SealingKey:
        return self.create_subject_keys([subject_id])[subject_id]

    def create_subject_keys(self, subject_ids: Collection[SubjectId]) -> Mapping[SubjectId, SealingKey]:
        materials = {subject_id: new_key() for subject_id in subject_ids}
        rows = [
            {
                "subject_id": subject_id,
                "wrapped": self._master.wrap(material, KeyPurpose.SUBJECT, subject_id),
                "created_at": self._clock(),
            }
            for subject_id, material in materials.items()
        ]
        if not rows:
            return {}
        try:
            with self._writing() as connection:
                connection.execute(insert(t.subject_keys), rows)
        except IntegrityError:
            raise Conflict("subject_key_exists") from None
        return {subject_id: SealingKey(material) for subject_id, material in materials.items()}

    def subject_keys(self, subject_ids: Collection[SubjectId]) -> Mapping[SubjectId, SealingKey]:
        if not subject_ids:
            return {}
        rows = self._ask(_living_keys(), {"subjects": sorted(subject_ids)})
        return {
            row.subject_id: SealingKey(self._master.unwrap(row.wrapped, KeyPurpose.SUBJECT, row.subject_id))
            for row in rows
        }

    def destroy(self, subject_id: SubjectId, *, now: datetime, reason: str) -> None:
        keys = t.subject_keys
        with self._writing() as connection:
            # Of two who destroy it at once, when and why of the first stays.
            unknown = {
                "subject_id": subject_id,
                "wrapped": None,
                "created_at": now,
                "destroyed_at": now,
                "reason": reason,
            }
            make = postgresql_insert if self._is_postgresql else sqlite_insert
            connection.execute(make(keys).values(unknown).on_conflict_do_nothing(index_elements=["subject_id"]))
            connection.execute(
                update(keys)
                .where(keys.c.subject_id == subject_id, keys.c.destroyed_at.is_(None))
                .values(wrapped=None, destroyed_at=now, reason=reason)
            )
            # After the key: whoever is about to index this person holds its row, or finds it destroyed.
            connection.execute(delete(t.blind_indexes).where(t.blind_indexes.c.subject_id == subject_id))

    def delete(self, owner: SubjectId) -> None:
        with self._writing() as connection:
            connection.execute(delete(t.subject_keys).where(t.subject_keys.c.subject_id == owner))

    def destroyed(self, since: datetime | None = None) -> Iterable[Destruction]:
        keys = t.subject_keys
        found = select(keys).where(keys.c.destroyed_at.is_not(None)).order_by(keys.c.destroyed_at, keys.c.subject_id)
        if since is not None:
            found = found.where(keys.c.destroyed_at >= since)
        rows = self._ask(found)
        return [Destruction(row.subject_id, row.destroyed_at, row.reason) for row in rows]

    # --- organisations and the installation --------------------------------------------------------------------------

    def organisation_key(self, organisation_id: OrganisationId) -> OrganisationKey:
        return self.organisation_keys([organisation_id])[organisation_id]

    def organisation_keys(
        self, organisation_ids: Collection[OrganisationId]
    ) -> Mapping[OrganisationId, OrganisationKey]:
        found = {i: self._organisations[i] for i in organisation_ids if i in self._organisations}
        for organisation_id in organisation_ids:
            if organisation_id not in found:
                material = self._owned(
                    KeyPurpose.ORGANISATION, organisation_id, t.organisation_keys.c.organisation_id.name
                )
                found[organisation_id] = self._organisations[organisation_id] = OrganisationKey(material)
        return found

    def index_key(self) -> IndexKey:
        return IndexKey(self._index_material())

    def digest_key(self) -> bytes:
        return derive(self._index_material(), "operation-digest")

    def _index_material(self) -> bytes:
        if self._index is None:
            self._index = self._owned(KeyPurpose.INDEX, _INDEX, t.service_keys.c.name.name)
        return self._index

    def _owned(self, purpose: KeyPurpose, owner_id: str, column: str) -> bytes:
        """The key of an owner, made on first use; of two who make it at once, the first wins and both use it."""
        table = t.organisation_keys if purpose is KeyPurpose.ORGANISATION else t.service_keys
        statement = select(table.c.wrapped).where(table.c[column] == owner_id)
        with self._lock:
            found = self._ask(statement)
            if not found:
                fresh = self._master.wrap(new_key(), purpose, owner_id)
                try:
                    with self._writing() as connection:
                        connection.execute(
                            insert(table).values({column: owner_id, "wrapped": fresh, "created_at": self._clock()})
                        )
                except IntegrityError:
                    pass
                found = self._ask(statement)
        if not found:
            raise Broken("store_failed", cause="key")
        return self._master.unwrap(found[0].wrapped, purpose, owner_id)

    def require_master(self) -> None:
        """The master key is the one that this store was written under; the first one to come is kept in mind.

        Raises Broken `wrong_master_key`: otherwise every single section would fail to open, one by one.
        """
        table, name = t.service_keys, "master-fingerprint"
        with self._writing() as connection:
            known = connection.execute(select(table.c.wrapped).where(table.c.name == name)).scalar()
            if known is None:
                connection.execute(
                    insert(table).values(name=name, wrapped=self._master.fingerprint.encode(), created_at=self._clock())
                )
            else:
                self._master.check_fingerprint(known.decode())

    # --- blind indexes -----------------------------------------------------------------------------------------------

    def put_blind_indexes(self, subject_id: SubjectId, indexes: Iterable[BlindIndex]) -> None:
        self.put_all({subject_id: list(indexes)})

    def put_all(self, indexes: Mapping[SubjectId, Collection[BlindIndex]]) -> None:
        table, keys = t.blind_indexes, t.subject_keys
        if not indexes:
            return
        statement = (
            select(keys.c.subject_id)
            .where(keys.c.subject_id.in_(sorted(indexes)), keys.c.wrapped.is_not(None))
            .order_by(keys.c.subject_id)
        )
        with self._writing() as connection:
            # Nobody else indexes or destroys these until the end: an index never outlives its key.
            alive = set(connection.execute(statement.with_for_update() if self._is_postgresql else statement).scalars())
            if set(indexes) - alive:
                raise KeyAbsent
            for subject_id, wanted in indexes.items():
                kinds = sorted({index.kind.value for index in wanted})
                connection.execute(delete(table).where(table.c.subject_id == subject_id, table.c.kind.in_(kinds)))
            rows = [
                {"kind": index.kind.value, "digest": index.digest, "subject_id": subject_id}
                for subject_id, wanted in indexes.items()
                for index in set(wanted)
            ]
            if rows:
                connection.execute(insert(table), rows)

    def find_subjects(self, index: BlindIndex) -> frozenset[SubjectId]:
        return self.find_all({index}).get(index, frozenset())

    def find_all(self, indexes: Collection[BlindIndex]) -> Mapping[BlindIndex, frozenset[SubjectId]]:
        table = t.blind_indexes
        if not indexes:
            return {}
        rows = self._ask(
            select(table).where(
                or_(*(and_(table.c.kind == i.kind.value, table.c.digest == i.digest) for i in sorted(indexes)))
            )
        )
        found: dict[BlindIndex, set[SubjectId]] = {}
        for row in rows:
            found.setdefault(BlindIndex(IndexKind(row.kind), row.digest), set()).add(row.subject_id)
        return {index: frozenset(subjects) for index, subjects in found.items()}

    def official(self, subject_ids: Collection[SubjectId]) -> frozenset[BlindIndex]:
        table = t.blind_indexes
        statement = select(table.c.kind, table.c.digest).where(
            table.c.subject_id.in_(sorted(subject_ids)), table.c.kind.in_([kind.value for kind in OFFICIAL])
        )
        return frozenset(BlindIndex(IndexKind(row.kind), row.digest) for row in self._ask(statement))

    def twins(self, subject_ids: Collection[SubjectId]) -> Mapping[SubjectId, frozenset[SubjectId]]:
        own, other = t.blind_indexes.alias("own"), t.blind_indexes.alias("other")
        statement = (
            select(own.c.subject_id, other.c.subject_id.label("twin"))
            .join(other, and_(other.c.kind == own.c.kind, other.c.digest == own.c.digest))
            .where(
                own.c.subject_id.in_(sorted(subject_ids)),
                own.c.kind.in_([kind.value for kind in OFFICIAL]),
                other.c.subject_id != own.c.subject_id,
            )
        )
        found: dict[SubjectId, set[SubjectId]] = {subject_id: set() for subject_id in subject_ids}
        for row in self._ask(statement):
            found[row.subject_id].add(row.twin)
        return {subject_id: frozenset(twins) for subject_id, twins in found.items()}

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


@functools.cache
def _living_keys() -> Select[Any]:
    """Built once: whatever is sealed or opened asks it."""
    keys = t.subject_keys
    return select(keys.c.subject_id, keys.c.wrapped).where(
        keys.c.subject_id.in_(bindparam("subjects", expanding=True)), keys.c.wrapped.is_not(None)
    )
