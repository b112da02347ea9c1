"""The proof of one entry, and the export of the whole log: both are checked elsewhere, without us."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from gateway.evidence.events import EventKind
from gateway.evidence.export import SequencedEntry, export_lines
from gateway.evidence.proof import prove
from gateway.use_cases.house import House
from schemas.errors import Conflict, Unavailable
from schemas.ids import EntryId, OrganisationId

PAGE = 2000


def prove_entry(house: House, entry_id: EntryId, organisation_id: OrganisationId | None = None) -> str:
    """A proof bundle (JSON) for an organisation whose act the entry is, or that it concerns; None is the operator. To be
    named in the act of another is not enough: a holder's explanation of what one would see is the holder's alone.

    Raises Unavailable (entry_unavailable), Conflict (entry_not_sequenced: ask again shortly).
    """
    with house.store.reading() as unit:
        found = unit.log.entry(entry_id)
        latest = unit.log.latest_checkpoint()
        concerned = organisation_id is None or unit.log.concerns(entry_id, organisation_id)
        if found is None or not (concerned or (organisation_id and _is_party(found[1], organisation_id))):
            raise Unavailable("entry_unavailable")
        index, data = found
        if index is None or latest is None or index >= latest[0]:
            raise Conflict("entry_not_sequenced")
        return prove(data, index, unit.log.leaves(latest[0]), latest[2])


def _is_party(data: bytes, organisation_id: OrganisationId) -> bool:
    """Whether this organisation did what the entry says, or is a side of the message whose state it is."""
    entry = json.loads(data)
    body: Mapping[str, object] = entry["body"]
    for who in (body, body.get("requester"), body.get("decider")):
        if isinstance(who, Mapping) and who.get("organisation") == organisation_id:
            return True
    if entry["kind"] == EventKind.SEAL_KEY_CHANGED.value:  # whoever may seal to a key checks that it is its owner's
        return True
    is_message = str(entry["kind"]).startswith("message.")
    return is_message and organisation_id in {body.get("sender"), body.get("recipient")}


def export_log(house: House) -> Iterator[str]:
    """Lines of an export of the sequenced log."""
    with house.store.reading() as unit:
        waiting = len(unit.log.unsequenced(PAGE))
        notes = [note for _, note in unit.log.checkpoints()]

        def entries() -> Iterator[SequencedEntry]:
            after = -1
            while page := unit.log.entries(after, PAGE):
                yield from page
                after = page[-1].tree_index

        yield from export_lines(house.log_key.verifier(), entries(), notes, unsequenced=waiting)
