"""The formats of an organisation: since when and by whom, every version of one, and its withdrawal in two steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.use_cases.intake_values import StoredProfile
from gateway.use_cases.keep_mapping_profile import read_history, withdraw_profile
from gateway.use_cases.keep_records import require_keeper
from gateway.web.visits import Desk, Visit, redirect

PATH: Final = "/files/mapping"
FORMATS: Final = f"{PATH}/formats"
WITHDRAWN: Final = "withdrawn"
_OPERATOR: Final = "operator:cli"


@dataclass(frozen=True, slots=True)
class Described:
    """A version of a format, and the name of whoever wrote it."""

    profile: StoredProfile
    who: str


def format_routes(desk: Desk) -> APIRouter:
    """`/files/mapping/formats/{name}`: its versions; `…/withdraw`: the question, and the deed."""
    router = APIRouter()

    @router.get(FORMATS + "/{name}")
    async def history(name: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _history(visit, name))

    @router.get(FORMATS + "/{name}/withdraw")
    async def asking(name: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _ask(visit, name))

    @router.post(FORMATS + "/{name}/withdraw")
    async def withdrawing(name: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _withdraw(visit, name))

    return router


def described(visit: Visit, profiles: Sequence[StoredProfile]) -> list[Described]:
    """With the names of people of one's own organisation."""
    with visit.edge.house.store.reading() as unit:
        people = unit.participants.people_of(visit.me.organisation.id) if profiles else ()
    names = {f"person:{person.id}": person.display_name for person in people}
    return [Described(one, names.get(one.actor) or _other(visit, one.actor)) for one in profiles]


def _other(visit: Visit, actor: str) -> str:
    """The operator, a system, or somebody who has left."""
    key = "operator" if actor == _OPERATOR else "former" if actor.startswith("person:") else "system"
    return visit.text(f"web_package.by_{key}")


def _history(visit: Visit, name: str) -> Response:
    require_keeper(visit.me.requester)
    found = read_history(visit.edge.house, visit.me.requester, name)
    return visit.page(
        "files_mapping_format.html",
        name=name,
        newest=found.newest,
        versions=described(visit, found.versions),
    )


def _ask(visit: Visit, name: str) -> Response:
    require_keeper(visit.me.requester)
    found = read_history(visit.edge.house, visit.me.requester, name)
    if found.newest.is_withdrawn:
        return redirect(f"{FORMATS}/{name}")
    return visit.page("files_mapping_withdraw.html", name=name, newest=found.newest, waiting=found.waiting)


def _withdraw(visit: Visit, name: str) -> Response:
    require_keeper(visit.me.requester)
    withdraw_profile(visit.edge.house, visit.me.requester, name, visit.now)
    return redirect(f"{PATH}?done={WITHDRAWN}")
