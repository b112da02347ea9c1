"""`mezhved seal` as a partner uses it, without a store, and as the operator does."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.building import build_house
from gateway.settings import Settings
from tests.builders import organisation
from tests.gateway.test_cli import mezhved


def say(home: Path, *arguments: str) -> list[str]:
    done = mezhved(home, "seal", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def fails(home: Path, *arguments: str) -> str:
    done = mezhved(home, "seal", *arguments)
    assert done.returncode == 2, done.stdout
    found = re.search(r"Ошибка (\w+)", done.stderr)
    assert found, done.stderr
    return found[1]


def test_a_partner_seals_and_opens_without_a_store(tmp_path: Path) -> None:
    key, plain, closed, out = (str(tmp_path / name) for name in ("key.jwk", "plain", "closed.sealed", "out"))
    public, key_id, digits = say(tmp_path, "make", key)
    assert len(public) == len(key_id) == 43
    assert re.fullmatch(r"(\d{5} ){11}\d{5}", digits)
    assert fails(tmp_path, "make", key) == "key_file_exists"
    Path(plain).write_bytes(b"plain words")
    assert say(tmp_path, "file", public, plain, closed) == []
    assert b"plain words" not in Path(closed).read_bytes()
    assert say(tmp_path, "open", key, closed, out) == []
    assert Path(out).read_bytes() == b"plain words"
    assert fails(tmp_path, "open", key, closed, out) == "seal_file"
    assert fails(tmp_path, "open", key, plain, str(tmp_path / "other")) == "seal_file"
    assert fails(tmp_path, "file", "no key", plain, str(tmp_path / "other")) == "seal_key_invalid"
    assert fails(tmp_path, "open", plain, closed, str(tmp_path / "other")) == "seal_key_invalid"
    assert not (tmp_path / "other").exists()
    assert not list(tmp_path.glob("*.sqlite")), "no store was made"


def test_the_operator_registers_a_key_for_an_organisation(tmp_path: Path) -> None:
    assert mezhved(tmp_path, "migrate").returncode == 0
    body = organisation(build_house(Settings(home=tmp_path)), "guardianship", "Орган опеки (тест)")
    key = str(tmp_path / "key.jwk")
    public, key_id, digits = say(tmp_path, "make", key)
    place = ("--ogrn", body.ogrn)
    shown, challenge = say(tmp_path, "register", *place, "--public", public, "--valid-to", "2099-01-01")
    assert shown == key_id
    assert fails(tmp_path, "confirm", *place, key_id, "wrong") == "seal_key_answer"
    assert fails(tmp_path, "answer", key, "1027700132195", challenge) == "seal_key_answer"
    (answer,) = say(tmp_path, "answer", key, body.ogrn, challenge)
    (confirmed,) = say(tmp_path, "confirm", *place, key_id, answer)
    assert confirmed.startswith(key_id)
    first, second = say(tmp_path, "keys", *place)
    assert first.startswith(f"{key_id}  active *")
    assert "2099-01-01" in first
    assert second.strip() == digits
    say(tmp_path, "revoke", *place, key_id, "--reason", "lost")
    assert "revoked" in say(tmp_path, "keys", *place)[0]
    assert fails(tmp_path, "keys", "--ogrn", "1027700132195") == "organisation_unknown"
    assert fails(tmp_path, "register", *place, "--public", public) == "seal_key_exists"
