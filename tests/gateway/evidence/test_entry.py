"""The entry: one form for one content, vectors of every version, commitments that tell nothing."""

import contextlib
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.records import ConsentEventKind
from gateway.evidence.entry import (
    Entry,
    commitment,
    encode_entry,
    format_instant,
    new_salt,
    parse_entry,
    parse_instant,
    verify_commitment,
)
from gateway.evidence.errors import VerificationError
from gateway.evidence.events import EventKind
from gateway.evidence.tree import leaf_hash
from gateway.evidence.verify import read_entry
from schemas.errors import Broken
from schemas.ids import EntryId, new_id
from schemas.lifecycle import TRANSITIONS

V1 = json.loads((Path(__file__).parents[2] / "vectors/evidence/entry-v1.json").read_text("utf-8"))
NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)

texts = st.text(st.characters(codec="utf-8"), max_size=12)
keys = st.text(st.characters(max_codepoint=127), max_size=8)
integers = st.integers(-(2**53) + 1, 2**53 - 1)
values = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
entries = st.builds(
    Entry,
    id=st.uuids().map(lambda value: EntryId(str(value))),
    kind=st.sampled_from(EventKind),
    at=st.datetimes(timezones=st.just(UTC)),
    body=st.dictionaries(keys, values, max_size=5),
)


def entry(body=None, **changes):
    return Entry(**({"id": EntryId(new_id()), "kind": EventKind.LOG_READ, "at": NOW, "body": body or {}} | changes))


def test_the_vector_of_version_1_is_still_written_and_read():
    fields = V1["entry"]
    written = Entry(EntryId(fields["id"]), EventKind(fields["kind"]), parse_instant(fields["at"]), fields["body"])
    data = V1["data"].encode("utf-8")
    assert encode_entry(written) == data
    assert parse_entry(data) == written
    assert leaf_hash(data).hex() == V1["leaf_hash"]
    assert commitment(bytes.fromhex(V1["commitment"]["salt"]), V1["commitment"]["value"]) == V1["commitment"]["hash"]


@settings(max_examples=150, deadline=None)
@given(entries)
def test_bytes_are_rfc_8785_and_parse_back_here_and_in_the_verifier(written):
    data = encode_entry(written)
    value = {
        "v": 1,
        "id": written.id,
        "kind": written.kind.value,
        "at": format_instant(written.at),
        "body": written.body,
    }
    assert data == rfc8785.dumps(value)
    assert parse_entry(data) == written
    assert read_entry(data) == value


@settings(max_examples=100, deadline=None)
@given(entries, st.data())
def test_other_bytes_are_another_entry_or_none(written, data):
    stored = encode_entry(written)
    position = data.draw(st.integers(0, len(stored) - 1))
    altered = (
        stored[:position] + bytes([stored[position] ^ (1 << data.draw(st.integers(0, 7)))]) + stored[position + 1 :]
    )
    assert leaf_hash(altered) != leaf_hash(stored)
    with contextlib.suppress(VerificationError):
        assert parse_entry(altered) != written


GOOD = encode_entry(entry({"a": 1}))
REFUSED = {
    "not UTF-8": GOOD.replace(b'"a"', b'"\xff"'),
    "not JSON": GOOD[:-1],
    "a space": GOOD.replace(b",", b", ", 1),
    "a line end": GOOD + b"\n",
    "another order": GOOD[:-1].replace(b'{"at"', b'{"v":1,"at"', 1).replace(b',"v":1', b"", 1) + b"}",
    "a key twice": GOOD.replace(b'{"a":1}', b'{"a":1,"a":1}'),
    "a float": GOOD.replace(b":1}", b":1.5}", 1),
    "a float that is whole": GOOD.replace(b":1}", b":1.0}", 1),
    "a number too large": GOOD.replace(b":1}", b":9007199254740992}", 1),
    "an escape that is not needed": GOOD.replace(b'"a"', b'"\\u0061"'),
    "a key beyond ASCII": GOOD.replace(b'"a"', '"ф"'.encode()),
    "a newer version": GOOD.replace(b'"v":1', b'"v":2'),
    "a version that is no number": GOOD.replace(b'"v":1', b'"v":true'),
    "a field more": GOOD.replace(b'"v":1', b'"v":1,"z":1'),
    "a field less": GOOD.replace(b',"v":1', b""),
    "an unknown kind": GOOD.replace(b"log.read", b"log.burnt"),
    "local time": GOOD.replace(b'Z","body"', b'+03:00","body"'),
    "no such day": GOOD.replace(b"2026-01-31", b"2026-02-31"),
    "an id in capitals": GOOD.replace(b'"id":"', b'"id":"A')[:-1],
    "a list": b"[]",
    "nothing": b"",
    "brackets without end": b"[" * 100_000,
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_anything_but_the_canonical_bytes_is_refused(data):
    assert data != GOOD
    with pytest.raises(VerificationError) as refused:
        parse_entry(data)
    assert refused.value.code == "entry_not_canonical"


@pytest.mark.parametrize(
    "name", sorted(REFUSED.keys() - {"an unknown kind", "a key beyond ASCII", "a number too large", "no such day"})
)
def test_the_verifier_refuses_them_too(name):
    """All but what it leaves to a reader that knows the vocabulary."""
    assert isinstance(read_entry(REFUSED[name]), str)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"level": 1.5}, "body.level"),
        ({"rulings": [{"n": 2**53}]}, "body.rulings[0].n"),
        ({"when": NOW}, "body.when"),
        ({"кто": "x"}, "body"),
        ({1: "x"}, "body"),
        ({"x": "\ud800"}, "body"),
        ({"x": {"ID", "HLT"}}, "body.x"),
    ],
)
def test_what_has_no_single_form_is_never_written(body, place):
    with pytest.raises(Broken) as refused:
        encode_entry(entry(body))
    assert (refused.value.code, refused.value.params["place"]) == ("entry_not_encodable", place)


def test_an_entry_id_is_a_uuid():
    with pytest.raises(Broken, match="entry_not_encodable"):
        encode_entry(entry(id=EntryId("57")))


def test_instants_are_utc_with_microseconds():
    moscow = datetime(2026, 1, 31, 12, 0, tzinfo=timezone(timedelta(hours=3)))
    assert format_instant(moscow) == "2026-01-31T09:00:00.000000Z"
    assert parse_instant(format_instant(moscow)) == moscow
    with pytest.raises(ValueError, match="UTC-aware"):
        format_instant(moscow.replace(tzinfo=None))


def test_a_commitment_opens_only_with_its_salt_and_value():
    salt, value = new_salt(), "Ёлкина Анна, 01.02.2015"
    committed = commitment(salt, value)
    verify_commitment(committed, salt, value)
    for other in [
        (commitment(new_salt(), value), salt, value),
        (committed, new_salt(), value),
        (committed, salt, value + " "),
    ]:
        with pytest.raises(VerificationError, match="commitment_not_opened"):
            verify_commitment(*other)
    with pytest.raises(ValueError, match="16 bytes"):
        commitment(b"short", value)


def test_every_step_of_a_message_and_every_event_of_a_consent_can_be_recorded():
    kinds = {kind.value for kind in EventKind}
    assert {row.entry for row in TRANSITIONS} <= kinds
    assert {f"consent.{'recorded' if event == 'given' else event}" for event in ConsentEventKind} <= kinds
    assert all(kind.meaning for kind in EventKind)
