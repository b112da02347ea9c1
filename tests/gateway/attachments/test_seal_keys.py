"""Keys that files are sealed to, on both stores: proof of possession, rotation, revocation, and what is taken."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select

from gateway.evidence.verify import examine_proof, parse_key
from gateway.partner import sealed_files as sf
from gateway.storage import tables as t
from gateway.use_cases.prove_entry import prove_entry
from gateway.use_cases.read_attachment import list_documents
from gateway.use_cases.read_seal_keys import own_seal_keys, seal_keys_of
from gateway.use_cases.register_seal_key import confirm_seal_key, register_seal_key, revoke_seal_key
from gateway.use_cases.seal_key_values import ANSWER_WITHIN, MOST_KEYS, KeyState, SealKey, key_to_seal_to
from gateway.use_cases.sequence_log import sequence_log
from gateway.use_cases.submit_message import preview_message, submit_message
from schemas.errors import BadInput, Conflict, MezhvedError, NotPermitted, Unavailable
from schemas.ids import OrganisationId, new_id
from tests.builders import NOW, Town, organisation, referral, system_of
from tests.gateway.attachments.world import OPERATION, SECRET, document, on_disk, read, send, upload

KEY = X25519PrivateKey.from_private_bytes(b"k" * 32)
NEXT = X25519PrivateKey.from_private_bytes(b"n" * 32)
BY = "client:test"


def public(private: X25519PrivateKey) -> str:
    return sf.text_of(private.public_key())


def key_id(private: X25519PrivateKey) -> str:
    return sf.key_id(private.public_key())


def active(town: Town, private: X25519PrivateKey = KEY, now: datetime = NOW, **term: datetime) -> SealKey:
    """A key of the NGO, registered and shown to be its own."""
    made = register_seal_key(town.house, town.ngo.id, public(private), BY, now, **term)
    answer = sf.answer_challenge(private, made.challenge, town.ngo.ogrn)
    return confirm_seal_key(town.house, town.ngo.id, made.key.id, answer, BY, now)


def sealed(private: X25519PrivateKey = KEY, plain: bytes = SECRET) -> bytes:
    out = io.BytesIO()
    sealer = sf.FileSealer(private.public_key(), out.write)
    sealer.feed(plain)
    sealer.finish()
    return out.getvalue()


def changes(town: Town) -> list[dict[str, object]]:
    with town.house.store.engine.connect() as connection:  # type: ignore[attr-defined]
        rows = connection.execute(select(t.entries.c.body).where(t.entries.c.kind == "seal_key.changed"))
        return [json.loads(row.body)["body"] for row in rows]


def test_a_key_counts_once_its_holder_has_opened_the_challenge(place: Town) -> None:
    made = register_seal_key(place.house, place.ngo.id, public(KEY), BY, NOW)
    assert made.key.state(NOW) is KeyState.PENDING
    assert seal_keys_of(place.house, system_of(place.centre), place.ngo.id, NOW) == []
    with pytest.raises(BadInput, match="seal_key_answer"):
        confirm_seal_key(place.house, place.ngo.id, key_id(KEY), "A" * 43, BY, NOW)
    answer = sf.answer_challenge(KEY, made.challenge, place.ngo.ogrn)
    key = confirm_seal_key(place.house, place.ngo.id, key_id(KEY), answer, BY, NOW)
    assert seal_keys_of(place.house, system_of(place.centre), place.ngo.id, NOW) == [key]
    # An answer serves once.
    with pytest.raises(Conflict, match="seal_key_exists"):
        confirm_seal_key(place.house, place.ngo.id, key_id(KEY), answer, BY, NOW)
    told = [(body["state"], body["key"], body["public"], body["ogrn"]) for body in changes(place)]
    assert told == [(state, key_id(KEY), public(KEY), place.ngo.ogrn) for state in ("pending", "active")]


def test_nobody_registers_the_key_of_another(place: Town) -> None:
    """Who knows only the public half cannot answer; who answers for itself cannot be taken for another."""
    made = register_seal_key(place.house, place.school.id, public(KEY), BY, NOW)
    with pytest.raises(sf.SealedWrongError):
        sf.answer_challenge(KEY, made.challenge, place.ngo.ogrn)  # its holder answers for its own organisation only
    mine = register_seal_key(place.house, place.ngo.id, public(KEY), BY, NOW)
    answer = sf.answer_challenge(KEY, mine.challenge, place.ngo.ogrn)
    with pytest.raises(BadInput, match="seal_key_answer"):
        confirm_seal_key(place.house, place.school.id, key_id(KEY), answer, BY, NOW)
    for deed in (
        lambda: confirm_seal_key(place.house, place.centre.id, key_id(KEY), answer, BY, NOW),
        lambda: revoke_seal_key(place.house, place.centre.id, key_id(KEY), "lost", BY, NOW),
        lambda: revoke_seal_key(place.house, place.ngo.id, key_id(NEXT), "lost", BY, NOW),
    ):
        with pytest.raises(Unavailable, match="seal_key_unavailable"):
            deed()


def test_a_late_answer_needs_a_new_challenge(place: Town) -> None:
    made = register_seal_key(place.house, place.ngo.id, public(KEY), BY, NOW)
    answer = sf.answer_challenge(KEY, made.challenge, place.ngo.ogrn)
    late = NOW + ANSWER_WITHIN + timedelta(seconds=1)
    with pytest.raises(BadInput, match="seal_key_late"):
        confirm_seal_key(place.house, place.ngo.id, key_id(KEY), answer, BY, late)
    assert active(place, now=late).state(late) is KeyState.ACTIVE
    with pytest.raises(Conflict, match="seal_key_exists"):
        register_seal_key(place.house, place.ngo.id, public(KEY), BY, late)


@pytest.mark.parametrize(
    ("key", "term", "code"),
    [
        ("", {}, "seal_key_invalid"),
        ("A" * 43, {}, "seal_key_invalid"),  # a point of small order seals nothing
        (public(KEY)[:-1], {}, "seal_key_invalid"),
        (public(KEY), {"valid_to": NOW}, "seal_key_term"),
        (public(KEY), {"valid_from": NOW + timedelta(2), "valid_to": NOW + timedelta(1)}, "seal_key_term"),
    ],
)
def test_what_is_no_key_is_not_registered(place: Town, key: str, term: dict[str, datetime], code: str) -> None:
    with pytest.raises(BadInput, match=code):
        register_seal_key(place.house, place.ngo.id, key, BY, NOW, **term)
    assert changes(place) == []


def test_an_organisation_has_so_many_keys(place: Town) -> None:
    for n in range(MOST_KEYS):
        register_seal_key(
            place.house, place.ngo.id, public(X25519PrivateKey.from_private_bytes(bytes([n] * 32))), BY, NOW
        )
    with pytest.raises(Conflict, match="seal_keys_too_many"):
        register_seal_key(place.house, place.ngo.id, public(KEY), BY, NOW)
    revoke_seal_key(place.house, place.ngo.id, own_seal_keys(place.house, place.ngo.id)[0].id, "mistake", BY, NOW)
    register_seal_key(place.house, place.ngo.id, public(KEY), BY, NOW)
    with pytest.raises(BadInput, match="organisation_unknown"):
        register_seal_key(place.house, OrganisationId(new_id()), public(KEY), BY, NOW)


def test_the_old_key_opens_while_new_files_are_sealed_to_the_next(place: Town) -> None:
    old = active(place)
    soon = NOW + timedelta(hours=1)
    new = active(place, NEXT, soon)
    keys = seal_keys_of(place.house, system_of(place.centre), place.ngo.id, soon)
    assert {key.id for key in keys} == {old.id, new.id}
    chosen = key_to_seal_to(keys, soon)
    assert chosen is not None
    assert chosen.id == new.id
    # What was sealed to the old key a moment ago is still taken.
    done = upload(place, sealed(), sf.MEDIA_TYPE)
    assert done.seal_key == old.id
    send(place, document(upload=done.id))


def test_terms_and_revocation_count_by_the_instant(place: Town) -> None:
    key = active(place, valid_from=NOW + timedelta(1), valid_to=NOW + timedelta(3))
    states = [key.state(NOW + timedelta(days)) for days in (0, 1, 2, 3)]
    assert states == [KeyState.WAITING, KeyState.ACTIVE, KeyState.ACTIVE, KeyState.EXPIRED]
    assert key_to_seal_to([key], NOW) is None
    revoked = revoke_seal_key(place.house, place.ngo.id, key.id, "compromised", BY, NOW)
    assert revoke_seal_key(place.house, place.ngo.id, key.id, "lost", BY, NOW) == revoked, "a repeat changes nothing"
    assert revoked.state(NOW + timedelta(2)) is KeyState.REVOKED
    assert [body["state"] for body in changes(place)] == ["pending", "active", "revoked"]
    with pytest.raises(BadInput, match="field_invalid"):
        revoke_seal_key(place.house, place.ngo.id, key.id, "because Ivanova said so", BY, NOW)


def test_a_file_sealed_to_its_recipient_is_opaque_here(place: Town) -> None:
    active(place)
    done = upload(place, sealed(), sf.MEDIA_TYPE)
    message = send(place, document(upload=done.id))
    _, (shown,) = list_documents(place.house, system_of(place.ngo), message, NOW)
    assert (shown.end_to_end, shown.media_type, shown.seal_key) == (True, sf.MEDIA_TYPE, key_id(KEY))
    received = read(place, message, shown.id)
    assert b"Vymyshlennaya" not in received
    assert b"".join(sf.open_file(KEY, io.BytesIO(received))) == SECRET


def test_a_file_for_a_key_that_its_recipient_cannot_use_is_refused(place: Town) -> None:
    """By its header, before anything is sent, in the preview as in the sending."""

    def refused(code: str) -> None:
        for deed in (preview_message, submit_message):
            draft = referral(place.centre, place.ngo, operation_id=OPERATION, attachments=[document(upload=done.id)])
            with pytest.raises(BadInput, match=code):
                deed(place.house, system_of(place.centre), draft, NOW)

    done = upload(place, sealed(), sf.MEDIA_TYPE)
    refused("attachment_key_unknown")
    # The key of another participant is as unknown as no key at all.
    theirs = register_seal_key(place.house, place.school.id, public(KEY), BY, NOW)
    answer = sf.answer_challenge(KEY, theirs.challenge, place.school.ogrn)
    confirm_seal_key(place.house, place.school.id, key_id(KEY), answer, BY, NOW)
    refused("attachment_key_unknown")
    register_seal_key(place.house, place.ngo.id, public(KEY), BY, NOW)
    refused("attachment_key_unknown")
    active(place)
    revoke_seal_key(place.house, place.ngo.id, key_id(KEY), "compromised", BY, NOW)
    refused("attachment_key_revoked")
    active(place, NEXT, NOW - timedelta(2), valid_to=NOW)
    done = upload(place, sealed(NEXT), sf.MEDIA_TYPE)
    refused("attachment_key_expired")


def test_a_key_revoked_between_preview_and_sending_stops_it(place: Town) -> None:
    active(place)
    done = upload(place, sealed(), sf.MEDIA_TYPE)
    draft = referral(place.centre, place.ngo, operation_id=OPERATION, attachments=[document(upload=done.id)])
    (seen,) = preview_message(place.house, system_of(place.centre), draft, NOW).documents
    assert (seen.end_to_end, seen.shown) == (True, "now")
    revoke_seal_key(place.house, place.ngo.id, key_id(KEY), "lost", BY, NOW)
    with pytest.raises(BadInput, match="attachment_key_revoked"):
        submit_message(place.house, system_of(place.centre), draft, NOW)


def test_what_is_not_sealed_as_described_is_not_taken(place: Town, tmp_path: Path) -> None:
    blob = sealed()
    for wrong in (b"", blob[:41], b"MZHVSEA1" + blob[8:], blob[:40] + b"\0\0" + blob[42:], SECRET):
        with pytest.raises(MezhvedError, match="attachment_not_sealed"):
            upload(place, wrong, sf.MEDIA_TYPE)
    assert on_disk(tmp_path) == []


def test_keys_are_for_those_who_may_send(place: Town) -> None:
    active(place)
    outside = organisation(place.house, "school", "Школа без соглашения (тест)", agreement_to=NOW.date() - timedelta(1))
    with pytest.raises(NotPermitted, match="no_agreement"):
        seal_keys_of(place.house, system_of(outside), place.ngo.id, NOW)
    with pytest.raises(BadInput, match="organisation_unknown"):
        seal_keys_of(place.house, system_of(place.centre), OrganisationId(new_id()), NOW)


def test_a_sender_proves_from_the_log_whose_key_it_is(place: Town, tmp_path: Path) -> None:
    """The entry names the key and its organisation; its proof verifies offline, without us."""
    key = active(place)
    sequence_log(place.house, NOW)
    assert key.entry_id is not None
    bundle = tmp_path / "proof.json"
    bundle.write_text(prove_entry(place.house, key.entry_id, place.centre.id), "utf-8")
    trusted = parse_key(place.house.log_key.verifier().encode())
    assert trusted is not None
    report = examine_proof(bundle, [trusted])
    assert report.holds, report.text("en")
    body = json.loads(json.loads(bundle.read_text("utf-8"))["data"])["body"]
    assert (body["key"], body["public"], body["ogrn"], body["state"]) == (key.id, public(KEY), place.ngo.ogrn, "active")
