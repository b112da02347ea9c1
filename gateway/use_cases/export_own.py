"""Export all own data of an organisation, part by part: its entry in the directory, cases with their summaries, records and
scores, consents, rights to sign, messages it sent with their documents, its own side of those that came, earlier versions,
recorded facts, terms, own lists.

    (1) the head begins it, or a system with the scope for it; an entry, and the officer is told;
    (2) for each part who asks is judged anew, one page is found, and its entry committed; only then it is opened (law 2);
    (3) the part is written in memory; an entry with its form, digests and size is committed; only then its bytes leave;
    (4) where nothing is left, the end is an entry.

How far it went is on file: whoever was cut off goes on with the part that did not come. Nothing is ruled, because nothing
leaves its operator; nothing that another organisation wrote is in it, and no category that no program lets out by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from adapters.exports.files import write_part
from adapters.tables.output import AS_USUAL, Written
from gateway.evidence.entry import JsonValue
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.disclose import OpenedOwn, disclose_own_file
from gateway.use_cases.export_left_out import left_out_of
from gateway.use_cases.export_port import CANCELLED, DONE, RUNNING, ExportOnFile, ExportPart
from gateway.use_cases.house import House
from gateway.use_cases.keep_export import form_of
from gateway.use_cases.own_content import OwnContent
from gateway.use_cases.own_documents import OwnDocuments, own_documents
from gateway.use_cases.own_page import NOTHING, Page
from gateway.use_cases.own_pages import AGAIN, next_page
from gateway.use_cases.ports import Unit
from gateway.use_cases.read_facts import HIDDEN
from gateway.use_cases.tell_people import HEAD, notice
from gateway.use_cases.values import Organisation, Requester
from schemas.directory import Directory
from schemas.errors import Conflict, NotPermitted, Unavailable
from schemas.ids import Category, ClientId, EntryId, is_id, new_id

OWN: Final = "own"
SCOPE: Final = "exports.own"
DPO: Final = "dpo"
NOTICE: Final = "export.begun"
_START: Final = ("", "")


@dataclass(frozen=True, slots=True)
class OwnPart:
    """A part that may leave now: its files by name, and the entry with their digests."""

    number: int
    kind: str
    items: int
    files: Mapping[str, bytes] = field(repr=False)
    entry_id: EntryId


@dataclass(frozen=True, slots=True)
class _Found:
    """One page with what the entry of its reading says."""

    owner: Organisation
    export: ExportOnFile
    number: int
    page: Page | None
    actor: str

    @property
    def entry(self) -> Mapping[str, JsonValue]:
        return {
            "export": self.export.id,
            "organisation": self.owner.id,
            "actor": self.actor,
            "part": self.number,
            "kind": self.page.kind if self.page else "end",
            "items": self.page.items if self.page else 0,
        }

    @property
    def contents(self) -> Page:
        return self.page or NOTHING


def begin_export(house: House, requester: Requester, form: str, now: datetime) -> ExportOnFile:
    """Raises NotPermitted (not_for_overseers, export_not_yours), BadInput (export_form_unknown), Conflict (export_running)."""
    form_of(form)
    with house.store.writing() as unit:
        require_may_export(unit, requester)
        unit.facts.lock(f"organisation:{requester.organisation_id}")
        known = unit.exports.of_organisation(requester.organisation_id, OWN, 1)
        if known and known[0].state == RUNNING:
            raise Conflict("export_running")
        made = ExportOnFile(
            new_id(),
            requester.organisation_id,
            requester.actor,
            OWN,
            form,
            True,
            RUNNING,
            now,
            totals=unit.exports.count(requester.organisation_id, form, without_of(house), HIDDEN, now),
        )
        unit.exports.add(made)
        body = _body(made, requester)
        append_entry(unit, EventKind.EXPORT_BEGUN, {**body, "form": form}, now)
        unit.notices.add([notice(requester.organisation_id, DPO, NOTICE, made.id, now)])
    return made


def read_export(house: House, requester: Requester, export_id: str) -> ExportOnFile:
    """How far it went. Raises as `begin_export`, and Unavailable (export_unavailable)."""
    with house.store.reading() as unit:
        require_may_export(unit, requester)
        return _get(unit, requester, export_id)


def read_exports(house: House, requester: Requester, limit: int = 20) -> Sequence[ExportOnFile]:
    """Those of one's organisation, the newest first. Raises NotPermitted as `begin_export`."""
    with house.store.reading() as unit:
        require_may_export(unit, requester)
        return unit.exports.of_organisation(requester.organisation_id, OWN, limit)


def cancel_export(house: House, requester: Requester, export_id: str, now: datetime) -> None:
    """No further part leaves. Raises Unavailable (export_unavailable), Conflict (export_over)."""
    with house.store.writing() as unit:
        require_may_export(unit, requester)
        export = _running(_get(unit, requester, export_id, lock=True))
        _end(unit, requester, export, CANCELLED, now)


