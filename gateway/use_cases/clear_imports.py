"""Forget files of imports that nobody needs any more, and in time what became of their records."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from gateway.use_cases.house import House
from gateway.use_cases.import_values import RESULT_KEPT

MOST_CLEARED: Final = 100


def forget_file(house: House, import_id: str) -> None:
    """The bytes go first: whatever is interrupted is found again by its row."""
    if house.blobs is not None:
        house.blobs.remove(import_id)
    with house.store.writing() as unit:
        unit.imports.forget_files([import_id])


def clear_imports(house: House, now: datetime) -> int:
    """Files whose refused rows nobody fetched in time, files that never came whole, and old results. How many files."""
    with house.store.reading() as unit:
        stale = unit.imports.with_stale_files(now, MOST_CLEARED)
    for import_id in stale:
        forget_file(house, import_id)
    with house.store.writing() as unit:
        unit.imports.forget_results(now - RESULT_KEPT, MOST_CLEARED)
    return len(stale)
