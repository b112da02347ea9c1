"""Messages, receipts and the outbox. The outbox row is written in the transaction of its message (law 9)."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Insert,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from gateway.storage import tables as t
from gateway.storage import tables_attachments as a
from gateway.storage.attachments import discard
from gateway.storage.columns import padded
from gateway.storage.delivery_events import tell_parties
from gateway.storage.facts import bump_versions, lock_versions, message_of
from gateway.storage.queues import settle
from gateway.storage.summaries import insert_sections, select_sections
from gateway.storage.tables_joint import concluded
from gateway.use_cases.values import MessageOnFile, ReceiptOnFile, SealedSection
from schemas.errors import Contended
from schemas.ids import CaseId, Category, MessageId, OrganisationId, SubjectId, ThreadId, new_id
from schemas.lifecycle import WITHDRAWN, Event, State
from schemas.messages import LOOKUP_ECHO


class SqlMessages:
    """`ports.Messages`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        message: MessageOnFile,
        subject_ids: Sequence[SubjectId],
        sections: Sequence[SealedSection],
        unsent: Collection[SubjectId] = (),
        *,
        queued: bool = True,
    ) -> None:
        connection = self._connection
        connection.execute(
            _open_thread(connection.dialect.name), {"id": message.thread_id, "opened_at": message.submitted_at}
        )
        connection.execute(
            insert(t.messages),
            {
                "id": message.id,
                "thread_id": message.thread_id,
                "case_id": message.case_id,
                "type": message.type,
                "lane": message.lane,
                "sender_id": message.sender_id,
                "recipient_id": message.recipient_id,
                "operation_id": message.operation_id,
                "digest": message.digest,
                "purpose": message.purpose,
                "trigger": message.trigger,
                "statute": message.statute,
                "urgency": message.urgency,
                "reg_number": message.reg_number,
                "reg_on": message.reg_on,
                "created_at": message.created_at,
                "answers_id": message.answers_id,
                "corrects_id": message.corrects_id,
                "redirects_id": message.redirects_id,
                "agenda_id": message.agenda_id,
                "incoming_number": message.incoming_number,
                "incoming_on": message.incoming_on,
                "sealed_words": message.sealed_words,
                "state": message.state.value,
                "submitted_at": message.submitted_at,
                "delivered_at": message.delivered_at,
                "reason": message.reason,
                "alternatives": list(message.alternatives),
                "notes": dict(message.notes),
                "claims": dict(message.claims),
                "held": message.held,
            },
        )
        if subject_ids:
            connection.execute(
                insert(t.message_subjects),
                [
                    {
                        "message_id": message.id,
                        "subject_id": subject_id,
                        "ordinal": n,
                        "sent": subject_id not in unsent,
                    }
                    for n, subject_id in enumerate(subject_ids)
                ],
            )
        insert_sections(connection, sections, "message_id")
        for number, receipt in enumerate(message.receipts):
            self._insert_receipt(message.id, number, receipt)
        if queued and not message.held:
            connection.execute(
                insert(t.outbox),
                {
                    "message_id": message.id,
                    "available_at": message.submitted_at,
                    "attempts": 0,
                },
            )
        bump_versions(connection, [f"message:{message.id}"])

    def send(self, message_id: MessageId, now: datetime) -> None:
        self._connection.execute(update(t.messages).where(t.messages.c.id == message_id).values(held=False))
        self._connection.execute(
            insert(t.outbox),
            {
                "message_id": message_id,
                "available_at": now,
                "attempts": 0,
            },
        )

    def show(self, message_id: MessageId, subject_id: SubjectId) -> None:
        about = t.message_subjects
        self._connection.execute(
            update(about).where(about.c.message_id == message_id, about.c.subject_id == subject_id).values(sent=True)
        )
        bump_versions(self._connection, [f"message:{message_id}"])

    def by_id(self, message_id: MessageId, now: datetime) -> MessageOnFile | None:
        return self._one(_messages(now).where(t.messages.c.id == message_id))

    def _insert_receipt(self, message_id: MessageId, ordinal: int, receipt: ReceiptOnFile) -> None:
        self._connection.execute(
            insert(t.receipts),
            {
                "id": new_id(),
                "message_id": message_id,
                "ordinal": ordinal,
                "event": receipt.event.value,
                "state": receipt.state.value,
                "at": receipt.at,
                "organisation_id": receipt.organisation_id,
                "actor": receipt.actor,
                "attested_by": receipt.attested_by,
                "reason": receipt.reason,
                "sealed_words": receipt.sealed_words,
                "signature": receipt.signature,
            },
        )

    def get(
        self, message_id: MessageId, party: OrganisationId, now: datetime, *, lock: bool = False
    ) -> MessageOnFile | None:
        messages = t.messages
        theirs = (messages.c.sender_id == party) | (
            (messages.c.recipient_id == party) & messages.c.delivered_at.is_not(None)
        )
        statement = _messages(now).where(messages.c.id == message_id, theirs)
        if lock and self._connection.dialect.name == "postgresql":
            lock_versions(self._connection, [f"message:{message_id}"])
            # Rows that refer to the message may be written meanwhile: nobody changes its key.
            statement = statement.with_for_update(of=messages, key_share=True)
        return self._one(statement)

    def of_side(self, message_id: MessageId, party: OrganisationId) -> MessageOnFile | None:
        messages = t.messages
        theirs = (messages.c.sender_id == party) | (
            (messages.c.recipient_id == party) & messages.c.delivered_at.is_not(None)
        )
        row = self._connection.execute(select(messages).where(messages.c.id == message_id, theirs)).mappings().first()
        return message_of(row) if row else None

    def begun_by(self, thread_id: ThreadId) -> OrganisationId | None:
        messages = t.messages
        return self._connection.execute(
            select(messages.c.sender_id)
            .where(messages.c.thread_id == thread_id)
            .order_by(messages.c.submitted_at, messages.c.answers_id.is_not(None), messages.c.id)
            .limit(1)
        ).scalar()

    def register(self, message_id: MessageId, number: str, on: date) -> None:
        self._connection.execute(
            update(t.messages).where(t.messages.c.id == message_id).values(incoming_number=number, incoming_on=on)
        )

    def remove_sections(self, message_id: MessageId) -> int:
        bump_versions(self._connection, [f"message:{message_id}"])
        # Documents go with the sections; their files, from now on nobody's, are removed by the clearer of uploads.
        discard(self._connection, a.attachments.c.message_id == message_id)
        ids = select(t.sections.c.id).where(t.sections.c.message_id == message_id).scalar_subquery()
        self._connection.execute(delete(t.section_subjects).where(t.section_subjects.c.section_id.in_(ids)))
        return self._connection.execute(delete(t.sections).where(t.sections.c.message_id == message_id)).rowcount

    def subjects(self, message_id: MessageId, *, sent: bool = False) -> Sequence[SubjectId]:
        about = t.message_subjects
        wanted = [about.c.message_id == message_id] + ([about.c.sent] if sent else [])
        return list(
            self._connection.execute(select(about.c.subject_id).where(*wanted).order_by(about.c.ordinal)).scalars()
        )

    def by_operation(self, sender_id: OrganisationId, operation_id: str, now: datetime) -> MessageOnFile | None:
        return self._one(_by_operation(), {"now": now, "sender": sender_id, "operation": operation_id})

    def advance(
        self,
        message_id: MessageId,
        receipt: ReceiptOnFile,
        *,
        reason: str | None = None,
        alternatives: Sequence[OrganisationId] = (),
        expected: State | None = None,
    ) -> None:
        bump_versions(self._connection, [f"message:{message_id}"])
        changes: dict[str, object] = {"state": receipt.state.value}
        if receipt.event is Event.DELIVER:
            changes["delivered_at"] = receipt.at
        if reason is not None:
            changes |= {"reason": reason, "alternatives": list(alternatives)}
        stands = [t.messages.c.id == message_id] + ([t.messages.c.state == expected.value] if expected else [])
        if self._connection.execute(update(t.messages).where(*stands).values(**changes)).rowcount != 1:
            raise Contended("facts_keep_moving")  # somebody else has moved it since it was read
        count = self._connection.execute(
            select(func.count()).select_from(t.receipts).where(t.receipts.c.message_id == message_id)
        ).scalar_one()
        self._insert_receipt(message_id, count, receipt)
        settle(self._connection, message_id, receipt.state, receipt.at)
        tell_parties(self._connection, message_id, count, receipt)

    def attest(self, message_id: MessageId, receipt: ReceiptOnFile) -> None:
        # Of two who add a receipt, one waits here: words that an answer brings are sealed under the number of its receipt.
        bump_versions(self._connection, [f"message:{message_id}"])
        count = self._connection.execute(
            select(func.count()).select_from(t.receipts).where(t.receipts.c.message_id == message_id)
        ).scalar_one()
        self._insert_receipt(message_id, count, receipt)

    def queue(
        self, organisation_id: OrganisationId, box: str, after: MessageId | None, limit: int, now: datetime
    ) -> Sequence[MessageOnFile]:
        messages = t.messages
        mine = messages.c.recipient_id if box == "inbox" else messages.c.sender_id
        statement = _messages(now).where(mine == organisation_id)
        if box == "inbox":
            statement = statement.where(messages.c.delivered_at.is_not(None))
        else:  # whoever looked is not named, so the notice is not from anybody else; nobody here sent it either
            statement = statement.where(messages.c.type != LOOKUP_ECHO)
        if after is not None:
            # A page begins after a message of this box; any other name begins nothing, whether or not it is real (law 7).
            begin = messages.alias("begin")
            of_box = [begin.c.id == after, begin.c[mine.key] == organisation_id]
            if box == "inbox":
                of_box.append(begin.c.delivered_at.is_not(None))
            cut = select(begin.c.submitted_at).where(*of_box).scalar_subquery()
            statement = statement.where(
                (messages.c.submitted_at < cut) | ((messages.c.submitted_at == cut) & (messages.c.id < after))
            )
        statement = statement.order_by(messages.c.submitted_at.desc(), messages.c.id.desc()).limit(limit)
        return self._with_receipts([message_of(row) for row in self._connection.execute(statement).mappings()])

    def by_claim(self, case_id: CaseId, sender_id: OrganisationId, claim: str, value: str) -> Sequence[MessageOnFile]:
        messages = t.messages
        of_sender = (messages.c.case_id == case_id, messages.c.sender_id == sender_id)
        statement = select(messages, literal(value=False).label("sender_protected")).where(*of_sender)
        if self._connection.dialect.name == "postgresql":
            ids = self._connection.execute(select(messages.c.id).where(*of_sender)).scalars()
            lock_versions(self._connection, [f"message:{message_id}" for message_id in ids])
            statement = statement.order_by(messages.c.id).with_for_update(key_share=True)
        found = [message_of(row) for row in self._connection.execute(statement).mappings()]
        return [message for message in found if message.claims.get(claim) == value]

    def echoes(
        self, case_id: CaseId, holder_id: OrganisationId, after: MessageId | None, limit: int
    ) -> Sequence[MessageOnFile]:
        messages = t.messages
        of_case = [messages.c.case_id == case_id, messages.c.recipient_id == holder_id, messages.c.type == LOOKUP_ECHO]
        statement = select(messages, literal(value=False).label("sender_protected")).where(
            *of_case, messages.c.delivered_at.is_not(None)
        )
        if after is not None:
            begin = messages.alias("begin")
            cut = (
                select(begin.c.submitted_at)
                .where(begin.c.id == after, begin.c.case_id == case_id, begin.c.recipient_id == holder_id)
                .scalar_subquery()
            )
            statement = statement.where(
                (messages.c.submitted_at < cut) | ((messages.c.submitted_at == cut) & (messages.c.id < after))
            )
        statement = statement.order_by(messages.c.submitted_at.desc(), messages.c.id.desc()).limit(limit)
        return [message_of(row) for row in self._connection.execute(statement).mappings()]

    def sections(self, message_id: MessageId, categories: Sequence[Category]) -> Sequence[SealedSection]:
        return select_sections(self._connection, t.sections.c.message_id == message_id, categories)

    def told_in(self, case_ids: Sequence[CaseId], categories: Sequence[Category]) -> Sequence[SealedSection]:
        own = (
            select(t.messages.c.id)
            .join(t.cases, t.cases.c.id == t.messages.c.case_id)
            .where(
                t.messages.c.case_id.in_(case_ids),
                t.messages.c.sender_id == t.cases.c.holder_id,
                t.messages.c.state.not_in(sorted(state.value for state in WITHDRAWN)),
            )
        )
        return select_sections(self._connection, t.sections.c.message_id.in_(own), categories)

    def of_ids(self, message_ids: Collection[MessageId], now: datetime) -> Mapping[MessageId, MessageOnFile]:
        return {message.id: message for message in self.several(t.messages.c.id.in_(padded(message_ids)), now)}

    def contents(self, message_id: MessageId) -> frozenset[tuple[SubjectId, Category]]:
        sections = select(t.section_subjects.c.subject_id, t.sections.c.category).join(t.sections)
        documents = select(a.attachments.c.subject_id, a.attachments.c.category)
        rows = self._connection.execute(
            union(
                sections.where(t.sections.c.message_id == message_id),
                documents.where(a.attachments.c.message_id == message_id),
            )
        )
        return frozenset((row.subject_id, Category(row.category)) for row in rows)

    def waiting(self, now: datetime) -> bool:
        outbox = t.outbox
        statement = select(outbox.c.position).where(outbox.c.done_at.is_(None), outbox.c.available_at <= now).limit(1)
        return self._connection.execute(statement).first() is not None

    def positions_due(self, limit: int, now: datetime) -> Sequence[int]:
        outbox = t.outbox
        return list(
            self._connection.execute(
                select(outbox.c.position)
                .where(outbox.c.done_at.is_(None), outbox.c.available_at <= now)
                .order_by(outbox.c.position)
                .limit(limit)
            ).scalars()
        )

    def put_off(self, position: int, now: datetime, first: timedelta, longest: timedelta) -> None:
        outbox = t.outbox
        attempts = self._connection.execute(select(outbox.c.attempts).where(outbox.c.position == position)).scalar_one()
        wait = min(first * 2 ** min(attempts, 30), longest)
        self._connection.execute(
            update(outbox).where(outbox.c.position == position).values(attempts=attempts + 1, available_at=now + wait)
        )

    def due(self, limit: int, now: datetime, position: int | None = None) -> Sequence[tuple[int, MessageOnFile]]:
        outbox = t.outbox
        statement = (
            select(outbox.c.position, outbox.c.message_id)
            .where(outbox.c.done_at.is_(None), outbox.c.available_at <= now)
            .order_by(outbox.c.position)
            .limit(limit)
        )
        if position is not None:
            statement = statement.where(outbox.c.position == position)
        if self._connection.dialect.name == "postgresql":
            statement = statement.with_for_update(skip_locked=True)
        rows = self._connection.execute(statement).all()
        found = {
            row["id"]: message_of(row)
            for row in self._connection.execute(
                _messages(now).where(t.messages.c.id.in_([row.message_id for row in rows]))
            ).mappings()
        }
        return [(row.position, found[row.message_id]) for row in rows]

    def done(self, position: int, now: datetime) -> None:
        self._connection.execute(update(t.outbox).where(t.outbox.c.position == position).values(done_at=now))

    def several(self, wanted: ColumnElement[bool], now: datetime) -> list[MessageOnFile]:
        """Messages with their receipts by any condition of this room, the oldest first; two statements."""
        statement = _messages(now).where(wanted).order_by(t.messages.c.submitted_at, t.messages.c.id)
        return self._with_receipts([message_of(row) for row in self._connection.execute(statement).mappings()])

    def _one(
        self, statement: Select[tuple[object, ...]], given: Mapping[str, object] | None = None
    ) -> MessageOnFile | None:
        row = self._connection.execute(statement, given or {}).mappings().first()
        return self._with_receipts([message_of(row)])[0] if row else None

    def _with_receipts(self, messages: list[MessageOnFile]) -> list[MessageOnFile]:
        receipts = self._receipts([message.id for message in messages])
        return [replace(message, receipts=tuple(receipts[message.id])) for message in messages]

    def _receipts(self, message_ids: Sequence[MessageId]) -> Mapping[MessageId, list[ReceiptOnFile]]:
        receipts: dict[MessageId, list[ReceiptOnFile]] = {message_id: [] for message_id in message_ids}
        for row in self._connection.execute(
            select(t.receipts).where(t.receipts.c.message_id.in_(receipts)).order_by(t.receipts.c.ordinal)
        ):
            receipts[row.message_id].append(
                ReceiptOnFile(
                    State(row.state),
                    row.at,
                    row.organisation_id,
                    row.actor,
                    row.attested_by,
                    Event(row.event),
                    row.reason,
                    row.sealed_words,
                    row.signature,
                )
            )
        return receipts


