"""Facts for the gate: three statements for a page, whatever its size and however many consents are stored.

1. cases (or the message) with their subjects, recorded facts, discloser and requester; 2. consents with events, signers
and authorities; 3. versions of all that. A requester without a relation causes the same three statements of the same
shape for a real case as for an invented one (law 6): the relation is part of the first statement's condition.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    BindParameter,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Subquery,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from consent.records import ConsentEvent, ConsentEventKind
from gateway.storage import tables as t
from gateway.storage.columns import padded
from gateway.use_cases.facts import EMERGENCY
from gateway.use_cases.hold_for_people import DECIDED
from gateway.use_cases.values import (
    CaseOnFile,
    ConsentOnFile,
    Gathered,
    MessageOnFile,
    Organisation,
    RecordedFact,
    SignerOnFile,
    SubjectOnFile,
    SummaryHeader,
)
from schemas.ids import CaseId, Category, MessageId, OrganisationId, PersonId, SubjectId
from schemas.lifecycle import WITHDRAWN, State

RELATION_MESSAGE_TYPES_EXCLUDED = ("recall",)
"""A recall ends a relation, it does not make one."""

RELATION_FACTS_EXCLUDED = (DECIDED,)
"""What somebody decided about a question of an organisation, or about a message to it that may never come, is no duty."""

MOVED_BY_THE_CHECKER = ("message:", "registry:")
"""Versions that a unit checks and then moves itself (it opens the message, it registers a child). They are locked for it
alone from the start: two units that share such a lock would wait for each other until PostgreSQL ends one."""

requester = t.organisations.alias("requester")
discloser = t.organisations.alias("discloser")


def bump_versions(connection: Connection, keys: Iterable[str]) -> None:
    """Move the version of each key. Sorted, so that two units never wait for each other in a circle."""
    rows = [{"key": key, "version": 1} for key in sorted(set(keys))]
    if not rows:
        return
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = insert(t.fact_versions)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[t.fact_versions.c.key], set_={"version": t.fact_versions.c.version + 1}
        ),
        rows,
    )


def lock_versions(connection: Connection, keys: Iterable[str]) -> None:
    """Take the versions of these for oneself until the unit ends, in their order. Whoever locks the row of a message takes
    its version first, as an opening does: in another order two units would wait for each other."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
        table = t.fact_versions
        statement = select(table.c.key).where(table.c.key.in_(sorted(set(keys)))).order_by(table.c.key)
        connection.execute(statement.with_for_update()).all()


def registry_key(organisation_id: OrganisationId) -> str:
    """Moves whenever an organisation registers somebody for the first time."""
    return f"registry:{organisation_id}"


def relation(requester_id: OrganisationId, now: datetime) -> ColumnElement[bool]:
    """A recorded relation of an organisation to a case (law 6): a consent that names it, a thread, or a duty fact in
    force that names it (a plan of individual prevention work, an official request, a declared emergency)."""
    in_case = t.case_subjects.alias("in_case")
    # One condition inside the other, from the case outwards: read the other way round, an organisation that many consents
    # name would cost all of them for each case.
    by_consent = exists().where(
        in_case.c.case_id == t.cases.c.id,
        exists()
        .where(
            t.consents.c.subject_id == in_case.c.subject_id,
            t.consents.c.recipient_id == requester_id,
            t.consents.c.discloser_id == t.cases.c.holder_id,
        )
        .correlate(in_case, t.cases),
    )
    by_message = exists().where(
        t.messages.c.case_id == t.cases.c.id,
        t.messages.c.recipient_id == requester_id,
        t.messages.c.type.not_in(RELATION_MESSAGE_TYPES_EXCLUDED),
        t.messages.c.delivered_at.is_not(None),
    )
    by_fact = exists().where(
        in_case.c.case_id == t.cases.c.id,
        exists()
        .where(
            t.recorded_facts.c.subject_id == in_case.c.subject_id,
            t.recorded_facts.c.fact.not_in(RELATION_FACTS_EXCLUDED),
            in_force(now),
            exists()
            .where(
                t.fact_organisations.c.fact_id == t.recorded_facts.c.id,
                t.fact_organisations.c.organisation_id == requester_id,
            )
            .correlate(t.recorded_facts),
        )
        .correlate(in_case),
    )
    return or_(by_consent, by_message, by_fact, t.cases.c.holder_id == requester_id)


