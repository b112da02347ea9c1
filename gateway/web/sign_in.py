"""Sign in and out. A failure is one neutral sentence with its code, whatever was wrong."""

from __future__ import annotations

import re
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.sign_in import sign_in, sign_out
from gateway.web.session import SESSION_COOKIE, cookie, drop_session, keep_session
from gateway.web.visits import SIGN_IN, Desk, Visit, redirect
from schemas.errors import NotAuthenticated

START: Final = "/queue"
_OWN_PATH: Final = re.compile(r"/[a-z0-9_-]+(/[A-Za-z0-9_-]+)*")


def sign_in_routes(desk: Desk) -> APIRouter:
    """`/sign-in` and `/sign-out`."""
    router = APIRouter()

    @router.get(SIGN_IN)
    async def form(request: Request) -> Response:
        return await desk.answer(request, _form, signed_in=False)

    @router.post(SIGN_IN)
    async def enter(request: Request) -> Response:
        return await desk.answer(request, _enter, signed_in=False)

    @router.post("/sign-out")
    async def leave(request: Request) -> Response:
        token = cookie(request, SESSION_COOKIE)
        return await desk.answer(request, lambda visit: _leave(visit, token), signed_in=False)

    return router


def own_path(path: str) -> str:
    """`path` if it is one of ours, else the start page: a link may not lead out after sign-in."""
    return path if _OWN_PATH.fullmatch(path) else START


def _form(visit: Visit) -> Response:
    if visit.visitor is not None:
        return redirect(START)
    return _shown(visit, {}, next_path=own_path(visit.query.get("next", START)))


def _shown(visit: Visit, errors: dict[str, str], *, next_path: str, status: int = 200) -> Response:
    return visit.page(
        "sign_in.html",
        status,
        errors=errors,
        login=visit.form.get("login"),
        next_path=next_path,
        ended="ended" in visit.query,
        left="left" in visit.query,
    )


def _enter(visit: Visit) -> Response:
    login, password = visit.form.get("login"), "".join(visit.form.fields.get("password", ()))
    next_path = own_path(visit.form.get("next"))
    missing = {
        name: f"web_sign_in.{name}_missing" for name, value in (("login", login), ("password", password)) if not value
    }
    if missing:
        return _shown(visit, missing, next_path=next_path, status=STATUS["bad_input"])
    try:
        signed_in = sign_in(visit.edge.house, login, password, visit.now)
    except NotAuthenticated as error:
        return _shown(visit, {"login": f"errors.{error.code}"}, next_path=next_path, status=STATUS["not_authenticated"])
    response = redirect(next_path)
    keep_session(response, signed_in.token, secure=visit.edge.settings.cookie_secure)
    return response


def _leave(visit: Visit, token: str) -> Response:
    if token:
        sign_out(visit.edge.house, token)
    response = redirect(SIGN_IN, left="1")
    drop_session(response, secure=visit.edge.settings.cookie_secure)
    return response
