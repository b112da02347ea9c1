"""Canonical documents with any content that their classes allow, made from the shapes: a new field is tried by itself.

All people are invented.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from adapters.documents.shape import Part, Shape, shape_of
from adapters.documents.simple import Simple
from schemas import codes
from schemas.documents import KINDS
from schemas.identifiers import ogrn_check_digit, snils_check_digits
from schemas.messages import message_types
from tests.text_strategies import as_name, is_said, signs

awkward = st.sampled_from(
    ["<&>]]>", 'a"b', "a\nb", "a\r\nb", "a\tb", "  a", "=1+1", "'", "ИЁ́", "№ 7", "\u2028x", "x\u0085y"]
)
lines = (st.text(signs, min_size=1, max_size=20) | awkward).map(str.strip).filter(is_said)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
ogrns = st.integers(100_000_000_000, 999_999_999_999).map(lambda n: f"{n}{ogrn_check_digit(str(n))}")
_known_documents = st.sampled_from(
    sorted((system, one) for system in codes.DOCUMENT_SYSTEMS for one in codes.code_lists()[system])
)

_SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "Date": days.map(date.isoformat),
    "PartialDate": days.map(date.isoformat) | days.map(lambda day: day.isoformat()[:7]),
    "Instant": st.datetimes(
        datetime(1990, 1, 1),  # noqa: DTZ001  the bounds of Hypothesis are naive
        datetime(2100, 1, 1),  # noqa: DTZ001  the same
        timezones=st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours))),
    ).map(datetime.isoformat),
    "Uuid": st.uuids().map(str),
    "Ogrn": ogrns,
    "Snils": st.integers(1_001_999, 999_999_999).map(lambda n: f"{n:09d}" + snils_check_digits(f"{n:09d}")),
    "xs:boolean": st.booleans(),
    "xs:integer": st.integers(-(10**6), 10**6),
}
names = lines.map(as_name).filter(is_said)
_FIELDS: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("Identity", "full_name"): names,
    ("CaseSummary", "curator_name"): names,
    ("Identity", "sex"): st.sampled_from(sorted(codes.code_lists()[codes.SEXES])),
    ("Person", "role"): st.sampled_from(sorted(codes.code_lists()[codes.ROLES])),
    ("Document", "number"): st.from_regex(r"[0-9]{6,8}", fullmatch=True),
    ("Document", "series"): st.from_regex(r"[0-9]{4}|[IVX]{1,3}-[А-Я]{2}", fullmatch=True),
    ("Kinship", "system"): st.just(codes.KINSHIP),
    ("Kinship", "code"): st.sampled_from(
        [one.code for one in codes.code_lists()[codes.KINSHIP].values() if not one.meaning]
    ),
    ("Message", "concerns"): st.sampled_from(sorted(codes.code_lists()[codes.CONCERNS])),
}
_ABSENT: dict[str, tuple[str, ...]] = {
    "Identifiers": ("snils", "document"),
    "Contact": ("phones",),
    "Whereabouts": ("address", "registered"),
}
"""What may be said to be absent, where it is not there."""


def values(shape: Shape) -> st.SearchStrategy[dict[str, Any]]:
    """Any content of a shape, as the class takes it: required fields always, the rest sometimes, also empty."""
    if shape.name not in _MADE:
        _MADE[shape.name] = _values(shape)
    return _MADE[shape.name]


_MADE: dict[str, st.SearchStrategy[dict[str, Any]]] = {}


def _values(shape: Shape) -> st.SearchStrategy[dict[str, Any]]:
    required = {part.field: _part(shape, part) for part in shape.parts if part.required}
    optional = {part.field: _part(shape, part) for part in shape.parts if not part.required}
    made = st.fixed_dictionaries(required, optional=optional)
    if shape.name == "Document":  # the code of a type is one of its list's
        return st.builds(lambda content, pair: content | {"system": pair[0], "type": pair[1]}, made, _known_documents)
    if shape.name in _ABSENT:
        return made.map(lambda content: _without_contradiction(content, _ABSENT[shape.name]))
    return made


_ABSENT = {"Identifiers": ("snils", "document"), "Contact": ("phones",), "Whereabouts": ("address", "registered")}


def _without_contradiction(content: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Nothing is said to be absent that stands beside it."""
    absent = [field for field in fields if not content.get(field)][: len(content.get("absent", ()))]
    return content | ({"absent": absent} if "absent" in content else {})


