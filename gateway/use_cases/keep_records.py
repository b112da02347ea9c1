"""Keep families and signals of one's own lists, for their holder alone, until they are published, discarded, or out of time.

What is kept is no case and no message: no index finds it, no rule is asked about it, nobody else learns that it is there.
Each record rests sealed under a key of its own, which is destroyed with it. A list that comes again changes what it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from adapters.tables.profile import FAMILY, SIGNAL
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.file_records import Need
from gateway.use_cases.house import House
from gateway.use_cases.intake_values import KeptRecord
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.ids import OrganisationId, is_id, new_id
from schemas.intake import FamilyDraft, SignalDraft

KINDS: Final = (FAMILY, SIGNAL)
KEPT_FOR: Final = timedelta(days=90)
"""After the last list that has it."""
MOST_KEPT: Final = 20_000
"""Of one organisation."""
MOST_CLEARED: Final = 200
_BATCH: Final = 500

Kept = FamilyDraft | SignalDraft


def require_keeper(requester: Requester) -> None:
    """Raises NotPermitted (not_for_overseers)."""
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")


@dataclass(frozen=True, slots=True)
class KeptChange:
    """How many records are new or changed, and keys of what they replaced: to be forgotten once this is committed."""

    changed: int
    stale_keys: tuple[str, ...]

    def forget(self, house: House) -> None:
        """Nobody reads what was replaced again."""
        for key_id in self.stale_keys:
            house.vault.forget_draft(key_id)


def keep_in(house: House, unit: Unit, requester: Requester, drafts: Sequence[Kept], now: datetime) -> KeptChange:
    """Keep them inside a unit of work of the caller, who writes the entry.

    Raises NotPermitted (not_for_overseers), BadInput (kept_too_many).
    """
    require_keeper(requester)
    organisation_id = requester.organisation_id
    unit.facts.lock(f"kept:{organisation_id}")
    if sum(unit.kept_records.count(organisation_id).values()) + len(drafts) > MOST_KEPT:
        raise BadInput("kept_too_many", most=MOST_KEPT)
    changed = 0
    stale: list[str] = []
    for start in range(0, len(drafts), _BATCH):
        made, old = _keep_batch(house, unit, requester, drafts[start : start + _BATCH], now)
        changed, stale = changed + made, stale + old
    return KeptChange(changed, tuple(stale))


def _keep_batch(
    house: House, unit: Unit, requester: Requester, drafts: Sequence[Kept], now: datetime
) -> tuple[int, list[str]]:
    changed, stale = 0, list[str]()
    for kind, draft_type in ((FAMILY, FamilyDraft), (SIGNAL, SignalDraft)):
        wanted = {_identity(house, requester.organisation_id, d): d for d in drafts if isinstance(d, draft_type)}
        if not wanted:
            continue
        known = unit.kept_records.known(requester.organisation_id, kind, list(wanted))
        plain = {identity: draft.model_dump_json(exclude_defaults=True).encode() for identity, draft in wanted.items()}
        digests = {identity: house.vault.keyed_digest(content) for identity, content in plain.items()}
        fresh = {i: new_id() for i in wanted if i not in known or known[i].content != digests[i]}
        sealed = house.vault.seal_drafts({key: plain[identity] for identity, key in fresh.items()})
        records = []
        for identity in wanted:
            before, key = known.get(identity), fresh.get(identity)
            records.append(
                KeptRecord(
                    before.id if before else new_id(),
                    requester.organisation_id,
                    kind,
                    identity,
                    digests[identity],
                    now,
                    now + KEPT_FOR,
                    requester.actor,
                    key or (before.key_id if before else ""),
                    sealed[key] if key else before.sealed if before else b"",
                )
            )
        unit.kept_records.put(records)
        changed += len(fresh)
        stale += [known[identity].key_id for identity in fresh if identity in known]
    return changed, stale


def _identity(house: House, organisation_id: OrganisationId, draft: Kept) -> str:
    """By which a record is known again: its case, or its identifier as a message. It can be computed here alone."""
    name = draft.case_ref if isinstance(draft, FamilyDraft) else draft.operation_id
    return house.vault.keyed_digest(f"kept\n{organisation_id}\n{name}".encode())


def own_record(unit: Unit, requester: Requester, record_id: str, now: datetime, *, lock: bool = True) -> KeptRecord:
    """One's organisation's own. Raises NotPermitted (not_for_overseers), Unavailable (kept_unavailable)."""
    require_keeper(requester)
    found = unit.kept_records.get(requester.organisation_id, record_id, lock=lock) if is_id(record_id) else None
    if found is None or found.expires_at <= now:
        raise Unavailable("kept_unavailable")
    return found


def discard_record(house: House, requester: Requester, record_id: str, now: datetime, need: Need) -> None:
    """Throw it away for good. `need` is asked for its kind. Raises as `own_record` and `need`."""
    with house.store.writing() as unit:
        record = own_record(unit, requester, record_id, now)
        need(record.kind)
        unit.kept_records.drop([record.id])
        _entry(unit, record.organisation_id, requester.actor, record.kind, 1, now)
    house.vault.forget_draft(record.key_id)


def clear_kept(house: House, now: datetime) -> int:
    """End what is out of time; how many. The key goes first: what is interrupted is found again by its row."""
    with house.store.writing() as unit:
        over = unit.kept_records.expired(now, MOST_CLEARED)
        for record in over:
            house.vault.forget_draft(record.key_id)
        unit.kept_records.drop([record.id for record in over])
        for organisation_id, kind in sorted({(record.organisation_id, record.kind) for record in over}):
            count = sum((record.organisation_id, record.kind) == (organisation_id, kind) for record in over)
            _entry(unit, organisation_id, "gateway", kind, count, now)
    return len(over)


def _entry(unit: Unit, organisation_id: OrganisationId, actor: str, kind: str, count: int, now: datetime) -> None:
    append_entry(
        unit,
        EventKind.KEPT_DISCARDED,
        {"organisation": organisation_id, "actor": actor, "kind": kind, "count": count},
        now,
    )
