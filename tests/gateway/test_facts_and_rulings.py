"""What each recorded fact changes in a ruling, from one request to the next, and that its end restores what was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.use_cases.assign_case import assign_case
from gateway.use_cases.change_organisation import change_organisation
from gateway.use_cases.end_fact import end_fact
from gateway.use_cases.house import House
from gateway.use_cases.publish_case_summary import Published
from gateway.use_cases.values import Organisation
from policies.facts import Facts
from schemas.categories import SECTION_CATEGORIES
from schemas.errors import BadInput, Unavailable
from schemas.ids import FactId
from tests.builders import NOW, TODAY, Town, consent, organisation, publish, system_of
from tests.builders import town as make_town
from tests.gateway.facts_world import (
    ACT,
    BY_SNILS,
    CHILD,
    COURT,
    REASONS,
    ask,
    document,
    entries,
    login,
    put,
    read,
    staff,
)

Rulings = Mapping[str, tuple[str, str]]
MOTHER = {"about_who": "mother"}
TOMORROW = NOW + timedelta(days=1)


def of(effect: str, rule: str, *but: str) -> dict[str, tuple[str, str]]:
    """The same ruling on every category that a consent of the family releases to a guardianship body."""
    whole = ("ID", "CON", "LOC", "FAM", "LEG", "RSK", "PLN", "HLT", "PSY", "EDU", "SOC")
    return dict.fromkeys([code for code in whole if code not in but], (effect, rule))


@dataclass(frozen=True)
class Change:
    """A fact, who records it about the child, and what the recipient is ruled before and while it holds."""

    fact: str
    by: str
    given: Mapping[str, Any]
    before: Mapping[str, tuple[str, str]]
    after: Mapping[str, tuple[str, str]]
    recipient: str = "guardianship"
    purpose: str = "CASE_MGMT"
    birth: str = "2017-01-15"

    def __str__(self) -> str:
        return f"{self.fact} by {self.by}"


OPEN = of("P", "RU-152-9-1")
TO_GUARDIANS = {**of("R", "RU-442-6-3", "HLT", "PSY"), "HLT": ("D", "RU-323-13-1"), "PSY": ("D", "RU-152-10-1")}
ON_REQUEST = {**of("P", "RU-442-6-3", "HLT", "PSY"), "HLT": ("P", "RU-323-13-3"), "PSY": ("P", "RU-323-13-3")}
CHANGES = (
    Change("location_protected", "ngo", {}, OPEN, {**of("P", "RU-152-9-1", "LOC"), "LOC": ("D", "POL-LOC-1")}),
    Change("location_protected", "centre", {}, OPEN, {**of("P", "RU-152-9-1", "LOC"), "LOC": ("D", "POL-LOC-1")}),
    Change("suspected", "ngo", {"document": {"reasons": REASONS}, **MOTHER}, OPEN, of("R", "POL-CONF-2")),
    Change("suspected", "guardianship", {"document": ACT, **MOTHER}, OPEN, of("R", "POL-CONF-2")),
    Change("sk64_act", "guardianship", {"document": ACT, **MOTHER}, OPEN, of("D", "RU-SK-64-2")),
    Change("sk64_act", "ngo", {"document": COURT, **MOTHER}, OPEN, of("D", "RU-SK-64-2")),
    Change("rights_limited", "guardianship", {"document": ACT, **MOTHER}, OPEN, of("R", "POL-RIGHTS-LIMITED")),
    Change("rights_limited", "ngo", {"document": COURT, **MOTHER}, OPEN, of("R", "POL-RIGHTS-LIMITED")),
    Change("rights_terminated", "guardianship", {"document": ACT, **MOTHER}, OPEN, of("D", "RU-SK-71-1")),
    Change("rights_terminated", "ngo", {"document": COURT, **MOTHER}, OPEN, of("D", "RU-SK-71-1")),
    *(
        Change(fact, "ngo", {"document": {**COURT, "reasons": REASONS}, "about_who": "father"}, OPEN, OPEN)
        for fact in ("suspected", "sk64_act", "rights_limited", "rights_terminated")  # he did not sign
    ),
    Change(
        "ooip_is_rep", "guardianship", {"document": ACT}, TO_GUARDIANS, purpose="GUARDIANSHIP",
        after={
            **of("P", "RU-152-6-2", "HLT", "PSY", "PLN"), "HLT": ("P", "RU-SK-123-2"), "PSY": ("P", "RU-SK-123-2"),
            "PLN": ("M", "RU-152-5-3"), "IDN": ("P", "RU-152-6-2"), "OFF": ("M", "RU-152-10-P3"),
        },
    ),
    Change(
        "placement", "guardianship", {"document": ACT}, TO_GUARDIANS, purpose="GUARDIANSHIP",
        after={**TO_GUARDIANS, "HLT": ("P", "RU-152-10-9")},
    ),
    Change(
        "adopters_written_consent", "ngo", {"document": COURT, "organisations": ["guardianship"]},
        {"ADP": ("D", "RU-SK-139-1")}, {"ADP": ("R", "RU-SK-139-1")},
    ),
    Change(
        "emancipated", "guardianship", {"document": ACT}, {"ID": ("R", "RU-GK-26-1")}, {"ID": ("D", "POL-AGE-18")},
        birth="2009-05-05",
    ),
    Change(
        "emancipated", "ngo", {"document": COURT}, {"ID": ("R", "RU-GK-26-1")}, {"ID": ("D", "POL-AGE-18")},
        birth="2009-05-05",
    ),
    Change(
        "formal_request", "ngo",
        {"document": ACT, "value": "control", "organisations": ["guardianship"], "until": date(2026, 9, 1)},
        {"ID": ("D", "RU-442-6-3"), "HLT": ("D", "RU-442-6-3")}, {"ID": ("R", "RU-442-6-3"), "HLT": ("D", "RU-323-13-1")},
        purpose="AUTHORITY_REQUEST",
    ),
)  # fmt: skip


def family(town: Town, birth: str = "2017-01-15") -> Published:
    """A child, of whom the guardianship body, the centre and the school may know by consent."""
    published = publish(town, identity={"full_name": "Проба Вымышленная", "birth_date": birth, "sex": "F"})
    for recipient in (town.guardianship, town.centre, town.school):
        consent(town, recipient, birth_date=birth)
    return published


def named(town: Town, published: Published, by: str) -> dict[str, Any]:
    """The child, as who records the fact names it."""
    if by == "ngo":
        return CHILD
    if by in {"guardianship", "stranger"}:
        return BY_SNILS
    return {"pseudonym": town.house.vault.subject_pseudonym(getattr(town, by).id, published.subjects[0])}


def part(rulings: Rulings, of: Rulings) -> dict[str, tuple[str, str]]:
    return {category: rulings[category] for category in of}


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_fact_changes_the_ruling_and_its_end_restores_it(town: Town, change: Change) -> None:
    house = town.house
    published = family(town, change.birth)
    recipient = getattr(town, change.recipient)
    given = dict(change.given)
    if "organisations" in given:
        given["organisations"] = [getattr(town, name).ogrn for name in given["organisations"]]

    def ruled(now: datetime = NOW) -> Rulings:
        return read(house, recipient, published, change.purpose, now)

    assert part(ruled(), change.before) == change.before
    untouched = ruled()
    role = "dpo" if change.fact in {"formal_request", "adopters_written_consent"} else "curator"
    who = staff(house, getattr(town, change.by), role)
    made = put(house, who, change.fact, named(town, published, change.by), **given)
    assert part(ruled(), change.after) == change.after
    last = document(**COURT, reasons=REASONS)
    if not end_fact(house, who, made.fact_id, last, NOW).ended:
        assert part(ruled(), change.after) == change.after, "one of two does not lift it"
        assert end_fact(house, staff(house, getattr(town, change.by), "curator"), made.fact_id, last, NOW).ended
    assert ruled() == untouched


@pytest.mark.parametrize(
    "change", [c for c in CHANGES if c.by == "ngo" and c.after != c.before and c.fact != "formal_request"], ids=str
)
def test_a_fact_does_not_count_any_more_at_the_first_request_after_its_last_day(
    sqlite_house: House, change: Change
) -> None:
    """`until` is a day of who records it: it holds until 24:00 there."""
    house, town = sqlite_house, make_town(sqlite_house)
    published = family(town, change.birth)
    given = {"until": TODAY, **change.given}
    if "organisations" in given:
        given["organisations"] = [town.guardianship.ogrn]
    role = "dpo" if change.fact == "adopters_written_consent" else "head"
    put(house, staff(house, town.ngo, role), change.fact, CHILD, **given)
    midnight = datetime(2026, 3, 3, tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)
    last = midnight - timedelta(microseconds=1)
    assert part(read(house, town.guardianship, published, change.purpose, last), change.after) == change.after
    assert part(read(house, town.guardianship, published, change.purpose, midnight), change.before) == change.before


@pytest.mark.parametrize("fact", ["location_protected", "suspected", "sk64_act", "rights_terminated"])
def test_a_quiet_fact_reads_neutral_to_the_recipient(town: Town, fact: str) -> None:
    published = family(town)
    more = {} if fact == "location_protected" else {"document": {**COURT, "reasons": REASONS}, **MOTHER}
    put(town.house, staff(town.house, town.ngo, "head"), fact, CHILD, **more)
    child = next(s for s in ask(town.house, town.guardianship, published).cases[0].subjects if s.kind == "child")
    shown = {section.ruling.shown.id for section in child.sections.values() if not section.ruling.effect.releases}
    assert not shown & {"POL-LOC-1", "POL-CONF-2", "RU-SK-64-2", "RU-SK-71-1"}
    assert child.sections["LOC"].ruling.shown.id == "NOT_RELEASED"


def test_an_adult_with_a_file_is_known_by_it_and_by_its_word_where_one_side_has_none(town: Town) -> None:
    """A suspicion of the mother by her file holds a consent that she signed as «mother», without her file being named."""
    house = town.house
    published = publish(town)
    consent(town, town.guardianship, signers=[{"who": "mother", "verified": True}])
    consent(town, town.school)
    consent(town, town.centre, signers=[{"who": "father", "holder_ref": "K-1-F", "verified": True}])
    who = staff(house, town.ngo, "head")
    given = {"document": COURT, "about": {"ref": "K-1-M"}, **MOTHER}
    put(house, who, "rights_terminated", CHILD, **given)
    assert read(house, town.guardianship, published)["ID"] == ("D", "RU-SK-71-1")
    assert read(house, town.school, published)["ID"] == ("D", "RU-SK-71-1")
    assert read(house, town.centre, published)["ID"] == ("P", "RU-152-9-1"), "the father's"


def test_whoever_was_ruling_while_a_fact_changed_begins_again(town: Town) -> None:
    """Each change moves the version of what a ruling rests on, also in the files that have a copy (law 4)."""
    house = town.house
    published = family(town)
    head, worker = staff(house, town.guardianship, "head"), staff(house, town.guardianship, "curator")
    case = house.vault.case_pseudonym(town.guardianship.id, published.case_id)
    made: list[FactId] = []
    acts: Sequence[Callable[[], object]] = (
        lambda: made.append(put(house, system_of(town.ngo), "location_protected", CHILD).fact_id),
        lambda: end_fact(house, staff(house, town.ngo, "head"), made[0], document(), NOW),
        lambda: end_fact(house, staff(house, town.ngo, "head"), made[0], document(), NOW),
        lambda: made.append(put(house, head, "placement", BY_SNILS, document=ACT).fact_id),
        lambda: made.append(put(house, head, "placement", BY_SNILS, document=ACT, replaces=made[1]).fact_id),
        lambda: end_fact(house, head, made[2], document(**ACT), NOW),
        lambda: assign_case(house, head, case, login(house, worker), NOW),
        lambda: assign_case(house, head, case, login(house, worker), NOW, ends=True),
        lambda: change_organisation(house, town.guardianship.id, {"agreement_to": TODAY}, "operator:cli", NOW),
        lambda: change_organisation(house, town.ngo.id, {"agreement_to": TODAY}, "operator:cli", NOW),
    )
    moved = []
    for act in acts:
        with house.store.reading() as unit:
            before = unit.facts.of_cases(town.guardianship.id, (published.case_id,), NOW).versions
        act()
        with house.store.writing() as unit:
            moved.append(not unit.facts.unchanged(before))
    assert moved == [True, False, *[True] * 8], "the first of two who lift it changes nothing yet"


# --- plans -----------------------------------------------------------------------------------------------------------


def plan(town: Town, *participants: Organisation, until: date = date(2026, 9, 1)) -> dict[str, Any]:
    return {"document": ACT, "until": until, "organisations": [known.ogrn for known in participants]}


def test_a_plan_opens_the_case_to_its_participants_without_any_consent(town: Town) -> None:
    house = town.house
    published = publish(town)
    kdn = system_of(town.stranger)
    for outside in (town.stranger, town.school, town.centre):
        with pytest.raises(Unavailable, match="case_unavailable"):
            read(house, outside, published, "KDN_IPR")
    made = put(house, kdn, "ipr_open", BY_SNILS, **plan(town, town.ngo, town.school))
    in_system = dict.fromkeys(("ID", "CON", "LOC", "FAM", "RSK", "PLN", "EDU"), ("P", "RU-120-11-1"))
    in_system |= {"HLT": ("D", "RU-323-13-1"), "PSY": ("D", "RU-152-10-1"), "IDN": ("D", "RU-152-5-3")}
    assert part(read(house, town.school, published, "KDN_IPR"), in_system) == in_system
    assert part(read(house, town.stranger, published, "KDN_IPR"), in_system) == in_system
    assert read(house, town.stranger, published, "KDN_IPR")["OFF"] == ("P", "RU-120-11-1")
    assert read(house, town.school, published, "KDN_IPR")["SOC"][0] == "M"
    assert read(house, town.school, published)["ID"] == ("D", "RU-152-6-1"), "for the plan alone"
    with pytest.raises(Unavailable, match="case_unavailable"):
        read(house, town.centre, published, "KDN_IPR")
    end_fact(house, kdn, made.fact_id, document(**ACT), NOW)
    for outside in (town.stranger, town.school):
        with pytest.raises(Unavailable, match="case_unavailable"):
            read(house, outside, published, "KDN_IPR")


def test_a_plan_is_over_after_its_last_day(town: Town) -> None:
    house = town.house
    published = publish(town)
    put(house, system_of(town.stranger), "ipr_open", BY_SNILS, **plan(town, town.ngo, town.school, until=TODAY))
    assert read(house, town.school, published, "KDN_IPR")["ID"] == ("P", "RU-120-11-1")
    with pytest.raises(Unavailable, match="case_unavailable"):
        read(house, town.school, published, "KDN_IPR", TOMORROW)


def test_two_plans_do_not_make_one(town: Town) -> None:
    """The school is in the plan of one commission with the fund's child, the centre in that of another without the fund."""
    house = town.house
    published = family(town)
    put(house, system_of(town.stranger), "ipr_open", BY_SNILS, **plan(town, town.ngo, town.school))
    other = organisation(house, "kdn", "КДН другого района (тест)")
    put(house, system_of(other), "ipr_open", BY_SNILS, **plan(town, town.centre))
    assert read(house, town.school, published, "KDN_IPR")["ID"] == ("P", "RU-120-11-1")
    assert read(house, town.centre, published, "KDN_IPR")["ID"] == ("D", "RU-120-11-1")


