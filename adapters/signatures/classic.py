"""RSA (PKCS #1 v1.5) and ECDSA with SHA-2, over `cryptography`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from adapters.signatures.algorithms import ECDSA_SHA256, METHODS, RSA_SHA256, SHA256, SHA384, SHA512, digest_named
from adapters.signatures.certificates import parse_certificate
from adapters.signatures.providers import Providers
from schemas.errors import BadInput

_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    SHA256: hashes.SHA256(),
    SHA384: hashes.SHA384(),
    SHA512: hashes.SHA512(),
}


class Classic:
    """`providers.Provider` of the families rsa and ecdsa."""

    def digest(self, uri: str, data: bytes) -> bytes:
        return hashlib.new(digest_named(uri), data).digest()

    def verify(self, uri: str, certificate: bytes, data: bytes, signature: bytes) -> bool:
        method = METHODS[uri]
        digest = _HASHES[method.digest]
        key = x509.load_der_x509_certificate(certificate).public_key()
        try:
            if method.family == "rsa" and isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, data, padding.PKCS1v15(), digest)
                return True
            if method.family == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
                size = (key.curve.key_size + 7) // 8
                if len(signature) != 2 * size:  # r and s side by side (RFC 4050 §3.3)
                    return False
                r, s = int.from_bytes(signature[:size]), int.from_bytes(signature[size:])
                key.verify(encode_dss_signature(r, s), data, ec.ECDSA(digest))
                return True
        except InvalidSignature:
            return False
        return False

    def is_issued_by(self, certificate: bytes, authority: bytes) -> bool:
        try:
            issuer = x509.load_der_x509_certificate(authority)
            x509.load_der_x509_certificate(certificate).verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            return False
        return True


CLASSIC: Final = Providers({"rsa": Classic(), "ecdsa": Classic()})


@dataclass(frozen=True, slots=True)
class ClassicSigner:
    """A key of RSA or of an elliptic curve, with its certificate. `providers.Signer`."""

    certificate: bytes = field(repr=False)
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def method(self) -> str:
        """SHA-256 with either."""
        return RSA_SHA256 if isinstance(self.private, rsa.RSAPrivateKey) else ECDSA_SHA256

    def digest(self, data: bytes) -> bytes:
        """SHA-256."""
        return hashlib.sha256(data).digest()

    def sign(self, data: bytes) -> bytes:
        """As XMLDSig writes it."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        size = (self.private.curve.key_size + 7) // 8
        r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(size) + s.to_bytes(size)


def classic_signer(key: bytes, certificate: bytes) -> ClassicSigner:
    """From PEM without a password. Raises BadInput (certificate_invalid, signing_key_invalid, signing_key_differs)."""
    found = parse_certificate(certificate)
    try:
        private = load_pem_private_key(key, None)
        public = x509.load_der_x509_certificate(found.der).public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadInput("signing_key_invalid") from None
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) or not found.is_strong:
        raise BadInput("signing_key_invalid")
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*form) != public.public_bytes(*form):
        raise BadInput("signing_key_differs")
    return ClassicSigner(found.der, private)
