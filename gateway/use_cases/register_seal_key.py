"""An organisation registers the keys that files are sealed to, proves that it has them, and revokes them.

A key counts only after its holder has opened a challenge that was sealed to it: so nobody registers a key that is not its
own, and a slip of the pen closes no file for good. Each change is an entry of the log that names the key: whoever watches the
log sees a key that its organisation did not register, whatever the gateway says (docs/keys.md).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway.evidence.events import EventKind
from gateway.partner.sealed_files import key_id, public_of, seal_challenge
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.seal_key_values import ANSWER_WITHIN, MOST_KEYS, KeyState, SealKey
from gateway.use_cases.values import Organisation
from schemas.errors import BadInput, Conflict, Unavailable
from schemas.ids import EntryId, OrganisationId

REASONS: Final = ("rotated", "compromised", "lost", "mistake")
_CHALLENGE: Final = 32


@dataclass(frozen=True, slots=True)
class Challenged:
    """A key that waits for its proof, and what must be opened with its private half."""

    key: SealKey
    challenge: str


def register_seal_key(
    house: House,
    organisation_id: OrganisationId,
    public: str,
    actor: str,
    now: datetime,
    *,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Challenged:
    """A key still without proof may be registered again: it gets a new challenge.

    Raises BadInput (organisation_unknown, seal_key_invalid, seal_key_term), Conflict (seal_key_exists, seal_keys_too_many).
    """
    begin = valid_from or now
    if valid_to is not None and valid_to <= max(begin, now):
        raise BadInput("seal_key_term")
    with house.store.writing() as unit:
        organisation = _organisation(unit, organisation_id)
        challenge = secrets.token_bytes(_CHALLENGE)
        try:
            key = public_of(public)
            sealed = seal_challenge(key, challenge, organisation.ogrn)
        except ValueError:  # also a point of small order, which seals nothing
            raise BadInput("seal_key_invalid") from None
        known = unit.seal_keys.of(organisation_id)
        before = next((one for one in known if one.id == key_id(key)), None)
        if before is not None and before.state(now) is not KeyState.PENDING:
            raise Conflict("seal_key_exists")
        if before is None and sum(one.revoked_at is None for one in known) >= MOST_KEYS:
            raise Conflict("seal_keys_too_many", max=MOST_KEYS)
        made = SealKey(key_id(key), organisation_id, public, begin, valid_to, now, _digest(challenge))
        unit.seal_keys.put(made)
        _record(unit, organisation, made, "pending", actor, now)
    return Challenged(made, sealed)


def confirm_seal_key(
    house: House, organisation_id: OrganisationId, of_key: str, answer: str, actor: str, now: datetime
) -> SealKey:
    """The challenge was opened: from now on files are sealed to this key; earlier ones still open what is under way.

    Raises Unavailable (seal_key_unavailable), Conflict (seal_key_exists), BadInput (seal_key_answer, seal_key_late).
    """
    with house.store.writing() as unit:
        organisation, key = _own(unit, organisation_id, of_key)
        if key.state(now) is not KeyState.PENDING or key.challenge_digest is None:
            raise Conflict("seal_key_exists")
        if now > key.registered_at + ANSWER_WITHIN:
            raise BadInput("seal_key_late")
        if not hmac.compare_digest(_digest(_raw(answer)), key.challenge_digest):
            raise BadInput("seal_key_answer")
        confirmed = replace(key, challenge_digest=None, confirmed_at=now)
        entry_id = _record(unit, organisation, confirmed, "active", actor, now)
        confirmed = replace(confirmed, entry_id=entry_id)
        unit.seal_keys.put(confirmed)
    return confirmed


def revoke_seal_key(
    house: House, organisation_id: OrganisationId, of_key: str, reason: str, actor: str, now: datetime
) -> SealKey:
    """For good: no file sealed to it is taken any more. What was delivered stays as it is. May be repeated.

    Raises Unavailable (seal_key_unavailable), BadInput (field_invalid).
    """
    if reason not in REASONS:
        raise BadInput("field_invalid", place="reason", rule=", ".join(REASONS))
    with house.store.writing() as unit:
        organisation, key = _own(unit, organisation_id, of_key)
        if key.revoked_at is not None:
            return key
        revoked = replace(key, challenge_digest=None, revoked_at=now, reason=reason)
        unit.seal_keys.put(revoked)
        _record(unit, organisation, revoked, "revoked", actor, now)
    return revoked


def _organisation(unit: Unit, organisation_id: OrganisationId) -> Organisation:
    found = unit.participants.organisation(organisation_id)
    if found is None:
        raise BadInput("organisation_unknown")
    return found


def _own(unit: Unit, organisation_id: OrganisationId, of_key: str) -> tuple[Organisation, SealKey]:
    organisation = _organisation(unit, organisation_id)
    key = unit.seal_keys.get(organisation_id, of_key, lock=True)
    if key is None:
        raise Unavailable("seal_key_unavailable")
    return organisation, key


def _record(unit: Unit, organisation: Organisation, key: SealKey, state: str, actor: str, now: datetime) -> EntryId:
    """The statement that a sender verifies: whose key it is, which, from when until when."""
    return append_entry(
        unit,
        EventKind.SEAL_KEY_CHANGED,
        {
            "organisation": organisation.id,
            "ogrn": organisation.ogrn,
            "key": key.id,
            "public": key.public,
            "valid_from": key.valid_from.isoformat(),
            **({"valid_to": key.valid_to.isoformat()} if key.valid_to else {}),
            **({"reason": key.reason} if key.reason else {}),
            "state": state,
            "by": actor,
        },
        now,
    )


def _digest(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()


def _raw(answer: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(answer + "=" * (-len(answer) % 4))
    except (binascii.Error, ValueError):
        return b""
