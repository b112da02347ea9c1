"""Minutes of what was agreed on a joint decision: the same text to every party to which the matter has come, to be signed or
remarked on. All of them get it, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from gateway.use_cases.disclose import MAX_ATTEMPTS
from gateway.use_cases.house import House
from gateway.use_cases.joint_view import said_of
from gateway.use_cases.ports import Unit
from gateway.use_cases.send_together import foresee, keep_together, refuse_together
from gateway.use_cases.values import MessageOnFile, Requester
from policies.joint import Position, stand
from schemas.errors import Conflict, Contended, NotPermitted, Unavailable
from schemas.ids import is_id, new_id
from schemas.joint import MinutesDraft
from schemas.messages import MessageDraft

MINUTES = "minutes"


def send_minutes(
    house: House, requester: Requester, decision_id: str, draft: MinutesDraft, now: datetime
) -> Sequence[MessageOnFile]:
    """The messages, one for each party. Sent again under the same operation they are the same ones.

    Raises Unavailable (joint_unavailable), NotPermitted (joint_not_yours, not_assigned, not_for_overseers), Conflict
    (joint_nobody, operation_id_reused), NotTogether (joint_refused), Contended, and what is wrong with the words.
    """
    for _ in range(MAX_ATTEMPTS):
        try:
            return _attempt(house, requester, decision_id, draft, now)
        except Contended:
            continue
    raise Contended("facts_keep_moving")


def _attempt(
    house: House, requester: Requester, decision_id: str, draft: MinutesDraft, now: datetime
) -> Sequence[MessageOnFile]:
    with house.store.reading() as unit:
        drafts = _drafts(unit, requester, decision_id, draft, now)
        foreseen = foresee(house, unit, requester, drafts, now)
    if any(found.refused is not None for found in foreseen):
        refuse_together(house, requester, foreseen, now)
    with house.store.writing() as unit:
        return keep_together(house, unit, requester, drafts, now)


def _drafts(
    unit: Unit, requester: Requester, decision_id: str, draft: MinutesDraft, now: datetime
) -> Sequence[MessageDraft]:
    decision = unit.joint.get(decision_id if is_id(decision_id) else new_id(), requester.organisation_id)
    if decision is None:
        raise Unavailable("joint_unavailable")
    if decision.proposer_id != requester.organisation_id:
        raise NotPermitted("joint_not_yours")
    messages = unit.joint.messages(decision.message_ids, now)
    organisations = unit.practices.organisations(
        [decision.proposer_id, *(party.organisation_id for party in decision.parties)]
    )
    found = [
        MessageDraft(
            operation_id=str(uuid5(UUID(draft.operation_id), organisations[party.organisation_id].ogrn)),
            type=MINUTES,
            sender_ogrn=organisations[decision.proposer_id].ogrn,
            recipient_ogrn=organisations[party.organisation_id].ogrn,
            answers=party.message_id,
            agenda=decision.agenda_id,
            notes=draft.notes(),
        )
        for party in decision.parties
        if messages[party.message_id].delivered_at is not None
        and stand(said_of(messages[party.message_id])).position is not Position.WITHDRAWN
    ]
    if not found:
        raise Conflict("joint_nobody")
    return found
