"""Keys: the gateway's own signing key in a PEM file, and the public keys that clients registered. ES256 only."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from schemas.errors import Broken

ALGORITHM: Final = "ES256"
CURVE: Final = "P-256"

_OTHERS_MAY = 0o077


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private ES256 key and its identifier, the RFC 7638 thumbprint of the public part."""

    kid: str
    private: ECKey = field(repr=False)

    @classmethod
    def of(cls, private: ECKey) -> SigningKey:
        """The key under its thumbprint."""
        return cls(kid=private.thumbprint(), private=private)

    @property
    def public(self) -> ECKey:
        """The public part alone."""
        return ECKey.import_key(self.private.as_dict(private=False))


def generate_signing_key() -> SigningKey:
    """A new key that stands in no file yet."""
    return SigningKey.of(ECKey.generate_key(CURVE))


def load_signing_key(path: Path) -> SigningKey:
    """The key in the PEM file. Raises Broken when it is missing, readable by others, or not an ES256 private key."""
    try:
        exposed = path.stat().st_mode & _OTHERS_MAY
        pem = path.read_bytes()
    except FileNotFoundError as error:
        raise Broken("oauth_key_missing", file=path.name) from error
    except OSError as error:
        raise Broken("oauth_key_unreadable", file=path.name) from error
    if exposed:
        raise Broken("oauth_key_exposed", file=path.name)
    try:
        key = ECKey.import_key(pem)
    except (JoseError, ValueError, TypeError) as error:
        raise Broken("oauth_key_unreadable", file=path.name) from error
    if key.curve_name != CURVE or not key.is_private:
        raise Broken("oauth_key_unreadable", file=path.name)
    return SigningKey.of(key)


def load_or_create_signing_key(path: Path) -> SigningKey:
    """The key in the file, made first when there is no file (mode 0600, folder 0700).

    Safe when several processes start at once: the file appears whole or not at all, and all of them read the winner's.
    """
    if not path.exists():
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _place(path, generate_signing_key().private.as_pem(private=True))
        except OSError as error:
            raise Broken("oauth_key_unwritable", file=path.name) from error
    return load_signing_key(path)


def _place(path: Path, content: bytes) -> None:
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()


def public_jwks(keys: Iterable[SigningKey]) -> dict[str, list[dict[str, Any]]]:
    """The JWK set that partners fetch to check access tokens (RFC 7517 §5): public parts only."""
    return {"keys": [public_jwk(key.private) for key in keys]}


def public_jwk(key: ECKey) -> dict[str, Any]:
    """The public part with `use`, `alg` and the thumbprint as `kid`: what a client hands in when it registers."""
    public: dict[str, Any] = {**key.as_dict(private=False)}
    return {**public, "use": "sig", "alg": ALGORITHM, "kid": key.thumbprint()}


def registered_keys(jwks: Mapping[str, Any], kid: str | None) -> tuple[ECKey, ...]:
    """The keys of a registered set that may check an ES256 signature, narrowed to `kid` where the token names one.

    A key for another purpose, curve or algorithm is passed over, as is one that cannot be read (RFC 7517 §5).
    """
    found: list[ECKey] = []
    for jwk in jwks.get("keys", ()):
        if jwk.get("kty") != "EC" or jwk.get("crv") != CURVE:
            continue
        if jwk.get("use", "sig") != "sig" or jwk.get("alg", ALGORITHM) != ALGORITHM:
            continue
        try:
            key = ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y")})
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if kid is None or kid in (jwk.get("kid"), key.thumbprint()):
            found.append(key)
    return tuple(found)
