"""Messages: what asks somebody to act is a ServiceRequest with its Task, everything else a Communication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from adapters.fhir.documents import document_references
from adapters.fhir.elements import (
    ABSENT,
    Json,
    clean,
    code_of,
    coding,
    concept,
    extension,
    given,
    identifier,
    instant,
    meta,
    own_id,
    reference,
    why_absent,
)
from adapters.fhir.organisations import organisation_reference
from adapters.fhir.people import content_of, kind_of
from schemas import categories as c
from schemas.codes import CONCERNS, find_code
from schemas.exports import ExportMessage, ExportPerson, ExportReceipt
from schemas.package import Said

NOBODY: Final[Json] = {"extension": [{"url": ABSENT, "valueCode": "not-applicable"}]}


def is_request(message: ExportMessage) -> bool:
    """Whether a type of message asks its recipient to do something for somebody."""
    return code_of("request_types", message.type.value) is not None


def message_resources(message: ExportMessage, here: Mapping[str, ExportMessage]) -> Iterator[Json]:
    """The resources of one message. `here` are the messages of this export by id: others are named, not referred to."""
    if is_request(message):
        requests = _requests(message)
        yield from requests
        yield _task(message, requests)
    else:
        yield _communication(message, here)


def message_reference(message: ExportMessage) -> Json:
    """Where the resource of a message is."""
    kind = "Task" if is_request(message) else "Communication"
    return reference(kind, own_id(kind, message.id))


def children(message: ExportMessage) -> list[ExportPerson]:
    """The children of whom something is told."""
    return [person for person in message.people if person.kind == "child"]


def _requests(message: ExportMessage) -> list[Json]:
    """One for each child: a request has one subject."""
    found = children(message)
    if not found:
        return [_request(message, None)]
    return [_request(message, child) for child in found]


def _request(message: ExportMessage, child: ExportPerson | None) -> Json:
    risk = child.section(c.RISK) if child else None
    plan = child.section(c.PLAN) if child else None
    reason, asked = content_of(risk), content_of(plan)
    resource: Json = {
        "resourceType": "ServiceRequest",
        "id": own_id("ServiceRequest", message.id, child.ref if child else ""),
        "meta": meta(cut=message.is_cut),
        "identifier": _identifiers(message),
        "status": code_of("message_status", message.state),
        "intent": "order",
        "category": [concept("message-type", message.type)],
        "code": _asked(message, asked),
        "subject": reference(kind_of(child), child.ref) if child else _nobody(message),
        "authoredOn": instant(message.sent_at),
        "requester": organisation_reference(message.sender),
        "performer": [organisation_reference(message.recipient)],
        "reasonCode": _concerns(reason) or ([why_absent(risk)] if risk and not risk.is_whole else []),
        "note": [{"text": clean(str(asked["requested_action"]))}] if asked.get("requested_action") else [],
        "supportingInfo": document_references(message.documents),
        "extension": [*_footing(message), *_family_aware(reason)],
    }
    if priority := code_of("priority", message.urgency.value):
        resource["priority"] = priority
    if message.reg_number:
        resource["requisition"] = identifier("registration", message.reg_number)
    if reason.get("observed_on"):
        resource["occurrenceDateTime"] = str(reason["observed_on"])
    return given(**resource)


def _asked(message: ExportMessage, asked: Mapping[str, Any]) -> Json:
    """What is asked for: services by their codes, else the type of the message."""
    services = [str(code) for code in asked.get("services") or () if isinstance(code, str)]
    name = clean(message.type.ru or message.type.value)
    if services and asked:
        return {"coding": [coding("service", code) for code in services], "text": name}
    return {"text": name}


def _nobody(message: ExportMessage) -> Json:
    """Whom a message is about that names nobody here: because it is about nobody, or because that is withheld."""
    return why_absent(None) if message.is_cut else NOBODY


def _task(message: ExportMessage, requests: Sequence[Json]) -> Json:
    focus = [reference("ServiceRequest", request["id"]) for request in requests]
    resource: Json = {
        "resourceType": "Task",
        "id": own_id("Task", message.id),
        "meta": meta(cut=message.is_cut),
        "identifier": _identifiers(message),
        "basedOn": focus,
        "groupIdentifier": identifier("thread", message.thread),
        "status": code_of("task_status", message.state),
        "businessStatus": {"coding": [coding("message-state", message.state)]},
        "intent": "order",
        "focus": focus[0],
        "authoredOn": instant(message.sent_at),
        "lastModified": instant(message.receipts[-1].at if message.receipts else message.sent_at),
        "requester": organisation_reference(message.sender),
        "owner": organisation_reference(message.recipient),
        "note": _notes(message),
        "extension": [_receipt(receipt) for receipt in message.receipts],
    }
    if children(message):
        resource["for"] = reference("Patient", children(message)[0].ref)
    if message.reason:
        resource["statusReason"] = concept("reason", message.reason)
    if priority := code_of("priority", message.urgency.value):
        resource["priority"] = priority
    return given(**resource)


def _communication(message: ExportMessage, here: Mapping[str, ExportMessage]) -> Json:
    found = children(message)
    child = found[0] if found else None
    risk = child.section(c.RISK) if child else None
    reason, plan = content_of(risk), content_of(child.section(c.PLAN) if child else None)
    said = [str(reason[field]) for field in ("statement",) if reason.get(field)]
    said += [str(plan[field]) for field in ("requested_action", "text") if plan.get(field)]
    resource: Json = {
        "resourceType": "Communication",
        "id": own_id("Communication", message.id),
        "meta": meta(cut=message.is_cut),
        "identifier": _identifiers(message),
        "status": code_of("communication_status", message.state),
        "category": [concept("message-type", message.type)],
        "subject": reference("Patient", child.ref) if child else (_nobody(message) if message.is_cut else None),
        "about": [reference(kind_of(person), person.ref) for person in message.people if person is not child],
        "sent": instant(message.sent_at),
        "received": instant(message.delivered_at) if message.delivered_at else None,
        "sender": organisation_reference(message.sender),
        "recipient": [organisation_reference(message.recipient)],
        "reasonCode": _concerns(reason) or ([why_absent(risk)] if risk and not risk.is_whole else []),
        "payload": [
            *({"contentString": clean(text)} for text in said),
            *({"contentReference": document} for document in document_references(message.documents)),
        ],
        "note": _notes(message),
        "extension": [*_footing(message), *_family_aware(reason), *(_receipt(receipt) for receipt in message.receipts)],
        **_answers(message, here),
    }
    if priority := code_of("priority", message.urgency.value):
        resource["priority"] = priority
    if message.reason:
        resource["statusReason"] = concept("reason", message.reason)
    return given(**resource)


def _answers(message: ExportMessage, here: Mapping[str, ExportMessage]) -> Json:
    """What a message answers or corrects: a Communication, or what was asked for."""
    found: dict[str, list[Json]] = {}
    for other in filter(None, (message.answers, message.corrects)):
        known = here.get(other)
        if known is None:
            found.setdefault("basedOn", []).append({"identifier": identifier("message", other)})
        elif is_request(known):
            found.setdefault("basedOn", []).append(reference("Task", own_id("Task", other)))
        else:
            found.setdefault("inResponseTo", []).append(reference("Communication", own_id("Communication", other)))
    return dict(found)


def _identifiers(message: ExportMessage) -> list[Json]:
    found = [identifier("message", message.id), identifier("operation", message.operation)]
    if message.incoming_number:
        found.append(identifier("incoming", message.incoming_number))
    return found


def _concerns(reason: Mapping[str, Any]) -> list[Json]:
    """Why a message is sent: codes, and the words of this very message."""
    found: list[Json] = []
    for code in reason.get("concerns") or ():
        known = find_code(CONCERNS, str(code))
        found.append(concept("concern", Said(str(code), known.name_ru if known else None)))
    if reason.get("statement"):
        found.append({"text": clean(str(reason["statement"]))})
    return found


def _family_aware(reason: Mapping[str, Any]) -> list[Json]:
    """Whether the family knows of the message; nothing where nobody says so."""
    known = reason.get("family_aware")
    return [] if known is None else [extension("family-aware", valueBoolean=bool(known))]


def _footing(message: ExportMessage) -> list[Json]:
    found = [extension("footing", valueCode=message.footing.value), extension("state", valueCode=message.state)]
    found.append(extension("content", valueCode=message.content))
    if message.created_at:
        found.append(extension("created", valueDateTime=instant(message.created_at)))
    if message.purpose:
        found.append(extension("purpose", valueCode=message.purpose.value))
    if message.trigger:
        found.append(extension("trigger", valueCode=message.trigger.value))
    if message.statute:
        found.append(extension("statute", valueString=clean(message.statute)))
    return found


def _notes(message: ExportMessage) -> list[Json]:
    """Dates, codes and words beside the sections, and words that came with receipts."""
    found = [
        {"text": clean(f"{field.ru}: {'; '.join(' '.join(p.ru or p.value for p in value) for value in field.values)}")}
        for field in message.notes
    ]
    for receipt in message.receipts:
        found += [{"time": instant(receipt.at), "text": clean(words)} for words in receipt.words.values() if words]
    return found


def _receipt(receipt: ExportReceipt) -> Json:
    inner: list[Json] = [
        {"url": "event", "valueCode": receipt.event},
        {"url": "state", "valueCode": receipt.state},
        {"url": "at", "valueDateTime": instant(receipt.at)},
        {"url": "attestedBy", "valueCode": receipt.attested_by},
    ]
    if receipt.reason:
        inner.append({"url": "reason", "valueCode": receipt.reason.value})
    if receipt.by:
        inner.append({"url": "by", "valueReference": organisation_reference(receipt.by)})
    return {"url": extension("receipt")["url"], "extension": inner}
