"""The part of the schema about the directory: search, the anonymous question of capacity, alternatives, publishing."""

from __future__ import annotations

from datetime import date, datetime

import strawberry
from strawberry.types import Info

from gateway.graphql.context import Context
from gateway.graphql.generated import LocalDate, input_type, output_type, to_draft
from gateway.use_cases.ask_capacity import CapacityAnswer, alternatives_for, ask_capacity
from gateway.use_cases.directory_port import DirectorySearch, ListedOrganisation, ListedService
from gateway.use_cases.publish_service import describe_organisation, publish_service
from gateway.use_cases.search_directory import places_state, read_directory_organisation, search_directory
from gateway.use_cases.withdraw_service import withdraw_service
from schemas.directory import CapacityQuestion, DirectoryOrganisation, OrganisationProfile, Service, ServiceDraft
from schemas.ids import OrganisationId

ServiceRecord = output_type(Service, "DirectoryService")
OrganisationRecord = output_type(DirectoryOrganisation, "DirectoryOrganisation")
ServiceInput = input_type(ServiceDraft, "PublishServiceInput")
ProfileInput = input_type(OrganisationProfile, "DescribeOrganisationInput")
QuestionInput = input_type(CapacityQuestion, "AskCapacityInput")


@strawberry.type(
    description="An organisation of the directory. `participantId` names it among the participants of the exchange, and is"
    " null where it takes no part."
)
class ListedOrganisationNode:
    organisation: OrganisationRecord  # type: ignore[valid-type]  # made at run time
    participant_id: strawberry.ID | None
    published_at: datetime


@strawberry.type(
    description="A service. `places`: free, full, stale (the figure is too old to rely on) or unstated. `open` is null where"
    " the hours are not known."
)
class ListedServiceNode:
    service: ServiceRecord  # type: ignore[valid-type]  # made at run time
    organisation: ListedOrganisationNode
    places: str
    fresh_until: LocalDate | None
    open: bool | None
    opens_next: datetime | None
    published_at: datetime


@strawberry.type(description="Services by name.")
class DirectoryPageNode:
    items: list[ListedServiceNode]
    next: strawberry.ID | None


@strawberry.type(description="An organisation with all it lists.")
class DirectoryEntryNode:
    organisation: ListedOrganisationNode
    services: list[ListedServiceNode]


@strawberry.type(
    description="`fitting` state free places on a day recent enough; of `unknown` one must ask. Full ones are left out."
)
class CapacityNode:
    fitting: list[ListedServiceNode]
    unknown: list[ListedServiceNode]
    more_fitting: bool
    more_unknown: bool


@strawberry.type(description="A published service and its entry.")
class ServicePublishedNode:
    service: ListedServiceNode
    entry_id: strawberry.ID


