"""Publish a version of a case summary: sealed per subject and category, older versions kept, nothing overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.resolve_subjects import Named, Resolved, register_subjects, resolve_subjects
from gateway.use_cases.seal_section import seal_sections
from gateway.use_cases.values import Organisation, Requester, SealedSection, SummaryHeader
from gateway.use_cases.withdraw_summary import tell_correction
from schemas import categories as c
from schemas.errors import BadInput, Conflict, NotPermitted
from schemas.ids import CaseId, Category, EntryId, SubjectId, SummaryId, new_id
from schemas.sections import Section
from schemas.summary import SummaryDraft


@dataclass(frozen=True, slots=True)
class Published:
    """What the holder gets back."""

    case_id: CaseId
    version: int
    entry_id: EntryId
    subjects: tuple[SubjectId, ...]


def publish_case_summary(
    house: House, requester: Requester, draft: SummaryDraft, now: datetime, *, synthetic: bool = False
) -> Published:
    """Seal and store a new version. Raises NotPermitted for an organisation without an agreement, BadInput for a
    category the pack does not carry or a person who cannot be told apart."""
    with house.store.writing() as unit:
        return publish_in(house, unit, requester, draft, now, synthetic=synthetic)


def publish_in(
    house: House, unit: Unit, requester: Requester, draft: SummaryDraft, now: datetime, *, synthetic: bool = False
) -> Published:
    """The same inside a unit of work of the caller."""
    holder = check_summary(unit, requester, draft, now)
    unit.facts.lock(f"registry:{holder.id}")
    resolved = resolve_subjects(house, unit, holder.id, [_named(draft, n) for n in range(len(draft.subjects))])
    register_subjects(house, unit, holder.id, resolved, now, synthetic=synthetic)
    subject_ids = [r.subject_id for r in resolved]
    case_id = unit.families.case_of(holder.id, subject_ids)
    if case_id is None:
        case_id = CaseId(new_id())
        unit.families.add_case(case_id, holder.id, draft.practice or holder.practice, now)
    unit.families.attach(case_id, subject_ids)
    before = unit.summaries.current_version(case_id)
    if draft.corrects is not None and draft.corrects != before:
        raise Conflict("summary_version", version=before)
    header = SummaryHeader(
        id=SummaryId(new_id()),
        version=before + 1,
        published_at=now,
        as_of=draft.as_of,
        erase_after=draft.erase_after,
        source=draft.source,
        curator_name=draft.curator_name,
        curator_phone=draft.curator_phone,
        sharing=_sharing(draft, resolved),
        not_used=frozenset(Category(code) for code in draft.not_used),
    )
    unit.summaries.add(case_id, header, _sealed(house, case_id, header, draft, resolved))
    entry_id = append_entry(
        unit,
        EventKind.SUMMARY_PUBLISHED,
        {
            "organisation": holder.id,
            "actor": requester.actor,
            "version": header.version,
            "subjects": len(resolved),
            **({"corrects": draft.corrects} if draft.corrects is not None else {}),
        },
        now,
    )
    if draft.corrects is not None:
        tell_correction(unit, case_id, holder.id, header.version, now)
    return Published(case_id, header.version, entry_id, tuple(subject_ids))


def rehearse_summary(house: House, unit: Unit, requester: Requester, draft: SummaryDraft, now: datetime) -> None:
    """Raises what publishing would raise at this moment; nothing is stored."""
    holder = check_summary(unit, requester, draft, now)
    resolved = resolve_subjects(house, unit, holder.id, [_named(draft, n) for n in range(len(draft.subjects))])
    if draft.corrects is not None:
        known = [r.subject_id for r in resolved if not r.is_new]
        case_id = unit.families.case_of(holder.id, known) if known else None
        before = unit.summaries.current_version(case_id) if case_id else 0
        if draft.corrects != before:
            raise Conflict("summary_version", version=before)


def check_summary(unit: Unit, requester: Requester, draft: SummaryDraft, now: datetime) -> Organisation:
    """Its holder, if it may publish this. Raises as `publish_case_summary` does before it looks for people."""
    holder = unit.participants.organisation(requester.organisation_id)
    if holder is None or not holder.has_agreement(now.date()):
        raise NotPermitted("no_agreement")
    for code in draft.not_used:
        if code not in c.SECTION_CATEGORIES:
            raise BadInput("category_unknown", category=code)
    return holder


def _named(draft: SummaryDraft, number: int) -> Named:
    subject = draft.subjects[number]
    identity = subject.sections.identity
    return Named(
        subject.kind,
        subject.ref,
        subject.sections.identifiers,
        identity.birth_date if identity else None,
        subject.emancipated,
    )


def _sharing(draft: SummaryDraft, resolved: Sequence[Resolved]) -> tuple[tuple[Category, frozenset[SubjectId]], ...]:
    ids = {r.named.ref: r.subject_id for r in resolved}
    return tuple(
        (category, frozenset(ids[ref] for ref in shared.about))
        for shared in draft.shared
        for category in shared.sections.by_category()
    )


def _sealed(
    house: House, case_id: CaseId, header: SummaryHeader, draft: SummaryDraft, resolved: Sequence[Resolved]
) -> list[SealedSection]:
    ids = {r.named.ref: r.subject_id for r in resolved}
    parts: list[tuple[tuple[SubjectId, ...], Category, Section]] = [
        ((ids[subject.ref],), category, section)
        for subject in draft.subjects
        for category, section in subject.sections.by_category().items()
    ]
    parts += [
        (tuple(sorted(ids[ref] for ref in shared.about)), category, section)
        for shared in draft.shared
        for category, section in shared.sections.by_category().items()
    ]
    return seal_sections(
        house.vault,
        case_id,
        header.id,
        [
            (subjects, category, section.model_dump_json(exclude_defaults=True).encode())
            for subjects, category, section in parts
        ],
    )
