"""Several messages of one organisation sent together: all of them, or none.

Each is prepared and ruled like any other, in its own lane. First for all, before anything is written: what cannot be sent
to one party is said for that party, with what would be lawful, and the attempt is an entry. Then in one unit of work, where
each is prepared once more on what the one before has written, so that a family that is new is registered once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.use_cases.disclose import RuledCase
from gateway.use_cases.house import House
from gateway.use_cases.message_lane import lane_refused
from gateway.use_cases.message_preview import Preview
from gateway.use_cases.ports import Unit
from gateway.use_cases.prepare_message import Prepared, prepare_message, rule_prepared
from gateway.use_cases.submit_message import digest_of, keep_message, record_outside, refusal_of
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.errors import BadInput, Conflict, Contended, MezhvedError
from schemas.messages import MessageDraft

OF_ONE_PARTY: Final = frozenset(
    {
        *("recipient_unknown", "recipient_is_you", "no_agreement", "message_unavailable"),
        *("answers_another", "answered_not_opened", "person_empty", "lane_refused", "message_refused"),
    }
)
"""Refusals that concern one of the messages; any other is wrong with all of them, and is raised as it is."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of one message: what its recipient would see, or why it would not go."""

    draft: MessageDraft
    prepared: Prepared | None
    ruled: RuledCase | None
    preview: Preview | None
    refused: MezhvedError | None = None

    @property
    def lawful(self) -> str:
        """What would be lawful instead, or which rule stops it, in words; empty where it goes."""
        if self.refused is None:
            return ""
        return str(self.refused.params.get("lawful") or "") or self.refused.message()


class NotTogether(BadInput):
    """Nothing was sent, because something cannot be sent to at least one; `foreseen` says for each what and why."""

    def __init__(self, foreseen: Sequence[Foreseen]) -> None:
        stopped = [found for found in foreseen if found.refused is not None]
        told = "; ".join(f"{found.draft.recipient_ogrn}: {found.lawful}" for found in stopped)
        super().__init__("joint_refused", count=len(stopped), parties=told)
        self.foreseen = tuple(foreseen)


def foresee(
    house: House, unit: Unit, requester: Requester, drafts: Sequence[MessageDraft], now: datetime
) -> tuple[Foreseen, ...]:
    """The same ruling as for sending, for each; nothing is written."""
    return tuple(_foresee(house, unit, requester, draft, now) for draft in drafts)


def _foresee(house: House, unit: Unit, requester: Requester, draft: MessageDraft, now: datetime) -> Foreseen:
    try:
        prepared = prepare_message(house, unit, requester, draft, now)
    except MezhvedError as error:
        if error.code not in OF_ONE_PARTY:
            raise
        return Foreseen(draft, None, None, None, error)
    if prepared.lane is None:
        return Foreseen(draft, prepared, None, None, lane_refused(house, prepared.sending))
    ruled, preview = rule_prepared(house, draft, prepared, now)
    return Foreseen(draft, prepared, ruled, preview, refusal_of(preview) if preview.blocked_by else None)


def refuse_together(house: House, requester: Requester, foreseen: Sequence[Foreseen], now: datetime) -> None:
    """Keep the entry of each attempt that a lane or a rule stops, and raise. Raises NotTogether, Contended."""
    with house.store.writing() as unit:
        for found in foreseen:
            if found.refused is None or found.prepared is None:
                continue
            if found.preview is None:
                record_outside(unit, requester, found.draft, now)
                continue
            _compare(unit, found.prepared)
            digest = digest_of(house, found.draft)
            keep_message(
                house, unit, requester, found.draft, found.prepared, found.ruled, found.preview, now, digest=digest
            )
    raise NotTogether(foreseen)


def keep_together(
    house: House,
    unit: Unit,
    requester: Requester,
    drafts: Sequence[MessageDraft],
    now: datetime,
    *,
    synthetic: bool = False,
) -> list[MessageOnFile]:
    """All messages, in a unit of the caller's; what was sent before under the same operation is not sent again.

    Raises Contended where something moved since it was foreseen (the whole is to be tried again), Conflict
    (operation_id_reused).
    """
    kept = []
    for draft in drafts:
        digest = digest_of(house, draft)
        before = unit.messages.by_operation(requester.organisation_id, draft.operation_id, now)
        if before is not None:
            if before.digest != digest:
                raise Conflict("operation_id_reused", operation_id=draft.operation_id)
            kept.append(before)
            continue
        found = _foresee(house, unit, requester, draft, now)
        if found.refused is not None:
            raise Contended("facts_keep_moving")
        assert found.prepared is not None
        assert found.preview is not None
        _compare(unit, found.prepared)
        message = keep_message(
            house,
            unit,
            requester,
            draft,
            found.prepared,
            found.ruled,
            found.preview,
            now,
            digest=digest,
            synthetic=synthetic,
        )
        assert message is not None
        kept.append(message)
    return kept


def _compare(unit: Unit, prepared: Prepared) -> None:
    if prepared.gathered is not None and not unit.facts.unchanged(prepared.gathered.versions):
        raise Contended("facts_keep_moving")
