"""A page of a holder's own data, opened, as what leaves: nothing of it is ruled, and nothing of it is anybody else's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from consent.records import ConsentRecord, ConsentStatus, fold
from gateway.use_cases.disclose import OpenedOwn
from gateway.use_cases.export_content import (
    Rows,
    category_words,
    exported_message,
    own_section,
    party,
    purpose_said,
)
from gateway.use_cases.export_port import OwnCase
from gateway.use_cases.facts import local_day
from gateway.use_cases.house import House
from gateway.use_cases.own_pages import Page
from gateway.use_cases.practice_values import CourseEvent
from gateway.use_cases.record_values import CaseRecord
from gateway.use_cases.values import ConsentOnFile, MessageOnFile, Organisation, SealedSection
from policies.case_records import person_of
from schemas.catalogue import text, words
from schemas.exports import (
    Export,
    ExportAuthority,
    ExportCase,
    ExportConsent,
    ExportCourseEvent,
    ExportMessage,
    ExportPerson,
    ExportRecord,
    ExportSection,
    ExportSigner,
)
from schemas.ids import Category, SubjectId
from schemas.package import Said
from schemas.sections import message_fields, summary_fields


class OwnContent:
    """The values of one page for one organisation."""

    def __init__(self, house: House, owner: Organisation, page: Page, opened: OpenedOwn, now: datetime) -> None:
        self._house = house
        self._owner = owner
        self._page = page
        self._opened = opened
        self._now = now
        sealed = zip(page.sealed, opened.words, strict=True)
        self._words: Mapping[tuple[str, str], bytes | None] = {(key, place): plain for (key, place, _), plain in sealed}

    def of(self, export_id: str, part: int) -> Export:
        """All of it."""
        page = self._page
        return Export(
            export_id,
            "own",
            self._now,
            party(self._house, self._owner),
            self._house.pack.identity.id,
            self._owner.zone,
            tuple(self._case(case) for case in page.cases),
            tuple(self._message(message) for message in page.messages),
            tuple(self._consent(consent) for consent in page.consents),
            tuple(
                ExportAuthority(
                    known.id,
                    self._name(known.child_id),
                    known.who,
                    known.rights,
                    known.verified,
                    self._name(known.holder_id) if known.holder_id else None,
                    known.valid_from,
                    known.valid_to,
                    known.evidence_digest,
                )
                for known in page.authorities
            ),
            tuple(self._record(record) for record in page.records),
            tuple(self._event(event) for event in page.events),
            part,
        )

    def _name(self, subject_id: SubjectId) -> str:
        return str(self._house.vault.subject_pseudonym(self._owner.id, subject_id))

    def _people(
        self,
        subjects: Iterable[tuple[SubjectId, str]],
        sections: Sequence[SealedSection],
        rows: Rows,
        not_used: Iterable[Category] = (),
    ) -> tuple[ExportPerson, ...]:
        unused = [
            ExportSection(k, *category_words(self._house, k), "own", absence="not_used") for k in sorted(not_used)
        ]
        found = []
        for subject_id, kind in subjects:
            own = [
                own_section(
                    self._house,
                    section.category,
                    self._opened.sections.get(section.id),
                    rows.get(section.category, ()),
                    tuple(self._name(other) for other in section.subjects if other != subject_id),
                )
                for section in sections
                if subject_id in section.subjects
            ]
            found.append(ExportPerson(self._name(subject_id), kind, (*own, *unused)))
        return tuple(found)

    def _case(self, case: OwnCase) -> ExportCase:
        header = case.summary
        sections = [s for s in self._page.sections if header is not None and s.owner_id == header.id]
        return ExportCase(
            ref=self._house.vault.case_pseudonym(self._owner.id, case.id),
            holder=party(self._house, self._owner),
            entry=self._opened.entry_id,
            people=self._people(case.subjects, sections, summary_fields(), header.not_used if header else ()),
            version=header.version if header else None,
            published_at=header.published_at if header else None,
            as_of=header.as_of if header else None,
            erase_after=header.erase_after if header else None,
            source=header.source if header else None,
            practice=case.practice,
            curator_name=header.curator_name if header else None,
            curator_phone=header.curator_phone if header else None,
            opened_at=case.opened_at,
            ended_at=case.ended_at,
        )

    def _message(self, message: MessageOnFile) -> ExportMessage:
        is_own = self._page.kind == "sent"
        subjects = (self._page.people or {}).get(message.id, ())
        sections = [section for section in self._page.sections if section.owner_id == message.id]
        return exported_message(
            self._house,
            self._owner.id,
            # What the sender noted beside its sections is the sender's too.
            message if is_own else replace(message, notes={}),
            self._page.parties or {},
            content="not_yours" if not is_own else "own" if subjects else "none",
            entry=self._opened.entry_id,
            people=self._people(subjects, sections, message_fields()) if is_own else (),
            written=self._said(message, "words") if is_own else {},
            words=lambda number: self._said(message, str(number)),
        )

    def _said(self, message: MessageOnFile, place: str) -> Mapping[str, str]:
        plain = self._words.get((message.id, f"{message.id}/{place}"))
        found: dict[str, str] = json.loads(plain) if plain else {}
        return found

    def _consent(self, consent: ConsentOnFile) -> ExportConsent:
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
        state = fold(record, consent.events, self._now)
        status = state.status.value
        if state.status is ConsentStatus.ACTIVE and state.is_expired(local_day(self._now, self._owner.zone)):
            status = "expired"
        parties = self._page.parties or {}
        return ExportConsent(
            id=consent.id,
            person=self._name(consent.subject_id),
            person_kind=(self._page.kinds or {})[consent.subject_id],
            discloser=party(self._house, self._owner),
            recipient=party(self._house, parties[consent.recipient_id]),
            purpose=purpose_said(self._house, consent.purpose) or Said(consent.purpose),
            categories=self._categories(consent.categories),
            allowed=self._categories(state.categories) if status == "active" else (),
            given_on=consent.given_on,
            status=status,
            valid_to=state.valid_to,
            form=consent.form,
            separate=consent.separate,
            evidence_digest=consent.evidence_digest,
            objection=consent.objection,
            signers=tuple(
                ExportSigner(s.who, s.rights, s.verified, s.valid_from, s.valid_to, s.authority_id)
                for s in consent.signers
            ),
            events=tuple(
                (event.kind.value, event.effective_at)
                for event in sorted(consent.events, key=lambda event: (event.effective_at, event.recorded_at))
            ),
        )

    def _categories(self, categories: Iterable[Category]) -> tuple[Said, ...]:
        return tuple(Said(k, *category_words(self._house, k)) for k in sorted(categories))

    def _record(self, record: CaseRecord) -> ExportRecord:
        plain = self._words[record.sealed_with, record.place]
        value: dict[str, Any] | None = json.loads(plain) if plain else None
        about = person_of(record.kind, value.get("part") if value else None)
        key = f"web_records.{record.kind}"
        title = text(key) if key in words("ru") else None
        return ExportRecord(
            record.id,
            self._house.vault.case_pseudonym(self._owner.id, record.case_id),
            self._name(record.sealed_with) if about else None,
            record.practice,
            Said(record.kind, title),
            record.at,
            record.recorded_at,
            {name: _plain(one) for name, one in value.items() if one not in (None, [], {})}
            if value is not None
            else None,
        )

    def _event(self, event: CourseEvent) -> ExportCourseEvent:
        profile = self._house.practices.get(event.practice)
        row = profile.events.get(event.event) if profile else None
        return ExportCourseEvent(
            self._house.vault.case_pseudonym(self._owner.id, event.case_id),
            event.practice,
            Said(event.event, row.title_ru if row else None),
            event.stage or "",
            event.at,
        )


def _plain(value: Any) -> Any:  # noqa: ANN401  a JSON value
    """A state for each of some codes becomes a list of both."""
    return [f"{code}: {state}" for code, state in value.items()] if isinstance(value, dict) else value
