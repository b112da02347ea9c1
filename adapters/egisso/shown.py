"""A record of the registers without personal data: kinds, codes with their classifiers, counts, the end of a SNILS."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from adapters.egisso.facts import Assignment
from adapters.egisso.notices import RepresentationNotice, RightsNotice
from adapters.egisso.values import (
    Capacity,
    CreateRecord,
    DeleteRecord,
    EditRecord,
    EventRecord,
    ParentalRights,
    Participant,
    Person,
    Representation,
)
from schemas.catalogue import Language, text

_SHOWN_DIGITS: Final = 2


def masked(snils: str) -> str:
    """The last two digits of a SNILS: enough to find one's own row by, too little to find a person."""
    return f"***-***-*** {snils[-_SHOWN_DIGITS:]}"


def shown_record(value: BaseModel, language: Language) -> str:
    """One line about a record."""
    return "; ".join(_parts(value, language))


def _parts(value: BaseModel, language: Language) -> list[str]:
    if isinstance(value, EditRecord):
        return [text("egisso.edit", language), *_event(value.record, language)]
    if isinstance(value, DeleteRecord):
        return [text("egisso.delete", language)]
    if isinstance(value, CreateRecord):
        return [text("egisso.create", language), _code("event", value.event_type, language), *_event(value, language)]
    if isinstance(value, RepresentationNotice | RightsNotice):
        return _notice(value, language)
    return []


def _event(event: EventRecord, language: Language) -> list[str]:
    body = event.rlirp or event.rlid or event.rzp
    assert body is not None
    name = {ParentalRights: "rlirp", Capacity: "rlid", Representation: "rzp"}[type(body)]
    people: list[Person | Participant] = [body.person] if isinstance(body, Capacity) else list(body.persons)
    relations = 0 if isinstance(body, Capacity) else len(body.relations)
    counted = text("egisso.counts", language, persons=len(people), relations=relations)
    shown = [masked(_snils(one)) for one in people]
    return [
        text(f"egisso.{name}", language),
        _code("document", body.document.type, language),
        counted,
        ", ".join(shown),
    ]


def _snils(someone: Person | Participant) -> str:
    if isinstance(someone, Person):
        return someone.snils
    person = someone.person or (someone.organisation.representative if someone.organisation else None)
    return person.snils if person else ""


def _notice(notice: RepresentationNotice | RightsNotice, language: Language) -> list[str]:
    name = "representation_notice" if isinstance(notice, RepresentationNotice) else "rights_notice"
    parts = [text(f"egisso.{name}", language)]
    if notice.updated is not None:
        return [*parts, text("egisso.updated", language), masked(notice.updated.person.snils)]
    created = notice.created
    assert created is not None
    return [
        *parts,
        text("egisso.created", language),
        _code("event", created.event_type, language),
        _code("role", created.role_type, language),
        _code("document", created.document.type, language),
        masked(created.person.snils),
    ]


def _code(classifier: str, code: str, language: Language) -> str:
    return text(f"egisso.code_{classifier}", language, code=code)


def shown_fact(value: BaseModel, language: Language) -> str:
    """One line about a fact of assignment."""
    assert isinstance(value, Assignment)
    parts = [value.event]
    if value.form is not None:
        parts.append(text("egisso.facts_form", language, code=value.form))
    parts.append(text("egisso.facts_people", language, n=len(value.reasons)))
    if kinships := [reason.kinship for reason in value.reasons if reason.kinship]:
        parts.append(text("egisso.facts_codes", language, codes=", ".join(kinships)))
    if value.recipient is not None:
        parts.append(masked(value.recipient.snils))
    return "; ".join(parts)
