"""Keep what somebody has begun to write, until it is sent, thrown away, or its time is over.

A draft is no message: nobody but its author, and who stands in for the author, knows of it, and nothing of it is checked or
ruled before it is sent. It may name a family, so it rests sealed under a key of its own, which is destroyed with it. The files
that it names wait as long as it does, and go with it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Final

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.draft_values import Draft, Fields
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.queue_people import desk_of
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.ids import PersonId, is_id, new_id
from schemas.lifecycle import Actor, Event, State, transition

MOST_DRAFTS: Final = 50
"""Of one person."""
LONGEST: Final = 200_000
"""Bytes of what was typed."""
MOST_CLEARED: Final = 200


def keep_draft(
    house: House,
    requester: Requester,
    draft_id: str,
    page: str,
    fields: Fields,
    now: datetime,
    *,
    kind: str,
    recipient_ogrn: str | None = None,
    uploads: Collection[str] = (),
) -> Draft:
    """Keep it, or the newer state of it. `uploads`: the files that its documents name; what is not of this operation is
    passed over.

    Raises NotPermitted (not_for_overseers, person_needed), Unavailable (draft_unavailable) for what is somebody else's,
    BadInput (draft_too_large, drafts_too_many).
    """
    person_id = author(requester)
    plain = json.dumps({name: list(values) for name, values in fields.items()}, ensure_ascii=False).encode()
    if len(plain) > LONGEST:
        raise BadInput("draft_too_large", max=LONGEST)
    if not is_id(draft_id):
        raise Unavailable("draft_unavailable")
    with house.store.writing() as unit:
        before = unit.drafts.get(requester.organisation_id, draft_id, lock=True)
        if before is not None:
            _check_own(unit, requester, before, now)
        elif len(unit.drafts.of(requester.organisation_id, [person_id], MOST_DRAFTS)) >= MOST_DRAFTS:
            raise BadInput("drafts_too_many", most=MOST_DRAFTS)
        key_id = before.key_id if before else new_id()
        draft = Draft(
            requester.organisation_id,
            draft_id,
            before.author_id if before else person_id,
            page,
            kind,
            recipient_ogrn,
            now,
            now + house.draft_period,
            key_id,
            house.vault.seal_draft(key_id, plain),
        )
        unit.drafts.put(draft)
        unit.attachments.keep(draft.organisation_id, draft.id, uploads, draft.expires_at)
    return draft


def discard_draft(house: House, requester: Requester, draft_id: str, now: datetime) -> None:
    """Throw it away for good. Raises as `own_draft`."""
    transition(State.DRAFT, Event.DISCARD, Actor.SENDER)
    with house.store.writing() as unit:
        draft = own_draft(unit, requester, draft_id, now)
        _end(house, unit, draft, EventKind.MESSAGE_CANCELLED, requester.actor, now)


def finish_draft(house: House, requester: Requester, draft_id: str, now: datetime) -> None:
    """Its message was sent: the draft ends, where there was one. What a crash leaves in between is sent again as a repeat. A
    draft of somebody else stays, whatever was sent under its number."""
    with house.store.writing() as unit:
        draft = unit.drafts.get(requester.organisation_id, draft_id, lock=True) if is_id(draft_id) else None
        if draft is not None and is_own(unit, requester, draft, now):
            house.vault.forget_draft(draft.key_id)
            unit.drafts.drop(draft)
            unit.attachments.let_go(draft.organisation_id, draft.id, discard=False)


def clear_drafts(house: House, now: datetime) -> int:
    """End drafts whose time is over; how many. The key goes first: what is interrupted is found again by its row."""
    transition(State.DRAFT, Event.EXPIRE, Actor.GATEWAY)
    with house.store.writing() as unit:
        over = unit.drafts.expired(now, MOST_CLEARED)
        for draft in over:
            _end(house, unit, draft, EventKind.MESSAGE_EXPIRED, "gateway", now)
    return len(over)


def author(requester: Requester) -> PersonId:
    """The person who writes: a partner's system keeps its drafts itself."""
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    if requester.person_id is None:
        raise NotPermitted("person_needed")
    return requester.person_id


def own_draft(unit: Unit, requester: Requester, draft_id: str, now: datetime, *, lock: bool = True) -> Draft:
    """One's own draft, or one of somebody whom one stands in for. Raises NotPermitted (not_for_overseers,
    person_needed), Unavailable (draft_unavailable)."""
    author(requester)
    draft = unit.drafts.get(requester.organisation_id, draft_id, lock=lock) if is_id(draft_id) else None
    if draft is None:
        raise Unavailable("draft_unavailable")
    _check_own(unit, requester, draft, now)
    return draft


def is_own(unit: Unit, requester: Requester, draft: Draft, now: datetime) -> bool:
    """Whether this person wrote it, also while away, or stands in for its author at this instant."""
    person_id = requester.person_id
    return draft.author_id == person_id or draft.author_id in desk_of(unit, draft.organisation_id, now).works_for(
        person_id
    )


def _check_own(unit: Unit, requester: Requester, draft: Draft, now: datetime) -> None:
    if not is_own(unit, requester, draft, now):
        raise Unavailable("draft_unavailable")


def _end(house: House, unit: Unit, draft: Draft, kind: EventKind, actor: str, now: datetime) -> None:
    house.vault.forget_draft(draft.key_id)
    unit.drafts.drop(draft)
    unit.attachments.let_go(draft.organisation_id, draft.id, discard=True)
    append_entry(
        unit,
        kind,
        {"message": draft.id, "organisation": draft.organisation_id, "actor": actor, "state": State.DRAFT.value},
        now,
    )
