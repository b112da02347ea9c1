"""The practice profiles that come with the product, loaded as a whole or not at all. A new practice is one file.

Loading checks every reference inside a file and refuses what does not fit, with the file, the place and what was expected.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

from policies.files import PackFiles
from policies.profile import NOT_USED, LevelRow, PracticeTimerRow, Profile, ScoreRow
from policies.profile_records import check_records
from policies.tables import known
from schemas.codes import code_lists
from schemas.errors import Broken
from schemas.messages import message_types
from schemas.notes import note_rows

SUFFIX: Final = ".yaml"
REFERENCE: Final = "deti-nashi"
"""The practice onto whose stages the stages of the others map."""
WARN: Final = "warn."
"""`warn.<timer>` is a setting of every practice: after what part of its term a timer warns."""

TRIGGER: Final = "trigger"
"""What a signal claims; the pack says which there are."""


@dataclass(frozen=True, slots=True)
class Practices:
    """All profiles by their id."""

    profiles: Mapping[str, Profile]

    def get(self, practice: str | None) -> Profile | None:
        """The profile of a practice; None for an organisation that works by none of them."""
        return self.profiles.get(practice) if practice else None


@functools.cache
def shipped_practices() -> Practices:
    """The profiles of the product."""
    return load_practices(resources.files("policies.practices"))


def load_practices(folder: Traversable) -> Practices:
    """All profiles of a folder. Raises Broken with the file, the place and what was expected there."""
    return practices_of(PackFiles.read(folder))


def practices_of(files: PackFiles) -> Practices:
    """The profiles that these files are, checked against each other."""
    found = {
        name.removesuffix(SUFFIX): files.document(name, Profile) for name in files.contents if name.endswith(SUFFIX)
    }
    reference = found.get(REFERENCE)
    if reference is None:
        raise Broken("pack_file_missing", file=REFERENCE + SUFFIX)
    for practice, profile in found.items():
        _check(profile, reference, practice + SUFFIX)
    return Practices(MappingProxyType(found))


def _check(profile: Profile, reference: Profile, file: str) -> None:
    stages, events, settings = profile.stages, profile.events, profile.settings
    known((profile.first_stage,), stages, "stage", file, "first_stage")
    known(profile.transitions, stages, "stage", file, "transitions")
    for stage, following in profile.transitions.items():
        known(following, stages, "stage", file, f"transitions.{stage}")
    for code, row in stages.items():
        known((row.same_as,), reference.stages, "stage", file, f"stages.{code}.same_as")
        known(filter(None, (row.named_by,)), settings, "setting", file, f"stages.{code}.named_by")
    _check_reachable(profile, file)
    for code, event in events.items():
        known(filter(None, (event.to,)), stages, "stage", file, f"events.{code}.to")
    _check_timers(profile, file)
    _check_tools(profile, file)
    for code, score in profile.scores.items():
        if score != NOT_USED:
            assert isinstance(score, ScoreRow)
            _check_score(profile, score, f"scores.{code}", file)
    _check_kinds(profile, file)
    check_records(profile, file)


def _check_timers(profile: Profile, file: str) -> None:
    events, settings = profile.events, profile.settings
    for code, timer in profile.timers.items():
        place = f"timers.{code}"
        known(timer.starts, events, "event", file, f"{place}.starts")
        known(timer.ends, events, "event", file, f"{place}.ends")
        known(timer.messages, message_types(), "message type", file, f"{place}.messages")
        known(filter(None, (timer.service,)), settings, "setting", file, f"{place}.service")
        if timer.service and any(row.unit != "hour" for row in timer.terms):
            raise Broken("pack_value_invalid", file=file, place=f"{place}.service", expected="a term in hours")
        if not timer.starts and not timer.messages:
            raise Broken("pack_value_invalid", file=file, place=f"{place}.starts", expected="an event or a message")
        known(filter(None, (timer.set_by, timer.chain_by)), settings, "setting", file, f"{place}.set_by")
        known(filter(None, (timer.asked,)), profile.pause_reasons, "pause reason", file, f"{place}.asked")
        known(timer.sent, message_types(), "message type", file, f"{place}.sent")
        known(timer.came, message_types(), "message type", file, f"{place}.came")
        if bool(timer.terms) == bool(timer.set_by):
            raise Broken("pack_value_invalid", file=file, place=f"{place}.terms", expected="terms, or set_by")
        _check_terms(profile, code, file)
        _check_when(timer, place, file)


def _check_tools(profile: Profile, file: str) -> None:
    for code, tool in profile.tools.items():
        known((tool.term, tool.chain), profile.settings, "setting", file, f"tools.{code}")
        runs = profile.timers.get(code)
        if runs is not None and (runs.set_by, runs.chain_by) != (tool.term, tool.chain):
            raise Broken("pack_value_invalid", file=file, place=f"timers.{code}.set_by", expected=tool.term)


def _check_reachable(profile: Profile, file: str) -> None:
    seen, waiting = {profile.first_stage}, [profile.first_stage]
    while waiting:
        for following in profile.transitions.get(waiting.pop(), ()):
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    lost = [stage for stage in profile.stages if stage not in seen]
    if lost:
        raise Broken(
            "pack_value_invalid", file=file, place="transitions", expected=f"a way from the first stage to {lost[0]}"
        )


def _check_terms(profile: Profile, code: str, file: str) -> None:
    timer = profile.timers[code]
    for number, row in enumerate((*timer.terms, *filter(None, (timer.warn,)))):
        try:
            _ = row.term
        except ValueError:
            place = f"timers.{code}.terms.{number}"
            raise Broken(
                "pack_value_invalid", file=file, place=place, expected="whole or half months, whole others"
            ) from None


def _check_when(timer: PracticeTimerRow, place: str, file: str) -> None:
    known(timer.when, timer.messages, "message that starts it", file, f"{place}.when")
    for message, asked in timer.when.items():
        notes = {row.field: row.system for row in note_rows().get(message, ()) if row.kind in {"code", "codes"}}
        known(asked, {TRIGGER, *notes}, "coded note", file, f"{place}.when.{message}")
        for name, codes in asked.items():
            if name in notes:
                known(codes, code_lists()[notes[name]], "code", file, f"{place}.when.{message}.{name}")


def _check_score(profile: Profile, score: ScoreRow, place: str, file: str) -> None:
    levels = list(score.levels.values())
    for level in levels:
        known(filter(None, (level.above,)), profile.settings, "setting", file, f"{place}.levels")
    if (score.least is None) != (score.most is None):
        raise Broken("pack_value_invalid", file=file, place=place, expected="both least and most points, or none")
    for code, criterion in score.criteria.items():
        wanted = 0 if score.least is None or score.most is None else score.most - score.least + 1
        if criterion.points_ru and len(criterion.points_ru) != wanted:
            raise Broken("pack_value_invalid", file=file, place=f"{place}.criteria.{code}", expected=f"{wanted} texts")
    if score.least is not None and score.most is not None and all(level.above is None for level in levels):
        count = len(score.criteria)
        if not _covers(levels, score.least * count, score.most * count):
            raise Broken("pack_value_invalid", file=file, place=f"{place}.levels", expected="every sum in one level")


def _covers(levels: Iterable[LevelRow], least: int, most: int) -> bool:
    spans = sorted((level.at_least, level.at_most) for level in levels if level.at_least and level.at_most)
    sums = [total for begins, ends in spans for total in range(begins, ends + 1)]
    return sums == list(range(least, most + 1))


def _check_kinds(profile: Profile, file: str) -> None:
    wanted = [
        *((timer.service, "hours", f"timers.{code}.service") for code, timer in profile.timers.items()),
        *((stage.named_by, "text", f"stages.{code}.named_by") for code, stage in profile.stages.items()),
        *((timer.set_by, "term", f"timers.{code}.set_by") for code, timer in profile.timers.items()),
        *((timer.chain_by, "roles", f"timers.{code}.chain_by") for code, timer in profile.timers.items()),
        *((tool.term, "term", f"tools.{code}.term") for code, tool in profile.tools.items()),
        *((tool.chain, "roles", f"tools.{code}.chain") for code, tool in profile.tools.items()),
    ]
    for name, kind, place in wanted:
        if name is not None and profile.settings[name].kind != kind:
            raise Broken("pack_value_invalid", file=file, place=place, expected=f"a setting of kind {kind}")
