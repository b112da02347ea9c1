"""Verify a Mezhved log, offline: an export, a store (SQLite file) or the proof of one entry.

One file on purpose, longer than its neighbours: standard library and one Ed25519 check (`cryptography`), nothing of ours,
so that a court's expert can read it whole and run it alone:

    python verify.py FILE --key KEYFILE [--checkpoint NOTE ...]
    python verify.py --proof FILE --key KEYFILE [--checkpoint NOTE ...]

What is verified, in this order (docs/evidence.md says the formats):

 (1) The keys come from outside the file. A line of type 1 is the key of a log, its name the origin; type 4 a witness.
 (2) Every checkpoint, in the file or given from outside: a signed note, of our origin, signed and time-stamped by the
     log's key; the columns beside it repeat what it says. No two of one size differ (a fork).
 (3) Every entry: its bytes are the canonical JSON of an entry, the columns beside it repeat them, the leaf hash recorded
     is theirs, its id occurs once.
 (4) Tree indexes run from 0 without a gap or repetition.
 (5) The tree rebuilt from the bytes has, at the size of each checkpoint, the root that was signed; and there are as many
     entries as the largest checkpoint says (a tail that was cut together with its checkpoints shows only against a
     checkpoint kept outside).
 (6) Entries not yet in the tree, or not yet under a checkpoint, are checked alone and counted: nobody vouches for them.

What is not verified: whether what an entry says is true, and whether every act was entered. Exit codes: 0 holds,
1 tampering or damage found, 2 cannot read.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

ED25519: Final = 1
COSIGNATURE: Final = 4
HASH_SIZE: Final = 32
MAX_FINDINGS: Final = 1000
HEADER_FIELDS: Final = 5  # format, v, origin, key, unsequenced
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KIND = re.compile(r"[a-z_]+\.[a-z_]+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Progress = Callable[[int], None]
Place = tuple[str, ...]


# --- words -----------------------------------------------------------------------------------------------------------

PLACES: Final = {
    "file": ("файл", "file"),
    "line": ("строка {0}", "line {0}"),
    "entry": ("запись {0} (id {1})", "entry {0} (id {1})"),
    "waiting": ("запись вне дерева (id {0})", "entry outside the tree (id {0})"),
    "log": ("журнал", "log"),
    "checkpoint": ("контрольная точка {0}", "checkpoint {0}"),
    "outside": ("внешняя контрольная точка {0}", "outside checkpoint {0}"),
    "proof": ("доказательство", "proof"),
}

FINDINGS: Final = {
    "store_damaged": (
        "хранилище повреждено и дальше не читается (прочитано строк: {after})",
        "the store is damaged and cannot be read further (rows read: {after})",
    ),
    "rows_differ_from_index": (
        "таблица {table} не сходится со своими указателями: строк в ней недостаёт или есть лишние",
        "table {table} does not agree with its indexes: it lacks rows, or has too many",
    ),
    "header_differs": (
        "заголовок называет не тот журнал или ключ, которому вы доверяете, или искажён",
        "the header names another log or key than the one you trust, or is malformed",
    ),
    "line_unreadable": ("строка не из этого формата", "this is not a line of this format"),
    "column_type": ("столбец {column} хранит не тот тип значения", "column {column} holds a value of the wrong type"),
    "column_differs": (
        "столбец {column} не совпадает с байтами самой записи",
        "column {column} differs from what the entry's own bytes say",
    ),
    "not_canonical": (
        "байты не являются каноническим JSON записи ({reason})",
        "its bytes are not the canonical JSON of an entry ({reason})",
    ),
    "id_repeated": ("такой id уже был у другой записи", "its id was already used by another entry"),
    "index_repeated": ("номер в дереве повторяется", "its tree index is repeated"),
    "index_gap": (
        "нет записей с номерами {first}–{last}: удалены или перенумерованы",
        "no entries with tree index {first}–{last}: removed or renumbered",
    ),
    "bytes_altered": (
        "байты не дают записанного хеша листа, а подписан он (точка {size}): изменены байты записи",
        "its bytes do not give the leaf hash recorded, which is the one signed (checkpoint {size}): the bytes were altered",
    ),
    "leaf_altered": (
        "хеш листа не от этих байтов, а подписаны они (точка {size}): изменён столбец leaf_hash",
        "the leaf hash is not that of its bytes, which are what was signed (checkpoint {size}): column leaf_hash was altered",
    ),
    "leaf_differs": (
        "байты не дают записанного хеша листа, и подпись не подтверждает ни их, ни его",
        "its bytes do not give the leaf hash recorded, and no signature confirms either",
    ),
    "root_differs": (
        "подписано другое дерево: среди записей {first}–{last} что-то изменено, удалено, добавлено или переставлено",
        "another tree was signed: among entries {first}–{last} something was altered, removed, added or swapped",
    ),
    "later_roots_differ": (
        "не сходятся и следующие контрольные точки ({count}): их расхождения отсюда не отделить",
        "later checkpoints do not match either ({count}); their differences cannot be told apart from here",
    ),
    "outside_differs": (
        "подписана для другого журнала: история переписана или раздвоена",
        "it was signed for another log than this: history was rewritten or forked",
    ),
    "tail_cut": (
        "подписано записей: {size}, а в журнале их {count}: хвост отрезан",
        "{size} entries were signed, but the log has {count}: its tail was cut",
    ),
    "fork": (
        "подписаны два разных дерева одного размера: журнал раздвоен",
        "two different trees of this size were signed: the log was forked",
    ),
    "no_checkpoint": (
        "в дереве есть записи, но нет ни одной действительной контрольной точки",
        "there are sequenced entries, but not one valid checkpoint",
    ),
    "note_malformed": ("её текст искажён", "its note is malformed"),
    "origin_foreign": ("она от чужого журнала", "it belongs to another log"),
    "not_signed": ("она не подписана ключом журнала", "it is not signed by the key of the log"),
    "signature_bad": ("подпись не сходится", "its signature does not hold"),
    "not_stamped": ("нет подписанного времени", "it has no signed time"),
    "checkpoint_column": (
        "столбец {column} не совпадает с подписанным",
        "column {column} differs from what was signed",
    ),
    "proof_malformed": ("файл искажён ({reason})", "the file is malformed ({reason})"),
    "not_included": (
        "записи нет в дереве контрольной точки {size}",
        "the entry is not in the tree of checkpoint {size}",
    ),
    "more": ("ещё находок: {count}", "{count} more findings"),
}

NOTICES: Final = {
    "self_consistency": (
        "Ключ не дан: проверено только, что файл не противоречит сам себе. Переписавший его мог и подписать его заново.",
        "No key was given: only the file's self-consistency was checked. Whoever rewrote it could also sign it again.",
    ),
    "unsigned": ("В файле нет ключа: подписи не проверены.", "The file holds no key: signatures were not checked."),
    "no_outside": (
        "Внешняя контрольная точка не дана: хвост, отрезанный вместе со своими точками, так не заметить.",
        "No outside checkpoint was given: a tail cut together with its checkpoints would not be noticed.",
    ),
    "unsequenced": ("Записей, ещё не вошедших в дерево: {count}.", "Entries not yet in the tree: {count}."),
    "uncovered": (
        "Записей после последней контрольной точки: {count}; за них пока никто не ручается.",
        "Entries after the newest checkpoint: {count}; nobody vouches for them yet.",
    ),
    "unknown_signatures": (
        "Подписей неизвестными ключами (не учтены): {count}.",
        "Signatures by unknown keys (ignored): {count}.",
    ),
    "not_comparable": (
        "Внешняя точка другого размера, чем точка доказательства: по этому файлу их не сравнить.",
        "The outside checkpoint has another size than the proof's: this file alone cannot compare them.",
    ),
}

CANNOT: Final = {
    "file_unreadable": ("Файл не открывается: {file}", "The file cannot be opened: {file}"),
    "not_a_log": (
        "Это не экспорт журнала, не хранилище и не доказательство Межведа: {file}",
        "This is no log export, store or proof of Mezhved: {file}",
    ),
    "newer_format": (
        "Версия формата {v} новее этой программы: возьмите свежий verify.py",
        "Format version {v} is newer than this program: take a fresh verify.py",
    ),
    "bad_key_file": (
        "В файле ключей нет ни одного ключа журнала (строка «имя+хеш+base64»): {file}",
        "The key file holds no key of a log (a line `name+hash+base64`): {file}",
    ),
    "no_ed25519": (
        "Для проверки подписи нужна библиотека cryptography: pip install cryptography",
        "Checking the signature needs the cryptography library: pip install cryptography",
    ),
}


class CannotReadError(Exception):
    """The check could not be made at all: nothing is said about the log. Exit code 2."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def text(self, language: str = "ru") -> str:
        return CANNOT[self.code][language != "ru"].format(**self.params)

    def __str__(self) -> str:
        return f"{self.code}: {self.text('en')}"


