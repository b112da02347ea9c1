"""Open a message that was delivered to one's organisation. The first opening is a fact of its own, with its receipt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import take_case
from gateway.use_cases.attachment_values import Document
from gateway.use_cases.disclose import DisclosedCase, RuledCase, disclose, disclose_documents
from gateway.use_cases.end_by_coming import end_by_coming
from gateway.use_cases.enter_queue import queue_opened, stand_in
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.message_words import open_words
from gateway.use_cases.move_message import By, move
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import CaseOnFile, Gathered, MessageOnFile, Requester, SealedSection
from schemas import categories as c
from schemas.errors import Unavailable
from schemas.ids import Category, EntryId, MessageId, SubjectId, is_id, new_id
from schemas.lifecycle import WITHDRAWN, Actor, Event, State
from schemas.messages import message_types

CASEWORKER = "caseworker"


@dataclass(frozen=True, slots=True)
class MessageScope:
    """One message of the requester's queue."""

    message_id: MessageId
    name: str = "message"

    def gather(self, unit: Unit, requester: Requester, now: datetime) -> Gathered:
        return unit.facts.of_message(requester.organisation_id, self.message_id, now, requester.person_id)

    def fetch(self, unit: Unit, cases: Sequence[CaseOnFile], categories: Sequence[Category]) -> Sequence[SealedSection]:
        del cases
        return unit.messages.sections(self.message_id, categories)


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    """The message with its receipts, and its content after the door; `words` name nobody and are not of the family."""

    message: MessageOnFile
    content: DisclosedCase
    entry_id: EntryId
    words: Mapping[str, str] = field(default_factory=dict)
    documents: Sequence[Document] = ()


def open_message(
    house: House,
    requester: Requester,
    message_id: MessageId,
    now: datetime,
    categories: Sequence[Category] | None = None,
    *,
    signature: tuple[str, str] | None = None,
    with_documents: bool = False,
) -> OpenedMessage:
    """`signature` is the partner's own receipt and its digest, already verified. `with_documents`: also which documents there
    are, of what is released whole.

    Raises Unavailable (message_unavailable) for a message that does not exist or is another organisation's.
    """
    if not is_id(message_id):  # it becomes part of the record of the attempt: what somebody typed must not (law 8)
        message_id = MessageId(new_id())
    with house.store.reading() as unit:
        message = unit.messages.get(message_id, requester.organisation_id, now)
    mine = (
        message is not None and message.recipient_id == requester.organisation_id and message.delivered_at is not None
    )
    if message is not None and mine:
        stand_in(house, requester, message, now)
    kind = message_types().get(message.type) if message is not None and mine else None
    if message is not None and mine and (message.state in WITHDRAWN or not message.purpose):
        return _without_sections(house, requester, message, now, signature)
    asked = tuple(categories) if categories is not None else kind.asked if kind else c.SECTION_CATEGORIES
    question = (
        Question(message.purpose, asked, trigger=message.trigger or "", statute=message.statute or "")
        if message is not None and mine
        else Question("", asked)
    )

    def alongside(unit: Unit, ruled: Sequence[RuledCase]) -> None:
        on_file = ruled[0].case.message
        if on_file is not None and ruled[0].case.assigned:
            _first_opening(house, unit, requester, on_file, now, signature, _named_to(ruled[0]))

    try:
        disclosed = disclose(house, requester, question, MessageScope(message_id), now, alongside=alongside)
    except Unavailable:
        if message is not None and mine and (current := _now(house, requester, message, now)).state in WITHDRAWN:
            return _without_sections(house, requester, current, now, signature)  # taken back at this very moment
        raise Unavailable("message_unavailable") from None
    assert message is not None  # without it nothing was disclosed
    current = _now(house, requester, message, now)
    content = disclosed.cases[0]
    words = open_words(house, current) if content.case.assigned and requester.role == CASEWORKER else {}
    documents = disclose_documents(house, message_id, disclosed) if with_documents else ()
    return OpenedMessage(current, content, disclosed.entry_id, words, documents)


def _now(house: House, requester: Requester, message: MessageOnFile, now: datetime) -> MessageOnFile:
    """The message as it stands after what was just done with it."""
    with house.store.reading() as unit:
        current = unit.messages.get(message.id, requester.organisation_id, now)
    assert current is not None  # a message is never removed
    return current


def _named_to(ruled: RuledCase) -> frozenset[SubjectId]:
    """Those whose identity its reader is shown."""
    return frozenset(
        subject_id
        for subject_id, ruling in ruled.rulings.items()
        if (identity := ruling.by_category.get(c.IDENTITY)) is not None and identity.effect.releases
    )


def _first_opening(
    house: House,
    unit: Unit,
    requester: Requester,
    message: MessageOnFile,
    now: datetime,
    signature: tuple[str, str] | None,
    named: Collection[SubjectId] = (),
) -> None:
    """An overseer sees no content, so the message is not opened by that; neither by somebody who is not assigned."""
    if message.state is not State.DELIVERED or requester.role != CASEWORKER:
        return
    by = By(Actor.RECIPIENT, requester.organisation_id, requester.actor, *(signature or (None, None)))
    move(unit, message, Event.OPEN, by, now)
    take_case(unit, requester, message.case_id, now)
    queue_opened(house, unit, requester, message, now)
    end_by_coming(house, unit, message, named, requester.actor, now)


def _without_sections(
    house: House,
    requester: Requester,
    message: MessageOnFile,
    now: datetime,
    signature: tuple[str, str] | None,
) -> OpenedMessage:
    """A message that carries nothing of a family, or was taken back: nothing is ruled, the reading is an entry."""
    with house.store.writing() as unit:
        on_file = unit.messages.get(message.id, requester.organisation_id, now, lock=True)
        assert on_file is not None
        assigned = unit.recorded_facts.assigned(on_file.case_id, requester.organisation_id)
        reads = requester.role == CASEWORKER and (
            requester.person_id is None or not assigned or requester.person_id in assigned
        )
        if reads:
            _first_opening(house, unit, requester, on_file, now, signature)
        entry_id = append_entry(
            unit,
            EventKind.MESSAGE_READ,
            {
                "message": message.id,
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                "words": reads,
            },
            now,
        )
    current = _now(house, requester, message, now)
    words = open_words(house, current) if reads and current.state not in WITHDRAWN else {}
    content = DisclosedCase(CaseOnFile(current.case_id, related=True, message=current, assigned=reads), ())
    return OpenedMessage(current, content, entry_id, words)
