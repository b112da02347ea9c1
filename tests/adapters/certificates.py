"""Keys and certificates for tests: synthetic organisations, made while the test runs, with what may be wrong about them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.signatures.certificates import INN_OID, OGRN_OID, Certificate, parse_certificate
from adapters.signatures.classic import ClassicSigner
from tests.builders import NOW


@dataclass(frozen=True)
class Holder:
    """Somebody who signs."""

    key: Any
    x509: x509.Certificate

    @property
    def certificate(self) -> Certificate:
        return parse_certificate(self.pem)

    @property
    def pem(self) -> bytes:
        return self.x509.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def signer(self) -> ClassicSigner:
        return ClassicSigner(self.certificate.der, self.key)


@functools.cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Made once per process: it takes a while."""
    return rsa.generate_private_key(65537, bits)


@functools.cache
def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def holder(
    ogrn: str | None = "1027700900017",
    key: Any = None,
    issuer: Holder | None = None,
    *,
    name: str = "Вымышленный Подписант",
    inn: str | None = None,
    valid_from: datetime = NOW - timedelta(days=30),
    valid_to: datetime = NOW + timedelta(days=300),
    authority: bool = False,
    usage: bool | None = None,
) -> Holder:
    """A certificate, self-signed without an issuer. `usage`: whether its key usage lets it sign documents."""
    private = key or ec_key()
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if ogrn is not None:
        attributes.append(x509.NameAttribute(OGRN_OID, ogrn))
    if inn is not None:
        attributes.append(x509.NameAttribute(INN_OID, inn))
    subject = x509.Name(attributes)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.x509.subject if issuer else subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_to)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if usage is not None or authority:
        made = made.add_extension(
            x509.KeyUsage(
                digital_signature=bool(usage),
                content_commitment=False,
                key_encipherment=not usage,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=authority,
                crl_sign=authority,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    return Holder(private, made.sign(issuer.key if issuer else private, hashes.SHA256()))
