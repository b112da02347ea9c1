"""One message: its course, and for the recipient its content through the door, and the answer.

The first opening is a fact that the sender sees and that can be proved, so a person does it by a button: a link followed
by a browser in advance opens nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS
from gateway.use_cases.answer_message import answer_message
from gateway.use_cases.disclose import DisclosedSubject
from gateway.use_cases.open_message import OpenedMessage, open_message
from gateway.use_cases.read_queue import names_of, read_directory, read_message_state, sender_words
from gateway.use_cases.submit_message import SENDABLE
from gateway.use_cases.values import MessageOnFile
from gateway.web.content import message_lines
from gateway.web.sections import ShownSection, shown_sections
from gateway.web.visits import Desk, Visit, redirect
from gateway.web.words import MESSAGE_CATEGORIES
from schemas.errors import BadInput
from schemas.ids import MessageId, OrganisationId
from schemas.lifecycle import Event, State
from schemas.messages import message_types

ANSWERS = {"accept": Event.ACCEPT, "reject": Event.REJECT, "acknowledge": Event.ACKNOWLEDGE}
DONE = frozenset({"opened", *ANSWERS})
ALTERNATIVES = 3
"""How many other organisations a refusal may name."""


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """One person of a message."""

    kind: str
    sections: tuple[ShownSection, ...]
    duties: tuple[str, ...]


def message_routes(desk: Desk) -> APIRouter:
    """`/messages/{id}` and what can be done with it."""
    router = APIRouter()

    @router.get("/messages/{message_id}")
    async def message(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _message(visit, MessageId(message_id)))

    @router.post("/messages/{message_id}/open")
    async def opening(message_id: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _open(visit, MessageId(message_id)))

    @router.post("/messages/{message_id}/{answer}")
    async def answering(message_id: str, answer: str, request: Request) -> Response:
        return await desk.answer(request, lambda visit: _answer(visit, MessageId(message_id), answer))

    return router


def _message(visit: Visit, message_id: MessageId) -> Response:
    house, requester = visit.edge.house, visit.me.requester
    message = read_message_state(house, requester, message_id, visit.now)
    if message is not None and message.sender_id == requester.organisation_id:
        return _shown(visit, message, None)
    if message is not None and message.state in {State.SUBMITTED, State.DELIVERED}:
        return _shown(visit, message, None)
    # Also for a message that is not there or not theirs: the attempt is an entry, and the answer one and the same.
    opened = open_message(house, requester, message_id, visit.now)
    return _shown(visit, opened.message, opened)


def _open(visit: Visit, message_id: MessageId) -> Response:
    open_message(visit.edge.house, visit.me.requester, message_id, visit.now)
    return redirect(f"/messages/{message_id}", done="opened")


def _answer(visit: Visit, message_id: MessageId, answer: str) -> Response:
    house, requester, form = visit.edge.house, visit.me.requester, visit.form
    if answer not in ANSWERS:
        raise BadInput("action_unknown")
    reason: str | None = None
    alternatives: tuple[OrganisationId, ...] = ()
    if answer == "reject":
        reason = form.get("reason") or None
        known = {organisation.id for organisation in read_directory(house)}
        alternatives = tuple(dict.fromkeys(OrganisationId(chosen) for chosen in form.all("alternative")))
        if any(chosen not in known for chosen in alternatives) or len(alternatives) > ALTERNATIVES:
            raise BadInput("organisation_unknown")
        if reason is None:
            opened = open_message(house, requester, message_id, visit.now)
            return _shown(visit, opened.message, opened, {"reason": "web_message.reason_missing"}, STATUS["bad_input"])
    answer_message(house, requester, message_id, ANSWERS[answer], visit.now, reason=reason, alternatives=alternatives)
    return redirect(f"/messages/{message_id}", done=answer)


def _shown(
    visit: Visit,
    message: MessageOnFile,
    opened: OpenedMessage | None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    house, mine = visit.edge.house, visit.me.organisation.id
    directory = read_directory(house)
    kind = message_types().get(message.type)
    answers = kind.answers if kind else frozenset()
    done = visit.query.get("done", "")
    return visit.page(
        "message.html",
        status,
        message=message,
        names={**names_of(directory), message.sender_id: sender_words(house, message, mine, directory)},
        is_recipient=message.recipient_id == mine,
        case=house.vault.case_pseudonym(mine, message.case_id),
        people=_people(visit, opened.content.subjects) if opened else (),
        entry_id=opened.entry_id if opened else None,
        is_open=opened is not None,
        carries_content=message.type in SENDABLE,
        may_accept=message.state is State.OPENED and "accepted" in answers,
        may_acknowledge=message.state is State.OPENED and "accepted" not in answers,
        directory=[o for o in directory if o.id != mine],
        alternatives=ALTERNATIVES,
        chosen=visit.form.all("alternative"),
        errors=errors or {},
        done=done if done in DONE else "",
    )


def _people(visit: Visit, subjects: Sequence[DisclosedSubject]) -> tuple[ShownPerson, ...]:
    """Each person with the categories a message is made of: what there is, what was not given, what is withheld."""
    return tuple(
        ShownPerson(
            subject.kind,
            tuple(shown_sections(visit.words, subject, MESSAGE_CATEGORIES, message_lines)),
            visit.words.duties(subject.obligations),
        )
        for subject in subjects
    )
