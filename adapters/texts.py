"""One rule for the texts of all formats: what nobody sees is taken out, what a template asked for is refused, letters that only
look Russian are told of. Readers of tables and of XML share it, so that one content is one record whatever it came in.
"""

from __future__ import annotations

import functools
import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from adapters.paths import Path
from adapters.report import Severity
from adapters.rules import Breach
from schemas.model import models_in
from schemas.signs import visible

NAME_FIELDS: Final = frozenset({"full_name", "curator_name", "FamilyName", "FirstName", "Patronymic"})
"""Fields that hold the name of a person, and the elements that may stand for its parts."""
_CODED: Final = frozenset({"series", "number", "code", "type"})
"""Fields of any text in which letters and digits of a document stand: they have rules of their own."""
_ASKED: Final = "укажите|указать|заполните|заполнить|впишите|вписать|введите|ввести|выберите|выбрать"
PROMPTS: Final = (
    r"[ДЧ]{2}([./\-])М{2}\1Г{2,4}(?:\s+ЧЧ:ММ(?::СС)?)?|ЧЧ:ММ(?::СС)?|DD\.MM\.YYYY",
    r"М\s*(?:или|/)\s*Ж|Да\s*(?:или|/)\s*Нет",
    r"[XХ][XХ \-_./]{3,}|\+?[78]?[ ()\-]{0,4}_{2,}[ ()\-_]*|<[^<>]*>",
    r"Ф\.?\s?И\.?\s?О\.?(?:\s+полностью)?|фамилия,?\s+имя(?:,?\s+отчество)?(?:\s+полностью)?",
)
"""Patterns of what templates leave to be filled in."""
ASKING: Final = rf"\(?(?:{_ASKED})\b[^\n]{{0,40}}"
"""In a cell also what begins by asking for a value; in a text that is a sentence it may be one."""
_ALONE: Final = (rf"\(?(?:{_ASKED})\)?\.?", rf"\((?:{_ASKED})\b[^\n()]{{0,40}}\)")
_PROMPT: Final = re.compile(f"^(?:{'|'.join((*PROMPTS, *_ALONE))})$", re.IGNORECASE)
PROMPT_SIGNS: Final = frozenset("<()_-+ ")
PROMPT_STARTS: Final = frozenset(
    {digits + sign for digits in ("дд", "дч", "чд", "чч") for sign in "./-:"}
    | {"dd.", "м/ж", "м/ ", "м /", "м и", "м  ", "мил", "да ", "да/", "даи"}
    | {first + second + third for first in "78" for second in " ()-_" for third in " ()-_"}
    | {first + second + third for first in "xх" for second in "xх -_./" for third in "xх -_./"}
    | {"ука", "зап", "впи", "вве", "выб", "фам", "фио", "фи.", "фи ", "ф.и", "ф. ", "ф и"}
)
"""What a prompt begins with: its first sign, or three in lower case."""
_ODD_IN_NAMES: Final = re.compile(r"[=<>{}\[\]|\\@#$%^*~]")
_NOTICED_IN_NAMES: Final = re.compile(r"[=<>{}\[\]|\\@#$%^*~A-Za-z]")
_LATIN: Final = "ABCEHKMOPTXYaceopxyk"
_CYRILLIC: Final = "АВСЕНКМОРТХУасеорхук"
_TO_CYRILLIC: Final = str.maketrans(_LATIN, _CYRILLIC)
_LOOKALIKE: Final = re.compile(f"[{_LATIN}]")
_LOOKALIKES: Final = "latin_lookalikes"
_WORD: Final = re.compile(r"[^\W\d_]+")


def squeeze(text: str) -> str:
    """`text` without invisible signs and with single plain spaces: for names, codes and numbers, not for prose."""
    if "  " not in text and text.isprintable():  # the only white space is a space, and nothing is invisible
        return text.strip()
    return " ".join(visible(text).split())


def is_prompt(text: str) -> bool:
    """Whether this cannot be a value: a template's prompt that nobody filled in."""
    start = text[:3]
    may_be = start.casefold() in PROMPT_STARTS or text[:1] in PROMPT_SIGNS or not start.isprintable()
    return may_be and _PROMPT.match(text) is not None


