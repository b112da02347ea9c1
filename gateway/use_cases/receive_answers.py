"""Take in a file of answers that a partner put into its folder: receipts and what became of messages, record by record.

The same use cases as the API apply them, as the partner's system, each once (`apply_answer`). The file is read to its end
before anything is applied.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from adapters.answers.report import REFUSED, REHEARSED, REPEATED, TAKEN, Answered
from adapters.answers.table import NAME, read_answer_table
from adapters.answers.xml import read_answers
from adapters.limits import DEFAULT_LIMITS, Limits, too_large
from adapters.report import ImportReport, Record
from adapters.tables.profile import built_in
from gateway.use_cases.apply_answer import Rehearsed, apply_answer, rehearse_answer
from gateway.use_cases.certificate_values import SignatureSeen
from gateway.use_cases.check_signature import Checked, check_signature
from gateway.use_cases.delivery_values import Endpoint
from gateway.use_cases.file_records import KEPT_OUT, FileRecords, Source
from gateway.use_cases.house import House
from gateway.use_cases.receive_file import marks, record_file, returned
from gateway.use_cases.take_records import refused
from gateway.use_cases.tell_people import tell_administrator
from gateway.use_cases.values import Requester
from schemas.answers import AnswerDraft

FORMS: Final = ("xml", "csv", "xlsx")
REJECTED: Final = "pickup.rejected"
_XML: Final = "xml"


@dataclass(frozen=True, slots=True)
class AnswersTaken:
    """What became of each answer of a file, and of the file. `reject_file`: the refused ones in the sender's own format;
    `digest`: SHA-256 of the file as it came; `signature`: by which it was taken. `rehearsal`: nothing was applied."""

    report: ImportReport
    answered: Sequence[Answered]
    reject_file: bytes | None = None
    digest: str = ""
    signature: SignatureSeen | None = None
    rehearsal: bool = False

    @property
    def refused(self) -> int:
        """How many were kept out."""
        return self.report.rejected


def receive_answers(
    house: House,
    endpoint: Endpoint,
    content: bytes,
    form: str,
    now: datetime,
    *,
    max_bytes: int = DEFAULT_LIMITS.max_bytes,
    rehearsal: bool = False,
) -> AnswersTaken:
    """`rehearsal`: nothing is applied, the report says what would be.

    Raises DocumentRejected for a file that cannot be read as a whole, or for its signature; nothing of it is applied."""
    limits = replace(DEFAULT_LIMITS, max_bytes=max_bytes)
    if len(content) > max_bytes:
        raise too_large(limits)
    actor = f"endpoint:{endpoint.id}"
    with house.store.reading() as unit:
        sender = unit.participants.organisation(endpoint.organisation_id)
    assert sender is not None
    checked = check_signature(house, sender, actor, content, form, now, limits)
    source = _source(checked, form, limits, sender.ogrn)
    for _ in _read(source).records:  # to its end before anything is applied
        pass
    requester = Requester(endpoint.organisation_id, actor, scopes=frozenset({"messages.read"}))
    read, earlier, answered = _read(source), Rehearsed(), list[Answered]()
    for record in read.records:
        answered.append(_apply(house, requester, record, now, earlier if rehearsal else None))
        read.report.add(answered[-1].record)
    read.report.format = f"answers-{read.report.format}"
    rejected = [one.record for one in answered if one.outcome == REFUSED]
    reject = returned(source, read, rejected) if rejected else None
    digest = hashlib.sha256(content).hexdigest()
    taken = AnswersTaken(read.report, answered, reject, digest, checked.seen, rehearsal)
    with house.store.writing() as unit:
        more = marks(NAME, form, checked.seen, 0, rehearsal)
        record_file(unit, sender, requester, read.report, digest, now, more)
        if taken.refused and not rehearsal:
            tell_administrator(unit, endpoint.organisation_id, REJECTED, endpoint.id, now)
    return taken


def answers_report(taken: AnswersTaken) -> bytes:
    """The report as JSON: counts, complaints, losses with their digest, what became of each answer."""
    signature = taken.signature
    document = {
        **taken.report.as_dict(),
        "rehearsal": taken.rehearsal,
        "answers": [
            {"record": one.record.number, "line": one.record.line, "answer": one.operation_id, "outcome": one.outcome}
            for one in taken.answered
        ],
        "repeated": sum(one.outcome == REPEATED for one in taken.answered),
        "digest": taken.digest,
        "certificate": signature.certificate if signature else None,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def refuse_file(house: House, endpoint: Endpoint, now: datetime) -> None:
    """A file as a whole was not taken: its partner's administrator is told."""
    with house.store.writing() as unit:
        tell_administrator(unit, endpoint.organisation_id, REJECTED, endpoint.id, now)


def _source(checked: Checked, form: str, limits: Limits, ogrn: str) -> Source:
    came = io.BytesIO(checked.came) if checked.came is not None else None
    return Source(io.BytesIO(checked.content), form, limits, ogrn, built_in(NAME), None, came)


def _read(source: Source) -> FileRecords:
    """As any file is read, but that nothing besides answers is looked for. Raises DocumentRejected."""
    source.stream.seek(0)
    if source.form == _XML:
        return source.with_asides(read_answers(source.stream, source.limits))
    reading = read_answer_table(source.stream, source.limits)
    return FileRecords(reading.records, reading.report, reading.layout)


def _apply(house: House, requester: Requester, record: Record, now: datetime, rehearsed: Rehearsed | None) -> Answered:
    if not isinstance(record.draft, AnswerDraft):
        return Answered(record, REFUSED)
    number = record.draft.operation_id
    try:
        if rehearsed is not None:
            rehearse_answer(house, requester, record.draft, now, rehearsed)
            return Answered(record, REHEARSED, number)
        _, is_new = apply_answer(house, requester, record.draft, now)
    except KEPT_OUT as error:  # whatever else is raised leaves the file where it is
        return Answered(refused(record, error.code, **error.params), REFUSED, number)
    return Answered(record, TAKEN if is_new else REPEATED, number)
