"""«Свой формат таблицы»: a sample of a table, what each column probably is, corrected by a person, tried, kept as a profile.

The same use cases as the guided command. Samples are shown as shapes; nothing of the table is stored or logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.limits import Limits
from adapters.losses import Lost, place_in_words
from adapters.report import ImportReport
from adapters.tables.overlay import NOT_KEPT
from adapters.tables.profile import BUILT_IN
from adapters.tables.propose import propose
from adapters.trial import try_profile
from gateway.edge import STATUS
from gateway.use_cases.file_records import sheet_number
from gateway.use_cases.keep_mapping_profile import read_profiles, write_profile
from gateway.use_cases.keep_records import require_keeper
from gateway.web.files import FIELD
from gateway.web.forms import Form
from gateway.web.mapping_form import (
    MOST_COLUMNS,
    MOST_SAMPLE,
    Table,
    agreed,
    carried_sample,
    carried_table,
    carry,
    choices,
    defaultable,
    defaults_of,
    missing,
    mistakes,
    overlay_of,
    table_of,
)
from gateway.web.sample import Sample
from gateway.web.visits import Desk, Visit
from schemas.codes import DOCUMENT_SYSTEMS
from schemas.errors import BadInput, Broken, MezhvedError

PATH: Final = "/files/mapping"
TABLE: Final = f"{PATH}/table"
AGAIN: Final = "file"
"""The field of a file that is tried instead of the sample; the page carries the table itself under the other name."""
AGREE, TRY, KEEP = "agree", "try", "keep"


def mapping_routes(desk: Desk) -> APIRouter:
    """`/files/mapping`: a sample, the proposal, the profile."""
    router = APIRouter()

    @router.get(PATH)
    async def begin(request: Request) -> Response:
        return await desk.answer(request, _begin)

    @router.post(TABLE)
    async def go_on(request: Request) -> Response:
        taken = Sample()
        return await desk.answer(
            request, lambda visit: _go_on(visit, taken), takes={FIELD: taken.taking, AGAIN: taken.taking}
        )

    return router


def _begin(visit: Visit, error: MezhvedError | None = None) -> Response:
    require_keeper(visit.me.requester)
    return visit.page(
        "files_mapping.html",
        STATUS[error.kind] if error else 200,
        bases=[("", visit.text("web_mapping.base_any"))]
        + [(name, visit.text(f"web_files.profile_{name}")) for name in BUILT_IN],
        own=read_profiles(visit.edge.house, visit.me.requester),
        values=visit.form,
        limit=visit.edge.settings.max_file_bytes // 1024**2,
        errors={},
        error=error,
    )


def _go_on(visit: Visit, taken: Sample) -> Response:
    require_keeper(visit.me.requester)
    form = visit.form
    if form.get("do") not in {AGREE, TRY, KEEP}:
        return _look(visit, taken)
    table, sample = carried_table(form), carried_sample(form)
    if refused := form.refused.get(AGAIN):
        return _show(visit, table, sample, form, error=refused)
    if taken.chosen:
        sample = taken.content.getvalue()
    if form.get("do") == AGREE:
        return _show(visit, table, sample, agreed(table, form))
    wrong = mistakes(table, form)
    if form.get("do") == KEEP and not form.get("name"):
        wrong["name"] = "web_mapping.name_missing"
    if wrong:
        return _show(visit, table, sample, form, wrong=wrong)
    try:
        return _keep(visit, table, form) if form.get("do") == KEEP else _try(visit, table, sample, form)
    except (BadInput, Broken) as error:
        return _show(visit, table, sample, form, error=error)


def _look(visit: Visit, taken: Sample) -> Response:
    form = visit.form
    try:
        taken.require(form, FIELD)
        sheet, content = sheet_number(form.get("sheet")), taken.content.getvalue()
        table = table_of(propose(content, form.get("base") or None, _limits(visit), sheet), sheet)
    except (BadInput, Broken) as error:
        return _begin(visit, error)
    return _show(visit, table, content, None)


def _try(visit: Visit, table: Table, sample: bytes, form: Form) -> Response:
    if not sample:
        raise BadInput("file_not_chosen")
    profile = overlay_of(table, form).profile()
    report = try_profile(sample, profile, visit.me.organisation.ogrn, _limits(visit), table.sheet)
    return _show(visit, table, sample, form, report=report)


def _keep(visit: Visit, table: Table, form: Form) -> Response:
    kept = write_profile(visit.edge.house, visit.me.requester, overlay_of(table, form).text(), visit.now)
    return visit.page("files_mapping_kept.html", kept=kept)


def _show(
    visit: Visit,
    table: Table,
    sample: bytes,
    form: Form | None,
    *,
    wrong: Mapping[str, str] | None = None,
    error: MezhvedError | None = None,
    report: ImportReport | None = None,
) -> Response:
    found, values = choices(table, form), form or Form()
    profile = table.profile
    return visit.page(
        "files_mapping_table.html",
        STATUS[error.kind] if error else 400 if wrong else 200,
        table=table,
        base=visit.text(f"web_files.profile_{table.base}"),
        state=table.model_dump_json(),
        sample=carry(sample),
        fits=len(sample) <= MOST_SAMPLE,
        choices=found[:MOST_COLUMNS],
        beyond=len(found) - MOST_COLUMNS,
        fields=[(NOT_KEPT, visit.text("web_mapping.not_taken")), *((c.field, c.heading) for c in profile.columns)],
        headings={column.field: column.heading for column in profile.columns},
        left=[one.proposal.heading for one in found if one.chosen == NOT_KEPT],
        open=sum(not one.chosen for one in found),
        missing=missing(table, found, defaults_of(table, values)),
        defaultable=defaultable(table, found),
        systems=[(code, visit.text(f"web_mapping.system_{code}")) for code in DOCUMENT_SYSTEMS],
        values=values,
        errors=wrong or {},
        error=error,
        **_trial(visit, report),
    )


def _trial(visit: Visit, report: ImportReport | None) -> dict[str, Any]:
    if report is None:
        return {"report": None}
    words = {complaint.code: complaint.message(visit.language) for complaint in report.complaints}
    return {
        "report": report,
        "rules": [(words.get(code, code), count) for code, count in report.rules.most_common()],
        "losses": [(lost.value, report.losses.count(lost), report.losses.by_place(lost)) for lost in Lost],
        "rule": lambda code: visit.text(f"losses.{code}"),
        "where": lambda code, place: place_in_words(code, place, visit.language),
    }


def _limits(visit: Visit) -> Limits:
    return replace(Limits(), max_bytes=visit.edge.settings.max_file_bytes)
