"""A region's own amounts of the timers of practices: that the overlays speak of what there is."""

from __future__ import annotations

from collections.abc import Iterable

from policies.overlays import Overlay
from policies.profiles import Practices
from policies.tables import known
from schemas.errors import Broken


def check_regional_terms(practices: Practices, overlays: Iterable[Overlay]) -> None:
    """Raises Broken for a timer that no practice has, or that has not one due: one amount cannot speak of several, nor of a
    term that its organisation sets."""
    single = {
        f"{practice}/{timer}": row
        for practice, profile in practices.profiles.items()
        for timer, row in profile.timers.items()
    }
    for overlay in overlays:
        known(overlay.says.practice_timers, single, "timer of a practice", overlay.file, "practice_timers")
        for name in overlay.says.practice_timers:
            if len(single[name].terms) != 1:
                place = f"practice_timers.{name}"
                raise Broken("pack_value_invalid", file=overlay.file, place=place, expected="a timer with one due")
