"""Any format as JSON of ours and back: its name, its head, its records, each by its own class."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError

from adapters.formats import Format, find_format
from adapters.limits import DEFAULT_LIMITS, Limits, too_large
from schemas.errors import BadInput, DocumentRejected

SUFFIX: Final = ".json"


def write_json(one: Format, head: BaseModel, records: Sequence[BaseModel]) -> bytes:
    """The document. What equals its default is left out."""
    kind: TypeAdapter[Any] = TypeAdapter(one.record)
    found = {
        "format": one.name,
        "head": head.model_dump(mode="json", exclude_none=True),
        "records": [kind.dump_python(record, mode="json", exclude_none=True) for record in records],
    }
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode()


def read_json(content: bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[Format, BaseModel, list[BaseModel]]:
    """Raises DocumentRejected that names the first place which does not fit, BadInput for a format nobody knows."""
    if len(content) > limits.max_bytes:
        raise too_large(limits)
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise DocumentRejected("document_is_not_json") from None
    if not isinstance(found, dict) or not isinstance(found.get("records"), list):
        raise DocumentRejected("format_json_malformed", place="records")
    one = find_format(str(found.get("format", "")))
    try:
        head = one.head.model_validate_json(_text(found.get("head")))
    except ValidationError as error:
        raise _misfit(error, "head") from None
    kind: TypeAdapter[Any] = TypeAdapter(one.record)
    records: list[BaseModel] = []
    for number, record in enumerate(found["records"], start=1):
        try:
            records.append(kind.validate_json(_text(record)))
        except ValidationError as error:
            raise _misfit(error, f"records[{number}]") from None
    return one, head, records


def _text(value: object) -> str:
    """Of one part again, because only from JSON pydantic takes dates and numbers as JSON has them."""
    return json.dumps(value)


def _misfit(error: ValidationError, place: str) -> BadInput:
    for step in error.errors(include_url=False, include_input=False, include_context=False)[0]["loc"]:
        place += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return DocumentRejected("format_json_malformed", place=place)
