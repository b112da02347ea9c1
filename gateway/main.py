"""The application: the house with its edges and its threads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog
from fastapi import FastAPI, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.bodies import Patience, Places
from gateway.building import build_house, utc_now
from gateway.edge import Edge, Pool
from gateway.exchange.alerts import Alerting, channels_of
from gateway.exchange.dispatch import Dispatcher
from gateway.exchange.importer import Importer
from gateway.exchange.outfit import carriers, terms
from gateway.exchange.pick_up import PickUp
from gateway.exchange.relay import Relay
from gateway.graphql.route import graphql_route
from gateway.key_files import load_or_create_delivery_key
from gateway.oauth.keys import load_signing_key
from gateway.oauth.tokens import AccessTokens
from gateway.rest.attachments import attachment_routes
from gateway.rest.exports import export_routes
from gateway.rest.packages import package_routes
from gateway.rest.problems import problem
from gateway.rest.routes import routes
from gateway.settings import Settings
from gateway.use_cases.house import House
from gateway.web.pages import not_found_page, pages
from schemas.errors import MezhvedError, Unavailable

HTTP_NOT_FOUND = 404

log = structlog.get_logger()


def build_workers(
    settings: Settings, house: House, clock: Callable[[], datetime] = utc_now
) -> tuple[Relay, Dispatcher, PickUp, Importer]:
    """What brings messages into queues, hands them over from there, picks up answers and takes files. Any number of
    processes may run them."""
    key = load_or_create_delivery_key(settings.key_folder / "delivery.pem")
    keep = timedelta(days=settings.delivery_keep_days)
    dispatcher = Dispatcher(
        house, carriers(settings, key, house.file_signer), terms(settings), settings.relay_seconds, clock, keep=keep
    )
    picker = PickUp(house, settings.drop_folder, settings.pickup_seconds, clock, settings.max_file_bytes)
    importer = Importer(house, settings.relay_seconds, clock)
    return Relay(house, settings.relay_seconds, clock), dispatcher, picker, importer


def build_app(
    settings: Settings, house: House | None = None, clock: Callable[[], datetime] = utc_now, *, relay: bool = True
) -> FastAPI:
    """The application: API, pages, relay."""
    house = house or build_house(settings)
    tokens = AccessTokens(settings.issuer, settings.issuer, load_signing_key(settings.key_folder / "oauth.pem"))
    delivery_key = load_or_create_delivery_key(settings.key_folder / "delivery.pem")
    edge = Edge(
        house, settings, tokens, Pool(settings.workers), clock, (delivery_key.jwk,), Places(settings.bodies_at_once)
    )
    workers = build_workers(settings, house, clock)
    alerting = Alerting(house, channels_of(settings), settings.relay_seconds, clock)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        for worker in (*workers, alerting) if relay else ():
            worker.start()
        yield
        for worker in (*workers, alerting) if relay else ():
            worker.stop()

    # FastAPI's own documentation pages load scripts from elsewhere: off; the API page is ours.
    app = FastAPI(title="Mezhved", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(routes(edge))
    app.include_router(attachment_routes(edge))
    app.include_router(export_routes(edge))
    app.include_router(package_routes(edge))
    app.include_router(graphql_route(edge))
    app.include_router(pages(edge))

    @app.exception_handler(404)
    @app.exception_handler(405)
    async def no_such_page(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        if status == HTTP_NOT_FOUND and "text/html" in request.headers.get("accept", ""):
            return await not_found_page(edge, request)
        return problem(Unavailable("page_unavailable"), status)

    app.add_middleware(Patience, seconds=settings.body_seconds)
    app.add_middleware(LastResort)
    return app


class LastResort:
    """Answers what nobody foresaw. Only the kind of the exception is logged: its text may quote what was sent (law 8)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except ClientDisconnect:  # nobody is there to be answered, and nothing went wrong here
            log.info("request.left")
        except Exception as error:  # noqa: BLE001  the last resort is for all of them
            log.error("request.failed", error=type(error).__name__)  # noqa: TRY400  a traceback would quote values
            if not started and scope["type"] == "http":
                await problem(MezhvedError("internal_error"))(scope, receive, send)
