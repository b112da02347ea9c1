"""HTTP message signatures (RFC 9421) with a Content-Digest (RFC 9530), in one strict profile; and signed receipts.

This file runs alone: the standard library and `cryptography`. A partner copies it to check what the gateway sends and to
sign what it answers; the gateway uses the same file the other way round.

The profile: one signature, Ed25519, over exactly `COVERED` in this order, with `created`, `expires`, `nonce`, `keyid`, `alg`
and `tag`. Anything else is refused rather than understood: a check that accepts less can be read to its end.

    verify_request checks, in this order:
    (1) both signature headers are there, once, and have the form of the profile;
    (2) the key is one that the receiver knows;
    (3) it was made a moment ago, by a clock that agrees with ours, and has not expired;
    (4) the body has the digest that was signed (a valid signature says nothing of a body that nobody compared);
    (5) the signature holds;
    (6) its nonce was not seen before. Last, so that a stranger cannot fill the store of nonces.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

COVERED: Final = ("@method", "@target-uri", "content-type", "content-digest")
LABEL: Final = "mezhved"
DELIVERY_TAG: Final = "mezhved-delivery"
ACKNOWLEDGEMENT_TAG: Final = "mezhved-acknowledgement"
MAX_AGE: Final = 300
"""Seconds for which a signature is taken after it was made."""
MAX_SKEW: Final = 60
"""Seconds by which the signer's clock may run ahead of ours."""
RECEIPT_PREFIX: Final = b"mezhved-receipt-v1\n"
"""Stands before what a receipt signs, so that no other signature of the same key can be taken for one."""

CHALLENGE_PREFIX: Final = b"mezhved-challenge-v1\n"

_MAX_HEADER: Final = 2000
_NONCE: Final = range(16, 65)
_LIST: Final = " ".join(f'"{name}"' for name in COVERED)
_INPUT: Final = re.compile(
    rf'{LABEL}=(?P<params>\({re.escape(_LIST)}\)(?P<more>(?:;[a-z]{{1,10}}=(?:[0-9]{{1,12}}|"[A-Za-z0-9_.:-]{{1,100}}")){{6}}))'
)
_PARAMETER: Final = re.compile(r';([a-z]+)=("?)([^;"]+)"?')
_NUMBERS: Final = frozenset({"created", "expires"})
_PARAMETERS: Final = _NUMBERS | {"nonce", "keyid", "alg", "tag"}
_SIGNATURE: Final = re.compile(rf"{LABEL}=:(?P<value>[A-Za-z0-9+/]{{86}}==):")
_DIGEST: Final = re.compile(r"sha-256=:(?P<value>[A-Za-z0-9+/]{43}=):")


class SignatureRejectedError(Exception):
    """The request is not what a known key signed. `code` is one of `CODES`; it quotes nothing that was received."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


CODES: Final = (
    "signature_missing",
    "signature_malformed",
    "signature_tag",
    "key_unknown",
    "signature_from_future",
    "signature_expired",
    "digest_missing",
    "digest_differs",
    "signature_differs",
    "nonce_replayed",
    "receipt_malformed",
    "receipt_differs",
)
"""Every code of a refusal. Permanent."""


class Nonces(Protocol):
    """Where seen nonces are kept until they expire."""

    def remember(self, keyid: str, nonce: str, expires: int) -> bool:
        """False when this nonce of this key was seen before."""
        ...


class MemoryNonces:
    """Nonces of one process. With several processes, or to survive a restart within minutes, keep them in a database."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], int] = {}
        self._latest = 0

    def remember(self, keyid: str, nonce: str, expires: int) -> bool:
        """False when this nonce of this key was seen before."""
        self._latest = max(self._latest, expires)
        # What expired long before the newest one can no longer pass the check of time.
        if len(self._seen) > 10_000:  # noqa: PLR2004  a bound on the memory, nothing else
            horizon = self._latest - 4 * MAX_AGE
            self._seen = {key: end for key, end in self._seen.items() if end > horizon}
        if (keyid, nonce) in self._seen:
            return False
        self._seen[keyid, nonce] = expires
        return True


@dataclass(frozen=True, slots=True)
class Verified:
    """What a signature proved: by which key, when it was made, for what."""

    keyid: str
    created: int
    nonce: str
    tag: str


