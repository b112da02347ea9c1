"""What spreadsheets do to a cell, undone: the apostrophe, ="…", non-breaking spaces, «.0»; and what cannot be undone,
refused: formulas, error values, prompts of a template.

`guard` is the other direction: it writes a text so that no spreadsheet takes it for a formula and `clean` gives it back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_QUOTED_TEXT: Final = re.compile(r'^="((?:[^"]|"")*)"$')
_FORMULA: Final = re.compile(r"^=|^@\w+\(|^[+\-](?=[\w.]*[A-Za-zА-Яа-яЁё])[\w.]*\(|^[+\-][^|]*\|[^!]*!")
_ERROR_VALUE: Final = re.compile(
    r"^#(?:Н/Д|ЗНАЧ!|ССЫЛКА!|ИМЯ\?|ДЕЛ/0!|ЧИСЛО!|ПУСТО!|N/A|VALUE!|REF!|NAME\?|DIV/0!|NUM!|NULL!|#+)$"
)
_PROMPT: Final = re.compile(
    r"^(?:[ДЧ]{2}\.М{2}\.Г{2,4}|DD\.MM\.YYYY|М\s*(?:или|/)\s*Ж|Да\s*(?:или|/)\s*Нет|[XХ][XХ \-_./]{3,}|_{3,}|<[^<>]*>)$",
    re.IGNORECASE,
)
_ABSENCE: Final = frozenset(
    {"-", "–", "—", "нет", "нет данных", "н/д", "не указано", "не указан", "не указана", "отсутствует"}
)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "'")

_LATIN: Final = "ABCEHKMOPTXYaceopxyk"
_CYRILLIC: Final = "АВСЕНКМОРТХУасеорхук"
_TO_CYRILLIC: Final = str.maketrans(_LATIN, _CYRILLIC)
_WORD: Final = re.compile(r"[^\W\d_]+")


class CellFault(Exception):
    """A cell that cannot be read; `code` is the rule."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Cell:
    """A cleaned cell. `notes` are the codes of warnings."""

    text: str
    notes: tuple[str, ...] = ()


def clean(raw: str, *, returned: bool = False) -> Cell:
    """The text that the cell means. Raises CellFault for a formula, an error value or a prompt left in place.

    A text after an apostrophe is taken literally: neither a formula, nor a prompt, nor a mark of absence. In a
    `returned` reject file a formula stays one, since it was the reject file that disarmed it.
    """
    text = raw.strip()
    if text.startswith("'"):
        if returned and _FORMULA.match(text[1:]):
            raise CellFault("formula_in_cell")
        return _without_controls(text[1:])
    if quoted := _QUOTED_TEXT.match(text):
        return _without_controls(quoted[1].replace('""', '"').strip())
    if _FORMULA.match(text):
        raise CellFault("formula_in_cell")
    if _ERROR_VALUE.match(text):
        raise CellFault("spreadsheet_error_value")
    if _PROMPT.match(text):
        raise CellFault("placeholder_left")
    if text.casefold() in _ABSENCE:
        return Cell("", ("absence_mark",))
    return _without_controls(text)


def _without_controls(text: str) -> Cell:
    visible = _CONTROL.sub("", text)
    return Cell(visible.strip(), () if visible == text else ("control_characters",))


def guard(text: str) -> str:
    """The cell that a spreadsheet shows as text and `clean` reads as exactly `text`."""
    if text.startswith(_DANGEROUS):
        return f"'{text}"
    try:
        same = clean(text).text == text
    except CellFault:
        same = False
    return text if same else f"'{text}"


def squeeze(text: str) -> str:
    """`text` without invisible signs and with single plain spaces: for names, codes and numbers, not for prose."""
    return " ".join(_INVISIBLE.sub("", text).split())


def has_lookalikes(text: str) -> bool:
    """Whether a word mixes Cyrillic with Latin letters that look Cyrillic."""
    if text.isascii():
        return False
    return any(not word.isascii() and word != word.translate(_TO_CYRILLIC) for word in _WORD.findall(text))


def fold_lookalikes(text: str) -> str:
    """`text` with Latin look-alikes as Cyrillic letters: for recognising a heading or a listed word only."""
    return text.translate(_TO_CYRILLIC)


# --- several values in one cell --------------------------------------------------------------------------------------

_ESCAPED: Final = re.compile(r"\\([\\|])")


def split_values(text: str) -> list[str]:
    r"""The values of a cell that holds several, separated by `|`; `\|` is a plain bar."""
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
