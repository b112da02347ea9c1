"""Choose who is told of a message outside the gateway, by which way, and write that down as alerts to be sent.

An alert says that something waits, never what (law 8). Of what is urgent each message has its own; the rest is merged for a
while and goes out in opening hours. Ways are tried one after the other; the last one is a number that somebody rings.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.use_cases.house import House
from gateway.use_cases.queue_people import Desk
from gateway.use_cases.queue_values import NOBODY, PHONE, TO_RING, WAITING, Alert, Office, Way
from policies.duty import is_open, on_duty, opens_at
from schemas.duty import DutyContact
from schemas.ids import MessageId, PersonId, new_id

LINE = "duty_line"
"""Stands for the duty phone where a contact has its key."""


def desk_of_office(office: Office) -> Desk:
    """Who answers for whom in this office now."""
    return Desk(office.staff, office.away)


def first_ways(house: House, office: Office, person_id: PersonId | None, now: datetime) -> tuple[Way, ...]:
    """For a new message: who has it, if they are at work; everybody on duty; the duty phone."""
    return _flat(office, [*_own(house, office, person_id, now), *_duty(house, office, now)])


def next_ways(house: House, office: Office, told: Collection[str], now: datetime) -> tuple[Way, ...]:
    """The next person on duty who was not told yet, and what comes after; at last the duty phone."""
    return _flat(office, [contact for contact in _duty(house, office, now) if contact.key not in told], told)


def line_ways(office: Office) -> tuple[Way, ...]:
    """The duty phone, where there is one."""
    return tuple(Way(LINE, phone.name, PHONE, phone.number) for phone in office.schedule.duty_line[:1])


def head_ways(office: Office) -> tuple[tuple[Way, ...], ...]:
    """For each contact that is told with the head, its ways."""
    contacts = [office.schedule.contact(key) for key in office.schedule.heads]
    return tuple(ways for contact in contacts if (ways := _ways(contact)))


def own_ways(house: House, office: Office, person_id: PersonId | None, now: datetime) -> tuple[Way, ...]:
    """Who has the message; where that is nobody with a contact, who is on duty."""
    responsible = desk_of_office(office).person(desk_of_office(office).responsible(person_id))
    mine = [c for c in office.schedule.contacts if responsible is not None and c.login == responsible.login]
    return _flat(office, [*mine, *_duty(house, office, now)])


def urgent_alert(
    office: Office, message_id: MessageId, kind: str, urgency: str, ways: tuple[Way, ...], now: datetime
) -> Alert:
    """One alert about one message; where there is no way at all, the record of that."""
    way = ways[0] if ways else Way("", "", "", "")
    return Alert(
        new_id(),
        office.organisation.id,
        message_id,
        kind,
        urgency,
        True,
        way,
        office.schedule.language,
        ways[1:],
        state_of(way),
        now,
        now,
        ended_at=None if ways else now,
    )


def digest_alert(
    house: House,
    office: Office,
    ways: tuple[Way, ...],
    urgency: str,
    last: Mapping[tuple[str, str], datetime],
    now: datetime,
) -> Alert | None:
    """One alert for whatever comes in the next while: not before the contact had its last one long enough ago, and not
    outside opening hours. None where only a phone is left: nobody is rung for what is not urgent."""
    written = tuple(way for way in ways if way.channel != PHONE)
    if not written:
        return None
    zone, schedule = ZoneInfo(office.organisation.zone), office.schedule
    before = last.get((office.organisation.id, written[0].contact))
    at = max(now, before + timedelta(minutes=schedule.digest_minutes)) if before else now
    if is_open(schedule, house.pack.calendar, zone, at) is False:
        at = opens_at(schedule, house.pack.calendar, zone, at) or at
    return Alert(
        new_id(),
        office.organisation.id,
        None,
        "digest",
        urgency,
        False,
        written[0],
        schedule.language,
        tuple(way for way in written[1:] if way.contact == written[0].contact),
        WAITING,
        at,
        now,
    )


def state_of(way: Way) -> str:
    """How an alert by this way begins: a number waits for somebody who rings it."""
    return NOBODY if not way.channel else TO_RING if way.channel == PHONE else WAITING


def _own(house: House, office: Office, person_id: PersonId | None, now: datetime) -> list[DutyContact]:
    """The contact of who has the message, while the office works; of somebody on duty anyway."""
    responsible = desk_of_office(office).person(desk_of_office(office).responsible(person_id))
    if responsible is None:
        return []
    zone = ZoneInfo(office.organisation.zone)
    works = is_open(office.schedule, house.pack.calendar, zone, now) is not False
    duty = {contact.key for contact in _duty(house, office, now)}
    mine = [contact for contact in office.schedule.contacts if contact.login == responsible.login]
    return [contact for contact in mine if works or contact.key in duty]


def _duty(house: House, office: Office, now: datetime) -> tuple[DutyContact, ...]:
    """Who is on duty and not away; in the place of who is away, its substitute."""
    desk = desk_of_office(office)
    by_login = {contact.login: contact for contact in office.schedule.contacts if contact.login}
    logins = {person.login: person for person in desk.staff}
    found = []
    for contact in on_duty(office.schedule, house.pack.calendar, ZoneInfo(office.organisation.zone), now):
        person = logins.get(contact.login or "")
        if person is None:
            found.append(contact)  # a post, or somebody without a login
            continue
        stands = desk.person(desk.responsible(person.id))
        here = by_login.get(stands.login) if stands else None
        if here is not None:
            found.append(here)
    return tuple(dict.fromkeys(found))


def _ways(contact: DutyContact) -> tuple[Way, ...]:
    return tuple(Way(contact.key, contact.name, channel, address) for channel, address in contact.ways())


def _flat(office: Office, contacts: Collection[DutyContact], told: Collection[str] = ()) -> tuple[Way, ...]:
    ways = [way for contact in dict.fromkeys(contacts) for way in _ways(contact)]
    return (*ways, *(way for way in line_ways(office) if LINE not in told))
