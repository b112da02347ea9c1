"""A holder's own as canonical documents, that another gateway takes in as files: current summaries, and consents in force.

Who leaves takes these along. What would be an order to do something again is not among them: a message that was sent would be
sent a second time, a consent that was withdrawn would be given anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from adapters.documents.writer import write_document
from consent.records import ConsentRecord, ConsentState, ConsentStatus, fold
from gateway.use_cases.disclose import OpenedOwn
from gateway.use_cases.export_port import OwnCase
from gateway.use_cases.facts import local_day
from gateway.use_cases.house import House
from gateway.use_cases.own_page import Page
from gateway.use_cases.values import ConsentOnFile, Organisation, SealedSection, SignerOnFile
from schemas.categories import SECTION_NAMES
from schemas.errors import BadInput
from schemas.ids import Category, SubjectId
from schemas.package import Said
from schemas.summary import ConsentDraft, SummaryDraft

Draft = TypeVar("Draft", bound=BaseModel)
_UNFIT: Final = (
    "Не пишется документом для приёма в другом Межведе: записано по прежним правилам. В самой выгрузке есть",
    "Cannot be written as a document for another gateway: it was recorded by earlier rules. The export itself has it",
)


def state_of(consent: ConsentOnFile, now: datetime, zone: str) -> tuple[ConsentState, str]:
    """What its events make of a consent, and the word for it: active, expired, withdrawn or invalidated."""
    record = ConsentRecord(
        consent.id,
        consent.subject_id,
        consent.discloser_id,
        consent.recipient_id,
        consent.purpose,
        consent.categories,
        consent.given_on,
        consent.valid_to,
        consent.form,
        consent.separate,
        consent.fields_complete,
        consent.evidence_digest is not None,
        (),
    )
    state = fold(record, consent.events, now)
    if state.status is ConsentStatus.ACTIVE and state.is_expired(local_day(now, zone)):
        return state, "expired"
    return state, state.status.value


@dataclass(frozen=True, slots=True)
class OwnDocuments:
    """Documents of one kind each, and what has none though it holds: its pseudonym or number, with why."""

    summaries: tuple[SummaryDraft, ...] = ()
    consents: tuple[ConsentDraft, ...] = ()
    unfit: tuple[Said, ...] = ()


def own_documents(house: House, owner: Organisation, page: Page, opened: OpenedOwn, now: datetime) -> OwnDocuments:
    """Of one page. Whoever's keys are destroyed is in none of them."""
    made = _Documents(house, owner, page, opened, now)
    return OwnDocuments(tuple(made.summaries()), tuple(made.consents()), tuple(made.unfit))


class _Documents:
    def __init__(self, house: House, owner: Organisation, page: Page, opened: OpenedOwn, now: datetime) -> None:
        self._house = house
        self._owner = owner
        self._page = page
        self._opened = opened
        self._now = now
        self.unfit: list[Said] = []

    def summaries(self) -> Iterator[SummaryDraft]:
        for case in self._page.cases if self._page.kind == "case" else ():
            if case.summary is None or case.ended_at is not None:
                continue
            people = [(s, kind) for s, kind in case.subjects if s in self._opened.members]
            if people:
                value = self._summary(case, people)
                yield from self._fitting(SummaryDraft, value, value["case_ref"])

    def _summary(self, case: OwnCase, people: Sequence[tuple[SubjectId, str]]) -> dict[str, Any]:
        header = case.summary
        assert header is not None
        here = {subject_id for subject_id, _ in people}
        own = [s for s in self._page.sections if s.owner_id == header.id and s.id in self._opened.sections]
        return {
            "case_ref": self._house.vault.case_pseudonym(self._owner.id, case.id),
            "practice": case.practice,
            "as_of": header.as_of,
            "erase_after": header.erase_after,
            "source": header.source,
            "curator_name": header.curator_name,
            "curator_phone": header.curator_phone,
            "subjects": [
                {
                    "ref": self._name(subject_id),
                    "kind": kind,
                    "emancipated": self._opened.members[subject_id].emancipated,
                    "sections": self._contents(s for s in own if s.subjects == (subject_id,)),
                }
                for subject_id, kind in people
            ],
            "shared": self._shared([s for s in own if len(s.subjects) > 1 and here.issuperset(s.subjects)]),
            "not_used": sorted(header.not_used),
        }

    def _shared(self, sections: Sequence[SealedSection]) -> list[dict[str, Any]]:
        """Together what is about the same children; of one category twice, each by itself."""
        together: dict[tuple[tuple[SubjectId, ...], int], list[SealedSection]] = defaultdict(list)
        seen: Counter[tuple[tuple[SubjectId, ...], Category]] = Counter()
        for section in sections:
            about = tuple(section.subjects)
            together[about, seen[about, section.category]].append(section)
            seen[about, section.category] += 1
        return [
            {"about": [self._name(s) for s in about], "sections": self._contents(found)}
            for (about, _), found in together.items()
        ]

    def _contents(self, sections: Iterable[SealedSection]) -> dict[str, Mapping[str, object]]:
        return {SECTION_NAMES[section.category]: self._opened.sections[section.id] for section in sections}

    def consents(self) -> Iterator[ConsentDraft]:
        for consent in self._page.consents:
            state, status = state_of(consent, self._now, self._owner.zone)
            if status == ConsentStatus.ACTIVE.value and consent.subject_id in self._opened.members:
                yield from self._fitting(ConsentDraft, self._consent(consent, state), consent.id)

    def _consent(self, consent: ConsentOnFile, state: ConsentState) -> dict[str, Any]:
        return {
            "subject_ref": self._name(consent.subject_id),
            "subject_kind": self._page.kinds[consent.subject_id],
            "birth_date": self._born(consent.subject_id),
            "recipient_ogrn": self._page.parties[consent.recipient_id].ogrn,
            "purpose": consent.purpose,
            "categories": sorted(state.categories),
            "given_on": consent.given_on,
            "valid_to": state.valid_to,
            "form": consent.form,
            "separate": consent.separate,
            "fields_complete": consent.fields_complete,
            "evidence_digest": consent.evidence_digest,
            "signers": [self._signer(signer) for signer in consent.signers],
            "other_parent_objection": consent.objection,
            "objector_ref": self._name(consent.objection_by) if consent.objection_by else None,
        }

    def _signer(self, signer: SignerOnFile) -> dict[str, Any]:
        holder = signer.holder_id
        return {
            "who": signer.who,
            "holder_ref": self._name(holder) if holder else None,
            "holder_birth_date": self._born(holder) if holder else None,
            "rights": signer.rights,
            "verified": signer.verified,
            "valid_from": signer.valid_from,
            "valid_to": signer.valid_to,
        }

    def _born(self, subject_id: SubjectId) -> str | None:
        known = self._opened.members.get(subject_id)
        return known.birth_date if known else None

    def _name(self, subject_id: SubjectId) -> str:
        return str(self._house.vault.subject_pseudonym(self._owner.id, subject_id))

    def _fitting(self, model: type[Draft], value: Mapping[str, Any], name: str) -> Iterator[Draft]:
        """What was recorded under older rules may break the ones of today; that is said and stops nothing."""
        try:
            draft = model.model_validate(value)
            write_document(draft)
        except (ValidationError, BadInput):
            self.unfit.append(Said(f"hand_in/{name}", *_UNFIT))
        else:
            yield draft
