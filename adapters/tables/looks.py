"""How the cells of a workbook look, where that says something: a struck-out text, a number under a pattern of digits, a format
that shows nothing, a date of which a part alone is shown.

Whoever looks at the sheet sees «001234» and «50%», not 1234 and 0.5, and so would its CSV file have it. Colours, borders and
sizes are not looked at: what they mean only their sender knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from lxml import etree

from adapters.tables.parts import events, local, place
from adapters.xml.tree import forget

_STYLES: Final = "xl/styles.xml"
_STRINGS: Final = "sharedstrings.xml"
_STRIKE: Final = b"strike"
_OFF: Final = frozenset({"0", "false"})
_BUILT_IN: Final[Mapping[int, str]] = {9: "0%", 10: "0.00%", 16: "d-mmm", 17: "mmm-yy"}
"""The formats known by a number alone that say more than their values do."""
_LONGEST_FORMAT: Final = 255
_TOKEN: Final = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]|(.)', re.DOTALL)
_PLACES: Final = frozenset("0#?")
_LETTERS: Final = re.compile("[a-zа-яё]", re.IGNORECASE)
_CLOCK: Final = re.compile(r"am/pm|a/p|h+\W*m+|m+\W*s+")
_LITERALS: Final = frozenset(" -()+123456789")
_NOTHING: Final = re.compile(r";{2,3}")
_ZEROS: Final = 2


class Shown(StrEnum):
    """What a look says of its cell; all but `PART` are rules of the loss report, `PART` is one of the import report."""

    STRUCK = "struck_out"
    NUMBER = "number_shown"
    NOTHING = "cell_hidden"
    PART = "date_shown_in_part"


class Run(NamedTuple):
    """A piece of a text. `struck` is None where it looks as its cell does."""

    text: str
    struck: bool | None


class Look(NamedTuple):
    """`pattern` is the format of a number; `runs` are the pieces of a text of which some are struck out, none where all is."""

    shown: Shown
    pattern: str = ""
    runs: tuple[Run, ...] = ()

    @property
    def left(self) -> str:
        """What is not struck out."""
        return "".join(run.text for run in self.runs if not run.struck).strip()


Looks = Mapping[int, Mapping[int, Look]]
"""By row and column, from zero."""


def looks_of(parts: Mapping[str, bytes], path: str) -> Looks:
    """The looks of one sheet that say something. Raises DocumentRejected (workbook_broken)."""
    sheet = parts.get(path, b"")
    styles = _styles(parts.get(_STYLES, b""))
    strings = next((data for name, data in parts.items() if name.endswith(_STRINGS)), b"")
    strikes = any(look.shown is Shown.STRUCK for look in styles.values())
    rich = _rich_strings(strings) if strikes or _STRIKE in strings else {}
    if not styles and not rich and _STRIKE not in sheet:
        return {}
    return _Sheet(styles, rich).read(sheet)


def number_shown(value: float, pattern: str) -> str | None:
    """A number as its format shows it, None where the format has no place for it (a fraction, a negative number)."""
    if pattern == "%":
        return f"{(Decimal(repr(value)) * 100).normalize():f}%"
    if value < 0 or not float(value).is_integer():
        return None
    digits = list(str(int(value)))
    found: list[str] = []
    tokens = list(_tokens(pattern))
    first = next(at for at, (sign, is_literal) in enumerate(tokens) if not is_literal and sign in _PLACES)
    for at in range(len(tokens) - 1, -1, -1):
        sign, is_literal = tokens[at]
        if is_literal or sign not in _PLACES:
            found.append(sign)
        elif at == first:
            found.append("".join(digits) or {"0": "0", "?": " "}.get(sign, ""))
        else:
            found.append(digits.pop() if digits else {"0": "0", "?": " "}.get(sign, ""))
    return "".join(reversed(found)).strip()


def _tokens(code: str) -> Iterator[tuple[str, bool]]:
    """Signs of a format, and whether each is a literal one; colours, conditions and widths are neither."""
    for found in _TOKEN.finditer(code):
        if found[3] is not None:
            yield found[3], False
        elif literal := found[1] or found[2]:
            yield literal, True


def look_of_format(code: str) -> Look | None:
    """What a number format says beyond the value: None for most."""
    if len(code) > _LONGEST_FORMAT or code.casefold() in {"general", "@", "0", "основной"}:
        return None
    tokens = list(_tokens(code))
    if not any(literal for _, literal in tokens) and _NOTHING.fullmatch("".join(sign for sign, _ in tokens)):
        return Look(Shown.NOTHING)
    end = next((at for at, token in enumerate(tokens) if token == (";", False)), len(tokens))
    tokens = tokens[:end]
    signs = "".join(sign for sign, is_literal in tokens if not is_literal)
    if _LETTERS.search(signs):
        return _look_of_date(signs)
    return _look_of_number(
        code, signs, "".join(sign for sign, is_literal in tokens if is_literal or sign not in _PLACES)
    )


def _look_of_number(code: str, signs: str, literals: str) -> Look | None:
    if "%" in signs:
        return Look(Shown.NUMBER, "%") if set(signs) <= set("0#?.% ") else None
    if not set(signs) <= _PLACES | _LITERALS or not _PLACES & set(signs):
        return None
    says_more = signs.count("0") >= _ZEROS or literals.strip()
    return Look(Shown.NUMBER, code[: _section_end(code)]) if says_more else None


def _section_end(code: str) -> int:
    return next((found.start() for found in _TOKEN.finditer(code) if found[3] == ";"), len(code))


def _look_of_date(signs: str) -> Look | None:
    """A day of which the sheet shows some part and not the whole: the rest is what the program made of it."""
    parts = set("ymd").intersection(_CLOCK.sub("", signs.casefold()))
    return Look(Shown.PART) if 0 < len(parts) < len("ymd") else None


def _styles(data: bytes) -> Mapping[int, Look]:
    """Looks by the number of the style."""
    if not data:
        return {}
    formats, struck, found = dict(_BUILT_IN), list[bool](), dict[int, Look]()
    for _, element in events(data, ("numFmts", "fonts", "cellXfs")):
        name = local(element)
        if name == "numFmts":
            formats |= {_int(one.get("numFmtId")): str(one.get("formatCode", "")) for one in element}
        elif name == "fonts":
            struck = [_is_struck(font) for font in element]
        else:
            xfs = list(element)
            for number, xf in enumerate(xfs):
                font = _int(xf.get("fontId"))
                look = Look(Shown.STRUCK) if 0 <= font < len(struck) and struck[font] else None
                if look := look or look_of_format(formats.get(_int(xf.get("numFmtId")), "General")):
                    found[number] = look
    return found


def _rich_strings(data: bytes) -> Mapping[int, tuple[Run, ...]]:
    """Shared texts of which some pieces have looks of their own, by their number."""
    found: dict[int, tuple[Run, ...]] = {}
    if data:
        for number, (_, item) in enumerate(events(data, ("si",))):
            if runs := _runs(item):
                found[number] = runs
            item.clear()
    return found


def _runs(item: etree._Element) -> tuple[Run, ...]:
    """The pieces of a text, if one of them has looks of its own: these say all, whether it is struck out too."""
    runs = []
    for one in item:
        if local(one) == "t":
            runs.append(Run(str(one.text or ""), struck=None))
        elif local(one) == "r":
            text = "".join(str(inner.text or "") for inner in one if local(inner) == "t")
            own = [inner for inner in one if local(inner) == "rPr"]
            runs.append(Run(text, struck=any(map(_is_struck, own)) if own else None))
    return tuple(runs) if any(run.struck is not None for run in runs) else ()


def _is_struck(font: etree._Element) -> bool:
    """Of a font, or of the looks of a piece of text."""
    return any(local(one) == "strike" and one.get("val", "1") not in _OFF for one in font)


def _int(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 8 else -1  # noqa: PLR2004


@dataclass(slots=True)
class _Sheet:
    """Looks at one sheet, cell by cell."""

    styles: Mapping[int, Look]
    rich: Mapping[int, tuple[Run, ...]]
    _found: dict[int, dict[int, Look]] = field(default_factory=dict)
    _row: int = -1
    _column: int = -1

    def read(self, data: bytes) -> Looks:
        for event, element in events(data, ("row", "c"), starts=True):
            if local(element) == "c":
                if event == "end":
                    self._cell(element)
            elif event == "start":
                number = _int(element.get("r"))
                self._row, self._column = (number - 1 if number > 0 else self._row + 1), -1
            else:
                forget(element)
        return self._found

    def _cell(self, element: etree._Element) -> None:
        self._column += 1
        if reference := element.get("r"):
            self._row, self._column = place(reference)
        look = self._look(element)
        if look is not None and len(element):
            self._found.setdefault(self._row, {})[self._column] = look

    def _pieces(self, element: etree._Element, kind: str) -> tuple[Run, ...]:
        for inner in element:
            if kind == "inlineStr" and local(inner) == "is":
                return _runs(inner)
            if kind == "s" and local(inner) == "v":
                return self.rich.get(_int(inner.text), ())
        return ()

    def _look(self, element: etree._Element) -> Look | None:
        look, kind = self.styles.get(_int(element.get("s", "0"))), element.get("t", "n")
        is_struck = look is not None and look.shown is Shown.STRUCK
        if runs := self._pieces(element, kind):
            runs = tuple(Run(run.text, is_struck if run.struck is None else run.struck) for run in runs)
            if is_struck or any(run.struck for run in runs):
                return Look(Shown.STRUCK, runs=runs) if any(run.struck for run in runs) else None
        if is_struck:
            return look
        if look is not None and (kind in {"n", "d"} or look.shown is Shown.NOTHING):
            return look
        return None
