"""XMLDSig and XAdES-BES: what was signed is returned, what was changed, moved or wrapped is refused."""

from __future__ import annotations

import base64
import contextlib
import copy
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.signatures.algorithms import DSIG, SHA256
from adapters.signatures.certificates import Trust, parse_certificate
from adapters.signatures.classic import CLASSIC, classic_signer
from adapters.signatures.document import canonical
from adapters.signatures.sign import sign_document
from adapters.signatures.structure import q
from adapters.signatures.verify import Verified, verify_document
from adapters.signatures.xades import x
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referral, write_referrals
from schemas.errors import BadInput, DocumentRejected
from schemas.messages import MessageDraft
from tests.adapters.certificates import Holder, ec_key, holder, rsa_key
from tests.adapters.test_round_trips import drafts as any_drafts
from tests.builders import NOW

OURS, THEIRS = "1027700900017", "1027700900028"
ALICE = holder(OURS)
TRUST = Trust(OURS, None, (ALICE.certificate,))
NS = "urn:mezhved:exchange:1"


def draft(name: str = "Проба Вымышленная Тестовна", **changes: object) -> MessageDraft:
    return MessageDraft.model_validate(
        {
            "operation_id": "3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f30",
            "type": "referral",
            "sender_ogrn": OURS,
            "recipient_ogrn": THEIRS,
            "persons": [{"kind": "child", "ref": "K-1", "identity": {"full_name": name}}],
            "concerns": ["HOUSING"],
            **changes,
        }
    )


PLAIN = write_referral(draft())
SIGNED = sign_document(PLAIN, ALICE.signer)
BES = sign_document(PLAIN, ALICE.signer, NOW)


def verify(content: bytes, trust: Trust = TRUST, now: object = NOW) -> Verified:
    found = verify_document(content, trust, now, CLASSIC)  # type: ignore[arg-type]
    assert found is not None
    return found


def code(content: bytes, trust: Trust = TRUST, now: object = NOW) -> str:
    with pytest.raises(DocumentRejected) as refused:
        verify(content, trust, now)
    refused.value.message("ru"), refused.value.remedy("ru"), refused.value.message("en"), refused.value.remedy("en")
    return refused.value.code


