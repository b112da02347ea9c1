"""Put a matter (opening, closing, going on) to several parties at once: one decision, a message to each in its own lane.

All messages and the decision over them are kept in one unit of work, or nothing is. No help waits for it: nothing in the
product asks whether a decision is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

import rfc8785

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.disclose import MAX_ATTEMPTS
from gateway.use_cases.house import House
from gateway.use_cases.joint_values import JointDecision, JointParty
from gateway.use_cases.ports import Unit
from gateway.use_cases.send_together import Foreseen, foresee, keep_together, refuse_together
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Conflict, Contended, NotPermitted
from schemas.ids import new_id
from schemas.joint import JointDecisionDraft
from schemas.messages import MessageDraft

JOINT = "joint_decision"


@dataclass(frozen=True, slots=True)
class Proposed:
    """The decision that is put to all its parties. `repeated` is true for a harmless repeat."""

    decision: JointDecision
    repeated: bool = False


def preview_joint_decision(
    house: House, requester: Requester, draft: JointDecisionDraft, now: datetime
) -> tuple[Foreseen, ...]:
    """Exactly what each party would see, or why it cannot be put to it and what would be lawful. Nothing is written.

    Raises as `propose_joint_decision` does for what is wrong with the whole.
    """
    with house.store.reading() as unit:
        _check(unit, requester, draft)
        foreseen = foresee(house, unit, requester, _messages(unit, requester, draft), now)
        _check_case(house, unit, requester, draft, foreseen)
    return foreseen


def propose_joint_decision(
    house: House, requester: Requester, draft: JointDecisionDraft, now: datetime, *, synthetic: bool = False
) -> Proposed:
    """Put it to all of them.

    Raises NotTogether (joint_refused: said for each party, before anything is sent), BadInput (party_twice, agenda_unknown,
    joint_other_case, note_…, and what is wrong with the people named), Conflict (operation_id_reused), NotPermitted
    (not_assigned, not_for_overseers, no_agreement), Contended.
    """
    digest = house.vault.keyed_digest(rfc8785.dumps(draft.model_dump(mode="json", exclude={"operation_id"})))
    for _ in range(MAX_ATTEMPTS):
        try:
            return _attempt(house, requester, draft, digest, now, synthetic=synthetic)
        except Contended:  # facts moved since it was foreseen, or the same operation is being sent at this very moment
            continue
    raise Contended("facts_keep_moving")


def _attempt(
    house: House, requester: Requester, draft: JointDecisionDraft, digest: str, now: datetime, *, synthetic: bool
) -> Proposed:
    with house.store.reading() as unit:
        before = unit.joint.by_operation(requester.organisation_id, draft.operation_id)
        if before is not None:
            return _repeat(before, digest)
        _check(unit, requester, draft)
        drafts = _messages(unit, requester, draft)
        foreseen = foresee(house, unit, requester, drafts, now)
        _check_case(house, unit, requester, draft, foreseen)
    if any(found.refused is not None for found in foreseen):
        refuse_together(house, requester, foreseen, now)
    with house.store.writing() as unit:
        before = unit.joint.by_operation(requester.organisation_id, draft.operation_id)
        if before is not None:
            return _repeat(before, digest)
        _check(unit, requester, draft, lock=True)
        kept = keep_together(house, unit, requester, drafts, now, synthetic=synthetic)
        named = next((message for message in kept if message.purpose), kept[0])
        decision = JointDecision(
            id=new_id(),
            proposer_id=requester.organisation_id,
            operation_id=draft.operation_id,
            digest=digest,
            case_id=named.case_id,
            matter=draft.matter,
            proposed_at=now,
            proposed_by=requester.actor,
            agenda_id=draft.agenda,
            parties=tuple(JointParty(message.recipient_id, message.id) for message in kept),
        )
        unit.joint.add(decision)
        _record(unit, requester, decision, now)
    return Proposed(decision)


def _check(unit: Unit, requester: Requester, draft: JointDecisionDraft, *, lock: bool = False) -> None:
    """What is wrong with the whole, whoever the parties are."""
    if len({party.ogrn for party in draft.parties}) != len(draft.parties):
        raise BadInput("party_twice")
    if draft.agenda is None:
        return
    agenda = unit.agendas.get(draft.agenda, requester.organisation_id, lock=lock)
    if agenda is None or agenda.organisation_id != requester.organisation_id or agenda.closed_at is not None:
        raise BadInput("agenda_unknown")


def _check_case(
    house: House, unit: Unit, requester: Requester, draft: JointDecisionDraft, foreseen: Sequence[Foreseen]
) -> None:
    """One decision is about one case: a wrong number of the child, or a wrong thread, would tell the parties of another
    family. A thread of another organisation is about its own case of the same family, and one that names nobody may be
    about anybody: neither is compared. Who begins from a case means that case."""
    prepared = [found.prepared for found in foreseen if found.prepared]
    about = {one.case_id for one in prepared if one.resolved and (draft.case is not None or not one.case_is_new)}
    for case_id in {one.case_id for one in prepared if not one.resolved and one.footing.before is not None}:
        is_own = unit.families.case_holder(case_id) == requester.organisation_id
        if is_own and unit.families.case_subjects(case_id):
            about.add(case_id)
    if draft.case is not None:
        about.add(house.vault.resolve_case(requester.organisation_id, draft.case))
    if len(about) > 1:
        raise BadInput("joint_other_case")


def _messages(unit: Unit, requester: Requester, draft: JointDecisionDraft) -> Sequence[MessageDraft]:
    """One message for each party. Its operation follows from that of the whole, so that a repeat is one too."""
    sender = unit.participants.organisation(requester.organisation_id)
    if sender is None:
        raise NotPermitted("no_agreement")
    return [
        MessageDraft(
            operation_id=str(uuid5(UUID(draft.operation_id), party.ogrn)),
            type=JOINT,
            sender_ogrn=sender.ogrn,
            recipient_ogrn=party.ogrn,
            urgency=draft.urgency,
            reg_number=draft.reg_number,
            reg_on=draft.reg_on,
            purpose=draft.purpose if party.named else None,
            answers=party.answers,
            agenda=draft.agenda,
            notes=draft.notes(),
            persons=draft.persons if party.named else (),
        )
        for party in draft.parties
    ]


def _repeat(before: JointDecision, digest: str) -> Proposed:
    if before.digest != digest:
        raise Conflict("operation_id_reused", operation_id=before.operation_id)
    return Proposed(before, repeated=True)


def _record(unit: Unit, requester: Requester, decision: JointDecision, now: datetime) -> None:
    append_entry(
        unit,
        EventKind.JOINT_PROPOSED,
        {
            "decision": decision.id,
            "organisation": decision.proposer_id,
            "actor": requester.actor,
            "matter": decision.matter,
            "parties": {party.organisation_id: party.message_id for party in decision.parties},
        },
        now,
    )
