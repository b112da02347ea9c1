"""Export one case: for a recipient what it reads of it now, for its holder its own. Nothing that the answer would not have.

(1) the file may still be taken (RU-152-5-2 is data of the pack: `keep_export`);
(2) the case is read through the door: ruled, its entry committed, opened and masked (laws 1 to 5);
(3) the file is written in memory; the entry with its form, digest and size is committed;
(4) only now may its first byte leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from adapters.exports.files import write_file
from adapters.tables.output import AS_USUAL, Written
from gateway.evidence.entry import JsonValue, commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.disclose import disclose, disclose_own_file
from gateway.use_cases.export_content import exported_case, party
from gateway.use_cases.export_left_out import left_out_of
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.keep_export import MadeExport, Reading, form_of, make_export, require_not_standing
from gateway.use_cases.open_message import CASEWORKER
from gateway.use_cases.own_content import OwnContent
from gateway.use_cases.own_page import Page
from gateway.use_cases.own_pages import page_of
from gateway.use_cases.ports import Unit
from gateway.use_cases.read_case_summaries import SummaryScope
from gateway.use_cases.record_practice_event import has_practice_role
from gateway.use_cases.values import Organisation, Requester
from schemas import categories as c
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.exports import Export, ExportCase, Form
from schemas.ids import CaseId, new_id

OWN_CASE: Final = "own_case"
NO_RECORDS: Final = "own_case_without_records"


def export_case(
    house: House,
    requester: Requester,
    unverified_case: str,
    purpose: str,
    form: str,
    now: datetime,
    *,
    statute: str = "",
    request: str = "",
    written: Written = AS_USUAL,
) -> MadeExport:
    """One case of another holder, for a purpose; of one's own all of it.

    Raises BadInput (export_form_unknown, purpose_unknown, text_outside_encoding), Unavailable (case_unavailable)
    for a case without a relation as
    for one that does not exist, Refused (export_limit); NotPermitted (not_for_overseers, not_assigned) for one's own.
    """
    wanted = form_of(form)
    if not house.pack.is_purpose(purpose):
        raise BadInput("purpose_unknown", purpose=purpose)
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    with house.store.reading() as unit:
        holder_id = unit.families.case_holder(case_id)
    if holder_id == requester.organisation_id:
        return _own_case(house, requester, case_id, wanted, now, written)
    require_not_standing(house, requester, now)  # (1)
    question = Question(purpose, (*c.SECTION_CATEGORIES, c.CASE_WORKER), statute=statute, request=request)
    disclosed = disclose(house, requester, question, SummaryScope((case_id,)), now)  # (2)
    (found,) = disclosed.cases
    if found.case.summary is None:
        raise Unavailable("case_unavailable")
    case = exported_case(house, requester.organisation_id, found, disclosed.entry_id, purpose)
    export = export_of(house, requester, "case", form, now, cases=(case,))
    file = write_file(export, wanted, written)  # (3)
    reading = Reading("case", disclosed.entry_id)
    return make_export(house, requester, export.id, "case", form, file, [reading], now)  # (4)


@dataclass(frozen=True, slots=True)
class _Found:
    """One case of one's own, with what the entry of its reading says."""

    owner: Organisation
    page: Page
    entry: Mapping[str, JsonValue]
    with_records: bool

    @property
    def contents(self) -> Page:
        return self.page


def _own_case(
    house: House, requester: Requester, case_id: CaseId, form: Form, now: datetime, written: Written
) -> MadeExport:
    """For who works on it: nothing leaves its operator, so nothing is ruled; what no program lets out stays sealed, and records
    of the practice go only to whom it lets keep and read them.

    Raises NotPermitted (not_for_overseers, not_assigned).
    """
    without = sorted(house.pack.never_automatic())

    def find(unit: Unit) -> _Found:
        if requester.role != CASEWORKER:
            raise NotPermitted("not_for_overseers")
        require_assigned(unit, requester, case_id)
        owner, case = (
            unit.participants.organisation(requester.organisation_id),
            unit.exports.case(requester.organisation_id, case_id),
        )
        profile = house.practices.get(owner.practice) if owner else None
        reads = profile is not None and has_practice_role(unit, requester, profile.may.keep)
        cases = [case] if case else []
        page = page_of(unit, requester.organisation_id, cases, without, records=reads, scores=False)
        if owner is None or page is None:
            raise Unavailable("case_unavailable")
        body: dict[str, JsonValue] = {
            "organisation": owner.id,
            "actor": requester.actor,
            "case": commitment(new_salt(), case_id),
        }
        return _Found(owner, page, body, reads)

    found, opened = disclose_own_file(house, find, EventKind.EXPORT_READ, now)
    missing = left_out_of(house, OWN_CASE, form)
    missing += () if found.with_records else left_out_of(house, NO_RECORDS, form)
    export = replace(OwnContent(house, found.owner, found.page, opened, now).of(new_id(), 0, missing), scope="case")
    reading = Reading("case", opened.entry_id)
    file = write_file(export, form, written)
    return make_export(house, requester, export.id, "case", form, file, [reading], now, own=True)


def export_of(
    house: House, requester: Requester, scope: str, form: str, now: datetime, *, cases: tuple[ExportCase, ...] = ()
) -> Export:
    """An export of this organisation, with nothing else in it yet."""
    organisation = reader_of(house, requester)
    return Export(
        new_id(),
        scope,
        now,
        party(house, organisation),
        house.pack.identity.id,
        organisation.zone,
        cases,
        left_out=left_out_of(house, scope, form),
    )


def reader_of(house: House, requester: Requester) -> Organisation:
    """The organisation that exports."""
    with house.store.reading() as unit:
        found = unit.participants.organisation(requester.organisation_id)
    assert found is not None
    return found
