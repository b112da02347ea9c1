"""Record a signed consent. Its discloser records it, on evidence; the gate alone decides later what it permits."""

from __future__ import annotations

from datetime import datetime

from consent.records import ConsentEvent, ConsentEventKind
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.named_organisation import organisation_named
from gateway.use_cases.ports import Unit
from gateway.use_cases.record_authority import recorded_authority
from gateway.use_cases.resolve_subjects import Named, register_subjects, resolve_subjects
from gateway.use_cases.values import Authority, ConsentOnFile, Organisation, Requester, SignerOnFile
from schemas import categories as c
from schemas.errors import BadInput
from schemas.ids import AuthorityId, Category, ConsentId, SubjectId, new_id
from schemas.summary import ConsentDraft, SignerDraft


def record_consent(
    house: House, requester: Requester, draft: ConsentDraft, now: datetime, *, synthetic: bool = False
) -> ConsentId:
    """The id of the consent. Raises BadInput: recipient_unknown, purpose_unknown, category_unknown, consent_dates; where a
    signer names an authority, authority_unknown, authority_of_others."""
    with house.store.writing() as unit:
        return record_consent_in(house, unit, requester, draft, now, synthetic=synthetic)


def record_consent_in(
    house: House, unit: Unit, requester: Requester, draft: ConsentDraft, now: datetime, *, synthetic: bool = False
) -> ConsentId:
    """The same inside a unit of work of the caller."""
    recipient = check_consent(house, unit, draft, now)
    unit.facts.lock(f"registry:{requester.organisation_id}")
    resolved = resolve_subjects(house, unit, requester.organisation_id, _people(draft))
    register_subjects(house, unit, requester.organisation_id, resolved, now, synthetic=synthetic)
    by_ref = {r.named.ref: r.subject_id for r in resolved}
    subject_id = resolved[0].subject_id
    consent_id = ConsentId(new_id())
    unit.consents.add(
        ConsentOnFile(
            id=consent_id,
            subject_id=subject_id,
            discloser_id=requester.organisation_id,
            recipient_id=recipient.id,
            purpose=draft.purpose,
            categories=frozenset(Category(code) for code in draft.categories),
            given_on=draft.given_on,
            valid_to=draft.valid_to,
            form=draft.form,
            separate=draft.separate,
            fields_complete=draft.fields_complete,
            evidence_digest=draft.evidence_digest,
            objection=draft.other_parent_objection,
            objection_by=by_ref.get(draft.objector_ref) if draft.objector_ref else None,
            signers=tuple(
                _signer(
                    house,
                    unit,
                    requester,
                    subject_id,
                    signer,
                    by_ref.get(signer.holder_ref) if signer.holder_ref else None,
                )
                for signer in draft.signers
            ),
            events=(ConsentEvent(ConsentEventKind.GIVEN, now, now, new_id()),),
        ),
        now,
    )
    append_entry(
        unit,
        EventKind.CONSENT_RECORDED,
        {
            "organisation": requester.organisation_id,
            "actor": requester.actor,
            "recipient": recipient.id,
            "purpose": draft.purpose,
            "categories": sorted(draft.categories),
            "form": draft.form or "none",
            "evidence": draft.evidence_digest or "none",
        },
        now,
    )
    return consent_id


def rehearse_consent(house: House, unit: Unit, requester: Requester, draft: ConsentDraft, now: datetime) -> None:
    """Raises what recording would raise at this moment; nothing is stored."""
    check_consent(house, unit, draft, now)
    resolved = resolve_subjects(house, unit, requester.organisation_id, _people(draft))
    by_ref = {r.named.ref: r.subject_id for r in resolved}
    for signer in draft.signers:
        if signer.who != "self" and signer.authority_id is not None:
            holder_id = by_ref.get(signer.holder_ref) if signer.holder_ref else None
            _authority(house, unit, requester, resolved[0].subject_id, signer, holder_id)


def _people(draft: ConsentDraft) -> list[Named]:
    people = [Named(draft.subject_kind, draft.subject_ref, draft.identifiers, draft.birth_date)]
    people += [
        Named("parent", signer.holder_ref, birth_date=signer.holder_birth_date)
        for signer in draft.signers
        if signer.holder_ref
    ]
    if draft.objector_ref:
        people.append(Named("parent", draft.objector_ref))
    return people


def _authority(
    house: House,
    unit: Unit,
    requester: Requester,
    child_id: SubjectId,
    draft: SignerDraft,
    holder_id: SubjectId | None,
) -> Authority:
    """The authority that a signer names. Raises BadInput (authority_unknown, authority_of_others)."""
    assert draft.authority_id is not None
    known = recorded_authority(house, unit, requester.organisation_id, draft.authority_id, child_id, draft.who)
    if holder_id not in {None, known.holder_id}:
        raise BadInput("authority_of_others")
    return known


def _signer(
    house: House,
    unit: Unit,
    requester: Requester,
    child_id: SubjectId,
    draft: SignerDraft,
    holder_id: SubjectId | None,
) -> SignerOnFile:
    if draft.who == "self":
        return SignerOnFile("self")
    if draft.authority_id is not None:
        known = _authority(house, unit, requester, child_id, draft, holder_id)
        return SignerOnFile(draft.who, known.id, known.holder_id, known.rights, known.verified)
    authority = Authority(
        AuthorityId(new_id()),
        child_id,
        draft.who,
        holder_id,
        draft.rights,
        draft.verified,
        draft.valid_from,
        draft.valid_to,
    )
    unit.families.add_authority(authority)
    return SignerOnFile(draft.who, authority.id, holder_id, draft.rights, draft.verified)


def check_consent(house: House, unit: Unit, draft: ConsentDraft, now: datetime) -> Organisation:
    """Its recipient, if it may be recorded. Raises as `record_consent` does before it looks for people."""
    recipient = organisation_named(unit, draft.recipient_ogrn)
    if not house.pack.is_purpose(draft.purpose):
        raise BadInput("purpose_unknown", purpose=draft.purpose)
    for code in draft.categories:
        if code not in c.SECTION_CATEGORIES:
            raise BadInput("category_unknown", category=code)
    if draft.given_on > now.date() or (draft.valid_to is not None and draft.valid_to < draft.given_on):
        raise BadInput("consent_dates")
    return recipient
