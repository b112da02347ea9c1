"""Requests of SMEV 3 as files, on both stores: applied once, answered each time, refused as a whole or record by record."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import func, select
from starlette.testclient import TestClient

from adapters.documents.writer import write_document
from adapters.report import Complaint, ImportReport, Severity
from adapters.signatures.certificates import Trust
from adapters.signatures.classic import CLASSIC
from adapters.smev.names import new_message_id
from adapters.smev.read import SmevResponse, read_ack, read_response
from adapters.smev.write import write_fetched_request, write_request
from adapters.xml.writer import write_referrals
from gateway.main import build_app
from gateway.storage import tables as t
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.house import House
from gateway.use_cases.receive_smev import SmevReceipt, receive_smev, rejections_of
from schemas.documents import KINDS
from schemas.errors import Broken, Conflict, DocumentRejected
from schemas.messages import MessageDraft
from tests.adapters.certificates import Holder, holder, rsa_key
from tests.builders import NOW, Town, consent, referral, system_of
from tests.builders import town as make_town
from tests.docs.sources import ROOT
from tests.gateway.conftest import BASE, Running
from tests.gateway.conftest import running as plain_running  # noqa: F401  a fixture
from tests.gateway.signed.world import entries, registered, signer_of
from tests.generate import example_of

GATEWAY = holder(None, rsa_key())
TRUST = Trust("", None, (GATEWAY.certificate,))
REPLY = "eyJzaWQiOjE3fQ=="
REPORT = "{urn:mezhved:report:1}"


@pytest.fixture
def place(house: House) -> Town:
    """A town whose gateway has a key, on each kind of store."""
    return make_town(replace(house, file_signer=GATEWAY.signer))


def ready(place: Town, **more: Any) -> tuple[Holder, Holder]:
    """The centre's system and its official, registered, with a consent for the NGO."""
    consent(place, place.ngo, purpose="REFERRAL", discloser=place.centre, **more)
    pair = signer_of(place.centre, 0), signer_of(place.centre, 1)
    for one in pair:
        registered(place.house, place.centre, one)
    return pair


def fetched(pair: tuple[Holder, Holder], *drafts: MessageDraft, number: str | None = None) -> bytes:
    content = write_referrals(list(drafts))
    return write_fetched_request(content, pair[0].signer, NOW, REPLY, person=pair[1].signer, message_id=number)


def take(place: Town, content: bytes, now: datetime = NOW) -> SmevReceipt:
    return receive_smev(place.house, system_of(place.centre), io.BytesIO(content), now, need=need_nothing)


def said(taken: SmevReceipt) -> SmevResponse:
    return read_response(taken.response, TRUST, NOW, CLASSIC)


def messages(place: Town) -> int:
    with place.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        return int(connection.execute(select(func.count()).select_from(t.messages)).scalar_one())


def test_a_fetched_request_is_applied_once_and_answered_each_time(place: Town) -> None:
    pair = ready(place)
    number, draft = new_message_id(NOW), referral(place.centre, place.ngo)
    content = fetched(pair, draft, number=number)
    first = take(place, content)
    assert first.message_id == number
    assert (first.receipt.report.accepted, messages(place)) == (1, 1)
    assert first.receipt.signature is not None
    assert first.receipt.signature.certificate == pair[1].certificate.fingerprint, "the official's"
    assert first.ack is not None
    ack = read_ack(first.ack, TRUST, NOW, CLASSIC)
    assert (ack.message_id, ack.accepted) == (number, True)
    answer = said(first)
    assert answer.to == REPLY
    assert answer.content is not None
    report = etree.fromstring(answer.content)
    schema = etree.XMLSchema(file=str(ROOT / "schemas" / "xsd" / "report-1.xsd"))
    assert schema.validate(report), schema.error_log
    assert report.find(f"{REPORT}Sent").attrib["operationId"] == draft.operation_id  # type: ignore[union-attr]
    second = take(place, content)
    assert [m.id for m in second.receipt.messages] == [m.id for m in first.receipt.messages]
    assert messages(place) == 1
    assert said(second).message_id != answer.message_id, "each answer is a message of its own"
    (entry, _) = entries(place.house, "file.received")
    assert (entry["format"], entry["certificate"]) == ("smev", pair[1].certificate.fingerprint)