def is_odd_name(name: str) -> bool:
    """Whether there are signs in it that names do not have."""
    return _ODD_IN_NAMES.search(name) is not None


def name_needs_a_look(name: str) -> bool:
    """Whether a name has anything but the signs of a Russian one."""
    return _NOTICED_IN_NAMES.search(name) is not None


def has_lookalikes(text: str) -> bool:
    """Whether a word mixes Cyrillic with Latin letters that look Cyrillic."""
    if text.isascii() or not _LOOKALIKE.search(text):
        return False
    return any(not word.isascii() and word != word.translate(_TO_CYRILLIC) for word in _WORD.findall(text))


def fold_lookalikes(text: str) -> str:
    """`text` with Latin look-alikes as Cyrillic letters: for recognising a heading or a listed word only."""
    return text.translate(_TO_CYRILLIC)


# --- the same of a value as a whole ----------------------------------------------------------------------------------


class _Kind(StrEnum):
    NAME = "name"
    TEXT = "text"
    CODED = "coded"
    INNER = "inner"


_INNER: Final = _Kind.INNER


def text_breaches(value: BaseModel) -> list[Breach]:
    """What the rule finds in the texts of a value that was read from a format without cells, which looks at them one by one.

    Nearly always that is nothing, and a look at all of them together says so: no word goes on in the next line.
    """
    found: dict[_Kind, list[str]] = {_Kind.NAME: [], _Kind.TEXT: [], _Kind.CODED: []}
    _gather(value, found)
    names, coded = found[_Kind.NAME], found[_Kind.CODED]
    words = names + found[_Kind.TEXT]
    if any(map(is_prompt, words + coded)) or is_odd_name("\n".join(names)) or has_lookalikes("\n".join(words)):
        return [*_each(value, ())]
    return []


def _gather(value: BaseModel, found: Mapping[_Kind, list[str]]) -> None:
    said = value.__dict__
    for name, kind in _fields(type(value)):
        if held := said[name]:
            several = held if type(held) is tuple else (held,)
            if kind is _INNER:
                for one in several:
                    _gather(one, found)
            else:
                found[kind].extend(several)


def _each(value: BaseModel, path: Path) -> Iterator[Breach]:
    said = value.__dict__
    for name, kind in _fields(type(value)):
        held = said[name]
        several = enumerate(held) if type(held) is tuple else ((None, held),)
        for index, one in several:
            place = (*path, name) if index is None else (*path, name, index)
            if kind is _INNER:
                yield from _each(one, place) if one else ()
            elif one and (code := _code(one, kind)):
                yield Breach(code, place, Severity.WARNING if code == _LOOKALIKES else Severity.ERROR)


def _code(text: str, kind: _Kind) -> str:
    """The rule that the text breaks, "" for none."""
    if is_prompt(text):
        return "placeholder_left"
    if kind is _Kind.NAME and is_odd_name(text):
        return "name_odd_characters"
    return _LOOKALIKES if kind is not _Kind.CODED and has_lookalikes(text) else ""


@functools.cache
def _fields(model: type[BaseModel]) -> tuple[tuple[str, _Kind], ...]:
    """The fields that hold texts of any words, and those that hold values with such fields."""
    return tuple((name, kind) for name, info in model.model_fields.items() if (kind := _kind(name, info)))


def _kind(name: str, info: FieldInfo) -> _Kind | None:
    if _is_free_text(info.annotation, info.metadata):
        return _Kind.NAME if name in NAME_FIELDS else _Kind.CODED if name in _CODED else _Kind.TEXT
    return _Kind.INNER if any(_fields(inner) for inner in models_in(info.annotation)) else None


def _is_free_text(annotation: object, metadata: Sequence[object]) -> bool:
    """Whether an annotation is of texts without a pattern: `Line`, `Text | None`, `tuple[Text, ...]`."""
    if annotation is str:
        told = [one for one in metadata if isinstance(one, StringConstraints)]
        lengths = [one for one in metadata if getattr(one, "max_length", None)]
        return bool(told or lengths) and not any(getattr(one, "pattern", None) for one in metadata)
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *rest = typing.get_args(annotation)
        return _is_free_text(inner, rest)
    return any(_is_free_text(one, metadata) for one in typing.get_args(annotation))
