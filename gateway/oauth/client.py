"""The client's side, for the demo, the tests and as an example to partners: prove who you are by private_key_jwt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from gateway.oauth.keys import ALGORITHM
from gateway.oauth.server import ASSERTION_TYPE, GRANT
from schemas.ids import new_id


def client_assertion(
    private_key: ECKey, client_id: str, audience: str, now: datetime, lifetime: timedelta = timedelta(minutes=1)
) -> str:
    """A signed assertion with a new one-time identifier. `audience` is the address of the token endpoint."""
    issued_at = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": issued_at,
        "exp": issued_at + int(lifetime.total_seconds()),
        "jti": new_id(),
    }
    header = {"alg": ALGORITHM, "kid": private_key.thumbprint()}
    return jwt.encode(header, claims, private_key, algorithms=[ALGORITHM])


def token_form(
    private_key: ECKey, client_id: str, endpoint_url: str, now: datetime, scope: str | None = None
) -> dict[str, str]:
    """The form to POST at the token endpoint."""
    form = {
        "grant_type": GRANT,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": client_assertion(private_key, client_id, endpoint_url, now),
    }
    return form if scope is None else {**form, "scope": scope}