@strawberry.type
class DirectoryQuery:
    """Questions to the directory."""

    @strawberry.field(
        description="Services of the directory by name. `territory` is an OKTMO code: what covers it, and what is given in"
        " a part of it; `district` a part without a code; `age` whole years."
    )
    def directory(
        self,
        info: Info[Context, None],
        territory: str | None = None,
        district: str | None = None,
        kinds: list[str] | None = None,
        organisation_kinds: list[str] | None = None,
        age: int | None = None,
        urgency: str | None = None,
        open_at: datetime | None = None,
        first: int = 20,
        after: strawberry.ID | None = None,
    ) -> DirectoryPageNode:
        context = info.context
        asked = DirectorySearch(
            territory=territory,
            district=district,
            kinds=kinds or (),
            organisation_kinds=organisation_kinds or (),
            ages=[(age, age)] if age is not None else (),
            urgency=urgency,
            open_at=open_at,
        )
        page = search_directory(context.house, asked, after, first)
        return DirectoryPageNode(
            items=[_service(one, context.now) for one in page.services],
            next=strawberry.ID(page.next) if page.next else None,
        )

    @strawberry.field(description="One organisation of the directory with its services.")
    def directory_organisation(self, info: Info[Context, None], id: strawberry.ID) -> DirectoryEntryNode:  # noqa: A002  the API's word
        context = info.context
        shown = read_directory_organisation(context.house, id)
        return DirectoryEntryNode(
            organisation=_organisation(shown.organisation),
            services=[_service(one, context.now) for one in shown.services],
        )

    @strawberry.field(
        description="Who could help, and has places? Codes only: nobody is named, nothing is stored. Ask before a referral."
    )
    def ask_capacity(self, info: Info[Context, None], question: QuestionInput) -> CapacityNode:  # type: ignore[valid-type]  # made at run time
        context = info.context
        return _capacity(ask_capacity(context.house, to_draft(CapacityQuestion, question), context.now), context.now)

    @strawberry.field(
        description="For a refusal: what else in the directory could help, by territory, kind of service and age band alone."
        " Your own services are left out; `participantId` is what `alternatives` of an answer name."
    )
    def directory_alternatives(
        self,
        info: Info[Context, None],
        territory: str,
        kinds: list[str],
        age_band: str,
        district: str | None = None,
    ) -> CapacityNode:
        context = info.context
        answer = alternatives_for(
            context.house,
            territory=territory,
            district=district,
            kinds=kinds,
            age_band=age_band,
            now=context.now,
            refused_by=OrganisationId(context.requester.organisation_id),
        )
        return _capacity(answer, context.now)


@strawberry.type
class DirectoryMutation:
    """Changes of one's own part of the directory."""

    @strawberry.mutation(description="Publish a service of your organisation, or change one that has this id.")
    def publish_service(self, info: Info[Context, None], input: ServiceInput) -> ServicePublishedNode:  # type: ignore[valid-type]  # noqa: A002  made at run time; the API's word
        context = info.context
        context.need("directory.write")
        published = publish_service(context.house, context.requester, to_draft(ServiceDraft, input), context.now)
        return ServicePublishedNode(
            service=_service(published.listed, context.now), entry_id=strawberry.ID(published.entry_id)
        )

    @strawberry.mutation(description="Take a service of your organisation off the directory. Returns the entry.")
    def withdraw_service(self, info: Info[Context, None], id: strawberry.ID) -> strawberry.ID:  # noqa: A002  the API's word
        context = info.context
        context.need("directory.write")
        return strawberry.ID(withdraw_service(context.house, context.requester, id, context.now))

    @strawberry.mutation(description="Say how your organisation is described in the directory. Returns the entry.")
    def describe_organisation(self, info: Info[Context, None], input: ProfileInput) -> strawberry.ID:  # type: ignore[valid-type]  # noqa: A002  as above
        context = info.context
        context.need("directory.write")
        profile = to_draft(OrganisationProfile, input)
        return strawberry.ID(describe_organisation(context.house, context.requester, profile, context.now))


def _organisation(listed: ListedOrganisation) -> ListedOrganisationNode:
    participant = listed.participant_id
    return ListedOrganisationNode(
        organisation=listed.organisation,
        participant_id=strawberry.ID(participant) if participant else None,
        published_at=listed.published_at,
    )


def _service(listed: ListedService, now: datetime) -> ListedServiceNode:
    service = listed.service
    hours = service.hours
    return ListedServiceNode(
        service=service,
        organisation=_organisation(listed.organisation),
        places=places_state(service, now.date()),
        fresh_until=_local(service.fresh_until),
        open=hours.is_open(now) if hours else None,
        opens_next=hours.opens_next(now) if hours else None,
        published_at=listed.published_at,
    )


def _capacity(answer: CapacityAnswer, now: datetime) -> CapacityNode:
    return CapacityNode(
        fitting=[_service(one, now) for one in answer.fitting],
        unknown=[_service(one, now) for one in answer.unknown],
        more_fitting=answer.more_fitting,
        more_unknown=answer.more_unknown,
    )


def _local(day: date | None) -> LocalDate | None:
    return LocalDate(day.isoformat()) if day else None