def test_a_fund_of_the_federal_register_has_its_minimum_where_the_plan_names_it(town: Town) -> None:
    house = town.house
    fund = organisation(house, "ngo", "Фонд из реестра (тест)")
    published = publish(town)
    put(house, system_of(town.stranger), "ipr_open", BY_SNILS, **plan(town, town.ngo, fund))
    assert read(house, fund, published, "KDN_IPR")["ID"] == ("D", "RU-120-4-1")
    change_organisation(house, fund.id, {"registers": ("prevention_register",)}, "operator:cli", NOW)
    ruled = read(house, fund, published, "KDN_IPR")
    assert (ruled["ID"], ruled["PLN"][0], ruled["LOC"][0]) == (("P", "RU-120-8.2-1"), "M", "D")
    change_organisation(house, fund.id, {"registers": ()}, "operator:cli", NOW)
    assert read(house, fund, published, "KDN_IPR")["ID"] == ("D", "RU-120-4-1")


# --- official requests -----------------------------------------------------------------------------------------------


def request(value: str, *authorities: Organisation) -> dict[str, Any]:
    return {"document": ACT, "value": value, "until": date(2026, 9, 1), "organisations": [a.ogrn for a in authorities]}


AUTHORITIES = {
    "court": "court",
    "investigation": "investigation",
    "inquiry": "police_juvenile",
    "prosecutor": "prosecutor",
}


