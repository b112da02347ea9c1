"""GOST R 34.10-2012 with Streebog (GOST R 34.11-2012), 256 and 512 bits, by the engine of OpenSSL (libengine-gost-openssl).

The engine is no certified means of cryptographic protection: what it verifies is a technical finding (docs/signed-files.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from adapters.signatures.algorithms import DIGESTS, GOST_256, GOST_512, METHODS, STREEBOG_256, digest_named
from adapters.signatures.certificates import parse_certificate
from adapters.signatures.classic import CLASSIC, classic_signer
from adapters.signatures.openssl import EngineMissing, Key, LibCrypto
from adapters.signatures.providers import Providers, Signer
from schemas.errors import BadInput, Broken, DocumentRejected

PACKAGE: Final = "libengine-gost-openssl"
_KEYS: Final = {256: "gost2012_256", 512: "gost2012_512"}


class Gost:
    """`providers.Provider` of the family gost."""

    def __init__(self) -> None:
        """Raises Broken (gost_engine_missing)."""
        try:
            self._lib = LibCrypto()
        except EngineMissing:
            raise Broken("gost_engine_missing", package=PACKAGE) from None

    def digest(self, uri: str, data: bytes) -> bytes:
        return self._lib.digest(digest_named(uri), data)

    def verify(self, uri: str, certificate: bytes, data: bytes, signature: bytes) -> bool:
        digest = METHODS[uri].digest
        bits = _bits(digest)
        key = self._lib.key_of(certificate)
        if key is None or key.nid != self._lib.nid(_KEYS[bits]) or len(signature) != bits // 4:
            return False
        return self._lib.verify(DIGESTS[digest], key, data, signature)

    def is_issued_by(self, certificate: bytes, authority: bytes) -> bool:
        return self._lib.is_issued_by(certificate, authority)

    def signer(self, key: bytes, certificate: bytes) -> GostSigner:
        """From PEM without a password. Raises BadInput (certificate_invalid, signing_key_invalid, signing_key_differs)."""
        found = parse_certificate(certificate)
        private, public = self._lib.private_key(key), self._lib.key_of(found.der)
        if private is None or public is None:
            raise BadInput("signing_key_invalid")
        if not self._lib.are_pair(private, public):
            raise BadInput("signing_key_differs")
        method = GOST_512 if found.key == "gost-512" else GOST_256
        return GostSigner(found.der, method, self._lib, private)


@dataclass(frozen=True, slots=True)
class GostSigner:
    """A key of GOST R 34.10-2012 with its certificate. `providers.Signer`."""

    certificate: bytes = field(repr=False)
    method: str
    _lib: LibCrypto = field(repr=False)
    _private: Key = field(repr=False)

    def digest(self, data: bytes) -> bytes:
        """Streebog of the same size."""
        return self._lib.digest(DIGESTS[METHODS[self.method].digest], data)

    def sign(self, data: bytes) -> bytes:
        """As the engine gives it: s and r, each of half the bytes."""
        made = self._lib.sign(DIGESTS[METHODS[self.method].digest], self._private, data)
        if made is None:
            raise BadInput("signing_key_invalid")
        return made


def with_gost() -> Providers:
    """RSA, ECDSA and GOST. Raises Broken (gost_engine_missing)."""
    return Providers({**CLASSIC.by_family, "gost": Gost()})


def signer_of(key: bytes, certificate: bytes, providers: Providers) -> Signer:
    """Of whatever kind the certificate is. Raises BadInput (certificate_invalid, signing_key_invalid, signing_key_differs),
    DocumentRejected (signature_gost_off)."""
    if not parse_certificate(certificate).key.startswith("gost"):
        return classic_signer(key, certificate)
    provider = providers.by_family.get("gost")
    if not isinstance(provider, Gost):
        raise DocumentRejected("signature_gost_off")
    return provider.signer(key, certificate)


def _bits(digest: str) -> int:
    return 256 if digest == STREEBOG_256 else 512
