"""The schema: queries and mutations, each of which calls one use case. Errors get their permanent code here."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry
import structlog
from graphql import ASTValidationRule, GraphQLError, SelectionSetNode, ValidationContext, Visitor, visit
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.extensions.max_aliases import create_validator as aliases_rule
from strawberry.extensions.query_depth_limiter import create_validator as depth_rule
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, Info

from gateway.graphql import types as nodes
from gateway.graphql.case_records import CaseRecordMutation, CaseRecordQuery
from gateway.graphql.context import Context
from gateway.graphql.deliveries import DeliveryMutation, DeliveryQuery
from gateway.graphql.directory import DirectoryMutation, DirectoryQuery
from gateway.graphql.exchange import ExchangeMutation, ExchangeQuery
from gateway.graphql.generated import SCALARS, input_type, to_draft
from gateway.graphql.joint import JointMutation, JointQuery
from gateway.graphql.packages import PackageMutation, PackageQuery
from gateway.graphql.practices import PracticeMutation, PracticeQuery
from gateway.graphql.queues import QueueMutation, QueueQuery, reach_node
from gateway.graphql.reporters import ReporterQuery
from gateway.graphql.responsible import ResponsibleMutation, ResponsibleQuery
from gateway.graphql.seal_keys import SealKeyMutation, SealKeyQuery
from gateway.graphql.selection import asked_categories
from gateway.use_cases.facts import Question
from gateway.use_cases.prove_entry import prove_entry
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.read_case_summaries import read_case_summaries, read_case_summary
from gateway.use_cases.read_queue import names_of, read_directory, read_message_state, read_queue
from gateway.use_cases.record_authority import record_authority
from gateway.use_cases.record_consent import record_consent
from gateway.use_cases.submit_message import preview_message, submit_message
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.authority import AuthorityDraft
from schemas.errors import MezhvedError, Refused, RequestRejected, Unavailable
from schemas.ids import ConsentId, EntryId, MessageId
from schemas.messages import MessageDraft
from schemas.summary import ConsentDraft, SummaryDraft

MAX_DEPTH = 12
MAX_ALIASES = 15
MAX_TOKENS = 2000
MAX_CLAIM = 500
"""Characters of a claim in words: a norm, the number of an official request."""
CACHED_DOCUMENTS = 256

log = structlog.get_logger()

SummaryInput = input_type(SummaryDraft, "PublishCaseSummaryInput")
ConsentInput = input_type(ConsentDraft, "RecordConsentInput")
AuthorityInput = input_type(AuthorityDraft, "RecordAuthorityInput")
MessageInput = input_type(MessageDraft, "SubmitMessageInput", frozenset({"sender_ogrn", "created_at"}))


@strawberry.enum(description="Which messages: those sent to you, or those you sent.")
class Box(Enum):
    """Boxes of a queue."""

    INBOX = "inbox"
    OUTBOX = "outbox"


def _question(
    info: Info[Context, None], purpose: str, statute: str | None = None, request: str | None = None
) -> Question:
    for place, words in (("statute", statute), ("request", request)):
        if words and len(words) > MAX_CLAIM:
            raise RequestRejected("field_invalid", place=place, rule=f"at most {MAX_CLAIM} characters")
    return Question(purpose, asked_categories(info.selected_fields), statute=statute or "", request=request or "")


@strawberry.type
class Query(
    QueueQuery,
    ResponsibleQuery,
    ExchangeQuery,
    DirectoryQuery,
    PracticeQuery,
    CaseRecordQuery,
    DeliveryQuery,
    SealKeyQuery,
    PackageQuery,
    ReporterQuery,
    JointQuery,
):
    """What may be asked. Nothing here tells whether something exists that you may not see."""

    @strawberry.field(
        description="One published case summary for a purpose. Ask only for the sections you need. `statute` and `request`"
        " (the number of an official request) are claims: they are recorded, and make no ground by themselves."
    )
    def case_summary(
        self,
        info: Info[Context, None],
        case_id: strawberry.ID,
        purpose: str,
        statute: str | None = None,
        request: str | None = None,
    ) -> nodes.CaseSummaryNode:
        context = info.context
        context.need("summaries.read")
        question = _question(info, purpose, statute, request)
        disclosed = read_case_summary(context.house, context.requester, case_id, question, context.now)
        (case,) = disclosed.cases
        if case.case.summary is None:
            raise Unavailable("case_unavailable")
        return nodes.summary_node(context.house, context.requester, case, disclosed.entry_id)

    @strawberry.field(description="Summaries of cases with a recorded relation to you, in a random but stable order.")
    def case_summaries(
        self,
        info: Info[Context, None],
        purpose: str,
        first: int = 20,
        after: str | None = None,
        statute: str | None = None,
        request: str | None = None,
    ) -> nodes.CaseSummaryPage:
        context = info.context
        context.need("summaries.read")
        question = _question(info, purpose, statute, request)
        disclosed = read_case_summaries(context.house, context.requester, question, after, first, context.now)
        items = [
            nodes.summary_node(context.house, context.requester, case, disclosed.entry_id)
            for case in disclosed.cases
            if case.case.summary is not None
        ]
        return nodes.CaseSummaryPage(
            items=items,
            next=items[-1].case_id if len(items) == first else None,
            entry_id=strawberry.ID(disclosed.entry_id),
        )

    @strawberry.field(description="Your queue, newest first. No content: open a message to see it.")
    def messages(
        self, info: Info[Context, None], box: Box = Box.INBOX, first: int = 20, after: strawberry.ID | None = None
    ) -> nodes.MessagePage:
        context = info.context
        context.need("messages.read")
        found = read_queue(
            context.house, context.requester, context.now, box.value, MessageId(after) if after else None, first
        )
        directory = context.directory()
        items = [nodes.message_node(context.house, context.requester, message, directory) for message in found]
        return nodes.MessagePage(items=items, next=items[-1].id if len(items) == first else None)

    @strawberry.field(description="State and receipts of one message that you sent or were sent.")
    def message(self, info: Info[Context, None], id: strawberry.ID) -> nodes.MessageNode:  # noqa: A002  the API's word
        context = info.context
        context.need("messages.read")
        message = read_message_state(context.house, context.requester, MessageId(id), context.now)
        if message is None:
            raise Unavailable("message_unavailable")
        return nodes.message_node(context.house, context.requester, message, context.directory())

    @strawberry.field(description="Participants of the exchange.")
    def organisations(self, info: Info[Context, None]) -> list[nodes.OrganisationNode]:
        return [nodes.organisation_node(organisation) for organisation in read_directory(info.context.house)]

    @strawberry.field(
        description="A proof bundle of a log entry, checked offline with `mezhved evidence verify --proof`."
    )
    def entry_proof(self, info: Info[Context, None], id: strawberry.ID) -> str:  # noqa: A002  the API's word
        return prove_entry(info.context.house, EntryId(id), info.context.requester.organisation_id)


@strawberry.type
class Mutation(
    QueueMutation,
    ResponsibleMutation,
    ExchangeMutation,
    DirectoryMutation,
    PracticeMutation,
    CaseRecordMutation,
    DeliveryMutation,
    SealKeyMutation,
    PackageMutation,
    JointMutation,
):
    """What may be done. Everything that sends personal data is gated like a reading of it."""

    @strawberry.mutation(description="Publish a version of a case summary you hold.")
    def publish_case_summary(self, info: Info[Context, None], input: SummaryInput) -> nodes.PublishedNode:  # type: ignore[valid-type]  # noqa: A002  made at run time; the API's word
        context = info.context
        context.need("summaries.publish")
        draft = to_draft(SummaryDraft, input)
        published = publish_case_summary(context.house, context.requester, draft, context.now)
        return nodes.PublishedNode(
            case_id=strawberry.ID(
                context.house.vault.case_pseudonym(context.requester.organisation_id, published.case_id)
            ),
            version=published.version,
            entry_id=strawberry.ID(published.entry_id),
        )

    @strawberry.mutation(description="Record a signed consent that you hold the evidence of. Returns its id.")
    def record_consent(self, info: Info[Context, None], input: ConsentInput) -> strawberry.ID:  # type: ignore[valid-type]  # noqa: A002  as above
        context = info.context
        context.need("consents.write")
        return strawberry.ID(
            record_consent(context.house, context.requester, to_draft(ConsentDraft, input), context.now)
        )

    @strawberry.mutation(
        description="Record by what somebody acts for a person, or that it has changed: the same authorityId is the same"
        " authority, and consents given under it are judged by it from this moment. Returns its id."
    )
    def record_authority(self, info: Info[Context, None], input: AuthorityInput) -> strawberry.ID:  # type: ignore[valid-type]  # noqa: A002  as above
        context = info.context
        context.need("consents.write")
        draft = to_draft(AuthorityDraft, input)
        return strawberry.ID(record_authority(context.house, context.requester, draft, context.now).id)

    @strawberry.mutation(description="Withdraw a consent: it stops at once, and earlier recipients get a recall.")
    def withdraw_consent(
        self, info: Info[Context, None], consent_id: strawberry.ID, evidence_digest: str | None = None
    ) -> nodes.WithdrawnNode:
        context = info.context
        context.need("consents.write")
        withdrawn = withdraw_consent(
            context.house, context.requester, ConsentId(consent_id), context.now, evidence_digest=evidence_digest
        )
        directory = context.directory()
        return nodes.WithdrawnNode(
            entry_id=strawberry.ID(withdrawn.entry_id),
            recalled=[names_of(directory)[organisation] for organisation in withdrawn.recalled],
        )

    @strawberry.mutation(description="What the recipient would see of a message. Nothing is stored or sent.")
    def preview_message(self, info: Info[Context, None], input: MessageInput) -> nodes.PreviewNode:  # type: ignore[valid-type]  # noqa: A002  as above
        context = info.context
        context.need("messages.send")
        draft = to_draft(MessageDraft, input, sender_ogrn=context.own_ogrn())
        return nodes.preview_node(preview_message(context.house, context.requester, draft, context.now))

    @strawberry.mutation(description="Send a message. The operation id is yours: repeating it is harmless.")
    def submit_message(self, info: Info[Context, None], input: MessageInput) -> nodes.SubmittedNode:  # type: ignore[valid-type]  # noqa: A002  as above
        context = info.context
        context.need("messages.send")
        draft = to_draft(MessageDraft, input, sender_ogrn=context.own_ogrn())
        submitted = submit_message(context.house, context.requester, draft, context.now)
        return nodes.SubmittedNode(
            message=nodes.message_node(context.house, context.requester, submitted.message, context.directory()),
            preview=nodes.preview_node(submitted.preview) if submitted.preview else None,
            repeated=submitted.repeated,
            recipient_now=reach_node(context, submitted.message.recipient_id, submitted.message.urgency),
        )


# --- errors and limits -----------------------------------------------------------------------------------------------


def format_error(error: GraphQLError) -> dict[str, Any]:
    """One error as the API shows it: text, and a permanent code under `extensions` (docs/errors.md)."""
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    if isinstance(original, MezhvedError):
        formatted = error_of(original)
    elif original is not None:
        formatted = error_of(MezhvedError("internal_error"))
    else:
        formatted = {"message": error.message, "extensions": {"code": "graphql_invalid", "kind": "bad_input"}}
    if error.path is not None:
        formatted["path"] = list(error.path)
    if error.locations and original is None:
        formatted["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    return formatted


def error_of(error: MezhvedError) -> dict[str, Any]:
    """An error with a code, as the API shows it."""
    extensions: dict[str, Any] = {
        "code": error.code,
        "kind": error.kind,
        "remedy": error.remedy("ru"),
        "message_en": error.message("en"),
        "remedy_en": error.remedy("en"),
    }
    if isinstance(error, Refused):
        extensions |= {"rule": error.rule, "citation": error.citation, "rule_remedy": error.rule_remedy}
    return {"message": error.message("ru"), "extensions": extensions}


class Schema(strawberry.Schema):
    """Strawberry's schema, except that no exception text reaches a log (law 8)."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        del execution_context
        for error in errors:
            original = error.original_error
            if original is not None and not isinstance(original, MezhvedError | GraphQLError):
                log.error("graphql.resolver_failed", error=type(original).__name__)


