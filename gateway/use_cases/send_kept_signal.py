"""Send a signal of one's own journal on: through the same gate as every message. What was kept of it ends when it is sent.

Its identifier as a message is the one it was kept with, so that sending it again after a crash changes nothing.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError

from adapters.tables.profile import SIGNAL
from gateway.use_cases.house import House
from gateway.use_cases.keep_records import own_record
from gateway.use_cases.read_kept_records import parse_kept
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.errors import BadInput, Unavailable
from schemas.intake import SignalDraft
from schemas.messages import Urgency


def send_kept_signal(
    house: House,
    requester: Requester,
    record_id: str,
    recipient_ogrn: str,
    trigger: str,
    urgency: Urgency,
    now: datetime,
    *,
    received_by: str | None = None,
    synthetic: bool = False,
) -> MessageOnFile:
    """Raises NotPermitted (not_for_overseers), Unavailable (kept_unavailable), BadInput (kept_incomplete), and what
    `submit_message` raises; then it stays kept."""
    with house.store.reading() as unit:
        record = own_record(unit, requester, record_id, now, lock=False)
        sender = unit.participants.organisation(requester.organisation_id)
    assert sender is not None
    plain = house.vault.open_drafts({record.key_id: record.sealed}).get(record.key_id)
    signal = parse_kept(record.kind, plain) if plain is not None else None
    if record.kind != SIGNAL or not isinstance(signal, SignalDraft):
        raise Unavailable("kept_unavailable")
    try:
        draft = signal.message(sender.ogrn, recipient_ogrn, trigger, urgency, received_by)
    except ValidationError:
        raise BadInput("kept_incomplete") from None
    message = submit_message(house, requester, draft, now, synthetic=synthetic).message
    with house.store.writing() as unit:
        unit.kept_records.drop([record.id])
    house.vault.forget_draft(record.key_id)
    return message