def content_digest(body: bytes) -> str:
    """The value of the Content-Digest header (RFC 9530): SHA-256."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def sign_request(
    key: Ed25519PrivateKey,
    keyid: str,
    target: str,
    body: bytes,
    now: int,
    *,
    content_type: str = "application/json",
    tag: str = DELIVERY_TAG,
    method: str = "POST",
    nonce: str | None = None,
) -> dict[str, str]:
    """The headers of a signed request to `target` (the whole address); `now` in seconds since 1970."""
    params = (
        f'({_LIST});created={now};expires={now + MAX_AGE};nonce="{nonce or secrets.token_urlsafe(16)}"'
        f';keyid="{keyid}";alg="ed25519";tag="{tag}"'
    )
    digest = content_digest(body)
    base = _base(method, target, content_type, digest, params)
    return {
        "Content-Type": content_type,
        "Content-Digest": digest,
        "Signature-Input": f"{LABEL}={params}",
        "Signature": f"{LABEL}=:{base64.b64encode(key.sign(base)).decode()}:",
    }


def verify_request(
    headers: Mapping[str, str],
    target: str,
    body: bytes,
    keys: Mapping[str, Ed25519PublicKey],
    now: int,
    nonces: Nonces,
    *,
    tag: str = DELIVERY_TAG,
    method: str = "POST",
) -> Verified:
    """What the signature of a request proves. Raises SignatureRejectedError.

    `target` is the whole address as the sender wrote it: behind a proxy it is the public one, never what the Host header of
    the request says. `keys` are the keys that may sign, by their keyid.
    """
    given = {name.lower(): value for name, value in headers.items()}
    found, value = _read_headers(given, tag)  # (1)
    key = keys.get(found["keyid"])  # (2)
    if key is None:
        raise SignatureRejectedError("key_unknown")
    created = int(found["created"])
    _check_time(created, int(found["expires"]), now)  # (3)
    digest = given.get("content-digest", "")
    _check_digest(digest, body)  # (4)
    base = _base(method, target, given.get("content-type", ""), digest, found["params"])
    try:  # (5)
        key.verify(_decoded(value), base)
    except InvalidSignature:
        raise SignatureRejectedError("signature_differs") from None
    if not nonces.remember(found["keyid"], found["nonce"], created + MAX_AGE + MAX_SKEW):  # (6)
        raise SignatureRejectedError("nonce_replayed")
    return Verified(found["keyid"], created, found["nonce"], found["tag"])


def _read_headers(given: Mapping[str, str], tag: str) -> tuple[Mapping[str, str], str]:
    """The parameters (and, as `params`, all of them as they were signed: their order is the signer's), and the signature."""
    described, signature = given.get("signature-input"), given.get("signature")
    if described is None or signature is None:
        raise SignatureRejectedError("signature_missing")
    if max(len(described), len(signature)) > _MAX_HEADER:
        raise SignatureRejectedError("signature_malformed")
    found, value = _INPUT.fullmatch(described), _SIGNATURE.fullmatch(signature)
    if found is None or value is None:
        raise SignatureRejectedError("signature_malformed")
    named = _PARAMETER.findall(found["more"])
    parameters = {name: text for name, _, text in named}
    if (
        parameters.keys() != _PARAMETERS
        or any((quote == "") != (name in _NUMBERS) for name, quote, _ in named)
        or not all(parameters[name].isdigit() for name in _NUMBERS)
        or parameters["alg"] != "ed25519"
        or len(parameters["nonce"]) not in _NONCE
    ):
        raise SignatureRejectedError("signature_malformed")
    if parameters["tag"] != tag:
        raise SignatureRejectedError("signature_tag")
    return {**parameters, "params": found["params"]}, value["value"]


def _check_time(created: int, expires: int, now: int) -> None:
    if created > now + MAX_SKEW:
        raise SignatureRejectedError("signature_from_future")
    if now > min(expires, created + MAX_AGE):
        raise SignatureRejectedError("signature_expired")


def _check_digest(digest: str, body: bytes) -> None:
    signed = _DIGEST.fullmatch(digest)
    if signed is None:
        raise SignatureRejectedError("digest_missing")
    if not hmac.compare_digest(_decoded(signed["value"]), hashlib.sha256(body).digest()):
        raise SignatureRejectedError("digest_differs")


# --- receipts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Receipt:
    """A partner's signed word that a delivery came: which, about which message, with what digest, and when."""

    delivery: str
    message: str
    digest: str  # SHA-256 of the body of the delivery, hexadecimal
    received_at: str  # UTC, ISO 8601
    keyid: str
    signature: str

    def document(self) -> dict[str, str]:
        """What the receiver answers, as JSON."""
        return {
            "delivery": self.delivery,
            "message": self.message,
            "digest": self.digest,
            "received_at": self.received_at,
            "keyid": self.keyid,
            "signature": self.signature,
        }


def sign_receipt(key: Ed25519PrivateKey, keyid: str, body: bytes, received_at: str) -> Receipt:
    """A receipt for the delivery in `body`."""
    document = json.loads(body)
    digest = hashlib.sha256(body).hexdigest()
    delivery, message = str(document["delivery"]), str(document["message"])
    signed = _receipt_bytes(delivery, message, digest, received_at, keyid)
    return Receipt(delivery, message, digest, received_at, keyid, base64.b64encode(key.sign(signed)).decode())


def verify_receipt(
    answer: bytes, delivery: str, message: str, body: bytes, keys: Mapping[str, Ed25519PublicKey]
) -> Receipt:
    """The receipt in an answer. Raises SignatureRejectedError (receipt_malformed, receipt_differs, key_unknown,
    signature_differs)."""
    try:
        document = json.loads(answer)
        receipt = Receipt(**{name: document[name] for name in Receipt.__dataclass_fields__})
        value = base64.b64decode(receipt.signature, validate=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SignatureRejectedError("receipt_malformed") from None
    texts = [getattr(receipt, name) for name in Receipt.__dataclass_fields__]
    if not all(isinstance(text, str) and len(text) <= 200 for text in texts):  # noqa: PLR2004  longer than any of them is
        raise SignatureRejectedError("receipt_malformed")
    expected = (delivery, message, hashlib.sha256(body).hexdigest())
    if (receipt.delivery, receipt.message, receipt.digest) != expected:
        raise SignatureRejectedError("receipt_differs")
    key = keys.get(receipt.keyid)
    if key is None:
        raise SignatureRejectedError("key_unknown")
    try:
        key.verify(value, _receipt_bytes(*expected, receipt.received_at, receipt.keyid))
    except InvalidSignature:
        raise SignatureRejectedError("signature_differs") from None
    return receipt


def _receipt_bytes(delivery: str, message: str, digest: str, received_at: str, keyid: str) -> bytes:
    """Canonical JSON (RFC 8785) of the signed part: names in order, no spaces, texts of printable ASCII."""
    signed = {
        "delivery": delivery,
        "digest": digest,
        "keyid": keyid,
        "message": message,
        "received_at": received_at,
    }
    return RECEIPT_PREFIX + json.dumps(signed, separators=(",", ":"), sort_keys=True).encode()


# --- the challenge of a new address -----------------------------------------------------------------------------------


def sign_challenge(key: Ed25519PrivateKey, keyid: str, challenge: str) -> dict[str, str]:
    """The signed answer to a challenge. The plain one is the challenge alone, as text or under its name in JSON."""
    signature = base64.b64encode(key.sign(CHALLENGE_PREFIX + challenge.encode())).decode()
    return {"challenge": challenge, "keyid": keyid, "signature": signature}


def is_challenge_answered(answer: bytes, challenge: str, keys: Mapping[str, Ed25519PublicKey]) -> bool:
    """Whether the answer repeats the challenge; one that is signed must be signed by a known key."""
    if hmac.compare_digest(answer.strip(), challenge.encode()):
        return True
    try:
        document = json.loads(answer)
        given, signature = document["challenge"], document.get("signature")
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), challenge.encode()):
            return False
        if signature is None:
            return True
        keys[document["keyid"]].verify(base64.b64decode(signature, validate=True), CHALLENGE_PREFIX + given.encode())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidSignature):
        return False
    return True


