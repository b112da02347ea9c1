"""Law 5. The rule comes first: an empty section says whether it is withheld or not recorded, and a refusal never tells.

`explain` of the holder, which shows the true rule of a quiet one, comes later: here the holder's DPO reads it in the log.
"""

from __future__ import annotations

import json
from typing import Any

from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.read_log import read_log
from policies.case_files import parse_cases
from policies.decider import PackDecider
from policies.pack import shipped_pack
from tests.builders import NOW, consent, record
from tests.laws.world import OPEN, SUMMARIES, SUMMARY, World, full, marked_sections, summary_draft

RELEASING = {"RELEASED", "MASKED"}
QUIET = "POL-LOC-1"


def check_every_null_has_one_meaning(world: World) -> None:
    """Data are null exactly where a ruling withholds, or where it releases and says why there is nothing."""
    _publish_half_recorded(world)
    seen = set()
    for answer in _answers(world):
        for section in _sections(answer):
            effect, absence, data = section["access"]["effect"], section["absence"], section["data"]
            seen.add((effect, absence, data is None))
            if effect in RELEASING:
                assert (data is None) == (absence is not None), section
            else:
                assert data is None, section
                assert absence is None, f"a refusal tells whether data exist: {section}"
            assert all(section["access"][part] for part in ("rule", "title")), section
            assert effect in RELEASING or section["access"]["remedy"], "what would change it"
    # The family was made so that every kind of answer occurs.
    for kind in (
        ("RELEASED", None, False),
        ("RELEASED", "NOT_RECORDED", True),
        ("RELEASED", "NOT_USED", True),
        ("WITHHELD", None, True),
    ):
        assert kind in seen, f"{kind} was never seen: this tries too little"


def check_a_refusal_is_the_same_whether_data_exist(world: World) -> None:
    """What is withheld reads the same for a child with the category recorded and for one without."""
    published = _publish_half_recorded(world)
    answer = world.ask(
        "guardianship", full(SUMMARY), id=world.pseudonym("guardianship", published.case_id), purpose="CASE_MGMT"
    )
    recorded, bare, *_ = answer.json()["data"]["caseSummary"]["subjects"]
    for name in ("offences", "adoption", "identifiers", "legalStatus"):
        one, other = recorded["sections"][name], bare["sections"][name]
        assert one["access"]["effect"] not in RELEASING, name
        assert {**one, "about": None} == {**other, "about": None}, name


def check_a_quiet_rule_reads_neutral(world: World) -> None:
    """Where whereabouts are protected the requester reads a neutral reason everywhere; entry and DPO have the true one."""
    plain = world.ask("guardianship", full(SUMMARY), id=world.pseudonym("guardianship"), purpose="CASE_MGMT").json()
    _protect(world)
    answer = world.ask("guardianship", full(SUMMARY), id=world.pseudonym("guardianship"), purpose="CASE_MGMT")
    child = answer.json()["data"]["caseSummary"]["subjects"][0]["sections"]
    access = child["whereabouts"]["access"]
    neutral = {text.id: text for text in shipped_pack("ru").neutral.values()}
    assert access["effect"] not in RELEASING
    assert (access["rule"], access["citation"], access["title"]) == (
        "NOT_RELEASED",
        "",
        neutral["NOT_RELEASED"].title_ru,
    )
    assert access["obligations"] == []
    _check_silent(answer.text)
    for page in (full(SUMMARIES),):
        _check_silent(world.ask("guardianship", page, first=10).text)
    # The true rule stands in the entry and in the links the holder's DPO reads.
    entry_id = answer.json()["data"]["caseSummary"]["entryId"]
    (entry,) = [e for e in world.entries() if e.id == entry_id]
    rulings = [s["rulings"]["LOC"] for item in json.loads(entry.body)["body"]["items"] for s in item["subjects"]]
    assert any(rule.startswith(QUIET) for _, rule in rulings)
    log = read_log(world.house, world.system("ngo", "dpo"), NOW)
    assert any(row.entry_id == entry_id and row.rulings["LOC"][1].startswith(QUIET) for row in log.rows)
    # What the neutral answer does not touch stays as it was.
    before = plain["data"]["caseSummary"]["subjects"][0]["sections"]
    assert {k: v for k, v in child.items() if k != "whereabouts"} == {
        k: v for k, v in before.items() if k != "whereabouts"
    }


def check_the_shown_rule_of_every_quiet_policy_is_neutral(world: World) -> None:
    """All quiet policies of the pack, over the worked cases that reach them."""
    pack = shipped_pack("ru")
    quiet = {rule.policy for rule in pack.rules.values() if rule.quiet}
    decider, reached = PackDecider("ru"), set()
    for case in (case for name, text in pack.case_files.items() for case in parse_cases(text, name)):
        for ruling in decider.decide(case.facts).by_category.values():
            if ruling.policy in quiet:
                reached.add(ruling.policy)
                assert ruling.shown == pack.neutral[ruling.effect]
                assert ruling.true.id == ruling.rule != ruling.shown.id
    assert reached, "no worked case reaches a quiet policy"


def _check_silent(text: str) -> None:
    told = [word for word in (QUIET, "защищ", "ST_ALERT", "LOC_PROTECTED") if word in text]
    assert not told, f"a quiet rule is told: {told}"


def _protect(world: World) -> None:
    record(world.house, world.family.child, "location_protected", world.town.ngo)


def _publish_half_recorded(world: World) -> Any:
    """One child with all sections but PSY and EDU, one almost bare; HLT is not used by this practice."""
    sections = {k: v for k, v in marked_sections().items() if k not in {"psychology", "education", "health"}}
    sections["identifiers"] = {"document": {"system": "Chibis", "type": "Чибис", "number": "Чибис"}}
    published = publish_case_summary(
        world.house, world.system("ngo"), summary_draft("half", "half", sections=sections, not_used=["HLT"]), NOW
    )
    signers = [{"who": "mother", "holder_ref": "half-M", "verified": True}]
    categories = ["ID", "CON", "LOC", "FAM", "RSK", "PLN", "HLT", "PSY", "EDU", "SOC"]
    for ref, birth in (("half", "2017-01-15"), ("half-2", "2015-03-03")):
        consent(world.town, world.town.guardianship, ref=ref, birth_date=birth, signers=signers, categories=categories)
    return published


def _answers(world: World) -> list[Any]:
    page = world.ask("guardianship", full(SUMMARIES), first=10).json()["data"]["caseSummaries"]["items"]
    signal = world.ask("guardianship", full(OPEN), id=world.family.signal_id).json()["data"]["openMessage"]
    referral = world.ask("ngo", full(OPEN), id=world.family.referral_id).json()["data"]["openMessage"]
    return [*page, signal, referral]


def _sections(answer: Any) -> list[Any]:
    found = [section for person in answer["subjects"] for section in person["sections"].values()]
    assert all(section is not None for section in found), "asked, but not answered"
    return found


CHECKS = (
    check_every_null_has_one_meaning,
    check_a_refusal_is_the_same_whether_data_exist,
    check_a_quiet_rule_reads_neutral,
)
STORELESS = (check_the_shown_rule_of_every_quiet_policy_is_neutral,)
