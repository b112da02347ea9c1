"""The loss report: every place where what was taken is not to the letter what the file says, or where the file says nothing.

Dropped: it stands in the file and went nowhere. Coerced: it was taken in another spelling. Defaulted: a value of the profile,
of the caller or of the program stands where the file has none. A loss says where, by which rule and how often, never what.
Records that were refused have no losses: they come back whole.
"""

from __future__ import annotations

import functools
import hashlib
import re
import typing
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

import rfc8785
from pydantic import BaseModel

from adapters.paths import Path
from schemas.catalogue import Language, text
from schemas.model import models_in

VERSION: Final = 1
MAX_PER_RULE: Final = 200
"""Losses of one rule that are kept word by word; all are counted."""
_NOT_IN_XML: Final = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_INDEX: Final = re.compile(r"\[\d+\]")


class Lost(StrEnum):
    """What became of it."""

    DROPPED = "dropped"
    COERCED = "coerced"
    DEFAULTED = "defaulted"


_D, _C, _F = Lost.DROPPED, Lost.COERCED, Lost.DEFAULTED
RULES: Final[Mapping[str, Lost]] = {
    "unknown_column": _D,
    "column_not_kept": _D,
    "column_hidden": _D,
    "column_unheaded": _D,
    "column_own": _D,
    "sheet_hidden": _D,
    "sheet_not_read": _D,
    "row_title": _D,
    "row_empty": _D,
    "row_hidden": _D,
    "row_struck": _D,
    "row_numbers": _D,
    "row_total": _D,
    "row_repeated_heading": _D,
    "comment": _D,
    "instruction": _D,
    "attribute": _D,
    "element_empty": _D,
    "fraction_dropped": _D,
    "file_not_read": _D,
    "value_dropped": _D,
    "unknown_mark": _D,
    "absence_mark": _D,
    "control_characters": _D,
    "direction_signs": _D,
    "invisible_signs": _D,
    "zone_dropped": _D,
    "time_dropped": _D,
    "struck_out": _D,
    "cell_hidden": _D,
    "cell_note": _D,
    "link_target": _D,
    "picture": _D,
    "shape": _D,
    "chart": _D,
    "print_header": _D,
    "input_check": _D,
    "defined_name": _D,
    "workbook_properties": _D,
    "embedded_file": _D,
    "form_control": _D,
    "pivot_table": _D,
    "part_not_read": _D,
    "number_shown": _C,
    "category_not_sent": _D,
    "part_without_use": _D,
    "spaces": _C,
    "quoting": _C,
    "letter_case": _C,
    "date_spelling": _C,
    "number_spelling": _C,
    "zero_restored": _C,
    "code_translated": _C,
    "values_parted": _C,
    "name_joined": _C,
    "absence_recorded": _C,
    "value_respelt": _C,
    "element_namespace": _C,
    "element_order": _C,
    "from_sender": _F,
    "from_profile": _F,
    "from_class": _F,
    "zone_assumed": _F,
    "time_assumed": _F,
    "identifier_derived": _F,
    "family_value_spread": _F,
    "merged_value": _F,
    "person_assumed": _F,
}
"""Every rule by its permanent code. The words stand under `losses.` of the catalogue."""
COMPLAINTS: Final[Mapping[str, str]] = {
    "zone_dropped": "zone_dropped",
    "time_dropped": "time_dropped",
    "time_assumed": "time_assumed",
    "unknown_mark": "unknown_mark",
    "absence_mark": "absence_mark",
    "control_characters": "control_characters",
    "direction_signs": "direction_signs",
    "excel_serial_date": "date_spelling",
    "snils_zero_restored": "zero_restored",
    "inn_zero_restored": "zero_restored",
    "contacts_own_phone": "value_dropped",
    "contacts_address_apart": "value_dropped",
    "contacts_disagree": "value_dropped",
}
"""Warnings of readers that tell of a loss, and the rule of the loss."""


def place_in_words(code: str, place: str, language: Language = "ru") -> str:
    """A place as people read it: a heading or an element as it is, a sheet or a column that has only a number by its number."""
    if code in _NUMBERED and place.isdigit():
        return text(_NUMBERED[code], language, number=place)
    return place or text("web_losses.file", language)


_NUMBERED: Final[Mapping[str, str]] = {
    "sheet_hidden": "web_losses.sheet",
    "sheet_not_read": "web_losses.sheet",
    "column_unheaded": "web_losses.column",
}


class Loss(NamedTuple):
    """One loss. `place` is the column or the element, `record` None for what concerns the file."""

    code: str
    place: str = ""
    line: int | None = None
    record: int | None = None
    times: int = 1

    @property
    def lost(self) -> Lost:
        """What became of it."""
        return RULES[self.code]

    def words(self, language: Language = "ru") -> str:
        """The rule, in words."""
        return text(f"losses.{self.code}", language)


@dataclass(slots=True)
class Sum:
    """How often one rule was used at one place, and the first line of it."""

    count: int
    line: int | None


def _in_order(loss: Loss) -> tuple[int, int, str, str, int]:
    return loss.record or 0, loss.line or 0, loss.code, loss.place, loss.times


