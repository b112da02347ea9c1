"""What a holder keeps beside cases, consents and messages, opened, as what leaves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gateway.use_cases.disclose import OpenedOwn
from gateway.use_cases.export_content import own_section
from gateway.use_cases.house import House
from gateway.use_cases.intake_values import KeptRecord
from gateway.use_cases.joint_values import Agenda, JointDecision
from gateway.use_cases.own_kept_pages import agenda_words, note_words
from gateway.use_cases.own_page import Page, Words
from gateway.use_cases.practice_settings import Chosen
from gateway.use_cases.practice_values import CASE, CaseScore, CourseTimer
from gateway.use_cases.queue_values import Move
from gateway.use_cases.read_kept_records import parse_kept
from gateway.use_cases.score_case import level_of, place_of_score
from gateway.use_cases.values import FactEvent, Organisation, RecordedFact, Timer
from policies.profile import ScoreRow
from schemas.catalogue import text
from schemas.exports import ExportKept, ExportPerson
from schemas.exports_own import (
    ExportFact,
    ExportFactEvent,
    ExportNote,
    ExportPause,
    ExportPoint,
    ExportScore,
    ExportTerm,
)
from schemas.ids import CaseId, Category, SubjectId
from schemas.intake import FamilyDraft, SignalDraft
from schemas.package import Said
from schemas.sections import message_fields, summary_fields
from schemas.summary import SectionsDraft

_PEOPLE: Final = {"subjects", "persons", "reporter"}
"""What of a record of an own list stands as people; who reported never leaves."""


class OwnKeptContent:
    """The values of one page for one organisation."""

    def __init__(self, house: House, owner: Organisation, page: Page, opened: OpenedOwn, words: Words) -> None:
        self._house = house
        self._owner = owner
        self._page = page
        self._opened = opened
        self._words = words

    def fact(self, fact: RecordedFact) -> ExportFact:
        """One recorded fact with what was done with it."""
        ogrns = (self._page.parties[named].ogrn for named in fact.participants)
        return ExportFact(
            fact.id,
            self._name(fact.subject_id),
            self._page.kinds[fact.subject_id],
            Said(fact.fact, self._house.pack.fact_title(fact.fact)),
            fact.from_at,
            fact.to_at,
            fact.value,
            self._name(fact.about_id) if fact.about_id else None,
            fact.about_who,
            tuple(ogrns),
            fact.evidence_digest,
            fact.everywhere,
            fact.review_by,
            tuple(self._fact_event(fact, e) for e in self._page.fact_events if e.fact_id == fact.id),
        )

    def _fact_event(self, fact: RecordedFact, event: FactEvent) -> ExportFactEvent:
        plain = self._words.get((fact.subject_id, event.fact_id, event.sealed)) if event.sealed else None
        said: dict[str, str | None] = json.loads(plain) if plain else {}
        document = {name: value for name, value in said.items() if value}
        erased = event.sealed is not None and plain is None
        return ExportFactEvent(event.kind, event.at, event.evidence_digest, document, "erased" if erased else "")

    def score(self, score: CaseScore) -> ExportScore:
        """A score with its points, sum and level."""
        plain = self._words[score.sealed_with, place_of_score(score.id), score.sealed]
        points: dict[str, int] | None = json.loads(plain) if plain else None
        profile = self._house.practices.get(self._owner.practice)
        row = profile.scores.get(score.score) if profile else None
        row = row if isinstance(row, ScoreRow) else None
        total = sum(points.values()) if points is not None else None
        level = level_of(row, self._chosen(), total) if row and total is not None else None
        titles = {code: criterion.title_ru for code, criterion in row.criteria.items()} if row else {}
        return ExportScore(
            score.id,
            self._house.vault.case_pseudonym(self._owner.id, score.case_id),
            Said(score.score, row.title_ru if row else None),
            score.at,
            total,
            Said(level, row.levels[level].title_ru) if row and level else None,
            tuple(ExportPoint(Said(code, titles.get(code)), value) for code, value in (points or {}).items()),
            "" if points is not None else "erased",
        )

    def _chosen(self) -> Chosen:
        practice = self._owner.practice or ""
        region = self._house.pack.practice_settings(practice)
        return Chosen.of(self._page.settings, self._owner.id, practice, region)

    def timer(self, timer: CourseTimer) -> ExportTerm:
        """A term of the practice with the times in which it stood still."""
        profile = self._house.practices.get(timer.practice)
        row = profile.timers.get(timer.timer) if profile else None
        reasons = profile.pause_reasons if profile else {}
        return ExportTerm(
            timer.id,
            Said(timer.timer, row.title_ru if row else None),
            timer.about_kind,
            self._about(timer.about_kind, timer.about),
            timer.practice,
            timer.started_at,
            timer.due_at,
            timer.reminder,
            timer.warned_at,
            timer.breached_at,
            timer.paused_at,
            timer.done_at,
            tuple(
                ExportPause(pause.begins, pause.ends, Said(pause.reason, reasons.get(pause.reason)))
                for pause in self._page.pauses.get(timer.id, ())
            ),
        )

    def term(self, timer: Timer) -> ExportTerm:
        """A term of the pack: it never stands still."""
        return ExportTerm(
            timer.id,
            Said(timer.timer, self._house.pack.timer_title(timer.timer)),
            timer.about_kind,
            self._about(timer.about_kind, timer.about),
            started_at=timer.started_at,
            due_at=timer.due_at,
            breached_at=timer.breached_at,
            done_at=timer.done_at,
        )

    def _about(self, kind: str, about: str) -> str:
        return self._house.vault.case_pseudonym(self._owner.id, CaseId(about)) if kind == CASE else about

    def listed(self, record: KeptRecord) -> ExportKept:
        """A family or a signal of an own list; without its key nothing of it is left."""
        kind = Said(record.kind, text(f"export.kept_{record.kind}"), text(f"export.kept_{record.kind}", "en"))
        plain = self._opened.lists.get(record.key_id)
        if plain is None:
            return ExportKept(record.id, kind, record.kept_at, record.expires_at, absence="erased")
        draft = parse_kept(record.kind, plain)
        values = draft.model_dump(mode="json", exclude_defaults=True, exclude=_PEOPLE)
        return ExportKept(record.id, kind, record.kept_at, record.expires_at, self._listed_people(draft), values)

    def _listed_people(self, draft: FamilyDraft | SignalDraft) -> tuple[ExportPerson, ...]:
        if isinstance(draft, FamilyDraft):
            rows = summary_fields()
            people = [(one.ref, one.kind, _plain(one.sections)) for one in draft.subjects]
        else:
            rows = message_fields()
            people = [(one.ref or str(n), one.kind, one.parts()) for n, one in enumerate(draft.persons, start=1)]
        return tuple(
            ExportPerson(
                ref,
                kind,
                tuple(
                    own_section(self._house, category, content, rows.get(category, ()))
                    for category, content in sections.items()
                    if not self._is_kept_back(category)
                ),
            )
            for ref, kind, sections in people
        )

    def notes(self) -> tuple[ExportNote, ...]:
        """What people of the organisation noted for themselves."""
        page = self._page
        return (*map(self._move, page.moves), *map(self._agenda, page.agendas), *map(self._decision, page.decisions))

    def _move(self, move: Move) -> ExportNote:
        words = note_words(move)
        plain = self._words[words] if words else None
        values = {"words": plain.decode() if plain else None, "reason": move.reason}
        return _note(move.id, "note", move.at, (move.message_id,), values, erased=plain is None)

    def _agenda(self, agenda: Agenda) -> ExportNote:
        plain = self._words[agenda_words(agenda)]
        cases = [one.case_id for one in self._page.agenda_items if one.agenda_id == agenda.id]
        about = tuple(self._house.vault.case_pseudonym(self._owner.id, case_id) for case_id in cases)
        values = json.loads(plain) if plain else {}
        return _note(agenda.id, "agenda", agenda.at, about, values, agenda.closed_at, erased=plain is None)

    def _decision(self, decision: JointDecision) -> ExportNote:
        values = {
            "matter": decision.matter,
            "conclusion": decision.conclusion,
            "case": self._house.vault.case_pseudonym(self._owner.id, decision.case_id),
        }
        return _note(decision.id, "joint", decision.proposed_at, decision.message_ids, values, decision.concluded_at)

    def _is_kept_back(self, category: Category) -> bool:
        return category in self._house.pack.never_automatic()

    def _name(self, subject_id: SubjectId) -> str:
        return str(self._house.vault.subject_pseudonym(self._owner.id, subject_id))


def _plain(sections: SectionsDraft) -> dict[Category, dict[str, object]]:
    found = sections.by_category().items()
    return {category: section.model_dump(mode="json", exclude_defaults=True) for category, section in found}


def _note(
    note_id: str,
    kind: str,
    at: datetime,
    about: tuple[str, ...],
    values: Mapping[str, str | None],
    ended_at: datetime | None = None,
    *,
    erased: bool = False,
) -> ExportNote:
    said = {name: value for name, value in values.items() if value}
    name = f"export.note_{kind}"
    return ExportNote(
        note_id, Said(kind, text(name), text(name, "en")), at, about, said, ended_at, "erased" if erased else ""
    )
