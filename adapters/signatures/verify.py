"""Verification. What it returns is what was signed; whoever reads anything else reads something unsigned.

For a signature and the element that it must cover:

1. No two elements of the document share an identifier.
2. The signature has the parts of the schema and no other, and is small.
3. Its references are exactly those expected: one to the element, by its own identifier or as the whole document; one to the
   signed properties where there are any; one, if at all, to its own KeyInfo. Nothing is looked up by what a reference says.
4. Transforms and algorithms are on the lists that allow them.
5. The certificate is registered for the organisation, or was issued for it by a registered authority; it holds now.
6. The canonical bytes of the element have the digest of its reference, those of the signature's own parts theirs.
7. The key of the certificate signed the canonical bytes of SignedInfo.

The caller must still parse the returned bytes anew, and compare who is named in them with whose certificate it was.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.signatures.algorithms import ENVELOPED, EXCLUSIVE, SIGNED_PROPERTIES_TYPE, SMEV, method_named
from adapters.signatures.certificates import Certificate, Trust, check_holds, is_of, parse_certificate
from adapters.signatures.document import (
    canonical,
    check_ids,
    detach,
    may_be_signed,
    parse_document,
    reparse,
    signatures,
)
from adapters.signatures.providers import Providers
from adapters.signatures.smev_transform import smev_transform
from adapters.signatures.structure import Reference, UnverifiedSignature, read_signature
from adapters.signatures.xades import Properties, check_properties, read_properties
from adapters.xml.tree import line_of, local_name
from schemas.errors import BadInput, DocumentRejected

WHOLE_DOCUMENT: Final = ((ENVELOPED, EXCLUSIVE),)
"""Chains of transforms of a document that carries its own signature."""
OF_SMEV: Final = ((EXCLUSIVE, SMEV), (ENVELOPED, EXCLUSIVE, SMEV))
"""Chains of transforms of a part of a SMEV message."""
OF_OWN_PARTS: Final[tuple[tuple[str, ...], ...]] = ((EXCLUSIVE,), ())
"""Of the parts of a signature that it signs itself: properties and KeyInfo."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was signed, by which certificate, by which method, and when by its own word (XAdES). `content` is a document."""

    content: bytes
    certificate: Certificate
    method: str
    signing_time: datetime | None = None


def verify_document(
    content: bytes, trust: Trust, now: datetime, providers: Providers, limits: Limits = DEFAULT_LIMITS
) -> Verified | None:
    """A document with a signature directly under its root, over all of it. None: it carries no signature at all.

    Raises DocumentRejected, by the step that failed.
    """
    if not may_be_signed(content):
        return None
    root = parse_document(content, limits)
    found = signatures(root)
    if not found:
        return None
    if len(found) > 1:
        raise DocumentRejected("signature_several")
    if found[0].getparent() is not root:
        raise DocumentRejected("signature_place", element=local_name(root))
    check_ids(root)
    signature = read_signature(found[0])
    covered = _Covered(signature, str(root.get("Id") or ""), may_be_whole=True)
    certificate, properties = _who_signed(covered, WHOLE_DOCUMENT, trust, now, providers)
    detach(signature.element)
    line = line_of(root, 1)
    signed = canonical(root)
    _check_digest(covered.reference, [signed], providers)
    # Canonical form has no prolog: empty lines in its place keep the numbers of lines.
    return Verified(b"\n" * (line - 1) + signed, certificate, signature.method, _time(properties))


def verify_part(
    signature: etree._Element, part: etree._Element, trust: Trust, now: datetime, providers: Providers
) -> Verified:
    """A part of a SMEV message under a signature beside it. That no identifier is repeated is for the caller to check.

    Raises DocumentRejected, by the step that failed.
    """
    read = read_signature(signature)
    if read.is_indented:
        raise DocumentRejected("signature_indented")
    covered = _Covered(read, str(part.get("Id") or ""), may_be_whole=False)
    certificate, properties = _who_signed(covered, OF_SMEV, trust, now, providers)
    signed = smev_transform(reparse(canonical(part)))
    _check_digest(covered.reference, [signed], providers)
    return Verified(signed, certificate, read.method, _time(properties))


