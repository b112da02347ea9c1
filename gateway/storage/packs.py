"""Packs of rules that were in force, whole: what a decision is replayed by."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from gateway.storage import tables as t
from gateway.use_cases.values import PackOnFile


class SqlPacks:
    """`ports.Packs`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, pack: PackOnFile) -> None:
        self._connection.execute(insert(t.packs).values(**asdict(pack)))

    def get(self, digest: str) -> PackOnFile | None:
        row = self._connection.execute(select(t.packs).where(t.packs.c.digest == digest)).first()
        return PackOnFile(**dict(row._mapping)) if row else None  # noqa: SLF001  the documented way to a mapping

    def in_force(self) -> PackOnFile | None:
        newest = select(t.packs).order_by(t.packs.c.since.desc(), t.packs.c.digest).limit(1)
        row = self._connection.execute(newest).first()
        return PackOnFile(**dict(row._mapping)) if row else None  # noqa: SLF001  the documented way to a mapping

    def again(self, digest: str, now: datetime) -> None:
        self._connection.execute(update(t.packs).where(t.packs.c.digest == digest).values(since=now))
