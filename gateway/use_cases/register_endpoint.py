"""Register where a system of an organisation is reached, pause it, end it. Each change is an entry.

A webhook must first answer a challenge: until its address has shown that somebody there expects us, nothing is sent to it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from gateway.evidence.events import EventKind
from gateway.partner.seals import public_of
from gateway.partner.signatures import keys_of
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.delivery_values import DeliveryKind, Endpoint, EndpointState, Transport
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from schemas.errors import BadInput, Broken, Conflict, Unavailable
from schemas.ids import EndpointId, OrganisationId, new_id

MAX_ENDPOINTS: Final = 20
MAX_ADDRESS: Final = 500
SIGNED: Final = "signed-xml"
FORMS: Final = ("json", "xml", "csv", SIGNED)
"""Of a file; a signed one carries the signature of the gateway."""
_FOLDER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_SUBJECT: Final = re.compile(r"[A-Za-z0-9_-]{1,40}(\.[A-Za-z0-9_-]{1,40}){0,5}")


def register_endpoint(
    house: House,
    organisation_id: OrganisationId,
    transport: str,
    address: str,
    actor: str,
    now: datetime,
    *,
    events: Collection[str] = (),
    content: bool = False,
    ordered: bool = False,
    form: str = "json",
    receipt_keys: Mapping[str, object] | None = None,
    seal_key: str | None = None,
    plain_http: bool = False,
) -> Endpoint:
    """Raises BadInput (organisation_unknown, transport_unknown, endpoint_address, endpoint_key, field_invalid), Conflict
    (endpoint_exists, endpoints_too_many), Broken (file_signer_missing). `plain_http` is for networks of the installation."""
    way = _transport(transport)
    wanted = _events(events)
    _check_address(way, address, plain_http=plain_http)
    if way is Transport.WEBHOOK:  # one way to write it: what is signed is this text
        parts = urlsplit(address)
        address = urlunsplit(parts._replace(netloc=parts.netloc.lower(), path=parts.path or "/"))
    if form not in FORMS:
        raise BadInput("field_invalid", place="form", rule=", ".join(FORMS))
    if form == SIGNED and house.file_signer is None:
        raise Broken("file_signer_missing")
    keys = dict(receipt_keys or {})
    if receipt_keys is not None and not keys_of(keys):
        raise BadInput("endpoint_key")
    if seal_key is not None:
        try:
            public_of(seal_key)
        except ValueError:
            raise BadInput("endpoint_key") from None
    challenged = way is Transport.WEBHOOK
    endpoint = Endpoint(
        id=EndpointId(new_id()),
        organisation_id=organisation_id,
        transport=way,
        address=address,
        registered_at=now,
        events=wanted,
        content=content,
        ordered=ordered,
        form=form,
        receipt_keys=keys,
        seal_key=seal_key,
        state=EndpointState.PENDING if challenged else EndpointState.ACTIVE,
        challenge=secrets.token_urlsafe(32) if challenged else None,
    )
    with house.store.writing() as unit:
        if unit.participants.organisation(organisation_id) is None:
            raise BadInput("organisation_unknown")
        others = [e for e in unit.endpoints.of(organisation_id) if e.state is not EndpointState.DISABLED]
        if any((e.transport, e.address) == (way, address) for e in others):
            raise Conflict("endpoint_exists")
        if len(others) >= MAX_ENDPOINTS:
            raise Conflict("endpoints_too_many", max=MAX_ENDPOINTS)
        unit.endpoints.add(endpoint, now)
        record_change(unit, endpoint, endpoint.state, actor, now)
    return endpoint


def change_endpoint(
    house: House,
    organisation_id: OrganisationId | None,
    endpoint_id: str,
    to: EndpointState,
    actor: str,
    now: datetime,
    *,
    reason: str | None = None,
) -> Endpoint:
    """Pause an endpoint, let it run again, or end it for good. Raises Unavailable (endpoint_unavailable) for one that is not
    this organisation's (None: the operator, for any), Conflict (endpoint_state)."""
    with house.store.writing() as unit:
        endpoint = unit.endpoints.get(EndpointId(endpoint_id), lock=True)
        if endpoint is None or organisation_id not in (None, endpoint.organisation_id):
            raise Unavailable("endpoint_unavailable")
        if endpoint.state is EndpointState.DISABLED or (
            endpoint.state is EndpointState.PENDING and to is not EndpointState.DISABLED
        ):
            raise Conflict("endpoint_state", state=endpoint.state.value)
        unit.endpoints.set_state(endpoint.id, to, reason, now)
        record_change(unit, endpoint, to, actor, now)
        changed = unit.endpoints.get(endpoint.id)
    assert changed is not None
    return changed


def record_change(unit: Unit, endpoint: Endpoint, state: EndpointState, actor: str, now: datetime) -> None:
    """The entry of a change. It does not name the address."""
    append_entry(
        unit,
        EventKind.ENDPOINT_CHANGED,
        {
            "organisation": endpoint.organisation_id,
            "endpoint": endpoint.id,
            "transport": endpoint.transport.value,
            "content": endpoint.content,
            "state": state.value,
            "by": actor,
        },
        now,
    )


def _transport(text: str) -> Transport:
    try:
        return Transport(text)
    except ValueError:
        raise BadInput("transport_unknown", known=", ".join(Transport)) from None


def _events(texts: Collection[str]) -> frozenset[DeliveryKind]:
    try:
        return frozenset(map(DeliveryKind, texts)) or frozenset(DeliveryKind)
    except ValueError:
        raise BadInput("field_invalid", place="events", rule=", ".join(DeliveryKind)) from None


def _check_address(way: Transport, address: str, *, plain_http: bool) -> None:
    if way is Transport.FILE:
        fits = _FOLDER.fullmatch(address) is not None
    elif way is Transport.NATS:
        fits = _SUBJECT.fullmatch(address) is not None
    else:
        fits = _is_web_address(address, plain_http=plain_http)
    if not fits:
        raise BadInput("endpoint_address", transport=way.value)


def _is_web_address(address: str, *, plain_http: bool) -> bool:
    """An https address without a user, a password or a fragment; only printable ASCII, so that it has one reading."""
    if len(address) > MAX_ADDRESS or not address.isascii() or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    schemes = {"https", "http"} if plain_http else {"https"}
    return (
        parts.scheme in schemes
        and bool(parts.hostname)
        and port != 0
        and "@" not in parts.netloc
        and "\\" not in address
        and not parts.fragment
    )
