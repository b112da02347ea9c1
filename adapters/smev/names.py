"""Namespaces of SMEV 3 by version, and identifiers of messages."""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from adapters.xml.guard import shown
from adapters.xml.tree import local_name
from schemas.errors import DocumentRejected

_BASE: Final = "urn://x-artefacts-smev-gov-ru/services/message-exchange/types/"
_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
VERSIONS: Final = ("1.1", "1.2", "1.3")
DEFAULT_VERSION: Final = "1.2"
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_GREGORIAN: Final = datetime(1582, 10, 15, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of elements of one version."""

    version: str

    @property
    def types(self) -> str:
        """The namespace of the messages."""
        return _BASE + self.version

    @property
    def basic(self) -> str:
        """The namespace of what messages have in common."""
        return f"{_BASE}basic/{self.version}"

    def t(self, name: str) -> str:
        """An element of a message."""
        return f"{{{self.types}}}{name}"

    def b(self, name: str) -> str:
        """An element that messages have in common."""
        return f"{{{self.basic}}}{name}"


def message_of(root: etree._Element) -> tuple[etree._Element, Names]:
    """The message, out of its SOAP envelope where it has one. Raises DocumentRejected (smev_root_unknown)."""
    if root.tag == f"{{{_SOAP}}}Envelope":
        bodies = root.findall(f"{{{_SOAP}}}Body")
        if len(bodies) != 1 or len(bodies[0]) != 1:
            raise DocumentRejected("smev_root_unknown", root="Envelope")
        root = bodies[0][0]
    for version in VERSIONS:
        names = Names(version)
        if etree.QName(root).namespace == names.types:
            return root, names
    raise DocumentRejected("smev_root_unknown", root=shown(local_name(root)))


def message_id(text: str) -> str:
    """In lower case, as SMEV writes it. Raises DocumentRejected (smev_message_id)."""
    found = text.strip().lower()
    if not _ID.fullmatch(found):
        raise DocumentRejected("smev_message_id")
    return found


def new_message_id(now: datetime) -> str:
    """A UUID of version 1 for this instant, with a random node: the address of no machine."""
    ticks = int((now - _GREGORIAN).total_seconds() * 10_000_000)
    sequence, node = secrets.randbits(14), secrets.randbits(48) | 1 << 40
    fields = (
        ticks & 0xFFFFFFFF,
        ticks >> 32 & 0xFFFF,
        ticks >> 48 & 0x0FFF | 0x1000,
        sequence >> 8 | 0x80,
        sequence & 0xFF,
        node,
    )
    return str(uuid.UUID(fields=fields))
