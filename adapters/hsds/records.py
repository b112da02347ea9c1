"""From the tables of HSDS to the directory, tolerantly: what is wrong is named, the rest goes in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from adapters.directory_records import DirectoryReading, Source, Where
from adapters.hsds.attributes import LINK_TYPES, PROPERTIES, TAXONOMIES, Attribute, attributes_by_owner
from adapters.hsds.hours import hours_values
from adapters.hsds.losses import list_losses
from adapters.hsds.profile import Row, Tables, own_id, table_profiles
from adapters.hsds.rows import GAR, INN_SCHEME, OGRN_SCHEME, OKTMO_URN
from schemas.codes import recognise
from schemas.directory import FEES, ORGANISATION_KINDS, SERVICE_STATUSES
from schemas.territories import normalise_oktmo

OTHER: Final = "other"
_WHOLE: Final = re.compile(r"^(\d{1,3})(?:\.(\d+))?$")
_COLUMNS: Final = {
    "organisation_id": "organization_id",
    "short_name": "alternate_name",
    "page": "url",
    "application": "application_process",
    "fee_text": "fees_description",
    "eligibility": "eligibility_description",
    "min_age": "minimum_age",
    "max_age": "maximum_age",
    "assured_on": "assured_date",
}


def take_tables(tables: Tables, reading: DirectoryReading) -> None:
    """Take every organisation and service of the tables, and list what of them is not taken to the letter."""
    reading.is_compared = True
    _Taker(tables, reading).take()
    list_losses(tables, reading)


class _Taker:
    def __init__(self, tables: Tables, reading: DirectoryReading) -> None:
        self._tables = tables
        self._reading = reading
        self._attributes = attributes_by_owner(tables)
        self._locations = {row.get("id"): row for row in tables.get("location", ())}
        self._addresses = self._by("address", "location_id")
        self._at_locations = self._by("service_at_location", "service_id")
        self._linked = {
            (table, link): self._by(table, link)
            for table, link in (
                ("phone", "organization_id"),
                ("phone", "service_id"),
                ("phone", "service_at_location_id"),
                ("schedule", "service_id"),
                ("schedule", "service_at_location_id"),
                ("schedule", "location_id"),
                ("service_area", "service_id"),
                ("service_area", "service_at_location_id"),
                ("required_document", "service_id"),
                ("cost_option", "service_id"),
                ("organization_identifier", "organization_id"),
                ("location", "organization_id"),
            )
        }
        self._used = {row.get("location_id") for row in tables.get("service_at_location", ())}

    def take(self) -> None:
        for row in self._tables.get("organization", ()):
            self._reading.begin()
            self._organisation(row)
        for row in self._tables.get("service", ()):
            self._reading.begin()
            self._service(row)
        self._reading.report.dropped_columns.extend(_not_carried(self._tables))

    def _by(self, table: str, link: str) -> Mapping[str, Sequence[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self._tables.get(table, ()):
            if row.get(link):
                found[row.get(link)].append(row)
        return found

    def _of(self, table: str, link: str, owner: str) -> Sequence[Row]:
        return self._linked[table, link].get(owner, ())

    # --- organisations -----------------------------------------------------------------------------------------------

    def _organisation(self, row: Row) -> None:
        foreign = row.get("id")
        places = [at for at in self._of("location", "organization_id", foreign) if at.get("id") not in self._used]
        numbers = self._of("organization_identifier", "organization_id", foreign)
        phones = self._of("phone", "organization_id", foreign)
        said = self._attributes.get(foreign, ())
        values = {
            "id": own_id(foreign, "organization"),
            "name": row.get("name"),
            "short_name": row.get("alternate_name") or None,
            "description": row.get("description") or None,
            "kind": _first(said, ORGANISATION_KINDS) or OTHER,
            "ogrn": _number(numbers, OGRN_SCHEME),
            "inn": _number(numbers, INN_SCHEME),
            "parent_ogrn": _property(said, "parent_ogrn") or self._parent(row),
            "website": row.get("website") or None,
            "email": row.get("email") or None,
            "phones": tuple(_phone(phone) for phone in phones),
            "place": next(iter(self._places(places)), None),
            "synthetic": _property(said, "synthetic") == "true",
        }
        if len(places) > 1:
            self._reading.complain("hsds_more_places", _source(places[1], "id"), warning=True)
        self._unknown_terms(said)
        where = _where(row, {"phones": phones, "place": places, "ogrn": numbers, "inn": numbers})
        self._reading.organisation(_filled(values), where)

    def _parent(self, row: Row) -> str | None:
        parent = row.get("parent_organization_id")
        return _number(self._of("organization_identifier", "organization_id", parent), OGRN_SCHEME) if parent else None

    # --- services ----------------------------------------------------------------------------------------------------

    def _service(self, row: Row) -> None:
        foreign = row.get("id")
        at = self._at_locations.get(foreign, ())
        said = self._attributes.get(foreign, ())
        phones = self._everywhere("phone", foreign, at)
        documents = self._of("required_document", "service_id", foreign)
        areas = self._everywhere("service_area", foreign, at)
        locations = [self._locations[one.get("location_id")] for one in at if one.get("location_id") in self._locations]
        territories, districts = _areas(areas)
        status = recognise(SERVICE_STATUSES, row.get("status").replace(" ", "_"))
        values = {
            "id": own_id(foreign, "service"),
            "organisation_id": own_id(row.get("organization_id"), "organization"),
            "name": row.get("name"),
            "description": row.get("description") or None,
            "kinds": self._kinds(row, said),
            "form": _first(said, LINK_TYPES["form"]),
            "status": status.code if status else row.get("status"),
            "territories": tuple(dict.fromkeys(territories)),
            "districts": tuple(dict.fromkeys(districts)),
            "min_age": self._age(row, "minimum_age"),
            "max_age": self._age(row, "maximum_age"),
            "audiences": _codes(said, LINK_TYPES["audiences"]),
            "eligibility": row.get("eligibility_description") or None,
            "urgencies": _codes(said, LINK_TYPES["urgencies"]) or ("planned",),
            "night_calls": _property(said, "night_calls") == "true",
            "capacity": _property(said, "capacity"),
            "free_places": _property(said, "free_places"),
            "stated_on": _property(said, "stated_on"),
            "hours": self._hours(foreign, at, locations, _property(said, "time_zone")),
            "apply_by": _codes(said, LINK_TYPES["apply_by"]),
            "application": row.get("application_process") or None,
            "page": row.get("url") or None,
            "email": row.get("email") or None,
            "phones": tuple(_phone(phone) for phone in phones),
            "documents": tuple(document.get("document") for document in documents),
            "fee": _first(said, FEES) or _fee(self._of("cost_option", "service_id", foreign)),
            "fee_text": row.get("fees_description") or None,
            "places": tuple(self._places(locations)),
            "alert": row.get("alert") or None,
            "assured_on": row.get("assured_date")[:10] or None,
            "synthetic": _property(said, "synthetic") == "true",
        }
        self._unknown_terms(said)
        rows = {"phones": phones, "documents": documents, "territories": areas, "districts": areas, "places": locations}
        self._reading.service(_filled(values), _where(row, rows))

    def _everywhere(self, table: str, service: str, at: Sequence[Row]) -> list[Row]:
        """Records of the service, then those of the service at its places."""
        found = list(self._of(table, "service_id", service))
        for one in at:
            found += self._of(table, "service_at_location_id", one.get("id"))
        return list({row.get("id") or id(row): row for row in found}.values())

    def _kinds(self, row: Row, said: Sequence[Attribute]) -> tuple[str, ...]:
        found = _codes(said, LINK_TYPES["kinds"]) or tuple(
            dict.fromkeys(one.code for one in said if not one.taxonomy and one.code)
        )
        if not found:
            self._reading.complain("directory_kind_unknown", _source(row, "id"), warning=True)
        return found or (OTHER,)

    def _age(self, row: Row, column: str) -> int | str | None:
        """Whole years; half a year counts down for the youngest and up to its year for the oldest."""
        text = row.get(column)
        if not text:
            return None
        found = _WHOLE.match(text)
        if found is None:
            return text
        if found[2] and int(found[2]):
            self._reading.complain("hsds_age_not_whole", _source(row, column), warning=True)
        return int(found[1])

    def _hours(
        self, service: str, at: Sequence[Row], locations: Sequence[Row], zone: str | None
    ) -> dict[str, Any] | None:
        rows = self._everywhere("schedule", service, at)
        for location in locations:
            rows += [] if rows else self._of("schedule", "location_id", location.get("id"))
        values, left = hours_values(rows, zone)
        for row, column in left:
            self._reading.complain("hsds_schedule_not_weekly", _source(row, column), warning=True)
        return values or None

    def _places(self, locations: Sequence[Row]) -> Iterator[dict[str, Any]]:
        for location in locations:
            addresses = self._addresses.get(location.get("id"), ())
            if not addresses:
                if location.get("location_type") != "virtual":
                    self._reading.complain("hsds_place_without_address", _source(location, "id"), warning=True)
                continue
            address = next((one for one in addresses if one.get("address_type") == "physical"), addresses[0])
            is_gar = location.get("external_identifier_type").upper() == GAR
            yield _filled(
                {
                    "address": ", ".join(filter(None, (address.get("address_1"), address.get("address_2")))),
                    "city": address.get("city"),
                    "region": address.get("state_province") or address.get("region"),
                    "postal_code": address.get("postal_code"),
                    "gar_id": location.get("external_identifier") or None if is_gar else None,
                    "latitude": location.get("latitude") or None,
                    "longitude": location.get("longitude") or None,
                }
            )

    def _unknown_terms(self, said: Sequence[Attribute]) -> None:
        """Terms of other taxonomies that say nothing we know."""
        for one in said:
            if not one.taxonomy and one.code is None:
                self._reading.complain("hsds_term_unknown", _source(one.row, "taxonomy_term_id"), warning=True)


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is None, and without empty texts: a required field that is empty is missing."""
    return {name: value for name, value in values.items() if value is not None and value != ""}


