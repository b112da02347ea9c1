"""A region's own amounts and settings of practices: that the overlays speak of what there is."""

from __future__ import annotations

from collections.abc import Iterable

from policies.overlays import Overlay
from policies.profiles import WARN, Practices
from policies.setting_values import WRITTEN
from policies.tables import known
from schemas.errors import Broken


def check_regional_terms(practices: Practices, overlays: Iterable[Overlay]) -> None:
    """Raises Broken for a timer that no practice has, for other than one amount for each of its dues, and for a setting that
    there is not or that is written otherwise. What is for an organisation to switch on or name, its region cannot,
    nor give an amount to a term that its organisation sets."""
    timers = {
        f"{practice}/{timer}": row
        for practice, profile in practices.profiles.items()
        for timer, row in profile.timers.items()
    }
    settings = {
        **{f"{name.partition('/')[0]}/{WARN}{name.partition('/')[2]}": "term" for name in timers},
        **{
            f"{practice}/{name}": row.kind
            for practice, profile in practices.profiles.items()
            for name, row in profile.settings.items()
            if row.kind in WRITTEN
        },
    }
    for overlay in overlays:
        says = overlay.says
        known(says.practice_timers, timers, "timer of a practice", overlay.file, "practice_timers")
        for name, amounts in says.practice_timers.items():
            dues = len(timers[name].terms)
            if (len(amounts) if isinstance(amounts, tuple) else 1) != dues:
                _refuse(overlay, f"practice_timers.{name}", f"an amount for each of its dues: {dues}")
        known(says.practice_settings, settings, "setting of a practice", overlay.file, "practice_settings")
        for name, value in says.practice_settings.items():
            fits, rule = WRITTEN[settings[name]]
            if not fits(value):
                _refuse(overlay, f"practice_settings.{name}", rule)


def _refuse(overlay: Overlay, place: str, expected: str) -> None:
    raise Broken("pack_value_invalid", file=overlay.file, place=place, expected=expected)
