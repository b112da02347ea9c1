"""The offline verifier on exports and proofs, and on its own: one file, one library, three exit codes."""

import ast
import base64
import json
import shutil
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.evidence import tree, verify
from gateway.evidence.checkpoint import add_cosignature
from gateway.evidence.errors import VerificationError
from gateway.evidence.export import SequencedEntry, export_lines
from gateway.evidence.note import SigningKey
from gateway.evidence.proof import prove
from gateway.evidence.verify import CannotReadError, Key, examine, examine_proof, main, parse_key, read_keys

SCRIPT = Path(verify.__file__)


@pytest.fixture
def keys(log):
    return [parse_key(log.key.verifier().encode())]


@pytest.fixture
def written(tmp_path):
    def write(content, name="file"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else "".join(content), "utf-8")
        return path

    return write


def found(report):
    return {(*finding.place[:2], finding.code) for finding in report.findings}


def edited(lines, number, **changes):
    """The export with one line (from 1) changed in these fields."""
    value = json.loads(lines[number - 1]) | changes
    return [*lines[: number - 1], json.dumps(value, ensure_ascii=False) + "\n", *lines[number:]]


def without_line(note, number):
    lines = note.splitlines(keepends=True)
    return "".join(lines[:number] + lines[number + 1 :])


def with_spare_bits(note):
    """The same signature in another base64 text: the last letter before the `=` carries two bits that mean nothing."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    first, _, rest = note.partition("=\n\n")
    line, _, end = rest.partition("=\n")
    return f"{first}=\n\n{line[:-1]}{letters[letters.index(line[-1]) + 1]}=\n{end}"


# --- exports ---------------------------------------------------------------------------------------------------------


def test_a_sound_export_holds(log, keys, written):
    report = examine(written(log.export()), keys, [log.checkpoints[0].note])
    assert report.findings == []
    assert (report.entries, report.unsequenced, report.checkpoints, report.covered) == (12, 1, 3, 12)
    assert base64.b64decode(report.root) == log.checkpoints[2].checkpoint.root_hash


# Lines: 1 the header, 2 to 13 the entries 0 to 11, 14 to 16 the checkpoints 4, 8, 12.
DAMAGE = {
    "an entry's bytes": (
        lambda log, lines: edited(lines, 7, data=log.data[5].decode().replace('"number":5', '"number":6')),
        {("entry", "5", "bytes_altered")},
    ),
    "an entry's leaf hash": (
        lambda log, lines: edited(lines, 7, leaf_hash="00" * 32),
        {("entry", "5", "leaf_altered")},
    ),
    "both": (
        lambda log, lines: edited(lines, 7, data=log.data[6].decode(), leaf_hash=log.leaves[6].hex()),
        {("entry", "6", "id_repeated"), ("checkpoint", "8", "root_differs"), ("log", "later_roots_differ")},
    ),
    "an entry removed": (
        lambda log, lines: [*lines[:6], *lines[7:]],
        {("log", "index_gap"), ("checkpoint", "8", "root_differs"), ("log", "later_roots_differ")},
    ),
    "two lines swapped": (
        lambda log, lines: [*lines[:6], lines[7], lines[6], *lines[8:]],
        {
            ("log", "index_gap"),
            ("entry", "5", "index_repeated"),
            ("checkpoint", "8", "root_differs"),
            ("log", "later_roots_differ"),
        },
    ),
    "the tail cut": (
        lambda log, lines: [*lines[:10], *lines[13:]],
        {("checkpoint", "12", "tail_cut")},
    ),
    "cut in the middle of a line": (
        lambda log, lines: [*lines[:6], lines[6][:50]],
        {("line", "7", "line_unreadable"), ("log", "no_checkpoint")},
    ),
    "a line of something else": (
        lambda log, lines: [*lines[:6], "[]\n", *lines[6:]],
        {("line", "7", "line_unreadable")},
    ),
    "a checkpoint's note": (
        lambda log, lines: edited(lines, 15, checkpoint=log.checkpoints[1].note.replace("\n8\n", "\n9\n")),
        {("checkpoint", "9", "signature_bad")},
    ),
    "a note that is no text": (
        lambda log, lines: edited(lines, 15, checkpoint=8),
        {("checkpoint", "№15", "note_malformed")},
    ),
    "a checkpoint without its signed time": (
        lambda log, lines: edited(
            lines, 15, checkpoint="".join(log.checkpoints[1].note.splitlines(keepends=True)[:-1])
        ),
        {("checkpoint", "8", "not_stamped")},
    ),
    "a checkpoint with its signed time alone": (
        lambda log, lines: edited(lines, 15, checkpoint=without_line(log.checkpoints[1].note, 4)),
        {("checkpoint", "8", "not_signed")},
    ),
    "a signature with spare bits": (
        lambda log, lines: edited(lines, 15, checkpoint=with_spare_bits(log.checkpoints[1].note)),
        {("checkpoint", "№15", "note_malformed")},
    ),
    "the header's origin": (
        lambda log, lines: edited(lines, 1, origin="other.test/log"),
        {("line", "1", "header_differs")},
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_to_an_export_is_reported_with_its_place(name, log, keys, written):
    damage, expected = DAMAGE[name]
    report = examine(written(damage(log, log.export())), keys)
    assert places(report) == expected


def places(report):
    """Place and code; for the log as a whole the code alone."""
    return {(*((place[0],) if place[0] == "log" else place[:2]), code) for place, code, _ in report.findings}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_changed_bit_of_an_export_goes_unnoticed(log, keys, written, tmp_path, data):
    """All but the count of waiting entries, for which nobody vouches."""
    content = "".join(log.export()).encode("utf-8")
    position, bit = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(0, 7))
    damaged = tmp_path / "damaged.jsonl"
    damaged.write_bytes(content[:position] + bytes([content[position] ^ (1 << bit)]) + content[position + 1 :])
    try:
        report = examine(damaged, keys)
    except CannotReadError:
        assert position < len(log.export()[0].encode())
        return
    count_of_waiting = content.index(b'"unsequenced":') + len(b'"unsequenced":')
    assert not report.holds or position == count_of_waiting
    assert report.text("ru")


def test_a_damaged_entry_that_is_no_text_is_exported_and_found(log, keys, written):
    rows = [SequencedEntry(n, b"\xff" if n == 3 else log.data[n], log.leaves[n]) for n in range(12)]
    lines = export_lines(log.key.verifier(), rows, [log.checkpoints[2].note])
    assert found(examine(written(list(lines)), keys)) == {
        ("entry", "3", "not_canonical"),
        ("entry", "3", "bytes_altered"),
    }


def test_an_export_says_with_its_own_key_only_that_it_is_consistent(log, written):
    path = written(log.export())
    report = examine(path, None)
    assert report.holds
    assert [code for code, _ in report.notices] == ["self_consistency", "no_outside", "unsequenced"]
    forged = written(type(log)(SigningKey.generate("mezhved.test/log")).export(), "forged")
    assert examine(forged, None).holds
    assert not examine(forged, [parse_key(log.key.verifier().encode())]).holds


def test_witnesses_are_named_and_unknown_signatures_counted(log, written, tmp_path):
    witness = SigningKey.generate("witness.test/one")
    notes = [add_cosignature(signed.note, witness, now=signed.signed_at) for signed in log.checkpoints]
    rows = [SequencedEntry(n, log.data[n], log.leaves[n]) for n in range(12)]
    path = written(list(export_lines(log.key.verifier(), rows, notes)))
    lines = [log.key.verifier().encode(), witness.verifier().stamped().encode()]
    assert examine(path, read_keys(written("\n".join(lines), "both.pub"))).witnesses == {"witness.test/one"}
    alone = examine(path, read_keys(written(lines[0], "log.pub")))
    assert ("unknown_signatures", {"count": 3}) in alone.notices


def test_the_verifier_grows_the_same_tree_as_the_log(log):
    grown = verify._Tree()
    for size, leaf in enumerate(log.leaves):
        assert grown.root() == tree.root_hash(log.leaves[:size])
        grown.append(leaf)


# --- proofs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", range(8))
def test_every_entry_is_proved_by_a_file_of_its_own(index, log, keys, written):
    bundle = prove(log.data[index], index, log.leaves[:8], log.checkpoints[1].note)
    report = examine_proof(written(bundle), keys, [log.checkpoints[1].note])
    assert report.holds
    assert log.entries[index].id in report.text("ru")
    assert (report.covered, report.origin) == (8, "mezhved.test/log")


def test_no_proof_is_made_that_would_not_verify(log):
    note = log.checkpoints[1].note
    for data, index, leaves in [
        (log.data[2], 3, log.leaves[:8]),
        (log.data[3], 3, log.leaves[:7]),
        (log.data[3], 8, log.leaves[:8]),
        (log.data[3], 3, [*log.leaves[:7], log.leaves[8]]),
    ]:
        with pytest.raises(VerificationError, match="inclusion_not_proven"):
            prove(data, index, leaves, note)


FORGED = {
    "another index": (lambda log: {"index": 4}, ("entry", "not_included")),
    "an index beyond": (lambda log: {"index": 8}, ("entry", "not_included")),
    "another entry": (lambda log: {"data": log.data[4].decode()}, ("entry", "not_included")),
    "a node of the path": (
        lambda log: {"inclusion": [base64.b64encode(bytes(32)).decode()] * 3},
        ("entry", "not_included"),
    ),
    "a shorter path": (lambda log: {"inclusion": []}, ("entry", "not_included")),
    "a path that is no list": (lambda log: {"inclusion": "AAAA"}, ("proof", "proof_malformed")),
    "a path of other things": (lambda log: {"inclusion": ["AAAA"]}, ("proof", "proof_malformed")),
    "bytes that are no entry": (lambda log: {"data": "{}"}, ("proof", "not_canonical")),
    "another checkpoint": (lambda log: {"checkpoint": log.checkpoints[2].note}, ("entry", "not_included")),
    "a forged checkpoint": (
        lambda log: {"checkpoint": log.checkpoint(8, SigningKey.generate("mezhved.test/log")).note},
        ("proof", "not_signed"),
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_proof_is_refused(name, log, keys, written):
    change, expected = FORGED[name]
    bundle = json.loads(prove(log.data[3], 3, log.leaves[:8], log.checkpoints[1].note)) | change(log)
    report = examine_proof(written(json.dumps(bundle)), keys)
    assert {(place[0], code) for place, code, _ in report.findings} == {expected}
    assert report.proved == ""


def test_a_proof_is_compared_with_an_outside_checkpoint_of_its_size(log, keys, written):
    path = written(prove(log.data[3], 3, log.leaves[:8], log.checkpoints[1].note))
    other = type(log)(log.key)
    assert found(examine_proof(path, keys, [other.checkpoints[1].note])) == {("outside", "1", "outside_differs")}
    assert ("not_comparable", {}) in examine_proof(path, keys, [log.checkpoints[2].note]).notices


# --- keys, command line, standing alone ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    ["", "# only a comment\n", "no key", "log+00000000+AAAA\n", "a+b\n", "witness-only"],
    ids=lambda text: text[:9],
)
def test_a_key_file_without_a_log_key_is_refused(content, log, written):
    if content == "witness-only":
        content = log.key.verifier().stamped().encode()
    with pytest.raises(CannotReadError, match="bad_key_file"):
        read_keys(written(content))


def test_the_command_line_says_it_in_words_and_exit_codes(sound_store, log, key_file, written, capsys):
    export, proof = (
        written(log.export(), "export"),
        written(prove(log.data[0], 0, log.leaves[:4], log.checkpoints[0].note), "proof"),
    )
    cut, outside = written([*log.export()[:9], log.export()[13]], "cut"), written(log.checkpoints[1].note, "note")
    other = written("something else", "other")
    newer = written(log.export()[0].replace('"v":1', '"v":2'), "newer")
    key = ["--key", str(key_file)]
    for arguments, code, words in [
        ([sound_store, *key], 0, "ЖУРНАЛ ЦЕЛ"),
        ([sound_store, *key, "--lang", "en"], 0, "THE LOG HOLDS"),
        ([export, *key, "--checkpoint", outside], 0, "под подписью записей: 12"),
        ([export, "--key-from-file"], 0, "не противоречит сам себе"),
        (["--proof", proof, *key], 0, "ДОКАЗАНО"),
        ([cut, *key], 0, "после последней контрольной точки: 4"),
        ([cut, *key, "--checkpoint", written(log.checkpoints[2].note, "newest")], 1, "НАЙДЕНЫ НАРУШЕНИЯ: 1"),
        ([other, *key], 2, "не экспорт журнала"),
        ([newer, *key], 2, "новее"),
        ([other.with_name("absent"), *key], 2, "не открывается: absent"),
        ([other.parent, *key], 2, "не открывается"),
        ([sound_store, "--key", other], 2, "нет ни одного ключа журнала"),
        (["--proof", export, *key], 2, "не экспорт журнала"),
    ]:
        assert main([str(argument) for argument in arguments]) == code, words
        printed = capsys.readouterr()
        assert words in printed.out + printed.err
        assert bool(printed.err) == (code == 2)


@pytest.mark.parametrize(
    "arguments",
    [[], ["file"], ["--key", "k"], ["file", "--proof", "p", "--key", "k"], ["--proof", "p", "--key-from-file"]],
)
def test_trust_on_first_use_is_never_the_default(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    capsys.readouterr()


def test_the_verifier_stands_alone(tmp_path, sound_store, key_file):
    alone = shutil.copy(SCRIPT, tmp_path / "verify.py")
    run = subprocess.run(
        [sys.executable, "-I", alone, sound_store, "--key", key_file],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("ЖУРНАЛ ЦЕЛ")


def test_the_verifier_imports_the_standard_library_and_one_signature_check():
    imported = set()
    for node in ast.walk(ast.parse(SCRIPT.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module.split(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_without_the_library_it_says_what_to_install(tmp_path, sound_store, key_file):
    alone = shutil.copy(SCRIPT, tmp_path / "verify.py")
    run = subprocess.run(
        [sys.executable, "-I", "-S", alone, sound_store, "--key", key_file],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 2
    assert "pip install cryptography" in run.stderr


def test_every_finding_and_notice_is_said_in_both_languages():
    for table in (verify.FINDINGS, verify.NOTICES, verify.CANNOT, verify.PLACES):
        for russian, english in table.values():
            assert any("а" <= letter <= "я" for letter in russian.lower())
            assert not any("а" <= letter <= "я" for letter in english.lower())
            assert {part[1] for part in parts(russian)} == {part[1] for part in parts(english)}
    assert Key("x", 1, bytes(32)).id != Key("x", 4, bytes(32)).id


def parts(text):
    return [part for part in string.Formatter().parse(text) if part[1] is not None]
