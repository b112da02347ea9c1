"""What tests of the queue share: messages that came, people with logins, a schedule, and a post that remembers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.exchange.relay import relay_once
from gateway.use_cases.house import House
from gateway.use_cases.ports_queues import Letter, Posted
from gateway.use_cases.queue_values import Alert, QueueItem
from gateway.use_cases.set_duty import set_duty_as_operator
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Organisation, Person, Requester
from schemas.duty import DutySchedule
from schemas.ids import MessageId, PersonId, new_id
from tests.builders import NOW, Town, consent, referral, system_of

NUMBER = "+7 495 000-00-01"


def person(house: House, organisation: Organisation, login: str, *roles: str) -> Requester:
    """Somebody with a login that tells who it is."""
    made = Person(PersonId(new_id()), organisation.id, login, f"Имя {login}", "!", frozenset(roles), synthetic=True)
    with house.store.writing() as unit:
        unit.participants.add_person(made)
    return Requester(organisation.id, f"person:{made.id}", frozenset(roles))


def send(town: Town, now: datetime = NOW, *, urgency: str = "urgent", ref: str = "K-1", **more: Any) -> MessageId:
    """A signal of the school to the guardianship body, delivered: the duty lane waits for no consent."""
    identity = {"full_name": "Проба Вымышленная Тестовна", "birth_date": "2017-01-15", "sex": "F"}
    child = {"kind": "child", "ref": ref, "identity": identity}  # each name is a family of its own
    given = {"persons": [child], "type": "signal", "trigger": "threat", "urgency": urgency, **more}
    draft = referral(town.school, town.guardianship, ref, **given)
    message = submit_message(town.house, system_of(town.school), draft, now).message
    relay_once(town.house, now)
    return message.id


def refer(town: Town, now: datetime = NOW, **more: Any) -> MessageId:
    """A referral of the centre to the NGO, on a consent, delivered."""
    if not more.pop("again", False):
        consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    message = submit_message(town.house, system_of(town.centre), referral(town.centre, town.ngo, **more), now).message
    relay_once(town.house, now)
    return message.id


def schedule(**more: Any) -> DutySchedule:
    """Open on working days from nine to six; two people on duty at any time, one after the other; a duty phone; a head."""
    given: dict[str, Any] = {
        "opening": [{"since": "09:00", "until": "18:00"}],
        "contacts": [
            {"key": "first", "name": "Первый", "phone": "+70000000001", "email": "first@example.org"},
            {"key": "second", "name": "Второй", "email": "second@example.org"},
            {"key": "boss", "name": "Начальник", "email": "boss@example.org"},
        ],
        "shifts": [{"since": "00:00", "until": "00:00", "on": "any", "contacts": ["first", "second"]}],
        "heads": ["boss"],
        "duty_line": [{"name": "Дежурная часть", "number": NUMBER}],
        "published_phone": "+7 495 000-00-00",
    }
    return DutySchedule.model_validate({**given, **more})


def keep(house: House, organisation: Organisation, kept: DutySchedule | None = None, now: datetime = NOW) -> None:
    """The organisation has this schedule."""
    set_duty_as_operator(house, organisation.id, kept or schedule(), "operator:test", now)


def item(house: House, message_id: MessageId, organisation: Organisation) -> QueueItem:
    with house.store.reading() as unit:
        found = unit.queues.item(message_id, organisation.id)
    assert found is not None
    return found


def alerts(house: House, organisation: Organisation) -> list[Alert]:
    """All of one organisation, the oldest first."""
    with house.store.reading() as unit:
        return list(unit.alerts.of(organisation.id, 500))[::-1]


@dataclass
class Postman:
    """A post that remembers what it was given; `answers` says what becomes of each letter."""

    answers: Callable[[Letter], Posted] = lambda letter: Posted(
        True, "sms_sent" if letter.channel == "sms" else "mail_sent"
    )
    letters: list[Letter] = field(default_factory=list)

    def send(self, letters: Sequence[Letter]) -> Sequence[Posted]:
        self.letters += letters
        return [self.answers(letter) for letter in letters]
