"""A client, a gateway and a forger who can write any JWS by hand: the product's own writer would refuse to."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey

from gateway.oauth.keys import generate_signing_key, public_jwk
from gateway.oauth.ports import RegisteredClient
from gateway.oauth.server import TokenEndpoint
from gateway.oauth.tokens import AccessTokens
from schemas.ids import ClientId, OrganisationId

NOW = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
ISSUER = "https://gateway.example.org"
ENDPOINT = f"{ISSUER}/oauth/token"
CLIENT_KEY = ECKey.generate_key("P-256")
FOREIGN_KEY = ECKey.generate_key("P-256")
CLIENT_ID = "centre-system"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encoded(header: object, claims: object) -> str:
    return ".".join(b64(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, claims))


def es256(text: str, key: ECKey) -> bytes:
    r, s = decode_dss_signature(key.private_key.sign(text.encode(), ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@dataclass
class Forger:
    """Writes and signs whatever it is told to."""

    def jws(self, header, claims, key=CLIENT_KEY) -> str:
        text = encoded(header, claims)
        return f"{text}.{b64(es256(text, key))}"

    def hmac(self, header, claims, secret: bytes) -> str:
        text = encoded(header, claims)
        return f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


@dataclass
class Clients:
    known: dict[str, RegisteredClient] = field(default_factory=dict)

    def client(self, client_id: str) -> RegisteredClient | None:
        return self.known.get(client_id)


@dataclass
class Seen:
    pairs: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def remember(self, jti: str, client_id: str, expires_at: datetime) -> bool:
        new = (client_id, jti) not in self.pairs
        self.pairs.setdefault((client_id, jti), expires_at)
        return new


@dataclass
class Gateway:
    clients: Clients
    seen: Seen
    tokens: AccessTokens
    now: ClassVar = NOW
    issuer: ClassVar = ISSUER
    endpoint: ClassVar = ENDPOINT
    client_id: ClassVar = CLIENT_ID
    client_key: ClassVar = CLIENT_KEY
    foreign_key: ClassVar = FOREIGN_KEY

    def ask(self, form, now=NOW, endpoint=ENDPOINT):
        return TokenEndpoint(self.clients, self.seen, self.tokens).issue_token(form, endpoint, now)

    def claims(self, **changes):
        seconds = int(self.now.timestamp())
        whole = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": ENDPOINT, "iat": seconds, "exp": seconds + 60, "jti": "one"}
        return {name: value for name, value in {**whole, **changes}.items() if value is not ...}

    def form(self, assertion, **changes):
        whole = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        }
        return {name: value for name, value in {**whole, **changes}.items() if value is not ...}


@pytest.fixture(scope="session")
def signing_key():
    return generate_signing_key()


@pytest.fixture
def forger():
    return Forger()


@pytest.fixture
def gateway(signing_key):
    registered = RegisteredClient(
        id=ClientId(CLIENT_ID),
        organisation_id=OrganisationId("centre-01"),
        jwks={"keys": [public_jwk(CLIENT_KEY)]},
        scopes=frozenset({"messages.send", "summaries.read"}),
    )
    other = RegisteredClient(
        id=ClientId("other-system"),
        organisation_id=OrganisationId("school-01"),
        jwks={"keys": [public_jwk(FOREIGN_KEY)]},
        scopes=frozenset({"messages.send"}),
    )
    blocked = RegisteredClient(
        id=ClientId("blocked-system"),
        organisation_id=OrganisationId("centre-02"),
        jwks={"keys": [public_jwk(CLIENT_KEY)]},
        scopes=frozenset({"messages.send"}),
        active=False,
    )
    clients = Clients({client.id: client for client in (registered, other, blocked)})
    return Gateway(clients, Seen(), AccessTokens(ISSUER, ISSUER, signing_key))
