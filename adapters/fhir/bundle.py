"""The whole export as one Bundle of type collection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from adapters.fhir.consents import (
    authority_resource,
    bases,
    consent_resource,
    consents_of,
    event_resource,
    record_resource,
)
from adapters.fhir.documents import document_resource
from adapters.fhir.elements import Json, address, identifier, instant, meta
from adapters.fhir.kept import kept_resources, left_out_resource
from adapters.fhir.messages import message_reference, message_resources
from adapters.fhir.organisations import (
    organisation_reference,
    organisation_resource,
    parties_of,
    service_resources,
)
from adapters.fhir.people import gathered, kind_of, person_resource
from adapters.fhir.summaries import composition, episodes, plan_resources
from schemas import categories as c
from schemas.catalogue import text
from schemas.directory import Service
from schemas.exports import Export, ExportCase, ExportPerson

MEDIA_TYPE = "application/fhir+json"


def write_bundle(export: Export, services: Sequence[Service] = ()) -> bytes:
    """The document, in UTF-8."""
    return orjson.dumps(bundle(export, services), option=orjson.OPT_INDENT_2)


def bundle(export: Export, services: Sequence[Service] = ()) -> Json:
    """The Bundle as plain JSON values. Every reference in it leads to a resource of it, or names an identifier."""
    resources = {(found["resourceType"], found["id"]): found for found in _resources(export, services)}
    is_cut = any(found.is_cut for found in export.readings)
    return {
        "resourceType": "Bundle",
        "id": export.id if not export.part else f"{export.id}-{export.part}",
        "meta": meta(cut=is_cut),
        "identifier": identifier("export", export.id),
        "type": "collection",
        "timestamp": instant(export.made_at),
        "entry": [
            {"fullUrl": address(kind, resource_id), "resource": resource}
            for (kind, resource_id), resource in resources.items()
        ],
    }


def _resources(export: Export, services: Sequence[Service]) -> Iterator[Json]:
    yield from map(organisation_resource, parties_of(export))
    yield from service_resources(services, export.organisation)
    yield from _people(export)
    yield from _cases(export)
    yield from _messages(export)
    yield from (consent_resource(consent, export.pack) for consent in export.consents)
    yield from map(authority_resource, export.authorities)
    yield from map(record_resource, export.records)
    yield from (event_resource(event, number) for number, event in enumerate(export.events))
    yield from kept_resources(export)
    if export.left_out:
        yield left_out_resource(export)


def _cases(export: Export) -> Iterator[Json]:
    for case in export.cases:
        holder = organisation_reference(case.holder)
        title = text("export.composition_case")
        # An earlier version is told by its compositions: how things are now, the current one says.
        about = case.ref if case.current else f"{case.ref}/{case.version}"
        for person in case.people:
            replaced = None if case.current else case.version
            yield composition(person, about, title, case.published_at or export.made_at, holder, replaced)
        if case.current:
            yield from episodes(case, holder)
            yield from consents_of(export, case)


def _messages(export: Export) -> Iterator[Json]:
    here = {message.id: message for message in export.messages}
    people = {person.ref: kind_of(person) for person in _everybody(export)}
    for document in export.documents:
        yield document_resource(document, people, None, None)
    for message in export.messages:
        for document in message.documents:
            yield document_resource(document, people, message, message_reference(message))
        sender = organisation_reference(message.sender)
        title = message.type.ru or message.type.value
        for person in message.people:
            yield composition(person, message.id, title, message.sent_at, sender)
            plan = person.section(c.PLAN)
            if person.kind == "child" and plan is not None and plan.content is not None:
                yield from plan_resources(person, plan, message.id)
        if message.content == "opened":
            yield from bases(message.people, message.sender, export.organisation, export.pack)
        yield from message_resources(message, here)


def _everybody(export: Export) -> list[ExportPerson]:
    """Everybody once. An earlier version names people, and says nothing of who they are now."""
    now = [found for found in export.readings if not isinstance(found, ExportCase) or found.current]
    known = gathered(person for found in now for person in found.people)
    here = {person.ref for person in known}
    older = [ExportPerson(p.ref, p.kind) for p in gathered(export.people()) if p.ref not in here]
    here |= {person.ref for person in older}
    # A consent is recorded before the summary is published, or for a case of another part.
    named = [consent.person for consent in export.consents if consent.person_kind == "child"]
    named += [authority.child for authority in export.authorities]
    named += [document.person for document in export.documents if document.person_kind == "child"]
    return [*known, *older, *(ExportPerson(ref, "child") for ref in dict.fromkeys(named) if ref not in here)]


def _people(export: Export) -> Iterator[Json]:
    """Everybody once, a parent with a child of its own family."""
    child: dict[str, str] = {}
    for found in export.readings:
        first = next((person.ref for person in found.people if person.kind == "child"), None)
        if first is not None:
            child.update({person.ref: first for person in found.people if person.ref not in child})
    yield from (person_resource(person, child.get(person.ref)) for person in _everybody(export))
