"""Exports made by Hypothesis: every field of every section, in every state that a ruling may leave it in."""

from __future__ import annotations

import functools
import types
import typing
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st
from pydantic import StringConstraints, TypeAdapter, ValidationError

from gateway.use_cases.package_content import fields_of
from schemas import categories as c
from schemas.exports import (
    Export,
    ExportAuthority,
    ExportCase,
    ExportConsent,
    ExportCourseEvent,
    ExportKept,
    ExportMessage,
    ExportPerson,
    ExportReceipt,
    ExportRecord,
    ExportSection,
    ExportSigner,
    Party,
)
from schemas.exports_own import (
    ExportDocument,
    ExportFact,
    ExportFactEvent,
    ExportNote,
    ExportPause,
    ExportPoint,
    ExportScore,
    ExportTerm,
    left_out,
)
from schemas.lifecycle import Event, State
from schemas.messages import message_types
from schemas.model import Model
from schemas.package import Said
from schemas.sections import MESSAGE_SECTIONS, SUMMARY_SECTIONS, message_fields, summary_fields

REFS = tuple(character * 52 for character in "abcdef")
texts = st.text(min_size=1, max_size=30)
days = st.dates(date(2000, 1, 1), date(2040, 1, 1))
instants = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
uuids = st.uuids().map(str)
FORMULAS = (
    "=1+1",
    "@SUM(A1)",
    "+7",
    "-2|cmd!A0",
    "\tx",
    "'x",
    'a;b"c',
    "a\nb\r\nc",
    "<b>&amp;</b>",
    "\x00\x08я",
    "2026-02-30",
    "0000-01-01",
)
lines = texts | st.sampled_from(FORMULAS)


def _is_taken(of: TypeAdapter[Any], value: str) -> bool:
    """Whether the type takes what its pattern takes: some ask more (a day that the calendar has)."""
    try:
        of.validate_python(value)
    except ValidationError:
        return False
    return True


