"""The pair that signs reports: made once, kept from others, refused where it is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.signatures.certificates import parse_certificate
from adapters.signatures.classic import CLASSIC, ClassicSigner
from gateway.key_files import create_file_signer, load_file_signer
from schemas.errors import Broken
from tests.adapters.certificates import ec_key, holder, rsa_key
from tests.builders import NOW


def test_a_pair_is_made_once_and_signs(tmp_path: Path) -> None:
    key, certificate = tmp_path / "files.pem", tmp_path / "files.crt"
    assert load_file_signer(key, certificate, CLASSIC) is None
    create_file_signer(key, certificate, "exchange.example.org/log", NOW)
    assert key.stat().st_mode & 0o777 == 0o600
    before = key.read_bytes(), certificate.read_bytes()
    create_file_signer(key, certificate, "exchange.example.org/log", NOW)
    assert (key.read_bytes(), certificate.read_bytes()) == before, "of two that start at once, one makes it"
    signer = load_file_signer(key, certificate, CLASSIC)
    assert isinstance(signer, ClassicSigner)
    found = parse_certificate(certificate.read_bytes())
    assert (found.key, found.ogrn, found.is_authority) == ("rsa-3072", None, False)
    assert CLASSIC.verify(signer.method, found, b"x", signer.sign(b"x"))
    key.chmod(0o644)
    with pytest.raises(Broken, match="key_file_exposed"):
        load_file_signer(key, certificate, CLASSIC)


def test_a_pair_of_the_operator_is_taken_and_what_is_none_is_refused(tmp_path: Path) -> None:
    key, certificate = tmp_path / "files.pem", tmp_path / "files.crt"
    one, other = holder(None, ec_key(0)), holder(None, rsa_key(0))
    key.write_bytes(one.key_pem)
    key.chmod(0o600)
    with pytest.raises(Broken, match="missing_key_file"):
        load_file_signer(key, certificate, CLASSIC)
    certificate.write_bytes(one.pem)
    assert load_file_signer(key, certificate, CLASSIC) is not None
    for wrong in (other.pem, b"no certificate"):
        certificate.write_bytes(wrong)
        with pytest.raises(Broken, match="file_signer_unusable"):
            load_file_signer(key, certificate, CLASSIC)
