"""The pack in force is kept whole with what it decides, so that a decision can be replayed by the rules of its time.

A pack that comes into force, for the first time or again, is an entry of the log.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import PackOnFile
from policies.engine import Engine
from policies.files import PackFiles
from policies.pack import pack_of
from policies.ruling import PackIdentity
from schemas.errors import Broken


def adopt_pack(house: House, now: datetime) -> bool:
    """Keep the pack that decides from now on, if it is not the one in force. True where it took the place of another: its
    calendar and terms may differ."""
    identity = house.pack.identity
    with house.store.reading() as unit:
        if _is_in_force(unit, identity):
            return False
    with house.store.writing() as unit:
        before = unit.packs.in_force()
        if before is not None and before.digest == identity.digest:
            return False
        if unit.packs.get(identity.digest) is None:
            unit.packs.add(PackOnFile(identity.digest, identity.id, identity.version, now, packed(house.pack.files)))
        else:
            unit.packs.again(identity.digest, now)
        append_entry(
            unit,
            EventKind.PACK_CHANGED,
            {"pack": {"id": identity.id, "version": identity.version, "digest": identity.digest}},
            now,
        )
    return before is not None


def _is_in_force(unit: Unit, identity: PackIdentity) -> bool:
    current = unit.packs.in_force()
    return current is not None and current.digest == identity.digest


class PackShelf:
    """The rules of packs that were in force, by digest; each is loaded once."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._loaded: dict[str, Engine | None] = {}

    def __call__(self, digest: str) -> Engine | None:
        """None for a pack that is not on file, whose files are no longer those of that digest, or that nobody can read any
        more."""
        if digest not in self._loaded:
            self._loaded[digest] = self._load(digest)
        return self._loaded[digest]

    def _load(self, digest: str) -> Engine | None:
        with self._house.store.reading() as unit:
            found = unit.packs.get(digest)
        if found is None:
            return None
        try:
            pack = pack_of(PackFiles(unpacked(found.files)))
        except Broken:
            return None
        return Engine(pack) if pack.identity.digest == digest else None


def packed(files: Mapping[str, bytes]) -> bytes:
    """All files of a pack as one blob."""
    named = {name: base64.b64encode(content).decode("ascii") for name, content in sorted(files.items())}
    return zlib.compress(json.dumps(named).encode())


def unpacked(blob: bytes) -> Mapping[str, bytes]:
    """The reverse of `packed`."""
    return {name: base64.b64decode(content) for name, content in json.loads(zlib.decompress(blob)).items()}
