"""«Получатель увидит»: exactly what would be sent, category by category, with the rule; nothing else can be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.use_cases.attachment_values import Upload
from gateway.use_cases.disclose import RuledCase
from gateway.use_cases.house import House
from gateway.use_cases.values import Organisation
from policies.facts import Facts
from policies.ruling import CategoryRuling, Effect
from schemas import categories as c
from schemas.attachments import AttachmentDraft
from schemas.ids import Category, SubjectId
from schemas.messages import MessageDraft


@dataclass(frozen=True, slots=True)
class PersonPreview:
    """What the recipient will see of one person: the ruling per category and the content after the door."""

    kind: str
    role: str | None
    rulings: Mapping[Category, CategoryRuling]
    contents: Mapping[Category, Mapping[str, object]]
    told: Mapping[Category, tuple[str, ...]]

    @property
    def obligations(self) -> tuple[str, ...]:
        """What the recipient must observe for any of the sections."""
        return tuple(dict.fromkeys(code for codes in self.told.values() for code in codes))


@dataclass(frozen=True, slots=True)
class DocumentPreview:
    """One document as the recipient will see it: whole or not at all, for no mask knows what a scan shows. `when_accepted`: the
    ruling masks its category now, and releases it whole once the recipient has accepted."""

    person: int
    draft: AttachmentDraft
    ruling: CategoryRuling
    media_type: str | None = None
    size: int | None = None
    sha256: str | None = None
    end_to_end: bool = False
    when_accepted: bool = False

    @property
    def shown(self) -> str:
        """now, accepted (then), masked (not while it is), held (a person decides) or never (it is not sent)."""
        return "accepted" if self.when_accepted else _SHOWN[self.ruling.effect]

    @property
    def kept(self) -> bool:
        """Whether it goes with the message at all."""
        return self.ruling.effect is not Effect.DENY


_SHOWN = {Effect.PERMIT: "now", Effect.MASK: "masked", Effect.HOLD: "held", Effect.DENY: "never"}


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent in which lane, and the rule that stops it, if one does. `notes` are dates, codes and words that
    name nobody: they go as they are."""

    recipient: Organisation
    purpose: str
    people: tuple[PersonPreview, ...]
    blocked_by: CategoryRuling | None
    is_held: bool = False
    """Whether all of it waits for a person of the sender: no child may be named before somebody has said yes."""
    lane: str = ""
    notes: Mapping[str, str] | None = None
    documents: tuple[DocumentPreview, ...] = ()


def preview_of(
    house: House,
    draft: MessageDraft,
    recipient: Organisation,
    lane: str,
    subject_ids: Sequence[SubjectId],
    ruled: RuledCase,
    purpose: str,
    *,
    names_a_child: bool,
    uploads: Mapping[int, Upload],
) -> Preview:
    """`names_a_child`: a message of this type is about somebody, and is not sent where nobody may be named."""
    words = house.pack.words_travel(purpose)
    people = []
    for person, subject_id in zip(draft.persons, subject_ids, strict=True):
        ruling = ruled.rulings[subject_id]
        rulings, contents, told = {}, {}, {}
        for category, value in draft.sections_of(person).items():
            decided = ruling.by_category[category]
            rulings[category] = decided
            told[category] = house.pack.told(decided.obligations) if decided.effect.releases else ()
            if decided.effect is Effect.PERMIT:
                contents[category] = value
            elif decided.effect is Effect.MASK:
                contents[category] = house.pack.mask("message", category, value, words_travel=words)
        people.append(PersonPreview(person.kind, person.role, rulings, contents, told))
    effects = {
        ruling.effect
        for person in people
        for category, ruling in person.rulings.items()
        if not names_a_child or (person.kind == "child" and category == c.IDENTITY)
    }
    goes = any(effect.releases for effect in effects)
    waits = not goes and Effect.HOLD in effects
    blocked = None if goes or waits else _blocked_by(people)
    notes = {note.field: note.value for note in draft.notes}
    documents = _documents(house, draft, ruled, subject_ids, uploads)
    return Preview(recipient, purpose, tuple(people), blocked, waits, lane, notes, documents)


def _documents(
    house: House,
    draft: MessageDraft,
    ruled: RuledCase,
    subject_ids: Sequence[SubjectId],
    uploads: Mapping[int, Upload],
) -> tuple[DocumentPreview, ...]:
    facts = {question.subject_id: question.facts for question in ruled.questions}
    found = []
    for place, document in enumerate(draft.attachments):
        subject_id, category = subject_ids[document.person], Category(document.category)
        ruling = ruled.ruling(subject_id, category)
        opens = ruling.effect is Effect.MASK and _once_accepted(house, facts[subject_id], category)
        seen = DocumentPreview(document.person, document, ruling, sha256=document.sha256, when_accepted=opens)
        upload = uploads.get(place)
        if upload is not None:
            seen = replace(
                seen,
                media_type=upload.media_type,
                size=upload.size,
                sha256=upload.sha256,
                end_to_end=upload.end_to_end,
            )
        found.append(seen)
    return tuple(found)


def _once_accepted(house: House, facts: Facts, category: Category) -> bool:
    """The same ruling on the day when the recipient has taken it on, everything else being as it is."""
    return house.pack.decide(replace(facts, accepted=True)).by_category[category].effect is Effect.PERMIT


def _blocked_by(people: Sequence[PersonPreview]) -> CategoryRuling | None:
    """A message that identifies no child would be a message about nobody: the rule that withholds ID stops it."""
    children = [person for person in people if person.kind == "child"] or people
    stopped = [ruling for child in children for ruling in child.rulings.values() if not ruling.effect.releases]
    by_identity = [ruling for ruling in stopped if ruling.category == c.IDENTITY]
    return next(iter(by_identity or stopped), None)
