"""The one door. Personal data leave only through `disclose` (law 1): every edge and every export calls it.

    (1) facts are gathered in a bounded number of statements; nothing about them is cached (law 4);
    (2) the pack rules on each subject and each asked category; a section that siblings share takes the strictest;
    (3) in one unit of work the versions of all facts are checked again and the entry is written; if anything moved in
        between, the loser starts again at (1) (law 4);
    (4) the unit is committed. Only now may a byte leave (law 2);
    (5) only sections that the ruling releases are fetched, opened and masked (law 3).

A question about a case without a recorded relation goes through the same steps with a decoy and ends in the same
error as a case that does not exist (law 6).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from gateway.evidence.entry import JsonValue, commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.attachment_values import Attachment, Blobs, Document, OpenedFile
from gateway.use_cases.decision_facts import DecisionFacts
from gateway.use_cases.facts import Basis, Question, SubjectQuestion, subject_questions
from gateway.use_cases.hold_for_people import Due, held_questions, only_of, open_holds, with_decisions
from gateway.use_cases.house import Decider, House
from gateway.use_cases.intake_values import KeptRecord
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import CaseOnFile, DisclosureRow, Gathered, Requester, SealedSection, SubjectOnFile
from gateway.vault.errors import SealBroken
from policies.ruling import CategoryRuling, Effect, PackIdentity, Ruling
from schemas.categories import MESSAGE_CATEGORIES
from schemas.errors import Contended, Unavailable
from schemas.ids import CaseId, Category, EntryId, MessageId, OrganisationId, SectionId, SubjectId

MAX_ATTEMPTS = 5
"""How often a ruling is made anew when facts keep moving under it; then the caller is asked to repeat."""


class Scope(Protocol):
    """Where the content lies: published summaries, or one message."""

    @property
    def name(self) -> str: ...
    def gather(self, unit: Unit, requester: Requester, now: datetime) -> Gathered: ...
    def fetch(
        self, unit: Unit, cases: Sequence[CaseOnFile], categories: Sequence[Category]
    ) -> Sequence[SealedSection]: ...


@dataclass(frozen=True, slots=True)
class Section:
    """One category of one subject as the requester may see it: the rule first, then the look (law 5).

    `content` is None wherever nothing is released, and also where nothing is recorded; `absence` tells the two apart,
    and is said only where the ruling releases.
    """

    ruling: CategoryRuling
    content: Mapping[str, object] | None = None
    absence: str | None = None  # "not_recorded" or "not_used"
    shared_with: tuple[SubjectId, ...] = ()
    obligations: tuple[str, ...] = ()
    basis: Basis | None = None  # what it rests on, and by when the recipient erases it: only of what is released
    retain_until: date | None = None
    decided_by: datetime | None = None  # of what is held: by when a person decides
    by_people: bool = False  # whether a person decided it, after a rule had held it
    every: tuple[
        tuple[str, Mapping[str, object]], ...
    ] = ()  # all contents with what they belong to, where there are several


@dataclass(frozen=True, slots=True)
class DisclosedSubject:
    """One member of the family."""

    id: SubjectId
    kind: str
    sections: Mapping[Category, Section]
    location_protected: bool

    @property
    def obligations(self) -> tuple[str, ...]:
        """What the requester must observe for any of the sections."""
        return tuple(dict.fromkeys(code for section in self.sections.values() for code in section.obligations))


@dataclass(frozen=True, slots=True)
class DisclosedCase:
    """One case (or message) after the door."""

    case: CaseOnFile
    subjects: tuple[DisclosedSubject, ...]

    @property
    def releases(self) -> bool:
        """Whether anything about the family is shown."""
        return any(
            category in MESSAGE_CATEGORIES and section.ruling.effect.releases
            for subject in self.subjects
            for category, section in subject.sections.items()
        )

    @property
    def location_protected(self) -> bool:
        """Whether the whereabouts of anybody in the case are protected, shown here or not."""
        return any(_protected(subject) for subject in self.case.subjects)


@dataclass(frozen=True, slots=True)
class Disclosed:
    """The answer, and the entry that was committed before it."""

    entry_id: EntryId
    pack: PackIdentity
    cases: tuple[DisclosedCase, ...]


@dataclass(frozen=True, slots=True)
class RuledCase:
    """A case with its rulings, before anything is opened."""

    case: CaseOnFile
    questions: tuple[SubjectQuestion, ...] = ()
    rulings: Mapping[SubjectId, Ruling] = field(default_factory=dict)
    own: Mapping[SubjectId, Ruling] = field(default_factory=dict)  # before siblings share the strictest
    decided: Mapping[SubjectId, Mapping[Category, Effect]] = field(default_factory=dict)  # by people, after a hold

    def ruling(self, subject_id: SubjectId, category: Category) -> CategoryRuling:
        """The ruling on one category of one subject."""
        return self.rulings[subject_id].by_category[category]


Alongside = Callable[[Unit, Sequence[RuledCase]], None]
"""Work that belongs in the transaction of the entry, e.g. «opened» of a message."""


def disclose(
    house: House,
    requester: Requester,
    question: Question,
    scope: Scope,
    now: datetime,
    *,
    alongside: Alongside | None = None,
) -> Disclosed:
    """Rule, record, commit, and only then open what the ruling releases.

    Raises Unavailable (code case_unavailable) where no case has a relation to the requester, after its entry is
    committed; Contended when facts keep moving; Broken when the entry cannot be written. Errors of `alongside` pass.
    """
    for _ in range(MAX_ATTEMPTS):
        with house.store.reading() as unit:
            gathered = scope.gather(unit, requester, now)  # (1)
        ruled = rule(house, gathered, question, now, role=requester.role)  # (2)
        try:
            with house.store.writing() as unit:
                if not unit.facts.unchanged(gathered.versions):  # (3)
                    continue
                entry_id = record(house, unit, requester, question, scope.name, ruled, now)
                due = hold(house, unit, requester, ruled, requester.organisation_id, entry_id, now)
                if alongside is not None:
                    alongside(unit, ruled)
        except Contended:  # it lost against somebody who writes on the same: nothing of it was written
            continue
        # (4) committed: the block has ended well
        known = [case for case in ruled if case.case.related]
        if ruled and not known:
            raise Unavailable("case_unavailable")
        return Disclosed(entry_id, house.pack.identity, _open(house, scope, question, known, due))  # (5)
    raise Contended("facts_keep_moving")


# --- (2) ruling ------------------------------------------------------------------------------------------------------


def rule(
    house: House,
    gathered: Gathered,
    question: Question,
    now: datetime,
    *,
    role: str = "caseworker",
    sending: bool = False,
) -> tuple[RuledCase, ...]:
    """Rulings for every gathered case; an unrelated one gets none. What is `sending` is a new question: nobody can have
    decided it."""
    related = [case for case in gathered.cases if case.related]
    opened = _decision_facts(house, related)
    ruled = []
    for case in gathered.cases:
        if not case.related:
            ruled.append(RuledCase(case))
            continue
        questions = subject_questions(case, gathered.requester, question, opened, house.pack, now, role=role)
        own, decided = {}, {}
        for q in questions:
            ruling = house.pack.decide(q.facts)
            own[q.subject_id], decided[q.subject_id] = (
                (ruling, {}) if sending else with_decisions(house, case, q, ruling)
            )
        ruled.append(RuledCase(case, questions, _with_shared_sections(house, case, own), own, decided))
    return tuple(ruled)


def hold(
    house: House,
    unit: Unit,
    requester: Requester,
    ruled: Sequence[RuledCase],
    recipient_id: OrganisationId,
    entry_id: EntryId,
    now: datetime,
    *,
    message_id: MessageId | None = None,
) -> Due:
    """What was held goes to the people who decide it; by when, for each category of a published summary."""
    held = [
        question
        for case in ruled
        for q in case.questions
        for question in held_questions(case.case, q, case.own[q.subject_id], case.rulings[q.subject_id])
    ]
    message = ruled[0].case.message if ruled else None
    message_id = message.id if message else message_id
    if message_id is None or not held:
        return open_holds(house, unit, requester, held, recipient_id, entry_id, now)
    # Nobody is asked about what the message does not have. Which that is, its recipient must not read from a date.
    contents = unit.messages.contents(message_id)
    inside = [known for question in held if (known := only_of(question, contents)).categories]
    open_holds(house, unit, requester, inside, recipient_id, entry_id, now, message_id)
    return {}


def _decision_facts(house: House, cases: Sequence[CaseOnFile]) -> Mapping[SubjectId, DecisionFacts]:
    """Open what decisions need, all in one round; somebody whose keys are destroyed has no known age (law 12)."""
    return _decision_facts_of(house, [subject for case in cases for subject in case.subjects])


def _decision_facts_of(house: House, subjects: Sequence[SubjectOnFile]) -> Mapping[SubjectId, DecisionFacts]:
    """The same of some people."""
    on_file = {subject.id: subject.decision_facts for subject in subjects}
    plain = house.vault.open_decision_facts({s: data for s, data in on_file.items() if isinstance(data, bytes)})
    return {
        subject_id: data
        if isinstance(data, DecisionFacts)
        else DecisionFacts.from_bytes(plain[subject_id])
        if subject_id in plain
        else DecisionFacts()
        for subject_id, data in on_file.items()
    }


def _with_shared_sections(
    house: House, case: CaseOnFile, rulings: Mapping[SubjectId, Ruling]
) -> Mapping[SubjectId, Ruling]:
    """A section about several children takes the strictest ruling among them; whose it was is never named."""
    if case.summary is None or not case.summary.sharing:
        return rulings
    found = dict(rulings)
    for category, subjects in case.summary.sharing:
        together = [found[subject_id] for subject_id in sorted(subjects) if subject_id in found]
        if not together or category not in together[0].by_category:
            continue
        strictest = house.pack.strictest(together, category).by_category[category]
        for subject_id in subjects & found.keys():
            ruling = found[subject_id]
            found[subject_id] = house.pack.with_rulings(ruling, {**ruling.by_category, category: strictest})
    return found


# --- (3) the entry ---------------------------------------------------------------------------------------------------


def record(
    house: House,
    unit: Unit,
    requester: Requester,
    question: Question,
    scope: str,
    ruled: Sequence[RuledCase],
    now: datetime,
    *,
    kind: EventKind | None = None,
    recipient_id: OrganisationId | None = None,
    reaches: bool = True,
) -> EntryId:
    """Write the entry of a decision and its links. The entry holds commitments, never an identifier of the family.

    Both sides may prove it, so it says in clear only what the requester is told: its rule for a quiet one, nothing of
    people whom it does not see. The true rulings on everybody are in the links, and committed to here (law 5). What is kept
    and does not go out yet `reaches` nobody.
    """
    items: list[JsonValue] = []
    pending: list[DisclosureRow] = []
    recipient = recipient_id or requester.organisation_id
    facts = _sealed_facts(house, question, ruled)
    for case in ruled:
        salt = new_salt()
        rows: list[DisclosureRow] = []
        for q in case.questions or (None,):
            ruling = case.rulings[q.subject_id] if q else None
            rulings = {c: (r.effect.value, r.rule) for c, r in ruling.by_category.items()} if ruling else {}
            rows.append(
                DisclosureRow(
                    entry_id=EntryId(""),
                    case_id=case.case.case_id,
                    subject_id=q.subject_id if q else None,
                    salt=salt,
                    discloser_id=case.case.discloser.id if case.case.discloser else None,
                    recipient_id=recipient,
                    actor=requester.actor,
                    purpose=question.purpose,
                    scope=scope,
                    consent_id=q.consent_id if q else None,
                    rulings=rulings,
                    obligations=ruling.obligations if ruling else (),
                    pack_digest=house.pack.identity.digest,
                    retain_until=q.retain_until if q else None,
                    # A curator's service contact is not about the family: showing it alone shows nothing of it.
                    released=reaches
                    and kind is not EventKind.EXCHANGE_REFUSED
                    and any(c in MESSAGE_CATEGORIES and Effect(effect).releases for c, (effect, _) in rulings.items()),
                    at=now,
                    sealed_facts=facts.get(q.subject_id) if q else None,
                )
            )
        pending += rows
        items.append(
            {
                "case": commitment(salt, case.case.case_id),
                "related": case.case.related,
                "subjects": _told(house, case, salt, is_sending=recipient_id is not None) if reaches else [],
                "rulings": commitment(salt, true_rulings(rows)),
                # What is claimed is somebody's own words: the log, which is for ever, holds a commitment to them.
                **{name: commitment(salt, words) for name, words in question.claims().items()},
            }
        )
    identity = house.pack.identity
    if kind is None:
        released = any(row.released for row in pending)
        kind = EventKind.EXCHANGE_DECIDED if released else EventKind.EXCHANGE_REFUSED
    entry_id = append_entry(
        unit,
        kind,
        {
            "requester": {"organisation": requester.organisation_id, "actor": requester.actor},
            "recipient": recipient,
            "purpose": question.purpose,
            "asked": list(question.categories),
            "claims": {"trigger": question.trigger} if house.pack.is_trigger(question.trigger) else {},
            "scope": scope,
            "items": items,
            "pack": {"id": identity.id, "version": identity.version, "digest": identity.digest},
        },
        now,
    )
    unit.log.link([replace(row, entry_id=entry_id) for row in pending])
    return entry_id


def true_rulings(rows: Sequence[DisclosureRow]) -> str:
    """What the commitment `rulings` of an entry stands for: the true rules and all obligations, of everybody in the case.
    Made from the links of the entry, so that whoever has them shows that they are the ones it was written with."""
    known = sorted(rows, key=lambda row: row.subject_id or "")
    return json.dumps([[row.subject_id, row.rulings, row.obligations] for row in known], sort_keys=True)


def _told(house: House, case: RuledCase, salt: bytes, *, is_sending: bool) -> list[JsonValue]:
    """What the requester is told, in codes. Of a message that is being sent the recipient will see only those of whom it
    gets something."""
    subjects = {subject.id: subject for subject in case.case.subjects}
    found: list[JsonValue] = []
    for q in case.questions:
        ruling, decided = case.rulings[q.subject_id], case.decided[q.subject_id]
        released = [r for r in ruling.by_category.values() if r.effect.releases]
        if not (released if is_sending else _is_shown(case, subjects[q.subject_id])):
            continue
        owed = house.pack.told(tuple(dict.fromkeys(code for r in released for code in r.obligations)))
        found.append(
            {
                "subject": commitment(salt, q.subject_id),
                "rulings": {category: [r.effect.value, r.shown.id] for category, r in ruling.by_category.items()},
                "obligations": list(owed),
                **({"reasons": reasons} if (reasons := _reasons(released, owed)) else {}),
                **({"retain_until": q.retain_until.isoformat()} if released and q.retain_until else {}),
                **({"basis": commitment(salt, basis)} if released and (basis := q.basis.evidence_digest) else {}),
                **({"decided_by_people": sorted(decided)} if decided else {}),
                **({"alarms": [[alarm.code, alarm.category] for alarm in ruling.alarms]} if ruling.alarms else {}),
            }
        )
    return found


def _reasons(released: Sequence[CategoryRuling], owed: Sequence[str]) -> dict[str, JsonValue]:
    """Why a code was chosen among its alternatives: that the subject need not be told, for example (RU-152-18-3)."""
    given = {(code, reason) for ruling in released for code, reason in ruling.reasons.items() if code in owed}
    return {code: sorted(reason for known, reason in given if known == code) for code, _ in sorted(given)}


def _sealed_facts(house: House, question: Question, ruled: Sequence[RuledCase]) -> Mapping[SubjectId, bytes]:
    """What a replay starts from, sealed with the subject: the canonical facts of each ruling, without identities; which
    other subjects of the case share a section (by their place in the order of identifiers); what people had decided; and
    what the requester claimed."""
    return house.vault.seal_facts(
        {
            q.subject_id: json.dumps(
                {
                    "facts": q.facts.canonical(),
                    "together": _together(case, q.subject_id),
                    "people": {c: effect.value for c, effect in case.decided[q.subject_id].items()},
                    "claims": question.claims(),
                },
                sort_keys=True,
                ensure_ascii=False,
            ).encode()
            for case in ruled
            for q in case.questions
        }
    )


def _together(case: RuledCase, subject_id: SubjectId) -> dict[Category, list[int]]:
    places = {s: place for place, s in enumerate(sorted(q.subject_id for q in case.questions))}
    sharing = case.case.summary.sharing if case.case.summary else ()
    return {
        category: sorted(places[s] for s in subjects if s in places)
        for category, subjects in sharing
        if subject_id in subjects
    }


Contents = dict[tuple[SubjectId, Category], list[tuple[SealedSection, Mapping[str, object]]]]
"""What was opened of one person in one category. A summary and a message have one section of each; signals are several."""

# --- (5) opening -----------------------------------------------------------------------------------------------------


def _open(
    house: House, scope: Scope, question: Question, ruled: Sequence[RuledCase], due: Due
) -> tuple[DisclosedCase, ...]:
    wanted = sorted({c for case in ruled for ruling in case.rulings.values() for c in ruling.released()})
    sealed: Sequence[SealedSection] = ()
    if wanted:
        with house.store.reading() as unit:
            sealed = scope.fetch(unit, [case.case for case in ruled], wanted)
    by_case: dict[CaseId, list[SealedSection]] = {}
    for section in sealed:
        by_case.setdefault(section.case_id, []).append(section)
    released = {
        case.case.case_id: [
            section
            for section in by_case.get(case.case.case_id, ())
            if all(
                subject_id in case.rulings and case.ruling(subject_id, section.category).effect.releases
                for subject_id in section.subjects
            )
        ]
        for case in ruled
    }
    opened = house.vault.open_sections([section for sections in released.values() for section in sections])
    duty = house.pack.words_travel(question.purpose)
    disclosed = []
    for case in ruled:
        contents: Contents = {}
        for section in released[case.case.case_id]:
            plain = opened.get(section.id)
            if plain is None:  # its subject's keys are destroyed (law 12)
                continue
            content: Mapping[str, object] = json.loads(plain)
            if case.ruling(section.subjects[0], section.category).effect is Effect.MASK:
                content = house.pack.mask(scope.name, section.category, content, words_travel=duty)
            for subject_id in section.subjects:
                contents.setdefault((subject_id, section.category), []).append((section, content))
        disclosed.append(_disclosed(house.pack, case, contents, due))
    return tuple(disclosed)


def _disclosed(
    pack: Decider,
    case: RuledCase,
    contents: Contents,
    due: Due,
) -> DisclosedCase:
    not_used = case.case.summary.not_used if case.case.summary else frozenset()
    questions = {q.subject_id: q for q in case.questions}
    subjects = []
    shown = [subject for subject in case.case.subjects if _is_shown(case, subject)]
    seen = {subject.id for subject in shown}
    for subject in shown:
        ruling, question = case.rulings[subject.id], questions[subject.id]
        sections = {}
        for category, decided in ruling.by_category.items():
            every = contents.get((subject.id, category), ())
            content, together = (every[-1][1], every[-1][0].subjects) if every else (None, ())
            absence = None
            if content is None and decided.effect.releases:
                absence = "not_used" if category in not_used else "not_recorded"
            sections[category] = Section(
                decided,
                content,
                absence,
                tuple(s for s in together if s != subject.id and s in seen),
                pack.told(decided.obligations) if decided.effect.releases else (),
                question.basis if decided.effect.releases else None,
                question.retain_until if decided.effect.releases else None,
                _decided_by(case, subject.id, category, due) if decided.effect is Effect.HOLD else None,
                category in case.decided[subject.id],
                tuple((sealed.owner_id, one) for sealed, one in every),
            )
        subjects.append(DisclosedSubject(subject.id, subject.kind, sections, _protected(subject)))
    return DisclosedCase(case.case, tuple(subjects))


def _decided_by(case: RuledCase, subject_id: SubjectId, category: Category, due: Due) -> datetime | None:
    """A section that siblings share may be held because of any of them: whose it was is never named."""
    sharing = case.case.summary.sharing if case.case.summary else ()
    together = {s for shared, subjects in sharing if shared == category and subject_id in subjects for s in subjects}
    return max((due[s, category] for s in {subject_id, *together} if (s, category) in due), default=None)


def _is_shown(case: RuledCase, subject: SubjectOnFile) -> bool:
    """How many people a family has is itself about the family: of a published case the requester sees those about whom
    it has a consent that names it, of a message those of whom something was sent; and everybody of whom something is
    released."""
    if subject.sent if case.case.message is not None else subject.consents:
        return True
    rulings = case.rulings[subject.id].by_category
    return any(category in MESSAGE_CATEGORIES and r.effect.releases for category, r in rulings.items())


def _protected(subject: SubjectOnFile) -> bool:
    return any(fact.fact == "location_protected" for fact in subject.facts)


# --- what a holder keeps of its own cases -----------------------------------------------------------------------------


class OwnKept(Protocol):
    """What was found for somebody who may read it: the fields of the entry, what is sealed (with whom, for which place),
    and the family."""

    @property
    def entry(self) -> Mapping[str, JsonValue]: ...
    @property
    def sealed(self) -> Sequence[tuple[SubjectId, str, bytes]]: ...
    @property
    def members(self) -> Sequence[SubjectOnFile]: ...


Own = TypeVar("Own", bound=OwnKept)


def disclose_own(
    house: House, find: Callable[[Unit], Own], kind: EventKind, now: datetime
) -> tuple[Own, list[bytes | None], Mapping[SubjectId, DecisionFacts]]:
    """What a holder keeps of its own cases, for its own people: no recipient and no ruling, since nothing leaves the holder.

    `find` judges who asks, and raises before it looks at anything sealed. The entry is committed; only then what was found is
    opened, in its order (None once the keys are destroyed), with the birth dates of the family.
    """
    with house.store.writing() as unit:
        found = find(unit)
        append_entry(unit, kind, dict(found.entry), now)
    opened = house.vault.open_all_words(found.sealed)
    return found, opened, _decision_facts_of(house, found.members)


class OwnContents(Protocol):
    """What a file of one's own is made of: sealed sections and words, records of own lists, files of documents, and whose birth
    dates stand in it."""

    @property
    def sealed(self) -> Sequence[tuple[SubjectId, str, bytes]]: ...
    @property
    def sections(self) -> Sequence[SealedSection]: ...
    @property
    def lists(self) -> Sequence[KeptRecord]: ...
    @property
    def files(self) -> Sequence[Attachment]: ...
    @property
    def members(self) -> Sequence[SubjectOnFile]: ...


class OwnFile(Protocol):
    """What was found for a file of one's own, and the fields of its entry."""

    @property
    def entry(self) -> Mapping[str, JsonValue]: ...
    @property
    def contents(self) -> OwnContents: ...


