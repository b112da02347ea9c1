"""Regional overlays: what a region lays over a pack by its own act, as data.

An overlay adds recipients of signals, changes amounts of timers, and says of single days whether they are working days. It
can neither take a recipient away nor write a rule. Those that are on travel with the files of the pack, so that the digest
covers them and a record that was made under them is read under them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from policies.files import PackFiles
from policies.tables import Tables, known
from schemas.errors import BadInput, Broken
from schemas.model import Model

FOLDER: Final = "overlays"
SUFFIX: Final = ".yaml"

_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLACE: Final = re.compile(rf"{FOLDER}/\d+-({_NAME.pattern}){re.escape(SUFFIX)}")
_WORKING: Final = "working"


Amount = Annotated[int, Field(ge=1, strict=True)]


class DayRow(Model):
    """A day about which a region says otherwise than the calendar of the country."""

    date: date
    kind: Literal["working", "non_working"]


class OverlayFile(Model):
    """The file. `recipients` are further kinds by trigger, `timers` other amounts in the unit of the pack, `practice_timers`
    other amounts of a practice's own timers, by `practice/timer` (one for each of its dues), `practice_settings` what a
    practice leaves open, by `practice/setting`: it holds where an organisation set nothing itself."""

    title_ru: Annotated[str, Field(min_length=1)]
    citation: Annotated[str, Field(min_length=1)]
    recipients: Mapping[str, tuple[str, ...]] = {}
    timers: Mapping[str, Annotated[int, Field(ge=1, strict=True)]] = {}
    days: tuple[DayRow, ...] = ()
    practice_timers: Mapping[str, Amount | Annotated[tuple[Amount, ...], Field(min_length=1)]] = {}
    practice_settings: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Overlay:
    """One overlay that is on: its name, the file it stands in, what it says."""

    name: str
    file: str
    says: OverlayFile

    def laid_over(self, tables: Tables) -> Tables:
        """The tables with this overlay on them; what it changes cites its act too. Raises Broken for a trigger, kind or
        timer that the pack does not have."""
        known(self.says.recipients, tables.routes, "trigger", self.file, "recipients")
        known(self.says.timers, tables.timers, "timer", self.file, "timers")
        routes, timers = dict(tables.routes), dict(tables.timers)
        for trigger, kinds in self.says.recipients.items():
            known(kinds, tables.kinds, "kind", self.file, f"recipients.{trigger}")
            route = routes[trigger]
            routes[trigger] = route.model_copy(
                update={
                    "recipients": tuple(dict.fromkeys((*route.recipients, *kinds))),
                    "citation": self._cited(route.citation),
                }
            )
        for timer, amount in self.says.timers.items():
            row = timers[timer]
            timers[timer] = row.model_copy(update={"amount": amount, "citation": self._cited(row.citation)})
        return replace(tables, routes=routes, timers=timers)

    def days(self) -> Mapping[date, bool]:
        """Whether a day is a working one, for each day the overlay speaks of. Raises Broken for a day said twice."""
        said: dict[date, bool] = {}
        for row in self.says.days:
            if row.date in said:
                raise Broken("pack_code_duplicate", file=self.file, value=row.date.isoformat())
            said[row.date] = row.kind == _WORKING
        return said

    def _cited(self, citation: str) -> str:
        return f"{citation}; {self.says.citation}"


def with_overlays(files: PackFiles, folder: Traversable, chosen: Sequence[str]) -> PackFiles:
    """The files of a pack with those of the overlays that are on, in their order. What is chosen is the name of an overlay
    in `folder`, or the path of a file of one's own that ends in .yaml.

    Raises BadInput `overlay_unknown` for one that is not there, `overlay_twice`, and `overlay_name_invalid`.
    """
    contents = dict(files.contents)
    names: set[str] = set()
    for number, choice in enumerate(chosen, 1):
        own = choice.endswith(SUFFIX)
        name = Path(choice).name.removesuffix(SUFFIX) if own else choice
        if not _NAME.fullmatch(name):
            raise BadInput("overlay_name_invalid", overlay=name)
        if name in names:
            raise BadInput("overlay_twice", overlay=name)
        names.add(name)
        file = Path(choice) if own else folder.joinpath(name + SUFFIX)
        try:
            contents[f"{FOLDER}/{number:02}-{name}{SUFFIX}"] = file.read_bytes()
        except OSError:
            raise BadInput("overlay_unknown", overlay=choice, known=", ".join(_shipped(folder)) or "—") from None
    return PackFiles(contents)


def read_overlays(files: PackFiles) -> tuple[Overlay, ...]:
    """The overlays among the files of a pack, in the order in which they are laid. Raises Broken with file and place."""
    found = ((name, _PLACE.fullmatch(name)) for name in sorted(files.contents))
    return tuple(Overlay(match[1], name, files.document(name, OverlayFile)) for name, match in found if match)


def _shipped(folder: Traversable) -> Iterator[str]:
    if folder.is_dir():
        yield from sorted(entry.name.removesuffix(SUFFIX) for entry in folder.iterdir() if entry.name.endswith(SUFFIX))
