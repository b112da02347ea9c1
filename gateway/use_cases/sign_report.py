"""Reports about files as documents under the gateway's own signature: the partner's proof of what was taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.report import ImportReport
from adapters.signatures.sign import sign_document
from adapters.xml.report import About, write_report
from gateway.use_cases.certificate_values import SignatureSeen
from gateway.use_cases.house import House
from gateway.use_cases.read_imports import read_import_report, read_import_results
from gateway.use_cases.receive_answers import AnswersTaken
from gateway.use_cases.receive_file import FileReceipt
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Broken
from schemas.ids import OrganisationId


def sign_report(house: House, organisation_id: OrganisationId, receipt: FileReceipt, now: datetime) -> bytes:
    """About a file of messages: XAdES-BES over `urn:mezhved:report:1`. Raises Broken (file_signer_missing)."""
    sent = receipt.sent
    return _signed(house, organisation_id, receipt.report, (receipt.digest, receipt.signature), sent, now)


def sign_import_report(house: House, requester: Requester, import_id: str, now: datetime) -> bytes:
    """About a file that was taken step by step, the same. Raises as `read_import`; BadInput (import_still_runs), Broken
    (file_signer_missing)."""
    found = read_import_report(house, requester, import_id)
    if found.one.is_open:
        raise BadInput("import_still_runs")
    file = (found.one.digest, found.one.signature)
    became = read_import_results(house, requester, import_id)
    sent = [(one.operation_id, one.id) for one in became if one.operation_id is not None]
    return _signed(house, found.one.organisation_id, found.report, file, sent, now)


def sign_answers_report(house: House, organisation_id: OrganisationId, taken: AnswersTaken, now: datetime) -> bytes:
    """About a file of answers, the same. Raises Broken (file_signer_missing)."""
    report = ImportReport("answers", records=len(taken.answered), accepted=len(taken.answered) - taken.refused)
    for one in taken.answered:
        for complaint in one.record.complaints:
            report.complain(complaint)
    return _signed(house, organisation_id, report, (taken.digest, taken.signature), (), now)


def _signed(
    house: House,
    organisation_id: OrganisationId,
    report: ImportReport,
    file: tuple[str, SignatureSeen | None],
    sent: Sequence[tuple[str, str]],
    now: datetime,
) -> bytes:
    if house.file_signer is None:
        raise Broken("file_signer_missing")
    about = report_about(house, organisation_id, *file, now)
    return sign_document(write_report(report, about, sent), house.file_signer, now)


def report_about(
    house: House, organisation_id: OrganisationId, digest: str, signature: SignatureSeen | None, now: datetime
) -> About:
    """Which file a report is about."""
    with house.store.reading() as unit:
        sender = unit.participants.organisation(organisation_id)
    assert sender is not None
    mark = signature.certificate if signature else None
    return About(now, digest, sender.ogrn, mark, signature.signed_at if signature else None)
