"""How many files of others' data an organisation takes, and the entry of each: form, digest and size, before its first byte.

One case or one thread is an answer in another form; all of them, again and again, would be a standing copy of what is kept for
another purpose. How many files in how many hours are still the first is data of the pack, with its rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from adapters.exports.files import ExportFile
from gateway.evidence.entry import JsonValue
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.export_port import DONE, ExportOnFile, ExportPart
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.tell_people import notice
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Refused
from schemas.exports import FORMS, Form
from schemas.ids import EntryId

LIMIT: Final = "export.limit"
"""The kind of the notice to the officer."""


@dataclass(frozen=True, slots=True)
class MadeExport:
    """A file that may leave now, and its entry."""

    file: ExportFile
    entry_id: EntryId


@dataclass(frozen=True, slots=True)
class Reading:
    """The entry of a reading that is in the file, and what of: `kind` case or message."""

    kind: str
    entry_id: EntryId


def form_of(text: str) -> Form:
    """The format of this name. Raises BadInput (export_form_unknown)."""
    found = next((form for form in FORMS if form == text), None)
    if found is None:
        raise BadInput("export_form_unknown", known=", ".join(FORMS))
    return found


def require_not_standing(house: House, requester: Requester, now: datetime) -> None:
    """Raises Refused (export_limit) once all files of a time are taken, after an entry; the officer is told once for each
    refusal that nobody has seen."""
    with house.store.writing() as unit:
        refusal = _refusal(house, unit, requester, now)
        if refusal is not None:
            _tell(house, unit, requester, refusal, now)
    if refusal is not None:
        raise refusal


def make_export(
    house: House,
    requester: Requester,
    export_id: str,
    scope: str,
    form: str,
    file: ExportFile,
    readings: Sequence[Reading],
    now: datetime,
    *,
    own: bool = False,
) -> MadeExport:
    """The entry is committed; only then the file may leave. Raises Refused (export_limit)."""
    digest = hashlib.sha256(file.content).hexdigest()
    with house.store.writing() as unit:
        # Of two at once only one may be the last that is still given.
        unit.facts.lock(f"organisation:{requester.organisation_id}")
        refusal = None if own else _refusal(house, unit, requester, now)
        if refusal is None:
            entry_id = _made(unit, requester, export_id, scope, form, digest, file, readings, own, now)
        else:
            _tell(house, unit, requester, refusal, now)
    if refusal is not None:
        raise refusal
    return MadeExport(file, entry_id)


def _made(
    unit: Unit,
    requester: Requester,
    export_id: str,
    scope: str,
    form: str,
    digest: str,
    file: ExportFile,
    readings: Sequence[Reading],
    own: bool,
    now: datetime,
) -> EntryId:
    parts = tuple(
        ExportPart(number, reading.kind, "", 1, now, reading.entry_id, digest, len(file.content))
        for number, reading in enumerate(readings, start=1)
    )
    unit.exports.add(
        ExportOnFile(
            export_id,
            requester.organisation_id,
            requester.actor,
            scope,
            form,
            own,
            DONE,
            now,
            now,
            parts=parts,
        )
    )
    return append_entry(
        unit,
        EventKind.EXPORT_MADE,
        {
            "export": export_id,
            "organisation": requester.organisation_id,
            "actor": requester.actor,
            "scope": scope,
            "form": form,
            "readings": [reading.entry_id for reading in readings],
            "sha256": digest,
            "size": len(file.content),
        },
        now,
    )


def _refusal(house: House, unit: Unit, requester: Requester, now: datetime) -> Refused | None:
    row = house.pack.responsible.exports
    since = now - timedelta(hours=row.hours)
    if unit.exports.taken(requester.organisation_id, since) < row.most:
        return None
    return Refused(
        "export_limit",
        rule=row.rule,
        citation=house.pack.statement_citation(row.rule),
        most=row.most,
        hours=row.hours,
    )


def _tell(house: House, unit: Unit, requester: Requester, refusal: Refused, now: datetime) -> None:
    organisation, role = requester.organisation_id, house.pack.responsible.exports.told
    body: dict[str, JsonValue] = {"organisation": organisation, "actor": requester.actor, "rule": refusal.rule}
    entry_id = append_entry(unit, EventKind.EXPORT_REFUSED, body, now)
    unseen = unit.notices.of(organisation, [role], 100, unseen=True)
    if not any(known.kind == LIMIT for known in unseen):
        unit.notices.add([notice(organisation, role, LIMIT, entry_id, now)])
