"""Take in a file of answers that a partner put into its folder: receipts and what became of messages, record by record.

The same use cases as the API apply them, as the partner's system. Each answer is applied once: its number is remembered in the
unit of work that applies it, so a file that is picked up twice, or half before a crash, changes nothing more. A message that
is not the partner's answers like one that does not exist (law 6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import rfc8785

from adapters.answers.csv import read_answer_csv
from adapters.answers.records import AnswerRecord
from adapters.answers.report import REFUSED, REPEATED, TAKEN, Answered
from adapters.answers.xml import read_answer_xml
from adapters.limits import DEFAULT_LIMITS, too_large
from gateway.evidence.events import EventKind
from gateway.use_cases.answer_message import Answer, answer_message
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.certificate_values import SignatureSeen
from gateway.use_cases.check_signature import check_signature
from gateway.use_cases.delivery_values import Endpoint
from gateway.use_cases.file_records import KEPT_OUT
from gateway.use_cases.house import House
from gateway.use_cases.open_message import open_message
from gateway.use_cases.tell_people import tell_administrator
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.answers import RECEIVED, AnswerDraft
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.ids import DeliveryId, MessageId, OrganisationId
from schemas.lifecycle import Event, State

FORMS: Final = ("xml", "csv")
REJECTED: Final = "pickup.rejected"


_OF_RECIPIENT: Final = frozenset(Event) - {Event.CANCEL, Event.RECALL, Event.ENTER_IN_ERROR, Event.REPLY}


@dataclass(frozen=True, slots=True)
class AnswersTaken:
    """What became of each answer of a file. `digest`: SHA-256 of the file as it came; `signature`: by which it was taken."""

    answered: Sequence[Answered]
    digest: str = ""
    signature: SignatureSeen | None = None

    @property
    def refused(self) -> int:
        """How many were kept out."""
        return sum(one.outcome == REFUSED for one in self.answered)


def receive_answers(
    house: House,
    endpoint: Endpoint,
    content: bytes,
    form: str,
    now: datetime,
    *,
    max_bytes: int = DEFAULT_LIMITS.max_bytes,
) -> AnswersTaken:
    """Raises DocumentRejected for a file that cannot be read as a whole, or for its signature; nothing of it is applied."""
    limits = replace(DEFAULT_LIMITS, max_bytes=max_bytes)
    if len(content) > max_bytes:
        raise too_large(limits)
    actor = f"endpoint:{endpoint.id}"
    with house.store.reading() as unit:
        sender = unit.participants.organisation(endpoint.organisation_id)
    assert sender is not None
    checked = check_signature(house, sender, actor, content, form, now, limits)
    reader = read_answer_xml if form == "xml" else read_answer_csv
    records = list(reader(checked.content, limits))  # to its end before anything is applied
    requester = Requester(endpoint.organisation_id, actor, scopes=frozenset({"messages.read"}))
    answered = [_apply(house, requester, record, now) for record in records]
    taken = AnswersTaken(answered, hashlib.sha256(content).hexdigest(), checked.seen)
    with house.store.writing() as unit:
        append_entry(
            unit,
            EventKind.FILE_RECEIVED,
            {
                "organisation": endpoint.organisation_id,
                "actor": requester.actor,
                "format": f"answers-{form}",
                "digest": taken.digest,
                "records": len(records),
                "accepted": len(records) - taken.refused,
                **({"certificate": checked.signature.certificate.fingerprint} if checked.signature else {}),
            },
            now,
        )
        if taken.refused:
            tell_administrator(unit, endpoint.organisation_id, REJECTED, endpoint.id, now)
    return taken


def refuse_file(house: House, endpoint: Endpoint, now: datetime) -> None:
    """A file as a whole was not taken: its partner's administrator is told."""
    with house.store.writing() as unit:
        tell_administrator(unit, endpoint.organisation_id, REJECTED, endpoint.id, now)


def _apply(house: House, requester: Requester, record: AnswerRecord, now: datetime) -> Answered:
    if record.draft is None:
        return Answered(record, REFUSED)
    number = record.draft.operation_id
    try:
        is_new = _answer(house, requester, record.draft, now)
    except KEPT_OUT as error:  # whatever else is raised leaves the file where it is
        return Answered(record.refuse(error.code, error.params), REFUSED, number)
    return Answered(record, TAKEN if is_new else REPEATED, number)


def _answer(house: House, requester: Requester, draft: AnswerDraft, now: datetime) -> bool:
    """Whether it said anything new."""
    with house.store.reading() as unit:
        message_id, told = unit.delivery_events.named(
            requester.organisation_id, draft.delivery_id or "", draft.message_id or ""
        )
        message = unit.messages.get(message_id or MessageId(""), requester.organisation_id, now)
        applied = unit.delivery_events.applied(requester.organisation_id, draft.operation_id)
    if message is None:
        raise Unavailable("message_unavailable")
    if draft.event == RECEIVED:
        return _acknowledge(house, requester, told, now)
    event = Event(draft.event)
    if event is Event.OPEN:
        return _open(house, requester, message, now)
    if applied is None and event in _OF_RECIPIENT and message.recipient_id == requester.organisation_id:
        _open(house, requester, message, now)  # who answers a message has opened it
    digest = hashlib.sha256(rfc8785.dumps(draft.model_dump(mode="json"))).hexdigest()
    said = Answer(
        reason=draft.reason,
        words=draft.words,
        alternatives=_organisations(house, draft.alternatives),
        none_because=draft.none_because,
        statute=draft.statute,
        operation=(draft.operation_id, digest),
    )
    answer_message(house, requester, message.id, event, now, said)
    return applied is None


def _acknowledge(house: House, requester: Requester, told: Sequence[DeliveryId], now: datetime) -> bool:
    with house.store.writing() as unit:
        return unit.delivery_events.acknowledge(requester.organisation_id, told, requester.actor, now) > 0


def _open(house: House, requester: Requester, message: MessageOnFile, now: datetime) -> bool:
    """A receipt that it was opened. No category is asked: nothing is decrypted for a file (law 3)."""
    if message.recipient_id != requester.organisation_id:
        raise NotPermitted("message_not_yours", event=Event.OPEN.value)
    if message.state is not State.DELIVERED:
        return False
    open_message(house, requester, message.id, now, ())
    return True


def _organisations(house: House, ogrns: Sequence[str]) -> tuple[OrganisationId, ...]:
    """Raises BadInput (recipient_unknown)."""
    found = []
    with house.store.reading() as unit:
        for ogrn in ogrns:
            organisation = unit.participants.organisation_by_ogrn(ogrn)
            if organisation is None:
                raise BadInput("recipient_unknown", ogrn=ogrn)
            found.append(organisation.id)
    return tuple(found)
