"""Publish a family of one's own list: it becomes a version of a summary, and what was kept of it ends."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import ValidationError

from adapters.tables.profile import FAMILY
from gateway.use_cases.house import House
from gateway.use_cases.keep_records import own_record
from gateway.use_cases.publish_case_summary import Published, publish_in
from gateway.use_cases.read_kept_records import parse_kept
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Unavailable
from schemas.intake import FamilyDraft


def publish_kept_family(
    house: House,
    requester: Requester,
    record_id: str,
    now: datetime,
    *,
    as_of: date,
    erase_after: date,
    source: str,
    curator_name: str,
    curator_phone: str,
    synthetic: bool = False,
) -> Published:
    """Raises NotPermitted (not_for_overseers, no_agreement), Unavailable (kept_unavailable), BadInput (kept_incomplete,
    and what `publish_case_summary` says)."""
    with house.store.writing() as unit:
        record = own_record(unit, requester, record_id, now)
        plain = house.vault.open_drafts({record.key_id: record.sealed}).get(record.key_id)
        family = parse_kept(record.kind, plain) if plain is not None else None
        if record.kind != FAMILY or not isinstance(family, FamilyDraft):
            raise Unavailable("kept_unavailable")
        try:
            draft = family.summary(
                as_of=as_of,
                erase_after=erase_after,
                source=source,
                curator_name=curator_name,
                curator_phone=curator_phone,
            )
        except ValidationError:
            raise BadInput("kept_incomplete") from None
        published = publish_in(house, unit, requester, draft, now, synthetic=synthetic)
        unit.kept_records.drop([record.id])
    house.vault.forget_draft(record.key_id)
    return published
