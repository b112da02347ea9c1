"""Access tokens: JWTs after RFC 9068 that the gateway signs for itself and checks at every request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError

from gateway.oauth.assertions import CLOCK_SKEW, numeric_date
from gateway.oauth.compact import MalformedToken, parse_unverified
from gateway.oauth.keys import ALGORITHM, SigningKey
from gateway.oauth.ports import RegisteredClient
from schemas.errors import NotAuthenticated
from schemas.ids import ClientId, OrganisationId, new_id

LIFETIME: Final = timedelta(minutes=10)
TYPE: Final = "at+jwt"


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a verified access token says. `expires_at` has not come at the `now` it was verified with."""

    client_id: ClientId
    organisation_id: OrganisationId
    scopes: frozenset[str]
    token_id: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token and what it says. The token itself is a secret: it is in no `repr`, so in no log."""

    token: str = field(repr=False)
    claims: AccessClaims


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Signs and checks. `retired` are earlier signing keys whose last tokens may still be on their way."""

    issuer: str
    audience: str
    signing_key: SigningKey
    retired: tuple[SigningKey, ...] = ()

    @property
    def keys(self) -> tuple[SigningKey, ...]:
        """All keys whose signature counts: what the public key set shows."""
        return (self.signing_key, *self.retired)

    def issue(self, client: RegisteredClient, scopes: frozenset[str], now: datetime) -> IssuedToken:
        """A token for ten minutes.

        Sender constraint: a DPoP proof (RFC 9449) or a client certificate (RFC 8705) will be bound here as the claim
        `cnf`, and checked as step 8 of `verify_access_token`. Until then tokens are bearer tokens, short, over TLS.
        """
        issued_at = now.replace(microsecond=0)
        expires_at = issued_at + LIFETIME
        said = AccessClaims(client.id, client.organisation_id, scopes, new_id(), issued_at, expires_at)
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": said.client_id,
            "aud": self.audience,
            "client_id": said.client_id,
            "exp": int(expires_at.timestamp()),
            "iat": int(issued_at.timestamp()),
            "jti": said.token_id,
            "scope": " ".join(sorted(scopes)),
            "org": said.organisation_id,
        }
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self.signing_key.kid}
        return IssuedToken(jwt.encode(header, claims, self.signing_key.private, algorithms=[ALGORITHM]), said)

    def verify_access_token(self, token: str | None, now: datetime) -> AccessClaims:
        """What the token says, if this gateway said it, to this audience, and it still holds (RFC 9068 §4).

        1. There is a token.
        2. It is a strictly spelled compact JWS with no header but alg, typ, kid.
        3. typ is at+jwt, so that no other JWT of ours passes for an access token; alg is exactly ES256.
        4. kid names one of our keys.
        5. That key made the signature.
        6. iss is this gateway; every claim we write is there and of its type; iat is not ahead of the clock.
        7. aud is this resource.
        8. There is no cnf: a sender constraint that nobody checks would be an open door.
        9. exp has not come.

        Raises NotAuthenticated with token_missing, token_invalid, token_wrong_audience or token_expired. The caller
        must still check that the client is active, its organisation takes part, and the scope covers the operation.
        """
        # Step 1.
        if not token:
            raise NotAuthenticated("token_missing")
        # Step 2.
        try:
            unverified = parse_unverified(token)
        except MalformedToken as error:
            raise NotAuthenticated("token_invalid") from error
        # Step 3.
        header = unverified.header
        if header.get("typ") not in {TYPE, f"application/{TYPE}"} or header.get("alg") != ALGORITHM:
            raise NotAuthenticated("token_invalid")
        # Step 4.
        key = next((key for key in self.keys if key.kid == header.get("kid")), None)
        if key is None:
            raise NotAuthenticated("token_invalid")
        # Step 5.
        try:
            jws.deserialize_compact(token, key.public, algorithms=[ALGORITHM])
        except JoseError as error:
            raise NotAuthenticated("token_invalid") from error
        # Step 6.
        said = _said(unverified.claims)
        if unverified.claims.get("iss") != self.issuer or said is None or said.issued_at > now + CLOCK_SKEW:
            raise NotAuthenticated("token_invalid")
        # Step 7.
        if unverified.claims.get("aud") not in (self.audience, [self.audience]):
            raise NotAuthenticated("token_wrong_audience")
        # Step 8.
        if "cnf" in unverified.claims:
            raise NotAuthenticated("token_invalid")
        # Step 9.
        if said.expires_at <= now:
            raise NotAuthenticated("token_expired")
        return said


def bearer_token(authorization: str | None) -> str:
    """The token of an `Authorization: Bearer …` header (RFC 6750 §2.1). Raises NotAuthenticated."""
    if not authorization:
        raise NotAuthenticated("token_missing")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated("token_missing")
    return token.strip()


def _said(claims: Mapping[str, Any]) -> AccessClaims | None:
    texts = [claims.get(name) for name in ("client_id", "org", "scope", "jti", "sub")]
    issued_at, expires_at = numeric_date(claims.get("iat")), numeric_date(claims.get("exp"))
    if not all(isinstance(text, str) for text in texts) or issued_at is None or expires_at is None:
        return None
    client_id, organisation_id, scope, token_id, subject = (str(text) for text in texts)
    if subject != client_id:
        return None
    scopes = frozenset(scope.split())
    return AccessClaims(ClientId(client_id), OrganisationId(organisation_id), scopes, token_id, issued_at, expires_at)
