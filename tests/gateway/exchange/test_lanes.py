"""For every row of `message_lanes.csv` something lawful is sent, and something unlawful is refused with what would be."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.use_cases.house import House
from gateway.use_cases.submit_message import preview_message
from schemas.errors import MezhvedError
from tests.builders import NOW
from tests.gateway.exchange.world import STATUTE, THREAT, World, world

TABLE = Path(__file__).parents[2] / "vectors" / "exchange" / "message_lanes.csv"
ROWS = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))

Made = Callable[[World], dict[str, Any]]
"""What is set up before, and what more the message says."""


def _nothing(_: World) -> dict[str, Any]:
    return {}


def _consent(discloser: str, recipient: str, purpose: str = "CASE_MGMT") -> Made:
    def made(world: World) -> dict[str, Any]:
        world.grant(discloser, recipient, purpose)
        return {"named": True}

    return made


def _plan(holder: str, other: str, **more: Any) -> Made:
    def made(world: World) -> dict[str, Any]:
        world.plan(holder, holder, other)
        return {"named": True, **more}

    return made


def _thread(begun_by: str, other: str, **more: Any) -> Made:
    return lambda world: {"answers": world.thread(begun_by, other), **more}


def _order(world: World, participant: str) -> dict[str, Any]:
    noted = {"participants": world.who(participant).ogrn, "until": "2026-08-31"}
    return {"reg_number": "17", "reg_on": "2026-03-01", "noted": noted}


def _corrected(world: World) -> dict[str, Any]:
    world.grant("ngo", "centre", "REFERRAL")
    return {"corrects": world.send("referral", "ngo", "centre").message.id, "named": True}


def _says(**more: Any) -> Made:
    return lambda _: more


NAMED = _says(named=True)
REPORTED = {"reporter": {"name": "Сосед"}, "noted": {"received_by": "phone"}}

LAWFUL: list[tuple[int, str, str, str, Made]] = [
    (1, "inquiry", "maternity_hospital", "ngo", _nothing),
    (2, "signal", "school", "guardianship", _says(trigger="threat", statement="Слова")),
    (3, "signal", "ngo", "guardianship", _says(trigger="no_care")),
    (4, "signal", "ngo", "police", _says(trigger="abuse")),
    (5, "signal", "guardianship", "guardianship", _says(trigger="threat", **REPORTED)),
    (6, "referral", "ngo", "centre", _consent("ngo", "centre", "REFERRAL")),
    (7, "first_visit_notice", "ngo", "guardianship", _thread("guardianship", "ngo")),
    (8, "intake_decision", "ngo", "school", _thread("school", "ngo")),
    (8, "intake_decision", "ngo", "school", lambda w: {**_thread("school", "ngo")(w), **_consent("ngo", "school")(w)}),
    (9, "position_request", "ngo", "guardianship", _consent("ngo", "guardianship")),
    (9, "position_request", "centre", "guardianship", _plan("centre", "guardianship")),
    (9, "position_request", "ngo", "guardianship", _thread("guardianship", "ngo")),
    (10, "position", "guardianship", "ngo", _consent("guardianship", "ngo")),
    (11, "position", "guardianship", "centre", _thread("centre", "guardianship")),
    (11, "position", "guardianship", "centre", _plan("guardianship", "centre")),
    (12, "joint_decision", "centre", "kdn", _plan("centre", "kdn")),
    (12, "joint_decision", "centre", "guardianship", _thread("guardianship", "centre")),
    (13, "joint_decision", "ngo", "guardianship", _consent("ngo", "guardianship")),
    (13, "joint_decision", "ngo+prevention_register", "kdn", _plan("ngo+prevention_register", "kdn")),
    (14, "minutes", "ngo", "centre", _thread("centre", "ngo")),
    (15, "service_request", "ngo", "clinic", _consent("ngo", "clinic", "REFERRAL")),
    (16, "service_act", "clinic", "ngo", _thread("ngo", "clinic")),
    (17, "council_invitation", "ngo", "school", _nothing),
    (17, "council_invitation", "ngo", "school", _consent("ngo", "school")),
    (18, "council_resolution", "centre", "school", _plan("centre", "school")),
    (19, "progress_report", "ngo", "guardianship", _consent("ngo", "guardianship")),
    (19, "progress_report", "centre", "kdn", _plan("centre", "kdn")),
    (20, "threat_report", "ngo", "guardianship", _says(direct=True, statute=STATUTE, statement=THREAT, declarer="c")),
    (21, "cooperation_refusal", "centre", "kdn", _plan("centre", "kdn")),
    (21, "cooperation_refusal", "centre", "guardianship", _thread("guardianship", "centre")),
    (22, "cooperation_refusal", "ngo", "guardianship", _thread("guardianship", "ngo")),
    (23, "case_transfer", "ngo", "other_ngo", _consent("ngo", "other_ngo")),
    (24, "closure_report", "ngo", "school", _thread("school", "ngo")),
    (24, "closure_report", "ngo", "guardianship", _consent("ngo", "guardianship")),
    (25, "post_support_notice", "ngo", "guardianship", _thread("guardianship", "ngo")),
    (26, "ipr_order", "kdn", "centre", lambda w: _order(w, "centre")),
    (27, "correction", "ngo", "centre", _corrected),
    (30, "acknowledgement", "ngo", "school", _thread("school", "ngo")),
]

UNLAWFUL: list[tuple[int, str, str, str, Made, str]] = [
    (1, "inquiry", "school", "ngo", NAMED, "persons_not_in_type"),
    (2, "signal", "school", "centre", _says(trigger="threat"), "lane_refused"),
    (2, "signal", "school", "school", _says(trigger="threat"), "lane_refused"),
    (3, "signal", "ngo", "kdn", _says(trigger="rights"), "lane_refused"),
    (4, "signal", "ngo", "police", _says(trigger="runaway"), "lane_refused"),
    (5, "signal", "kdn", "kdn", _says(trigger="rights", **REPORTED), "lane_refused"),
    (
        5,
        "signal",
        "guardianship",
        "guardianship",
        _says(trigger="threat", reporter={"name": "Сосед"}),
        "reporter_not_here",
    ),
    (6, "referral", "ngo", "centre", _nothing, "message_refused"),
    (6, "referral", "ngo", "centre", _consent("ngo", "other_centre", "REFERRAL"), "message_refused"),
    (7, "first_visit_notice", "ngo", "guardianship", _nothing, "lane_refused"),
    (7, "first_visit_notice", "ngo", "guardianship", _thread("ngo", "guardianship"), "lane_refused"),
    (8, "intake_decision", "ngo", "school", _nothing, "lane_refused"),
    (8, "intake_decision", "ngo", "school", _thread("school", "ngo", named=True), "message_refused"),
    (9, "position_request", "ngo", "guardianship", NAMED, "message_refused"),
    (9, "position_request", "school", "guardianship", NAMED, "lane_refused"),
    (10, "position", "guardianship", "ngo", _thread("ngo", "guardianship"), "lane_refused"),
    (10, "position", "guardianship", "ngo", NAMED, "message_refused"),
    (11, "position", "guardianship", "centre", _nothing, "lane_refused"),
    (12, "joint_decision", "centre", "kdn", NAMED, "lane_refused"),
    (13, "joint_decision", "ngo", "guardianship", NAMED, "message_refused"),
    (13, "joint_decision", "guardianship", "ngo", NAMED, "lane_refused"),
    (14, "minutes", "ngo", "centre", _nothing, "lane_refused"),
    (14, "minutes", "ngo", "centre", _thread("centre", "ngo", named=True), "lane_refused"),
    (15, "service_request", "ngo", "clinic", _nothing, "message_refused"),
    (16, "service_act", "clinic", "ngo", _nothing, "lane_refused"),
    (17, "council_invitation", "school", "ngo", _nothing, "lane_refused"),
    (17, "council_invitation", "ngo", "school", NAMED, "message_refused"),
    (18, "council_resolution", "ngo", "school", _nothing, "message_refused"),
    (19, "progress_report", "ngo", "school", _consent("ngo", "school"), "lane_refused"),
    (19, "progress_report", "centre", "kdn", _nothing, "message_refused"),
    (
        20,
        "threat_report",
        "ngo",
        "guardianship",
        _says(statute=STATUTE, statement=THREAT, declarer="c"),
        "lane_refused",
    ),
    (
        20,
        "threat_report",
        "ngo",
        "police",
        _says(direct=True, statute=STATUTE, statement=THREAT, declarer="c"),
        "lane_refused",
    ),
    (20, "threat_report", "ngo", "guardianship", _says(direct=True, statement=THREAT, declarer="c"), "threat_needs"),
    (20, "threat_report", "ngo", "guardianship", _says(direct=True, statute=STATUTE, declarer="c"), "threat_needs"),
    (
        20,
        "threat_report",
        "ngo",
        "guardianship",
        _says(direct=True, statute=STATUTE, statement=THREAT),
        "declarer_required",
    ),
    (21, "cooperation_refusal", "centre", "kdn", NAMED, "lane_refused"),
    (22, "cooperation_refusal", "ngo", "guardianship", _nothing, "lane_refused"),
    (22, "cooperation_refusal", "ngo", "kdn", _thread("kdn", "ngo"), "lane_refused"),
    (22, "cooperation_refusal", "ngo", "guardianship", _thread("guardianship", "ngo", named=True), "lane_refused"),
    (23, "case_transfer", "ngo", "other_ngo", _nothing, "message_refused"),
    (23, "case_transfer", "ngo", "guardianship", _consent("ngo", "guardianship"), "lane_refused"),
    (24, "closure_report", "ngo", "school", _nothing, "lane_refused"),
    (24, "closure_report", "ngo", "guardianship", NAMED, "message_refused"),
    (25, "post_support_notice", "ngo", "guardianship", _nothing, "lane_refused"),
    (26, "ipr_order", "kdn", "school", lambda w: _order(w, "centre"), "order_not_participant"),
    (26, "ipr_order", "ngo", "centre", lambda w: _order(w, "centre"), "lane_refused"),
    (27, "correction", "ngo", "centre", NAMED, "corrects_required"),
    (28, "recall", "ngo", "centre", _nothing, "type_of_gateway"),
    (29, "lookup_echo", "ngo", "centre", _nothing, "type_of_gateway"),
    (30, "acknowledgement", "ngo", "school", _nothing, "lane_refused"),
]


@pytest.fixture
def exchange(sqlite_house: House) -> World:
    found = world(sqlite_house)
    found.declarer()
    return found


@pytest.mark.parametrize(("row", "kind", "sender", "recipient", "made"), LAWFUL)
def test_what_a_row_allows_is_sent(
    exchange: World, row: int, kind: str, sender: str, recipient: str, made: Made
) -> None:
    assert ROWS[row - 1]["message"] == kind
    more = made(exchange)
    sent = exchange.send(kind, sender, recipient, **more).message
    assert (sent.type, sent.state.value in {"submitted", "delivered"}) == (kind, True)
    assert bool(sent.purpose) == bool(more.get("named", exchange.draft(kind, sender, recipient).persons))


@pytest.mark.parametrize(("row", "kind", "sender", "recipient", "made", "code"), UNLAWFUL)
def test_what_no_row_allows_is_refused(
    exchange: World, row: int, kind: str, sender: str, recipient: str, made: Made, code: str
) -> None:
    assert ROWS[row - 1]["message"] == kind
    more = made(exchange)
    before = exchange.count()
    with pytest.raises(MezhvedError) as refused:
        exchange.send(kind, sender, recipient, **more)
    assert refused.value.code == code
    assert exchange.count() == before, "nothing was kept"
    if code == "lane_refused":
        assert str(refused.value.params["lawful"]).strip("– "), "what would be lawful is said"
        with pytest.raises(MezhvedError, match="lane_refused"):
            preview_message(
                exchange.house, exchange.system(sender), exchange.draft(kind, sender, recipient, **more), NOW
            )


def test_every_row_has_both() -> None:
    numbers = set(range(1, len(ROWS) + 1))
    by_gateway = {28, 29}  # no participant sends these: test_recalls, test_echoes see the gateway send them
    assert {row for row, *_ in LAWFUL} == numbers - by_gateway
    assert {row for row, *_ in UNLAWFUL} == numbers


def test_a_wrong_route_names_the_right_one(exchange: World) -> None:
    with pytest.raises(MezhvedError) as refused:
        exchange.send("signal", "school", "centre", trigger="truancy")
    assert "Орган управления образованием" in str(refused.value.params["lawful"])


def test_the_sender_chooses_among_lanes_by_the_purpose(exchange: World) -> None:
    """A failure in one lane never falls through into another (rules, first decision)."""
    exchange.plan("centre", "centre", "guardianship")
    by_duty = exchange.send("position_request", "centre", "guardianship", named=True).message
    assert by_duty.purpose == "KDN_IPR"
    with pytest.raises(MezhvedError, match="message_refused"):
        exchange.send("position_request", "centre", "guardianship", named=True, purpose="CASE_MGMT")
    exchange.grant("centre", "guardianship")
    by_consent = exchange.send("position_request", "centre", "guardianship", named=True, purpose="CASE_MGMT").message
    assert by_consent.purpose == "CASE_MGMT"