def in_force(now: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    """Whether a recorded fact holds at `now`."""
    facts = t.recorded_facts
    return and_(facts.c.from_at <= now, or_(facts.c.to_at.is_(None), facts.c.to_at > now))


def _assigned(
    case_id: ColumnElement[str],
    organisation_id: OrganisationId | BindParameter[Any],
    person_id: PersonId | BindParameter[Any] | None,
) -> ColumnElement[bool]:
    """Whether this person works on the case: nobody of its organisation was assigned yet, or this one was. A partner's
    system answers for its own people, so for it nobody is asked after."""
    if person_id is None:
        return true()
    table = t.assignments.alias("assigned")
    ours = [table.c.case_id == case_id, table.c.organisation_id == organisation_id, table.c.to_at.is_(None)]
    return or_(~exists().where(*ours), exists().where(*ours, table.c.person_id == person_id))


class SqlFacts:
    """`ports.Facts`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_cases(
        self,
        requester_id: OrganisationId,
        case_ids: Sequence[CaseId],
        now: datetime,
        person_id: PersonId | None = None,
    ) -> Gathered:
        page = select(t.cases.c.id).where(t.cases.c.id.in_(case_ids), relation(requester_id, now)).subquery("page")
        return self._of_published(requester_id, page, case_ids, now, person_id)

    def of_related_page(
        self,
        requester_id: OrganisationId,
        after: CaseId | None,
        limit: int,
        now: datetime,
        person_id: PersonId | None = None,
    ) -> Gathered:
        page = (
            select(t.cases.c.id)
            .where(
                t.cases.c.id > (after or ""),
                relation(requester_id, now),
                t.cases.c.holder_id != requester_id,
                exists().where(t.summaries.c.case_id == t.cases.c.id, t.summaries.c.current),
            )
            .order_by(t.cases.c.id)
            .limit(limit)
            .subquery("page")
        )
        return self._of_published(requester_id, page, (), now, person_id)

    def _of_published(
        self,
        requester_id: OrganisationId,
        page: Subquery,
        asked: Sequence[CaseId],
        now: datetime,
        person_id: PersonId | None,
    ) -> Gathered:
        assigned = _assigned(t.cases.c.id, requester_id, person_id).label("assigned")
        source = (
            requester.outerjoin(page, true())
            .outerjoin(t.cases, t.cases.c.id == page.c.id)
            .outerjoin(discloser, discloser.c.id == t.cases.c.holder_id)
            .outerjoin(t.summaries, and_(t.summaries.c.case_id == t.cases.c.id, t.summaries.c.current))
            .outerjoin(t.case_subjects, t.case_subjects.c.case_id == t.cases.c.id)
            .outerjoin(t.subjects, t.subjects.c.id == t.case_subjects.c.subject_id)
            .outerjoin(t.recorded_facts, _facts_in_force(now))
        )
        statement = (
            select(requester, t.cases, discloser, t.summaries, t.subjects, t.recorded_facts, assigned)
            .select_from(source)
            .where(requester.c.id == requester_id)
            .order_by(t.cases.c.id, t.case_subjects.c.ordinal)
        )
        return self._gathered(statement, requester_id, asked, recipient_only=True)

    def of_holder(
        self, holder_id: OrganisationId, recipient_id: OrganisationId, case_id: CaseId, now: datetime
    ) -> Gathered:
        page = select(t.cases.c.id).where(t.cases.c.id == case_id, t.cases.c.holder_id == holder_id).subquery("page")
        return self._of_published(recipient_id, page, (), now, None)

    def of_message(
        self,
        requester_id: OrganisationId,
        message_id: MessageId,
        now: datetime,
        person_id: PersonId | None = None,
    ) -> Gathered:
        return self._of_messages(requester_id, t.messages.c.id == message_id, [message_id], now, person_id)

    def of_messages(self, requester_id: OrganisationId, message_ids: Collection[MessageId], now: datetime) -> Gathered:
        wanted = t.messages.c.id.in_(padded(message_ids))
        return self._of_messages(requester_id, wanted, sorted(message_ids), now, None)

    def _of_messages(
        self,
        requester_id: OrganisationId,
        wanted: ColumnElement[bool],
        message_ids: Sequence[MessageId],
        now: datetime,
        person_id: PersonId | None,
    ) -> Gathered:
        message = (
            select(t.messages)
            .where(
                wanted,
                t.messages.c.recipient_id == requester_id,
                t.messages.c.delivered_at.is_not(None),
                # What was taken back is opened by nobody any more, by whatever way it is asked for.
                t.messages.c.state.not_in(sorted(state.value for state in WITHDRAWN)),
            )
            .subquery("messages")
        )
        assigned = _assigned(message.c.case_id, requester_id, person_id).label("assigned")
        source = (
            requester.outerjoin(message, true())
            .outerjoin(discloser, discloser.c.id == message.c.sender_id)
            .outerjoin(t.message_subjects, t.message_subjects.c.message_id == message.c.id)
            .outerjoin(t.subjects, t.subjects.c.id == t.message_subjects.c.subject_id)
            .outerjoin(t.recorded_facts, _facts_in_force(now))
        )
        statement = (
            select(requester, message, discloser, t.subjects, t.recorded_facts, t.message_subjects.c.sent, assigned)
            .select_from(source)
            .where(requester.c.id == requester_id)
            .order_by(message.c.id, t.message_subjects.c.ordinal)
        )
        return self._gathered(statement, requester_id, (), recipient_only=True, message_ids=message_ids)

    def of_sending(
        self,
        sender_id: OrganisationId,
        recipient_id: OrganisationId,
        case_id: CaseId,
        subject_ids: Sequence[SubjectId],
        now: datetime,
        person_id: PersonId | None = None,
    ) -> Gathered:
        statement = _of_sending(asks_person=person_id is not None)
        given = {"sender": sender_id, "recipient": recipient_id, "subjects": list(subject_ids), "now": now}
        if person_id is not None:
            given |= {"case_id": case_id, "person": person_id}
        # A sender may know of all its own consents: "it names another recipient" helps, and tells nobody else.
        return self._gathered(statement, recipient_id, (case_id,), recipient_only=False, sending=True, given=given)

    def unchanged(self, versions: Mapping[str, int]) -> bool:
        moved = sorted(key for key in versions if key.startswith(MOVED_BY_THE_CHECKER))
        found = self._locked(moved, exclusive=True) if moved else {}
        found |= self._locked(sorted(set(versions) - set(moved)), exclusive=False)
        return all(found.get(key, 0) == version for key, version in versions.items())

    def _locked(self, keys: Sequence[str], *, exclusive: bool) -> dict[str, int]:
        rows = self._connection.execute(_locking(exclusive=exclusive), {"keys": list(keys)})
        return {row.key: row.version for row in rows}

    def bump(self, keys: Iterable[str]) -> None:
        bump_versions(self._connection, keys)

    def lock(self, key: str) -> None:
        lock_versions(self._connection, [key])

    def lock_people(self, numbers: Sequence[int]) -> None:
        if self._connection.dialect.name == "postgresql":
            for number in numbers:
                self._connection.execute(select(func.pg_advisory_xact_lock(number)))

    # --- rows to values ----------------------------------------------------------------------------------------------

    def _gathered(
        self,
        statement: Select[Any],
        requester_id: OrganisationId,
        asked: Sequence[CaseId],
        *,
        recipient_only: bool,
        message_ids: Sequence[MessageId] = (),
        sending: bool = False,
        given: Mapping[str, object] | None = None,
    ) -> Gathered:
        if given is None:
            statement = statement.set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
        rows = self._connection.execute(statement, given or {}).mappings().all()
        case_rows: dict[tuple[CaseId, MessageId | None], list[RowMapping]] = defaultdict(list)
        for row in rows:
            case_id = asked[0] if sending else row.get("cases_id") or row.get("messages_case_id")
            if case_id is not None:
                case_rows[case_id, row.get("messages_id")].append(row)
        subject_ids = sorted({row["subjects_id"] for row in rows if row["subjects_id"] is not None})
        consents = self._consents(subject_ids, requester_id if recipient_only else None)
        cases = tuple(_case(case_id, group, consents) for (case_id, _), group in case_rows.items())
        found = {case.case_id for case in cases}
        decoys = tuple(CaseOnFile(case_id, related=False) for case_id in asked if case_id not in found)
        if message_ids and not cases:
            decoys = tuple(CaseOnFile(CaseId(message_id), related=False) for message_id in message_ids)
        keys = {f"organisation:{requester_id}"}
        if sending and rows:  # two first messages about the same child must not make two children of it
            keys.add(registry_key(rows[0]["discloser_id"]))
        keys |= {f"case:{case.case_id}" for case in (*cases, *decoys)}
        keys |= {f"organisation:{case.discloser.id}" for case in cases if case.discloser}
        keys |= {f"subject:{subject_id}" for subject_id in subject_ids}
        keys |= {f"message:{message_id}" for message_id in message_ids}
        return Gathered(_organisation(rows[0], "requester"), cases + decoys, self._versions(keys))

    def _versions(self, keys: set[str]) -> dict[str, int]:
        table = t.fact_versions
        found = self._connection.execute(select(table.c.key, table.c.version).where(table.c.key.in_(sorted(keys))))
        versions = dict.fromkeys(sorted(keys), 0)
        versions.update({row.key: row.version for row in found})
        return versions

    def _consents(
        self, subject_ids: Sequence[str], recipient_id: OrganisationId | None
    ) -> Mapping[SubjectId, list[ConsentOnFile]]:
        statement = _consents_of_subjects(of_recipient=recipient_id is not None)
        given: dict[str, object] = {"subjects": list(subject_ids)}
        if recipient_id is not None:
            given["recipient"] = recipient_id
        return consents_of(self._connection.execute(statement, given).mappings().all())


@functools.cache
def _locking(*, exclusive: bool) -> Select[Any]:
    """Versions in one order for all, so that nobody waits in a circle. SQLite, with one writer at a time, locks nothing."""
    table = t.fact_versions
    found = select(table.c.key, table.c.version).where(table.c.key.in_(bindparam("keys", expanding=True)))
    return found.order_by(table.c.key).with_for_update(read=not exclusive)


@functools.cache
def _of_sending(*, asks_person: bool) -> Select[Any]:
    """Built once: it is asked for each message that is sent."""
    person: BindParameter[Any] | None = bindparam("person") if asks_person else None
    assigned = _assigned(bindparam("case_id"), bindparam("sender"), person).label("assigned")
    source = (
        requester.outerjoin(discloser, discloser.c.id == bindparam("sender"))
        .outerjoin(t.subjects, t.subjects.c.id.in_(bindparam("subjects", expanding=True)))
        .outerjoin(t.recorded_facts, _facts_in_force(bindparam("now", type_=t.recorded_facts.c.from_at.type)))
    )
    return (
        select(requester, discloser, t.subjects, t.recorded_facts, assigned)
        .select_from(source)
        .where(requester.c.id == bindparam("recipient"))
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )


@functools.cache
def _consents_of_subjects(*, of_recipient: bool) -> Select[Any]:
    """Built once, as above."""
    consents = t.consents
    statement = select_consents().where(consents.c.subject_id.in_(bindparam("subjects", expanding=True)))
    if of_recipient:  # a recipient is judged on consents that name it, so that no reason tells it of others' (law 7)
        statement = statement.where(consents.c.recipient_id == bindparam("recipient"))
    return statement.order_by(consents.c.id)


def _facts_in_force(now: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    return and_(t.recorded_facts.c.subject_id == t.subjects.c.id, in_force(now))


def _organisation(row: RowMapping, prefix: str) -> Organisation:
    values = {column.name: row[f"{prefix}_{column.name}"] for column in t.organisations.c}
    return Organisation(**{**values, "registers": tuple(values["registers"])})


def select_consents() -> Select[Any]:
    """Consents joined with their events, signers and authorities, for `consents_of`."""
    consents, events, signers, authorities = t.consents, t.consent_events, t.consent_signers, t.authorities
    return (
        select(consents, events, signers, authorities)
        .select_from(
            consents.outerjoin(events, events.c.consent_id == consents.c.id)
            .outerjoin(signers, signers.c.consent_id == consents.c.id)
            .outerjoin(authorities, authorities.c.id == signers.c.authority_id)
        )
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )


def consents_of(rows: Sequence[RowMapping]) -> Mapping[SubjectId, list[ConsentOnFile]]:
    """Joined rows of consents, events, signers and authorities as values, by subject."""
    by_consent: dict[str, list[RowMapping]] = defaultdict(list)
    for row in rows:
        by_consent[row["consents_id"]].append(row)
    found: dict[SubjectId, list[ConsentOnFile]] = defaultdict(list)
    for group in by_consent.values():
        first = group[0]
        events = {
            row["consent_events_id"]: ConsentEvent(
                ConsentEventKind(row["consent_events_kind"]),
                row["consent_events_effective_at"],
                row["consent_events_recorded_at"],
                row["consent_events_id"],
                frozenset(row["consent_events_categories"]) if row["consent_events_categories"] is not None else None,
                row["consent_events_valid_to"],
            )
            for row in group
            if row["consent_events_id"] is not None
        }
        signers = {
            row["consent_signers_ordinal"]: SignerOnFile(
                row["consent_signers_who"],
                row["consent_signers_authority_id"],
                row["authorities_holder_id"],
                row["authorities_rights"] or "full",
                row["authorities_verified"] is not False,
                row["authorities_valid_from"],
                row["authorities_valid_to"],
            )
            for row in group
            if row["consent_signers_ordinal"] is not None
        }
        found[first["consents_subject_id"]].append(
            ConsentOnFile(
                id=first["consents_id"],
                subject_id=first["consents_subject_id"],
                discloser_id=first["consents_discloser_id"],
                recipient_id=first["consents_recipient_id"],
                purpose=first["consents_purpose"],
                categories=frozenset(Category(code) for code in first["consents_categories"]),
                given_on=first["consents_given_on"],
                valid_to=first["consents_valid_to"],
                form=first["consents_form"],
                separate=first["consents_separate"],
                fields_complete=first["consents_fields_complete"],
                evidence_digest=first["consents_evidence_digest"],
                objection=first["consents_objection"],
                objection_by=first["consents_objection_by"],
                signers=tuple(signer for _, signer in sorted(signers.items())),
                events=tuple(events.values()),
            )
        )
    return found


def _case(case_id: CaseId, rows: Sequence[RowMapping], consents: Mapping[SubjectId, list[ConsentOnFile]]) -> CaseOnFile:
    first = rows[0]
    discloser_organisation = _organisation(first, "discloser")
    message = message_of(first, "messages_") if first.get("messages_id") is not None else None
    subjects: dict[SubjectId, list[RowMapping]] = defaultdict(list)
    for row in rows:
        if row["subjects_id"] is not None:
            subjects[row["subjects_id"]].append(row)
    return CaseOnFile(
        case_id=case_id,
        related=True,
        discloser=discloser_organisation,
        practice=first.get("cases_practice"),
        subjects=tuple(
            SubjectOnFile(
                subject_id,
                group[0]["subjects_kind"],
                group[0]["subjects_decision_facts"],
                tuple(c for c in consents.get(subject_id, ()) if c.discloser_id == discloser_organisation.id),
                tuple(_fact(row) for row in group if row["recorded_facts_id"] is not None),
                group[0]["subjects_registered_by"],
                group[0].get("message_subjects_sent") is not False,
            )
            for subject_id, group in subjects.items()
        ),
        summary=_summary(first) if first.get("summaries_id") is not None else None,
        message=message,
        assigned=bool(first["assigned"]),
        declared=message is not None and EMERGENCY in message.claims,
    )


def _fact(row: RowMapping) -> RecordedFact:
    values = {column.name: row[f"recorded_facts_{column.name}"] for column in t.recorded_facts.c}
    return RecordedFact(**{**values, "participants": tuple(values["participants"])})


def _summary(row: RowMapping) -> SummaryHeader:
    return SummaryHeader(
        row["summaries_id"],
        row["summaries_version"],
        row["summaries_published_at"],
        row["summaries_as_of"],
        row["summaries_erase_after"],
        row["summaries_source"],
        row["summaries_curator_name"],
        row["summaries_curator_phone"],
        tuple((Category(category), frozenset(subjects)) for category, subjects in row["summaries_sharing"]),
        frozenset(Category(category) for category in row["summaries_not_used"]),
    )


def message_of(row: RowMapping, prefix: str = "") -> MessageOnFile:
    """One row of `messages` as a value, without receipts."""
    return MessageOnFile(
        id=row[f"{prefix}id"],
        thread_id=row[f"{prefix}thread_id"],
        case_id=row[f"{prefix}case_id"],
        type=row[f"{prefix}type"],
        sender_id=row[f"{prefix}sender_id"],
        recipient_id=row[f"{prefix}recipient_id"],
        operation_id=row[f"{prefix}operation_id"],
        digest=row[f"{prefix}digest"],
        purpose=row[f"{prefix}purpose"],
        urgency=row[f"{prefix}urgency"],
        state=State(row[f"{prefix}state"]),
        submitted_at=row[f"{prefix}submitted_at"],
        trigger=row[f"{prefix}trigger"],
        statute=row[f"{prefix}statute"],
        reg_number=row[f"{prefix}reg_number"],
        reg_on=row[f"{prefix}reg_on"],
        created_at=row[f"{prefix}created_at"],
        answers_id=row[f"{prefix}answers_id"],
        lane=row[f"{prefix}lane"],
        corrects_id=row[f"{prefix}corrects_id"],
        redirects_id=row[f"{prefix}redirects_id"],
        agenda_id=row[f"{prefix}agenda_id"],
        incoming_number=row[f"{prefix}incoming_number"],
        incoming_on=row[f"{prefix}incoming_on"],
        sealed_words=row[f"{prefix}sealed_words"],
        delivered_at=row[f"{prefix}delivered_at"],
        reason=row[f"{prefix}reason"],
        alternatives=tuple(row[f"{prefix}alternatives"]),
        notes=row[f"{prefix}notes"],
        claims=row[f"{prefix}claims"],
        held=row[f"{prefix}held"],
        sender_protected=bool(row.get(f"{prefix}sender_protected", False)),
        concluded=bool(row.get(f"{prefix}concluded", False)),
    )