@functools.cache
def _open_thread(dialect: str) -> Insert:
    """A thread, unless it is open already."""
    statement = postgresql_insert(t.threads) if dialect == "postgresql" else sqlite_insert(t.threads)
    return statement.on_conflict_do_nothing(index_elements=[t.threads.c.id])


@functools.cache
def _by_operation() -> Select[tuple[object, ...]]:
    """Built once: it is asked twice for each message that is sent."""
    return _messages(bindparam("now", type_=t.messages.c.submitted_at.type)).where(
        t.messages.c.sender_id == bindparam("sender"), t.messages.c.operation_id == bindparam("operation")
    )


def _messages(now: datetime | BindParameter[Any]) -> Select[tuple[object, ...]]:
    """Messages, whether the sender's name must stay hidden (the name of a shelter is itself protected where whereabouts are,
    rules 3.7), and whether what they put to somebody is concluded."""
    facts, about = t.recorded_facts, t.message_subjects
    protected = exists().where(
        about.c.message_id == t.messages.c.id,
        facts.c.subject_id == about.c.subject_id,
        facts.c.fact == "location_protected",
        facts.c.from_at <= now,
        facts.c.to_at.is_(None) | (facts.c.to_at > now),
    )
    return select(t.messages, protected.label("sender_protected"), concluded().label("concluded"))
