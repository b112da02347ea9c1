"""What spreadsheets do to a cell, undone: the apostrophe, ="…", non-breaking spaces, «.0»; and what cannot be undone,
refused: formulas, error values, prompts of a template.

«Нет» and «не имеет» say that there is none, «-» and «не указано» that nobody knows: two things, kept apart (`Absence`).

`guard` is the other direction: it writes a text so that no spreadsheet takes it for a formula and `clean` gives it back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from adapters.texts import ASKING, PROMPT_SIGNS, PROMPT_STARTS, PROMPTS, is_prompt, squeeze
from schemas.signs import unseen_in, visible

_QUOTED_TEXT: Final = re.compile(r'^="((?:[^"]|"")*)"$')
_FORMULA: Final = re.compile(r"^=|^@\w+\(|^[+\-](?=[\w.]*[A-Za-zА-Яа-яЁё])[\w.]*\(|^[+\-][^|]*\|[^!]*!")
_ERROR_VALUE: Final = re.compile(
    r"^#(?:Н/Д|ЗНАЧ!|ССЫЛКА!|ИМЯ\?|ДЕЛ/0!|ЧИСЛО!|ПУСТО!|N/A|VALUE!|REF!|NAME\?|DIV/0!|NUM!|NULL!|#+)$"
)
_PROMPT: Final = re.compile(f"^(?:{'|'.join((*PROMPTS, ASKING))})$", re.IGNORECASE)
_KNOWN_ABSENT: Final = frozenset(
    {"нет", "не имеет", "не имеют", "не имеется", "отсутствует", "отсутствуют", "не выдан", "не выдано", "не выдавался"}
    | {"не выдавалось", "не получен", "не получено", "не присвоен"}
)
_UNKNOWN: Final = frozenset(
    {"-", "–", "—", "?", "н/д", "нет данных", "нет сведений", "нет информации", "данных нет", "сведений нет"}
    | {"не указано", "не указан", "не указана", "не указаны", "не известно", "неизвестно", "неизвестен", "неизвестна"}
    | {"не установлено", "не установлен", "не установлена", "уточняется", "сведения отсутствуют", "данные отсутствуют"}
)
_SUSPECT_SIGNS: Final = PROMPT_SIGNS | frozenset("'=@–—?#")
_SUSPECT: Final = PROMPT_STARTS | {mark[:3] for mark in _KNOWN_ABSENT | _UNKNOWN}
"""What a cell that is not plain text begins with, by its first sign or by three in lower case: every pattern and mark above."""
_MARKS: Final = _KNOWN_ABSENT | _UNKNOWN
_LONGEST_MARK: Final = 40
_TOLD: Final = frozenset({"control_characters", "direction_signs"})
"""What was taken out and is told to the sender; the rest stands in the losses alone."""
_DANGEROUS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "\t", "\r", "\n", "'")
"""What some spreadsheet takes for the beginning of a formula: also the wide and small forms of its signs, and what it drops
before them."""


class CellFault(Exception):
    """A cell that cannot be read; `code` is the rule."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Absence(StrEnum):
    """What a mark in place of a value says: that there is none, or that nobody knows."""

    KNOWN = "known"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cleaned cell. `notes` are the codes of warnings. A mark of absence has no text; `mark` is how it was written."""

    text: str
    notes: tuple[str, ...] = ()
    absence: Absence | None = None
    mark: str = ""


def clean(raw: str, *, returned: bool = False) -> Cell:
    """The text that the cell means, without signs that nobody sees. Raises CellFault for a formula, an error value or a prompt
    left in place.

    A text after an apostrophe is taken literally: neither a formula, nor a mark of absence, and what begins by asking for a
    value is a sentence. In a `returned` reject file a formula stays one, since it was the reject file that disarmed it, and a
    text after two apostrophes is the text after one: see `disarmed`.
    """
    cell, text = _meant(visible(raw), returned=returned), raw.strip()
    if text.isprintable():
        return cell
    notes = tuple(code for code in unseen_in(text) if code in _TOLD)
    return replace(cell, notes=(*cell.notes, *notes)) if notes else cell


def _meant(raw: str, *, returned: bool) -> Cell:
    text = raw.strip()
    if text.startswith("'"):
        return _literal(raw, text, returned=returned)
    if quoted := _QUOTED_TEXT.match(text):
        return Cell(quoted[1].replace('""', '"').strip())
    if _FORMULA.match(text):
        raise CellFault("formula_in_cell")
    if _ERROR_VALUE.match(text):
        raise CellFault("spreadsheet_error_value")
    if _PROMPT.match(text):
        raise CellFault("placeholder_left")
    plain = squeeze(text).casefold().rstrip(".")
    if plain in _KNOWN_ABSENT:
        return Cell("", (), Absence.KNOWN, plain)
    if plain in _UNKNOWN:
        return Cell("", ("unknown_mark",), Absence.UNKNOWN, plain)
    return Cell(text)


def _literal(raw: str, text: str, *, returned: bool) -> Cell:
    literal = raw.lstrip()[1:]
    if returned and _FORMULA.match(_bare(text)):
        if not literal.lstrip().startswith("'"):
            raise CellFault("formula_in_cell")
        return _meant(literal, returned=False)
    if is_prompt(text[1:].strip()):
        raise CellFault("placeholder_left")
    return Cell(literal if literal.strip() else "")  # spaces around it too, but spaces alone are none


def plain(raw: str) -> str:
    """The text of a cell, without the spaces around it, where `clean` would do nothing else to it; "" where it may.

    Most cells are plain, and two look-ups say so: nothing that `clean` knows begins otherwise.
    """
    text = raw.strip()
    if text[:1] in _SUSPECT_SIGNS or text[:3].casefold() in _SUSPECT or not text.isprintable():
        return ""
    return text


def guard(text: str) -> str:
    """The cell that a spreadsheet shows as text and `clean` reads as exactly `text`; control characters and spaces alone go."""
    if text.startswith(_DANGEROUS):
        return f"'{text}"
    try:
        same = clean(text).text == text
    except CellFault:
        same = False
    return text if same else f"'{text}"


def disarmed(raw: str, *, again: bool = False) -> str:
    """A cell of a reject file, with an apostrophe before a formula, and one more before a text that has one before something
    like it, so that the two are told apart when they come back. `again`: what stood in a reject file has both already."""
    if not raw or plain(raw):
        return raw
    text = visible(raw).strip()
    if not _FORMULA.match(_bare(text)):
        return raw
    if text.startswith("'"):
        return raw if again else f"'{raw}"
    return raw if _QUOTED_TEXT.match(text) else f"'{raw}"


def armed(raw: str) -> str:
    """What `disarmed` made a cell of, for a table in which an apostrophe is a sign like others."""
    return raw[1:] if raw.startswith("'") and _FORMULA.match(_bare(visible(raw))) else raw


def _bare(text: str) -> str:
    return text.lstrip("' \t\r\n\xa0")


def is_absence_mark(text: str) -> bool:
    """Whether a cell stands in place of a value: «нет», «-», «не указано»."""
    return len(text) <= _LONGEST_MARK and squeeze(text).casefold().rstrip(".") in _MARKS


# --- several values in one cell --------------------------------------------------------------------------------------

_ESCAPED: Final = re.compile(r"\\([\\|])")


def split_values(text: str) -> list[str]:
    r"""The values of a cell that holds several, separated by `|`; `\|` is a plain bar."""
    if "\\" not in text:
        return [part.strip() for part in text.split("|")]
    parts: list[str] = []
    start = 0
    position = 0
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] == "|":
            parts.append(text[start:position])
            start = position + 1
        position += 1
    parts.append(text[start:])
    return [_ESCAPED.sub(r"\1", part).strip() for part in parts]


def join_values(values: list[str]) -> str:
    """Several values as one cell."""
    return "|".join(value.replace("\\", "\\\\").replace("|", "\\|") for value in values)
