"""Organisations, and the services that one of them publishes in the directory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from adapters.fhir.elements import INN, OGRN, Json, clean, coding, extension, given, identifier, own_id, reference
from schemas.directory import AUDIENCES, SERVICE_FORMS, SERVICE_KINDS, Service
from schemas.exports import Export, Party

_CLOSED: Final = frozenset({"inactive", "defunct"})


def organisation_reference(party: Party) -> Json:
    """The organisation by reference, with its name."""
    return reference("Organization", own_id("Organization", party.key), party.name)


def organisation_resource(party: Party) -> Json:
    """A name of a kind alone, where whereabouts are protected, is no organisation that could be found."""
    numbers = [
        identifier(system, value) for system, value in ((OGRN, party.ogrn), (INN, party.inn)) if value is not None
    ]
    return {
        "resourceType": "Organization",
        "id": own_id("Organization", party.key),
        **given(identifier=numbers),
        "active": True,
        "type": [{"coding": [coding("organisation-kind", party.kind)]}],
        "name": clean(party.name),
    }


def parties_of(export: Export) -> list[Party]:
    """Everybody who is named, once."""
    found = {export.organisation.key: export.organisation}
    for case in export.cases:
        found.setdefault(case.holder.key, case.holder)
    for message in export.messages:
        named = (message.sender, message.recipient, *(r.by for r in message.receipts if r.by is not None))
        for party in named:
            found.setdefault(party.key, party)
    for consent in export.consents:
        for party in (consent.discloser, consent.recipient):
            found.setdefault(party.key, party)
    return list(found.values())


def service_resources(services: Iterable[Service], provider: Party) -> list[Json]:
    """The organisation's own services. The map of resources as a whole leaves as HSDS."""
    return [_service(service, provider) for service in services]


def _service(service: Service, provider: Party) -> Json:
    ages = given(
        minAge=service.min_age if service.min_age is not None else None,
        maxAge=service.max_age if service.max_age is not None else None,
    )
    kinds = [{"coding": [coding(SERVICE_KINDS, code)]} for code in service.kinds]
    telecom = [{"system": "phone", "value": clean(phone.number)} for phone in service.phones]
    telecom += [{"system": "email", "value": service.email}] if service.email else []
    telecom += [{"system": "url", "value": str(service.page)}] if service.page else []
    eligibility: Json = {
        **given(
            extension=[extension(f"{name.lower()}", valueInteger=value) for name, value in ages.items()],
            code={"coding": [coding(AUDIENCES, code) for code in service.audiences]} if service.audiences else None,
            comment=clean(service.eligibility) if service.eligibility else None,
        )
    }
    return given(
        resourceType="HealthcareService",
        id=service.id,
        identifier=[identifier("service", service.id)],
        active=service.status not in _CLOSED,
        providedBy=organisation_reference(provider),
        category=kinds,
        name=clean(service.name),
        comment=clean(service.description) if service.description else None,
        characteristic=[{"coding": [coding(SERVICE_FORMS, service.form)]}] if service.form else None,
        eligibility=[eligibility] if eligibility else None,
        telecom=telecom,
        referralMethod=[{"coding": [coding("apply-way", code)]} for code in service.apply_by],
        extension=[
            extension("status", valueCode=service.status.replace(" ", "-")),
            *(extension("territory", valueString=code) for code in service.territories),
            *([extension("capacity", valueInteger=service.capacity)] if service.capacity is not None else ()),
            *([extension("free-places", valueInteger=service.free_places)] if service.free_places is not None else ()),
            *([extension("stated-on", valueDate=service.stated_on.isoformat())] if service.stated_on else ()),
        ],
    )
