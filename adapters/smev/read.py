"""Messages of SMEV 3 in: requests as they are sent or fetched, responses, acknowledgements.

Everything but `ReplyTo` is read from what the information system signed (ЭП-ОВ), parsed anew. Where an official signed the
content too (ЭП-СП), both must have signed the same. `ReplyTo` nobody of the sender signs: it is copied, nothing rests on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.signatures.certificates import Trust
from adapters.signatures.document import canonical, check_ids, parse_document, reparse
from adapters.signatures.providers import Providers
from adapters.signatures.smev_transform import smev_transform
from adapters.signatures.structure import q
from adapters.signatures.verify import Verified, verify_part
from adapters.smev.names import Names, message_id, message_of
from adapters.xml.guard import shown
from adapters.xml.tree import local_name
from schemas.errors import DocumentRejected

_MOST_REPLY_TO: Final = 4000


@dataclass(frozen=True, slots=True)
class SmevRequest:
    """A request. `content` is the signed business document; `reply_to` is None in one that was not fetched from SMEV."""

    version: str
    message_id: str
    reference_id: str | None
    end_of_life: datetime | None
    is_test: bool
    content: bytes
    root: str  # {namespace}name: the type of the message
    reply_to: str | None
    system: Verified
    person: Verified | None


@dataclass(frozen=True, slots=True)
class SmevResponse:
    """A response: content, or rejections (code and words), or a status (code and words)."""

    version: str
    message_id: str
    to: str
    content: bytes | None
    rejections: tuple[tuple[str, str], ...]
    status: tuple[int, str] | None
    system: Verified


@dataclass(frozen=True, slots=True)
class SmevAck:
    """That a message was fetched: which, and whether its signature held."""

    message_id: str
    accepted: bool
    system: Verified


def read_request(
    content: bytes, trust: Trust, now: datetime, providers: Providers, limits: Limits = DEFAULT_LIMITS
) -> SmevRequest:
    """A `SendRequestRequest` or a `GetRequestResponse`.

    Raises DocumentRejected: smev_root_unknown, smev_shape, smev_message_id, smev_end_of_life, smev_attachments,
    smev_unsigned, and what the verification of signatures raises.
    """
    root, names = _message(content, limits)
    holder, by, reply_to = root, "CallerInformationSystemSignature", None
    if root.tag == names.t("GetRequestResponse"):
        holder, by = (
            _only(_only(root, names.t("RequestMessage")), names.t("Request")),
            "SenderInformationSystemSignature",
        )
        reply_to = _text(_only(holder, names.t("ReplyTo")))
        if len(reply_to) > _MOST_REPLY_TO:
            raise _shape("ReplyTo")
    elif root.tag != names.t("SendRequestRequest"):
        raise DocumentRejected("smev_root_unknown", root=shown(local_name(root)))
    data = _only(holder, names.t("SenderProvidedRequestData"))
    system = _verified(holder, names.t(by), data, trust, now, providers)
    signed = reparse(system.content)
    _refuse_attachments(signed, names)
    end_of_life = _instant(_maybe(signed, names.t("EOL")))
    if end_of_life is not None and end_of_life < now:
        raise DocumentRejected("smev_end_of_life")
    inner = _content(signed, names)
    person = _personal(data, inner, names, (trust, now, providers))
    reference = _maybe(signed, names.t("ReferenceMessageID"))
    return SmevRequest(
        names.version,
        message_id(_text(_only(signed, names.t("MessageID")))),
        message_id(_text(reference)) if reference is not None else None,
        end_of_life,
        _maybe(signed, names.t("TestMessage")) is not None,
        canonical(inner),
        str(inner.tag),
        reply_to,
        system,
        person,
    )


def read_response(
    content: bytes, trust: Trust, now: datetime, providers: Providers, limits: Limits = DEFAULT_LIMITS
) -> SmevResponse:
    """A `SendResponseRequest`. Raises as `read_request` does."""
    root, names = _message(content, limits)
    if root.tag != names.t("SendResponseRequest"):
        raise DocumentRejected("smev_root_unknown", root=shown(local_name(root)))
    data = _only(root, names.t("SenderProvidedResponseData"))
    system = _verified(root, names.t("CallerInformationSystemSignature"), data, trust, now, providers)
    signed = reparse(system.content)
    _refuse_attachments(signed, names)
    rejected = signed.findall(names.t("RequestRejected"))
    status = _maybe(signed, names.t("RequestStatus"))
    has_content = signed.find(names.b("MessagePrimaryContent")) is not None
    if bool(rejected) + (status is not None) + has_content != 1:
        raise _shape("SenderProvidedResponseData")
    return SmevResponse(
        names.version,
        message_id(_text(_only(signed, names.t("MessageID")))),
        _text(_only(signed, names.t("To"))),
        canonical(_content(signed, names)) if has_content else None,
        tuple(
            (
                _text(_only(one, names.t("RejectionReasonCode"))),
                _text(_only(one, names.t("RejectionReasonDescription"))),
            )
            for one in rejected
        ),
        _status(status, names) if status is not None else None,
        system,
    )


def read_ack(
    content: bytes, trust: Trust, now: datetime, providers: Providers, limits: Limits = DEFAULT_LIMITS
) -> SmevAck:
    """An `AckRequest`. Raises as `read_request` does."""
    root, names = _message(content, limits)
    if root.tag != names.t("AckRequest"):
        raise DocumentRejected("smev_root_unknown", root=shown(local_name(root)))
    target = _only(root, names.t("AckTargetMessage"))
    system = _verified(root, names.t("CallerInformationSystemSignature"), target, trust, now, providers)
    signed = reparse(system.content)
    accepted = signed.get("accepted")
    if accepted not in ("true", "false", "1", "0"):
        raise _shape("AckTargetMessage")
    return SmevAck(message_id(_text(signed)), accepted in ("true", "1"), system)


def _message(content: bytes, limits: Limits) -> tuple[etree._Element, Names]:
    root = parse_document(content, limits)
    check_ids(root)
    return message_of(root)


def _verified(
    holder: etree._Element, tag: str, part: etree._Element, trust: Trust, now: datetime, providers: Providers
) -> Verified:
    found = holder.findall(tag)
    if not found:
        raise DocumentRejected("smev_unsigned")
    if len(found) != 1 or [child.tag for child in found[0]] != [q("Signature")]:
        raise _shape(etree.QName(tag).localname)
    return verify_part(found[0][0], part, trust, now, providers)


def _personal(
    data: etree._Element, inner: etree._Element, names: Names, by: tuple[Trust, datetime, Providers]
) -> Verified | None:
    """The official's signature is over prefixes as they came, so it is verified there; what it covers must be what is read."""
    found = data.findall(names.t("PersonalSignature"))
    if not found:
        return None
    if len(found) != 1 or [child.tag for child in found[0]] != [q("Signature")]:
        raise _shape("PersonalSignature")
    person = verify_part(found[0][0], _content(data, names), *by)
    if smev_transform(reparse(canonical(inner))) != person.content:
        raise DocumentRejected("signature_reference_elsewhere")
    return person