def _part(shape: Shape, part: Part) -> st.SearchStrategy[Any]:
    one = _one(shape, part)
    if part.many:
        return st.lists(one, min_size=1 if part.required else 0, max_size=2)
    return one | st.none() if part.nillable else one


def _one(shape: Shape, part: Part) -> st.SearchStrategy[Any]:
    known = _FIELDS.get((shape.name, part.field))
    if known is not None:
        return known
    return values(part.of) if isinstance(part.of, Shape) else _text(part.of)


def _text(simple: Simple) -> st.SearchStrategy[Any]:
    facets = dict(simple.facets)
    if simple.name in _SIMPLE:
        return _SIMPLE[simple.name]
    if "enumeration" in facets:
        return st.sampled_from([value for _, value in simple.facets])
    if "minInclusive" in facets:
        return st.integers(int(facets["minInclusive"]), int(facets["maxInclusive"]))
    return st.from_regex(facets["pattern"], fullmatch=True) if "pattern" in facets else lines


@st.composite
def messages(draw: st.DrawFn) -> BaseModel:
    """Messages of every type that somebody may send, in the form that is asked of each."""
    (kind,) = (kind for kind in KINDS if kind.code == "message")
    content = draw(values(shape_of(kind.model)))
    sendable = sorted(code for code, known in message_types().items() if known.lane_of != "gateway")
    content["type"] = draw(st.sampled_from(sendable))
    content["recipient_ogrn"] = draw(ogrns.filter(lambda other: other != content["sender_ogrn"]))
    if content["type"] == "signal":
        content |= {"trigger": "threat", "statement": draw(lines)}
    if content["type"] == "referral":
        content["concerns"] = [draw(_FIELDS["Message", "concerns"])]
    if message_types()[content["type"]].persons == "child":
        child = {"kind": "child", "identity": {"full_name": draw(names)}}
        content["persons"] = [child, *content.get("persons", [])]
    for person in content.get("persons", []):
        person["ref"] = draw(lines)  # whoever is not named is known by the sender's own number
    return kind.model.model_validate(content)


@st.composite
def summaries(draw: st.DrawFn) -> BaseModel:
    """Case summaries whose subjects have different identifiers; shared sections are about children."""
    (kind,) = (kind for kind in KINDS if kind.code == "case_summary")
    content = draw(values(shape_of(kind.model)))
    content["subjects"] = [{**one, "ref": f"{n}-{one['ref']}"} for n, one in enumerate(content["subjects"])]
    children = [one["ref"] for one in content["subjects"] if one["kind"] == "child"]
    content["shared"] = [{**one, "about": children} for one in content.get("shared", []) if len(children) > 1]
    content["erase_after"] = (
        date.fromisoformat(content["as_of"]) + timedelta(days=draw(st.integers(1, 900)))
    ).isoformat()
    return kind.model.model_validate(content)


@st.composite
def consents(draw: st.DrawFn) -> BaseModel:
    """Consents, those that are not in written form among them."""
    (kind,) = (kind for kind in KINDS if kind.code == "consent")
    return kind.model.model_validate(draw(values(shape_of(kind.model))))


@st.composite
def authorities(draw: st.DrawFn) -> BaseModel:
    """Authorities of every kind, in force and ended."""
    (kind,) = (kind for kind in KINDS if kind.code == "authority")
    return kind.model.model_validate(draw(values(shape_of(kind.model))))
