"""The pack in force is kept whole with what it decides, so that a decision can be replayed by the rules of its time.

A pack that was not in force before is an entry of the log.
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
from gateway.use_cases.values import PackOnFile
from policies.engine import Engine
from policies.files import PackFiles
from policies.pack import pack_of


def adopt_pack(house: House, now: datetime) -> None:
    """Keep the pack that decides from now on, if it is not kept yet."""
    identity = house.pack.identity
    with house.store.reading() as unit:
        if unit.packs.get(identity.digest) is not None:
            return
    with house.store.writing() as unit:
        if unit.packs.get(identity.digest) is not None:
            return
        unit.packs.add(PackOnFile(identity.digest, identity.id, identity.version, now, packed(house.pack.files)))
        append_entry(
            unit,
            EventKind.PACK_CHANGED,
            {"pack": {"id": identity.id, "version": identity.version, "digest": identity.digest}},
            now,
        )


class PackShelf:
    """The rules of packs that were in force, by digest; each is loaded once."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._loaded: dict[str, Engine | None] = {}

    def __call__(self, digest: str) -> Engine | None:
        """None for a pack that is not on file, or whose files are no longer those of that digest."""
        if digest not in self._loaded:
            with self._house.store.reading() as unit:
                found = unit.packs.get(digest)
            pack = pack_of(PackFiles(unpacked(found.files))) if found else None
            self._loaded[digest] = Engine(pack) if pack and pack.identity.digest == digest else None
        return self._loaded[digest]


def packed(files: Mapping[str, bytes]) -> bytes:
    """All files of a pack as one blob."""
    named = {name: base64.b64encode(content).decode("ascii") for name, content in sorted(files.items())}
    return zlib.compress(json.dumps(named).encode())


def unpacked(blob: bytes) -> Mapping[str, bytes]:
    """The reverse of `packed`."""
    return {name: base64.b64decode(content) for name, content in json.loads(zlib.decompress(blob)).items()}
