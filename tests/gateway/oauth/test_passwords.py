"""Passwords and session tokens."""

import time
import unicodedata

import pytest
from argon2 import PasswordHasher

from gateway.oauth.passwords import hash_password, new_session_token, session_digest, verify_password
from schemas.errors import Broken, NotAuthenticated

PASSWORD = "Тихий йод 7"


@pytest.fixture(scope="module")
def stored():
    return hash_password(PASSWORD)


def test_the_right_password_is_taken_and_needs_no_new_hash(stored):
    assert verify_password(stored, PASSWORD) is None


def test_a_hash_is_argon2id_and_salted(stored):
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hash_password(PASSWORD) != stored


def test_a_letter_typed_in_two_parts_is_the_same_letter(stored):
    assert unicodedata.normalize("NFD", PASSWORD) != PASSWORD
    assert verify_password(stored, unicodedata.normalize("NFD", PASSWORD)) is None


@pytest.mark.parametrize("wrong", ["", "тихий йод 7", PASSWORD + " ", "x" * 600, "\ud800"])
def test_a_wrong_password_is_refused(stored, wrong):
    with pytest.raises(NotAuthenticated, match="sign_in_failed"):
        verify_password(stored, wrong)


@pytest.mark.parametrize("password", [PASSWORD, "", "x" * 600])
def test_an_unknown_login_is_refused_with_the_same_code(password):
    with pytest.raises(NotAuthenticated, match="sign_in_failed"):
        verify_password(None, password)


def fastest(stored, attempts=7):
    times = []
    for _ in range(attempts):
        began = time.perf_counter()
        with pytest.raises(NotAuthenticated):
            verify_password(stored, "wrong")
        times.append(time.perf_counter() - began)
    return min(times)


def test_an_unknown_login_costs_as_much_work_as_a_wrong_password(stored):
    fastest(None, 1)  # the hash that nobody's password fits is made at first use
    assert 0.4 < fastest(None) / fastest(stored) < 2.5


def test_a_hash_with_old_parameters_is_replaced_on_sign_in():
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    renewed = verify_password(old, PASSWORD)
    assert renewed is not None
    assert verify_password(renewed, PASSWORD) is None


@pytest.mark.parametrize("broken", ["", "plain", "$argon2id$v=19$m=8$"])
def test_a_stored_text_that_is_no_hash_is_a_defect_not_a_wrong_password(broken):
    with pytest.raises(Broken, match="password_hash_unreadable"):
        verify_password(broken, PASSWORD)


@pytest.mark.parametrize("password", ["", "x" * 513])
def test_a_password_that_could_never_be_entered_cannot_be_set(password):
    with pytest.raises(ValueError, match="1 to 512"):
        hash_password(password)


def test_a_session_token_is_kept_as_a_digest_only():
    one, two = new_session_token(), new_session_token()
    assert one.secret != two.secret
    assert len(one.secret) == 43
    assert one.digest == session_digest(one.secret) != session_digest(two.secret)
    assert len(one.digest) == 64
    assert one.secret not in repr(one)
    assert session_digest("\ud800й") != one.digest
