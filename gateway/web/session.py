"""Cookies of the pages and the token that every form carries.

The form token is an HMAC under the session's own secret, so it needs no storage and ends with the session. Before
sign-in a random cookie of the visit takes the secret's place (login CSRF). Beside it the browser's own word
(`Sec-Fetch-Site`) is heard where there is one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from schemas.catalogue import Language
from schemas.errors import NotPermitted

SESSION_COOKIE: Final = "mezhved_session"
VISIT_COOKIE: Final = "mezhved_visit"
LANGUAGE_COOKIE: Final = "mezhved_lang"
FORM_TOKEN: Final = "form_token"  # noqa: S105  the name of a field

_YEAR: Final = 365 * 24 * 3600
_LONGEST_SECRET: Final = 200
_TRUSTED_SITES: Final = frozenset({"same-origin", "none"})


def new_visit() -> str:
    """The secret of a visit before sign-in."""
    return secrets.token_urlsafe(32)


def cookie(request: Request, name: str) -> str:
    """The value of a cookie; empty where there is none or it is overlong."""
    value = request.cookies.get(name, "")
    return value if len(value) <= _LONGEST_SECRET else ""


def form_token(secret: str) -> str:
    """What the forms of this session or visit carry."""
    return hmac.new(secret.encode(), b"mezhved form v1", hashlib.sha256).hexdigest()


def verify_form(request: Request, secret: str, token: str) -> None:
    """Raises NotPermitted (form_not_ours) unless the form was given out by us to this very session or visit."""
    site = request.headers.get("sec-fetch-site")
    if not secret or (site is not None and site not in _TRUSTED_SITES):
        raise NotPermitted("form_not_ours")
    if not hmac.compare_digest(token.encode(), form_token(secret).encode()):
        raise NotPermitted("form_not_ours")


def keep_session(response: Response, token: str, *, secure: bool) -> None:
    """Hand the session to the browser until it is closed; the store ends it earlier."""
    response.set_cookie(SESSION_COOKIE, token, path="/", httponly=True, samesite="lax", secure=secure)
    response.delete_cookie(VISIT_COOKIE, path="/", httponly=True, samesite="lax", secure=secure)


def drop_session(response: Response, *, secure: bool) -> None:
    """Take the session back."""
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax", secure=secure)


def keep_visit(response: Response, secret: str, *, secure: bool) -> None:
    """Hand out the secret of a visit before sign-in."""
    response.set_cookie(VISIT_COOKIE, secret, path="/", httponly=True, samesite="lax", secure=secure)


def chosen_language(request: Request) -> Language:
    """English where it was asked for, by `?lang=en` or earlier; Russian otherwise."""
    asked = request.query_params.get("lang") or cookie(request, LANGUAGE_COOKIE)
    return "en" if asked == "en" else "ru"


def keep_language(response: Response, request: Request, *, secure: bool) -> None:
    """Remember the language that this request asked for, if it did."""
    asked = request.query_params.get("lang")
    if asked in {"ru", "en"}:
        response.set_cookie(
            LANGUAGE_COOKIE, asked, max_age=_YEAR, path="/", httponly=True, samesite="lax", secure=secure
        )