File = TypeVar("File", bound=OwnFile)


@dataclass(frozen=True, slots=True)
class OpenedOwn:
    """What was opened for a holder: sections by identifier, words in the order of `sealed` (None once keys are destroyed),
    records of own lists by their keys, files by their documents (none that is lost), what decisions rest on by person."""

    entry_id: EntryId
    sections: Mapping[SectionId, Mapping[str, object]]
    words: list[bytes | None]
    lists: Mapping[str, bytes] = field(default_factory=dict)
    files: Mapping[str, OpenedFile] = field(default_factory=dict)
    members: Mapping[SubjectId, DecisionFacts] = field(default_factory=dict)


def disclose_own_file(
    house: House, find: Callable[[Unit], File], kind: EventKind, now: datetime
) -> tuple[File, OpenedOwn]:
    """The same for a file that a holder takes away: also what it published and sent itself, and the documents it sent with it.

    `find` judges who asks, and brings nothing that another organisation wrote.
    """
    with house.store.writing() as unit:
        found = find(unit)
        entry_id = append_entry(unit, kind, dict(found.entry), now)
    own = found.contents
    sections = {section_id: json.loads(plain) for section_id, plain in house.vault.open_sections(own.sections).items()}
    alive = house.vault.alive(subject.id for subject in own.members)
    return found, OpenedOwn(
        entry_id,
        sections,
        house.vault.open_all_words(own.sealed),
        house.vault.open_drafts({record.key_id: record.sealed for record in own.lists}),
        dict(_own_files(house, own.files, entry_id)),
        _decision_facts_of(house, [subject for subject in own.members if subject.id in alive]),
    )


