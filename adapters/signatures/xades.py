"""XAdES-BES (ETSI EN 319 132-1): the time and the certificate that the signature itself says it was made at and with.

Nothing else of the qualifying properties is used. Counter-signatures and time stamps are no part of this profile.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from lxml import etree

from adapters.signatures.algorithms import XADES
from adapters.signatures.certificates import Certificate
from adapters.signatures.providers import Providers
from adapters.signatures.structure import UnverifiedSignature, algorithm_of, base64_of, q
from schemas.errors import DocumentRejected

LEEWAY: Final = timedelta(minutes=5)
"""How far the clock of who signs may be ahead."""


@dataclass(frozen=True, slots=True)
class Properties:
    """The element that a reference must point to, and what it says."""

    element: etree._Element
    id: str
    signing_time: datetime
    digests: tuple[tuple[str, bytes], ...]


def x(name: str) -> str:
    """The name of an element of XAdES, as lxml writes it."""
    return f"{{{XADES}}}{name}"


def read_properties(signature: UnverifiedSignature) -> Properties | None:
    """What is in the signature's only Object, None where it has none. Raises DocumentRejected (signature_properties)."""
    if not signature.objects:
        return None
    qualifying = list(signature.objects[0])
    own = signature.element.get("Id")
    if len(signature.objects) != 1 or len(qualifying) != 1 or qualifying[0].tag != x("QualifyingProperties"):
        raise _wrong("Object")
    if own is None or qualifying[0].get("Target") != f"#{own}":
        raise _wrong("QualifyingProperties")
    signed = qualifying[0].findall(x("SignedProperties"))
    if len(signed) != 1 or signed[0].get("Id") is None:
        raise _wrong("SignedProperties")
    about = signed[0].findall(x("SignedSignatureProperties"))
    if len(about) != 1:
        raise _wrong("SignedSignatureProperties")
    return Properties(signed[0], str(signed[0].get("Id")), _time(about[0]), _digests(about[0]))


def check_properties(properties: Properties, certificate: Certificate, now: datetime, providers: Providers) -> None:
    """The certificate must be the one that was named, the time must lie in its term and not ahead of us.

    Raises DocumentRejected (signature_certificate_differs, signature_time).
    """
    method, digest = properties.digests[0]
    if providers.digest(method, certificate.der) != digest:
        raise DocumentRejected("signature_certificate_differs")
    at = properties.signing_time
    if at > now + LEEWAY or not certificate.valid_from <= at <= certificate.valid_to:
        raise DocumentRejected("signature_time")


def build_object(
    signature_id: str, properties_id: str, at: datetime, certificate_digest: bytes, digest_method: str
) -> etree._Element:
    """The Object of a signature of ours."""
    target = etree.Element(q("Object"))
    qualifying = _add(target, x("QualifyingProperties"), nsmap={"xades": XADES}, Target=f"#{signature_id}")
    signed = _add(qualifying, x("SignedProperties"), Id=properties_id)
    about = _add(signed, x("SignedSignatureProperties"))
    _add(about, x("SigningTime")).text = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = _add(_add(_add(about, x("SigningCertificateV2")), x("Cert")), x("CertDigest"))
    _add(digest, q("DigestMethod"), Algorithm=digest_method)
    _add(digest, q("DigestValue")).text = base64.b64encode(certificate_digest).decode()
    return target


def _time(about: etree._Element) -> datetime:
    found = about.findall(x("SigningTime"))
    try:
        at = datetime.fromisoformat((found[0].text or "").strip())
    except (ValueError, IndexError):
        raise _wrong("SigningTime") from None
    if len(found) != 1 or at.tzinfo is None:
        raise _wrong("SigningTime")
    return at.astimezone(UTC)


def _digests(about: etree._Element) -> tuple[tuple[str, bytes], ...]:
    """Of the signing certificate first. The older SigningCertificate carries the same digest."""
    path = f"{x('Cert')}/{x('CertDigest')}"
    holders = [*about.findall(x("SigningCertificateV2")), *about.findall(x("SigningCertificate"))]
    found = [] if len(holders) != 1 else holders[0].findall(path)
    if not found:
        raise _wrong("SigningCertificateV2")
    digests = []
    for one in found:
        if [child.tag for child in one] != [q("DigestMethod"), q("DigestValue")]:
            raise _wrong("CertDigest")
        digests.append((algorithm_of(one[0]), base64_of(one[1])))
    return tuple(digests)


def _wrong(place: str) -> DocumentRejected:
    return DocumentRejected("signature_properties", element=place)


def _add(parent: etree._Element, tag: str, nsmap: dict[str, str] | None = None, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, tag, attributes, nsmap=nsmap)
