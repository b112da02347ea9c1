"""A package that was once written is read for ever: by us, and step by step as a developer without our code would."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.xml.package import read_package_content, write_package_content
from gateway.evidence.note import VerifierKey
from gateway.partner.package_codes import receipt_code
from gateway.use_cases.verify_package import open_package

VECTOR = Path(__file__).parents[2] / "vectors" / "package"
CODE = (VECTOR / "code.txt").read_text().strip()
FILE = (VECTOR / "package.html").read_bytes()


def test_we_read_it() -> None:
    key = VerifierKey.parse((VECTOR / "log.pub").read_text().strip())
    opened = open_package(FILE, CODE, key)
    assert opened.document.rstrip(b"\n") + b"\n" == (VECTOR / "content.xml").read_bytes()
    outcomes = [outcome.code for outcome in opened.content.outcomes]
    secret = base64.b64decode(opened.content.receipt_key)
    for line in (VECTOR / "receipts.tsv").read_text().splitlines():
        said, _, code = line.partition("\t")
        day, outcome = said.split(" ")
        assert receipt_code(secret, opened.content.package, int(day), outcomes.index(outcome), outcome) == code


def test_anybody_reads_it() -> None:
    """With a hash, AES-GCM and Ed25519, and nothing of ours."""
    found = re.search(rb'id="package">(.*?)</script>', FILE, re.DOTALL)
    assert found
    data = json.loads(found[1])
    text, _, line = data["manifest"].rpartition("\n\n")
    manifest = json.loads(text.split("\n")[1])
    name, _, rest = manifest["key"].partition("+")
    public = base64.b64decode(rest.partition("+")[2])[1:]
    signature = base64.b64decode(line.split(" ")[2])
    Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], (text + "\n").encode())
    assert line.split(" ")[1] == name
    sealed = base64.b64decode(data["sealed"])
    assert hashlib.sha256(sealed).hexdigest() == manifest["sealed_sha256"]
    salt = base64.b64decode(manifest["salt"])
    key = hashlib.pbkdf2_hmac("sha256", CODE.encode(), salt, manifest["iterations"], 32)
    place = f"mezhved-package/v1\n{manifest['package']}\ncontent\n".encode()
    content = AESGCM(key).decrypt(sealed[:12], sealed[12:], place)
    assert content.rstrip(b"\n") + b"\n" == (VECTOR / "content.xml").read_bytes()
    secret = base64.b64decode(re.search(rb"<ReceiptKey>(.*?)</ReceiptKey>", content)[1])  # type: ignore[index]
    mac = hmac.new(secret, f"mezhved-package-receipt/v1\n{manifest['package']}\n0\nopened".encode(), "sha256").digest()
    digits = f"000{0:02d}{int.from_bytes(mac[:8], 'big') % 10**10:010d}"
    (first,) = [line.split("\t")[1] for line in (VECTOR / "receipts.tsv").read_text().splitlines() if line[0] == "0"]
    assert first[:-1] == digits


def test_the_xml_comes_back_as_it_was() -> None:
    document = (VECTOR / "content.xml").read_bytes()
    content = read_package_content(document)
    assert write_package_content(content) == document.rstrip(b"\n")
    assert read_package_content(write_package_content(content)) == content
