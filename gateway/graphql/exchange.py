"""The part of the schema about messages after they were sent: opening, answering, redirecting, taking back."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry.types import Info

from gateway.graphql import types as nodes
from gateway.graphql.context import Context
from gateway.graphql.generated import LocalDate
from gateway.graphql.selection import asked_categories
from gateway.use_cases.answer_message import Answer, answer_message
from gateway.use_cases.message_words import open_answers
from gateway.use_cases.name_subject import name_subject
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_echoes import read_echoes
from gateway.use_cases.read_queue import names_of
from gateway.use_cases.redirect_message import redirect_message
from gateway.use_cases.register_incoming import register_incoming
from gateway.use_cases.reopen_case import read_inherited, reopen_case
from gateway.use_cases.values import MessageOnFile
from gateway.use_cases.withdraw_summary import withdraw_summary
from schemas.errors import RequestRejected
from schemas.ids import MessageId, OrganisationId
from schemas.lifecycle import Event


@strawberry.enum(description="What a side of a message may do with it; docs/exchange.md has the table.")
class MessageEvent(Enum):
    """Events of `schemas.lifecycle` that a person or a system brings about here; a test compares."""

    ACCEPT = "accept"
    REJECT = "reject"
    ACKNOWLEDGE = "acknowledge"
    AGREE = "agree"
    DISAGREE = "disagree"
    ASK = "ask"
    REPLY = "reply"
    SIGN = "sign"
    REMARK = "remark"
    ERASE = "erase"
    RETAIN = "retain"
    BEGIN = "begin"
    SUSPEND = "suspend"
    RESUME = "resume"
    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"
    RECALL = "recall"
    ENTER_IN_ERROR = "enter_in_error"


@strawberry.input(
    description="What you say with an event: a coded reason, words that name nobody, and with a refusal other organisations"
    " where help can be sought, or why there are none. `receipt` is your own signed word for it (a JWS; docs/exchange.md)."
)
class AnswerInput:
    reason: str | None = None
    words: str | None = None
    alternatives: list[strawberry.ID] | None = None
    none_because: str | None = None
    statute: str | None = None
    receipt: str | None = None


@strawberry.type
class ExchangeMutation:
    """What the two sides of a message do with it."""

    @strawberry.mutation(description="Open a message of your queue; the first opening is a receipt the sender sees.")
    def open_message(
        self,
        info: Info[Context, None],
        id: strawberry.ID,  # noqa: A002  the API's word
        receipt: str | None = None,
    ) -> nodes.OpenedMessageNode:
        context = info.context
        context.need("messages.read")
        signature = context.verify_receipt(receipt, id, Event.OPEN.value) if receipt else None
        categories = asked_categories(info.selected_fields)
        opened = open_message(
            context.house, context.requester, MessageId(id), context.now, categories, signature=signature
        )
        organisation = context.requester.organisation_id
        pseudonyms = {s.id: context.house.vault.subject_pseudonym(organisation, s.id) for s in opened.content.subjects}
        return nodes.OpenedMessageNode(
            message=nodes.message_node(context.house, context.requester, opened.message, context.directory()),
            words=[nodes.NoteNode(field=field, value=value) for field, value in opened.words.items()],
            answers=[
                nodes.AnswerWordsNode(event=said.event.value, field=field, words=value)
                for said, words in open_answers(context.house, opened.message)
                for field, value in words.items()
            ]
            if opened.content.case.assigned
            else [],
            subjects=[
                nodes.MessageSubjectNode(
                    ref=strawberry.ID(pseudonyms[s.id]),
                    kind=s.kind,
                    sections=nodes.render_sections(s, nodes.MESSAGE_TYPES, nodes.MessageSections, pseudonyms),
                )
                for s in opened.content.subjects
            ],
            entry_id=strawberry.ID(opened.entry_id),
        )

    @strawberry.mutation(
        description="Accept, refuse, work on, complete, agree, ask; cancel or take back what you sent. Which of these a"
        " message allows now, and to whom, is a table (docs/exchange.md)."
    )
    def answer_message(
        self,
        info: Info[Context, None],
        id: strawberry.ID,  # noqa: A002  the API's word
        event: MessageEvent,
        answer: AnswerInput | None = None,
    ) -> nodes.MessageNode:
        context = info.context
        context.need("messages.read")
        what = Event(event.value)
        said = _answer(context, id, what, answer)
        return _node(context, answer_message(context.house, context.requester, MessageId(id), what, context.now, said))

    @strawberry.mutation(
        description="Pass a message on to whom it should have gone. It goes on only on a ground of its own: the rules are"
        " asked anew, and where none holds its sender is told."
    )
    def redirect_message(
        self,
        info: Info[Context, None],
        id: strawberry.ID,  # noqa: A002  the API's word
        target: strawberry.ID,
        answer: AnswerInput,
    ) -> nodes.MessageNode:
        context = info.context
        context.need("messages.read")
        said = _answer(context, id, Event.REDIRECT, answer)
        redirected = redirect_message(
            context.house, context.requester, MessageId(id), OrganisationId(target), context.now, said
        )
        return _node(context, redirected)

    @strawberry.mutation(description="Give a message the incoming number of your own journal.")
    def register_incoming(
        self,
        info: Info[Context, None],
        id: strawberry.ID,  # noqa: A002  the API's word
        number: str,
        on: LocalDate,
    ) -> nodes.MessageNode:
        context = info.context
        context.need("messages.read")
        try:
            day = date.fromisoformat(str(on))
        except ValueError:
            raise RequestRejected("field_invalid", place="on", rule="date") from None
        registered = register_incoming(context.house, context.requester, MessageId(id), number, day, context.now)
        return _node(context, registered)

    @strawberry.mutation(
        description="Take back the published summary of a case you hold: nobody reads it any more, and whoever was shown"
        " anything of it gets a recall. Returns the entry."
    )
    def withdraw_summary(self, info: Info[Context, None], case_id: strawberry.ID) -> strawberry.ID:
        context = info.context
        context.need("summaries.publish")
        return strawberry.ID(withdraw_summary(context.house, context.requester, case_id, context.now))

    @strawberry.mutation(
        description="A worsening after the end: a new case of the same people that inherits from the old one. Returns it."
    )
    def reopen_case(self, info: Info[Context, None], case_id: strawberry.ID) -> strawberry.ID:
        context = info.context
        context.need("summaries.publish")
        new_case = reopen_case(context.house, context.requester, case_id, context.now)
        return strawberry.ID(context.house.vault.case_pseudonym(context.requester.organisation_id, new_case))

    @strawberry.mutation(
        description="Give a person of your own file (by the pseudonym you see) an identifier of your own. Returns the entry."
    )
    def name_subject(self, info: Info[Context, None], subject: strawberry.ID, ref: str) -> strawberry.ID:
        context = info.context
        context.need("summaries.publish")
        if not 0 < len(ref.strip()) <= MAX_REF:
            raise RequestRejected("field_invalid", place="ref", rule=f"1 to {MAX_REF} characters")
        return strawberry.ID(name_subject(context.house, context.requester, subject, ref.strip(), context.now))


@strawberry.type(
    description="Organisations of a kind read a summary of yours for a purpose, so many times between two days. Who it was"
    " is not said; your data protection officer reads it in the log."
)
class LookupEcho:
    message: strawberry.ID
    told_at: datetime
    organisation_kind: str
    purpose: str
    times: int
    first_on: LocalDate
    last_on: LocalDate


@strawberry.type
class ExchangeQuery:
    """Questions about one's own cases."""

    @strawberry.field(description="The cases of yours that one of your cases inherits from, nearest first.")
    def inherited_cases(self, info: Info[Context, None], case_id: strawberry.ID) -> list[strawberry.ID]:
        context = info.context
        context.need("summaries.read")
        return [strawberry.ID(case) for case in read_inherited(context.house, context.requester, case_id)]

    @strawberry.field(
        description="Who looked at the published summary of a case of yours: kind of organisation, purpose, days. Newest first."
    )
    def lookup_echoes(
        self, info: Info[Context, None], case_id: strawberry.ID, first: int = 20, after: strawberry.ID | None = None
    ) -> list[LookupEcho]:
        context = info.context
        context.need("summaries.read")
        found = read_echoes(context.house, context.requester, case_id, MessageId(after) if after else None, first)
        return [
            LookupEcho(
                message=strawberry.ID(echo.message_id),
                told_at=echo.told_at,
                organisation_kind=echo.kind,
                purpose=echo.purpose,
                times=echo.times,
                first_on=LocalDate(echo.first_on.isoformat()),
                last_on=LocalDate(echo.last_on.isoformat()),
            )
            for echo in found
        ]


MAX_REF = 500


def _answer(context: Context, message_id: str, event: Event, given: AnswerInput | None) -> Answer:
    if given is None:
        return Answer()
    named = tuple(dict.fromkeys(OrganisationId(organisation) for organisation in given.alternatives or []))
    known = names_of(context.directory())
    if any(organisation not in known for organisation in named):
        raise RequestRejected("organisation_unknown")
    signature = context.verify_receipt(given.receipt, message_id, event.value) if given.receipt else None
    return Answer(given.reason, given.words, named, given.none_because, given.statute, signature)


def _node(context: Context, message: MessageOnFile) -> nodes.MessageNode:
    return nodes.message_node(context.house, context.requester, message, context.directory())