class TamperingError(Exception):
    """The log does not hold; `report` says where. Exit code 1."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.text("en"))
        self.report = report


class Finding(NamedTuple):
    """One thing that does not hold, and its place: ("entry", index, id), ("checkpoint", size), ("line", number), …"""

    place: Place
    code: str
    params: dict[str, str | int]

    def text(self, language: str = "ru") -> str:
        english = language != "ru"
        where = PLACES[self.place[0]][english].format(*self.place[1:])
        return f"{where}: {FINDINGS[self.code][english].format(**self.params)}"


@dataclass
class Report:
    """What was checked and what was found. `holds` is true only when nothing was found."""

    subject: str = "log"
    origin: str = ""
    entries: int = 0
    unsequenced: int = 0
    checkpoints: int = 0
    covered: int = 0  # tree size of the largest checkpoint that matches
    root: str = ""  # base64, of that checkpoint
    signed_at: str = ""
    witnesses: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    notices: list[tuple[str, dict[str, str | int]]] = field(default_factory=list)
    proved: str = ""
    more: int = 0
    unknown_signatures: int = 0

    @property
    def holds(self) -> bool:
        return not self.findings

    @property
    def exit_code(self) -> int:
        return 0 if self.holds else 1

    def find(self, place: Place, code: str, **params: str | int) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(place, code, params))
        else:
            self.more += 1

    def notice(self, code: str, **params: str | int) -> None:
        self.notices.append((code, params))

    def text(self, language: str = "ru") -> str:
        """The report for a person, one line a fact; the first line is the answer."""
        en = language != "ru"
        count = len(self.findings) + self.more
        if self.holds:
            lines = [("ЖУРНАЛ ЦЕЛ", "THE LOG HOLDS")[en] if not self.proved else ("ДОКАЗАНО", "PROVEN")[en]]
        else:
            lines = [("НАЙДЕНЫ НАРУШЕНИЯ: {0}", "TAMPERING OR DAMAGE FOUND: {0}")[en].format(count)]
        lines += [f"  - {finding.text(language)}" for finding in self.findings]
        if self.more:
            lines.append("  - " + FINDINGS["more"][en].format(count=self.more))
        if self.proved:
            lines.append(f"  {self.proved}")
        lines.append(
            (
                "  журнал: {0}; записей: {1}; контрольных точек: {2}; под подписью записей: {3}",
                "  log: {0}; entries: {1}; checkpoints: {2}; entries under a signature: {3}",
            )[en].format(self.origin or "?", self.entries, self.checkpoints, self.covered)
        )
        if self.root:
            lines.append(("  корень: {0} ({1})", "  root: {0} ({1})")[en].format(self.root, self.signed_at))
        if self.witnesses:
            lines.append(("  свидетели: {0}", "  witnesses: {0}")[en].format(", ".join(sorted(self.witnesses))))
        lines += ["  ! " + NOTICES[code][en].format(**params) for code, params in self.notices]
        return "\n".join(lines) + "\n"


# --- the tree (RFC 9162 2.1) -----------------------------------------------------------------------------------------


def _leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class _Tree:
    """Roots of complete subtrees, largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.stack: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        node, level = leaf, self.size
        while level & 1:
            node, level = _node(self.stack.pop(), node), level >> 1
        self.stack.append(node)
        self.size += 1

    def root(self) -> bytes:
        if not self.stack:
            return hashlib.sha256(b"").digest()
        node = self.stack[-1]
        for left in reversed(self.stack[:-1]):
            node = _node(left, node)
        return node

    def become(self, other: _Tree) -> None:
        self.size, self.stack = other.size, list(other.stack)


