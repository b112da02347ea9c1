"""What a resolver is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.read_queue import read_directory
from gateway.use_cases.values import Organisation, Requester
from schemas.errors import NotPermitted


@dataclass(frozen=True, slots=True)
class Context:
    """What a resolver knows: the house, who asks, and the instant of the request (law 10)."""

    house: House
    requester: Requester
    own_ogrn: Callable[[], str]
    now: datetime
    verify_receipt: Callable[[str, str, str], tuple[str, str]]
    """A partner's own receipt: the text, about which message, of which event; its text and digest once it is verified."""

    def need(self, scope: str) -> None:
        """Raises NotPermitted unless the token has the scope."""
        if scope not in self.requester.scopes:
            raise NotPermitted("scope_missing", scope=scope)

    def directory(self) -> Sequence[Organisation]:
        """All participants."""
        return read_directory(self.house)
