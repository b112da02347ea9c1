"""Which algorithms and transforms are taken: lists that allow, by URI. What is on none of them is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schemas.errors import DocumentRejected

DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
XADES: Final = "http://uri.etsi.org/01903/v1.3.2#"
SIGNED_PROPERTIES_TYPE: Final = "http://uri.etsi.org/01903#SignedProperties"

EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED: Final = DSIG + "enveloped-signature"
SMEV: Final = "urn://smev-gov-ru/xmldsig/transform"

SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA384: Final = "http://www.w3.org/2001/04/xmldsig-more#sha384"
SHA512: Final = "http://www.w3.org/2001/04/xmlenc#sha512"
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_GOST: Final = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:"

GOST_256: Final = _GOST + "gostr34102012-gostr34112012-256"
GOST_512: Final = _GOST + "gostr34102012-gostr34112012-512"
STREEBOG_256: Final = _GOST + "gostr34112012-256"
STREEBOG_512: Final = _GOST + "gostr34112012-512"

DIGESTS: Final = {
    SHA256: "sha256",
    SHA384: "sha384",
    SHA512: "sha512",
    STREEBOG_256: "md_gost12_256",
    STREEBOG_512: "md_gost12_512",
}
"""Digest methods and their names in OpenSSL."""


@dataclass(frozen=True, slots=True)
class Method:
    """A signature method: its family, and the digest it takes of what is signed."""

    family: str
    digest: str


METHODS: Final = {
    _MORE + "rsa-sha256": Method("rsa", SHA256),
    _MORE + "rsa-sha384": Method("rsa", SHA384),
    _MORE + "rsa-sha512": Method("rsa", SHA512),
    _MORE + "ecdsa-sha256": Method("ecdsa", SHA256),
    _MORE + "ecdsa-sha384": Method("ecdsa", SHA384),
    _MORE + "ecdsa-sha512": Method("ecdsa", SHA512),
    GOST_256: Method("gost", STREEBOG_256),
    GOST_512: Method("gost", STREEBOG_512),
    _MORE + "gostr34102012-gostr34112012-256": Method("gost", STREEBOG_256),  # written by some clients
    _MORE + "gostr34102012-gostr34112012-512": Method("gost", STREEBOG_512),
}
RSA_SHA256: Final = _MORE + "rsa-sha256"
ECDSA_SHA256: Final = _MORE + "ecdsa-sha256"

LEGACY: Final = frozenset(
    {
        DSIG + "sha1",
        DSIG + "rsa-sha1",
        DSIG + "dsa-sha1",
        DSIG + "hmac-sha1",
        _MORE + "ecdsa-sha1",
        _MORE + "md5",
        _MORE + "rsa-md5",
        _MORE + "rsa-ripemd160",
        _MORE + "gostr3411",
        _MORE + "gostr34102001-gostr3411",
        _GOST + "gostr3411",
        _GOST + "gostr34102001-gostr3411",
    }
)
"""Known, and not taken any more: SHA-1, MD5, GOST of 1994 and 2001."""
_SHOWN: Final = 80


def digest_named(uri: str) -> str:
    """OpenSSL's name of a digest method. Raises DocumentRejected (signature_algorithm_legacy, signature_algorithm_unknown)."""
    if uri not in DIGESTS:
        raise _refused(uri)
    return DIGESTS[uri]


def method_named(uri: str) -> Method:
    """A signature method. Raises DocumentRejected (signature_algorithm_legacy, signature_algorithm_unknown)."""
    if uri not in METHODS:
        raise _refused(uri)
    return METHODS[uri]


def _refused(uri: str) -> DocumentRejected:
    if uri in LEGACY:
        return DocumentRejected("signature_algorithm_legacy", algorithm=uri)
    return DocumentRejected("signature_algorithm_unknown", algorithm=uri[:_SHOWN])