def _root_of_proof(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes | None:
    """The root that the path leads to (RFC 9162 2.1.3.2), None when the path has the wrong length."""
    at, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if at & 1 or at == last:
            node = _node(sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = _node(node, sibling)
        at, last = at >> 1, last >> 1
    return node if last == 0 else None


# --- keys and signed notes (C2SP) ------------------------------------------------------------------------------------


class Key(NamedTuple):
    """A public key: name, type (1 log, 4 witness), 32 bytes."""

    name: str
    type: int
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]


def parse_key(text: str) -> Key | None:
    """A line `name+hash+base64(type, key)`; None for anything else."""
    parts = text.split("+", 2)
    raw = _unb64(parts[2]) if len(parts) == 3 else None  # noqa: PLR2004  name, hash, key
    if raw is None or len(raw) != 1 + HASH_SIZE or raw[0] not in (ED25519, COSIGNATURE) or not parts[0]:
        return None
    key = Key(parts[0], raw[0], raw[1:])
    return key if parts[1] == key.id.hex() else None


def read_keys(path: Path) -> list[Key]:
    """(1): the keys of a file, one a line, `#` begins a comment. Raises CannotReadError."""
    text = _read_text(path)
    lines = [line.strip() for line in text.splitlines()]
    keys = [parse_key(line) for line in lines if line and not line.startswith("#")]
    known = [key for key in keys if key is not None]
    if len(known) != len(keys) or not any(key.type == ED25519 for key in known):
        raise CannotReadError("bad_key_file", file=path.name)
    return known


class Checked(NamedTuple):
    """A checkpoint whose signatures hold (or were not to be checked)."""

    origin: str
    size: int
    root: bytes
    signed_at: str
    witnesses: frozenset[str]


def _check_note(note: object, keys: list[Key] | None, place: Place, report: Report) -> Checked | None:
    """(2): one checkpoint. `keys` None: signatures are not checked. Findings go to `report`."""
    parsed = _parse_note(note)
    if parsed is None:
        report.find(place, "note_malformed")
        return None
    text, origin, size, root, lines = parsed
    if keys is None:
        return Checked(origin, size, root, "", frozenset())
    if origin not in {key.name for key in keys if key.type == ED25519}:
        report.find(place, "origin_foreign")
        return None
    # A log's key counts in both of its roles: plain signature and time stamp.
    roles = [*keys, *(key._replace(type=COSIGNATURE) for key in keys if key.type == ED25519)]
    by_id = {(key.name, key.id): key for key in roles}
    signed, stamped, witnesses = False, "", set()
    for name, key_id, signature in lines:
        key = by_id.get((name, key_id))
        if key is None:
            report.unknown_signatures += 1
            continue
        stamp = _check_signature(key, signature, text)
        if stamp is None:
            report.find(place, "signature_bad")
            return None
        if name != origin:
            witnesses.add(name)
        signed, stamped = signed or (name == origin and not stamp), stamp if name == origin and stamp else stamped
    if not (signed and stamped):
        report.find(place, "not_stamped" if signed else "not_signed")
        return None
    return Checked(origin, size, root, stamped, frozenset(witnesses))


def _parse_note(note: object) -> tuple[str, str, int, bytes, list[tuple[str, bytes, bytes]]] | None:
    if not isinstance(note, str) or not _is_text(note):
        return None
    head, blank, tail = note.rpartition("\n\n")
    text, body = head + "\n", head.split("\n")
    if not blank or not tail.endswith("\n") or any(ord(c) < ord(" ") and c != "\n" for c in note) or len(body) != 3:  # noqa: PLR2004  origin, size, root
        return None
    root = _unb64(body[2])
    if not body[0] or not re.fullmatch(r"0|[1-9][0-9]{0,18}", body[1]) or root is None or len(root) != HASH_SIZE:
        return None
    lines = []
    for line in tail.split("\n")[:-1]:
        parts = line.split(" ")
        signature = _unb64(parts[2]) if len(parts) == 3 and parts[0] == "—" else None  # noqa: PLR2004  dash, name, signature
        if signature is None or len(signature) <= 4:  # noqa: PLR2004  a key id and something after it
            return None
        lines.append((parts[1], signature[:4], signature[4:]))
    return text, body[0], int(body[1]), root, lines


def _check_signature(key: Key, signature: bytes, text: str) -> str | None:
    """The signed time ("" for a plain signature), or None when the signature does not hold."""
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  the one thing beyond the standard library
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  the same
    except ImportError:
        raise CannotReadError("no_ed25519") from None
    message, stamp, seconds = text.encode(), "", 0
    if key.type == COSIGNATURE:
        seconds, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        message = f"cosignature/v1\ntime {seconds}\n".encode() + message
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
        if key.type == COSIGNATURE:
            stamp = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except (InvalidSignature, ValueError, OverflowError):
        return None
    return stamp


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


# --- entries ---------------------------------------------------------------------------------------------------------


class Row(NamedTuple):
    """An entry as it lies in the file. `columns`: what stands beside the bytes; `odd`: columns of a wrong type."""

    position: int | None
    data: bytes
    leaf: bytes | None
    columns: dict[str, str]
    odd: tuple[str, ...] = ()


def read_entry(data: bytes) -> dict[str, Any] | str:
    """(3): the entry in these bytes, or the reason why they are none (RFC 8785, no floats, ASCII keys)."""
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float)
        again = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8")
    except UnicodeError:
        return "UTF-8"
    except (ValueError, RecursionError):
        return "JSON"
    if (
        not isinstance(value, dict)
        or value.get("v") != 1
        or value["v"] is True
        or set(value) != {"v", "id", "kind", "at", "body"}
    ):
        return "v"
    if again != data:
        return "RFC 8785"
    texts = [(value["id"], _ID), (value["kind"], _KIND), (value["at"], _INSTANT)]
    if (
        not all(isinstance(text, str) and form.fullmatch(text) for text, form in texts)
        or type(value["body"]) is not dict
    ):
        return "id, kind, at, body"
    return value


