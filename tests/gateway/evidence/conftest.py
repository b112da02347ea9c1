"""A small log as the product keeps it: a store built with the standard library alone, its export, its keys."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.evidence.checkpoint import sign_checkpoint
from gateway.evidence.entry import Entry, encode_entry, format_instant
from gateway.evidence.events import EventKind
from gateway.evidence.export import SequencedEntry, export_lines
from gateway.evidence.note import SigningKey
from gateway.evidence.tree import Frontier, leaf_hash
from schemas.ids import EntryId, new_id

START = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
SEQUENCED = 12
SIZES = (4, 8, 12)
TABLES = """
CREATE TABLE entries (id TEXT PRIMARY KEY, tree_index INTEGER, kind TEXT, recorded_at TEXT, body BLOB, leaf_hash BLOB);
CREATE UNIQUE INDEX ix_entries_tree_index ON entries (tree_index);
CREATE TABLE checkpoints (tree_size INTEGER, root_hash BLOB, note TEXT, created_at TEXT);
CREATE INDEX ix_checkpoints_tree_size ON checkpoints (tree_size);
"""


@dataclass
class SmallLog:
    """Twelve entries in the tree under checkpoints 4, 8 and 12, and one entry that waits."""

    key: SigningKey
    count: int = SEQUENCED + 1
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self):
        kinds = list(EventKind)
        for number in range(self.count):
            at = START + timedelta(seconds=number)
            body = {"number": number, "rulings": {"ID": "P", "HLT": "D"}, "words": "ё" * number}
            self.entries.append(Entry(EntryId(new_id()), kinds[number % len(kinds)], at, body))
        self.sign()

    def sign(self):
        self.data = [encode_entry(entry) for entry in self.entries]
        self.leaves = [leaf_hash(data) for data in self.data]
        self.checkpoints = [
            sign_checkpoint(Frontier().append(self.leaves[:size]), self.key, now=START + timedelta(minutes=size))
            for size in SIZES
        ]

    def checkpoint(self, size, key=None):
        return sign_checkpoint(Frontier().append(self.leaves[:size]), key or self.key, now=START)

    def store(self, path: Path) -> Path:
        with closing(sqlite3.connect(path)) as store:
            store.executescript(TABLES)
            for number, (entry, data, leaf) in enumerate(zip(self.entries, self.data, self.leaves, strict=True)):
                index = number if number < SEQUENCED else None
                row = (entry.id, index, entry.kind.value, format_instant(entry.at), data, leaf)
                store.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", row)
            for signed in self.checkpoints:
                stated = signed.checkpoint
                row = (stated.tree_size, stated.root_hash, signed.note, format_instant(signed.signed_at))
                store.execute("INSERT INTO checkpoints VALUES (?, ?, ?, ?)", row)
            store.commit()
        return path

    def export(self) -> list[str]:
        rows = [SequencedEntry(number, self.data[number], self.leaves[number]) for number in range(SEQUENCED)]
        return list(
            export_lines(self.key.verifier(), rows, [signed.note for signed in self.checkpoints], unsequenced=1)
        )


@pytest.fixture(scope="session")
def log():
    return SmallLog(SigningKey.generate("mezhved.test/log"))


@pytest.fixture(scope="session")
def sound_store(log, tmp_path_factory):
    return log.store(tmp_path_factory.mktemp("log") / "mezhved.db")


@pytest.fixture
def key_file(log, tmp_path):
    path = tmp_path / "log.pub"
    path.write_text(f"# ключ журнала\n{log.key.verifier().encode()}\n", "utf-8")
    return path
