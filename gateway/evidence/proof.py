"""The proof bundle of one entry: a small file that shows, offline, that the log holds exactly these bytes at this place."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Final

from gateway.evidence.checkpoint import Checkpoint
from gateway.evidence.errors import VerificationError
from gateway.evidence.export import data_field
from gateway.evidence.note import split_note
from gateway.evidence.tree import inclusion_proof, leaf_hash, verify_inclusion

FORMAT: Final = "mezhved-proof"
FORMAT_VERSION: Final = 1


def prove(data: bytes, index: int, leaf_hashes: Sequence[bytes], note: str) -> str:
    """The bundle, JSON text. `leaf_hashes` are those of the checkpoint's tree, all of them, in order.

    Raises VerificationError if the store contradicts itself: a proof that would not verify is never handed out.
    """
    checkpoint = Checkpoint.parse(split_note(note)[0])
    if len(leaf_hashes) != checkpoint.tree_size or not 0 <= index < len(leaf_hashes):
        raise VerificationError("inclusion_not_proven", index=index, tree_size=checkpoint.tree_size)
    path = inclusion_proof(leaf_hashes, index)
    verify_inclusion(leaf_hash(data), index, checkpoint.tree_size, path, checkpoint.root_hash)
    bundle = {
        "format": FORMAT,
        "v": FORMAT_VERSION,
        "index": index,
        **data_field(data),
        "inclusion": [base64.b64encode(node).decode("ascii") for node in path],
        "checkpoint": note,
    }
    return json.dumps(bundle, ensure_ascii=False, indent=1) + "\n"
