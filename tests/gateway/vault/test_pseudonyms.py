"""What an organisation sees: stable for it, nothing for another, nothing for a stranger."""

import json
import uuid
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.vault.envelope import new_key
from gateway.vault.pseudonyms import OrganisationKey, PseudonymKind, decoy_id, pseudonym_of, resolve
from schemas.ids import new_id

VECTORS = Path(__file__).parents[2] / "vectors/vault"
SIV = json.loads((VECTORS / "algorithms.json").read_text("utf-8"))["siv"]
FORMATS = json.loads((VECTORS / "formats-v1.json").read_text("utf-8"))
ONE, TWO = OrganisationKey(new_key()), OrganisationKey(new_key())
SUBJECT, CASE = PseudonymKind.SUBJECT, PseudonymKind.CASE

ids = st.uuids().map(str)
kinds = st.sampled_from(PseudonymKind)


def test_the_library_gives_the_published_result():
    cipher = AESSIV(bytes.fromhex(SIV["key"]))
    assert cipher.encrypt(bytes.fromhex(SIV["plaintext"]), [bytes.fromhex(SIV["associated"])]).hex() == SIV["result"]


def test_pseudonyms_of_version_1_still_resolve():
    key, vector, decoy = OrganisationKey(bytes.fromhex(FORMATS["key"])), *FORMATS["pseudonyms"].values()
    assert pseudonym_of(key, SUBJECT, vector["id"]) == vector["text"]
    assert resolve(key, SUBJECT, vector["text"]) == vector["id"]
    assert decoy_id(key, PseudonymKind(decoy["kind"]), decoy["text"]) == decoy["id"]


@given(kinds, ids)
def test_resolve_undoes_pseudonym(kind, inner_id):
    text = pseudonym_of(ONE, kind, inner_id)
    assert resolve(ONE, kind, text) == inner_id
    assert pseudonym_of(ONE, kind, inner_id) == text
    assert len(text) == 52
    assert text == text.lower()
    assert inner_id.replace("-", "") not in text


@pytest.mark.law(6)
@given(kinds, ids, kinds, ids)
def test_two_organisations_never_share_a_pseudonym(kind, inner_id, other_kind, other_id):
    text = pseudonym_of(ONE, kind, inner_id)
    assert text != pseudonym_of(TWO, other_kind, other_id)
    assert resolve(TWO, kind, text) is None
    if other_kind != kind:
        assert resolve(ONE, other_kind, text) is None
        assert pseudonym_of(ONE, other_kind, inner_id) != text


@settings(max_examples=200)
@given(ids, st.data())
def test_no_altered_pseudonym_resolves(inner_id, data):
    text = pseudonym_of(ONE, CASE, inner_id)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
    altered = text[:place] + letter + text[place + 1 :]
    assert (resolve(ONE, CASE, altered) == inner_id) == (altered == text)


@pytest.mark.parametrize(
    "change",
    [str.upper, lambda text: text + "=", lambda text: text + "====", lambda text: f" {text}", lambda text: text[:-1]],
)
def test_one_identifier_has_one_text(change):
    assert resolve(ONE, CASE, change(pseudonym_of(ONE, CASE, new_id()))) is None


@given(st.text(max_size=60) | st.from_regex(r"[a-z2-7]{52}", fullmatch=True))
def test_what_is_not_genuine_is_nobody_and_always_the_same_nobody(text):
    assert resolve(ONE, CASE, text) is None
    decoy = decoy_id(ONE, CASE, text)
    assert decoy_id(ONE, CASE, text) == decoy
    assert str(uuid.UUID(decoy)) == decoy
    assert uuid.UUID(decoy).version == 4
    assert len({decoy, decoy_id(TWO, CASE, text), decoy_id(ONE, SUBJECT, text), decoy_id(ONE, CASE, text + "x")}) == 4


@pytest.mark.parametrize("text", ["\ud800", "\0", "ё" * 52, "a" * 1_000_000, "İ" * 52, ""])
def test_odd_texts_do_no_harm(text):
    assert resolve(ONE, CASE, text) is None
    assert decoy_id(ONE, CASE, text)


def test_a_stranger_s_text_is_never_given_a_pseudonym():
    with pytest.raises(ValueError, match="UUID"):
        pseudonym_of(ONE, CASE, "not an id")
