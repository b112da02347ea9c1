"""Rule recorded decisions again: by the pack of their time, which must give the same; by a proposed one, to see who would
gain and who would lose what.

It starts from the facts that each decision stored, without identities, sealed with the subject. Those of destroyed
subjects cannot be read any more: they are counted, not replayed (law 12). The replay is an entry of the log.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import DisclosureRow
from policies.facts import Facts
from policies.replay import Comparison, Difference, Outcome, Recorded, Rules, compare, replay
from policies.ruling import Effect
from schemas.ids import Category, EntryId, OrganisationId

PAGE = 500
"""Entries read at a time."""

Group = Sequence[Recorded]
Progress = Callable[[int], None]


@dataclass(slots=True)
class Replay:
    """What came of it. Counts are of categories of subjects, but `decisions`, which are rows of the log, and `destroyed`,
    those of them whose facts nobody can read any more. `unknown_packs`: decisions by packs, named by digest, that are not on
    file."""

    decisions: int = 0
    reproduced: int = 0
    destroyed: int = 0
    unreadable: int = 0
    differences: list[Difference] = field(default_factory=list)
    unknown_packs: Counter[str] = field(default_factory=Counter)
    comparison: Comparison | None = None


def replay_decisions(
    house: House,
    now: datetime,
    rules_of: Callable[[str], Rules | None],
    proposed: Rules | None = None,
    progress: Progress = lambda _: None,
) -> Replay:
    """`rules_of` gives the rules of a pack by its digest; `proposed` is compared with what was recorded.

    Groups are read page by page, so that the whole log never stands in memory.
    """
    found = Replay()
    for group in _groups(house, found, progress):
        rules = rules_of(group[0].pack)
        if rules is None:
            found.unknown_packs[group[0].pack] += len(group)
            continue
        result = replay(group, rules)
        found.reproduced += result.reproduced
        found.unreadable += result.unreadable
        found.differences += result.differences
    if proposed is not None:
        found.comparison = compare(_groups(house, Replay(), lambda _: None), proposed)
    with house.store.writing() as unit:
        append_entry(
            unit,
            EventKind.LOG_READ,
            {
                "organisation": "gateway",
                "actor": "operator:replay",
                "decisions": found.decisions,
                "differences": len(found.differences),
                "proposed": proposed is not None,
            },
            now,
        )
    return found


def names_of_recipients(house: House) -> Mapping[OrganisationId, str]:
    """What the labels of a comparison stand for."""
    with house.store.reading() as unit:
        return {known.id: known.name for known in unit.participants.organisations()}


def _groups(house: House, found: Replay, progress: Progress) -> Iterator[Group]:
    after = ""
    while True:
        with house.store.reading() as unit:
            rows = unit.log.recorded_decisions(after, PAGE)
            digests = {row.entry_id: _digest(unit, row) for row in rows if row.pack_digest is None}
        if not rows:
            return
        after = rows[-1].entry_id
        ruled = [row for row in rows if row.subject_id is not None and row.rulings]
        opened = house.vault.open_all_facts([(r.subject_id, r.sealed_facts) for r in ruled if r.subject_id])
        found.decisions += len(ruled)
        found.destroyed += sum(plain is None for plain in opened)
        progress(len(rows))
        known = sorted(
            zip(ruled, opened, strict=True),
            key=lambda pair: (pair[0].entry_id, pair[0].case_id, pair[0].subject_id or ""),
        )
        for _, together in groupby(known, key=lambda pair: (pair[0].entry_id, pair[0].case_id)):
            yield [_recorded(row, plain, digests) for row, plain in together]


def _recorded(row: DisclosureRow, plain: bytes | None, digests: Mapping[EntryId, str]) -> Recorded:
    kept = json.loads(plain) if plain is not None else {}
    return Recorded(
        key=row.entry_id,
        recipient=row.recipient_id,
        purpose=row.purpose,
        pack=row.pack_digest or digests[row.entry_id],
        # A record of the first version was the facts alone.
        facts=Facts.from_canonical(kept.get("facts", kept)) if plain is not None else None,
        rulings={category: Outcome(Effect(effect), rule) for category, (effect, rule) in row.rulings.items()},
        together={Category(code): places for code, places in kept.get("together", {}).items()},
        human={Category(code): Effect(effect) for code, effect in kept.get("people", {}).items()},
    )


def _digest(unit: Unit, row: DisclosureRow) -> str:
    """The pack of a decision that was recorded before its digest stood in the row: its entry names it."""
    entry = unit.log.entry(row.entry_id)
    assert entry is not None
    return str(json.loads(entry[1])["body"]["pack"]["digest"])
