"""Law 11. Articles, categories, envelopes and routes live in a pack; the engine knows none of them; a pack is swappable.

The categories that sections are filed under are named by the shared language (`schemas.categories`), not by the engine.
There are two packs, of two laws; a third is made here by changing the first. Who answers for what (owners of facts,
deciders, reviewers, terms) is a table too: who assigns people to cases is not yet, and is named below.
"""

from __future__ import annotations

import ast
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

from gateway.use_cases.declare_emergency import declare_emergency
from gateway.use_cases.end_fact import end_fact
from gateway.use_cases.escalate import escalate
from gateway.use_cases.read_case_summaries import read_case_summary
from gateway.use_cases.record_fact import record_fact
from gateway.use_cases.review_emergency import review_emergency
from gateway.use_cases.tell_people import HEAD, ROLES
from policies import decider
from policies.decider import PackDecider
from policies.engine import Engine
from policies.facts import ConsentFacts, Facts, SignerFacts
from policies.pack import Pack, load_pack, shipped_pack
from policies.ruling import Effect
from schemas.errors import MezhvedError
from schemas.facts import FactDocument, FactDraft
from schemas.ids import Category
from tests.builders import NOW
from tests.gateway.exchange.world import World as Exchange
from tests.laws import sources
from tests.laws.people import REASONS, act, decide, held_family, hold_of, look, protect
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


ROLE_LISTS = {
    "gateway/use_cases/tell_people.py": 1,  # the roles that there are at all
    "gateway/use_cases/sign_in.py": 1,  # whose sign-in is an entry
    "gateway/use_cases/assign_case.py": 1,  # who assigns to cases (rules 3.8): not yet a row of the pack
    "gateway/use_cases/decide_hold.py": 1,  # who is told
    "gateway/use_cases/fact_events.py": 1,  # who is told
}
"""Where roles stand together in the gateway, with how often. None of these says who may decide by which rule."""
RUNNING = (
    "gateway/use_cases",
    "gateway/graphql",
    "gateway/storage",
    "gateway/rest",
    "gateway/exchange",
    "gateway/edge.py",
)


def check_the_gateway_holds_no_rule(world: World | None = None) -> None:
    """No code of a rule, term, obligation, kind or reason stands in what runs the packs, and no list of roles that decide."""
    codes = {code for name in PACKS for code in _answerable(shipped_pack(name))}
    lists = Counter[str]()
    for path, tree in sources.trees(*RUNNING):
        for node in sources.strings(tree):
            assert node.value not in codes, f"{path}:{node.lineno} knows {node.value}"
        names = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        } | {"HEAD": HEAD}
        for node in ast.walk(tree):
            if isinstance(node, ast.Set | ast.List | ast.Tuple):
                words = [names.get(e.id) if isinstance(e, ast.Name) else getattr(e, "value", None) for e in node.elts]
                lists[path] += len(ROLES & set(words)) > 1
    assert +lists == Counter(ROLE_LISTS), "a list of roles that is not a row of the pack"


def _answerable(pack: Pack) -> set[str]:
    tables = pack.tables
    kinds = {row.organisation_kind for row in tables.organisation_kinds}
    rules = {rule.rule for rule in pack.rules.values()}
    reasons = set(pack.responsible.holds.reasons)
    return {*pack.rules, *rules, *tables.timers, *pack.obligations.codes, *tables.kinds, *kinds, *reasons} - {"gateway"}


def check_a_changed_book_changes_who_answers(world: World) -> None:
    """With no line of code changed, another book lets others decide, record, review and declare, in other terms."""
    family = held_family(world, "book")
    with _changed_book() as pack, swapped(world.house, "pack", _decider(pack)):
        look(world, family.case_id)
        hold = hold_of(world, family.child)
        assert (tuple(hold.chain), hold.persons) == (("psychologist", "dpo"), 2)
        assert hold.due_at == NOW + timedelta(hours=24)
        yes = {Category("ID"): Effect.PERMIT}
        with _refused("hold_not_yours"):
            decide(world, "ngo.dpo", hold, yes)
        escalate(world.house, hold.due_at)
        assert decide(world, "ngo.dpo", hold, yes).hold.state == "waiting", "one of two is not enough"
        # Who may protect whereabouts, and that one may end it alone; the guardianship body suspects nobody any more.
        with _refused("fact_not_yours"):
            protect(world)
        draft = FactDraft.model_validate({"fact": "location_protected", "person": {"ref": "Chibis-1"}})
        fact = record_fact(world.house, world.person("ngo.dpo"), draft, NOW)
        assert end_fact(world.house, world.person("ngo.dpo"), fact.fact_id, FactDocument(), NOW).ended
        with _refused("subject_unavailable"):
            act(world, "14785296311", "suspected")
        # An emergency: fewer words, a shorter term, another reviewer.
        case = world.pseudonym("guardianship", family.case_id)
        declared = declare_emergency(world.house, world.person("guardianship.worker"), case, "Беда", NOW)
        assert declared.ends_at == NOW + timedelta(hours=1)
        with _refused("review_not_yours"):
            review_emergency(world.house, world.person("ngo.dpo"), declared.id, "justified", REASONS, NOW)
        review_emergency(world.house, world.person("ngo.head"), declared.id, "justified", REASONS, NOW)
    # By the book as shipped the same people stand elsewhere.
    plain = held_family(world, "shipped")
    look(world, plain.case_id)
    decide(world, "ngo.head", hold_of(world, plain.child), yes)
    protect(world)