def _source(row: Row, column: str) -> Source:
    separator = "/" if row.line is None and row.place.startswith("/") else ": "
    return Source(f"{row.place}{separator}{column}", row.line)


def _where(row: Row, rows: Mapping[str, Sequence[Row]]) -> Where:
    """Where a path of the canonical record stands in the file."""

    def where(path: tuple[str | int, ...]) -> Source:
        name = str(path[0]) if path else "id"
        listed = rows.get(name)
        if listed:
            place = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
            found = listed[min(place, len(listed) - 1)]
            return _source(found, str(path[-1]) if isinstance(path[-1], str) and len(path) > 1 else "id")
        return _source(row, _COLUMNS.get(name, name))

    return where


def _phone(row: Row) -> dict[str, Any]:
    extension = row.get("extension").removesuffix(".0").lstrip("0") or ("0" if row.get("extension") else None)
    return _filled(
        {"number": row.get("number").strip('" '), "extension": extension, "note": row.get("description") or None}
    )


def _number(rows: Sequence[Row], scheme: str) -> str | None:
    return next((row.get("identifier") for row in rows if row.get("identifier_scheme").upper() == scheme), None)


def _codes(said: Sequence[Attribute], taxonomy: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.code for one in said if one.taxonomy == taxonomy and one.code))