def _no_float(text: str) -> object:
    raise ValueError(text)


# --- where the entries come from -------------------------------------------------------------------------------------


class Stored(NamedTuple):
    """A checkpoint as it lies in the file; columns None in an export."""

    number: int
    note: object
    size: object = None
    root: object = None
    created_at: object = None


class _Store:
    """A store: SQLite tables `entries` and `checkpoints`, opened for reading only."""

    key: str | None = None

    def __init__(self, path: Path, report: Report) -> None:
        self.path = path
        self.report = report
        # With no journal beside it the file is opened as immutable, so that the check leaves no trace.
        live = any(path.with_name(path.name + end).exists() for end in ("-wal", "-shm", "-journal"))
        self.uri = f"file:{quote(str(path.resolve()))}?mode=ro" + ("" if live else "&immutable=1")
        tables = self._rows("SELECT name FROM sqlite_master WHERE name IN ('entries', 'checkpoints')")
        if not list(tables) and not report.findings:
            raise CannotReadError("not_a_log", file=path.name)

    # NOT INDEXED: the table itself is read, not a copy of a column in an index.
    def checkpoints(self) -> Iterator[Stored]:
        query = "SELECT note, tree_size, root_hash, created_at FROM checkpoints NOT INDEXED ORDER BY tree_size"
        for number, row in enumerate(self._rows(query), 1):
            yield Stored(number, *row)

    def entries(self) -> Iterator[Row]:
        query = (
            "SELECT tree_index, body, leaf_hash, id, kind, recorded_at FROM entries NOT INDEXED"
            " ORDER BY tree_index IS NULL, tree_index"
        )
        for index, body, leaf, *texts in self._rows(query):
            columns = dict(zip(("id", "kind", "recorded_at"), texts, strict=True))
            odd = [name for name, value in columns.items() if not isinstance(value, str)]
            odd += ["body"] * (not isinstance(body, bytes))
            odd += ["leaf_hash"] * (not isinstance(leaf, bytes) and not (leaf is None and index is None))
            odd += ["tree_index"] * (index is not None and (not isinstance(index, int) or index < 0))
            yield Row(
                position=None if "tree_index" in odd else index,
                data=body if isinstance(body, bytes) else str(body).encode("utf-8", "surrogateescape"),
                leaf=leaf if isinstance(leaf, bytes) else None,
                columns={name: value for name, value in columns.items() if name not in odd},
                odd=tuple(odd),
            )

    def check_rows(self) -> None:
        """What the tree says nothing about, because it waits to be placed, has its place in the indexes."""
        for table in ("entries", "checkpoints"):
            if list(self._rows(f"PRAGMA integrity_check({table})")) not in ([("ok",)], []):
                self.report.find(("file",), "rows_differ_from_index", table=table)

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        after = 0
        try:
            with closing(sqlite3.connect(self.uri, uri=True)) as connection:
                connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
                for row in connection.execute(query):
                    yield row
                    after += 1
        except (sqlite3.DatabaseError, UnicodeError) as error:  # SQLite's own message may be no text either
            unavailable = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if getattr(error, "sqlite_errorcode", None) in unavailable:
                raise CannotReadError("file_unreadable", file=self.path.name) from None
            self.report.find(("file",), "store_damaged", after=after)


