"""The main job on each store: publish, disclose, withdraw, refer, accept."""

from __future__ import annotations

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import answer_message
from gateway.use_cases.facts import Question
from gateway.use_cases.open_message import open_message
from gateway.use_cases.read_case_summaries import read_case_summaries, read_case_summary
from gateway.use_cases.read_queue import read_queue
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.withdraw_consent import withdraw_consent
from schemas.errors import Refused, Unavailable
from schemas.lifecycle import Event
from tests.builders import NOW, Town, consent, publish, referral, system_of

ASKED = Question("CASE_MGMT", ("ID", "IDN", "HLT", "OFF", "EDU", "WRK"))


def test_a_consented_summary_is_released_and_withdrawal_stops_it(town: Town) -> None:
    published = publish(town)
    given = consent(town, town.guardianship)
    system = system_of(town.guardianship)
    page = read_case_summaries(town.house, system, ASKED, None, 10, NOW)
    (case,) = page.cases
    child = next(s for s in case.subjects if s.kind == "child")
    effects = {category: section.ruling.effect.value for category, section in child.sections.items()}
    assert effects == {"ID": "P", "IDN": "D", "HLT": "P", "OFF": "D", "EDU": "P", "WRK": "P"}
    assert child.sections["ID"].content["full_name"] == "Проба Вымышленная Тестовна"
    assert child.sections["IDN"].content is None
    pseudonym = town.house.vault.case_pseudonym(town.guardianship.id, published.case_id)

    withdrawn = withdraw_consent(town.house, system_of(town.ngo), given, NOW)
    assert withdrawn.recalled == (town.guardianship.id,)
    again = read_case_summary(town.house, system, pseudonym, ASKED, NOW)
    child = next(s for s in again.cases[0].subjects if s.kind == "child")
    assert child.sections["ID"].ruling.effect.value == "D"
    assert child.sections["ID"].ruling.rule == "RU-152-9-5"
    assert child.sections["ID"].content is None
    relay_once(town.house, NOW)
    assert [m.type for m in read_queue(town.house, system, NOW)] == ["recall"]


def test_a_stranger_gets_unavailable(town: Town) -> None:
    published = publish(town)
    real = town.house.vault.case_pseudonym(town.stranger.id, published.case_id)
    for text in (real, "z" * 52):
        with pytest.raises(Unavailable, match="case_unavailable"):
            read_case_summary(town.house, system_of(town.stranger), text, ASKED, NOW)


def test_a_referral_is_gated_delivered_opened_accepted(town: Town) -> None:
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    draft = referral(town.centre, town.ngo)
    sent = submit_message(town.house, system_of(town.centre), draft, NOW)
    assert submit_message(town.house, system_of(town.centre), draft, NOW).repeated
    assert relay_once(town.house, NOW) == 1
    system = system_of(town.ngo)
    opened = open_message(town.house, system, sent.message.id, NOW)
    (child,) = opened.content.subjects
    assert child.sections["ID"].content["birth_date"] == "2017-01-15"
    assert child.sections["IDN"].content is None
    assert child.sections["LOC"].content == {"address": {"text": "Измайлово", "municipality": "Измайлово"}}
    assert "statement" not in child.sections["RSK"].content
    answer_message(town.house, system, sent.message.id, Event.ACCEPT, NOW)
    after = open_message(town.house, system, sent.message.id, NOW)
    assert after.content.subjects[0].sections["LOC"].content["address"]["text"].startswith("ул.")
    assert [r.state.value for r in after.message.receipts] == ["submitted", "delivered", "opened", "accepted"]


def test_a_referral_without_consent_is_refused_with_the_rule(town: Town) -> None:
    with pytest.raises(Refused) as refused:
        submit_message(town.house, system_of(town.centre), referral(town.centre, town.ngo), NOW)
    assert refused.value.rule == "RU-152-6-1"


def test_a_signal_passes_without_consent(town: Town) -> None:
    draft = referral(
        town.school,
        town.guardianship,
        type="signal",
        trigger="threat",
        statute="120-ФЗ ст. 9 п. 2",
        statement="Не пришёл, синяки",
    )
    sent = submit_message(town.house, system_of(town.school), draft, NOW)
    relay_once(town.house, NOW)
    opened = open_message(town.house, system_of(town.guardianship), sent.message.id, NOW)
    (child,) = opened.content.subjects
    assert child.sections["RSK"].content["statement"] == "Не пришёл, синяки"
    assert child.sections["ID"].ruling.rule == "RU-120-9-1"
    assert child.sections["IDN"].content is None
