"""The lanes of messages: who may send what to whom, and on which footing. Pure; `lanes.csv` of a pack is the table.

A lane is none (no personal data at all), reply (inside a thread: dates and codes, nothing new about the family), consent,
duty or rights (the lane of its purpose: the pack rules on every category), registered (a body puts down what it was told
by phone or on paper), thread and corrected (as the message it belongs to). A failure in one lane never falls through into
another: what would be lawful is said, and somebody chooses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from policies.files import Codes, PackFiles
from policies.tables import PurposeRow, known
from schemas.catalogue import text
from schemas.errors import Broken
from schemas.messages import message_types
from schemas.model import Model

FILE: Final = "lanes.csv"
EVERYBODY: Final = "any"
ROUTE: Final = "route"
ITSELF: Final = "itself"
NONE: Final = "none"
REPLY: Final = "reply"
REGISTERED: Final = "registered"
THREAD: Final = "thread"
CORRECTED: Final = "corrected"
SECTIONS: Final = "sections"
_OWN_LANES: Final = frozenset({NONE, REPLY, REGISTERED, THREAD, CORRECTED})
_THREADS: Final = frozenset({"", "any", "theirs"})
_WITH: Final = "with="
_TRIGGER: Final = "trigger="
_FLAGS: Final = frozenset({"ipr_open", "direct"})

ThreadRelation = Literal["", "any", "theirs"]
"""What the message answers: nothing, a message of a thread of both sides, or one in a thread that its recipient began."""


class LaneRow(Model):
    """One row: these senders may send this type to these recipients. `thread`: any (it answers something), theirs (inside a
    thread that the recipient began), `with=KIND` (it answers something of which a side is of that kind). `when`: all of
    ipr_open (both are in one open plan), direct (a named person says so), `trigger=a/b`. `carries`: notes, or sections too."""

    message: str
    senders: Codes
    recipients: Codes
    lane: str
    purpose: str
    thread: str
    when: Codes
    carries: Literal["notes", "sections"]


class Tables(Protocol):
    """What the choice looks up in the tables of a pack."""

    @property
    def purposes(self) -> Mapping[str, PurposeRow]: ...
    def kind_of(self, organisation_kind: str, registers: Sequence[str], purpose: str) -> str: ...
    def groups_of(self, kind: str) -> tuple[str, ...]: ...
    def on_route(self, trigger: str, recipient: str, source: str) -> bool: ...
    def title_of(self, code: str) -> str:
        """A kind or a group in words."""
        ...

    def all_kinds(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a message: its kind in the directory, its register entries, who it is."""

    id: str
    kind: str
    registers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """What is known of a message when its lane is chosen. `with_sections`: it names somebody. `wanted`: the purpose that its
    sender names, if any. `thread_purpose`: of the message that it answers or corrects. `ipr_open`: both sides are in one plan.
    """

    type: str
    sender: Party
    recipient: Party
    with_sections: bool
    wanted: str = ""
    trigger: str = ""
    direct: bool = False
    ipr_open: bool = False
    thread: ThreadRelation = ""
    thread_sides: tuple[Party, ...] = ()
    thread_purpose: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """The lane a message travels in; `purpose` is empty where no data of a family travel."""

    lane: str
    purpose: str


def read_lanes(
    files: PackFiles, purposes: Mapping[str, PurposeRow], kinds: Sequence[str], groups: Sequence[str]
) -> Mapping[str, tuple[LaneRow, ...]]:
    """The rows by type of message. Raises Broken with the file and the line."""
    found: dict[str, list[LaneRow]] = {}
    lanes = {row.lane for row in purposes.values()}
    for number, row in enumerate(files.rows(FILE, LaneRow), start=2):
        place = f"line {number}"
        known((row.message,), message_types(), "message type", FILE, place)
        known(row.senders, {*kinds, *groups, EVERYBODY}, "kind", FILE, place)
        known(row.recipients, {*kinds, *groups, EVERYBODY, ROUTE, ITSELF}, "kind", FILE, place)
        known((row.lane,), {*lanes, *_OWN_LANES}, "lane", FILE, place)
        if row.thread.startswith(_WITH):
            known((row.thread.removeprefix(_WITH),), kinds, "kind", FILE, place)
        else:
            known((row.thread,), _THREADS, "thread", FILE, place)
        known((flag for flag in row.when if not flag.startswith(_TRIGGER)), _FLAGS, "condition", FILE, place)
        if row.purpose or row.lane in lanes:
            known((row.purpose,), purposes, "purpose", FILE, place)
        if row.lane in lanes and purposes[row.purpose].lane != row.lane:
            raise Broken("pack_value_invalid", file=FILE, place=place, expected=purposes[row.purpose].lane)
        found.setdefault(row.message, []).append(row)
    return {message: tuple(rows) for message, rows in found.items()}


