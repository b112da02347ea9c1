"""Any directory that the types allow, with texts that formats stumble over. Everything in it is invented."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from schemas.codes import code_lists
from schemas.directory import (
    APPLY_WAYS,
    AUDIENCES,
    FEES,
    ORGANISATION_KINDS,
    SERVICE_FORMS,
    SERVICE_KINDS,
    SERVICE_STATUSES,
    Directory,
    DirectoryOrganisation,
    Place,
    Service,
    ServicePhone,
)
from schemas.identifiers import ogrn_check_digit
from schemas.opening_hours import OpeningHours
from tests.text_strategies import is_said, signs

AWKWARD = ["=1+1", "-", "нет", "'", "''a", "ХХХХ", "#Н/Д", '="x"', "+7 900", "@a", "a;b", 'a"b', "a|b\\c", "<&>]]>"]
AWKWARD += ["Итого", "a, b", "«Ёлка»", "закрыто (нет)", "\\", "|"]
lines = (st.text(signs, min_size=1, max_size=25) | st.sampled_from(AWKWARD)).filter(lambda text: is_said(text.strip()))
proses = lines | st.lists(lines, min_size=2, max_size=3).map("\n".join)
days = st.dates(date(2000, 1, 1), date(2100, 12, 31))
ids = st.uuids().map(str)
ogrns = st.integers(100_000_000_000, 999_999_999_999).map(lambda n: f"{n}{ogrn_check_digit(str(n))}")
part = st.integers(0, 999).map("{:03d}".format)
oktmo = st.builds(lambda region, *parts: f"{region:02d}{''.join(parts)}", st.integers(1, 99), part, part)
minutes = st.times().map(lambda value: value.replace(second=0, microsecond=0))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def some(strategy: st.SearchStrategy[Any], size: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=size, unique=True).map(tuple)


def listed(system: str) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(code_lists()[system]))


@st.composite
def spans(draw: st.DrawFn, least: int = 1) -> list[dict[str, Any]]:
    times = sorted(draw(st.lists(minutes, min_size=2 * least, max_size=4, unique=True)))
    pairs = list(zip(times[::2], times[1::2], strict=False))
    if pairs and draw(st.booleans()):
        pairs[-1] = (pairs[-1][1], pairs[0][0])  # over midnight
    return [{"opens": opens, "closes": closes} for opens, closes in pairs]


@st.composite
def _hours(draw: st.DrawFn) -> OpeningHours:
    weekdays = sorted(draw(st.sets(st.integers(1, 7), max_size=7)))
    marks = sorted(draw(st.lists(days, max_size=4, unique=True)))
    exceptions = [
        {"from_on": first, "to_on": last, "spans": draw(spans(0)), "note": draw(maybe(lines))}
        for first, last in zip(marks[::2], marks[1::2], strict=False)
    ]
    if not weekdays and not exceptions:
        weekdays = [draw(st.integers(1, 7))]
    return OpeningHours.model_validate(
        {
            "zone": draw(st.sampled_from(["Europe/Moscow", "Asia/Yekaterinburg", "Asia/Kamchatka", "Europe/Samara"])),
            "days": [{"weekday": day, "spans": draw(spans())} for day in weekdays],
            "exceptions": exceptions,
        }
    )


opening_hours = _hours()
phones = st.builds(
    ServicePhone,
    number=st.from_regex(r"\+?[0-9 ()\-]{3,20}[0-9]", fullmatch=True).filter(lambda text: text == text.strip()),
    extension=maybe(st.from_regex(r"[1-9][0-9]{0,4}", fullmatch=True)),
    note=maybe(lines),
)
coordinates = st.tuples(
    st.floats(-90, 90, allow_subnormal=False).map(lambda value: round(value, 6) + 0.0),
    st.floats(-180, 180, allow_subnormal=False).map(lambda value: round(value, 6) + 0.0),
)


@st.composite
def _place(draw: st.DrawFn) -> Place:
    latitude, longitude = draw(maybe(coordinates)) or (None, None)
    return Place(
        address=draw(lines),
        city=draw(lines),
        region=draw(lines),
        postal_code=draw(st.from_regex(r"[0-9]{6}", fullmatch=True)),
        gar_id=draw(maybe(ids)),
        latitude=latitude,
        longitude=longitude,
    )


places = _place()
web = st.from_regex(r"https://[a-z]{3,9}\.example/[a-z0-9?=&]{0,9}", fullmatch=True)
mail = st.from_regex(r"[a-z]{1,9}@[a-z]{3,9}\.example", fullmatch=True)


@st.composite
def organisations(draw: st.DrawFn) -> DirectoryOrganisation:
    return DirectoryOrganisation(
        id=draw(ids),
        name=draw(lines),
        short_name=draw(maybe(lines)),
        description=draw(maybe(proses)),
        kind=draw(listed(ORGANISATION_KINDS)),
        ogrn=draw(maybe(ogrns)),
        inn=draw(maybe(st.just("7707083893"))),
        parent_ogrn=draw(maybe(ogrns)),
        website=draw(maybe(web)),
        email=draw(maybe(mail)),
        phones=draw(some(phones)),
        place=draw(maybe(places)),
        synthetic=draw(st.booleans()),
    )


@st.composite
def services(draw: st.DrawFn, organisation_id: str | None = None) -> Service:
    ages = sorted(draw(st.lists(st.integers(0, 120), min_size=2, max_size=2)))
    free = draw(maybe(st.integers(0, 50)))
    return Service(
        id=draw(ids),
        organisation_id=organisation_id or draw(ids),
        name=draw(lines),
        description=draw(maybe(proses)),
        kinds=draw(st.lists(listed(SERVICE_KINDS), min_size=1, max_size=3, unique=True).map(tuple)),
        form=draw(maybe(listed(SERVICE_FORMS))),
        status=draw(listed(SERVICE_STATUSES)),
        territories=draw(some(oktmo)),
        districts=draw(some(lines.map(lambda text: " ".join(text.split())))),
        min_age=draw(maybe(st.just(ages[0]))),
        max_age=draw(maybe(st.just(ages[1]))),
        audiences=draw(some(listed(AUDIENCES))),
        eligibility=draw(maybe(proses)),
        urgencies=draw(st.lists(listed("mezhved_urgency"), min_size=1, max_size=3, unique=True).map(tuple)),
        night_calls=draw(st.booleans()),
        capacity=draw(maybe(st.integers(50, 90))),
        free_places=free,
        stated_on=draw(days if free is not None else maybe(days)),
        hours=draw(maybe(opening_hours)),
        apply_by=draw(some(listed(APPLY_WAYS))),
        application=draw(maybe(proses)),
        page=draw(maybe(web)),
        email=draw(maybe(mail)),
        phones=draw(some(phones)),
        documents=draw(some(lines.map(lambda text: " ".join(text.split())))),
        fee=draw(maybe(listed(FEES))),
        fee_text=draw(maybe(lines)),
        places=draw(some(places)),
        alert=draw(maybe(lines)),
        assured_on=draw(maybe(days)),
        synthetic=draw(st.booleans()),
    )


@st.composite
def _directory(draw: st.DrawFn) -> Directory:
    found = draw(st.lists(organisations(), min_size=1, max_size=2, unique_by=lambda one: one.id))
    offered = [one for organisation in found for one in draw(st.lists(services(organisation.id), max_size=2))]
    return Directory(tuple(found), tuple({one.id: one for one in offered}.values()))


directories = _directory()