@dataclass(slots=True)
class LossReport:
    """Losses of a file. Counts by rule and place are complete; of each rule the first hundreds are kept word by word."""

    rows: list[Loss] = field(default_factory=list)
    sums: dict[tuple[str, str], Sum] = field(default_factory=dict)
    _kept: Counter[str] = field(default_factory=Counter)

    def add(self, loss: Loss) -> None:
        """Counts one loss. What XML cannot carry is a space in a place. Places in a list are one: `Person[2]/Snils` is
        counted as `Person/Snils`."""
        if _NOT_IN_XML.search(loss.place):
            loss = loss._replace(place=_NOT_IN_XML.sub(" ", loss.place))
        key = (loss.code, _INDEX.sub("", loss.place) if "[" in loss.place else loss.place)
        found = self.sums.get(key)
        if found is None:
            self.sums[key] = Sum(loss.times, loss.line)
        else:
            found.count += loss.times
        self._keep(loss)

    def dump(self) -> dict[str, list[list[object]]]:
        """As JSON, to be taken by another."""
        sums: list[list[object]] = [[code, place, one.count, one.line] for (code, place), one in self.sums.items()]
        return {"sums": sums, "rows": [list(loss) for loss in self.rows]}

    def take(self, dumped: Mapping[str, Iterable[Any]]) -> None:
        """What another has dumped, after what is here."""
        for code, place, count, line in dumped["sums"]:
            found = self.sums.setdefault((code, place), Sum(0, line))
            found.count += count
        for row in dumped["rows"]:
            self._keep(Loss(*row))

    def _keep(self, loss: Loss) -> bool:
        if self._kept[loss.code] >= MAX_PER_RULE:
            return False
        self._kept[loss.code] += 1
        self.rows.append(loss)
        return True

    def further(self, losses: Iterable[Loss]) -> dict[str, list[list[object]]]:
        """Counts these losses, and dumps what they add: all sums, and of the rows those that are kept."""
        step, before = LossReport(), len(self.rows)
        for loss in losses:
            step.add(loss)
            self.add(loss)
        return {"sums": step.dump()["sums"], "rows": [list(loss) for loss in self.rows[before:]]}

    def in_order(self) -> list[Loss]:
        """The rows in the order in which every form of the report has them."""
        return sorted(self.rows, key=_in_order)

    def count(self, lost: Lost | None = None) -> int:
        """How many losses, of one kind or all."""
        return sum(one.count for (code, _), one in self.sums.items() if lost in (None, RULES[code]))

    def by_place(self, lost: Lost) -> list[tuple[str, str, Sum]]:
        """Rule, place and how often, in the order of the file."""
        return [(code, place, one) for (code, place), one in self.sums.items() if RULES[code] is lost]

    def as_dict(self) -> dict[str, object]:
        """The report as it is digested: codes, places and counts in one order, however the file was taken; no words that
        another language would change."""
        return {
            "version": VERSION,
            "counts": {lost.value: self.count(lost) for lost in Lost},
            "rules": [
                {"lost": RULES[code].value, "ruleCode": code, "place": place, "line": one.line, "count": one.count}
                for (code, place), one in sorted(self.sums.items())
            ],
            "rows": [
                {
                    "lost": loss.lost.value,
                    "ruleCode": loss.code,
                    "place": loss.place,
                    "line": loss.line,
                    "record": loss.record,
                    "count": loss.times,
                }
                for loss in self.in_order()
            ],
            "rowsLeftOut": self.count() - sum(loss.times for loss in self.rows),
        }

    def digest(self) -> str:
        """SHA-256 of the report as canonical JSON (RFC 8785). It stands in the entry of the file."""
        return hashlib.sha256(rfc8785.dumps(self.as_dict())).hexdigest()  # type: ignore[arg-type]  # plain JSON values

    def words(self, language: Language = "ru") -> dict[str, str]:
        """The words of every rule that was used."""
        return {code: text(f"losses.{code}", language) for code in dict.fromkeys(code for code, _ in self.sums)}


def class_defaults(value: BaseModel, path: Path = ()) -> Iterator[Path]:
    """Fields that the file left out and whose default says something: the planned urgency, the paper form of a consent."""
    said = value.model_fields_set
    for name, is_inner in _telling(type(value)):
        if name in said:
            if is_inner:
                yield from _inside(getattr(value, name), (*path, name))
        elif not is_inner and getattr(value, name) not in _EMPTY:
            yield (*path, name)


_EMPTY: Final = (None, (), False, "")


@functools.cache
def _telling(model: type[BaseModel]) -> tuple[tuple[str, bool], ...]:
    """Fields whose default says something, and those that hold models with such fields, in their order: the rest need not be
    looked at."""
    found = []
    for name, field_info in model.model_fields.items():
        if _is_constant(field_info.annotation):
            continue  # the word that tells one class from another
        inner = tuple(models_in(field_info.annotation))
        says = not field_info.is_required() and field_info.get_default(call_default_factory=True) not in _EMPTY
        if any(map(_telling, inner)) or (says and not inner):
            found.append((name, bool(inner)))
    return tuple(found)


def _is_constant(annotation: object) -> bool:
    return typing.get_origin(annotation) is typing.Literal and len(typing.get_args(annotation)) == 1


def _inside(found: object, path: Path) -> Iterator[Path]:
    if isinstance(found, BaseModel):
        yield from class_defaults(found, path)
    elif isinstance(found, tuple):
        for index, one in enumerate(found):
            if isinstance(one, BaseModel):
                yield from class_defaults(one, (*path, index))


def losses_of(codes: Iterable[tuple[str, str, int | None, int | None]]) -> tuple[Loss, ...]:
    """What complaints (code, place, line, record) tell of losses."""
    return tuple(
        Loss(COMPLAINTS[code], place, line, record) for code, place, line, record in codes if code in COMPLAINTS
    )
