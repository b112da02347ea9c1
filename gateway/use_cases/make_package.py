"""Make a package: a message sealed into one file, for a recipient that has neither API nor pages.

    (1) who makes it: the sender's side, or the operator on its behalf. Everybody else finds nothing;
    (2) the recipient's reading is ruled now, and its entry committed, by `disclose` (laws 1, 2, 4);
    (3) what was released is written as XML and sealed under a fresh code; the package and its own entry, which holds the
        digest of what is sealed, are committed;
    (4) that entry is placed into the tree, its proof sealed beside the content, the manifest signed with the log's key.
        Only now is there a file.

The file is kept nowhere. Whoever lost it makes another.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from adapters.xml.package import write_package_content
from gateway.evidence.entry import JsonValue, format_instant
from gateway.evidence.events import EventKind
from gateway.partner.package_codes import new_opening_code, new_receipt_key
from gateway.partner.packages import MAX_CONTENT, Manifest, SealKey, file_name, padded, write_package
from gateway.use_cases.answer_message import find_message
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.disclose import DisclosedCase, disclose, disclose_documents
from gateway.use_cases.facts import Question, local_day
from gateway.use_cases.house import House
from gateway.use_cases.message_lane import GATEWAY
from gateway.use_cases.message_words import open_words
from gateway.use_cases.move_message import BY_FILE
from gateway.use_cases.open_message import MessageScope
from gateway.use_cases.package_content import (
    content_digest,
    documents_of,
    header_of,
    notes_of,
    outcome_words,
    people_of,
    replies_of,
)
from gateway.use_cases.package_port import PackageOnFile
from gateway.use_cases.package_secrets import PackageSecrets, seal_secrets
from gateway.use_cases.ports import Unit
from gateway.use_cases.prove_entry import prove_entry
from gateway.use_cases.sequence_log import sequence_log
from gateway.use_cases.values import CaseOnFile, MessageOnFile, ReceiptOnFile, Requester
from schemas.catalogue import words
from schemas.errors import BadInput, Conflict, Contended, NotPermitted, Unavailable
from schemas.ids import EntryId, MessageId, new_id
from schemas.lifecycle import WITHDRAWN, Event, State
from schemas.messages import message_types
from schemas.package import PackageContent, PackageDocument, outcomes_of

MOST: Final = 20
"""Packages of one message."""
OVER: Final = WITHDRAWN | {State.FAILED, State.CANCELLED, State.REDIRECTED}
"""States of a message of which no package is made, and whose codes are told no more."""
OPERATOR: Final = "operator:cli"
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What the recipient may read now: the entry that was committed for it, the content, its words and documents."""

    entry_id: EntryId
    content: DisclosedCase
    words: Mapping[str, str]
    documents: tuple[PackageDocument, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it can be put into a package."""
        notes = bool(self.content.case.message and self.content.case.message.notes)
        released = any(s.content is not None for subject in self.content.subjects for s in subject.sections.values())
        return not (released or notes or self.words or self.documents)


@dataclass(frozen=True, slots=True)
class MadePackage:
    """The file, once. `code` is for the sender's side alone, to be told by another way; the operator has none.
    `recipient_has_access`: people or a system of the recipient could read the message here."""

    package: PackageOnFile
    name: str
    file: bytes = field(repr=False)
    code: str | None = field(repr=False, default=None)
    recipient_has_access: bool = False


def make_package(house: House, requester: Requester | None, message_id: MessageId, now: datetime) -> MadePackage:
    """`requester` is of the sender's side; None is the operator, who is given the file and not the code.

    Raises Unavailable (message_unavailable), NotPermitted (not_for_overseers, not_assigned, message_not_yours), Conflict
    (package_not_yet, package_message_over, package_many, package_empty), BadInput (package_to_oneself, package_too_large),
    Contended (package_not_proven).
    """
    with house.store.writing() as unit:
        message = sent_message(unit, requester, message_id, now)  # (1)
        require_packable(message)
        _require_room(unit, message.id)
        people = unit.participants.people_of(message.recipient_id)
        has_access = bool(people or unit.endpoints.of(message.recipient_id))
    package_id, code, receipt_key = new_id(), new_opening_code(), new_receipt_key()
    reading = read_as_recipient(house, message, f"package:{package_id}", now)  # (2)
    if reading.is_empty:
        raise Conflict("package_empty")
    content = _content(house, message, reading, package_id, receipt_key, now)
    document = padded(_document(content))
    key = SealKey.new(code)  # (3)
    sealed = key.seal(document, package_id, "content")
    package = PackageOnFile(
        package_id,
        message.id,
        reading.entry_id,
        now,
        content.made_on,
        requester.actor if requester else OPERATOR,
        hashlib.sha256(sealed).hexdigest(),
        content_digest(house, reading.content, reading.words),
        outcomes_of(message_types()[message.type]),
        seal_secrets(house, message.id, package_id, PackageSecrets(receipt_key, code)),
    )
    entry_id = _commit(house, message, package, requester, now)
    proof = _prove(house, entry_id, now)  # (4)
    manifest = Manifest(
        package_id,
        format_instant(now),
        entry_id,
        package.sealed_sha256,
        key.salt,
        house.log_key.verifier().encode(),
    ).text()
    note = f"{manifest}\n{house.log_key.sign_line(manifest)}"
    file = write_package(note, sealed, key.seal(proof.encode(), package_id, "proof"), _page_words())
    return MadePackage(package, file_name(package_id), file, code if requester else None, has_access)


def sent_message(unit: Unit, requester: Requester | None, message_id: MessageId, now: datetime) -> MessageOnFile:
    """A message that the requester's organisation sent, locked; for the operator any."""
    if requester is None:
        found = unit.messages.by_id(message_id, now)
        if found is None:
            raise Unavailable("message_unavailable")
        return found
    message = find_message(unit, requester, message_id, now)
    if message.sender_id != requester.organisation_id:
        raise NotPermitted("message_not_yours", event="package")
    return message


def require_packable(message: MessageOnFile) -> None:
    """Raises Conflict or BadInput where no package may be made of the message, or its code be told."""
    if message.sender_id == message.recipient_id:
        raise BadInput("package_to_oneself")
    if message.state in OVER:
        raise Conflict("package_message_over", state=message.state.value)
    if message.held or message.delivered_at is None:
        raise Conflict("package_not_yet")


def _require_room(unit: Unit, message_id: MessageId) -> None:
    if len(unit.packages.of_message(message_id)) >= MOST:
        raise Conflict("package_many", most=MOST)


def read_as_recipient(house: House, message: MessageOnFile, actor: str, now: datetime) -> Reading:
    """The recipient's own reading: the same question, purpose and lane as when it opens the message. Its entry is committed
    before anything is opened. Raises Conflict (package_empty) where the rules release nothing any more."""
    reader = Requester(message.recipient_id, actor, scopes=frozenset({"messages.read"}))
    if not message.purpose or message.lane == GATEWAY:
        return _without_sections(house, reader, message, now)
    kind = message_types()[message.type]
    question = Question(message.purpose, kind.asked, trigger=message.trigger or "", statute=message.statute or "")
    try:
        disclosed = disclose(house, reader, question, MessageScope(message.id), now)
    except Unavailable:
        raise Conflict("package_empty") from None
    documents = documents_of(disclose_documents(house, message.id, disclosed))
    return Reading(disclosed.entry_id, disclosed.cases[0], _words(house, message), documents)


def _words(house: House, message: MessageOnFile) -> dict[str, str]:
    """Those of the message, and what its sender replied to questions since."""
    return {**open_words(house, message), **replies_of(house, message)}


def _without_sections(house: House, reader: Requester, message: MessageOnFile, now: datetime) -> Reading:
    """A message that carries nothing of a family: nothing is ruled, the reading is an entry."""
    with house.store.writing() as unit:
        body: dict[str, JsonValue] = {
            "message": message.id,
            "organisation": reader.organisation_id,
            "actor": reader.actor,
            "words": True,
        }
        entry_id = append_entry(unit, EventKind.MESSAGE_READ, body, now)
    content = DisclosedCase(CaseOnFile(message.case_id, related=True, message=message), ())
    return Reading(entry_id, content, _words(house, message), ())


def _content(
    house: House, message: MessageOnFile, reading: Reading, package_id: str, receipt_key: bytes, now: datetime
) -> PackageContent:
    with house.store.reading() as unit:
        sender = unit.participants.organisation(message.sender_id)
        recipient = unit.participants.organisation(message.recipient_id)
    assert sender is not None
    assert recipient is not None
    # Whether the sender's name is protected is decided with the content, not before it.
    on_file = reading.content.case.message or message
    return PackageContent(
        package=package_id,
        entry=reading.entry_id,
        made_at=now,
        made_on=local_day(now, recipient.zone),
        receipt_key=base64.b64encode(receipt_key).decode("ascii"),
        notes=notes_of(house, on_file, reading.words),
        people=people_of(house, reading.content),
        documents=reading.documents,
        outcomes=outcome_words(outcomes_of(message_types()[message.type])),
        **header_of(house, on_file, sender, recipient),
    )


def _document(content: PackageContent) -> bytes:
    document = write_package_content(content)
    if len(document) > MAX_CONTENT:
        raise BadInput("package_too_large", most=MAX_CONTENT)
    return document


def _commit(
    house: House, message: MessageOnFile, package: PackageOnFile, requester: Requester | None, now: datetime
) -> EntryId:
    """The package, the word that it was handed over as a file, and its entry. Whose name is protected does not stand in the
    entry, because its recipient gets the proof of it."""
    with house.store.writing() as unit:
        unit.facts.lock(f"message:{message.id}")  # of several made at once, one after the other
        current = unit.messages.by_id(message.id, now)
        assert current is not None
        require_packable(current)
        _require_room(unit, message.id)
        unit.packages.add(package)
        unit.messages.attest(
            message.id,
            ReceiptOnFile(
                State.DELIVERED,
                now,
                requester.organisation_id if requester else None,
                package.made_by,
                BY_FILE,
                Event.DELIVER,
            ),
        )
        maker: dict[str, JsonValue] = {"actor": OPERATOR}
        if requester is not None and not current.sender_protected:
            maker = {"organisation": requester.organisation_id, "actor": requester.actor}
        elif requester is not None:
            maker = {"actor": "protected"}
        return append_entry(
            unit,
            EventKind.PACKAGE_MADE,
            {
                "package": package.id,
                "message": message.id,
                "recipient": message.recipient_id,
                "disclosure": package.entry_id,
                "sealed": package.sealed_sha256,
                **maker,
            },
            now,
        )


def _prove(house: House, entry_id: EntryId, now: datetime) -> str:
    for _ in range(_ROUNDS):
        sequence_log(house, now)
        try:
            return prove_entry(house, entry_id)
        except Conflict:  # somebody else leads the sequencer at this moment
            continue
    raise Contended("package_not_proven")


def _page_words() -> dict[str, dict[str, str]]:
    """The texts of the page that opens a package, in both languages."""
    prefix = "package_page."
    return {
        language: {
            key.removeprefix(prefix): value
            for key, value in words(language).items()
            if key.startswith(prefix) and isinstance(value, str)
        }
        for language in ("ru", "en")
    }
