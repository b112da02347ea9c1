"""Register organisations, people and systems: done by the gateway's operator, on documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.evidence.events import EventKind
from gateway.oauth.passwords import hash_password
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.tell_people import ROLES
from gateway.use_cases.values import Client, Organisation, Person
from schemas.errors import BadInput
from schemas.identifiers import is_ogrn
from schemas.ids import ClientId, OrganisationId, PersonId, new_id

SCOPES = frozenset(
    {
        "summaries.read",
        "summaries.publish",
        "messages.read",
        "messages.send",
        "consents.write",
        "facts.write",
        "access.explain",
        "emergency.declare",
        "directory.write",
        "practice.write",
        "deliveries.manage",
        "exports.own",
        EventKind.LOG_READ,
    }
)
MIN_PASSWORD = 12


def register_organisation(house: House, organisation: Organisation, now: datetime) -> None:
    """Raises BadInput (ogrn_invalid), Conflict (organisation_exists)."""
    with house.store.writing() as unit:
        register_organisation_in(house, unit, organisation, now)


def register_organisation_in(house: House, unit: Unit, organisation: Organisation, now: datetime) -> None:
    """The same inside a unit of work of the caller."""
    check_organisation(house, organisation)
    unit.participants.add_organisation(organisation)
    append_entry(
        unit, EventKind.ORGANISATION_REGISTERED, {"organisation": organisation.id, "kind": organisation.kind}, now
    )


def check_organisation(house: House, organisation: Organisation) -> None:
    """Raises BadInput (ogrn_invalid, kind_unknown, register_unknown, field_invalid, rkn_number_required, agreement_dates)."""
    if not is_ogrn(organisation.ogrn):
        raise BadInput("ogrn_invalid")
    if not house.pack.is_organisation_kind(organisation.kind):
        raise BadInput("kind_unknown", kind=organisation.kind, known=", ".join(house.pack.organisation_kinds()))
    if unknown := set(organisation.registers) - house.pack.registers():
        raise BadInput("register_unknown", register=min(unknown), known=", ".join(sorted(house.pack.registers())))
    if organisation.practice is not None and house.practices.get(organisation.practice) is None:
        known = ", ".join(house.practices.profiles)
        raise BadInput("practice_unknown", practice=organisation.practice, known=known)
    for place in ("country", "storage_country"):  # a slip here would silently stop everything (RU-152-12-1, 18-5)
        if not re.fullmatch("[A-Z]{2}", getattr(organisation, place)):
            raise BadInput("field_invalid", place=place, rule="RU")
    try:
        ZoneInfo(organisation.zone)
    except (LookupError, OSError, ValueError):
        raise BadInput("field_invalid", place="zone", rule="Europe/Moscow") from None
    # Where the law of the pack wants the supervisor notified first, the agreement waits for the number.
    if house.pack.responsible.operator_number and organisation.agreement_from and not organisation.rkn_number:
        raise BadInput("rkn_number_required")
    starts, ends = organisation.agreement_from, organisation.agreement_to
    if ends is not None and (starts is None or ends < starts):
        raise BadInput("agreement_dates")


def register_person(
    house: House,
    organisation_id: OrganisationId,
    login: str,
    display_name: str,
    password: str,
    roles: Iterable[str],
    now: datetime,
    *,
    synthetic: bool = False,
) -> PersonId:
    """Raises BadInput (role_unknown, password_short, login_invalid), Conflict (login_taken)."""
    wanted = frozenset(roles)
    if unknown := wanted - ROLES:
        raise BadInput("role_unknown", role=min(unknown), known=", ".join(sorted(ROLES)))
    if len(password) < MIN_PASSWORD:
        raise BadInput("password_short", min=MIN_PASSWORD)
    if not re.fullmatch(r"[a-z0-9._@-]{3,100}", login):
        raise BadInput("login_invalid")
    person_id = PersonId(new_id())
    hashed = hash_password(password)
    with house.store.writing() as unit:
        if unit.participants.organisation(organisation_id) is None:
            raise BadInput("organisation_unknown")
        unit.participants.add_person(
            Person(person_id, organisation_id, login, display_name, hashed, wanted, synthetic=synthetic)
        )
        append_entry(
            unit,
            EventKind.PERSON_REGISTERED,
            {"organisation": organisation_id, "person": person_id, "roles": sorted(wanted)},
            now,
        )
    return person_id


def register_client(
    house: House,
    client_id: str,
    organisation_id: OrganisationId,
    name: str,
    jwks: Mapping[str, object],
    scopes: Iterable[str],
    now: datetime,
) -> ClientId:
    """Raises BadInput (scope_unknown, organisation_unknown), Conflict (client_exists)."""
    wanted = tuple(sorted(set(scopes)))
    if unknown := set(wanted) - SCOPES:
        raise BadInput("scope_unknown", scope=min(unknown), known=", ".join(sorted(SCOPES)))
    with house.store.writing() as unit:
        if unit.participants.organisation(organisation_id) is None:
            raise BadInput("organisation_unknown")
        unit.participants.add_client(Client(ClientId(client_id), organisation_id, name, jwks, wanted))
        append_entry(
            unit,
            EventKind.CLIENT_REGISTERED,
            {"organisation": organisation_id, "client": client_id, "scopes": list(wanted)},
            now,
        )
    return ClientId(client_id)