@pytest.mark.parametrize("value", AUTHORITIES)
def test_an_official_request_opens_the_case_to_that_authority_alone(town: Town, value: str) -> None:
    house = town.house
    published = publish(town)
    dpo = staff(house, town.ngo, "dpo")
    authority, another = (organisation(house, AUTHORITIES[value], f"Орган {n} (тест)") for n in (1, 2))
    with pytest.raises(Unavailable, match="case_unavailable"):
        read(house, authority, published, "AUTHORITY_REQUEST")
    put(house, system_of(town.ngo), "location_protected", CHILD)
    made = put(house, dpo, "formal_request", CHILD, **request(value, authority))
    opened = {**ON_REQUEST, "LOC": ("P", "POL-LOC-1"), "ADP": ("R", "RU-SK-139-1")}
    assert part(read(house, authority, published, "AUTHORITY_REQUEST"), opened) == opened
    for outside in (another, town.school):
        with pytest.raises(Unavailable, match="case_unavailable"):
            read(house, outside, published, "AUTHORITY_REQUEST")
    end_fact(house, dpo, made.fact_id, document(**ACT), NOW)
    with pytest.raises(Unavailable, match="case_unavailable"):
        read(house, authority, published, "AUTHORITY_REQUEST")


def test_of_two_requests_the_weightier_counts_whichever_came_first(town: Town) -> None:
    house = town.house
    published = publish(town)
    dpo = staff(house, town.ngo, "dpo")
    for order in (("control", "investigation"), ("investigation", "control")):
        authority = organisation(house, "investigation", f"Следствие {order[0]} (тест)")
        for value in order:
            put(house, dpo, "formal_request", CHILD, **request(value, authority))
        assert read(house, authority, published, "AUTHORITY_REQUEST")["ID"] == ("P", "RU-442-6-3")


