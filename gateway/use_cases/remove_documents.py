"""Whoever's keys are destroyed leaves no file behind, not even one that nobody can read (law 12).

In three steps, each of which may be the last before a crash: the documents leave their messages, with their entry, and their
files are marked as nobody's, in one unit of work; the bytes are removed and their folder synced; the row goes. Whatever is
interrupted is found again, by the destroyed key or by the row, so neither a lost file nor one without a row can remain.

Who calls this now and then does not walk everybody who was ever destroyed: only those since its last walk (`Walks`). That
mark is kept nowhere, so a process that begins anew, after a crash or a restore, walks all of them once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.receive_upload import MOST_CLEARED, clear_uploads
from schemas.ids import SubjectId

AT_ONCE: Final = 500
"""Subjects that one statement asks about, and documents that one unit of work takes away."""


OVERLAP: Final = timedelta(hours=1)
"""Clocks of several machines differ, and a message under way may be committed a moment after somebody's keys were destroyed."""
ALL_EVERY: Final = timedelta(days=1)
"""Everybody is walked so often all the same: a key store that was restored under a running process has destructions of old."""


@dataclass(slots=True)
class Walks:
    """When the destroyed were last walked, and when all of them. Of one process."""

    last: datetime | None = None
    whole: datetime | None = None

    def walk(self, house: House, now: datetime) -> int:
        """`remove_documents` of those destroyed since. What fails on the way is walked again from the same mark."""
        is_whole = self.last is None or self.whole is None or now - self.whole >= ALL_EVERY
        since = None if is_whole or self.last is None else self.last - OVERLAP
        count = remove_documents(house, now, since)
        self.last = now
        if is_whole:
            self.whole = now
        return count


def remove_documents(house: House, now: datetime, since: datetime | None = None) -> int:
    """Documents of subjects that were destroyed, or destroyed since then, and after that every file that is nobody's. How many
    documents left their messages."""
    destroyed = iter(house.vault.destroyed(since))
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
