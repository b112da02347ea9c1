"""Who answers for what, as data of a pack: a slip is refused by its file and place, and every role is one that people have."""

from __future__ import annotations

import pytest

from gateway.use_cases.tell_people import ROLES
from policies.files import PackFiles
from policies.pack import pack_of, shipped_pack
from policies.responsible import FILE
from schemas.errors import Broken

FILES = shipped_pack("ru").files.contents
PACKS = ("ru", "gdpr")


def edited(old, new):
    text = FILES[FILE].decode()
    assert old in text, "the test would change nothing"
    return pack_of(PackFiles({**FILES, FILE: text.replace(old, new, 1).encode()}))


@pytest.mark.parametrize(
    ("old", "new", "code", "params"),
    [
        ("kinds: [guardianship]", "kinds: [gardianship]", "pack_reference_unknown",
         {"place": "facts, suspected", "what": "organisation kind", "value": "gardianship"}),
        ("kinds: [kdn]", "kinds: [KDN]", "pack_reference_unknown", {"place": "facts, ipr_open", "value": "KDN"}),
        ("court: [court]", "court: [cuort]", "pack_reference_unknown", {"place": "facts, formal_request", "value": "cuort"}),
        ("timer: P-07", "timer: P-70", "pack_reference_unknown", {"place": "facts, suspected", "what": "timer"}),
        ("timer: P-04", "timer: P-40", "pack_reference_unknown", {"place": "holds", "what": "timer"}),
        ("valid: P-05", "valid: P-50", "pack_reference_unknown", {"place": "holds", "value": "P-50"}),
        ("open: P-06", "open: P-60", "pack_reference_unknown", {"place": "emergency", "value": "P-60"}),
        ("review: P-01", "review: P-10", "pack_reference_unknown", {"place": "emergency", "value": "P-10"}),
        ("purpose: EMERGENCY", "purpose: EMERGENSY", "pack_reference_unknown", {"place": "emergency", "what": "purpose"}),
        ("longest_consent: P-02", "longest_consent: P-20", "pack_reference_unknown", {"value": "P-20"}),
        ("recall: D-10", "recall: D-100", "pack_reference_unknown", {"place": "longest_consent, recall, unaccepted"}),
        ("RU-152-10-1: {", "RU-152-9-6: {", "pack_reference_unknown", {"place": "holds", "what": "rule"}),
        ("RU-152-10-1: {", "RU-152-10-11: {", "pack_reference_unknown", {"place": "holds", "value": "RU-152-10-11"}),
        ("longest_consent: P-02\n", "", "pack_value_invalid", {"place": "longest_consent"}),
        ("recall: D-10\n", "", "pack_value_invalid", {"place": "recall"}),
        ("    end_by: two\n", "", "pack_value_invalid", {"place": "facts.location_protected.end_by"}),
        ("    about: subject\n", "", "pack_value_invalid", {"place": "facts.location_protected.about"}),
        ('    title_ru: "Официальный запрос"\n', "", "pack_value_invalid", {"place": "facts.formal_request.title_ru"}),
        ("about: parent", "about: grandparent", "pack_value_invalid", {"place": "facts.suspected.about"}),
        ("end_by: two", "end_by: three", "pack_value_invalid", {"place": "facts.location_protected.end_by"}),
        ("needs: [reasons]", "needs: [reason]", "pack_value_invalid", {"place": "facts.suspected.owners.0.needs.0"}),
        ("{as: related,", "{as: relative,", "pack_value_invalid", {"place": "facts.location_protected.owners.1.as"}),
        ("{as: related, ", "{", "pack_value_invalid", {"place": "facts.location_protected.owners.1.as"}),
        ("role: head, timer", "roll: head, timer", "pack_value_invalid", {}),
        ("names_itself: true", "names_itself: perhaps", "pack_value_invalid", {"place": "facts.ooip_is_rep.names_itself"}),
        ("  suspected:", "  location_protected:", "pack_file_unreadable", {}),
        ("facts:", "facts: [", "pack_file_unreadable", {}),
    ],
)  # fmt: skip
def test_a_slip_is_refused_by_its_file_and_place(old, new, code, params):
    with pytest.raises(Broken) as caught:
        edited(old, new)
    assert caught.value.code == code
    assert caught.value.params["file"] == FILE
    assert {"place", "line"} & caught.value.params.keys()
    assert params.items() <= caught.value.params.items()
    assert caught.value.message("ru")
    assert caught.value.remedy("en")


def test_a_pack_without_the_file_is_refused():
    with pytest.raises(Broken, match="pack_file_missing"):
        pack_of(PackFiles({name: content for name, content in FILES.items() if name != FILE}))


def test_values_stand_in_the_order_of_their_weight():
    assert list(shipped_pack("ru").responsible.facts["formal_request"].values) == [
        *("court", "investigation", "inquiry", "prosecutor", "control")
    ]


@pytest.mark.parametrize("pack", PACKS)
def test_every_role_is_one_that_people_have(pack):
    """A role that nobody can have would own nothing, and decide nothing."""
    book = shipped_pack(pack).responsible
    roles = {role for fact in book.facts.values() for owner in fact.owners for role in owner.roles}
    roles |= {fact.review.role for fact in book.facts.values() if fact.review}
    roles |= {role for row in (book.holds.default, *book.holds.rules.values()) for role in row.chain}
    roles |= {book.emergency.reviewer} if book.emergency else set()
    assert roles <= ROLES


@pytest.mark.parametrize("pack", PACKS)
def test_every_owner_can_be_somebody(pack):
    for name, fact in shipped_pack(pack).responsible.facts.items():
        assert fact.owners, name
        for owner in fact.owners:
            assert bool(owner.roles) == (owner.capacity == "holder"), name
            assert bool(owner.kinds) == (owner.capacity != "holder"), name
            assert ("value" in owner.needs) == bool(fact.values), name
