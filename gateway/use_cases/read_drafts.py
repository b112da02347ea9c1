"""What somebody is writing: the list without its words, and one draft with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.use_cases.draft_values import Draft, Fields
from gateway.use_cases.house import House
from gateway.use_cases.keep_draft import MOST_DRAFTS, author, own_draft
from gateway.use_cases.queue_people import desk_of
from gateway.use_cases.values import Requester
from schemas.errors import Unavailable


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in the list; `author` is its author's name where it is somebody else's, whom one stands in for."""

    draft: Draft
    author: str


def read_drafts(house: House, requester: Requester, now: datetime) -> Sequence[DraftLine]:
    """One's own and those of whom one stands in for, the latest first. Raises NotPermitted (not_for_overseers,
    person_needed)."""
    person_id = author(requester)
    with house.store.reading() as unit:
        desk = desk_of(unit, requester.organisation_id, now)
        found = unit.drafts.of(requester.organisation_id, desk.works_for(person_id), 2 * MOST_DRAFTS)
    return [DraftLine(d, "" if d.author_id == person_id else desk.name(d.author_id)) for d in found]


def open_draft(house: House, requester: Requester, draft_id: str, now: datetime) -> tuple[Draft, Fields]:
    """The draft with what was typed. It goes back to who wrote it, from whom it came: nothing is disclosed by it.

    Raises as `own_draft`, and Unavailable (draft_unavailable) once its key is destroyed.
    """
    with house.store.reading() as unit:
        draft = own_draft(unit, requester, draft_id, now, lock=False)
    plain = house.vault.open_draft(draft.key_id, draft.sealed) if draft.expires_at > now else None
    if plain is None:
        raise Unavailable("draft_unavailable")
    fields: dict[str, list[str]] = json.loads(plain)
    return draft, fields
