"""Hand in a file that is taken step by step: streamed, sealed chunk by chunk, and nothing of it read before all of it is there.

The row is committed before the first byte is written, so whatever a crash leaves behind has a row that `clear_imports` finds.
The name of the file is not asked for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from adapters.limits import DEFAULT_LIMITS, too_large
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.attachment_values import Blobs, BlobWriter
from gateway.use_cases.clear_imports import forget_file
from gateway.use_cases.file_records import known_forms
from gateway.use_cases.house import House
from gateway.use_cases.import_values import BY_OPERATOR, WAITING, Handed, Import
from gateway.use_cases.keep_mapping_profile import profile_named
from gateway.use_cases.receive_upload import blobs_of
from gateway.use_cases.values import Requester
from gateway.vault.streams import ChunkSealer
from schemas.errors import Broken, DocumentRejected, MezhvedError, NotPermitted, RequestRejected
from schemas.ids import new_id

AT_ONCE: Final = 5
"""How many imports of one organisation are open at the same time."""
UNDER_WAY: Final = timedelta(hours=6)
"""After so long a file that has not come whole is one that a crash left, and counts for nothing."""


def begin_import(
    house: House, requester: Requester, handed: Handed, now: datetime, *, max_bytes: int, size: int | None = None
) -> ImportReceiver:
    """Begin to hand a file in. `size` is what the sender says.

    Raises NotPermitted (not_for_overseers), RequestRejected (format_unknown, imports_at_once), DocumentRejected
    (document_too_large), BadInput (profile_unknown), Broken (attachments_off, blobs_unwritable).
    """
    blobs = blobs_of(house)
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    if size is not None and size > max_bytes:
        raise too_large(replace(DEFAULT_LIMITS, max_bytes=max_bytes))
    import_id = new_id()
    key, wrapped = house.vault.new_import_key(import_id)
    one = Import(
        import_id,
        requester.organisation_id,
        requester.actor,
        handed,
        now,
        requester.roles,
        requester.scopes,
        wrapped_key=wrapped,
    )
    try:
        with house.store.writing() as unit:
            _check(handed)
            profile_named(unit, requester.organisation_id, handed.profile)
            open_now = unit.imports.count_open(one.organisation_id, now - UNDER_WAY)
            if handed.came_by != BY_OPERATOR and open_now >= AT_ONCE:
                raise RequestRejected("imports_at_once", max=AT_ONCE)
            unit.imports.begin(one)
        return ImportReceiver(house, blobs, one, key, max_bytes)
    except MezhvedError:
        forget_file(house, one.id)
        raise


@dataclass(frozen=True, slots=True)
class HandedIn:
    """`repeated`: the same file is being taken already, and this is that import."""

    id: str
    repeated: bool = False


class ImportReceiver:
    """One file on its way in. Feed it, then finish or abort it. What is refused leaves nothing behind."""

    def __init__(self, house: House, blobs: Blobs, one: Import, key: bytes, max_bytes: int) -> None:
        self._house, self._import, self._most = house, one, max_bytes
        self._digest = hashlib.sha256()
        self._size = 0
        self._writer: BlobWriter = blobs.create(one.id)
        self._sealer = ChunkSealer(key, one.id, self._writer.write)

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._size

    def feed(self, data: bytes) -> None:
        """More of the file. Raises DocumentRejected (document_too_large), Broken (blobs_unwritable)."""
        self._size += len(data)
        if self._size > self._most:
            self.abort()
            raise too_large(replace(DEFAULT_LIMITS, max_bytes=self._most))
        self._digest.update(data)
        self._sealer.feed(data)

    def finish(self, now: datetime, handed: Handed | None = None) -> HandedIn:
        """All is there, and waits to be taken. `handed` where the sender said more meanwhile.

        Raises DocumentRejected (document_empty), RequestRejected, BadInput, Broken.
        """
        try:
            if not self._size:
                raise DocumentRejected("document_empty")
            self._sealer.finish()
            self._writer.keep()
            return self._handed_in(now, handed or self._import.handed)
        except MezhvedError:
            self.abort()
            raise

    def abort(self) -> None:
        """Forget everything. May be repeated."""
        self._writer.drop()
        forget_file(self._house, self._import.id)

    def _handed_in(self, now: datetime, handed: Handed) -> HandedIn:
        digest = self._digest.hexdigest()
        one = replace(self._import, handed=handed, state=WAITING, size=self._size, digest=digest)
        with self._house.store.writing() as unit:
            _check(handed)
            profile_named(unit, one.organisation_id, handed.profile)
            unit.facts.lock(f"imports:{one.organisation_id}")
            same = unit.imports.same_open(one)
            if same is None:
                if not unit.imports.handed_in(one):
                    raise Broken("blobs_unwritable")
                entry: dict[str, str | int] = {
                    "organisation": one.organisation_id,
                    "actor": one.actor,
                    "import": one.id,
                    "format": handed.form,
                    "digest": digest,
                    "size": self._size,
                    **({"rehearsal": True} if handed.rehearsal else {}),
                }
                append_entry(unit, EventKind.FILE_HANDED_IN, entry, now)
        if same is not None:
            self.abort()
            return HandedIn(same, repeated=True)
        return HandedIn(one.id)


def _check(handed: Handed) -> None:
    if handed.form not in known_forms():
        raise RequestRejected("format_unknown", known=", ".join(known_forms()))
