"""`mezhved organisation|user|client add`: the operator registers participants on documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import httpx2
from joserfc.jwk import ECKey

from gateway.building import build_house, utc_now
from gateway.oauth.client import token_form
from gateway.settings import Settings
from gateway.use_cases.change_organisation import change_organisation
from gateway.use_cases.house import House
from gateway.use_cases.register_participants import register_client, register_organisation, register_person
from gateway.use_cases.review_emergency import restore_declarer
from gateway.use_cases.values import Organisation, Requester
from schemas.errors import BadInput, Broken, NotAuthenticated
from schemas.ids import OrganisationId, new_id

OPERATOR = "operator:cli"
NONE = "-"


def add_organisation(
    settings: Settings,
    name: str,
    ogrn: str,
    kind: str,
    district: str | None,
    practice: str | None,
    registers: Sequence[str],
    agreement_from: str | None,
    zone: str,
    rkn_number: str | None,
) -> str:
    """The id of the new organisation."""
    starts = _day("--agreement-from", agreement_from)
    organisation = Organisation(
        OrganisationId(new_id()),
        kind,
        name,
        ogrn,
        district=district,
        practice=practice,
        registers=tuple(registers),
        agreement_from=starts,
        zone=zone,
        rkn_number=rkn_number,
    )
    register_organisation(build_house(settings), organisation, utc_now())
    return organisation.id


def change_participant(
    settings: Settings,
    ogrn: str,
    dates: Mapping[str, str | None],
    texts: Mapping[str, str | None],
    registers: Sequence[str] | None,
    evidence: str | None = None,
) -> str:
    """The entry of the change; what is not given stays as it is, and `-` takes away what was there."""
    changes: dict[str, object] = {
        name: None if (name, text) == ("rkn_number", NONE) else text for name, text in texts.items() if text is not None
    }
    changes |= {
        name: None if day == NONE else _day(f"--{name.replace('_', '-')}", day)
        for name, day in dates.items()
        if day is not None
    }
    if registers is not None:
        changes["registers"] = tuple(entry for entry in registers if entry != NONE)
    house = build_house(settings)
    return change_organisation(house, _organisation(house, ogrn), changes, OPERATOR, utc_now(), evidence=evidence)


def restore_person(settings: Settings, login: str) -> str:
    """The entry: the person may declare emergencies again."""
    house = build_house(settings)
    with house.store.reading() as unit:
        person = unit.participants.person_by_login(login)
    if person is None:
        raise BadInput("person_unknown")
    return restore_declarer(house, Requester(person.organisation_id, OPERATOR), person.id, utc_now())


def list_organisations(settings: Settings) -> list[tuple[str, str, str, str]]:
    """OGRN, kind, district, name."""
    with build_house(settings).store.reading() as unit:
        return [(o.ogrn, o.kind, o.district or "", o.name) for o in unit.participants.organisations()]


def add_person(settings: Settings, login: str, ogrn: str, name: str, roles: Sequence[str], password: str) -> str:
    """The id of the new person."""
    house = build_house(settings)
    return register_person(house, _organisation(house, ogrn), login, name, password, roles, utc_now())


def add_client(settings: Settings, client_id: str, ogrn: str, jwks: Path, scopes: Sequence[str]) -> str:
    """The id of the new client."""
    house = build_house(settings)
    try:
        keys = json.loads(jwks.read_text())
    except (OSError, ValueError):
        raise BadInput("field_invalid", place="--jwks", rule="JWKS") from None
    return register_client(house, client_id, _organisation(house, ogrn), client_id, keys, scopes, utc_now())


def ask_token(client_id: str, key: Path, url: str) -> str:
    """An access token by private_key_jwt."""
    try:
        private = ECKey.import_key(key.read_text())
    except (OSError, ValueError):
        raise BadInput("field_invalid", place="--key", rule="PEM") from None
    endpoint = url.rstrip("/") + "/oauth/token"
    try:
        answer = httpx2.post(endpoint, data=token_form(private, client_id, endpoint, utc_now()), timeout=30)
    except httpx2.HTTPError:
        raise Broken("server_unreachable") from None
    if answer.status_code != httpx2.codes.OK:
        raise NotAuthenticated("token_refused")
    token: str = answer.json()["access_token"]
    return token


def _day(option: str, given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise BadInput("field_invalid", place=option, rule="YYYY-MM-DD") from None


def _organisation(house: House, ogrn: str) -> OrganisationId:
    with house.store.reading() as unit:
        found = unit.participants.organisation_by_ogrn(ogrn)
    if found is None:
        raise BadInput("organisation_unknown")
    return found.id
