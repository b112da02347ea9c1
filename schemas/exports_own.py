"""What a holder takes away beside cases, consents and messages: documents with their files, recorded facts, scores, terms.
And what an export does not have: it is listed in the export itself, so that nothing is missing in silence.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import resources
from typing import Final, Literal

from schemas.ids import Category
from schemas.package import Said

NoFile = Literal["", "no_file", "erased", "taken_back", "lost"]
"""Why a document has no file in the export. Empty: its file is there, or in the part of documents; `no_file`: it is known as a
fact only; `erased`: its keys are destroyed; `taken_back`: its message is opened by nobody any more; `lost`: the file is not
where it was put."""


@dataclass(frozen=True, slots=True)
class ExportDocument:
    """A document of a message. `file` is its name in the archive, where its bytes are; `sha256` is of these bytes. Without
    `id` only what its reader is told of it is known."""

    category: Category
    kind: Said
    issued_on: date | None = None
    sha256: str | None = None
    id: str = ""
    message: str = ""
    person: str = ""
    person_kind: str = ""
    sent_at: datetime | None = None
    signers: tuple[str, ...] = ()
    media_type: str | None = None
    size: int | None = None
    end_to_end: bool = False
    file: str | None = None
    sha1: str | None = None
    absence: NoFile = ""


@dataclass(frozen=True, slots=True)
class ExportFactEvent:
    """What the exporting organisation did with a fact. `document` are number and date of its document and the reasons;
    `absence` is erased once the keys are destroyed."""

    event: str
    at: datetime
    evidence_digest: str | None = None
    document: Mapping[str, str] = field(default_factory=dict)
    absence: Literal["", "erased"] = ""


@dataclass(frozen=True, slots=True)
class ExportFact:
    """A fact that the exporting organisation recorded, in force or not any more. `about`, or `about_who` where that adult
    has no file, is whom an act about the child names; `organisations` whom it names, by OGRN."""

    id: str
    person: str
    person_kind: str
    fact: Said
    from_at: datetime
    to_at: datetime | None = None
    value: str | None = None
    about: str | None = None
    about_who: str | None = None
    organisations: tuple[str, ...] = ()
    evidence_digest: str | None = None
    everywhere: bool = False
    review_by: datetime | None = None
    fact_events: tuple[ExportFactEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportPoint:
    """The points of one criterion."""

    criterion: Said
    points: int


@dataclass(frozen=True, slots=True)
class ExportScore:
    """A score of one's own case, for the holder alone. `level` where the practice has its thresholds; `absence` is erased once
    its keys are destroyed."""

    id: str
    case: str
    score: Said
    at: datetime
    total: int | None = None
    level: Said | None = None
    points: tuple[ExportPoint, ...] = ()
    absence: Literal["", "erased"] = ""


@dataclass(frozen=True, slots=True)
class ExportPause:
    """A time in which a term stood still, and why."""

    begins: datetime
    ends: datetime | None
    reason: Said


@dataclass(frozen=True, slots=True)
class ExportTerm:
    """A term of the exporting organisation, running or over: of its practice, or (`practice` None) of the pack. `about` is the
    case, the message or the fact that it is about."""

    id: str
    term: Said
    about_kind: str
    about: str
    practice: str | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    reminder: bool = False
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    paused_at: datetime | None = None
    done_at: datetime | None = None
    pauses: tuple[ExportPause, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ExportNote:
    """What people of the exporting organisation noted for themselves: a note at handing a message over, an agenda, a joint
    decision that it proposed. `about` are messages, of an agenda cases; `values` words and codes; `absence` is erased once
    the key of the words is destroyed."""

    id: str
    kind: Said
    at: datetime
    about: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    ended_at: datetime | None = None
    absence: Literal["", "erased"] = ""


# --- what is not in an export ----------------------------------------------------------------------------------------

EVERY: Final = "every"


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """One thing that exports of these scopes do not have, in every form or in one."""

    code: str
    scopes: frozenset[str]
    form: str
    ru: str
    en: str


@functools.cache
def left_out_rows() -> tuple[LeftOutRow, ...]:
    """Rows of `export_left_out.csv`."""
    table = resources.files("schemas").joinpath("data", "export_left_out.csv").read_text("utf-8")
    return tuple(
        LeftOutRow(row["code"], frozenset(row["scopes"].split("|")), row["form"], row["ru"], row["en"])
        for row in csv.DictReader(table.splitlines())
    )


def left_out(scope: str, form: str, withheld: tuple[str, str]) -> tuple[Said, ...]:
    """What an export of this scope (own, own_case, case, thread) in this form does not have, and why. `withheld`: the
    categories that no program lets out by itself, in Russian and in English words."""
    russian, english = withheld
    return tuple(
        Said(row.code, row.ru.replace("{withheld}", russian), row.en.replace("{withheld}", english))
        for row in left_out_rows()
        if scope in row.scopes and row.form in {EVERY, form}
    )
