"""A message of any type in steps: which type, its form, «получатель увидит», the receipt.

Between the steps everything is carried in hidden fields of the form, never in an address, and nothing is stored unless one
keeps a draft. A threat that is not direct, or has no lane, gets one step to go as a signal, and a letter to print; neither of
them is kept anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.facts import local_day
from gateway.use_cases.read_queue import read_directory, read_message_state
from gateway.use_cases.submit_message import preview_message, submit_message
from gateway.use_cases.values import MessageOnFile, Organisation
from gateway.web import drafts
from gateway.web.compose_form import NOTE, URGENCY_CODES, Composed, Setting, compose
from gateway.web.content import note_lines
from gateway.web.document_fields import document_categories, documents_of
from gateway.web.documents import (
    FILE,
    LIST,
    REMOVE,
    added_documents,
    complaint,
    document_taker,
    is_about_documents,
    remove,
    take_in,
    with_taken,
)
from gateway.web.forms import Form
from gateway.web.marks import pieces
from gateway.web.seen import carried, seen_documents, seen_people
from gateway.web.visits import Desk, Visit, redirect
from policies.lanes import Party
from schemas import categories as c
from schemas.errors import BadInput, Refused, Unavailable
from schemas.ids import MessageId, new_id
from schemas.messages import MessageDraft, MessageType, message_types
from schemas.nameless import NotNameless
from schemas.notes import note_rows

PATH = "/messages/new"
PAGE = "compose"
OWN_PAGES = frozenset({"referral"})
"""Types that have a page of their own."""
THREAT, SIGNAL = "threat_report", "signal"
COMPLAINTS = {
    "lane_refused": "recipient",
    "recipient_is_you": "recipient",
    "subject_ambiguous": "child_ref",
    "threat_needs": "statement",
    "emergency_suspended": "direct",
    "declarer_required": "direct",
    "order_needs_number": "reg_number",
    "order_not_participant": f"{NOTE}participants",
    "order_begins_later": f"{NOTE}from",
    "order_ends_nothing": f"{NOTE}until",
    "answered_not_opened": "recipient",
}
"""Errors of the use cases that belong to a field of the form."""
OF_DATES = frozenset({"note_period", "note_in_future", "note_in_past"})
"""Those of a note that have words of their own."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a form: complaints by field, what would be lawful, and the marked pieces of a text."""

    errors: Mapping[str, str] = field(default_factory=dict)
    lawful: str = ""
    marked: Sequence[tuple[str, bool]] = ()
    marked_field: str = ""
    as_signal: bool = False


def compose_routes(desk: Desk) -> APIRouter:
    """`/messages/new`."""
    router = APIRouter()

    @router.get(PATH)
    async def begin(request: Request) -> Response:
        return await desk.answer(request, _begin)

    @router.post(PATH)
    async def step(request: Request) -> Response:
        return await desk.answer(request, _step, takes={FILE: document_taker})

    return router


def _begin(visit: Visit) -> Response:
    kind = visit.query.get("type", "")
    answers, corrects = visit.query.get("answers", ""), visit.query.get("corrects", "")
    if not kind:
        return visit.page("compose_pick.html", types=_types(visit), answers=answers)
    found = _type(visit, kind)
    form = Form().having(operation_id=new_id(), type=kind, answers=answers, corrects=corrects)
    before = _before(visit, form)
    if before is not None:
        form = form.having(recipient=_other(visit, before).ogrn)
    return _form(visit, form, found, Wrong())


def resume_compose(visit: Visit, form: Form) -> Response:
    """The form of a draft, as it was left."""
    return _form(visit, form, _type(visit, form.get("type")), Wrong())


def _types(visit: Visit) -> tuple[str, ...]:
    """What one's organisation may send to anybody at all."""
    mine = visit.me.organisation
    party = Party(mine.id, mine.kind, mine.registers)
    found = visit.edge.house.pack.sendable(party)
    return tuple(code for code in message_types() if code in found and code not in OWN_PAGES)


def _type(visit: Visit, code: str) -> MessageType:
    if code not in _types(visit):
        raise BadInput("type_unknown", type=code[:50], known=", ".join(_types(visit)))
    return message_types()[code]


def _before(visit: Visit, form: Form) -> MessageOnFile | None:
    """The message that this one answers or corrects, if it is one of one's own."""
    wanted = form.get("answers") or form.get("corrects")
    if not wanted:
        return None
    found = read_message_state(visit.edge.house, visit.me.requester, MessageId(wanted), visit.now)
    if found is None:
        raise Unavailable("message_unavailable")
    return found


def _other(visit: Visit, message: MessageOnFile) -> Organisation:
    mine = visit.me.organisation.id
    other = message.recipient_id if message.sender_id == mine else message.sender_id
    return next(organisation for organisation in read_directory(visit.edge.house) if organisation.id == other)


