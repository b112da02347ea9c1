"""From the body of a request to the bytes of an answer (GraphQL over HTTP), on the caller's thread.

The body is checked before GraphQL sees it: bare Strawberry answers 500 to `null`, deep JSON or lone surrogates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import orjson
from strawberry.types import ExecutionResult

from gateway.graphql.context import Context
from gateway.graphql.schema import format_error, schema
from schemas.errors import RequestRejected
from schemas.signs import turns_direction

MAX_JSON_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Operation:
    """A checked request body."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


_MAY_TURN: Final = (b"\xe2\x80", b"\xe2\x81", b"\xd8\x9c", b"\\u")
"""What a body has in it, in UTF-8 or escaped, when one of its texts turns the direction of what follows."""
_ESCAPED_TURN: Final = re.compile(r"\\u\{?0*(?:61c|202[a-e]|206[6-9])", re.IGNORECASE)


def parse_body(body: bytes) -> Operation:
    """Raises RequestRejected (body_not_json, body_not_operation, body_too_deep, text_direction_signs)."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestRejected("body_not_json") from None
    if not isinstance(value, dict) or not isinstance(value.get("query"), str):
        raise RequestRejected("body_not_operation")
    variables, name = value.get("variables"), value.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise RequestRejected("body_not_operation")
    if _depth(variables) > MAX_JSON_DEPTH:
        raise RequestRejected("body_too_deep", max=MAX_JSON_DEPTH)
    if any(mark in body for mark in _MAY_TURN) and (_ESCAPED_TURN.search(value["query"]) or _turns(value)):
        raise RequestRejected("text_direction_signs")
    return Operation(value["query"], variables, name)


def _turns(value: object) -> bool:
    """Whether a text in it has a sign that turns the direction of what follows: it would show as another than is stored."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str) and turns_direction(current):
            return True
        waiting.extend(current.values() if isinstance(current, dict) else current if isinstance(current, list) else ())
    return False


def _depth(value: object) -> int:
    """Nesting of lists and objects, without recursion."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        current, depth = waiting.pop()
        children = current.values() if isinstance(current, dict) else current if isinstance(current, list) else ()
        deepest = max(deepest, depth if children else 0)
        if deepest > MAX_JSON_DEPTH:
            return deepest
        waiting.extend((child, depth + 1) for child in children)
    return deepest


def execute(operation: Operation, context: Context) -> bytes:
    """The answer as JSON bytes. Errors of rules and of the person's input are in `errors` with their codes."""
    result = schema.execute_sync(
        operation.query,
        variable_values=operation.variables,
        operation_name=operation.operation_name,
        context_value=context,
    )
    assert isinstance(result, ExecutionResult)
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [format_error(error) for error in result.errors]
    answer["data"] = result.data
    return orjson.dumps(answer)
