"""From the directory to the tables of HSDS. Every record of ours is written whole: reading it gives it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from adapters.hsds.attributes import AttributeWriter
from adapters.hsds.hours import schedule_rows
from adapters.hsds.profile import Row, Tables, derived_id
from schemas.directory import Directory, DirectoryOrganisation, Place, Service, ServicePhone

OGRN_SCHEME: Final = "RU-OGRN"
INN_SCHEME: Final = "RU-INN"
COUNTRY: Final = "RU"
OKTMO_URN: Final = "urn:oktmo:"
GAR: Final = "GAR"
STATUSES: Final = {"temporarily_closed": "temporarily closed"}
RUBLE: Final = "RUB"


def tables_of(directory: Directory, at: datetime) -> Tables:
    """All tables. `at` is the instant of the export: the offsets of zones are those of that day."""
    tables: Tables = {"organization": [], "service": []}
    attributes = AttributeWriter(tables)
    for organisation in directory.organisations:
        _organisation(tables, attributes, organisation)
    for service in directory.services:
        _service(tables, attributes, service, at)
    return tables


def _add(tables: Tables, table: str, **values: object) -> None:
    tables.setdefault(table, []).append(
        Row(table, {name: str(value) for name, value in values.items() if value is not None})
    )


def _organisation(tables: Tables, attributes: AttributeWriter, given: DirectoryOrganisation) -> None:
    _add(
        tables,
        "organization",
        id=given.id,
        name=given.name,
        alternate_name=given.short_name,
        description=given.description or given.name,  # HSDS wants one
        email=given.email,
        website=given.website,
    )
    for scheme, kind, number in ((OGRN_SCHEME, "ОГРН", given.ogrn), (INN_SCHEME, "ИНН", given.inn)):
        if number:
            _add(
                tables,
                "organization_identifier",
                id=derived_id("identifier", given.id, scheme),
                organization_id=given.id,
                identifier_scheme=scheme,
                identifier_type=kind,
                identifier=number,
            )
    _phones(tables, "organization_id", given.id, given.phones)
    if given.place:
        _place(tables, derived_id("place", given.id), given.place, organization_id=given.id)
    attributes.terms(given.id, "organization", "kind", [given.kind])
    attributes.property(given.id, "organization", "parent_ogrn", given.parent_ogrn)
    attributes.property(given.id, "organization", "synthetic", "true" if given.synthetic else None)


def _service(tables: Tables, attributes: AttributeWriter, given: Service, at: datetime) -> None:
    _add(
        tables,
        "service",
        id=given.id,
        organization_id=given.organisation_id,
        name=given.name,
        description=given.description,
        url=given.page,
        email=given.email,
        status=STATUSES.get(given.status, given.status),
        application_process=given.application,
        fees_description=given.fee_text,
        eligibility_description=given.eligibility,
        minimum_age=given.min_age,
        maximum_age=given.max_age,
        assured_date=given.assured_on,
        alert=given.alert,
    )
    _phones(tables, "service_id", given.id, given.phones)
    _areas(tables, given)
    for number, place in enumerate(given.places):
        location = derived_id("place", given.id, number)
        _place(tables, location, place)
        _add(
            tables,
            "service_at_location",
            id=derived_id("at", given.id, number),
            service_id=given.id,
            location_id=location,
        )
    for number, document in enumerate(given.documents):
        _add(
            tables,
            "required_document",
            id=derived_id("document", given.id, number),
            service_id=given.id,
            document=document,
        )
    if given.fee:
        _add(
            tables,
            "cost_option",
            id=derived_id("cost", given.id),
            service_id=given.id,
            option=given.fee,
            currency=RUBLE,
            amount=0 if given.fee == "free" else None,
        )
    if given.hours:
        tables.setdefault("schedule", []).extend(schedule_rows(given.id, given.hours, at))
    _attributes(attributes, given)


def _attributes(attributes: AttributeWriter, given: Service) -> None:
    listed: tuple[tuple[str, Sequence[str]], ...] = (
        ("kinds", given.kinds),
        ("form", [given.form] if given.form else []),
        ("audiences", given.audiences),
        ("urgencies", given.urgencies),
        ("apply_by", given.apply_by),
        ("fee", [given.fee] if given.fee else []),
    )
    for link_type, codes in listed:
        attributes.terms(given.id, "service", link_type, codes)
    plain = {
        "capacity": given.capacity,
        "free_places": given.free_places,
        "stated_on": given.stated_on,
        "night_calls": "true" if given.night_calls else None,
        "time_zone": given.hours.zone if given.hours else None,
        "synthetic": "true" if given.synthetic else None,
    }
    for name, value in plain.items():
        attributes.property(given.id, "service", name, value)


def _areas(tables: Tables, given: Service) -> None:
    for number, code in enumerate(given.territories):
        _add(
            tables,
            "service_area",
            id=derived_id("area", given.id, number),
            service_id=given.id,
            name=f"ОКТМО {code}",
            extent=code,
            extent_type="text",
            uri=OKTMO_URN + code,
        )
    for number, name in enumerate(given.districts):
        _add(tables, "service_area", id=derived_id("district", given.id, number), service_id=given.id, name=name)


def _phones(tables: Tables, link: str, owner: str, phones: Sequence[ServicePhone]) -> None:
    for number, phone in enumerate(phones):
        _add(
            tables,
            "phone",
            **{link: owner},
            id=derived_id("phone", owner, number),
            number=phone.number,
            extension=phone.extension,
            type="voice",
            description=phone.note,
        )


def _place(tables: Tables, location: str, place: Place, **more: str) -> None:
    _add(
        tables,
        "location",
        id=location,
        location_type="physical",
        latitude=place.latitude,
        longitude=place.longitude,
        external_identifier=place.gar_id,
        external_identifier_type=GAR if place.gar_id else None,
        **more,
    )
    _add(
        tables,
        "address",
        id=derived_id("address", location),
        location_id=location,
        address_1=place.address,
        city=place.city,
        state_province=place.region,
        postal_code=place.postal_code,
        country=COUNTRY,
        address_type="physical",
    )
