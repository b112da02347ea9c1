"""Files sealed in chunks: whatever is done to the bytes, they open whole and as they were, or not at all."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.vault.envelope import new_key
from gateway.vault.errors import SealBroken
from gateway.vault.streams import CHUNK, ChunkSealer, SealedFile

KEY = b"k" * 32
STEP = CHUNK + 16
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7)


def sealed(plain: bytes, key: bytes = KEY, file_id: str = "one", pieces: int = 50_000) -> bytes:
    out = io.BytesIO()
    sealer = ChunkSealer(key, file_id, out.write)
    for at in range(0, len(plain), pieces):
        sealer.feed(plain[at : at + pieces])
    sealer.finish()
    return out.getvalue()


def opened(blob: bytes, key: bytes = KEY, file_id: str = "one") -> bytes:
    with SealedFile(key, file_id, io.BytesIO(blob)) as file:
        return b"".join(file.chunks())


def body(size: int, seed: int = 0) -> bytes:
    return bytes((n * 31 + n // 256 + seed) % 256 for n in range(size))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens(size: int) -> None:
    blob = sealed(body(size))
    assert opened(blob) == body(size)
    assert body(size)[:40] not in blob or size < 8


@given(st.integers(0, 3 * CHUNK), st.integers(0, 3 * CHUNK), st.integers(0, CHUNK * 2))
def test_it_opens_at_any_place(size: int, at: int, length: int) -> None:
    plain = body(size)
    with SealedFile(KEY, "one", io.BytesIO(sealed(plain))) as file:
        reader = io.BufferedReader(file)
        reader.seek(at)
        assert reader.read(length) == plain[at : at + length]
        assert file.size == size


def _cut(blob: bytes) -> bytes:
    return blob[: 1 + 2 * STEP]


def _cut_inside(blob: bytes) -> bytes:
    return blob[:-5]


def _reordered(blob: bytes) -> bytes:
    chunks = [blob[1 + n * STEP : 1 + (n + 1) * STEP] for n in range(4)]
    return blob[:1] + chunks[1] + chunks[0] + chunks[2] + chunks[3]


def _without_the_first(blob: bytes) -> bytes:
    return blob[:1] + blob[1 + STEP :]


def _doubled(blob: bytes) -> bytes:
    return blob[: 1 + STEP] + blob[1:]


def _flipped(blob: bytes) -> bytes:
    return blob[:5000] + bytes([blob[5000] ^ 1]) + blob[5001:]


def _other_version(blob: bytes) -> bytes:
    return b"\x02" + blob[1:]


def _of_another_file(blob: bytes) -> bytes:
    other = sealed(body(3 * CHUNK + 7, 9), file_id="two")
    return blob[: 1 + STEP] + other[1 + STEP : 1 + 2 * STEP] + blob[1 + 2 * STEP :]


def _lengthened(blob: bytes) -> bytes:
    return blob + b"\x00"


ATTACKS = (
    _cut,
    _cut_inside,
    _reordered,
    _without_the_first,
    _doubled,
    _flipped,
    _other_version,
    _of_another_file,
    _lengthened,
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_done_to_the_bytes_is_noticed(attack) -> None:
    blob = sealed(body(3 * CHUNK + 7))
    with pytest.raises(SealBroken):
        opened(attack(blob))


def test_a_file_opens_by_its_own_key_and_name_only() -> None:
    blob = sealed(b"plain")
    for key, file_id in ((b"x" * 32, "one"), (KEY, "two")):
        with pytest.raises(SealBroken):
            opened(blob, key, file_id)


def test_nothing_at_all_does_not_open() -> None:
    for blob in (b"", b"\x01", b"\x01" + bytes(15)):
        with pytest.raises(SealBroken):
            opened(blob)


def test_every_file_has_a_fresh_key() -> None:
    assert sealed(b"same", new_key()) != sealed(b"same", new_key())
