"""Builders for tests: a real house over a real store, and the few organisations and families that most tests need."""

from __future__ import annotations

import atexit
import functools
import itertools
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from gateway.evidence.note import SigningKey
from gateway.storage.blobs import DirectoryBlobs
from gateway.storage.keys import SqlKeyStore
from gateway.storage.migrate import migrate
from gateway.storage.store import SqlStore
from gateway.use_cases.adopt_pack import adopt_pack
from gateway.use_cases.house import House
from gateway.use_cases.publish_case_summary import Published, publish_case_summary
from gateway.use_cases.record_consent import record_consent
from gateway.use_cases.register_participants import register_organisation
from gateway.use_cases.values import Organisation, RecordedFact, Requester
from gateway.vault.keys import MasterKey
from gateway.vault.vault import Vault
from policies.decider import PackDecider
from schemas.ids import ConsentId, FactId, OrganisationId, SubjectId, new_id
from schemas.messages import MessageDraft
from schemas.summary import ConsentDraft, SummaryDraft

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
EVIDENCE = "a" * 64
ALL = ("ID", "CON", "LOC", "FAM", "LEG", "RSK", "PLN", "HLT", "PSY", "EDU", "SOC")
PACK = PackDecider("ru")

_numbers = itertools.count(1)


def ogrn(number: int | None = None) -> str:
    """A synthetic OGRN with its check digit."""
    body = f"1027700{(next(_numbers) if number is None else number):05d}"
    return body + str(int(body) % 11 % 10)


def build_house(data_url: str, keys_url: str, folder: Path, *, migrated: bool = False, durable: bool = False) -> House:
    """A house over two stores, brought to the newest version unless they are copies of such; files lie in the folder.
    `durable`: what is written reaches the disk, as in an installation."""
    store = SqlStore(data_url)
    keys = SqlKeyStore(keys_url, MasterKey(b"m" * 32))
    for engine in (store.engine, keys.engine):
        if engine.dialect.name == "sqlite" and not durable:
            event.listen(engine, "connect", _hurry)
    if not migrated:
        migrate(store.engine, "data")
        migrate(keys.engine, "keys")
    blobs = DirectoryBlobs(folder / "blobs")
    made = House(store, Vault(keys), PACK, SigningKey.generate("test.local/log"), blobs=blobs)
    if not migrated:
        adopt_pack(made, NOW)
    return made


def _hurry(connection: Any, record: Any) -> None:
    """No test cuts the machine's power: what is written need not reach the disk. A killed process loses nothing by it."""
    del record
    connection.execute("PRAGMA synchronous=OFF")