# --- what is claimed -------------------------------------------------------------------------------------------------


def test_a_claim_is_no_fact_it_is_committed_to_and_sealed_with_the_decision(town: Town) -> None:
    """Who claims an official request gets nothing by it: only the holder's officer, from the paper, makes it one."""
    house = town.house
    published = publish(town)
    court = organisation(house, "court", "Суд (тест)")
    consent(town, court)
    claims = {"statute": "Чибис ст. 1", "request": "Чибис-5 от 01.03.2026"}
    silent = read(house, court, published, "AUTHORITY_REQUEST")
    assert read(house, court, published, "AUTHORITY_REQUEST", **claims) == silent
    assert set(silent.values()) == {("D", "RU-442-6-3")} | {silent["ADP"]}
    answer = ask(house, court, published, "AUTHORITY_REQUEST", **claims)
    with house.store.reading() as unit:
        found = unit.log.entry(answer.entry_id)
        links = unit.log.disclosures(town.ngo.id, None, 50)
    child = published.subjects[0]
    row = next(row for row in links if (row.entry_id, row.subject_id) == (answer.entry_id, child))
    assert found is not None
    assert "Чибис".encode() not in found[1]
    (item,) = json.loads(found[1])["body"]["items"]
    assert {name: len(item[name]) for name in claims} == {"statute": 64, "request": 64}
    sealed = json.loads(house.vault.open_facts(child, row.sealed_facts or b"") or b"")
    assert sealed["claims"] == claims
    assert not Facts.from_canonical(sealed["facts"]).authority_formal
    assert "Чибис" not in json.dumps(sealed["facts"], ensure_ascii=False)
    put(house, staff(house, town.ngo, "dpo"), "formal_request", CHILD, **request("court", court))
    assert read(house, court, published, "AUTHORITY_REQUEST")["ID"] == ("P", "RU-442-6-3"), "claimed or not"


