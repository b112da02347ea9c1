"""The GraphQL endpoint: what it refuses before GraphQL, its limits, and that every error has its code."""

from __future__ import annotations

import gzip

import pytest

from gateway.demo import queries
from gateway.graphql.endpoint import parse_body
from gateway.graphql.schema import MAX_ALIASES, MAX_DEPTH, MAX_TOKENS, sdl
from gateway.graphql.selection import asked_categories
from schemas.catalogue import words
from schemas.errors import RequestRejected
from tests.builders import consent, publish, referral
from tests.gateway.conftest import Running

HOSTILE = {
    "null": (b"null", "body_not_operation"),
    "a number": (b"1", "body_not_operation"),
    "a list": (b"[]", "body_not_operation"),
    "no query": (b"{}", "body_not_operation"),
    "query is no text": (b'{"query": 1}', "body_not_operation"),
    "variables are no object": (b'{"query": "{a}", "variables": [1]}', "body_not_operation"),
    "operation name is no text": (b'{"query": "{a}", "operationName": 1}', "body_not_operation"),
    "not JSON": (b"{", "body_not_json"),
    "empty": (b"", "body_not_json"),
    "not UTF-8": (b'{"query": "\xff"}', "body_not_json"),
    "lone surrogate": (b'{"query": "\\ud800"}', "body_not_json"),
    "a text that turns": (
        '{"query": "{a}", "variables": {"a": ["При\u202eмеров"]}}'.encode(),
        "text_direction_signs",
    ),
    "the same, escaped": (b'{"query": "{a}", "variables": {"a": {"b": "\\u2066a"}}}', "text_direction_signs"),
    "the same in the query": (b'{"query": "{a(b: \\"\\\\u202E\\")}"}', "text_direction_signs"),
    "deep JSON": (b'{"query": "{a}", "variables": {"a": ' + b"[" * 60 + b"]" * 60 + b"}}", "body_too_deep"),
    "very deep JSON": (b"[" * 5000 + b"]" * 5000, "body_not_json"),
}