def choose_lane(tables: Tables, rows: Sequence[LaneRow], sending: Sending) -> Lane | None:
    """The first lane of the type that is open to this message; None where none is."""
    for row in rows:
        if not _between(tables, row, sending) or _unmet(tables, row, sending):
            continue
        if row.lane not in {THREAD, CORRECTED}:
            return Lane(row.lane, row.purpose)
        if sending.thread_purpose or not sending.with_sections:
            return Lane(row.lane, sending.thread_purpose if sending.with_sections else "")
    return None


def lawful_lanes(tables: Tables, rows: Sequence[LaneRow], sending: Sending) -> str:
    """What would be lawful instead, in words: first between these two, else whom this sender may send it to, else who may
    send it at all."""
    between = [row for row in rows if _between(tables, row, sending)]
    if between:
        return "; ".join(dict.fromkeys(_words(tables, row) for row in between))
    mine = [row for row in rows if _is(tables, row.senders, sending.sender, row.purpose)]
    if mine:
        return "; ".join(dict.fromkeys(f"{_to(tables, row, sending)}: {_words(tables, row)}" for row in mine))
    senders = dict.fromkeys(code for row in rows for code in row.senders)
    return text("lanes.senders", who=", ".join(tables.title_of(code) for code in senders)) if senders else "–"


def sendable(tables: Tables, lanes: Mapping[str, Sequence[LaneRow]], sender: Party) -> frozenset[str]:
    """The types that this sender may send to anybody at all."""
    return frozenset(
        message for message, rows in lanes.items() if any(_is(tables, row.senders, sender, row.purpose) for row in rows)
    )


def may_be_sent(tables: Tables, rows: Sequence[LaneRow], sender: Party, recipient: Party) -> bool:
    """Whether any lane of the type leads from this sender to this recipient, whatever its conditions are."""
    sending = Sending("", sender, recipient, with_sections=False)
    return any(_between(tables, row, sending) for row in rows)


def _between(tables: Tables, row: LaneRow, sending: Sending) -> bool:
    sender, recipient = sending.sender, sending.recipient
    if ITSELF in row.recipients:
        return sender.id == recipient.id and _is(tables, row.senders, sender, row.purpose)
    if sender.id == recipient.id or not _is(tables, row.senders, sender, row.purpose):
        return False
    if ROUTE in row.recipients:
        kinds = [tables.kind_of(party.kind, party.registers, row.purpose) for party in (recipient, sender)]
        return tables.on_route(sending.trigger, kinds[0], kinds[1])
    return _is(tables, row.recipients, recipient, row.purpose)


def _is(tables: Tables, codes: Sequence[str], party: Party, purpose: str) -> bool:
    if EVERYBODY in codes:
        return True
    kind = tables.kind_of(party.kind, party.registers, purpose)
    return kind in codes or any(group in codes for group in tables.groups_of(kind))


def _unmet(tables: Tables, row: LaneRow, sending: Sending) -> bool:
    """Whether a condition of the row does not hold."""
    follows = row.lane in {THREAD, CORRECTED}
    return (
        (sending.with_sections and row.carries != SECTIONS)
        or (bool(row.purpose) and not sending.with_sections)
        or (bool(sending.wanted) and not follows and row.purpose != sending.wanted)
        or not _in_thread(tables, row, sending)
        or not all(_holds(condition, sending) for condition in row.when)
    )


def _in_thread(tables: Tables, row: LaneRow, sending: Sending) -> bool:
    if row.thread.startswith(_WITH):
        kinds = (row.thread.removeprefix(_WITH),)
        return any(_is(tables, kinds, side, row.purpose) for side in sending.thread_sides)
    return row.thread in {"", sending.thread} or (row.thread == "any" and sending.thread != "")


def _holds(condition: str, sending: Sending) -> bool:
    if condition.startswith(_TRIGGER):
        return sending.trigger in condition.removeprefix(_TRIGGER).split("/")
    return sending.ipr_open if condition == "ipr_open" else sending.direct


def _words(tables: Tables, row: LaneRow) -> str:
    purpose = tables.purposes[row.purpose].title_ru if row.purpose else ""
    lane = text(f"lanes.{row.lane}", purpose=purpose)
    conditions = []
    if row.thread.startswith(_WITH):
        conditions.append(text("lanes.thread_with", who=tables.title_of(row.thread.removeprefix(_WITH))))
    elif row.thread:
        conditions.append(text(f"lanes.thread_{row.thread}"))
    conditions += [
        text("lanes.when_trigger", triggers=condition.removeprefix(_TRIGGER).replace("/", ", "))
        if condition.startswith(_TRIGGER)
        else text(f"lanes.when_{condition}")
        for condition in row.when
    ]
    return ", ".join([lane, *conditions])


def _to(tables: Tables, row: LaneRow, sending: Sending) -> str:
    if ROUTE in row.recipients:
        kind = tables.kind_of(sending.sender.kind, sending.sender.registers, row.purpose)
        found = [code for code in tables.all_kinds() if tables.on_route(sending.trigger, code, kind)]
        return ", ".join(tables.title_of(code) for code in found) or text("lanes.route")
    return ", ".join(
        text("lanes.itself")
        if code == ITSELF
        else text("lanes.everybody")
        if code == EVERYBODY
        else tables.title_of(code)
        for code in row.recipients
    )
