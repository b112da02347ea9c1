"""Agendas: several cases of one meeting, what others see of it, and minutes that the parties sign."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import Answer
from gateway.use_cases.house import House
from gateway.use_cases.joint_values import Agenda
from gateway.use_cases.keep_agenda import add_to_agenda, close_agenda, make_agenda, remove_from_agenda
from gateway.use_cases.propose_joint_decision import propose_joint_decision
from gateway.use_cases.read_agenda import AgendaView, read_agenda, read_agendas
from gateway.use_cases.send_minutes import send_minutes
from schemas.errors import MezhvedError
from schemas.ids import new_id
from schemas.joint import AgendaDraft, MinutesDraft
from schemas.lifecycle import Event
from tests.builders import NOW, consent
from tests.builders import record as record_fact
from tests.gateway.exchange.world import child
from tests.gateway.facts_world import entries
from tests.gateway.joint.world import CENTRE, PARTIES, Council, council

PLACE, TOPIC = "Зал на втором этаже", "Открытие и закрытие случаев"


@pytest.fixture
def put(house: House) -> Council:
    return council(house)


@pytest.fixture
def quick(sqlite_house: House) -> Council:
    return council(sqlite_house)


def made(put: Council, **changes: Any) -> Agenda:
    draft = {"operation_id": new_id(), "at": "2026-03-10T11:00:00+03:00", "place": PLACE, "topic": TOPIC, **changes}
    return make_agenda(put.house, put.system, AgendaDraft.model_validate(draft), NOW)


def seen(put: Council, agenda: Agenda, name: str = CENTRE, now: datetime = NOW) -> AgendaView:
    return read_agenda(put.house, put.world.system(name), agenda.id, now)


def another_child(put: Council, ref: str, *parties: str) -> dict[str, object]:
    """One more child of the proposer's, in an open plan with these."""
    me = put.world.who(CENTRE)
    consent(put.world.town, put.world.who("school"), ref, "CASE_MGMT", me, categories=["ID"])
    ((found,),) = put.house.vault.find_subjects(me.id, [[("ref", ref)]])
    with put.house.store.reading() as unit:
        (subject,) = unit.families.registered(me.id, sorted(found))
    participants = tuple(put.world.who(name).id for name in (CENTRE, *parties))
    record_fact(put.house, subject, "ipr_open", put.world.who("kdn"), participants=participants)
    return {**child("joint_decision"), "ref": ref}


def test_several_cases_in_one_agenda_in_their_order(put: Council) -> None:
    agenda = made(put)
    first = put.propose(agenda=agenda.id)
    put.say("kdn", Event.AGREE)
    second = put.propose("kdn", agenda=agenda.id, persons=[another_child(put, "K-9", "kdn")])
    view = seen(put, agenda)
    assert (view.words["place"], view.words["topic"], view.is_mine) == (PLACE, TOPIC, True)
    assert [line.number for line in view.lines] == [1, 2]
    assert [[d.decision.id for d in line.decisions] for line in view.lines] == [[first.id], [second.id]]
    assert [p.stand.position.value for p in view.lines[0].decisions[0].parties] == ["waiting", "agreed", "waiting"]
    assert [a.id for a, _ in read_agendas(put.house, put.system)] == [agenda.id]
    (change,) = entries(put.house, "agenda.changed")
    assert change["change"] == "made"


def test_another_organisation_sees_its_own_items_numbered_for_it(put: Council) -> None:
    agenda = made(put)
    put.propose("guardianship", agenda=agenda.id)
    put.propose("kdn", agenda=agenda.id, persons=[another_child(put, "K-9", "kdn")])
    theirs = seen(put, agenda, "kdn")
    assert [line.number for line in theirs.lines] == [1], "its own count begins with one"
    assert theirs.lines[0].item_id is None
    assert not theirs.is_mine
    assert {line.case for line in theirs.lines}.isdisjoint({line.case for line in seen(put, agenda).lines})
    assert not theirs.general
    for stranger in ("school", "centre"):
        with pytest.raises(MezhvedError, match="agenda_unavailable"):
            seen(put, agenda, stranger)
        assert not read_agendas(put.house, put.world.system(stranger))
    # What one sees does not change with what others have.
    before = seen(put, agenda, "kdn")
    put.propose("centre", agenda=agenda.id, persons=[another_child(put, "K-10", "centre")])
    assert seen(put, agenda, "kdn") == before


def test_the_number_of_an_agenda_alone_puts_nobody_on_it(put: Council) -> None:
    """Anybody may write the identifier of a foreign agenda into a message of its own: that shows it nothing."""
    agenda = made(put)
    put.world.arrive("inquiry", "school", CENTRE, agenda=agenda.id)
    with pytest.raises(MezhvedError, match="agenda_unavailable"):
        seen(put, agenda, "school")
    assert not seen(put, agenda).lines
    assert not seen(put, agenda).general


def test_an_invitation_without_names_stands_beside_the_cases(put: Council) -> None:
    agenda = made(put)
    put.world.arrive("council_invitation", CENTRE, "kdn", agenda=agenda.id)
    for name in (CENTRE, "kdn"):
        view = seen(put, agenda, name)
        assert not view.lines
        assert [sent.message.type for sent in view.general] == ["council_invitation"]


