"""The directory of the demo: services of the participants, published by themselves, and of others, by the operator.

Every service is invented, also those of the real centres; so are phones and addresses (`identity_numbers`).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any, Final

import yaml

from gateway.demo.fixtures import OrganisationFixture
from gateway.demo.identity_numbers import phone, synthetic_inn, synthetic_ogrn
from gateway.use_cases.directory_port import ListedOrganisation, ListedService
from gateway.use_cases.ports import Unit
from gateway.use_cases.publish_service import describe_organisation_in, directory_entry, publish_service_in
from gateway.use_cases.values import Organisation, Requester
from schemas.directory import DirectoryOrganisation, OrganisationProfile, Service, ServiceDraft
from schemas.ids import OrganisationId, new_id

MOSCOW: Final = "45000000"
"""The OKTMO code of the city. Its okrugs have none: they are named as districts."""
PLACE: Final = {"city": "Москва", "region": "Москва", "postal_code": "100000"}
_PHONES_FROM: Final = 700_000
_OTHERS_FROM: Final = 900
_OPERATOR: Final = "operator:demo"


def publish_directory(
    unit: Unit, fixtures: Mapping[str, OrganisationFixture], by_key: Mapping[str, Organisation], now: datetime
) -> None:
    """Fill the directory of an empty store. `by_key` are the participants of the fixtures."""
    for number, (key, fixture) in enumerate(fixtures.items()):
        found = list(_services_of(fixture, number, now.date()))
        if not found:
            continue
        requester = Requester(by_key[key].id, f"demo:{key}")
        describe_organisation_in(unit, requester, OrganisationProfile.model_validate(_profile(number)), now)
        for service in found:
            publish_service_in(unit, requester, ServiceDraft.model_validate(service), now)
    _publish_others(unit, now)


def _publish_others(unit: Unit, now: datetime) -> None:
    """Organisations that do not take part, by the operator."""
    organisations, services = [], []
    for number, given in enumerate(_data()["others"], start=_OTHERS_FROM):
        organisation = DirectoryOrganisation.model_validate(
            {
                "id": new_id(),
                "name": given["name"],
                "kind": given["kind"],
                "ogrn": synthetic_ogrn(number),
                "inn": synthetic_inn(number),
                "synthetic": True,
                **_profile(number),
            }
        )
        listed = ListedOrganisation(organisation, None, _OPERATOR, now)
        organisations.append(listed)
        for row in given["services"]:
            values = _service(row, number, now.date(), None)
            service = Service.model_validate(
                {**values, "id": new_id(), "organisation_id": organisation.id, "synthetic": True}
            )
            services.append(ListedService(service, listed, _OPERATOR, now))
    unit.directory.put_organisations(organisations)
    unit.directory.put_services(services)
    operator = Requester(OrganisationId("operator"), _OPERATOR)
    directory_entry(unit, operator, "received", len(services), now)


def _services_of(fixture: OrganisationFixture, number: int, today: date) -> Iterator[dict[str, Any]]:
    for row in _data()["keys"].get(fixture.key) or _data()["kinds"].get(fixture.kind, ()):
        yield _service(row, number, today, fixture.district)


def _service(row: Mapping[str, Any], number: int, today: date, district: str | None) -> dict[str, Any]:
    first, last = row.get("ages", (None, None))
    free = row.get("free")
    days = row.get("stated", 0) + (number % 7 if free else 0)
    values = {
        "name": row["name"],
        "description": row.get("description"),
        "kinds": row["kinds"],
        "form": row.get("form"),
        "territories": [MOSCOW],
        "districts": [district] if district else [],
        "min_age": first,
        "max_age": last,
        "audiences": row.get("audiences", ()),
        "urgencies": row.get("urgencies", ("planned",)),
        "night_calls": row.get("night", False),
        "capacity": row.get("capacity"),
        "free_places": None if free is None else (free + number) % (free + 1) if free else 0,
        "stated_on": today - timedelta(days=days) if free is not None else None,
        "hours": _hours(_data()["hours"][row["hours"]]),
        "apply_by": row.get("apply", ()),
        "application": row.get("application"),
        "page": row.get("page"),
        "phones": [{"number": phone(_PHONES_FROM + number)}] if "phone" in row.get("apply", ()) else [],
        "documents": row.get("documents", ()),
        "fee": row.get("fee"),
        "fee_text": row.get("fee_text"),
        "places": [] if row.get("form") in {"remote", "home"} else [_place(number)],
        "alert": row.get("alert"),
        "assured_on": today - timedelta(days=number % 20),
    }
    return {name: value for name, value in values.items() if value is not None}


def _hours(given: Mapping[str, Any]) -> dict[str, Any]:
    days = [
        {"weekday": day, "spans": [_span(text) for text in part["h"]]} for part in given["days"] for day in part["d"]
    ]
    exceptions = [
        {
            "from_on": one["from"],
            "to_on": one["to"],
            "spans": [_span(text) for text in one.get("h", ())],
            "note": one.get("note"),
        }
        for one in given.get("exceptions", ())
    ]
    return {"days": days, "exceptions": exceptions}


def _span(text: str) -> dict[str, str]:
    opens, closes = text.split("-")
    return {"opens": opens, "closes": closes}


def _profile(number: int) -> dict[str, Any]:
    return {
        "phones": [{"number": phone(_PHONES_FROM + number)}],
        "website": f"https://org{number:03d}.example/",
        "email": f"info@org{number:03d}.example",
        "place": _place(number),
    }


def _place(number: int) -> dict[str, Any]:
    return {"address": f"ул. Вымышленная, д. {number + 1}", **PLACE}


@functools.cache
def _data() -> dict[str, Any]:
    text = resources.files("gateway.demo").joinpath("data", "services.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found
