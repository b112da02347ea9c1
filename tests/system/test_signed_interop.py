"""Signed files against tools that are not ours: xmlsec1 at the command line, signxml as a library, both ways."""

from __future__ import annotations

import io
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureMethod, XMLSigner, XMLVerifier, methods
from signxml.xades import XAdESSigner, XAdESVerifier

from adapters.signatures.certificates import Trust
from adapters.signatures.classic import CLASSIC
from adapters.signatures.sign import sign_document
from adapters.signatures.verify import verify_document
from adapters.xml.reader import read_referrals
from schemas.errors import DocumentRejected
from tests.adapters.certificates import Holder, ec_key, holder, rsa_key
from tests.adapters.test_signatures import NS, OURS, PLAIN

pytestmark = pytest.mark.system
KEYS = {"rsa": rsa_key, "ecdsa": ec_key}
IDS = ("--id-attr:Id", f"{NS}:Referral", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties")
TEMPLATE = """<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">
  <SignedInfo>
    <CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
    <SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#{kind}-sha256"/>
    <Reference URI="">
      <Transforms>
        <Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
        <Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
      </Transforms>
      <DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
      <DigestValue/>
    </Reference>
  </SignedInfo>
  <SignatureValue/>
  <KeyInfo><X509Data/></KeyInfo>
</Signature>"""


@pytest.fixture(params=KEYS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def who(kind: str) -> Holder:
    now = datetime.now(UTC)
    return holder(OURS, KEYS[kind](), valid_from=now - timedelta(days=1), valid_to=now + timedelta(days=9))


def read(content: bytes, who: Holder) -> int:
    """How many records ours takes from a document of theirs."""
    found = verify_document(content, Trust(OURS, None, (who.certificate,)), datetime.now(UTC), CLASSIC)
    assert found is not None
    return sum(record.draft is not None for record in read_referrals(io.BytesIO(found.content)))


def xmlsec(folder: Path, *arguments: str) -> int:
    return subprocess.run(["xmlsec1", *arguments], cwd=folder, capture_output=True, check=False).returncode


@pytest.mark.parametrize("with_time", [False, True], ids=["XMLDSig", "XAdES-BES"])
def test_xmlsec_verifies_ours_and_not_what_was_changed(tmp_path: Path, who: Holder, with_time: bool) -> None:
    content = sign_document(PLAIN, who.signer, datetime.now(UTC) if with_time else None)
    (tmp_path / "c.pem").write_bytes(who.pem)
    (tmp_path / "good.xml").write_bytes(content)
    (tmp_path / "bad.xml").write_bytes(content.replace(b"HOUSING", b"POVERTY"))
    check = ("--verify", *IDS, "--trusted-pem", "c.pem", "--enabled-key-data", "x509")
    assert xmlsec(tmp_path, *check, "good.xml") == 0
    assert xmlsec(tmp_path, *check, "bad.xml") != 0


def test_ours_verifies_what_xmlsec_signed(tmp_path: Path, who: Holder, kind: str) -> None:
    (tmp_path / "c.pem").write_bytes(who.pem)
    (tmp_path / "k.pem").write_bytes(who.key_pem)
    template = TEMPLATE.format(kind=kind).encode()
    (tmp_path / "t.xml").write_bytes(PLAIN.replace(b"</Referral>", template + b"</Referral>"))
    assert xmlsec(tmp_path, "--sign", "--privkey-pem", "k.pem,c.pem", "--output", "out.xml", "t.xml") == 0
    content = (tmp_path / "out.xml").read_bytes()
    assert read(content, who) == 1
    with pytest.raises(DocumentRejected, match="signature_digest_wrong"):
        read(content.replace(b"HOUSING", b"POVERTY"), who)


@pytest.mark.parametrize("signer", [XMLSigner, XAdESSigner])
def test_ours_verifies_what_signxml_signed(who: Holder, kind: str, signer: Any) -> None:
    made = signer(
        method=methods.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA256 if kind == "rsa" else SignatureMethod.ECDSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    content = etree.tostring(made.sign(etree.fromstring(PLAIN), key=who.key_pem, cert=who.pem.decode()))
    assert read(content, who) == 1
    with pytest.raises(DocumentRejected, match="signature_digest_wrong"):
        read(content.replace(b"HOUSING", b"POVERTY"), who)


@pytest.mark.parametrize("with_time", [False, True], ids=["XMLDSig", "XAdES-BES"])
def test_signxml_verifies_ours(who: Holder, with_time: bool) -> None:
    content = sign_document(PLAIN, who.signer, datetime.now(UTC) if with_time else None)
    verifier: Any = XAdESVerifier() if with_time else XMLVerifier()
    found = verifier.verify(content, x509_cert=who.pem.decode(), expect_references=2 if with_time else 1)
    first = found[0] if isinstance(found, list) else found
    assert first.signed_xml.tag == f"{{{NS}}}Referral"
