"""The published schemas say what the classes say: an independent validator takes what we write and refuses what we refuse."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from adapters.documents.json_schema import json_schema
from schemas.directory import Directory
from schemas.documents import KINDS
from tests.directory_strategies import directories
from tests.document_strategies import authorities, consents, messages, summaries
from tests.generate import ROOT, example_of
from tests.mutations import BLANK, broken_value

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
    ("service", {"id": ""}),
    ("service", {"organisation_id": ""}),
    ("service", {"kinds": [""]}),
    ("service", {"territories": [""]}),
    ("service", {"form": ""}),
    ("organisation", {"id": "", "synthetic": True}),
    ("organisation", {"kind": ""}),
    ("organisation", {"inn": ""}),
    ("message", {"sender_ogrn": "\u0663" * 13}),
]


@pytest.mark.parametrize(("code", "wrong"), WRONG)
def test_what_the_class_refuses_for_its_form_the_schema_refuses(code: str, wrong: dict[str, Any]) -> None:
    right = example_of(BY_CODE[code]).model_dump(mode="json")
    VALIDATORS[code].validate(right)
    with pytest.raises(ValidationError):
        BY_CODE[code].model.model_validate(right | wrong)
    with pytest.raises(jsonschema_rs.ValidationError):
        VALIDATORS[code].validate(right | wrong)


BEYOND_SCHEMA = {
    "value_error": "code lists, check digits, rules over several fields",
    "date_impossible": "the calendar, where a text may be a month",
    "date_parsing": "the year 0000, which a format of a date may have",
    "date_from_datetime_parsing": "the same",
}
"""Errors of a class that a schema has no word for, with why."""


@settings(max_examples=60, phases=[Phase.explicit, Phase.generate])
@given(
    values=st.one_of(
        *(st.tuples(one) for one in (messages(), summaries(), consents(), authorities())),
        directories.map(lambda one: (*one.organisations, *one.services)),
    ),
    chance=st.randoms(use_true_random=False),
)
def test_schema_and_class_agree_on_any_document_that_is_broken_in_one_place(values: Any, chance: Any) -> None:
    for value in values * 4:
        (kind,) = [kind for kind in KINDS if kind.model is type(value)]
        said = value.model_dump(mode="json")
        field, new = broken_value(said, chance)
        described = VALIDATORS[kind.code].is_valid(said)
        try:
            taken = kind.model.model_validate(said)
        except ValidationError as refused:
            errors = {error["type"] for error in refused.errors()}
            is_beyond = errors <= BEYOND_SCHEMA.keys() or new in BLANK  # spaces are cut off before a text is measured
            assert not described or is_beyond, f"{field}: {new!r}: {errors}"
        else:
            # The class also takes «1» for a number, a midnight for a day, spaces around a code: what it makes of it fits.
            assert VALIDATORS[kind.code].is_valid(taken.model_dump(mode="json")), f"{field}: {new!r}"


def test_nothing_of_the_source_stands_in_what_is_published() -> None:
    for kind in KINDS:
        words = json.dumps(json_schema(kind), ensure_ascii=False)
        assert "Draft" not in words
        assert "description" not in json_schema(kind)
