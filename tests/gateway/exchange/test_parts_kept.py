"""Who somebody is to the child, whether the family knows, the sender's own time: through gate and door, and every way out."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from adapters.documents.reader import read_documents
from adapters.documents.writer import write_document
from adapters.formats import Context
from adapters.sheets.columns import kind_of_code
from adapters.sheets.reader import read_sheet
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referral
from gateway.exchange.relay import relay_once
from gateway.use_cases.answer_message import Answer
from gateway.use_cases.export_message import export_message
from gateway.use_cases.export_thread import export_thread
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.house import House
from gateway.use_cases.message_document import draft_of
from gateway.use_cases.receive_file import receive_file
from gateway.use_cases.redirect_message import redirect_message
from schemas.errors import MezhvedError
from schemas.ids import MessageId
from schemas.messages import MessageDraft
from tests.builders import NOW
from tests.gateway.exchange.world import World, world

OWN_TIME = datetime(2026, 2, 27, 18, 5, tzinfo=timezone(timedelta(hours=3)))
PEOPLE = [
    {
        "kind": "child",
        "ref": "K-1",
        "identity": {"full_name": "Проба Вымышленная Тестовна", "birth_date": "2017-01-15"},
        "family": {"household": [{"role": "mother", "age_band": "adult", "lives_together": True}]},
    },
    {"kind": "parent", "ref": "K-1-M", "role": "mother", "identity": {"full_name": "Мать Вымышленная"}},
]
SAID: dict[str, Any] = {
    "trigger": "threat",
    "statement": "Ребёнок один дома (вымышленный пример)",
    "family_aware": False,
    "created_at": OWN_TIME,
    "reg_number": "17/исх",
    "reg_on": "2026-02-27",
    "persons": PEOPLE,
}


@pytest.fixture
def exchange(house: House) -> World:
    return world(house)


def arrived(exchange: World, draft: MessageDraft) -> MessageId:
    content = write_document(draft)
    who = exchange.system("school")
    receipt = receive_file(exchange.house, who, io.BytesIO(content), "xml", NOW, need=need_nothing)
    (message,) = receipt.messages
    relay_once(exchange.house, NOW)
    return MessageId(message.id)


def test_a_recipient_reads_them_where_the_rules_put_them(exchange: World) -> None:
    draft = exchange.draft("signal", "school", "guardianship", **SAID)
    opened = exchange.open("guardianship", arrived(exchange, draft))
    child, mother = opened.content.subjects
    assert child.sections["RSK"].content == {  # type: ignore[index]
        "statement": SAID["statement"],
        "family_aware": False,
    }
    assert mother.sections["FAM"].content == {"role": "mother"}  # type: ignore[index]
    assert child.sections["FAM"].content == {"household": [{"role": "mother"}]}, "masked"  # type: ignore[index]
    assert (opened.message.created_at, opened.message.submitted_at) == (OWN_TIME, NOW)


@pytest.mark.parametrize("way", ["documents", "version 1", "table"])
def test_what_came_in_goes_out_the_same(exchange: World, way: str) -> None:
    """Parse and write through the whole gateway: all that is released comes back, under names of the recipient's own."""
    draft = exchange.draft("signal", "school", "guardianship", **SAID)
    message_id = arrived(exchange, draft)
    opened = exchange.open("guardianship", message_id)
    sender, recipient = exchange.who("school"), exchange.who("guardianship")
    made = draft_of(exchange.house, recipient.id, opened.message, opened.content, sender, recipient, {})
    assert made is not None
    if way == "documents":
        (back,) = (one.value for one in read_documents(io.BytesIO(write_document(made))))
    elif way == "version 1":
        (back,) = (one.draft for one in read_referrals(io.BytesIO(write_referral(made))))  # type: ignore[assignment]
    else:
        table = export_message(exchange.house, exchange.system("guardianship"), message_id, NOW).file.content
        kind = kind_of_code("message")
        (back,) = (one.value for one in read_sheet(kind, io.BytesIO(table), Context()).records)
    assert isinstance(back, MessageDraft)
    plain = {name: getattr(draft, name) for name in MessageDraft.model_fields if name != "persons"}
    plain["purpose"] = "SIGNAL"  # of its lane
    assert {name: getattr(back, name) for name in plain} == plain
    assert [(p.kind, p.role, p.identity) for p in back.persons] == [(p.kind, p.role, p.identity) for p in draft.persons]


@pytest.mark.parametrize("form", ["xml", "csv", "fhir"])
def test_an_export_of_the_thread_has_them(exchange: World, form: str) -> None:
    message_id = arrived(exchange, exchange.draft("signal", "school", "guardianship", **SAID))
    exchange.open("guardianship", message_id)
    file = export_thread(exchange.house, exchange.system("guardianship"), message_id, form, NOW).file
    assert ("mezhved-" in file.name, bool(file.content)) == (True, True)
    if form == "xml":
        text = file.content.decode()
        for words in ("Кем приходится", "Мать", "Семья знает об этом обращении", "2026-02-27T15:05:00"):
            assert words in text, words
    if form == "fhir":
        for words in (b"created", b"2026-02-27T15:05", b"family-aware", b'"relationship"', "мать".encode()):
            assert words in file.content, words


def test_a_role_goes_with_a_type_that_has_no_family_section_and_the_section_does_not(exchange: World) -> None:
    exchange.grant("ngo", "guardianship")
    person = {"kind": "child", "ref": "K-1", "role": "other", "identity": {"full_name": "Проба Вымышленная"}}
    sent = exchange.send("closure_report", "ngo", "guardianship", persons=[person])
    relay_once(exchange.house, NOW)
    opened = exchange.open("guardianship", sent.message.id)
    assert opened.content.subjects[0].sections["FAM"].content == {"role": "other"}  # type: ignore[index]
    with pytest.raises(MezhvedError, match="section_not_in_type"):
        family = {"household": [{"role": "mother"}]}
        exchange.send("closure_report", "ngo", "guardianship", persons=[person | {"family": family}])


def test_whether_the_family_knows_is_said_of_a_child(exchange: World) -> None:
    for said in (True, False):
        with pytest.raises(MezhvedError, match="part_without_child"):
            exchange.send("inquiry", "ngo", "guardianship", family_aware=said)


def test_a_redirected_message_keeps_its_senders_time(exchange: World) -> None:
    draft = exchange.draft("signal", "school", "guardianship", **(SAID | {"trigger": "abuse"}))
    message_id = arrived(exchange, draft)
    exchange.open("guardianship", message_id)
    target = exchange.who("police").id
    redirect_message(
        exchange.house, exchange.system("guardianship"), message_id, target, NOW, Answer(reason="OUT_OF_TERRITORY")
    )
    with exchange.house.store.reading() as unit:
        sent = unit.messages.queue(exchange.who("school").id, "outbox", None, 10, NOW)
    assert {message.created_at for message in sent} == {OWN_TIME}
    assert len(sent) == 2
