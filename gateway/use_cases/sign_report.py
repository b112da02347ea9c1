"""Reports about files as documents under the gateway's own signature: the partner's proof of what was taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.report import ImportReport
from adapters.signatures.sign import sign_document
from adapters.xml.report import About, write_report
from gateway.use_cases.certificate_values import SignatureSeen
from gateway.use_cases.house import House
from gateway.use_cases.read_imports import read_import_results
from gateway.use_cases.receive_answers import AnswersTaken
from gateway.use_cases.receive_file import FileReceipt
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Broken
from schemas.ids import OrganisationId


def sign_report(house: House, organisation_id: OrganisationId, receipt: FileReceipt, now: datetime) -> bytes:
    """About a file of messages: XAdES-BES over `urn:mezhved:report:1`. Raises Broken (file_signer_missing)."""
    about = report_about(house, organisation_id, receipt.digest, receipt.signature, now)
    return _signed(house, receipt.report, replace(about, rehearsal=receipt.rehearsal), receipt.sent, now)


def sign_import_report(house: House, requester: Requester, import_id: str, now: datetime) -> bytes:
    """About a file that was taken step by step, the same. Raises as `read_import`; BadInput (import_still_runs), Broken
    (file_signer_missing)."""
    found = read_import_results(house, requester, import_id)
    one = found.one
    if one.is_open:
        raise BadInput("import_still_runs")
    about = report_about(house, one.organisation_id, one.digest, one.signature, one.handed_in_at)
    ended_by = one.refusal[0] if one.refusal else None
    sent = [(done.operation_id, done.id) for done in found.became if done.operation_id is not None]
    return _signed(house, found.report, replace(about, rehearsal=one.handed.rehearsal, ended_by=ended_by), sent, now)


def sign_answers_report(house: House, organisation_id: OrganisationId, taken: AnswersTaken, now: datetime) -> bytes:
    """About a file of answers, the same. Raises Broken (file_signer_missing)."""
    about = report_about(house, organisation_id, taken.digest, taken.signature, now)
    return _signed(house, taken.report, replace(about, rehearsal=taken.rehearsal), (), now)


def _signed(house: House, report: ImportReport, about: About, sent: Sequence[tuple[str, str]], now: datetime) -> bytes:
    if house.file_signer is None:
        raise Broken("file_signer_missing")
    return sign_document(write_report(report, about, sent), house.file_signer, now)


def report_about(
    house: House, organisation_id: OrganisationId, digest: str, signature: SignatureSeen | None, received_at: datetime
) -> About:
    """Which file a report is about."""
    with house.store.reading() as unit:
        sender = unit.participants.organisation(organisation_id)
    assert sender is not None
    mark = signature.certificate if signature else None
    return About(received_at, digest, sender.ogrn, mark, signature.signed_at if signature else None)