def test_another_content_under_the_same_number_is_refused(place: Town) -> None:
    pair, number = ready(place), new_message_id(NOW)
    take(place, fetched(pair, referral(place.centre, place.ngo), number=number))
    with pytest.raises(Conflict, match="smev_message_repeated"):
        take(place, fetched(pair, referral(place.centre, place.ngo), number=number))
    assert messages(place) == 1
    # The number of one organisation is nothing to another.
    other = signer_of(place.school, 2), signer_of(place.school, 3)
    for one in other:
        registered(place.house, place.school, one)
    content = fetched(other, referral(place.school, place.ngo), number=number)
    receive_smev(place.house, system_of(place.school), io.BytesIO(content), NOW, need=need_nothing)


def test_what_is_refused_whole_comes_back_as_rejections(place: Town) -> None:
    pair = ready(place)
    taken = take(place, fetched(pair, referral(place.school, place.ngo)))
    assert taken.ack is not None
    assert taken.receipt.report.accepted == 0
    answer = said(taken)
    assert answer.content is None
    ((code, words),) = answer.rejections
    assert code == "ACCESS_DENIED"
    assert words.startswith("Запись 1. ")
    assert "sender_is_not_you: " in words
    mixed = take(place, fetched(pair, referral(place.centre, place.ngo), referral(place.school, place.ngo)))
    content = said(mixed).content
    assert content is not None
    assert b"sender_is_not_you" in content
    assert messages(place) == 1


