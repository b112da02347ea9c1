"""Recorded decisions ruled again: by the pack of their time the same, by a proposed one who gains and who loses what."""

from __future__ import annotations

import json
import random
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from gateway.building import build_house
from gateway.exchange.relay import relay_once
from gateway.settings import Settings
from gateway.use_cases.adopt_pack import PackShelf, adopt_pack, packed, unpacked
from gateway.use_cases.declare_emergency import declare_emergency
from gateway.use_cases.house import House
from gateway.use_cases.open_message import open_message
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.replay_decisions import Replay, replay_decisions
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Organisation
from gateway.use_cases.withdraw_consent import withdraw_consent
from policies.decider import PackDecider
from policies.engine import Engine
from policies.files import PackFiles
from policies.pack import Pack, pack_of, shipped_pack
from policies.ruling import Effect
from schemas.errors import MezhvedError
from tests.builders import ALL, NOW, PACK, Town, consent, publish, record, referral, system_of
from tests.builders import town as make_town
from tests.gateway.facts_world import entries, rows, staff
from tests.gateway.holds_world import Office, all_of, ask, decide, destroy, holds, open_office
from tests.gateway.test_cli import mezhved
from tests.gateway.test_holds import siblings

ROW = "CASE_MGMT,OOIP,P,P,P,P,P,P,P,P,P,P,P,P,M"
LESS_HEALTH = "CASE_MGMT,OOIP,P,P,P,P,P,P,P,P,,P,P,P,M"
MORE_OFFENCES = "CASE_MGMT,OOIP,P,P,P,P,P,P,P,P,P,P,P,P,P"
PURPOSES = (
    "CASE_MGMT",
    "CASE_MGMT",
    "GUARDIANSHIP",
    "EMERGENCY",
    "KDN_IPR",
    "REFERRAL",
    "AUTHORITY_REQUEST",
    "FUNDRAISING",
)


def _changed(row: str) -> Pack:
    files = dict(shipped_pack("ru").files.contents)
    table = files["envelopes.csv"].decode()
    assert table.count(ROW) == 1
    return pack_of(PackFiles({**files, "envelopes.csv": table.replace(ROW, row).encode()}))


def _replay(house: House, proposed: Pack | None = None) -> Replay:
    return replay_decisions(house, NOW, PackShelf(house), Engine(proposed) if proposed else None)


def _table(name: str) -> Any:
    from gateway.storage import tables

    return getattr(tables, name)


def _recorded(house: House) -> int:
    """How many categories of subjects are on record."""
    return sum(len(row.rulings) for row in rows(house, _table("disclosures")))


