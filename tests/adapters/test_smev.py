"""Envelopes of SMEV 3: written and read back, and refused where anything but what was signed would be read."""

from __future__ import annotations

import copy
import io
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.signatures.certificates import Trust
from adapters.signatures.classic import CLASSIC
from adapters.signatures.sign import sign_document, sign_part
from adapters.signatures.structure import q
from adapters.smev.codes import codes, said_as
from adapters.smev.names import VERSIONS, Names, new_message_id
from adapters.smev.read import SmevRequest, read_ack, read_request, read_response
from adapters.smev.write import write_ack, write_fetched_request, write_request, write_response
from adapters.xml.reader import read_referrals
from schemas.catalogue import words
from schemas.errors import DocumentRejected
from tests.adapters.certificates import ec_key, holder
from tests.adapters.test_signatures import OURS, PLAIN
from tests.builders import NOW

SYSTEM, PERSON, FOREIGN = holder(OURS, ec_key(0)), holder(OURS, ec_key(1)), holder(OURS, ec_key(2))
TRUST = Trust(OURS, None, (SYSTEM.certificate, PERSON.certificate))
N = Names("1.2")
REPLY = "eyJzaWQiOjE3fQ=="
SENT = write_request(PLAIN, SYSTEM.signer, NOW, person=PERSON.signer)
FETCHED = write_fetched_request(PLAIN, SYSTEM.signer, NOW, REPLY, person=PERSON.signer)


def read(content: bytes, trust: Trust = TRUST) -> SmevRequest:
    return read_request(content, trust, NOW, CLASSIC)


def code(content: bytes, trust: Trust = TRUST) -> str:
    with pytest.raises(DocumentRejected) as refused:
        read(content, trust)
    refused.value.message("ru"), refused.value.remedy("en")
    return refused.value.code


def names(content: bytes) -> list[str]:
    return [
        p.identity.full_name  # type: ignore[misc]
        for record in read_referrals(io.BytesIO(content))
        if record.draft
        for p in record.draft.persons
        if p.identity
    ]


