"""The document by which a partner's library finds its way (RFC 8414)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from gateway.oauth.keys import ALGORITHM
from gateway.oauth.server import AUTH_METHOD, GRANT

PATH: Final = "/.well-known/oauth-authorization-server"


def metadata(issuer: str, *, token_path: str, jwks_path: str, scopes: Iterable[str]) -> dict[str, Any]:
    """Server metadata. Paths begin with a slash; `issuer` has none at its end.

    There is no authorization endpoint: `response_types_supported` is compulsory and empty (RFC 8414 §2).
    """
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}{token_path}",
        "jwks_uri": f"{issuer}{jwks_path}",
        "scopes_supported": sorted(scopes),
        "response_types_supported": [],
        "grant_types_supported": [GRANT],
        "token_endpoint_auth_methods_supported": [AUTH_METHOD],
        "token_endpoint_auth_signing_alg_values_supported": [ALGORITHM],
        "ui_locales_supported": ["ru", "en"],
    }