def _read(source: Any, name: str) -> Any:  # noqa: ANN401  any object of the schema
    return source.get(name) if isinstance(source, dict) else getattr(source, name)


# Rules are made once: a factory that makes new rule classes at each request would defeat the validation cache.
_Depth = depth_rule(MAX_DEPTH, None)


class _WholeSelections(Visitor):
    """Whether a selection is empty. The grammar has none; graphql-core parses them, and counting their depth fails."""

    def __init__(self) -> None:
        super().__init__()
        self.empty: SelectionSetNode | None = None

    def enter_selection_set(self, node: SelectionSetNode, *_: object) -> None:
        if not node.selections:
            self.empty = node


def _depth(context: ValidationContext) -> ASTValidationRule:
    found = _WholeSelections()
    visit(context.document, found)
    if found.empty is None:
        return _Depth(context)
    context.report_error(GraphQLError("Syntax Error: a selection is empty.", found.empty))
    return ASTValidationRule(context)


_RULES: list[Any] = [_depth, aliases_rule(MAX_ALIASES)]

schema = Schema(
    Query,
    Mutation,
    extensions=[
        lambda: MaxTokensLimiter(MAX_TOKENS),
        lambda: AddValidationRules(_RULES),
        lambda: ParserCache(CACHED_DOCUMENTS),
        lambda: ValidationCache(CACHED_DOCUMENTS),
    ],
    config=StrawberryConfig(default_resolver=_read, scalar_map=SCALARS, disable_field_suggestions=True),
)


def sdl() -> str:
    """The schema in SDL: published as `docs/schema.graphql`, equal to the code (checked by a test)."""
    return schema.as_str() + "\n"
