"""Reads the fields of a form one by one and collects complaints: field name to a key of the catalogue, first one kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from datetime import date
from typing import Final, TypeVar

from gateway.web.forms import Form
from schemas.identifiers import is_digits
from schemas.sections import Phone

LONGEST_LINE: Final = 500
LONGEST_TEXT: Final = 4000
TEXTS: Final = ("statement", "requested_action")
EARLIEST_BIRTH: Final = 1900
MONTH_LENGTH: Final = 7  # YYYY-MM

_DAY: Final = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", re.ASCII)
_ISO_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_MONTH: Final = re.compile(r"(\d{1,2})[./](\d{4})", re.ASCII)
_PHONE_DIGITS: Final = range(10, 16)

Value = TypeVar("Value")


def parse_day(typed: str) -> date:
    """A calendar day as people write it in Russia, or ISO. Raises ValueError; the message does not repeat it."""
    if found := _DAY.fullmatch(typed):
        day, month, year = (int(part) for part in found.groups())
    elif found := _ISO_DAY.fullmatch(typed):
        year, month, day = (int(part) for part in found.groups())
    else:
        msg = "not a date"
        raise ValueError(msg)
    return date(year, month, day)


def parse_birth(typed: str) -> str:
    """A birth date, or the month in which a child is expected, as ISO text. Raises ValueError."""
    if found := _MONTH.fullmatch(typed):
        month, year = (int(part) for part in found.groups())
        return date(year, month, 1).isoformat()[:MONTH_LENGTH]
    return parse_day(typed).isoformat()


class FieldReader:
    """One pass over one form. `errors` are in the order in which fields are read, which is that of the page."""

    def __init__(self, form: Form, today: date) -> None:
        self.form = form
        self.today = today
        self.errors: dict[str, str] = {}

    def complain(self, name: str, key: str) -> None:
        """Say what is wrong with a field."""
        self.errors.setdefault(name, f"web_referral.{key}")

    def line(self, name: str, *, required: str = "") -> str | None:
        """The text of a field; None where there is none or it is too long."""
        value = self.form.get(name)
        if not value:
            if required:
                self.complain(name, required)
            return None
        if len(value) > (LONGEST_TEXT if name in TEXTS else LONGEST_LINE):
            self.complain(name, "too_long")
            return None
        return value

    def parsed(self, name: str, parse: Callable[[str], Value], complaint: str, *, required: str = "") -> Value | None:
        """The value of a field by `parse`, which raises ValueError."""
        value = self.line(name, required=required)
        if value is None:
            return None
        try:
            return parse(value)
        except ValueError:
            self.complain(name, complaint)
            return None

    def choice(self, name: str, allowed: Container[str], *, required: str = "") -> str | None:
        """One of the codes that the page offers."""
        value = self.form.get(name)
        if value and value in allowed:
            return value
        if required:
            self.complain(name, required)
        return None

    def choices(self, name: str, allowed: Container[str], *, required: str = "") -> tuple[str, ...]:
        """Those of the ticked codes that the page offers, each once."""
        found = tuple(dict.fromkeys(code for code in self.form.all(name) if code in allowed))
        if not found and required:
            self.complain(name, required)
        return found

    def birth(self, name: str, *, required: str = "") -> str | None:
        """A birth date, or the month in which a child is expected."""
        found = self.parsed(name, parse_birth, "date_wrong", required=required)
        if found is None:
            return None
        is_day = len(found) > MONTH_LENGTH
        if int(found[:4]) < EARLIEST_BIRTH or (is_day and found > self.today.isoformat()):
            self.complain(name, "birth_impossible")
            return None
        return found

    def past_day(self, name: str, *, required: str = "") -> date | None:
        """A day not later than today."""
        found = self.parsed(name, parse_day, "date_wrong", required=required)
        if found is not None and found > self.today:
            self.complain(name, "date_ahead")
            return None
        return found

    def phones(self, name: str) -> tuple[Phone, ...]:
        """One telephone number, as it was typed."""
        value = self.line(name)
        if value is None:
            return ()
        if sum(map(is_digits, value)) not in _PHONE_DIGITS:
            self.complain(name, "phone_wrong")
            return ()
        return (Phone(number=value),)
