"""Consents, rights to act for a child, and what a holder keeps by its practice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from adapters.fhir.elements import (
    Json,
    clean,
    code_of,
    coding,
    concept,
    extension,
    given,
    identifier,
    instant,
    own_id,
    parts,
    period,
    reference,
)
from adapters.fhir.organisations import organisation_reference
from schemas.exports import (
    Export,
    ExportAuthority,
    ExportCase,
    ExportConsent,
    ExportCourseEvent,
    ExportPerson,
    ExportRecord,
    ExportSection,
    Party,
)
from schemas.package import Said

SCOPE: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
ACTION: Final = "http://terminology.hl7.org/CodeSystem/consentaction"
PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
LOINC: Final = "http://loinc.org"
CONSENT_DOCUMENT: Final = "59284-0"


def consent_resource(consent: ExportConsent, pack: str) -> Json:
    """A consent that the exporting organisation recorded."""
    resource = _consent(
        own_id("Consent", consent.id),
        consent.person,
        consent.recipient,
        pack,
        consent.given_on,
        consent.valid_to,
        consent.allowed or consent.categories,
        consent.purpose,
        is_child=consent.person_kind == "child",
    )
    resource["status"] = code_of("consent_status", consent.status)
    resource["identifier"] = [identifier("consent", consent.id)]
    resource["organization"] = [organisation_reference(consent.discloser)]
    resource["performer"] = [{"display": clean(signer.who)} for signer in consent.signers]
    resource["verification"] = [
        {"verified": signer.verified, "extension": [_signer(signer.who, signer.rights, signer.authority)]}
        for signer in consent.signers
    ]
    told = [extension("consent-state", valueCode=consent.status)]
    told += [extension("evidence-sha256", valueString=consent.evidence_digest)] if consent.evidence_digest else []
    told += [extension("consent-form", valueCode=consent.form)] if consent.form else []
    told += [extension("separate-document", valueBoolean=consent.separate)]
    told += [
        parts("consent-event", {"url": "event", "valueCode": kind}, {"url": "at", "valueDateTime": instant(at)})
        for kind, at in consent.events
    ]
    return given(**resource, extension=told)


def bases(people: Sequence[ExportPerson], discloser: Party, recipient: Party, pack: str) -> Iterator[Json]:
    """For a recipient: the consents that what it was shown rests on, as far as it is told of them."""
    for person in people:
        found: dict[str, list[ExportSection]] = {}
        for section in person.sections:
            if section.consent_digest and section.content is not None:
                found.setdefault(section.consent_digest, []).append(section)
        for digest, sections in found.items():
            first = sections[0]
            shown = [Said(section.category, section.ru) for section in sections]
            resource = _consent(
                own_id("Consent", digest, person.ref),
                person.ref,
                recipient,
                pack,
                first.consent_on,
                first.consent_to,
                shown,
                None,
                is_child=person.kind == "child",
            )
            resource["status"] = "active"
            resource["organization"] = [organisation_reference(discloser)]
            resource["extension"] = [extension("evidence-sha256", valueString=digest)]
            yield given(**resource)


def _consent(
    resource_id: str,
    person: str,
    recipient: Party,
    pack: str,
    given_on: date | None,
    valid_to: date | None,
    categories: Sequence[Said],
    purpose: Said | None,
    *,
    is_child: bool = True,
) -> Json:
    return {
        "resourceType": "Consent",
        "id": resource_id,
        "scope": {"coding": [{"system": SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": LOINC, "code": CONSENT_DOCUMENT}]}],
        "patient": reference("Patient", person) if is_child else {"identifier": identifier("person", person)},
        "dateTime": given_on.isoformat() if given_on else None,
        "policyRule": {"coding": [coding("pack", pack)]},
        "provision": given(
            type="permit",
            period=period(given_on, valid_to),
            actor=[
                {
                    "role": {"coding": [{"system": PARTICIPATION, "code": "IRCP"}]},
                    "reference": organisation_reference(recipient),
                }
            ],
            action=[{"coding": [{"system": ACTION, "code": "disclose"}]}],
            purpose=[coding("purpose", purpose.value, purpose.ru)] if purpose else None,
            **{"class": [coding("category", said.value, said.ru) for said in categories]},
        ),
    }


def _signer(who: str, rights: str, authority: str | None) -> Json:
    return parts(
        "signer",
        {"url": "who", "valueCode": who},
        {"url": "rights", "valueCode": rights},
        {"url": "authority", "valueString": authority} if authority else None,
    )


def authority_resource(authority: ExportAuthority) -> Json:
    """The right of a person to act for a child: a relation with a term."""
    return given(
        resourceType="RelatedPerson",
        id=own_id("Authority", authority.id),
        identifier=[identifier("authority", authority.id)],
        active=authority.rights != "terminated",
        patient=reference("Patient", authority.child),
        relationship=[concept("signer", Said(authority.who))],
        period=period(authority.valid_from, authority.valid_to),
        extension=[
            extension("rights", valueCode=authority.rights),
            extension("verified", valueBoolean=authority.verified),
            *([extension("holder", valueString=authority.holder)] if authority.holder else ()),
            *(
                [extension("evidence-sha256", valueString=authority.evidence_digest)]
                if authority.evidence_digest
                else ()
            ),
        ],
    )


def record_resource(record: ExportRecord) -> Json:
    """What is kept of a case. FHIR has no resource for it: a Basic one, its values as extensions."""
    values = record.values
    told = [extension("practice", valueCode=record.practice), extension("case", valueString=record.case)]
    told += (
        [parts("value", {"url": "name", "valueCode": name}, _value(value)) for name, value in sorted(values.items())]
        if values is not None
        else [extension("absence", valueCode="erased")]
    )
    return given(
        resourceType="Basic",
        id=own_id("Basic", record.id),
        identifier=[identifier("record", record.id)],
        code=concept("practice-record", record.kind),
        subject={"identifier": identifier("person", record.person)} if record.person else None,
        created=record.at.date().isoformat(),
        extension=told,
    )


def event_resource(event: ExportCourseEvent, number: int) -> Json:
    """An event of a practice on a case."""
    return {
        "resourceType": "Basic",
        "id": own_id("Basic", event.case, event.event.value, instant(event.at), str(number)),
        "code": concept("practice-event", event.event),
        "created": event.at.date().isoformat(),
        "extension": [
            extension("practice", valueCode=event.practice),
            extension("case", valueString=event.case),
            extension("stage", valueCode=event.stage),
            extension("at", valueDateTime=instant(event.at)),
        ],
    }


def consents_of(export: Export, case: ExportCase) -> Iterator[Json]:
    """What a reading of this case rests on; a holder's own rests on nothing."""
    return bases(case.people, case.holder, export.organisation, export.pack)


def _value(value: object) -> Json:
    spelled = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return {"url": "value", "valueString": clean(spelled)}
