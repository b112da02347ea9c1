"""Minutes of what was agreed on a joint decision: the same text to every party to which the matter has come and is still open,
to be signed or remarked on. All of them get it, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from gateway.use_cases.disclose import MAX_ATTEMPTS
from gateway.use_cases.house import House
from gateway.use_cases.joint_footing import footings
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
        drafts, rests_on = _drafts(house, unit, requester, decision_id, draft, now)
        foreseen = foresee(house, unit, requester, drafts, now)
    if any(found.refused is not None for found in foreseen):
        refuse_together(house, requester, foreseen, now)
    with house.store.writing() as unit:
        if not unit.facts.unchanged(rests_on):  # a consent may have been withdrawn meanwhile
            raise Contended("facts_keep_moving")
        return keep_together(house, unit, requester, drafts, now)


def _drafts(
    house: House, unit: Unit, requester: Requester, decision_id: str, draft: MinutesDraft, now: datetime
) -> tuple[Sequence[MessageDraft], Mapping[str, int]]:
    """One for each party to which the matter is open, and the versions of what says so."""
    decision = unit.joint.get(decision_id if is_id(decision_id) else new_id(), requester.organisation_id)
    if decision is None:
        raise Unavailable("joint_unavailable")
    if decision.proposer_id != requester.organisation_id:
        raise NotPermitted("joint_not_yours")
    messages = unit.joint.messages(decision.message_ids, now)
    organisations = unit.practices.organisations(
        [decision.proposer_id, *(party.organisation_id for party in decision.parties)]
    )
    found: list[MessageDraft] = []
    rests_on: dict[str, int] = {}
    for party in decision.parties:
        message = messages[party.message_id]
        if message.delivered_at is None or stand(said_of(message)).position is Position.WITHDRAWN:
            continue
        footing = footings(house, unit, party.organisation_id, [message], now)
        rests_on |= {key: version for key, version in footing.versions.items() if not key.startswith("message:")}
        if message.id in footing.closed:
            continue
        ogrn = organisations[party.organisation_id].ogrn
        found.append(
            MessageDraft(
                operation_id=str(uuid5(UUID(draft.operation_id), ogrn)),
                type=MINUTES,
                sender_ogrn=organisations[decision.proposer_id].ogrn,
                recipient_ogrn=ogrn,
                answers=party.message_id,
                agenda=decision.agenda_id,
                notes=draft.notes(),
            )
        )
    if not found:
        raise Conflict("joint_nobody")
    return found, rests_on
