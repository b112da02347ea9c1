"""How long and how often something is tried to be handed over. Values of one installation, passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

SHORT = timedelta(minutes=5)
"""The longest that an endpoint which does not answer is left alone as a whole: one that came back is soon found."""


@dataclass(frozen=True, slots=True)
class DeliveryTerms:
    """Waits are drawn evenly between nothing and a bound that doubles (full jitter), so that many that failed together do
    not come back together."""

    first_wait: timedelta = timedelta(seconds=10)
    longest_wait: timedelta = timedelta(hours=6)
    give_up_after: timedelta = timedelta(hours=72)
    lease: timedelta = timedelta(seconds=120)
    each: int = 64  # deliveries that a worker takes for one endpoint
    endpoints: int = 16  # served at the same time
    most_lapses: int = 8

    def wait(self, attempts: int, draw: Callable[[], float], asked: timedelta | None = None) -> timedelta:
        """How long to wait after so many attempts; at least what the receiver asked for, as far as that is reasonable."""
        bound = min(self.longest_wait, self.first_wait * (1 << min(max(attempts - 1, 0), 30)))
        return max(bound * draw(), min(asked or timedelta(0), self.longest_wait))

    def endpoint_wait(self, failures: int, draw: Callable[[], float], asked: timedelta | None = None) -> timedelta:
        """The same for an endpoint as a whole, which is asked again sooner."""
        bound = min(SHORT, self.longest_wait, self.first_wait * (1 << min(failures, 30)))
        return max(bound * draw(), min(asked or timedelta(0), self.longest_wait))
