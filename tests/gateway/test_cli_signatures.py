"""`mezhved certificate` and `mezhved signature`, as the operator and as a partner use them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.xml.writer import write_referral
from gateway.building import build_house
from gateway.settings import Settings
from gateway.use_cases.read_certificates import signature_profile
from tests.adapters.certificates import ec_key, holder
from tests.builders import organisation, referral
from tests.gateway.test_cli import mezhved


def say(home: Path, *arguments: str, code: int = 0) -> str:
    done = mezhved(home, *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def fails(home: Path, *arguments: str) -> str:
    done = mezhved(home, *arguments)
    assert done.returncode == 2, done.stdout
    found = re.search(r"Ошибка (\w+)", done.stderr)
    assert found, done.stderr
    return found[1]


def test_a_file_is_signed_taken_and_its_report_checked(tmp_path: Path) -> None:
    assert "ключ подписи отчётов" in say(tmp_path, "migrate")
    house = build_house(Settings(home=tmp_path))
    body, other = organisation(house, "guardianship", "Орган опеки (тест)"), organisation(house, "ngo", "Фонд (тест)")
    now = datetime.now(UTC)
    who = holder(body.ogrn, ec_key(), valid_from=now - timedelta(days=1), valid_to=now + timedelta(days=1))
    paths = {
        name: tmp_path / name
        for name in ("k.pem", "c.pem", "plain.xml", "signed.xml", "report.xml", "own.pem", "in.xml")
    }
    key, certificate, plain, signed, report, own, inside = (str(path) for path in paths.values())
    paths["k.pem"].write_bytes(who.key_pem)
    paths["c.pem"].write_bytes(who.pem)
    paths["plain.xml"].write_bytes(write_referral(referral(body, other)))
    pair, by = ("--key", key, "--certificate", certificate), ("--certificate", certificate)
    say(tmp_path, "signature", "make", plain, signed, *pair)
    assert fails(tmp_path, "signature", "make", plain, signed, *pair) == "signed_file_exists"
    assert (
        fails(tmp_path, "signature", "make", plain, inside, "--key", certificate, "--certificate", certificate)
        == "signing_key_invalid"
    )
    assert who.certificate.fingerprint in say(
        tmp_path, "signature", "check", signed, "--certificate", certificate, "--content", inside
    )
    assert b"Signature" not in paths["in.xml"].read_bytes()
    assert fails(tmp_path, "signature", "check", plain, *by) == "signature_missing_here"

    place = ("--ogrn", body.ogrn)
    assert fails(tmp_path, "import", signed, *place) == "signature_certificate_foreign"
    assert fails(tmp_path, "certificate", "require", *place) == "signatures_without_certificate"
    assert say(tmp_path, "certificate", "register", certificate, *place).startswith(who.certificate.fingerprint)
    say(tmp_path, "certificate", "require", *place)
    listed = say(tmp_path, "certificate", "list", *place)
    assert "обязательна" in listed
    assert f"{who.certificate.fingerprint}  signer  active" in listed
    assert fails(tmp_path, "import", plain, *place) == "signature_missing"
    # Without consent and relation the gate refuses the record: the file itself is taken, by its certificate.
    said = say(tmp_path, "import", signed, *place, "--report", report, code=1)
    assert f"Подписан сертификатом {who.certificate.fingerprint}" in said
    paths["own.pem"].write_text(say(tmp_path, "certificate", "own"))
    say(tmp_path, "signature", "check", report, "--certificate", own, "--content", inside + "2")
    assert who.certificate.fingerprint.encode() in (tmp_path / "in.xml2").read_bytes()
    say(tmp_path, "certificate", "require", *place, "--off")
    say(tmp_path, "certificate", "revoke", *place, who.certificate.fingerprint, "--reason", "rotated")
    assert fails(tmp_path, "import", signed, *place) == "signature_certificate_revoked"
    assert not signature_profile(build_house(Settings(home=tmp_path)), body.id).required


def test_wrong_words_are_refused(tmp_path: Path) -> None:
    say(tmp_path, "migrate")
    body = organisation(build_house(Settings(home=tmp_path)), "ngo", "Фонд (тест)")
    missing = str(tmp_path / "missing.pem")
    assert fails(tmp_path, "certificate", "register", missing, "--ogrn", body.ogrn) == "file_unreadable"
    (tmp_path / "c.pem").write_bytes(holder(body.ogrn).pem)
    arguments = ("certificate", "register", str(tmp_path / "c.pem"), "--ogrn", body.ogrn, "--role", "x")
    assert fails(tmp_path, *arguments) == "field_invalid"
    assert fails(tmp_path, "certificate", "list", "--ogrn", "1027700132195") == "organisation_unknown"


def test_a_request_of_smev_is_made_taken_and_its_answer_read(tmp_path: Path) -> None:
    say(tmp_path, "migrate")
    house = build_house(Settings(home=tmp_path))
    body, other = organisation(house, "guardianship", "Орган опеки (тест)"), organisation(house, "ngo", "Фонд (тест)")
    now = datetime.now(UTC)
    who = holder(body.ogrn, ec_key(), valid_from=now - timedelta(days=1), valid_to=now + timedelta(days=1))
    key, certificate, plain, out = (str(tmp_path / name) for name in ("k.pem", "c.pem", "plain.xml", "out"))
    (tmp_path / "k.pem").write_bytes(who.key_pem)
    (tmp_path / "c.pem").write_bytes(who.pem)
    (tmp_path / "plain.xml").write_bytes(write_referral(referral(body, other)))
    pair = ("--key", key, "--certificate", certificate)
    person = ("--person-key", key, "--person-certificate", certificate)
    request, test = str(tmp_path / "request.xml"), str(tmp_path / "test.xml")
    say(tmp_path, "smev", "make", plain, request, *pair, *person)
    say(tmp_path, "smev", "make", plain, test, *pair, "--test")
    assert fails(tmp_path, "smev", "make", plain, request, *pair) == "signed_file_exists"
    assert fails(tmp_path, "smev", "make", plain, out, *pair, *person[:2]) == "signing_key_invalid"
    place = ("--ogrn", body.ogrn, "--output", out)
    assert fails(tmp_path, "smev", "take", request, *place) == "smev_folder"
    Path(out).mkdir()
    assert fails(tmp_path, "smev", "take", request, *place) == "signature_certificate_foreign"
    say(tmp_path, "certificate", "register", certificate, "--ogrn", body.ogrn)
    own = tmp_path / "own.pem"
    own.write_text(say(tmp_path, "certificate", "own"))
    for source, expected in ((test, "0: Проверочное сообщение"), (request, "ACCESS_DENIED: Запись 1. message_refused")):
        # Without consent the gate refuses the only record: exit code 1, and a response that says so.
        number = say(tmp_path, "smev", "take", source, *place, code=1).split(":")[0]
        response = Path(out) / f"{number}.response.xml"
        assert expected in say(tmp_path, "smev", "read", str(response), "--certificate", str(own))
        assert (Path(out) / f"{number}.report.xml").read_bytes().count(b"Signature") > 0, "the whole report, signed"
        assert not (Path(out) / f"{number}.ack.xml").exists(), "nobody fetched it from SMEV"
    (tmp_path / "broken.xml").write_bytes((tmp_path / "request.xml").read_bytes().replace(b"HOUSING", b"POVERTY"))
    done = mezhved(tmp_path, "smev", "take", str(tmp_path / "broken.xml"), *place)
    assert (done.returncode, "SignatureVerificationFault" in done.stdout) == (2, True)
    assert fails(tmp_path, "smev", "take", str(tmp_path / "nothing.xml"), *place) == "file_unreadable"
