"""What the gateway keeps of a package: its opening code while it may still be told, and the key of its receipts."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.use_cases.house import House
from gateway.use_cases.message_words import key_of
from gateway.use_cases.package_port import PackageOnFile
from schemas.ids import MessageId


@dataclass(frozen=True, slots=True)
class PackageSecrets:
    """What the gateway keeps of a package under the key of its message."""

    receipt_key: bytes = field(repr=False)
    code: str | None = field(repr=False)


def seal_secrets(house: House, message_id: MessageId, package_id: str, secrets: PackageSecrets) -> bytes:
    """Sealed for this package."""
    plain = f"{secrets.receipt_key.hex()}\n{secrets.code or ''}".encode()
    return house.vault.seal_words(key_of(house, message_id), _place(message_id, package_id), plain)


def open_secrets(house: House, package: PackageOnFile) -> PackageSecrets | None:
    """The reverse; None once the key of the message is destroyed."""
    key = key_of(house, package.message_id, create=False)
    plain = house.vault.open_words(key, _place(package.message_id, package.id), package.sealed)
    if plain is None:
        return None
    receipt_key, _, code = plain.decode().partition("\n")
    return PackageSecrets(bytes.fromhex(receipt_key), code or None)


def _place(message_id: MessageId, package_id: str) -> str:
    return f"{message_id}/package/{package_id}"
