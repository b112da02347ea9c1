"""Law 11. Articles, categories, envelopes and routes live in a pack; the engine knows none of them; a pack is swappable.

The categories that sections are filed under are named by the shared language (`schemas.categories`), not by the engine.
Timers are read, and nothing runs by them yet. There are two packs, of two laws; a third is made here by changing the first.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from gateway.use_cases.read_case_summaries import read_case_summary
from policies import decider
from policies.decider import PackDecider
from policies.engine import Engine
from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.pack import Pack, load_pack, shipped_pack
from tests.builders import NOW
from tests.laws import sources
from tests.laws.world import EVERYTHING, World, swapped

PACKS = ("ru", "gdpr")
LAW_WORDS = re.compile(r"\d+-ФЗ|\bст\. ?\d|\bРФ\b|\bRU-[A-Z0-9]|\bPOL-[A-Z]|GDPR|\bArt\. ?\d")
ROW = "CASE_MGMT,OOIP,P,P,P,P,P,P,P,P,P,P,P,P,M"
CHANGED = "CASE_MGMT,OOIP,P,P,P,P,P,P,P,P,,P,P,P,M"
"""One cell of one table: health is no longer in the envelope of a guardianship body."""


def check_the_engine_knows_no_rule(world: World | None = None) -> None:
    """No code of any pack stands in a string of the engine room, and no article anywhere in it, not in a comment either."""
    codes = {code for name in PACKS for code in _codes(shipped_pack(name))}
    codes -= {
        field.name for facts in (Facts, ConsentFacts, SignerFacts) for field in fields(facts)
    }  # names of facts are the engine's
    for path, tree in sources.trees("policies"):
        for node in sources.strings(tree):
            assert node.value not in codes, f"{path}:{node.lineno} knows {node.value}"
    for path, content in sources.texts("policies"):
        quoted = [] if "/packs/" in path else LAW_WORDS.findall(content)
        assert quoted == [], f"{path} quotes a law"
    for path, tree in sources.trees("policies"):
        for module, name in sources.imports(tree):
            named = module == "schemas.categories" and name != "SECTION_CATEGORIES"
            assert not named, f"{path} imports the category {name}"


def check_a_changed_cell_changes_the_ruling(world: World) -> None:
    """With no line of code changed, another table withholds; the entry says which pack decided."""
    before = _effects(world)
    assert before["HLT"] == "P"
    with _changed_pack() as pack:
        decided = _decider(pack)
        with swapped(world.house, "pack", decided):
            after = _effects(world)
        assert after == {**before, "HLT": "D"}
        assert pack.identity.digest != shipped_pack("ru").identity.digest
    old, new = [row.body for row in world.entries()][-2:]
    assert shipped_pack("ru").identity.digest.encode() in old
    assert pack.identity.digest.encode() in new


def check_every_file_of_the_pack_is_in_its_digest(world: World | None = None) -> None:
    """Whatever file of a pack changes, its identity does."""
    from policies.files import PackFiles

    for pack in PACKS:
        files = PackFiles.read(_pack_folder(pack))
        digest = files.digest()
        assert len(files.contents) > 10
        for name, content in files.contents.items():
            changed = PackFiles({**files.contents, name: content + b"\n"})
            assert changed.digest() != digest, f"{name} is not in the digest of {pack}"


def check_a_rule_that_no_case_exercises_is_refused(world: World | None = None) -> None:
    """A pack is tested by its own cases: all of them agree, and one that loses its cases does not load."""
    from policies.case_files import parse_cases
    from policies.cases import run_cases
    from schemas.errors import Broken

    for name in PACKS:
        pack = shipped_pack(name)
        cases = [case for file, text in pack.case_files.items() for case in parse_cases(text, file)]
        results = run_cases(Engine(pack), cases)
        assert len(results) > 50
        assert not [result for result in results if result.differences]
        with tempfile.TemporaryDirectory() as folder:
            copy = _copied(Path(folder), name)
            (copy / "cases.json").write_text("[]", "utf-8")
            try:
                load_pack(copy)
            except Broken as broken:
                assert broken.code == "pack_rule_unexercised"
            else:
                raise AssertionError("a pack without cases was taken")


def _codes(pack: Pack) -> set[str]:
    """Every code that a pack makes up: of tables and groups, rules and stages, obligations and terms."""
    tables = pack.tables
    codes = {*tables.categories, *tables.purposes, *tables.kinds, *tables.routes, *tables.timers}
    codes |= {*pack.statements, *pack.rules, *pack.obligations.codes, *(text.id for text in pack.neutral.values())}
    codes |= {group for row in tables.kinds.values() for group in row.groups}
    codes |= {group for row in tables.categories.values() for group in row.classes}
    codes |= {stage.name for stage in pack.manifest.stages} - {
        "lane"
    }  # also the name of a fact that the engine derives
    assert len(codes) > 60, "the pack was not read"
    return codes


def _effects(world: World) -> dict[str, str]:
    (case,) = read_case_summary(
        world.house, world.system("guardianship"), world.pseudonym("guardianship"), EVERYTHING, NOW
    ).cases
    child = next(subject for subject in case.subjects if subject.id == world.family.child)
    return {str(category): section.ruling.effect.value for category, section in child.sections.items()}


@contextmanager
def _changed_pack() -> Iterator[Pack]:
    with tempfile.TemporaryDirectory() as folder:
        copy = _copied(Path(folder))
        table = (copy / "envelopes.csv").read_text("utf-8")
        assert table.count(ROW) == 1
        (copy / "envelopes.csv").write_text(table.replace(ROW, CHANGED), "utf-8")
        # Its own cases know what the changed table says; only this cell matters here.
        yield load_pack(copy)


def _copied(folder: Path, pack: str = PACKS[0]) -> Path:
    return Path(shutil.copytree(_pack_folder(pack), folder / "pack"))


def _pack_folder(pack: str) -> Path:
    return sources.ROOT / "policies" / "packs" / pack


def _decider(pack: Pack) -> PackDecider:
    with swapped(decider, "shipped_pack", lambda *_: pack):
        return PackDecider("changed")


CHECKS = (check_a_changed_cell_changes_the_ruling,)
STORELESS = (
    check_the_engine_knows_no_rule,
    check_every_file_of_the_pack_is_in_its_digest,
    check_a_rule_that_no_case_exercises_is_refused,
)
