"""The notifications 10.47.O and 10.48.O as values: each with data, or as a signal to come and ask."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from adapters.egisso.simple import (
    AddressType,
    Country,
    Day,
    EventType,
    Gender,
    PostIndex,
    RoleType,
    Snils,
    Stamp,
    Text10,
    Text256,
    Text2000,
    Uuid,
)
from adapters.egisso.values import (
    CreateRecord,
    DeleteRecord,
    EditRecord,
    Fio,
    OneOf,
    Organisation,
    Person,
    ReasonDocument,
    SnilsOnly,
)
from schemas.model import Model


class EventUpdated(Model):
    """«Сигнальное сообщение»: something changed; who may, comes and asks."""

    uid: Uuid
    person: SnilsOnly
    included_at: Stamp


class RepresentationCreated(Model):
    """A new event of representation."""

    uid: Uuid
    person: Person
    event_type: EventType
    role_type: RoleType
    document: ReasonDocument
    included_at: Stamp
    effective_at: Stamp
    valid_until: Stamp | None = None
    organisation: Organisation | None = None
    represented: Person


class RepresentationNotice(OneOf):
    """10.47.O: a change of legal representatives."""

    one_of = ("created", "updated")

    kind: Literal["representation_notice"] = "representation_notice"
    created: RepresentationCreated | None = None
    updated: EventUpdated | None = None


class AddressParts(Model):
    """A Russian address, part by part."""

    region: Text256 | None = None
    district: Text256 | None = None
    city: Text256 | None = None
    city_area: Text256 | None = None
    locality: Text256 | None = None
    street: Text256 | None = None
    house: Text256 | None = None
    building: Text10 | None = None
    flat: Text10 | None = None


class RussianAddress(Model):
    """A Russian address in any completeness."""

    fias: Uuid | None = None
    post_index: PostIndex | None = None
    full: Text2000 | None = None
    parts: AddressParts | None = None
    type: AddressType


class FiasAddress(Model):
    """A Russian address by its identifier alone."""

    fias: Uuid
    type: AddressType


class AddressLine(RussianAddress):
    """A Russian address as one line of text."""

    full: Text2000


class ForeignAddress(Model):
    """An address abroad."""

    post_index: Text10 | None = None
    country: Country
    country_name: Text256 | None = None
    full: Text2000
    type: AddressType


class BirthPlace(OneOf):
    """A place in one of four forms."""

    one_of = ("russian", "fias", "line", "foreign")

    russian: RussianAddress | None = None
    fias: FiasAddress | None = None
    line: AddressLine | None = None
    foreign: ForeignAddress | None = None


class Child(Model):
    """A child as far as it is known."""

    snils: Snils | None = None
    fio: Fio | None = None
    gender: Gender | None = None
    birth_on: Day | None = None
    birth_place: BirthPlace | None = None
    citizenship: Country | None = None


class RightsCreated(Model):
    """A new event of parental rights."""

    uid: Uuid
    person: Person
    event_type: EventType
    role_type: RoleType
    document: ReasonDocument
    included_at: Stamp
    effective_at: Stamp
    child: Child


class RightsNotice(OneOf):
    """10.48.O: a change of parental rights."""

    one_of = ("created", "updated")

    kind: Literal["rights_notice"] = "rights_notice"
    created: RightsCreated | None = None
    updated: EventUpdated | None = None


RegisterRecord = Annotated[
    CreateRecord | EditRecord | DeleteRecord | RepresentationNotice | RightsNotice, Field(discriminator="kind")
]
"""Any record of the three messages."""
