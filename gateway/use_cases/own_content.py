"""A page of a holder's own data, opened, as what leaves: nothing of it is ruled, and nothing of it is anybody else's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

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
from gateway.use_cases.house import House
from gateway.use_cases.message_words import OWN
from gateway.use_cases.own_documents import state_of
from gateway.use_cases.own_files import OwnFiles
from gateway.use_cases.own_kept_content import OwnKeptContent
from gateway.use_cases.own_page import Page, Words
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
        self._words: Words = dict(zip(page.sealed, opened.words, strict=True))
        self._kept = OwnKeptContent(house, owner, page, opened, self._words)
        self._files = OwnFiles(house, owner, page, opened, self._words)

    def of(self, export_id: str, part: int, left_out: tuple[Said, ...] = ()) -> Export:
        """All of it. `left_out` is what it says not to have."""
        page = self._page
        kept = self._kept
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
            self._files.documents() if page.kind == "document" else (),
            tuple(map(kept.fact, page.facts)),
            tuple(map(kept.score, page.scores)),
            (*map(kept.timer, page.timers), *map(kept.term, page.terms)),
            tuple(map(kept.listed, page.lists)),
            kept.notes(),
            left_out,
        )

    def files(self) -> Mapping[str, bytes]:
        """The files of documents by their names in the archive."""
        return dict(self._files.files())

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
            current=self._page.kind != "version",
        )

    def _message(self, message: MessageOnFile) -> ExportMessage:
        is_own = self._page.kind == "sent"
        subjects = self._page.people.get(message.id, ())
        sections = [section for section in self._page.sections if section.owner_id == message.id]
        return exported_message(
            self._house,
            self._owner.id,
            # What the sender noted beside its sections is the sender's too.
            message if is_own else replace(message, notes={}),
            self._page.parties,
            content="not_yours" if not is_own else "own" if subjects else "none",
            entry=self._opened.entry_id,
            people=self._people(subjects, sections, message_fields()) if is_own else (),
            documents=self._files.documents(message.id) if is_own else (),
            written=self._said(message, OWN, message.sealed_words) if is_own else {},
            words=lambda number: self._said(message, str(number), message.receipts[number].sealed_words),
        )

    def _said(self, message: MessageOnFile, place: str, sealed: bytes | None) -> Mapping[str, str]:
        plain = self._words.get((SubjectId(message.id), f"{message.id}/{place}", sealed)) if sealed else None
        found: dict[str, str] = json.loads(plain) if plain else {}
        return found

    def _consent(self, consent: ConsentOnFile) -> ExportConsent:
        state, status = state_of(consent, self._now, self._owner.zone)
        parties = self._page.parties
        return ExportConsent(
            id=consent.id,
            person=self._name(consent.subject_id),
            person_kind=self._page.kinds[consent.subject_id],
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
        plain = self._words[record.sealed_with, record.place, record.sealed]
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
