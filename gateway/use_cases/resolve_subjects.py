"""Find the members of a family among those an organisation registered itself; prepare those it names for the first time.

The organisation's own identifier, then SNILS, then the birth certificate, each through a keyed blind index. Two
identifiers that lead to two different subjects are an error for a human, never a silent merge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.use_cases.copy_facts import inherit_facts
from gateway.use_cases.decision_facts import DecisionFacts
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import SubjectOnFile
from schemas.errors import BadInput
from schemas.ids import OrganisationId, SubjectId, new_id
from schemas.sections import Identifiers

OWN_REFERENCE = "ref"


@dataclass(frozen=True, slots=True)
class Named:
    """How an organisation names a person: its own identifier, official identifiers, and what decisions need."""

    kind: str
    ref: str | None = None
    identifiers: Identifiers | None = None
    birth_date: str | None = None
    emancipated: bool = False

    def decision_facts(self) -> DecisionFacts:
        """What decisions need of this person."""
        return DecisionFacts(self.birth_date, self.emancipated)

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Pairs of index kind and value, surest first."""
        found: list[tuple[str, str]] = []
        if self.ref:
            found.append((OWN_REFERENCE, self.ref))
        if self.identifiers and self.identifiers.snils:
            found.append(("snils", self.identifiers.snils))
        document = self.identifiers.document if self.identifiers else None
        if document and document.series and self.kind == "child":
            found.append(("birth_certificate", f"{document.series}\x00{document.number}"))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A subject, and whether it is new to the gateway."""

    subject_id: SubjectId
    named: Named
    is_new: bool
    unindexed: tuple[tuple[str, str], ...] = ()  # keys by which it could not be found until now

    def on_file(self) -> SubjectOnFile:
        """A new subject as the gate sees it: no consents, no facts, only what decisions need."""
        return SubjectOnFile(self.subject_id, self.named.kind, self.named.decision_facts())


def resolve_subjects(
    house: House, unit: Unit, organisation_id: OrganisationId, people: Sequence[Named]
) -> tuple[Resolved, ...]:
    """One subject per person, in order. Nothing is stored: `register_subjects` makes the new ones last.

    Raises BadInput subject_ambiguous (which person, never which values).
    """
    candidates = house.vault.find_subjects(organisation_id, [person.keys() for person in people])
    every = sorted({subject for person in candidates for matches in person for subject in matches})
    # Asked also where nobody was found: whether others know somebody by these identifiers is not to be told by a statement.
    mine = set(unit.families.registered(organisation_id, every))
    found = []
    for number, (person, matches) in enumerate(zip(people, candidates, strict=True), start=1):
        own = {subject for match in matches for subject in match & mine}
        if len(own) > 1:
            raise BadInput("subject_ambiguous", person=number)
        subject_id = next(iter(own), None)
        unindexed = tuple(
            key
            for key, match in zip(person.keys(), matches, strict=True)
            if subject_id is None or subject_id not in match
        )
        found.append(Resolved(subject_id or SubjectId(new_id()), person, subject_id is None, unindexed))
    return tuple(found)


def register_subjects(
    house: House,
    unit: Unit,
    organisation_id: OrganisationId,
    resolved: Sequence[Resolved],
    now: datetime,
    *,
    synthetic: bool = False,
) -> None:
    """Make the new ones last, and index what is newly known of the others.

    Keys and indexes go first, into the key store: an orphan key opens nothing, while data without its key would be lost.
    What a body has recorded about a person by law holds in this file too, from its first moment.
    """
    new = [person for person in resolved if person.is_new]
    sealed = house.vault.create_subjects({p.subject_id: p.named.decision_facts().to_bytes() for p in new})
    for person in new:
        unit.families.add_subject(
            person.subject_id,
            person.named.kind,
            organisation_id,
            sealed[person.subject_id],
            now,
            synthetic=synthetic,
        )
    unindexed = {person.subject_id: person.unindexed for person in resolved if person.unindexed}
    house.vault.index_subjects(organisation_id, unindexed)
    official = [s for s, keys in unindexed.items() if any(kind != OWN_REFERENCE for kind, _ in keys)]
    if official:
        inherit_facts(house, unit, official, now)
