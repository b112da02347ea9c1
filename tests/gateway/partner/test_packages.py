"""The container of a package: what was sealed comes back, a changed byte shows nothing, a wrong code opens nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.evidence.note import SigningKey
from gateway.partner import packages
from gateway.partner.package_codes import new_opening_code
from gateway.partner.packages import (
    BLOCK,
    MAX_CONTENT,
    MAX_FILE,
    AlteredError,
    Manifest,
    NotAPackageError,
    SealKey,
    WrongCodeError,
    file_name,
    padded,
    read_package,
    write_package,
)

PACKAGE = "00000000-0000-4000-8000-00000000000a"
CODE = new_opening_code()
KEY = SealKey.of(CODE, b"s" * 16)  # the one slow step, made once
PROOF = '{"data": "…"}'


def made(content: bytes = b"<Package/>", key: SealKey = KEY) -> bytes:
    """A package over any content, signed by a fresh key."""
    signing = SigningKey.generate("test.local/log")
    sealed = key.seal(padded(content), PACKAGE, "content")
    digest = hashlib.sha256(sealed).hexdigest()
    manifest = Manifest(PACKAGE, "2026-03-02T09:00:00.000000Z", PACKAGE, digest, key.salt, signing.verifier().encode())
    note = f"{manifest.text()}\n{signing.sign_line(manifest.text())}"
    return write_package(note, sealed, key.seal(PROOF.encode(), PACKAGE, "proof"), {"ru": {}, "en": {}})


def data_of(file: bytes) -> dict[str, str]:
    found = re.search(rb'id="package">(.*?)</script>', file, re.DOTALL)
    assert found
    return json.loads(found[1])


def with_data(file: bytes, data: dict[str, object]) -> bytes:
    (old,) = re.findall(rb'id="package">(.*?)</script>', file, re.DOTALL)
    return file.replace(old, json.dumps(data).replace("<", "\\u003c").encode())


@given(st.binary(max_size=3 * BLOCK))
def test_what_is_sealed_is_opened_again(plain: bytes) -> None:
    sealed = KEY.seal(plain, PACKAGE, "content")
    assert KEY.open(sealed, PACKAGE, "content") == plain
    assert plain == b"" or len(plain) < 8 or plain not in sealed


@given(st.binary(max_size=200), st.data())
def test_a_flipped_bit_opens_nothing(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(plain, PACKAGE, "content"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(WrongCodeError):
        KEY.open(bytes(sealed), PACKAGE, "content")


@pytest.mark.parametrize(("package", "part"), [("00000000-0000-4000-8000-00000000000b", "content"), (PACKAGE, "proof")])
def test_a_seal_cannot_be_moved(package: str, part: str) -> None:
    sealed = KEY.seal(b"x", PACKAGE, "content")
    with pytest.raises(WrongCodeError):
        KEY.open(sealed, package, part)


def test_a_file_is_read_and_opened_with_its_code_alone() -> None:
    package = read_package(made(b"<Package>words</Package>"))
    content, proof = package.open(CODE)
    assert (content.rstrip(b"\n"), proof) == (b"<Package>words</Package>", PROOF)
    for _ in range(3):
        with pytest.raises(WrongCodeError):
            package.open(new_opening_code())


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["sealed", "proof"]), st.data())
def test_a_changed_byte_of_a_sealed_part_is_refused(part: str, data: st.DataObject) -> None:
    file = made()
    parts = data_of(file)
    raw = bytearray(base64.b64decode(parts[part]))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    package = read_package(with_data(file, {**parts, part: base64.b64encode(bytes(raw)).decode()}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packages.SealKey, "of", lambda *_: KEY)  # the slow step is not what is tried here
        with pytest.raises(AlteredError):
            package.open(CODE)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: {**d, "sealed": "not base64"},
        lambda d: {**d, "sealed": None},
        lambda d: {k: v for k, v in d.items() if k != "proof"},
        lambda d: [],
        lambda d: {**d, "manifest": 7},
    ],
)
def test_a_broken_inside_is_an_altered_package(change: object) -> None:
    file = made()
    with pytest.raises((AlteredError, NotAPackageError)):
        read_package(with_data(file, change(data_of(file))))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("/v1", "/v2"), "version"),
        (lambda text: text.replace('"v":1', '"v":2'), "version"),
        (lambda text: text.replace("600000", "1000"), "form"),
        (lambda text: text.replace("{", "{ "), "form"),
        (lambda text: text.replace('"v":1', '"v":1,"x":1'), "form"),
        (lambda text: text.replace(PACKAGE, "../../etc/passwd"), "form"),
        (lambda text: "", "version"),
    ],
)
def test_a_manifest_has_one_form(change: object, why: str) -> None:
    text = Manifest(PACKAGE, "2026-03-02T09:00:00.000000Z", PACKAGE, "0" * 64, b"s" * 16, "k").text()
    assert Manifest.parse(text).text() == text
    with pytest.raises(NotAPackageError) as error:
        Manifest.parse(change(text))  # type: ignore[operator]
    assert error.value.why in {why, "form"}


@pytest.mark.parametrize(
    ("file", "why"),
    [(b"", "form"), (b"<html></html>", "form"), (b"x" * (MAX_FILE + 1), "large")],
)
def test_what_is_no_package_says_so(file: bytes, why: str) -> None:
    with pytest.raises(NotAPackageError) as error:
        read_package(file)
    assert error.value.why == why


def test_a_second_inside_is_no_package() -> None:
    file = made()
    twice = file.replace(b"</body>", b'<script type="application/json" id="package">{}</script></body>')
    with pytest.raises(NotAPackageError):
        read_package(twice)


@given(st.integers(0, 3 * BLOCK))
def test_sizes_are_rounded_up(size: int) -> None:
    full = padded(b"x" * size)
    assert len(full) % BLOCK == 0
    assert len(full) - size < BLOCK
    assert full.rstrip(b"\n") == b"x" * size


def test_a_content_has_a_limit() -> None:
    assert len(padded(b"x" * MAX_CONTENT)) == MAX_CONTENT
    with pytest.raises(ValueError, match="limit"):
        padded(b"x" * (MAX_CONTENT + 1))


def test_the_page_asks_nobody_for_anything() -> None:
    page = made().decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    outside = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)\s*=\s*[\"'](?!#)", outside)
    assert not re.findall(
        r"https?://|fetch\(|XMLHttpRequest|WebSocket|sendBeacon|localStorage|innerHTML|eval\(", outside
    )
    for kind, body in re.findall(r"<(script|style)>(.*?)</\1>", page, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy[1]


def test_words_cannot_end_the_script_they_stand_in() -> None:
    file = made()
    evil = {"ru": {"title": "</script><script>alert(1)</script>"}, "en": {}}
    page = write_package("a\n\n— x y\n", b"", b"", evil).decode()
    assert "<script>alert" not in page
    assert file.count(b"</script>") == page.encode().count(b"</script>")


def test_the_name_says_nothing() -> None:
    assert file_name(PACKAGE) == f"mezhved-{PACKAGE}.html"
