"""Reading policies by purpose leaves out only what could not match: every answer is that of the whole set."""

from __future__ import annotations

import json
from pathlib import Path

import cedarpy
import pytest

from policies.case_files import parse_cases
from policies.facts_view import facts_view, typed
from policies.pack import shipped_pack
from policies.predicates import POLICIES, SCHEMA

PACK = shipped_pack("ru")
CASES = [case for name, text in PACK.case_files.items() for case in parse_cases(text, name)]


@pytest.fixture(scope="module")
def whole_set():
    directory = Path(__file__).parents[2] / "policies" / "packs" / "ru"
    texts = [(directory / name).read_text("utf-8") for name in (POLICIES, SCHEMA)]
    tables = [
        {"uid": {"type": row_type, "id": code}, "attrs": {}, "parents": [{"type": group, "id": name} for name in names]}
        for row_type, group, rows in (
            ("Category", "Class", {code: row.classes for code, row in PACK.tables.categories.items()}),
            ("Kind", "KindGroup", {code: row.groups for code, row in PACK.tables.kinds.items()}),
            ("Purpose", "Lane", {code: (row.lane,) for code, row in PACK.tables.purposes.items()}),
        )
        for code, names in rows.items()
    ]
    return cedarpy.PolicySet.from_str(texts[0]), cedarpy.Schema.from_str(texts[1]), tables


@pytest.mark.parametrize("case", CASES[::8], ids=[f"{case.n}" for case in CASES[::8]])
def test_nothing_that_matches_is_left_out(whole_set, case):
    policies, schema, tables = whole_set
    facts = case.facts
    attributes = typed(facts_view(facts, PACK.tables), PACK.manifest.entities)
    row = PACK.tables.envelopes.row(facts.purpose, facts.org) or {}
    cells = {category: row.get(category, "") for category in facts.requested}
    found = PACK.predicates.matches(attributes, cells, facts.purpose)
    uid = {"type": "Request", "id": "this"}
    entities = [*tables, {"uid": uid, "attrs": attributes, "parents": []}]
    for category, cell in cells.items():
        question = {
            "principal": uid,
            "action": {"type": "Action", "id": "release"},
            "resource": {"type": "Category", "id": category},
            "context": {"cell": cell},
        }
        result = cedarpy.is_authorized(question, policies, json.dumps(entities), schema)
        assert result.diagnostics.errors == []
        assert set(result.diagnostics.id_annotations_by_reason.values()) == set(found[category].policies)
        assert found[category].alarms == ()
