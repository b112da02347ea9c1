"""Webhooks end to end: a real receiver on a real socket, over each kind of store."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.exchange import dispatch
from gateway.use_cases.answer_message import answer_message
from gateway.use_cases.delivery_values import EndpointState
from gateway.use_cases.open_message import open_message
from gateway.use_cases.oversee_deliveries import list_deliveries, read_endpoints, replay_deliveries
from gateway.use_cases.pull_deliveries import pull_deliveries
from gateway.use_cases.read_queue import read_message_state
from schemas.lifecycle import Event, State
from tests.builders import system_of
from tests.gateway.exchange.conftest import Post
from tests.gateway.exchange.receiver import Receiver, receiving


def endpoint_of(post: Post):
    (shown,) = read_endpoints(post.house, None)
    return shown


def test_nothing_is_sent_before_the_address_has_answered_its_challenge(post: Post, webhook: Receiver) -> None:
    webhook.answers = lambda document: (200, b"something else", {})
    post.register(post.town.guardianship, "webhook", f"{webhook.url}/in")
    post.send()
    post.hand_over()
    assert [body["event"] for body in webhook.bodies] == ["endpoint.challenge"]
    assert endpoint_of(post).endpoint.state is EndpointState.PENDING
    assert endpoint_of(post).endpoint.reason == "challenge_failed"
    webhook.answers = lambda document: None
    post.hand_over(timedelta(minutes=10))
    assert endpoint_of(post).endpoint.state is EndpointState.ACTIVE
    # What happened before it was there is not addressed to it: it is pulled.
    assert post.hand_over().done == 0
    assert len(pull_deliveries(post.house, system_of(post.town.guardianship), None, 10).deliveries) == 1


def test_a_challenge_that_is_not_answered_for_a_day_ends_the_endpoint(post: Post, webhook: Receiver) -> None:
    webhook.answers = lambda document: (302, b"", {"Location": "/elsewhere"})
    post.register(post.town.guardianship, "webhook", webhook.url)
    post.hand_over()
    assert endpoint_of(post).endpoint.reason == "redirected"
    post.hand_over(timedelta(hours=25))
    assert endpoint_of(post).endpoint.state is EndpointState.DISABLED
    assert len(webhook.bodies) == 2, "the redirect was not followed"


def test_a_delivery_says_only_enough_to_pull_and_each_side_learns_of_the_other(post: Post, webhook: Receiver) -> None:
    with receiving(post.receiver()) as sender:
        post.register(post.town.guardianship, "webhook", f"{webhook.url}/in?x=1")
        post.register(post.town.school, "webhook", sender.url)
        post.hand_over()
        message = post.send()
        post.hand_over()
        (body,) = webhook.deliveries()
        assert body == {
            "version": 1,
            "delivery": body["delivery"],
            "event": "message.delivered",
            "message": message,
            "type": "signal",
            "urgency": "planned",
            "state": "delivered",
            "at": "2026-03-02T09:00:00.000000Z",
        }
        system = system_of(post.town.guardianship)
        open_message(post.house, system, message, post.now)
        answer_message(post.house, system, message, Event.ACCEPT, post.now)
        post.hand_over()
        told = [(b["event"], b["state"]) for b in sender.deliveries()]
        assert told == [("message.changed", state) for state in ("delivered", "opened", "accepted")]
        assert len(webhook.deliveries()) == 1, "nobody is told of what it did itself"
    assert not webhook.rejected
    assert not sender.rejected
    assert all("127.0.0.1:" in host for host in webhook.hosts)


@pytest.mark.parametrize(
    ("answer", "code", "stops"),
    [
        ((500, b"", {}), "http_500", False),
        ((404, b"", {}), "http_404", False),
        ((307, b"", {"Location": "http://127.0.0.1:1/"}), "redirected", False),
        ((503, b"", {"Retry-After": "120"}), "http_503", True),
        ((0, b"", {}), "answer_broken", True),
        ((0, b"", {"seconds": "1"}), "timed_out", True),
    ],
)
def test_what_fails_is_tried_again_with_its_code(sqlite_post: Post, answer, code, stops) -> None:
    post = replace(sqlite_post, seconds=0.5)
    with receiving(post.receiver()) as webhook:
        post.register(post.town.guardianship, "webhook", webhook.url)
        post.hand_over()
        webhook.answers = lambda document: answer
        post.send()
        post.send()
        settled = post.hand_over()
        assert settled.done == 0
        assert settled.waiting == (1 if stops else 2)
        assert {row.error for row in post.rows()} == ({code, None} if stops else {code})
        assert all(row.leased_until is None for row in post.rows())
        if code == "http_503":
            assert {row.available_at - post.now for row in post.rows() if row.error} == {timedelta(seconds=120)}
            post.hand_over(timedelta(seconds=60))
            assert len(webhook.deliveries()) == 1, "it asked to be left alone, for the other one too"
        webhook.answers = lambda document: None
        post.hand_over(timedelta(minutes=3))
        assert {row.state for row in post.rows()} == {"done"}


def test_one_that_fails_holds_up_nobody_where_no_order_is_wanted(post: Post, webhook: Receiver) -> None:
    post.register(post.town.guardianship, "webhook", webhook.url)
    post.hand_over()
    messages = [post.send() for _ in range(3)]
    webhook.answers = lambda document: (500, b"", {}) if document["message"] == messages[0] else None
    assert post.hand_over().done == 2
    post.send()
    assert post.hand_over().done == 1


def test_one_that_fails_holds_up_its_endpoint_alone_where_order_is_wanted(post: Post, webhook: Receiver) -> None:
    with receiving(post.receiver()) as other:
        post.register(post.town.guardianship, "webhook", webhook.url, ordered=True)
        post.register(post.town.guardianship, "webhook", other.url)
        post.hand_over()
        messages = [post.send() for _ in range(5)]
        failing = True
        webhook.answers = lambda d: (500, b"", {}) if failing and d.get("message") == messages[1] else None
        post.hand_over()
        post.hand_over()
        assert [body["message"] for body in webhook.deliveries()] == messages[:2]
        assert [body["message"] for body in other.deliveries()] == messages
        failing = False
        post.hand_over(timedelta(minutes=1))
        assert [body["message"] for body in webhook.deliveries()] == [messages[0], *messages[1:2] * 2, *messages[2:]]
        assert [body["sequence"] for body in webhook.deliveries()] == [1, 2, 2, 3, 4, 5]


def test_after_the_last_attempt_it_is_dead_told_of_and_still_to_be_pulled(post: Post, webhook: Receiver) -> None:
    post.register(post.town.guardianship, "webhook", webhook.url)
    post.hand_over()
    webhook.answers = lambda document: (500, b"", {})
    message = post.send()
    attempts = 0
    while not list_deliveries(post.house, post.town.guardianship.id):
        post.hand_over(timedelta(minutes=20))
        attempts += 1
        assert attempts < 20
    (dead,) = list_deliveries(post.house, None)
    assert (dead.error, dead.state) == ("http_500", "dead")
    assert not list_deliveries(post.house, post.town.school.id), "of another organisation"
    assert endpoint_of(post).counts.dead == 1
    with post.house.store.reading() as unit:
        notices = unit.notices.of(post.town.guardianship.id, ["administrator"], 10, unseen=True)
    assert [(n.kind, n.about) for n in notices] == [("delivery.dead", dead.endpoint_id)]
    pulled = pull_deliveries(post.house, system_of(post.town.guardianship), None, 10).deliveries
    assert [event.message_id for event in pulled] == [message]
    # Sent again, it has its whole term before it.
    assert replay_deliveries(post.house, post.town.school.id, "test", post.now) == 0
    assert replay_deliveries(post.house, post.town.guardianship.id, "test", post.now) == 1
    assert post.hand_over().waiting == 1
    webhook.answers = lambda document: None
    assert post.hand_over(timedelta(minutes=5)).done == 1
    assert not pull_deliveries(post.house, system_of(post.town.guardianship), None, 10).deliveries


def test_gone_ends_the_endpoint_with_a_notice(post: Post, webhook: Receiver) -> None:
    post.register(post.town.guardianship, "webhook", webhook.url)
    post.hand_over()
    webhook.answers = lambda document: (410, b"", {})
    post.send()
    post.send()
    assert post.hand_over().dead == 1
    assert endpoint_of(post).endpoint.state is EndpointState.DISABLED
    with post.house.store.reading() as unit:
        kinds = [n.kind for n in unit.notices.of(post.town.guardianship.id, ["administrator"], 10)]
    assert kinds == ["endpoint.disabled"]
    assert len(pull_deliveries(post.house, system_of(post.town.guardianship), None, 10).deliveries) == 2


def test_a_countersigned_receipt_is_kept_as_the_partners_word(post: Post, webhook: Receiver) -> None:
    from gateway.partner.signatures import public_jwk

    webhook.signs = True
    keys = {"keys": [public_jwk(webhook.key.public_key())]}
    post.register(post.town.guardianship, "webhook", webhook.url, receipt_keys=keys)
    post.hand_over()
    message = post.send()
    assert post.hand_over().done == 1
    found = read_message_state(post.house, system_of(post.town.school), message, post.now)
    assert found is not None
    delivered = [(r.attested_by, r.organisation_id) for r in found.receipts if r.state is State.DELIVERED]
    assert delivered == [("gateway", None), ("partner", post.town.guardianship.id)]
    assert found.state is State.DELIVERED
    # A receipt for something else is not a receipt; that it was taken stands all the same.
    webhook.answers = lambda d: (200, json.dumps({"delivery": d["delivery"], "signature": "AA=="}).encode(), {})
    other = post.send()
    assert post.hand_over().done == 1
    found = read_message_state(post.house, system_of(post.town.school), other, post.now)
    assert found is not None
    assert [r.attested_by for r in found.receipts if r.state is State.DELIVERED] == ["gateway"]


def test_little_of_an_answer_is_read(sqlite_post: Post) -> None:
    with receiving(sqlite_post.receiver()) as webhook:
        sqlite_post.register(sqlite_post.town.guardianship, "webhook", webhook.url)
        sqlite_post.hand_over()
        webhook.answers = lambda document: (200, b"x" * 50_000_000, {})
        sqlite_post.send()
        assert sqlite_post.hand_over().done == 1
        webhook.answers = lambda document: (200, b"zzz", {"Content-Encoding": "gzip"})
        sqlite_post.send()
        assert sqlite_post.hand_over().done == 1


def test_a_slow_receiver_keeps_nobody_waiting_but_itself(sqlite_post: Post) -> None:
    post, held = sqlite_post, threading.Event()
    with receiving(post.receiver()) as slow, receiving(post.receiver()) as quick:
        post.register(post.town.guardianship, "webhook", slow.url)
        post.register(post.town.guardianship, "webhook", quick.url)
        post.hand_over()
        arrived = threading.Semaphore(0)

        def keep_waiting(document: object) -> None:
            held.wait(10)

        slow.answers, quick.answers = keep_waiting, lambda document: arrived.release()
        dispatcher = post.dispatcher()
        dispatcher.start()
        try:
            for _ in range(3):
                post.send()
                assert arrived.acquire(timeout=4), "the quick one waited for the slow one"
        finally:
            held.set()
            dispatcher.stop()


def test_a_round_that_breaks_does_not_end_the_dispatcher(sqlite_post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post = sqlite_post
    with receiving(post.receiver()) as partner:
        post.register(post.town.guardianship, "webhook", partner.url)
        post.hand_over()
        arrived, broke, real = threading.Semaphore(0), threading.Event(), dispatch.claim_deliveries

        def claim(*arguments: object) -> object:
            if not broke.is_set():
                broke.set()
                raise OSError
            return real(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(dispatch, "claim_deliveries", claim)
        partner.answers = lambda document: arrived.release()
        post.send()
        dispatcher = post.dispatcher()
        dispatcher.start()
        try:
            assert arrived.acquire(timeout=10)
        finally:
            dispatcher.stop()
        assert broke.is_set()
