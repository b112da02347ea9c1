"""The API page: open to everybody, and its examples are requests that the schema takes."""

from __future__ import annotations

import json

import pytest
from graphql import build_schema, parse, validate

from gateway.graphql.schema import sdl
from gateway.web.api import Example, examples
from tests.gateway.web.conftest import Office


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_example_is_valid(example: Example) -> None:
    document = parse(example.operation)
    assert validate(build_schema(sdl()), document) == []
    declared = {variable.variable.name.value for variable in document.definitions[0].variable_definitions}
    assert set(json.loads(example.variables)) <= declared


def test_the_page_is_open_to_everybody_and_shows_what_there_is(office: Office) -> None:
    browser = office.browser()
    page = browser.get("/api")
    assert page.status == 200
    for example in examples():
        assert example.operation in page.tree.xpath("//main")[0].text_content()
    for address in ("/oauth/token", "/graphql", "/files/xml", "/.well-known/oauth-authorization-server"):
        assert address in page.text
    for link in page.tree.xpath("//main//a/@href"):
        assert browser.http.get(link).status_code in {200, 404}  # 404: no checkpoint has been signed yet
