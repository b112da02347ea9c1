"""Place waiting entries into the tree and sign a checkpoint: batched, by one leader, outside the hot path."""

from __future__ import annotations

from datetime import datetime

from gateway.evidence.checkpoint import sign_checkpoint
from gateway.evidence.tree import Frontier
from gateway.use_cases.house import House

BATCH = 5000


def sequence_log(house: House, now: datetime) -> int:
    """How many entries were placed; 0 where nothing waits or another process leads."""
    with house.store.writing() as unit:
        if not unit.log.lead():
            return 0
        waiting = unit.log.unsequenced(BATCH)
        if not waiting:
            return 0
        latest = unit.log.latest_checkpoint()
        before = Frontier(latest[0], tuple(bytes.fromhex(str(node)) for node in latest[3])) if latest else Frontier()
        after = before.append(leaf for _, leaf in waiting)
        unit.log.place([entry_id for entry_id, _ in waiting], before.size)
        signed = sign_checkpoint(after, house.log_key, now=now)
        unit.log.add_checkpoint(
            after.size, after.root(), signed.note, [node.hex() for node in after.hashes], signed.signed_at
        )
    return len(waiting)
