"""Records of the guardianship registers as values. Field for field they are the elements that `elements.csv` names; a choice of
elements is fields of which exactly one is there.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from adapters.egisso.simple import (
    Country,
    Day,
    DocumentType,
    EventType,
    Gender,
    Inn,
    Kpp,
    Name,
    Ogrn,
    RoleType,
    Snils,
    Stamp,
    Text20,
    Text50,
    Text500,
    Text1000,
    Uuid,
)
from schemas.model import Model


class OneOf(Model):
    """Exactly one of the fields `one_of` is there."""

    one_of: ClassVar[tuple[str, ...]]

    @model_validator(mode="after")
    def _has_one(self) -> OneOf:
        if sum(getattr(self, name) is not None for name in self.one_of) != 1:
            msg = "one of the alternatives"
            raise ValueError(msg)
        return self


# --- persons ---------------------------------------------------------------------------------------------------------


class Fio(Model):
    """Surname, patronymic, forename: in this order in the file."""

    surname: Name
    patronymic: Name | None = None
    forename: Name


class SnilsOnly(Model):
    """A person named by the SNILS alone."""

    snils: Snils


class Person(Model):
    """A person with everything but the place of birth."""

    snils: Snils
    fio: Fio
    gender: Gender
    birth_on: Day
    citizenship: Country


class PersonWithRole(Person):
    """A person in an event."""

    role_type: RoleType


class Organisation(Model):
    """A legal person."""

    name: Text1000
    inn: Inn
    kpp: Kpp | None = None
    ogrn: Ogrn


class OrganisationWithRole(Organisation):
    """A legal person in an event, with who acts for it."""

    representative: Person
    role_type: RoleType


class Participant(OneOf):
    """A person or an organisation in an event of representation."""

    one_of = ("person", "organisation")

    person: PersonWithRole | None = None
    organisation: OrganisationWithRole | None = None


# --- the registers: 10.25.I ------------------------------------------------------------------------------------------


class ReasonDocument(Model):
    """The document that an event rests on."""

    on: Day
    number: Text50 | None = None
    type: DocumentType
    name: Text500 | None = None
    effective_on: Day
    valid_until: Day | None = None
    series: Text20 | None = None
    issuer: Text500
    received_on: Day | None = None


class ParentalRelation(Model):
    """Whose rights changed towards which child."""

    parent: SnilsOnly
    child: SnilsOnly


class RepresentationRelation(Model):
    """Who represents whom; of an organisation, by the SNILS of who acts for it."""

    representative: SnilsOnly
    represented: SnilsOnly


class ParentalRights(Model):
    """РЛИРП: a change of parental rights."""

    document: ReasonDocument
    persons: Annotated[tuple[PersonWithRole, ...], Field(min_length=1)]
    relations: Annotated[tuple[ParentalRelation, ...], Field(min_length=1)]


class Capacity(Model):
    """РЛИД: a change of legal capacity."""

    document: ReasonDocument
    person: PersonWithRole


class Representation(Model):
    """РЗП: a change of legal representatives."""

    document: ReasonDocument
    persons: Annotated[tuple[Participant, ...], Field(min_length=1)]
    relations: Annotated[tuple[RepresentationRelation, ...], Field(min_length=1)]


class EventRecord(OneOf):
    """An event as it was sent, inside a record that edits it. `event_uid` is the same in all records of one event."""

    one_of = ("rlirp", "rlid", "rzp")

    uid: Uuid
    updated_at: Stamp
    event_uid: Uuid
    rlirp: ParentalRights | None = None
    rlid: Capacity | None = None
    rzp: Representation | None = None


class CreateRecord(EventRecord):
    """A new event."""

    kind: Literal["create"] = "create"
    event_type: EventType


class EditRecord(Model):
    """Other data of an event that was sent before."""

    kind: Literal["edit"] = "edit"
    uid: Uuid
    updated_at: Stamp
    event_uid: Uuid
    record: EventRecord


class DeleteRecord(Model):
    """An event that was sent before is removed with all that was said of it."""

    kind: Literal["delete"] = "delete"
    uid: Uuid
    updated_at: Stamp
    event_uid: Uuid


# --- the message -----------------------------------------------------------------------------------------------------


class MessageHead(Model):
    """What a message says of itself. `made_at` stands in notifications alone."""

    message: str
    version: str
    package_id: Uuid
    made_at: Stamp | None = None
