"""GOST R 34.10-2012 by the engine of OpenSSL: a really signed file verifies, a changed one does not."""

from __future__ import annotations

import hashlib
import io
import os
import ssl
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.signatures.algorithms import GOST_256, GOST_512, STREEBOG_256, STREEBOG_512
from adapters.signatures.certificates import Trust, parse_certificate
from adapters.signatures.classic import CLASSIC
from adapters.signatures.gost import Gost, GostSigner, with_gost
from adapters.signatures.providers import Providers
from adapters.signatures.sign import sign_document
from adapters.signatures.verify import verify_document
from adapters.smev.read import read_request
from adapters.smev.write import write_fetched_request
from adapters.xml.reader import read_referrals
from adapters.xml.writer import write_referral
from gateway.use_cases.file_records import need_nothing
from gateway.use_cases.house import House
from gateway.use_cases.receive_file import receive_file
from gateway.use_cases.register_certificate import register_certificate, require_signatures
from schemas.errors import BadInput, DocumentRejected
from tests.adapters.test_signatures import OURS, PLAIN, THEIRS
from tests.builders import consent, referral, system_of, town
from tests.docs.sources import ROOT
from tests.system.gost_keys import GostHolder

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def providers() -> Providers:
    return with_gost()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gost")


@pytest.fixture(scope="module", params=[256, 512])
def bits(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def who(folder: Path, bits: int) -> GostHolder:
    return GostHolder(folder, f"signer{bits}", bits, OURS)


def signer(providers: Providers, holder: GostHolder) -> GostSigner:
    gost = providers.by_family["gost"]
    assert isinstance(gost, Gost)
    return gost.signer(holder.key, holder.certificate)


def trust(holder: GostHolder) -> Trust:
    return Trust(OURS, None, (parse_certificate(holder.certificate),))


def now() -> datetime:
    return datetime.now(UTC)


def test_the_digests_are_those_of_the_standard(providers: Providers) -> None:
    """GOST R 34.11-2012, example M1 (RFC 6986 §10.1), and the digest of nothing."""
    m1 = b"012345678901234567890123456789012345678901234567890123456789012"
    assert providers.digest(STREEBOG_512, m1).hex() == (
        "1b54d01a4af5b9d5cc3d86d68d285462b19abc2475222f35c085122be4ba1ffa"
        "00ad30f8767b3a82384c6574f024c311e2a481332b08ef7f41797891c1646f48"
    )
    assert providers.digest(STREEBOG_256, m1).hex() == (
        "9d151eefd8590b89daa6ba6cb74af9275dd051026bb149a452fd84e5e57b5500"
    )
    assert providers.digest(STREEBOG_256, b"").hex() == (
        "3f539a213e97c802cc229d474c6aa32a825a360b2a933a949fd925208d9ce1bb"
    )


@pytest.mark.parametrize("with_time", [False, True], ids=["XMLDSig", "XAdES-BES"])
def test_a_signed_file_verifies_and_a_changed_one_does_not(
    providers: Providers, who: GostHolder, bits: int, with_time: bool
) -> None:
    content = sign_document(PLAIN, signer(providers, who), now() if with_time else None)
    found = verify_document(content, trust(who), now(), providers)
    assert found is not None
    assert found.method == (GOST_256 if bits == 256 else GOST_512)
    (record,) = read_referrals(io.BytesIO(found.content))
    assert record.draft is not None
    for before, after, code in (
        (b"HOUSING", b"POVERTY", "signature_digest_wrong"),
        (b"<ds:SignatureValue>", b"<ds:SignatureValue>AAAA", "signature_value_wrong"),
    ):
        with pytest.raises(DocumentRejected, match=code):
            verify_document(content.replace(before, after), trust(who), now(), providers)
    with pytest.raises(DocumentRejected, match="signature_gost_off"):
        verify_document(content, trust(who), now(), CLASSIC)
    with pytest.raises(DocumentRejected, match="signature_certificate_expired"):
        verify_document(content, trust(who), now() + timedelta(days=100), providers)


def test_a_signature_of_another_size_or_key_is_none(providers: Providers, folder: Path) -> None:
    small, other = GostHolder(folder, "small", 256, OURS), GostHolder(folder, "other", 256, OURS)
    large = GostHolder(folder, "large", 512, OURS)
    gost, data = providers.by_family["gost"], b"data"
    made = signer(providers, small).sign(data)
    assert len(made) == 64
    ders = {one: parse_certificate(one.certificate).der for one in (small, other, large)}
    assert gost.verify(GOST_256, ders[small], data, made)
    for method, certificate, signature in (
        (GOST_256, ders[other], made),
        (GOST_256, ders[large], made),
        (GOST_512, ders[large], made),
        (GOST_512, ders[small], made),
        (GOST_256, ders[small], made[:-1]),
        (GOST_256, ders[small], made + b"\0"),
        (GOST_256, ders[small], b""),
        (GOST_256, ders[small], made[32:] + made[:32]),
        (GOST_256, b"no certificate", made),
    ):
        assert not gost.verify(method, certificate, data, signature)
    assert not CLASSIC.by_family["rsa"].is_issued_by(ders[small], ders[small])
    with pytest.raises(BadInput, match="signing_key_differs"):
        gost.signer(other.key, small.certificate)  # type: ignore[attr-defined]
    with pytest.raises(BadInput, match="signing_key_invalid"):
        gost.signer(b"no key", small.certificate)  # type: ignore[attr-defined]


def test_what_an_authority_of_gost_issued_counts(providers: Providers, folder: Path, bits: int) -> None:
    authority, other = (GostHolder(folder, f"{name}{bits}", bits, None) for name in ("ca", "other-ca"))
    mine = GostHolder(folder, f"mine{bits}", bits, OURS, authority)
    theirs = GostHolder(folder, f"theirs{bits}", bits, THEIRS, authority)
    trusted, mistaken = (Trust(OURS, None, (), (parse_certificate(one.certificate),)) for one in (authority, other))
    content = sign_document(PLAIN, signer(providers, mine))
    assert verify_document(content, trusted, now(), providers)
    for signed, counts in ((content, mistaken), (sign_document(PLAIN, signer(providers, theirs)), trusted)):
        with pytest.raises(DocumentRejected, match="signature_certificate_foreign"):
            verify_document(signed, counts, now(), providers)


def test_a_file_signed_by_gost_goes_the_whole_way(
    sqlite_house: House, providers: Providers, folder: Path, bits: int
) -> None:
    place = town(replace(sqlite_house, providers=providers))
    consent(place, place.ngo, purpose="REFERRAL", discloser=place.centre)
    holder = GostHolder(folder, f"centre{bits}", bits, place.centre.ogrn)
    at = now()
    register_certificate(place.house, place.centre.id, holder.certificate, "operator:cli", at, by_operator=True)
    require_signatures(place.house, place.centre.id, True, "operator:cli", at, by_operator=True)
    content = sign_document(write_referral(referral(place.centre, place.ngo)), signer(providers, holder), at)
    with pytest.raises(DocumentRejected, match="signature_digest_wrong"):
        receive_file(
            place.house,
            system_of(place.centre),
            io.BytesIO(content.replace(b"HOUSING", b"POVERTY")),
            "xml",
            at,
            need=need_nothing,
        )
    receipt = receive_file(place.house, system_of(place.centre), io.BytesIO(content), "xml", at, need=need_nothing)
    assert receipt.report.records == 1
    assert receipt.signature is not None


def test_the_rest_of_the_process_stays_as_it_is(providers: Providers) -> None:
    assert hashlib.sha256(b"").hexdigest().startswith("e3b0c442")
    assert ssl.create_default_context().get_ciphers()
    assert providers.digest(STREEBOG_256, b"x") != hashlib.sha256(b"x").digest()


def alone(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
    )
    return done.stdout.strip()


def test_the_engine_is_loaded_only_where_it_is_asked_for_and_its_absence_is_said() -> None:
    loaded = "print('gost.so' in open('/proc/self/maps').read())"
    asks = "import gateway.building as b\nfrom gateway.settings import Settings\nb.providers_of(Settings(gost={!r}))\n"
    assert alone(asks.format("off") + loaded) == "False"
    assert alone(asks.format("engine") + loaded) == "True"
    tries = "from schemas.errors import Broken\ntry:\n b.providers_of(Settings(gost='engine'))\n"
    says = "except Broken as error:\n print(error.code, error.params['package'])\n"
    absent = alone(asks.format("off") + tries + says, OPENSSL_ENGINES="/nowhere")
    assert absent.split() == ["gost_engine_missing", "libengine-gost-openssl"]


def test_a_message_of_smev_signed_by_gost_verifies_and_a_changed_one_does_not(
    providers: Providers, who: GostHolder, folder: Path, bits: int
) -> None:
    official = GostHolder(folder, f"official{bits}", bits, OURS)
    counting = Trust(OURS, None, tuple(parse_certificate(one.certificate) for one in (who, official)))
    system, person = signer(providers, who), signer(providers, official)
    content = write_fetched_request(PLAIN, system, now(), "eyJzaWQiOjE3fQ==", person=person)
    found = read_request(content, counting, now(), providers)
    assert (found.system.method, found.person is not None) == (GOST_256 if bits == 256 else GOST_512, True)
    (record,) = read_referrals(io.BytesIO(found.content))
    assert record.draft is not None
    # What a carrier may do: other prefixes, white space between elements that stand outside every signature.
    moved = content.replace(b"xmlns:m=", b"xmlns:other=").replace(b"<m:", b"<other:").replace(b"</m:", b"</other:")
    assert read_request(moved, counting, now(), providers).content == found.content
    for before, after in ((b"HOUSING", b"POVERTY"), (b"</m:MessageID>", b"</m:MessageID> x")):
        with pytest.raises(DocumentRejected, match="signature_digest_wrong"):
            read_request(content.replace(before, after, 1), counting, now(), providers)
    with pytest.raises(DocumentRejected, match="signature_indented"):
        read_request(content.replace(b"<ds:SignedInfo>", b"<ds:SignedInfo>\n", 1), counting, now(), providers)
    alone_trusted = Trust(OURS, None, (parse_certificate(official.certificate),))
    with pytest.raises(DocumentRejected, match="signature_certificate_foreign"):
        read_request(content, alone_trusted, now(), providers)