def _content(data: etree._Element, names: Names) -> etree._Element:
    holder = _only(data, names.b("MessagePrimaryContent"))
    elements = list(holder.iterchildren("*"))
    if len(elements) != 1 or (holder.text or "").strip() or (elements[0].tail or "").strip():
        raise _shape("MessagePrimaryContent")
    return elements[0]


def _refuse_attachments(data: etree._Element, names: Names) -> None:
    if any(_maybe(data, names.b(name)) is not None for name in ("AttachmentHeaderList", "RefAttachmentHeaderList")):
        raise DocumentRejected("smev_attachments")


def _status(element: etree._Element, names: Names) -> tuple[int, str]:
    code = _text(_only(element, names.t("StatusCode")))
    if not code.isdecimal():
        raise _shape("StatusCode")
    return int(code), _text(_only(element, names.t("StatusDescription")))


def _only(parent: etree._Element, tag: str) -> etree._Element:
    found = parent.findall(tag)
    if len(found) != 1:
        raise _shape(etree.QName(tag).localname)
    return found[0]


def _maybe(parent: etree._Element, tag: str) -> etree._Element | None:
    found = parent.findall(tag)
    if len(found) > 1:
        raise _shape(etree.QName(tag).localname)
    return found[0] if found else None


def _text(element: etree._Element) -> str:
    if len(element):
        raise _shape(local_name(element))
    return (element.text or "").strip()


def _instant(element: etree._Element | None) -> datetime | None:
    if element is None:
        return None
    try:
        at = datetime.fromisoformat(_text(element))
    except ValueError:
        raise _shape(local_name(element)) from None
    if at.tzinfo is None:
        raise _shape(local_name(element))
    return at.astimezone(UTC)


def _shape(element: str) -> DocumentRejected:
    return DocumentRejected("smev_shape", element=element)
