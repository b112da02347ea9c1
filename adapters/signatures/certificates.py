"""Certificates: what they say, for how long they hold, whose they are. A chain is two links at most.

Names in a certificate are of officials: nothing but its fingerprint goes into logs, errors and reports (law 8).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ObjectIdentifier

from schemas.errors import BadInput, DocumentRejected

OGRN_OID: Final = ObjectIdentifier("1.2.643.100.1")
INN_LEGAL_OID: Final = ObjectIdentifier("1.2.643.100.4")
INN_OID: Final = ObjectIdentifier("1.2.643.3.131.1.1")
GOST_KEYS: Final = {"1.2.643.7.1.1.1.1": "gost-256", "1.2.643.7.1.1.1.2": "gost-512"}
MOST_BYTES: Final = 16_384
LEAST_RSA_BITS: Final = 2048
_LEGAL_INN_DIGITS: Final = 10
_NO_CERTIFICATE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the library says of bytes that are none, or none that it knows."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate. `fingerprint` is SHA-256 of its DER in hexadecimal; `key` its kind: rsa-3072, ec-secp256r1, gost-256."""

    der: bytes = field(repr=False)
    fingerprint: str
    key: str
    ogrn: str | None
    inn: str | None
    valid_from: datetime
    valid_to: datetime
    is_authority: bool
    may_sign: bool

    @property
    def is_strong(self) -> bool:
        """Whether keys of this kind are taken."""
        kind, _, size = self.key.partition("-")
        return bool(kind) and (kind != "rsa" or int(size) >= LEAST_RSA_BITS)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signatures count for one organisation: its certificates, authorities whose certificates with its OGRN count, and
    fingerprints that it revoked."""

    ogrn: str
    inn: str | None = None
    certificates: Sequence[Certificate] = ()
    authorities: Sequence[Certificate] = ()
    revoked: frozenset[str] = frozenset()


def parse_certificate(data: bytes) -> Certificate:
    """From DER or PEM. Raises BadInput (certificate_invalid)."""
    if len(data) > 2 * MOST_BYTES:
        raise BadInput("certificate_invalid")
    try:
        is_pem = data.lstrip().startswith(b"-----BEGIN")
        found = x509.load_pem_x509_certificate(data) if is_pem else x509.load_der_x509_certificate(data)
        der = found.public_bytes(Encoding.DER)
        return Certificate(
            der,
            hashlib.sha256(der).hexdigest(),
            _kind_of_key(found),
            _subject(found, OGRN_OID),
            _inn(found),
            found.not_valid_before_utc,
            found.not_valid_after_utc,
            _is_authority(found),
            _may_sign(found),
        )
    except _NO_CERTIFICATE:
        raise BadInput("certificate_invalid") from None


def check_holds(certificate: Certificate, now: datetime) -> None:
    """Raises DocumentRejected (signature_certificate_expired, …_not_yet, …_purpose, …_weak)."""
    mark = certificate.fingerprint
    if now < certificate.valid_from:
        raise DocumentRejected("signature_certificate_not_yet", certificate=mark)
    if now > certificate.valid_to:
        raise DocumentRejected("signature_certificate_expired", certificate=mark)
    if not certificate.may_sign:
        raise DocumentRejected("signature_certificate_purpose", certificate=mark)
    if not certificate.is_strong:
        raise DocumentRejected("signature_certificate_weak", certificate=mark)


def is_of(certificate: Certificate, ogrn: str, inn: str | None, *, must_say: bool) -> bool:
    """Whether its subject is this organisation. `must_say`: one without an OGRN is of nobody."""
    if certificate.inn is not None and inn is not None and certificate.inn != inn:
        return False
    return certificate.ogrn == ogrn if must_say or certificate.ogrn is not None else True


def _kind_of_key(certificate: x509.Certificate) -> str:
    algorithm = certificate.public_key_algorithm_oid.dotted_string
    if algorithm in GOST_KEYS:
        return GOST_KEYS[algorithm]
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"rsa-{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in ("secp256r1", "secp384r1", "secp521r1"):
        return f"ec-{key.curve.name}"
    raise ValueError


def _subject(certificate: x509.Certificate, oid: ObjectIdentifier) -> str | None:
    found = [str(attribute.value) for attribute in certificate.subject.get_attributes_for_oid(oid)]
    if len(found) > 1:
        raise ValueError
    return found[0].strip() if found else None


def _inn(certificate: x509.Certificate) -> str | None:
    """Ten digits of a legal person. The older attribute has two zeros before them, or twelve digits of the official instead."""
    legal = _subject(certificate, INN_LEGAL_OID) or _subject(certificate, INN_OID) or ""
    digits = legal.removeprefix("00") if len(legal) == _LEGAL_INN_DIGITS + 2 else legal
    return digits if len(digits) == _LEGAL_INN_DIGITS else None


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _may_sign(certificate: x509.Certificate) -> bool:
    """Whether its key usage lets it sign documents; one that says nothing may."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment
