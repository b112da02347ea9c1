"""The directory of organisations and services (resource map): what help there is, where, for whom, when, how to ask.

It holds data of organisations and nothing of families. Names follow Open Referral HSDS 3.0 where it has them.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, field_validator, model_validator

from schemas.codes import find_code
from schemas.identifiers import compact, is_inn, is_ogrn
from schemas.model import Model
from schemas.opening_hours import OpeningHours
from schemas.plain_text import Name, Prose, Sentence
from schemas.territories import normalise_oktmo

SERVICE_KINDS: Final = "mezhved_service_kind"
ORGANISATION_KINDS: Final = "mezhved_organisation_kind"
AUDIENCES: Final = "mezhved_audience"
SERVICE_FORMS: Final = "mezhved_service_form"
SERVICE_STATUSES: Final = "mezhved_service_status"
APPLY_WAYS: Final = "mezhved_apply_way"
FEES: Final = "mezhved_fee"
AGE_BANDS: Final = "mezhved_age_band"
URGENCY_CODES: Final = ("planned", "urgent", "emergency")
OLDEST: Final = 120
MAX_MANY: Final = 50
DEFAULT_FRESH_DAYS: Final = 30


def _listed(system: str) -> AfterValidator:
    def check(code: str) -> str:
        if find_code(system, code) is None:
            msg = f"not a code of {system}"
            raise ValueError(msg)
        return code

    return AfterValidator(check)


def _ogrn(text: str) -> str:
    if not is_ogrn(text):
        msg = "not an OGRN"
        raise ValueError(msg)
    return compact(text)


def _inn(text: str) -> str:
    if not is_inn(text):
        msg = "not an INN"
        raise ValueError(msg)
    return compact(text)


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        msg = "named twice"
        raise ValueError(msg)
    return values


def _digits(*lengths: int) -> WithJsonSchema:
    """So many digits, whatever people put between them."""
    pattern = "|".join(f"^[^0-9]*([0-9][^0-9]*){{{length}}}$" for length in lengths)
    return WithJsonSchema({"type": "string", "maxLength": 30, "pattern": pattern})


_UUID: Final = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
DirectoryId = Annotated[str, StringConstraints(pattern=_UUID, to_lower=True)]
# What the validators ask is said of the published schemas too, so far as a pattern can.
RegistrationNumber = Annotated[str, StringConstraints(max_length=30), AfterValidator(_ogrn), _digits(13, 15)]
TaxNumber = Annotated[str, StringConstraints(max_length=30), AfterValidator(_inn), _digits(10, 12)]
Oktmo = Annotated[str, StringConstraints(max_length=30), AfterValidator(normalise_oktmo), _digits(8, 9, 11, 12)]
ListedCode = Annotated[str, WithJsonSchema({"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9_-]{0,49}$"})]
Web = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"'|\\]{1,480}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[^\s@<>\"'|\\]{1,64}@[^\s@<>\"'|\\]{1,180}$")]
Age = Annotated[int, Field(ge=0, le=OLDEST)]
Count = Annotated[int, Field(ge=0, le=100_000)]
ServiceKindCode = Annotated[ListedCode, _listed(SERVICE_KINDS)]
OrganisationKindCode = Annotated[ListedCode, _listed(ORGANISATION_KINDS)]
AudienceCode = Annotated[ListedCode, _listed(AUDIENCES)]
FormCode = Annotated[ListedCode, _listed(SERVICE_FORMS)]
StatusCode = Annotated[ListedCode, _listed(SERVICE_STATUSES)]
ApplyCode = Annotated[ListedCode, _listed(APPLY_WAYS)]
FeeCode = Annotated[ListedCode, _listed(FEES)]
BandCode = Annotated[ListedCode, _listed(AGE_BANDS)]
UrgencyCode = Annotated[ListedCode, _listed("mezhved_urgency")]
_MANY: Final = Field(max_length=MAX_MANY)


class ServicePhone(Model):
    """A phone of an organisation, never of a person; `when` is when it is answered."""

    number: Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ()\-]{3,29}[0-9]$")]
    extension: Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,8})$")] | None = None
    note: Sentence | None = None


class Place(Model):
    """Where help is given. `gar_id` is the ГАР object; coordinates are WGS84 degrees."""

    address: Sentence
    city: Sentence
    region: Sentence
    postal_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z \-]{0,13}[0-9A-Za-z]$")]
    gar_id: DirectoryId | None = None
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _both_coordinates(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            msg = "one coordinate without the other"
            raise ValueError(msg)
        return self


class DirectoryOrganisation(Model):
    """An organisation of the directory, whether or not it takes part in the exchange."""

    id: DirectoryId
    name: Name
    short_name: Sentence | None = None
    description: Prose | None = None
    kind: OrganisationKindCode
    ogrn: RegistrationNumber | None = None
    inn: TaxNumber | None = None
    parent_ogrn: RegistrationNumber | None = None
    website: Web | None = None
    email: Email | None = None
    phones: Annotated[tuple[ServicePhone, ...], _MANY] = ()
    place: Place | None = None
    synthetic: bool = False

    @field_validator("description")
    @classmethod
    def _says_more(cls, value: str | None, info: object) -> str | None:
        # HSDS wants a description of every organisation; one that repeats the name stands for none.
        data: Mapping[str, object] = getattr(info, "data", {})
        return None if value == data.get("name") else value


class Service(Model):
    """A service. Ages are whole years, both included. Without territories it is given everywhere; `districts` are parts of
    a territory that have no OKTMO code, such as the okrugs of Moscow. `stated_on` is the day of the figures of places."""

    id: DirectoryId
    organisation_id: DirectoryId
    name: Name
    description: Prose | None = None
    kinds: Annotated[tuple[ServiceKindCode, ...], Field(min_length=1, max_length=MAX_MANY), AfterValidator(_once)]
    form: FormCode | None = None
    status: StatusCode = "active"
    territories: Annotated[tuple[Oktmo, ...], _MANY, AfterValidator(_once)] = ()
    districts: Annotated[tuple[Sentence, ...], _MANY, AfterValidator(_once)] = ()
    min_age: Age | None = None
    max_age: Age | None = None
    audiences: Annotated[tuple[AudienceCode, ...], _MANY, AfterValidator(_once)] = ()
    eligibility: Prose | None = None
    urgencies: Annotated[tuple[UrgencyCode, ...], Field(min_length=1, max_length=3), AfterValidator(_once)] = (
        "planned",
    )
    night_calls: bool = False
    capacity: Count | None = None
    free_places: Count | None = None
    stated_on: date | None = None
    hours: OpeningHours | None = None
    apply_by: Annotated[tuple[ApplyCode, ...], _MANY, AfterValidator(_once)] = ()
    application: Prose | None = None
    page: Web | None = None
    email: Email | None = None
    phones: Annotated[tuple[ServicePhone, ...], _MANY] = ()
    documents: Annotated[tuple[Sentence, ...], _MANY, AfterValidator(_once)] = ()
    fee: FeeCode | None = None
    fee_text: Sentence | None = None
    places: Annotated[tuple[Place, ...], _MANY] = ()
    alert: Sentence | None = None
    assured_on: date | None = None
    synthetic: bool = False

    @model_validator(mode="after")
    def _figures_agree(self) -> Self:
        if self.min_age is not None and self.max_age is not None and self.max_age < self.min_age:
            msg = "age_order"
            raise ValueError(msg)
        if self.free_places is not None and self.stated_on is None:
            msg = "free_places_undated"
            raise ValueError(msg)
        if self.free_places is not None and self.capacity is not None and self.free_places > self.capacity:
            msg = "more_free_than_places"
            raise ValueError(msg)
        return self

    @property
    def fresh_until(self) -> date | None:
        """The last day on which the figure of free places counts as known: the shortest term of its kinds."""
        if self.stated_on is None or self.free_places is None:
            return None
        return self.stated_on + timedelta(days=min(fresh_days(kind) for kind in self.kinds))

    def is_fresh(self, today: date) -> bool:
        """Whether the figure of free places is recent enough; False where there is none."""
        return self.fresh_until is not None and today <= self.fresh_until

    def fits_ages(self, first: int, last: int) -> bool:
        """Whether anybody between these ages, both included, is in the ages of the service."""
        return (self.min_age or 0) <= last and first <= (OLDEST if self.max_age is None else self.max_age)

    def is_open(self, at: datetime) -> bool:
        """Whether it is known to be open at this instant."""
        return self.hours is not None and self.hours.is_open(at)


@dataclass(frozen=True, slots=True)
class Directory:
    """Organisations and their services, as a file carries them."""

    organisations: tuple[DirectoryOrganisation, ...] = ()
    services: tuple[Service, ...] = ()


@dataclass(frozen=True, slots=True)
class AgeBand:
    """A band of whole years, both included."""

    code: str
    first: int
    last: int


@functools.cache
def age_bands() -> Mapping[str, AgeBand]:
    """All bands by code, the youngest first."""
    return {
        row["code"]: AgeBand(row["code"], int(row["from_age"]), int(row["to_age"])) for row in _rows("age_bands.csv")
    }


@functools.cache
def _fresh_days() -> Mapping[str, int]:
    return {row["code"]: int(row["fresh_days"]) for row in _rows("directory_service_kinds.csv")}


def fresh_days(kind: str) -> int:
    """For how many days a figure of free places of this kind of service counts as known."""
    return _fresh_days().get(kind, DEFAULT_FRESH_DAYS)


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("schemas").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


class ServiceDraft(Model):
    """A service as its organisation publishes it: as `Service`, without what the gateway knows by itself. `id` names one
    that is published already; without it a new one is made."""

    id: DirectoryId | None = None
    name: Name
    description: Prose | None = None
    kinds: tuple[ServiceKindCode, ...]
    form: FormCode | None = None
    status: StatusCode = "active"
    territories: tuple[Oktmo, ...] = ()
    districts: tuple[Sentence, ...] = ()
    min_age: Age | None = None
    max_age: Age | None = None
    audiences: tuple[AudienceCode, ...] = ()
    eligibility: Prose | None = None
    urgencies: tuple[UrgencyCode, ...] = ("planned",)
    night_calls: bool = False
    capacity: Count | None = None
    free_places: Count | None = None
    stated_on: date | None = None
    hours: OpeningHours | None = None
    apply_by: tuple[ApplyCode, ...] = ()
    application: Prose | None = None
    page: Web | None = None
    email: Email | None = None
    phones: tuple[ServicePhone, ...] = ()
    documents: tuple[Sentence, ...] = ()
    fee: FeeCode | None = None
    fee_text: Sentence | None = None
    places: tuple[Place, ...] = ()
    alert: Sentence | None = None
    assured_on: date | None = None


class OrganisationProfile(Model):
    """What an organisation adds to its registration: how it is called in short, what it does, where it is."""

    short_name: Sentence | None = None
    description: Prose | None = None
    website: Web | None = None
    email: Email | None = None
    phones: Annotated[tuple[ServicePhone, ...], _MANY] = ()
    place: Place | None = None


class CapacityQuestion(Model):
    """Who could help, and has places? Codes only, and a district that the directory
    itself names: nobody can be told by it. Each age band must fit."""

    kinds: Annotated[tuple[ServiceKindCode, ...], Field(min_length=1, max_length=10), AfterValidator(_once)]
    age_bands: Annotated[tuple[BandCode, ...], Field(min_length=1, max_length=6), AfterValidator(_once)]
    territory: Oktmo
    district: Sentence | None = None
    urgency: UrgencyCode = "planned"
