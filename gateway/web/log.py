"""The log as the DPO of a holder reads it: who saw which family, when, why, by which rule; and the proof of an entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.evidence.checkpoint import verify_checkpoint
from gateway.use_cases.prove_entry import prove_entry
from gateway.use_cases.read_log import MAX_ROWS, LogReading, read_log
from gateway.use_cases.values import DisclosureRow
from gateway.web.rendering import SECURITY_HEADERS
from gateway.web.visits import Desk, Visit
from policies.ruling import RuleText
from schemas.categories import SECTION_CATEGORIES
from schemas.errors import NotPermitted
from schemas.ids import Category, EntryId

PATH: Final = "/log"
_ORDER: Final = {category: place for place, category in enumerate(SECTION_CATEGORIES)}


@dataclass(frozen=True, slots=True)
class RuledTogether:
    """Categories that one rule decided with one effect."""

    effect: str
    rule: RuleText
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class LoggedPerson:
    """What was decided about one member of the family."""

    rulings: tuple[RuledTogether, ...]
    by_consent: bool


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """One entry about one family. `place` is its index in the tree, None while it waits; `exported` the format of the file
    that it left as."""

    entry_id: EntryId
    at: datetime
    case: str
    organisation: str
    actor: str
    purpose: str
    scope: str
    released: bool
    people: tuple[LoggedPerson, ...]
    place: int | None
    exported: str | None


@dataclass(frozen=True, slots=True)
class LatestCheckpoint:
    """The newest signed statement about the whole log."""

    size: int
    root: str
    signed_at: datetime


def log_routes(desk: Desk) -> APIRouter:
    """`/log` and the download of a proof."""
    router = APIRouter()

    @router.get(PATH)
    async def log(request: Request) -> Response:
        return await desk.answer(request, _log)

    @router.get(PATH + "/entries/{entry_id}/proof")
    async def proof(entry_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _proof(visit, EntryId(entry_id)))

    return router


def _log(visit: Visit) -> Response:
    case = visit.query.get("case", "").strip()
    reading = read_log(visit.edge.house, visit.me.requester, visit.now, case=case or None)
    return visit.page(
        "log.html",
        entries=_entries(visit, reading),
        case=case,
        checkpoint=_checkpoint(visit),
        limit=MAX_ROWS,
        is_full=len(reading.rows) == MAX_ROWS,
    )


def _entries(visit: Visit, reading: LogReading) -> list[LoggedEntry]:
    house, mine = visit.edge.house, visit.me.organisation.id
    entries = []
    ordered = sorted(reading.rows, key=lambda row: (row.at, row.entry_id, row.case_id), reverse=True)
    for (entry_id, case_id), group in groupby(ordered, key=lambda row: (row.entry_id, row.case_id)):
        together = list(group)
        first = together[0]
        entries.append(
            LoggedEntry(
                entry_id=entry_id,
                at=first.at,
                case=house.vault.case_pseudonym(mine, case_id),
                organisation=reading.names[first.recipient_id],
                actor=first.actor.partition(":")[0],
                purpose=first.purpose,
                scope=first.scope,
                released=any(row.released for row in together),
                people=tuple(
                    # Sorted by subject, so that «person 1» is the same one in every entry about these people.
                    LoggedPerson(_together(visit, row), row.consent_id is not None)
                    for row in sorted(together, key=lambda row: row.subject_id or "")
                    if row.rulings
                ),
                place=reading.places.get(entry_id),
                exported=reading.exported.get(entry_id),
            )
        )
    return entries


def _together(visit: Visit, row: DisclosureRow) -> tuple[RuledTogether, ...]:
    found: dict[tuple[str, str], list[Category]] = {}
    for category, ruling in sorted(row.rulings.items(), key=lambda item: _ORDER.get(item[0], len(_ORDER))):
        found.setdefault(ruling, []).append(category)
    return tuple(
        RuledTogether(effect, visit.words.rule(rule, effect), tuple(categories))
        for (effect, rule), categories in found.items()
    )


def _checkpoint(visit: Visit) -> LatestCheckpoint | None:
    with visit.edge.house.store.reading() as unit:
        latest = unit.log.latest_checkpoint()
    if latest is None:
        return None
    size, root, note, _ = latest
    return LatestCheckpoint(size, root.hex(), verify_checkpoint(note, [visit.edge.house.log_key.verifier()]).signed_at)


def _proof(visit: Visit, entry_id: EntryId) -> Response:
    if "dpo" not in visit.me.requester.roles:
        raise NotPermitted("dpo_only")
    bundle = prove_entry(visit.edge.house, entry_id, visit.me.requester.organisation_id)
    headers = SECURITY_HEADERS | {"Content-Disposition": 'attachment; filename="mezhved-proof.json"'}
    return Response(bundle, headers=headers, media_type="application/json")
