"""A code typed back: whoever opened the package says by it that it was opened, and what becomes of the message.

The code itself is the evidence: it is made with a key that lies inside the seal. Who read it over the phone, and whether the
day that it carries was a true one, the gateway does not know, and the receipt says so: attested by code, typed by the sender.
Guessing is counted, audited and ends soon; a mistyped digit is not a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from gateway.evidence.events import EventKind
from gateway.partner.package_codes import (
    RECEIPT_DIGITS,
    MistypedError,
    is_receipt_code,
    parse_code,
    read_receipt_code,
)
from gateway.use_cases.answer_message import Answer, check_answer, require_open, take_step
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.enter_queue import queue_opened
from gateway.use_cases.house import House
from gateway.use_cases.make_package import OPERATOR, sent_message
from gateway.use_cases.move_message import BY_CODE, By, move
from gateway.use_cases.package_port import PackageOnFile, PackageReceipt
from gateway.use_cases.package_secrets import PackageSecrets, open_secrets, seal_secrets
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.errors import BadInput, Conflict
from schemas.ids import MessageId
from schemas.lifecycle import OF_RECIPIENT, TRANSITIONS, WITHDRAWN, Actor, Event, State
from schemas.package import split_outcome

WINDOW: Final = timedelta(hours=1)
MISSES_IN_WINDOW: Final = 5
MISSES_IN_ALL: Final = 50
"""Codes that did not fit, of one message: then no code of it is taken, for the rest of the window or for good."""
_EVER: Final = timedelta(days=36500)
_MAY_CHANGE: Final = frozenset(row.event for row in TRANSITIONS if row.state is State.COMPLETED) & OF_RECIPIENT
"""Answers that take the place of an earlier one, by the table."""


@dataclass(frozen=True, slots=True)
class PackageReceived:
    """What a code said. `again`: it had been typed before, and nothing changed. `withdrawn`: the message was taken back
    meanwhile, so that only the receipt was put down: the recall must reach the recipient by the same way."""

    message: MessageOnFile
    package_id: str
    outcome: str
    told_on: date
    again: bool = False
    withdrawn: bool = False


def receive_package_receipt(
    house: House,
    requester: Requester | None,
    message_id: MessageId,
    typed: str,
    now: datetime,
    *,
    words: str | None = None,
    statute: str | None = None,
) -> PackageReceived:
    """`requester` is of the sender's side; None is the operator. `words` and `statute` are what the recipient said with it, as
    told. A code that does not fit is committed as a miss before it is refused.

    Raises BadInput (package_code_mistyped, package_code_length, package_code_wrong, statute_required, words_required,
    text_not_nameless),
    Conflict (package_codes_closed, package_codes_wait, message_state_conflict, joint_concluded), Unavailable
    (message_unavailable), NotPermitted.
    """
    code = _parse(typed)
    with house.store.writing() as unit:
        message = sent_message(unit, requester, message_id, now)
        unit.facts.lock(f"message:{message.id}")  # guesses are made one after the other
        _require_patience(unit, message, now)
        package = _that_gave(house, unit, message, code)
        if package is None:
            _miss(unit, requester, message, now)
        else:
            received = _take(house, unit, requester, message, package, code, Answer(words=words, statute=statute), now)
    if package is None:
        raise BadInput("package_code_wrong")
    return received


def _parse(typed: str) -> str:
    try:
        return parse_code(typed, RECEIPT_DIGITS)
    except MistypedError as error:
        if error.why == "length":
            raise BadInput("package_code_length", digits=RECEIPT_DIGITS) from None
        raise BadInput("package_code_mistyped") from None


def _require_patience(unit: Unit, message: MessageOnFile, now: datetime) -> None:
    if unit.packages.misses(message.id, now - _EVER) >= MISSES_IN_ALL:
        raise Conflict("package_codes_closed")
    if unit.packages.misses(message.id, now - WINDOW) >= MISSES_IN_WINDOW:
        raise Conflict("package_codes_wait", minutes=int(WINDOW.total_seconds() // 60))


def _that_gave(house: House, unit: Unit, message: MessageOnFile, code: str) -> PackageOnFile | None:
    for package in unit.packages.of_message(message.id):
        secrets = open_secrets(house, package)
        if secrets is not None and is_receipt_code(code, secrets.receipt_key, package.id, package.outcomes):
            return package
    return None


def _miss(unit: Unit, requester: Requester | None, message: MessageOnFile, now: datetime) -> None:
    unit.packages.add_miss(message.id, now)
    append_entry(unit, EventKind.PACKAGE_CODE_REFUSED, {"message": message.id, **_typist(requester)}, now)


def _take(
    house: House,
    unit: Unit,
    requester: Requester | None,
    message: MessageOnFile,
    package: PackageOnFile,
    code: str,
    said: Answer,
    now: datetime,
) -> PackageReceived:
    day, number = read_receipt_code(code)
    outcome, told_on = package.outcomes[number], package.made_on + timedelta(days=day)
    typist = requester.actor if requester else OPERATOR
    withdrawn = message.state in WITHDRAWN
    if not unit.packages.add_receipt(PackageReceipt(package.id, outcome, told_on, now, typist)):
        return PackageReceived(message, package.id, outcome, told_on, again=True, withdrawn=withdrawn)
    _forget_code(house, unit, package)
    append_entry(
        unit,
        EventKind.PACKAGE_RECEIPT,
        {
            "package": package.id,
            "message": message.id,
            "outcome": outcome,
            "told_on": told_on.isoformat(),
            **_typist(requester),
        },
        now,
    )
    if not withdrawn:
        message = _moved(house, unit, message, package, outcome, said, now)
    return PackageReceived(message, package.id, outcome, told_on, withdrawn=withdrawn)


def _moved(
    house: House,
    unit: Unit,
    message: MessageOnFile,
    package: PackageOnFile,
    outcome: str,
    said: Answer,
    now: datetime,
) -> MessageOnFile:
    """The message by its table: opened first, then what its recipient says; both attested by code. A message that is past
    what the code says stays where it is."""
    by = By(Actor.RECIPIENT, message.recipient_id, f"package:{package.id}", attested=BY_CODE)
    details = {"package": package.id}
    if message.state is State.DELIVERED:
        move(unit, message, Event.OPEN, by, now, details=details)
        recipient = Requester(message.recipient_id, by.name)
        queue_opened(house, unit, recipient, message, now)
        message = _again(unit, message, now)
    event, reason, because = split_outcome(outcome)
    if event is None or _is_said(message, event):
        return message
    answer = Answer(reason=reason, none_because=because, words=said.words, statute=said.statute)
    row = check_answer(message, event, by, answer)
    awaited = require_open(unit, message, row)
    take_step(house, unit, message, row, by, answer, now, details, awaited=awaited)
    return _again(unit, message, now)


def _is_said(message: MessageOnFile, event: Event) -> bool:
    """Whether the recipient has said this already by another way, the page or another package: then it is no conflict. Of
    what may be changed as long as a matter is open, its last word counts."""
    said = [receipt.event for receipt in message.receipts]
    if event in _MAY_CHANGE:
        said = [one for one in said if one in _MAY_CHANGE or one is Event.REPLY][-1:]
    return event in said


def _again(unit: Unit, message: MessageOnFile, now: datetime) -> MessageOnFile:
    found = unit.messages.by_id(message.id, now)
    assert found is not None
    return found


def _forget_code(house: House, unit: Unit, package: PackageOnFile) -> None:
    """Who opened the package has the code: nobody needs to be told it any more."""
    secrets = open_secrets(house, package)
    if secrets is not None and secrets.code is not None:
        sealed = seal_secrets(house, package.message_id, package.id, PackageSecrets(secrets.receipt_key, None))
        unit.packages.seal_again(package.id, sealed)


def _typist(requester: Requester | None) -> dict[str, str]:
    if requester is None:
        return {"actor": OPERATOR}
    return {"organisation": requester.organisation_id, "actor": requester.actor}
