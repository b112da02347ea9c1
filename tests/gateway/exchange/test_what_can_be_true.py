"""What a message says beside its sections can be true, and says nothing of a family to whom nobody may be named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.use_cases.house import House
from schemas.errors import MezhvedError
from schemas.ids import MessageId
from schemas.notes import note_rows
from tests.builders import NOW
from tests.gateway.exchange.world import STATUTE, THREAT, World, world

TODAY, YESTERDAY, TOMORROW = "2026-03-02", "2026-03-01", "2026-03-03"


@pytest.fixture
def exchange(sqlite_house: House) -> World:
    return world(sqlite_house)


@pytest.fixture
def asked(exchange: World) -> MessageId:
    """The body began a thread with an inquiry."""
    return exchange.thread("guardianship", "ngo")


@pytest.mark.parametrize(
    "more",
    [
        {"statement": "Мать снова пьёт"},
        {"trigger": "threat"},
        {"concerns": ["HOUSING"]},
        {"observed_on": "2026-03-01"},
        {"services": ["psychologist"]},
        {"requested_action": "Проверить семью"},
        {"direct": True, "statement": THREAT, "statute": STATUTE},
        {"direct": True},
    ],
)
def test_that_a_family_refused_is_said_with_the_date_and_nothing_else(
    exchange: World, asked: MessageId, more: dict[str, Any]
) -> None:
    before = exchange.count()
    with pytest.raises(MezhvedError, match="part_without_child"):
        exchange.send("cooperation_refusal", "ngo", "guardianship", answers=asked, **more)
    assert exchange.count() == before
    sent = exchange.send("cooperation_refusal", "ngo", "guardianship", answers=asked).message
    assert (sent.trigger, sent.purpose, dict(sent.claims), dict(sent.notes)) == (None, "", {}, {"on": YESTERDAY})


def test_nothing_is_lost_in_silence_in_any_message_without_a_child(exchange: World) -> None:
    with pytest.raises(MezhvedError, match="part_without_child"):
        exchange.send("inquiry", "ngo", "guardianship", statement="Ребёнок один")


@pytest.mark.parametrize(
    ("kind", "noted", "code"),
    [
        ("service_act", {"on": TOMORROW}, "note_in_future"),
        ("service_act", {"on": TODAY}, None),
        ("service_act", {"quantity": "0"}, "note_invalid"),
        ("service_act", {"quantity": "000"}, "note_invalid"),
        ("service_act", {"quantity": "10"}, None),
        ("minutes", {"on": TOMORROW}, "note_in_future"),
        ("intake_decision", {"on": TOMORROW}, "note_in_future"),
        ("intake_decision", {"on": TODAY}, None),
        ("first_visit_notice", {"on": TOMORROW}, None),
        ("closure_report", {"on": TOMORROW}, None),
        ("council_invitation", {"at": "2026-03-02T11:59:00+03:00"}, "note_in_past"),
        ("council_invitation", {"at": "2026-03-02T12:01:00+03:00"}, None),
        ("position_request", {"by": YESTERDAY}, "note_in_past"),
        ("position_request", {"by": TODAY}, None),
        ("post_support_notice", {"on": TODAY, "until": YESTERDAY}, "note_period"),
        ("post_support_notice", {"on": TODAY, "until": TODAY}, None),
    ],
)
def test_dates(exchange: World, asked: MessageId, kind: str, noted: dict[str, str], code: str | None) -> None:
    def send() -> object:
        return exchange.send(kind, "ngo", "guardianship", answers=asked, named=False, noted=noted)

    exchange.more["ngo"] = exchange.who("ngo")
    if kind == "service_act":
        thread = exchange.thread("centre", "ngo")
        work = lambda: exchange.send(kind, "ngo", "centre", answers=thread, noted=noted)  # noqa: E731
    else:
        work = send
    if code is None:
        work()
        return
    with pytest.raises(MezhvedError) as refused:
        work()
    assert refused.value.code == code
    assert refused.value.message()
    assert refused.value.remedy()


@pytest.mark.parametrize("kind", ["service_request", "progress_report"])
def test_a_period_ends_after_it_began(exchange: World, kind: str) -> None:
    purpose = "REFERRAL" if kind == "service_request" else "CASE_MGMT"
    exchange.grant("ngo", "guardianship", purpose)
    noted = {"from": "2026-04-02", "until": "2026-04-01"}
    with pytest.raises(MezhvedError, match="note_period"):
        exchange.send(kind, "ngo", "guardianship", noted=noted)
    exchange.send(kind, "ngo", "guardianship", noted={**noted, "until": "2026-04-02"})
    exchange.send(kind, "ngo", "guardianship", noted={"until": "2026-04-01"})


def test_a_day_is_that_of_who_sends(exchange: World, asked: MessageId) -> None:
    """22:30 in Moscow is the next day in UTC's east; what counts is where the sender is."""
    late = NOW.replace(hour=22)  # 01:00 of the 3rd in Moscow
    exchange.send("intake_decision", "ngo", "guardianship", late, answers=asked, named=False, noted={"on": TOMORROW})
    early = NOW + timedelta(hours=1)
    with pytest.raises(MezhvedError, match="note_in_future"):
        exchange.send(
            "intake_decision", "ngo", "guardianship", early, answers=asked, named=False, noted={"on": TOMORROW}
        )


def test_the_table_says_of_which_dates() -> None:
    said = {(row.message, row.field) for rows in note_rows().values() for row in rows if row.when}
    assert len(said) == 11
    assert all(row.when != "past" or row.field == "on" for rows in note_rows().values() for row in rows)
