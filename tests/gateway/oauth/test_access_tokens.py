"""Access tokens: what the gateway takes back of what it gave, and of what others made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.oauth.keys import generate_signing_key
from gateway.oauth.tokens import AccessTokens, bearer_token
from schemas.catalogue import words
from schemas.errors import NotAuthenticated

SECOND = 1772442000
NOW = datetime.fromtimestamp(SECOND, UTC)
TOKENS = AccessTokens("https://gateway.example.org", "https://gateway.example.org", generate_signing_key())


@pytest.fixture
def token(gateway):
    return gateway.tokens.issue(
        gateway.clients.known["centre-system"], frozenset({"summaries.read"}), gateway.now
    ).token


@pytest.fixture
def whole(gateway, signing_key):
    header = {"alg": "ES256", "typ": "at+jwt", "kid": signing_key.kid}
    claims = {
        "iss": gateway.issuer,
        "sub": "centre-system",
        "aud": gateway.issuer,
        "client_id": "centre-system",
        "iat": SECOND,
        "exp": SECOND + 600,
        "jti": "t-1",
        "scope": "summaries.read",
        "org": "centre-01",
    }
    return header, claims


def refusal(tokens, token, now):
    with pytest.raises(NotAuthenticated) as raised:
        tokens.verify_access_token(token, now)
    return raised.value.code


def test_a_token_says_who_for_whom_and_until_when(gateway, token):
    said = gateway.tokens.verify_access_token(token, gateway.now)
    assert (said.client_id, said.organisation_id, said.scopes) == ("centre-system", "centre-01", {"summaries.read"})
    assert said.expires_at == gateway.now + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("seconds", "code"), [(-31, "token_invalid"), (-30, None), (0, None), (599, None), (600, "token_expired")]
)
def test_a_token_holds_for_ten_minutes(gateway, token, seconds, code):
    now = gateway.now + timedelta(seconds=seconds)
    if code is None:
        assert gateway.tokens.verify_access_token(token, now).token_id
    else:
        assert refusal(gateway.tokens, token, now) == code


@pytest.mark.parametrize("absent", [None, ""])
def test_no_token_is_told_from_a_bad_one(gateway, absent):
    assert refusal(gateway.tokens, absent, gateway.now) == "token_missing"


def test_the_hand_made_token_that_the_tables_spoil_is_good_before_it_is_spoilt(gateway, forger, whole, signing_key):
    said = gateway.tokens.verify_access_token(forger.jws(*whole, signing_key.private), gateway.now)
    assert said.token_id == "t-1"


BAD_CLAIMS = [
    ("another issuer", {"iss": "https://other.example.org"}, "token_invalid"),
    ("no issuer", {"iss": ...}, "token_invalid"),
    ("another audience", {"aud": "https://other.example.org"}, "token_wrong_audience"),
    ("two audiences", {"aud": ["https://gateway.example.org", "https://x.org"]}, "token_wrong_audience"),
    ("no audience", {"aud": ...}, "token_wrong_audience"),
    ("no exp", {"exp": ...}, "token_invalid"),
    ("exp not a number", {"exp": float("nan")}, "token_invalid"),
    ("exp passed", {"exp": SECOND}, "token_expired"),
    ("iat ahead", {"iat": SECOND + 31}, "token_invalid"),
    ("no organisation", {"org": ...}, "token_invalid"),
    ("organisation a list", {"org": ["centre-01"]}, "token_invalid"),
    ("no scope", {"scope": ...}, "token_invalid"),
    ("no jti", {"jti": ...}, "token_invalid"),
    ("no client", {"client_id": ...}, "token_invalid"),
    ("sub another client", {"sub": "other-system"}, "token_invalid"),
    ("bound to a key that nobody checks", {"cnf": {"jkt": "x"}}, "token_invalid"),
]


@pytest.mark.parametrize("row", BAD_CLAIMS, ids=[row[0] for row in BAD_CLAIMS])
def test_a_token_under_our_own_key_with_a_wrong_claim_is_refused(gateway, forger, whole, signing_key, row):
    (header, claims), (_, changes, code) = whole, row
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not ...}
    assert refusal(gateway.tokens, forger.jws(header, claims, signing_key.private), gateway.now) == code


BAD_HEADERS = [
    ("alg none", {"alg": "none"}),
    ("alg HS256", {"alg": "HS256"}),
    ("no alg", {"alg": ...}),
    ("typ JWT", {"typ": "JWT"}),
    ("no typ", {"typ": ...}),
    ("typ of an assertion", {"typ": "client-authentication+jwt"}),
    ("kid of another", {"kid": "other"}),
    ("no kid", {"kid": ...}),
    ("a key inside", {"jwk": {"kty": "EC"}}),
]


@pytest.mark.parametrize("changes", [row[1] for row in BAD_HEADERS], ids=[row[0] for row in BAD_HEADERS])
def test_a_token_with_a_wrong_header_is_refused(gateway, forger, whole, signing_key, changes):
    header = {name: value for name, value in {**whole[0], **changes}.items() if value is not ...}
    assert refusal(gateway.tokens, forger.jws(header, whole[1], signing_key.private), gateway.now) == "token_invalid"


def test_the_public_key_used_as_a_shared_secret_proves_nothing(gateway, forger, whole, signing_key):
    pem = signing_key.private.as_pem(private=False)
    for alg in ("HS256", "ES256"):
        forged = forger.hmac({**whole[0], "alg": alg}, whole[1], pem)
        assert refusal(gateway.tokens, forged, gateway.now) == "token_invalid"


def test_another_gateways_token_is_refused_even_under_our_kid(gateway, forger, whole):
    assert refusal(gateway.tokens, forger.jws(*whole, gateway.foreign_key), gateway.now) == "token_invalid"
    foreign = AccessTokens("https://other.example.org", gateway.issuer, generate_signing_key())
    issued = foreign.issue(gateway.clients.known["centre-system"], frozenset(), gateway.now)
    assert refusal(gateway.tokens, issued.token, gateway.now) == "token_invalid"


def test_a_clients_assertion_is_no_access_token(gateway, forger):
    assertion = forger.jws({"alg": "ES256"}, gateway.claims(), gateway.client_key)
    assert refusal(gateway.tokens, assertion, gateway.now) == "token_invalid"


def test_a_token_of_a_retired_key_holds_until_the_key_is_dropped(gateway, token, signing_key):
    rotated = replace(gateway.tokens, signing_key=generate_signing_key(), retired=(signing_key,))
    assert rotated.verify_access_token(token, gateway.now).client_id == "centre-system"
    assert refusal(replace(rotated, retired=()), token, gateway.now) == "token_invalid"


@given(st.text(alphabet=st.sampled_from("ABab01-_.={}\"' \nй"), max_size=60))
def test_no_text_breaks_the_check(text):
    with pytest.raises(NotAuthenticated):
        TOKENS.verify_access_token(text, NOW)


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER  abc ", "abc")],
)
def test_the_bearer_header_is_read_without_regard_to_case(header, token):
    assert bearer_token(header) == token


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "DPoP abc", "abc"])
def test_any_other_header_carries_no_token(header):
    with pytest.raises(NotAuthenticated) as raised:
        bearer_token(header)
    assert raised.value.code == "token_missing"


CODES = ["token_missing", "token_invalid", "token_expired", "token_wrong_audience", "sign_in_failed"]


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_has_its_words_and_its_remedy_in_both_languages(code):
    error = NotAuthenticated(code)
    texts = [part for language in ("ru", "en") for part in (error.message(language), error.remedy(language))]
    assert len({*texts}) == 4
    assert {f"errors.{code}", f"remedies.{code}"} <= words("ru").keys() & words("en").keys()
