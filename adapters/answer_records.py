"""One answer from the values of its fields, whichever file they came from; or the rule that keeps it out, and its field."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from schemas.answers import AnswerDraft, answer_event

NAMESPACE: Final = uuid.UUID("b8e0f2c4-6a55-5a0e-8f0d-6d3c1f2a9b77")
"""The name space of derived identifiers of answers (UUID version 5). It never changes: repeats are recognised by it."""

IDS: Final = frozenset({"operation_id", "delivery_id", "message_id"})


class AnswerFault(Exception):
    """A record that is no answer: `code` is the rule, `field` the one that it is about."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(code)
        self.code, self.field = code, field


def answer_draft(values: Mapping[str, object]) -> AnswerDraft:
    """The answer that these values say, an identifier derived where they bring none. Raises AnswerFault."""
    given: dict[str, object] = {}
    for name, value in values.items():
        said = value.strip() if isinstance(value, str) else value
        if said:
            given[name] = said.lower() if name in IDS and isinstance(said, str) else said
    if "delivery_id" not in given and "message_id" not in given:
        raise AnswerFault("answer_about_nothing", "delivery_id")
    if "event" not in given:
        raise AnswerFault("answer_event_missing", "event")
    event = answer_event(str(given["event"]))
    if event is None:
        raise AnswerFault("answer_event_unknown", "event")
    given["event"] = event
    given.setdefault("operation_id", derived_id(given))
    try:
        return AnswerDraft.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise AnswerFault("answer_field_invalid", str(first["loc"][0])) from None


def derived_id(values: Mapping[str, object]) -> str:
    """The identifier of an answer that brought none: the same content is the same answer."""
    canonical = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return str(uuid.uuid5(NAMESPACE, canonical))
