"""All pages of the workplace, put together."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import Edge
from gateway.web import compose, referral
from gateway.web.absences import absence_routes
from gateway.web.agendas import agenda_routes
from gateway.web.api import api_routes
from gateway.web.assets import asset_routes
from gateway.web.case import case_routes
from gateway.web.compose import compose_routes
from gateway.web.decisions import decision_routes
from gateway.web.directory import directory_routes
from gateway.web.drafts import draft_routes
from gateway.web.duty import duty_routes
from gateway.web.echoes import echo_routes
from gateway.web.emergencies import emergency_routes
from gateway.web.exports import export_routes
from gateway.web.files import file_page_routes
from gateway.web.imports import import_page_routes
from gateway.web.joint import joint_routes
from gateway.web.kept import kept_page_routes
from gateway.web.loads import load_routes
from gateway.web.log import log_routes
from gateway.web.mapping import mapping_routes
from gateway.web.mapping_formats import format_routes
from gateway.web.message import message_routes
from gateway.web.packages import package_routes
from gateway.web.practice import practice_routes
from gateway.web.queue import queue_routes
from gateway.web.referral import referral_routes
from gateway.web.reporters import reporter_routes
from gateway.web.sign_in import sign_in_routes
from gateway.web.systems import system_routes
from gateway.web.timers import timer_routes
from gateway.web.visits import Desk, Visit, error_page
from gateway.web.work import work_routes
from policies.pack import shipped_pack
from schemas.errors import Unavailable


def pages(edge: Edge) -> APIRouter:
    """The routes of all pages and of their files."""
    desk = Desk(edge, shipped_pack(edge.settings.pack, edge.settings.overlays_on))
    router = APIRouter()
    parts = (
        sign_in_routes,
        queue_routes,
        compose_routes,
        work_routes,  # before `/messages/{id}/{answer}`
        export_routes,
        package_routes,
        message_routes,
        absence_routes,
        duty_routes,
        referral_routes,
        joint_routes,
        agenda_routes,
        reporter_routes,
        case_routes,
        echo_routes,
        decision_routes,
        emergency_routes,
        directory_routes,
        import_page_routes,
        file_page_routes,
        mapping_routes,
        format_routes,
        kept_page_routes,
        timer_routes,
        practice_routes,
        load_routes,
        system_routes,
    )
    for part in (*parts, log_routes, api_routes):
        router.include_router(part(desk))
    resumed = {compose.PAGE: compose.resume_compose, referral.PAGE: referral.resume_referral}
    router.include_router(draft_routes(desk, resumed))
    router.include_router(asset_routes())
    return router


async def not_found_page(edge: Edge, request: Request) -> Response:
    """The page for an address that nothing answers: for the application's own handler of 404."""

    def missing(visit: Visit) -> Response:
        return error_page(visit, Unavailable("page_unavailable"))

    return await Desk(edge, shipped_pack(edge.settings.pack, edge.settings.overlays_on)).answer(
        request, missing, signed_in=False
    )
