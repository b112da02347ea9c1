"""What somebody is writing: the list without its words, and one draft with them.

To its author a draft goes back without more ado. When somebody who stands in for the author opens it, what was typed comes
before other eyes: that is an entry, committed before anything is opened.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
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
        found = unit.drafts.of(requester.organisation_id, desk.works_for(person_id) | {person_id}, 2 * MOST_DRAFTS)
    return [DraftLine(d, "" if d.author_id == person_id else desk.name(d.author_id)) for d in found]


def open_draft(house: House, requester: Requester, draft_id: str, now: datetime) -> tuple[Draft, Fields]:
    """The draft with what was typed. Raises as `own_draft`, and Unavailable (draft_unavailable) once its key is destroyed."""
    with house.store.reading() as unit:
        draft = own_draft(unit, requester, draft_id, now, lock=False)
    if draft.author_id != requester.person_id and draft.expires_at > now:
        _record(house, requester, draft_id, now)
    plain = house.vault.open_draft(draft.key_id, draft.sealed) if draft.expires_at > now else None
    if plain is None:
        raise Unavailable("draft_unavailable")
    fields: dict[str, list[str]] = json.loads(plain)
    return draft, fields


def _record(house: House, requester: Requester, draft_id: str, now: datetime) -> None:
    """Who stands in for whom is looked at once more in the unit of work of the entry."""
    with house.store.writing() as unit:
        draft = own_draft(unit, requester, draft_id, now)
        append_entry(
            unit,
            EventKind.DRAFT_OPENED,
            {
                "draft": draft.id,
                "organisation": draft.organisation_id,
                "actor": requester.actor,
                "author": f"person:{draft.author_id}",
            },
            now,
        )
