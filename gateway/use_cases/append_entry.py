"""Append an entry to the log inside the caller's unit of work: one row, placed into the tree later by the sequencer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from gateway.evidence.entry import Entry, JsonValue, encode_entry
from gateway.evidence.events import EventKind
from gateway.evidence.tree import leaf_hash
from gateway.use_cases.ports import Unit
from schemas.ids import EntryId, new_id


def append_entries(unit: Unit, entries: Iterable[tuple[EventKind, Mapping[str, JsonValue]]], now: datetime) -> None:
    """Several of the same instant in one statement."""
    rows = []
    for kind, body in entries:
        entry_id = EntryId(new_id())
        data = encode_entry(Entry(entry_id, kind, now, body))
        rows.append((entry_id, kind.value, now, data, leaf_hash(data)))
    unit.log.append_all(rows)


def append_entry(unit: Unit, kind: EventKind, body: Mapping[str, JsonValue], now: datetime) -> EntryId:
    """The id of the new entry. `body` holds ids of organisations, codes, counts and commitments, never personal values."""
    entry_id = EntryId(new_id())
    data = encode_entry(Entry(entry_id, kind, now, body))
    unit.log.append(entry_id, kind.value, now, data, leaf_hash(data))
    return entry_id
