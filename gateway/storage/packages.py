"""Packages of messages and their receipts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, func, insert, select, update

from gateway.storage import tables as t
from gateway.storage.tables_packages import package_misses, package_receipts, packages
from gateway.use_cases.package_port import PackageOnFile, PackageReceipt
from schemas.ids import CaseId, EntryId, MessageId, OrganisationId, new_id


class SqlPackages:
    """`package_port.Packages`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, package: PackageOnFile) -> None:
        count = select(func.count()).select_from(packages).where(packages.c.message_id == package.message_id)
        self._connection.execute(
            insert(packages).values(
                id=package.id,
                message_id=package.message_id,
                ordinal=self._connection.execute(count).scalar_one(),
                entry_id=package.entry_id,
                made_at=package.made_at,
                made_on=package.made_on.isoformat(),
                made_by=package.made_by,
                sealed_sha256=package.sealed_sha256,
                content_digest=package.content_digest,
                outcomes=list(package.outcomes),
                sealed=package.sealed,
            )
        )

    def get(self, package_id: str) -> PackageOnFile | None:
        row = self._connection.execute(select(packages).where(packages.c.id == package_id)).first()
        return self._all([row])[0] if row else None

    def of_message(self, message_id: MessageId) -> Sequence[PackageOnFile]:
        found = select(packages).where(packages.c.message_id == message_id).order_by(packages.c.ordinal)
        return self._all(self._connection.execute(found).all())

    def seal_again(self, package_id: str, sealed: bytes) -> None:
        self._connection.execute(update(packages).where(packages.c.id == package_id).values(sealed=sealed))

    def add_receipt(self, receipt: PackageReceipt) -> bool:
        known = package_receipts.c
        same = select(known.package_id).where(known.package_id == receipt.package_id, known.outcome == receipt.outcome)
        if self._connection.execute(same).first() is not None:
            return False
        self._connection.execute(
            insert(package_receipts).values(
                package_id=receipt.package_id,
                outcome=receipt.outcome,
                told_on=receipt.told_on.isoformat(),
                typed_at=receipt.typed_at,
                typed_by=receipt.typed_by,
            )
        )
        return True

    def add_miss(self, message_id: MessageId, at: datetime) -> None:
        self._connection.execute(insert(package_misses).values(id=new_id(), message_id=message_id, at=at))

    def misses(self, message_id: MessageId, since: datetime) -> int:
        return int(
            self._connection.execute(
                select(func.count())
                .select_from(package_misses)
                .where(package_misses.c.message_id == message_id, package_misses.c.at > since)
            ).scalar_one()
        )

    def handed(self, case_id: CaseId, sender_id: OrganisationId, recipient_id: OrganisationId) -> bool:
        mine = (
            t.messages.c.case_id == case_id,
            t.messages.c.sender_id == sender_id,
            t.messages.c.recipient_id == recipient_id,
        )
        joined = packages.join(t.messages, t.messages.c.id == packages.c.message_id)
        return bool(
            self._connection.execute(select(exists(select(packages.c.id).select_from(joined).where(*mine)))).scalar()
        )

    def _all(self, rows: Sequence[Row[Any]]) -> list[PackageOnFile]:
        receipts: dict[str, list[PackageReceipt]] = {row.id: [] for row in rows}
        if rows:
            said = (
                select(package_receipts)
                .where(package_receipts.c.package_id.in_(receipts))
                .order_by(package_receipts.c.typed_at, package_receipts.c.outcome)
            )
            for row in self._connection.execute(said):
                receipts[row.package_id].append(
                    PackageReceipt(
                        row.package_id, row.outcome, date.fromisoformat(row.told_on), row.typed_at, row.typed_by
                    )
                )
        return [
            PackageOnFile(
                row.id,
                MessageId(row.message_id),
                EntryId(row.entry_id),
                row.made_at,
                date.fromisoformat(row.made_on),
                row.made_by,
                row.sealed_sha256,
                row.content_digest,
                tuple(row.outcomes),
                row.sealed,
                tuple(receipts[row.id]),
            )
            for row in rows
        ]
