"""Answers in signed files: taken, refused, reported under the gateway's signature, on both stores."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.signatures.certificates import Trust
from adapters.signatures.classic import CLASSIC
from adapters.signatures.sign import sign_document
from adapters.signatures.verify import verify_document
from adapters.xml.reader import read_referrals
from gateway.exchange.file_drop import FileCarrier, place
from gateway.exchange.pick_up import pick_up
from gateway.exchange.relay import relay_once
from gateway.use_cases.delivery_values import Endpoint, Transport
from gateway.use_cases.receive_answers import receive_answers
from gateway.use_cases.register_certificate import require_signatures
from gateway.use_cases.register_endpoint import register_endpoint
from gateway.use_cases.submit_message import submit_message
from schemas.errors import Broken, DocumentRejected
from schemas.ids import EndpointId, new_id
from tests.adapters.certificates import holder, rsa_key
from tests.builders import NOW, Town, consent, referral, system_of
from tests.gateway.exchange.conftest import Post, post, sqlite_post  # noqa: F401  fixtures
from tests.gateway.signed.world import BY, entries, registered, signer_of

NS = "urn:mezhved:exchange:1"


def answers(message: str, root: str = "Answers") -> bytes:
    one = f"<MessageId>{message}</MessageId><Event>accept</Event>"
    inner = f"<Answer>{one}</Answer>" if root == "Answers" else one
    return f'<{root} xmlns="{NS}">{inner}</{root}>'.encode()


def delivered(town: Town) -> str:
    consent(town, town.centre, purpose="REFERRAL")
    message = submit_message(town.house, system_of(town.ngo), referral(town.ngo, town.centre), NOW).message
    relay_once(town.house, NOW)
    return message.id


def endpoint(town: Town) -> Endpoint:
    return Endpoint(EndpointId(new_id()), town.centre.id, Transport.FILE, "inbox", registered_at=NOW)  # type: ignore[call-arg]


@pytest.mark.parametrize("root", ["Answers", "Answer"])
def test_a_signed_answer_is_applied(town: Town, root: str) -> None:
    message, who = delivered(town), signer_of(town.centre)
    registered(town.house, town.centre, who)
    require_signatures(town.house, town.centre.id, True, BY, NOW)
    content = sign_document(answers(message, root), who.signer, NOW)
    taken = receive_answers(town.house, endpoint(town), content, "xml", NOW)
    assert [one.outcome for one in taken.answered] == ["taken"]
    assert taken.signature is not None
    assert entries(town.house, "file.received")[-1]["certificate"] == who.certificate.fingerprint
    for wrong, form, code in (
        (answers(message, root), "xml", "signature_missing"),
        (b"x;y\n", "csv", "signature_needs_xml"),
        (content.replace(b"accept", b"reject"), "xml", "signature_digest_wrong"),
    ):
        with pytest.raises(DocumentRejected, match=code):
            receive_answers(town.house, endpoint(town), wrong, form, NOW)


def test_what_is_delivered_into_a_folder_is_signed_where_it_is_wanted(sqlite_post: Post) -> None:  # noqa: F811
    gateway = holder(None, rsa_key())
    with pytest.raises(Broken, match="file_signer_missing"):
        sqlite_post.register(sqlite_post.town.guardianship, "file", "inbox", form="signed-xml", content=True)
    town = sqlite_post.town
    house = replace(town.house, file_signer=gateway.signer)
    by = ("file", "inbox", "test", sqlite_post.now)
    register_endpoint(house, town.guardianship.id, *by, form="signed-xml", content=True)
    sqlite_post.send()
    folder = sqlite_post.folder / "drop"
    unsigned = FileCarrier(folder)
    sqlite_post.more = {Transport.FILE: unsigned}
    assert sqlite_post.hand_over().done == 0
    assert not list(folder.rglob("*.xml")), "without its key nothing is delivered unsigned"
    sqlite_post.more = {Transport.FILE: FileCarrier(folder, gateway.signer)}
    sqlite_post.hand_over(timedelta(hours=1))
    (path,) = (folder / "inbox").glob("*.xml")
    found = verify_document(path.read_bytes(), Trust("", None, (gateway.certificate,)), sqlite_post.now, CLASSIC)
    assert found is not None
    (record,) = read_referrals(io.BytesIO(found.content))
    assert record.draft is not None
    assert record.draft.type == "signal"


def test_the_report_beside_a_signed_file_is_signed(sqlite_post: Post) -> None:  # noqa: F811
    gateway = holder(None, rsa_key())
    town = sqlite_post.town
    house = replace(town.house, file_signer=gateway.signer)
    who = signer_of(town.centre)
    registered(house, town.centre, who)
    sqlite_post.register(town.centre, "file", "inbox")
    inbox: Path = sqlite_post.folder / "drop" / "inbox" / "answers"
    inbox.mkdir(parents=True)
    place(inbox, "a.xml", sign_document(answers(new_id()), who.signer, sqlite_post.now))
    os.utime(inbox / "a.xml", (sqlite_post.now.timestamp() - 60,) * 2)
    assert pick_up(house, sqlite_post.folder / "drop", sqlite_post.now, 1_000_000).taken == 1
    report = (inbox / "done" / "a.xml.report.xml").read_bytes()
    found = verify_document(report, Trust("", None, (gateway.certificate,)), sqlite_post.now, CLASSIC)
    assert found is not None
    assert b"<RuleCode>message_unavailable</RuleCode>" in found.content
    assert (inbox / "done" / "a.xml.report.csv").exists()
