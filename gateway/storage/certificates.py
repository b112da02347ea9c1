"""Certificates that files are signed with, as stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from gateway.storage.tables_certificates import signature_profiles as profiles
from gateway.storage.tables_certificates import signing_certificates as certificates
from gateway.storage.tables_certificates import smev_messages as smev
from gateway.use_cases.certificate_values import SigningCertificate
from schemas.ids import OrganisationId

_NAMES = tuple(field.name for field in dataclasses.fields(SigningCertificate))


class SqlCertificates:
    """`certificate_values.Certificates`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, organisation_id: OrganisationId) -> Sequence[SigningCertificate]:
        rows = self._connection.execute(
            select(certificates)
            .where(certificates.c.organisation_id == organisation_id)
            .order_by(certificates.c.registered_at, certificates.c.id)
        )
        return [_certificate(row) for row in rows]

    def get(
        self, organisation_id: OrganisationId, fingerprint: str, *, lock: bool = False
    ) -> SigningCertificate | None:
        mine = (certificates.c.organisation_id == organisation_id) & (certificates.c.id == fingerprint)
        found = select(certificates).where(mine)
        row = self._connection.execute(found.with_for_update() if lock else found).first()
        return _certificate(row) if row else None

    def put(self, certificate: SigningCertificate) -> None:
        values = {name: getattr(certificate, name) for name in _NAMES}
        mine = (certificates.c.organisation_id == certificate.organisation_id) & (certificates.c.id == certificate.id)
        if self._connection.execute(update(certificates).where(mine).values(values)).rowcount == 0:
            self._connection.execute(insert(certificates).values(values))

    def smev_digest(self, organisation_id: OrganisationId, message_id: str) -> str | None:
        found = select(smev.c.digest).where(smev.c.organisation_id == organisation_id, smev.c.message_id == message_id)
        digest = self._connection.execute(found).scalar()
        return str(digest) if digest is not None else None

    def take_smev(self, organisation_id: OrganisationId, message_id: str, digest: str, now: datetime) -> None:
        values = {"organisation_id": organisation_id, "message_id": message_id, "digest": digest, "received_at": now}
        self._connection.execute(insert(smev).values(values))

    def signatures_required(self, organisation_id: OrganisationId) -> bool:
        found = select(profiles.c.required).where(profiles.c.organisation_id == organisation_id)
        return bool(self._connection.execute(found).scalar())

    def require_signatures(self, organisation_id: OrganisationId, required: bool, now: datetime) -> None:
        values = {"organisation_id": organisation_id, "required": required, "changed_at": now}
        mine = profiles.c.organisation_id == organisation_id
        if self._connection.execute(update(profiles).where(mine).values(values)).rowcount == 0:
            self._connection.execute(insert(profiles).values(values))


def _certificate(row: Row[Any]) -> SigningCertificate:
    return SigningCertificate(**{name: row._mapping[name] for name in _NAMES})  # noqa: SLF001  the documented way to a mapping
