"""Organisations that sign their files."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from adapters.signatures.sign import sign_document
from adapters.xml.writer import write_referrals
from gateway.storage import tables as t
from gateway.use_cases.certificate_values import SigningCertificate
from gateway.use_cases.house import House
from gateway.use_cases.register_certificate import register_certificate
from gateway.use_cases.values import Organisation
from schemas.messages import MessageDraft
from tests.adapters.certificates import Holder, ec_key, holder
from tests.builders import NOW

BY = "client:test"


def signer_of(organisation: Organisation, number: int = 0, **more: Any) -> Holder:
    """Somebody with a certificate for this organisation."""
    return holder(organisation.ogrn, ec_key(number), **more)


def registered(house: House, organisation: Organisation, who: Holder, **more: Any) -> SigningCertificate:
    return register_certificate(house, organisation.id, who.pem, BY, NOW, **more)


def signed(who: Holder, *drafts: MessageDraft, at: Any = NOW) -> bytes:
    return sign_document(write_referrals(list(drafts)), who.signer, at)


def entries(house: House, kind: str) -> list[dict[str, Any]]:
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        rows = connection.execute(
            select(t.entries.c.body).where(t.entries.c.kind == kind).order_by(t.entries.c.position)
        )
        return [json.loads(row.body)["body"] for row in rows]
