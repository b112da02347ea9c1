"""The part of the schema about what is kept of one's own cases, their norms, and the load of one's people.

Internal to the holder: a case of somebody else answers as an invented one, and nothing here travels.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry.types import Info

from gateway.graphql.context import Context
from gateway.graphql.generated import LocalDate
from gateway.graphql.practices import SCOPE, PracticeCode
from gateway.use_cases.keep_case_record import keep_case_record
from gateway.use_cases.read_case_records import CaseRecords, read_case_records
from gateway.use_cases.read_loads import COMPLEX, PersonLoad, read_loads
from policies import case_records as kinds
from policies.case_records import Closing, Record, Said, is_used, titles
from policies.norms import Standing
from policies.profile import Profile


@strawberry.enum(description="What is kept of a case by its practice.")
class CaseRecordKind(Enum):
    """Kinds of records."""

    CASE_TYPE = kinds.CASE_TYPE
    SCENARIO = kinds.SCENARIO
    READINESS = kinds.READINESS
    NEEDS = kinds.NEEDS
    WELLBEING = kinds.WELLBEING
    CHECKLIST = kinds.CHECKLIST
    CLOSING = kinds.CLOSING
    SPENDING = kinds.SPENDING


@strawberry.type(
    description="A kind of record and the codes of your practice for it. Not `used`: not used in this practice. Parts of the"
    " checklist have codes of their own: `part`."
)
class CaseRecordList:
    kind: CaseRecordKind
    used: bool
    part: str | None
    codes: list[PracticeCode]


@strawberry.type(description="A state of one code: of a need or of a sphere of a child's life.")
class CaseRecordState:
    code: str
    state: str


@strawberry.input(description="A state of one code: of a need or of a sphere of a child's life.")
class CaseRecordStateInput:
    code: str
    state: str


@strawberry.type(
    description="One record, the latest first. `readable` is false once the keys of whom it is about are destroyed; nothing"
    " else of it is there then."
)
class CaseRecordNode:
    kind: CaseRecordKind
    about: strawberry.ID | None
    at: datetime
    recorded_at: datetime
    readable: bool
    code: str | None
    codes: list[str] | None
    states: list[CaseRecordState] | None
    part: str | None
    at_closing: bool
    year: int | None
    roubles: int | None


@strawberry.type(description="One of the family by your own pseudonym. `age` is null where no birth date is on file.")
class CaseMemberNode:
    id: strawberry.ID
    kind: str
    age: int | None
    unborn: bool


@strawberry.type(description="What of a part of the checklist is not met; `assessed` is false where nobody looked.")
class ChecklistPartNode:
    part: str
    assessed: bool
    unmet: list[str]


@strawberry.type(
    description="How the case stands by what its practice asks for at closing. It informs and blocks nothing. `alone`: the met"
    " criterion that is enough by itself. `childrenWithoutRecord`: whose life was not recorded at closing."
)
class CaseClosingNode:
    assessed: bool
    holds: bool
    met: list[str]
    unmet: list[str]
    alone: str | None
    children_without_record: list[strawberry.ID]
    checklist: list[ChecklistPartNode]


@strawberry.type(
    description="A norm of the practice and what was measured: it informs, partly experimental, and blocks nothing. `verdict`:"
    " within, under, over, unknown (nothing is recorded to measure it by)."
)
class NormNode:
    code: str
    title: str
    unit: str
    at_least: float | None
    at_most: float | None
    usual: float | None
    value: float | None
    verdict: str


@strawberry.type(
    description="What is kept of one's own case. `until`: when permanent support ends, the majority of the youngest child;"
    " null too where a birth date is not on file."
)
class CaseRecordsNode:
    lists: list[CaseRecordList]
    family: list[CaseMemberNode]
    records: list[CaseRecordNode]
    until: LocalDate | None
    closing: CaseClosingNode | None
    norms: list[NormNode]


@strawberry.type(description="How many cases one of your people has. Norms are about curators.")
class PersonLoadNode:
    name: str
    is_curator: bool
    open_cases: int
    post_support: int
    norms: list[NormNode]


@strawberry.type(description="The load of your people, and open cases on which nobody works.")
class LoadsNode:
    people: list[PersonLoadNode]
    unassigned: int


@strawberry.input(
    description="What is to be kept: `code` of a type, a scenario or readiness; `codes` that are met, of closing or a `part` of"
    " the checklist; `states` of every need (open, met, none) or sphere (first, better, same, worse); `roubles` of a"
    " `year`, all of it so far. `about`: one of the family, for readiness, well-being, and the checklist of a child or"
    " a parent. `at`: when it was so (default: now)."
)
class CaseRecordInput:
    case_id: strawberry.ID
    kind: CaseRecordKind
    code: str | None = None
    codes: list[str] | None = None
    states: list[CaseRecordStateInput] | None = None
    part: str | None = None
    at_closing: bool = False
    year: int | None = None
    roubles: int | None = None
    about: strawberry.ID | None = None
    at: datetime | None = None


@strawberry.type(description="The entry of a record, and the terms that ended and started with it.")
class CaseRecordKept:
    entry_id: strawberry.ID
    started: list[str]
    ended: list[str]


@strawberry.type
class CaseRecordQuery:
    """What is kept of one's own cases."""

    @strawberry.field(
        description="Everything that is kept of a case that you hold, and how it stands by the norms of your practice. Each"
        " reading is an entry."
    )
    def case_records(self, info: Info[Context, None], case_id: strawberry.ID) -> CaseRecordsNode:
        context = info.context
        context.need(SCOPE)
        return _records(read_case_records(context.house, context.requester, case_id, context.now))

    @strawberry.field(description="How many cases each of your people has, by the norms of your practice.")
    def loads(self, info: Info[Context, None]) -> LoadsNode:
        context = info.context
        context.need(SCOPE)
        found = read_loads(context.house, context.requester, context.now)
        return LoadsNode(people=[_load(person) for person in found.people], unassigned=found.unassigned)


