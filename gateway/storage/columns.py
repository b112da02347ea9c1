"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Dialect, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

Json = JSON().with_variant(JSONB(), "postgresql")


class Instant(TypeDecorator[datetime]):
    """A UTC instant as fixed-width ISO 8601 text: the same order, and the same bytes, in every store."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else instant_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401  the base class says Any
        del dialect
        return None if value is None else datetime.fromisoformat(value)


STEP = 8


def padded(identifiers: Collection[str]) -> list[str]:
    """For an IN: filled up to a multiple of `STEP` with what nothing is called, so that the form of a statement does not
    tell whether anybody was found in the files of others (law 6)."""
    missing = STEP if not identifiers else -len(identifiers) % STEP
    return [*sorted(identifiers), *[""] * missing]


def instant_text(value: datetime) -> str:
    """`2026-03-01T09:00:00.000000Z`. Raises ValueError for a value without a zone: an instant always has one."""
    if value.tzinfo is None:
        msg = "an instant needs a zone"
        raise ValueError(msg)
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