def check_a_changed_lane_changes_who_may_send(world: World) -> None:
    """With no line of code changed, another row of the lanes lets others send, and says what would be lawful."""
    exchange = Exchange(world.town)
    with _changed_pack("lanes.csv", LANE, CHANGED_LANE) as pack, swapped(world.house, "pack", _decider(pack)):
        with _refused("lane_refused"):
            exchange.send("inquiry", "ngo", "school")
        exchange.send("inquiry", "kdn", "school")
    exchange.send("inquiry", "ngo", "school")


LANE, CHANGED_LANE = "inquiry,any,any,none,,,,notes", "inquiry,KDN,any,none,,,,notes"
"""One cell of the lanes: only a commission asks without names."""
BOOK = (
    ("  default: {chain: [head, dpo]}", "  default: {chain: [psychologist, dpo], persons: 2}"),
    ("  timer: P-04\n", "  timer: P-01\n"),
    ("roles: [curator, senior_curator, head]}\n", "roles: [dpo, head]}\n"),
    ("    end_by: two\n", "    end_by: owner\n"),
    ("needs: [reasons]}\n      - {as: body, kinds: [guardianship], needs: [number, on]}\n", "needs: [reasons]}\n"),
    (
        "open: P-06, review: P-01, reviewer: dpo, least_words: 20}",
        "open: D-17, review: P-01, reviewer: head, least_words: 3}",
    ),
)
"""Rows of the book and what stands there instead."""


@contextmanager
def _changed_book() -> Iterator[Pack]:
    with tempfile.TemporaryDirectory() as folder:
        copy = _copied(Path(folder))
        book = (copy / "responsible.yaml").read_text("utf-8")
        for old, new in BOOK:
            assert book.count(old) == 1, f"{book.count(old)} rows: {old}"
            book = book.replace(old, new)
        (copy / "responsible.yaml").write_text(book, "utf-8")
        yield load_pack(copy)


@contextmanager
def _refused(code: str) -> Iterator[None]:
    try:
        yield
    except MezhvedError as error:
        assert error.code == code, error.code
    else:
        raise AssertionError(f"not refused: {code}")


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
def _changed_pack(name: str = "envelopes.csv", row: str = ROW, changed: str = CHANGED) -> Iterator[Pack]:
    with tempfile.TemporaryDirectory() as folder:
        copy = _copied(Path(folder))
        table = (copy / name).read_text("utf-8")
        assert table.count(row) == 1
        (copy / name).write_text(table.replace(row, changed), "utf-8")
        # Its own cases know what the changed table says; only this cell matters here.
        yield load_pack(copy)


def _copied(folder: Path, pack: str = PACKS[0]) -> Path:
    return Path(shutil.copytree(_pack_folder(pack), folder / "pack"))


def _pack_folder(pack: str) -> Path:
    return sources.ROOT / "policies" / "packs" / pack


def _decider(pack: Pack) -> PackDecider:
    with swapped(decider, "shipped_pack", lambda *_: pack):
        return PackDecider("changed")


CHECKS = (
    check_a_changed_cell_changes_the_ruling,
    check_a_changed_book_changes_who_answers,
    check_a_changed_lane_changes_who_may_send,
)
STORELESS = (
    check_the_engine_knows_no_rule,
    check_the_gateway_holds_no_rule,
    check_every_file_of_the_pack_is_in_its_digest,
    check_a_rule_that_no_case_exercises_is_refused,
)
