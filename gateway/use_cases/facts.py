"""From what is on file to the facts of one question. Pure: who knows which fact is decided here, once, for all edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from consent.records import ConsentRecord, ConsentState, ConsentStatus, Signer, fold, governing
from gateway.use_cases.decision_facts import DecisionFacts
from gateway.use_cases.house import Decider
from gateway.use_cases.values import CaseOnFile, ConsentOnFile, Organisation, SignerOnFile, SubjectOnFile
from policies.facts import ConsentFacts, Facts, SignerFacts
from schemas.ids import Category, ConsentId, SubjectId
from schemas.lifecycle import State

YOUNG_PARENT_YEARS = 16  # a fact about a signer, not a rule: what follows from it stands in the pack


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the gate. `trigger`, `statute` and `sub` are claims of the requester or of the message."""

    purpose: str
    categories: tuple[Category, ...]
    sub: str = ""
    trigger: str = ""
    statute: str = ""


@dataclass(frozen=True, slots=True)
class SubjectQuestion:
    """The facts about one subject and the consent they rest on."""

    subject_id: SubjectId
    facts: Facts
    consent_id: ConsentId | None


def local_day(now: datetime, zone: str) -> date:
    """The calendar day of `now` in an organisation's zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def subject_questions(
    case: CaseOnFile,
    recipient: Organisation,
    question: Question,
    opened: Mapping[SubjectId, DecisionFacts],
    pack: Decider,
    now: datetime,
    *,
    role: str = "caseworker",
) -> tuple[SubjectQuestion, ...]:
    """One question per subject of the case or message, in the order of the case."""
    discloser = case.discloser
    assert discloser is not None
    today = local_day(now, recipient.zone)
    accepted = case.message is not None and case.message.state is State.ACCEPTED
    participants = {
        organisation for s in case.subjects for f in s.facts if f.fact == "ipr_open" for organisation in f.participants
    }
    found = []
    for subject in case.subjects:
        state = _governing(subject, case, recipient, question, opened, today, now)
        own = {fact.fact for fact in subject.facts if fact.about_id is None}
        facts = Facts(
            org=pack.kind_of(recipient.kind, recipient.registers, question.purpose),
            org_id=recipient.id,
            source=pack.kind_of(discloser.kind, discloser.registers, question.purpose),
            purpose=question.purpose,
            sub=question.sub,
            trigger=question.trigger,
            today=today,
            subject=subject.kind,
            age=opened[subject.id].age_on(today),
            emancipated=opened[subject.id].emancipated,
            requested=question.categories,
            categories_unspecified=not question.categories,
            consent=_consent_facts(state) if state else None,
            location_protected="location_protected" in own,
            ooip_is_rep="ooip_is_rep" in own,
            ipr_open="ipr_open" in own,
            in_plan={recipient.id, discloser.id} <= participants,
            named_in_plan=recipient.id in participants,
            agreement=recipient.has_agreement(today) and discloser.has_agreement(today),
            org_country=recipient.country,
            role=role,
            assigned=case.assigned,
            accepted=accepted,
        )
        found.append(SubjectQuestion(subject.id, facts, state.record.id if state else None))
    return tuple(found)


def _governing(
    subject: SubjectOnFile,
    case: CaseOnFile,
    recipient: Organisation,
    question: Question,
    opened: Mapping[SubjectId, DecisionFacts],
    today: date,
    now: datetime,
) -> ConsentState | None:
    suspects = {
        person
        for member in case.subjects
        for fact in member.facts
        if fact.fact == "suspected"
        for person in (fact.about_id or member.id,)
    }
    acts = {fact.about_id for fact in subject.facts if fact.fact == "sk64_act"}
    states = [
        fold(_record(consent, suspects, acts, opened, today), consent.events, now) for consent in subject.consents
    ]
    return governing(states, recipient.id, question.purpose)


def _record(
    consent: ConsentOnFile,
    suspects: set[SubjectId],
    acts: set[SubjectId | None],
    opened: Mapping[SubjectId, DecisionFacts],
    today: date,
) -> ConsentRecord:
    return ConsentRecord(
        id=consent.id,
        subject_id=consent.subject_id,
        discloser_id=consent.discloser_id,
        recipient_id=consent.recipient_id,
        purpose=consent.purpose,
        categories=consent.categories,
        given_on=consent.given_on,
        valid_to=consent.valid_to,
        form=consent.form,
        separate=consent.separate,
        fields_complete=consent.fields_complete,
        evidence=consent.evidence_digest is not None,
        signers=tuple(_signer(signer, suspects, acts, opened, today) for signer in consent.signers),
        other_parent_objection=consent.objection,
        objector_suspected=consent.objection_by in suspects,
    )


def _signer(
    signer: SignerOnFile,
    suspects: set[SubjectId],
    acts: set[SubjectId | None],
    opened: Mapping[SubjectId, DecisionFacts],
    today: date,
) -> Signer:
    if signer.who == "self":
        return Signer("self")
    lapsed = (signer.valid_to is not None and today > signer.valid_to) or (
        signer.valid_from is not None and today < signer.valid_from
    )
    holder = opened.get(signer.holder_id) if signer.holder_id else None
    age = holder.age_on(today) if holder else None
    return Signer(
        who=signer.who,
        # An authority outside its term gives no rights: the consent it carried stops with it, not a job later.
        rights="terminated" if lapsed else signer.rights,
        verified=signer.verified and signer.authority_id is not None,
        suspected=signer.holder_id in suspects,
        sk64=signer.holder_id is not None and signer.holder_id in acts,
        minor_parent_under16=age is not None and age < YOUNG_PARENT_YEARS,
    )


def _consent_facts(state: ConsentState) -> ConsentFacts:
    record = state.record
    return ConsentFacts(
        # An invalidated consent never counted; to the pack it reads as withdrawn, which releases nothing either.
        status="active" if state.status is ConsentStatus.ACTIVE else "withdrawn",
        form=record.form,
        separate=record.separate,
        given_on=record.given_on,
        valid_to=state.valid_to,
        recipients=frozenset({str(record.recipient_id)}),
        purposes=frozenset({record.purpose}),
        categories=state.categories,
        by=tuple(
            SignerFacts(s.who, s.rights, s.verified, s.suspected, s.sk64, s.minor_parent_under16)
            for s in record.signers
        ),
        other_parent_objection=record.other_parent_objection,
        objector_suspected=record.objector_suspected,
        fields_complete=record.fields_complete,
        evidence=record.evidence,
    )
