"""Members of a family: a child is a Patient, a parent a RelatedPerson. Only the identifying sections stand here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from adapters.fhir.elements import (
    SNILS,
    Json,
    access,
    clean,
    coded,
    concept,
    extension,
    given,
    identifier,
    meta,
    reference,
    why_absent,
)
from schemas import categories as c
from schemas.codes import ROLES, find_code
from schemas.exports import RELEASING, ExportPerson, ExportSection
from schemas.ids import Category
from schemas.package import Said

IDENTIFYING: Final = (c.IDENTITY, c.IDENTIFIERS, c.CONTACT, c.WHEREABOUTS)
_DATE: Final = re.compile(r"\d{4}-\d{2}(-\d{2})?")
_WITHHELD: Final = "withheld"
"""What a mask leaves where a text must stand (`policies.masks`)."""


def gathered(people: Iterable[ExportPerson]) -> list[ExportPerson]:
    """Everybody once. Of several readings of the same person each identifying section is the first that shows something."""
    found: dict[str, ExportPerson] = {}
    for person in people:
        known = found.get(person.ref)
        if known is None:
            found[person.ref] = person
            continue
        sections = {section.category: section for section in known.sections}
        for section in person.sections:
            before = sections.get(section.category)
            if before is None or (before.content is None and section.content is not None):
                sections[section.category] = section
        found[person.ref] = ExportPerson(person.ref, person.kind, tuple(sections.values()))
    return list(found.values())


def person_resource(person: ExportPerson, child: str | None) -> Json:
    """`child` is the pseudonym of a child of the same family, for a parent."""
    identifying = [section for category in IDENTIFYING if (section := person.section(category)) is not None]
    resource: Json = {
        "resourceType": kind_of(person),
        "id": person.ref,
        "meta": meta(cut=any(not section.is_whole for section in identifying)),
        "extension": [access(section) for section in identifying],
        "identifier": [identifier("person", person.ref)],
    }
    if not resource["extension"]:
        del resource["extension"]
    if person.kind != "child":
        resource["patient"] = reference("Patient", child) if child else why_absent(None)
        if role := content_of(person.section(c.FAMILY)).get("role"):
            known = find_code(ROLES, str(role))
            resource["relationship"] = [concept("role", Said(str(role), known.name_ru if known else None))]
    _identity(resource, person.section(c.IDENTITY))
    _identifiers(resource, person.section(c.IDENTIFIERS))
    _contact(resource, person.section(c.CONTACT))
    _whereabouts(resource, person.section(c.WHEREABOUTS))
    return resource


def kind_of(person: ExportPerson) -> str:
    """The type of resource that a person is."""
    return "Patient" if person.kind == "child" else "RelatedPerson"


def content_of(section: ExportSection | None) -> Mapping[str, Any]:
    """What a section shows; nothing where it shows nothing."""
    return section.content or {} if section is not None and section.effect in RELEASING else {}


def _identity(resource: Json, section: ExportSection | None) -> None:
    if section is None:
        return
    content = content_of(section)
    name, born, sex = (content.get(field) for field in ("full_name", "birth_date", "sex"))
    is_cut = not content or section.effect == "masked"
    if name:
        resource["name"] = [{"use": "official", "text": clean(str(name))}]
    elif is_cut:
        resource["name"] = [why_absent(section)]
    if born and _DATE.fullmatch(str(born)):
        resource["birthDate"] = str(born)
    elif is_cut:
        resource["_birthDate"] = why_absent(section)
    if sex:
        coded(resource, "gender", "gender", str(sex))
    elif is_cut:
        resource["_gender"] = why_absent(section)


def _identifiers(resource: Json, section: ExportSection | None) -> None:
    if section is None:
        return
    content, found = content_of(section), resource["identifier"]
    # Four digits that a mask has left are no SNILS: they must not stand under the name of one.
    is_masked = section.effect == "masked"
    if snils := content.get("snils"):
        found.append(identifier("masked" if is_masked else SNILS, str(snils)))
    if document := content.get("document"):
        number = " ".join(str(document[part]) for part in ("series", "number") if document.get(part))
        found.append(
            {
                **identifier("masked" if is_masked else f"document:{document.get('system', '')}", number),
                "type": {"text": clean(str(document.get("type", "")))},
                **given(
                    period={"start": str(document["issued_on"])} if document.get("issued_on") else None,
                    assigner={"display": clean(str(document["issuer"]))} if document.get("issuer") else None,
                ),
            }
        )
    if not content:
        found.append(why_absent(section))


def _contact(resource: Json, section: ExportSection | None) -> None:
    if section is None:
        return
    content = content_of(section)
    telecom: list[Json] = []
    for phone in content.get("phones", ()):
        told = [
            extension(f"phone-{part}", valueString=clean(str(phone[part])))
            for part in ("whose", "when")
            if phone.get(part)
        ]
        telecom.append({**given(extension=told), "system": "phone", "value": clean(str(phone["number"]))})
    if safe := content.get("safe_contact"):
        resource.setdefault("extension", []).append(extension("safe-contact", valueString=clean(str(safe))))
    if not content:
        telecom.append(why_absent(section))
    if telecom:
        resource["telecom"] = telecom


def _whereabouts(resource: Json, section: ExportSection | None) -> None:
    if section is None:
        return
    content = content_of(section)
    found = [_address(content[field], field) for field in ("address", "registered") if content.get(field)]
    if not content:
        found.append(why_absent(section))
    if found:
        resource["address"] = found


def _address(value: Mapping[str, Any], field: str) -> Json:
    text, municipality = str(value.get("text") or ""), value.get("municipality")
    told = [extension("address-kind", valueCode=field)]
    told += [
        extension(f"address-{name}", valueString=str(value[part]))
        for part, name in (("gar_id", "gar"), ("oktmo", "oktmo"))
        if value.get(part)
    ]
    shown = None if text == _WITHHELD else clean(text)
    return {
        "extension": told,
        **({"use": "home"} if field == "address" else {}),
        **given(text=shown, district=clean(str(municipality)) if municipality else None),
    }


def redacted(person: ExportPerson, categories: Iterable[Category]) -> bool:
    """Whether anything of these categories of a person is cut."""
    found = [section for category in categories if (section := person.section(category)) is not None]
    return any(not section.is_whole for section in found)
