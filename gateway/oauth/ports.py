"""What the authorization server needs from the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from schemas.ids import ClientId, OrganisationId


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A system of an organisation. `jwks` is its public key set (RFC 7517), as registered by a person."""

    id: ClientId
    organisation_id: OrganisationId
    jwks: Mapping[str, Any]
    scopes: frozenset[str]
    active: bool = True


class ClientStore(Protocol):
    """Reads registered clients."""

    def client(self, client_id: str) -> RegisteredClient | None:
        """The client, active or not; None when there is none. Never cached: a blocked client stops at once."""
        ...


class AssertionReplay(Protocol):
    """Remembers the one-time identifiers of assertions until they expire (RFC 7523 §3 item 7)."""

    def remember(self, jti: str, client_id: ClientId, expires_at: datetime) -> bool:
        """True when this pair is new. Must be atomic over all replicas and committed before the token is sent."""
        ...
