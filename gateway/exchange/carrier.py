"""The port of transports: one carrier for each way in which an endpoint is reached."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from gateway.use_cases.delivery_values import Endpoint, Outcome, Parcel
from gateway.use_cases.describe_delivery import Described


class Carrier(Protocol):
    """Hands one delivery over. What goes wrong is an outcome with a code; an exception is a defect of the carrier."""

    async def send(self, endpoint: Endpoint, parcel: Parcel, described: Described, now: datetime) -> Outcome: ...
    async def challenge(self, endpoint: Endpoint, now: datetime) -> str | None:
        """None when the address has answered, the code of why not otherwise."""
        ...

    async def close(self) -> None: ...
