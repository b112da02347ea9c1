"""The part of the schema about who answers for what: facts, explanations, emergencies, what people decide, terms."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry.types import Info

from gateway.graphql.context import Context
from gateway.graphql.generated import LocalDate, input_type, to_draft
from gateway.graphql.types import AccessEffect, OrganisationNode, organisation_node
from gateway.use_cases.assign_case import assign_case, read_assigned
from gateway.use_cases.declare_emergency import declare_emergency
from gateway.use_cases.end_fact import end_fact
from gateway.use_cases.explain_access import ExplainedCategory, ExplainedSubject, explain_access
from gateway.use_cases.read_facts import KnownFact, read_facts
from gateway.use_cases.read_holds import AskedHold, read_asked
from gateway.use_cases.read_timers import ShownTimer, close_timer, read_timers
from gateway.use_cases.record_fact import record_fact
from schemas.categories import SECTION_CATEGORIES
from schemas.facts import FactDocument, FactDraft, PersonNamed
from schemas.ids import Category, FactId

PersonInput = input_type(PersonNamed, "PersonNamedInput")
DocumentInput = input_type(FactDocument, "FactDocumentInput")
FactInput = input_type(FactDraft, "RecordFactInput")


@strawberry.type(description="A rule in words: what it is, on which citation, and what would change it.")
class RuleNode:
    rule: str
    title: str
    citation: str
    remedy: str


@strawberry.type(
    description="What would happen with one category: the true rule. `quiet`: the organisation would read a neutral reason"
    " instead. `missing`: everything that stands in the way, in the order in which it would stop."
)
class ExplainedCategoryNode:
    category: str
    effect: AccessEffect
    rule: str
    title: str
    citation: str
    remedy: str
    quiet: bool
    if_released: AccessEffect | None
    obligations: list[str]
    missing: list[RuleNode]


@strawberry.type(description="A member of the family, under your own pseudonym.")
class ExplainedSubjectNode:
    ref: strawberry.ID
    kind: str
    has_consent: bool
    retain_until: LocalDate | None
    categories: list[ExplainedCategoryNode]


@strawberry.type(
    description="What an organisation would see of your case. Nothing is disclosed to it. `related`: whether a request of"
    " that organisation would find the case at all."
)
class ExplainedNode:
    organisation: OrganisationNode
    purpose: str
    related: bool
    subjects: list[ExplainedSubjectNode]
    entry_id: strawberry.ID


@strawberry.type(
    description="What was done with a fact, and on which document. `actor` and `reasons` are those of your organisation;"
    " of another one they are null."
)
class FactEventNode:
    kind: str
    at: datetime
    actor: str | None
    number: str | None
    on: LocalDate | None
    reasons: str | None
    copy_digest: str | None
    entry_id: strawberry.ID


@strawberry.type(
    description="A fact in force on which rulings rest, about `person` (your own pseudonym). `organisations` that it names, by"
    " OGRN, are told to who recorded it."
)
class FactNode:
    id: strawberry.ID
    person: strawberry.ID
    fact: str
    title: str
    value: str | None
    about_who: str | None
    organisations: list[str]
    set_by: str
    since: datetime
    until: datetime | None
    review_by: datetime | None
    second_awaited: bool
    events: list[FactEventNode]


@strawberry.type(description="A fact that was recorded, and its entry.")
class FactRecordedNode:
    id: strawberry.ID
    entry_id: strawberry.ID


@strawberry.type(description="Whether the fact has ended, or waits for the second of two people.")
class FactEndedNode:
    ended: bool
    entry_id: strawberry.ID


@strawberry.type(description="A category and how it was released.")
class ReleasedCategory:
    category: str
    effect: AccessEffect


@strawberry.type(
    description="Something you asked for that a person of the holder decides. `reason` is a code, and null where it is not"
    " told. Released sections are read as always; the decision counts until `validTo`."
)
class AskedHoldNode:
    id: strawberry.ID
    case_id: strawberry.ID
    purpose: str
    categories: list[str]
    asked_at: datetime
    due_at: datetime
    state: str
    released: list[ReleasedCategory]
    reason: str | None
    valid_to: datetime | None


@strawberry.type(description="A term that runs for your organisation.")
class TimerNode:
    id: strawberry.ID
    timer: str
    title: str
    about_kind: str
    about: strawberry.ID
    started_at: datetime | None
    due_at: datetime | None
    breached: bool


@strawberry.type(description="A declared emergency: the case is open to you for the purpose EMERGENCY until `endsAt`.")
class EmergencyNode:
    id: strawberry.ID
    ends_at: datetime
    review_by: datetime
    entry_id: strawberry.ID


@strawberry.type(description="One of your people who work on a case.")
class AssignedPerson:
    login: str
    name: str


@strawberry.type
class ResponsibleQuery:
    """Facts, explanations, what waits for people, terms."""

    @strawberry.field(
        description="What would this organisation see of your case for this purpose, why, and what is missing?"
        " Nothing is disclosed to it; your question is an entry of the log."
    )
    def explain(
        self,
        info: Info[Context, None],
        case_id: strawberry.ID,
        organisation_ogrn: str,
        purpose: str,
        categories: list[str] | None = None,
        trigger: str | None = None,
    ) -> ExplainedNode:
        context = info.context
        context.need("access.explain")
        asked = tuple(Category(code) for code in categories) if categories else SECTION_CATEGORIES
        found = explain_access(
            context.house,
            context.requester,
            case_id,
            organisation_ogrn,
            purpose,
            context.now,
            asked,
            trigger=trigger or "",
        )
        return ExplainedNode(
            organisation=organisation_node(found.recipient),
            purpose=found.purpose,
            related=found.related,
            subjects=[_subject(subject) for subject in found.subjects],
            entry_id=strawberry.ID(found.entry_id),
        )

    @strawberry.field(
        description="Facts in force about a person of your files; without `person`, all that you recorded. An entry of the log."
    )
    def facts(self, info: Info[Context, None], person: PersonInput | None = None) -> list[FactNode]:  # type: ignore[valid-type]  # made at run time
        context = info.context
        context.need("facts.write")
        named = to_draft(PersonNamed, person) if person else None
        return [_fact(known) for known in read_facts(context.house, context.requester, named, context.now).facts]

    @strawberry.field(description="What you asked for and a person of the holder decides, newest first.")
    def asked_holds(self, info: Info[Context, None]) -> list[AskedHoldNode]:
        context = info.context
        context.need("summaries.read")
        return [_asked(hold) for hold in read_asked(context.house, context.requester, context.now)]

    @strawberry.field(description="Terms that run for your organisation, the most urgent first.")
    def timers(self, info: Info[Context, None]) -> list[TimerNode]:
        context = info.context
        context.need("messages.read")
        return [_timer(shown) for shown in read_timers(context.house, context.requester, context.now)]

    @strawberry.field(description="Who of your people works on a case.")
    def assigned(self, info: Info[Context, None], case_id: strawberry.ID) -> list[AssignedPerson]:
        context = info.context
        context.need("facts.write")
        people = read_assigned(context.house, context.requester, case_id, context.now)
        return [AssignedPerson(login=person.login, name=person.display_name) for person in people]


@strawberry.type
class ResponsibleMutation:
    """Record and end facts, assign people, declare an emergency, close a term."""

    @strawberry.mutation(
        description="Record a fact that you own, on its evidence; `replaces` puts it in place of another."
    )
    def record_fact(self, info: Info[Context, None], input: FactInput) -> FactRecordedNode:  # type: ignore[valid-type]  # noqa: A002  made at run time; the API's word
        context = info.context
        context.need("facts.write")
        recorded = record_fact(context.house, context.requester, to_draft(FactDraft, input), context.now)
        return FactRecordedNode(id=strawberry.ID(recorded.fact_id), entry_id=strawberry.ID(recorded.entry_id))

    @strawberry.mutation(description="End a fact that you own, on its evidence.")
    def end_fact(
        self,
        info: Info[Context, None],
        id: strawberry.ID,  # noqa: A002  the API's word
        document: DocumentInput | None = None,  # type: ignore[valid-type]  # made at run time
    ) -> FactEndedNode:
        context = info.context
        context.need("facts.write")
        given = to_draft(FactDocument, document) if document else FactDocument()
        ended = end_fact(context.house, context.requester, FactId(id), given, context.now)
        return FactEndedNode(ended=ended.ended, entry_id=strawberry.ID(ended.entry_id))

    @strawberry.mutation(
        description="Assign one of your people to a case you have a relation to, or end that. Returns the entry."
    )
    def assign_case(
        self, info: Info[Context, None], case_id: strawberry.ID, login: str, ends: bool = False
    ) -> strawberry.ID:
        context = info.context
        context.need("facts.write")
        return strawberry.ID(assign_case(context.house, context.requester, case_id, login, context.now, ends=ends))

    @strawberry.mutation(
        description="Declare a direct threat to life or health, in words, in the name of one of your people (`declarerLogin`)."
        " The case opens for EMERGENCY for a time; data-protection officers of both sides are told, and it is reviewed."
    )
    def declare_emergency(
        self, info: Info[Context, None], case_id: strawberry.ID, words: str, declarer_login: str
    ) -> EmergencyNode:
        context = info.context
        context.need("emergency.declare")
        declared = declare_emergency(
            context.house, context.requester, case_id, words, context.now, login=declarer_login
        )
        return EmergencyNode(
            id=strawberry.ID(declared.id),
            ends_at=declared.ends_at,
            review_by=declared.review_by,
            entry_id=strawberry.ID(declared.entry_id),
        )

    @strawberry.mutation(description="Say that what a term is about was done. Returns the entry.")
    def close_timer(self, info: Info[Context, None], id: strawberry.ID) -> strawberry.ID:  # noqa: A002  the API's word
        context = info.context
        context.need("messages.read")
        return strawberry.ID(close_timer(context.house, context.requester, id, context.now))


# --- rendering -------------------------------------------------------------------------------------------------------


def _subject(subject: ExplainedSubject) -> ExplainedSubjectNode:
    return ExplainedSubjectNode(
        ref=strawberry.ID(subject.ref),
        kind=subject.kind,
        has_consent=subject.has_consent,
        retain_until=LocalDate(subject.retain_until.isoformat()) if subject.retain_until else None,
        categories=[_category(explained) for explained in subject.categories],
    )


def _category(explained: ExplainedCategory) -> ExplainedCategoryNode:
    ruling, true = explained.ruling, explained.ruling.true
    return ExplainedCategoryNode(
        category=explained.category,
        effect=AccessEffect(ruling.effect.value),
        rule=true.id,
        title=true.title_ru,
        citation=true.citation,
        remedy=true.remedy_ru,
        quiet=explained.quiet,
        if_released=AccessEffect(ruling.if_released.value) if ruling.if_released else None,
        obligations=list(ruling.obligations),
        missing=[
            RuleNode(rule=rule.id, title=rule.title_ru, citation=rule.citation, remedy=rule.remedy_ru)
            for rule in explained.missing
        ],
    )


def _fact(known: KnownFact) -> FactNode:
    fact = known.fact
    return FactNode(
        id=strawberry.ID(fact.id),
        person=strawberry.ID(known.person),
        fact=fact.fact,
        title=known.title,
        value=fact.value,
        about_who=fact.about_who,
        organisations=list(known.organisations),
        set_by=known.set_by,
        since=fact.from_at,
        until=fact.to_at,
        review_by=fact.review_by,
        second_awaited=fact.lift_asked_by is not None,
        events=[
            FactEventNode(
                kind=event.event.kind,
                at=event.event.at,
                actor=event.event.actor if event.is_own else None,
                number=(event.document or {}).get("number"),
                on=LocalDate(day) if (day := (event.document or {}).get("on")) else None,
                reasons=(event.document or {}).get("reasons"),
                copy_digest=event.event.evidence_digest,
                entry_id=strawberry.ID(event.event.entry_id),
            )
            for event in known.events
        ],
    )


def _asked(hold: AskedHold) -> AskedHoldNode:
    return AskedHoldNode(
        id=strawberry.ID(hold.hold_id),
        case_id=strawberry.ID(hold.case),
        purpose=hold.purpose,
        categories=list(hold.categories),
        asked_at=hold.asked_at,
        due_at=hold.due_at,
        state=hold.state,
        released=[
            ReleasedCategory(category=category, effect=AccessEffect(effect))
            for category, effect in sorted(hold.released.items())
        ],
        reason=hold.reason,
        valid_to=hold.valid_to,
    )


def _timer(shown: ShownTimer) -> TimerNode:
    timer = shown.timer
    return TimerNode(
        id=strawberry.ID(timer.id),
        timer=timer.timer,
        title=shown.title,
        about_kind=timer.about_kind,
        about=strawberry.ID(timer.about),
        started_at=timer.started_at,
        due_at=timer.due_at,
        breached=shown.breached,
    )