def _own_files(house: House, files: Sequence[Attachment], entry_id: EntryId) -> Iterator[tuple[str, OpenedFile]]:
    if house.blobs is None:
        return
    for document in files:
        with suppress(SealBroken):  # one that was damaged must not keep the others here
            if opened := _opened_file(house, house.blobs, document, entry_id):
                yield document.id, opened


# --- documents of a message ------------------------------------------------------------------------------------------


def disclose_documents(house: House, message_id: MessageId, disclosed: Disclosed) -> tuple[Document, ...]:
    """After `disclose` of a message: its documents whose category is released whole; the others are not fetched."""
    whole = _whole(disclosed)
    with house.store.reading() as unit:
        found = unit.attachments.of_message(message_id, {category for _, category in whole})
    shown = [document for document in found if (document.subject_id, document.category) in whole]
    words = house.vault.open_all_words([(d.subject_id, f"attachment:{d.id}", d.sealed) for d in shown])
    return tuple(
        _document(document, json.loads(plain))
        for document, plain in zip(shown, words, strict=True)
        if plain is not None  # its subject's keys are destroyed (law 12)
    )


def disclose_file(
    house: House, blobs: Blobs, message_id: MessageId, attachment_id: str, disclosed: Disclosed
) -> OpenedFile | None:
    """After `disclose` of a message: the file of one document, if its category is released whole and its key is there."""
    whole = _whole(disclosed)
    with house.store.reading() as unit:
        found = unit.attachments.of_message(message_id, {category for _, category in whole})
    document = next((d for d in found if d.id == attachment_id and (d.subject_id, d.category) in whole), None)
    return _opened_file(house, blobs, document, disclosed.entry_id) if document is not None else None


