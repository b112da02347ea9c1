"""Which addresses the gateway may connect to: those of the Internet, and networks that the installation names.

An address that a partner typed is resolved here, and the connection goes to the very address that was checked: a name that
answers differently a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_UNICAST: Final = ipaddress.ip_network("2000::/3")
_TRANSLATED: Final = (  # IPv6 that carries an IPv4 address, which a translator on the way would unpack
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("2001::/32"),
)


class AddressRefusedError(Exception):
    """None of the addresses of a name may be connected to."""


class NameUnknownError(Exception):
    """The name has no address at present."""


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks that may be reached although they are not of the Internet: tests, partners on the same premises."""

    allowed: tuple[IPNetwork, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Networks:
        """From a list separated by commas. Raises ValueError."""
        return cls(tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()))

    def names(self, address: IPAddress) -> bool:
        """Whether the installation names a network of this address."""
        plain = unmapped(address)
        return any(plain in network for network in self.allowed if network.version == plain.version)

    def permits(self, address: IPAddress) -> bool:
        """Whether it may be connected to: of the Internet, or of a named network."""
        return self.names(address) or is_of_the_internet(address)


def unmapped(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv4-mapped IPv6 address is."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_of_the_internet(address: IPAddress) -> bool:
    """Whether an address is a public unicast one: not private, loopback, link-local (where clouds keep their metadata),
    shared by carriers, multicast, reserved or for documentation; nor IPv6 with such an IPv4 address in it."""
    plain = unmapped(address)
    if isinstance(plain, ipaddress.IPv6Address) and (
        plain not in _UNICAST or any(plain in network for network in _TRANSLATED)
    ):
        return False
    return plain.is_global and not (
        plain.is_multicast or plain.is_reserved or plain.is_unspecified or plain.is_loopback or plain.is_link_local
    )


async def resolve(host: str, port: int, networks: Networks) -> Sequence[IPAddress]:
    """The addresses of a host that may be connected to, in the resolver's order. Raises AddressRefusedError where it has
    only others, NameUnknownError where it has none."""
    try:
        found: list[IPAddress] = [ipaddress.ip_address(host)]
    except ValueError:
        try:
            loop = asyncio.get_running_loop()
            answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise NameUnknownError from None
        found = [ipaddress.ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]
    permitted = [address for address in dict.fromkeys(found) if networks.permits(address)]
    if not permitted:
        raise AddressRefusedError
    return permitted