def _first(said: Sequence[Attribute], taxonomy: str) -> str | None:
    return next(iter(_codes(said, taxonomy)), None)


def _property(said: Sequence[Attribute], name: str) -> str | None:
    return next((one.row.get("value") for one in said if one.taxonomy == PROPERTIES and one.code == name), None)


def _fee(rows: Sequence[Row]) -> str | None:
    """Our own code, or what the amounts say."""
    for row in rows:
        if entry := recognise(FEES, row.get("option")):
            return entry.code
    amounts = [row.get("amount") for row in rows if row.get("amount")]
    if not amounts:
        return None
    return "free" if all(re.fullmatch(r"0+([.,]0*)?", amount) for amount in amounts) else "paid"


def _areas(rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    territories: list[str] = []
    districts: list[str] = []
    for row in rows:
        code = row.get("uri").removeprefix(OKTMO_URN) if row.get("uri").startswith(OKTMO_URN) else row.get("extent")
        try:
            territories.append(normalise_oktmo(code))
        except ValueError:
            if row.get("uri").startswith(OKTMO_URN):
                territories.append(code)  # a wrong code keeps the service out: it would be found in the wrong place
            elif row.get("name"):
                districts.append(row.get("name"))
    return territories, districts


def _not_carried(tables: Tables) -> Iterator[str]:
    """Columns with content that the directory has no place for, by file."""
    for name, profile in table_profiles().items():
        rows = tables.get(name, ())
        carried = {column.name for column in profile.columns if column.carried}
        filled = dict.fromkeys(column for row in rows for column, value in row.values.items() if value)
        for column in filled:
            if column not in carried:
                yield f"{profile.file}: {column}"


assert set(LINK_TYPES.values()) <= set(TAXONOMIES)
