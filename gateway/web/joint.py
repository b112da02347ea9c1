"""The pages of joint decisions: the list, the form, what exactly each party will see, and one decision with all its parties.

Between the steps of a proposal everything is carried in hidden fields, never in an address, and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.conclude_joint_decision import conclude_joint_decision
from gateway.use_cases.joint_view import is_overdue, standing
from gateway.use_cases.propose_joint_decision import JOINT, preview_joint_decision, propose_joint_decision
from gateway.use_cases.read_agenda import read_agendas
from gateway.use_cases.read_joint_decision import MAX_PAGE, read_joint_decision, read_joint_decisions
from gateway.use_cases.read_queue import read_directory, read_queue
from gateway.use_cases.send_minutes import send_minutes
from gateway.use_cases.send_together import Foreseen, NotTogether
from gateway.use_cases.values import Organisation
from gateway.web.content import note_lines
from gateway.web.forms import Form
from gateway.web.joint_form import THREAD, AskedParty, compose_joint, compose_minutes
from gateway.web.seen import carried, seen_people
from gateway.web.visits import Desk, Visit, redirect
from policies.lanes import Party
from schemas.errors import BadInput, Conflict, NotPermitted
from schemas.ids import OrganisationId, new_id
from schemas.joint import CONCLUSIONS
from schemas.lifecycle import WITHDRAWN
from schemas.messages import MessageDraft
from schemas.nameless import NotNameless

PATH: Final = "/joint"
MATTERS: Final = "mezhved_joint_matter"
DONE: Final = frozenset({"proposed", "concluded", "minutes"})
COMPLAINTS: Final = {
    "agenda_unknown": "agenda",
    "subject_ambiguous": "child_ref",
    "person_empty": "child_ref",
    "note_invalid": "matter",
    "note_in_past": "by",
    "joint_other_case": "child_ref",
}
"""Errors of the use case that belong to a field of the form."""


def joint_routes(desk: Desk) -> APIRouter:
    """`/joint`, `/joint/new`, `/joint/{id}` and what its proposer does with it."""
    router = APIRouter()

    @router.get(PATH)
    async def listed(request: Request) -> Response:
        return await desk.answer(request, _list)

    @router.get(PATH + "/new")
    async def begin(request: Request) -> Response:
        return await desk.answer(request, _begin)

    @router.post(PATH + "/new")
    async def step(request: Request) -> Response:
        return await desk.answer(request, _step)

    @router.get(PATH + "/{decision}")
    async def shown(decision: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _decision(visit, decision))

    @router.post(PATH + "/{decision}/conclude")
    async def conclude(decision: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _conclude(visit, decision))

    @router.post(PATH + "/{decision}/minutes")
    async def minutes(decision: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _minutes(visit, decision))

    return router


# --- list and one decision -------------------------------------------------------------------------------------------


def _list(visit: Visit) -> Response:
    after = visit.query.get("after") or None
    found = read_joint_decisions(visit.edge.house, visit.me.requester, visit.now, after, MAX_PAGE + 1)
    return visit.page(
        "joint_list.html",
        views=found[:MAX_PAGE],
        next_after=found[MAX_PAGE - 1].decision.id if len(found) > MAX_PAGE else None,
        first_page=after is None,
        matter=lambda code: visit.words.note(MATTERS, code),
        may_propose=may_propose(visit),
    )


def _decision(visit: Visit, decision_id: str, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    view = read_joint_decision(visit.edge.house, visit.me.requester, decision_id, visit.now)
    done = visit.query.get("done", "")
    names = {party.organisation.id: party.organisation.name for party in view.parties if party.organisation}
    return visit.page(
        "joint.html",
        status,
        view=view,
        matter=visit.words.note(MATTERS, view.decision.matter),
        overdue=lambda term: is_overdue(term, visit.now),
        counted=[(names[OrganisationId(party)], said) for party, said in view.decision.positions.items()]
        if view.is_proposer
        else (),
        conclusions=CONCLUSIONS,
        seen=" ".join(standing(view)),
        works=visit.me.requester.role == "caseworker",
        values=visit.form if visit.form.fields else Form().having(operation_id=new_id()),
        errors=errors or {},
        done=done if done in DONE else "",
    )


def _conclude(visit: Visit, decision_id: str) -> Response:
    chosen = visit.form.get("conclusion")
    if chosen not in CONCLUSIONS:
        return _decision(visit, decision_id, {"conclusion": "web_joint.conclusion_missing"}, STATUS["bad_input"])
    seen = visit.form.get("seen").split(" ")
    try:
        conclude_joint_decision(visit.edge.house, visit.me.requester, decision_id, chosen, visit.now, seen)
    except Conflict as error:
        if error.code != "joint_moved_on":
            raise
        return _decision(visit, decision_id, {"conclusion": "web_joint.moved_on"}, STATUS["conflict"])
    return redirect(f"{PATH}/{decision_id}", done="concluded")


def _minutes(visit: Visit, decision_id: str) -> Response:
    draft, errors = compose_minutes(visit.form, visit.now, visit.me.organisation.zone)
    if draft is None:
        return _decision(visit, decision_id, errors, STATUS["bad_input"])
    try:
        send_minutes(visit.edge.house, visit.me.requester, decision_id, draft, visit.now)
    except NotNameless as error:
        field = str(error.params["field"])
        return _decision(visit, decision_id, {field: "web_message.error_text_not_nameless"}, STATUS["bad_input"])
    except BadInput as error:
        if error.code != "note_in_future":
            raise
        return _decision(visit, decision_id, {"on": f"web_referral.{error.code}"}, STATUS["bad_input"])
    return redirect(f"{PATH}/{decision_id}", done="minutes")


# --- a proposal ------------------------------------------------------------------------------------------------------


def may_propose(visit: Visit) -> bool:
    """Whether this person may put a decision to anybody at all."""
    sendable = visit.edge.house.pack.sendable(_party(visit.me.organisation))
    return JOINT in sendable and visit.me.requester.role == "caseworker"


def _begin(visit: Visit) -> Response:
    if visit.me.requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    form = Form().having(
        operation_id=new_id(), case=visit.query.get("case", "").strip(), agenda=visit.query.get("agenda", "")
    )
    return _form(visit, form, {})


def _step(visit: Visit) -> Response:
    form = visit.form
    if form.get("step") == "edit":
        return _form(visit, form, {})
    composed = compose_joint(form, _parties(visit), visit.now, visit.me.organisation.zone)
    if composed.draft is None:
        return _form(visit, form, composed.errors, STATUS["bad_input"])
    house, requester = visit.edge.house, visit.me.requester
    try:
        if form.get("step") != "send":
            return _preview(visit, form, preview_joint_decision(house, requester, composed.draft, visit.now))
        synthetic = visit.me.organisation.synthetic
        made = propose_joint_decision(house, requester, composed.draft, visit.now, synthetic=synthetic)
    except NotTogether as refused:
        return _preview(visit, form, refused.foreseen)
    except BadInput as error:
        return _wrong(visit, form, error)
    return redirect(f"{PATH}/{made.decision.id}", done="proposed")


def _wrong(visit: Visit, form: Form, error: BadInput) -> Response:
    if error.code not in COMPLAINTS:
        raise error
    key = "web_referral.subject_ambiguous" if error.code == "subject_ambiguous" else f"web_joint.{error.code}"
    return _form(visit, form, {COMPLAINTS[error.code]: key}, STATUS["bad_input"])


def _preview(visit: Visit, form: Form, foreseen: tuple[Foreseen, ...]) -> Response:
    names = {organisation.ogrn: organisation.name for organisation in read_directory(visit.edge.house)}
    stopped = [found for found in foreseen if found.refused is not None]
    return visit.page(
        "joint_preview.html",
        STATUS["refused"] if stopped else 200,
        foreseen=foreseen,
        stopped=stopped,
        names=names,
        notes=_notes(visit, foreseen[0].draft),
        people=lambda found: seen_people(visit, found.draft, found.preview) if found.preview else (),
        carried=carried(form),
    )


def _notes(visit: Visit, draft: MessageDraft) -> object:
    return note_lines(JOINT, {note.field: note.value for note in draft.notes}, visit.words)


def _form(visit: Visit, form: Form, errors: Mapping[str, str], status: int = 200) -> Response:
    mine = visit.me.organisation.id
    agendas = [agenda for agenda, maker in read_agendas(visit.edge.house, visit.me.requester) if maker.id == mine]
    return visit.page(
        "joint_form.html",
        status,
        values=form,
        errors=errors,
        matters=visit.words.listed(MATTERS),
        parties=_parties(visit),
        thread=THREAD,
        agendas=[(a.id, visit.words.instant(a.at)) for a in agendas if a.closed_at is None],
    )


def _parties(visit: Visit) -> tuple[AskedParty, ...]:
    """Whom one may ask at all, by the lanes of the pack, with the threads in which they may be asked without names."""
    house, mine = visit.edge.house, visit.me.organisation
    threads: dict[str, list[tuple[str, str]]] = {}
    for box in ("inbox", "outbox"):
        for message in read_queue(house, visit.me.requester, visit.now, box):
            other = message.recipient_id if message.sender_id == mine.id else message.sender_id
            if message.delivered_at is not None and message.state not in WITHDRAWN:
                words = f"{visit.words.message_type(message.type)}, {visit.words.instant(message.submitted_at)}"
                threads.setdefault(other, []).append((message.id, words))
    found = [o for o in read_directory(house) if o.id != mine.id and _may_be_asked(visit, o)]
    return tuple(
        AskedParty(o.id, o.ogrn, o.name, tuple(threads.get(o.id, ())))
        for o in sorted(found, key=lambda o: (o.kind, o.name))
    )


def _may_be_asked(visit: Visit, organisation: Organisation) -> bool:
    return visit.edge.house.pack.may_be_sent(JOINT, _party(visit.me.organisation), _party(organisation))


def _party(organisation: Organisation) -> Party:
    return Party(organisation.id, organisation.kind, organisation.registers)