def _step(visit: Visit) -> Response:
    form, step = with_taken(visit.form), visit.form.get("step")
    if step == "as_signal":
        return _form(visit, form.having(type=SIGNAL, trigger="threat", direct=""), _type(visit, SIGNAL), Wrong())
    kind = _type(visit, form.get("type"))
    if step == "draft":
        return drafts.keep(visit, PAGE, form, kind.code)
    if step.startswith(REMOVE):
        return _form(visit, remove(form, step.removeprefix(REMOVE)), kind, Wrong())
    form, wrong = take_in(form, document_categories(kind), local_day(visit.now, visit.me.organisation.zone))
    if wrong or step in {"edit", "add_document"}:
        return _form(visit, form, kind, Wrong(wrong), STATUS["bad_input"] if wrong else 200)
    return _forward(visit, form, kind, step)


def _forward(visit: Visit, form: Form, kind: MessageType, step: str) -> Response:
    """To the letter, the preview, or out."""
    composed = _composed(visit, form, kind)
    if composed.message is None:
        return _form(visit, form, kind, Wrong(composed.errors), STATUS["bad_input"])
    if step == "letter":
        message = composed.message
        return visit.page(
            "letter.html", draft=message, statement=message.statement or "", carried=carried(form), action=PATH
        )
    try:
        return _send(visit, form, composed.message) if step == "send" else _preview(visit, form, composed.message)
    except BadInput as error:
        return _form(visit, form, kind, _wrong(form, kind, error), STATUS["bad_input"])


def _composed(visit: Visit, form: Form, kind: MessageType) -> Composed:
    mine = visit.me.organisation
    setting = Setting(
        sender_ogrn=mine.ogrn,
        recipients=frozenset(o.ogrn for o in _recipients(visit, kind)),
        triggers=visit.edge.house.pack.triggers(),
        today=local_day(visit.now, mine.zone),
        zone=mine.zone,
    )
    return compose(form, kind, setting, added_documents(visit, form))


def _wrong(form: Form, kind: MessageType, error: BadInput) -> Wrong:
    if isinstance(error, NotNameless):
        name = str(error.params["field"])
        marked = pieces(form.get(f"{NOTE}{name}"), error.marks.get(name, ()))
        return Wrong({f"{NOTE}{name}": "web_message.error_text_not_nameless"}, marked=marked, marked_field=name)
    if error.code.startswith("note_"):
        key = error.code if error.code in OF_DATES else "note_wrong"
        return Wrong({f"{NOTE}{error.params['field']}": f"web_referral.{key}"})
    if is_about_documents(error):
        return Wrong({LIST: complaint(error)})
    if error.code not in COMPLAINTS:
        raise error
    lawful = str(error.params.get("lawful", ""))
    as_signal = kind.code == THREAT and error.code == "lane_refused"
    return Wrong({COMPLAINTS[error.code]: f"web_referral.{error.code}"}, lawful, as_signal=as_signal)


def _preview(visit: Visit, form: Form, draft: MessageDraft) -> Response:
    preview = preview_message(visit.edge.house, visit.me.requester, draft, visit.now)
    return visit.page(
        "referral_preview.html",
        STATUS["refused"] if preview.blocked_by else 200,
        draft=draft,
        preview=preview,
        notes=note_lines(draft.type, preview.notes or {}, visit.words),
        people=seen_people(visit, draft, preview),
        documents=seen_documents(visit, preview),
        carried=carried(form),
        action=PATH,
    )


def _send(visit: Visit, form: Form, draft: MessageDraft) -> Response:
    house, requester = visit.edge.house, visit.me.requester
    try:
        submitted = submit_message(house, requester, draft, visit.now, synthetic=visit.me.organisation.synthetic)
    except Refused as refused:
        if refused.code != "message_refused":
            raise
        return _preview(visit, form, draft)
    drafts.finish(visit, form)
    return redirect(f"/referrals/{submitted.message.id}/sent")


def _form(visit: Visit, form: Form, kind: MessageType, wrong: Wrong, status: int = 200) -> Response:
    before = _before(visit, form)
    recipients = _recipients(visit, kind)
    return visit.page(
        "compose_form.html",
        status,
        kind=kind,
        values=form,
        errors=wrong.errors,
        wrong=wrong,
        rows=note_rows().get(kind.code, ()),
        recipients=[_other(visit, before)] if before is not None else recipients,
        before=before,
        urgencies=URGENCY_CODES,
        carries={category: category in kind.allowed for category in c.MESSAGE_CATEGORIES},
        path_of_form=PATH,
        note=NOTE,
        **documents_of(visit, form, document_categories(kind), ("child",)),
    )


def _recipients(visit: Visit, kind: MessageType) -> list[Organisation]:
    """Everybody of the directory; oneself only where a type may be put down in one's own journal."""
    mine = visit.me.organisation
    found = [o for o in read_directory(visit.edge.house) if o.kind != "gateway"]
    if kind.code != SIGNAL:
        found = [o for o in found if o.id != mine.id]
    return sorted(found, key=lambda organisation: (organisation.id != mine.id, organisation.kind, organisation.name))