def next_part(
    house: House,
    requester: Requester,
    export_id: str,
    now: datetime,
    number: int | None = None,
    written: Written = AS_USUAL,
) -> OwnPart | None:
    """The next part, or again that of this number, from where everything after it is made anew. None at the end, which is
    an entry by then.

    Raises NotPermitted (not_for_overseers, export_not_yours), Unavailable (export_unavailable), Conflict (export_over,
    export_part_unknown), BadInput (text_outside_encoding): this part does not leave then.
    """
    without = without_of(house)
    found, opened = disclose_own_file(
        house, lambda unit: _find(unit, requester, export_id, number, without, now), EventKind.EXPORT_READ, now
    )  # (2)
    export, page = found.export, found.page
    if page is None:
        with house.store.writing() as unit:
            _end(unit, requester, _running(_get(unit, requester, export_id, lock=True)), DONE, now)
        return None
    files = _files(house, found, page, opened, now, written)  # (3)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    listing = "".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode()
    files = {**files, f"{found.number:05d}.sha256": listing}
    part = ExportPart(
        found.number,
        page.kind,
        page.until,
        page.items,
        now,
        opened.entry_id,
        hashlib.sha256(listing).hexdigest(),
        sum(map(len, files.values())),
    )
    with house.store.writing() as unit:
        require_may_export(unit, requester)
        current = _open(unit, _get(unit, requester, export_id, lock=True), found.number)
        unit.exports.put_part(export_id, part)
        if current.state == DONE:
            unit.exports.move(export_id, RUNNING, None)
        body = {
            **_body(export, requester),
            "scope": OWN,
            "form": export.form,
            "part": part.number,
            "readings": [part.entry_id],
            "sha256": part.sha256,
            "size": part.size,
        }
        entry_id = append_entry(unit, EventKind.EXPORT_MADE, body, now)
    return OwnPart(part.number, part.kind, part.items, files, entry_id)


def _files(
    house: House, found: _Found, page: Page, opened: OpenedOwn, now: datetime, written: Written
) -> Mapping[str, bytes]:
    form = form_of(found.export.form)
    content = OwnContent(house, found.owner, page, opened, now)
    again = own_documents(house, found.owner, page, opened, now) if form == AGAIN else OwnDocuments()
    missing = left_out_of(house, OWN, form) if found.number == 1 else ()
    return write_part(
        content.of(found.export.id, found.number, (*missing, *again.unfit)),
        form,
        page.services,
        Directory((page.listed.organisation,), tuple(page.services)) if page.listed else None,
        [again.summaries, again.consents],
        content.files(),
        written,
    )


def without_of(house: House) -> Sequence[Category]:
    """What no program lets out by itself stays sealed, also in one's own export."""
    return sorted(house.pack.never_automatic())


def require_may_export(unit: Unit, requester: Requester) -> None:
    """The head, as long as it is one and no overseer too; or a system as long as it has the scope.

    Raises NotPermitted (not_for_overseers, export_not_yours).
    """
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    if requester.person_id is not None:
        person = unit.participants.person(requester.person_id)
        may = person is not None and person.active and HEAD in person.roles
    else:
        kind, _, client_id = requester.actor.partition(":")
        client = unit.participants.client(ClientId(client_id)) if kind == "client" else None
        may = SCOPE in requester.scopes and client is not None and client.active and SCOPE in client.scopes
    if not may:
        raise NotPermitted("export_not_yours")


def _find(
    unit: Unit, requester: Requester, export_id: str, number: int | None, without: Sequence[Category], now: datetime
) -> _Found:
    require_may_export(unit, requester)
    export = _get(unit, requester, export_id)
    wanted = len(export.parts) + 1 if number is None else number
    _open(unit, export, wanted)
    before = export.parts[wanted - 2] if wanted > 1 else None
    after = (before.kind, before.until) if before else _START
    owner = unit.participants.organisation(requester.organisation_id)
    assert owner is not None
    page = next_page(unit, requester.organisation_id, export.form, after, without, now)
    return _Found(owner, export, wanted, page, requester.actor)


def _get(unit: Unit, requester: Requester, export_id: str, *, lock: bool = False) -> ExportOnFile:
    found = unit.exports.get(export_id, requester.organisation_id, lock=lock) if is_id(export_id) else None
    if found is None or found.scope != OWN:
        raise Unavailable("export_unavailable")
    return found


def _running(export: ExportOnFile) -> ExportOnFile:
    if export.state != RUNNING:
        raise Conflict("export_over")
    return export


def _open(unit: Unit, export: ExportOnFile, number: int) -> ExportOnFile:
    """Whether this part may be made. What has left may still be lost on its way, so the newest export gives each of its parts
    again also when it has come to its end."""
    newest = unit.exports.of_organisation(export.organisation_id, OWN, 1)[0].id == export.id
    if not (export.state == DONE and newest and 1 <= number <= len(export.parts)):
        _running(export)
    if not 1 <= number <= len(export.parts) + 1:
        raise Conflict("export_part_unknown", ready=len(export.parts))
    return export


def _end(unit: Unit, requester: Requester, export: ExportOnFile, state: str, now: datetime) -> None:
    unit.exports.move(export.id, state, now)
    body: dict[str, JsonValue] = {**_body(export, requester), "state": state, "parts": len(export.parts)}
    append_entry(unit, EventKind.EXPORT_ENDED, body, now)


def _body(export: ExportOnFile, requester: Requester) -> dict[str, JsonValue]:
    return {"export": export.id, "organisation": requester.organisation_id, "actor": requester.actor}