@strawberry.type
class CaseRecordMutation:
    """Keep something of a case."""

    @strawberry.mutation(
        description="Keep something of a case that you hold, by your practice. Nothing is changed: a later record takes the"
        " place of an earlier one."
    )
    def keep_case_record(self, info: Info[Context, None], input: CaseRecordInput) -> CaseRecordKept:  # noqa: A002  the API's word
        context = info.context
        context.need(SCOPE)
        said = Said(
            input.kind.value,
            input.code,
            tuple(input.codes or ()),
            {row.code: row.state for row in input.states or ()},
            input.part,
            input.at_closing,
            input.year,
            input.roubles,
        )
        kept = keep_case_record(
            context.house, context.requester, input.case_id, said, context.now, subject=input.about, at=input.at
        )
        return CaseRecordKept(
            entry_id=strawberry.ID(kept.entry_id),
            started=sorted(timer.timer for timer in kept.started),
            ended=sorted(timer.timer for timer in kept.ended),
        )


# --- rendering -------------------------------------------------------------------------------------------------------


def _records(found: CaseRecords) -> CaseRecordsNode:
    return CaseRecordsNode(
        lists=_lists(found.profile),
        family=[
            CaseMemberNode(id=strawberry.ID(member.pseudonym), kind=member.kind, age=member.age, unborn=member.unborn)
            for member in found.members
        ],
        records=[_record(record) for record in found.records],
        until=_local(found.until),
        closing=_closing(found.closing) if found.closing else None,
        norms=[norm_node(standing) for standing in found.norms],
    )


def _lists(profile: Profile) -> list[CaseRecordList]:
    found = []
    for kind in CaseRecordKind:
        parts: list[str | None] = list(profile.checklist) if kind is CaseRecordKind.CHECKLIST else [None]
        found += [
            CaseRecordList(
                kind=kind,
                used=is_used(profile, kind.value),
                part=part,
                codes=[
                    PracticeCode(code=code, title=title) for code, title in titles(profile, kind.value, part).items()
                ],
            )
            for part in parts or [None]
        ]
    return found


def _record(record: Record) -> CaseRecordNode:
    value = record.value or {}
    states = value.get("states")
    return CaseRecordNode(
        kind=CaseRecordKind(record.kind),
        about=strawberry.ID(record.about) if record.about else None,
        at=record.at,
        recorded_at=record.recorded_at,
        readable=record.value is not None,
        code=value.get("code"),
        codes=value.get("met"),
        states=[CaseRecordState(code=code, state=state) for code, state in states.items()] if states else None,
        part=value.get("part"),
        at_closing=bool(value.get("closing")),
        year=value.get("year"),
        roubles=value.get("roubles"),
    )


def _closing(found: Closing) -> CaseClosingNode:
    return CaseClosingNode(
        assessed=found.assessed,
        holds=found.holds,
        met=list(found.met),
        unmet=list(found.unmet),
        alone=found.alone,
        children_without_record=[strawberry.ID(child) for child in found.children],
        checklist=[
            ChecklistPartNode(part=part, assessed=rest is not None, unmet=list(rest or ()))
            for part, rest in found.parts.items()
        ],
    )


def norm_node(standing: Standing) -> NormNode:
    """A norm with its figures."""
    row = standing.row
    least, most, usual, value = (
        None if number is None else float(number) for number in (row.at_least, row.at_most, row.usual, standing.value)
    )
    return NormNode(
        code=standing.code,
        title=row.title_ru,
        unit=row.unit_ru,
        at_least=least,
        at_most=most,
        usual=usual,
        value=value,
        verdict=standing.verdict.value,
    )


def _load(person: PersonLoad) -> PersonLoadNode:
    return PersonLoadNode(
        name=person.name,
        is_curator=person.is_curator,
        open_cases=person.load.cases,
        post_support=person.load.post_support_families,
        # Scores serve people alone: what is counted by them is on the page of who leads, and not here.
        norms=[norm_node(standing) for standing in person.norms if standing.code != COMPLEX],
    )


def _local(day: date | None) -> LocalDate | None:
    return LocalDate(day.isoformat()) if day else None
