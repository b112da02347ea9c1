"""Help never waits for a joint decision: whatever stands of it, stages, referrals and summaries go on as without it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.use_cases.answer_message import Answer
from gateway.use_cases.house import House
from gateway.use_cases.record_practice_event import record_practice_event
from schemas.lifecycle import Event
from tests.builders import NOW
from tests.gateway.joint.world import CENTRE, PARTIES, RISK, Council, council
from tests.laws.sources import ROOT

STEPS = [f"step_{number}" for number in range(1, 9)]


def _all(event: Event, said: Answer | None = None) -> Callable[[Council], None]:
    return lambda put: [put.say(name, event, said) for name in PARTIES] and None


STATES: dict[str, Callable[[Council], None]] = {
    "all silent": lambda put: None,
    "all disagree": _all(Event.DISAGREE, RISK),
    "all ask": _all(Event.ASK, Answer(words="Есть ли жильё?")),
    "all agree": _all(Event.AGREE),
}


@pytest.mark.parametrize("matter", ["open", "close", "extend"])
@pytest.mark.parametrize("state", STATES)
def test_nothing_waits(sqlite_house: House, state: str, matter: str) -> None:
    put = council(sqlite_house)
    put.set()
    put.world.grant(CENTRE, "other_centre", "REFERRAL")
    made = put.propose(matter=matter)
    STATES[state](put)
    case = put.view(made).case
    for step in STEPS:  # the whole course, closing included
        assert record_practice_event(put.house, put.system, case, step, NOW).stage == step
    referred = put.world.arrive("referral", CENTRE, "other_centre")
    put.world.answer("other_centre", referred.id, Event.ACCEPT)
    put.world.answer("other_centre", referred.id, Event.BEGIN)


def test_no_other_room_of_the_product_asks_whether_a_decision_is_open() -> None:
    """The port of joint decisions is reached by the decision's own use cases and by the answer to its messages alone."""
    asking = {
        path.name for path in (ROOT / "gateway" / "use_cases").glob("*.py") if "unit.joint." in path.read_text("utf-8")
    }
    assert asking == {
        "propose_joint_decision.py",
        "conclude_joint_decision.py",
        "read_joint_decision.py",
        "joint_view.py",
        "send_minutes.py",
        "read_agenda.py",
        "answer_message.py",
    }
