"""A fact that its owner records about a member of a family, on evidence: as it is sent by API and at the command line."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from schemas.days import Day
from schemas.model import Model
from schemas.sections import Code, Identifiers, Line, PartialDate

Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Ogrn = Annotated[str, StringConstraints(pattern=r"^\d{13}$|^\d{15}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
SubjectKind = Literal["child", "parent"]
Who = Literal["mother", "father", "guardian"]


class PersonNamed(Model):
    """A member of a family, named in one of three ways.

    `ref`: one's own identifier. `pseudonym`: the one under which another's summary or message showed the person.
    `identifiers`: SNILS or birth certificate, for a body that acts by law on whoever has them; `kind` and `birth_date` then
    go with them, because the body's own file about the person may begin with this.
    """

    ref: Line | None = None
    pseudonym: Line | None = None
    identifiers: Identifiers | None = None
    kind: SubjectKind = "child"
    birth_date: PartialDate | None = None

    @model_validator(mode="after")
    def _is_named(self) -> PersonNamed:
        if (self.pseudonym is None) == (self.ref is None and self.identifiers is None):
            msg = "name the person by pseudonym, or by ref or identifiers"
            raise ValueError(msg)
        return self


class FactDocument(Model):
    """The act, order, decision or request a fact rests on. The copy stays with who records it: `copy_digest` is its SHA-256."""

    number: Line | None = None
    on: date | None = None
    copy_digest: Digest | None = None
    reasons: Words | None = None


class FactDraft(Model):
    """One fact of the pack (rules 3.8). `about` (or `about_who`, where that adult has no file) names the adult of whom an
    act about a child speaks; `organisations` are the participants of a plan, or the authority that asks."""

    fact: Code
    person: PersonNamed
    about: PersonNamed | None = None
    about_who: Who | None = None
    value: Code | None = None
    organisations: tuple[Ogrn, ...] = ()
    document: FactDocument = Field(default_factory=FactDocument)
    until: Day | None = None
    replaces: Line | None = None
