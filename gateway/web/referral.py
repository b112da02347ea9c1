"""A new referral or signal in three steps: the form, «получатель увидит», the receipt.

Between the steps everything is carried in hidden fields of the form, never in an address, and nothing is stored unless one
keeps a draft. The one exception is said on the page: a signed consent is recorded when one goes on to the second step, because
the rules look for it in the store and not in the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.facts import local_day
from gateway.use_cases.message_preview import Preview
from gateway.use_cases.read_queue import names_of, read_directory, read_message_state
from gateway.use_cases.record_consent import record_consent
from gateway.use_cases.submit_message import preview_message, submit_message
from gateway.use_cases.values import Organisation
from gateway.web import drafts
from gateway.web.consent_fields import FORMS, PREFIX, SIGNERS
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
from gateway.web.referral_form import KINDS, URGENCY_CODES, Checked, Setting, check_form
from gateway.web.seen import carried, seen_documents, seen_people
from gateway.web.visits import Desk, Visit, redirect
from gateway.web.words import USUAL_CATEGORIES
from gateway.web.work import reach_lines
from schemas.errors import BadInput, Refused, Unavailable
from schemas.ids import MessageId, new_id
from schemas.messages import MessageDraft, message_types

PATH = "/referrals/new"
PAGE = "referral"
COMPLAINTS = {
    "lane_refused": "recipient",
    "subject_ambiguous": "child_snils",
    "person_twice": "parent_ref",
    "recipient_is_you": "recipient",
}
"""Errors of the use cases that belong to a field of the form."""
DOCUMENT_CATEGORIES = document_categories(*(message_types()[kind] for kind in KINDS))


@dataclass(slots=True)
class _Carry:
    """The form on its way through a step: a consent that was recorded stays with it whatever happens next."""

    form: Form


def referral_routes(desk: Desk) -> APIRouter:
    """`/referrals/new` and the receipt."""
    router = APIRouter()

    @router.get(PATH)
    async def form(request: Request) -> Response:
        return await desk.answer(request, lambda visit: _form(visit, Form({"operation_id": (new_id(),)}), {}))

    @router.post(PATH)
    async def step(request: Request) -> Response:
        return await desk.answer(request, _step, takes={FILE: document_taker})

    @router.get("/referrals/{message_id}/sent")
    async def sent(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _sent(visit, MessageId(message_id)))

    return router


def _step(visit: Visit) -> Response:
    form, step = with_taken(visit.form), visit.form.get("step")
    organisation = visit.me.organisation
    today = local_day(visit.now, organisation.zone)
    if step.startswith(REMOVE):
        return _form(visit, remove(form, step.removeprefix(REMOVE)), {})
    if digest := form.digests.get("consent_scan"):
        form = form.having(consent_digest=digest)
    if step == "new_consent":
        return _form(visit, form.without(PREFIX), {})
    if step == "draft":
        return drafts.keep(visit, PAGE, form, form.get("kind") if form.get("kind") in KINDS else KINDS[0])
    form, wrong = take_in(form, DOCUMENT_CATEGORIES, today)
    if wrong or step in {"edit", "add_document"}:
        return _form(visit, form, wrong, STATUS["bad_input"] if wrong else 200)
    return _forward(visit, form, step, today)


def _forward(visit: Visit, form: Form, step: str, today: date) -> Response:
    """To the preview, or out."""
    organisation = visit.me.organisation
    checked = check_form(
        form,
        Setting(
            sender_ogrn=organisation.ogrn,
            recipients=frozenset(o.ogrn for o in _recipients(visit)),
            triggers=visit.edge.house.pack.triggers(),
            purpose=next(iter(visit.edge.house.pack.purposes_of(KINDS[0])), ""),
            today=today,
        ),
        added_documents(visit, form),
    )
    if checked.message is None:
        return _form(visit, form, checked.errors, STATUS["bad_input"])
    carry = _Carry(form)
    try:
        return _send(visit, carry, checked.message) if step == "send" else _preview(visit, carry, checked)
    except BadInput as error:
        if is_about_documents(error):
            return _form(visit, carry.form, {LIST: complaint(error)}, STATUS["bad_input"])
        if error.code not in COMPLAINTS:
            raise
        # What only the store can tell: the form comes back with what was typed, and with a consent already recorded.
        name = COMPLAINTS[error.code]
        lawful = str(error.params.get("lawful", ""))
        return _form(visit, carry.form, {name: f"web_referral.{error.code}"}, STATUS["bad_input"], lawful)


def resume_referral(visit: Visit, form: Form) -> Response:
    """The form of a draft, as it was left."""
    return _form(visit, form, {})


def _preview(visit: Visit, carry: _Carry, checked: Checked) -> Response:
    house, requester, draft = visit.edge.house, visit.me.requester, checked.message
    assert draft is not None
    synthetic = visit.me.organisation.synthetic
    recorded = [record_consent(house, requester, given, visit.now, synthetic=synthetic) for given in checked.consents]
    if recorded:
        carry.form = carry.form.having(consent_id=recorded[0])
        draft = draft.model_copy(update={"consent_id": recorded[0]})
    preview = preview_message(house, requester, draft, visit.now)
    blocked = preview.blocked_by
    return _previewed(visit, carry.form, draft, preview, 200 if blocked is None else STATUS["refused"])


def _previewed(visit: Visit, form: Form, draft: MessageDraft, preview: Preview, status: int) -> Response:
    return visit.page(
        "referral_preview.html",
        status,
        draft=draft,
        preview=preview,
        people=seen_people(visit, draft, preview),
        documents=seen_documents(visit, preview),
        carried=carried(form),
    )


def _send(visit: Visit, carry: _Carry, draft: MessageDraft) -> Response:
    house, requester = visit.edge.house, visit.me.requester
    try:
        submitted = submit_message(house, requester, draft, visit.now, synthetic=visit.me.organisation.synthetic)
    except Refused as refused:
        if refused.code != "message_refused":
            raise
        # The facts have moved since the preview: show what holds now, with the rule.
        preview = preview_message(house, requester, draft, visit.now)
        return _previewed(visit, carry.form, draft, preview, STATUS["refused"])
    drafts.finish(visit, carry.form)
    return redirect(f"/referrals/{submitted.message.id}/sent")


def _sent(visit: Visit, message_id: MessageId) -> Response:
    house, requester = visit.edge.house, visit.me.requester
    message = read_message_state(house, requester, message_id, visit.now)
    if message is None or message.sender_id != requester.organisation_id:
        raise Unavailable("message_unavailable")
    reach = reach_lines(visit, message)
    return visit.page("referral_sent.html", message=message, names=names_of(read_directory(house)), reach=reach)


def _form(visit: Visit, form: Form, errors: Mapping[str, str], status: int = 200, lawful: str = "") -> Response:
    return visit.page(
        "referral_form.html",
        status,
        values=form,
        errors=errors,
        lawful=lawful,
        recipients=[
            (kind, list(group))
            for kind, group in groupby(_recipients(visit), key=lambda organisation: organisation.kind)
        ],
        kinds=KINDS,
        urgencies=URGENCY_CODES,
        signers=SIGNERS,
        consent_forms=FORMS,
        categories=USUAL_CATEGORIES,
        **documents_of(visit, form, DOCUMENT_CATEGORIES, ("child", "parent")),
        consent_carried=[(name, value) for name, value in carried(form) if name.startswith(PREFIX)],
    )


def _recipients(visit: Visit) -> list[Organisation]:
    """Everybody else of the directory, by kind and name; the operator of the gateway receives nothing."""
    others = [o for o in read_directory(visit.edge.house) if o.id != visit.me.organisation.id and o.kind != "gateway"]
    return sorted(others, key=lambda organisation: (organisation.kind, organisation.name))