def value_of(annotation: Any) -> st.SearchStrategy[Any]:
    """A JSON value that a field of this type may have."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        limits = next((limit for limit in arguments if isinstance(limit, StringConstraints)), None)
        if limits is not None and limits.pattern:
            taken = functools.partial(_is_taken, TypeAdapter(annotation))
            return st.from_regex(limits.pattern, fullmatch=True).filter(str.isascii).filter(taken)
        return lines
    if origin in (types.UnionType, typing.Union):
        return st.one_of(*(value_of(one) for one in arguments if one is not type(None)))
    if origin is tuple:
        return st.lists(value_of(arguments[0]), max_size=3)
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return values_of(annotation)
    return {str: lines, bool: st.booleans(), date: days.map(date.isoformat)}[annotation]


def values_of(model: type[Model]) -> st.SearchStrategy[dict[str, Any]]:
    """The JSON form of a model, with any of its optional fields."""
    required = {name: value_of(info.annotation_of) for name, info in _fields(model) if info.needed}
    optional = {name: value_of(info.annotation_of) for name, info in _fields(model) if not info.needed}
    return st.fixed_dictionaries(required, optional=optional)


class _Info(typing.NamedTuple):
    annotation_of: Any
    needed: bool


def _fields(model: type[Model]) -> list[tuple[str, _Info]]:
    hints = typing.get_type_hints(model, include_extras=True)
    return [(name, _Info(hints[name], info.is_required())) for name, info in model.model_fields.items()]


@st.composite
def sections(draw: Any, category: Any, *, of_message: bool) -> ExportSection:
    model = (MESSAGE_SECTIONS if of_message else SUMMARY_SECTIONS)[category]
    rows = (message_fields() if of_message else summary_fields())[category]
    effect = draw(st.sampled_from(("released", "masked", "held", "withheld", "own")))
    content, absence = None, ""
    if effect in {"released", "masked", "own"}:
        content = draw(values_of(model)) if draw(st.booleans()) else None
        absence = "" if content is not None else draw(st.sampled_from(("not_recorded", "not_used", "erased")))
    return ExportSection(
        category,
        f"Раздел {category}",
        str(category),
        effect,
        draw(st.sampled_from(("", "RU-152-6-1", "NOT_RELEASED"))),
        "152-ФЗ ст. 6",
        "Основание",
        "Получите согласие",
        absence,
        content,
        tuple(fields_of(rows, content)) if content is not None else (),
        (Said("ERASE_BY", "Уничтожить"),) if content is not None else (),
        (),
        draw(st.none() | days),
        draw(instants) if effect == "held" else None,
        draw(st.none() | st.just("a" * 64)),
        draw(st.none() | days),
        draw(st.none() | days),
        draw(st.just("") | texts),
    )


@st.composite
def people(draw: Any, *, of_message: bool = False) -> tuple[ExportPerson, ...]:
    known = [category for category in c.SECTION_CATEGORIES if category != c.ADOPTION or not of_message]
    refs = draw(st.lists(st.sampled_from(REFS), max_size=3, unique=True))
    return tuple(
        ExportPerson(
            ref,
            "parent" if ref in REFS[3:] else "child",
            tuple(
                draw(sections(category, of_message=of_message))
                for category in draw(st.lists(st.sampled_from(known), max_size=5, unique=True))
            ),
        )
        for ref in refs
    )


parties = st.builds(
    Party,
    name=lines,
    kind=st.sampled_from(("ngo", "guardianship")),
    ogrn=st.none() | st.from_regex(r"[0-9]{13}", fullmatch=True).filter(str.isascii),
    inn=st.none() | st.just("7707000000"),
)
cases = st.builds(
    ExportCase,
    ref=st.sampled_from(REFS),
    holder=parties,
    entry=uuids,
    people=people(),
    purpose=st.none() | st.builds(Said, st.just("CASE_MGMT"), texts),
    version=st.none() | st.integers(1, 9),
    published_at=st.none() | instants,
    as_of=st.none() | days,
    erase_after=st.none() | days,
    source=st.none() | lines,
    practice=st.none() | st.just("deti-nashi"),
    curator_name=st.none() | lines,
    curator_phone=st.none() | lines,
    opened_at=st.none() | instants,
    ended_at=st.none() | instants,
    current=st.booleans(),
)
documents = st.builds(
    lambda person, file, **more: ExportDocument(
        person=person,
        person_kind="parent" if person in REFS[3:] else "child",
        file=f"documents/{more['id']}.pdf" if file else None,
        sha1="e" * 40 if file else None,
        **more,
    ),
    category=st.sampled_from(c.SECTION_CATEGORIES),
    kind=st.builds(Said, texts | st.just("")),
    issued_on=st.none() | days,
    sha256=st.none() | st.just("b" * 64),
    id=uuids,
    message=uuids,
    person=st.sampled_from(REFS),
    sent_at=st.none() | instants,
    signers=st.lists(st.sampled_from(("self", "mother")), max_size=2).map(tuple),
    media_type=st.none() | st.just("application/pdf"),
    size=st.none() | st.integers(0, 20_000_000),
    end_to_end=st.booleans(),
    file=st.booleans(),
    absence=st.sampled_from(("", "no_file", "erased", "taken_back", "lost")),
)
receipts = st.builds(
    ExportReceipt,
    event=st.sampled_from([event.value for event in Event]),
    state=st.sampled_from([state.value for state in State]),
    at=instants,
    by=st.none() | parties,
    attested_by=st.sampled_from(("gateway", "partner", "file")),
    reason=st.none() | st.builds(Said, st.just("NO_CAPACITY"), texts),
    words=st.dictionaries(st.sampled_from(("words", "statute")), lines, max_size=2),
)


@st.composite
def messages(draw: Any) -> ExportMessage:
    code = draw(st.sampled_from(sorted(message_types())))
    others = st.none() | uuids
    return ExportMessage(
        draw(uuids),
        draw(uuids),
        draw(uuids),
        Said(code, message_types()[code].name_ru),
        draw(parties),
        draw(parties),
        draw(st.sampled_from(REFS)),
        Said("duty", "По обязанности"),
        Said(draw(st.sampled_from(("emergency", "urgent", "planned"))), "срочно"),
        draw(st.sampled_from([state.value for state in State])),
        draw(instants),
        draw(st.sampled_from(("opened", "own", "sent", "not_yours", "taken_back", "none"))),
        draw(uuids),
        draw(st.none() | st.builds(Said, st.just("SIGNAL"), texts)),
        draw(st.none() | instants),
        draw(st.none() | lines),
        draw(st.none() | days),
        draw(st.none() | instants),
        draw(st.none() | lines),
        draw(st.none() | days),
        draw(others),
        draw(others),
        draw(st.none() | st.builds(Said, st.just("threat"), texts)),
        draw(st.none() | lines),
        draw(st.none() | st.builds(Said, st.just("OTHER"), texts)),
        (),
        draw(people(of_message=True)),
        draw(st.lists(documents, max_size=2).map(tuple)),
        draw(st.lists(receipts, max_size=3).map(tuple)),
    )


saids = st.builds(Said, st.sampled_from(("ID", "CON", "PLN")), texts)
consents = st.builds(
    lambda person, **more: ExportConsent(
        person=person, person_kind="parent" if person in REFS[3:] else "child", **more
    ),
    id=uuids,
    person=st.sampled_from(REFS),
    discloser=parties,
    recipient=parties,
    purpose=st.builds(Said, st.just("CASE_MGMT"), texts),
    categories=st.lists(saids, min_size=1, max_size=3).map(tuple),
    allowed=st.lists(saids, max_size=3).map(tuple),
    given_on=days,
    status=st.sampled_from(("active", "expired", "withdrawn", "invalidated")),
    valid_to=st.none() | days,
    form=st.none() | st.just("paper"),
    separate=st.booleans(),
    evidence_digest=st.none() | st.just("c" * 64),
    objection=st.booleans(),
    signers=st.lists(
        st.builds(
            ExportSigner,
            who=st.sampled_from(("self", "mother")),
            rights=st.just("full"),
            verified=st.booleans(),
            valid_from=st.none() | days,
            valid_to=st.none() | days,
            authority=st.none() | uuids,
        ),
        max_size=2,
    ).map(tuple),
    events=st.lists(st.tuples(st.sampled_from(("given", "withdrawn")), instants), max_size=2).map(tuple),
)
authorities = st.builds(
    ExportAuthority,
    id=uuids,
    child=st.sampled_from(REFS[:3]),
    who=st.just("guardian"),
    rights=st.sampled_from(("full", "limited", "terminated")),
    verified=st.booleans(),
    holder=st.none() | st.sampled_from(REFS[3:]),
    valid_from=st.none() | days,
    valid_to=st.none() | days,
    evidence_digest=st.none() | st.just("d" * 64),
)
records = st.builds(
    ExportRecord,
    id=uuids,
    case=st.sampled_from(REFS),
    person=st.none() | st.sampled_from(REFS),
    practice=st.just("deti-nashi"),
    kind=st.builds(Said, st.just("scenario"), texts),
    at=instants,
    recorded_at=instants,
    values=st.none()
    | st.dictionaries(st.sampled_from(("code", "roubles", "codes")), lines | st.integers(), max_size=3),
)
course_events = st.builds(
    ExportCourseEvent,
    case=st.sampled_from(REFS),
    practice=st.just("deti-nashi"),
    event=st.builds(Said, st.just("signal_received"), texts),
    stage=st.just("support"),
    at=instants,
)
facts = st.builds(
    ExportFact,
    id=uuids,
    person=st.sampled_from(REFS),
    person_kind=st.sampled_from(("child", "parent")),
    fact=st.builds(Said, st.just("rights_limited"), texts),
    from_at=instants,
    to_at=st.none() | instants,
    value=st.none() | lines,
    about=st.none() | st.sampled_from(REFS[3:]),
    about_who=st.none() | st.sampled_from(("mother", "father", "guardian")),
    organisations=st.lists(st.just("1027700000019"), max_size=2).map(tuple),
    evidence_digest=st.none() | st.just("d" * 64),
    everywhere=st.booleans(),
    review_by=st.none() | instants,
    fact_events=st.lists(
        st.builds(
            ExportFactEvent,
            event=st.sampled_from(("recorded", "changed", "lift_asked", "reviewed", "ended")),
            at=instants,
            evidence_digest=st.none() | st.just("d" * 64),
            document=st.dictionaries(st.sampled_from(("number", "on", "reasons")), lines, max_size=3),
            absence=st.sampled_from(("", "erased")),
        ),
        max_size=3,
    ).map(tuple),
)
scores = st.builds(
    ExportScore,
    id=uuids,
    case=st.sampled_from(REFS),
    score=st.builds(Said, st.just("complexity"), st.none() | texts),
    at=instants,
    total=st.none() | st.integers(0, 100),
    level=st.none() | st.builds(Said, st.just("high"), texts),
    points=st.lists(
        st.builds(ExportPoint, st.builds(Said, st.just("remoteness"), st.none() | lines), st.integers(0, 9)), max_size=3
    ).map(tuple),
    absence=st.sampled_from(("", "erased")),
)
terms = st.builds(
    ExportTerm,
    id=uuids,
    term=st.builds(Said, st.just("P-03"), texts),
    about_kind=st.sampled_from(("case", "message", "fact", "emergency")),
    about=uuids,
    practice=st.none() | st.just("deti-nashi"),
    started_at=st.none() | instants,
    due_at=st.none() | instants,
    reminder=st.booleans(),
    warned_at=st.none() | instants,
    breached_at=st.none() | instants,
    paused_at=st.none() | instants,
    done_at=st.none() | instants,
    pauses=st.lists(
        st.builds(ExportPause, instants, st.none() | instants, st.builds(Said, st.just("family_away"), lines)),
        max_size=2,
    ).map(tuple),
)
kept = st.builds(
    ExportKept,
    id=uuids,
    kind=st.builds(Said, st.sampled_from(("family", "signal")), texts),
    kept_at=instants,
    expires_at=instants,
    people=people(),
    values=st.fixed_dictionaries(
        {}, optional={"case_ref": lines, "statement": lines, "concerns": st.lists(st.just("HOUSING"), max_size=2)}
    ),
    absence=st.sampled_from(("", "erased")),
)
own_notes = st.builds(
    ExportNote,
    id=uuids,
    kind=st.builds(Said, st.sampled_from(("note", "agenda", "joint")), texts),
    at=instants,
    about=st.lists(uuids, max_size=2).map(tuple),
    values=st.dictionaries(st.sampled_from(("words", "place", "topic", "reason", "matter")), lines, max_size=3),
    ended_at=st.none() | instants,
    absence=st.sampled_from(("", "erased")),
)
missing = st.builds(
    left_out,
    st.sampled_from(("own", "own_case", "own_case_without_records", "case", "thread", "nothing")),
    st.sampled_from(("xml", "csv", "fhir")),
    st.tuples(lines, lines),
)


def _some(one: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, max_size=2).map(tuple)


exports = st.builds(
    Export,
    id=uuids,
    scope=st.sampled_from(("case", "thread", "own")),
    made_at=instants,
    organisation=parties,
    pack=st.just("ru"),
    zone=st.sampled_from(("Europe/Moscow", "Asia/Vladivostok")),
    cases=_some(cases),
    messages=_some(messages()),
    consents=_some(consents),
    authorities=_some(authorities),
    records=_some(records),
    events=_some(course_events),
    part=st.integers(0, 3),
    documents=_some(documents),
    facts=_some(facts),
    scores=_some(scores),
    terms=_some(terms),
    kept=_some(kept),
    own_notes=_some(own_notes),
    left_out=missing,
)
