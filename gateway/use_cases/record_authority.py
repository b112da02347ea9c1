"""Record by what somebody acts for a person, or that it has changed: consents given under it are judged by it from this moment.

An authority is known by the number that its recorder gave it. Said again in the same words it changes nothing; in others it is
the same authority in another state, never of other people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import rfc8785

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.resolve_subjects import Named, register_subjects, resolve_subjects
from gateway.use_cases.taken_values import TakenRecord
from gateway.use_cases.values import Authority, Requester
from schemas.authority import AuthorityDraft
from schemas.errors import BadInput
from schemas.ids import AuthorityId, OrganisationId, SubjectId, new_id

AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class RecordedAuthority:
    """Its identifier here. `repeated`: it was recorded before in the same words, and nothing changed."""

    id: AuthorityId
    repeated: bool = False


@begin_anew
def record_authority(
    house: House, requester: Requester, draft: AuthorityDraft, now: datetime, *, synthetic: bool = False
) -> RecordedAuthority:
    """Raises BadInput: authority_dates, authority_of_others (the number is that of other people), subject_ambiguous."""
    check_authority(draft)
    organisation_id = requester.organisation_id
    key, digest = _key(house, organisation_id, draft.authority_id), _digest(house, draft)
    with house.store.writing() as unit:
        unit.facts.lock(f"registry:{organisation_id}")
        before = unit.taken.find(organisation_id, AUTHORITY, key)
        if before is not None and before.digest == digest:
            return RecordedAuthority(AuthorityId(before.result), repeated=True)
        child_id, holder_id = _people(house, unit, organisation_id, draft, now, synthetic=synthetic)
        known = unit.families.authority(AuthorityId(before.result)) if before else None
        authority = Authority(
            known.id if known else AuthorityId(new_id()),
            child_id,
            draft.who,
            holder_id,
            draft.rights,
            draft.verified,
            draft.valid_from,
            draft.valid_to,
            draft.evidence_digest,
        )
        if known is None:
            unit.families.add_authority(authority)
        elif (known.child_id, known.who, known.holder_id) != (child_id, draft.who, holder_id):
            raise BadInput("authority_of_others")
        else:
            unit.families.change_authority(authority)
        unit.taken.take(TakenRecord(organisation_id, AUTHORITY, key, digest, authority.id, now), before)
        salt = new_salt()
        append_entry(
            unit,
            EventKind.AUTHORITY_RECORDED,
            {
                "organisation": organisation_id,
                "actor": requester.actor,
                "change": "changed" if known else "recorded",
                "subject": commitment(salt, child_id),
                "who": draft.who,
                "rights": draft.rights,
                "verified": draft.verified,
                "until": draft.valid_to.isoformat() if draft.valid_to else "none",
                "evidence": draft.evidence_digest or "none",
            },
            now,
        )
    return RecordedAuthority(authority.id)


def rehearse_authority(house: House, requester: Requester, draft: AuthorityDraft) -> bool:
    """Whether it was recorded before in the same words. Raises what recording would raise at this moment; nothing is stored."""
    check_authority(draft)
    organisation_id = requester.organisation_id
    with house.store.reading() as unit:
        before = unit.taken.find(organisation_id, AUTHORITY, _key(house, organisation_id, draft.authority_id))
        if before is not None and before.digest == _digest(house, draft):
            return True
        child, holder = resolve_subjects(house, unit, organisation_id, _named(draft))
        known = unit.families.authority(AuthorityId(before.result)) if before else None
    if child.subject_id == holder.subject_id:
        raise BadInput("authority_of_others")
    if known and (known.child_id, known.who, known.holder_id) != (child.subject_id, draft.who, holder.subject_id):
        raise BadInput("authority_of_others")
    return False


def check_authority(draft: AuthorityDraft) -> None:
    """What can be said of it without looking for people. Raises BadInput (authority_dates)."""
    if draft.valid_from and draft.valid_to and draft.valid_to < draft.valid_from:
        raise BadInput("authority_dates")


def recorded_authority(
    house: House, unit: Unit, organisation_id: OrganisationId, authority_id: str, child_id: SubjectId, who: str
) -> Authority:
    """The authority of this number of the organisation's own, of somebody who speaks so for this person. Raises BadInput
    (authority_unknown, authority_of_others)."""
    found = unit.taken.find(organisation_id, AUTHORITY, _key(house, organisation_id, authority_id))
    known = unit.families.authority(AuthorityId(found.result)) if found else None
    if known is None:
        raise BadInput("authority_unknown")
    if (known.child_id, known.who) != (child_id, who):
        raise BadInput("authority_of_others")
    return known


def _people(
    house: House, unit: Unit, organisation_id: OrganisationId, draft: AuthorityDraft, now: datetime, *, synthetic: bool
) -> tuple[SubjectId, SubjectId]:
    resolved = resolve_subjects(house, unit, organisation_id, _named(draft))
    register_subjects(house, unit, organisation_id, resolved, now, synthetic=synthetic)
    child, holder = resolved
    if child.subject_id == holder.subject_id:
        raise BadInput("authority_of_others")
    return child.subject_id, holder.subject_id


def _named(draft: AuthorityDraft) -> tuple[Named, Named]:
    return (
        Named(draft.subject_kind, draft.subject_ref, draft.identifiers, draft.birth_date),
        Named("parent", draft.holder_ref, birth_date=draft.holder_birth_date),
    )


def _key(house: House, organisation_id: OrganisationId, authority_id: str) -> str:
    return house.vault.keyed_digest(rfc8785.dumps([AUTHORITY, organisation_id, authority_id.lower()]))


def _digest(house: House, draft: AuthorityDraft) -> str:
    return house.vault.keyed_digest(rfc8785.dumps([AUTHORITY, draft.model_dump(mode="json", exclude_defaults=True)]))
