"""A pack of rules: one directory of data, loaded as a whole or not at all.

Loading checks the policies against their schema and every file against the others, and refuses what does not fit:
an unknown rule, code, kind or category, two policies in one place, a missing annotation, a rule that no case exercises.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from policies.calendar import Calendar
from policies.field_masks import FieldMasks, read_masks
from policies.files import PackFiles, checked
from policies.lanes import LaneRow, read_lanes
from policies.masks import MASKS, Json, mask_section
from policies.obligations import ObligationBook, read_obligations
from policies.overlays import FOLDER as OVERLAYS
from policies.overlays import Overlay, read_overlays, with_overlays
from policies.predicates import POLICIES, SCHEMA, EntityRow, Predicates
from policies.queues import QueueBook, read_queues
from policies.responsible import FILE as RESPONSIBLE
from policies.responsible import Responsible, read_responsible
from policies.rules import DecisionRule, Stage, read_rules
from policies.ruling import Effect, PackIdentity, RuleText
from policies.tables import Tables, known, read_tables
from policies.wording import SPECIFIED_IN, Wording, read_wording
from schemas.catalogue import Language
from schemas.categories import SECTION_CATEGORIES
from schemas.errors import BadInput, Broken
from schemas.ids import Category
from schemas.model import Model

MANIFEST: Final = "pack.yaml"
STATEMENTS: Final = "rules.json"
SUPPORT: Final = "support.yaml"
CASES_SUFFIX: Final = "cases.json"
_DECISION: Final = "decision"


class NeutralText(Model):
    """What is read instead of a quiet rule, for some effects."""

    effects: tuple[Effect, ...]
    id: str
    citation: str
    title_ru: str
    remedy_ru: str


class Manifest(Model):
    """`pack.yaml`: what the pack is and in which order it is read."""

    id: str
    version: str
    title_ru: str
    language: Language = SPECIFIED_IN
    jurisdiction: str
    zone: str
    default_rule: str
    stages: tuple[Stage, ...]
    entities: Mapping[str, str]
    neutral: tuple[NeutralText, ...]


class Statement(Model):
    """One rule of `rules.json`: what it says, on which citation, and whether it decides (`decision`) or supports."""

    id: str
    statement: str
    facts: str
    effect: str
    citation: str
    confidence: str
    tier: str


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything a ruling needs, checked. `rules` are the policies by id; `statements` all rules by id; `default` is the
    text of the rule by which a category is withheld that no rule speaks about."""

    identity: PackIdentity
    manifest: Manifest
    zone: ZoneInfo
    tables: Tables
    lanes: Mapping[str, tuple[LaneRow, ...]]
    masks: FieldMasks
    rules: Mapping[str, DecisionRule]
    statements: Mapping[str, Statement]
    support_titles: Mapping[str, str]
    obligations: ObligationBook
    responsible: Responsible
    queues: QueueBook
    predicates: Predicates
    default: RuleText
    neutral: Mapping[Effect, RuleText]
    case_files: Mapping[str, str]
    wording: Wording
    files: PackFiles
    calendar: Calendar
    overlays: tuple[Overlay, ...]

    def keeps_words(self, purpose: str) -> bool:
        """Whether the words of a message travel with it for this purpose, whatever is masked of the history."""
        row = self.tables.purposes.get(purpose)
        return row is not None and row.words_travel == "yes"

    def echoed(self) -> frozenset[str]:
        """The purposes of a reading of which the holder is told afterwards."""
        return frozenset(code for code, row in self.tables.purposes.items() if row.echo == "yes")

    def mask(
        self, scope: str, category: Category, value: Mapping[str, Json], *, words_travel: bool = False
    ) -> dict[str, Json]:
        """The masked form of one section of a summary or of a message (`scope`), as JSON. Where the pack has no masks for
        the section, nothing of it is shown."""
        return mask_section(value, self.masks.get((scope, category), {}), words_travel=words_travel)


@functools.cache
def shipped_pack(name: str, overlays: tuple[str, ...] = ()) -> Pack:
    """A pack that comes with the product, with the regional overlays that are on (`overlays.with_overlays`), loaded once.
    Raises BadInput `pack_unknown` for a name that none has."""
    packs = resources.files("policies.packs")
    known_packs = sorted(entry.name for entry in packs.iterdir() if entry.joinpath(MANIFEST).is_file())
    if name not in known_packs:
        raise BadInput("pack_unknown", pack=name, known=", ".join(known_packs))
    return load_pack(packs.joinpath(name), overlays)


def load_pack(directory: Traversable, overlays: Sequence[str] = ()) -> Pack:
    """The pack in `directory` with these overlays on. Raises Broken with the file, the place and what was expected there."""
    return pack_of(with_overlays(PackFiles.read(directory), directory.joinpath(OVERLAYS), overlays))


