"""A referral of the NGO to a body without access, and what is done with packages of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.partner.package_codes import receipt_code
from gateway.use_cases.house import House
from gateway.use_cases.make_package import MadePackage, make_package
from gateway.use_cases.package_secrets import open_secrets
from gateway.use_cases.receive_package_receipt import PackageReceived, receive_package_receipt
from gateway.use_cases.values import MessageOnFile
from gateway.use_cases.verify_package import OpenedPackage, open_package
from schemas.ids import MessageId
from tests.builders import NOW, referral
from tests.gateway.exchange.world import World as Exchange
from tests.gateway.exchange.world import world as make_exchange


@dataclass
class Packages:
    """The exchange, seen by somebody who sends to a body without a system."""

    exchange: Exchange

    @property
    def house(self) -> House:
        return self.exchange.house

    def referral(self, now: datetime = NOW, **more: Any) -> MessageId:
        """A referral of the NGO in the queue of the centre, by the mother's consent."""
        from gateway.exchange.relay import relay_once
        from gateway.use_cases.submit_message import submit_message

        self.exchange.grant("ngo", "centre", "REFERRAL")
        draft = referral(self.exchange.who("ngo"), self.exchange.who("centre"), **more)
        sent = submit_message(self.house, self.exchange.system("ngo"), draft, now).message
        relay_once(self.house, now)
        return sent.id

    def make(self, message_id: MessageId, now: datetime = NOW, by: str | None = "ngo") -> MadePackage:
        return make_package(self.house, self.exchange.system(by) if by else None, message_id, now)

    def open(self, made: MadePackage) -> OpenedPackage:
        assert made.code is not None
        return open_package(made.file, made.code, self.house.log_key.verifier())

    def code(self, made: MadePackage, outcome: str = "opened", day: int = 0) -> str:
        """What the page shows who opened the package."""
        secrets = open_secrets(self.house, made.package)
        assert secrets is not None
        number = made.package.outcomes.index(outcome)
        return receipt_code(secrets.receipt_key, made.package.id, day, number, outcome)

    def receive(
        self, message_id: MessageId, typed: str, now: datetime = NOW, by: str | None = "ngo", **more: Any
    ) -> PackageReceived:
        requester = self.exchange.system(by) if by else None
        return receive_package_receipt(self.house, requester, message_id, typed, now, **more)

    def message(self, message_id: MessageId, now: datetime = NOW) -> MessageOnFile:
        with self.house.store.reading() as unit:
            found = unit.messages.by_id(message_id, now)
        assert found is not None
        return found


def packages(house: House) -> Packages:
    """The world over a house."""
    return Packages(make_exchange(house))