@functools.cache
def _template() -> Path:
    """Two migrated stores, made once per process: copying them is fifty times faster than migrating anew."""
    folder = Path(tempfile.mkdtemp(prefix="mzt"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = build_house(f"sqlite:///{folder / 'data.sqlite'}", f"sqlite:///{folder / 'keys.sqlite'}", folder)
    for engine in (made.store.engine, made.vault._keys.engine):  # type: ignore[attr-defined]
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
    return folder


def sqlite_house(folder: Path, *, durable: bool = False) -> House:
    """A house on SQLite in a folder of the test."""
    for name in ("data.sqlite", "keys.sqlite"):
        shutil.copy(_template() / name, folder / name)
    data, keys = (f"sqlite:///{folder / name}" for name in ("data.sqlite", "keys.sqlite"))
    return build_house(data, keys, folder, migrated=True, durable=durable)


def organisation(house: House, kind: str, name: str, **more: object) -> Organisation:
    """A registered organisation with an agreement in force."""
    made = Organisation(
        OrganisationId(new_id()),
        kind,
        name,
        ogrn(),
        agreement_from=date(2025, 1, 1),
        rkn_number="00-00-000000",
        synthetic=True,
        **more,  # type: ignore[arg-type]
    )
    register_organisation(house, made, NOW)
    return made


def system_of(organisation: Organisation, *roles: str) -> Requester:
    """The organisation's system, with every scope; or a person with roles."""
    if roles:
        return Requester(organisation.id, "person:00000000-0000-4000-8000-000000000001", frozenset(roles))
    scopes = {"summaries.read", "summaries.publish", "messages.read", "messages.send", "consents.write"}
    scopes |= {"facts.write", "access.explain", "emergency.declare", "practice.write"}
    return Requester(organisation.id, "client:test", scopes=frozenset(scopes))


@dataclass(frozen=True)
class Town:
    """The organisations of most tests."""

    house: House
    ngo: Organisation
    guardianship: Organisation
    centre: Organisation
    school: Organisation
    stranger: Organisation


def town(house: House) -> Town:
    """One organisation of each kind that matters."""
    return Town(
        house,
        organisation(house, "ngo", "Фонд «Тёплый дом» (тест)", practice="deti-nashi"),
        organisation(house, "guardianship", "Орган опеки (тест)"),
        organisation(house, "family_centre", "Центр «Семья» (тест)"),
        organisation(house, "school", "Школа № 0 (тест)"),
        organisation(house, "kdn", "КДН (тест)"),
    )


def record(house: House, subject_id: SubjectId, fact: str, by: Organisation, **more: Any) -> RecordedFact:
    """A recorded fact, put on file past its owner's use case."""
    made = RecordedFact(FactId(new_id()), fact, subject_id, by.id, more.pop("from_at", NOW), **more)
    with house.store.writing() as unit:
        unit.recorded_facts.add([made])
    return made


def child_sections(name: str = "Проба Вымышленная Тестовна", birth: str = "2017-01-15") -> dict[str, object]:
    """Sections of a child of nine."""
    return {
        "identity": {"full_name": name, "birth_date": birth, "sex": "F"},
        "identifiers": {"snils": "11223344595"},
        "contact": {"phones": [{"number": "+70000000001", "whose": "мать"}, {"number": "+70000000002"}]},
        "whereabouts": {"address": {"text": "ул. Вымышленная, 1, кв. 2", "municipality": "Измайлово"}},
        "risk": {"level": "medium", "factors": ["HOUSING"], "facts": []},
        "plan": {
            "stage": {"code": "plan_carried_out", "since": "2026-01-10"},
            "goals": [{"goal": "Жильё", "state": "open"}],
        },
        "health": {"conditions": ["Вымышленный диагноз"], "recommendations": ["Щадящий режим"]},
        "psychology": {"state": "Спокойна"},
        "education": {"place": "Школа № 0", "attendance": "regular"},
    }


def publish(town: Town, ref: str = "K-1", case: str = "C-1", **child: object) -> Published:
    """A case of the NGO with one child and the mother."""
    draft = SummaryDraft.model_validate(
        {
            "case_ref": case,
            "as_of": "2026-03-01",
            "erase_after": "2027-03-01",
            "source": "наблюдение куратора",
            "curator_name": "Куратор Тестовый",
            "curator_phone": "+70000000000",
            "subjects": [
                {"ref": ref, "kind": "child", "sections": {**child_sections(), **child}},
                {
                    "ref": f"{ref}-M",
                    "kind": "parent",
                    "sections": {"identity": {"full_name": "Мать Вымышленная", "birth_date": "1990-05-05"}},
                },
            ],
        }
    )
    return publish_case_summary(town.house, system_of(town.ngo), draft, NOW, synthetic=True)


def consent(
    town: Town,
    recipient: Organisation,
    ref: str = "K-1",
    purpose: str = "CASE_MGMT",
    discloser: Organisation | None = None,
    now: datetime = NOW,
    **changes: object,
) -> ConsentId:
    """The mother's written consent for her child."""
    draft = ConsentDraft.model_validate(
        {
            "subject_ref": ref,
            "subject_kind": "child",
            "birth_date": "2017-01-15",
            "recipient_ogrn": recipient.ogrn,
            "purpose": purpose,
            "categories": ALL,
            "given_on": "2026-01-10",
            "valid_to": "2026-12-31",
            "form": "paper",
            "evidence_digest": EVIDENCE,
            "signers": [{"who": "mother", "holder_ref": f"{ref}-M", "verified": True}],
            **changes,
        }
    )
    return record_consent(town.house, system_of(discloser or town.ngo), draft, now)


def referral(sender: Organisation, recipient: Organisation, ref: str = "K-1", **changes: object) -> MessageDraft:
    """A referral of one child."""
    return MessageDraft.model_validate(
        {
            "operation_id": new_id(),
            "type": "referral",
            "sender_ogrn": sender.ogrn,
            "recipient_ogrn": recipient.ogrn,
            "persons": [
                {
                    "kind": "child",
                    "ref": ref,
                    "identity": {"full_name": "Проба Вымышленная Тестовна", "birth_date": "2017-01-15", "sex": "F"},
                    "identifiers": {"snils": "11223344595"},
                    "contact": {"phones": [{"number": "+70000000001"}]},
                    "whereabouts": {"address": {"text": "ул. Вымышленная, 1, кв. 2", "municipality": "Измайлово"}},
                }
            ],
            "concerns": ["HOUSING"],
            "statement": "Слова, которые не для всех",
            "requested_action": "Сопровождение семьи",
            **changes,
        }
    )
