"""Export one case: for a recipient what it reads of it now, for its holder its own. Nothing that the answer would not have.

(1) the file may still be taken (RU-152-5-2 is data of the pack: `keep_export`);
(2) the case is read through the door: ruled, its entry committed, opened and masked (laws 1 to 5);
(3) the file is written in memory; the entry with its form, digest and size is committed;
(4) only now may its first byte leave.
"""

from __future__ import annotations

from datetime import datetime

from adapters.exports.files import write_file
from gateway.use_cases.disclose import disclose
from gateway.use_cases.export_content import exported_case, party
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.keep_export import MadeExport, Reading, form_of, make_export, require_not_standing
from gateway.use_cases.read_case_summaries import SummaryScope
from gateway.use_cases.values import Organisation, Requester
from schemas import categories as c
from schemas.errors import BadInput, Unavailable
from schemas.exports import Export, ExportCase
from schemas.ids import new_id


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
) -> MadeExport:
    """One case of another holder, for a purpose.

    Raises BadInput (export_form_unknown, purpose_unknown), Unavailable (case_unavailable) for a case without a relation as
    for one that does not exist, Refused (export_limit).
    """
    wanted = form_of(form)
    if not house.pack.is_purpose(purpose):
        raise BadInput("purpose_unknown", purpose=purpose)
    require_not_standing(house, requester, now)  # (1)
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    question = Question(purpose, (*c.SECTION_CATEGORIES, c.CASE_WORKER), statute=statute, request=request)
    disclosed = disclose(house, requester, question, SummaryScope((case_id,)), now)  # (2)
    (found,) = disclosed.cases
    if found.case.summary is None:
        raise Unavailable("case_unavailable")
    case = exported_case(house, requester.organisation_id, found, disclosed.entry_id, purpose)
    export = export_of(house, requester, "case", now, cases=(case,))
    file = write_file(export, wanted)  # (3)
    reading = Reading("case", disclosed.entry_id)
    return make_export(house, requester, export.id, "case", form, file, [reading], now)  # (4)


def export_of(
    house: House, requester: Requester, scope: str, now: datetime, *, cases: tuple[ExportCase, ...] = ()
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
    )


def reader_of(house: House, requester: Requester) -> Organisation:
    """The organisation that exports."""
    with house.store.reading() as unit:
        found = unit.participants.organisation(requester.organisation_id)
    assert found is not None
    return found
