"""Take in a request of SMEV 3 that its channel laid down as a file, and answer it as a file: acknowledgement and response.

The envelope's signatures are verified against the certificates of the organisation that hands it over; its content goes the way
of every other file. A message comes again until it is acknowledged: the same content under the same number is applied once and
answered again, another content under it is refused.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO, Final

from adapters.documents.shape import kinds_by_root
from adapters.limits import DEFAULT_LIMITS, too_large
from adapters.report import Complaint, ImportReport, Severity
from adapters.signatures.providers import Signer
from adapters.smev.codes import said_as
from adapters.smev.read import SmevRequest, read_request
from adapters.smev.write import write_ack, write_response
from adapters.tables.profile import referrals_profile
from adapters.xml.mapping import BATCH, RECORD, qualified
from adapters.xml.report import write_report
from gateway.use_cases.check_signature import Checked, record_refusal
from gateway.use_cases.file_records import SMEV, Need
from gateway.use_cases.house import House
from gateway.use_cases.read_certificates import trust_of
from gateway.use_cases.receive_file import FileReceipt, apply_file
from gateway.use_cases.sign_report import report_about
from gateway.use_cases.values import Requester
from schemas.catalogue import text
from schemas.errors import Broken, Conflict, DocumentRejected

MOST_REJECTIONS: Final = 500
"""Refused records that a response names one by one. Whoever hands the request in has them all, in the report."""
_MOST_WORDS: Final = 1000
_DOCUMENTS: Final = frozenset({qualified(RECORD), qualified(BATCH), *kinds_by_root()})


@dataclass(frozen=True, slots=True)
class SmevReceipt:
    """What became of it. `ack` is None for a request that was not fetched from SMEV: nobody waits for one."""

    message_id: str
    receipt: FileReceipt
    response: bytes
    ack: bytes | None


def receive_smev(
    house: House,
    requester: Requester,
    stream: BinaryIO,
    now: datetime,
    *,
    need: Need,
    max_bytes: int = DEFAULT_LIMITS.max_bytes,
    synthetic: bool = False,
) -> SmevReceipt:
    """Raises DocumentRejected for an envelope or content that cannot be read, or for a signature; Conflict
    (smev_message_repeated), Broken (file_signer_missing). Nothing of it is applied then."""
    if house.file_signer is None:
        raise Broken("file_signer_missing")
    content = stream.read(max_bytes + 1)
    limits = replace(DEFAULT_LIMITS, max_bytes=max_bytes)
    if len(content) > max_bytes:
        raise too_large(limits)
    with house.store.reading() as unit:
        sender = unit.participants.organisation(requester.organisation_id)
        assert sender is not None
        trust = trust_of(unit, sender)
    try:
        request = read_request(content, trust, now, house.providers, limits)
    except DocumentRejected as refusal:
        if refusal.code.startswith("signature_"):
            record_refusal(house, sender, requester.actor, content, SMEV, refusal, now)
        raise
    if request.root not in _DOCUMENTS:
        raise DocumentRejected("smev_content_unknown")
    if not request.is_test:
        _take(house, requester, request, now)
    receipt = apply_file(
        house,
        requester,
        sender,
        Checked(request.content, request.person or request.system),
        hashlib.sha256(content).hexdigest(),
        SMEV,
        now,
        referrals_profile(),
        need=need,
        limits=limits,
        synthetic=synthetic,
        rehearsal=request.is_test,
    )
    return _answered(house, requester, request, receipt, house.file_signer, now)


def _take(house: House, requester: Requester, request: SmevRequest, now: datetime) -> None:
    digest = hashlib.sha256(request.content).hexdigest()
    with house.store.writing() as unit:
        before = unit.certificates.smev_digest(requester.organisation_id, request.message_id)
        if before is None:
            unit.certificates.take_smev(requester.organisation_id, request.message_id, digest, now)
        elif before != digest:
            raise Conflict("smev_message_repeated")


def _answered(
    house: House, requester: Requester, request: SmevRequest, receipt: FileReceipt, signer: Signer, now: datetime
) -> SmevReceipt:
    """A status for a rehearsal; our report where anything was taken; rejections where nothing was. What was not fetched from
    SMEV has no address to answer to: its own number stands there."""
    report = receipt.report
    to = request.reply_to if request.reply_to is not None else request.message_id
    if request.is_test:
        words = text("smev.rehearsed", records=report.records, accepted=report.accepted)
        response = write_response(to, signer, now, status=(0, words), version=request.version)
    elif report.accepted:
        about = report_about(house, requester.organisation_id, receipt.digest, receipt.signature, now)
        sent = receipt.sent
        content = write_report(report, about, sent)
        response = write_response(to, signer, now, content=content, version=request.version)
    else:
        rejections = rejections_of(report)
        response = write_response(to, signer, now, rejections=rejections, version=request.version)
    ack = write_ack(request.message_id, signer, version=request.version) if request.reply_to is not None else None
    return SmevReceipt(request.message_id, receipt, response, ack)


def rejections_of(report: ImportReport) -> list[tuple[str, str]]:
    """Code and words for each refused record, in the order of the file: its number, and what is wrong with it (what was signed
    has no lines). What concerns the file as a whole comes first. Where there are more than a response names, the last one says
    how many."""
    errors = [one for one in report.complaints if one.severity is Severity.ERROR]
    records = [list(found) for _, found in itertools.groupby(errors, key=lambda one: one.record)]
    shown = [(said_as("rejection", found[0].code).code, _rejection(found)) for found in records[:MOST_REJECTIONS]]
    named = sum(found[0].record is not None for found in records[:MOST_REJECTIONS])
    if left := report.rejected - named:
        shown.append((said_as("rejection", "").code, text("smev.more", n=left)))
    return shown


def _rejection(errors: Sequence[Complaint]) -> str:
    """What is wrong with one record, as far as there is room for words; how much more there is."""
    first = errors[0]
    words = text("smev.record", number=first.record) if first.record is not None else ""
    for told, one in enumerate(errors):
        place = f" ({one.place})" if one.place else ""
        said = f"{one.code}{place}: {one.message()} {one.remedy()}"
        more = text("smev.more_in_record", n=len(errors) - told)
        if len(words) + len(said) + len(more) + 1 > _MOST_WORDS:
            return f"{words} {more}" if told else f"{words} {said}"[:_MOST_WORDS]
        words = f"{words} {said}".strip()
    return words
