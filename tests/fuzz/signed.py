"""Signed documents and messages to begin with, and who signed them: the same in every process, so that bytes that were found
once are found again. The key is a number that everybody may know, and signs nothing else."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from adapters.signatures.certificates import OGRN_OID, Trust, parse_certificate
from adapters.signatures.classic import CLASSIC, ClassicSigner
from adapters.signatures.sign import sign_document
from adapters.signatures.verify import verify_document
from adapters.smev.read import read_ack, read_request, read_response
from adapters.smev.write import write_ack, write_fetched_request, write_request, write_response
from adapters.xml.writer import write_referral
from schemas.errors import DocumentRejected
from tests.builders import NOW
from tests.generate import example_draft

OGRN = "1027700900017"
SIGN_FIRST = 1
"""A first byte that says: sign the rest, and read that."""
MESSAGE_ID = "5c1c26f4-8f2b-11f0-8de9-0242ac120002"


@functools.cache
def signer() -> ClassicSigner:
    """Of an invented organisation."""
    key = ec.derive_private_key(20260311, ec.SECP256R1())
    names = [(NameOID.COMMON_NAME, "Вымышленный Подписант"), (OGRN_OID, OGRN)]
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in names])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(17)
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=300))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return ClassicSigner(made.public_bytes(Encoding.DER), key)


@functools.cache
def trust() -> Trust:
    """In this signer alone."""
    return Trust(OGRN, None, (parse_certificate(signer().certificate),))


@functools.cache
def documents() -> Sequence[bytes]:
    """Signed by XMLDSig and by XAdES-BES, and one that is signed as soon as it was changed."""
    plain = write_referral(example_draft())
    return (sign_document(plain, signer()), sign_document(plain, signer(), NOW), bytes([SIGN_FIRST]) + plain)


@functools.cache
def messages() -> Sequence[bytes]:
    """Messages of SMEV: a request, one that was fetched, responses, an acknowledgement; and what becomes a request."""
    plain, by = write_referral(example_draft()), signer()
    return (
        write_request(plain, by, NOW, person=by),
        write_fetched_request(plain, by, NOW, "eyJzaWQiOjE3fQ==", person=by),
        write_response("eyJzaWQiOjE3fQ==", by, NOW, content=plain),
        write_response("eyJzaWQiOjE3fQ==", by, NOW, rejections=[("ACCESS_DENIED", "Нельзя")]),
        write_ack(MESSAGE_ID, by),
        bytes([SIGN_FIRST]) + plain,
    )


def verified(content: bytes) -> str | None:
    """What was signed in a document, in canonical form; None: nothing."""
    found = verify_document(content, trust(), NOW, CLASSIC)
    return None if found is None else found.content.decode().lstrip("\n")


@functools.cache
def signed_documents() -> frozenset[str | None]:
    """What was signed in the seeds."""
    return frozenset(verified(one) for one in documents() if one[0] != SIGN_FIRST)


def read_message(content: bytes) -> str | None:
    """What the information system signed in a message, by whichever reader takes it. Raises DocumentRejected."""
    readers: Sequence[Callable[..., object]] = (read_request, read_response, read_ack)
    for reader in readers:
        try:
            found = reader(content, trust(), NOW, CLASSIC)
        except DocumentRejected as refused:
            if refused.code != "smev_root_unknown":
                raise
            continue
        return str(found.system.content.decode())  # type: ignore[attr-defined]  # all three have it
    raise DocumentRejected("smev_root_unknown")


@functools.cache
def signed_messages() -> frozenset[str | None]:
    """What was signed in the seeds."""
    return frozenset(read_message(one) for one in messages() if one[0] != SIGN_FIRST)
