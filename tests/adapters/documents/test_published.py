"""The published schemas say what the classes say: an independent validator takes what we write and refuses what we refuse."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from pydantic import BaseModel, ValidationError

from adapters.documents.json_schema import json_schema
from schemas.directory import Directory
from schemas.documents import KINDS
from tests.directory_strategies import directories
from tests.document_strategies import authorities, consents, messages, summaries
from tests.generate import ROOT, example_of

BY_CODE = {kind.code: kind for kind in KINDS}
VALIDATORS = {
    kind.code: jsonschema_rs.validator_for(
        json.loads((ROOT / "schemas" / "json" / f"{kind.code}-2.json").read_text("utf-8")), validate_formats=True
    )
    for kind in KINDS
}


def taken(value: BaseModel) -> None:
    (code,) = [kind.code for kind in KINDS if kind.model is type(value)]
    VALIDATORS[code].validate(value.model_dump(mode="json"))


@settings(max_examples=50)
@given(messages())
def test_messages(value: BaseModel) -> None:
    taken(value)


@settings(max_examples=25)
@given(summaries())
def test_case_summaries(value: BaseModel) -> None:
    taken(value)


@settings(max_examples=25)
@given(consents())
def test_consents(value: BaseModel) -> None:
    taken(value)


@settings(max_examples=25)
@given(authorities())
def test_authorities(value: BaseModel) -> None:
    taken(value)


@settings(max_examples=15)
@given(directories)
def test_the_directory(directory: Directory) -> None:
    for value in (*directory.organisations, *directory.services):
        taken(value)


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("message", {"urgency": "now"}),
    ("message", {"invented": 1}),
    ("message", {"sender_ogrn": "1"}),
    ("message", {"persons": [{"kind": "dog"}]}),
    ("message", {"reg_on": "01.09.2026"}),
    ("case_summary", {"subjects": []}),
    ("case_summary", {"corrects": "one"}),
    ("consent", {"categories": []}),
    ("consent", {"signers": [{"who": "aunt"}]}),
    ("consent", {"evidence_digest": "ABC"}),
    ("authority", {"who": "self"}),
    ("authority", {"holder_ref": None}),
    ("authority", {"rights": "some"}),
    ("organisation", {"website": "ftp://example.org"}),
    ("service", {"min_age": -1}),
    ("service", {"kinds": []}),
]


@pytest.mark.parametrize(("code", "wrong"), WRONG)
def test_what_the_class_refuses_for_its_form_the_schema_refuses(code: str, wrong: dict[str, Any]) -> None:
    right = example_of(BY_CODE[code]).model_dump(mode="json")
    VALIDATORS[code].validate(right)
    with pytest.raises(ValidationError):
        BY_CODE[code].model.model_validate(right | wrong)
    with pytest.raises(jsonschema_rs.ValidationError):
        VALIDATORS[code].validate(right | wrong)


def test_nothing_of_the_source_stands_in_what_is_published() -> None:
    for kind in KINDS:
        words = json.dumps(json_schema(kind), ensure_ascii=False)
        assert "Draft" not in words
        assert "description" not in json_schema(kind)
