"""The part of the schema about keys that files are sealed to end to end."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry
from strawberry.types import Info

from gateway.graphql.context import Context
from gateway.partner.sealed_files import THUMBPRINT_URI, spoken
from gateway.use_cases.read_seal_keys import own_seal_keys, seal_keys_of
from gateway.use_cases.register_seal_key import confirm_seal_key, register_seal_key, revoke_seal_key
from gateway.use_cases.seal_key_values import SealKey, key_to_seal_to
from schemas.errors import RequestRejected
from schemas.ids import OrganisationId

MANAGE = "deliveries.manage"
SEND = "messages.send"


@strawberry.enum(
    description="What a key is good for now. PENDING: its challenge is not answered; WAITING: its first day is to come."
)
class SealKeyState(Enum):
    """`seal_key_values.KeyState`; a test compares."""

    PENDING = "pending"
    WAITING = "waiting"
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@strawberry.type(
    description="An X25519 key that files are sealed to. `id`: its thumbprint (RFC 7638), `spoken`: the same in digits, to be"
    " compared by phone. `sealing`: new files are sealed to this one. `entryId`: the entry of the log that says whose it is."
)
class SealKeyNode:
    id: strawberry.ID
    uri: str
    public_key: str
    spoken: str
    state: SealKeyState
    sealing: bool
    valid_from: datetime
    valid_to: datetime | None
    entry_id: strawberry.ID | None


@strawberry.type(
    description="Open `challenge` with the private half and confirm with what is in it; it is good for 24 hours."
)
class SealKeyChallengeNode:
    key: SealKeyNode
    challenge: str


@strawberry.type
class SealKeyQuery:
    """Whose keys are which."""

    @strawberry.field(
        description="The active keys of a recipient. Check the entry of the log (`entryProof`), and compare `spoken` by phone"
        " once: docs/keys.md says against what each helps."
    )
    def seal_keys(self, info: Info[Context, None], organisation: strawberry.ID) -> list[SealKeyNode]:
        context = info.context
        context.need(SEND)
        keys = seal_keys_of(context.house, context.requester, OrganisationId(organisation), context.now)
        chosen = key_to_seal_to(keys, context.now)
        return [_node(key, chosen, context.now) for key in keys]

    @strawberry.field(description="All keys that your organisation registered, also those revoked.")
    def own_seal_keys(self, info: Info[Context, None]) -> list[SealKeyNode]:
        context = info.context
        context.need(MANAGE)
        keys = own_seal_keys(context.house, context.requester.organisation_id)
        chosen = key_to_seal_to(keys, context.now)
        return [_node(key, chosen, context.now) for key in keys]


@strawberry.type
class SealKeyMutation:
    """Register, prove, revoke."""

    @strawberry.mutation(
        description="Register a key: `publicKey` is its 32 bytes in base64url. It counts once its challenge is answered."
    )
    def register_seal_key(
        self,
        info: Info[Context, None],
        public_key: str,
        valid_from: datetime | None = None,
        valid_to: datetime | None = None,
    ) -> SealKeyChallengeNode:
        context = info.context
        context.need(MANAGE)
        for name, instant in (("validFrom", valid_from), ("validTo", valid_to)):
            if instant is not None and instant.tzinfo is None:
                raise RequestRejected("field_invalid", place=name, rule="an instant with its offset")
        requester = context.requester
        made = register_seal_key(
            context.house,
            requester.organisation_id,
            public_key,
            requester.actor,
            context.now,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        return SealKeyChallengeNode(key=_node(made.key, None, context.now), challenge=made.challenge)

    @strawberry.mutation(
        description="Confirm a key with the opened challenge, in base64url. New files are sealed to it."
    )
    def confirm_seal_key(
        self,
        info: Info[Context, None],
        id: strawberry.ID,  # noqa: A002  the API's word
        answer: str,
    ) -> SealKeyNode:
        context = info.context
        context.need(MANAGE)
        requester = context.requester
        key = confirm_seal_key(context.house, requester.organisation_id, id, answer, requester.actor, context.now)
        return _own(context, key)

    @strawberry.mutation(
        description="Revoke a key for good, with a reason: rotated, compromised, lost, mistake. Nothing sealed to it is taken."
    )
    def revoke_seal_key(
        self,
        info: Info[Context, None],
        id: strawberry.ID,  # noqa: A002  the API's word
        reason: str,
    ) -> SealKeyNode:
        context = info.context
        context.need(MANAGE)
        requester = context.requester
        key = revoke_seal_key(context.house, requester.organisation_id, id, reason, requester.actor, context.now)
        return _own(context, key)


def _own(context: Context, key: SealKey) -> SealKeyNode:
    keys = own_seal_keys(context.house, context.requester.organisation_id)
    return _node(key, key_to_seal_to(keys, context.now), context.now)


def _node(key: SealKey, chosen: SealKey | None, now: datetime) -> SealKeyNode:
    return SealKeyNode(
        id=strawberry.ID(key.id),
        uri=THUMBPRINT_URI + key.id,
        public_key=key.public,
        spoken=spoken(key.id),
        state=SealKeyState(key.state(now).value),
        sealing=chosen is not None and chosen.id == key.id,
        valid_from=key.valid_from,
        valid_to=key.valid_to,
        entry_id=strawberry.ID(key.entry_id) if key.entry_id else None,
    )
