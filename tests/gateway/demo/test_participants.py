"""Organisations and people of the demo."""

import csv
import re
from collections import Counter
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.ru import inn, ogrn

from gateway.demo.identity_numbers import phone, snils_with_check, synthetic_inn, synthetic_ogrn
from gateway.demo.organisations import by_key, holders_of, organisations
from gateway.demo.people import STAFF, curators_of, people
from gateway.demo.places import okrugs
from gateway.use_cases.register_participants import ROLES
from schemas.identifiers import is_snils


def table(package, *path):
    return list(csv.DictReader(resources.files(package).joinpath(*path).read_text("utf-8").splitlines()))


def test_the_thirty_six_centres_keep_their_names_and_get_synthetic_numbers():
    centres = [o for o in organisations() if o.real_name]
    assert [(o.name, o.district or "", o.kind) for o in centres] == [
        (row["name"], row["district"], row["kind"]) for row in table("schemas", "data", "organisations_moscow.csv")
    ]
    assert len(centres) == 36
    assert {o.practice for o in centres} == {"moscow"}


def test_invented_organisations_say_so_in_their_names():
    assert all(o.synthetic and (o.real_name or o.name.endswith("(демо)")) for o in organisations())


def test_every_okrug_has_its_guardianship_body_and_its_commission():
    for kind in ("guardianship", "kdn"):
        assert Counter(o.district for o in organisations() if o.kind == kind) == dict.fromkeys(okrugs(), 1)
    assert {o.district for o in organisations()} - {None} == set(okrugs())


def test_each_practice_has_a_holder_and_each_single_organisation_is_there():
    for practice in ("otkazniki", "sos", "aistenok", "deti-nashi"):
        assert [o.kind for o in holders_of(practice, organisations())] == ["ngo"]
    kinds = Counter(o.kind for o in organisations())
    for kind in ("maternity_hospital", "school", "police_juvenile", "gateway"):
        assert kinds[kind] == 1


def test_kinds_and_registers_are_known_to_the_pack():
    rows = table("policies.packs.ru", "organisation_kinds.csv")
    assert {o.kind for o in organisations()} <= {row["organisation_kind"] for row in rows}
    assert {register for o in organisations() for register in o.registers} <= {row["register_entry"] for row in rows}
    assert sum(bool(o.registers) for o in organisations()) == 3


def test_numbers_pass_the_check_of_an_independent_library_and_nobody_shares_one():
    for o in organisations():
        assert ogrn.is_valid(o.ogrn)
        assert inn.is_valid(o.inn)
        assert (o.ogrn[1:3], o.inn[:2]) == ("00", "00")
    for values in ([o.ogrn for o in organisations()], [o.inn for o in organisations()], list(by_key())):
        assert len(values) == len(set(values)) == len(organisations())


@given(st.integers(0, 9_999_999))
def test_any_serial_gives_valid_numbers(serial):
    assert ogrn.is_valid(synthetic_ogrn(serial))
    assert inn.is_valid(synthetic_inn(serial))
    assert is_snils(snils_with_check(900_000_000 + serial))
    assert re.fullmatch(r"\+7 \(000\) \d{3}-\d{2}-\d{2}", phone(serial))


@pytest.mark.parametrize(
    ("nine", "whole"), [(112_233_445, "11223344595"), (87_654_303, "08765430300"), (900_000_001, "90000000182")]
)
def test_snils_check_digits_against_worked_numbers(nine, whole):
    assert snils_with_check(nine) == whole


def test_everybody_has_a_login_a_role_and_an_organisation():
    logins = [person.login for person in people()]
    assert len(logins) == len(set(logins))
    for person in people():
        assert re.fullmatch(r"[a-z0-9._@-]{3,100}", person.login)
        assert set(person.roles) <= ROLES
        assert person.organisation in by_key()
        assert person.synthetic
        assert person.display_name.endswith("(демо)")
        assert person.service_phone.startswith("+7 (000) 9")
    phones = [person.service_phone for person in people()]
    assert len(phones) == len(set(phones))


def test_every_organisation_has_its_staff_and_a_data_protection_officer():
    for o in organisations():
        roles = [person.roles for person in people() if person.organisation == o.key]
        assert roles == list(STAFF[o.kind])
        assert ("dpo",) in roles
    assert [p.login for p in curators_of("ngo-sos")] == ["curator.ngo-sos", "curator2.ngo-sos"]
    assert all(curators_of(o.key) for o in organisations() if o.practice)
    assert [p.login for p in people() if "administrator" in p.roles] == ["admin.operator"]
