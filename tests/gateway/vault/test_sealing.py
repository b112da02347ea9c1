"""What is sealed opens in its own place with its own key, and nowhere else."""

import json
import pickle
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.vault.envelope import ALGORITHMS, SealingKey, encode_parts, new_key
from gateway.vault.errors import KeyAbsent, SealBroken
from gateway.vault.sealing import (
    open_section,
    open_shared_section,
    seal_section,
    seal_shared_section,
)
from schemas.ids import SubjectId, new_id

VECTORS = Path(__file__).parents[2] / "vectors/vault"
ALGORITHM = json.loads((VECTORS / "algorithms.json").read_text("utf-8"))["gcm_siv"]
FORMATS = json.loads((VECTORS / "formats-v1.json").read_text("utf-8"))

KEY, OTHER = SealingKey(new_key()), SealingKey(new_key())
ids = st.uuids(version=4).map(str)
places = st.fixed_dictionaries(
    {
        "case_id": ids,
        "subject_ids": st.lists(ids, min_size=1, max_size=3, unique=True),
        "category": st.sampled_from(["ID", "HLT", "PSY", "PLN"]),
        "section_id": ids,
    }
)


def test_the_library_gives_the_published_result():
    cipher = AESGCMSIV(bytes.fromhex(ALGORITHM["key"]))
    sealed = cipher.encrypt(bytes.fromhex(ALGORITHM["nonce"]), bytes.fromhex(ALGORITHM["plaintext"]), None)
    assert sealed.hex() == ALGORITHM["result"]


def test_a_blob_of_version_1_still_opens_and_says_what_it_is():
    section = FORMATS["section"]
    blob, place = bytes.fromhex(section["blob"]), section["place"]
    assert open_section(SealingKey(bytes.fromhex(FORMATS["key"])), blob, **place).decode() == section["plaintext"]
    assert ALGORITHMS[blob[0]] == "AES-256-GCM-SIV"
    # Independently of our code: version, nonce, ciphertext; each associated part behind its length.
    parts = ["AES-256-GCM-SIV", "section", place["case_id"], "HLT", place["section_id"], "1", place["subject_ids"][0]]
    associated = b"".join(len(part).to_bytes(4, "big") + part.encode() for part in parts)
    opened = AESGCMSIV(bytes.fromhex(FORMATS["key"])).decrypt(blob[1:13], blob[13:], associated)
    assert opened.decode() == section["plaintext"]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), places)
def test_open_undoes_seal(plaintext, place):
    blob = seal_section(KEY, plaintext, **place)
    assert open_section(KEY, blob, **place) == plaintext
    assert open_section(KEY, blob, **place | {"subject_ids": place["subject_ids"][::-1]}) == plaintext
    assert seal_section(KEY, plaintext, **place) != blob


@pytest.mark.law(3)
@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=60), places, places, st.data())
def test_any_changed_bit_or_other_place_or_key_does_not_open(plaintext, place, elsewhere, data):
    blob = seal_section(KEY, plaintext, **place)
    position, bit = data.draw(st.integers(0, len(blob) - 1)), data.draw(st.integers(0, 7))
    attempts = [
        (KEY, blob[:position] + bytes([blob[position] ^ (1 << bit)]) + blob[position + 1 :], place),
        (KEY, blob[:position], place),
        (KEY, blob + b"\0", place),
        (OTHER, blob, place),
        (KEY, blob, place | {"subject_ids": [*place["subject_ids"], new_id()]}),
        (KEY, blob, place | {"subject_ids": place["subject_ids"][1:]}),
    ]
    attempts += [(KEY, blob, place | {name: value}) for name, value in elsewhere.items() if value != place[name]]
    for key, sealed, where in attempts:
        with pytest.raises(SealBroken) as refused:
            open_section(key, sealed, **where)
        assert (refused.value.code, refused.value.params) == ("seal_broken", {"purpose": "section"})


@settings(max_examples=100)
@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_different_places_are_never_written_alike(one, other):
    def sayable(parts):
        return all(letter < "\ud800" or letter > "\udfff" for part in parts for letter in part)

    if sayable(one) and sayable(other):
        assert (encode_parts(*one) == encode_parts(*other)) == (one == other)


def shared(count):
    keys = {SubjectId(new_id()): SealingKey(new_key()) for _ in range(count)}
    place = {"case_id": new_id(), "category": "FAM", "section_id": new_id()}
    return keys, seal_shared_section(keys, b"siblings", **place), place


@pytest.mark.law(12)
@pytest.mark.parametrize("count", [1, 2, 4])
def test_each_childs_key_opens_a_shared_section_and_no_other_does(count):
    keys, seal, place = shared(count)
    place["subject_ids"] = list(keys)
    assert set(seal.wraps) == set(keys)
    for subject, key in keys.items():
        assert open_shared_section({subject: key}, seal.wraps, seal.blob, **place) == b"siblings"
        with pytest.raises(SealBroken):
            open_shared_section({subject: SealingKey(new_key())}, seal.wraps, seal.blob, **place)
    with pytest.raises(KeyAbsent):
        open_shared_section({SubjectId(new_id()): KEY}, seal.wraps, seal.blob, **place)
    with pytest.raises(KeyAbsent):
        open_shared_section({}, seal.wraps, seal.blob, **place)


def test_a_wrap_serves_its_own_child_and_section_only():
    keys, seal, place = shared(2)
    _, other_seal, _ = shared(2)
    first, second = keys
    swapped = {first: seal.wraps[second], second: seal.wraps[first]}
    same_key = dict.fromkeys(keys, keys[first])
    for used_keys, wraps, blob, about in [
        (keys, swapped, seal.blob, list(keys)),
        (same_key, {second: seal.wraps[first]}, seal.blob, list(keys)),
        (keys, seal.wraps, other_seal.blob, list(keys)),
        (keys, seal.wraps, seal.blob, [first]),
        (keys, dict(zip(keys, other_seal.wraps.values(), strict=True)), seal.blob, list(keys)),
    ]:
        with pytest.raises(SealBroken):
            open_shared_section(used_keys, wraps, blob, subject_ids=about, **place)


@pytest.mark.parametrize("material", [b"", bytes(16), bytes(31), bytes(33)])
def test_a_key_is_32_bytes(material):
    with pytest.raises(ValueError, match="32 bytes"):
        SealingKey(material)


def test_keys_are_neither_printed_nor_pickled():
    material = new_key()
    assert material.hex() not in repr(SealingKey(material))
    with pytest.raises(TypeError):
        pickle.dumps(SealingKey(material))
