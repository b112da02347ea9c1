"""A partner that sends: so many signals through the use case, each repeated under its operation id until it is
acknowledged. Prints the id of each as it is. `python -m tests.system.delivery.sender_process COUNT SENDER OGRN RECIPIENTS`
"""

from __future__ import annotations

import random
import sys
import time

from gateway.building import build_house, utc_now
from gateway.settings import read_settings
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.values import Requester
from schemas.errors import Broken, Contended
from schemas.ids import OrganisationId
from schemas.messages import MessageDraft
from tests.builders import referral


class Named:
    def __init__(self, ogrn: str) -> None:
        self.ogrn = ogrn


def main(count: int, sender: str, sender_ogrn: str, recipients: list[str]) -> None:
    house = build_house(read_settings())
    requester = Requester(OrganisationId(sender), "client:test", scopes=frozenset({"messages.send"}))
    for number in range(count):
        recipient = recipients[number % len(recipients)]
        draft: MessageDraft = referral(Named(sender_ogrn), Named(recipient), type="signal", trigger="threat")  # type: ignore[arg-type]
        while True:
            try:
                message = submit_message(house, requester, draft, utc_now()).message
            # The connection was cut, or somebody else was there first: said again, it is one message.
            except (Broken, Contended):
                time.sleep(random.random() / 5)
                continue
            print(message.id, recipient, flush=True)
            break


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4].split(","))