# --- keys ------------------------------------------------------------------------------------------------------------


def thumbprint(public: Ed25519PublicKey) -> str:
    """The keyid of a key: its RFC 7638 thumbprint (RFC 8037 §2)."""
    members = {"crv": "Ed25519", "kty": "OKP", "x": _b64url(public.public_bytes_raw())}
    return _b64url(hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest())


def public_jwk(public: Ed25519PublicKey) -> dict[str, str]:
    """The key as a JWK, as it is registered and published."""
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": _b64url(public.public_bytes_raw()),
        "kid": thumbprint(public),
        "use": "sig",
    }


def keys_of(jwks: Mapping[str, object]) -> dict[str, Ed25519PublicKey]:
    """The Ed25519 keys of a JWK set by their keyid; what is none, or cannot be read, is passed over."""
    found: dict[str, Ed25519PublicKey] = {}
    entries = jwks.get("keys")
    for jwk in entries if isinstance(entries, list) else ():
        if not isinstance(jwk, dict) or jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
            continue
        try:
            raw = base64.urlsafe_b64decode(str(jwk["x"]) + "=" * (-len(str(jwk["x"])) % 4))
            public = Ed25519PublicKey.from_public_bytes(raw)
        except (KeyError, ValueError):
            continue
        found[thumbprint(public)] = public
    return found


def _base(method: str, target: str, content_type: str, digest: str, params: str) -> bytes:
    """The signature base (RFC 9421 §2.5)."""
    values = dict(zip(COVERED, (method, target, content_type, digest), strict=True))
    lines = [f'"{name}": {values[name]}' for name in COVERED]
    return "\n".join([*lines, f'"@signature-params": {params}']).encode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise SignatureRejectedError("signature_malformed") from None


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
