"""The proposer notes what it concluded: taken, not taken, no longer put to anybody. Dissent and silence are recorded with it.

The conclusion is the proposer's own word. It needs no agreement, and makes none: what each party had said stands beside it
for good. A party that was silent may still answer; what has been answered is changed no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.evidence.entry import JsonValue
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.house import House
from gateway.use_cases.joint_values import JointDecision
from gateway.use_cases.joint_view import joint_views, standing
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_values import MESSAGE
from gateway.use_cases.run_practice_timers import with_next
from gateway.use_cases.tell_people import HEAD, notice
from gateway.use_cases.values import Requester
from policies.joint import Position
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import is_id, new_id
from schemas.joint import CONCLUSIONS

NOTICE = "joint.concluded"


@begin_anew
def conclude_joint_decision(
    house: House,
    requester: Requester,
    decision_id: str,
    conclusion: str,
    now: datetime,
    seen: Sequence[str] | None = None,
) -> JointDecision:
    """`seen`: where the parties stood, in their order, when the proposer looked; it concludes on nothing else.

    Raises Unavailable (joint_unavailable), NotPermitted (not_for_overseers, not_assigned, joint_not_yours), Conflict
    (joint_concluded, joint_moved_on), BadInput (conclusion_unknown)."""
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    if conclusion not in CONCLUSIONS:
        raise BadInput("conclusion_unknown", known=", ".join(CONCLUSIONS))
    with house.store.writing() as unit:
        decision = unit.joint.get(decision_id if is_id(decision_id) else new_id(), requester.organisation_id, lock=True)
        if decision is None:
            raise Unavailable("joint_unavailable")
        if decision.proposer_id != requester.organisation_id:
            raise NotPermitted("joint_not_yours")
        require_assigned(unit, requester, decision.case_id)
        if decision.concluded_at is not None:
            raise Conflict("joint_concluded")
        (view,) = joint_views(house, unit, [decision], requester.organisation_id, now)
        if seen is not None and list(seen) != standing(view):
            raise Conflict("joint_moved_on")
        positions: dict[str, list[str]] = {}
        told = []
        for party, shown in zip(decision.parties, view.parties, strict=True):
            positions[party.organisation_id] = [shown.stand.position.value, *filter(None, [shown.stand.reason])]
            came = shown.message is not None and shown.message.delivered_at is not None
            if came and shown.stand.position is not Position.WITHDRAWN:
                told.append(notice(party.organisation_id, HEAD, NOTICE, party.message_id, now))
        concluded = replace(
            decision, concluded_at=now, concluded_by=requester.actor, conclusion=conclusion, positions=positions
        )
        unit.joint.conclude(concluded)
        unit.notices.add(told)
        _end_terms(unit, concluded, requester.actor, now)
        said: dict[str, JsonValue] = {party: list(words) for party, words in positions.items()}
        append_entry(
            unit,
            EventKind.JOINT_CONCLUDED,
            {
                "decision": decision.id,
                "organisation": decision.proposer_id,
                "actor": requester.actor,
                "conclusion": conclusion,
                "outcome": view.outcome.value if view.outcome else "",
                "positions": said,
            },
            now,
        )
    return concluded


def _end_terms(unit: Unit, decision: JointDecision, actor: str, now: datetime) -> None:
    """Nobody waits for an answer any more."""
    for party in decision.parties:
        running = unit.practices.running_about(MESSAGE, party.message_id, decision.proposer_id, lock=True)
        for timer in running:
            if timer.paused_at is not None:
                unit.practices.end_pause(timer.id, now)
        unit.practices.save([with_next(replace(t, done_at=now, done_by=actor, paused_at=None)) for t in running])
