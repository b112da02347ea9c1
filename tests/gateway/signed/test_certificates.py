"""Certificates of organisations and files signed with them, on both stores."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.signatures.sign import sign_document
from adapters.tables.writer import write_referrals as write_csv
from adapters.xml.writer import write_referrals
from gateway.use_cases.certificate_values import MOST_CERTIFICATES, CertificateState
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.read_certificates import signature_profile
from gateway.use_cases.receive_file import FileReceipt, receive_file
from gateway.use_cases.register_certificate import register_certificate, require_signatures, revoke_certificate
from schemas.catalogue import text
from schemas.errors import BadInput, Conflict, DocumentRejected, MezhvedError, NotPermitted, Unavailable
from schemas.ids import OrganisationId, new_id
from tests.adapters.certificates import Holder, ec_key, holder, rsa_key
from tests.builders import NOW, Town, consent, referral, system_of
from tests.gateway.signed.world import BY, entries, registered, signed, signer_of


def take(town: Town, content: bytes, form: str = "xml", now: datetime = NOW) -> FileReceipt:
    """Handed over by the centre."""
    return receive_file(town.house, system_of(town.centre), io.BytesIO(content), form, now, need=need_nothing)


def ready(town: Town) -> Holder:
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    who = signer_of(town.centre)
    registered(town.house, town.centre, who)
    return who


def sent(town: Town) -> int:
    with town.house.store.reading() as unit:
        return len(unit.messages.queue(town.centre.id, "outbox", None, 10, NOW))


def test_a_signed_file_is_taken_and_its_certificate_is_named(town: Town) -> None:
    who = ready(town)
    content = signed(who, referral(town.centre, town.ngo))
    receipt = take(town, content)
    assert receipt.report.accepted == 1
    assert receipt.signature is not None
    assert receipt.signature.certificate == who.certificate.fingerprint
    assert receipt.signature.signed_at == NOW
    assert receipt.digest == hashlib.sha256(content).hexdigest()
    (entry,) = entries(town.house, "file.received")
    assert entry["certificate"] == who.certificate.fingerprint
    again = take(town, content)
    assert [m.id for m in again.messages] == [m.id for m in receipt.messages]
    assert sent(town) == 1


def test_a_file_without_signature_is_taken_while_none_is_required(town: Town) -> None:
    ready(town)
    content = write_referrals([referral(town.centre, town.ngo)])
    assert take(town, content).signature is None
    require_signatures(town.house, town.centre.id, True, BY, NOW)
    with pytest.raises(DocumentRejected, match="signature_missing"):
        take(town, content)
    with pytest.raises(DocumentRejected, match="signature_needs_xml"):
        take(town, write_csv([referral(town.centre, town.ngo)]), "csv")
    assert [entry["code"] for entry in entries(town.house, "file.refused")] == [
        "signature_missing",
        "signature_needs_xml",
    ]
    with town.house.store.reading() as unit:
        told = unit.notices.of(town.centre.id, ["administrator"], 10, unseen=True)
    assert [notice.kind for notice in told] == ["file.refused"], "once until it is seen"
    assert text(f"web_notice.{told[0].kind}")
    assert sent(town) == 1


REFUSED: dict[str, tuple[Callable[[Town, Holder], bytes], str]] = {
    "of nobody": (
        lambda t, _: signed(signer_of(t.centre, 1), referral(t.centre, t.ngo)),
        "signature_certificate_foreign",
    ),
    "of another organisation": (
        lambda t, _: signed(signer_of(t.ngo, 1), referral(t.centre, t.ngo)),
        "signature_certificate_foreign",
    ),
    "changed": (
        lambda t, who: signed(who, referral(t.centre, t.ngo)).replace(b"HOUSING", b"POVERTY"),
        "signature_digest_wrong",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_signature_is_refused_even_where_none_is_required(town: Town, name: str) -> None:
    who = ready(town)
    make, code = REFUSED[name]
    with pytest.raises(DocumentRejected, match=code):
        take(town, make(town, who))
    (entry,) = entries(town.house, "file.refused")
    assert (entry["code"], entry["organisation"]) == (code, town.centre.id)
    assert sent(town) == 0
    assert entries(town.house, "file.received") == []


def test_the_certificate_of_one_is_nothing_to_another(town: Town) -> None:
    """What the NGO registered counts for the NGO's files only, whoever signs."""
    ready(town)
    theirs = signer_of(town.ngo, 1)
    registered(town.house, town.ngo, theirs)
    with pytest.raises(DocumentRejected, match="signature_certificate_foreign"):
        take(town, signed(theirs, referral(town.centre, town.ngo)))


