"""Tables out: UTF-8 with a byte order mark, `;`, CRLF, every cell quoted. A spreadsheet under the Russian locale opens it
correctly; cp1251 is written on request, for programs that know nothing else, and says which signs it lacks.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final, Literal

from adapters.tables.text_file import nearest
from schemas.errors import BadInput

Encoding = Literal["utf-8-sig", "cp1251"]
DEFAULT: Final[Encoding] = "utf-8-sig"
ENCODINGS: Final[dict[str, Encoding]] = {"utf-8": "utf-8-sig", "cp1251": "cp1251"}
"""Encodings by the names that people and partners ask for them."""
_DELIMITER: Final = ";"
_LINE_END: Final = "\r\n"


@dataclass(frozen=True, slots=True)
class Written:
    """How a table leaves: its encoding, and whether signs that this one lacks become their nearest, then «?»."""

    encoding: Encoding = DEFAULT
    nearest_signs: bool = False


AS_USUAL: Final = Written()


def written_as(encoding: str = "", nearest_signs: str = "") -> Written:
    """What was asked for in words; nothing is UTF-8. Raises BadInput (format_unknown)."""
    found = ENCODINGS.get(encoding or "utf-8")
    if found is None:
        raise BadInput("format_unknown", known=", ".join(ENCODINGS))
    if nearest_signs not in {"", "true", "false"}:
        raise BadInput("format_unknown", known="nearest=true, nearest=false")
    return Written(found, nearest_signs == "true")


def write_csv(
    headings: Sequence[str], rows: Sequence[Sequence[str]], encoding: Encoding = DEFAULT, *, nearest_signs: bool = False
) -> bytes:
    """The bytes of a table. Raises BadInput (text_outside_encoding) with all columns and signs that the encoding cannot hold;
    with `nearest_signs` they become their nearest, then «?»."""
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=_DELIMITER, lineterminator=_LINE_END, quoting=csv.QUOTE_ALL)
    writer.writerow(headings)
    writer.writerows(rows)
    missing = lacking_in(rows, headings, encoding)
    if not missing:
        return out.getvalue().encode(encoding)
    if not nearest_signs:
        raise BadInput("text_outside_encoding", column="; ".join(map(str, missing)), encoding=encoding)
    return nearest(out.getvalue(), encoding).encode(encoding, "replace")


@dataclass(frozen=True, slots=True)
class Lacking:
    """Signs of a column that an encoding has not, and in how many cells. The signs are named by their code points."""

    column: str
    signs: tuple[str, ...]
    cells: int

    def __str__(self) -> str:
        return f"«{self.column}» ({', '.join(f'U+{ord(sign):04X}' for sign in self.signs)})"


def lacking_in(rows: Iterable[Sequence[str]], headings: Sequence[str], encoding: str) -> tuple[Lacking, ...]:
    """What an encoding could not carry, column by column."""
    signs: dict[int, set[str]] = {}
    cells: dict[int, int] = {}
    for row in rows:
        for at, cell in enumerate(row):
            if missing := {sign for sign in cell if not _is_in(sign, encoding)}:
                signs.setdefault(at, set()).update(missing)
                cells[at] = cells.get(at, 0) + 1
    return tuple(Lacking(headings[at], tuple(sorted(signs[at])), cells[at]) for at in sorted(signs))


@functools.lru_cache(maxsize=4096)
def _is_in(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
