"""A published case summary in a browser: for a purpose, through the one door, with the rule beside every section."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.use_cases.disclose import DisclosedCase, DisclosedSubject
from gateway.use_cases.facts import Question
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.read_joint_decision import decisions_of_case
from gateway.use_cases.read_reporters import may_ask_formally
from gateway.web.content import summary_lines
from gateway.web.joint import MATTERS, may_propose
from gateway.web.sections import ShownSection, shown_sections
from gateway.web.visits import Desk, Visit
from schemas import categories as c
from schemas.errors import Unavailable

PATH: Final = "/case"
MAX_CLAIM: Final = 500
LANES: Final = frozenset({"consent", "duty"})
"""Lanes of the purposes for which a specialist reads a summary; rights and oversight have pages of their own."""


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """One member of the family."""

    kind: str
    sections: tuple[ShownSection, ...]
    duties: tuple[str, ...]
    retain_until: date | None
    given_on: date | None


def case_routes(desk: Desk) -> APIRouter:
    """`/case`: the form, and the summary once a case and a purpose are named."""
    router = APIRouter()

    @router.get(PATH)
    async def case(request: Request) -> Response:
        return await desk.answer(request, _case)

    @router.post(PATH)
    async def asking(request: Request) -> Response:
        # What is claimed in words does not go into an address (law 8).
        return await desk.answer(request, _case)

    return router


def _case(visit: Visit) -> Response:
    given = visit.form.get if visit.is_post else lambda name: visit.query.get(name, "").strip()
    case, purpose = given("id"), given("purpose")
    statute = visit.form.get("statute")[:MAX_CLAIM]
    purposes = [
        (code, visit.words.purpose(code)) for code, row in visit.pack.tables.purposes.items() if row.lane in LANES
    ]
    asked = {"case": case, "purpose": purpose, "statute": statute, "purposes": purposes}
    if not case or purpose not in dict(purposes):
        errors = {"id": "web_case.case_missing"} if purpose and not case else {}
        errors |= {"purpose": "web_case.purpose_missing"} if case and purpose and purpose not in dict(purposes) else {}
        return visit.page("case.html", asked=asked, shown=None, errors=errors)
    question = Question(purpose, (*c.SECTION_CATEGORIES, c.CASE_WORKER), statute=statute)
    disclosed = read_case_summary(visit.edge.house, visit.me.requester, case, question, visit.now)
    (found,) = disclosed.cases
    if found.case.summary is None:
        raise Unavailable("case_unavailable")
    is_own = _is_own(visit, found)
    return visit.page(
        "case.html",
        asked=asked,
        shown=found,
        header=found.case.summary if found.releases else None,
        holder=_holder(visit, found),
        curator=found.case.summary.curator_phone,
        people=[_person(visit, subject) for subject in found.subjects],
        entry_id=disclosed.entry_id,
        own=is_own,
        own_case=is_own and may_propose(visit),
        joint=decisions_of_case(visit.edge.house, visit.me.requester, found.case.case_id, visit.now) if is_own else (),
        matter=lambda code: visit.words.note(MATTERS, code),
        own_course=is_own and bool(visit.me.organisation.practice),
        reporters=may_ask_formally(visit.edge.house, visit.me.organisation.kind),
        emergency=visit.pack.responsible.emergency is not None,
        errors={},
    )


def _is_own(visit: Visit, found: DisclosedCase) -> bool:
    return found.case.discloser is not None and found.case.discloser.id == visit.me.organisation.id


def _holder(visit: Visit, found: DisclosedCase) -> str:
    holder = found.case.discloser
    assert holder is not None
    # The name of a shelter is itself protected where whereabouts are (rules 3.7).
    return visit.words.organisation_kind(holder.kind) if found.location_protected else holder.name


def _person(visit: Visit, subject: DisclosedSubject) -> ShownPerson:
    released = [section for section in subject.sections.values() if section.ruling.effect.releases]
    retain = [section.retain_until for section in released if section.retain_until]
    given = [section.basis.given_on for section in released if section.basis and section.basis.given_on]
    return ShownPerson(
        subject.kind,
        tuple(shown_sections(visit.words, subject, c.SECTION_CATEGORIES, summary_lines)),
        visit.words.duties(subject.obligations),
        min(retain, default=None),
        min(given, default=None),
    )
