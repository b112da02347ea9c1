"""Certificates of an organisation: its own list, and whose signatures count for it at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.signatures.certificates import Trust, parse_certificate
from gateway.use_cases.certificate_values import SigningCertificate
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Organisation
from schemas.errors import BadInput
from schemas.ids import OrganisationId


@dataclass(frozen=True, slots=True)
class SignatureProfile:
    """What an organisation has registered."""

    required: bool
    certificates: Sequence[SigningCertificate]


def signature_profile(house: House, organisation_id: OrganisationId) -> SignatureProfile:
    """All of one's own, also the revoked, oldest first. Raises BadInput (organisation_unknown)."""
    with house.store.reading() as unit:
        if unit.participants.organisation(organisation_id) is None:
            raise BadInput("organisation_unknown")
        return SignatureProfile(
            unit.certificates.signatures_required(organisation_id), unit.certificates.of(organisation_id)
        )


def trust_of(unit: Unit, organisation: Organisation) -> Trust:
    """Whose signatures count. Terms are looked at by whoever verifies, at its `now`."""
    known = unit.certificates.of(organisation.id)
    counting = [one for one in known if one.revoked_at is None]
    return Trust(
        organisation.ogrn,
        organisation.inn,
        tuple(parse_certificate(one.der) for one in counting if one.role == "signer"),
        tuple(parse_certificate(one.der) for one in counting if one.role == "authority"),
        frozenset(one.id for one in known if one.revoked_at is not None),
    )
