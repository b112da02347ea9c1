"""The token endpoint without a web framework: a form comes in, a status with a JSON body goes out.

Authlib's server core finds the grant, runs the client authentication and shapes the errors; it has no integration for
Starlette, so the request here is a plain value. What it would log (tokens, at debug level) it does not get to log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749.errors import (
    InsecureTransportError,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    UnsupportedGrantTypeError,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from gateway.oauth.assertions import AssertionRefused, verify_assertion
from gateway.oauth.ports import AssertionReplay, ClientStore, RegisteredClient
from gateway.oauth.tokens import LIFETIME, AccessClaims, AccessTokens, IssuedToken

GRANT: Final = "client_credentials"
AUTH_METHOD: Final = "private_key_jwt"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

# Without the client's key these answers must not differ, or they would tell which clients exist.
_UNTOLD: Final = frozenset({"client_unknown", "client_inactive", "kid", "signature"})

_HEADERS: Final = {"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """RFC 6749 §5.1. `body` holds the token and stays out of `repr`; `claims` are for the entry in the log."""

    body: Mapping[str, Any] = field(repr=False)
    claims: AccessClaims
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: dict(_HEADERS))


@dataclass(frozen=True, slots=True)
class OAuthFailure:
    """RFC 6749 §5.2. `reason` is the exact cause for the operator; `body` says only what the caller may know."""

    status: int
    body: Mapping[str, str]
    reason: str
    headers: Mapping[str, str] = field(default_factory=lambda: dict(_HEADERS))


class TokenEndpoint:
    """Issues access tokens. Cheap to build: one per unit of work, because `clients` and `replay` belong to it."""

    def __init__(self, clients: ClientStore, replay: AssertionReplay, tokens: AccessTokens) -> None:
        self._server = _Server(clients, replay, tokens)

    def issue_token(self, form: Mapping[str, str], endpoint_url: str, now: datetime) -> TokenResponse | OAuthFailure:
        """The answer to a POST at the token endpoint.

        `endpoint_url` is the address from the settings, never from a Host header: assertions are made for it.
        The caller must refuse a form that names a parameter twice (RFC 6749 §3.2) and commit its unit of work
        before it sends a TokenResponse.
        """
        given = {name: value for name, value in form.items() if value}  # RFC 6749 §3.1: without a value is omitted
        try:
            request = _Request(given, endpoint_url, now)
        except InsecureTransportError:
            return _failure("invalid_request", "The token endpoint is served over https only.", "insecure_transport")
        if "grant_type" not in given:
            return _failure("invalid_request", "Parameter grant_type is missing.", "grant_type_missing")
        if "client_secret" in given:
            return _failure("invalid_request", "Only private_key_jwt authenticates a client.", "client_secret")
        answer = self._server.create_token_response(request)
        if isinstance(answer, IssuedToken):
            body = {
                "access_token": answer.token,
                "token_type": "Bearer",
                "expires_in": int(LIFETIME.total_seconds()),
                "scope": " ".join(sorted(answer.claims.scopes)),
            }
            return TokenResponse(body, answer.claims)
        assert isinstance(answer, OAuthFailure)
        return answer


def _failure(error: str, description: str, reason: str) -> OAuthFailure:
    # 400 for invalid_client too: the client did not use the Authorization header, so there is no scheme to answer
    # with in WWW-Authenticate (RFC 6749 §5.2; the example of RFC 7523 §3.2 does the same).
    return OAuthFailure(400, {"error": error, "error_description": description}, reason)


class _Request(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, form: Mapping[str, str], endpoint_url: str, now: datetime) -> None:
        super().__init__("POST", endpoint_url)
        self.payload = BasicOAuth2Payload(dict(form))
        self.now = now

    @property
    def form(self) -> dict[str, str]:
        data: dict[str, str] = self.payload.data
        return data


class _Client(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, registered: RegisteredClient) -> None:
        self.registered = registered

    def get_client_id(self) -> str:
        return self.registered.id

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == AUTH_METHOD and endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == GRANT


class _ClientRefusedError(InvalidClientError):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, reason: str) -> None:
        told = "the client or its signature" if reason in _UNTOLD else reason
        super().__init__(description=f"The client assertion is not acceptable: {told}.")
        self.reason = reason


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = (AUTH_METHOD,)

    def validate_requested_scope(self) -> None:
        registered: frozenset[str] = self.request.client.registered.scopes
        asked: str | None = self.request.payload.scope
        self.granted = registered if asked is None else frozenset(asked.split(" "))
        if not self.granted <= registered:
            raise InvalidScopeError

    def create_token_response(self) -> tuple[int, IssuedToken, list[tuple[str, str]]]:
        # Replaces the inherited method, which writes the token to the debug log.
        issued = self.server.tokens.issue(self.request.client.registered, self.granted, self.request.now)
        return 200, issued, []


class _Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, clients: ClientStore, replay: AssertionReplay, tokens: AccessTokens) -> None:
        super().__init__()
        self.clients = clients
        self.replay = replay
        self.tokens = tokens
        self.register_grant(_Grant)
        self.register_client_auth_method(AUTH_METHOD, self._authenticate)

    def _authenticate(self, _query_client: object, request: _Request) -> _Client:
        form = request.form
        if "client_assertion" not in form:
            raise _ClientRefusedError("client_assertion_missing")
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise _ClientRefusedError("client_assertion_type")
        try:
            registered = verify_assertion(
                form["client_assertion"],
                named_client_id=form.get("client_id"),
                audiences=(request.uri, self.tokens.issuer),
                clients=self.clients,
                replay=self.replay,
                now=request.now,
            )
        except AssertionRefused as error:
            raise _ClientRefusedError(error.reason) from error
        return _Client(registered)

    def query_client(self, client_id: str) -> _Client | None:
        registered = self.clients.client(client_id)
        return None if registered is None else _Client(registered)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens; Authlib asks for the method."""

    def create_oauth2_request(self, request: _Request) -> _Request:
        return request

    def handle_response(self, _status: int, body: IssuedToken, _headers: object) -> IssuedToken:
        return body

    def handle_error_response(self, _request: _Request, error: OAuth2Error) -> OAuthFailure:
        if isinstance(error, UnsupportedGrantTypeError):  # Authlib would repeat what the caller sent
            return _failure(error.error, f"Only {GRANT} is supported.", error.error)
        if not isinstance(error, InvalidClientError | InvalidScopeError | InvalidRequestError):
            return _failure("invalid_request", "The request is not acceptable.", str(error.error))
        return _failure(error.error, error.description, getattr(error, "reason", error.error))
