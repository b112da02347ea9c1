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
from gateway.use_cases.not_sent import NotSent
from gateway.use_cases.ports import Unit
from gateway.use_cases.publish_case_summary import publish_in, rehearse_summary
from gateway.use_cases.record_authority import record_authority, rehearse_authority
from gateway.use_cases.record_consent import record_consent_in, rehearse_consent
from gateway.use_cases.submit_message import Expected, rehearse_message, submit_message
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
    message, as its sender chose it. `not_sent`: parts of a message that are not in it."""

    kind: str
    id: str
    repeated: bool = False
    operation_id: str | None = None
    not_sent: tuple[NotSent, ...] = ()


def apply_document(
    house: House, requester: Requester, value: BaseModel, now: datetime, *, synthetic: bool = False
) -> Applied:
    """Raises what `submit_message`, `publish_case_summary`, `record_consent`, `record_authority`, `apply_answer` do; BadInput
    (document_elsewhere) for a kind that has another way in; Contended."""
    if isinstance(value, MessageDraft):
        submitted = submit_message(house, requester, value, now, synthetic=synthetic)
        return Applied(MESSAGE, submitted.message.id, submitted.repeated, value.operation_id, submitted.not_sent)
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
) -> Expected:
    """The same questions over the store as it stands, without an answer that anything rests on: nothing is stored. `earlier`:
    what answers before it in the same file would have done. Raises as `apply_document` does."""
    if isinstance(value, AnswerDraft):
        rehearse_answer(house, requester, value, now, earlier)
        return Expected()
    if isinstance(value, MessageDraft):
        return rehearse_message(house, requester, value, now)
    if isinstance(value, AuthorityDraft):
        return Expected(repeated=rehearse_authority(house, requester, value))
    with house.store.reading() as unit:
        if isinstance(value, SummaryDraft):
            if _was_taken(house, unit, requester, SUMMARY, value.case_ref, value):
                return Expected(repeated=True)
            rehearse_summary(house, unit, requester, value, now)
        elif isinstance(value, ConsentDraft):
            if _was_taken(house, unit, requester, CONSENT, None, value):
                return Expected(repeated=True)
            rehearse_consent(house, unit, requester, value, now)
        else:
            raise BadInput("document_elsewhere")
    return Expected()


def _was_taken(house: House, unit: Unit, requester: Requester, kind: str, name: str | None, value: BaseModel) -> bool:
    digest, key = _known_by(house, requester, kind, name, value)
    before = unit.taken.find(requester.organisation_id, kind, key)
    return before is not None and before.digest == digest


def _known_by(house: House, requester: Requester, kind: str, name: str | None, value: BaseModel) -> tuple[str, str]:
    """The digest of a document and the key that it is remembered by. `name` is the sender's own of what may come again with
    another content; without one the content is all there is."""
    digest = house.vault.keyed_digest(rfc8785.dumps([kind, value.model_dump(mode="json", exclude_defaults=True)]))
    key = house.vault.keyed_digest(rfc8785.dumps([kind, requester.organisation_id, name])) if name else digest
    return digest, key


def _once(
    house: House,
    requester: Requester,
    kind: str,
    name: str | None,
    value: BaseModel,
    now: datetime,
    work: Callable[[Unit], str],
) -> Applied:
    digest, key = _known_by(house, requester, kind, name, value)
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
