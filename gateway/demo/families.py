"""Families of the demo: two hundred, from a seed. The same seed, day and organisations give the same families."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from gateway.demo import course_sections, need_sections, person_sections
from gateway.demo.consents import ConsentWriter
from gateway.demo.fixtures import FactFixture, FamilyFixture, OrganisationFixture
from gateway.demo.members import Member, members_of
from gateway.demo.organisations import organisations as all_organisations
from gateway.demo.people import curators_of
from gateway.demo.shapes import Shape, Shapes
from gateway.demo.themes import Wording, themes_for
from schemas import categories as c
from schemas.summary import SectionsDraft, SharedSectionsDraft, SubjectDraft, SummaryDraft

COUNT: Final = 200
SOURCE: Final = "Сведения держателя случая (синтетические данные)"

_MOSCOW: Final = timezone(timedelta(hours=3))
_YEARS_KEPT: Final = 3
_OFFENCES_KEPT_BY: Final = frozenset({"family_centre", "social_service_centre"})


def families(
    seed: int, now: datetime, count: int = COUNT, organisations: Sequence[OrganisationFixture] | None = None
) -> tuple[FamilyFixture, ...]:
    """`count` families as of `now`. Holders are the organisations with a practice, in turn.

    Raises ValueError when `now` has no zone, or for fewer families than hold all varieties.
    """
    if now.tzinfo is None:
        msg = "an instant needs a zone"
        raise ValueError(msg)
    given = all_organisations() if organisations is None else tuple(organisations)
    today = now.astimezone(_MOSCOW).date()
    writer = ConsentWriter(seed, given)
    outlines = Shapes(seed, today, given).outline(count)
    return tuple(_family(shape, writer, given, random.Random(f"{seed}/{shape.key}")) for shape in outlines)  # noqa: S311  invented people


def with_variety(among: Iterable[FamilyFixture], variety: str) -> tuple[FamilyFixture, ...]:
    """The families that are there for a variety (`VARIETIES`)."""
    return tuple(family for family in among if variety in family.varieties)


def _family(
    shape: Shape, writer: ConsentWriter, organisations: Sequence[OrganisationFixture], rng: random.Random
) -> FamilyFixture:
    members = members_of(shape, rng)
    guardianship = _body("guardianship", shape.district, organisations)
    curators = curators_of(shape.holder.key)
    curator = curators[shape.number % len(curators)]
    as_of = shape.today - timedelta(days=rng.randint(1, min(shape.days_open, course_sections.RECENT_DAYS)))
    subjects, shared = _sections(shape, members, rng)
    not_used = () if shape.holder.kind in _OFFENCES_KEPT_BY else (c.OFFENCES,)
    summary = SummaryDraft(
        case_ref=shape.key,
        practice=shape.practice,
        as_of=as_of,
        erase_after=as_of + timedelta(days=365 * _YEARS_KEPT),
        source=SOURCE,
        curator_name=f"{curator.display_name}, куратор случая",
        curator_phone=curator.service_phone,
        subjects=subjects,
        shared=shared,
        not_used=not_used,
    )
    return FamilyFixture(
        key=shape.key,
        practice=shape.practice,
        stage=shape.stage,
        district=shape.district,
        holder=shape.holder.key,
        guardianship=guardianship.key,
        curator=curator.key,
        opened_on=_opened_on(shape),
        summary=summary,
        consents=writer.consents_of(shape, members),
        facts=_facts(shape, members, organisations, rng),
        varieties=frozenset({shape.variety} if shape.variety else ()),
        emancipated=tuple(m.ref for m in members if m.role == "child" and shape.is_("emancipated")),
    )


def _sections(
    shape: Shape, members: Sequence[Member], rng: random.Random
) -> tuple[tuple[SubjectDraft, ...], tuple[SharedSectionsDraft, ...]]:
    """Sections of each member; what siblings share (composition of the family, plan) once about all of them."""
    homes = person_sections.homes_of(shape, rng)
    chosen = themes_for(shape, rng)
    wording = Wording.about([member for member in members if member.role != "child"])
    family, plan = (
        course_sections.family(shape, members, chosen, rng),
        course_sections.plan(shape, chosen, wording, rng),
    )
    children = tuple(member.ref for member in members if member.role == "child")
    subjects = []
    for member in members:
        found: dict[str, Any] = {
            "identity": person_sections.identity(member),
            "identifiers": person_sections.identifiers(member, shape, rng),
            "contact": person_sections.contact(member, rng),
            "whereabouts": person_sections.whereabouts(member, homes),
            "legal_status": person_sections.legal_status(member, shape),
            "health": need_sections.health(shape, member, rng),
            "psychology": need_sections.psychology(member, rng),
            "offences": need_sections.offences(shape, member),
            "adoption": need_sections.adoption(shape, member),
        }
        if member.role == "child":
            found["risk"] = course_sections.risk(shape, member, chosen, wording, rng)
            found["education"] = need_sections.education(member, rng)
            if len(children) == 1:
                found |= {"family": family, "plan": plan}
        else:
            found["socio_economic"] = need_sections.livelihood(shape, member, rng)
        kind = "child" if member.role == "child" else "parent"
        subjects.append(SubjectDraft(ref=member.ref, kind=kind, sections=SectionsDraft(**found)))
    if len(children) == 1:
        return tuple(subjects), ()
    return tuple(subjects), (SharedSectionsDraft(about=children, sections=SectionsDraft(family=family, plan=plan)),)


def _facts(
    shape: Shape, members: Sequence[Member], organisations: Sequence[OrganisationFixture], rng: random.Random
) -> tuple[FactFixture, ...]:
    children = [member.ref for member in members if member.role == "child"]
    others = [member.ref for member in members if member.role != "child"]
    guardianship = _body("guardianship", shape.district, organisations).key
    day, holder = _opened_on(shape), shape.holder.key
    found: list[FactFixture] = []
    if shape.is_("protected_address"):
        hidden = [member.ref for member in members if member.lives_with_children]
        found += [FactFixture("location_protected", ref, holder, day) for ref in hidden]
    if shape.is_("suspected_parent") or (shape.is_("protected_address") and rng.random() < 0.5):  # noqa: PLR2004  half
        found += [FactFixture("suspected", ref, holder, day, about=others[1]) for ref in children]
    if shape.is_("conflict_of_interest"):
        found += [FactFixture("sk64_act", ref, guardianship, day, about=others[1]) for ref in children]
    if shape.is_("placed_by_guardianship"):
        found += [FactFixture("ooip_is_rep", ref, guardianship, day) for ref in children]
    if shape.is_("prevention_plan"):
        commission = _body("kdn", shape.district, organisations).key
        registered = [o.key for o in organisations if "prevention_register" in o.registers]
        named = tuple(dict.fromkeys((holder, commission, guardianship, *registered)))
        found += [FactFixture("ipr_open", ref, commission, day, participants=named) for ref in children]
    return tuple(found)


def _opened_on(shape: Shape) -> date:
    return shape.today - timedelta(days=shape.days_open)


def _body(kind: str, district: str, organisations: Sequence[OrganisationFixture]) -> OrganisationFixture:
    return next(o for o in organisations if o.kind == kind and o.district == district)
