"""Claims on both stores: leases, fences, order, workers that never come back."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from gateway.storage.tables_delivery import deliveries
from gateway.use_cases.delivery_values import EndpointState, Outcome
from gateway.use_cases.hand_over import claim_deliveries, settle_deliveries
from gateway.use_cases.oversee_deliveries import replay_deliveries
from gateway.use_cases.pull_deliveries import acknowledge_deliveries
from gateway.use_cases.register_endpoint import change_endpoint
from schemas.errors import Contended
from tests.builders import system_of
from tests.gateway.exchange.conftest import Post

LEASE = timedelta(seconds=120)


def folder(post: Post, name: str = "drop", **more: object):
    return post.register(post.town.guardianship, "file", name, **more)


def claim(post: Post, **more: int):
    return claim_deliveries(post.house, replace(post.terms, **more), post.now)


def settle(post: Post, errand, outcomes):
    return settle_deliveries(post.house, errand.endpoint, outcomes, post.terms, post.draw, post.now)


def test_what_one_worker_holds_no_other_gets_until_its_lease_ends(post: Post) -> None:
    folder(post)
    post.send()
    (first,) = claim(post)
    assert not claim(post)
    post.now += LEASE - timedelta(seconds=1)
    assert not claim(post)
    post.now += timedelta(seconds=1)
    (second,) = claim(post)
    assert second.parcels[0].event == first.parcels[0].event
    assert second.parcels[0].fence > first.parcels[0].fence
    # The first one comes back late: whatever it says is not heard.
    for outcome in (
        Outcome(first.parcels[0]),
        Outcome(first.parcels[0], "http_500"),
        Outcome(first.parcels[0], untried=True),
    ):
        assert settle(post, first, [outcome]).fenced == 1
    assert [row.state for row in post.rows()] == ["sending"]
    assert settle(post, second, [Outcome(second.parcels[0])]).done == 1
    assert settle(post, first, [Outcome(first.parcels[0], "http_500")]).fenced == 1
    assert [row.state for row in post.rows()] == ["done"]


def test_an_ordered_endpoint_is_served_by_one_worker_and_from_the_head(post: Post) -> None:
    folder(post, ordered=True)
    for _ in range(5):
        post.send()
    (errand,) = claim(post, each=2)
    assert [p.sequence for p in errand.parcels] == [1, 2]
    assert not claim(post), "the rest waits for those under way"
    settle(post, errand, [Outcome(errand.parcels[0]), Outcome(errand.parcels[1], "http_500")])
    assert not claim(post), "the head waits for its next attempt, and the rest with it"
    post.now += timedelta(seconds=10)
    (again,) = claim(post)
    assert [p.sequence for p in again.parcels] == [2, 3, 4, 5]


def test_what_is_numbered_goes_before_what_becomes_visible_later(post: Post) -> None:
    """A transaction that took longer commits rows with lower positions than some that are on their way already."""
    folder(post, ordered=True)
    for _ in range(3):
        post.send()
    (errand,) = claim(post)
    settle(post, errand, [Outcome(errand.parcels[0]), *(Outcome(p, untried=True) for p in errand.parcels[1:])])
    late = post.send()
    with post.house.store.writing() as unit:
        newest = max(row.position for row in post.rows())
        unit.deliveries._connection.execute(
            update(deliveries).where(deliveries.c.position == newest).values(position=-1)
        )
    (again,) = claim(post)
    assert [p.sequence for p in again.parcels] == [2, 3, 4]
    assert again.parcels[2].event.message_id == late


def test_an_unordered_endpoint_goes_on_past_what_waits(post: Post) -> None:
    folder(post)
    for _ in range(4):
        post.send()
    (errand,) = claim(post, each=2)
    settle(post, errand, [Outcome(errand.parcels[0], "http_500"), Outcome(errand.parcels[1])])
    (rest,) = claim(post)
    assert len(rest.parcels) == 2
    assert not {p.position for p in rest.parcels} & {p.position for p in errand.parcels}


def test_what_kills_its_worker_travels_alone_and_is_dead_in_the_end(post: Post) -> None:
    folder(post)
    poison = post.send()
    post.send()
    rounds = []
    while any(row.state not in {"done", "dead"} for row in post.rows()):
        errands = claim(post)
        for errand in errands:
            rounds.append([p.event.message_id for p in errand.parcels])
            if all(p.event.message_id != poison for p in errand.parcels):
                settle(post, errand, [Outcome(p) for p in errand.parcels])
        post.now += LEASE  # the worker that held the poison never came back
        assert len(rounds) < 30
    assert rounds[:2] == [rounds[0]] * 2
    assert rounds[2] == [poison], "a suspect takes no others with it"
    (dead,) = post.rows("dead")
    assert (dead.event.message_id, dead.error) == (poison, "worker_lost")
    assert sum(row.state == "done" for row in post.rows()) == 1


def test_many_workers_at_once_take_each_delivery_once(post: Post) -> None:  # noqa: C901  a worker is a loop of loops
    for number in range(3):
        folder(post, f"d{number}", ordered=number == 0)
    for _ in range(8):
        post.send()
    taken: list[int] = []
    failed: list[BaseException] = []
    lock = threading.Lock()

    def work() -> None:
        try:
            idle = 0
            while idle < 3:
                try:
                    errands = claim(post, each=2)
                    for errand in errands:
                        with lock:
                            taken.extend(p.position for p in errand.parcels)
                        while True:
                            try:
                                settle(post, errand, [Outcome(p) for p in errand.parcels])
                                break
                            except Contended:
                                continue
                except Contended:
                    continue
                idle = 0 if errands else idle + 1
        except BaseException as error:  # noqa: BLE001  told below
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed, failed
    assert len(taken) == len(set(taken)) == 24
    assert {row.state for row in post.rows()} == {"done"}


def test_pulling_what_is_on_its_way_takes_it_off_its_way(post: Post) -> None:
    folder(post)
    post.send()
    (errand,) = claim(post)
    event = errand.parcels[0].event
    assert acknowledge_deliveries(post.house, system_of(post.town.guardianship), [event.id], post.now) == 1
    assert settle(post, errand, [Outcome(errand.parcels[0], "http_500")]).fenced == 1
    assert [row.state for row in post.rows()] == ["done"]


@pytest.mark.parametrize("state", [EndpointState.PAUSED, EndpointState.DISABLED])
def test_a_paused_endpoint_waits_and_an_ended_one_gets_nothing(post: Post, state: EndpointState) -> None:
    endpoint = folder(post)
    post.send()
    change_endpoint(post.house, None, endpoint.id, state, "test", post.now)
    post.send()
    assert not claim(post)
    assert len(post.rows()) == (2 if state is EndpointState.PAUSED else 1)
    if state is EndpointState.PAUSED:
        change_endpoint(post.house, None, endpoint.id, EndpointState.ACTIVE, "test", post.now)
        assert len(claim(post)[0].parcels) == 2


def test_waits_grow_to_their_bound_and_are_drawn_below_it() -> None:
    from gateway.use_cases.delivery_terms import DeliveryTerms

    terms = DeliveryTerms()
    assert [terms.wait(n, lambda: 1.0).total_seconds() for n in (0, 1, 2, 3, 11, 12, 13, 99)] == [
        *(10, 10, 20, 40, 10240, 20480, 21600, 21600)
    ]
    assert terms.wait(5, lambda: 0.25) == timedelta(seconds=40)
    assert terms.wait(1, lambda: 0.0, timedelta(minutes=3)) == timedelta(minutes=3)
    assert terms.wait(1, lambda: 1.0, timedelta(days=3)) == timedelta(hours=6), "Retry-After within limits"
    assert terms.endpoint_wait(99, lambda: 1.0) == timedelta(minutes=5)


def test_what_waits_is_as_old_as_its_event_and_fails_since_then(post: Post) -> None:
    """Not as old as its next attempt, which lies ahead."""
    endpoint = folder(post)
    begun = post.now
    post.send()

    def counts():
        with post.house.store.reading() as unit:
            return unit.endpoints.counts([endpoint.id])[endpoint.id]

    assert (counts().oldest, counts().failing_since) == (begun, None)
    (errand,) = claim(post)
    settle(post, errand, [Outcome(errand.parcels[0], "http_500")])
    assert (counts().oldest, counts().failing_since) == (begun, begun)
    post.now += timedelta(hours=3)
    (errand,) = claim(post)
    settle(post, errand, [Outcome(errand.parcels[0], "http_500")])
    assert (counts().dead, counts().oldest, counts().failing_since) == (1, None, begun)
    replay_deliveries(post.house, None, "test", post.now)
    assert (counts().oldest, counts().failing_since) == (post.now, None)
    (errand,) = claim(post)
    settle(post, errand, [Outcome(errand.parcels[0])])
    assert (counts().done, counts().oldest, counts().failing_since) == (1, None, None)
