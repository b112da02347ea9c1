"""Take in a file, record by record, through the same gate as the API: messages, summaries, consents, answers; own lists.

The file is read to its end before anything is applied: a document that turns out broken leaves nothing behind. Each good
record is applied by itself; a record that a rule or the gate refuses goes into the report and the reject file.
Sending the same file again is harmless: operation ids repeat, and what has none is known by its content.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.report import ImportReport, Record
from adapters.tables.profile import CONTACT, MESSAGE, Profile
from adapters.tables.rejects import reject_file
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.apply_answer import Rehearsed
from gateway.use_cases.apply_document import Applied
from gateway.use_cases.certificate_values import SignatureSeen
from gateway.use_cases.check_signature import Checked, check_signature
from gateway.use_cases.file_records import (
    DEFAULT_PROFILE,
    TABLES,
    FileRecords,
    Need,
    Source,
    Survey,
    form_told,
    known_forms,
    survey,
)
from gateway.use_cases.house import House
from gateway.use_cases.keep_mapping_profile import profile_named
from gateway.use_cases.keep_records import Kept, keep_in, require_keeper
from gateway.use_cases.open_directory import directory_kind_of, read_directory_of
from gateway.use_cases.ports import Unit
from gateway.use_cases.receive_directory_file import receive_directory_file
from gateway.use_cases.take_records import take_record
from gateway.use_cases.values import Organisation, Requester
from schemas.errors import RequestRejected


@dataclass(frozen=True, slots=True)
class FileReceipt:
    """What became of the file. `applied` are messages, summaries, consents, answers; `kept` new or changed records that are
    kept, `unchanged` those that were kept before as they are; `reject_file` has the refused rows in the sender's own format,
    where it gives any back; `digest` is SHA-256 of the file as it came, `signature` the one that it was
    taken by, None for one without. `rehearsal`: nothing was applied. `repeated`: how many records were taken before, so that
    nothing changed."""

    report: ImportReport
    applied: tuple[Applied, ...]
    reject_file: bytes | None
    digest: str
    signature: SignatureSeen | None = None
    kept: int = 0
    unchanged: int = 0
    rehearsal: bool = False
    repeated: int = 0

    @property
    def hidden(self) -> int:
        """How many rows were passed over because they are hidden."""
        return self.report.reasons["hidden"]

    @property
    def messages(self) -> tuple[Applied, ...]:
        """Those of `applied` that are messages."""
        return tuple(one for one in self.applied if one.kind == MESSAGE)

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Operation ids of its messages with the ids they have here."""
        return [(one.operation_id, one.id) for one in self.applied if one.operation_id is not None]


def receive_file(
    house: House,
    requester: Requester,
    stream: BinaryIO,
    form: str,
    now: datetime,
    *,
    need: Need,
    profile: str = DEFAULT_PROFILE,
    sheet: int | None = None,
    max_bytes: int = DEFAULT_LIMITS.max_bytes,
    synthetic: bool = False,
    rehearsal: bool = False,
) -> FileReceipt:
    """`need` is asked for every kind of record before any is applied. `form` is xml, or csv or xlsx for a table: which of
    these it is the content tells, as it does of the tables of canonical documents; or the name of a format's folder. `sheet`
    is the number of a sheet where several would do. `rehearsal`: nothing is applied or kept, the report says what would be.

    Raises DocumentRejected for a file that cannot be read as a whole, or for its signature; nothing of it is applied then.
    What `need` raises; BadInput (profile_unknown); NotPermitted (not_for_overseers) for what is kept or published.
    """
    if form not in known_forms():
        raise RequestRejected("format_unknown", known=", ".join(known_forms()))
    content = stream.read(max_bytes + 1)
    limits = replace(DEFAULT_LIMITS, max_bytes=max_bytes)
    with house.store.reading() as unit:
        sender = unit.participants.organisation(requester.organisation_id)
        by = profile_named(unit, requester.organisation_id, profile)
    assert sender is not None
    form = form_told(form, by, io.BytesIO(content))
    checked = check_signature(house, sender, requester.actor, content, form, now, limits)
    digest = hashlib.sha256(content).hexdigest()
    return apply_file(
        house,
        requester,
        sender,
        checked,
        digest,
        form,
        now,
        by,
        need=need,
        sheet=sheet,
        limits=limits,
        synthetic=synthetic,
        rehearsal=rehearsal,
    )


