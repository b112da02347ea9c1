"""docs/facts.md against what it speaks of: its examples are read, and each says a fact that its owner may record."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from graphql import parse, validate

from gateway.graphql.schema import schema
from policies.pack import shipped_pack
from schemas.facts import FactDocument, FactDraft
from tests.docs.sources import ROOT

PAGE = (ROOT / "docs/facts.md").read_text("utf-8")
EXAMPLES = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
FACTS = [example for example in EXAMPLES if "fact" in example]


def test_there_are_examples_to_read() -> None:
    assert len(FACTS) >= 3
    assert len(EXAMPLES) > len(FACTS)


@pytest.mark.parametrize("example", FACTS, ids=lambda example: example["fact"])
def test_an_example_is_a_whole_fact_of_the_pack(example: dict[str, Any]) -> None:
    """Whole: it lacks nothing that one of the owners needs."""
    draft = FactDraft.model_validate(example)
    row = shipped_pack("ru").responsible.facts[draft.fact]
    given = {
        "number": draft.document.number,
        "on": draft.document.on,
        "copy": draft.document.copy_digest,
        "reasons": draft.document.reasons,
        "value": draft.value,
        "until": draft.until,
        "organisations": draft.organisations,
    }
    assert any(all(given[need] for need in owner.needs) for owner in row.owners)
    assert draft.value is None or draft.value in row.values
    assert (row.about == "parent") == bool(draft.about_who)


def test_an_example_of_an_end_is_a_document() -> None:
    for example in EXAMPLES:
        if example not in FACTS:
            assert FactDocument.model_validate(example).reasons


def test_every_graphql_example_fits_the_schema() -> None:
    found = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)
    assert found
    for example in found:
        assert validate(schema._schema, parse(example)) == [], example
