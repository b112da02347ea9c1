"""The proof of one entry, and the export of the whole log: both are checked elsewhere, without us."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.evidence.export import SequencedEntry, export_lines
from gateway.evidence.proof import prove
from gateway.use_cases.house import House
from schemas.errors import Conflict, Unavailable
from schemas.ids import EntryId, OrganisationId

PAGE = 2000


def prove_entry(house: House, entry_id: EntryId, organisation_id: OrganisationId | None = None) -> str:
    """A proof bundle (JSON) for an organisation that the entry names or concerns; None is the operator.

    Raises Unavailable (entry_unavailable), Conflict (entry_not_sequenced: ask again shortly).
    """
    with house.store.reading() as unit:
        found = unit.log.entry(entry_id)
        latest = unit.log.latest_checkpoint()
        concerned = organisation_id is None or unit.log.concerns(entry_id, organisation_id)
        if found is None or not (concerned or (organisation_id and organisation_id.encode() in found[1])):
            raise Unavailable("entry_unavailable")
        index, data = found
        if index is None or latest is None or index >= latest[0]:
            raise Conflict("entry_not_sequenced")
        return prove(data, index, unit.log.leaves(latest[0]), latest[2])


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