def test_a_record_of_another_organisation_in_a_signed_file_is_refused_alone(town: Town) -> None:
    who = ready(town)
    receipt = take(town, signed(who, referral(town.centre, town.ngo), referral(town.school, town.ngo)))
    assert (receipt.report.accepted, receipt.report.rejected) == (1, 1)
    assert [complaint.code for complaint in receipt.report.complaints] == ["sender_is_not_you"]


def test_terms_count_at_the_moment_of_reading(town: Town) -> None:
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    who = signer_of(town.centre, valid_from=NOW + timedelta(days=1), valid_to=NOW + timedelta(days=2))
    made = registered(town.house, town.centre, who)
    content = signed(who, referral(town.centre, town.ngo), at=None)
    states = []
    for days, code in ((0, "not_yet"), (1, None), (2, None), (3, "expired")):
        now = NOW + timedelta(days=days)
        states.append(made.state(now))
        if code is None:
            assert take(town, content, now=now).report.accepted == 1
        else:
            with pytest.raises(DocumentRejected, match=f"signature_certificate_{code}"):
                take(town, content, now=now)
    active = CertificateState.ACTIVE
    assert states == [CertificateState.WAITING, active, active, CertificateState.EXPIRED]


def test_a_revoked_certificate_signs_no_more(town: Town) -> None:
    who = ready(town)
    content = signed(who, referral(town.centre, town.ngo))
    take(town, content)
    mark = who.certificate.fingerprint
    revoked = revoke_certificate(town.house, town.centre.id, mark.upper(), "compromised", BY, NOW)
    assert revoked.state(NOW) is CertificateState.REVOKED
    assert revoke_certificate(town.house, town.centre.id, mark, "lost", BY, NOW) == revoked, "a repeat changes nothing"
    with pytest.raises(DocumentRejected, match="signature_certificate_revoked"):
        take(town, content)
    with pytest.raises(Conflict, match="certificate_revoked"):
        registered(town.house, town.centre, who)
    changes = entries(town.house, "certificate.changed")
    assert [(body["state"], body["certificate"], body["ogrn"]) for body in changes] == [
        ("registered", mark, town.centre.ogrn),
        ("revoked", mark, town.centre.ogrn),
    ]
    with pytest.raises(Unavailable, match="certificate_unavailable"):
        revoke_certificate(town.house, town.ngo.id, mark, "lost", BY, NOW)
    with pytest.raises(BadInput, match="field_invalid"):
        revoke_certificate(town.house, town.centre.id, mark, "because Ivanova said so", BY, NOW)


def test_a_signer_that_could_be_an_authority_counts_by_itself_alone(town: Town) -> None:
    """As `openssl req -x509` makes them. What it issues is nothing."""
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    who = signer_of(town.centre, authority=True, usage=True)
    registered(town.house, town.centre, who)
    assert take(town, signed(who, referral(town.centre, town.ngo))).report.accepted == 1
    issued = holder(town.centre.ogrn, ec_key(1), who)
    with pytest.raises(DocumentRejected, match="signature_certificate_foreign"):
        take(town, signed(issued, referral(town.centre, town.ngo)))


def test_what_a_registered_authority_issued_for_the_organisation_is_taken(town: Town) -> None:
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    authority = holder(None, ec_key(7), name="Вымышленный УЦ", authority=True)
    with pytest.raises(NotPermitted, match="certificate_by_operator"):
        registered(town.house, town.centre, authority, role="authority")
    made = registered(town.house, town.centre, authority, role="authority", by_operator=True)
    who = holder(town.centre.ogrn, ec_key(1), authority)
    assert take(town, signed(who, referral(town.centre, town.ngo))).report.accepted == 1
    foreign = holder(town.school.ogrn, ec_key(2), authority)
    with pytest.raises(DocumentRejected, match="signature_certificate_foreign"):
        take(town, signed(foreign, referral(town.centre, town.ngo)))
    # One certificate of an authority can be revoked though it was never registered by itself: the authority can.
    revoke_certificate(town.house, town.centre.id, made.id, "rotated", BY, NOW)
    with pytest.raises(DocumentRejected, match="signature_certificate_foreign"):
        take(town, signed(who, referral(town.centre, town.ngo)))


