"""A message of another body about a case of one's own is opened: what was to happen next about that case has happened.

Which case that is, is never guessed. It is one's own where the message joins a thread about it; or where it names to its
reader somebody whose SNILS or birth certificate is that of a child of one's own files. Names and dates join nothing: near
matches are for people.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_values import CASE
from gateway.use_cases.run_practice_timers import with_next
from gateway.use_cases.values import MessageOnFile
from schemas.ids import CaseId, SubjectId


def end_by_coming(
    house: House, unit: Unit, message: MessageOnFile, named: Collection[SubjectId], actor: str, now: datetime
) -> None:
    """End the terms of the recipient's practice that such a message ends. `named` are those whose identity was released."""
    recipient = unit.participants.organisation(message.recipient_id)
    profile = house.practices.get(recipient.practice) if recipient else None
    ending = profile.ended_by_coming(message.type) if profile else frozenset()
    case_id = _own_case(house, unit, message, named) if ending else None
    if case_id is None:
        return
    running = unit.practices.running_about(CASE, case_id, message.recipient_id, lock=True)
    ended = [timer for timer in running if timer.timer in ending]
    for timer in ended:
        if timer.paused_at is not None:
            unit.practices.end_pause(timer.id, now)
    unit.practices.save([with_next(replace(t, done_at=now, done_by=actor, paused_at=None)) for t in ended])


def _own_case(house: House, unit: Unit, message: MessageOnFile, named: Collection[SubjectId]) -> CaseId | None:
    if unit.families.case_holder(message.case_id) == message.recipient_id:
        return message.case_id
    twins = frozenset().union(*house.vault.twins(sorted(named)).values()) if named else frozenset()
    mine = unit.families.registered(message.recipient_id, sorted(twins)) if twins else []
    return unit.families.case_of(message.recipient_id, mine) if mine else None
