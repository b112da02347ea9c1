"""Forget files of imports that nobody needs any more, and in time what became of their records."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from gateway.use_cases.house import House
from gateway.use_cases.import_values import FILE_KEPT, RESULT_KEPT

MOST_CLEARED: Final = 100


def forget_file(house: House, import_id: str) -> None:
    """The key first, by which no backup opens it either, then the bytes: whatever is interrupted is found again by its row."""
    house.vault.forget_draft(import_id)
    if house.blobs is not None:
        house.blobs.remove(import_id)
    with house.store.writing() as unit:
        unit.imports.forget_files([import_id])


def clear_imports(house: House, now: datetime) -> int:
    """Files whose refused rows nobody fetched in time, files that never came whole, and old results. How many files.

    Whose keys are destroyed may stand in any file that still waits for its rows to be fetched: none is kept then (law 12).
    """
    destroyed_at = house.vault.destroyed_at(now - FILE_KEPT)
    with house.store.reading() as unit:
        stale = unit.imports.with_stale_files(now, destroyed_at, MOST_CLEARED)
    for import_id in stale:
        forget_file(house, import_id)
    with house.store.reading() as unit:
        old = unit.imports.with_old_results(now - RESULT_KEPT, MOST_CLEARED)
    for import_id in old:
        house.vault.forget_import_words(import_id)
    with house.store.writing() as unit:
        unit.imports.forget_results(old)
    return len(stale)
