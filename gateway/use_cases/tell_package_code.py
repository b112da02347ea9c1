"""Tell the opening code of a package to the sender's side once more, so that it tells the recipient by another way.

As long as the code was not told, a package that has left is a closed box: so this is the last moment at which the rules can be
asked, and they are (law 4). Where they release something else by now, the code is not told, and a new package is made.
"""

from __future__ import annotations

from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.make_package import read_as_recipient, require_packable, sent_message
from gateway.use_cases.package_content import content_digest
from gateway.use_cases.package_port import PackageOnFile
from gateway.use_cases.package_secrets import open_secrets
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.errors import Conflict, Unavailable
from schemas.ids import MessageId


def tell_package_code(house: House, requester: Requester, message_id: MessageId, package_id: str, now: datetime) -> str:
    """The code. Raises Unavailable (message_unavailable, package_unavailable), NotPermitted (not_for_overseers,
    not_assigned, message_not_yours), Conflict (package_message_over, package_opened, package_outdated, package_empty)."""
    with house.store.writing() as unit:
        message, package = find_package(unit, requester, message_id, package_id, now)
        require_packable(message)
        if package.receipts:
            raise Conflict("package_opened")
    reading = read_as_recipient(house, message, f"package:{package.id}", now)
    if reading.is_empty or content_digest(house, reading.content, reading.words) != package.content_digest:
        raise Conflict("package_outdated")
    with house.store.writing() as unit:
        message, package = find_package(unit, requester, message_id, package_id, now)
        require_packable(message)
        append_entry(
            unit,
            EventKind.PACKAGE_CODE_TOLD,
            {
                "package": package.id,
                "message": message.id,
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                "disclosure": reading.entry_id,
            },
            now,
        )
    secrets = open_secrets(house, package)
    if secrets is None:
        raise Unavailable("package_unavailable")
    if secrets.code is None:  # a receipt came a moment ago
        raise Conflict("package_opened")
    return secrets.code


def find_package(
    unit: Unit, requester: Requester | None, message_id: MessageId, package_id: str, now: datetime
) -> tuple[MessageOnFile, PackageOnFile]:
    """A package of a message that the requester's organisation sent; for the operator of any."""
    message = sent_message(unit, requester, message_id, now)
    package = unit.packages.get(package_id)
    if package is None or package.message_id != message.id:
        raise Unavailable("package_unavailable")
    return message, package
