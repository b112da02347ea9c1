"""The part of the schema about deliveries: pull and acknowledge, endpoints, what is dead and again."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from gateway.graphql.context import Context
from gateway.use_cases.delivery_values import DeliveryEvent, DeliveryRow, EndpointState
from gateway.use_cases.oversee_deliveries import EndpointShown, list_deliveries, read_endpoints, replay_deliveries
from gateway.use_cases.pull_deliveries import acknowledge_deliveries, pull_deliveries
from gateway.use_cases.register_endpoint import change_endpoint, register_endpoint
from schemas.errors import RequestRejected

READ = "messages.read"
MANAGE = "deliveries.manage"


@strawberry.enum(description="What one may do with an endpoint.")
class EndpointChange(Enum):
    """The state that it comes into."""

    PAUSE = "paused"
    RESUME = "active"
    REMOVE = "disabled"


@strawberry.type(description="Something your organisation must learn about a message. No content: open the message.")
class DeliveryNode:
    id: strawberry.ID
    event: str
    message: strawberry.ID
    type: str
    urgency: str
    state: str
    at: datetime


@strawberry.type(description="What you have not acknowledged, oldest first. `cursor`: where to go on in this pass.")
class DeliveryPage:
    items: list[DeliveryNode]
    cursor: str | None


@strawberry.type(description="Where a system of yours is reached, and how it stands.")
class EndpointNode:
    id: strawberry.ID
    transport: str
    address: str
    events: list[str]
    content: bool
    ordered: bool
    state: str
    reason: str | None
    waiting: int
    dead: int
    taken: int
    oldest_waiting: datetime | None


@strawberry.type(
    description="A delivery that no attempt could hand over. You can still pull it, or let it be sent again."
)
class DeadDeliveryNode:
    id: strawberry.ID
    endpoint: strawberry.ID
    event: str
    message: strawberry.ID
    attempts: int
    error: str | None
    dead_at: datetime | None


@strawberry.type
class DeliveryQuery:
    """What is to be handed to systems of one's organisation."""

    @strawberry.field(
        description="Deliveries that you have not acknowledged. They are given again until you do; begin each pass without a"
        " cursor."
    )
    def deliveries(self, info: Info[Context, None], first: int = 50, after: str | None = None) -> DeliveryPage:
        context = info.context
        context.need(READ)
        pulled = pull_deliveries(context.house, context.requester, after, first)
        return DeliveryPage(items=[_delivery(event) for event in pulled.deliveries], cursor=pulled.cursor)

    @strawberry.field(description="Your endpoints.")
    def delivery_endpoints(self, info: Info[Context, None]) -> list[EndpointNode]:
        context = info.context
        context.need(MANAGE)
        return [_endpoint(shown) for shown in read_endpoints(context.house, context.requester.organisation_id)]

    @strawberry.field(description="Deliveries to your endpoints that are dead, oldest first.")
    def dead_deliveries(self, info: Info[Context, None], first: int = 50) -> list[DeadDeliveryNode]:
        context = info.context
        context.need(MANAGE)
        rows = list_deliveries(context.house, context.requester.organisation_id, "dead", max(1, first))
        return [_dead(row) for row in rows]


@strawberry.type
class DeliveryMutation:
    """Acknowledge, register and change endpoints, send again."""

    @strawberry.mutation(description="Say that you have these. Repeating it is harmless. Returns how many were new.")
    def acknowledge_deliveries(self, info: Info[Context, None], ids: list[strawberry.ID]) -> int:
        context = info.context
        context.need(READ)
        return acknowledge_deliveries(context.house, context.requester, ids, context.now)

    @strawberry.mutation(
        description="Register a webhook (https). Its address is asked a challenge; nothing is sent before it answers."
        " `receiptKeys`: a JWK set of Ed25519 keys that sign receipts. Content, folders and streams are set up by the operator."
    )
    def register_webhook(
        self,
        info: Info[Context, None],
        address: str,
        events: list[str] | None = None,
        ordered: bool = False,
        receipt_keys: JSON | None = None,
    ) -> EndpointNode:
        context = info.context
        context.need(MANAGE)
        if receipt_keys is not None and not isinstance(receipt_keys, dict):
            raise RequestRejected("endpoint_key")
        made = register_endpoint(
            context.house,
            context.requester.organisation_id,
            "webhook",
            address,
            context.requester.actor,
            context.now,
            events=events or (),
            ordered=ordered,
            receipt_keys=receipt_keys,
        )
        return _one(context, made.id)

    @strawberry.mutation(description="Pause an endpoint (what comes meanwhile waits), resume it, or end it for good.")
    def change_endpoint(
        self,
        info: Info[Context, None],
        id: strawberry.ID,  # noqa: A002  the API's word
        change: EndpointChange,
    ) -> EndpointNode:
        context = info.context
        context.need(MANAGE)
        requester = context.requester
        state = EndpointState(change.value)
        made = change_endpoint(
            context.house, requester.organisation_id, id, state, requester.actor, context.now, reason="administrator"
        )
        return _one(context, made.id)

    @strawberry.mutation(
        description="Send dead deliveries, and those that wait for a later attempt, again: these, or all of yours. How many."
    )
    def replay_deliveries(self, info: Info[Context, None], ids: list[strawberry.ID] | None = None) -> int:
        context = info.context
        context.need(MANAGE)
        requester = context.requester
        return replay_deliveries(
            context.house, requester.organisation_id, requester.actor, context.now, delivery_ids=ids
        )


def _one(context: Context, endpoint_id: str) -> EndpointNode:
    shown = read_endpoints(context.house, context.requester.organisation_id)
    return next(_endpoint(one) for one in shown if one.endpoint.id == endpoint_id)


def _delivery(event: DeliveryEvent) -> DeliveryNode:
    return DeliveryNode(
        id=strawberry.ID(event.id),
        event=event.kind.value,
        message=strawberry.ID(event.message_id),
        type=event.type,
        urgency=event.urgency,
        state=event.state,
        at=event.at,
    )


def _endpoint(shown: EndpointShown) -> EndpointNode:
    endpoint, counts = shown.endpoint, shown.counts
    return EndpointNode(
        id=strawberry.ID(endpoint.id),
        transport=endpoint.transport.value,
        address=endpoint.address,
        events=sorted(endpoint.events),
        content=endpoint.content,
        ordered=endpoint.ordered,
        state=endpoint.state.value,
        reason=endpoint.reason,
        waiting=counts.waiting,
        dead=counts.dead,
        taken=counts.done,
        oldest_waiting=counts.oldest,
    )


def _dead(row: DeliveryRow) -> DeadDeliveryNode:
    return DeadDeliveryNode(
        id=strawberry.ID(row.event.id),
        endpoint=strawberry.ID(row.endpoint_id),
        event=row.event.kind.value,
        message=strawberry.ID(row.event.message_id),
        attempts=row.attempts,
        error=row.error,
        dead_at=row.dead_at,
    )
