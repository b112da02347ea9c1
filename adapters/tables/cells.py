"""What spreadsheets do to a cell, undone: the apostrophe, ="…", non-breaking spaces, «.0»; and what cannot be undone,
refused: formulas, error values, prompts of a template.

«Нет» and «не имеет» say that there is none, «-» and «не указано» that nobody knows: two things, kept apart (`Absence`).

`guard` is the other direction: it writes a text so that no spreadsheet takes it for a formula and `clean` gives it back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_QUOTED_TEXT: Final = re.compile(r'^="((?:[^"]|"")*)"$')
_FORMULA: Final = re.compile(r"^=|^@\w+\(|^[+\-](?=[\w.]*[A-Za-zА-Яа-яЁё])[\w.]*\(|^[+\-][^|]*\|[^!]*!")
_ERROR_VALUE: Final = re.compile(
    r"^#(?:Н/Д|ЗНАЧ!|ССЫЛКА!|ИМЯ\?|ДЕЛ/0!|ЧИСЛО!|ПУСТО!|N/A|VALUE!|REF!|NAME\?|DIV/0!|NUM!|NULL!|#+)$"
)
_PROMPTS: Final = (
    r"[ДЧ]{2}([./\-])М{2}\1Г{2,4}(?:\s+ЧЧ:ММ(?::СС)?)?|ЧЧ:ММ(?::СС)?|DD\.MM\.YYYY",
    r"М\s*(?:или|/)\s*Ж|Да\s*(?:или|/)\s*Нет",
    r"[XХ][XХ \-_./]{3,}|\+?[78]?[ ()\-]{0,4}_{2,}[ ()\-_]*|<[^<>]*>",
    r"\(?(?:укажите|указать|заполните|заполнить|впишите|вписать|введите|ввести|выберите|выбрать)\b[^\n]{0,40}",
    r"Ф\.?\s?И\.?\s?О\.?(?:\s+полностью)?|фамилия,?\s+имя(?:,?\s+отчество)?(?:\s+полностью)?",
)
_PROMPT: Final = re.compile(f"^(?:{'|'.join(_PROMPTS)})$", re.IGNORECASE)
_KNOWN_ABSENT: Final = frozenset(
    {"нет", "не имеет", "не имеют", "не имеется", "отсутствует", "отсутствуют", "не выдан", "не выдано", "не выдавался"}
    | {"не выдавалось", "не получен", "не получено", "не присвоен"}
)
_UNKNOWN: Final = frozenset(
    {"-", "–", "—", "?", "н/д", "нет данных", "нет сведений", "нет информации", "данных нет", "сведений нет"}
    | {"не указано", "не указан", "не указана", "не указаны", "не известно", "неизвестно", "неизвестен", "неизвестна"}
    | {"не установлено", "не установлен", "не установлена", "уточняется", "сведения отсутствуют", "данные отсутствуют"}
)
_SUSPECT_SIGNS: Final = frozenset("'=@+-–—?#<()_")
_SUSPECT: Final = frozenset(
    {mark[:3] for mark in _KNOWN_ABSENT | _UNKNOWN}
    | {digits + sign for digits in ("дд", "дч", "чд", "чч") for sign in "./-:"}
    | {"dd.", "м/ж", "м/ ", "м /", "м и", "м  ", "мил", "да ", "да/", "даи"}
    | {first + second + third for first in "78" for second in " ()-_" for third in " ()-_"}
    | {first + second + third for first in "xх" for second in "xх -_./" for third in "xх -_./"}
    | {"ука", "зап", "впи", "вве", "выб", "фам", "фио", "фи.", "фи ", "ф.и", "ф. ", "ф и"}
)
"""What a cell that is not plain text begins with, by its first sign or by three in lower case: every pattern and mark above."""
_MARKS: Final = _KNOWN_ABSENT | _UNKNOWN
_LONGEST_MARK: Final = 40
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_DANGEROUS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "\t", "\r", "\n", "'")
"""What some spreadsheet takes for the beginning of a formula: also the wide and small forms of its signs, and what it drops
before them."""

_LATIN: Final = "ABCEHKMOPTXYaceopxyk"
_CYRILLIC: Final = "АВСЕНКМОРТХУасеорхук"
_TO_CYRILLIC: Final = str.maketrans(_LATIN, _CYRILLIC)
_LOOKALIKE: Final = re.compile(f"[{_LATIN}]")
_WORD: Final = re.compile(r"[^\W\d_]+")


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
    """The text that the cell means. Raises CellFault for a formula, an error value or a prompt left in place.

    A text after an apostrophe is taken literally: neither a formula, nor a prompt, nor a mark of absence. In a
    `returned` reject file a formula stays one, since it was the reject file that disarmed it.
    """
    text = raw.strip()
    if text.startswith("'"):
        if returned and _FORMULA.match(text[1:]):
            raise CellFault("formula_in_cell")
        return _literal(raw.lstrip()[1:])
    if quoted := _QUOTED_TEXT.match(text):
        return _without_controls(quoted[1].replace('""', '"').strip())
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
    return _without_controls(text)


def _literal(text: str) -> Cell:
    """A text as it stands, spaces around it too; spaces alone are none."""
    visible = _CONTROL.sub("", text)
    return Cell(visible if visible.strip() else "", () if visible == text else ("control_characters",))


def _without_controls(text: str) -> Cell:
    visible = _CONTROL.sub("", text)
    return Cell(visible.strip(), () if visible == text else ("control_characters",))


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


def is_absence_mark(text: str) -> bool:
    """Whether a cell stands in place of a value: «нет», «-», «не указано»."""
    return len(text) <= _LONGEST_MARK and squeeze(text).casefold().rstrip(".") in _MARKS


def squeeze(text: str) -> str:
    """`text` without invisible signs and with single plain spaces: for names, codes and numbers, not for prose."""
    if "  " not in text and text.isprintable():  # the only white space is a space, and nothing is invisible
        return text.strip()
    return " ".join(_INVISIBLE.sub("", text).split())


def has_lookalikes(text: str) -> bool:
    """Whether a word mixes Cyrillic with Latin letters that look Cyrillic."""
    if text.isascii() or not _LOOKALIKE.search(text):
        return False
    return any(not word.isascii() and word != word.translate(_TO_CYRILLIC) for word in _WORD.findall(text))


def fold_lookalikes(text: str) -> str:
    """`text` with Latin look-alikes as Cyrillic letters: for recognising a heading or a listed word only."""
    return text.translate(_TO_CYRILLIC)


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
