"""The profiles of practices: what the descriptions of the practices print, and what a file that does not fit says."""

from __future__ import annotations

from decimal import Decimal
from importlib import resources
from itertools import pairwise
from typing import Any

import pytest
import yaml

from policies.files import PackFiles
from policies.overlays import OverlayFile
from policies.pack import shipped_pack
from policies.profile import NOT_USED, ScoreRow
from policies.profiles import practices_of, shipped_practices
from policies.regional_terms import check_regional_terms
from schemas.errors import Broken

PRACTICES = shipped_practices().profiles
FILES = PackFiles.read(resources.files("policies.practices"))


def terms(practice: str) -> dict[str, list[str]]:
    return {
        code: [f"{row.amount} {row.unit}" for row in timer.terms] for code, timer in PRACTICES[practice].timers.items()
    }


def test_the_five_practices_and_their_terms() -> None:
    assert set(PRACTICES) == {"deti-nashi", "otkazniki", "sos", "aistenok", "moscow"}
    assert terms("deti-nashi") == {
        "first-visit-team": ["1 working_day"],
        "first-visit": ["3 working_day"],
        "first-visit-report": ["24 hour"],
        "intake-decision": ["3 working_day"],
        "case-folder": ["3 working_day"],
        "plan-agreed": ["1.5 month"],
        "plan-action": ["14 day"],
        "monthly-monitoring": ["1 month"],
        "quarterly-review": ["3 month"],
        "yearly-review": ["1 year"],
    }
    assert terms("otkazniki") == {"child-wellbeing": ["3 month"], "outcome-recheck": ["1 year", "3 year"]}
    assert terms("sos") == {"joint-assessment": ["21 day"], "progress-review": ["6 month"]}
    assert terms("aistenok") == {
        "refusal-visit": ["2 hour"],
        "follow-up": ["1 month", "3 month", "6 month", "12 month"],
    }
    assert terms("moscow") == {"joint_decision": [], "cooperation_refusal": []}  # it prints none: what was set runs
    assert [code for p in PRACTICES.values() for code, row in p.timers.items() if row.reminder] == ["outcome-recheck"]
    repeating = {code for p in PRACTICES.values() for code, row in p.timers.items() if row.repeats}
    assert repeating == {
        "plan-action",
        "monthly-monitoring",
        "quarterly-review",
        "yearly-review",
        "child-wellbeing",
        "progress-review",
    }


STARTS = {
    "inquiry": {"refusal-visit"},
    "signal": {"first-visit-team", "first-visit", "refusal-visit"},
    "referral": {"intake-decision"},
    "intake_decision": {"case-folder", "plan-agreed"},
    "case_transfer": {"case-folder"},
    "joint_decision": {"joint_decision"},
    "cooperation_refusal": {"cooperation_refusal"},
    "closure_report": {"follow-up", "outcome-recheck"},
    "post_support_notice": {"follow-up"},
}
"""What the delivery of a message starts, by its type, in the practices that have the timer."""


def test_what_the_type_of_a_message_starts() -> None:
    known: dict[str, set[str]] = {}
    for profile in PRACTICES.values():
        for code, timer in profile.timers.items():
            for message in timer.messages:
                known.setdefault(message, set()).add(code)
    assert known == STARTS


def test_the_documents_norms_and_scores_of_deti_nashi() -> None:
    profile = PRACTICES["deti-nashi"]
    assert len(profile.forms) == 24
    complexity = profile.scores["complexity"]
    assert isinstance(complexity, ScoreRow)
    assert len(complexity.criteria) == 5
    assert [(level.at_least, level.at_most) for level in complexity.levels.values()] == [(5, 7), (8, 12), (13, 15)]
    assert profile.norms["budget"].at_most == Decimal(500_000)
    assert profile.norms["cases"].usual == Decimal(12)


def test_what_is_not_known_is_a_setting_and_no_number() -> None:
    risk = PRACTICES["sos"].scores["risk"]
    assert isinstance(risk, ScoreRow)
    assert [level.above for level in risk.levels.values()] == [None, "risk.medium", "risk.high"]
    assert set(PRACTICES["otkazniki"].scores.values()) == {NOT_USED}
    assert [code for code, row in PRACTICES["moscow"].stages.items() if row.named_by] == [
        f"step_{n}" for n in range(4, 9)
    ]
    for tool in PRACTICES["moscow"].tools.values():
        assert {PRACTICES["moscow"].settings[tool.term].kind, PRACTICES["moscow"].settings[tool.chain].kind} == {
            "term",
            "roles",
        }


