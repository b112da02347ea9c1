"""From what is on file to the facts of one question. Pure: who knows which fact is decided here, once, for all edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from consent.records import ConsentRecord, ConsentState, ConsentStatus, Signer, fold, governing
from gateway.use_cases.decision_facts import DecisionFacts
from gateway.use_cases.house import Decider
from gateway.use_cases.values import CaseOnFile, ConsentOnFile, Organisation, RecordedFact, SignerOnFile, SubjectOnFile
from policies.facts import ConsentFacts, Facts, SignerFacts
from schemas.ids import Category, ConsentId, OrganisationId, SubjectId
from schemas.lifecycle import TAKEN_ON

YOUNG_PARENT_YEARS = 16  # a fact about a signer, not a rule: what follows from it stands in the pack


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the gate. `trigger`, `statute` and `request` (the number of an official request) are claims of the
    requester or of the message: they are kept as such, and none of them makes a fact."""

    purpose: str
    categories: tuple[Category, ...]
    trigger: str = ""
    statute: str = ""
    request: str = ""

    def claims(self) -> dict[str, str]:
        """What was claimed in words."""
        return {name: words for name, words in (("statute", self.statute), ("request", self.request)) if words}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a disclosure rests on, for the recipient to keep as its proof (RU-152-9-11): the consent by the digest of its
    evidence and its dates, or the norm that was claimed."""

    evidence_digest: str | None = None
    given_on: date | None = None
    valid_to: date | None = None
    statute: str = ""


@dataclass(frozen=True, slots=True)
class SubjectQuestion:
    """The facts about one subject, the consent that a release rests on (none where it rests on a norm), and by when a
    recipient erases what it gets."""

    subject_id: SubjectId
    facts: Facts
    consent_id: ConsentId | None
    basis: Basis = Basis()
    retain_until: date | None = None


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
    accepted = case.message is not None and case.message.state in TAKEN_ON
    found = []
    for subject in case.subjects:
        state = _governing(subject, case, recipient, question, opened, today, now)
        ground = state if pack.rests_on_consent(question.purpose) else None
        named = _Named(subject, recipient.id)
        plans = [frozenset(fact.participants) for fact in subject.facts if fact.fact == "ipr_open"]
        together = [plan for plan in plans if {recipient.id, discloser.id} <= plan]  # two plans do not make one
        request = named.weightiest("formal_request", pack)
        facts = Facts(
            org=pack.kind_of(recipient.kind, recipient.registers, question.purpose),
            org_id=recipient.id,
            source=pack.kind_of(discloser.kind, discloser.registers, question.purpose),
            purpose=question.purpose,
            sub="placement" if named.fact("placement") else "",
            trigger=question.trigger,
            today=today,
            subject=subject.kind,
            age=opened[subject.id].age_on(today),
            emancipated=opened[subject.id].emancipated or named.own("emancipated"),
            requested=question.categories,
            categories_unspecified=not question.categories,
            consent=_consent_facts(state) if state else None,
            direct_threat=True if case.declared or named.fact(EMERGENCY) else None,
            authority_by=(request.value or "") if request else "",
            authority_formal=request is not None,
            location_protected=named.own("location_protected"),
            ooip_is_rep=named.fact("ooip_is_rep") is not None,
            ipr_open=bool(plans),
            in_plan=bool(together),
            named_in_plan=any(recipient.id in plan for plan in plans),
            # What comes back to whom the person belongs by now, after a transfer, is no onward disclosure.
            onward=subject.registered_by not in {None, discloser.id, recipient.id},
            adopters_written_consent=named.fact("adopters_written_consent") is not None,
            agreement=recipient.has_agreement(today) and discloser.has_agreement(today),
            org_country=recipient.country,
            storage_country=recipient.storage_country,
            role=role,
            assigned=case.assigned,
            accepted=accepted,
        )
        found.append(
            SubjectQuestion(
                subject.id,
                facts,
                ground.record.id if ground else None,
                _basis(ground, subject, question),
                _retain_until(case, ground, pack),
            )
        )
    return tuple(found)


EMERGENCY = "emergency"
"""The fact that somebody of an organisation declared a direct threat; it ends by itself."""


class _Named:
    """The recorded facts of one subject, as they concern one recipient."""

    def __init__(self, subject: SubjectOnFile, recipient_id: OrganisationId) -> None:
        self._facts = subject.facts
        self._recipient_id = recipient_id

    def own(self, fact: str) -> bool:
        """Whether the fact holds of the subject itself."""
        return any(known.fact == fact and known.about_id is None for known in self._facts)

    def fact(self, fact: str) -> RecordedFact | None:
        """The fact, where it names the recipient."""
        return next(iter(self._naming(fact)), None)

    def weightiest(self, fact: str, pack: Decider) -> RecordedFact | None:
        """Of several that name the recipient, the one whose value the pack puts first: not the one that came first."""
        order = list(pack.responsible.facts[fact].values) if fact in pack.responsible.facts else []
        return min(
            self._naming(fact),
            key=lambda known: order.index(known.value) if known.value in order else len(order),
            default=None,
        )

    def _naming(self, fact: str) -> list[RecordedFact]:
        return [known for known in self._facts if known.fact == fact and self._recipient_id in known.participants]


def _basis(state: ConsentState | None, subject: SubjectOnFile, question: Question) -> Basis:
    consent = next((c for c in subject.consents if state and c.id == state.record.id), None)
    if state is None or consent is None:
        return Basis(statute=question.statute)
    return Basis(consent.evidence_digest, consent.given_on, state.valid_to, question.statute)


def _retain_until(case: CaseOnFile, state: ConsentState | None, pack: Decider) -> date | None:
    """The earliest of: the holder's own date, the end of the consent, the longest term of a consent (RU-152-5-5)."""
    days = [case.summary.erase_after] if case.summary else []
    if state is not None:
        days.append(state.valid_to or pack.longest_consent(state.record.given_on))
    return min(days, default=None)


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
        for person in (fact.about_id or (None if fact.about_who else member.id),)
        if person is not None
    }
    acts = _Acts(subject.facts, suspects)
    states = [fold(_record(consent, acts, opened, today), consent.events, now) for consent in subject.consents]
    return governing(states, recipient.id, question.purpose)


