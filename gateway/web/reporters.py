"""Who told of a signal, for a body with a formal request: asked by a form, so that nothing that was typed is in an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.read_reporters import Reporters, Told, read_reporters
from gateway.use_cases.values import MessageOnFile
from gateway.web.content import Line, message_lines
from gateway.web.sections import ShownSection, shown_sections
from gateway.web.visits import Desk, Visit
from schemas import categories as c

PATH: Final = "/case/reporters"
DUTY: Final = "duty"
MAX_CLAIM: Final = 500


@dataclass(frozen=True, slots=True)
class ShownTold:
    """One report: who told, and the signal's registration."""

    lines: tuple[Line, ...]
    signal: MessageOnFile


@dataclass(frozen=True, slots=True)
class ShownChild:
    """One child with the rule, and the reports where they are released."""

    kind: str
    sections: tuple[ShownSection, ...]
    told: tuple[ShownTold, ...]


def reporter_routes(desk: Desk) -> APIRouter:
    """`/case/reporters`: the form, and the answer."""
    router = APIRouter()

    @router.get(PATH)
    async def form(request: Request) -> Response:
        return await desk.answer(request, lambda visit: _page(visit, visit.query.get("id", "").strip(), "", {}))

    @router.post(PATH)
    async def asking(request: Request) -> Response:
        return await desk.answer(request, _ask)

    return router


def _ask(visit: Visit) -> Response:
    case, purpose, request = (visit.form.get(name) for name in ("id", "purpose", "request"))
    errors = {} if case else {"id": "web_case.case_missing"}
    if purpose not in dict(_purposes(visit)):
        errors["purpose"] = "web_case.purpose_missing"
    if errors:
        return _page(visit, case, purpose, errors, status=STATUS["bad_input"])
    found = read_reporters(visit.edge.house, visit.me.requester, case, purpose, visit.now, request[:MAX_CLAIM])
    return _page(visit, case, purpose, {}, found)


def _page(
    visit: Visit,
    case: str,
    purpose: str,
    errors: Mapping[str, str],
    found: Reporters | None = None,
    status: int = 200,
) -> Response:
    asked = {
        "case": case,
        "purpose": purpose,
        "request": visit.form.get("request")[:MAX_CLAIM],
        "purposes": _purposes(visit),
    }
    return visit.page(
        "case_reporters.html",
        status,
        asked=asked,
        errors=errors,
        found=found,
        people=_children(visit, found) if found else (),
    )


def _purposes(visit: Visit) -> list[tuple[str, str]]:
    return [(code, visit.words.purpose(code)) for code, row in visit.pack.tables.purposes.items() if row.lane == DUTY]


def _children(visit: Visit, found: Reporters) -> tuple[ShownChild, ...]:
    shown = []
    for subject in found.subjects:
        told = tuple(_told(visit, one) for one in found.told[subject.id])
        # With something to read, it stands below, signal by signal; without, the rule and what it says stand here.
        sections = () if told else tuple(shown_sections(visit.words, subject, (c.REPORTER,), message_lines))
        shown.append(ShownChild(subject.kind, sections, told))
    return tuple(shown)


def _told(visit: Visit, told: Told) -> ShownTold:
    return ShownTold(message_lines(c.REPORTER, told.reporter, visit.words), told.signal)
