"""That what a profile says of the records of a case fits: the lists they refer to, the events they come with, its norms."""

from __future__ import annotations

from policies.case_records import KINDS, PARTS
from policies.norms import NORMS
from policies.profile import NOT_USED, Profile, ScoreRow
from policies.tables import known
from schemas.errors import Broken


def check_records(profile: Profile, file: str) -> None:
    """Raises Broken with the file, the place and what was expected there."""
    known(profile.closing_alone, profile.closing, "closing criterion", file, "closing_alone")
    known(profile.until_majority, profile.scenarios, "scenario", file, "until_majority")
    known(profile.checklist, PARTS, "part of the checklist", file, "checklist")
    known(profile.norms, NORMS, "norm that is measured", file, "norms")
    known(profile.comes_with, KINDS, "kind of record", file, "comes_with")
    known(profile.comes_with.values(), profile.events, "event", file, "comes_with")
    for kind, event in profile.comes_with.items():
        if profile.events[event].to is not None:
            place = f"comes_with.{kind}"
            raise Broken("pack_value_invalid", file=file, place=place, expected="an event that changes no stage")
    if profile.wellbeing_at_closing and not profile.spheres:
        raise Broken("pack_value_invalid", file=file, place="wellbeing_at_closing", expected="spheres to record")
    levels = {
        f"{code}.{level}"
        for code, score in profile.scores.items()
        if score != NOT_USED and isinstance(score, ScoreRow)
        for level in score.levels
    }
    for code, norm in profile.norms.items():
        known(filter(None, (norm.level,)), levels, "level of a score", file, f"norms.{code}.level")
