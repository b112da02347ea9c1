"""A package: one HTML file that holds a sealed content, a signed manifest, and the page that opens it. This file runs alone.

    manifest   a signed note: identifiers, dates, digests, how the seal is made; signed by the log's key
    sealed     the content (XML, padded) under AES-256-GCM
    proof      the inclusion proof of the package's own entry, under the same key: a thief does not see it either

The key is PBKDF2-HMAC-SHA-256 of the opening code. The page and this module read the same bytes; docs/offline.md has the format
and tests/vectors/package a package that was ever written.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

VERSION: Final = 1
MARK: Final = "mezhved-package/v1"
ITERATIONS: Final = 600_000
SALT_SIZE: Final = 16
NONCE_SIZE: Final = 12
KEY_SIZE: Final = 32
BLOCK: Final = 16 * 1024
"""Contents are filled up to a multiple of this, so that the size of a file says little."""
MAX_CONTENT: Final = 1024 * 1024
MAX_FILE: Final = 8 * 1024 * 1024
_FIELDS: Final = frozenset(
    {"v", "package", "made_at", "entry", "sealed_sha256", "iterations", "salt", "key"}  # all of the clear part
)
_DATA: Final = re.compile(rb'<script type="application/json" id="package">(.*?)</script>', re.DOTALL)
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class NotAPackageError(Exception):
    """Not a package, or one of a later version. `why`: large, form, version."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class AlteredError(Exception):
    """A byte of it is not as it was made. Nothing of it is shown."""


class WrongCodeError(Exception):
    """A code that does not open the package."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """The key of one package. `salt` stands in its manifest."""

    salt: bytes
    _key: bytes = field(repr=False)

    @classmethod
    def of(cls, code: str, salt: bytes, iterations: int = ITERATIONS) -> SealKey:
        """From the digits of the opening code."""
        kdf = PBKDF2HMAC(SHA256(), KEY_SIZE, salt, iterations)
        return cls(salt, kdf.derive(code.encode("ascii")))

    @classmethod
    def new(cls, code: str) -> SealKey:
        """With a fresh salt."""
        return cls.of(code, secrets.token_bytes(SALT_SIZE))

    def seal(self, plain: bytes, package: str, part: str) -> bytes:
        """Nonce and ciphertext; it opens only as this part of this package."""
        nonce = secrets.token_bytes(NONCE_SIZE)
        return nonce + AESGCM(self._key).encrypt(nonce, plain, _place(package, part))

    def open(self, sealed: bytes, package: str, part: str) -> bytes:
        """The reverse. Raises WrongCodeError: a wrong key and an altered byte look alike to a seal."""
        try:
            return AESGCM(self._key).decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], _place(package, part))
        except (InvalidTag, ValueError):
            raise WrongCodeError from None


@dataclass(frozen=True, slots=True)
class Manifest:
    """The clear part: no word of anybody. `key` is the public half of the key that signs it, in text form."""

    package: str
    made_at: str
    entry: str
    sealed_sha256: str
    salt: bytes
    key: str
    iterations: int = ITERATIONS

    def text(self) -> str:
        """What is signed: two lines."""
        body = {
            "v": VERSION,
            "package": self.package,
            "made_at": self.made_at,
            "entry": self.entry,
            "sealed_sha256": self.sealed_sha256,
            "iterations": self.iterations,
            "salt": _b64(self.salt),
            "key": self.key,
        }
        return f"{MARK}\n{json.dumps(body, sort_keys=True, separators=(',', ':'))}\n"

    @classmethod
    def parse(cls, text: str) -> Manifest:
        """Raises NotAPackageError unless it is exactly the text that `text` writes."""
        mark, _, rest = text.partition("\n")
        try:
            body = json.loads(rest)
            if mark != MARK or body.get("v") != VERSION:
                raise NotAPackageError("version")
            made = cls(
                body["package"],
                body["made_at"],
                body["entry"],
                body["sealed_sha256"],
                base64.b64decode(body["salt"], validate=True),
                body["key"],
                body["iterations"],
            )
            well = set(body) == _FIELDS and made.text() == text and _ID.fullmatch(made.package)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise NotAPackageError("form") from None
        if not well or made.iterations != ITERATIONS or len(made.salt) != SALT_SIZE:
            raise NotAPackageError("form")
        return made


@dataclass(frozen=True, slots=True)
class Package:
    """A package as it was read. Its signature is not verified by that."""

    note: str
    manifest: Manifest
    sealed: bytes
    proof: bytes

    def open(self, code: str) -> tuple[bytes, str]:
        """The content and the proof of its entry. Raises AlteredError before anything is opened, WrongCodeError."""
        if hashlib.sha256(self.sealed).hexdigest() != self.manifest.sealed_sha256:
            raise AlteredError
        key = SealKey.of(code, self.manifest.salt, self.manifest.iterations)
        content = key.open(self.sealed, self.manifest.package, "content")
        try:  # the code is the right one: whatever does not open now was altered
            return content, key.open(self.proof, self.manifest.package, "proof").decode()
        except (WrongCodeError, UnicodeDecodeError):
            raise AlteredError from None


def padded(content: bytes) -> bytes:
    """Filled up with line ends, which an XML document may end with. Raises ValueError over the limit."""
    if len(content) > MAX_CONTENT:
        raise ValueError("a content over the limit")
    return content + b"\n" * (-len(content) % BLOCK)


def file_name(package: str) -> str:
    """How the file is called: the identifier and nothing else."""
    return f"mezhved-{package}.html"


def write_package(note: str, sealed: bytes, proof: bytes, words: Mapping[str, Mapping[str, str]]) -> bytes:
    """The file. `words` are the page's texts by language."""
    data = {"manifest": note, "sealed": _b64(sealed), "proof": _b64(proof)}
    style, script = _asset("page.css"), _asset("page.js")
    parts = {
        "style": style,
        "script": script,
        "style_hash": _csp_hash(style),
        "script_hash": _csp_hash(script),
        "data": _json(data),
        "words": _json(words),
    }
    page = _asset("page.html")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], page).encode()


def read_package(file: bytes) -> Package:
    """Raises NotAPackageError; AlteredError where a package is cut or broken inside."""
    if len(file) > MAX_FILE:
        raise NotAPackageError("large")
    found = _DATA.findall(file)
    if len(found) != 1:
        raise NotAPackageError("form")
    try:
        data: Any = json.loads(found[0])
        note = data["manifest"]
        manifest = Manifest.parse(note.rpartition("\n\n")[0] + "\n")
        return Package(note, manifest, _unb64(data["sealed"]), _unb64(data["proof"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise AlteredError from None


def _place(package: str, part: str) -> bytes:
    return f"{MARK}\n{package}\n{part}\n".encode()


def _asset(name: str) -> str:
    return Path(__file__).with_name("package_page").joinpath(name).read_text("utf-8")


def _csp_hash(text: str) -> str:
    return f"'sha256-{_b64(hashlib.sha256(text.encode()).digest())}'"


def _json(value: object) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unb64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if _b64(data) != text:
        raise ValueError("not base64")
    return data
