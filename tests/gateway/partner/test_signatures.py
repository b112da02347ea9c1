"""Signatures of requests: what is accepted, every way to be refused, and the library as a second opinion."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from hypothesis import given
from hypothesis import strategies as st

from gateway.partner import seals, signatures
from gateway.partner.signatures import (
    CODES,
    DELIVERY_TAG,
    MemoryNonces,
    SignatureRejectedError,
    is_challenge_answered,
    keys_of,
    public_jwk,
    sign_challenge,
    sign_receipt,
    sign_request,
    thumbprint,
    verify_receipt,
    verify_request,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ID = thumbprint(KEY.public_key())
KEYS = {ID: KEY.public_key()}
TARGET = "https://partner.example/in?x=1"
BODY = b'{"delivery":"d","message":"m"}'
NOW = 1_772_442_000


def signed(**more: Any) -> dict[str, str]:
    return sign_request(KEY, ID, more.pop("target", TARGET), more.pop("body", BODY), more.pop("now", NOW), **more)


def refused(headers: dict[str, str], **more: Any) -> str:
    with pytest.raises(SignatureRejectedError) as found:
        verify_request(
            headers,
            more.pop("target", TARGET),
            more.pop("body", BODY),
            more.pop("keys", KEYS),
            more.pop("now", NOW),
            more.pop("nonces", MemoryNonces()),
            **more,
        )
    assert found.value.code in CODES
    return found.value.code


def test_what_was_signed_is_accepted_whatever_the_case_of_header_names() -> None:
    headers = {name.upper(): value for name, value in signed().items()}
    verified = verify_request(headers, TARGET, BODY, KEYS, NOW + 299, MemoryNonces())
    assert (verified.keyid, verified.created, verified.tag) == (ID, NOW, DELIVERY_TAG)


def changed(name: str, old: str, new: str) -> dict[str, str]:
    headers = signed(nonce="n" * 16)
    assert old in headers[name]
    return {**headers, name: headers[name].replace(old, new)}


@pytest.mark.parametrize(
    ("headers", "more", "code"),
    [
        ({}, {}, "signature_missing"),
        (signed(), {"body": BODY + b" "}, "digest_differs"),
        (signed(), {"target": "https://partner.example/in?x=2"}, "signature_differs"),
        (signed(), {"target": "https://other.example/in?x=1"}, "signature_differs"),
        (signed(), {"method": "PUT"}, "signature_differs"),
        (signed(), {"keys": {}}, "key_unknown"),
        (signed(), {"keys": {ID: Ed25519PrivateKey.generate().public_key()}}, "signature_differs"),
        (signed(), {"now": NOW + 301}, "signature_expired"),
        (signed(), {"now": NOW - 61}, "signature_from_future"),
        (signed(), {"tag": "mezhved-acknowledgement"}, "signature_tag"),
        (changed("Content-Type", "json", "xml"), {}, "signature_differs"),
        (changed("Content-Digest", "sha-256", "md5"), {}, "digest_missing"),
        ({k: v for k, v in signed().items() if k != "Content-Digest"}, {}, "digest_missing"),
        (changed("Signature-Input", '"@target-uri" ', ""), {}, "signature_malformed"),
        (changed("Signature-Input", '"content-digest"', '"content-length"'), {}, "signature_malformed"),
        (changed("Signature-Input", ";expires=", ";x=1;expires="), {}, "signature_malformed"),
        (changed("Signature-Input", "ed25519", "hmac-sha256"), {}, "signature_malformed"),
        (changed("Signature-Input", f"created={NOW}", f'created="{NOW}"'), {}, "signature_malformed"),
        (changed("Signature-Input", f"created={NOW}", "created=x"), {}, "signature_malformed"),
        (changed("Signature-Input", ";alg=", ";nonce="), {}, "signature_malformed"),
        (changed("Signature-Input", "n" * 16, "n" * 15), {}, "signature_malformed"),
        (changed("Signature-Input", str(NOW + 300), str(NOW + 9000)), {"now": NOW + 400}, "signature_expired"),
        (changed("Signature-Input", str(NOW + 300), str(NOW + 299)), {}, "signature_differs"),
        (changed("Signature-Input", "nnnn", "mmmm"), {}, "signature_differs"),
        (changed("Signature", "mezhved=:", "other=:"), {}, "signature_malformed"),
        ({**signed(), "Signature-Input": "x" * 3000}, {}, "signature_malformed"),
    ],
)
def test_everything_else_is_refused_with_its_code(headers, more, code) -> None:
    assert refused(headers, **more) == code


def test_a_nonce_is_taken_once_and_only_of_what_was_genuine() -> None:
    nonces = MemoryNonces()
    headers = signed()
    assert refused(headers, body=b"x", nonces=nonces) == "digest_differs"
    assert refused({**headers, "Signature": signed()["Signature"]}, nonces=nonces) == "signature_differs"
    verify_request(headers, TARGET, BODY, KEYS, NOW, nonces)
    assert refused(headers, nonces=nonces) == "nonce_replayed"


def test_the_memory_of_nonces_is_bounded_and_forgets_only_what_time_refuses() -> None:
    nonces = MemoryNonces()
    for number in range(10_002):
        assert nonces.remember("k", f"old{number}", NOW)
    assert nonces.remember("k", "new", NOW + 5000)
    assert not nonces.remember("k", "new", NOW + 5000)
    assert len(nonces._seen) < 10
    assert refused(signed(), now=NOW + 5000) == "signature_expired"


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 7))
def test_no_changed_byte_of_a_body_passes(body: bytes, place: int, bit: int) -> None:
    headers = signed(body=body)
    verify_request(headers, TARGET, body, KEYS, NOW, MemoryNonces())
    if body:
        other = bytearray(body)
        other[place % len(body)] ^= 1 << bit
        assert refused(headers, body=bytes(other)) == "digest_differs"


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_stands_in_the_headers_it_is_refused_with_a_code(described: str, value: str) -> None:
    refused({**signed(), "Signature-Input": described, "Signature": value})


# --- the library as a second opinion ---------------------------------------------------------------------------------


class Resolver(HTTPSignatureKeyResolver):
    def resolve_private_key(self, key_id: str) -> Any:
        return KEY

    def resolve_public_key(self, key_id: str) -> Any:
        return KEY.public_key()


def test_another_implementation_of_rfc_9421_accepts_what_we_sign() -> None:
    now = int(dt.datetime.now(dt.UTC).timestamp())
    headers = signed(now=now)
    request = SimpleNamespace(method="POST", url=TARGET, headers=dict(headers), body=BODY)
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Resolver())
    (result,) = verifier.verify(request, max_age=dt.timedelta(minutes=5), expect_tag=DELIVERY_TAG)
    assert set(result.covered_components) >= {f'"{name}"' for name in signatures.COVERED}


def test_we_accept_what_another_implementation_signs_in_our_profile() -> None:
    headers = {"Content-Type": "application/json", "Content-Digest": signatures.content_digest(BODY)}
    request = SimpleNamespace(method="POST", url=TARGET, headers=headers, body=BODY)
    made = dt.datetime.fromtimestamp(NOW, dt.UTC)
    HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=Resolver()).sign(
        request,
        key_id=ID,
        created=made,
        expires=made + dt.timedelta(seconds=300),
        nonce="n" * 22,
        label="mezhved",
        tag=DELIVERY_TAG,
        covered_component_ids=signatures.COVERED,
        use_existing_digest=True,
    )
    verify_request(headers, TARGET, BODY, KEYS, NOW, MemoryNonces())
    assert refused(headers, body=BODY + b" ") == "digest_differs"


def test_the_example_of_rfc_9421_b_2_6() -> None:
    """The signature base of the RFC's own Ed25519 example, built as ours is, gives its signature."""
    pem = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
