"""Key files and public key sets."""

import base64
import hashlib
import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from joserfc.jwk import ECKey

from gateway.oauth.keys import (
    generate_signing_key,
    load_or_create_signing_key,
    load_signing_key,
    public_jwk,
    public_jwks,
    registered_keys,
)
from gateway.oauth.metadata import metadata
from schemas.errors import Broken


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "oauth.pem"


def test_the_first_start_makes_the_key_and_the_next_ones_read_it(path):
    first = load_or_create_signing_key(path)
    assert load_or_create_signing_key(path).kid == first.kid == load_signing_key(path).kid
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["oauth.pem"]


def test_many_processes_that_start_at_once_end_with_one_key(path):
    with ThreadPoolExecutor(8) as pool:
        kids = {key.kid for key in pool.map(lambda _: load_or_create_signing_key(path), range(16))}
    assert len(kids) == 1
    assert [file.name for file in path.parent.iterdir()] == ["oauth.pem"]


def test_kid_is_the_thumbprint_of_rfc_7638():
    key = generate_signing_key()
    public = key.private.as_dict(private=False)
    canonical = json.dumps({name: public[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).digest()
    assert key.kid == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def test_the_public_set_holds_public_parts_only_and_can_check_what_we_sign():
    keys = [generate_signing_key(), generate_signing_key()]
    shown = public_jwks(keys)
    assert [jwk["kid"] for jwk in shown["keys"]] == [key.kid for key in keys]
    assert all(jwk.keys() == {"kty", "crv", "x", "y", "use", "alg", "kid"} for jwk in shown["keys"])
    assert [key.thumbprint() for key in registered_keys(shown, keys[1].kid)] == [keys[1].kid]


def test_a_private_part_in_a_registered_set_is_not_used():
    private = ECKey.generate_key("P-256")
    (key,) = registered_keys({"keys": [{**public_jwk(private), **private.as_dict(private=True)}]}, None)
    assert not key.is_private


def code(call, *args):
    with pytest.raises(Broken) as raised:
        call(*args)
    assert raised.value.message("ru") != raised.value.message("en")
    assert raised.value.remedy("ru") != raised.value.remedy("en")
    assert "oauth.pem" in raised.value.message()
    return raised.value.code


def test_a_missing_file_is_named(path):
    assert code(load_signing_key, path) == "oauth_key_missing"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_touch_is_refused(path, mode):
    load_or_create_signing_key(path)
    path.chmod(mode)
    assert code(load_or_create_signing_key, path) == "oauth_key_exposed"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a key",
        ECKey.generate_key("P-384").as_pem(private=True),
        ECKey.generate_key("P-256").as_pem(private=False),
        ECKey.generate_key("P-256").as_pem(private=True, password="secret"),
    ],
    ids=["empty", "not a key", "another curve", "public", "encrypted"],
)
def test_a_file_that_is_no_es256_private_key_is_refused_and_left_alone(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o600)
    assert code(load_or_create_signing_key, path) == "oauth_key_unreadable"
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "keys").write_text("a file in the way")
    assert code(load_or_create_signing_key, tmp_path / "keys" / "oauth.pem") == "oauth_key_unwritable"


def test_the_private_key_is_in_no_repr():
    key = generate_signing_key()
    assert repr(key) == f"SigningKey(kid='{key.kid}')"


def test_metadata_names_the_endpoints_and_the_one_way_to_authenticate():
    document = metadata("https://g.example.org", token_path="/oauth/token", jwks_path="/oauth/jwks", scopes={"b", "a"})
    assert document == {
        "issuer": "https://g.example.org",
        "token_endpoint": "https://g.example.org/oauth/token",
        "jwks_uri": "https://g.example.org/oauth/jwks",
        "scopes_supported": ["a", "b"],
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "ui_locales_supported": ["ru", "en"],
    }


def test_the_room_never_loads_the_old_jose_module():
    script = (
        "import sys, pkgutil, importlib, gateway.oauth as room\n"
        "for module in pkgutil.iter_modules(room.__path__): importlib.import_module('gateway.oauth.' + module.name)\n"
        "heavy = ('authlib.jose', 'sqlalchemy', 'fastapi', 'starlette')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.strip(), run.stderr) == (0, "[]", "")
