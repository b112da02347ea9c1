"""Whoever's keys are destroyed leaves no file behind, not even one that nobody can read (law 12).

In three steps, each of which may be the last before a crash: the documents leave their messages, with their entry, and their
files are marked as nobody's, in one unit of work; the bytes are removed and their folder synced; the row goes. Whatever is
interrupted is found again, by the destroyed key or by the row, so neither a lost file nor one without a row can remain.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.receive_upload import MOST_CLEARED, clear_uploads
from schemas.ids import SubjectId

AT_ONCE: Final = 500
"""Subjects that one statement asks about, and documents that one unit of work takes away."""


def remove_documents(house: House, now: datetime) -> int:
    """Documents of destroyed subjects, and then every file that is nobody's. How many documents left their messages."""
    destroyed = iter(house.vault.destroyed())
    count = 0
    while some := list(islice(destroyed, AT_ONCE)):
        while gone := _take_away(house, some, now):
            count += gone
    while clear_uploads(house, now) == MOST_CLEARED:
        pass
    return count


def _take_away(house: House, subjects: Sequence[SubjectId], now: datetime) -> int:
    with house.store.reading() as unit:
        if not unit.attachments.of_subjects(subjects, 1):
            return 0
    with house.store.writing() as unit:
        found = unit.attachments.of_subjects(subjects, AT_ONCE)
        if not found:
            return 0
        unit.attachments.discard([attachment for attachment, _ in found])
        append_entry(
            unit,
            EventKind.ATTACHMENT_REMOVED,
            {
                "reason": "keys_destroyed",
                "attachments": [{"attachment": attachment, "message": message} for attachment, message in found],
            },
            now,
        )
    return len(found)
