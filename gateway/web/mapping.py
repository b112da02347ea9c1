"""«Свой формат таблицы»: a sample of a table, what each column probably is, corrected by a person, tried, kept as a profile.

The same use cases as the guided command. Samples are shown as shapes; nothing of the table is stored or logged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
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
from gateway.use_cases.keep_mapping_profile import read_profiles, read_withdrawn, write_profile
from gateway.use_cases.keep_records import require_keeper
from gateway.web.files import FIELD
from gateway.web.forms import Form
from gateway.web.mapping_form import (
    MOST_SAMPLE,
    Choice,
    Table,
    agreed,
    carried_choices,
    carried_sample,
    carried_table,
    carry,
    choices,
    defaultable,
    defaults_of,
    field_of_place,
    missing,
    mistakes,
    named,
    overlay_of,
    table_of,
)
from gateway.web.mapping_formats import PATH, WITHDRAWN, described
from gateway.web.sample import Sample
from gateway.web.visits import Desk, Visit
from schemas.codes import DOCUMENT_SYSTEMS
from schemas.errors import BadInput, Broken, MezhvedError
from schemas.nameless import NotNameless

TABLE: Final = f"{PATH}/table"
_MOST_DIGITS: Final = 3
AGAIN: Final = "file"
"""The field of a file that is tried instead of the sample; the page carries the table itself under the other name."""
AGREE, TRY, KEEP, TURN = "agree", "try", "keep", "page-"


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
        own=described(visit, read_profiles(visit.edge.house, visit.me.requester)),
        withdrawn=described(visit, read_withdrawn(visit.edge.house, visit.me.requester)),
        done=visit.query.get("done", "") == WITHDRAWN,
        values=visit.form,
        limit=visit.edge.settings.max_file_bytes // 1024**2,
        errors={},
        error=error,
    )


def _go_on(visit: Visit, taken: Sample) -> Response:
    require_keeper(visit.me.requester)
    form = visit.form
    do = form.get("do")
    if do not in {AGREE, TRY, KEEP} and not do.startswith(TURN):
        return _look(visit, taken)
    table, sample = carried_table(form), carried_sample(form)
    if refused := form.refused.get(AGAIN):
        return _show(visit, table, sample, form, error=refused)
    if taken.chosen:
        sample = taken.content.getvalue()
    if do.startswith(TURN):
        return _show(visit, table, sample, form, page=_page(do.removeprefix(TURN)))
    if do == AGREE:
        return _show(visit, table, sample, agreed(table, form))
    return _act(visit, table, sample, form, do)


def _act(visit: Visit, table: Table, sample: bytes, form: Form, do: str) -> Response:
    """To try or to keep what was chosen."""
    wrong = mistakes(table, form)
    if do == KEEP and not form.get("name"):
        wrong["name"] = "web_mapping.name_missing"
    if wrong:
        return _show(visit, table, sample, form, wrong=wrong)
    try:
        return _keep(visit, table, form) if do == KEEP else _try(visit, table, sample, form)
    except NotNameless as error:
        wrong = named(table, overlay_of(table, form), error.marks)
        return _show(visit, table, sample, form, wrong=wrong, error=None if wrong else error)
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
    page: int | None = None,
) -> Response:
    found, values, wrong = choices(table, form), form or Form(), wrong or {}
    profile, place = table.profile, field_of_place(str(error.params.get("place", "")), table) if error else ""
    page = min(page or _page_of(found, {*wrong, place}, _page(values.get("at"))), table.pages)
    lacking = missing(table, found, defaults_of(table, values))
    return visit.page(
        "files_mapping_table.html",
        STATUS[error.kind] if error else 400 if wrong else 200,
        table=table,
        page=page,
        column_pages=_column_pages(found, table.pages),
        carried=carried_choices(found, page),
        summary=_summary(visit, found, wrong, page, ", ".join(f"«{column.heading}»" for column in lacking)),
        place=place,
        base=visit.text(f"web_files.profile_{table.base}"),
        sample=carry(sample),
        fits=len(sample) <= MOST_SAMPLE,
        choices=[one for one in found if one.page == page],
        fields=[(NOT_KEPT, visit.text("web_mapping.not_taken")), *((c.field, c.heading) for c in profile.columns)],
        headings={column.field: column.heading for column in profile.columns},
        left=[one.proposal.heading for one in found if one.chosen == NOT_KEPT],
        open=sum(not one.chosen for one in found),
        missing=lacking,
        defaultable=defaultable(table, found),
        systems=[(code, visit.text(f"web_mapping.system_{code}")) for code in DOCUMENT_SYSTEMS],
        values=values,
        errors=wrong,
        error=error,
        **_trial(visit, report),
    )


def _page(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and 0 < len(said) <= _MOST_DIGITS else 1


def _page_of(found: Sequence[Choice], wrong: Collection[str], now: int) -> int:
    """The page that is shown: this one, unless everything that is wrong stands on others."""
    pages = [one.page for one in found if one.name in wrong]
    return now if now in pages or not pages else pages[0]


def _column_pages(found: Sequence[Choice], pages: int) -> list[tuple[int, int, int, int]]:
    """Every page: its number, its first and last column, how many of them have no field yet."""
    of_page = {page: [one for one in found if one.page == page] for page in range(1, pages + 1)}
    return [
        (page, ones[0].number + 1, ones[-1].number + 1, sum(not one.chosen for one in ones))
        for page, ones in of_page.items()
        if ones
    ]


def _summary(
    visit: Visit, found: Sequence[Choice], wrong: Mapping[str, str], page: int, lacking: str
) -> list[tuple[str, str]]:
    """The error summary: where each line leads to, and its words, with the column that it is about. What is wrong on other
    pages is counted by page."""
    columns = {one.name: one for one in found}
    lines, elsewhere = [], Counter[int]()
    for name, key in wrong.items():
        one = columns.get(name)
        if one is not None and one.page != page:
            elsewhere[one.page] += 1
        elif one is not None:
            words = {"column": one.proposal.heading, "words": visit.text(key)}
            lines.append((f"#{name}", visit.text("web_mapping.at_column", **words)))
        else:
            lines.append((f"#{name}", visit.text(key, columns=lacking) if name == "missing" else visit.text(key)))
    lines += [(f"#page-{at}", visit.text("web_mapping.on_page", n=count, page=at)) for at, count in elsewhere.items()]
    return lines


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
