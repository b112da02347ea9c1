"""Check a package without a store: its signature, its digest, and after it was opened the proof of its entry. Pure.

(1) the manifest is signed by the key that it names, and that is the key the reader got elsewhere, where it has one;
(2) what is sealed has the digest of the manifest, and opens with the code;
(3) the proof's entry is the one of the manifest and names this package and this digest;
(4) the entry lies in the tree whose root the same key signed.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from adapters.xml.package import read_package_content
from gateway.evidence.checkpoint import verify_checkpoint
from gateway.evidence.entry import parse_entry
from gateway.evidence.errors import VerificationError
from gateway.evidence.events import EventKind
from gateway.evidence.note import VerifierKey, verify_note
from gateway.evidence.tree import leaf_hash, verify_inclusion
from gateway.partner.package_codes import OPENING_DIGITS, MistypedError, parse_code
from gateway.partner.packages import AlteredError, NotAPackageError, Package, WrongCodeError, read_package
from schemas.errors import BadInput, Broken, DocumentRejected
from schemas.package import PackageContent


@dataclass(frozen=True, slots=True)
class OpenedPackage:
    """What was read, and the whole document it was read from. `key_known`: the key was compared with one got elsewhere."""

    content: PackageContent
    document: bytes
    key: VerifierKey
    key_known: bool


def open_package(file: bytes, code: str, key: VerifierKey | None = None) -> OpenedPackage:
    """Raises DocumentRejected (not_a_package, package_version, package_altered, package_key_differs), BadInput
    (package_code_length, package_code_mistyped, package_code_wrong)."""
    try:
        digits = parse_code(code, OPENING_DIGITS)
    except MistypedError as error:
        if error.why == "length":
            raise BadInput("package_code_length", digits=OPENING_DIGITS) from None
        raise BadInput("package_code_mistyped") from None
    try:
        package = read_package(file)
        named = _verify_signature(package, key)  # (1)
        document, proof = package.open(digits)  # (2)
        _verify_proof(package, proof, named)  # (3), (4)
        content = read_package_content(document)
    except NotAPackageError as error:
        code_of = "package_version" if error.why == "version" else "not_a_package"
        raise DocumentRejected(code_of) from None
    except (AlteredError, VerificationError, Broken, binascii.Error, ValueError, KeyError, TypeError, RecursionError):
        raise DocumentRejected("package_altered") from None
    except WrongCodeError:
        raise BadInput("package_code_wrong") from None
    if content.package != package.manifest.package:
        raise DocumentRejected("package_altered")
    return OpenedPackage(content, document, named, key is not None)


def _verify_signature(package: Package, known: VerifierKey | None) -> VerifierKey:
    named = VerifierKey.parse(package.manifest.key)
    if known is not None and known != named:
        raise DocumentRejected("package_key_differs")
    verify_note(package.note, [named])
    return named


def _verify_proof(package: Package, proof: str, key: VerifierKey) -> None:
    bundle = json.loads(proof)
    data = str(bundle["data"]).encode()
    entry = parse_entry(data)
    body, manifest = entry.body, package.manifest
    if (
        entry.kind is not EventKind.PACKAGE_MADE
        or entry.id != manifest.entry
        or body.get("package") != manifest.package
        or body.get("sealed") != manifest.sealed_sha256
    ):
        raise AlteredError
    checkpoint = verify_checkpoint(bundle["checkpoint"], [key]).checkpoint
    path = [base64.b64decode(node, validate=True) for node in bundle["inclusion"]]
    verify_inclusion(leaf_hash(data), bundle["index"], checkpoint.tree_size, path, checkpoint.root_hash)
