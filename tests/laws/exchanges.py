"""What two organisations do with a message, each deed ready to be done: for laws that hold of all of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from gateway.exchange.relay import relay_once
from gateway.storage import tables as t
from gateway.use_cases.answer_message import Answer
from gateway.use_cases.conclude_joint_decision import conclude_joint_decision
from gateway.use_cases.keep_agenda import make_agenda
from gateway.use_cases.propose_joint_decision import propose_joint_decision
from gateway.use_cases.publish_case_summary import publish_case_summary
from gateway.use_cases.redirect_message import redirect_message
from gateway.use_cases.register_incoming import register_incoming
from gateway.use_cases.send_minutes import send_minutes
from gateway.use_cases.submit_message import submit_message
from gateway.use_cases.withdraw_summary import withdraw_summary
from schemas.ids import new_id
from schemas.joint import AgendaDraft, JointDecisionDraft, MinutesDraft
from schemas.lifecycle import Event
from tests.builders import NOW, consent
from tests.gateway.exchange.world import ELSEWHERE, child
from tests.gateway.exchange.world import World as Exchange
from tests.laws.world import World, marked_sections, summary_draft

Deed = Callable[[], object]
ORDER = {"reg_number": "17", "reg_on": "2026-03-01"}


def exchange_deeds(world: World) -> Mapping[str, Callable[[], Deed]]:
    """By name: what prepares a deed of its own and gives it, to be done once."""
    exchange = Exchange(world.town)
    exchange.grant("ngo", "guardianship")
    exchange.grant("guardianship", "ngo")
    exchange.grant("ngo", "kdn")
    for other in ("centre", "other_centre"):
        exchange.grant("ngo", other, "REFERRAL")
    numbers = itertools.count()
    noted = {"participants": exchange.who("centre").ogrn, "until": "2026-08-31"}

    def sent(kind: str, sender: str, recipient: str, **more: Any) -> Deed:
        draft = exchange.draft(kind, sender, recipient, **more)
        return lambda: submit_message(world.house, exchange.system(sender), draft, NOW)

    def said(side: str, event: Event, answer: Answer | None = None) -> Deed:
        message = exchange.arrive("referral", "ngo", "centre")
        return lambda: exchange.answer(side, message.id, event, answer)

    def position() -> Deed:
        asked = exchange.arrive("position_request", "ngo", "guardianship", named=True)
        return sent("position", "guardianship", "ngo", named=True, answers=asked.id)

    def numbered() -> Deed:
        message = exchange.arrive("referral", "ngo", "centre")
        return lambda: register_incoming(world.house, exchange.system("centre"), message.id, "вх-1", NOW.date(), NOW)

    def redirected() -> Deed:
        message, to = exchange.arrive("referral", "ngo", "centre"), exchange.who("other_centre").id
        answer = Answer(reason="OUT_OF_TERRITORY", words="Другой район")
        return lambda: redirect_message(world.house, exchange.system("centre"), message.id, to, NOW, answer)

    def transferred() -> Deed:
        ref = f"moving-{next(numbers)}"
        consent(world.town, exchange.who("other_ngo"), ref, discloser=world.town.ngo)
        message = exchange.arrive("case_transfer", "ngo", "other_ngo", persons=[{**child("case_transfer"), "ref": ref}])
        return lambda: exchange.answer("other_ngo", message.id, Event.ACCEPT)

    def taken_back() -> Deed:
        ref = f"withdrawn-{next(numbers)}"
        sections = {"identity": marked_sections()["identity"]}
        made = publish_case_summary(world.house, world.system("ngo"), summary_draft(ref, ref, sections=sections), NOW)
        case = world.pseudonym("ngo", made.case_id)
        return lambda: withdraw_summary(world.house, world.system("ngo"), case, NOW)

    return {
        **_joint_deeds(world, exchange),
        "a refusal": lambda: said("centre", Event.REJECT, ELSEWHERE),
        "a taking back": lambda: said("ngo", Event.RECALL),
        "an answer by a message": position,
        "an incoming number": numbered,
        "a redirect": redirected,
        "a transfer": transferred,
        "an order": lambda: sent("ipr_order", "kdn", "centre", noted=noted, **ORDER),
        "a summary taken back": taken_back,
    }


def _joint_deeds(world: World, exchange: Exchange) -> Mapping[str, Callable[[], Deed]]:
    """What is put to several at once."""

    def proposed() -> Deed:
        draft = joint_draft(exchange, "guardianship", "kdn")
        return lambda: propose_joint_decision(world.house, exchange.system("ngo"), draft, NOW)

    def put() -> str:
        made = propose_joint_decision(world.house, exchange.system("ngo"), joint_draft(exchange, "guardianship"), NOW)
        relay_once(world.house, NOW)
        return made.decision.id

    def concluded() -> Deed:
        decision = put()
        return lambda: conclude_joint_decision(world.house, exchange.system("ngo"), decision, "taken", NOW)

    def minuted() -> Deed:
        decision = put()
        draft = MinutesDraft.model_validate({"operation_id": new_id(), "on": "2026-03-01", "topic": "Встреча"})
        return lambda: send_minutes(world.house, exchange.system("ngo"), decision, draft, NOW)

    def meeting() -> Deed:
        draft = agenda_draft()
        return lambda: make_agenda(world.house, exchange.system("ngo"), draft, NOW)

    return {
        "a proposal to several": proposed,
        "a conclusion": concluded,
        "minutes to all parties": minuted,
        "an agenda": meeting,
    }


def joint_draft(exchange: Exchange, *parties: str, **more: Any) -> JointDecisionDraft:
    """A matter that an NGO puts to these about K-1."""
    given = {
        "operation_id": new_id(),
        "matter": "open",
        "parties": [{"ogrn": exchange.who(name).ogrn} for name in parties],
        "persons": [child("joint_decision")],
        **more,
    }
    return JointDecisionDraft.model_validate(given)


def agenda_draft() -> AgendaDraft:
    """A meeting, in words that name nobody."""
    given = {"at": "2026-03-10T11:00:00+03:00", "place": "Зал на втором этаже", "topic": "Открытие случаев"}
    return AgendaDraft.model_validate({"operation_id": new_id(), **given})


def everything(world: World) -> list[Any]:
    """Every table of the data store, as it stands for another connection."""
    return [sorted(map(repr, world.rows(select(table)))) for table in t.metadata.sorted_tables]
