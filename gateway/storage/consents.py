"""Consents and their events. Each change moves the version of the subject it concerns (law 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from consent.records import ConsentEvent
from gateway.storage import tables as t
from gateway.storage.facts import bump_versions, consents_of, select_consents
from gateway.use_cases.values import ConsentOnFile
from schemas.ids import CaseId, ConsentId, OrganisationId


class SqlConsents:
    """`ports.Consents`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, consent: ConsentOnFile, now: datetime) -> None:
        self._connection.execute(
            insert(t.consents).values(
                id=consent.id,
                subject_id=consent.subject_id,
                discloser_id=consent.discloser_id,
                recipient_id=consent.recipient_id,
                purpose=consent.purpose,
                categories=sorted(consent.categories),
                given_on=consent.given_on,
                valid_to=consent.valid_to,
                form=consent.form,
                separate=consent.separate,
                fields_complete=consent.fields_complete,
                evidence_digest=consent.evidence_digest,
                objection=consent.objection,
                objection_by=consent.objection_by,
                recorded_at=now,
            )
        )
        if consent.signers:
            self._connection.execute(
                insert(t.consent_signers),
                [
                    {"consent_id": consent.id, "ordinal": n, "who": signer.who, "authority_id": signer.authority_id}
                    for n, signer in enumerate(consent.signers)
                ],
            )
        for event in consent.events:
            self._insert_event(consent.id, event, consent.evidence_digest)
        bump_versions(self._connection, [f"subject:{consent.subject_id}"])

    def add_event(self, consent_id: ConsentId, event: ConsentEvent, evidence_digest: str | None) -> None:
        subject_id = self._connection.execute(
            select(t.consents.c.subject_id).where(t.consents.c.id == consent_id)
        ).scalar_one()
        # The version moves first: a disclosure that holds it finishes before this event, or is ruled again after it.
        bump_versions(self._connection, [f"subject:{subject_id}"])
        self._insert_event(consent_id, event, evidence_digest)

    def _insert_event(self, consent_id: ConsentId, event: ConsentEvent, evidence_digest: str | None) -> None:
        self._connection.execute(
            insert(t.consent_events).values(
                id=event.event_id,
                consent_id=consent_id,
                kind=event.kind.value,
                effective_at=event.effective_at,
                recorded_at=event.recorded_at,
                categories=sorted(event.categories) if event.categories is not None else None,
                valid_to=event.valid_to,
                evidence_digest=evidence_digest,
            )
        )

    def get(self, consent_id: ConsentId) -> ConsentOnFile | None:
        rows = self._connection.execute(select_consents().where(t.consents.c.id == consent_id)).mappings().all()
        found = consents_of(rows)
        return next((consent for group in found.values() for consent in group), None)

    def recipients_reached(self, consent_id: ConsentId) -> Sequence[tuple[CaseId, OrganisationId]]:
        table = t.disclosures
        rows = self._connection.execute(
            select(table.c.case_id, table.c.recipient_id)
            .where(table.c.consent_id == consent_id, table.c.released)
            .distinct()
            .order_by(table.c.case_id, table.c.recipient_id)
        )
        return [(row.case_id, row.recipient_id) for row in rows]