class _Covered:
    """A signature with its references told apart (step 3): the one to what is read, and those to parts of its own."""

    def __init__(self, signature: UnverifiedSignature, target: str, *, may_be_whole: bool) -> None:
        self.signature = signature
        self.properties = read_properties(signature)
        self.own: list[tuple[Reference, etree._Element]] = []
        rest = list(signature.references)
        if self.properties is not None:
            mine = _take(rest, self.properties.id, SIGNED_PROPERTIES_TYPE)
            if len(mine) != 1:
                raise DocumentRejected("signature_properties", element="Reference")
            self.own.append((mine[0], self.properties.element))
        key_info = str(signature.key_info.get("Id") or "")
        self.own += [(one, signature.key_info) for one in _take(rest, key_info, "")]
        if len(rest) != 1:
            raise DocumentRejected("signature_references", found=len(rest))
        expected = {f"#{target}"} if target else set()
        if may_be_whole:
            expected.add("")
        if rest[0].uri not in expected:
            raise DocumentRejected("signature_reference_elsewhere")
        self.reference = rest[0]


def _take(references: list[Reference], target: str, kind: str) -> list[Reference]:
    """Those to a part of the signature itself, taken out of the list."""
    found = [one for one in references if target and one.uri == f"#{target}" and one.type == kind]
    for one in found:
        references.remove(one)
    return found


def _who_signed(
    covered: _Covered, chains: Sequence[tuple[str, ...]], trust: Trust, now: datetime, providers: Providers
) -> tuple[Certificate, Properties | None]:
    signature, properties = covered.signature, covered.properties
    if covered.reference.transforms not in chains:
        raise DocumentRejected("signature_transform", algorithm=_shown(covered.reference), expected=" ".join(chains[0]))
    method_named(signature.method)
    certificate = _certificate(signature, trust, now, providers)
    for reference, element in covered.own:
        if reference.transforms not in OF_OWN_PARTS:
            raise DocumentRejected("signature_transform", algorithm=_shown(reference), expected=EXCLUSIVE)
        # Without any transform it is the inclusive form (XMLDSig §4.4.3.2); some libraries take the one of SignedInfo then.
        forms = (
            [canonical(element)] if reference.transforms else [canonical(element, exclusive=False), canonical(element)]
        )
        _check_digest(reference, forms, providers)
    if properties is not None:
        check_properties(properties, certificate, now, providers)
    if not providers.verify(signature.method, certificate, canonical(signature.signed_info), signature.value):
        raise DocumentRejected("signature_indented" if signature.is_indented else "signature_value_wrong")
    return certificate, properties


def _certificate(signature: UnverifiedSignature, trust: Trust, now: datetime, providers: Providers) -> Certificate:
    """The one of KeyInfo that counts for this organisation (step 5)."""
    offered = {one.fingerprint: one for one in map(_parsed, signature.certificates)}
    if offered.keys() & trust.revoked:
        raise DocumentRejected("signature_certificate_revoked", certificate=min(offered.keys() & trust.revoked))
    known = [one for one in offered.values() if any(one.fingerprint == mine.fingerprint for mine in trust.certificates)]
    if not known:
        known = [one for one in offered.values() if _is_vouched_for(one, trust, now, providers)]
    if len(known) != 1:
        raise DocumentRejected("signature_certificate_foreign", certificate=next(iter(offered)))
    if not is_of(known[0], trust.ogrn, trust.inn, must_say=False):
        raise DocumentRejected("signature_certificate_owner", certificate=known[0].fingerprint)
    check_holds(known[0], now)
    return known[0]


def _is_vouched_for(certificate: Certificate, trust: Trust, now: datetime, providers: Providers) -> bool:
    """Whether a registered authority issued it for this organisation."""
    if certificate.is_authority or not is_of(certificate, trust.ogrn, trust.inn, must_say=True):
        return False
    return any(
        authority.valid_from <= now <= authority.valid_to and providers.is_issued_by(certificate, authority)
        for authority in trust.authorities
    )


def _parsed(der: bytes) -> Certificate:
    try:
        return parse_certificate(der)
    except BadInput:
        raise DocumentRejected("signature_malformed", element="X509Certificate") from None


def _check_digest(reference: Reference, forms: Sequence[bytes], providers: Providers) -> None:
    found = (providers.digest(reference.digest_method, form) for form in forms)
    if not any(hmac.compare_digest(digest, reference.digest) for digest in found):
        raise DocumentRejected("signature_digest_wrong")


def _shown(reference: Reference) -> str:
    return " ".join(reference.transforms)[:160]


def _time(properties: Properties | None) -> datetime | None:
    return properties.signing_time if properties is not None else None
