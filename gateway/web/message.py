"""One message: its course, and for the recipient its content through the door, and the answer.

The first opening is a fact that the sender sees and that can be proved, so a person does it by a button: a link followed
by a browser in advance opens nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.edge import STATUS, file_response
from gateway.use_cases.answer_message import OF_SENDER, REASONS, Answer, answer_message, possible_events
from gateway.use_cases.disclose import DisclosedSubject
from gateway.use_cases.facts import local_day
from gateway.use_cases.message_words import open_answers
from gateway.use_cases.open_message import OpenedMessage, open_message
from gateway.use_cases.propose_joint_decision import JOINT
from gateway.use_cases.read_attachment import read_attachment
from gateway.use_cases.read_joint_decision import decision_of_message
from gateway.use_cases.read_queue import names_of, read_directory, read_message_state, sender_words
from gateway.use_cases.redirect_message import redirect_message
from gateway.use_cases.register_incoming import register_incoming
from gateway.use_cases.values import MessageOnFile
from gateway.web.content import message_lines, note_lines
from gateway.web.document_fields import sent_lines, shown_documents
from gateway.web.marks import pieces
from gateway.web.packages import DONE as PACKAGES_DONE
from gateway.web.packages import packages_of
from gateway.web.sections import ShownSection, shown_sections
from gateway.web.visits import Desk, Visit, redirect
from gateway.web.words import USUAL_CATEGORIES
from gateway.web.work import DONE as WORK_DONE
from gateway.web.work import work_of
from schemas.codes import NAMED_BY_LETTER, NO_ALTERNATIVE
from schemas.errors import BadInput, Conflict
from schemas.ids import MessageId, OrganisationId
from schemas.lifecycle import WITHDRAWN, Actor, Event, State, transition
from schemas.messages import message_types
from schemas.nameless import NotNameless

DONE = frozenset({"opened", "register", *(event.value for event in Event)})
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

    @router.post("/messages/{message_id}/documents/{attachment_id}")
    async def document(message_id: str, attachment_id: str, request: Request) -> Response:
        # By a button, like the opening: that a file was taken is an entry, and a link followed in advance takes none.
        def work(visit: Visit) -> Response:
            house, requester = visit.edge.house, visit.me.requester
            return file_response(read_attachment(house, requester, MessageId(message_id), attachment_id, visit.now))

        return await desk.answer(request, work)

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
    mine = requester.organisation_id
    if message is not None and message.sender_id == mine != message.recipient_id:
        return _shown(visit, message, None)
    if message is not None and message.state in {State.SUBMITTED, State.DELIVERED}:
        return _shown(visit, message, None)
    # Also for a message that is not there or not theirs: the attempt is an entry, and the answer one and the same.
    opened = open_message(house, requester, message_id, visit.now, with_documents=True)
    return _shown(visit, opened.message, opened)


def _open(visit: Visit, message_id: MessageId) -> Response:
    open_message(visit.edge.house, visit.me.requester, message_id, visit.now)
    return redirect(f"/messages/{message_id}", done="opened")


def _answer(visit: Visit, message_id: MessageId, answer: str) -> Response:
    house, requester, form = visit.edge.house, visit.me.requester, visit.form
    if answer == "register":
        return _register(visit, message_id)
    if answer not in {event.value for event in Event}:
        raise BadInput("action_unknown")
    event = Event(answer)
    known = {organisation.id for organisation in read_directory(house)}
    alternatives = tuple(dict.fromkeys(OrganisationId(chosen) for chosen in form.all("alternative") if chosen))
    if any(chosen not in known for chosen in alternatives) or len(alternatives) > ALTERNATIVES:
        raise BadInput("organisation_unknown")
    said = Answer(
        reason=form.get("reason") or None,
        words=form.get("words") or None,
        alternatives=alternatives,
        none_because=form.get("none_because") or None,
        statute=form.get("statute") or None,
        seen=int(seen) if (seen := form.get("seen")).isascii() and seen.isdigit() else None,
    )
    try:
        if event is Event.REDIRECT:
            redirect_message(house, requester, message_id, OrganisationId(form.get("target")), visit.now, said)
        else:
            answer_message(house, requester, message_id, event, visit.now, said)
    except (BadInput, Conflict) as error:
        return _again(visit, message_id, event, error)
    return redirect(f"/messages/{message_id}", done=answer)


_FIELDS = {
    "reason_required": "reason",
    "reason_unknown": "reason",
    "elsewhere_required": "none_because",
    "words_required": "words",
    "text_not_nameless": "words",
    "statute_required": "statute",
    "organisation_unknown": "target",
    "redirect_to_side": "target",
    "message_moved_on": "words",
}
"""At which field of an answer an error stands."""


def _again(visit: Visit, message_id: MessageId, event: Event, error: BadInput | Conflict) -> Response:
    """The page with what was filled in, and the error where it belongs."""
    if error.code not in _FIELDS:
        raise error
    house, requester = visit.edge.house, visit.me.requester
    message = read_message_state(house, requester, message_id, visit.now)
    if message is None:
        raise error
    opened = None
    if message.recipient_id == requester.organisation_id:
        opened = open_message(house, requester, message_id, visit.now, with_documents=True)
        message = opened.message
    if error.code == "message_moved_on" and not any(
        step.event == event.value and step.needs for step in _steps(visit, message, requester.organisation_id)
    ):
        raise error  # there is no field any more at which it could be said
    field = f"{_FIELDS[error.code]}-{event.value}"
    marked: Sequence[tuple[str, bool]] = ()
    if isinstance(error, NotNameless):
        marked = pieces(visit.form.get("words"), error.marks.get("words", ()))
    errors = {field: f"web_message.error_{error.code}"}
    return _shown(visit, message, opened, errors, STATUS[error.kind], marked)


def _register(visit: Visit, message_id: MessageId) -> Response:
    try:
        on = date.fromisoformat(visit.form.get("on") or local_day(visit.now, visit.me.organisation.zone).isoformat())
    except ValueError:
        raise BadInput("date_invalid") from None
    register_incoming(visit.edge.house, visit.me.requester, message_id, visit.form.get("number") or "", on, visit.now)
    return redirect(f"/messages/{message_id}", done="register")


def _shown(
    visit: Visit,
    message: MessageOnFile,
    opened: OpenedMessage | None,
    errors: dict[str, str] | None = None,
    status: int = 200,
    marked: Sequence[tuple[str, bool]] = (),
) -> Response:
    house, mine = visit.edge.house, visit.me.organisation.id
    directory = read_directory(house)
    reads = opened is not None and opened.content.case.assigned
    joint = decision_of_message(house, visit.me.requester, message.id) if message.type == JOINT else None
    done = visit.query.get("done", "")
    is_theirs = message.recipient_id == mine and visit.me.requester.role == "caseworker"
    said: Sequence[tuple[str, ...]] = ()
    if visit.me.requester.role == "caseworker" and (message.sender_id == mine or reads):
        said = [tuple(words.values()) for _, words in open_answers(house, message)]
    return visit.page(
        "message.html",
        status,
        message=message,
        names={**names_of(directory), message.sender_id: sender_words(house, message, mine, directory)},
        is_recipient=message.recipient_id == mine,
        case=house.vault.case_pseudonym(mine, message.case_id),
        people=_people(visit, message, opened.content.subjects) if opened else (),
        documents=shown_documents(visit, opened),
        sent=sent_lines(visit, message),
        entry_id=opened.entry_id if opened else None,
        is_open=opened is not None,
        carries_content=bool(opened and opened.content.subjects),
        marked=marked,
        steps=_steps(visit, message, mine),
        joint=joint,
        may_answer=is_theirs and message.state not in {State.SUBMITTED, State.DELIVERED} | WITHDRAWN,
        notes=note_lines(message.type, message.notes, visit.words),
        written=note_lines(message.type, opened.words, visit.words) if opened else (),
        said_with=lambda number: said[number] if number < len(said) else (),
        links=_links(message, mine),
        organisations=[(o.id, o.name) for o in directory if o.id not in {mine, message.sender_id}],
        filled=visit.form,
        alternatives=ALTERNATIVES,
        no_alternative=[row for row in visit.words.listed(NO_ALTERNATIVE) if row[0] != NAMED_BY_LETTER],
        warning={event.value for event in WARNING},
        chosen=visit.form.all("alternative"),
        errors=errors or {},
        done=done if done in DONE | WORK_DONE | PACKAGES_DONE else "",
        **work_of(visit, message),
        **packages_of(visit, message),
    )


def _links(message: MessageOnFile, mine: OrganisationId) -> tuple[tuple[MessageId, str], ...]:
    """The messages that this one belongs to, with what they are to it."""
    known = [(message.answers_id, "web_message.answers_it"), (message.corrects_id, "web_message.corrects_it")]
    if message.sender_id == mine:
        known.append((message.redirects_id, "web_message.redirects_it"))
    return tuple((found, key) for found, key in known if found is not None)


@dataclass(frozen=True, slots=True)
class Step:
    """What one may do with the message now, and what it needs: codes of reasons with their words, and so on."""

    event: str
    reasons: tuple[tuple[str, str], ...]
    needs: frozenset[str]


WARNING = frozenset({Event.REJECT, Event.FAIL, Event.RECALL, Event.ENTER_IN_ERROR, Event.CANCEL})
"""Steps that end something: their buttons are red."""


def _steps(visit: Visit, message: MessageOnFile, mine: OrganisationId) -> tuple[Step, ...]:
    if visit.me.requester.role != "caseworker":
        return ()
    found = []
    for event in possible_events(message, mine):
        if event in {Event.OPEN, Event.ANSWER, Event.SUBMIT, Event.DISCARD}:
            continue
        actor = Actor.SENDER if event in OF_SENDER else Actor.RECIPIENT
        row = transition(message.state, event, actor)
        found.append(Step(event.value, visit.words.listed(REASONS.get(event, "")), frozenset(row.needs)))
    return tuple(found)


def _people(visit: Visit, message: MessageOnFile, subjects: Sequence[DisclosedSubject]) -> tuple[ShownPerson, ...]:
    """Each person with the categories that every message is made of, and what else its type may carry and this one does."""
    asked = message_types()[message.type].asked

    def shown(subject: DisclosedSubject) -> tuple[ShownSection, ...]:
        wanted = [k for k in asked if k in USUAL_CATEGORIES or (k in subject.sections and subject.sections[k].content)]
        return tuple(shown_sections(visit.words, subject, wanted, message_lines))

    return tuple(
        ShownPerson(subject.kind, shown(subject), visit.words.duties(subject.obligations)) for subject in subjects
    )