class _Acts:
    """What is recorded about the adults who sign for one child."""

    def __init__(self, facts: tuple[RecordedFact, ...], suspects: set[SubjectId]) -> None:
        self._facts = facts
        self.suspects = suspects

    def say(self, fact: str, signer: SignerOnFile) -> bool:
        """Whether this fact names this signer: by its file; by its word (mother) where either of them has none."""
        return any(
            known.about_id == signer.holder_id
            if known.about_id and signer.holder_id
            else known.about_who is not None and known.about_who == signer.who
            for known in self._facts
            if known.fact == fact
        )

    def rights(self, signer: SignerOnFile) -> str:
        """The rights of the signer: those of its authority, lowered by what a court or a guardianship body said since."""
        if signer.rights == "terminated" or self.say("rights_terminated", signer):
            return "terminated"
        return "limited" if self.say("rights_limited", signer) else signer.rights


def _record(
    consent: ConsentOnFile, acts: _Acts, opened: Mapping[SubjectId, DecisionFacts], today: date
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
        signers=tuple(_signer(signer, acts, opened, today) for signer in consent.signers),
        other_parent_objection=consent.objection,
        objector_suspected=consent.objection_by in acts.suspects,
    )


def _signer(signer: SignerOnFile, acts: _Acts, opened: Mapping[SubjectId, DecisionFacts], today: date) -> Signer:
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
        rights="terminated" if lapsed else acts.rights(signer),
        verified=signer.verified and signer.authority_id is not None,
        suspected=signer.holder_id in acts.suspects or acts.say("suspected", signer),
        sk64=acts.say("sk64_act", signer),
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
