"""`mezhved organisation|user|client add`: the operator registers participants on documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import httpx2
from joserfc.jwk import ECKey

from gateway.main import build_house, utc_now
from gateway.oauth.client import token_form
from gateway.settings import Settings
from gateway.use_cases.house import House
from gateway.use_cases.register_participants import register_client, register_organisation, register_person
from gateway.use_cases.values import Organisation
from schemas.errors import BadInput, Broken, NotAuthenticated
from schemas.ids import OrganisationId, new_id


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
) -> str:
    """The id of the new organisation."""
    try:
        starts = date.fromisoformat(agreement_from) if agreement_from else None
    except ValueError:
        raise BadInput("field_invalid", place="--agreement-from", rule="YYYY-MM-DD") from None
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
    )
    register_organisation(build_house(settings), organisation, utc_now())
    return organisation.id


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


def _organisation(house: House, ogrn: str) -> OrganisationId:
    with house.store.reading() as unit:
        found = unit.participants.organisation_by_ogrn(ogrn)
    if found is None:
        raise BadInput("organisation_unknown")
    return found.id
