"""Regional overlays: they add what they say and nothing else, the pack's identity shows them, and a typo does not load."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from gateway.settings import Settings
from policies.case_files import parse_cases
from policies.decider import PackDecider
from policies.engine import Engine
from policies.facts import Facts
from policies.pack import load_pack, pack_of, shipped_pack
from policies.ruling import Effect
from schemas.errors import BadInput, Broken

SOURCE = Path(__file__).parents[2] / "policies" / "packs" / "ru"
EXAMPLE = SOURCE / "overlays" / "example-region.yaml"
NAME = "example-region"
PLAIN, LAID = shipped_pack("ru"), shipped_pack("ru", (NAME,))
CASES = [case.facts for name, text in PLAIN.case_files.items() for case in parse_cases(text, name)]
THREAT = Facts(org="KDN", source="SCHOOL", purpose="SIGNAL", trigger="threat", today=date(2026, 3, 1))


@pytest.fixture
def own(tmp_path):
    return Path(shutil.copy(EXAMPLE, tmp_path / "our-region.yaml"))


def rulings(pack, facts):
    return {code: (ruling.effect, ruling.rule) for code, ruling in Engine(pack).decide(facts).by_category.items()}


def test_none_is_on_by_default():
    assert PLAIN.overlays == ()
    assert Settings().overlays_on == ()
    assert PLAIN.identity == load_pack(SOURCE).identity
    assert not [name for name in PLAIN.files.contents if name.startswith("overlays")]


@pytest.mark.parametrize(
    ("text", "on"), [("", ()), (" , ", ()), ("a", ("a",)), ("b, /etc/a.yaml", ("b", "/etc/a.yaml"))]
)
def test_the_setting_is_a_list(monkeypatch, text, on):
    monkeypatch.setenv("MEZHVED_OVERLAYS", text)
    assert Settings().overlays_on == on


def test_a_further_recipient_of_a_signal_is_told_what_a_signal_carries():
    before, after = rulings(PLAIN, THREAT), rulings(LAID, THREAT)
    assert {effect for effect, _ in before.values()} == {Effect.DENY}
    assert before["ID"] == (Effect.DENY, "RU-120-9-1")
    assert after["ID"] == (Effect.PERMIT, "RU-120-9-1")
    assert after == rulings(PLAIN, replace(THREAT, org="OOIP"))
    assert rulings(LAID, replace(THREAT, source="NGO"))["ID"] == (Effect.DENY, "RU-120-4-1")


def test_nothing_else_changes():
    spoken_of = {("threat", "KDN"), ("neglect_sop", "FAMILY_CENTER")}
    plain, laid = Engine(PLAIN), Engine(LAID)
    kinds = sorted(PLAIN.tables.kinds)
    questions = [replace(facts, org=kind) for facts in CASES if facts.purpose == "SIGNAL" for kind in kinds]
    questions += [replace(THREAT, org=kind, trigger=trigger) for kind in kinds for trigger in PLAIN.tables.routes]
    for facts in [*CASES, *questions]:
        if (facts.trigger, facts.org) not in spoken_of:
            before, after = plain.decide(facts).by_category, laid.decide(facts).by_category
            assert [(ruling.effect, ruling.rule) for ruling in before.values()] == [
                (ruling.effect, ruling.rule) for ruling in after.values()
            ]
    tables = replace(LAID.tables, routes=PLAIN.tables.routes, timers=PLAIN.tables.timers)
    assert tables == PLAIN.tables
    assert {trigger for trigger, row in LAID.tables.routes.items() if row != PLAIN.tables.routes[trigger]} == {
        "threat",
        "neglect_sop",
    }
    assert [timer for timer, row in LAID.tables.timers.items() if row != PLAIN.tables.timers[timer]] == ["P-03"]


def test_what_an_overlay_changes_cites_its_act():
    row, timer = LAID.tables.routes["threat"], LAID.tables.timers["P-03"]
    assert row.recipients == (*PLAIN.tables.routes["threat"].recipients, "KDN")
    assert (timer.amount, timer.unit) == (60, PLAIN.tables.timers["P-03"].unit)
    for citation in (row.citation, timer.citation):
        assert citation.endswith("; Вымышленный порядок межведомственного взаимодействия, п. 1")


def test_the_remedy_names_the_further_recipient():
    ruling = Engine(LAID).decide(replace(THREAT, org="YOUTH_AUTH")).by_category["ID"]
    assert PLAIN.tables.kinds["KDN"].title_ru in ruling.true.remedy_ru


def test_days_are_said_otherwise():
    for day, working in ((date(2026, 4, 21), False), (date(2026, 4, 25), True)):
        assert PLAIN.calendar.is_working(day) is not working
        assert LAID.calendar.is_working(day) is working
    assert LAID.calendar.is_working(date(2026, 4, 22)) is PLAIN.calendar.is_working(date(2026, 4, 22))


def test_the_identity_shows_what_is_on(own):
    assert LAID.identity.version == f"{PLAIN.identity.version}+{NAME}"
    assert LAID.identity.digest != PLAIN.identity.digest
    assert PackDecider("ru", (NAME,)).identity == LAID.identity
    both = load_pack(SOURCE, (NAME, str(own)))
    assert both.identity.version == f"{PLAIN.identity.version}+{NAME}+our-region"
    swapped = load_pack(SOURCE, (str(own), NAME))
    assert len({pack.identity.digest for pack in (PLAIN, LAID, both, swapped)}) == 4


def test_a_changed_overlay_is_another_pack(own):
    before = load_pack(SOURCE, (str(own),))
    own.write_text(own.read_text("utf-8").replace("P-03: 60", "P-03: 61"), "utf-8")
    assert load_pack(SOURCE, (str(own),)).identity.digest != before.identity.digest


def test_the_last_one_counts(own):
    own.write_text(own.read_text("utf-8").replace("P-03: 60", "P-03: 30"), "utf-8")
    for overlays, amount in (((NAME, str(own)), 30), ((str(own), NAME), 60)):
        assert load_pack(SOURCE, overlays).tables.timers["P-03"].amount == amount


def test_the_files_of_a_pack_are_the_pack_with_its_overlays():
    """A record is read by the pack it was made by, from its stored files alone."""
    again = pack_of(LAID.files)
    assert again.identity == LAID.identity
    assert again.tables == LAID.tables
    assert again.calendar == LAID.calendar


@pytest.mark.parametrize(
    ("old", "new", "code", "params"),
    [
        ("threat: [KDN]", "threats: [KDN]", "pack_reference_unknown", {"place": "recipients", "what": "trigger"}),
        ("threat: [KDN]", "threat: [KDM]", "pack_reference_unknown", {"place": "recipients.threat", "value": "KDM"}),
        ("threat: [KDN]", "threat: KDN", "pack_value_invalid", {"place": "recipients.threat"}),
        ("P-03: 60", "P-33: 60", "pack_reference_unknown", {"place": "timers", "value": "P-33", "what": "timer"}),
        ("P-03: 60", "P-03: 0", "pack_value_invalid", {"place": "timers.P-03"}),
        ("P-03: 60", "P-03: true", "pack_value_invalid", {"place": "timers.P-03"}),
        ("P-03: 60", "P-03: 1 month", "pack_value_invalid", {"place": "timers.P-03"}),
        ("kind: working", "kind: worked", "pack_value_invalid", {"place": "days.1.kind"}),
        ("2026-04-25", "2026-04-31", "pack_value_invalid", {"place": "days.1.date"}),
        ("2026-04-25", "2026-04-21", "pack_code_duplicate", {"value": "2026-04-21"}),
        ("recipients:", "recipient:", "pack_value_invalid", {"place": "recipient"}),
        ('title_ru: "Пример', 'title: "Пример', "pack_value_invalid", {"place": "title_ru"}),
        ("citation: ", "citation: '' # ", "pack_value_invalid", {"place": "citation"}),
        ("threat: [KDN]", "threat: [KDN", "pack_file_unreadable", {"line": 9}),
        ("threat: [KDN]", "threat: [\x07]", "pack_file_unreadable", {"line": 8}),
        ("threat: [KDN]", "threat: [KDN]\n  threat: [POLICE]", "pack_file_unreadable", {"line": 9}),
    ],
)  # fmt: skip
def test_an_overlay_with_a_defect_is_refused_by_file_and_place(own, old, new, code, params):
    text = own.read_text("utf-8")
    assert old in text, "the test would change nothing"
    own.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Broken) as caught:
        load_pack(SOURCE, (str(own),))
    assert caught.value.code == code
    assert params.items() <= caught.value.params.items()
    assert caught.value.params["file"] == "overlays/01-our-region.yaml"
    assert caught.value.message("ru")
    assert caught.value.remedy("en")


@pytest.mark.parametrize(
    ("overlays", "code"),
    [
        (("no-such-region",), "overlay_unknown"),
        (("/no/such/region.yaml",), "overlay_unknown"),
        ((NAME, NAME), "overlay_twice"),
        ((NAME, str(EXAMPLE)), "overlay_twice"),
        (("../envelopes",), "overlay_name_invalid"),
        (("Область.yaml",), "overlay_name_invalid"),
    ],
)
def test_an_overlay_that_cannot_be_on_is_refused(overlays, code):
    with pytest.raises(BadInput) as caught:
        load_pack(SOURCE, overlays)
    assert caught.value.code == code
    assert caught.value.message("en")
    assert caught.value.remedy("ru")


def test_a_pack_without_overlays_has_none_to_name(tmp_path):
    pack = Path(shutil.copytree(SOURCE, tmp_path / "pack", ignore=shutil.ignore_patterns("overlays")))
    with pytest.raises(BadInput) as caught:
        load_pack(pack, (NAME,))
    assert caught.value.params["known"] == "—"
