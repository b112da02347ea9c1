"""The token endpoint: what a good client gets, and a table of assertions that each have one thing wrong."""

import logging
from datetime import timedelta

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from gateway.oauth.client import token_form
from gateway.oauth.keys import public_jwk
from gateway.oauth.ports import RegisteredClient
from gateway.oauth.server import OAuthFailure, TokenResponse
from schemas.ids import ClientId, OrganisationId

ES256 = {"alg": "ES256"}


def test_a_registered_client_gets_a_token_for_ten_minutes_that_names_its_organisation(gateway):
    answer = gateway.ask(token_form(gateway.client_key, gateway.client_id, gateway.endpoint, gateway.now))
    assert isinstance(answer, TokenResponse)
    assert answer.status == 200
    assert {**answer.body, "access_token": "…"} == {
        "access_token": "…",
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "messages.send summaries.read",
    }
    assert answer.headers["Cache-Control"] == "no-store"
    said = gateway.tokens.verify_access_token(answer.body["access_token"], gateway.now)
    assert said == answer.claims
    assert said.organisation_id == "centre-01"
    assert said.expires_at - said.issued_at == timedelta(minutes=10)


def test_a_token_is_in_no_repr_and_in_no_log(gateway, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = gateway.ask(token_form(gateway.client_key, gateway.client_id, gateway.endpoint, gateway.now))
    token = answer.body["access_token"]
    assert token not in repr(answer)
    assert token not in caplog.text


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        (None, "messages.send summaries.read"),
        ("", "messages.send summaries.read"),
        ("summaries.read", "summaries.read"),
        ("summaries.read messages.send", "messages.send summaries.read"),
    ],
)
def test_a_client_may_ask_for_less_than_it_is_registered_for(gateway, scope, granted):
    answer = gateway.ask(token_form(gateway.client_key, gateway.client_id, gateway.endpoint, gateway.now, scope))
    assert answer.body["scope"] == granted


