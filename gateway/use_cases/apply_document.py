"""Apply one canonical document that came in a file: through the use case that the API calls for it, and never twice.

A message has its operation id, an authority the number of its recorder. A summary or a consent has none, so a keyed digest of
it is remembered in the same unit of work: the same record sent again changes nothing, neither after it was withdrawn nor after
the keys of its people were destroyed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import rfc8785
from pydantic import BaseModel

from adapters.tables.profile import ANSWER, MESSAGE
from gateway.use_cases.apply_answer import Rehearsed, apply_answer, rehearse_answer
from gateway.use_cases.disclose import MAX_ATTEMPTS
from gateway.use_cases.file_records import AUTHORITY, CONSENT, SUMMARY
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.publish_case_summary import check_summary, publish_in
from gateway.use_cases.record_authority import check_authority, record_authority
from gateway.use_cases.record_consent import check_consent, record_consent_in
from gateway.use_cases.submit_message import preview_message, refusal_of, submit_message
from gateway.use_cases.taken_values import TakenRecord
from gateway.use_cases.values import Requester
from schemas.answers import AnswerDraft
from schemas.authority import AuthorityDraft
from schemas.errors import BadInput, Contended
from schemas.messages import MessageDraft
from schemas.summary import ConsentDraft, SummaryDraft


@dataclass(frozen=True, slots=True)
class Applied:
    """What a record became: `id` is that of the message (also of one that is answered), of the version's entry, of the consent,
    of the authority or of what the directory lists. `repeated`: it was taken before, and nothing changed. `operation_id`: of a
    message, as its sender chose it."""

    kind: str
    id: str
    repeated: bool = False
    operation_id: str | None = None


def apply_document(
    house: House, requester: Requester, value: BaseModel, now: datetime, *, synthetic: bool = False
) -> Applied:
    """Raises what `submit_message`, `publish_case_summary`, `record_consent`, `record_authority`, `apply_answer` do; BadInput
    (document_elsewhere) for a kind that has another way in; Contended."""
    if isinstance(value, MessageDraft):
        submitted = submit_message(house, requester, value, now, synthetic=synthetic)
        return Applied(MESSAGE, submitted.message.id, submitted.repeated, value.operation_id)
    if isinstance(value, SummaryDraft):
        return _once(
            house,
            requester,
            SUMMARY,
            value.case_ref,
            value,
            now,
            lambda unit: publish_in(house, unit, requester, value, now, synthetic=synthetic).entry_id,
        )
    if isinstance(value, ConsentDraft):
        return _once(
            house,
            requester,
            CONSENT,
            None,
            value,
            now,
            lambda unit: record_consent_in(house, unit, requester, value, now, synthetic=synthetic),
        )
    if isinstance(value, AuthorityDraft):
        recorded = record_authority(house, requester, value, now, synthetic=synthetic)
        return Applied(AUTHORITY, recorded.id, recorded.repeated)
    if isinstance(value, AnswerDraft):
        answered, is_new = apply_answer(house, requester, value, now)
        return Applied(ANSWER, answered, not is_new)
    raise BadInput("document_elsewhere")


def rehearse_document(
    house: House, requester: Requester, value: BaseModel, now: datetime, earlier: Rehearsed | None = None
) -> None:
    """The same questions without an answer that anything rests on: nothing is stored. `earlier`: what answers before it in the
    same file would have done. Raises as `apply_document` does."""
    if isinstance(value, AnswerDraft):
        rehearse_answer(house, requester, value, now, earlier)
        return
    if isinstance(value, MessageDraft):
        preview = preview_message(house, requester, value, now)
        if preview.blocked_by is not None:
            raise refusal_of(preview)
        return
    if isinstance(value, AuthorityDraft):
        check_authority(value)
        return
    with house.store.reading() as unit:
        if isinstance(value, SummaryDraft):
            check_summary(unit, requester, value, now)
        elif isinstance(value, ConsentDraft):
            check_consent(house, unit, value, now)
        else:
            raise BadInput("document_elsewhere")


def _once(
    house: House,
    requester: Requester,
    kind: str,
    name: str | None,
    value: BaseModel,
    now: datetime,
    work: Callable[[Unit], str],
) -> Applied:
    """`name` is the sender's own of what may come again with another content; without one the content is all there is."""
    digest = house.vault.keyed_digest(rfc8785.dumps([kind, value.model_dump(mode="json", exclude_defaults=True)]))
    key = house.vault.keyed_digest(rfc8785.dumps([kind, requester.organisation_id, name])) if name else digest
    for _ in range(MAX_ATTEMPTS):
        try:
            with house.store.writing() as unit:
                before = unit.taken.find(requester.organisation_id, kind, key)
                if before is not None and before.digest == digest:
                    return Applied(kind, before.result, repeated=True)
                result = work(unit)
                unit.taken.take(TakenRecord(requester.organisation_id, kind, key, digest, result, now), before)
            return Applied(kind, result)
        except Contended:  # the same file is being taken twice at this very moment
            continue
    raise Contended("facts_keep_moving")
