"""Passwords of people (Argon2id) and the tokens of their sessions.

A sign-in answers the same, and takes as long, whether the login is unknown or the password wrong.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from schemas.errors import Broken, NotAuthenticated

MAX_CHARACTERS: Final = 512  # a bound for the work of one attempt, far above any passphrase

_SESSION_BYTES: Final = 32

# OWASP Password Storage Cheat Sheet, second choice of equal strength: 19 MiB and two passes. Eight sign-ins at once
# then need 150 MiB, which a small machine has.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """An Argon2id hash with its salt and parameters in one text. Raises ValueError for an empty or overlong password."""
    prepared = _prepared(password)
    if not prepared:
        msg = f"a password has 1 to {MAX_CHARACTERS} characters"
        raise ValueError(msg)
    return _HASHER.hash(prepared)


def verify_password(stored: str | None, password: str) -> str | None:
    """Returns when the password is right: None, or a new hash to store where the parameters have changed since.

    `stored` is None for an unknown login; the same work is then done against a hash that no password fits.
    Raises NotAuthenticated("sign_in_failed") alike for both, Broken for a stored text that is no hash.
    """
    prepared = _prepared(password)
    try:
        _HASHER.verify(_nobody() if stored is None else stored, prepared)
    except VerifyMismatchError as error:
        raise NotAuthenticated("sign_in_failed") from error
    except (InvalidHashError, VerificationError) as error:
        raise Broken("password_hash_unreadable") from error
    if stored is None or not prepared:
        raise NotAuthenticated("sign_in_failed")
    return _HASHER.hash(prepared) if _HASHER.check_needs_rehash(stored) else None


def _prepared(password: str) -> bytes:
    """One spelling for one password: «й» typed as one letter or as two is the same. Empty when it cannot be one."""
    if len(password) > MAX_CHARACTERS:
        return b""
    return unicodedata.normalize("NFC", password).encode("utf-8", errors="surrogatepass")


@functools.cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_bytes(_SESSION_BYTES))


@dataclass(frozen=True, slots=True)
class SessionToken:
    """`secret` goes into the cookie and nowhere else; `digest` is what the store keeps."""

    secret: str = field(repr=False)
    digest: str


def new_session_token() -> SessionToken:
    """32 random bytes, URL-safe."""
    secret = secrets.token_urlsafe(_SESSION_BYTES)
    return SessionToken(secret, session_digest(secret))


def session_digest(secret: str) -> str:
    """SHA-256, hex. A plain hash is enough: the secret is random, there is nothing to guess."""
    return hashlib.sha256(secret.encode("utf-8", errors="surrogatepass")).hexdigest()
