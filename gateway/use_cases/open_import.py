"""Open the file of an import: who handed it in and still may, how it is read, and its plaintext, unsealed as it is read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO, Final, cast

from adapters.formats import HEAD_BYTES
from adapters.limits import DEFAULT_LIMITS, MEGABYTE, WIDE
from adapters.record_formats import record_formats
from adapters.signatures.document import MARK_SIZE, may_be_signed
from adapters.tables.parts import is_workbook
from adapters.tables.profile import Profile
from gateway.use_cases.certificate_values import SignatureSeen
from gateway.use_cases.check_signature import check_signature
from gateway.use_cases.file_records import FORMATS, Need, Source, form_told, need_nothing, need_on_page, need_scope
from gateway.use_cases.house import House
from gateway.use_cases.import_values import BY_OPERATOR, BY_SYSTEM, Import
from gateway.use_cases.keep_mapping_profile import profile_named
from gateway.use_cases.ports import Unit
from gateway.use_cases.receive_upload import blobs_of
from gateway.use_cases.values import Organisation, Requester
from gateway.vault.streams import CHUNK, SealedFile
from schemas.errors import DocumentRejected, NotAuthenticated
from schemas.ids import ClientId

IN_MEMORY: Final = 50 * MEGABYTE
"""The largest of those files that are read as a whole: signed ones, workbooks, phone books, and formats of others whose reader
does not say that it holds a record at a time."""
_BLOCK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Opened:
    """A file and whoever handed it in, as they are now."""

    requester: Requester
    sender: Organisation
    by: Profile
    source: Source
    signature: SignatureSeen | None = None


@contextmanager
def open_import(house: House, one: Import, now: datetime) -> Iterator[Opened]:
    """Raises DocumentRejected (import_file_gone, import_not_in_parts) and as `check_signature` does, NotAuthenticated
    (import_sender_gone), BadInput (profile_unknown), SealBroken."""
    with house.store.reading() as unit:
        requester = requester_of(unit, one)
        sender = unit.participants.organisation(one.organisation_id)
        by = profile_named(unit, one.organisation_id, one.handed.profile)
        required = unit.certificates.signatures_required(one.organisation_id)
    assert sender is not None
    how = one.handed
    with open_file(house, one) as plain:
        form = form_told(how.form, by, plain)
        beginning = plain.read(HEAD_BYTES)
        plain.seek(0)
        stream: BinaryIO = plain
        signature: SignatureSeen | None = None
        came: BinaryIO | None = None
        if required or (form == "xml" and _is_marked(plain)):
            _require_small(one)
            plain.seek(0)
            content = plain.read()
            limits = replace(DEFAULT_LIMITS, max_bytes=IN_MEMORY)
            checked = check_signature(house, sender, one.actor, content, form, now, limits)
            stream = io.BytesIO(checked.content)
            came = io.BytesIO(checked.came) if checked.came is not None else None
            signature = checked.seen
        elif not _is_read_in_parts(form, beginning):
            _require_small(one)
        source = Source(stream, form, WIDE, sender.ogrn, by, how.sheet, came)
        yield Opened(requester, sender, by, source, signature)


@contextmanager
def open_file(house: House, one: Import) -> Iterator[BinaryIO]:
    """The plaintext, from its beginning. Raises DocumentRejected (import_file_gone), SealBroken."""
    key = house.vault.open_import_key(one.id, one.wrapped_key) if one.wrapped_key is not None else None
    sealed = blobs_of(house).open(one.id) if key is not None else None
    if sealed is None or key is None:
        raise DocumentRejected("import_file_gone")
    with sealed, io.BufferedReader(SealedFile(key, one.id, sealed), CHUNK) as plain:
        yield cast("BinaryIO", plain)


def requester_of(unit: Unit, one: Import) -> Requester:
    """Whoever handed it in, if they still may. Raises NotAuthenticated (import_sender_gone): who is blocked stops at once."""
    if one.handed.came_by == BY_OPERATOR:
        return Requester(one.organisation_id, one.actor)
    kind, _, name = one.actor.partition(":")
    asked = Requester(one.organisation_id, one.actor, one.roles, one.scopes)
    if kind == "client":
        client = unit.participants.client(ClientId(name))
        if client is not None and client.active and client.organisation_id == one.organisation_id:
            return replace(asked, scopes=one.scopes & frozenset(client.scopes))
    elif asked.person_id is not None:
        person = unit.participants.person(asked.person_id)
        if person is not None and person.active and person.organisation_id == one.organisation_id:
            return replace(asked, roles=person.roles)
    raise NotAuthenticated("import_sender_gone")


def need_of(one: Import, requester: Requester) -> Need:
    """What whoever handed it in must be allowed."""
    if one.handed.came_by == BY_OPERATOR:
        return need_nothing
    return need_scope(requester) if one.handed.came_by == BY_SYSTEM else need_on_page


def _is_read_in_parts(form: str, beginning: bytes) -> bool:
    """Which kind a table is its content tells, whatever it was called."""
    if is_workbook(beginning):
        return False
    folder = record_formats().get(form)
    return form in FORMATS if folder is None else folder.in_parts


def _require_small(one: Import) -> None:
    if one.size > IN_MEMORY:
        raise DocumentRejected("import_not_in_parts", limit_mb=IN_MEMORY // MEGABYTE)


def _is_marked(plain: BinaryIO) -> bool:
    before = b""
    while block := plain.read(_BLOCK):
        if may_be_signed(before + block):
            return True
        before = block[-MARK_SIZE:]
    return False
