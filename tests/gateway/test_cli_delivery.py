"""`mezhved delivery` as an operator uses it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.building import build_house, utc_now
from gateway.exchange.dispatch import Dispatcher
from gateway.exchange.relay import relay_once
from gateway.partner.signatures import public_jwk
from gateway.settings import Settings
from gateway.use_cases.delivery_terms import DeliveryTerms
from gateway.use_cases.delivery_values import Transport
from gateway.use_cases.submit_message import submit_message
from tests.builders import organisation, referral, system_of
from tests.gateway.test_cli import mezhved

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def say(home: Path, *arguments: str) -> str:
    done = mezhved(home, "delivery", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def fails(home: Path, *arguments: str) -> str:
    done = mezhved(home, "delivery", *arguments)
    assert done.returncode == 2, done.stdout
    found = re.search(r"Ошибка (\w+)", done.stderr)
    assert found, done.stderr
    return found[1]


def test_an_operator_sets_up_looks_sends_again_and_ends(tmp_path: Path) -> None:
    assert mezhved(tmp_path, "migrate").returncode == 0
    settings = Settings(home=tmp_path)
    house = build_house(settings)
    school = organisation(house, "school", "Школа № 0 (тест)")
    body = organisation(house, "guardianship", "Орган опеки (тест)")
    place = ("--ogrn", body.ogrn, "--transport")
    (endpoint,) = ID.findall(say(tmp_path, "add", *place, "file", "--address", "inbox", "--content", "--form", "xml"))
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [public_jwk(Ed25519PrivateKey.generate().public_key())]}))
    say(tmp_path, "add", *place, "webhook", "--address", "https://p.example/", "--receipt-keys", str(keys))
    assert fails(tmp_path, "add", *place, "pigeon", "--address", "x") == "transport_unknown"
    assert fails(tmp_path, "add", *place, "file", "--address", "../x") == "endpoint_address"
    assert fails(tmp_path, "add", *place, "webhook", "--address", "http://p.example/") == "endpoint_address"
    assert fails(tmp_path, "add", *place, "file", "--address", "y", "--event", "x") == "field_invalid"
    assert fails(tmp_path, "add", *place, "nats", "--address", "y", "--seal-key", "AAAA") == "endpoint_key"
    assert fails(tmp_path, "add", "--ogrn", "1", "--transport", "file", "--address", "y") == "organisation_unknown"
    draft = referral(school, body, type="signal", trigger="threat")
    message = submit_message(house, system_of(school), draft, utc_now()).message
    relay_once(house, utc_now())
    never = DeliveryTerms(give_up_after=timedelta(0))
    assert Dispatcher(house, dict, never, 0.1, utc_now).once().dead == 1
    listed = say(tmp_path, "list")
    assert "transport_missing" in listed
    assert message.id in listed
    assert "Проба" not in listed
    delivery = next(found for found in ID.findall(listed) if found not in (message.id, endpoint))
    assert "dead" in say(tmp_path, "show", delivery)
    assert fails(tmp_path, "show", message.id) == "delivery_unavailable"
    shown = say(tmp_path, "endpoints", "--ogrn", body.ogrn)
    assert "pending" in shown
    assert "paused" in say(tmp_path, "pause", endpoint)
    assert "active" in say(tmp_path, "resume", endpoint)
    assert "1" in say(tmp_path, "replay", delivery)
    assert message.id not in say(tmp_path, "list")
    assert message.id in say(tmp_path, "list", "--state", "waiting", "--endpoint", endpoint)
    assert "disabled" in say(tmp_path, "remove", endpoint)
    assert fails(tmp_path, "resume", endpoint) == "endpoint_state"
    assert fails(tmp_path, "pause", message.id) == "endpoint_unavailable"
    house.store.engine.dispose()  # type: ignore[attr-defined]
    house.vault._keys.engine.dispose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", ["10.0.0.1/8", "x"])
def test_networks_that_are_none_stop_the_server(tmp_path: Path, value: str) -> None:
    from gateway.exchange.outfit import carriers, networks
    from gateway.key_files import load_or_create_delivery_key
    from schemas.errors import BadInput

    with pytest.raises(BadInput, match="setting_invalid"):
        networks(Settings(home=tmp_path, delivery_networks=value))
    settings = Settings(home=tmp_path, nats_servers="nats://a:1, nats://b:2")
    made = carriers(settings, load_or_create_delivery_key(tmp_path / "delivery.pem"))()
    assert set(made) == set(Transport)
    assert Transport.NATS not in carriers(Settings(home=tmp_path), load_or_create_delivery_key(tmp_path / "k.pem"))()


def test_the_delivery_key_is_made_once_and_never_another(tmp_path: Path) -> None:
    from gateway.key_files import load_or_create_delivery_key
    from schemas.errors import Broken

    path = tmp_path / "keys" / "delivery.pem"
    assert load_or_create_delivery_key(path).keyid == load_or_create_delivery_key(path).keyid
    path.chmod(0o644)
    with pytest.raises(Broken, match="key_file_exposed"):
        load_or_create_delivery_key(path)
    path.chmod(0o600)
    path.write_bytes(b"x")
    with pytest.raises(Broken, match="bad_key_file"):
        load_or_create_delivery_key(path)
