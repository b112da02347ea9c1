"""Files sealed end to end: the format by vectors and properties, key ids, and the proof that one has a key."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.partner import sealed_files as sf
from gateway.vault import streams

VECTORS = Path(__file__).parents[2] / "vectors" / "partner" / "sealed-files.json"
MINE = X25519PrivateKey.from_private_bytes(b"m" * 32)
OTHER = X25519PrivateKey.from_private_bytes(b"o" * 32)
BEGINNING = 8 + 32 + 2 + 80 + 1
STEP = sf.CHUNK + 16


def body(size: int) -> bytes:
    return bytes((n * 31 + n // 256) % 256 for n in range(size))


def sealed(plain: bytes, to: X25519PrivateKey = MINE, pieces: int = 50_000) -> bytes:
    out = io.BytesIO()
    sealer = sf.FileSealer(to.public_key(), out.write)
    for at in range(0, len(plain), pieces):
        sealer.feed(plain[at : at + pieces])
    sealer.finish()
    return out.getvalue()


def opened(blob: bytes, by: X25519PrivateKey = MINE) -> bytes:
    return b"".join(sf.open_file(by, io.BytesIO(blob)))


def vectors() -> list[dict[str, Any]]:
    return json.loads(VECTORS.read_text())["files"]


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["name"])
def test_files_of_every_version_still_open(vector: dict[str, Any]) -> None:
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex(vector["private"]))
    blob = bytes.fromhex(vector["sealed"])
    assert opened(blob, private).hex() == vector["plain"]
    if vector["key_id"] is not None:
        assert sf.read_header(blob[: sf.HEADER_SIZE]) == vector["key_id"] == sf.key_id(private.public_key())
        assert sf.spoken(vector["key_id"]) == vector["spoken"]
    else:
        with pytest.raises(sf.SealedWrongError):
            sf.read_header(blob[: sf.HEADER_SIZE])


def test_a_key_id_is_the_thumbprint_of_its_jwk() -> None:
    """RFC 7638: the required members in the order of their names, without spaces."""
    x = sf.text_of(MINE.public_key())
    digest = hashlib.sha256(b'{"crv":"X25519","kty":"OKP","x":"' + x.encode() + b'"}').digest()
    assert sf._bytes(sf.key_id(MINE.public_key())) == digest


@pytest.mark.parametrize("size", [0, 1, sf.CHUNK - 1, sf.CHUNK, sf.CHUNK + 1, 2 * sf.CHUNK, 3 * sf.CHUNK + 7])
def test_what_was_sealed_opens(size: int) -> None:
    blob = sealed(body(size))
    assert opened(blob) == body(size)
    assert sf.read_header(blob[: sf.HEADER_SIZE]) == sf.key_id(MINE.public_key())


def test_the_chunks_are_those_of_the_gateways_own_files() -> None:
    """Two implementations of one construction: one runs alone, the other opens at any place."""
    blob = sealed(body(sf.CHUNK + 9))
    key = sf._file_key(MINE, io.BytesIO(blob))
    file = streams.SealedFile(key, "end-to-end", io.BytesIO(blob[BEGINNING - 1 :]))
    assert b"".join(file.chunks()) == body(sf.CHUNK + 9)


ATTACKS = {
    "cut at a chunk": lambda blob: blob[: BEGINNING + 2 * STEP],
    "cut inside": lambda blob: blob[:-5],
    "cut in the header": lambda blob: blob[:50],
    "nothing": lambda _: b"",
    "reordered": lambda b: (
        b[:BEGINNING]
        + b[BEGINNING + STEP : BEGINNING + 2 * STEP]
        + b[BEGINNING : BEGINNING + STEP]
        + b[BEGINNING + 2 * STEP :]
    ),
    "first chunk gone": lambda blob: blob[:BEGINNING] + blob[BEGINNING + STEP :],
    "lengthened": lambda blob: blob + b"\x00",
    "another's key id": lambda blob: blob[:8] + sf._bytes(sf.key_id(OTHER.public_key())) + blob[40:],
    "another length": lambda blob: blob[:40] + b"\x00\x51" + blob[42:],
    "another version of chunks": lambda blob: blob[: BEGINNING - 1] + b"\x02" + blob[BEGINNING:],
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))
def test_what_was_done_to_the_bytes_is_noticed(attack: Any) -> None:
    with pytest.raises(sf.SealedWrongError):
        opened(attack(sealed(body(3 * sf.CHUNK + 7))))


SMALL = sealed(b"plain")


@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(at: int, by: int) -> None:
    with pytest.raises(sf.SealedWrongError):
        opened(SMALL[:at] + bytes([SMALL[at] ^ by]) + SMALL[at + 1 :])


@given(st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(lambda rest: sf.MAGIC + rest)))
def test_a_header_is_read_whole_or_refused(head: bytes) -> None:
    fits = len(head) >= 42 and head[:8] == b"MZHVSEA2" and head[40:42] == b"\x00\x50"
    if fits:
        assert sf._bytes(sf.read_header(head)) == head[8:40]
    else:
        with pytest.raises(sf.SealedWrongError):
            sf.read_header(head)


@given(st.binary(min_size=32, max_size=32))
def test_any_key_id_comes_through_a_header(raw: bytes) -> None:
    head = sf.MAGIC + raw + (80).to_bytes(2, "big")
    of_key = sf.read_header(head)
    assert sf._bytes(of_key) == raw
    digits = sf.spoken(of_key)
    assert [len(group) for group in digits.split(" ")] == [5] * 12
    assert digits.replace(" ", "").isdigit()


def test_nobody_else_opens_a_file() -> None:
    with pytest.raises(sf.SealedWrongError):
        opened(sealed(b"plain"), OTHER)


def test_every_file_has_a_fresh_key() -> None:
    assert sealed(b"same") != sealed(b"same")


def test_a_challenge_opens_for_its_key_and_its_organisation_only() -> None:
    challenge = sf.seal_challenge(MINE.public_key(), b"c" * 32, "1027700132195")
    assert sf._bytes(sf.answer_challenge(MINE, challenge, "1027700132195")) == b"c" * 32
    for private, ogrn, text in (
        (OTHER, "1027700132195", challenge),
        (MINE, "1027739609391", challenge),
        (MINE, "1027700132195", challenge[:-8]),
        (MINE, "1027700132195", "not base64"),
    ):
        with pytest.raises(sf.SealedWrongError):
            sf.answer_challenge(private, text, ogrn)


@pytest.mark.parametrize("text", ["", "AAAA", sf.text_of(MINE.public_key()) + "=", "ы" * 43, "A" * 44, "B" * 43])
def test_a_public_key_has_one_way_to_be_written(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  base64 raises its own
        sf.public_of(text)


def test_key_files_and_files_are_never_overwritten(tmp_path: Path) -> None:
    key, plain, closed, out = (tmp_path / name for name in ("key", "plain", "closed", "out"))
    sf.write_private(key, MINE)
    assert key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        sf.write_private(key, OTHER)
    plain.write_bytes(body(sf.CHUNK + 1))
    sf.seal_path(MINE.public_key(), plain, closed)
    sf.open_path(sf.read_private(key), closed, out)
    assert out.read_bytes() == plain.read_bytes()
    with pytest.raises(FileExistsError):
        sf.open_path(MINE, closed, out)
    # What does not open whole leaves nothing behind.
    closed.write_bytes(closed.read_bytes()[:-1])
    with pytest.raises(sf.SealedWrongError):
        sf.open_path(MINE, closed, tmp_path / "half")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["closed", "key", "out", "plain"]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"kty":"OKP","crv":"Ed25519","d":"' + "A" * 43 + '"}', '{"d":"AAAA"}']
)
def test_what_is_no_private_key_is_not_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(ValueError):  # noqa: PT011  also JSONDecodeError
        sf.read_private(tmp_path / "key")