def test_every_refused_record_has_its_number_and_what_is_left_is_counted(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = ready(place)
    foreign = [referral(place.school, place.ngo) for _ in range(25)]
    content = write_referrals(foreign).replace(b"HOUSING", b"UNKNOWN", 1)
    answer = said(take(place, write_fetched_request(content, pair[0].signer, NOW, REPLY, person=pair[1].signer)))
    words = [one for _, one in answer.rejections]
    assert [one.partition(".")[0] for one in words] == [f"Запись {n}" for n in range(1, 26)]
    assert "concern_unknown (ConcernCode)" in words[0]
    monkeypatch.setattr("gateway.use_cases.receive_smev.MOST_REJECTIONS", 20)
    answer = said(take(place, fetched(pair, *foreign)))
    assert len(answer.rejections) == 21
    assert answer.rejections[-1][1].startswith("И ещё 5 непринятых записей. Полный отчёт")


def test_words_of_one_record_end_where_the_place_for_them_ends() -> None:
    errors = [Complaint("concern_unknown", Severity.ERROR, f"ConcernCode[{n}]", 3, 1) for n in range(30)]
    ((code, words),) = rejections_of(ImportReport("smev", 1, 0, errors))
    assert code == "FAILURE"
    assert len(words) <= 1000
    assert words.endswith("полном отчёте.")


@pytest.mark.parametrize("kind", [kind.code for kind in KINDS])
def test_a_canonical_document_of_every_kind_comes_this_way_with_the_right_to_its_kind(place: Town, kind: str) -> None:
    pair = ready(place)
    value = example_of(next(one for one in KINDS if one.code == kind))
    content = write_request(write_document(value), pair[0].signer, NOW)
    asked: list[str] = []
    taken = receive_smev(place.house, system_of(place.centre), io.BytesIO(content), NOW, need=asked.append)
    assert asked == [kind]
    assert taken.receipt.report.records == 1
    answer = said(taken)
    assert bool(answer.content) == bool(taken.receipt.report.accepted)
    assert bool(answer.rejections) == bool(taken.receipt.report.rejected)
    # The others name an organisation that is not the sender.
    assert taken.receipt.report.accepted == (kind in {"case_summary", "authority"})


def test_a_test_message_changes_nothing(place: Town) -> None:
    pair = ready(place)
    good, foreign = referral(place.centre, place.ngo), referral(place.school, place.ngo)
    content = write_request(write_referrals([good, foreign]), pair[0].signer, NOW, is_test=True)
    taken = take(place, content)
    assert (taken.ack, messages(place)) == (None, 0)
    status = said(taken).status
    assert status is not None
    assert (status[0], "Записей: 2, без ошибок: 1" in status[1]) == (0, True)
    assert said(taken).to == taken.message_id
    (entry,) = entries(place.house, "file.received")
    assert (entry["records"], entry["accepted"]) == (2, 0)
    # And its number is free for the message itself.
    assert take(place, write_request(write_referrals([good]), pair[0].signer, NOW)).receipt.report.accepted == 1


@pytest.mark.parametrize("what", ["changed", "foreign", "not registered"])
def test_a_wrong_signature_is_refused_and_recorded(place: Town, what: str) -> None:
    pair = ready(place)
    draft = referral(place.centre, place.ngo)
    strangers = signer_of(place.centre, 5), pair[1]
    content = {
        "changed": fetched(pair, draft).replace(b"HOUSING", b"POVERTY"),
        "foreign": fetched((signer_of(place.ngo, 6), pair[1]), draft),
        "not registered": fetched(strangers, draft),
    }[what]
    with pytest.raises(DocumentRejected, match="signature_"):
        take(place, content)
    (entry,) = entries(place.house, "file.refused")
    assert (entry["format"], entry["organisation"]) == ("smev", place.centre.id)
    assert messages(place) == 0


def test_other_content_is_unknown_and_the_number_stays_free(place: Town) -> None:
    pair, number = ready(place), new_message_id(NOW)
    other = write_request(b'<a xmlns="urn:a"/>', pair[0].signer, NOW, message_id=number)
    with pytest.raises(DocumentRejected, match="smev_content_unknown"):
        take(place, other)
    with pytest.raises(DocumentRejected, match="document_empty"):
        take(place, b"")
    content = fetched(pair, referral(place.centre, place.ngo), number=number)
    assert take(place, content).receipt.report.accepted == 1


def test_a_house_without_a_key_takes_nothing_that_it_could_not_answer(place: Town) -> None:
    pair = ready(place)
    content = fetched(pair, referral(place.centre, place.ngo))
    with pytest.raises(Broken, match="file_signer_missing"):
        receive_smev(
            replace(place.house, file_signer=None), system_of(place.centre), io.BytesIO(content), NOW, need=need_nothing
        )
    assert messages(place) == 0


def test_over_http(plain_running: Running) -> None:  # noqa: F811
    house = replace(plain_running.house, file_signer=GATEWAY.signer)
    with TestClient(build_app(plain_running.settings, house, lambda: NOW, relay=False), base_url=BASE) as http:
        running = Running(plain_running.town, http, plain_running.settings)
        pair, caller = ready(running.town), running.caller(running.town.centre)
        content = fetched(pair, referral(running.town.centre, running.town.ngo))
        answer = caller.file("smev", content)
        assert answer.headers["cache-control"] == "no-store"
        body = answer.json()
        assert (body["recordNumSuccess"], len(body["messages_sent"])) == (1, 1)
        assert read_response(base64.b64decode(body["response"]), TRUST, NOW, CLASSIC).to == REPLY
        assert read_ack(base64.b64decode(body["ack"]), TRUST, NOW, CLASSIC).message_id == body["message_id"]
        for wrong, status, code, fault in (
            (content.replace(b"HOUSING", b"POVERTY"), 400, "signature_digest_wrong", "SignatureVerificationFault"),
            (b"<a/>", 400, "smev_root_unknown", "UnknownMessageType"),
            (b"<!DOCTYPE a []><a/>", 400, "document_has_doctype", "InvalidContent"),
        ):
            refused = caller.file("smev", wrong)
            assert (refused.status_code, refused.json()["code"]) == (status, code)
            assert refused.headers["mezhved-smev-fault"] == fault
        weak = running.caller(running.town.centre, "messages.read").file("smev", content)
        assert (weak.json()["code"], weak.headers["mezhved-smev-fault"]) == ("scope_missing", "AccessDenied")