def disclose_sent_file(
    house: House,
    blobs: Blobs,
    find: Callable[[Unit], tuple[Attachment, Mapping[str, JsonValue]]],
    kind: EventKind,
    now: datetime,
) -> OpenedFile | None:
    """The file of a document for the organisation that sent it: as `disclose_own`, nothing is ruled, since nothing leaves whose
    it is. `find` judges who asks, and raises before it looks at anything sealed; it gives the fields of the entry."""
    with house.store.writing() as unit:
        document, body = find(unit)
        entry_id = append_entry(unit, kind, dict(body), now)
    return _opened_file(house, blobs, document, entry_id)


def _opened_file(house: House, blobs: Blobs, document: Attachment, entry_id: EntryId) -> OpenedFile | None:
    """After its entry; None where there is no file, or no key for it any more."""
    if document.upload_id is None or document.wrapped_key is None:
        return None
    (words,) = house.vault.open_all_words([(document.subject_id, f"attachment:{document.id}", document.sealed)])
    if words is None:  # before a file is opened that nobody would close
        return None
    source = blobs.open(document.upload_id)
    if source is None:
        return None
    wraps = {document.subject_id: document.wrapped_key}
    file = house.vault.open_file(document.id, document.upload_id, wraps, source)
    return OpenedFile(_document(document, json.loads(words)), file, entry_id) if file else None


def _whole(disclosed: Disclosed) -> frozenset[tuple[SubjectId, Category]]:
    return frozenset(
        (subject.id, category)
        for case in disclosed.cases
        for subject in case.subjects
        for category, section in subject.sections.items()
        if section.ruling.effect is Effect.PERMIT
    )


def _document(document: Attachment, words: Mapping[str, Any]) -> Document:
    return Document(
        document.id,
        document.subject_id,
        document.category,
        words["document_type"],
        words.get("issued_on"),
        tuple(words.get("signers", ())),
        document.sha256,
        document.media_type,
        document.size,
        document.upload_id is not None,
        document.end_to_end,
        document.seal_key,
    )