# --- participants ----------------------------------------------------------------------------------------------------

YESTERDAY = TODAY - timedelta(days=1)
PARTICIPANT: Mapping[str, tuple[str, str, object, str]] = {
    "the recipient's agreement has ended": ("guardianship", "agreement_to", YESTERDAY, "POL-0-2"),
    "the holder's agreement has ended": ("ngo", "agreement_to", YESTERDAY, "POL-0-2"),
    "it keeps data abroad": ("guardianship", "storage_country", "DE", "RU-152-18-5"),
    "it is abroad": ("guardianship", "country", "DE", "RU-152-12-1"),
}


@pytest.mark.parametrize("name", PARTICIPANT)
def test_what_the_operator_changes_about_a_participant_counts_at_the_next_request(town: Town, name: str) -> None:
    house = town.house
    published = family(town)
    place, what, value, rule = PARTICIPANT[name]
    who = getattr(town, place)
    before = read(house, town.guardianship, published)
    change_organisation(house, who.id, {what: value}, "operator:cli", NOW, evidence="d" * 64)
    assert set(read(house, town.guardianship, published).values()) == {("D", rule)}
    (entry,) = [e for e in entries(house, "organisation.registered") if "changed" in e]
    assert (entry["changed"], entry["evidence"], entry["by"]) == ([what], "d" * 64, "operator:cli")
    change_organisation(house, who.id, {what: getattr(who, what)}, "operator:cli", NOW)
    assert read(house, town.guardianship, published) == before


