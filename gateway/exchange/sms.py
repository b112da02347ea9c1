"""SMS by an HTTP gateway of the operator's choice: one small request, described in docs/queues.md.

Nearly every provider has a form of its own; a few lines of a proxy in front of it speak this one.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx2

from gateway.use_cases.ports_queues import Letter, Posted

OK = range(200, 300)
WORTH_A_RETRY = frozenset({408, 425, 429})
CLIENT_ERRORS = range(400, 500)


@dataclass(frozen=True, slots=True)
class Sms:
    """One HTTP gateway. `token` goes as a bearer token; empty: none."""

    url: str
    token: str
    seconds: float

    def send(self, letter: Letter) -> Posted:
        """POST {"id", "to", "text"}: 2xx is taken, 4xx is refused for good, anything else is tried again."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"id": letter.id, "to": letter.address, "text": letter.text}
        try:
            answer = httpx2.post(self.url, json=body, headers=headers, timeout=self.seconds, follow_redirects=False)
        except httpx2.TimeoutException:
            return Posted(False, "sms_slow")
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return Posted(False, "sms_unreachable")
        if answer.status_code in OK:
            return Posted(True, "sms_sent")
        final = answer.status_code in CLIENT_ERRORS and answer.status_code not in WORTH_A_RETRY
        return Posted(False, "sms_refused", final=final)
