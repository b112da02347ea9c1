"""A town with a delivery key, a clock that a test moves, and a dispatcher that hands over what is due."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.exchange.addresses import Networks
from gateway.exchange.carrier import Carrier
from gateway.exchange.dispatch import Dispatcher
from gateway.exchange.file_drop import FileCarrier
from gateway.exchange.relay import relay_once
from gateway.exchange.webhook import WebhookCarrier
from gateway.key_files import DeliveryKey
from gateway.use_cases.delivery_terms import DeliveryTerms
from gateway.use_cases.delivery_values import Endpoint, Transport
from gateway.use_cases.hand_over import Settled
from gateway.use_cases.register_endpoint import register_endpoint
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Organisation
from schemas.ids import MessageId
from tests.builders import NOW, Town, referral, system_of
from tests.builders import town as make_town
from tests.gateway.exchange.receiver import Receiver, receiving

TERMS = DeliveryTerms(
    first_wait=timedelta(seconds=10), longest_wait=timedelta(hours=1), give_up_after=timedelta(hours=2)
)


@dataclass
class Post:
    """The town's post office."""

    town: Town
    folder: Path
    now: datetime = NOW
    key: DeliveryKey = field(default_factory=lambda: DeliveryKey.of(Ed25519PrivateKey.generate()))
    terms: DeliveryTerms = TERMS
    seconds: float = 5.0
    draw: Callable[[], float] = lambda: 1.0
    more: dict[Transport, Carrier] = field(default_factory=dict)
    networks: str = "127.0.0.0/8"

    @property
    def house(self) -> Any:
        return self.town.house

    def carriers(self) -> dict[Transport, Carrier]:
        return {
            Transport.WEBHOOK: WebhookCarrier(self.key, Networks.parse(self.networks), self.seconds),
            Transport.FILE: FileCarrier(self.folder / "drop"),
            **self.more,
        }

    def register(self, organisation: Organisation, transport: str, address: str, **more: Any) -> Endpoint:
        return register_endpoint(
            self.house, organisation.id, transport, address, "test", self.now, plain_http=True, **more
        )

    def send(self, sender: Organisation | None = None, recipient: Organisation | None = None, **more: Any) -> MessageId:
        """A signal (no consent needed), in the recipient's queue."""
        sender, recipient = sender or self.town.school, recipient or self.town.guardianship
        draft = referral(sender, recipient, type="signal", trigger="threat", **more)
        message = submit_message(self.house, system_of(sender), draft, self.now).message
        relay_once(self.house, self.now)
        return message.id

    def dispatcher(self) -> Dispatcher:
        return Dispatcher(self.house, self.carriers, self.terms, 0.02, lambda: self.now, draw=self.draw)

    def hand_over(self, later: timedelta = timedelta(0)) -> Settled:
        """What is due after so long."""
        self.now += later
        return self.dispatcher().once()

    def receiver(self) -> Receiver:
        return Receiver({self.key.keyid: self.key.private.public_key()}, lambda: int(self.now.timestamp()))

    def rows(self, state: str = "all") -> Any:
        with self.house.store.reading() as unit:
            return unit.deliveries.rows(state, 1000)


@pytest.fixture
def post(town: Town, tmp_path: Path) -> Iterator[Post]:
    yield Post(town, tmp_path)
    gc.collect()


@pytest.fixture
def sqlite_post(sqlite_house: Any, tmp_path: Path) -> Iterator[Post]:
    """The same on SQLite, for what does not depend on the store."""
    yield Post(make_town(sqlite_house), tmp_path)
    gc.collect()


@pytest.fixture
def webhook(post: Post) -> Iterator[Receiver]:
    """A webhook of the guardianship body, registered and challenged."""
    with receiving(post.receiver()) as receiver:
        yield receiver