def changed(content: bytes, change: Callable[[etree._Element], object]) -> bytes:
    root = etree.fromstring(content)
    change(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("person", [None, PERSON.signer])
def test_a_request_is_read_as_it_was_written(version: str, person: Any) -> None:
    content = write_request(PLAIN, SYSTEM.signer, NOW, person=person, version=version)
    found = read(content)
    assert (found.version, found.reply_to, found.is_test) == (version, None, False)
    assert found.root == "{urn:mezhved:exchange:1}Referral"
    assert found.system.certificate.fingerprint == SYSTEM.certificate.fingerprint
    assert (found.person is None) == (person is None)
    assert names(found.content) == ["Проба Вымышленная Тестовна"]
    assert uuid.UUID(found.message_id).version == 1


def test_a_fetched_request_says_where_the_answer_goes() -> None:
    found = read(FETCHED)
    assert found.reply_to == REPLY
    assert names(found.content) == ["Проба Вымышленная Тестовна"]
    assert read(write_request(PLAIN, SYSTEM.signer, NOW, is_test=True)).is_test


def test_a_soap_envelope_is_taken_off() -> None:
    def wrap(content: bytes, more: str = "") -> bytes:
        inner = content.split(b"?>", 1)[1].decode()
        soap = "http://schemas.xmlsoap.org/soap/envelope/"
        return f'<s:Envelope xmlns:s="{soap}"><s:Header/><s:Body>{inner}{more}</s:Body></s:Envelope>'.encode()

    assert names(read(wrap(FETCHED)).content) == ["Проба Вымышленная Тестовна"]
    assert code(wrap(FETCHED, "<x/>")) == "smev_root_unknown"


def test_other_prefixes_and_indentation_do_not_matter() -> None:
    """What a carrier may change: prefixes outside, white space between elements; not inside SignedInfo."""
    moved = SENT.replace(b"xmlns:m=", b"xmlns:q9=").replace(b"<m:", b"<q9:").replace(b"</m:", b"</q9:")
    plain = write_request(PLAIN, SYSTEM.signer, NOW)
    for content in (moved, changed(plain, lambda r: setattr(r[0][0], "tail", "\n   "))):
        assert names(read(content).content) == ["Проба Вымышленная Тестовна"]
    assert code(changed(SENT, etree.indent)) == "signature_indented"


# --- Refused -------------------------------------------------------------------------------------------------------------


def data_of(root: etree._Element) -> etree._Element:
    return next(root.iter(N.t("SenderProvidedRequestData")))


def forged(root: etree._Element) -> None:
    """The signed part is moved aside, another stands in its place under another identifier (XSW)."""
    data = data_of(root)
    other = copy.deepcopy(data)
    other.set("Id", "evil")
    next(other.iter("{urn:mezhved:exchange:1}FullName")).text = "Подложная Вымышленная"
    for element in other.iter():
        if element.get("Id") and element is not other:
            element.set("Id", f"{element.get('Id')}-x")
    parent = data.getparent()
    parent.replace(data, other)
    holder = etree.SubElement(root, "{urn:x}Aside")
    holder.append(data)


def same_id(root: etree._Element) -> None:
    forged(root)
    next(iter(root.iter(N.t("SenderProvidedRequestData")))).set(
        "Id", str(list(root.iter(N.t("SenderProvidedRequestData")))[1].get("Id"))
    )


def twice(root: etree._Element) -> None:
    data = data_of(root)
    other = copy.deepcopy(data)
    for element in other.iter():
        if element.get("Id"):
            element.set("Id", f"{element.get('Id')}-x")
    data.addnext(other)


def name(root: etree._Element) -> None:
    next(root.iter("{urn:mezhved:exchange:1}FullName")).text = "Другая Вымышленная"


def drop(tag: str) -> Callable[[etree._Element], object]:
    def change(root: etree._Element) -> None:
        found = next(root.iter(tag))
        found.getparent().remove(found)

    return change


REFUSED: dict[str, tuple[Callable[[etree._Element], object], str]] = {
    "a changed name": (name, "signature_digest_wrong"),
    "another number": (
        lambda r: setattr(next(r.iter(N.t("MessageID"))), "text", str(uuid.uuid4())),
        "signature_digest_wrong",
    ),
    "another part in its place": (forged, "signature_reference_elsewhere"),
    "the same identifier twice": (same_id, "signature_id_repeated"),
    "two parts": (twice, "smev_shape"),
    "no signature of the system": (drop(N.t("CallerInformationSystemSignature")), "smev_unsigned"),
    "the signature of the official taken out": (drop(q("Signature")), "signature_digest_wrong"),
    "no part": (drop(N.t("SenderProvidedRequestData")), "smev_shape"),
    "the signature of the whole document": (
        lambda r: r.find(N.t("CallerInformationSystemSignature"))[0].find(f".//{q('Reference')}").set("URI", ""),
        "signature_reference_elsewhere",
    ),
    "the signature of the official for that of the system": (
        lambda r: r.find(N.t("CallerInformationSystemSignature")).replace(
            r.find(N.t("CallerInformationSystemSignature"))[0], copy.deepcopy(next(r.iter(N.t("PersonalSignature")))[0])
        ),
        "signature_reference_elsewhere",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_was_not_signed_is_not_read(what: str) -> None:
    change, expected = REFUSED[what]
    assert code(changed(SENT, change)) == expected


def envelope(*parts: str, content: bytes | None = None, sign: Any = SYSTEM.signer) -> bytes:
    """A request with signed parts of one's own choice."""
    root = etree.Element(N.t("SendRequestRequest"), nsmap={"m": N.types, "b": N.basic})
    inner = "".join(parts)
    document = (content if content is not None else PLAIN.split(b"?>", 1)[1]).decode()
    data = etree.fromstring(
        f'<m:SenderProvidedRequestData xmlns:m="{N.types}" xmlns:b="{N.basic}" Id="d">{inner}'
        f"<b:MessagePrimaryContent>{document}</b:MessagePrimaryContent></m:SenderProvidedRequestData>"
    )
    root.append(data)
    sign_part(data, etree.SubElement(root, N.t("CallerInformationSystemSignature")), sign)
    return etree.tostring(root)


NUMBER = "<m:MessageID>0000a9de-0000-11f1-8000-0123456789ab</m:MessageID>"
SIGNED_AND_REFUSED = {
    "no number": (envelope(), "smev_shape"),
    "two numbers": (envelope(NUMBER, NUMBER), "smev_shape"),
    "a number that is none": (envelope("<m:MessageID>17</m:MessageID>"), "smev_message_id"),
    "a term that has passed": (envelope(NUMBER, "<m:EOL>2026-03-02T08:59:59Z</m:EOL>"), "smev_end_of_life"),
    "a term without zone": (envelope(NUMBER, "<m:EOL>2026-03-03T08:59:59</m:EOL>"), "smev_shape"),
    "a term that is none": (envelope(NUMBER, "<m:EOL>завтра</m:EOL>"), "smev_shape"),
    "attachments": (envelope(NUMBER, "<b:AttachmentHeaderList/>"), "smev_attachments"),
    "attachments by reference": (envelope(NUMBER, "<b:RefAttachmentHeaderList/>"), "smev_attachments"),
    "no content": (envelope(NUMBER, content=b""), "smev_shape"),
    "two contents": (envelope(NUMBER, content=b'<a xmlns="urn:a"/><a xmlns="urn:a"/>'), "smev_shape"),
    "words for content": (envelope(NUMBER, content=b'words<a xmlns="urn:a"/>'), "smev_shape"),
    "of nobody we know": (envelope(NUMBER, sign=FOREIGN.signer), "signature_certificate_foreign"),
    "another message": (write_ack(str(uuid.uuid4()), SYSTEM.signer), "smev_root_unknown"),
    "another document": (PLAIN, "smev_root_unknown"),
    "a signed document without envelope": (sign_document(PLAIN, SYSTEM.signer), "smev_root_unknown"),
    "DOCTYPE": (b"<!DOCTYPE a []><a/>", "document_has_doctype"),
    "no XML": (b"SOAP", "document_not_wellformed"),
}


@pytest.mark.parametrize("what", SIGNED_AND_REFUSED)
def test_a_signed_message_of_another_shape_is_refused(what: str) -> None:
    content, expected = SIGNED_AND_REFUSED[what]
    assert code(content) == expected


def test_an_element_outside_any_namespace_cannot_be_signed() -> None:
    with pytest.raises(DocumentRejected, match="signature_no_namespace"):
        envelope(NUMBER, content=b"<a/>")


def test_both_must_have_signed_the_same() -> None:
    """The system signs another content than the official did: refused, whichever is read."""
    root = etree.fromstring(write_request(PLAIN, SYSTEM.signer, NOW))
    other = etree.fromstring(write_request(PLAIN, SYSTEM.signer, NOW, person=PERSON.signer))
    data, personal = root[0], other[0].find(N.t("PersonalSignature"))
    next(data.iter("{urn:mezhved:exchange:1}FullName")).text = "Другая Вымышленная"
    data.find(N.b("MessagePrimaryContent"))[0].set("Id", str(other[0].find(N.b("MessagePrimaryContent"))[0].get("Id")))
    data.append(personal)
    root.remove(root[1])
    sign_part(data, etree.SubElement(root, N.t("CallerInformationSystemSignature")), SYSTEM.signer)
    assert code(etree.tostring(root)) == "signature_digest_wrong"
    unknown = write_request(PLAIN, SYSTEM.signer, NOW, person=FOREIGN.signer)
    assert code(unknown) == "signature_certificate_foreign"


@given(st.data())
def test_no_changed_byte_passes_unnoticed(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(FETCHED) - 1))
    other = data.draw(st.integers(0, 255))
    try:
        found = read(FETCHED[:at] + bytes([other]) + FETCHED[at + 1 :])
    except DocumentRejected:
        return
    before = read(FETCHED)
    assert (found.content, found.message_id, found.person) == (before.content, before.message_id, before.person)


# --- Answers -------------------------------------------------------------------------------------------------------------


def test_a_response_says_one_thing() -> None:
    by = (TRUST, NOW, CLASSIC)
    found = read_response(write_response(REPLY, SYSTEM.signer, NOW, content=PLAIN), *by)
    assert found.content is not None
    assert (found.to, found.rejections, found.status) == (REPLY, (), None)
    assert names(found.content) == ["Проба Вымышленная Тестовна"]
    said = [("ACCESS_DENIED", "Нельзя & никак"), ("FAILURE", "Не вышло")]
    found = read_response(write_response(REPLY, SYSTEM.signer, NOW, rejections=said), *by)
    assert (list(found.rejections), found.content) == (said, None)
    assert read_response(write_response(REPLY, SYSTEM.signer, NOW, status=(7, "Ждём")), *by).status == (7, "Ждём")
    for wrong in (
        write_response(REPLY, SYSTEM.signer, NOW),
        write_response(REPLY, SYSTEM.signer, NOW, content=PLAIN, rejections=said),
    ):
        with pytest.raises(DocumentRejected, match="smev_shape"):
            read_response(wrong, *by)
    with pytest.raises(DocumentRejected, match="smev_root_unknown"):
        read_response(SENT, *by)


def test_an_acknowledgement_names_its_message() -> None:
    number = new_message_id(NOW)
    for accepted in (True, False):
        found = read_ack(write_ack(number, SYSTEM.signer, accepted=accepted), TRUST, NOW, CLASSIC)
        assert (found.message_id, found.accepted) == (number, accepted)
    with pytest.raises(DocumentRejected, match="smev_root_unknown"):
        read_ack(SENT, TRUST, NOW, CLASSIC)
    with pytest.raises(DocumentRejected, match="signature_digest_wrong"):
        read_ack(write_ack(number, SYSTEM.signer).replace(b'"true"', b'"false"'), TRUST, NOW, CLASSIC)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001  the zone is put on below
def test_numbers_tell_the_instant_and_no_machine(at: datetime) -> None:
    instant = at.replace(tzinfo=UTC)
    made = [uuid.UUID(new_message_id(instant)) for _ in range(2)]
    assert made[0] != made[1]
    for one in made:
        assert (one.version, one.variant) == (1, uuid.RFC_4122)
        assert one.node >> 40 & 1, "a multicast address is no machine's"
        assert abs(datetime(1582, 10, 15, tzinfo=UTC) + timedelta(microseconds=one.time // 10) - instant) < timedelta(
            milliseconds=1
        )
        assert re.fullmatch(r"[0-9a-f-]{36}", str(one))


def test_every_pattern_of_the_table_is_of_an_error_of_ours() -> None:
    ours = {key.partition(".")[2] for key in words("ru") if key.startswith("errors.")}
    for kind in ("rejection", "fault"):
        for row in codes(kind):  # type: ignore[arg-type]
            for pattern in row.errors:
                assert any(re.fullmatch(pattern.replace("*", ".*"), one) for one in ours), (row.code, pattern)
    assert said_as("fault", "signature_value_wrong").code == "SignatureVerificationFault"
    assert said_as("fault", "smev_message_repeated").code == "MessageIsAlreadySent"
    assert said_as("fault", "smev_shape").code == "InvalidContent"
    assert said_as("fault", "anything").code == "SMEVFailure"
    assert said_as("rejection", "message_refused").code == "ACCESS_DENIED"
    assert said_as("rejection", "value_malformed").code == "FAILURE"
    assert {row.code for row in codes("status")} >= {"requestIsQueued", "messageIsDelivered"}


def test_a_document_that_is_signed_itself_is_not_wrapped() -> None:
    with pytest.raises(DocumentRejected, match="signature_several"):
        write_request(sign_document(PLAIN, SYSTEM.signer), SYSTEM.signer, NOW)
