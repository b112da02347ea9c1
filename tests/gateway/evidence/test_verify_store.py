"""The offline verifier on a store: every kind of damage is reported with its place, and a sound log is not accused."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.evidence.entry import Entry, encode_entry, format_instant
from gateway.evidence.note import SigningKey
from gateway.evidence.tree import leaf_hash
from gateway.evidence.verify import CannotReadError, Key, TamperingError, examine, verify
from schemas.ids import EntryId, new_id

COLUMNS = {
    "entries": ("id", "tree_index", "kind", "recorded_at", "body", "leaf_hash"),
    "checkpoints": ("tree_size", "root_hash", "note", "created_at"),
}


@pytest.fixture
def keys(log):
    return [trusted(log.key)]


@pytest.fixture
def store(sound_store, tmp_path):
    return shutil.copy(sound_store, tmp_path / "copy.db") and tmp_path / "copy.db"


def trusted(key):
    public = key.verifier()
    return Key(public.name, public.type, public.public)


def change(store, *statements):
    with closing(sqlite3.connect(store)) as connection:
        for statement in statements:
            sql, parameters = statement if isinstance(statement, tuple) else (statement, ())
            connection.execute(sql, parameters)
        connection.commit()


def found(report):
    return {(*finding.place[:2], finding.code) for finding in report.findings}


def contents(store):
    with closing(sqlite3.connect(f"file:{store}?mode=ro&immutable=1", uri=True)) as connection:
        connection.text_factory = bytes
        return [
            sorted(connection.execute(f"SELECT * FROM {table} NOT INDEXED").fetchall(), key=repr) for table in COLUMNS
        ]


def outcome(store, keys):
    """The report, or the code by which the verifier says that it cannot read this at all."""
    try:
        return examine(store, keys)
    except CannotReadError as error:
        return error.code


def contents_unreadable(store):
    try:
        contents(store)
    except sqlite3.DatabaseError:
        return True
    return False


def test_a_sound_log_holds(store, log, keys):
    report = examine(store, keys, [log.checkpoints[1].note])
    assert report.findings == []
    assert (report.entries, report.unsequenced, report.checkpoints, report.covered) == (12, 1, 3, 12)
    assert report.origin == "mezhved.test/log"
    assert report.notices == [("unsequenced", {"count": 1})]
    assert report.exit_code == 0


def test_the_check_leaves_no_trace_beside_the_store(store, keys):
    before = {path.name: path.stat().st_mtime_ns for path in store.parent.iterdir()}
    examine(store, keys)
    assert {path.name: path.stat().st_mtime_ns for path in store.parent.iterdir()} == before


def test_a_live_store_is_read_with_what_is_still_in_its_write_ahead_log(store, log, keys):
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("UPDATE entries SET kind = 'log.read' WHERE tree_index = 3")
        connection.commit()
        assert ("entry", "3", "column_differs") in found(examine(store, keys))


# Each row: what a forger does, and everything the verifier says: place and code.
DAMAGE = {
    "an entry removed": (
        ["DELETE FROM entries WHERE tree_index = 5"],
        {("log", "index_gap"), ("checkpoint", "8", "root_differs"), ("log", "later_roots_differ")},
    ),
    "an entry removed and the rest renumbered": (
        [
            "DELETE FROM entries WHERE tree_index = 5",
            "UPDATE entries SET tree_index = tree_index - 1 WHERE tree_index > 5",
        ],
        {("checkpoint", "8", "root_differs"), ("checkpoint", "12", "tail_cut")},
    ),
    "two entries swapped": (
        [
            "UPDATE entries SET tree_index = -1 WHERE tree_index = 5",
            "UPDATE entries SET tree_index = 5 WHERE tree_index = 6",
            "UPDATE entries SET tree_index = 6 WHERE tree_index = -1",
        ],
        {("checkpoint", "8", "root_differs"), ("log", "later_roots_differ")},
    ),
    "the bodies of two entries swapped": (
        [
            "CREATE TEMP TABLE held AS SELECT tree_index, body FROM entries WHERE tree_index IN (5, 6)",
            (
                "UPDATE entries SET body = (SELECT body FROM held WHERE held.tree_index = 11 - entries.tree_index)"
                " WHERE tree_index IN (5, 6)"
            ),
        ],
        {("entry", index, code) for index in "56" for code in ("bytes_altered", "column_differs")},
    ),
    "an entry taken out of the tree": (
        ["UPDATE entries SET tree_index = NULL WHERE tree_index = 11"],
        {("checkpoint", "12", "tail_cut")},
    ),
    "the waiting entry put into the tree": (
        ["UPDATE entries SET tree_index = 13 WHERE tree_index IS NULL"],
        {("log", "index_gap")},
    ),
    "the tail cut": (
        ["DELETE FROM entries WHERE tree_index >= 9"],
        {("checkpoint", "12", "tail_cut")},
    ),
    "every checkpoint removed": (["DELETE FROM checkpoints"], {("log", "no_checkpoint")}),
    "a checkpoint's time changed": (
        ["UPDATE checkpoints SET created_at = '2026-01-31T09:08:01.000000Z' WHERE tree_size = 8"],
        {("checkpoint", "8", "checkpoint_column")},
    ),
    "a checkpoint's columns swapped with another's": (
        [
            (
                "UPDATE checkpoints SET tree_size = 8, root_hash = (SELECT root_hash FROM checkpoints WHERE tree_size = 8)"
                " WHERE tree_size = 4"
            ),
        ],
        {("checkpoint", "4", "checkpoint_column")},
    ),
    "an index that is no number": (
        ["UPDATE entries SET tree_index = 'five' WHERE tree_index = 11"],
        {("waiting", "column_type"), ("checkpoint", "12", "tail_cut")},
    ),
    "a body that became text": (
        ["UPDATE entries SET body = CAST(body AS TEXT) WHERE tree_index = 2"],
        {("entry", "2", "column_type")},
    ),
    "a leaf hash emptied": (
        ["UPDATE entries SET leaf_hash = NULL WHERE tree_index = 2"],
        {("entry", "2", "column_type")},
    ),
    "the waiting entry's kind changed": (
        ["UPDATE entries SET kind = 'log.read' WHERE tree_index IS NULL"],
        {("waiting", "column_differs")},
    ),
    "a table dropped": (
        ["DROP TABLE entries"],
        {("file", "store_damaged"), *(("checkpoint", n, "tail_cut") for n in ("4", "8", "12"))},
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_reported_with_its_place(name, store, keys):
    statements, expected = DAMAGE[name]
    change(store, *statements)
    report = examine(store, keys)
    places = {
        (*place[:2], code) if place[0] in ("entry", "checkpoint") else (place[0], code)
        for place, code, _ in report.findings
    }
    assert places == expected
    assert report.exit_code == 1
    for language in ("ru", "en"):
        assert all(finding.text(language) in report.text(language) for finding in report.findings)


@pytest.mark.parametrize("index", range(12))
def test_an_entry_written_anew_with_its_columns_is_narrowed_down_to_its_checkpoint(index, store, log, keys):
    old = log.entries[index]
    data = encode_entry(Entry(old.id, old.kind, old.at, {"number": index, "rulings": {}}))
    change(store, ("UPDATE entries SET body = ?, leaf_hash = ? WHERE tree_index = ?", (data, leaf_hash(data), index)))
    first = index // 4 * 4
    finding = examine(store, keys).findings[0]
    assert (finding.place, finding.code) == (("checkpoint", str(first + 4)), "root_differs")
    assert finding.params == {"first": first, "last": first + 3}


def test_an_entry_slipped_in_is_noticed(store, log, keys):
    entry = Entry(EntryId(new_id()), log.entries[0].kind, log.entries[0].at, {})
    data = encode_entry(entry)
    row = (entry.id, 6, entry.kind.value, format_instant(entry.at), data, leaf_hash(data))
    move = [
        "UPDATE entries SET tree_index = -tree_index - 1 WHERE tree_index >= 6",
        "UPDATE entries SET tree_index = -tree_index WHERE tree_index < 0",
    ]
    change(store, *move, ("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", row))
    assert found(examine(store, keys)) == {("checkpoint", "8", "root_differs"), ("log", "later_roots_differ")}


@pytest.mark.parametrize(("table", "column"), [("entries", "tree_index"), ("checkpoints", "tree_size")])
def test_an_index_that_still_tells_the_old_story_does_not_help(table, column, store, keys):
    """The table is changed behind the back of its index, as somebody with a hex editor would."""
    with closing(sqlite3.connect(store)) as connection:
        index = connection.execute("SELECT * FROM sqlite_master WHERE name = ?", (f"ix_{table}_{column}",)).fetchone()
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = ?", (index[1],))
        connection.commit()
    change(store, f"UPDATE {table} SET {column} = {column} + 20 WHERE {column} = 8")
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", index)
        connection.commit()
    assert not examine(store, keys).holds


def test_an_entry_entered_twice_is_noticed(store, log, keys):
    row = (new_id(), 12, log.entries[3].kind.value, format_instant(log.entries[3].at), log.data[3], log.leaves[3])
    change(store, ("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", row))
    report = examine(store, keys)
    assert found(report) == {("entry", "12", "id_repeated"), ("entry", "12", "column_differs")}
    assert ("uncovered", {"count": 1}) in report.notices


def test_a_fork_is_noticed(store, log, keys):
    log_of_another_day = log.checkpoint(7)
    change(store, ("INSERT INTO checkpoints VALUES (?, ?, ?, ?)", row_of(log_of_another_day, tree_size=7)))
    assert examine(store, keys).holds
    forged = type(log)(log.key).checkpoint(7)
    change(store, ("INSERT INTO checkpoints VALUES (?, ?, ?, ?)", row_of(forged, tree_size=7)))
    assert found(examine(store, keys)) == {("checkpoint", "7", "fork")}


def test_a_checkpoint_of_a_foreign_key_is_noticed(store, log, keys):
    namesake, other = SigningKey.generate("mezhved.test/log"), SigningKey.generate("other.test/log")
    for key, code in ((namesake, "not_signed"), (other, "origin_foreign")):
        change(store, "DELETE FROM checkpoints WHERE tree_size = 10")
        change(store, ("INSERT INTO checkpoints VALUES (?, ?, ?, ?)", row_of(log.checkpoint(10, key))))
        assert found(examine(store, keys)) == {("checkpoint", "10", code)}
    assert found(examine(store, [trusted(other)])) >= {
        ("checkpoint", size, "origin_foreign") for size in ("4", "8", "12")
    }


def test_a_tail_cut_with_its_checkpoints_shows_only_against_an_outside_checkpoint(store, log, keys):
    change(store, "DELETE FROM entries WHERE tree_index >= 8", "DELETE FROM checkpoints WHERE tree_size > 8")
    alone = examine(store, keys)
    assert alone.holds
    assert ("no_outside", {}) in alone.notices
    report = examine(store, keys, [log.checkpoints[2].note])
    assert found(report) == {("outside", "1", "tail_cut")}
    assert "хвост отрезан" in report.text("ru")


def test_a_history_written_anew_with_the_stolen_key_shows_against_an_outside_checkpoint(log, keys, tmp_path):
    store = type(log)(log.key).store(tmp_path / "rewritten.db")
    assert examine(store, keys).holds
    assert found(examine(store, keys, [log.checkpoint(7).note])) == {("outside", "1", "outside_differs")}
    assert ("outside", "1", "outside_differs") in found(examine(store, keys, [log.checkpoints[1].note]))


def test_an_outside_checkpoint_of_another_log_is_not_taken(store, log, keys):
    foreign = log.checkpoint(8, SigningKey.generate("other.test/log"))
    assert found(examine(store, keys, [foreign.note])) == {("outside", "1", "origin_foreign")}


def row_of(signed, **columns):
    stated = signed.checkpoint
    row = {
        "tree_size": stated.tree_size,
        "root": stated.root_hash,
        "note": signed.note,
        "at": format_instant(signed.signed_at),
    }
    return tuple((row | columns).values())


def changed_cells(value):
    """The cell with one byte changed: at its start, in its middle, at its end."""
    if isinstance(value, int):
        return [value + 1, value + 256]
    if isinstance(value, str):
        return [
            value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1 :]
            for at in (0, len(value) // 2, len(value) - 1)
        ]
    return [value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :] for at in (0, len(value) // 2, len(value) - 1)]


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, columns in COLUMNS.items() for column in columns]
)
def test_one_byte_in_any_column_of_any_row_is_reported_with_its_place(table, column, store, keys):
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("DROP INDEX ix_entries_tree_index")
        where = "tree_index" if table == "entries" else "tree_size"
        rows = connection.execute(
            f"SELECT rowid, {where}, {column}, id FROM {table}"
            if table == "entries"
            else f"SELECT rowid, {where}, {column}, 0 FROM {table}"
        ).fetchall()
        for rowid, number, value, name in rows:
            for altered in changed_cells(value) if value is not None else []:
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (altered, rowid))
                connection.commit()
                findings = examine(store, keys).findings
                here = {"checkpoints": ("checkpoint", str(number))}.get(table, ("entry", str(number)))
                if number is None:
                    here = ("waiting", name)
                if column == "tree_index":
                    assert ("log",) in {finding.place for finding in findings} or findings[0].code in (
                        "index_repeated",
                        "tail_cut",
                    )
                elif column == "note":
                    assert any(finding.place[0] == "checkpoint" for finding in findings)
                elif column == "id" and number is None:
                    assert [finding.code for finding in findings] == ["column_differs"]
                else:
                    assert here in {finding.place[:2] for finding in findings}
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, rowid))
                connection.commit()
    assert examine(store, keys).holds


def test_a_row_that_a_page_hides_is_missed(sound_store, keys, tmp_path):
    """One bit of the number of cells of a page takes the newest entry out of sight: it waits to be placed, no tree knows it."""
    stored = sound_store.read_bytes()
    hidden = []
    for page in range(4096, len(stored), 4096):
        damaged = tmp_path / "damaged.db"
        damaged.write_bytes(stored[: page + 4] + bytes([stored[page + 4] ^ 1]) + stored[page + 5 :])
        report = outcome(damaged, keys)
        if report != "not_a_log" and report.findings and report.findings[0].code == "rows_differ_from_index":
            hidden.append(page)
            assert "entries" in report.text("en")
        assert report == "not_a_log" or not report.holds or contents(damaged) == contents(sound_store)
    assert hidden, "no page hid a row: this tries nothing"


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_bit_of_the_file_is_either_reported_or_no_part_of_the_evidence(sound_store, keys, tmp_path, data):
    stored = sound_store.read_bytes()
    position, bit = data.draw(st.integers(0, len(stored) - 1)), data.draw(st.integers(0, 7))
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(stored[:position] + bytes([stored[position] ^ (1 << bit)]) + stored[position + 1 :])
    report = outcome(damaged, keys)
    if report == "not_a_log":
        assert position < 16 or contents_unreadable(damaged)
        return
    assert report.text("ru")
    assert report.text("en")
    if report.holds:
        assert contents(damaged) == contents(sound_store)


@pytest.mark.parametrize("size", [0, 10, 16, 100, 4096, 8192, 12288])
def test_a_truncated_store_gives_a_finding_or_is_no_store(size, sound_store, keys, tmp_path):
    cut = tmp_path / "cut.db"
    cut.write_bytes(sound_store.read_bytes()[:size])
    report = outcome(cut, keys)
    assert report == "not_a_log" if size < 16 else not report.holds


def test_without_a_key_only_self_consistency_is_said(store, keys):
    report = examine(store, None)
    assert report.holds
    assert [code for code, _ in report.notices][:2] == ["self_consistency", "unsigned"]
    change(store, "UPDATE entries SET kind = 'log.read' WHERE tree_index = 1")
    assert ("entry", "1", "column_differs") in found(examine(store, None))


def test_verify_raises_what_examine_reports(store, keys):
    assert verify(store, keys).holds
    change(store, "DELETE FROM entries WHERE tree_index = 5")
    with pytest.raises(TamperingError, match="no entries with tree index 5–5") as raised:
        verify(store, keys)
    assert not raised.value.report.holds


def test_progress_is_told_on_long_logs(tmp_path, log, keys):
    store = tmp_path / "long.db"
    log.store(store)
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("DELETE FROM entries")
        rows = ((f"{n}", n, "log.read", "", b"{}", b"") for n in range(2500))
        connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.commit()
    told = []
    report = examine(store, keys, progress=told.append)
    assert told == [1000, 2000]
    assert len(report.findings) == 1000
    assert report.more > 0
    assert f"{report.more} more findings" in report.text("en")


def test_another_database_is_no_log(tmp_path, keys):
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE people (name TEXT)")
    with pytest.raises(CannotReadError, match="not_a_log"):
        examine(other, keys)