@pytest.mark.parametrize("scope", ["admin", "summaries.read admin", "summaries.read  messages.send", "чтение"])
def test_a_scope_beyond_the_registered_ones_is_refused(gateway, scope):
    answer = gateway.ask(token_form(gateway.client_key, gateway.client_id, gateway.endpoint, gateway.now, scope))
    assert (answer.status, answer.body["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("changes", "error", "reason"),
    [
        ({"grant_type": ...}, "invalid_request", "grant_type_missing"),
        ({"grant_type": ""}, "invalid_request", "grant_type_missing"),
        ({"grant_type": "password"}, "unsupported_grant_type", "unsupported_grant_type"),
        ({"grant_type": "пароль"}, "unsupported_grant_type", "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type", "unsupported_grant_type"),
        ({"client_secret": "x"}, "invalid_request", "client_secret"),
        ({"client_assertion": ...}, "invalid_client", "client_assertion_missing"),
        ({"client_assertion_type": ...}, "invalid_client", "client_assertion_type"),
        ({"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}, "invalid_client", None),
        ({"client_id": "other-system"}, "invalid_client", "client_id"),
    ],
)
def test_a_form_that_is_wrong_is_refused_by_rfc_6749(gateway, forger, changes, error, reason):
    answer = gateway.ask(gateway.form(forger.jws(ES256, gateway.claims()), **changes))
    assert isinstance(answer, OAuthFailure)
    assert (answer.status, answer.body["error"]) == (400, error)
    assert reason in (None, answer.reason)
    assert answer.body["error_description"].isascii()
    assert not gateway.seen.pairs


@pytest.mark.parametrize("changes", [{}, {"client_id": "centre-system"}])
def test_the_form_that_the_tables_spoil_is_good_before_it_is_spoilt(gateway, forger, changes):
    assert isinstance(gateway.ask(gateway.form(forger.jws(ES256, gateway.claims()), **changes)), TokenResponse)


def test_plain_http_is_refused_except_on_the_own_machine(gateway, forger):
    remote, local = "http://gateway.example.org/oauth/token", "http://127.0.0.1:8420/oauth/token"
    refused = gateway.ask(gateway.form(forger.jws(ES256, gateway.claims(aud=remote))), endpoint=remote)
    assert (refused.body["error"], refused.reason) == ("invalid_request", "insecure_transport")
    granted = gateway.ask(gateway.form(forger.jws(ES256, gateway.claims(aud=local))), endpoint=local)
    assert isinstance(granted, TokenResponse)


SECOND = 1772442000  # 2026-03-02 09:00:00 UTC, the tests' now

BAD_CLAIMS = [
    ("no sub", {"sub": ...}, "sub"),
    ("sub not a text", {"sub": 7}, "sub"),
    ("sub with a line break", {"sub": "centre-system\n", "iss": "centre-system\n"}, "sub"),
    ("no iss", {"iss": ...}, "iss"),
    ("iss another client", {"iss": "other-system"}, "iss"),
    ("unknown client", {"sub": "nobody", "iss": "nobody"}, "client_unknown"),
    ("blocked client", {"sub": "blocked-system", "iss": "blocked-system"}, "client_inactive"),
    ("another client's name under my key", {"sub": "other-system", "iss": "other-system"}, "signature"),
    ("no aud", {"aud": ...}, "aud"),
    ("aud of another server", {"aud": "https://other.example.org/oauth/token"}, "aud"),
    ("aud with a slash more", {"aud": "https://gateway.example.org/oauth/token/"}, "aud"),
    ("aud with a query", {"aud": "https://gateway.example.org/oauth/token?x"}, "aud"),
    ("aud in capitals", {"aud": "https://GATEWAY.example.org/oauth/token"}, "aud"),
    ("aud of two", {"aud": ["https://gateway.example.org/oauth/token", "https://other.example.org"]}, "aud"),
    ("aud an empty list", {"aud": []}, "aud"),
    ("aud a list in a list", {"aud": [["https://gateway.example.org/oauth/token"]]}, "aud"),
    ("no exp", {"exp": ...}, "exp"),
    ("exp a text", {"exp": str(SECOND + 60)}, "exp"),
    ("exp true", {"exp": True}, "exp"),
    ("exp not a number", {"exp": float("nan")}, "exp"),
    ("exp without end", {"exp": float("inf")}, "exp"),
    ("exp beyond any calendar", {"exp": 10**15}, "exp"),
    ("exp now", {"exp": SECOND}, "exp_passed"),
    ("exp in the past", {"exp": SECOND - 1}, "exp_passed"),
    ("exp five minutes and a second ahead", {"exp": SECOND + 301}, "exp_too_far"),
    ("no iat", {"iat": ...}, "iat"),
    ("iat a text", {"iat": "now"}, "iat"),
    ("iat 31 seconds ahead", {"iat": SECOND + 31}, "iat_ahead"),
    ("iat five minutes and a second ago", {"iat": SECOND - 301}, "iat_too_old"),
    ("nbf ahead", {"nbf": SECOND + 31}, "nbf"),
    ("nbf a text", {"nbf": "soon"}, "nbf"),
    ("no jti", {"jti": ...}, "jti"),
    ("jti empty", {"jti": ""}, "jti"),
    ("jti a number", {"jti": 5}, "jti"),
    ("jti too long", {"jti": "x" * 257}, "jti"),
    ("jti half a character", {"jti": "\ud800"}, "jti"),
]


@pytest.mark.parametrize(("changes", "reason"), [row[1:] for row in BAD_CLAIMS], ids=[row[0] for row in BAD_CLAIMS])
def test_an_assertion_with_a_wrong_claim_is_refused_and_uses_nothing_up(gateway, forger, changes, reason):
    answer = gateway.ask(gateway.form(forger.jws(ES256, gateway.claims(**changes))))
    assert isinstance(answer, OAuthFailure)
    assert (answer.status, answer.body["error"], answer.reason) == (400, "invalid_client", reason)
    assert not gateway.seen.pairs


GOOD_CLAIMS = [
    ("aud the issuer", {"aud": "https://gateway.example.org"}),
    ("aud a list of one", {"aud": ["https://gateway.example.org/oauth/token"]}),
    ("exp a second ahead", {"exp": SECOND + 1}),
    ("exp five minutes ahead", {"exp": SECOND + 300}),
    ("exp a fraction", {"exp": SECOND + 0.5}),
    ("iat 30 seconds ahead", {"iat": SECOND + 30}),
    ("iat five minutes ago", {"iat": SECOND - 300}),
    ("nbf now", {"nbf": SECOND}),
    ("jti as long as may be", {"jti": "x" * 256}),
    ("an unknown claim", {"scope": "ignored"}),
]


@pytest.mark.parametrize("changes", [row[1] for row in GOOD_CLAIMS], ids=[row[0] for row in GOOD_CLAIMS])
def test_an_assertion_just_inside_a_limit_is_taken(gateway, forger, changes):
    assert isinstance(gateway.ask(gateway.form(forger.jws(ES256, gateway.claims(**changes)))), TokenResponse)


BAD_HEADERS = [
    ("alg none", {"alg": "none"}, "alg"),
    ("alg None", {"alg": "None"}, "alg"),
    ("alg in lower case", {"alg": "es256"}, "alg"),
    ("alg missing", {}, "alg"),
    ("alg HS256", {"alg": "HS256"}, "alg"),
    ("alg ES384", {"alg": "ES384"}, "alg"),
    ("alg RS256", {"alg": "RS256"}, "alg"),
    ("alg a list", {"alg": ["ES256"]}, "header"),
    ("typ of an access token", {"alg": "ES256", "typ": "at+jwt"}, "typ"),
    ("typ of a proof", {"alg": "ES256", "typ": "dpop+jwt"}, "typ"),
    ("a key inside", {"alg": "ES256", "jwk": {"kty": "EC"}}, "header"),
    ("a key by address", {"alg": "ES256", "jku": "https://other.example.org/keys"}, "header"),
    ("a certificate", {"alg": "ES256", "x5c": ["MII"]}, "header"),
    ("crit", {"alg": "ES256", "crit": ["b64"], "b64": True}, "header"),
    ("payload not encoded", {"alg": "ES256", "crit": ["b64"], "b64": False}, "header"),
    ("kid of nobody", {"alg": "ES256", "kid": "nobody"}, "kid"),
    ("kid a number", {"alg": "ES256", "kid": 1}, "header"),
]


@pytest.mark.parametrize(("header", "reason"), [row[1:] for row in BAD_HEADERS], ids=[row[0] for row in BAD_HEADERS])
def test_an_assertion_with_a_wrong_header_is_refused(gateway, forger, header, reason):
    answer = gateway.ask(gateway.form(forger.jws(header, gateway.claims())))
    assert (answer.body["error"], answer.reason) == ("invalid_client", reason)


@pytest.mark.parametrize("typ", ["JWT", "jwt", "client-authentication+jwt"])
def test_the_types_that_a_client_assertion_may_name(gateway, forger, typ):
    assert isinstance(gateway.ask(gateway.form(forger.jws({**ES256, "typ": typ}, gateway.claims()))), TokenResponse)


def test_the_public_key_used_as_a_shared_secret_proves_nothing(gateway, forger):
    pem = gateway.client_key.as_pem(private=False)
    for alg in ("HS256", "ES256"):
        answer = gateway.ask(gateway.form(forger.hmac({"alg": alg}, gateway.claims(), pem)))
        assert answer.reason == ("alg" if alg == "HS256" else "signature")


def test_a_foreign_key_an_unknown_and_a_blocked_client_get_the_same_answer(gateway, forger):
    nobody, blocked = ({"sub": name, "iss": name} for name in ("nobody", "blocked-system"))
    answers = [
        gateway.ask(gateway.form(forger.jws(ES256, gateway.claims(), gateway.foreign_key))),
        gateway.ask(gateway.form(forger.jws({**ES256, "kid": "x"}, gateway.claims()))),
        gateway.ask(gateway.form(forger.jws(ES256, gateway.claims(**nobody)))),
        gateway.ask(gateway.form(forger.jws(ES256, gateway.claims(**blocked)))),
    ]
    assert [answer.reason for answer in answers] == ["signature", "kid", "client_unknown", "client_inactive"]
    assert len({(answer.status, tuple(answer.body.items()), tuple(answer.headers.items())) for answer in answers}) == 1


def test_an_assertion_works_once(gateway, forger):
    form = gateway.form(forger.jws(ES256, gateway.claims()))
    assert isinstance(gateway.ask(form), TokenResponse)
    assert gateway.ask(form).reason == "jti_seen"
    assert gateway.ask(form, now=gateway.now + timedelta(seconds=59)).reason == "jti_seen"
    assert gateway.ask(form, now=gateway.now + timedelta(seconds=60)).reason == "exp_passed"


def test_two_clients_may_choose_the_same_identifier(gateway, forger):
    assert isinstance(gateway.ask(gateway.form(forger.jws(ES256, gateway.claims()))), TokenResponse)
    other = gateway.claims(sub="other-system", iss="other-system")
    assert isinstance(gateway.ask(gateway.form(forger.jws(ES256, other, gateway.foreign_key))), TokenResponse)


def test_an_identifier_is_remembered_as_long_as_its_assertion_could_work(gateway, forger):
    gateway.ask(gateway.form(forger.jws(ES256, gateway.claims(exp=SECOND + 300))))
    assert gateway.seen.pairs == {("centre-system", "one"): gateway.now + timedelta(seconds=300)}


def spoilt(assertion: str, how: str) -> str:
    header, payload, signature = assertion.split(".")
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return {
        "padding added": f"{header}.{payload}.{signature}==",
        "padding in the payload": f"{header}.{payload}=.{signature}",
        "loose bits at the end": f"{header}.{payload}.{signature[:-1]}{last[last.index(signature[-1]) + 1]}",
        "line break inside": f"{header}.{payload}.{signature[:5]}\n{signature[5:]}",
        "line break at the end": f"{assertion}\n",
        "space before": f" {assertion}",
        "the other alphabet": f"{header}.{payload}.{'+' + signature[1:]}",
        "one segment more": f"{assertion}.",
        "five segments": f"{header}.{header}.{header}.{header}.{header}",
        "two segments": f"{header}.{payload}",
        "no signature": f"{header}.{payload}.",
        "no payload": f"{header}..{signature}",
        "one character over": f"{header}.{payload}.{signature}AAA",
        "not ASCII": f"{header}.{payload}.{signature[:-1]}й",
        "nothing but dots": "..",
        "one word": "assertion",
        "too long": assertion + "A" * 9000,
    }[how]


@pytest.mark.parametrize(
    "how",
    [
        "padding added",
        "padding in the payload",
        "loose bits at the end",
        "line break inside",
        "line break at the end",
        "space before",
        "the other alphabet",
        "one segment more",
        "five segments",
        "two segments",
        "no signature",
        "no payload",
        "one character over",
        "not ASCII",
        "nothing but dots",
        "one word",
        "too long",
    ],
)
def test_an_assertion_has_one_spelling(gateway, forger, how):
    good = forger.jws(ES256, gateway.claims())
    answer = gateway.ask(gateway.form(spoilt(good, how)))
    assert answer.body["error"] == "invalid_client"
    assert answer.reason in {"base64url", "segments", "too_long"}
    assert isinstance(gateway.ask(gateway.form(good)), TokenResponse)


@pytest.mark.parametrize(
    ("header", "payload", "reason"),
    [
        (b"{}", b"[]", "json"),
        (b"[]", b"{}", "json"),
        (b'{"alg":"ES256"}', b"null", "json"),
        (b'{"alg":"ES256"}', b"{", "json"),
        (b'{"alg":"ES256"}', b'{"sub":"\xff"}', "json"),
        (b'\xef\xbb\xbf{"alg":"ES256"}', b"{}", "json"),
        ('{"alg":"ES256"}'.encode("utf-16"), b"{}", "json"),
        (b'{"alg":"none","alg":"ES256"}', b"{}", "member_twice"),
        (b'{"alg":"ES256"}', b'{"sub":"other-system","sub":"centre-system"}', "member_twice"),
        (b'{"alg":"ES256"}', b'{"exp":' + b"9" * 5000 + b"}", "json"),
    ],
)
def test_json_that_could_be_read_in_two_ways_is_refused(gateway, forger, header, payload, reason):
    assert gateway.ask(gateway.form(forger.jws(header, payload))).reason == reason


def test_json_that_is_too_deep_is_refused(gateway, forger):
    payload = b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}"
    answer = gateway.ask(gateway.form(forger.jws(b'{"alg":"ES256"}', payload)))
    assert answer.reason in {"json", "sub"}  # from 3.12 on Python reads that deep


def test_a_changed_byte_breaks_the_signature(gateway, forger):
    header, _, signature = forger.jws(ES256, gateway.claims()).split(".")
    changed = forger.jws(ES256, gateway.claims(jti="two")).split(".")[1]
    assert gateway.ask(gateway.form(f"{header}.{changed}.{signature}")).reason == "signature"


def registered_with(gateway, *jwks):
    gateway.clients.known["many-keys"] = RegisteredClient(
        ClientId("many-keys"), OrganisationId("centre-03"), {"keys": list(jwks)}, frozenset({"messages.send"})
    )
    return gateway.claims(sub="many-keys", iss="many-keys")


def test_any_of_several_registered_keys_serves_and_kid_narrows_the_choice(gateway, forger):
    first, second = ECKey.generate_key("P-256"), gateway.client_key
    claims = registered_with(gateway, {**public_jwk(first), "kid": "old"}, {**public_jwk(second), "kid": "new"})
    expected = [("old", "signature"), ("new", None), (second.thumbprint(), None), (None, None)]
    for place, (kid, reason) in enumerate(expected):
        header = ES256 if kid is None else {**ES256, "kid": kid}
        answer = gateway.ask(gateway.form(forger.jws(header, {**claims, "jti": str(place)})))
        assert getattr(answer, "reason", None) == reason, kid


def test_a_registered_key_of_another_kind_is_passed_over(gateway, forger):
    good = public_jwk(gateway.client_key)
    useless = [
        {**good, "use": "enc"},
        {**good, "alg": "ES384"},
        {**good, "x": good["y"]},  # not a point of the curve
        {name: good[name] for name in ("kty", "crv", "x")},
        {**ECKey.generate_key("P-384").as_dict(private=False)},
        {**OctKey.generate_key(256).as_dict(private=True)},
        {**RSAKey.generate_key(2048).as_dict(private=False)},
    ]
    claims = registered_with(gateway, *useless)
    assert gateway.ask(gateway.form(forger.jws(ES256, claims))).reason == "kid"
    registered_with(gateway, *useless, good)
    assert isinstance(gateway.ask(gateway.form(forger.jws(ES256, claims))), TokenResponse)
