"""Packages of a message, for its sender: when and by whom each was made, what came back. And what must go by the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.make_package import MOST, OVER
from gateway.use_cases.package_port import PackageOnFile
from gateway.use_cases.recall import RECALL
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.errors import Unavailable
from schemas.ids import MessageId


@dataclass(frozen=True, slots=True)
class PackagesShown:
    """`by_file`: the recipient was given a package about this case before, so that a recall reaches it only by a file."""

    message: MessageOnFile
    packages: Sequence[PackageOnFile]
    may_make: bool
    may_tell: bool
    by_file: bool = False


def read_packages(house: House, requester: Requester | None, message_id: MessageId, now: datetime) -> PackagesShown:
    """Identifiers, dates and codes; no content, no secret. Raises Unavailable (message_unavailable) for all but the sender's
    side and the operator (None)."""
    with house.store.reading() as unit:
        message = (
            unit.messages.by_id(message_id, now)
            if requester is None
            else unit.messages.get(message_id, requester.organisation_id, now)
        )
        if message is None or (requester is not None and message.sender_id != requester.organisation_id):
            raise Unavailable("message_unavailable")
        packages = unit.packages.of_message(message.id)
        by_file = message.type == RECALL and unit.packages.handed(
            message.case_id, message.sender_id, message.recipient_id
        )
    open_yet = message.state not in OVER and not message.held and message.delivered_at is not None
    works = requester is None or requester.role == "caseworker"
    may_tell = works and open_yet and message.sender_id != message.recipient_id
    return PackagesShown(message, packages, may_tell and len(packages) < MOST, may_tell, by_file)
