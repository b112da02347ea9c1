"""A small world for tests of the exchange: an organisation of each kind, one child in the files of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import Answer, answer_message
from gateway.use_cases.house import House
from gateway.use_cases.open_message import OpenedMessage, open_message
from gateway.use_cases.submit_message import Submitted, submit_message
from gateway.use_cases.values import MessageOnFile, Organisation, Person, Requester
from schemas.codes import code_lists
from schemas.ids import MessageId, PersonId, SubjectId, new_id
from schemas.lifecycle import Event
from schemas.messages import MessageDraft, message_types
from schemas.notes import NoteRow, note_rows
from tests.builders import NOW, Town, consent, organisation, system_of
from tests.builders import record as record_fact
from tests.builders import town as make_town

STATUTE = "СК РФ ст. 56 п. 3"
THREAT = "Ребёнок один дома вторые сутки, дверь заперта снаружи"
ELSEWHERE = Answer(reason="NO_CAPACITY", none_because="none_known")


@dataclass
class World:
    """Organisations by name, and what they send each other."""

    town: Town
    more: dict[str, Organisation] = field(default_factory=dict)

    @property
    def house(self) -> House:
        return self.town.house

    def who(self, name: str) -> Organisation:
        """ngo, guardianship, centre, school, kdn, and others made when they are first asked for."""
        known = {
            "ngo": self.town.ngo,
            "guardianship": self.town.guardianship,
            "centre": self.town.centre,
            "school": self.town.school,
            "kdn": self.town.stranger,
            **self.more,
        }
        if name not in known:
            kind, _, registers = name.partition("+")
            kind = {"police": "police_juvenile", "other_ngo": "ngo", "other_centre": "family_centre"}.get(kind, kind)
            made = organisation(self.house, kind, f"{name} (тест)", registers=(registers,) if registers else ())
            self.more[name] = made
            return made
        return known[name]

    def system(self, name: str) -> Requester:
        return system_of(self.who(name))

    def grant(self, discloser: str, recipient: str, purpose: str = "CASE_MGMT", **changes: Any) -> None:
        """The mother's consent for K-1 of this discloser's file."""
        consent(self.town, self.who(recipient), "K-1", purpose, self.who(discloser), **changes)

    def plan(self, holder: str, *participants: str) -> None:
        """An open plan of prevention work about K-1 of the holder's file, with these in it."""
        record_fact(
            self.house,
            self.child_of(holder),
            "ipr_open",
            self.who("kdn"),
            participants=tuple(self.who(name).id for name in participants),
        )

    def child_of(self, holder: str) -> SubjectId:
        """K-1 in the file of this organisation; registered by a consent to nobody in particular where it is not yet."""
        found = self._known(holder)
        if found is None:
            self.grant(holder, "clinic" if holder != "clinic" else "school", "CASE_MGMT", categories=["ID"])
            found = self._known(holder)
        assert found is not None
        return found

    def _known(self, holder: str) -> SubjectId | None:
        organisation_id = self.who(holder).id
        ((candidates,),) = self.house.vault.find_subjects(organisation_id, [[("ref", "K-1")]])
        with self.house.store.reading() as unit:
            mine = unit.families.registered(organisation_id, sorted(candidates))
        return next(iter(mine), None)

    def draft(
        self, kind: str, sender: str, recipient: str, *, named: bool | None = None, **changes: Any
    ) -> MessageDraft:
        """The least that a message of this type says; `named`: whether it names the child."""
        if named is None:
            named = message_types()[kind].persons == "child"
        given = {
            "operation_id": new_id(),
            "type": kind,
            "sender_ogrn": self.who(sender).ogrn,
            "recipient_ogrn": self.who(recipient).ogrn,
            "notes": notes(kind, **changes.pop("noted", {})),
            "persons": [child(kind)] if named else [],
            **changes,
        }
        return MessageDraft.model_validate(given)

    def send(self, kind: str, sender: str, recipient: str, now: datetime = NOW, **more: Any) -> Submitted:
        return submit_message(self.house, self.system(sender), self.draft(kind, sender, recipient, **more), now)

    def arrive(self, kind: str, sender: str, recipient: str, now: datetime = NOW, **more: Any) -> MessageOnFile:
        """Sent, delivered and opened."""
        sent = self.send(kind, sender, recipient, now, **more).message
        relay_once(self.house, now)
        return self.open(recipient, sent.id, now).message

    def open(self, name: str, message_id: MessageId, now: datetime = NOW) -> OpenedMessage:
        return open_message(self.house, self.system(name), message_id, now)

    def answer(
        self, name: str, message_id: MessageId, event: Event, said: Answer | None = None, now: datetime = NOW
    ) -> MessageOnFile:
        return answer_message(self.house, self.system(name), message_id, event, now, said)

    def count(self) -> int:
        """How many messages there are in all."""
        with self.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
            return int(connection.exec_driver_sql("SELECT COUNT(*) FROM messages").scalar_one())

    def declarer(self, name: str = "ngo", login: str = "c") -> None:
        """A person who may declare a threat for a partner's system."""
        person = Person(PersonId(new_id()), self.who(name).id, login, "Имя", "!", frozenset({"curator"}))
        with self.house.store.writing() as unit:
            unit.participants.add_person(person)

    def thread(self, begun_by: str, other: str) -> MessageId:
        """A message that opens a thread: an inquiry without names, opened."""
        return self.arrive("inquiry", begun_by, other).id


def world(house: House) -> World:
    """The world over a house."""
    return World(make_town(house))


def child(kind: str) -> dict[str, object]:
    """K-1 with what the type may carry of: identity, and something of RSK or PLN."""
    allowed = message_types()[kind].allowed
    found: dict[str, object] = {
        "kind": "child",
        "ref": "K-1",
        "identity": {"full_name": "Проба Вымышленная Тестовна", "birth_date": "2017-01-15"},
    }
    if "PLN" in allowed:
        found["plan"] = {"goals": [{"goal": "Жильё", "state": "open"}]}
    return found


def notes(kind: str, **given: str | None) -> list[dict[str, str]]:
    """The required notes of a type with values that fit, and the given ones; None leaves one out."""
    values = {row.field: sample(row) for row in note_rows().get(kind, ()) if row.required}
    values |= {name: value for name, value in given.items() if value is not None}
    return [
        {"field": name, "value": value}
        for name, value in values.items()
        if name not in given or given[name] is not None
    ]


def sample(row: NoteRow) -> str:
    """A value that fits a note."""
    if row.kind in {"code", "codes"}:
        return next(iter(code_lists()[row.system]))
    return {
        "date": "2026-03-01",
        "instant": "2026-03-03T10:00:00+03:00",
        "number": "2",
        "oktmo": "45",
        "ogrns": "1027700000000",
        "phone": "8 800 000-00-00",
        "words": "Дежурный психолог",
    }[row.kind]
