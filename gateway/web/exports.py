"""Exports on pages: a case and a thread as a file by a button, and all own data of an organisation for its head.

Whatever leaves is an act with an entry, so it is asked for by a form, never by a link that a browser may follow in advance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.tables.output import Written, written_as
from gateway.edge import archive_response, export_response
from gateway.use_cases.export_case import export_case
from gateway.use_cases.export_left_out import left_out_of
from gateway.use_cases.export_own import OWN, begin_export, cancel_export, read_export, read_exports
from gateway.use_cases.export_port import DONE, RUNNING, ExportOnFile, kinds_of
from gateway.use_cases.export_thread import export_thread
from gateway.web.visits import Desk, Visit, redirect
from schemas.errors import BadInput
from schemas.exports import FORMS
from schemas.ids import MessageId

PATH: Final = "/exports"
MOST_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a kind have left, of how many there were when it began; there may be more by now."""

    kind: str
    ready: int
    total: int

    @property
    def is_whole(self) -> bool:
        """Whether as many have left as there were."""
        return self.ready >= self.total


def export_routes(desk: Desk) -> APIRouter:
    """`/case/export`, `/messages/{id}/export`, `/exports` and one of them."""
    router = APIRouter()

    @router.post("/case/export")
    async def case(request: Request) -> Response:
        return await desk.answer(request, _case)

    @router.post("/messages/{message_id}/export")
    async def thread(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _thread(visit, MessageId(message_id)))

    @router.get(PATH)
    async def exports(request: Request) -> Response:
        return await desk.answer(request, _exports)

    @router.post(PATH)
    async def beginning(request: Request) -> Response:
        return await desk.answer(request, _begin)

    @router.get(PATH + "/{export_id}")
    async def export(export_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _export(visit, export_id))

    @router.post(PATH + "/{export_id}/archive")
    async def archive(export_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _archive(visit, export_id))

    @router.post(PATH + "/{export_id}/cancel")
    async def cancelling(export_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _cancel(visit, export_id))

    return router


def _case(visit: Visit) -> Response:
    form = visit.form
    house, who = visit.edge.house, visit.me.requester
    statute = form.get("statute")
    made = export_case(
        house,
        who,
        form.get("id"),
        form.get("purpose"),
        form.get("form"),
        visit.now,
        statute=statute,
        written=_written(visit),
    )
    return export_response(made)


def _thread(visit: Visit, message_id: MessageId) -> Response:
    house, form = visit.edge.house, visit.form.get("form")
    made = export_thread(house, visit.me.requester, message_id, form, visit.now, _written(visit))
    return export_response(made)


def _written(visit: Visit) -> Written:
    """How tables are wanted. Raises BadInput (format_unknown)."""
    return written_as(visit.form.get("encoding"), visit.form.get("nearest"))


def _exports(visit: Visit) -> Response:
    known = read_exports(visit.edge.house, visit.me.requester)
    return visit.page(
        "exports.html",
        exports=known,
        forms=FORMS,
        running=next((export for export in known if export.state == RUNNING), None),
    )


def _begin(visit: Visit) -> Response:
    made = begin_export(visit.edge.house, visit.me.requester, visit.form.get("form"), visit.now)
    return redirect(f"{PATH}/{made.id}")


def _export(visit: Visit, export_id: str) -> Response:
    house, who = visit.edge.house, visit.me.requester
    export = read_export(house, who, export_id)
    (newest,) = read_exports(house, who, 1)
    return visit.page(
        "export.html",
        export=export,
        progress=progress_of(export),
        next_part=len(export.parts) + 1,
        is_running=export.state == RUNNING,
        is_done=export.state == DONE,
        may_repeat=export.state == DONE and newest.id == export.id and bool(export.parts),
        missing=left_out_of(house, OWN, export.form),
        size=-(-sum(part.size for part in export.parts) // 1024),
    )


def progress_of(export: ExportOnFile) -> tuple[Progress, ...]:
    """Each kind with how far it went."""
    return tuple(
        Progress(kind, sum(part.items for part in export.parts if part.kind == kind), int(export.totals.get(kind, 0)))
        for kind in kinds_of(export.form)
    )


def _archive(visit: Visit, export_id: str) -> Response:
    first = visit.form.get("first").strip()
    if first and not (first.isascii() and first.isdigit() and len(first) <= MOST_DIGITS):
        raise BadInput("field_invalid", place="first", rule="number")
    return archive_response(visit.edge, visit.me.requester, export_id, int(first) if first else None, _written(visit))


def _cancel(visit: Visit, export_id: str) -> Response:
    cancel_export(visit.edge.house, visit.me.requester, export_id, visit.now)
    return redirect(f"{PATH}/{export_id}")
