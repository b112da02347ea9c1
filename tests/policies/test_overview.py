"""The overview of a pack, and `mezhved policy check`, which prints it and says no where a case differs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway import cli_policy
from policies.case_files import parse_cases
from policies.engine import Engine
from policies.overview import overview
from policies.pack import load_pack, shipped_pack
from policies.ruling import Effect

SOURCE = Path(__file__).parents[2] / "policies" / "packs" / "ru"
PACK = shipped_pack("ru")
CASES = [case for name, text in PACK.case_files.items() for case in parse_cases(text, name)]


def test_the_stages_add_up_to_the_pack():
    stages = overview(Engine(PACK), CASES)
    assert [stage.name for stage in stages] == [stage.name for stage in PACK.manifest.stages]
    assert sum(stage.policies for stage in stages) == len(PACK.rules)
    assert all(sum(stage.effects.values()) == stage.policies for stage in stages)
    holds = [rule for rule in PACK.rules.values() if rule.effect is Effect.HOLD]
    assert sum(stage.effects[Effect.HOLD] for stage in stages) == len(holds)
    assert {stage.unexercised for stage in stages} == {()}
    assert all(0 < stage.cases <= len(CASES) for stage in stages)


def test_marks_are_counted_for_each_rule_and_a_rule_may_bear_several():
    lane = next(stage for stage in overview(Engine(PACK), CASES) if stage.name == "lane")
    rules = {rule.rule: rule.confidence for rule in PACK.rules.values() if rule.stage == "lane"}
    assert rules["RU-152-9-9"] == "K / V"
    assert rules["RU-152-9-10"].startswith("S ('if purposes change")
    assert lane.rules == len(rules)
    assert set(lane.confidence) == {"V", "S", "K", "U", "POLICY"}
    assert max(lane.confidence.values()) <= len(rules) <= sum(lane.confidence.values())


def test_a_policy_that_decides_no_case_is_named():
    stages = {stage.name: stage for stage in overview(Engine(PACK), [])}
    assert stages["filter"].unexercised == ("POL-LOC-1#consent", "RU-152-10-P3#ngo")
    assert {stage.cases for stage in stages.values()} == {0}


@pytest.fixture
def check(monkeypatch):
    """`mezhved policy check` with these packs in the place of the shipped ones."""

    def run(pack, **environment):
        monkeypatch.setattr(cli_policy, "shipped_pack", pack)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(cli_policy.policy, ["check"])

    return run


def test_check_prints_the_stages(check):
    done = check(shipped_pack)
    assert done.exit_code == 0
    assert PACK.identity.digest in done.output
    for stage in PACK.manifest.stages:
        assert stage.name in done.output


def test_check_says_no_where_a_case_differs(check, tmp_path):
    copy = Path(shutil.copytree(SOURCE, tmp_path / "pack"))
    table = (copy / "envelopes.csv").read_text("utf-8")
    (copy / "envelopes.csv").write_text(table.replace("CASE_MGMT,SCHOOL,P,", "CASE_MGMT,SCHOOL,,"), "utf-8")
    changed = load_pack(copy)
    assert check(lambda *_: changed).exit_code == 1


def test_check_tells_apart_what_a_region_adds(check, tmp_path):
    """Cases say what the pack decides; one that a region decides otherwise is counted and is no failure."""
    overlay = tmp_path / "our-region.yaml"
    overlay.write_text("title_ru: Наш регион\ncitation: Порядок, п. 2\nrecipients: {truancy: [POLICE]}\n", "utf-8")
    done = check(shipped_pack, MEZHVED_OVERLAYS=str(overlay))
    assert done.exit_code == 0
    assert "Наш регион. Порядок, п. 2." in done.output
    assert "решаются иначе: 1." in done.output
