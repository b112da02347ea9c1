"""The export of a log: JSON Lines that `verify.py` checks without a database or trust in us.

First a header, then the sequenced entries in order of their tree index, then checkpoints. Format in docs/evidence.md.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from gateway.evidence.note import VerifierKey

FORMAT: Final = "mezhved-log"
FORMAT_VERSION: Final = 1


class SequencedEntry(NamedTuple):
    """An entry in its place: what the store holds of it."""

    tree_index: int
    data: bytes
    leaf_hash: bytes


def export_lines(
    key: VerifierKey, entries: Iterable[SequencedEntry], checkpoints: Iterable[str], *, unsequenced: int = 0
) -> Iterator[str]:
    """Lines of the export, each with its newline. `checkpoints` are notes; entries not yet in the tree are only counted.

    The key in the header is for reading only: whoever verifies takes the key from a source other than this file.
    """
    header = {
        "format": FORMAT,
        "v": FORMAT_VERSION,
        "origin": key.name,
        "key": key.encode(),
        "unsequenced": unsequenced,
    }
    yield _line(header)
    for entry in entries:
        yield _line({"entry": entry.tree_index, "leaf_hash": entry.leaf_hash.hex(), **data_field(entry.data)})
    for note in checkpoints:
        yield _line({"checkpoint": note})


def data_field(data: bytes) -> dict[str, str]:
    """`data` with the canonical text; `data64` for bytes that are no text, so that a damaged entry is exported too."""
    try:
        return {"data": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"data64": base64.b64encode(data).decode("ascii")}


def _line(value: dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
