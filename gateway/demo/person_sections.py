"""The sections that say who a person is and where: identity, documents, contact, whereabouts, legal position."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.demo.identity_numbers import birth_certificate, foreign_passport, passport, phone, synthetic_snils
from gateway.demo.members import Member
from gateway.demo.names import read_data
from gateway.demo.places import address, shelter
from gateway.demo.shapes import MAJORITY, Shape
from schemas.codes import DOCUMENTS_FNS
from schemas.sections import (
    Address,
    Contact,
    Document,
    Identifiers,
    Identity,
    LegalStatus,
    LegalStatusSection,
    Phone,
    Whereabouts,
)

PASSPORT_AGE: Final = 14
_PASSPORT_RF, _BIRTH_CERTIFICATE, _FOREIGN_PASSPORT, _FOREIGN_BIRTH_CERTIFICATE = "21", "03", "10", "23"


def identity(member: Member) -> Identity:
    """ID. An unborn child has the expected month and nothing else."""
    if member.born is None:
        return Identity(birth_date=member.expected)
    return Identity(
        full_name=member.name.text if member.name else None, birth_date=member.born.isoformat(), sex=member.sex
    )


def identifiers(member: Member, shape: Shape, rng: random.Random) -> Identifiers | None:
    """IDN: a birth certificate below 14, a passport from then on; newborns and foreigners may have no SNILS."""
    if member.born is None:
        return None
    foreign = shape.is_("foreign_citizenship")
    newborn = member.age == 0 and rng.random() < 0.5  # noqa: PLR2004  half of them wait for it
    snils = None if foreign or newborn else synthetic_snils(member.serial)
    return Identifiers(snils=snils, document=_document(member, shape, foreign=foreign))


def _document(member: Member, shape: Shape, *, foreign: bool) -> Document:
    assert member.born is not None
    grown = member.age > PASSPORT_AGE
    if foreign:
        kind = _FOREIGN_PASSPORT if grown else _FOREIGN_BIRTH_CERTIFICATE
        series, number = foreign_passport(member.serial)
        return Document(system=DOCUMENTS_FNS, type=kind, series=series, number=number)
    if grown:
        renewed = max(age for age in (PASSPORT_AGE, 20, 45) if age <= member.age)
        issued = min(member.born.replace(day=1, year=member.born.year + renewed) + timedelta(days=50), shape.today)
        series, number = passport(member.serial, issued.year)
        kind, issuer = _PASSPORT_RF, "Орган внутренних дел (синтетический документ)"
    else:
        issued = min(member.born + timedelta(days=12), shape.today)
        series, number = birth_certificate(member.serial)
        kind, issuer = _BIRTH_CERTIFICATE, "Орган ЗАГС (синтетический документ)"
    return Document(system=DOCUMENTS_FNS, type=kind, series=series, number=number, issued_on=issued, issuer=issuer)


def contact(member: Member, rng: random.Random) -> Contact | None:
    """CON: adults, and children from 14 years on."""
    if member.role == "child" and member.age < PASSPORT_AGE:
        return None
    texts = read_data("texts.yaml")
    own = Phone(number=phone(member.serial), whose="свой", when=rng.choice(texts["call_times"]))
    safe = rng.choice(texts["safe_contact"]) if rng.random() < 0.4 else None  # noqa: PLR2004  where it matters
    return Contact(phones=(own,), safe_contact=safe)


@dataclass(frozen=True, slots=True)
class Homes:
    """Where the children live, where the parent who lives apart does, and where they are registered, if anywhere."""

    children: Address
    apart: Address
    registered: Address | None


def homes_of(shape: Shape, rng: random.Random) -> Homes:
    """Addresses of the family. Under protection the children live in a shelter and are registered elsewhere."""
    home, other = address(shape.district, rng), address(shape.district, rng)
    if shape.is_("protected_address"):
        return Homes(shelter(shape.district, rng), other, home)
    if shape.is_("no_registration", "foreign_citizenship"):
        return Homes(home, other, None)
    return Homes(home, other, home if rng.random() < 0.8 else other)  # noqa: PLR2004  most live where registered


def whereabouts(member: Member, homes: Homes) -> Whereabouts | None:
    """LOC of a person who has been born."""
    if member.born is None:
        return None
    return Whereabouts(
        address=homes.children if member.lives_with_children else homes.apart, registered=homes.registered
    )


def legal_status(member: Member, shape: Shape) -> LegalStatusSection | None:
    """LEG: of the child, who cares for it by which title; of a parent, the state of its rights."""
    since = shape.today - timedelta(days=shape.days_open + 90)
    if member.born is None:
        return None
    if member.role != "child":
        paper = None if member.rights == "full" else "Решение суда (синтетический документ)"
        code = {"full": "full_rights", "limited": "rights_limited", "terminated": "rights_terminated"}[member.rights]
        code = "guardian_by_act" if member.role == "guardian" else code
        return LegalStatusSection(legal_status=LegalStatus(code=code, since=since if paper else None, document=paper))
    if shape.adults == "grandmother":
        act = LegalStatus(code="under_guardianship", since=since, document="Акт о назначении опекуна (синтетический)")
        return LegalStatusSection(legal_status=act, guardianship_form="guardianship_unpaid")
    if shape.is_("placed_by_guardianship"):
        act = LegalStatus(code="without_parental_care", since=since, document="Акт органа опеки (синтетический)")
        return LegalStatusSection(legal_status=act, guardianship_form="preliminary_guardianship")
    if member.age >= MAJORITY:
        return LegalStatusSection(legal_status=LegalStatus(code="adult"))
    return LegalStatusSection(legal_status=LegalStatus(code="in_parental_care"))
