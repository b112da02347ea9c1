"""Count all running terms again from their starts: after a changed calendar, a region's own term, another zone.

Nobody's breach disappears: one that was recorded stays recorded, whatever the new calendar says, and the entry names
those that would not be breaches by it. Counting twice changes nothing the second time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.run_practice_timers import clocks_of
from gateway.use_cases.values import Timer
from schemas.ids import EntryId, OrganisationId

PAGE = 500


@dataclass(frozen=True, slots=True)
class Recomputed:
    """How many run, how many moved, and which recorded breaches the new count would not call so."""

    running: int
    moved: int
    kept: tuple[str, ...]
    entry_id: EntryId | None = None


def recompute_timers(house: House, actor: str, now: datetime) -> Recomputed:
    """All terms of all organisations, in one unit of work; an entry says what moved."""
    with house.store.writing() as unit:
        practice, pack = recompute_practice(house, unit, now), _recompute_pack(house, unit, now)
        running, moved = practice.running + pack.running, practice.moved + pack.moved
        kept = (*practice.kept, *pack.kept)
        entry_id = append_entry(
            unit,
            EventKind.TIMERS_RECOMPUTED,
            {
                "actor": actor,
                "pack": house.pack.identity.digest,
                "running": running,
                "moved": moved,
                "breaches_kept": list(kept),
            },
            now,
        )
    return Recomputed(running, moved, kept, entry_id)


def recompute_practice(
    house: House, unit: Unit, now: datetime, organisation_id: OrganisationId | None = None
) -> Recomputed:
    """The timers of practices (of one organisation), inside a unit of work of the caller; four statements a page."""
    after, running, moved = "", 0, 0
    kept: list[str] = []
    while page := unit.practices.running_page(after, PAGE, organisation_id):
        clocks = clocks_of(house, unit, {row.organisation_id for row in page})
        pauses = unit.practices.pauses([row.id for row in page])
        counted = [clocks[row.organisation_id].counted(row, pauses[row.id], row.paused_at or now) for row in page]
        unit.practices.save([new for new, old in zip(counted, page, strict=True) if new != old])
        running += len(page)
        moved += sum(new.due_at != old.due_at for new, old in zip(counted, page, strict=True))
        kept += [row.id for row in counted if row.breached_at is not None and row.due_at > now]
        after = page[-1].id
    return Recomputed(running, moved, tuple(kept))


def _recompute_pack(house: House, unit: Unit, now: datetime) -> Recomputed:
    after, running, moved = "", 0, 0
    kept: list[str] = []
    while page := unit.timers.running_page(after, PAGE):
        zones = {
            id_: found.zone
            for id_, found in unit.practices.organisations({row.organisation_id for row in page}).items()
        }
        changed = [row for row in (_counted(house, row, zones[row.organisation_id]) for row in page) if row is not None]
        unit.timers.move(changed)
        running, moved = running + len(page), moved + len(changed)
        kept += [
            row.id for row in changed if row.breached_at is not None and row.due_at is not None and row.due_at > now
        ]
        after = page[-1].id
    return Recomputed(running, moved, tuple(kept))


def _counted(house: House, timer: Timer, zone: str) -> Timer | None:
    """The term with its due instant counted again; None where it is the same, or the pack has no such term any more."""
    if timer.started_at is None or not house.pack.has_timer(timer.timer):
        return None
    due_at = house.pack.due(timer.timer, timer.started_at, zone)
    return replace(timer, due_at=due_at) if due_at != timer.due_at else None