def pack_of(files: PackFiles) -> Pack:
    """The pack that these files are, overlays among them included. Raises Broken as `load_pack` does."""
    manifest = files.document(MANIFEST, Manifest)
    tables = read_tables(files)
    overlays = read_overlays(files)
    calendar = Calendar(manifest.jurisdiction)
    for overlay in overlays:
        tables = overlay.laid_over(tables)
        calendar = calendar.overridden(overlay.days())
    known(SECTION_CATEGORIES, tables.categories, "category", "categories.csv", "the sections of a summary")
    for code, row in tables.categories.items():
        known((row.mask,), MASKS, "mask", "categories.csv", code)
    statements = _statements(files)
    predicates = Predicates(files.text(POLICIES), files.text(SCHEMA), _entities(tables))
    annotations = [body["annotations"] for body in predicates.policies]
    rules = read_rules(annotations, manifest.stages, statements, POLICIES)
    known((manifest.default_rule,), {rule.rule for rule in rules.values()}, "rule", MANIFEST, "default_rule")
    case_files = {name: files.text(name) for name in files.contents if name.endswith(CASES_SUFFIX)}
    _check_decided(statements, rules)
    _check_exercised(files, statements, rules)
    support = files.mapping(SUPPORT)
    known(support, statements, "rule", SUPPORT, "document")
    responsible = read_responsible(files, tables, rules)
    known((responsible.exports.rule,), statements, "rule", RESPONSIBLE, "exports")
    return Pack(
        identity=PackIdentity(manifest.id, _version(manifest, overlays), files.digest()),
        manifest=manifest,
        zone=_zone(manifest),
        tables=tables,
        lanes=MappingProxyType(
            read_lanes(
                files,
                tables.purposes,
                tables.all_kinds(),
                sorted({group for kind in tables.kinds.values() for group in kind.groups}),
            )
        ),
        masks=read_masks(files),
        rules=MappingProxyType(rules),
        statements=MappingProxyType(statements),
        support_titles=MappingProxyType(support),
        obligations=read_obligations(files, tables, rules, statements),
        responsible=responsible,
        queues=read_queues(files, tables),
        predicates=predicates,
        default=next(rule.text for rule in rules.values() if rule.rule == manifest.default_rule),
        neutral=_neutral(manifest),
        case_files=MappingProxyType(case_files),
        wording=read_wording(files, manifest.language, tables, manifest.stages, statements, rules, case_files),
        files=files,
        calendar=calendar,
        overlays=overlays,
    )


def _version(manifest: Manifest, overlays: Sequence[Overlay]) -> str:
    return "+".join((manifest.version, *(overlay.name for overlay in overlays)))


def _statements(files: PackFiles) -> dict[str, Statement]:
    statements: dict[str, Statement] = {}
    for row in files.json(STATEMENTS):
        statement = checked(Statement, row, STATEMENTS, "document")
        if statement.id in statements:
            raise Broken("pack_code_duplicate", file=STATEMENTS, value=statement.id)
        statements[statement.id] = statement
    return statements


def _entities(tables: Tables) -> Iterator[EntityRow]:
    for code, category in tables.categories.items():
        yield EntityRow("Category", code, tuple(("Class", group) for group in category.classes))
    for name, kind in tables.kinds.items():
        yield EntityRow("Kind", name, tuple(("KindGroup", group) for group in kind.groups))
    for name, purpose in tables.purposes.items():
        yield EntityRow("Purpose", name, (("Lane", purpose.lane),))
    for name in tables.routes:
        yield EntityRow("Trigger", name)


def _check_decided(statements: Mapping[str, Statement], rules: Mapping[str, DecisionRule]) -> None:
    decided = {rule.rule for rule in rules.values()}
    for statement in statements.values():
        if statement.tier == _DECISION and statement.id not in decided:
            raise Broken("pack_rule_without_policy", file=POLICIES, rule=statement.id)


def _check_exercised(files: PackFiles, statements: Mapping[str, Statement], rules: Mapping[str, DecisionRule]) -> None:
    exercised: set[str] = set()
    for name in sorted(files.contents):
        if name.endswith(CASES_SUFFIX):
            expected = _expected_rules(files.json(name), name)
            known(expected, statements, "rule", name, "expected")
            exercised |= expected
    for rule in rules.values():
        if rule.rule not in exercised:
            raise Broken("pack_rule_unexercised", file=POLICIES, rule=rule.rule)


def _expected_rules(cases: Any, name: str) -> set[str]:  # noqa: ANN401 - parsed JSON of any shape
    try:
        return {ruling["rule"] for case in cases for ruling in case.get("expected", {}).values()}
    except (TypeError, KeyError, AttributeError):
        raise Broken("pack_value_invalid", file=name, place="expected", expected="category: {effect, rule}") from None


def _zone(manifest: Manifest) -> ZoneInfo:
    try:
        return ZoneInfo(manifest.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Broken(
            "pack_value_invalid", file=MANIFEST, place="zone", expected="a zone such as Europe/Moscow"
        ) from None


def _neutral(manifest: Manifest) -> Mapping[Effect, RuleText]:
    texts = {
        effect: RuleText(text.id, text.citation, text.title_ru, text.remedy_ru)
        for text in manifest.neutral
        for effect in text.effects
    }
    for effect in Effect:
        if effect not in texts:
            raise Broken("pack_value_invalid", file=MANIFEST, place="neutral", expected=f"a text for effect {effect}")
    return MappingProxyType(texts)