def test_cases_are_put_on_and_taken_off_until_it_is_closed(put: Council) -> None:
    agenda = made(put)
    case = put.view(put.propose("kdn")).case
    item = add_to_agenda(put.house, put.system, agenda.id, case, NOW)
    with pytest.raises(MezhvedError, match="agenda_item_twice"):
        add_to_agenda(put.house, put.system, agenda.id, case, NOW)
    with pytest.raises(MezhvedError, match="case_unavailable"):
        add_to_agenda(put.house, put.system, agenda.id, "invented", NOW)
    remove_from_agenda(put.house, put.system, agenda.id, item.id, NOW)
    with pytest.raises(MezhvedError, match="agenda_item_unavailable"):
        remove_from_agenda(put.house, put.system, agenda.id, item.id, NOW)
    assert not seen(put, agenda).lines
    closed = close_agenda(put.house, put.system, agenda.id, NOW)
    assert closed.closed_at == NOW
    for work in (
        lambda: add_to_agenda(put.house, put.system, agenda.id, case, NOW),
        lambda: close_agenda(put.house, put.system, agenda.id, NOW),
    ):
        with pytest.raises(MezhvedError, match="agenda_closed"):
            work()
    with pytest.raises(MezhvedError, match="agenda_unknown"):
        propose_joint_decision(put.house, put.system, put.draft(agenda=agenda.id), NOW)
    assert [e["change"] for e in entries(put.house, "agenda.changed")] == ["made", "added", "removed", "closed"]


def test_nobody_else_keeps_it(quick: Council) -> None:
    agenda = made(quick)
    quick.propose("kdn", agenda=agenda.id)
    for name in ("kdn", "school"):
        for work in (
            lambda who: close_agenda(quick.house, who, agenda.id, NOW),
            lambda who: add_to_agenda(quick.house, who, agenda.id, "x", NOW),
            lambda who: remove_from_agenda(quick.house, who, agenda.id, new_id(), NOW),
        ):
            with pytest.raises(MezhvedError, match="agenda_unavailable"):
                work(quick.world.system(name))


def test_its_words_name_nobody_and_lie_sealed(quick: Council) -> None:
    with pytest.raises(MezhvedError, match="text_not_nameless"):
        made(quick, topic="Семья Ивановых, ул. Ленина, 5")
    made(quick)
    with quick.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        kept = repr(connection.exec_driver_sql("SELECT * FROM agendas").all())
    assert PLACE not in kept
    assert PLACE.encode().hex() not in kept


def test_a_repeat_makes_no_second_agenda(put: Council) -> None:
    operation = new_id()
    first = made(put, operation_id=operation)
    assert made(put, operation_id=operation).id == first.id
    with pytest.raises(MezhvedError, match="operation_id_reused"):
        made(put, operation_id=operation, topic="Другая тема")
    assert len(read_agendas(put.house, put.system)) == 1


def test_pages_begin_after_ones_own(quick: Council) -> None:
    ids = [made(quick, at=f"2026-03-{day}T11:00:00+03:00").id for day in (12, 11, 10)]
    page = [agenda.id for agenda, _ in read_agendas(quick.house, quick.system, ids[0], 1)]
    assert page == [ids[1]]
    assert not read_agendas(quick.house, quick.system, new_id())
    assert not read_agendas(quick.house, quick.world.system("school"), ids[0])


# --- minutes -----------------------------------------------------------------------------------------------------------


def minutes(**changes: Any) -> MinutesDraft:
    given = {"operation_id": new_id(), "on": "2026-03-02", "topic": TOPIC, "words": "Договорились о плане", **changes}
    return MinutesDraft.model_validate(given)


def test_minutes_go_to_every_party_and_each_signs_or_remarks(put: Council) -> None:
    agenda = made(put)
    decision = put.propose(agenda=agenda.id)
    draft = minutes()
    sent = send_minutes(put.house, put.system, decision.id, draft, NOW)
    assert [m.id for m in send_minutes(put.house, put.system, decision.id, draft, NOW)] == [m.id for m in sent]
    assert [m.recipient_id for m in sent] == [put.world.who(name).id for name in PARTIES]
    relay_once(put.house, NOW)
    for name, message in zip(PARTIES, sent, strict=True):
        opened = put.world.open(name, message.id)
        assert opened.words["words"] == "Договорились о плане"
    put.world.answer("guardianship", sent[0].id, Event.SIGN)
    put.world.answer("kdn", sent[1].id, Event.REMARK, Answer(words="Дата встречи другая"))
    stands = [p.minutes_stand.position.value for p in put.view(decision).parties if p.minutes_stand]
    assert stands == ["signed", "remarked", "waiting"]
    (line,) = seen(put, agenda).lines
    assert [p.minutes_stand.position.value for p in line.decisions[0].parties if p.minutes_stand] == stands
    # A party sees its own signature alone.
    assert [p.minutes_stand is not None for p in put.view(decision, "kdn").parties] == [False, True, False]


def test_minutes_need_somebody_to_sign_and_are_the_proposer_s(quick: Council) -> None:
    decision = propose_joint_decision(quick.house, quick.system, quick.draft(), NOW).decision
    with pytest.raises(MezhvedError, match="joint_nobody"):
        send_minutes(quick.house, quick.system, decision.id, minutes(), NOW)
    relay_once(quick.house, NOW)
    with pytest.raises(MezhvedError, match="joint_not_yours"):
        send_minutes(quick.house, quick.world.system("kdn"), decision.id, minutes(), NOW)
    with pytest.raises(MezhvedError, match="joint_unavailable"):
        send_minutes(quick.house, quick.world.system("school"), decision.id, minutes(), NOW)
    with pytest.raises(MezhvedError, match="text_not_nameless"):
        send_minutes(quick.house, quick.system, decision.id, minutes(words="Иванова Мария не пришла"), NOW)
    assert quick.world.count() == len(PARTIES)