def test_the_kind_of_a_participant_decides_what_it_may_see(town: Town) -> None:
    house = town.house
    published = family(town)
    assert read(house, town.school, published)["HLT"][0] == "M"
    change_organisation(house, town.school.id, {"kind": "clinic"}, "operator:cli", NOW)
    assert read(house, town.school, published)["HLT"] == ("P", "RU-152-9-1")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "nothing_to_change"),
        ({"kind": "ngo"}, "nothing_to_change"),
        ({"name": "Другое"}, "field_invalid"),
        ({"kind": "fan_club"}, "kind_unknown"),
        ({"registers": ("442-FZ",)}, "register_unknown"),
        ({"rkn_number": None}, "rkn_number_required"),
        ({"agreement_to": date(2024, 1, 1)}, "agreement_dates"),
        ({"storage_country": "ru"}, "field_invalid"),
        ({"zone": "Europe/Moskau"}, "field_invalid"),
    ],
)
def test_a_change_of_a_participant_that_does_not_fit_is_refused(
    sqlite_house: House, change: Mapping[str, object], code: str
) -> None:
    made = organisation(sqlite_house, "ngo", "Фонд (тест)")
    with pytest.raises(BadInput, match=code):
        change_organisation(sqlite_house, made.id, change, "operator:cli", NOW)
    with pytest.raises(BadInput, match="organisation_unknown"):
        change_organisation(sqlite_house, replace(made, id="x").id, {"kind": "kdn"}, "operator:cli", NOW)
    assert len(entries(sqlite_house, "organisation.registered")) == 1


# --- assignments -----------------------------------------------------------------------------------------------------


def test_an_assignment_closes_the_case_to_colleagues_and_its_end_opens_it(town: Town) -> None:
    house = town.house
    published = family(town)
    head, worker, colleague = (staff(house, town.guardianship, role) for role in ("head", "curator", "curator"))
    pseudonym = house.vault.case_pseudonym(town.guardianship.id, published.case_id)
    before = read(house, town.guardianship, published)

    def as_(who: Any) -> Rulings:
        return read(house, town.guardianship, published, who=who)

    assert as_(colleague) == before, "nobody works on it yet"
    assign_case(house, head, pseudonym, login(house, worker), NOW)
    closed = dict.fromkeys(SECTION_CATEGORIES, ("D", "POL-ROLE-3"))
    assert as_(worker) == before
    assert as_(colleague) == as_(head) == closed
    assert as_(None) == before, "a partner's system answers for its people itself"
    assert read(house, town.school, published)["ID"] == ("P", "RU-152-9-1"), "each organisation assigns its own"
    assign_case(house, worker, pseudonym, login(house, colleague), NOW)
    assert as_(colleague) == before
    assign_case(house, worker, pseudonym, login(house, worker), NOW, ends=True)
    assert as_(worker) == closed
    assign_case(house, head, pseudonym, login(house, colleague), NOW, ends=True)
    assert as_(worker) == as_(head) == before
    changes = [(entry["fact"], entry["change"]) for entry in entries(house)]
    assert changes == [("assignment", word) for word in ("recorded", "recorded", "ended", "ended")]
