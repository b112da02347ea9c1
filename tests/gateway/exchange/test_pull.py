"""Pull over the use case, GraphQL and REST; acknowledgements with a token and with a signature."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.exchange.relay import relay_once
from gateway.partner.signatures import ACKNOWLEDGEMENT_TAG, public_jwk, sign_request, thumbprint
from gateway.use_cases.pull_deliveries import acknowledge_deliveries, pull_deliveries
from gateway.use_cases.register_endpoint import register_endpoint
from gateway.use_cases.submit_message import submit_message
from schemas.errors import BadInput
from schemas.ids import new_id
from tests.builders import NOW, referral, system_of
from tests.gateway.conftest import BASE, Running
from tests.gateway.exchange.conftest import Post

PULL = (
    "query ($after: String, $first: Int!) "
    "{ deliveries(after: $after, first: $first) { items { id event message state } cursor } }"
)
ACKNOWLEDGE = "mutation ($ids: [ID!]!) { acknowledgeDeliveries(ids: $ids) }"


def test_what_is_not_acknowledged_is_given_again_and_what_is_comes_no_more(post: Post) -> None:
    reader = system_of(post.town.guardianship)
    messages = [post.send() for _ in range(5)]
    first = pull_deliveries(post.house, reader, None, 2)
    assert [d.message_id for d in first.deliveries] == messages[:2]
    second = pull_deliveries(post.house, reader, first.cursor, 3)
    assert [d.message_id for d in second.deliveries] == messages[2:]
    assert second.cursor is None
    assert pull_deliveries(post.house, reader, None, 2) == first
    ids = [d.id for d in first.deliveries]
    assert acknowledge_deliveries(post.house, reader, ids, post.now) == 2
    assert acknowledge_deliveries(post.house, reader, ids, post.now) == 0
    assert [d.message_id for d in pull_deliveries(post.house, reader, None, 9).deliveries] == messages[2:]
    # The cursor of a page still holds its place after the page was acknowledged.
    assert pull_deliveries(post.house, reader, first.cursor, 3) == second


def test_nobody_reads_acknowledges_or_begins_after_what_is_of_others(post: Post) -> None:
    post.send()
    post.send()
    theirs = pull_deliveries(post.house, system_of(post.town.guardianship), None, 1)
    sender = pull_deliveries(post.house, system_of(post.town.school), None, 1)
    for outsider in (post.town.stranger, post.town.school):
        reader = system_of(outsider)
        ids = [theirs.deliveries[0].id, new_id(), "not an id", "x" * 500]
        assert acknowledge_deliveries(post.house, reader, ids, post.now) == 0
        for cursor in (theirs.cursor, "a" * 52, "", "ё", new_id()):
            assert pull_deliveries(post.house, reader, cursor, 5).deliveries == []
    assert len(pull_deliveries(post.house, system_of(post.town.guardianship), None, 5).deliveries) == 2
    assert {d.kind.value for d in sender.deliveries} == {"message.changed"}
    assert not pull_deliveries(post.house, system_of(post.town.stranger), None, 5).deliveries


def test_a_page_has_its_bounds(post: Post) -> None:
    for first in (0, -1, 101):
        with pytest.raises(BadInput, match="page_size"):
            pull_deliveries(post.house, system_of(post.town.school), None, first)
    with pytest.raises(BadInput, match="page_size"):
        acknowledge_deliveries(post.house, system_of(post.town.school), [new_id()] * 101, post.now)


def test_what_was_taken_is_forgotten_after_its_time_and_nothing_else(post: Post) -> None:
    reader = system_of(post.town.guardianship)
    post.register(post.town.guardianship, "file", "drop")
    taken = post.send()
    post.hand_over()
    waiting = post.send()
    with post.house.store.writing() as unit:
        assert unit.delivery_events.forget(post.now, 100) == 0, "not before its time"
        assert unit.delivery_events.forget(post.now + timedelta(seconds=1), 100) == 1
    assert [row.event.message_id for row in post.rows()] == [waiting]
    assert [d.message_id for d in pull_deliveries(post.house, reader, None, 9).deliveries] == [waiting]
    assert taken != waiting


# --- over HTTP -------------------------------------------------------------------------------------------------------


def sent(running: Running, count: int) -> None:
    for _ in range(count):
        draft = referral(running.town.school, running.town.guardianship, type="signal", trigger="threat")
        submit_message(running.house, system_of(running.town.school), draft, NOW)
    relay_once(running.house, NOW)


def test_graphql_pulls_and_acknowledges(running: Running) -> None:
    sent(running, 3)
    caller = running.caller(running.town.guardianship)
    page = caller.graphql(PULL, {"first": 2}).json()["data"]["deliveries"]
    rest = caller.graphql(PULL, {"first": 2, "after": page["cursor"]}).json()["data"]["deliveries"]
    assert (len(page["items"]), len(rest["items"]), rest["cursor"]) == (2, 1, None)
    ids = [item["id"] for item in page["items"]]
    assert caller.graphql(ACKNOWLEDGE, {"ids": ids}).json()["data"] == {"acknowledgeDeliveries": 2}
    assert caller.graphql(ACKNOWLEDGE, {"ids": ids}).json()["data"] == {"acknowledgeDeliveries": 0}
    assert caller.graphql(PULL, {"first": 9}).json()["data"]["deliveries"]["items"] == rest["items"]
    other = running.caller(running.town.guardianship, "summaries.read")
    assert other.code(PULL, {"first": 2}) == "scope_missing"
    assert other.code(ACKNOWLEDGE, {"ids": ids}) == "scope_missing"


def test_rest_does_the_same(running: Running) -> None:
    sent(running, 3)
    caller = running.caller(running.town.guardianship)
    headers = {"Authorization": f"Bearer {caller.token()}"}
    page = running.http.get("/deliveries?first=2", headers=headers).json()
    rest = running.http.get("/deliveries", params={"after": page["cursor"]}, headers=headers).json()
    assert (len(page["deliveries"]), len(rest["deliveries"]), rest["cursor"]) == (2, 1, None)
    body = {"deliveries": [d["delivery"] for d in page["deliveries"]]}
    for expected in (2, 0):
        answer = running.http.post("/deliveries/acknowledge", json=body, headers=headers)
        assert answer.json() == {"acknowledged": expected}
    assert running.http.get("/deliveries").status_code == 401
    for wrong in ("x", "1e9", "٣"):
        assert running.http.get("/deliveries", params={"first": wrong}, headers=headers).status_code == 400
    for content in (b"[]", b"{", b'{"deliveries": [1]}', b"null"):
        answer = running.http.post("/deliveries/acknowledge", content=content, headers=headers)
        assert answer.status_code == 400


def test_a_signed_acknowledgement_needs_no_token(running: Running) -> None:
    sent(running, 1)
    key = Ed25519PrivateKey.generate()
    endpoint = register_endpoint(
        running.house,
        running.town.guardianship.id,
        "webhook",
        "https://partner.example/in",
        "test",
        NOW,
        receipt_keys={"keys": [public_jwk(key.public_key())]},
    )
    reader = system_of(running.town.guardianship)
    (waiting,) = pull_deliveries(running.house, reader, None, 9).deliveries
    path = f"/deliveries/{endpoint.id}/acknowledge"
    body = json.dumps({"deliveries": [waiting.id]}).encode()

    def post(key: Ed25519PrivateKey, path: str = path, tag: str = ACKNOWLEDGEMENT_TAG, **more: Any) -> Any:
        keyid = thumbprint(key.public_key())
        headers = sign_request(key, keyid, f"{BASE}{path}", body, int(NOW.timestamp()), tag=tag)
        return running.http.post(more.get("to", path), content=more.get("content", body), headers=headers)

    def refused(answer: Any) -> str:
        assert answer.status_code == 401
        assert answer.json()["code"] == "signature_rejected"
        return str(answer.json()["title_en"]).rpartition(": ")[2].rstrip(".")

    assert refused(post(Ed25519PrivateKey.generate())) == "key_unknown"
    assert refused(post(key, content=b'{"deliveries": []}')) == "digest_differs"
    assert refused(post(key, tag="mezhved-delivery")) == "signature_tag"
    invented = f"/deliveries/{new_id()}/acknowledge"
    assert refused(post(key, invented)) == "key_unknown"
    assert refused(post(key, invented, to=path)) == "signature_differs"
    assert refused(running.http.post(path, content=body)) == "signature_missing"
    headers = sign_request(
        key, thumbprint(key.public_key()), BASE + path, body, int(NOW.timestamp()), tag=ACKNOWLEDGEMENT_TAG
    )
    assert running.http.post(path, content=body, headers=headers).json() == {"acknowledged": 1}
    assert refused(running.http.post(path, content=body, headers=headers)) == "nonce_replayed"
    assert not pull_deliveries(running.house, reader, None, 9).deliveries


def test_the_gateways_keys_are_public(running: Running) -> None:
    (jwk,) = running.http.get("/deliveries/keys").json()["keys"]
    assert (jwk["kty"], jwk["crv"]) == ("OKP", "Ed25519")
    assert "d" not in jwk


def test_an_administrator_manages_endpoints_of_its_own_organisation(running: Running) -> None:
    caller = running.caller(running.town.guardianship)
    other = running.caller(running.town.stranger)
    register = (
        "mutation ($a: String!) { registerWebhook(address: $a, ordered: true) { id state ordered content events } }"
    )
    made = caller.graphql(register, {"a": "https://Partner.example"}).json()["data"]["registerWebhook"]
    assert (made["state"], made["ordered"], made["content"]) == ("pending", True, False)
    shown = "{ deliveryEndpoints { id address waiting dead taken oldestWaiting reason } deadDeliveries { id } }"
    (endpoint,) = caller.graphql(shown).json()["data"]["deliveryEndpoints"]
    assert endpoint["address"] == "https://partner.example/"
    assert other.graphql(shown).json()["data"]["deliveryEndpoints"] == []
    assert caller.code(register, {"a": "https://partner.example/"}) == "endpoint_exists"
    for address in (
        "http://partner.example/",
        "https://user:word@partner.example/",
        "https://partner.example/#x",
        "https:///x",
        "ftp://partner.example/",
        "https://партнёр.example/",
        "https://partner.example:99999/",
        "https://partner.example\\@x/",
    ):
        assert caller.code(register, {"a": address}) == "endpoint_address", address
    change = "mutation ($id: ID!, $c: EndpointChange!) { changeEndpoint(id: $id, change: $c) { state } }"
    assert other.code(change, {"id": made["id"], "c": "REMOVE"}) == "endpoint_unavailable"
    assert other.code(change, {"id": new_id(), "c": "REMOVE"}) == "endpoint_unavailable"
    assert caller.code(change, {"id": made["id"], "c": "PAUSE"}) == "endpoint_state"
    assert (
        caller.graphql(change, {"id": made["id"], "c": "REMOVE"}).json()["data"]["changeEndpoint"]["state"]
        == "disabled"
    )
    assert caller.graphql("mutation { replayDeliveries }").json()["data"] == {"replayDeliveries": 0}
    plain = running.caller(running.town.guardianship, "messages.read")
    for document, given in ((shown, {}), (register, {"a": "https://b.example"}), ("mutation { replayDeliveries }", {})):
        assert plain.code(document, given) == "scope_missing"
    keys = 'mutation ($k: JSON) { registerWebhook(address: "https://c.example", receiptKeys: $k) { id } }'
    for wrong in ([], {"keys": []}, {"keys": [{"kty": "EC"}]}, "x"):
        assert caller.code(keys, {"k": wrong}) == "endpoint_key"