def test_every_stage_maps_and_a_case_can_end() -> None:
    reference = PRACTICES["deti-nashi"]
    for profile in PRACTICES.values():
        ends = {code for code in profile.stages if not profile.transitions.get(code)}
        assert ends
        for code in profile.stages:
            seen, waiting = set(), [code]
            while waiting:
                seen.add(stage := waiting.pop())
                waiting += [to for to in profile.transitions.get(stage, ()) if to not in seen]
            assert seen & ends, code
        led = {event.to for event in profile.events.values()}
        assert set(profile.stages) <= led, "every stage is reached by an event"
        assert {row.same_as for row in profile.stages.values()} <= set(reference.stages)


def test_the_order_of_deti_nashi_is_that_of_its_table() -> None:
    profile, chain = PRACTICES["deti-nashi"], list(PRACTICES["deti-nashi"].stages)[:10]
    assert all(profile.may_follow(one, two) for one, two in pairwise(chain[:8]))
    assert profile.may_follow("plan_corrected", "plan_carried_out")
    assert not profile.may_follow("results_monitored", "plan_carried_out")
    assert profile.may_follow("case_closed", "post_support")
    assert not profile.may_follow("post_support", "plan_carried_out"), "a worsening is a new case"
    assert profile.may_follow(None, "signal_received")
    assert not profile.may_follow(None, "case_opened")


def _changed(practice: str, path: str, value: Any) -> PackFiles:
    document = yaml.safe_load(FILES.text(f"{practice}.yaml"))
    place, *rest = path.split("/")
    target = document
    for part in (place, *rest[:-1]) if rest else ():
        target = target[int(part)] if part.isdigit() else target[part]
    target[rest[-1] if rest else place] = value
    return PackFiles({**FILES.contents, f"{practice}.yaml": yaml.safe_dump(document, allow_unicode=True).encode()})


@pytest.mark.parametrize(
    ("practice", "path", "value", "place"),
    [
        ("sos", "first_stage", "nowhere", "first_stage"),
        ("sos", "transitions/supported", ["left"], "transitions"),  # no way to progress_reviewed
        ("sos", "transitions/left", ["nowhere"], "transitions.left"),
        ("sos", "stages/left/same_as", "nowhere", "stages.left.same_as"),
        ("sos", "events/left/to", "nowhere", "events.left.to"),
        ("sos", "timers/joint-assessment/starts", ["nothing"], "timers.joint-assessment.starts"),
        ("sos", "timers/joint-assessment/starts", [], "timers.joint-assessment.starts"),
        ("sos", "timers/joint-assessment/ends", ["nothing"], "timers.joint-assessment.ends"),
        ("sos", "timers/joint-assessment/messages", {"letter": "sender"}, "timers.joint-assessment.messages"),
        ("sos", "timers/joint-assessment/terms", [], "timers.joint-assessment.terms"),
        ("sos", "timers/joint-assessment/terms", [{"amount": 1.5, "unit": "day"}], "timers.joint-assessment.terms.0"),
        ("sos", "timers/joint-assessment/warn", {"amount": 0, "unit": "day"}, "timers.joint-assessment.warn.amount"),
        ("sos", "timers/joint-assessment/service", "risk.high", "timers.joint-assessment.service"),
        ("sos", "scores/risk/levels/high/above", "nothing", "scores.risk.levels"),
        ("deti-nashi", "scores/complexity/levels/high/at_least", 14, "scores.complexity.levels"),
        ("deti-nashi", "scores/complexity/most", None, "scores.complexity"),
        (
            "deti-nashi",
            "scores/complexity/criteria/remoteness/points_ru",
            ["a"],
            "scores.complexity.criteria.remoteness",
        ),
        ("aistenok", "settings/service.refusal-visit/kind", "text", "timers.refusal-visit.service"),
        ("moscow", "tools/joint_decision/term", "nothing", "tools.joint_decision"),
        ("moscow", "timers/joint_decision/set_by", "nothing", "timers.joint_decision.set_by"),
        ("moscow", "timers/joint_decision/set_by", None, "timers.joint_decision.terms"),
        ("moscow", "timers/joint_decision/set_by", "cooperation_refusal.term", "timers.joint_decision.set_by"),
        ("moscow", "timers/joint_decision/terms", [{"amount": 3, "unit": "day"}], "timers.joint_decision.terms"),
        ("moscow", "timers/joint_decision/asked", "nothing", "timers.joint_decision.asked"),
        ("moscow", "timers/cooperation_refusal/sent", ["letter"], "timers.cooperation_refusal.sent"),
        ("moscow", "timers/cooperation_refusal/came", ["letter"], "timers.cooperation_refusal.came"),
        ("moscow", "settings/joint_decision.term/kind", "text", "timers.joint_decision.set_by"),
        ("moscow", "stages/step_4/named_by", "joint_decision.term", "stages.step_4.named_by"),
        ("moscow", "invented", 1, "invented"),
        ("aistenok", "timers/refusal-visit/when", {"referral": {"need": ["x"]}}, "timers.refusal-visit.when"),
        ("aistenok", "timers/refusal-visit/when", {"inquiry": {"words": ["x"]}}, "timers.refusal-visit.when.inquiry"),
        (
            "aistenok",
            "timers/refusal-visit/when",
            {"inquiry": {"need": ["x"]}},
            "timers.refusal-visit.when.inquiry.need",
        ),
        ("deti-nashi", "closing_alone", ["tired"], "closing_alone"),
        ("deti-nashi", "until_majority", ["for_ever"], "until_majority"),
        ("deti-nashi", "norms/complex_cases/level", "complexity.huge", "norms.complex_cases.level"),
        ("deti-nashi", "norms/tears", {"title_ru": "Т", "unit_ru": "шт."}, "norms"),
        ("otkazniki", "comes_with", {"diary": "type_changed"}, "comes_with"),
        ("otkazniki", "comes_with", {"case_type": "nothing"}, "comes_with"),
        ("otkazniki", "comes_with", {"case_type": "case_closed"}, "comes_with.case_type"),
        ("otkazniki", "spheres", {}, "wellbeing_at_closing"),
        ("sos", "checklist/dog", {"x": "Т"}, "checklist"),
        ("sos", "may/keep", [], "may.keep"),
    ],
)
def test_a_file_that_does_not_fit_names_the_place(practice: str, path: str, value: Any, place: str) -> None:
    with pytest.raises(Broken) as caught:
        practices_of(_changed(practice, path, value))
    assert caught.value.params["file"] == f"{practice}.yaml"
    assert caught.value.params["place"] == place
    assert place in caught.value.message("ru")


