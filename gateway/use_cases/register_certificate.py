"""An organisation registers the certificates it signs its files with, revokes them, and says that files must be signed.

Each change is an entry of the log that names the certificate. Who has got hold of a token of the organisation must not get
round its signatures: while they are required, only the operator registers another certificate or takes the demand back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from adapters.signatures.certificates import Certificate, is_of, parse_certificate
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.certificate_values import MOST_CERTIFICATES, ROLES, CertificateState, Role, SigningCertificate
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Organisation
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import EntryId, OrganisationId

REASONS: Final = ("rotated", "compromised", "lost", "mistake")


def register_certificate(
    house: House,
    organisation_id: OrganisationId,
    data: bytes,
    actor: str,
    now: datetime,
    *,
    role: Role = "signer",
    by_operator: bool = False,
) -> SigningCertificate:
    """From PEM or DER. May be repeated. An authority is registered by the operator only; a signer that could be one (a usual
    tool makes such self-signed certificates) counts by itself alone.

    Raises BadInput (organisation_unknown, certificate_invalid, certificate_over, certificate_owner, certificate_weak,
    certificate_purpose, certificate_no_authority), Conflict (certificate_revoked,
    certificates_too_many), NotPermitted (certificate_by_operator).
    """
    found = parse_certificate(data)
    _check_kind(found, role, now)
    with house.store.writing() as unit:
        organisation = _organisation(unit, organisation_id)
        if not by_operator and (role == "authority" or unit.certificates.signatures_required(organisation_id)):
            raise NotPermitted("certificate_by_operator")
        if role == "signer" and not is_of(found, organisation.ogrn, organisation.inn, must_say=False):
            raise BadInput("certificate_owner", ogrn=organisation.ogrn)
        known = unit.certificates.of(organisation_id)
        before = next((one for one in known if one.id == found.fingerprint), None)
        if before is not None and before.revoked_at is not None:
            raise Conflict("certificate_revoked")
        if before is not None:
            return before
        useful = (CertificateState.ACTIVE, CertificateState.WAITING)
        if sum(one.state(now) in useful for one in known) >= MOST_CERTIFICATES:
            raise Conflict("certificates_too_many", max=MOST_CERTIFICATES)
        made = SigningCertificate(
            found.fingerprint, organisation_id, role, found.der, found.valid_from, found.valid_to, now
        )
        made = replace(made, entry_id=_record(unit, organisation, made, "registered", actor, now))
        unit.certificates.put(made)
    return made


def revoke_certificate(
    house: House, organisation_id: OrganisationId, fingerprint: str, reason: str, actor: str, now: datetime
) -> SigningCertificate:
    """For good: nothing signed with it is taken any more. What was taken stays as it is. May be repeated.

    Raises Unavailable (certificate_unavailable), BadInput (field_invalid).
    """
    if reason not in REASONS:
        raise BadInput("field_invalid", place="reason", rule=", ".join(REASONS))
    with house.store.writing() as unit:
        organisation = _organisation(unit, organisation_id)
        known = unit.certificates.get(organisation_id, _plain(fingerprint), lock=True)
        if known is None:
            raise Unavailable("certificate_unavailable")
        if known.revoked_at is not None:
            return known
        revoked = replace(known, revoked_at=now, reason=reason)
        unit.certificates.put(revoked)
        _record(unit, organisation, revoked, "revoked", actor, now)
    return revoked


def require_signatures(
    house: House,
    organisation_id: OrganisationId,
    required: bool,
    actor: str,
    now: datetime,
    *,
    by_operator: bool = False,
) -> None:
    """From now on files of the organisation must be signed, or need not be. May be repeated.

    Raises BadInput (organisation_unknown), Conflict (signatures_without_certificate), NotPermitted (certificate_by_operator).
    """
    with house.store.writing() as unit:
        organisation = _organisation(unit, organisation_id)
        if unit.certificates.signatures_required(organisation_id) == required:
            return
        if not required and not by_operator:
            raise NotPermitted("certificate_by_operator")
        known = unit.certificates.of(organisation_id)
        if required and not any(one.state(now) is CertificateState.ACTIVE for one in known):
            raise Conflict("signatures_without_certificate")
        unit.certificates.require_signatures(organisation_id, required, now)
        append_entry(
            unit,
            EventKind.SIGNATURES_CHANGED,
            {"organisation": organisation.id, "ogrn": organisation.ogrn, "required": required, "by": actor},
            now,
        )


def _plain(fingerprint: str) -> str:
    """As it is kept, also from how other tools print it: AB:CD:…"""
    return fingerprint.replace(":", "").lower()


def _check_kind(found: Certificate, role: Role, now: datetime) -> None:
    if role not in ROLES:
        raise BadInput("field_invalid", place="role", rule=", ".join(ROLES))
    if now > found.valid_to:
        raise BadInput("certificate_over")
    if not found.is_strong:
        raise BadInput("certificate_weak")
    if role == "authority" and not found.is_authority:
        raise BadInput("certificate_no_authority")
    if role == "signer" and not found.may_sign:
        raise BadInput("certificate_purpose")


def _organisation(unit: Unit, organisation_id: OrganisationId) -> Organisation:
    found = unit.participants.organisation(organisation_id)
    if found is None:
        raise BadInput("organisation_unknown")
    return found


def _record(
    unit: Unit, organisation: Organisation, certificate: SigningCertificate, state: str, actor: str, now: datetime
) -> EntryId:
    return append_entry(
        unit,
        EventKind.CERTIFICATE_CHANGED,
        {
            "organisation": organisation.id,
            "ogrn": organisation.ogrn,
            "certificate": certificate.id,
            "role": certificate.role,
            "valid_from": certificate.valid_from.isoformat(),
            "valid_to": certificate.valid_to.isoformat(),
            **({"reason": certificate.reason} if certificate.reason else {}),
            "state": state,
            "by": actor,
        },
        now,
    )