class Life:
    """A town in which random things happen, all of them through the use cases."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town, self.random = town, random.Random(seed)
        self.deciders = {role: staff(town.house, town.ngo, role) for role in ("dpo", "head")}
        self.worker = staff(town.house, town.guardianship, "curator")
        published = publish(town, adoption={"adoption": "Тайна"})
        shared = publish_case_summary(town.house, system_of(town.ngo), siblings(3), NOW, synthetic=True)
        head = self.deciders["head"]
        self.offices = [
            Office(town, published.case_id, *published.subjects, head, head, head),
            Office(town, shared.case_id, *shared.subjects[:2], head, head, head),
        ]
        self.children = [published.subjects[0], *shared.subjects]
        self.consents: list[Any] = []

    def begin(self) -> None:
        """What no life is without: a yes, a no, and a message that was opened."""
        unverified = [{"who": "mother", "verified": False}]
        for ref, office in (("K-1", self.offices[0]), ("S-1", self.offices[1])):
            consent(self.town, self.town.school, ref=ref, signers=unverified)
            ask(office, who=self.town.school)
        for hold, release in zip(holds(self.town.house, "waiting"), ({"ID": Effect.PERMIT}, {}), strict=True):
            decide(self.town.house, self.deciders["head"], hold, release)
        for office in self.offices:
            ask(office, who=self.town.school)
        sent = submit_message(
            self.town.house,
            system_of(self.town.ngo),
            referral(self.town.ngo, self.town.guardianship, type="signal", trigger="threat"),
            NOW,
        )
        relay_once(self.town.house, NOW)
        open_message(self.town.house, system_of(self.town.guardianship), sent.message.id, NOW)

    def live(self, steps: int) -> None:
        acts = [
            self.consent,
            self.read,
            self.read,
            self.read,
            self.decide,
            self.fact,
            self.send,
            self.withdraw,
            self.declare,
        ]
        for _ in range(steps):
            with suppress(MezhvedError):
                self.random.choice(acts)()

    def _recipient(self) -> Organisation:
        return self.random.choice([self.town.guardianship, self.town.guardianship, self.town.school, self.town.centre])

    def consent(self) -> None:
        ref = self.random.choice(["K-1", "S-1", "S-2", "S-3"])
        verified = self.random.random() < 0.6
        self.consents.append(
            consent(
                self.town,
                self._recipient(),
                ref=ref,
                purpose=self.random.choice(["CASE_MGMT", "REFERRAL"]),
                categories=self.random.choice([ALL, ("ID", "FAM", "HLT")]),
                form=self.random.choice(["paper", "checkbox"]),
                signers=[{"who": "mother", "verified": verified}],
            )
        )

    def read(self) -> None:
        office = self.random.choice(self.offices)
        ask(office, self.random.choice(PURPOSES), who=self._recipient())

    def decide(self) -> None:
        hold = self.random.choice(holds(self.town.house, "waiting") or [None])  # type: ignore[list-item]
        if hold is not None:
            release = all_of(hold) if self.random.random() < 0.7 else {}
            decide(self.town.house, self.deciders[hold.chain[0]], hold, release)

    def fact(self) -> None:
        fact = self.random.choice(["location_protected", "suspected", "ooip_is_rep", "placement", "rights_limited"])
        about = {"about_who": "mother"} if fact in {"suspected", "rights_limited"} else {}
        named = {"participants": (self.town.guardianship.id,)} if fact in {"ooip_is_rep", "placement"} else {}
        record(self.town.house, self.random.choice(self.children), fact, self.town.ngo, **about, **named)

    def send(self) -> None:
        kind = self.random.choice([{}, {"type": "signal", "trigger": "threat"}])
        recipient = self.random.choice([self.town.guardianship, self.town.centre])
        sent = submit_message(
            self.town.house, system_of(self.town.ngo), referral(self.town.ngo, recipient, **kind), NOW
        )
        relay_once(self.town.house, NOW)
        open_message(self.town.house, system_of(recipient), sent.message.id, NOW)

    def withdraw(self) -> None:
        if self.consents:
            withdraw_consent(self.town.house, system_of(self.town.ngo), self.random.choice(self.consents), NOW)

    def declare(self) -> None:
        case = self.town.house.vault.case_pseudonym(self.town.guardianship.id, self.random.choice(self.offices).case_id)
        declare_emergency(self.town.house, self.worker, case, "Прямая угроза жизни ребёнка", NOW)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_decisions_of_a_random_life_are_reproduced_by_the_pack_of_their_time(house: House, seed: int) -> None:
    """Shared sections, decisions of people, messages, refusals, and a change of pack and of region in between."""
    town = make_town(house)
    life = Life(town, seed)
    life.begin()
    life.live(40)
    regional = replace(house, pack=PackDecider("ru", ("example-region",)))
    adopt_pack(regional, NOW)
    life.town = replace(town, house=regional)
    life.offices = [replace(office, town=life.town) for office in life.offices]
    life.live(30)
    found = _replay(house)
    recorded = rows(house, _table("disclosures"))
    assert (found.differences, found.unknown_packs, found.destroyed) == ([], Counter(), 0)
    assert found.reproduced == _recorded(house) > 200
    assert found.decisions == sum(bool(row.rulings) for row in recorded)
    assert len({row.pack_digest for row in recorded}) == 2
    assert {row.scope for row in recorded} >= {"summary", "sending", "message"}
    assert {effect for row in recorded for effect, _ in row.rulings.values()} == {"P", "M", "R", "D"}
    assert {hold.state for hold in holds(house)} >= {"released", "refused"}
    (entry,) = [e for e in entries(house, "log.read") if e["actor"] == "operator:replay"]
    assert (entry["decisions"], entry["differences"], entry["proposed"]) == (found.decisions, 0, False)


@pytest.mark.law(12)
def test_those_of_destroyed_subjects_are_counted_and_not_replayed(house: House) -> None:
    town = make_town(house)
    published = publish_case_summary(house, system_of(town.ngo), siblings(3), NOW, synthetic=True)
    head = staff(house, town.ngo, "head")
    office = Office(town, published.case_id, *published.subjects[:2], head, head, head)
    for ref in ("S-1", "S-2", "S-3"):
        consent(town, town.guardianship, ref=ref, signers=[{"who": "mother", "verified": True}])
    ask(office, categories=["ID", "FAM"])
    ask(office, categories=["ID", "FAM"])
    assert (_replay(house).reproduced, _recorded(house)) == (12, 12)
    destroy(house, published.subjects[0])
    found = _replay(house)
    # Of each entry: both categories of the first child, and the section that the second shares with it.
    assert (found.decisions, found.destroyed, found.unreadable, found.reproduced) == (6, 2, 6, 6)
    assert found.differences == []


def test_under_a_proposed_pack_it_says_who_gains_and_who_loses_what(house: House) -> None:
    town = make_town(house)
    office = open_office(town, signers=[{"who": "mother", "verified": True}], categories=(*ALL, "OFF"))
    consent(town, town.centre, signers=[{"who": "mother", "verified": True}])
    for who in (town.guardianship, town.guardianship, town.centre):
        ask(office, categories=["ID", "HLT", "OFF"], who=who)
    lost = _replay(house, _changed(LESS_HEALTH)).comparison
    assert lost is not None
    assert [(c.recipient, c.purpose, c.category, c.before, c.after, c.gains, c.count) for c in lost.changes] == [
        (town.guardianship.id, "CASE_MGMT", "HLT", Effect.PERMIT, Effect.DENY, False, 2)
    ]
    assert (lost.gained, lost.lost, lost.unchanged + 2) == (0, 2, _recorded(house))
    gained = _replay(house, _changed(MORE_OFFENCES)).comparison
    assert gained is not None
    assert [(c.recipient, c.category, c.before, c.after, c.gains, c.count) for c in gained.changes] == [
        (town.guardianship.id, "OFF", Effect.MASK, Effect.PERMIT, True, 2)
    ]
    same = _replay(house, shipped_pack("ru")).comparison
    assert same is not None
    assert (same.changes, same.unchanged) == ((), _recorded(house))


def test_a_decision_of_people_counts_under_a_proposed_pack_as_far_as_it_lets_it(town: Town) -> None:
    office = open_office(town)
    ask(office, categories=["HLT"])
    (hold,) = holds(town.house)
    decide(town.house, office.head, hold, {"HLT": Effect.PERMIT})
    ask(office, categories=["HLT"])
    comparison = _replay(town.house, _changed(LESS_HEALTH)).comparison
    assert comparison is not None
    changes = {(c.before, c.after): c.count for c in comparison.changes}
    assert changes == {(Effect.HOLD, Effect.DENY): 1, (Effect.PERMIT, Effect.DENY): 1}


def test_a_pack_that_is_not_on_file_is_reported_with_its_decisions(town: Town) -> None:
    house = town.house
    office = open_office(town)
    ask(office, categories=["ID"])
    with house.store.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(update(_table("disclosures")).values(pack_digest="0" * 64))
    found = _replay(house)
    assert (found.unknown_packs, found.reproduced, found.decisions) == (Counter({"0" * 64: 2}), 0, 2)


def test_files_that_are_not_those_of_the_digest_rule_nothing(town: Town) -> None:
    house = town.house
    ask(open_office(town), categories=["ID"])
    broken = {**house.pack.files, "envelopes.csv": house.pack.files["envelopes.csv"] + b"\n"}
    digest = house.pack.identity.digest
    for files in (packed(broken), packed({**house.pack.files, "policies.cedar": b"not a policy"})):
        with house.store.engine.begin() as connection:  # type: ignore[attr-defined]
            connection.execute(update(_table("packs")).values(files=files))
        assert _replay(house).unknown_packs == Counter({digest: 2})
    assert unpacked(packed(house.pack.files)) == house.pack.files


def test_records_of_the_first_format_are_replayed(town: Town) -> None:
    """The facts alone, and no pack in the row: the entry names it."""
    house = town.house
    office = open_office(town)
    ask(office, categories=["ID", "LOC"])
    table = _table("disclosures")
    with house.store.engine.begin() as connection:  # type: ignore[attr-defined]
        for row in rows(house, table):
            kept = json.loads(house.vault.open_facts(row.subject_id, row.sealed_facts) or b"")
            assert set(kept) == {"facts", "together", "people", "claims"}
            first = house.vault.seal_facts({row.subject_id: json.dumps(kept["facts"]).encode()})
            changes = {"pack_digest": None, "sealed_facts": first[row.subject_id]}
            connection.execute(update(table).where(table.c.id == row.id).values(**changes))
    found = _replay(house)
    assert (found.reproduced, found.differences, found.unknown_packs) == (4, [], Counter())


def test_a_record_that_says_otherwise_is_a_difference(town: Town) -> None:
    house = town.house
    ask(open_office(town), categories=["ID"])
    table = _table("disclosures")
    with house.store.engine.begin() as connection:  # type: ignore[attr-defined]
        for row in rows(house, table):
            changed = {"ID": ["P", "RU-152-9-1"]}
            connection.execute(update(table).where(table.c.id == row.id).values(rulings=changed))
    found = _replay(house)
    assert {(d.category, d.recorded.rule, d.ruled.rule) for d in found.differences if d.recorded and d.ruled} == {
        ("ID", "RU-152-9-1", "RU-152-9-4"),
        ("ID", "RU-152-9-1", "RU-152-6-1"),
    }


def test_recorded_facts_name_nobody(town: Town) -> None:
    house = town.house
    office = open_office(town)
    ask(office)
    for row in rows(house, _table("disclosures")):
        kept = (house.vault.open_facts(row.subject_id, row.sealed_facts) or b"").decode()
        for name in (
            town.guardianship.id,
            town.ngo.id,
            office.child,
            office.mother,
            office.case_id,
            "Проба",
            "2017-01-15",
        ):
            assert name not in kept


def test_a_pack_that_comes_back_is_in_force_again_and_each_change_is_an_entry(house: House) -> None:
    other = replace(house, pack=PackDecider("ru", ("example-region",)))
    before = len(entries(house, "pack.changed"))
    for number, one in enumerate((house, house, other, other, house, other)):
        adopt_pack(one, NOW.replace(hour=10 + number))
    changed = [entry["pack"]["digest"] for entry in entries(house, "pack.changed")][before:]
    first, second = house.pack.identity.digest, other.pack.identity.digest
    assert changed == [second, first, second]
    assert len(rows(house, _table("packs"))) == 2


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_replays_and_compares(tmp_path: Path) -> None:
    assert mezhved(tmp_path, "migrate").returncode == 0
    house = build_house(Settings(home=tmp_path))
    town = make_town(house)
    ask(open_office(town, signers=[{"who": "mother", "verified": True}]), categories=["ID", "HLT"])
    folder = tmp_path / "proposed"
    folder.mkdir()
    for name, content in _changed(LESS_HEALTH).files.contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    done = mezhved(tmp_path, "policy", "replay", "--proposed", str(folder), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert (answer["decisions"], answer["reproduced"], answer["differences"]) == (2, 4, [])
    (change,) = answer["changes"]
    assert change == {
        "organisation": town.guardianship.name,
        "purpose": "CASE_MGMT",
        "category": "HLT",
        "before": "P",
        "after": "D",
        "gains": False,
        "count": 1,
    }
    shown = mezhved(tmp_path, "policy", "replay", "--proposed", str(folder))
    assert "меньше" in shown.stdout
    assert mezhved(tmp_path, "policy", "replay").returncode == 0
    assert mezhved(tmp_path, "policy", "replay", "--proposed", "xx").returncode == 2
    with house.store.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(_table("packs").delete())
        connection.execute(update(_table("disclosures")).values(pack_digest="0" * 64))
    unknown = mezhved(tmp_path, "policy", "replay", "--json")
    assert unknown.returncode == 1
    assert json.loads(unknown.stdout)["unknown_packs"] == {"0" * 64: 2}
    assert PACK.identity.digest == shipped_pack("ru").identity.digest
    house.store.engine.dispose()  # type: ignore[attr-defined]
    house.vault._keys.engine.dispose()  # type: ignore[attr-defined]
