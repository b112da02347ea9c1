"""DPOs and administrators oversee: they see who saw what, never what was seen (POL-ROLE-1, POL-ROLE-2)."""

from __future__ import annotations

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import answer_message
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_log import read_log
from gateway.use_cases.submit_message import submit_message
from schemas.errors import NotPermitted
from schemas.lifecycle import Event, State
from tests.builders import NOW, Town, consent, referral, system_of


@pytest.mark.parametrize(("role", "rule"), [("dpo", "POL-ROLE-1"), ("administrator", "POL-ROLE-2")])
def test_an_overseer_sees_no_content_and_opens_nothing(town: Town, role: str, rule: str) -> None:
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    sent = submit_message(town.house, system_of(town.centre), referral(town.centre, town.ngo), NOW).message
    relay_once(town.house, NOW)
    overseer = system_of(town.ngo, role, "curator")
    opened = open_message(town.house, overseer, sent.id, NOW)
    assert opened.message.state is State.DELIVERED
    for section in opened.content.subjects[0].sections.values():
        assert (section.ruling.effect.value, section.ruling.rule, section.content) == ("D", rule, None)
    with pytest.raises(NotPermitted, match="not_for_overseers"):
        answer_message(town.house, overseer, sent.id, Event.ACCEPT, NOW)
    with pytest.raises(NotPermitted, match="not_for_overseers"):
        submit_message(town.house, overseer, referral(town.ngo, town.centre), NOW)


def test_only_the_dpo_reads_the_log_and_each_reading_is_an_entry(town: Town) -> None:
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    submit_message(town.house, system_of(town.centre), referral(town.centre, town.ngo), NOW)
    reading = read_log(town.house, system_of(town.centre, "dpo"), NOW)
    assert [row.recipient_id for row in reading.rows] == [town.ngo.id]
    assert read_log(town.house, system_of(town.stranger, "dpo"), NOW).rows == ()
    for other in (system_of(town.centre, "curator"), system_of(town.centre, "administrator"), system_of(town.centre)):
        with pytest.raises(NotPermitted, match="dpo_only"):
            read_log(town.house, other, NOW)
    with town.house.store.reading() as unit:
        kinds = [entry_id for entry_id, _ in unit.log.unsequenced(100)]
    assert len(kinds) >= 5