class _Export:
    """An export: JSON Lines, read twice so that memory does not grow with the log."""

    def __init__(self, path: Path, header: dict[str, Any], keys: list[Key] | None, report: Report) -> None:
        self.path = path
        self.report = report
        self.key = header["key"] if isinstance(header.get("key"), str) else None
        own, waiting = parse_key(self.key or ""), header.get("unsequenced")
        named = own is not None and own.name == header.get("origin") and (keys is None or own in keys)
        if not named or type(waiting) is not int or waiting < 0 or len(header) != HEADER_FIELDS:
            report.find(("line", "1"), "header_differs")
        else:
            report.unsequenced = waiting

    def checkpoints(self) -> Iterator[Stored]:
        for number, value in self._lines():
            if value is not None and "checkpoint" in value:
                yield Stored(number, value["checkpoint"])

    def entries(self) -> Iterator[Row]:
        for number, value in self._lines():
            if value is not None and "checkpoint" in value:
                continue
            row = self._row(value or {})
            if row is None:
                self.report.find(("line", str(number)), "line_unreadable")
            else:
                yield row

    def check_rows(self) -> None:
        """An export has no indexes."""

    def _row(self, value: dict[str, Any]) -> Row | None:
        index, text, leaf = value.get("entry"), value.get("data"), value.get("leaf_hash")
        data = _unb64(value["data64"]) if isinstance(value.get("data64"), str) else None
        if isinstance(text, str):
            data = text.encode("utf-8", "surrogatepass")
        if type(index) is not int or index < 0 or data is None or not isinstance(leaf, str):
            return None
        known = bytes.fromhex(leaf) if re.fullmatch(r"[0-9a-f]{64}", leaf) else b""
        return Row(index, data, known, {})

    def _lines(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if number > 1:
                    yield number, _json_object(line)


# --- the check -------------------------------------------------------------------------------------------------------


def verify(path: Path, keys: list[Key] | None, outside: Iterable[str] = (), progress: Progress | None = None) -> Report:
    """As `examine`, but raises TamperingError when anything was found: a result nobody can ignore by mistake."""
    report = examine(path, keys, outside, progress)
    if not report.holds:
        raise TamperingError(report)
    return report


def examine(
    path: Path, keys: list[Key] | None, outside: Iterable[str] = (), progress: Progress | None = None
) -> Report:
    """Check a store or an export and report everything found. Raises CannotReadError.

    `keys`: the trusted ones (`read_keys`); None takes the key that the file names, which only shows self-consistency.
    `outside`: notes of checkpoints kept elsewhere. `progress` is told the number of entries read, now and then.
    """
    report = Report()
    source = _open(path, keys, report)
    if keys is None:
        own = parse_key(source.key) if source.key else None
        keys = [own] if own else None
        report.notice("self_consistency")
        if own is None:
            report.notice("unsigned")
    # (2): checkpoints, those of the file and those from outside.
    roots: dict[int, list[tuple[Place, Checked]]] = {}
    for stored in source.checkpoints():
        report.checkpoints += 1
        _keep(roots, ("checkpoint", _size_label(stored)), _check_stored(stored, keys, report))
    outside = list(outside)
    for number, note in enumerate(outside, 1):
        place = ("outside", str(number))
        _keep(roots, place, _check_note(note, keys, place, report))
    if not outside:
        report.notice("no_outside")
    if report.unknown_signatures:
        report.notice("unknown_signatures", count=report.unknown_signatures)
    for size, found in sorted(roots.items()):
        if len({checked.root for _, checked in found}) > 1:
            report.find(("checkpoint", str(size)), "fork")
    # (3) to (6): entries against them.
    _Check(report, roots).run(source, progress)
    if report.holds:
        source.check_rows()
    return report


class _Check:
    """Steps (3) to (6): one pass over the entries. Two trees grow: of the bytes, and of the leaf hashes recorded; where
    they part, the next checkpoint tells which of the two was altered, and the check goes on from the true one."""

    def __init__(self, report: Report, roots: dict[int, list[tuple[Place, Checked]]]) -> None:
        self.report = report
        self.roots = roots
        self.waiting_sizes = sorted(roots)
        self.by_bytes = _Tree()
        self.by_leaf = _Tree()
        self.pending: list[Place] = []
        self.matched = 0
        self.diverged = False
        self.later = 0
        self.ids: set[str] = set()

    def run(self, source: _Store | _Export, progress: Progress | None) -> None:
        expected = 0
        self._settle(0)
        for number, row in enumerate(source.entries(), 1):
            place, leaf = self._check_row(row)
            if row.position is None:
                self.report.unsequenced += 1
                continue
            # (4): one after the other.
            if row.position < expected:
                self.report.find(place, "index_repeated")
                continue
            if row.position > expected:
                self.report.find(("log",), "index_gap", first=expected, last=row.position - 1)
            expected = row.position + 1
            self.report.entries += 1
            self.by_bytes.append(leaf)
            self.by_leaf.append(row.leaf or leaf)
            self._settle(expected)
            if progress and number % 1000 == 0:
                progress(number)
        self._finish(expected)

    def _check_row(self, row: Row) -> tuple[Place, bytes]:
        """(3): one entry by itself; returns its place and the leaf hash of its bytes."""
        entry = read_entry(row.data)
        name = entry["id"] if isinstance(entry, dict) else row.columns.get("id", "")
        place = ("entry", str(row.position)) if row.position is not None else ("waiting",)
        place = (*place, name if _ID.fullmatch(name) else "?")
        for column in row.odd:
            self.report.find(place, "column_type", column=column)
        if isinstance(entry, str):
            self.report.find(place, "not_canonical", reason=entry)
        else:
            says = {"id": entry["id"], "kind": entry["kind"], "recorded_at": entry["at"]}
            for column, text in row.columns.items():
                if says[column] != text:
                    self.report.find(place, "column_differs", column=column)
            if name in self.ids:
                self.report.find(place, "id_repeated")
            self.ids.add(name)
        leaf = _leaf(row.data)
        if row.leaf is not None and row.leaf != leaf:
            if row.position is None:
                self.report.find(place, "leaf_differs")
            else:
                self.pending.append(place)
        return place, leaf

    def _settle(self, position: int) -> None:
        """(5): compare with every checkpoint up to this size."""
        while self.waiting_sizes and self.waiting_sizes[0] <= position:
            size = self.waiting_sizes.pop(0)
            own, recorded = self.by_bytes.root(), self.by_leaf.root()
            found = self.roots[size]
            signed = {checked.root for _, checked in found}
            if own in signed:
                self._pending_are("leaf_altered", size)
                self.by_leaf.become(self.by_bytes)
            elif recorded in signed:
                self._pending_are("bytes_altered", size)
                self.by_bytes.become(self.by_leaf)
                own = recorded
            else:
                self._diverge(size, found)
                continue
            self.matched = self.report.covered = size
            best = next(checked for _, checked in found if checked.root == own)
            self.report.origin, self.report.signed_at = best.origin, best.signed_at
            self.report.root = base64.b64encode(best.root).decode("ascii")
            self.report.witnesses |= best.witnesses
            self._outside_differ(found, own)

    def _diverge(self, size: int, found: list[tuple[Place, Checked]]) -> None:
        if not self.diverged:
            self._pending_are("leaf_differs", size)
        for place, _ in found:
            if place[0] == "outside":
                self.report.find(place, "outside_differs")
            elif not self.diverged:
                self.report.find(place, "root_differs", first=min(self.matched, size - 1), last=size - 1)
                self.diverged = True
            else:
                self.later += 1

    def _outside_differ(self, found: list[tuple[Place, Checked]], root: bytes) -> None:
        for place, checked in found:
            if place[0] == "outside" and checked.root != root:
                self.report.find(place, "outside_differs")

    def _pending_are(self, code: str, size: int) -> None:
        for place in self.pending:
            self.report.find(place, code, size=size)
        self.pending.clear()

    def _finish(self, count: int) -> None:
        # (5): nothing signed is missing at the end.
        for size in self.waiting_sizes:
            for place, _ in self.roots[size]:
                self.report.find(place, "tail_cut", size=size, count=count)
        self._pending_are("leaf_differs", count)
        if self.later:
            self.report.find(("log",), "later_roots_differ", count=self.later)
        if self.report.entries and not self.roots:
            self.report.find(("log",), "no_checkpoint")
        # (6): what nobody vouches for yet.
        if self.report.unsequenced:
            self.report.notice("unsequenced", count=self.report.unsequenced)
        newest = max(self.roots, default=0)
        if self.roots and self.report.entries > newest:
            self.report.notice("uncovered", count=self.report.entries - newest)


def examine_proof(path: Path, keys: list[Key], outside: Iterable[str] = ()) -> Report:
    """Check the proof of one entry. Raises CannotReadError."""
    report = Report(subject="proof")
    # (1): the form.
    bundle = _json_object(_read_bytes(path))
    if bundle is None or bundle.get("format") != "mezhved-proof":
        raise CannotReadError("not_a_log", file=path.name)
    _check_version(bundle)
    index, nodes, text = bundle.get("index"), bundle.get("inclusion"), bundle.get("data")
    path_up = [_unb64(node) if isinstance(node, str) else None for node in nodes] if isinstance(nodes, list) else [None]
    proof = [node for node in path_up if node is not None and len(node) == HASH_SIZE]
    if type(index) is not int or not isinstance(text, str) or len(proof) != len(path_up):
        report.find(("proof",), "proof_malformed", reason="index, data, inclusion")
        return report
    # (2): the checkpoint.
    checked = _check_note(bundle.get("checkpoint"), keys, ("proof",), report)
    if checked is None:
        return report
    report.origin, report.checkpoints, report.covered = checked.origin, 1, checked.size
    report.root, report.signed_at = base64.b64encode(checked.root).decode("ascii"), checked.signed_at
    report.witnesses |= checked.witnesses
    # (3): the entry.
    data = text.encode("utf-8", "surrogatepass")
    entry = read_entry(data)
    if isinstance(entry, str):
        report.find(("proof",), "not_canonical", reason=entry)
        return report
    report.entries = 1
    # (5): it is in the signed tree.
    inside = 0 <= index < checked.size
    if not inside or _root_of_proof(_leaf(data), index, checked.size, proof) != checked.root:
        report.find(("entry", str(index), entry["id"]), "not_included", size=checked.size)
        return report
    for number, note in enumerate(outside, 1):
        place = ("outside", str(number))
        other = _check_note(note, keys, place, report)
        if other is not None and other.size != checked.size:
            report.notice("not_comparable")
        elif other is not None and other.root != checked.root:
            report.find(place, "outside_differs")
    report.proved = f"{index}  {entry['at']}  {entry['kind']}  {entry['id']}"
    return report


def _check_stored(stored: Stored, keys: list[Key] | None, report: Report) -> Checked | None:
    place = ("checkpoint", _size_label(stored))
    checked = _check_note(stored.note, keys, place, report)
    if checked is None or stored.size is stored.root is stored.created_at is None:
        return checked
    beside = {"tree_size": (stored.size, checked.size), "root_hash": (stored.root, checked.root)}
    if keys is not None:
        beside["created_at"] = (stored.created_at, checked.signed_at)
    for column, (held, says) in beside.items():
        if held != says or type(held) is not type(says):
            report.find(place, "checkpoint_column", column=column)
    return checked


def _size_label(stored: Stored) -> str:
    parsed = _parse_note(stored.note)
    if parsed is not None:
        return str(parsed[2])
    return str(stored.size) if isinstance(stored.size, int) else f"№{stored.number}"


def _keep(roots: dict[int, list[tuple[Place, Checked]]], place: Place, checked: Checked | None) -> None:
    if checked is not None:
        roots.setdefault(checked.size, []).append((place, checked))


def _open(path: Path, keys: list[Key] | None, report: Report) -> _Store | _Export:
    try:
        with path.open("rb") as file:
            first = file.read(16)
            line = first + file.readline(65536)
    except OSError:
        raise CannotReadError("file_unreadable", file=path.name) from None
    if first == b"SQLite format 3\x00":
        return _Store(path, report)
    header = _json_object(line)
    if header is None or header.get("format") != "mezhved-log":
        raise CannotReadError("not_a_log", file=path.name)
    _check_version(header)
    return _Export(path, header, keys, report)


def _check_version(header: dict[str, Any]) -> None:
    if header.get("v") != 1:
        raise CannotReadError("newer_format", v=ascii(header.get("v"))[:20])


def _json_object(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _unb64(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode("ascii") == text else None


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise CannotReadError("file_unreadable", file=path.name) from None


def _read_text(path: Path) -> str:
    return _read_bytes(path).decode("utf-8", "replace")


# --- command line ----------------------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Run the check; returns the exit code."""
    parser = argparse.ArgumentParser(
        description="Проверка журнала Межведа без доступа к системе / offline verification of a Mezhved log"
    )
    parser.add_argument("file", type=Path, nargs="?", help="экспорт или хранилище / an export or a store")
    parser.add_argument("--proof", type=Path, help="доказательство одной записи / the proof of one entry")
    trust = parser.add_mutually_exclusive_group(required=True)
    trust.add_argument("--key", type=Path, help="файл ключей, полученный не вместе с журналом / keys got elsewhere")
    trust.add_argument(
        "--key-from-file", action="store_true", help="только непротиворечивость самого файла / self-consistency only"
    )
    parser.add_argument(
        "--checkpoint", type=Path, action="append", default=[], help="точка, хранившаяся вне / kept outside"
    )
    parser.add_argument("--lang", choices=("ru", "en"), default="ru")
    options = parser.parse_args(arguments)
    if (options.file is None) == (options.proof is None) or (options.proof and options.key is None):
        parser.error("FILE --key …, FILE --key-from-file, --proof FILE --key …")
    try:
        keys = read_keys(options.key) if options.key else None
        outside = [_read_text(path) for path in options.checkpoint]
        if options.proof and keys is not None:
            report = examine_proof(options.proof, keys, outside)
        else:
            report = examine(options.file, keys, outside)
    except CannotReadError as error:
        sys.stderr.write(error.text(options.lang) + "\n")
        return 2
    sys.stdout.write(report.text(options.lang))
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
