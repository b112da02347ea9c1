"""Tell the holder of a case that somebody looked at its summary: the kind of organisation and the purpose, no more.

Made afterwards from the entries that were placed into the log, never by the reading itself: a reading costs the same and
tells the same whatever becomes of it (law 6). One notice for each case, kind and purpose of a period, so that no time of day
gives anybody away. Which purposes are not told stands in the pack (`purposes.csv`, echo): a notice must warn nobody of an
enquiry. What is not told is in the log all the same, where the holder's data-protection officer reads it.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entries
from gateway.use_cases.house import House
from gateway.use_cases.message_lane import GATEWAY
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Lookup, MessageOnFile, ReceiptOnFile
from schemas.errors import Contended
from schemas.ids import MessageId, ThreadId, new_id
from schemas.lifecycle import State
from schemas.messages import LOOKUP_ECHO

MARK = LOOKUP_ECHO
"""The name of the bookmark in the log."""
BATCH = 5000
"""Entries that one unit of work goes through."""


def echo_lookups(house: House, now: datetime) -> int:
    """How many notices were sent. A period that has begun ends with what was placed by then, in one or more rounds; what
    happened before the first round ever is not told."""
    with house.store.reading() as unit:
        mark = unit.log.bookmark(MARK)
        if mark is not None and not mark.open and now - mark.at < house.echo_period:
            return 0
    try:
        with house.store.writing() as unit:
            return _round(house, unit, now)
    except Contended:  # another process has just done it
        return 0


def _round(house: House, unit: Unit, now: datetime) -> int:
    mark = unit.log.bookmark(MARK)
    latest = unit.log.latest_checkpoint()
    size = latest[0] if latest else 0
    if mark is None:
        unit.log.mark(MARK, None, size, now, is_open=False)
        return 0
    if not mark.open and now - mark.at < house.echo_period:
        return 0
    end = min(mark.position + BATCH, size)
    unit.log.mark(MARK, mark.position, end, now, is_open=end < size)
    found = unit.log.lookups(mark.position, end, house.pack.echoed())
    zones = {o.id: o.zone for o in unit.participants.organisations()} if found else {}
    messages = [_notice(lookup, zones[lookup.holder_id], now) for lookup in found]
    for message in messages:
        unit.messages.add(message, [], [])
    append_entries(unit, [(EventKind.MESSAGE_SUBMITTED, _body(message)) for message in messages], now)
    return len(messages)


def _notice(lookup: Lookup, zone: str, now: datetime) -> MessageOnFile:
    message_id = MessageId(new_id())
    return MessageOnFile(
        id=message_id,
        thread_id=ThreadId(new_id()),
        case_id=lookup.case_id,
        type=LOOKUP_ECHO,
        lane=GATEWAY,
        sender_id=lookup.holder_id,  # whoever looked is not named: it is the holder's own journal
        recipient_id=lookup.holder_id,
        operation_id=message_id,
        digest="",
        purpose=lookup.purpose,
        urgency="planned",
        state=State.SUBMITTED,
        submitted_at=now,
        notes={
            "kind": lookup.kind,
            "times": str(lookup.times),
            "from": lookup.first_at.astimezone(ZoneInfo(zone)).date().isoformat(),
            "until": lookup.last_at.astimezone(ZoneInfo(zone)).date().isoformat(),
        },
        receipts=(ReceiptOnFile(State.SUBMITTED, now, None, GATEWAY),),
    )


def _body(message: MessageOnFile) -> dict[str, str]:
    return {
        "message": message.id,
        "organisation": message.recipient_id,
        "actor": GATEWAY,
        "recipient": message.recipient_id,
        "type": message.type,
        "lane": message.lane,
    }
