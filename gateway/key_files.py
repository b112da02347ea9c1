"""Key files of one installation: made once, mode 0600, never overwritten. Which key does what: docs/keys.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from adapters.signatures.gost import signer_of
from adapters.signatures.providers import Providers, Signer
from gateway.evidence.note import SigningKey
from gateway.partner.signatures import public_jwk, thumbprint
from gateway.vault.keyfiles import create_secret_file, read_secret_file
from schemas.errors import BadInput, Broken


def create_log_key(path: Path, origin: str) -> SigningKey:
    """A new log key at `path`, and its public half beside it as `log.pub`. Raises Broken (key_file_exists)."""
    key = SigningKey.generate(origin)
    create_secret_file(path, key.encode().encode() + b"\n")
    path.with_suffix(".pub").write_text(key.verifier().encode() + "\n")
    return key


def load_log_key(path: Path, origin: str) -> SigningKey:
    """Raises Broken: missing_key_file, bad_signing_key, log_origin_differs (the key's name is the log's origin)."""
    text = read_secret_file(path).decode("ascii", "replace").strip()
    key = SigningKey.parse(text)
    if key.name != origin:
        raise Broken("log_origin_differs")
    return key


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """The Ed25519 key that signs what is handed over, with its RFC 7638 thumbprint as keyid."""

    keyid: str
    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, private: Ed25519PrivateKey) -> DeliveryKey:
        """The key under its thumbprint."""
        return cls(thumbprint(private.public_key()), private)

    @property
    def jwk(self) -> dict[str, str]:
        """The public half, as partners fetch it."""
        return public_jwk(self.private.public_key())


def load_or_create_delivery_key(path: Path) -> DeliveryKey:
    """The key in the file, made first when there is none. Raises Broken (bad_key_file, key_file_exposed)."""
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            create_secret_file(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        except Broken as error:
            if error.code != "key_file_exists":  # of two processes that start at once, one makes it
                raise
    try:
        private = load_pem_private_key(read_secret_file(path), None)
    except ValueError:
        raise Broken("bad_key_file", file=path.name) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise Broken("bad_key_file", file=path.name)
    return DeliveryKey.of(private)


FILE_KEY_BITS: Final = 3072
FILE_CERTIFICATE_TERM: Final = timedelta(days=3652)


def create_file_signer(key_path: Path, certificate_path: Path, origin: str, now: datetime) -> None:
    """A key of RSA and a certificate for it that the key itself signed; of two processes that start at once, one makes them.
    Partners take the certificate from the operator, not from an authority."""
    key = rsa.generate_private_key(65537, FILE_KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, origin[:64])])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + FILE_CERTIFICATE_TERM)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    try:
        create_secret_file(key_path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    except Broken as error:
        if error.code != "key_file_exists":
            raise
    else:
        certificate_path.write_bytes(made.public_bytes(Encoding.PEM))


def load_file_signer(key_path: Path, certificate_path: Path, providers: Providers) -> Signer | None:
    """The pair in the files, None without a key. Raises Broken (file_signer_unusable, key_file_exposed, missing_key_file)."""
    if not key_path.exists():
        return None
    if not certificate_path.exists():
        raise Broken("missing_key_file", file=certificate_path.name)
    try:
        return signer_of(read_secret_file(key_path), certificate_path.read_bytes(), providers)
    except BadInput:
        raise Broken("file_signer_unusable", key=key_path.name, certificate=certificate_path.name) from None
