"""Signed notes against foreign vectors; checkpoints that only the log itself can sign."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.evidence.checkpoint import Checkpoint, add_cosignature, sign_checkpoint, verify_checkpoint
from gateway.evidence.errors import VerificationError
from gateway.evidence.note import SigningKey, VerifierKey, verify_note
from gateway.evidence.tree import Frontier, leaf_hash
from schemas.errors import Broken

VECTOR = json.loads((Path(__file__).parents[2] / "vectors/evidence/note.json").read_text("utf-8"))
PETER, ENOCH = (VerifierKey.parse(text) for text in VECTOR["verifier_keys"])
PETER_LINE, ENOCH_LINE = VECTOR["lines"]
TEXT = VECTOR["text"]

NOW = datetime(2026, 1, 31, 9, 0, 0, 250_000, tzinfo=UTC)
LOG = SigningKey.generate("mezhved.test/log")
WITNESS = SigningKey.generate("witness.test/one")
FRONTIER = Frontier().append(leaf_hash(bytes([number])) for number in range(5))


def refuses(code, call, *arguments):
    with pytest.raises((VerificationError, Broken)) as refused:
        call(*arguments)
    assert refused.value.code == code


def test_the_foreign_key_signs_the_foreign_note():
    key = SigningKey.parse(VECTOR["signing_key"])
    assert key.encode() == VECTOR["signing_key"]
    assert key.verifier() == PETER
    assert key.sign_line(TEXT) == PETER_LINE
    assert [PETER.encode(), ENOCH.encode()] == VECTOR["verifier_keys"]


@pytest.mark.parametrize(
    ("keys", "signers"), [([PETER], {"PeterNeumann"}), ([PETER, ENOCH], {"PeterNeumann", "EnochRoot"})]
)
def test_signatures_by_unknown_keys_are_ignored(keys, signers):
    assert verify_note(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}", keys).signers == signers


@pytest.mark.parametrize("text", VECTOR["bad_verifier_keys"])
def test_bad_verifier_keys_are_refused(text):
    refuses("bad_verifier_key", VerifierKey.parse, text)


def test_no_mangled_key_is_accepted():
    public, secret = VECTOR["verifier_keys"][0], VECTOR["signing_key"]
    for place in range(len(public)):
        refuses(
            "bad_verifier_key", VerifierKey.parse, public[:place] + chr(ord(public[place]) + 1) + public[place + 1 :]
        )
        refuses("bad_verifier_key", VerifierKey.parse, public[:place])
    for place in range(len(secret)):
        refuses("bad_signing_key", SigningKey.parse, secret[:place] + chr(ord(secret[place]) + 1) + secret[place + 1 :])
        refuses("bad_signing_key", SigningKey.parse, secret[:place])


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nend"])
def test_names_that_would_break_a_note_are_refused(name):
    refuses("bad_signing_key", SigningKey.generate, name)


MALFORMED = {
    "no signature": TEXT,
    "no line": TEXT + "\n",
    "no line end": f"{TEXT}\n{PETER_LINE}"[:-1],
    "a control character": f"\x01{TEXT}\n{PETER_LINE}",
    "a name with a space": f"{TEXT}\n" + PETER_LINE.replace("PeterNeumann", "Peter Neumann"),
    "an unexpected line": f"{TEXT}\n{PETER_LINE}Unexpected line.\n",
    "too many lines": f"{TEXT}\n{PETER_LINE * 101}",
    "no base64": f"{TEXT}\n— PeterNeumann ?\n",
    "base64 with spare bits": f"{TEXT}\n{PETER_LINE.replace('AM=', 'AN=')}",
    "nothing": "",
}


@pytest.mark.parametrize("note", MALFORMED.values(), ids=MALFORMED)
def test_malformed_notes_are_refused(note):
    refuses("note_malformed", verify_note, note, [PETER])


def test_a_changed_text_or_signature_condemns_the_note():
    refuses("note_signature_bad", verify_note, f"{TEXT}!\n\n{PETER_LINE}", [PETER])
    refuses("note_signature_bad", verify_note, f"{TEXT}\n{PETER_LINE[:60]}ABCD{PETER_LINE[60:]}", [PETER])
    refuses("note_not_signed", verify_note, f"{TEXT}\n{ENOCH_LINE}", [PETER])


def test_a_checkpoint_says_origin_size_root_and_its_signed_time():
    signed = sign_checkpoint(FRONTIER, LOG, now=NOW)
    assert signed.note.startswith("mezhved.test/log\n5\n")
    verified = verify_checkpoint(signed.note, [LOG.verifier()])
    assert verified == signed
    assert verified.checkpoint == Checkpoint("mezhved.test/log", 5, FRONTIER.root())
    assert verified.signed_at == NOW.replace(microsecond=0)


def test_a_witness_adds_its_line_and_is_named():
    note = add_cosignature(sign_checkpoint(FRONTIER, LOG, now=NOW).note, WITNESS, now=NOW)
    keys = [LOG.verifier(), WITNESS.verifier().stamped()]
    assert verify_checkpoint(note, keys).witnessed_at == {"witness.test/one": NOW.replace(microsecond=0)}
    assert verify_checkpoint(note, [LOG.verifier()]).witnessed_at == {}


def test_every_changed_character_of_a_checkpoint_is_noticed():
    note = sign_checkpoint(FRONTIER, LOG, now=NOW).note
    for place, letter in enumerate(note):
        altered = note[:place] + ("A" if letter != "A" else "B") + note[place + 1 :]
        with pytest.raises(VerificationError):
            verify_checkpoint(altered, [LOG.verifier()])


def test_only_the_log_itself_signs_its_checkpoints():
    note = sign_checkpoint(FRONTIER, LOG, now=NOW).note
    text, _, _ = note.rpartition("\n\n")
    text += "\n"
    namesake = SigningKey.generate("mezhved.test/log")
    foreign = f"{text}\n{WITNESS.sign_line(text)}{WITNESS.cosign_line(text, NOW)}"
    witnessed_only = f"{text}\n{LOG.cosign_line(text, NOW)}"
    unstamped = f"{text}\n{LOG.sign_line(text)}"
    refuses("note_not_signed", verify_checkpoint, note, [namesake.verifier()])
    refuses("checkpoint_not_signed", verify_checkpoint, foreign, [LOG.verifier(), WITNESS.verifier()])
    refuses("checkpoint_not_signed", verify_checkpoint, witnessed_only, [LOG.verifier()])
    refuses("checkpoint_not_signed", verify_checkpoint, unstamped, [LOG.verifier()])


@pytest.mark.parametrize(
    "text",
    [
        "log\n5\n",
        "log\n05\n" + "A" * 43 + "=\n",
        "log\n-1\n" + "A" * 43 + "=\n",
        "log\n5\nAAAA\n",
        "log\n5\n" + "A" * 43 + "=\nextension\n",
        "\n5\n" + "A" * 43 + "=\n",
        "log\n٥\n" + "A" * 43 + "=\n",
    ],
)
def test_other_texts_are_no_checkpoint(text):
    refuses("checkpoint_malformed", Checkpoint.parse, text)


def test_a_signing_key_is_not_printed():
    assert LOG.encode() not in repr(LOG)
    assert "Ed25519" not in repr(LOG)
