"""Export one thread: the messages that one's organisation sent in it or that came to it, each as it reads it now.

What came is opened by the use case that opens it everywhere: ruled anew, with its entry, and for the first time with the
receipt that its sender sees. Each message has a ruling and an entry of its own: a consent that is withdrawn in between stops
what follows. Of one's own messages there are words and receipts; their sections are in the export of all own data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from adapters.exports.files import write_file
from adapters.tables.output import AS_USUAL, Written
from gateway.evidence.entry import JsonValue
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.export_case import export_of
from gateway.use_cases.export_content import Parties, exported_documents, exported_message, exported_people
from gateway.use_cases.house import House
from gateway.use_cases.keep_export import MadeExport, Reading, form_of, make_export, require_not_standing
from gateway.use_cases.message_words import open_answers, open_words
from gateway.use_cases.open_message import CASEWORKER, OpenedMessage, open_message
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.errors import Conflict
from schemas.exports import Content, ExportMessage
from schemas.ids import EntryId, MessageId
from schemas.lifecycle import WITHDRAWN
from schemas.sections import message_fields

MOST: Final = 200
"""Messages of one thread."""


def export_thread(
    house: House, requester: Requester, message_id: MessageId, form: str, now: datetime, written: Written = AS_USUAL
) -> MadeExport:
    """The thread of this message.

    Raises BadInput (export_form_unknown, text_outside_encoding), Unavailable (message_unavailable)
    for a message of others as for none, Conflict
    (export_thread_long), Refused (export_limit).
    """
    wanted = form_of(form)
    require_not_standing(house, requester, now)
    with house.store.reading() as unit:
        named = unit.messages.get(message_id, requester.organisation_id, now)
    if named is None:
        open_message(
            house, requester, message_id, now
        )  # the attempt is an entry, and its answer that of an invented one
        raise AssertionError
    with house.store.reading() as unit:
        messages = unit.exports.thread(named.thread_id, requester.organisation_id, MOST + 1, now)
        parties = {organisation.id: organisation for organisation in unit.participants.organisations()}
    if len(messages) > MOST:
        raise Conflict("export_thread_long", most=MOST)
    found, readings = [], []
    for message in messages:
        exported, entry_id = _exported(house, requester, message, parties, now)
        found.append(exported)
        readings.append(Reading("message", entry_id))
    export = replace(export_of(house, requester, "thread", form, now), messages=tuple(found))
    file = write_file(export, wanted, written)
    return make_export(house, requester, export.id, "thread", form, file, readings, now)


def _exported(
    house: House, requester: Requester, message: MessageOnFile, parties: Parties, now: datetime
) -> tuple[ExportMessage, EntryId]:
    if message.recipient_id != requester.organisation_id:
        return _sent(house, requester, message, parties, now)
    opened = open_message(house, requester, message.id, now, with_documents=True)
    reads = opened.content.case.assigned and requester.role == CASEWORKER
    exported = exported_message(
        house,
        requester.organisation_id,
        opened.message,
        parties,
        content=_content(opened),
        entry=opened.entry_id,
        people=exported_people(house, requester.organisation_id, opened.content, message_fields()),
        documents=exported_documents(
            house, requester.organisation_id, opened.message, opened.documents, opened.content
        ),
        written=opened.words,
        words=_answers(house, opened.message).__getitem__ if reads else None,
    )
    return exported, opened.entry_id


def _content(opened: OpenedMessage) -> Content:
    if opened.message.state in WITHDRAWN:
        return "taken_back"
    return "opened" if opened.message.purpose else "none"


def _sent(
    house: House, requester: Requester, message: MessageOnFile, parties: Parties, now: datetime
) -> tuple[ExportMessage, EntryId]:
    """One's own message: an entry says that its words were read again, by whom."""
    reads = requester.role == CASEWORKER
    with house.store.writing() as unit:
        body: dict[str, JsonValue] = {
            "organisation": requester.organisation_id,
            "actor": requester.actor,
            "message": message.id,
            "words": reads,
        }
        entry_id = append_entry(unit, EventKind.EXPORT_READ, body, now)
    answers = _answers(house, message) if reads else {}
    exported = exported_message(
        house,
        requester.organisation_id,
        message,
        parties,
        content="sent",
        entry=entry_id,
        written=open_words(house, message) if reads else {},
        words=answers.__getitem__ if reads else None,
    )
    return exported, entry_id


def _answers(house: House, message: MessageOnFile) -> Mapping[int, Mapping[str, str]]:
    return {number: words for number, (_, words) in enumerate(open_answers(house, message))}