@pytest.mark.parametrize(
    "query", ["{}", "query {}", "{ practice {} }", "{ practice { code ...F } } fragment F on PracticeNode {}"]
)
def test_a_selection_of_nothing_is_a_fault_of_the_query(running: Running, query: str) -> None:
    """The grammar knows none, but the parser takes it; counting its depth ended in an internal error."""
    token = running.caller(running.town.ngo).token()
    answer = running.http.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {token}"})
    assert [error["extensions"]["code"] for error in answer.json()["errors"]][:1] == ["graphql_invalid"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_with_a_code(running: Running, name: str) -> None:
    body, code = HOSTILE[name]
    token = running.caller(running.town.ngo).token()
    answer = running.http.post(
        "/graphql", content=body, headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == code


def test_a_huge_integer_is_refused_or_read_but_never_breaks() -> None:
    body = b'{"query": "{a}", "variables": {"n": ' + b"9" * 5000 + b"}}"
    try:
        assert parse_body(body).query == "{a}"
    except RequestRejected as error:
        assert error.code == "body_not_json"


def test_compressed_large_and_foreign_bodies_are_refused(running: Running) -> None:
    token = running.caller(running.town.ngo).token()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = gzip.compress(b'{"query": "{organisations{name}}"}')
    answer = running.http.post("/graphql", content=body, headers={**headers, "Content-Encoding": "gzip"})
    assert answer.json()["errors"][0]["extensions"]["code"] == "body_encoded"
    answer = running.http.post("/graphql", content=b" " * 2_000_000, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (413, "body_too_large")
    answer = running.http.post("/graphql", content=b"{}", headers={**headers, "Content-Type": "text/plain"})
    assert answer.json()["errors"][0]["extensions"]["code"] == "body_not_json"
    assert running.http.get("/graphql", headers=headers).status_code == 405


def test_who_is_not_signed_in_gets_401_in_the_same_shape(running: Running) -> None:
    for headers, code in (
        ({}, "token_missing"),
        ({"Authorization": "Bearer nonsense"}, "token_invalid"),
        ({"Authorization": "Basic x"}, "token_missing"),
    ):
        answer = running.http.post("/graphql", json={"query": "{organisations{name}}"}, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["extensions"]["code"] == code


def test_depth_aliases_and_tokens_are_limited(running: Running) -> None:
    caller = running.caller(running.town.ngo)
    deep = "{" + "organisations{" * (MAX_DEPTH + 2) + "name" + "}" * (MAX_DEPTH + 3)
    wide = "{" + " ".join(f"a{n}: organisations {{ name }}" for n in range(MAX_ALIASES + 1)) + "}"
    long = "{ organisations { " + "name " * (MAX_TOKENS + 1) + "} }"
    for query in (deep, wide, long):
        answer = caller.graphql(query).json()
        assert answer["data"] is None
        assert answer["errors"][0]["extensions"]["code"] == "graphql_invalid"


def test_errors_do_not_suggest_names_of_the_schema(running: Running) -> None:
    answer = running.caller(running.town.ngo).graphql("{ organisation { name } }").json()
    assert "organisations" not in answer["errors"][0]["message"]


def test_a_scope_that_is_missing_is_named(running: Running) -> None:
    caller = running.caller(running.town.ngo, "messages.read")
    assert caller.code(queries.SUMMARIES) == "scope_missing"
    assert caller.graphql(queries.QUEUE, {"box": "INBOX"}).json()["data"]["messages"]["items"] == []


def test_a_blocked_client_stops_at_once(running: Running) -> None:
    from sqlalchemy import text

    caller = running.caller(running.town.ngo)
    token = caller.token()
    with running.house.store.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(text("UPDATE clients SET active = 0"))
    answer = running.http.post(
        "/graphql", json={"query": "{organisations{name}}"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.json()["errors"][0]["extensions"]["code"] == "client_blocked"


def test_only_asked_categories_are_ruled_and_recorded(running: Running) -> None:
    publish(running.town)
    consent(running.town, running.town.guardianship)
    caller = running.caller(running.town.guardianship)
    caller.graphql(
        """query($plan: Boolean!) { caseSummaries(purpose: "CASE_MGMT") { items {
             ...S
             curator { name } } } }
           fragment S on CaseSummaryNode { subjects { sections {
             name: identity { data { fullName } }
             ... on Sections { health { access { effect } } }
             plan @include(if: $plan) { access { effect } }
             risk @skip(if: true) { access { effect } } } } }""",
        {"plan": False},
    )
    with running.house.store.reading() as unit:
        rows = unit.log.disclosures(running.town.ngo.id, None, 10)
    assert {frozenset(row.rulings) for row in rows} == {frozenset({"ID", "HLT", "WRK"})}


def test_a_request_for_no_section_is_ruled_as_one_without_a_list(running: Running) -> None:
    publish(running.town)
    consent(running.town, running.town.guardianship)
    caller = running.caller(running.town.guardianship)
    answer = caller.graphql('{ caseSummaries(purpose: "CASE_MGMT") { items { caseId version } } }').json()
    assert len(answer["data"]["caseSummaries"]["items"]) == 1


def test_a_bad_field_is_named_without_its_value(running: Running) -> None:
    secret = "не дата, а тайна"
    variables = {
        "input": {
            "operationId": "00000000-0000-4000-8000-000000000000",
            "type": "referral",
            "recipientOgrn": running.town.ngo.ogrn,
            "persons": [{"kind": "child", "identity": {"birthDate": secret}}],
        }
    }
    answer = running.caller(running.town.centre).graphql(queries.SUBMIT, variables)
    error = answer.json()["errors"][0]
    assert error["extensions"]["code"] == "field_invalid"
    assert "persons.0.identity.birth_date" in error["message"]
    assert secret not in answer.text


SENDING = {
    "unknown recipient": ({"recipientOgrn": "1027700999999"}, "recipient_unknown"),
    "unknown type": ({"type": "love_letter"}, "type_unknown"),
    "type of the gateway": ({"type": "recall"}, "type_of_gateway"),
    "outside the lanes": ({"type": "ipr_order"}, "note_required"),
    "no such note": ({"notes": [{"field": "on", "value": "2026-03-01"}]}, "note_unknown"),
    "answers nothing": ({"answers": "00000000-0000-4000-8000-00000000dead"}, "message_unavailable"),
    "signal without trigger": ({"type": "signal"}, "trigger_unknown"),
    "signal with a strange trigger": ({"type": "signal", "trigger": "nonsense"}, "trigger_unknown"),
    "nobody in it": ({"persons": []}, "no_child"),
    "a person without a section": ({"persons": [{"kind": "child", "ref": "K-1"}]}, "person_empty"),
    "nobody named, but meant": (
        {"type": "closure_report", "persons": [{"kind": "child", "ref": "K-1"}]},
        "person_empty",
    ),
    "no consent": ({}, "message_refused"),
}


@pytest.mark.parametrize("name", SENDING)
def test_a_message_that_cannot_be_sent_says_why(running: Running, name: str) -> None:
    changes, code = SENDING[name]
    draft = referral(running.town.centre, running.town.ngo)
    given = {
        "operationId": draft.operation_id,
        "type": draft.type,
        "recipientOgrn": draft.recipient_ogrn,
        "persons": [{"kind": "child", "ref": "K-1", "identity": {"fullName": "Проба", "birthDate": "2017-01-15"}}],
        **changes,
    }
    caller = running.caller(running.town.centre)
    assert caller.code(queries.SUBMIT, {"input": given}) == code
    assert code in {key.removeprefix("errors.") for key in words("ru")}


def test_a_crash_inside_is_an_error_with_a_code_and_no_text(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        msg = "Проба Вымышленная Тестовна"
        raise RuntimeError(msg)

    monkeypatch.setattr("gateway.graphql.schema.read_directory", broken)
    answer = running.caller(running.town.ngo).graphql("{ organisations { name } }")
    assert answer.json()["errors"][0]["extensions"]["code"] == "internal_error"
    assert "Проба" not in answer.text


def test_the_media_type_follows_what_is_accepted(running: Running) -> None:
    token = running.caller(running.town.ngo).token()
    kind = "application/graphql-response+json"
    answer = running.http.post(
        "/graphql",
        json={"query": "{organisations{name}}"},
        headers={"Authorization": f"Bearer {token}", "Accept": kind},
    )
    assert answer.headers["content-type"].startswith(kind)
    assert "Фонд" in answer.text, "Cyrillic is written as it is"


def test_the_schema_validates_the_queries_of_the_demo() -> None:
    from graphql import build_schema, parse, validate

    built = build_schema(sdl())
    for name, query in vars(queries).items():
        if name.isupper() and isinstance(query, str) and name != "SUMMARY_FIELDS":
            assert validate(built, parse(query)) == [], name


def test_no_selection_asks_for_nothing() -> None:
    assert asked_categories([]) == ()