def changed(content: bytes, change: Callable[[etree._Element], object]) -> bytes:
    root = etree.fromstring(content)
    change(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def tree(content: bytes) -> etree._Element:
    return etree.fromstring(content)


def names(content: bytes) -> list[str]:
    records = list(read_referrals(io.BytesIO(content)))
    return [p.identity.full_name for r in records if r.draft for p in r.draft.persons if p.identity]  # type: ignore[misc]


@pytest.mark.parametrize("key", [ec_key(), rsa_key()], ids=["ecdsa", "rsa"])
@pytest.mark.parametrize("at", [None, NOW], ids=["XMLDSig", "XAdES-BES"])
@pytest.mark.parametrize(
    "plain", [PLAIN, write_referrals([draft(), draft(operation_id="3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f31")])]
)
def test_what_was_signed_is_returned_and_read(key: object, at: object, plain: bytes) -> None:
    who = holder(OURS, key)
    content = sign_document(plain, who.signer, at)  # type: ignore[arg-type]
    found = verify(content, Trust(OURS, None, (who.certificate,)))
    assert found.certificate.fingerprint == who.certificate.fingerprint
    assert found.signing_time == at
    assert names(found.content) == names(plain)
    # What comes back is the canonical form of the document without its signature, nothing else.
    root = tree(content)
    root.remove(root.find(q("Signature")))
    assert found.content.lstrip() == canonical(root)


def test_a_document_without_signature_is_none() -> None:
    assert verify_document(PLAIN, TRUST, NOW, CLASSIC) is None
    words = write_referral(draft(statement="о подписи: http://www.w3.org/2000/09/xmldsig#"))
    assert verify_document(words, TRUST, NOW, CLASSIC) is None


def test_lines_keep_their_numbers() -> None:
    broken = PLAIN.replace(b"<ConcernCode>HOUSING", b"<ConcernCode>NO SUCH CODE")
    before = [c.line for r in read_referrals(io.BytesIO(broken)) for c in r.complaints]
    signed = verify(sign_document(broken, ALICE.signer)).content
    assert before
    assert [c.line for r in read_referrals(io.BytesIO(signed)) for c in r.complaints] == before


# --- Changed ---------------------------------------------------------------------------------------------------------

CHANGES: dict[str, tuple[Callable[[etree._Element], object], str]] = {
    "a name": (
        lambda r: setattr(r.find(f".//{{{NS}}}FullName"), "text", "Другая Вымышленная"),
        "signature_digest_wrong",
    ),
    "an attribute": (lambda r: r[0].set("a", "b"), "signature_digest_wrong"),
    "an element more": (lambda r: etree.SubElement(r, f"{{{NS}}}ConcernText"), "signature_digest_wrong"),
    "text beside the signature": (lambda r: setattr(r.find(q("Signature")), "tail", "x"), "signature_digest_wrong"),
    "an instruction": (lambda r: r.insert(0, etree.ProcessingInstruction("x", "y")), "signature_digest_wrong"),
    "the root's identifier": (lambda r: r.set("Id", "other"), "signature_reference_elsewhere"),
    "the digest": (lambda r: setattr(r.find(f".//{q('DigestValue')}"), "text", "AAAA"), "signature_value_wrong"),
    "the value": (lambda r: setattr(r.find(f".//{q('SignatureValue')}"), "text", "AAAA"), "signature_value_wrong"),
    "no base64": (lambda r: setattr(r.find(f".//{q('SignatureValue')}"), "text", "=?="), "signature_malformed"),
    "indented SignedInfo": (lambda r: etree.indent(r.find(f".//{q('SignedInfo')}")), "signature_indented"),
    "another prefix in SignedInfo": (
        lambda r: r.find(f".//{q('SignedInfo')}").append(etree.Comment("nothing")),
        "",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("content", [SIGNED, BES], ids=["XMLDSig", "XAdES-BES"])
def test_a_changed_document_is_refused(name: str, content: bytes) -> None:
    change, expected = CHANGES[name]
    if expected:
        assert code(changed(content, change)) == expected
    else:
        verify(changed(content, change))  # a comment is no part of canonical form


@given(st.data())
def test_no_changed_byte_passes_unnoticed(data: st.DataObject) -> None:
    """Whatever byte is changed: it is refused, or what comes back is the same as before."""
    at = data.draw(st.integers(0, len(BES) - 1))
    other = data.draw(st.integers(0, 255))
    content = BES[:at] + bytes([other]) + BES[at + 1 :]
    try:
        found = verify_document(content, TRUST, NOW, CLASSIC)
    except DocumentRejected:
        return
    if found is not None:
        assert found.content.strip() == verify(BES).content.strip()


def test_comments_split_no_text() -> None:
    """A comment inside a text changes neither what was signed nor what is read of it."""
    content = SIGNED.replace("Проба Вымышленная".encode(), "Проба<!-- --> Вымышленная".encode())
    assert content != SIGNED
    assert names(verify(content).content) == ["Проба Вымышленная Тестовна"]
    # And who signs a text with a comment signs the text whole.
    hidden = PLAIN.replace("Проба Вымышленная".encode(), "Проба<!--x--> Вымышленная".encode())
    assert names(verify(sign_document(hidden, ALICE.signer)).content) == ["Проба Вымышленная Тестовна"]


# --- Wrapped: the eight shapes of the literature (XSW1-8), on documents that sign themselves ---------------------------


def evil() -> etree._Element:
    root = tree(SIGNED)
    root.remove(root.find(q("Signature")))
    root.find(f".//{{{NS}}}FullName").text = "Подложная Вымышленная"
    root.set("Id", "evil")
    return root


def wrapped(shape: str) -> bytes:  # noqa: C901, PLR0912, PLR0915  a table of shapes
    original = tree(SIGNED)
    signature = original.find(q("Signature"))
    bare = copy.deepcopy(original)
    bare.remove(bare.find(q("Signature")))
    root = evil()
    if shape == "1: the original inside the signature, the forged around":
        moved = copy.deepcopy(signature)
        root.append(moved)
        moved.append(copy.deepcopy(original))
    elif shape == "2: the original beside the signature":
        root.append(copy.deepcopy(bare))
        root.append(copy.deepcopy(signature))
    elif shape == "3: the forged before the original, in a batch":
        batch = etree.Element(f"{{{NS}}}Referrals", nsmap={None: NS})
        batch.append(root)
        batch.append(original)
        root = batch
    elif shape == "4: the original inside the forged":
        root.append(original)
    elif shape == "5: the forged keeps the signature, the original is put at the end":
        root.append(copy.deepcopy(signature))
        root.append(copy.deepcopy(bare))
    elif shape == "6: the original inside the signature's KeyInfo":
        moved = copy.deepcopy(signature)
        moved.find(q("KeyInfo")).append(copy.deepcopy(bare))
        root.append(moved)
    elif shape == "7: the original in an extension":
        extension = etree.SubElement(root, "Extensions")
        extension.append(copy.deepcopy(bare))
        root.append(copy.deepcopy(signature))
    elif shape == "8: the original in an Object of the signature":
        moved = copy.deepcopy(signature)
        etree.SubElement(moved, q("Object")).append(copy.deepcopy(bare))
        root.append(moved)
    elif shape == "same identifier in the forged and in an Object":
        moved = copy.deepcopy(signature)
        root.set("Id", str(original.get("Id")))
        etree.SubElement(moved, q("Object")).append(copy.deepcopy(bare))
        root.append(moved)
    elif shape == "same identifier in the forged and beside":
        root.set("Id", str(original.get("Id")))
        root.append(copy.deepcopy(bare))
        root.append(copy.deepcopy(signature))
    elif shape == "identifier under another name":
        root.set("ID", str(original.get("Id")))
        root.append(copy.deepcopy(signature))
    elif shape == "the forged alone under the signature":
        root.append(copy.deepcopy(signature))
    elif shape == "a second signature of one's own":
        root.append(copy.deepcopy(signature))
        root.append(copy.deepcopy(signature))
    return etree.tostring(root, encoding="UTF-8")


WRAPPED = {
    "1: the original inside the signature, the forged around": "signature_several",
    "2: the original beside the signature": "signature_reference_elsewhere",
    "3: the forged before the original, in a batch": "signature_place",
    "4: the original inside the forged": "signature_place",
    "5: the forged keeps the signature, the original is put at the end": "signature_reference_elsewhere",
    "6: the original inside the signature's KeyInfo": "signature_reference_elsewhere",
    "7: the original in an extension": "signature_reference_elsewhere",
    "8: the original in an Object of the signature": "signature_properties",
    "same identifier in the forged and in an Object": "signature_id_repeated",
    "same identifier in the forged and beside": "signature_id_repeated",
    "identifier under another name": "signature_reference_elsewhere",
    "the forged alone under the signature": "signature_reference_elsewhere",
    "a second signature of one's own": "signature_several",
}


@pytest.mark.parametrize("shape", WRAPPED)
def test_a_wrapped_signature_is_refused(shape: str) -> None:
    assert code(wrapped(shape)) == WRAPPED[shape]


def test_the_document_as_a_whole_may_be_named_by_nothing() -> None:
    """`URI=""` is the document; it is bound to the root like an identifier."""
    whole = resigned(SIGNED, lambda i: i.find(q("Reference")).set("URI", ""))
    assert names(verify(whole).content) == ["Проба Вымышленная Тестовна"]
    assert code(changed(whole, lambda r: r.set("Id", "other"))) == "signature_digest_wrong"


# --- What is signed well and refused all the same ---------------------------------------------------------------------


def resigned(content: bytes, change: Callable[[etree._Element], object], who: Holder = ALICE) -> bytes:
    """Changed inside SignedInfo by who has the key, and signed again."""
    root = tree(content)
    info = root.find(f".//{q('SignedInfo')}")
    change(info)
    root.find(f".//{q('SignatureValue')}").text = base64.b64encode(who.signer.sign(canonical(info))).decode()
    return etree.tostring(root, encoding="UTF-8")


def algorithm(path: str, uri: str) -> Callable[[etree._Element], object]:
    return lambda info: info.find(path).set("Algorithm", uri)


def second_reference(info: etree._Element) -> None:
    info.append(copy.deepcopy(info.find(q("Reference"))))


def transform(uri: str) -> Callable[[etree._Element], object]:
    return lambda info: etree.SubElement(
        info.find(f"{q('Reference')}/{q('Transforms')}"), q("Transform"), Algorithm=uri
    )


def xpath(info: etree._Element) -> None:
    made = etree.SubElement(info.find(f"{q('Reference')}/{q('Transforms')}"), q("Transform"))
    made.set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
    etree.SubElement(made, q("XPath")).text = "not(ancestor-or-self::Child)"


SIGNED_AND_REFUSED: dict[str, tuple[Callable[[etree._Element], object], str]] = {
    "SHA-1 of the content": (algorithm(f".//{q('DigestMethod')}", DSIG + "sha1"), "signature_algorithm_legacy"),
    "RSA with SHA-1": (algorithm(q("SignatureMethod"), DSIG + "rsa-sha1"), "signature_algorithm_legacy"),
    "GOST of 2001": (
        algorithm(q("SignatureMethod"), "http://www.w3.org/2001/04/xmldsig-more#gostr34102001-gostr3411"),
        "signature_algorithm_legacy",
    ),
    "GOST of 1994": (
        algorithm(f".//{q('DigestMethod')}", "http://www.w3.org/2001/04/xmldsig-more#gostr3411"),
        "signature_algorithm_legacy",
    ),
    "a shared secret": (algorithm(q("SignatureMethod"), DSIG + "hmac-sha256"), "signature_algorithm_unknown"),
    "an algorithm of nobody": (algorithm(q("SignatureMethod"), "urn:x"), "signature_algorithm_unknown"),
    "GOST where it is off": (
        algorithm(q("SignatureMethod"), "urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34102012-gostr34112012-256"),
        "signature_gost_off",
    ),
    "inclusive canonical form": (
        algorithm(q("CanonicalizationMethod"), "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        "signature_transform",
    ),
    "canonical form with comments": (
        algorithm(q("CanonicalizationMethod"), "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
        "signature_transform",
    ),
    "an XSLT": (transform("http://www.w3.org/TR/1999/REC-xslt-19991116"), "signature_transform"),
    "the transform of SMEV": (transform("urn://smev-gov-ru/xmldsig/transform"), "signature_transform"),
    "an XPath that leaves the child out": (xpath, "signature_malformed"),
    "two references to one": (second_reference, "signature_references"),
    "no reference": (lambda i: i.remove(i.find(q("Reference"))), "signature_malformed"),
    "another element": (lambda i: i.find(q("Reference")).set("URI", "#part"), "signature_reference_elsewhere"),
    "a file of the server": (
        lambda i: i.find(q("Reference")).set("URI", "file:///etc/passwd"),
        "signature_reference_elsewhere",
    ),
    "a pointer": (lambda i: i.find(q("Reference")).set("URI", "#xpointer(/)"), "signature_reference_elsewhere"),
    "no URI": (lambda i: i.find(q("Reference")).attrib.pop("URI"), "signature_malformed"),
}


@pytest.mark.parametrize("name", SIGNED_AND_REFUSED)
def test_what_the_profile_has_not_is_refused_though_signed(name: str) -> None:
    change, expected = SIGNED_AND_REFUSED[name]
    assert code(resigned(SIGNED, change)) == expected


def test_a_signature_of_a_part_is_none_of_the_whole() -> None:
    """A partner's own signature over one record of a batch does not sign the batch."""
    root = tree(write_referrals([draft(), draft(operation_id="3f1c9a52-7b0e-4d5f-9a61-2c8e4b7d1f31")]))
    part = sign_document(etree.tostring(root[0]), ALICE.signer)
    root.replace(root[0], tree(part))
    assert code(etree.tostring(root)) == "signature_place"


# --- Limits and shapes --------------------------------------------------------------------------------------------------


def huge_key_info(root: etree._Element) -> None:
    root.find(f".//{q('X509Certificate')}").text = "A" * 200_000


def many_certificates(root: etree._Element) -> None:
    data = root.find(f".//{q('X509Data')}")
    for _ in range(10):
        data.append(copy.deepcopy(data[0]))


def many_elements(root: etree._Element) -> None:
    for _ in range(1000):
        etree.SubElement(root.find(f".//{q('KeyInfo')}"), q("KeyName"))


def no_certificate(root: etree._Element) -> None:
    info = root.find(f".//{q('KeyInfo')}")
    for child in list(info):
        info.remove(child)
    etree.SubElement(info, q("KeyName")).text = "Алиса"


SHAPES: dict[str, tuple[Callable[[etree._Element], object], str]] = {
    "a huge certificate": (huge_key_info, "signature_too_large"),
    "many certificates": (many_certificates, "signature_certificate_missing"),
    "many elements": (many_elements, "signature_too_large"),
    "no certificate": (no_certificate, "signature_certificate_missing"),
    "no KeyInfo": (
        lambda r: r.find(q("Signature")).remove(r.find(f".//{q('KeyInfo')}")),
        "signature_certificate_missing",
    ),
    "no certificate in the certificate": (
        lambda r: setattr(r.find(f".//{q('X509Certificate')}"), "text", "AAAA"),
        "signature_malformed",
    ),
    "parts in another order": (
        lambda r: r.find(q("Signature")).append(r.find(f".//{q('SignedInfo')}")),
        "signature_malformed",
    ),
    "an instruction inside": (
        lambda r: r.find(q("Signature")).append(etree.ProcessingInstruction("x", "y")),
        "signature_malformed",
    ),
    "words inside": (lambda r: setattr(r.find(f".//{q('SignatureValue')}"), "tail", "x"), "signature_malformed"),
    "deep inside": (
        lambda r: r.find(f".//{q('KeyInfo')}").append(tree(b"<a>" * 40 + b"</a>" * 40)),
        "document_too_deep",
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_signature_of_another_shape_is_refused(name: str) -> None:
    change, expected = SHAPES[name]
    assert code(changed(SIGNED, change)) == expected


def test_a_doctype_is_refused_before_anything_is_read() -> None:
    body = SIGNED.split(b"?>", 1)[1]
    assert code(b'<!DOCTYPE r [<!ENTITY e "x"><!ATTLIST Referral Id ID #REQUIRED>]>' + body) == "document_has_doctype"


def test_a_namespace_that_is_put_in_changes_nothing() -> None:
    """Declarations that nobody uses are no part of exclusive canonical form; one that takes an element's place is."""
    more = SIGNED.replace(b"<Referral ", b'<Referral xmlns:evil="urn:evil" ', 1)
    assert verify(more).content.strip() == verify(SIGNED).content.strip()
    moved = SIGNED.replace(b"<Header>", b'<Header xmlns="urn:evil">', 1)
    assert code(moved) == "signature_digest_wrong"
    hidden = SIGNED.replace(b"http://www.w3.org/2000/09/xmldsig#", b"http://www.w3.org/2000/09/xmldsi&#103;#")
    assert verify_document(hidden.replace(b"xmldsig#", b"xmldsi&#103;#"), TRUST, NOW, CLASSIC) is None
    (record,) = read_referrals(io.BytesIO(hidden.replace(b"xmldsig#", b"xmldsi&#103;#")))
    assert record.draft is None, "the reader takes no signature that was not verified"


# --- Certificates -------------------------------------------------------------------------------------------------------

CA = holder(None, ec_key(7), name="Вымышленный УЦ", authority=True)
NOT_CA = holder(None, ec_key(8), name="Не УЦ")
CERTIFICATES: dict[str, tuple[Holder, Trust, str]] = {
    "of nobody we know": (holder(OURS, ec_key(1)), TRUST, "signature_certificate_foreign"),
    "the right name, another key": (
        holder(OURS, ec_key(2), name="Вымышленный Подписант"),
        TRUST,
        "signature_certificate_foreign",
    ),
    "expired": (
        expired := holder(OURS, valid_to=NOW - timedelta(seconds=1)),
        Trust(OURS, None, (expired.certificate,)),
        "signature_certificate_expired",
    ),
    "not yet": (
        early := holder(OURS, valid_from=NOW + timedelta(seconds=1)),
        Trust(OURS, None, (early.certificate,)),
        "signature_certificate_not_yet",
    ),
    "revoked": (
        ALICE,
        Trust(OURS, None, (), (), frozenset({ALICE.certificate.fingerprint})),
        "signature_certificate_revoked",
    ),
    "of another organisation": (ALICE, Trust(THEIRS, None, (ALICE.certificate,)), "signature_certificate_owner"),
    "not for signing": (
        sealing := holder(OURS, usage=False),
        Trust(OURS, None, (sealing.certificate,)),
        "signature_certificate_purpose",
    ),
    "weak": (
        weak := holder(OURS, rsa_key(9, 1024)),
        Trust(OURS, None, (weak.certificate,)),
        "signature_certificate_weak",
    ),
    "issued for another organisation": (
        holder(THEIRS, ec_key(3), CA),
        Trust(OURS, None, (), (CA.certificate,)),
        "signature_certificate_foreign",
    ),
    "issued without saying for whom": (
        holder(None, ec_key(3), CA),
        Trust(OURS, None, (), (CA.certificate,)),
        "signature_certificate_foreign",
    ),
    "issued by somebody of the same name": (
        holder(OURS, ec_key(3), holder(None, ec_key(4), name="Вымышленный УЦ", authority=True)),
        Trust(OURS, None, (), (CA.certificate,)),
        "signature_certificate_foreign",
    ),
    "issued by an authority that has ended": (
        holder(OURS, ec_key(3), ended := holder(None, ec_key(7), authority=True, valid_to=NOW - timedelta(days=1))),
        Trust(OURS, None, (), (ended.certificate,)),
        "signature_certificate_foreign",
    ),
    "an authority itself": (
        big := holder(OURS, ec_key(5), CA, authority=True),
        Trust(OURS, None, (), (CA.certificate,)),
        "signature_certificate_foreign",
    ),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_certificate_that_does_not_count_is_refused(name: str) -> None:
    who, trust, expected = CERTIFICATES[name]
    assert code(sign_document(PLAIN, who.signer), trust) == expected


def test_an_inn_of_another_organisation_is_anothers_certificate() -> None:
    who = holder(OURS, ec_key(3), CA, inn="007710474375")
    content = sign_document(PLAIN, who.signer)
    for inn, expected in (("7710474375", None), (None, None), ("7700000001", "signature_certificate_foreign")):
        trust = Trust(OURS, inn, (), (CA.certificate,))
        assert (code(content, trust) if expected else None) == expected
        assert expected or verify(content, trust)
    assert code(content, Trust(OURS, "7700000001", (who.certificate,))) == "signature_certificate_owner"


def test_what_an_authority_issued_for_the_organisation_counts() -> None:
    who = holder(OURS, ec_key(3), CA, usage=True)
    content = sign_document(PLAIN, who.signer, NOW)
    assert (
        verify(content, Trust(OURS, None, (), (CA.certificate,))).certificate.fingerprint == who.certificate.fingerprint
    )
    assert (
        code(content, Trust(OURS, None, (), (CA.certificate,), frozenset({who.certificate.fingerprint})))
        == "signature_certificate_revoked"
    )


def test_a_chain_may_come_with_the_certificate() -> None:
    """Others in KeyInfo are neither used nor in the way, and a foreign one in front changes nothing."""

    def with_chain(root: etree._Element) -> None:
        data = root.find(f".//{q('X509Data')}")
        for position, other in ((0, holder(THEIRS, ec_key(6))), (2, CA)):
            made = etree.Element(q("X509Certificate"))
            made.text = base64.b64encode(other.certificate.der).decode()
            data.insert(position, made)

    assert verify(changed(SIGNED, with_chain)).certificate.fingerprint == ALICE.certificate.fingerprint


def test_a_key_of_another_kind_signs_nothing() -> None:
    rsa_holder = holder(OURS, rsa_key())

    def other_certificate(root: etree._Element) -> None:
        root.find(f".//{q('X509Certificate')}").text = base64.b64encode(rsa_holder.certificate.der).decode()

    assert (
        code(changed(SIGNED, other_certificate), Trust(OURS, None, (rsa_holder.certificate,)))
        == "signature_value_wrong"
    )


@pytest.mark.parametrize(
    ("key", "certificate", "expected"),
    [
        (ALICE.key_pem, b"x", "certificate_invalid"),
        (b"x", ALICE.pem, "signing_key_invalid"),
        (holder(OURS, rsa_key(1)).key_pem, ALICE.pem, "signing_key_differs"),
        (holder(OURS, rsa_key(9, 1024)).key_pem, holder(OURS, rsa_key(9, 1024)).pem, "signing_key_invalid"),
    ],
)
def test_a_signer_needs_a_key_and_its_certificate(key: bytes, certificate: bytes, expected: str) -> None:
    with pytest.raises(BadInput, match=expected):
        classic_signer(key, certificate)


@pytest.mark.parametrize(
    ("inn", "read"), [("007710474375", "7710474375"), ("7710474375", "7710474375"), ("771047437501", None)]
)
def test_an_inn_of_a_legal_person_is_filled_up_with_zeros(inn: str, read: str) -> None:
    assert holder(OURS, inn=inn).certificate.inn == read


# --- XAdES --------------------------------------------------------------------------------------------------------------


def reproperty(change: Callable[[etree._Element], object]) -> bytes:
    """Changed inside the signed properties by who has the key, digested and signed again."""
    root = tree(BES)
    change(root)
    properties = root.find(f".//{x('SignedProperties')}")
    reference = root.findall(f".//{q('Reference')}")[-1]
    reference.find(q("DigestValue")).text = base64.b64encode(CLASSIC.digest(SHA256, canonical(properties))).decode()
    return resigned(etree.tostring(root), lambda info: None)


PROPERTIES: dict[str, tuple[Callable[[etree._Element], object], str]] = {
    "in the future": (
        lambda r: setattr(r.find(f".//{x('SigningTime')}"), "text", "2026-03-02T09:06:00Z"),
        "signature_time",
    ),
    "before the certificate": (
        lambda r: setattr(r.find(f".//{x('SigningTime')}"), "text", "2026-01-02T09:00:00Z"),
        "signature_time",
    ),
    "without zone": (
        lambda r: setattr(r.find(f".//{x('SigningTime')}"), "text", "2026-03-02T09:00:00"),
        "signature_properties",
    ),
    "no time": (lambda r: setattr(r.find(f".//{x('SigningTime')}"), "text", None), "signature_properties"),
    "another certificate": (
        lambda r: setattr(r.find(f".//{x('CertDigest')}/{q('DigestValue')}"), "text", "AAAA"),
        "signature_certificate_differs",
    ),
    "no certificate": (
        lambda r: r.find(f".//{x('SigningCertificateV2')}").remove(r.find(f".//{x('Cert')}")),
        "signature_properties",
    ),
    "SHA-1 of the certificate": (
        lambda r: r.find(f".//{x('CertDigest')}/{q('DigestMethod')}").set("Algorithm", DSIG + "sha1"),
        "signature_algorithm_legacy",
    ),
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_properties_that_do_not_fit_are_refused(name: str) -> None:
    change, expected = PROPERTIES[name]
    assert code(reproperty(change)) == expected


def test_properties_that_were_changed_or_left_out_are_refused() -> None:
    changes: list[tuple[Callable[[etree._Element], object], str]] = [
        (lambda r: setattr(r.find(f".//{x('SigningTime')}"), "text", "2026-03-02T08:00:00Z"), "signature_digest_wrong"),
        (lambda r: r.find(f".//{x('QualifyingProperties')}").set("Target", "#other"), "signature_properties"),
        (lambda r: r.find(f".//{x('SignedProperties')}").set("Id", "other"), "signature_properties"),
        (lambda r: r.find(q("Signature")).remove(r.find(f".//{q('Object')}")), "signature_references"),
        (lambda r: r.find(q("Signature")).append(copy.deepcopy(r.find(f".//{q('Object')}"))), "signature_id_repeated"),
    ]
    for change, expected in changes:
        assert code(changed(BES, change)) == expected
    # Properties that no reference signs are not read either.
    unsigned = resigned(BES, lambda info: info.remove(info.findall(q("Reference"))[-1]))
    assert code(unsigned) == "signature_properties"


def test_the_clock_of_who_signs_may_be_a_little_ahead() -> None:
    ahead = reproperty(lambda r: setattr(r.find(f".//{x('SigningTime')}"), "text", "2026-03-02T09:05:00Z"))
    assert verify(ahead).signing_time == NOW + timedelta(minutes=5)


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-16", "utf-8"])
def test_a_document_in_another_encoding_is_signed_and_read(encoding: str) -> None:
    text = PLAIN.decode().split("?>", 1)[1]
    plain = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    signed = tree(sign_document(plain, ALICE.signer, NOW))
    content = etree.tostring(signed, encoding=encoding, xml_declaration=True)
    assert names(verify(content).content) == ["Проба Вымышленная Тестовна"]


@given(any_drafts)
def test_what_was_signed_is_read_as_without_a_signature(message: MessageDraft) -> None:
    plain = write_referral(message)
    (before,) = read_referrals(io.BytesIO(plain))
    (after,) = read_referrals(io.BytesIO(verify(sign_document(plain, ALICE.signer, NOW)).content))
    assert after == before


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")  # of what it still reads
@given(st.data())
def test_a_mangled_certificate_is_refused_or_is_one(data: st.DataObject) -> None:
    """Whatever stands in KeyInfo: a refusal of ours, never an error of the library below."""
    der = bytearray(ALICE.certificate.der)
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(der) - 1), st.integers(0, 255)), max_size=4)):
        der[at] = value
    cut = data.draw(st.integers(0, len(der)))
    mangled = bytes(der[:cut]) if data.draw(st.booleans()) else bytes(der)
    with contextlib.suppress(BadInput):
        parse_certificate(mangled)

    def put(root: etree._Element) -> None:
        root.find(f".//{q('X509Certificate')}").text = base64.b64encode(mangled).decode()

    try:
        found = verify(changed(SIGNED, put))
    except DocumentRejected:
        return
    assert found.certificate.der == ALICE.certificate.der


def test_a_certificate_of_an_unknown_version_is_none() -> None:
    der = ALICE.certificate.der
    with pytest.raises(BadInput, match="certificate_invalid"):
        parse_certificate(der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01", 1))


def test_namespaces_are_counted() -> None:
    """Otherwise the canonical form of a small part takes minutes under a root that declares a hundred thousand of them."""
    many = "".join(f' xmlns:n{number}="urn:{number}"' for number in range(80)).encode()
    assert code(SIGNED.replace(b"<Referral ", b"<Referral" + many + b" ", 1)) == "document_too_many_namespaces"


def test_a_relative_namespace_has_no_canonical_form() -> None:
    assert code(SIGNED.replace(b"<Header>", b'<Header xmlns:r="relative">', 1)) == "signature_no_canonical_form"
    with pytest.raises(DocumentRejected, match="signature_no_canonical_form"):
        sign_document(b'<a xmlns="relative"/>', ALICE.signer)


def test_signing_twice_is_refused() -> None:
    with pytest.raises(DocumentRejected, match="signature_several"):
        sign_document(SIGNED, ALICE.signer)
