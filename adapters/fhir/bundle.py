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
from adapters.fhir.elements import Json, address, identifier, instant, meta
from adapters.fhir.messages import message_resources
from adapters.fhir.organisations import (
    organisation_reference,
    organisation_resource,
    parties_of,
    service_resources,
)
from adapters.fhir.people import gathered, person_resource
from adapters.fhir.summaries import composition, episodes, plan_resources
from schemas import categories as c
from schemas.catalogue import text
from schemas.directory import Service
from schemas.exports import Export, ExportPerson

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
    for case in export.cases:
        holder = organisation_reference(case.holder)
        title = text("export.composition_case")
        for person in case.people:
            yield composition(person, case.ref, title, case.published_at or export.made_at, holder)
        yield from episodes(case, holder)
        yield from consents_of(export, case)
    here = {message.id: message for message in export.messages}
    for message in export.messages:
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
    yield from (consent_resource(consent, export.pack) for consent in export.consents)
    yield from map(authority_resource, export.authorities)
    yield from map(record_resource, export.records)
    yield from (event_resource(event, number) for number, event in enumerate(export.events))


def _people(export: Export) -> Iterator[Json]:
    """Everybody once, a parent with a child of its own family."""
    child: dict[str, str] = {}
    for found in export.readings:
        first = next((person.ref for person in found.people if person.kind == "child"), None)
        if first is not None:
            child.update({person.ref: first for person in found.people if person.ref not in child})
    known = gathered(export.people())
    yield from (person_resource(person, child.get(person.ref)) for person in known)
    named = [consent.person for consent in export.consents if consent.person_kind == "child"]
    named += [authority.child for authority in export.authorities]
    here = {person.ref for person in known}
    for ref in dict.fromkeys(named):
        if ref not in here:  # a consent is recorded before the summary is published, or for a case of another part
            yield person_resource(ExportPerson(ref, "child"), None)
