"""The content of a package for an organisation without API and pages: one message as its recipient may read it, whole.

Everything that is shown stands here once, as a value with its words in both languages: the page that opens a package, the
command line and a partner's program all read this and nothing else. Published as `xsd/package-1.xsd`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from schemas.codes import DISAGREE_REASONS, NO_ALTERNATIVE, REJECT_REASONS, code_lists
from schemas.ids import Category, EntryId, MessageId
from schemas.lifecycle import Actor, Event, Need, State, transition
from schemas.messages import MessageType

OPENED: Final = "opened"
"""The outcome that every package begins with: it was opened and read, nothing more."""


@dataclass(frozen=True, slots=True)
class Said:
    """A value, and what people read for it where that is not the value itself. A date is never put into words here."""

    value: str
    ru: str | None = None
    en: str | None = None


@dataclass(frozen=True, slots=True)
class PackageField:
    """One field with its values, one below the other; a value of several parts has them side by side."""

    name: str
    ru: str
    en: str
    values: tuple[tuple[Said, ...], ...]


@dataclass(frozen=True, slots=True)
class PackageSection:
    """One category that was released, by which rule, and what it obliges to."""

    category: Category
    ru: str
    en: str
    masked: bool
    rule: str
    citation: str
    title: str
    fields: tuple[PackageField, ...]
    duties: tuple[Said, ...] = ()
    retain_until: date | None = None


@dataclass(frozen=True, slots=True)
class PackagePerson:
    """One person of the message of whom something is released."""

    kind: str
    sections: tuple[PackageSection, ...]


@dataclass(frozen=True, slots=True)
class PackageDocument:
    """A document of the message: what it is and how its file is recognised. The file itself does not travel in a package."""

    category: Category
    kind: Said
    issued_on: date | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a receipt code may say. `code` is the event with its reasons, by slashes."""

    code: str
    event: Said
    reason: Said | None = None
    because: Said | None = None


@dataclass(frozen=True, slots=True)
class PackageContent:
    """What is sealed."""

    package: str
    message: MessageId
    entry: EntryId
    made_at: datetime
    made_on: date
    sender: str
    recipient: str
    type: Said
    urgency: Said
    footing: Said
    sent_at: datetime
    receipt_key: str
    sender_ogrn: str | None = None
    recipient_ogrn: str | None = None
    reg_number: str | None = None
    reg_on: date | None = None
    trigger: Said | None = None
    notes: tuple[PackageField, ...] = ()
    people: tuple[PackagePerson, ...] = ()
    documents: tuple[PackageDocument, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


BY_CODE: Final = (
    Event.ACCEPT,
    Event.REJECT,
    Event.ACKNOWLEDGE,
    Event.AGREE,
    Event.DISAGREE,
    Event.ASK,
    Event.SIGN,
    Event.REMARK,
    Event.ERASE,
    Event.RETAIN,
    Event.COMPLETE,
)
"""What a code can say for the recipient. Words that go with it (a question, a remark, why not) are put down by who types it, as
they were told. What needs another message or addressee is said by a letter."""

REASONS: Final = {Event.REJECT: REJECT_REASONS, Event.DISAGREE: DISAGREE_REASONS}
"""Of which list the reason of an answer is."""


_TRANSFER: Final = "case_transfer"


def outcomes_of(kind: MessageType) -> tuple[str, ...]:
    """What a recipient of this type of message may say by a code, in the order of their numbers: `opened`, `accept`,
    `reject/NO_CAPACITY/none_known`, `disagree/risk`. A refusal is an informed one: the reason, and why nowhere else.

    A case is not taken over by a code: who takes it must be able to hold it here. A recall is not answered by «seen».
    """
    events = [event for event in BY_CODE if event in kind.events]
    if kind.code == _TRANSFER:
        events.remove(Event.ACCEPT)
    if Event.ERASE in events:
        events.remove(Event.ACKNOWLEDGE)
    return (OPENED, *(code for event in events for code in _codes(event)))


def _codes(event: Event) -> Iterator[str]:
    state = State.ACCEPTED if event is Event.COMPLETE else State.OPENED
    needs = transition(state, event, Actor.RECIPIENT).needs
    if Need.REASON not in needs:
        yield event.value
        return
    for reason in code_lists()[REASONS[event]]:
        if Need.ELSEWHERE not in needs:
            yield f"{event.value}/{reason}"
            continue
        for because in code_lists()[NO_ALTERNATIVE]:
            yield f"{event.value}/{reason}/{because}"


def split_outcome(code: str) -> tuple[Event | None, str | None, str | None]:
    """The event of an outcome (none: opened), its reason, and why there is no alternative."""
    if code == OPENED:
        return None, None, None
    event, reason, because = (*code.split("/"), None, None)[:3]
    return Event(event or ""), reason, because
