"""What is done with a fact: its entry, its event with the document it was done on, the review it starts, who is told.

A fact that holds in several files has one entry and one event, with the fact that was recorded first; each holder reviews
it in its own file. None of this tells the one who records whether there are other files: statements are the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.evidence.entry import commitment
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.tell_people import notice
from gateway.use_cases.values import FactEvent, Notice, RecordedFact, Requester, Timer
from gateway.vault.errors import KeyAbsent
from policies.responsible import Review
from schemas.facts import FactDocument
from schemas.ids import EntryId, new_id

FACT = "fact"
"""What a timer of a review is about."""


def fact_entry(
    unit: Unit,
    requester: Requester,
    fact: RecordedFact,
    change: str,
    document: FactDocument,
    salt: bytes,
    now: datetime,
    *,
    as_: str,
) -> EntryId:
    """The entry of a change to a fact: which fact, in what capacity, about a subject that stands there as a commitment."""
    return append_entry(
        unit,
        EventKind.FACT_RECORDED,
        {
            "organisation": requester.organisation_id,
            "actor": requester.actor,
            "as": as_,
            "fact": fact.fact,
            "change": change,
            "subject": commitment(salt, fact.subject_id),
            "organisations": sorted(fact.participants),
            "until": fact.to_at.isoformat() if fact.to_at else "none",
            "evidence": document.copy_digest or "none",
            "document": commitment(salt, document_words(document).decode()),
        },
        now,
    )


def document_words(document: FactDocument) -> bytes:
    """Number, date and reasons, to be sealed with the subject."""
    return json.dumps(
        {
            "number": document.number,
            "on": document.on.isoformat() if document.on else None,
            "reasons": document.reasons,
        },
        ensure_ascii=False,
        sort_keys=True,
    ).encode()


def add_event(
    house: House,
    unit: Unit,
    requester: Requester,
    fact: RecordedFact,
    kind: str,
    document: FactDocument,
    entry_id: EntryId,
    salt: bytes,
    now: datetime,
) -> None:
    """What was done with a fact, with its document sealed under the subject's key."""
    try:
        sealed = house.vault.seal_words(fact.subject_id, fact.id, document_words(document))
    except KeyAbsent:  # destroyed meanwhile: the fact must still come to its end in the files of others
        sealed = None
    unit.recorded_facts.add_event(
        FactEvent(
            fact.id,
            kind,
            now,
            requester.organisation_id,
            requester.actor,
            entry_id,
            salt,
            document.copy_digest,
            sealed,
        )
    )


def to_review(house: House, unit: Unit, facts: Sequence[RecordedFact], now: datetime) -> list[RecordedFact]:
    """The same facts, each with the day by which the holder of its file reviews it, where the pack wants that."""
    reviewed = {fact.fact for fact in facts if _review(house, fact)}
    if not reviewed:
        return list(facts)
    holders = unit.recorded_facts.holder_of([fact.subject_id for fact in facts])
    zones = {known.id: known.zone for known in unit.participants.organisations()}
    return [
        replace(fact, review_by=house.pack.due(review.timer, now, zones[holders[fact.subject_id]]))
        if (review := _review(house, fact))
        else fact
        for fact in facts
    ]


def announce(
    house: House,
    unit: Unit,
    facts: Sequence[RecordedFact],
    kind: str,
    by: Requester | None,
    now: datetime,
    *,
    starts: bool = True,
) -> None:
    """Start the reviews (`starts`), and tell the holders of the files in which these facts hold, or have ended; and who had
    recorded one in somebody else's file (not of its copies: it does not know of them). `by`: who did it, and need not be
    told; None where nobody did it just now."""
    holders = unit.recorded_facts.holder_of([fact.subject_id for fact in facts])
    timers: list[Timer] = []
    told: list[Notice] = []
    for fact in facts:
        holder = holders[fact.subject_id]
        review = _review(house, fact)
        if starts and review and fact.review_by:
            timers.append(Timer(new_id(), review.timer, holder, FACT, fact.id, "now", now, fact.review_by))
            told.append(notice(holder, review.role, "fact.review", fact.id, now))
        sides = {holder} if fact.origin_id else {holder, fact.set_by}
        others = sorted(sides - {by.organisation_id if by else None})
        told += [notice(side, role, kind, fact.id, now) for side in others for role in ("curator", "dpo")]
        if by and fact.everywhere and holder == by.organisation_id:
            # Nothing new to who did it, so it is seen already: a body cannot tell by a statement that is not there
            # whether anybody else was told.
            told.append(replace(notice(holder, "dpo", kind, fact.id, now), seen_at=now, seen_by=by.actor))
    unit.timers.start(timers)
    unit.notices.add(told)


def _review(house: House, fact: RecordedFact) -> Review | None:
    row = house.pack.responsible.facts.get(fact.fact)  # it may have been recorded under another pack
    return row.review if row else None
