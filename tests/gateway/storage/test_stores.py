"""One suite for the ports on both stores: SQLite and PostgreSQL."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.operations import Operations
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect
from sqlalchemy.exc import OperationalError

from gateway.storage.engine import open_engine
from gateway.storage.migrate import migrate, require_current, revisions
from gateway.use_cases.house import House
from gateway.use_cases.values import Client, Organisation, Person, ReceiptOnFile
from schemas.errors import Broken, Conflict, Contended
from schemas.ids import ClientId, OrganisationId, PersonId, SubjectId, new_id
from schemas.lifecycle import Event, State
from tests import builders
from tests.builders import NOW, Town, consent, ogrn, organisation, publish, record, referral, system_of


def test_an_organisation_is_found_by_id_and_by_ogrn(house: House) -> None:
    made = organisation(house, "ngo", "Фонд", district="ВАО", registers=("prevention_register",))
    with house.store.reading() as unit:
        assert unit.participants.organisation(made.id) == made
        assert unit.participants.organisation_by_ogrn(made.ogrn) == made
        assert unit.participants.organisations() == [made]


def test_the_same_ogrn_twice_is_a_conflict_and_leaves_one(house: House) -> None:
    made = organisation(house, "ngo", "Фонд")
    with pytest.raises(Conflict, match="organisation_exists"), house.store.writing() as unit:
        unit.participants.add_organisation(replace(made, id=OrganisationId(new_id())))
    with house.store.reading() as unit:
        assert len(unit.participants.organisations()) == 1


def test_a_unit_that_raises_leaves_nothing(house: House) -> None:
    made = Organisation(OrganisationId(new_id()), "ngo", "Фонд", ogrn())
    with pytest.raises(ZeroDivisionError), house.store.writing() as unit:
        unit.participants.add_organisation(made)
        _ = 1 // 0
    with house.store.reading() as unit:
        assert unit.participants.organisation(made.id) is None


def test_people_roles_and_sessions(house: House) -> None:
    made = organisation(house, "ngo", "Фонд")
    person = Person(PersonId(new_id()), made.id, "a.b", "А. Б.", "hash", frozenset({"dpo", "head"}))
    with house.store.writing() as unit:
        unit.participants.add_person(person)
        unit.participants.add_session("digest", person.id, NOW, NOW + timedelta(hours=1))
    with house.store.reading() as unit:
        assert unit.participants.person_by_login("a.b") == person
        assert unit.participants.session_person("digest", NOW) == person
        assert unit.participants.session_person("digest", NOW + timedelta(hours=1)) is None
        assert unit.participants.session_person("other", NOW) is None
    with house.store.writing() as unit:
        unit.participants.end_session("digest")
    with house.store.reading() as unit:
        assert unit.participants.session_person("digest", NOW) is None


def test_an_assertion_is_remembered_until_it_expires(house: House) -> None:
    made = organisation(house, "ngo", "Фонд")
    client = Client(ClientId("c"), made.id, "c", {"keys": []}, ("messages.read",))
    with house.store.writing() as unit:
        unit.participants.add_client(client)
        assert unit.participants.client(client.id) == client
        assert unit.participants.remember_assertion(client.id, "j", NOW + timedelta(minutes=1), NOW)
        assert not unit.participants.remember_assertion(client.id, "j", NOW + timedelta(minutes=1), NOW)
    later = NOW + timedelta(minutes=2)
    with house.store.writing() as unit:
        assert unit.participants.remember_assertion(client.id, "j", later + timedelta(minutes=1), later)


def test_versions_move_with_every_fact_and_only_with_it(town: Town) -> None:
    published = publish(town)
    subject = published.subjects[0]
    house = town.house

    def version() -> int:
        with house.store.reading() as unit:
            gathered = unit.facts.of_cases(town.guardianship.id, [published.case_id], NOW)
        return gathered.versions.get(f"subject:{subject}", 0)

    consent(town, town.guardianship)
    first = version()
    assert version() == first
    record(house, subject, "location_protected", town.ngo)
    assert version() == first + 1


def test_a_changed_version_is_seen_by_the_check(town: Town) -> None:
    published = publish(town)
    consent(town, town.guardianship)
    with town.house.store.reading() as unit:
        gathered = unit.facts.of_cases(town.guardianship.id, [published.case_id], NOW)
    with town.house.store.writing() as unit:
        assert unit.facts.unchanged(gathered.versions)
    with town.house.store.writing() as unit:
        unit.facts.bump([f"subject:{published.subjects[0]}"])
    with town.house.store.writing() as unit:
        assert not unit.facts.unchanged(gathered.versions)


def test_writers_do_not_lose_updates(house: House) -> None:
    """Read-modify-write from several threads: every step counts (SQLite's default BEGIN lost some of these)."""
    made = organisation(house, "ngo", "Фонд")
    key, rounds, threads = f"organisation:{made.id}", 12, 3

    def work() -> None:
        for _ in range(rounds):
            with house.store.writing() as unit:
                unit.facts.bump([key])

    running = [threading.Thread(target=work) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    with house.store.writing() as unit:
        assert unit.facts.unchanged({key: 1 + rounds * threads})


def test_a_new_version_of_a_summary_replaces_the_current_one_and_keeps_the_old(town: Town) -> None:
    first = publish(town)
    second = publish(town)
    assert (first.case_id, first.version, second.version) == (second.case_id, 1, 2)
    consent(town, town.guardianship)
    with town.house.store.reading() as unit:
        (case,) = unit.facts.of_related_page(town.guardianship.id, None, 10, NOW).cases
        assert case.summary is not None
        assert case.summary.version == 2
        assert unit.summaries.sections([case.summary.id], ["ID"])
        assert {s.category for s in unit.summaries.sections([case.summary.id], ["ID"])} == {"ID"}


def test_a_page_of_related_cases_goes_on_after_its_cursor(town: Town) -> None:
    for number in range(5):
        publish(town, ref=f"K-{number}", case=f"C-{number}", identifiers={"snils": f"1122334459{number}"})
        consent(town, town.guardianship, ref=f"K-{number}")
    with town.house.store.reading() as unit:
        first = unit.facts.of_related_page(town.guardianship.id, None, 3, NOW).cases
        rest = unit.facts.of_related_page(town.guardianship.id, first[-1].case_id, 3, NOW).cases
    seen = [case.case_id for case in (*first, *rest)]
    assert len(seen) == 5
    assert seen == sorted(set(seen))


def test_outbox_and_receipts(town: Town) -> None:
    from gateway.use_cases.submit_message import submit_message

    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    sent = submit_message(town.house, system_of(town.centre), referral(town.centre, town.ngo), NOW).message
    with town.house.store.writing() as unit:
        assert unit.messages.waiting(NOW)
        ((position, message),) = unit.messages.due(10, NOW)
        assert message.id == sent.id
        unit.messages.advance(message.id, ReceiptOnFile(State.DELIVERED, NOW, None, "gateway", event=Event.DELIVER))
        unit.messages.done(position, NOW)
    with town.house.store.reading() as unit:
        assert not unit.messages.waiting(NOW)
        found = unit.messages.get(sent.id, town.centre.id, NOW)
        assert found is not None
        assert [receipt.state for receipt in found.receipts] == [State.SUBMITTED, State.DELIVERED]
        assert unit.messages.by_operation(town.centre.id, sent.operation_id, NOW) == found
        assert [m.id for m in unit.messages.queue(town.ngo.id, "inbox", None, 10, NOW)] == [sent.id]
        assert unit.messages.queue(town.ngo.id, "outbox", None, 10, NOW) == []


def test_migrations_go_up_and_down(house: House) -> None:
    data, keys = house.store.engine, house.vault._keys.engine  # type: ignore[attr-defined]
    require_current(data, keys)
    migrate(data, "data", "base")
    assert revisions(data, "data")[0] is None
    with pytest.raises(Broken, match="store_"):
        require_current(data, keys)
    migrate(data, "data")
    migrate(keys, "keys", "base")
    migrate(keys, "keys")
    require_current(data, keys)


def test_a_store_of_a_newer_version_is_refused(house: House) -> None:
    from sqlalchemy import text

    data, keys = house.store.engine, house.vault._keys.engine  # type: ignore[attr-defined]
    with data.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Broken, match="store_newer"):
        require_current(data, keys)
    with pytest.raises(Broken, match="store_newer"):
        migrate(data, "data")


def test_models_and_migrations_agree(house: House) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from gateway.storage import tables

    for engine, metadata in (
        (house.store.engine, tables.metadata),  # type: ignore[attr-defined]
        (house.vault._keys.engine, tables.key_metadata),  # type: ignore[attr-defined]
    ):
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_an_address_nobody_can_open_is_named(tmp_path: Path) -> None:
    from schemas.errors import BadInput

    with pytest.raises(BadInput, match="store_address_invalid"):
        open_engine("no address at all")
    with pytest.raises(BadInput, match="store_address_invalid"):
        open_engine("oracle://x")
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(Broken, match="folder_not_writable"):
        open_engine(f"sqlite:///{blocked}/x/data.sqlite")


def test_a_key_store_that_is_cut_off_is_an_error_with_a_code(house: House) -> None:
    """As when its server restarts in the middle of a deed: the driver's own text goes no further (law 8)."""
    keys = house.vault._keys  # type: ignore[attr-defined]
    if keys.engine.dialect.name == "postgresql":
        with pytest.raises(Broken, match="store_failed"), keys._writing() as connection:
            _cut(keys.engine, connection)
            connection.exec_driver_sql("SELECT 1")
    else:
        with pytest.raises(Broken, match="store_failed"), keys._writing() as connection:
            connection.exec_driver_sql("SELECT * FROM a_table_that_is_gone")


def test_connections_that_died_in_the_pool_are_not_noticed_by_anybody(house: House) -> None:
    """A restart of the database cuts every connection that waits in the pool; the next question and the next deed take new
    ones, of both stores."""
    made = organisation(house, "ngo", "Фонд")
    subject = SubjectId(new_id())
    keys, store = house.vault._keys, house.store  # type: ignore[attr-defined]
    keys.create_subject_key(subject)
    for use in (
        lambda: keys.subject_keys([subject]),
        lambda: keys.create_subject_key(SubjectId(new_id())),
        lambda: _name_of(house, made.id),
        lambda: _bump(house, f"organisation:{made.id}"),
    ):
        for engine in (store.engine, keys.engine):
            engine.dispose()
            if engine.dialect.name != "postgresql":
                continue
            held = [engine.connect() for _ in range(3)]
            for connection in held:
                _cut(engine, connection)
            for connection in held:
                connection.close()
        use()
    assert _name_of(house, made.id) == "Фонд"
    assert set(keys.subject_keys([subject])) == {subject}


def _name_of(house: House, organisation_id: OrganisationId) -> str:
    with house.store.reading() as unit:
        found = unit.participants.organisation(organisation_id)
    assert found is not None
    return found.name


def _bump(house: House, key: str) -> None:
    with house.store.writing() as unit:
        unit.facts.bump([key])


def _cut(engine: Engine, connection: Connection) -> None:
    """As the end of its server does: the client learns of it with its next word."""
    number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    other = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with other.connect() as killer:
        killer.exec_driver_sql(f"SELECT pg_terminate_backend({number}, 5000)")


def test_a_migration_that_fails_half_way_leaves_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """All scripts of one run are one transaction: the store stays at the version that the old program still runs with."""
    engine = house.store.engine  # type: ignore[attr-defined]
    before, tables = revisions(engine, "data"), sorted(inspect(engine).get_table_names())
    monkeypatch.setattr(Operations, "drop_table", _fails_at(Operations.drop_table, 3), raising=True)
    with pytest.raises(ZeroDivisionError):
        migrate(engine, "data", "base")
    assert revisions(engine, "data") == before
    assert sorted(inspect(engine).get_table_names()) == tables


def _fails_at(done: Callable[..., object], time: int) -> Callable[..., object]:
    calls = itertools.count(1)

    def do(*args: object, **given: object) -> object:
        return 1 // 0 if next(calls) == time else done(*args, **given)

    return do


def test_a_locked_key_store_is_busy_as_the_data_store_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else writes for longer than one waits: it is safe to repeat, and the answer says so."""
    monkeypatch.setattr("gateway.storage.engine.BUSY_SECONDS", 0.05)
    house = builders.sqlite_house(tmp_path)
    keys = house.vault._keys  # type: ignore[attr-defined]
    with sqlite3.connect(tmp_path / "keys.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Contended, match="store_busy"):
            keys.create_subject_key(SubjectId(new_id()))
        with pytest.raises(Contended, match="store_busy"):
            keys.destroy(SubjectId(new_id()), now=builders.NOW, reason="test")
        other.execute("ROLLBACK")
    other.close()
    keys.create_subject_key(SubjectId(new_id()))
    house.store.engine.dispose()  # type: ignore[attr-defined]
    keys.engine.dispose()


def test_what_a_failed_commit_leaves_is_not_committed_by_the_next(house: House) -> None:
    """The connection goes back into the pool: nothing of the unit that failed is in it."""
    made = organisation(house, "ngo", "Фонд")
    engine = house.store.engine  # type: ignore[attr-defined]

    def refuse(_connection: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    event.listen(engine, "commit", refuse)
    try:
        with pytest.raises(Broken, match="store_failed"), house.store.writing() as unit:
            unit.participants.add_organisation(replace(made, id=OrganisationId(new_id()), ogrn=ogrn()))
    finally:
        event.remove(engine, "commit", refuse)
    for _ in range(3):
        with house.store.writing() as unit:
            assert len(unit.participants.organisations()) == 1
