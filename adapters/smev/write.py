"""Messages of SMEV 3 out, signed in the chain of SMEV, without white space between elements."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from lxml import etree

from adapters.limits import DEFAULT_LIMITS
from adapters.signatures.document import parse_document, signatures
from adapters.signatures.providers import Signer
from adapters.signatures.sign import sign_part
from adapters.smev.names import DEFAULT_VERSION, Names, new_message_id
from schemas.errors import DocumentRejected


def write_request(
    content: bytes,
    signer: Signer,
    now: datetime,
    *,
    person: Signer | None = None,
    message_id: str | None = None,
    is_test: bool = False,
    version: str = DEFAULT_VERSION,
) -> bytes:
    """A `SendRequestRequest` around a business document. `person`: the official, who signs the content as well.

    Raises DocumentRejected for a document that cannot be read, or that carries a signature of its own (signature_several).
    """
    names = Names(version)
    root = _root("SendRequestRequest", names)
    _request_data(root, content, names, message_id or new_message_id(now), person=person, is_test=is_test)
    return _signed(root, root[0], "CallerInformationSystemSignature", names, signer)


def write_fetched_request(
    content: bytes,
    signer: Signer,
    now: datetime,
    reply_to: str,
    *,
    person: Signer | None = None,
    message_id: str | None = None,
    version: str = DEFAULT_VERSION,
) -> bytes:
    """A `GetRequestResponse`, as the provider fetches it: what SMEV itself adds is only what our reader asks for."""
    names = Names(version)
    root = _root("GetRequestResponse", names)
    request = _add(_add(root, names.t("RequestMessage")), names.t("Request"))
    number = message_id or new_message_id(now)
    data = _request_data(request, content, names, number, person=person, is_test=False)
    metadata = _add(request, names.t("MessageMetadata"))
    _add(metadata, names.t("MessageId"), number)
    _add(metadata, names.t("MessageType"), "REQUEST")
    _add(request, names.t("ReplyTo"), reply_to)
    holder = _add(request, names.t("SenderInformationSystemSignature"))
    sign_part(data, holder, signer)
    return _bytes(root)


def write_response(
    to: str,
    signer: Signer,
    now: datetime,
    *,
    content: bytes | None = None,
    rejections: Sequence[tuple[str, str]] = (),
    status: tuple[int, str] | None = None,
    version: str = DEFAULT_VERSION,
) -> bytes:
    """A `SendResponseRequest` with one of: content, rejections (code, words), a status (code, words)."""
    names = Names(version)
    root = _root("SendResponseRequest", names)
    data = _add(root, names.t("SenderProvidedResponseData"), Id=_id())
    _add(data, names.t("MessageID"), new_message_id(now))
    _add(data, names.t("To"), to)
    if content is not None:
        _add(data, names.b("MessagePrimaryContent")).append(_document(content))
    for code, words in rejections:
        rejected = _add(data, names.t("RequestRejected"))
        _add(rejected, names.t("RejectionReasonCode"), code)
        _add(rejected, names.t("RejectionReasonDescription"), words)
    if status is not None:
        said = _add(data, names.t("RequestStatus"))
        _add(said, names.t("StatusCode"), str(status[0]))
        _add(said, names.t("StatusDescription"), status[1])
    return _signed(root, data, "CallerInformationSystemSignature", names, signer)


def write_ack(message_id: str, signer: Signer, *, accepted: bool = True, version: str = DEFAULT_VERSION) -> bytes:
    """An `AckRequest`: the message was fetched, and comes no more."""
    names = Names(version)
    root = _root("AckRequest", names)
    target = _add(root, names.t("AckTargetMessage"), message_id, Id=_id(), accepted="true" if accepted else "false")
    return _signed(root, target, "CallerInformationSystemSignature", names, signer)


def _request_data(
    parent: etree._Element, content: bytes, names: Names, number: str, *, person: Signer | None, is_test: bool
) -> etree._Element:
    data = _add(parent, names.t("SenderProvidedRequestData"), Id=_id())
    _add(data, names.t("MessageID"), number)
    document = _document(content)
    _add(data, names.b("MessagePrimaryContent")).append(document)
    if person is not None:
        if document.get("Id") is None:
            document.set("Id", _id())
        sign_part(document, _add(data, names.t("PersonalSignature")), person)
    if is_test:
        _add(data, names.t("TestMessage"))
    return data


def _document(content: bytes) -> etree._Element:
    root = parse_document(content, DEFAULT_LIMITS)
    if signatures(root):
        raise DocumentRejected("signature_several")
    return root


def _root(name: str, names: Names) -> etree._Element:
    return etree.Element(names.t(name), nsmap={"m": names.types, "b": names.basic})


def _signed(root: etree._Element, part: etree._Element, name: str, names: Names, signer: Signer) -> bytes:
    sign_part(part, _add(root, names.t(name)), signer)
    return _bytes(root)


def _bytes(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, tag, attributes)
    element.text = text
    return element


def _id() -> str:
    return f"id-{uuid.uuid4()}"
