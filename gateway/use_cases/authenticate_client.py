"""From a verified access token to the requester it stands for. A blocked client stops at once, not when a token ends."""

from __future__ import annotations

from datetime import datetime

from gateway.oauth.ports import RegisteredClient
from gateway.oauth.tokens import AccessClaims
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Requester
from schemas.errors import NotAuthenticated
from schemas.ids import ClientId


def authenticate_client(house: House, claims: AccessClaims) -> Requester:
    """Raises NotAuthenticated (client_blocked)."""
    with house.store.reading() as unit:
        client = unit.participants.client(claims.client_id)
    if client is None or not client.active or client.organisation_id != claims.organisation_id:
        raise NotAuthenticated("client_blocked")
    return Requester(client.organisation_id, f"client:{client.id}", scopes=claims.scopes & frozenset(client.scopes))


class ClientsOfUnit:
    """`oauth.ports.ClientStore` and `AssertionReplay` over one unit of work."""

    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def client(self, client_id: str) -> RegisteredClient | None:
        """The registered client."""
        found = self._unit.participants.client(ClientId(client_id))
        if found is None:
            return None
        return RegisteredClient(found.id, found.organisation_id, found.jwks, frozenset(found.scopes), found.active)

    def remember(self, jti: str, client_id: ClientId, expires_at: datetime) -> bool:
        """True when this assertion is new."""
        return self._unit.participants.remember_assertion(client_id, jti, expires_at, self._now)
