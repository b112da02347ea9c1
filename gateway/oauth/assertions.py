"""Client assertions: a client proves who it is by a JWT that it signed itself (RFC 7523 §3, private_key_jwt)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError

from gateway.oauth.compact import MalformedToken, UnverifiedToken, parse_unverified
from gateway.oauth.keys import ALGORITHM, registered_keys
from gateway.oauth.ports import AssertionReplay, ClientStore, RegisteredClient

MAX_LIFETIME: Final = timedelta(minutes=5)  # stolen assertions die soon, and the memory of identifiers stays small
CLOCK_SKEW: Final = timedelta(seconds=30)
TYPES: Final = frozenset({"jwt", "client-authentication+jwt"})

_PLAIN = re.compile(r"[\x21-\x7e]{1,256}")


class AssertionRefused(Exception):
    """The assertion proves nothing. `reason` is a code for the log and for tests, without content of the assertion."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def verify_assertion(
    assertion: str,
    *,
    named_client_id: str | None,
    audiences: Collection[str],
    clients: ClientStore,
    replay: AssertionReplay,
    now: datetime,
) -> RegisteredClient:
    """The client that signed this assertion, for this server, just now, and for the first time.

    1. The text is a strictly spelled compact JWS with no header but alg, typ, kid.
    2. alg is exactly ES256; typ, where present, is that of a client assertion.
    3. iss and sub name the same client, and the form's client_id, where present, too (RFC 7521 §4.2).
    4. That client is registered and active.
    5. One of its registered keys made the signature.
    6. aud is this token endpoint or the issuer, and nobody else.
    7. exp has not come, and is at most five minutes ahead.
    8. iat is at most 30 seconds ahead and at most five minutes ago; nbf, where present, has come.
    9. jti was never seen from this client. It is remembered last, so that a refused assertion uses nothing up.

    Raises AssertionRefused. The caller must still check that the client may have what it asks for, must commit what
    `replay` remembered before it answers, and must not tell 4 and 5 apart to the outside.
    """
    # Steps 1 to 3: nothing is known yet but the text.
    unverified = _parse(assertion)
    client_id = _claimed_client(unverified, named_client_id)
    # Steps 4 and 5: from here on it is known who speaks.
    client = clients.client(client_id)
    if client is None:
        raise AssertionRefused("client_unknown")
    if not client.active:
        raise AssertionRefused("client_inactive")
    _verify_signature(assertion, unverified, client)
    # Steps 6 to 8.
    audience = unverified.claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if not isinstance(audience, str) or audience not in audiences:
        raise AssertionRefused("aud")
    expires_at = _check_times(unverified.claims, now)
    # Step 9.
    jti = unverified.claims.get("jti")
    if not isinstance(jti, str) or not _PLAIN.fullmatch(jti):
        raise AssertionRefused("jti")
    if not replay.remember(jti, client.id, expires_at):
        raise AssertionRefused("jti_seen")
    return client


def _parse(assertion: str) -> UnverifiedToken:
    try:
        unverified = parse_unverified(assertion)
    except MalformedToken as error:
        raise AssertionRefused(error.reason) from error
    if unverified.header.get("alg") != ALGORITHM:
        raise AssertionRefused("alg")
    if unverified.header.get("typ", "JWT").lower() not in TYPES:
        raise AssertionRefused("typ")
    return unverified


def _claimed_client(unverified: UnverifiedToken, named_client_id: str | None) -> str:
    client_id = unverified.claims.get("sub")
    if not isinstance(client_id, str) or not _PLAIN.fullmatch(client_id):
        raise AssertionRefused("sub")
    if unverified.claims.get("iss") != client_id:
        raise AssertionRefused("iss")
    if named_client_id is not None and named_client_id != client_id:
        raise AssertionRefused("client_id")
    return client_id


def _verify_signature(assertion: str, unverified: UnverifiedToken, client: RegisteredClient) -> None:
    keys = registered_keys(client.jwks, unverified.header.get("kid"))
    if not keys:
        raise AssertionRefused("kid")
    for key in keys:
        try:
            jws.deserialize_compact(assertion, key, algorithms=[ALGORITHM])
        except JoseError:
            continue
        return
    raise AssertionRefused("signature")


def _check_times(claims: Mapping[str, Any], now: datetime) -> datetime:
    expires_at = numeric_date(claims.get("exp"))
    if expires_at is None:
        raise AssertionRefused("exp")
    if expires_at <= now:
        raise AssertionRefused("exp_passed")
    if expires_at > now + MAX_LIFETIME:
        raise AssertionRefused("exp_too_far")
    issued_at = numeric_date(claims.get("iat"))
    if issued_at is None:
        raise AssertionRefused("iat")
    if issued_at > now + CLOCK_SKEW:
        raise AssertionRefused("iat_ahead")
    if issued_at < now - MAX_LIFETIME:
        raise AssertionRefused("iat_too_old")
    if "nbf" in claims:
        not_before = numeric_date(claims["nbf"])
        if not_before is None or not_before > now + CLOCK_SKEW:
            raise AssertionRefused("nbf")
    return expires_at


def numeric_date(value: object) -> datetime | None:
    """The instant of a NumericDate (RFC 7519 §2: seconds since 1970, maybe a fraction); None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)  # refuses NaN and infinity, which Python's JSON lets through
    except (ValueError, OverflowError, OSError):
        return None
