"""Keys that files are sealed to: one's own, those of a recipient for whoever may send, and whether a file may use one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.use_cases.facts import local_day
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.seal_key_values import KeyState, SealKey
from gateway.use_cases.values import Requester
from policies.lanes import Party
from schemas.errors import BadInput, NotPermitted
from schemas.ids import OrganisationId


def own_seal_keys(house: House, organisation_id: OrganisationId) -> Sequence[SealKey]:
    """All of one's own, also the revoked, oldest first."""
    with house.store.reading() as unit:
        return unit.seal_keys.of(organisation_id)


def seal_keys_of(house: House, requester: Requester, recipient_id: OrganisationId, now: datetime) -> Sequence[SealKey]:
    """The active keys of a recipient, for an organisation in agreement that may send something to somebody.

    Raises NotPermitted (no_agreement), BadInput (organisation_unknown).
    """
    with house.store.reading() as unit:
        mine = unit.participants.organisation(requester.organisation_id)
        if mine is None or not mine.has_agreement(local_day(now, mine.zone)):
            raise NotPermitted("no_agreement")
        if not house.pack.sendable(Party(mine.id, mine.kind, mine.registers)):
            raise NotPermitted("no_agreement")
        if unit.participants.organisation(recipient_id) is None:
            raise BadInput("organisation_unknown")
        keys = unit.seal_keys.of(recipient_id)
    return [key for key in keys if key.state(now) is KeyState.ACTIVE]


def check_sealed_to(
    unit: Unit, recipient_id: OrganisationId, of_key: str | None, now: datetime, *, lock: bool = False
) -> None:
    """A sealed file must be for a key with which its recipient opens it. Nothing of the file is read for that.

    Raises BadInput (attachment_key_unknown, attachment_key_revoked, attachment_key_expired).
    """
    key = unit.seal_keys.get(recipient_id, of_key or "", lock=lock)
    state = key.state(now) if key is not None else KeyState.PENDING
    if state is KeyState.REVOKED:
        raise BadInput("attachment_key_revoked", key=of_key or "")
    if state is KeyState.EXPIRED:
        raise BadInput("attachment_key_expired", key=of_key or "")
    if state is not KeyState.ACTIVE:
        raise BadInput("attachment_key_unknown", key=of_key or "")
