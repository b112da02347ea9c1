"""What a `ds:Signature` says, read strictly and believed in nothing: every value here is unverified."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from lxml import etree

from adapters.signatures.algorithms import DSIG, EXCLUSIVE
from adapters.signatures.certificates import MOST_BYTES
from adapters.xml.tree import local_name
from schemas.errors import DocumentRejected

MOST_ELEMENTS: Final = 300
MOST_TEXT: Final = 128 * 1024
"""Of one signature: its elements and characters."""
MOST_CERTIFICATES: Final = 5
_MOST_TRANSFORMS: Final = 4


@dataclass(frozen=True, slots=True)
class Reference:
    """One `ds:Reference`."""

    uri: str
    type: str
    transforms: tuple[str, ...]
    digest_method: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class UnverifiedSignature:
    """A signature's parts. `certificates` are DER from KeyInfo; nothing else in KeyInfo is used or followed."""

    element: etree._Element
    signed_info: etree._Element
    method: str
    references: tuple[Reference, ...]
    value: bytes
    certificates: tuple[bytes, ...]
    key_info: etree._Element
    objects: tuple[etree._Element, ...]
    is_indented: bool


def q(name: str) -> str:
    """The name of an element of XMLDSig, as lxml writes it."""
    return f"{{{DSIG}}}{name}"


_OF_REFERENCE: Final = [q("Transforms"), q("DigestMethod"), q("DigestValue")]


def read_signature(element: etree._Element) -> UnverifiedSignature:
    """Raises DocumentRejected (signature_too_large, …_malformed, …_transform, …_certificate_missing)."""
    _check_size(element)
    parts = _children(element)
    names = [part.tag for part in parts]
    if names[:2] != [q("SignedInfo"), q("SignatureValue")]:
        raise malformed("Signature")
    rest = parts[2:]
    key_info = rest.pop(0) if rest and rest[0].tag == q("KeyInfo") else None
    if any(part.tag != q("Object") for part in rest):
        raise malformed("Signature")
    signed_info = parts[0]
    method, references = _signed_info(signed_info)
    return UnverifiedSignature(
        element,
        signed_info,
        method,
        references,
        base64_of(parts[1]),
        _certificates(key_info),
        parts[2],
        tuple(rest),
        bool(signed_info.text) or any(child.tail for child in signed_info),
    )


def malformed(place: str) -> DocumentRejected:
    """The refusal of a signature whose parts are not those of the schema."""
    return DocumentRejected("signature_malformed", element=place)


def base64_of(element: etree._Element) -> bytes:
    """The bytes of an element. Raises DocumentRejected (signature_malformed)."""
    if len(element):
        raise malformed(local_name(element))
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise malformed(local_name(element)) from None


def algorithm_of(element: etree._Element) -> str:
    """Its `Algorithm`. An element with parameters is refused: none of ours has any."""
    if len(element) or set(element.attrib) != {"Algorithm"}:
        raise malformed(local_name(element))
    return str(element.get("Algorithm"))


def _check_size(element: etree._Element) -> None:
    text = 0
    for elements, part in enumerate(element.iter(), start=1):
        if not isinstance(part.tag, str):  # processing instructions
            raise malformed("Signature")
        text += len(part.text or "") + len(part.tail or "" if part is not element else "")
        text += sum(len(value) for value in part.attrib.values())
        if elements > MOST_ELEMENTS or text > MOST_TEXT:
            raise DocumentRejected("signature_too_large", elements=MOST_ELEMENTS, kb=MOST_TEXT // 1024)


def _children(element: etree._Element) -> list[etree._Element]:
    """Its elements; between them only white space may stand."""
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        raise malformed(local_name(element))
    return list(element)


def _signed_info(element: etree._Element) -> tuple[str, tuple[Reference, ...]]:
    parts = _children(element)
    if [part.tag for part in parts[:2]] != [q("CanonicalizationMethod"), q("SignatureMethod")] or not parts[2:]:
        raise malformed("SignedInfo")
    if (found := algorithm_of(parts[0])) != EXCLUSIVE:
        raise DocumentRejected("signature_transform", algorithm=found[:80], expected=EXCLUSIVE)
    return algorithm_of(parts[1]), tuple(_reference(part) for part in parts[2:])


def _reference(element: etree._Element) -> Reference:
    parts = _children(element)
    names = [part.tag for part in parts]
    if element.tag != q("Reference") or names not in (_OF_REFERENCE, _OF_REFERENCE[1:]):
        raise malformed("Reference")
    if "URI" not in element.attrib or set(element.attrib) - {"URI", "Type", "Id"}:
        raise malformed("Reference")
    transforms = _children(parts[0]) if len(parts) == len(_OF_REFERENCE) else []
    if len(transforms) > _MOST_TRANSFORMS or any(one.tag != q("Transform") for one in transforms):
        raise malformed("Transforms")
    return Reference(
        str(element.get("URI")),
        str(element.get("Type", "")),
        tuple(algorithm_of(one) for one in transforms),
        algorithm_of(parts[-2]),
        base64_of(parts[-1]),
    )


def _certificates(key_info: etree._Element | None) -> tuple[bytes, ...]:
    """Those of X509Data. A bare key, a name or an address says nothing that a register could be asked about."""
    found = [] if key_info is None else list(key_info.iterfind(f"{q('X509Data')}/{q('X509Certificate')}"))
    if not found or len(found) > MOST_CERTIFICATES:
        raise DocumentRejected("signature_certificate_missing", most=MOST_CERTIFICATES)
    certificates = tuple(base64_of(one) for one in found)
    if any(len(one) > MOST_BYTES for one in certificates):
        raise DocumentRejected("signature_too_large", elements=MOST_ELEMENTS, kb=MOST_TEXT // 1024)
    return certificates
