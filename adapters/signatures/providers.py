"""The port of cryptography: digests and signatures by the URI of their algorithm. Two stand behind it: `classic` and `gost`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from adapters.signatures.algorithms import DIGESTS, METHODS, STREEBOG_256, STREEBOG_512, digest_named, method_named
from adapters.signatures.certificates import Certificate
from schemas.errors import DocumentRejected


class Provider(Protocol):
    """Algorithms of some families. Certificates are given as DER."""

    def digest(self, uri: str, data: bytes) -> bytes: ...
    def verify(self, uri: str, certificate: bytes, data: bytes, signature: bytes) -> bool:
        """Whether the key of the certificate made this signature. A certificate with a key of another kind made none."""
        ...

    def is_issued_by(self, certificate: bytes, authority: bytes) -> bool:
        """Whether the authority's key signed the certificate, and its subject is the certificate's issuer."""
        ...


class Signer(Protocol):
    """Somebody's key with its certificate, who signs by one method."""

    @property
    def method(self) -> str: ...
    @property
    def certificate(self) -> bytes: ...
    def digest(self, data: bytes) -> bytes:
        """By the digest of the method."""
        ...

    def sign(self, data: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Providers:
    """Providers by the family of a signature method: rsa, ecdsa, gost."""

    by_family: Mapping[str, Provider]

    def digest(self, uri: str, data: bytes) -> bytes:
        """Raises DocumentRejected for an algorithm that is not taken, or that nobody here provides (signature_gost_off)."""
        digest_named(uri)
        return self._of("gost" if uri in (STREEBOG_256, STREEBOG_512) else "rsa").digest(uri, data)

    def verify(self, uri: str, certificate: Certificate, data: bytes, signature: bytes) -> bool:
        """Whether the certificate's key made this signature. Raises as `digest` does."""
        return self._of(method_named(uri).family).verify(uri, certificate.der, data, signature)

    def is_issued_by(self, certificate: Certificate, authority: Certificate) -> bool:
        """Whether an authority issued the certificate. Raises DocumentRejected (signature_gost_off)."""
        kind = authority.key.partition("-")[0]
        family = self._of("gost" if kind == "gost" else "rsa")
        return family.is_issued_by(certificate.der, authority.der)

    def _of(self, family: str) -> Provider:
        if family not in self.by_family:
            raise DocumentRejected("signature_gost_off")
        return self.by_family[family]


assert all(method.digest in DIGESTS for method in METHODS.values())
