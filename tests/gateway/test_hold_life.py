"""The life of holds: whatever people do in whatever order, content is opened only if the pack releases it, or if somebody
who may has said yes to exactly that question and the yes still counts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.use_cases.escalate import escalate
from gateway.use_cases.values import Hold, RecordedFact, Requester
from gateway.use_cases.withdraw_consent import withdraw_consent
from gateway.vault.vault import Vault
from policies.ruling import Effect
from schemas.errors import MezhvedError, Unavailable
from schemas.ids import ConsentId
from tests import builders
from tests.builders import NOW, consent, publish, record, system_of
from tests.gateway.facts_world import staff
from tests.gateway.holds_world import UNVERIFIED, D, Office, P, R, ask, decide, holds, seen

CATEGORIES = ("ID", "CON", "LOC")
PLACES = ("guardianship", "centre")
SUSPECTED = "POL-CONF-2"
DECIDERS = {UNVERIFIED: ("head", "dpo"), SUSPECTED: ("dpo", "head")}


@dataclass
class Given:
    """A consent as the model knows it."""

    id: ConsentId
    verified: bool
    last_event: datetime
    withdrawn: bool = False


@dataclass(frozen=True)
class Said:
    """What somebody decided, about which question, and until when it counts."""

    place: str
    rule: str
    consent: ConsentId
    effects: Mapping[str, Effect]
    until: datetime


class LifeOfHolds(RuleBasedStateMachine):
    """A mother whose authority may be unverified, who may be suspected, and who may withdraw; two organisations ask."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="mzl"))
        self.house = builders.sqlite_house(self.folder)
        self.town = builders.town(self.house)
        published = publish(self.town)
        self.people = {role: staff(self.house, self.town.ngo, role) for role in ("head", "dpo", "curator")}
        self.people |= {
            "system": system_of(self.town.ngo),
            "foreign head": staff(self.house, self.town.guardianship, "head", "dpo"),
            "administrator": staff(self.house, self.town.ngo, "head", "administrator"),
        }
        people = [self.people[role] for role in ("head", "dpo", "curator")]
        self.office = Office(self.town, published.case_id, *published.subjects, *people)
        self.now = NOW
        self.given: dict[str, list[Given]] = {place: [] for place in PLACES}
        self.suspicion: RecordedFact | None = None
        self.asked: dict[tuple[str, str], ConsentId] = {}  # of what waits: on which consent it was asked
        self.said: list[Said] = []
        self.patch = pytest.MonkeyPatch()
        self.opened: set[str] = set()
        real = Vault.open_sections

        def watched(vault: Vault, sections: Any) -> Any:
            self.opened |= {section.category for section in sections}
            return real(vault, sections)

        self.patch.setattr(Vault, "open_sections", watched)

    def teardown(self) -> None:
        self.patch.undo()
        self.house.store.engine.dispose()  # type: ignore[attr-defined]
        self.house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- the model ---------------------------------------------------------------------------------------------------

    def _governing(self, place: str) -> Given | None:
        return max(self.given[place], key=lambda known: known.last_event, default=None)

    def _ruled(self, place: str) -> tuple[Effect, str]:
        """What the pack says of everything that is asked."""
        governing = self._governing(place)
        if governing is None:
            return D, "RU-152-6-1"
        if governing.withdrawn:
            return D, "RU-152-9-5"
        if self.suspicion is not None:
            return R, SUSPECTED
        return (P, "RU-152-9-1") if governing.verified else (R, UNVERIFIED)

    def _expected(self, place: str, category: str) -> Effect:
        effect, by = self._ruled(place)
        if effect is not R:
            return effect
        governing = self._governing(place)
        assert governing is not None
        answers = [
            said.effects[category]
            for said in self.said
            if (said.place, said.rule, said.consent) == (place, by, governing.id)
            and category in said.effects
            and self.now < said.until
        ]
        return answers[-1] if answers else R

    # --- what happens ------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        self.now += timedelta(minutes=1)

    @initialize()
    def begin(self) -> None:
        """Something waits from the first."""
        for place in PLACES:
            self.give(place=place, verified=False)
            self.read(place=place, categories=set(CATEGORIES))

    @rule(place=st.sampled_from(PLACES), verified=st.booleans())
    def give(self, place: str, verified: bool) -> None:
        self._tick()
        signers = [{"who": "mother", "holder_ref": "K-1-M", "verified": verified}]
        made = consent(self.town, getattr(self.town, place), now=self.now, valid_to=None, signers=signers)
        self.given[place].append(Given(made, verified, self.now))

    @precondition(lambda self: any(not given.withdrawn for known in self.given.values() for given in known))
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        self._tick()
        standing = [given for known in self.given.values() for given in known if not given.withdrawn]
        given = data.draw(st.sampled_from(standing))
        withdraw_consent(self.house, system_of(self.town.ngo), given.id, self.now)
        given.withdrawn, given.last_event = True, self.now

    @rule()
    def suspect_or_clear(self) -> None:
        self._tick()
        if self.suspicion is None:
            about = self.office.mother
            self.suspicion = record(
                self.house, self.office.child, "suspected", self.town.ngo, about_id=about, from_at=self.now
            )
        else:
            with self.house.store.writing() as unit:
                unit.recorded_facts.end(self.suspicion.id, self.now)
            self.suspicion = None

    @rule(place=st.sampled_from(PLACES), categories=st.sets(st.sampled_from(CATEGORIES), min_size=1))
    def read(self, place: str, categories: set[str]) -> None:
        self._tick()
        self.opened = set()
        try:
            answer = ask(self.office, categories=sorted(categories), now=self.now, who=getattr(self.town, place))
        except Unavailable:
            assert not self.given[place], "a consent that names it is a relation"
            assert self.opened == set()
            return
        sections = seen(answer, self.office.child).sections
        expected = {category: self._expected(place, category) for category in categories}
        assert {str(c): section.ruling.effect for c, section in sections.items()} == expected
        released = {category for category, effect in expected.items() if effect.releases}
        assert self.opened == released
        assert {str(c) for c, section in sections.items() if section.content is not None} == released
        governing = self._governing(place)
        if R in expected.values():
            assert governing is not None
            self.asked.setdefault((place, self._ruled(place)[1]), governing.id)

    @precondition(lambda self: holds(self.house, "waiting"))
    @rule(
        data=st.data(),
        who=st.sampled_from(["head", "head", "dpo", "dpo", "curator", "system", "foreign head", "administrator"]),
        release=st.sets(st.sampled_from(CATEGORIES)),
    )
    def say(self, data: st.DataObject, who: str, release: set[str]) -> None:
        self._tick()
        hold: Hold = data.draw(st.sampled_from(holds(self.house, "waiting")))
        place = next(name for name in PLACES if getattr(self.town, name).id == hold.recipient_id)
        given = {category: P for category in release if category in hold.categories}
        requester: Requester = self.people[who]
        may = who in DECIDERS[hold.rule][: hold.step + 1]
        try:
            decided = decide(self.house, requester, hold, given, now=self.now)
        except MezhvedError:
            assert not may
            return
        assert may
        assert decided.hold.valid_to is not None
        effects = {str(category): given.get(str(category), D) for category in hold.categories}
        consent_id = self.asked.pop((place, hold.rule))
        self.said.append(Said(place, hold.rule, consent_id, effects, decided.hold.valid_to))

    @rule(days=st.sampled_from([0, 1, 1, 3, 20]), hours=st.integers(0, 23))
    def time_passes(self, days: int, hours: int) -> None:
        self.now += timedelta(days=days, hours=hours)
        while escalate(self.house, self.now):
            pass
        assert all(hold.due_at > self.now for hold in holds(self.house, "waiting")), "what is late is passed on"

    # --- always ------------------------------------------------------------------------------------------------------

    @invariant()
    def one_hold_for_each_question(self) -> None:
        waiting = [(hold.recipient_id, hold.rule) for hold in holds(self.house, "waiting")]
        assert len(waiting) == len(set(waiting)) == len(self.asked)


TestLifeOfHolds = LifeOfHolds.TestCase
TestLifeOfHolds.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