NOT_REGISTERED: dict[str, tuple[Callable[[Town], Holder | bytes], dict[str, Any], str]] = {
    "no certificate": (
        lambda _: b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        {},
        "certificate_invalid",
    ),
    "a huge one": (lambda _: b"A" * 40_000, {}, "certificate_invalid"),
    "expired": (lambda t: signer_of(t.centre, valid_to=NOW - timedelta(seconds=1)), {}, "certificate_over"),
    "of another organisation": (lambda t: signer_of(t.ngo), {}, "certificate_owner"),
    "weak": (lambda t: holder(t.centre.ogrn, rsa_key(9, 1024)), {}, "certificate_weak"),
    "not for signing": (lambda t: signer_of(t.centre, usage=False), {}, "certificate_purpose"),
    "no authority": (
        lambda t: signer_of(t.centre),
        {"role": "authority", "by_operator": True},
        "certificate_no_authority",
    ),
    "another role": (lambda t: signer_of(t.centre), {"role": "x"}, "field_invalid"),
}


@pytest.mark.parametrize("name", NOT_REGISTERED)
def test_what_cannot_sign_is_not_registered(town: Town, name: str) -> None:
    make, more, code = NOT_REGISTERED[name]
    made = make(town)
    data = made if isinstance(made, bytes) else made.pem
    with pytest.raises(MezhvedError) as refused:
        register_certificate(town.house, town.centre.id, data, BY, NOW, **more)
    assert refused.value.code == code
    assert entries(town.house, "certificate.changed") == []


def test_a_certificate_is_registered_once_and_so_many_are(town: Town) -> None:
    first = registered(town.house, town.centre, signer_of(town.centre))
    assert registered(town.house, town.centre, signer_of(town.centre, 0)).id != first.id, (
        "another certificate of the key"
    )
    who = signer_of(town.centre, 1)
    assert registered(town.house, town.centre, who) == registered(town.house, town.centre, who)
    for number in range(2, MOST_CERTIFICATES - 1):
        registered(town.house, town.centre, signer_of(town.centre, number))
    with pytest.raises(Conflict, match="certificates_too_many"):
        registered(town.house, town.centre, signer_of(town.centre, 50))
    with pytest.raises(BadInput, match="organisation_unknown"):
        register_certificate(town.house, OrganisationId(new_id()), who.pem, BY, NOW)
    with pytest.raises(BadInput, match="organisation_unknown"):
        signature_profile(town.house, OrganisationId(new_id()))


def test_who_has_only_a_token_does_not_get_round_the_signatures(town: Town) -> None:
    """Neither by another certificate nor by taking the demand back: only the operator does either."""
    with pytest.raises(Conflict, match="signatures_without_certificate"):
        require_signatures(town.house, town.centre.id, True, BY, NOW)
    ready(town)
    require_signatures(town.house, town.centre.id, True, BY, NOW)
    require_signatures(town.house, town.centre.id, True, BY, NOW)
    for deed in (
        lambda: registered(town.house, town.centre, signer_of(town.centre, 1)),
        lambda: require_signatures(town.house, town.centre.id, False, BY, NOW),
    ):
        with pytest.raises(NotPermitted, match="certificate_by_operator"):
            deed()
    assert signature_profile(town.house, town.centre.id).required
    registered(town.house, town.centre, signer_of(town.centre, 1), by_operator=True)
    require_signatures(town.house, town.centre.id, False, BY, NOW, by_operator=True)
    assert not signature_profile(town.house, town.centre.id).required
    assert [body["required"] for body in entries(town.house, "signatures.changed")] == [True, False]
    assert not signature_profile(town.house, town.ngo.id).certificates


def test_a_broken_document_under_a_good_signature_is_still_broken(town: Town) -> None:
    who = ready(town)
    with pytest.raises(DocumentRejected, match="document_root_unknown"):
        take(town, sign_document(b'<a xmlns="urn:a"/>', who.signer))
    assert entries(town.house, "file.refused") == []


def test_nobody_is_named_by_a_certificate(town: Town, capfd: pytest.CaptureFixture[str]) -> None:
    """A certificate names an official. Neither an entry nor an error nor what a process prints does (law 8)."""
    consent(town, town.ngo, purpose="REFERRAL", discloser=town.centre)
    who, stranger = (signer_of(town.centre, number, name="Подписантова Вымышленная") for number in (0, 1))
    registered(town.house, town.centre, who)
    take(town, signed(who, referral(town.centre, town.ngo)))
    with pytest.raises(DocumentRejected) as refused:
        take(town, signed(stranger, referral(town.centre, town.ngo)))
    revoke_certificate(town.house, town.centre.id, who.certificate.fingerprint, "rotated", BY, NOW)
    kinds = ("certificate.changed", "file.received", "file.refused")
    told = str([entries(town.house, kind) for kind in kinds]) + refused.value.message() + refused.value.remedy()
    assert who.certificate.fingerprint in told
    assert stranger.certificate.fingerprint in told
    assert "Подписантова" not in told + "".join(capfd.readouterr())
    assert "Подписантова" not in repr(refused.value) + repr(town.house.file_signer)
