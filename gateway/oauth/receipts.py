"""Receipts that a partner's own key signs: that its system has, opened or answered a message, in its own word.

A receipt is a compact JWS (ES256, a key of the client's registered set) with exactly these claims: `iss` (the client),
`message`, `event`, `digest` (of the content it got; may be empty) and `iat`. It says nothing of a family.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError

from gateway.oauth.compact import MalformedToken, parse_unverified
from gateway.oauth.keys import ALGORITHM, registered_keys
from gateway.oauth.ports import ClientStore
from schemas.errors import BadInput

TYPE: Final = "mezhved-receipt+jwt"
CLOCK_SKEW: Final = timedelta(minutes=5)
_CLAIMS: Final = frozenset({"iss", "message", "event", "digest", "iat"})


def verify_receipt(
    text: str, *, client_id: str, message_id: str, event: str, clients: ClientStore, now: datetime
) -> tuple[str, str]:
    """The receipt and its SHA-256 in hex, once it is of this client, about this message and event, and of now.

    Raises BadInput receipt_invalid with the step at which it failed: form, claims, client, message, time or signature.
    """
    try:
        unverified = parse_unverified(text)
    except MalformedToken:
        raise BadInput("receipt_invalid", step="form") from None
    header, claims = unverified.header, unverified.claims
    if header.get("alg") != ALGORITHM or header.get("typ", "").lower() != TYPE:
        raise BadInput("receipt_invalid", step="form")
    if set(claims) != _CLAIMS or not isinstance(claims["digest"], str):
        raise BadInput("receipt_invalid", step="claims")
    client = clients.client(client_id)
    if client is None or not client.active or claims["iss"] != client_id:
        raise BadInput("receipt_invalid", step="client")
    if claims["message"] != message_id or claims["event"] != event:
        raise BadInput("receipt_invalid", step="message")
    signed_at = claims["iat"]
    if isinstance(signed_at, bool) or not isinstance(signed_at, int):
        raise BadInput("receipt_invalid", step="claims")
    if abs(now - datetime.fromtimestamp(min(max(signed_at, 0), 2**33), UTC)) > CLOCK_SKEW:
        raise BadInput("receipt_invalid", step="time")
    for key in registered_keys(client.jwks, header.get("kid")):
        try:
            jws.deserialize_compact(text, key, algorithms=[ALGORITHM])
        except JoseError:
            continue
        return text, hashlib.sha256(text.encode()).hexdigest()
    raise BadInput("receipt_invalid", step="signature")
