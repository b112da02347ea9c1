"""One import on a page: how far it is, then its report, and the refused rows back by a button."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.losses import Lost, place_in_words
from adapters.report import Severity
from gateway.edge import refused_rows_response
from gateway.use_cases.import_values import REFUSED, Import
from gateway.use_cases.read_imports import read_import, read_import_report, stop_import
from gateway.use_cases.return_refused import return_refused
from gateway.web.visits import Desk, Visit, redirect
from schemas.catalogue import text
from schemas.errors import MezhvedError

PATH: Final = "/files/imports"
MOST_SHOWN: Final = 200


def import_page_routes(desk: Desk) -> APIRouter:
    """`/files/imports/{id}`, its refused rows, and the button that stops it."""
    router = APIRouter()

    @router.get(PATH + "/{import_id}")
    async def one(import_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _one(visit, import_id))

    @router.post(PATH + "/{import_id}/refused")
    async def refused(import_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _refused(visit, import_id))

    @router.post(PATH + "/{import_id}/stop")
    async def stopping(import_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _stop(visit, import_id))

    return router


def _one(visit: Visit, import_id: str) -> Response:
    house, who = visit.edge.house, visit.me.requester
    one = read_import(house, who, import_id)
    return _running(visit, one) if one.is_open else _report(visit, import_id)


def _running(visit: Visit, one: Import) -> Response:
    return visit.page("import_running.html", one=one, position=one.position)


def _report(visit: Visit, import_id: str) -> Response:
    found = read_import_report(visit.edge.house, visit.me.requester, import_id)
    one, report, language = found.one, found.report, visit.language
    errors = [c for c in report.complaints if c.severity is Severity.ERROR]
    warnings = [c for c in report.complaints if c.severity is Severity.WARNING]
    return visit.page(
        "files_report.html",
        one=one,
        position=one.position,
        refusal=MezhvedError(one.refusal[0], **one.refusal[1]) if one.refusal else None,
        is_refused=one.state == REFUSED,
        report=report,
        messages=one.position.sent,
        returns=bool(one.rejected) and one.wrapped_key is not None,
        groups=[("errors", errors[:MOST_SHOWN], len(errors)), ("warnings", warnings[:MOST_SHOWN], len(warnings))],
        message=lambda complaint: complaint.message(language),
        remedy=lambda complaint: complaint.remedy(language),
        losses=[(lost.value, report.losses.count(lost), report.losses.by_place(lost)[:MOST_SHOWN]) for lost in Lost],
        rule=lambda code: visit.text(f"losses.{code}"),
        where=lambda code, place: place_in_words(code, place, language),
    )


def _refused(visit: Visit, import_id: str) -> Response:
    returned = return_refused(visit.edge.house, visit.me.requester, import_id, visit.now)
    return refused_rows_response(returned, f"{text('web_files.reject_name', 'ru')}.{returned.form}")


def _stop(visit: Visit, import_id: str) -> Response:
    stop_import(visit.edge.house, visit.me.requester, import_id)
    return redirect(f"{PATH}/{import_id}")
