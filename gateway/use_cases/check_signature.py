"""Is a file signed as its sender's profile demands, and by whom? What goes on is only what was signed.

A file refused for its signature is an entry of the log and a notice: somebody may be trying to pass for the organisation.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from adapters.limits import Limits
from adapters.signatures.verify import Verified, verify_document
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.certificate_values import SignatureSeen
from gateway.use_cases.house import House
from gateway.use_cases.read_certificates import trust_of
from gateway.use_cases.tell_people import tell_administrator
from gateway.use_cases.values import Organisation
from schemas.errors import DocumentRejected

OF_SIGNATURES = "signature_"


@dataclass(frozen=True, slots=True)
class Checked:
    """The bytes to be read, and the signature over them where there is one. `came`: the file as it came, where what was signed
    is less of it."""

    content: bytes
    signature: Verified | None
    came: bytes | None = None

    @property
    def seen(self) -> SignatureSeen | None:
        """What is kept of the signature."""
        by = self.signature
        return SignatureSeen(by.certificate.fingerprint, by.method, by.signing_time) if by else None


def check_signature(
    house: House, sender: Organisation, actor: str, content: bytes, form: str, now: datetime, limits: Limits
) -> Checked:
    """A file without a signature passes as it is where none is required; a wrong one never does.

    Raises DocumentRejected: signature_missing, signature_needs_xml, whatever `verify_document` raises.
    """
    with house.store.reading() as unit:
        trust = trust_of(unit, sender)
        required = unit.certificates.signatures_required(sender.id)
    try:
        verified = verify_document(content, trust, now, house.providers, limits) if form == "xml" else None
        _require(verified, required, form)
    except DocumentRejected as refusal:
        if refusal.code.startswith(OF_SIGNATURES):
            record_refusal(house, sender, actor, content, form, refusal, now)
        raise
    return Checked(verified.content if verified else content, verified, content if verified else None)


def _require(verified: Verified | None, required: bool, form: str) -> None:
    if verified is None and required:
        raise DocumentRejected("signature_missing" if form == "xml" else "signature_needs_xml")


def record_refusal(
    house: House,
    sender: Organisation,
    actor: str,
    content: bytes,
    form: str,
    refusal: DocumentRejected,
    now: datetime,
) -> None:
    """The entry: who handed the file over, its digest, why; and a notice to the organisation's administrator, once until it is
    seen. A certificate's fingerprint is no name of anybody."""
    certificate = refusal.params.get("certificate")
    with house.store.writing() as unit:
        append_entry(
            unit,
            EventKind.FILE_REFUSED,
            {
                "organisation": sender.id,
                "actor": actor,
                "format": form,
                "digest": hashlib.sha256(content).hexdigest(),
                "code": refusal.code,
                **({"certificate": str(certificate)} if certificate else {}),
            },
            now,
        )
        tell_administrator(unit, sender.id, EventKind.FILE_REFUSED.value, sender.id, now)