def apply_file(
    house: House,
    requester: Requester,
    sender: Organisation,
    checked: Checked,
    digest: str,
    form: str,
    now: datetime,
    by: Profile,
    *,
    need: Need,
    sheet: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    synthetic: bool = False,
    rehearsal: bool = False,
) -> FileReceipt:
    """What was checked, record by record. `digest`: of the file as it came. Raises as `receive_file` does."""
    came = io.BytesIO(checked.came) if checked.came is not None else None
    source = Source(io.BytesIO(checked.content), form, limits, sender.ogrn, by, sheet, came)
    if (kind := directory_kind_of(source)) is not None:
        need(kind)
        reading = read_directory_of(source)
        named = {"profile": by.name} if kind == CONTACT else {}
        published = receive_directory_file(house, requester, reading, digest, now, rehearsal=rehearsal, **named)
        reject, again = reading.reject_file(), sum(one.repeated for one in published)
        return FileReceipt(reading.report, tuple(published), reject, digest, checked.seen, 0, 0, rehearsal, again)
    found = survey(source)
    require_all(requester, found, need)
    read = source.read()
    report, done, rejected, drafts = read.report, list[Applied](), list[Record](), list[Kept]()
    earlier, repeated = Rehearsed(), 0
    for record in read.records:
        taken = take_record(house, requester, record, now, synthetic=synthetic, rehearsal=rehearsal, earlier=earlier)
        report.add(taken.record)
        repeated += taken.repeated
        if taken.applied is not None:
            done.append(taken.applied)
        if taken.record.draft is None:
            rejected.append(taken.record)
        if (draft := taken.to_keep) is not None:
            drafts.append(draft)
    keeps = bool(drafts) and not rehearsal
    with house.store.writing() as unit:
        change = keep_in(house, unit, requester, drafts, now) if keeps else None
        more = marks(by.name, form, checked.seen, len(drafts), rehearsal)
        record_file(unit, sender, requester, report, digest, now, more)
    if change is not None:
        change.forget(house)
    reject = returned(source, read, rejected) if rejected else None
    kept = change.changed if change else 0
    unchanged = len(drafts) - kept if keeps else 0
    return FileReceipt(report, tuple(done), reject, digest, checked.seen, kept, unchanged, rehearsal, repeated)


def marks(profile: str, form: str, signature: SignatureSeen | None, kept: int, rehearsal: bool) -> dict[str, str | int]:
    """What an entry says of a file besides its counts, where there is anything to say."""
    return {
        **({"certificate": signature.certificate} if signature else {}),
        **({"profile": profile} if profile != DEFAULT_PROFILE and form in TABLES else {}),
        **({"kept": kept} if kept and not rehearsal else {}),
        **({"rehearsal": True} if rehearsal else {}),
    }


def record_file(
    unit: Unit,
    sender: Organisation,
    requester: Requester,
    report: ImportReport,
    digest: str,
    now: datetime,
    more: Mapping[str, str | int],
) -> None:
    """The entry of a file that was taken in."""
    append_entry(
        unit,
        EventKind.FILE_RECEIVED,
        {
            "organisation": sender.id,
            "actor": requester.actor,
            "format": report.format,
            "digest": digest,
            "records": report.records,
            "accepted": 0 if more.get("rehearsal") else report.accepted,
            "losses": report.losses.digest(),
            **more,
        },
        now,
    )


def returned(source: Source, read: FileRecords, rejected: Sequence[Record]) -> bytes | None:
    """The refused records in the sender's own format: of tables, XML, and formats of a folder that give them back."""
    if read.layout is not None:
        return reject_file(read.layout, rejected)
    return b"".join(source.returned(rejected)) if source.gives_back else None


def require_all(requester: Requester, found: Survey, need: Need) -> None:
    """Whether whoever handed a file in may hand in all that is in it. Raises what `need` does, NotPermitted
    (not_for_overseers)."""
    for kind in sorted(found.kinds):
        need(kind)
    if found.kept:
        require_keeper(requester)