def test_a_new_practice_is_one_file() -> None:
    own = FILES.contents["sos.yaml"].replace("Упреждающее партнёрство".encode(), "Своя практика".encode())
    found = practices_of(PackFiles({**FILES.contents, "our-practice.yaml": own}))
    mine = found.get("our-practice")
    assert mine is not None
    assert mine.title_ru == "Своя практика"
    with pytest.raises(Broken, match="pack_file_missing"):
        practices_of(PackFiles({"our-practice.yaml": own}))


def test_a_region_speaks_of_timers_that_there_are() -> None:
    (shipped,) = shipped_pack("ru", ("example-region",)).overlays
    check_regional_terms(shipped_practices(), [shipped])
    wrong: list[dict[str, Any]] = [
        {"practice_timers": {"deti-nashi/nothing": 2}},
        {"practice_timers": {"aistenok/follow-up": 2}},
        {"practice_timers": {"aistenok/follow-up": [1, 2, 3]}},
        {"practice_timers": {"deti-nashi/first-visit": [1, 2]}},
        {"practice_settings": {"sos/nothing": "2"}},
        {"practice_settings": {"sos/risk.high": "много"}},
        {"practice_settings": {"deti-nashi/timer.first-visit": "on"}},  # switching on is for the organisation
        {"practice_settings": {"moscow/joint_decision.chain": "head"}},  # and its people
        {"practice_settings": {"deti-nashi/warn.first-visit": "soon"}},
    ]
    for given in wrong:
        says = OverlayFile.model_validate({"title_ru": "Т", "citation": "п. 1", **given})
        with pytest.raises(Broken) as caught:
            check_regional_terms(shipped_practices(), [type(shipped)("region", "overlays/01-region.yaml", says)])
        assert str(caught.value.params["place"]).startswith(next(iter(given)))
    right = {
        "practice_timers": {"aistenok/follow-up": [1, 2, 4, 8], "deti-nashi/first-visit": [5]},
        "practice_settings": {
            "sos/risk.high": "30",
            "aistenok/service.refusal-visit": "08:00-22:00",
            "deti-nashi/warn.first-visit": "1 working_day",
            "moscow/stage.step_4": "План",
        },
    }
    says = OverlayFile.model_validate({"title_ru": "Т", "citation": "п. 1", **right})
    check_regional_terms(shipped_practices(), [type(shipped)("region", "overlays/01-region.yaml", says)])


def test_what_a_signal_claims_stands_in_the_pack() -> None:
    """The files of practices are read without a pack: that its triggers are there is seen here."""
    claimed = {
        trigger
        for profile in PRACTICES.values()
        for timer in profile.timers.values()
        for asked in timer.when.values()
        for trigger in asked.get("trigger", ())
    }
    assert claimed
    assert claimed <= set(shipped_pack("ru").tables.routes)
