"""Receipts that a partner's own key signs: taken only if everything about them fits, and said to be the partner's."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from gateway.exchange.relay import relay_once
from gateway.oauth.receipts import TYPE
from gateway.use_cases.submit_message import submit_message
from tests.builders import NOW, consent, referral, system_of
from tests.gateway.conftest import Caller, Running

OPEN = "mutation ($id: ID!, $receipt: String) { openMessage(id: $id, receipt: $receipt) { message { state } } }"
ACCEPT = (
    "mutation ($id: ID!, $receipt: String) { answerMessage(id: $id, event: ACCEPT, answer: {receipt: $receipt})"
    " { state receipts { event attestedBy signature } } }"
)


@pytest.fixture
def waiting(running: Running) -> tuple[Caller, str]:
    """A system of the fund, and a message in its queue."""
    town = running.town
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    sent = submit_message(town.house, system_of(town.centre), referral(town.centre, town.ngo), NOW).message
    relay_once(town.house, NOW)
    return running.caller(town.ngo), sent.id


def signed(caller: Caller, message: str, event: str, key: ECKey | None = None, **changes: Any) -> str:
    header = {"alg": "ES256", "typ": TYPE, **changes.pop("header", {})}
    claims: dict[str, Any] = {"iss": caller.client_id, "message": message, "event": event, "digest": ""}
    claims |= {"iat": int(NOW.timestamp()), **changes}

    claims = {name: value for name, value in claims.items() if value is not None}
    return jws.serialize_compact(header, json.dumps(claims).encode(), key or caller.key, algorithms=["ES256"])


def test_a_signed_receipt_is_the_partners_word_and_stands_in_the_log(
    running: Running, waiting: tuple[Caller, str]
) -> None:
    caller, message = waiting
    text = signed(caller, message, "open", digest="ab" * 32)
    assert "errors" not in caller.graphql(OPEN, {"id": message, "receipt": text}).json()
    answered = caller.graphql(ACCEPT, {"id": message, "receipt": signed(caller, message, "accept")}).json()
    receipts = answered["data"]["answerMessage"]["receipts"]
    assert [(r["event"], r["attestedBy"]) for r in receipts] == [
        ("submit", "gateway"),
        ("deliver", "gateway"),
        ("open", "partner"),
        ("accept", "partner"),
    ]
    assert receipts[2]["signature"] == text
    with running.house.store.reading() as unit:
        bodies = b"".join(unit.log.entry(entry)[1] for entry, _ in unit.log.unsequenced(1000))  # type: ignore[index]
    assert hashlib.sha256(text.encode()).hexdigest().encode() in bodies


def test_without_one_the_gateway_attests(waiting: tuple[Caller, str]) -> None:
    caller, message = waiting
    caller.graphql(OPEN, {"id": message})
    receipts = caller.graphql(ACCEPT, {"id": message}).json()["data"]["answerMessage"]["receipts"]
    assert {r["attestedBy"] for r in receipts} == {"gateway"}
    assert {r["signature"] for r in receipts} == {None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "accept"},
        {"message": "00000000-0000-4000-8000-00000000dead"},
        {"iss": "another-client"},
        {"iat": int(NOW.timestamp()) - 301},
        {"iat": int(NOW.timestamp()) + 301},
        {"iat": "now"},
        {"iat": True},
        {"iat": 10**30},
        {"digest": 5},
        {"digest": None},
        {"more": "claims"},
        {"header": {"typ": "jwt"}},
        {"key": ECKey.generate_key("P-256")},
    ],
)
def test_what_does_not_fit_is_refused_and_opens_nothing(
    running: Running, waiting: tuple[Caller, str], wrong: dict[str, Any]
) -> None:
    caller, message = waiting
    event = wrong.pop("event", "open") if "event" in wrong else "open"
    text = signed(caller, wrong.pop("message", message), event, **wrong)
    answer = caller.graphql(OPEN, {"id": message, "receipt": text}).json()
    assert answer["errors"][0]["extensions"]["code"] == "receipt_invalid"
    with running.house.store.reading() as unit:
        state = unit.messages.get(message, running.town.ngo.id, NOW)  # type: ignore[arg-type]
    assert state is not None
    assert state.state.value == "delivered"


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "….….…", "e30.e30.e30", "a" * 9000])
def test_what_is_no_receipt_at_all_is_refused(waiting: tuple[Caller, str], text: str) -> None:
    caller, message = waiting
    answer = caller.graphql(OPEN, {"id": message, "receipt": text}).json()
    code = answer.get("errors", [{}])[0].get("extensions", {}).get("code")
    assert code == ("receipt_invalid" if text else None)
