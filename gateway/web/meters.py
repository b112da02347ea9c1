"""Norms as small meters: a bar, the limits as lines. Pure; the words beside a meter say the same."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from policies.norms import Standing, Verdict
from schemas.catalogue import Language, text

WIDTH: Final = 240
HEIGHT: Final = 14
_ROOM: Final = Decimal("1.25")
"""How much wider than the greatest of its figures a meter is."""
TAGS: Final = {
    Verdict.WITHIN: "govuk-tag--green",
    Verdict.UNDER: "govuk-tag--yellow",
    Verdict.OVER: "govuk-tag--orange",
    Verdict.UNKNOWN: "govuk-tag--grey",
}


@dataclass(frozen=True, slots=True)
class Meter:
    """One norm in the units of its view box; `marks` are its limits. Without a value there is no bar."""

    standing: Standing
    fill: int
    marks: tuple[int, ...]
    said: str
    limits: str
    tag: str
    width: int = WIDTH
    height: int = HEIGHT


def meter_of(standing: Standing, language: Language) -> Meter:
    """A norm with its bar and its words."""
    row, value = standing.row, standing.value
    limits = [limit for limit in (row.at_least, row.at_most) if limit is not None]
    greatest = max([*limits, *([row.usual] if row.usual is not None else []), value or Decimal(0), Decimal(1)]) * _ROOM

    def at(figure: Decimal) -> int:
        return round(figure / greatest * WIDTH)

    said = text(f"web_norms.{standing.verdict.value}", language)
    return Meter(
        standing,
        at(value) if value is not None else 0,
        tuple(at(limit) for limit in limits),
        said,
        _limits(standing, language),
        TAGS[standing.verdict],
    )


def figure(given: Decimal | int, language: Language) -> str:
    """«500 000», «10,5»."""
    value = Decimal(given)
    whole = value == value.to_integral_value()
    written = f"{int(value):,}" if whole else f"{value:,.1f}"
    return written.replace(",", " ").replace(".", "," if language == "ru" else ".")


def _limits(standing: Standing, language: Language) -> str:
    """«от 3 до 18, обычно 12»."""
    row = standing.row

    def said(name: str, limit: Decimal | int | None) -> str:
        return text(f"web_norms.{name}", language, n=figure(limit, language)) if limit is not None else ""

    between = " ".join(filter(None, (said("from", row.at_least), said("to", row.at_most))))
    return ", ".join(filter(None, (between, said("usual", row.usual))))
