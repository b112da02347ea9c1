"""Generated operations against the whole schema: every answer is JSON of the right shape and every error has its code.

Schemathesis reports a policy refusal or a depth limit as a failure; here they are answers, told by their codes.
"""

from __future__ import annotations

import io

import pytest
import schemathesis
from graphql.language import ast as nodes
from hypothesis import HealthCheck, settings, strategies

from gateway.graphql.schema import sdl
from schemas.catalogue import words
from tests.builders import consent, publish
from tests.gateway.conftest import Caller, Running

KNOWN = {key.removeprefix("errors.") for key in words("ru") if key.startswith("errors.")} | {"graphql_invalid"}

schemathesis.graphql.scalar(
    "LocalDate",
    strategies.one_of(strategies.dates().map(str), strategies.text(max_size=12)).map(
        lambda text: nodes.StringValueNode(value=text)
    ),
)
generated = schemathesis.graphql.from_file(io.StringIO(sdl()))


@pytest.fixture
def caller(running: Running) -> Caller:
    """A system of a guardianship body with one case it may see."""
    publish(running.town)
    consent(running.town, running.town.guardianship)
    return running.caller(running.town.guardianship)


@generated.parametrize()
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_every_answer_has_its_shape_and_every_error_its_code(case: schemathesis.Case, caller: Caller) -> None:
    answer = caller.graphql(case.body["query"] if isinstance(case.body, dict) else case.body)
    assert answer.status_code in {200, 400}, answer.status_code
    document = answer.json()
    assert set(document) <= {"data", "errors"}
    for error in document.get("errors", []):
        code = error["extensions"]["code"]
        assert code in KNOWN, code
        assert code != "internal_error", case.body