-----END PRIVATE KEY-----"""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(pem, None)
    base = (
        b'"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@method": POST\n"@path": /foo\n"@authority": example.com\n'
        b'"content-type": application/json\n"content-length": 18\n"@signature-params": ("date" "@method" "@path"'
        b' "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"'
    )
    assert base64.b64encode(key.sign(base)) == (  # type: ignore[union-attr,call-arg]
        b"wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    )


# --- receipts, challenges, keys, seals -------------------------------------------------------------------------------


def test_a_receipt_is_for_one_delivery_one_message_and_one_body() -> None:
    answer = json.dumps(sign_receipt(KEY, ID, BODY, "2026-03-02T09:00:00Z").document()).encode()
    assert verify_receipt(answer, "d", "m", BODY, KEYS).keyid == ID
    for given_, code in (
        ((answer, "e", "m", BODY, KEYS), "receipt_differs"),
        ((answer, "d", "n", BODY, KEYS), "receipt_differs"),
        ((answer, "d", "m", BODY + b" ", KEYS), "receipt_differs"),
        ((answer, "d", "m", BODY, {}), "key_unknown"),
        ((answer.replace(b"09:00", b"10:00"), "d", "m", BODY, KEYS), "signature_differs"),
        ((b"[]", "d", "m", BODY, KEYS), "receipt_malformed"),
        ((b"[" * 100_000, "d", "m", BODY, KEYS), "receipt_malformed"),
        ((answer.replace(b'"m"', b"1"), "d", "m", BODY, KEYS), "receipt_malformed"),
    ):
        with pytest.raises(SignatureRejectedError, match=code):
            verify_receipt(*given_)


def test_a_challenge_is_answered_plain_or_signed() -> None:
    assert is_challenge_answered(b"token\n", "token", {})
    assert is_challenge_answered(b'{"challenge":"token"}', "token", {})
    answer = json.dumps(sign_challenge(KEY, ID, "token")).encode()
    assert is_challenge_answered(answer, "token", KEYS)
    for wrong in (b"", b"other", b'{"challenge":"other"}', b"[]", b'{"challenge":1}', b"null", b"\xff"):
        assert not is_challenge_answered(wrong, "token", KEYS)
    assert not is_challenge_answered(answer, "token", {}), "signed by nobody we know"
    other = json.dumps(sign_challenge(Ed25519PrivateKey.generate(), ID, "token")).encode()
    assert not is_challenge_answered(other, "token", KEYS)


def test_keys_of_a_set_are_those_that_can_be_read() -> None:
    jwks = {"keys": [public_jwk(KEY.public_key()), {"kty": "EC"}, 1, {"kty": "OKP", "crv": "Ed25519", "x": "AA"}]}
    assert list(keys_of(jwks)) == [ID]
    assert keys_of({"keys": 1}) == keys_of({}) == {}


def test_the_thumbprint_is_that_of_rfc_8037_a_3() -> None:
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    (keyid,) = keys_of({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x}]})
    assert keyid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_what_is_sealed_is_opened_by_its_key_and_with_its_delivery_alone() -> None:
    private = X25519PrivateKey.generate()
    sealed = seals.seal(seals.public_of(seals.text_of(private.public_key())), b"words", "d")
    assert seals.unseal(private, sealed, "d") == b"words"
    for key, delivery, text in (
        (private, "e", sealed),
        (X25519PrivateKey.generate(), "d", sealed),
        (private, "d", "AAAA" + sealed[4:]),
        (private, "d", "not base64"),
    ):
        with pytest.raises(seals.SealedWrongError):
            seals.unseal(key, text, delivery)
    with pytest.raises(ValueError, match="32 bytes"):
        seals.public_of("AAAA")


@pytest.mark.parametrize("name", ["signatures", "seals", "nats_inbox"])
def test_what_partners_copy_runs_alone(name: str, tmp_path: Path) -> None:
    source = Path(signatures.__file__).with_name(f"{name}.py").read_text("utf-8")
    assert not re.search(r"^\s*(from|import) (gateway|schemas|consent|policies|adapters)", source, re.MULTILINE)
    (tmp_path / "copied.py").write_text(source, "utf-8")
    subprocess.run([sys.executable, "-c", "import copied"], cwd=tmp_path, check=True, timeout=60)
