"""When an organisation works, who is on duty, and which numbers people ring: settings of one organisation.

Everything here is of staff and offices, never of a family. Times are local, of the organisation's zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from schemas.model import Model

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_CONTACTS: Final = 50
MAX_ROWS: Final = 100
MAX_EXCEPTIONS: Final = 400

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Kind = Literal["working", "day_off", "any"]
"""Days by the production calendar: working ones (a moved Saturday too), all others, or all."""
Channel = Literal["sms", "email"]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""`09:00`. Where the end is not after the beginning, it is on the next day."""
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()-]{1,24}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z0-9-]{2,60}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.@-]{1,100}$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\r\n]*$")]


def clock(text: str) -> time:
    """The time of a `Clock`."""
    return time.fromisoformat(text)


class DutyHours(Model):
    """A span of hours on these days of the week (none: all) of this kind."""

    since: Clock
    until: Clock
    days: tuple[Weekday, ...] = ()
    on: Kind = "working"


class DutyShift(DutyHours):
    """Who is told in these hours: keys of contacts, in the order in which they are told."""

    contacts: tuple[Key, ...] = Field(min_length=1, max_length=MAX_CONTACTS)


class DutyContact(Model):
    """How somebody is told. `login` joins it to a person of the organisation; without it, it is a place (a duty post)."""

    key: Key
    name: Title
    login: Key | None = None
    email: Email | None = None
    phone: Phone | None = None
    order: tuple[Channel, ...] = ("sms", "email")

    def ways(self) -> Iterator[tuple[Channel, str]]:
        """Channels with addresses, in the order in which they are tried."""
        for channel in self.order:
            address = self.phone if channel == "sms" else self.email
            if address:
                yield channel, address


class DutyPhone(Model):
    """A number that people ring. The gateway dials nothing."""

    name: Title
    number: Phone
    hours: Title | None = None


class DutyDay(Model):
    """A day that is not like others: its opening hours (none: closed), and who is on duty if somebody else is."""

    day: date
    opening: tuple[DutyHours, ...] = ()
    shifts: tuple[DutyShift, ...] | None = None


class DutySchedule(Model):
    """Everything of one organisation. `published_phone` is what a sender reads when nobody works; `heads` are contacts that
    are told with the head. Alerts that are not urgent are merged for `digest_minutes`."""

    opening: tuple[DutyHours, ...] = Field(default=(), max_length=MAX_ROWS)
    contacts: tuple[DutyContact, ...] = Field(default=(), max_length=MAX_CONTACTS)
    shifts: tuple[DutyShift, ...] = Field(default=(), max_length=MAX_ROWS)
    heads: tuple[Key, ...] = Field(default=(), max_length=MAX_CONTACTS)
    duty_line: tuple[DutyPhone, ...] = Field(default=(), max_length=MAX_ROWS)
    published_phone: Phone | None = None
    exceptions: tuple[DutyDay, ...] = Field(default=(), max_length=MAX_EXCEPTIONS)
    digest_minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 60
    language: Literal["ru", "en"] = "ru"

    @model_validator(mode="after")
    def _known(self) -> DutySchedule:
        keys = {contact.key for contact in self.contacts}
        if len(keys) != len(self.contacts):
            msg = "a contact stands twice"
            raise ValueError(msg)
        shifts = (*self.shifts, *(shift for day in self.exceptions for shift in day.shifts or ()))
        if not {*self.heads, *(key for shift in shifts for key in shift.contacts)} <= keys:
            msg = "a contact that is named is not there"
            raise ValueError(msg)
        if len({day.day for day in self.exceptions}) != len(self.exceptions):
            msg = "a day stands twice"
            raise ValueError(msg)
        return self

    def contact(self, key: str) -> DutyContact:
        """One contact by its key."""
        return next(contact for contact in self.contacts if contact.key == key)
