# ruff: noqa: C901, PLR0911, PLR0912 - one branch per section, as in the table it reads
"""Masks: what each keeps, and that two values which differ only in what is masked look the same."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.masks import MASKS, mask_section
from policies.pack import shipped_pack
from schemas.sections import MESSAGE_SECTIONS, SUMMARY_SECTIONS, message_fields, summary_fields

SECRET = "СЕКРЕТ"
PACK = shipped_pack("ru")

codes = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
words = st.text("абвгд ", min_size=1, max_size=20).map(lambda text: f"{text}.")
days = st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(str)
secrets = st.text("абвгд", max_size=8).map(lambda text: SECRET + text)


def address(shown, draw):
    municipality, oktmo = shown
    return {
        "text": draw(secrets),
        "municipality": municipality,
        "oktmo": draw(st.sampled_from([oktmo, f"{oktmo}101", f"{oktmo}202"])),
        "gar_id": draw(secrets),
    }


# For each category: what stays visible, and how a whole section grows around it with everything else drawn anew.
VISIBLE = {
    "ID": st.fixed_dictionaries({"full_name": words, "birth_date": days}),
    "IDN": st.tuples(st.from_regex(r"[0-9]{4}", fullmatch=True), codes),
    "CON": st.fixed_dictionaries({"safe_contact": words, "first": st.from_regex(r"\+7[0-9]{10}", fullmatch=True)}),
    "LOC": st.tuples(words, st.from_regex(r"[0-9]{8}", fullmatch=True)),
    "FAM": st.lists(codes, min_size=1, max_size=4),
    "LEG": st.tuples(codes, codes),
    "RSK": st.tuples(codes, st.lists(codes, min_size=5, max_size=5)),
    "PLN": st.tuples(codes, words, codes),
    "HLT": st.lists(words, min_size=1, max_size=3),
    "PSY": st.none() | words,
    "EDU": st.booleans(),
    "SOC": st.booleans(),
    "OFF": st.none() | words,
    "ADP": st.just(None),
}


def grow(category, shown, draw):
    def secret():
        return draw(secrets)

    if category == "ID":
        return dict(shown)
    if category == "IDN":
        number = draw(st.from_regex(r"[0-9]{4,8}", fullmatch=True)) + shown[0]
        document = {"system": "esia", "type": shown[1], "number": number, "series": secret(), "issuer": secret()}
        return {"document": document, "snils": draw(st.from_regex(r"[0-9]{7}", fullmatch=True)) + shown[0]}
    if category == "CON":
        others = draw(st.lists(st.fixed_dictionaries({"number": secrets}), max_size=3))
        return {"safe_contact": shown["safe_contact"], "phones": [{"number": shown["first"]}, *others]}
    if category == "LOC":
        return {"address": address(shown, draw), "registered": address(shown, draw)}
    if category == "FAM":
        household = [{"role": role, "age_band": draw(codes), "lives_together": draw(st.booleans())} for role in shown]
        near = [
            {"role": role, "supports_how": secret(), "permission_to_contact": draw(st.booleans())} for role in shown
        ]
        return {"household": household, "near_circle": near}
    if category == "LEG":
        status = {"code": shown[0], "since": draw(days), "document": secret()}
        return {"legal_status": status, "guardianship_form": shown[1]}
    if category == "RSK":
        facts = [{"on": draw(days), "source": secret(), "words": secret()}]
        return {"level": shown[0], "factors": [*shown[1], *draw(st.lists(codes, max_size=3))], "facts": facts}
    if category == "PLN":
        return {
            "stage": {"code": shown[0], "since": "2026-01-01"},
            "goals": [{"goal": shown[1], "state": shown[2]}],
            "steps": [{"who": secret(), "what": secret(), "state": draw(codes)}],
            "services": [
                {"service": shown[1], "provider_kind": shown[0], "from_on": draw(days)},
                *draw(
                    st.lists(
                        st.fixed_dictionaries({"service": secrets, "provider_kind": codes, "to_on": days}), max_size=2
                    )
                ),
            ],
            "reviews": [
                *draw(st.lists(st.just({"on": "2025-01-01", "dynamics": draw(codes)}), max_size=2)),
                {"on": "2026-02-02", "dynamics": shown[2]},
            ],
        }
    if category == "HLT":
        support = draw(st.none() | codes)
        return {"conditions": [secret()], "recommendations": list(shown), "support_type": support}
    if category == "PSY":
        kept = {} if shown is None else {"immediate_risk": shown}
        return {"state": draw(st.none() | secrets), "conclusion": draw(st.none() | secrets), **kept}
    if category == "EDU":
        return (
            {"place": secret(), "attendance": draw(codes), "needs": [secret()] * draw(st.integers(1, 3))}
            if shown
            else {}
        )
    if category == "SOC":
        coded = {"code": draw(codes), "text": secret()}
        benefits = [{"benefit": secret(), "state": draw(codes)}] * draw(st.integers(1, 3))
        missing = draw(st.lists(codes, min_size=1, max_size=3))
        whole = {"income_and_work": coded, "housing": coded, "benefits": benefits, "documents_missing": missing}
        return whole if shown else {}
    if category == "OFF":
        return {"record": {"code": draw(codes), "relevance": shown}}
    return {"adoption": draw(st.none() | secrets)}


@pytest.mark.parametrize("category", SUMMARY_SECTIONS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_values_that_differ_only_in_what_is_masked_look_the_same(category, data):
    shown = data.draw(VISIBLE[category])
    first, second = grow(category, shown, data.draw), grow(category, shown, data.draw)
    masked = PACK.mask("summary", category, first)
    assert masked == PACK.mask("summary", category, second)
    assert SECRET not in json.dumps(masked, ensure_ascii=False)


# For each transformation: what stays visible, and two whole values that differ in everything else.
person = st.fixed_dictionaries({"role": st.just("aunt"), "age_band": secrets, "lives_together": st.booleans()})
status = st.fixed_dictionaries({"code": st.just("no_care"), "since": days, "document": secrets})
place = st.builds(
    lambda oktmo, text, gar: {"text": text, "municipality": "Измайлово", "oktmo": f"45307000{oktmo}", "gar_id": gar},
    st.from_regex(r"([0-9]{3})?", fullmatch=True), secrets, secrets,
)  # fmt: skip
coded = st.fixed_dictionaries({"code": codes, "text": secrets})
closed = st.fixed_dictionaries({"service": secrets, "provider_kind": codes, "to_on": days})
MASKED = {
    "last4": ("snils", st.from_regex(r"[0-9]{7}", fullmatch=True).map(lambda digits: f"{digits}4595"), "…4595"),
    "one_channel": ("phones", st.lists(secrets, max_size=3).map(lambda more: ["+7999", *more]), ["+7999"]),
    "municipality_only": (
        "address", place, {"text": "Измайлово", "municipality": "Измайлово", "oktmo": "45307000"},
    ),
    "role_words": ("household", st.lists(person, min_size=2, max_size=2), [{"role": "aunt"}, {"role": "aunt"}]),
    "status_word": ("legal_status", status, {"code": "no_care"}),
    "level_and_factors": ("factors", st.lists(codes, max_size=3).map(lambda more: [*"abcde", *more]), list("abcde")),
    "withhold_words": ("facts", st.lists(secrets, min_size=1), None),
    "goals_only": ("steps", st.lists(secrets, min_size=1), None),
    "open_referrals": (
        "services",
        st.lists(closed).map(lambda more: [{"service": "няня", "provider_kind": "ngo", "from_on": "2026-01-01"}, *more]),
        [{"service": "няня", "provider_kind": "ngo"}],
    ),
    "last_only": (
        "reviews",
        st.lists(st.fixed_dictionaries({"on": st.just("2025-01-01"), "dynamics": codes})).map(
            lambda earlier: [*earlier, {"on": "2026-01-01", "dynamics": "better"}]
        ),
        [{"on": "2026-01-01", "dynamics": "better"}],
    ),
    "recommendations_only": ("conditions", st.lists(secrets, min_size=1), None),
    "withhold": ("support_type", codes, None),
    "immediate_risk": ("state", secrets, None),
    "flag": ("housing", coded, {"code": "recorded"}),
    "presence_and_relevance": (
        "record",
        st.fixed_dictionaries({"code": codes, "relevance": st.just("да")}),
        {"code": "present", "relevance": "да"},
    ),
    "never": ("adoption", secrets, None),
}  # fmt: skip


def test_only_these_masks_keep_a_value_whole():
    assert set(MASKS) - set(MASKED) == {"full", "statement_of_signal"}


@pytest.mark.parametrize("mask", MASKED)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_mask_keeps_what_it_is_named_after_and_nothing_else(mask, data):
    field, values, kept = MASKED[mask]
    masked = mask_section({field: data.draw(values)}, {field: mask})
    assert masked == ({} if kept is None else {field: kept})


@pytest.mark.parametrize("scope_and_category", PACK.masks, ids="-".join)
@settings(max_examples=8, deadline=None)
@given(words_travel=st.booleans(), data=st.data())
def test_a_field_nobody_filed_never_passes(scope_and_category, words_travel, data):
    """A field that the tables do not have is left out of every masked section, whatever stands beside it."""
    scope, category = scope_and_category
    field = data.draw(
        st.from_regex(r"[a-z]{3,12}", fullmatch=True).filter(lambda name: name not in PACK.masks[scope, category])
    )
    assert PACK.mask(scope, category, {field: SECRET}, words_travel=words_travel) == {}


@pytest.mark.parametrize("category", [category for category in SUMMARY_SECTIONS if category != "IDN"])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_masked_section_still_is_that_section(category, data):
    section = SUMMARY_SECTIONS[category]
    value = grow(category, data.draw(VISIBLE[category]), data.draw)
    for form in (value, section.model_validate(value).model_dump(mode="json")):
        masked = PACK.mask("summary", category, form)
        section.model_validate(masked)
        assert PACK.mask("summary", category, masked) == masked, "masking twice changes nothing"


@pytest.mark.parametrize(
    ("category", "value", "masked"),
    [
        ("ID", {"full_name": "Иванова Анна", "sex": "f"}, {"full_name": "Иванова Анна", "sex": "f"}),
        ("IDN", {"snils": "11223344595"}, {"snils": "…4595"}),
        (
            "IDN",
            {"document": {"system": "esia", "type": "RF", "number": "12-34"}},
            {"document": {"system": "esia", "type": "RF", "number": "…34"}},
        ),
        (
            "CON",
            {"phones": [{"number": "1", "when": "вечер"}, {"number": "2"}]},
            {"phones": [{"number": "1", "when": "вечер"}]},
        ),
        ("CON", {"phones": []}, {}),
        (
            "LOC",
            {"address": {"text": "ул. Мира, 1", "municipality": "Измайлово", "gar_id": "x", "oktmo": "45307000101"}},
            {"address": {"text": "Измайлово", "municipality": "Измайлово", "oktmo": "45307000"}},
        ),
        ("LOC", {"registered": {"text": "ул. Мира, 1"}}, {"registered": {"text": "withheld"}}),
        ("FAM", {"household": [{"role": "mother", "age_band": "20-30"}]}, {"household": [{"role": "mother"}]}),
        ("LEG", {"legal_status": {"code": "no_care", "since": "2026-01-01"}}, {"legal_status": {"code": "no_care"}}),
        ("RSK", {"level": "high", "factors": list("abcdefg")}, {"level": "high", "factors": list("abcde")}),
        ("HLT", {"conditions": ["диагноз"], "recommendations": ["пандус"]}, {"recommendations": ["пандус"]}),
        ("PSY", {"state": "угроза", "conclusion": "текст"}, {}),
        (
            "PSY",
            {"state": "угроза", "conclusion": "текст", "immediate_risk": "Говорит о самоубийстве."},
            {"immediate_risk": "Говорит о самоубийстве."},
        ),
        ("EDU", {"place": "Школа № 1"}, {"place": "recorded"}),
        ("EDU", {}, {}),
        (
            "SOC",
            {"benefits": [{"benefit": "пособие", "state": "got"}] * 2},
            {"benefits": [{"benefit": "recorded", "state": "recorded"}]},
        ),
        ("OFF", {"record": {"code": "theft", "relevance": "да"}}, {"record": {"code": "present", "relevance": "да"}}),
        ("OFF", {"record": {"code": "theft"}}, {"record": {"code": "present"}}),
        ("ADP", {"adoption": "усыновлён"}, {}),
        ("PLN", {"services": [{"service": "няня", "provider_kind": "ngo", "to_on": "2026-01-01"}]}, {}),
        ("XXX", {"anything": 1}, {}),
        ("ID", {"unfiled": "слово"}, {}),
    ],
)
def test_what_a_mask_keeps(category, value, masked):
    assert PACK.mask("summary", category, value) == masked


@pytest.mark.parametrize(
    ("purpose", "kept"), [("SIGNAL", True), ("EMERGENCY", True), ("REFERRAL", False), ("KDN_IPR", False), ("?", False)]
)
def test_the_words_of_a_signal_travel_and_the_history_does_not(pack, purpose, kept):
    value = {"concerns": list("abcdef"), "statement": "Мать не открывает дверь.", "observed_on": "2026-02-01"}
    masked = PACK.mask("message", "RSK", value, words_travel=pack.keeps_words(purpose))
    assert ("statement" in masked, "observed_on" in masked) == (kept, kept)
    assert masked["concerns"] == list("abcde")
    MESSAGE_SECTIONS["RSK"].model_validate(masked)


def test_a_request_for_services_is_the_open_referral_itself():
    value = {"services": ["nanny"], "requested_action": "Навестить семью"}
    assert PACK.mask("message", "PLN", value) == value


def test_every_field_of_every_table_has_its_mask():
    for scope, table in (("summary", summary_fields()), ("message", message_fields())):
        for category, rows in table.items():
            assert list(PACK.masks[scope, category]) == [row.field for row in rows], (scope, category)


def test_no_mask_is_written_that_no_field_has():
    used = {mask for masks in PACK.masks.values() for mask in masks.values()}
    assert used | {row.mask for row in PACK.tables.categories.values()} == set(MASKS)


def test_a_section_the_pack_has_no_masks_for_shows_nothing():
    assert PACK.mask("summary", "XXX", {"full_name": "А"}) == {}
    assert PACK.mask("letter", "ID", {"full_name": "А"}) == {}


def test_masking_leaves_its_argument_alone():
    value = {"phones": [{"number": "1"}, {"number": "2"}]}
    before = json.dumps(value)
    PACK.mask("summary", "CON", value)["phones"].clear()
    assert json.dumps(value) == before
