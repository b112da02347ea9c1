"""How delivery to partners' systems stands: endpoints, what is dead and why, again, pause and resume. No content.

The administrator of the gateway sees all endpoints; who is responsible for the systems of an organisation sees its own.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.use_cases.delivery_values import Endpoint, EndpointState, Transport
from gateway.use_cases.oversee_deliveries import EndpointShown
from gateway.use_cases.read_notices import read_notices, see_notices
from gateway.use_cases.watch_deliveries import replay_endpoint, switch_endpoint, watch_endpoint, watch_endpoints
from gateway.web.visits import Desk, Visit, redirect
from schemas.catalogue import words
from schemas.errors import Unavailable

PATH: Final = "/systems"
SWITCHES: Final = {"pause": EndpointState.PAUSED, "resume": EndpointState.ACTIVE}
DONE: Final = frozenset({"replayed", "none", "pause", "resume"})
NOTICES: Final = frozenset({"delivery.dead", "endpoint.disabled", "pickup.rejected"})
"""Kinds of notices that are about an endpoint."""
_HTTP: Final = "http_"


def system_routes(desk: Desk) -> APIRouter:
    """`/systems`, one endpoint, and what is done with it."""
    router = APIRouter()

    @router.get(PATH)
    async def systems(request: Request) -> Response:
        return await desk.answer(request, _systems)

    @router.post(PATH + "/seen")
    async def seen(request: Request) -> Response:
        return await desk.answer(request, _seen)

    @router.get(PATH + "/{endpoint_id}")
    async def system(endpoint_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _system(visit, endpoint_id))

    @router.post(PATH + "/{endpoint_id}/replay")
    async def replaying(endpoint_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _replay(visit, endpoint_id))

    @router.post(PATH + "/{endpoint_id}/{act}")
    async def switching(endpoint_id: str, act: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _switch(visit, endpoint_id, act))

    return router


def _systems(visit: Visit) -> Response:
    watched = watch_endpoints(visit.edge.house, visit.me.requester)
    ended = [shown for shown in watched.endpoints if shown.endpoint.state is EndpointState.DISABLED]
    running = [shown for shown in watched.endpoints if shown.endpoint.state is not EndpointState.DISABLED]
    return visit.page(
        "systems.html",
        groups=[("running", sorted(running, key=_worst_first)), ("ended", ended)],
        names=watched.names,
        all_of_them=watched.all_of_them,
        notices=[n for n in read_notices(visit.edge.house, visit.me.requester) if n.kind in NOTICES],
        standing=standing,
        reason=lambda code: reason_in_words(visit, code),
        place=place_of,
        totals=[
            ("endpoints", len(running)),
            ("failing", sum(standing(shown) in {"failing", "silent"} for shown in running)),
            ("waiting", sum(shown.counts.waiting for shown in watched.endpoints)),
            ("dead", sum(shown.counts.dead for shown in watched.endpoints)),
        ],
    )


def _system(visit: Visit, endpoint_id: str) -> Response:
    watched = watch_endpoint(visit.edge.house, visit.me.requester, endpoint_id)
    done = visit.query.get("done", "")
    sent = visit.query.get("n", "")
    return visit.page(
        "system.html",
        shown=watched.shown,
        organisation=watched.organisation,
        dead=watched.dead,
        more=watched.more,
        standing=standing(watched.shown),
        reason=lambda code: reason_in_words(visit, code),
        place=place_of(watched.shown.endpoint),
        done=done if done in DONE else "",
        sent=int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0,  # noqa: PLR2004  a count
    )


def _seen(visit: Visit) -> Response:
    see_notices(visit.edge.house, visit.me.requester, visit.form.all("about"), visit.now)
    return redirect(PATH)


def _replay(visit: Visit, endpoint_id: str) -> Response:
    chosen = visit.form.get("delivery")
    count = replay_endpoint(visit.edge.house, visit.me.requester, endpoint_id, [chosen] if chosen else None, visit.now)
    return redirect(f"{PATH}/{endpoint_id}", done="replayed" if count else "none", n=str(count))


def _switch(visit: Visit, endpoint_id: str, act: str) -> Response:
    if act not in SWITCHES:
        raise Unavailable("page_unavailable")
    switch_endpoint(visit.edge.house, visit.me.requester, endpoint_id, SWITCHES[act], visit.now)
    return redirect(f"{PATH}/{endpoint_id}", done=act)


def standing(shown: EndpointShown) -> str:
    """How an endpoint stands: its state, and of an active one whether what is sent to it comes."""
    endpoint, counts = shown.endpoint, shown.counts
    if endpoint.state is EndpointState.PENDING:
        return "silent" if endpoint.failures else "pending"
    if endpoint.state is EndpointState.ACTIVE and (counts.failing_since is not None or endpoint.failures):
        return "failing"
    return endpoint.state.value


def reason_in_words(visit: Visit, code: str | None) -> str:
    """What a code of a failure means; of the product's own codes what the catalogue of errors says."""
    if not code:
        return ""
    if code.startswith(_HTTP):
        return visit.text("web_systems.code_http", status=code.removeprefix(_HTTP))
    key = f"web_systems.code_{code}"
    return visit.text(key if key in words(visit.language) else "web_systems.code_other")


def place_of(endpoint: Endpoint) -> str:
    """Where it is reached, without what may be a secret in the query of an address."""
    if endpoint.transport is not Transport.WEBHOOK:
        return endpoint.address
    parts = urlsplit(endpoint.address)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _worst_first(shown: EndpointShown) -> tuple[bool, bool, str]:
    return shown.counts.dead == 0, standing(shown) not in {"failing", "silent"}, shown.endpoint.id
