"""The master key: made once, kept private, and the only thing that opens the wrapped keys."""

import hashlib
import hmac
import json
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.vault.envelope import new_key
from gateway.vault.errors import SealBroken
from gateway.vault.keyfiles import create_secret_file, read_secret_file
from gateway.vault.keys import KeyPurpose, MasterKey, create_master_key, derive, load_master_key, rewrap
from schemas.errors import Broken
from schemas.ids import new_id

VECTORS = Path(__file__).parents[2] / "vectors/vault"
HKDF_VECTOR = json.loads((VECTORS / "algorithms.json").read_text("utf-8"))["hkdf"]
FORMATS = json.loads((VECTORS / "formats-v1.json").read_text("utf-8"))


def refuses(code, call, *arguments):
    with pytest.raises(Broken) as refused:
        call(*arguments)
    assert refused.value.code == code
    assert set(refused.value.params) <= {"file", "purpose"}


def test_the_library_derives_the_published_result():
    ikm, length = bytes.fromhex(HKDF_VECTOR["ikm"]), HKDF_VECTOR["length"]
    assert HKDF(SHA256(), length, salt=None, info=b"").derive(ikm).hex() == HKDF_VECTOR["okm"]


def test_derived_keys_are_hkdf_of_their_label():
    material = bytes(range(32))
    extracted = hmac.digest(bytes(32), material, hashlib.sha256)
    expanded = hmac.digest(extracted, b"mezhved/blind-index/snils/v1\x01", hashlib.sha256)
    assert derive(material, "blind-index/snils") == expanded


def test_a_master_key_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "master.key"
    made = create_master_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 32
    load_master_key(path).check_fingerprint(made.fingerprint)
    refuses("wrong_master_key", made.check_fingerprint, MasterKey(new_key()).fingerprint)
    before = path.read_bytes()
    refuses("key_file_exists", create_master_key, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33, b"0" * 64])
def test_a_file_that_is_no_master_key_is_refused(content, tmp_path):
    path = tmp_path / "master.key"
    create_secret_file(path, content)
    refuses("bad_key_file", load_master_key, path)


def test_a_missing_unreadable_or_open_file_is_named(tmp_path):
    refuses("missing_key_file", load_master_key, tmp_path / "absent.key")
    refuses("bad_key_file", load_master_key, tmp_path)
    refuses("key_file_unwritable", create_master_key, tmp_path / "no" / "such" / "place.key")
    path = tmp_path / "master.key"
    create_master_key(path)
    for mode in (0o640, 0o604, 0o660):
        path.chmod(mode)
        refuses("key_file_exposed", load_master_key, path)


def test_a_file_that_could_not_be_written_whole_is_not_left_behind(tmp_path, monkeypatch):
    def fails(descriptor):
        raise OSError

    monkeypatch.setattr(os, "fsync", fails)
    refuses("key_file_unwritable", create_master_key, tmp_path / "master.key")
    assert list(tmp_path.iterdir()) == []


def test_secret_files_keep_any_bytes(tmp_path):
    create_secret_file(tmp_path / "log.key", b"PRIVATE+KEY\n")
    assert read_secret_file(tmp_path / "log.key") == b"PRIVATE+KEY\n"


def test_the_wrapped_key_of_version_1_still_opens():
    wrapped = FORMATS["wrapped"]
    master = MasterKey(bytes.fromhex(FORMATS["key"]))
    material = master.unwrap(bytes.fromhex(wrapped["blob"]), KeyPurpose(wrapped["purpose"]), wrapped["owner"])
    assert (material.hex(), master.fingerprint) == (wrapped["material"], wrapped["fingerprint"])


def test_a_wrapped_key_opens_for_its_purpose_owner_and_master_only():
    master, material, owner = MasterKey(new_key()), new_key(), new_id()
    blob = master.wrap(material, KeyPurpose.SUBJECT, owner)
    assert master.unwrap(blob, KeyPurpose.SUBJECT, owner) == material
    assert material not in blob
    for key, sealed, purpose, whose in [
        (MasterKey(new_key()), blob, KeyPurpose.SUBJECT, owner),
        (master, blob, KeyPurpose.ORGANISATION, owner),
        (master, blob, KeyPurpose.SUBJECT, new_id()),
        (master, blob[:-1], KeyPurpose.SUBJECT, owner),
        (master, b"\x02" + blob[1:], KeyPurpose.SUBJECT, owner),
        (master, b"", KeyPurpose.SUBJECT, owner),
    ]:
        with pytest.raises(SealBroken):
            key.unwrap(sealed, purpose, whose)


def test_rotating_the_master_key_rewraps_keys_and_leaves_them_the_same():
    old, new, material, owner = MasterKey(new_key()), MasterKey(new_key()), new_key(), new_id()
    assert old.fingerprint != new.fingerprint
    blob = rewrap(old.wrap(material, KeyPurpose.SUBJECT, owner), KeyPurpose.SUBJECT, owner, old=old, new=new)
    assert new.unwrap(blob, KeyPurpose.SUBJECT, owner) == material
    with pytest.raises(SealBroken):
        old.unwrap(blob, KeyPurpose.SUBJECT, owner)
