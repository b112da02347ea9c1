"""What tests of recorded facts share: people of organisations, drafts, entries, and what a recipient is ruled."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from gateway.storage import tables as t
from gateway.use_cases.disclose import Disclosed
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.publish_case_summary import Published
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.record_fact import FactRecorded, record_fact
from gateway.use_cases.values import Organisation, Person, Requester
from schemas.categories import SECTION_CATEGORIES
from schemas.errors import MezhvedError
from schemas.facts import FactDocument, FactDraft
from schemas.ids import Category, PersonId, new_id
from tests.builders import NOW, Town, consent, publish, system_of

SNILS = "11223344595"
"""Of the child that `builders.publish` publishes."""
MOTHER_SNILS = "14785296311"
NUMBER = "17-Чибис"
REASONS = "Чибис: слова о семье"
COPY = "c" * 64
ACT = {"number": NUMBER, "on": "2026-02-20"}
COURT = {**ACT, "copy_digest": COPY}
CHILD = {"ref": "K-1"}
MOTHER = {"ref": "K-1-M"}
BY_SNILS = {"identifiers": {"snils": SNILS}, "birth_date": "2017-01-15"}


def staff(house: House, organisation: Organisation, *roles: str) -> Requester:
    """A person of the organisation on file. Its password is none."""
    person_id = PersonId(new_id())
    login = f"{'-'.join(roles) or 'nobody'}.{person_id[:8]}"
    with house.store.writing() as unit:
        unit.participants.add_person(Person(person_id, organisation.id, login, "Имя", "!", frozenset(roles)))
    return Requester(organisation.id, f"person:{person_id}", frozenset(roles))


def draft(fact: str, person: Mapping[str, Any], **more: Any) -> FactDraft:
    return FactDraft.model_validate({"fact": fact, "person": dict(person), **more})


def login(house: House, who: Requester) -> str:
    """By which login `staff` is known."""
    with house.store.reading() as unit:
        person = unit.participants.person(PersonId(who.actor.partition(":")[2]))
    assert person is not None
    return person.login


def put(
    house: House, who: Requester, fact: str, person: Mapping[str, Any], now: datetime = NOW, **more: Any
) -> FactRecorded:
    """A fact recorded through its use case."""
    return record_fact(house, who, draft(fact, person, **more), now)


def document(**given: str) -> FactDocument:
    return FactDocument.model_validate(given)


def entries(house: House, kind: str = "fact.recorded") -> list[dict[str, Any]]:
    """Bodies of all entries of a kind, oldest first."""
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        rows = connection.execute(
            select(t.entries.c.body).where(t.entries.c.kind == kind).order_by(t.entries.c.position)
        )
        return [json.loads(row.body)["body"] for row in rows]


def rows(house: House, table: Any) -> list[Any]:
    """All rows of a table, the oldest first where a column says so: PostgreSQL puts rows where there is room."""
    order = [table.c[name] for name in ("position", "submitted_at", "recorded_at") if name in table.c][:1]
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        return list(connection.execute(select(table).order_by(*order)))


def read(
    house: House,
    recipient: Organisation,
    published: Published,
    purpose: str = "CASE_MGMT",
    now: datetime = NOW,
    who: Requester | None = None,
    categories: Sequence[str] = SECTION_CATEGORIES,
    **claims: str,
) -> dict[str, tuple[str, str]]:
    """Effect and true rule for each category of the child, as the recipient is ruled at a request of its own."""
    answer = ask(house, recipient, published, purpose, now, who, categories, **claims)
    with house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        row = connection.execute(
            select(t.disclosures.c.rulings).where(
                t.disclosures.c.entry_id == answer.entry_id, t.disclosures.c.subject_id == published.subjects[0]
            )
        ).one()
    return {category: (effect, rule) for category, (effect, rule) in row.rulings.items()}


def ask(
    house: House,
    recipient: Organisation,
    published: Published,
    purpose: str = "CASE_MGMT",
    now: datetime = NOW,
    who: Requester | None = None,
    categories: Sequence[str] = SECTION_CATEGORIES,
    **claims: str,
) -> Disclosed:
    """The answer to the recipient itself."""
    pseudonym = house.vault.case_pseudonym(recipient.id, published.case_id)
    question = Question(purpose, tuple(Category(code) for code in categories), **claims)
    return read_case_summary(house, who or system_of(recipient), pseudonym, question, now)


# --- who owns which fact ----------------------------------------------------------------------------------------------

UNTIL = date(2026, 9, 1)
FATHER = {"about_who": "father"}
WORKERS = ("curator", "senior_curator", "head")


@dataclass(frozen=True)
class Owned:
    """One fact and one of its owners: at which organisation, in which roles (`""` is its system), and what it gives."""

    fact: str
    place: str
    roles: tuple[str, ...]
    act: Mapping[str, str]
    needs: tuple[str, ...] = ()
    more: Mapping[str, Any] = ()  # type: ignore[assignment]
    in_capacity: str = "holder"

    def __str__(self) -> str:
        return f"{self.fact} by {self.place}"


BODY: Mapping[str, Any] = {"act": ACT, "needs": ("number", "on"), "in_capacity": "body"}
BY_COURT: Mapping[str, Any] = {"act": COURT, "needs": ("number", "on", "copy")}
GUARDIANS = ("", "guardianship_specialist", "curator", "head")
OWNERS = (
    Owned("location_protected", "ngo", ("", *WORKERS), {}),
    Owned("location_protected", "centre", ("", "curator", "psychologist"), {}, in_capacity="related"),
    Owned("suspected", "ngo", ("", *WORKERS), {"reasons": REASONS}, ("reasons",), FATHER),
    Owned("suspected", "guardianship", GUARDIANS, more=FATHER, **BODY),
    Owned("sk64_act", "guardianship", GUARDIANS, more=FATHER, **BODY),
    Owned("sk64_act", "ngo", ("", *WORKERS, "dpo"), more=FATHER, **BY_COURT),
    Owned("rights_limited", "guardianship", GUARDIANS, more=FATHER, **BODY),
    Owned("rights_limited", "ngo", ("", *WORKERS, "dpo"), more=FATHER, **BY_COURT),
    Owned("rights_terminated", "guardianship", GUARDIANS, more=FATHER, **BODY),
    Owned("rights_terminated", "ngo", ("", *WORKERS, "dpo"), more=FATHER, **BY_COURT),
    Owned("emancipated", "guardianship", GUARDIANS, **BODY),
    Owned("emancipated", "ngo", ("", *WORKERS, "dpo"), **BY_COURT),
    Owned("ooip_is_rep", "guardianship", GUARDIANS, **BODY),
    Owned("placement", "guardianship", GUARDIANS, **BODY),
    Owned(
        "ipr_open",
        "stranger",  # a commission on minors
        ("", "kdn_member", "head"),
        ACT,
        ("number", "on", "until", "organisations"),
        {"until": UNTIL, "organisations": ["school", "ngo"]},
        "body",
    ),
    Owned(
        "formal_request",
        "ngo",
        ("dpo",),
        ACT,
        ("number", "on", "value", "until", "organisations"),
        {"value": "control", "until": UNTIL, "organisations": ["school"]},
    ),
    Owned(
        "adopters_written_consent",
        "ngo",
        ("dpo",),
        COURT,
        ("number", "on", "copy", "organisations"),
        {"organisations": ["guardianship"]},
    ),
)
FACTS = tuple(dict.fromkeys(owned.fact for owned in OWNERS))
EVERYBODY: Mapping[str, tuple[str, ...]] = {
    "ngo": ("", *WORKERS, "dpo", "psychologist", "lawyer", "registrar", "administrator"),
    "guardianship": (*GUARDIANS, "dpo", "administrator"),
    "centre": ("", "curator", "psychologist", "dpo", "administrator"),
    "school": ("", "head", "curator", "dpo"),
    "stranger": ("", "kdn_member", "head", "dpo"),
}
"""Every organisation that knows of the family, and its people."""


@dataclass(frozen=True)
class Place:
    """A town where everybody knows of one family, and who of them is who."""

    town: Town
    published: Published
    people: Mapping[tuple[str, str], Requester]

    @property
    def house(self) -> House:
        return self.town.house

    def organisation(self, place: str) -> Organisation:
        return getattr(self.town, place)  # type: ignore[no-any-return]

    def person(self, place: str, number: int = 0) -> dict[str, str]:
        """The child (or another member) as this organisation names it."""
        if place == "ngo":
            return [CHILD, MOTHER][number]
        owner, subject = self.organisation(place).id, self.published.subjects[number]
        return {"pseudonym": self.house.vault.subject_pseudonym(owner, subject)}

    def more(self, owned: Owned) -> dict[str, Any]:
        given = {"document": owned.act, **dict(owned.more)}
        if "organisations" in given:
            given["organisations"] = [self.organisation(place).ogrn for place in given["organisations"]]
        return given


def furnish(town: Town) -> Place:
    published = publish(town)
    for name in EVERYBODY:
        if name != "ngo":
            consent(town, getattr(town, name))
    people = {
        (name, role): staff(town.house, getattr(town, name), role) if role else system_of(getattr(town, name))
        for name, roles in EVERYBODY.items()
        for role in roles
    }
    return Place(town, published, people)


def refusal(act: Any) -> MezhvedError:
    with pytest.raises(MezhvedError) as caught:
        act()
    assert caught.value.message("ru")
    assert caught.value.remedy("en")
    return caught.value
