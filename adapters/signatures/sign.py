"""Signing, in the same profile that is verified: enveloped over a whole document, or beside a part of a SMEV message."""

from __future__ import annotations

import base64
import uuid
from datetime import datetime

from lxml import etree

from adapters.limits import DEFAULT_LIMITS
from adapters.signatures.algorithms import (
    DSIG,
    ENVELOPED,
    EXCLUSIVE,
    SIGNED_PROPERTIES_TYPE,
    SMEV,
    method_named,
)
from adapters.signatures.document import canonical, check_ids, parse_document, reparse, signatures
from adapters.signatures.providers import Signer
from adapters.signatures.smev_transform import smev_transform
from adapters.signatures.structure import q
from adapters.signatures.xades import build_object
from schemas.errors import DocumentRejected


def sign_document(content: bytes, signer: Signer, signed_at: datetime | None = None) -> bytes:
    """The document with a signature as the last child of its root. `signed_at`: with XAdES-BES properties.

    Raises DocumentRejected (signature_several for one that has a signature, signature_id_repeated, what reading raises).
    """
    root = parse_document(content, DEFAULT_LIMITS)
    if signatures(root):
        raise DocumentRejected("signature_several")
    if root.get("Id") is None:
        root.set("Id", f"doc-{uuid.uuid4()}")
    check_ids(root)
    digest = signer.digest(canonical(root))
    root.append(_signature(signer, str(root.get("Id")), (ENVELOPED, EXCLUSIVE), digest, signed_at, root))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def sign_part(part: etree._Element, parent: etree._Element, signer: Signer) -> None:
    """Put a signature over `part`, which has an `Id`, as the last child of `parent`, in the chain of SMEV."""
    digest = signer.digest(smev_transform(reparse(canonical(part))))
    parent.append(_signature(signer, str(part.get("Id")), (EXCLUSIVE, SMEV), digest, None, parent))


def _signature(
    signer: Signer,
    target: str,
    transforms: tuple[str, ...],
    digest: bytes,
    signed_at: datetime | None,
    parent: etree._Element,
) -> etree._Element:
    """A finished signature. It is put under its parent while it is made: canonical form sees the names in scope."""
    method = method_named(signer.method)
    signature = etree.SubElement(parent, q("Signature"), nsmap={"ds": DSIG})
    signed_info = etree.SubElement(signature, q("SignedInfo"))
    _algorithm(signed_info, "CanonicalizationMethod", EXCLUSIVE)
    _algorithm(signed_info, "SignatureMethod", signer.method)
    _reference(signed_info, f"#{target}", transforms, method.digest, digest)
    value = etree.SubElement(signature, q("SignatureValue"))
    data = etree.SubElement(etree.SubElement(signature, q("KeyInfo")), q("X509Data"))
    etree.SubElement(data, q("X509Certificate")).text = _base64(signer.certificate)
    if signed_at is not None:
        name = f"sig-{uuid.uuid4()}"
        signature.set("Id", name)
        certificate = signer.digest(signer.certificate)
        holder = build_object(name, f"{name}-properties", signed_at, certificate, method.digest)
        signature.append(holder)
        properties = holder[0][0]
        of_properties = signer.digest(canonical(properties))
        reference = _reference(signed_info, f"#{name}-properties", (EXCLUSIVE,), method.digest, of_properties)
        reference.set("Type", SIGNED_PROPERTIES_TYPE)
    value.text = _base64(signer.sign(canonical(signed_info)))
    return signature


def _reference(
    parent: etree._Element, uri: str, transforms: tuple[str, ...], method: str, digest: bytes
) -> etree._Element:
    reference = etree.SubElement(parent, q("Reference"), {"URI": uri})
    chain = etree.SubElement(reference, q("Transforms"))
    for transform in transforms:
        _algorithm(chain, "Transform", transform)
    _algorithm(reference, "DigestMethod", method)
    etree.SubElement(reference, q("DigestValue")).text = _base64(digest)
    return reference


def _algorithm(parent: etree._Element, name: str, uri: str) -> None:
    etree.SubElement(parent, q(name), {"Algorithm": uri})


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
